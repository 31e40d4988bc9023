/* SPDX-License-Identifier: MIT */
/* statx(2): mask, attributes, flags, errors. */
#include "harness.h"
#include <linux/stat.h>

static long sx(int dir, const char *path, int flags, unsigned int mask, void *out)
{
	memset(out, 0, 256);
	return syscall(SYS_statx, dir, path, flags, mask, out);
}

static union { struct statx s; char space[256]; } u;

TEST(statx, fills_what_is_asked_and_more)
{
	put_file("f", "12345");
	SHOW(sx(AT_FDCWD, "f", 0, STATX_BASIC_STATS | STATX_BTIME, &u));
	note("basic %d btime %d", (u.s.stx_mask & STATX_BASIC_STATS) == STATX_BASIC_STATS,
	     !!(u.s.stx_mask & STATX_BTIME));
	note("mode %o nlink %u uid %u gid %u size %llu blocks %llu blksize %u", u.s.stx_mode,
	     u.s.stx_nlink, u.s.stx_uid, u.s.stx_gid, (unsigned long long)u.s.stx_size,
	     (unsigned long long)u.s.stx_blocks, u.s.stx_blksize);
	SHOW(u.s.stx_btime.tv_sec > 0);
	SHOW(u.s.stx_btime.tv_sec <= u.s.stx_mtime.tv_sec);
	SHOW(sx(AT_FDCWD, "f", 0, 0, &u));
	note("mask of nothing has the basics: %d", (u.s.stx_mask & STATX_BASIC_STATS) == STATX_BASIC_STATS);
}

TEST(statx, agrees_with_stat)
{
	struct stat st;

	put_file("f", "12345");
	stat("f", &st);
	SHOW(sx(AT_FDCWD, "f", 0, STATX_ALL, &u));
	SHOW(u.s.stx_ino == st.st_ino);
	SHOW(u.s.stx_mtime.tv_sec == st.st_mtim.tv_sec && u.s.stx_mtime.tv_nsec == st.st_mtim.tv_nsec);
	SHOW(((unsigned long)u.s.stx_dev_major << 8 | u.s.stx_dev_minor) == st.st_dev);
}

TEST(statx, mount_root_attribute)
{
	SHOW(sx(AT_FDCWD, "/proc", 0, STATX_BASIC_STATS, &u));
	SHOW(!!(u.s.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT));
	SHOW(!!(u.s.stx_attributes & STATX_ATTR_MOUNT_ROOT));
	SHOW(sx(AT_FDCWD, ".", 0, STATX_BASIC_STATS, &u));
	SHOW(!!(u.s.stx_attributes & STATX_ATTR_MOUNT_ROOT));
	SHOW(sx(AT_FDCWD, ".", 0, STATX_MNT_ID, &u));
	SHOW(!!(u.s.stx_mask & STATX_MNT_ID));
}

TEST(statx, flags)
{
	int fd;

	put_file("f", "");
	symlink("none", "l");
	fd = open("f", O_RDONLY);
	SHOW(sx(AT_FDCWD, "l", 0, STATX_ALL, &u));
	SHOW(sx(AT_FDCWD, "l", AT_SYMLINK_NOFOLLOW, STATX_ALL, &u));
	note("%o", u.s.stx_mode);
	SHOW(sx(fd, "", AT_EMPTY_PATH, STATX_ALL, &u));
	SHOW(sx(fd, "", 0, STATX_ALL, &u));
	SHOW(sx(AT_FDCWD, "f", AT_STATX_FORCE_SYNC, STATX_ALL, &u));
	SHOW(sx(AT_FDCWD, "f", AT_STATX_DONT_SYNC, STATX_ALL, &u));
	SHOW(sx(AT_FDCWD, "f", AT_STATX_FORCE_SYNC | AT_STATX_DONT_SYNC, STATX_ALL, &u));
	SHOW(sx(AT_FDCWD, "f", 0x10, STATX_ALL, &u));
	SHOW(sx(AT_FDCWD, "f", 0, 0x80000000, &u));
	SHOW(sx(-1, "f", 0, STATX_ALL, &u));
	SHOW(sx(AT_FDCWD, "none", 0, STATX_ALL, &u));
	SHOW(syscall(SYS_statx, AT_FDCWD, "f", 0, STATX_ALL, NULL));
	SHOW(syscall(SYS_statx, AT_FDCWD, NULL, 0, STATX_ALL, &u));
}
