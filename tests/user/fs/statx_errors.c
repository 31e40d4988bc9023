/* SPDX-License-Identifier: MIT */
/* statx, fstatat, faccessat2, statfs: masks, flags, errors. */
#include "harness.h"
#include <linux/stat.h>
#include <sys/statfs.h>

static void fill(void)
{
	put_file("f", "0123456789");
	REQUIRE_OK(symlink("f", "s"));
	REQUIRE_OK(symlink("loop", "loop"));
	REQUIRE_OK(mkdir("closed", 0700));
	put_file("closed/f", "");
}

static long statx_of(int fd, const char *path, unsigned flags, unsigned mask, struct statx *stx)
{
	memset(stx, 0x55, sizeof(*stx));
	return syscall(SYS_statx, fd, path, flags, mask, stx);
}

TEST(statxerr, masks)
{
	struct statx stx;

	fill();
	for (int bit = 0; bit < 14; bit++) {
		const char *result = RESULT(statx_of(AT_FDCWD, "f", 0, 1u << bit, &stx));

		note("asked %#x: %s basic %d btime %d", 1u << bit, result, (stx.stx_mask & STATX_BASIC_STATS) == STATX_BASIC_STATS,
		     !!(stx.stx_mask & STATX_BTIME));
	}
	SHOW(statx_of(AT_FDCWD, "f", 0, STATX__RESERVED, &stx));
	SHOW(statx_of(AT_FDCWD, "f", 0, 0, &stx));
	SHOW(statx_of(AT_FDCWD, "f", 0, 0x7fffffff, &stx));
	note("size %llu nlink %u blksize %u attributes %#llx", (unsigned long long)stx.stx_size, stx.stx_nlink, stx.stx_blksize,
	     (unsigned long long)stx.stx_attributes);
}

TEST(statxerr, flags)
{
	struct statx stx;

	fill();
	for (int bit = 8; bit < 17; bit++)
		note("flag %#x: %s", 1u << bit, RESULT(statx_of(AT_FDCWD, "f", 1u << bit, STATX_SIZE, &stx)));
	SHOW(statx_of(AT_FDCWD, "f", AT_STATX_FORCE_SYNC | AT_STATX_DONT_SYNC, STATX_SIZE, &stx));
	SHOW(statx_of(AT_FDCWD, "s", AT_SYMLINK_NOFOLLOW, STATX_SIZE, &stx));
	note("mode %o size %llu", stx.stx_mode, (unsigned long long)stx.stx_size);
	SHOW(statx_of(AT_FDCWD, "loop", 0, STATX_SIZE, &stx));
	SHOW(statx_of(AT_FDCWD, "loop", AT_SYMLINK_NOFOLLOW, STATX_SIZE, &stx));
	SHOW(statx_of(AT_FDCWD, "", 0, STATX_SIZE, &stx));
	SHOW(statx_of(AT_FDCWD, "", AT_EMPTY_PATH, STATX_SIZE, &stx));
	note("a directory: %d", S_ISDIR(stx.stx_mode));
	SHOW(statx_of(open("f", O_PATH), "", AT_EMPTY_PATH, STATX_SIZE, &stx));
	SHOW(statx_of(open("f", O_RDONLY), "x", 0, STATX_SIZE, &stx));
	SHOW(statx_of(-1, "f", 0, STATX_SIZE, &stx));
	SHOW(statx_of(-1, "", AT_EMPTY_PATH, STATX_SIZE, &stx));
	SHOW(statx_of(-1, "/proc", 0, STATX_SIZE, &stx));
	note("a mount's root: %d of %d", !!(stx.stx_attributes & STATX_ATTR_MOUNT_ROOT),
	     !!(stx.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT));
	SHOW(statx_of(AT_FDCWD, "nothing", 0, STATX_SIZE, &stx));
	SHOW(statx_of(AT_FDCWD, "f/x", 0, STATX_SIZE, &stx));
	SHOW(statx_of(AT_FDCWD, "f/", 0, STATX_SIZE, &stx));
	SHOW(syscall(SYS_statx, AT_FDCWD, NULL, 0, STATX_SIZE, &stx));
	SHOW(syscall(SYS_statx, AT_FDCWD, "f", 0, STATX_SIZE, NULL));
	SHOW(syscall(SYS_statx, AT_FDCWD, "f", 0, STATX_SIZE, (void *)8));
}

TEST(statxerr, fstatat)
{
	struct stat st;

	fill();
	for (int bit = 8; bit < 14; bit++)
		note("flag %#x: %s", 1u << bit, RESULT(syscall(SYS_newfstatat, AT_FDCWD, "f", &st, 1u << bit)));
	SHOW(syscall(SYS_newfstatat, AT_FDCWD, "", &st, 0));
	SHOW(syscall(SYS_newfstatat, AT_FDCWD, "", &st, AT_EMPTY_PATH));
	SHOW(syscall(SYS_newfstatat, 1, "", &st, AT_EMPTY_PATH));
	SHOW(syscall(SYS_newfstatat, -1, "", &st, AT_EMPTY_PATH));
	SHOW(syscall(SYS_newfstatat, 1, "x", &st, 0));
	SHOW(syscall(SYS_newfstatat, AT_FDCWD, NULL, &st, 0));
	SHOW(syscall(SYS_newfstatat, AT_FDCWD, "f", NULL, 0));
	SHOW(syscall(SYS_fstat, -1, &st));
	SHOW(syscall(SYS_fstat, 0, NULL));
	SHOW(syscall(SYS_fstat, open("f", O_PATH), &st));
	AS_USER(1000, 1000, SHOW(syscall(SYS_newfstatat, AT_FDCWD, "closed/f", &st, 0)));
}

static long access2(int fd, const char *path, int mode, int flags)
{
	return syscall(SYS_faccessat2, fd, path, mode, flags);
}

TEST(statxerr, faccessat2)
{
	fill();
	for (int mode = 0; mode < 9; mode++)
		note("mode %d: %s", mode, RESULT(access2(AT_FDCWD, "f", mode, 0)));
	for (int bit = 8; bit < 14; bit++)
		note("flag %#x: %s", 1u << bit, RESULT(access2(AT_FDCWD, "f", F_OK, 1u << bit)));
	SHOW(access2(AT_FDCWD, "f", -1, 0));
	SHOW(access2(AT_FDCWD, "loop", F_OK, 0));
	SHOW(access2(AT_FDCWD, "loop", F_OK, AT_SYMLINK_NOFOLLOW));
	SHOW(access2(AT_FDCWD, "", F_OK, 0));
	SHOW(access2(open("f", O_PATH), "", R_OK, AT_EMPTY_PATH));
	SHOW(access2(-1, "f", F_OK, 0));
	SHOW(access2(-1, "", F_OK, AT_EMPTY_PATH));
	SHOW(access2(open("f", O_RDONLY), "x", F_OK, 0));
	SHOW(access2(AT_FDCWD, NULL, F_OK, 0));
	IN_CHILD({
		/* Real ids decide, unless AT_EACCESS asks for the effective ones. */
		REQUIRE_OK(syscall(SYS_setresuid, 1000, 0, 0));
		SHOW(access2(AT_FDCWD, "closed/f", R_OK, 0));
		SHOW(access2(AT_FDCWD, "closed/f", R_OK, AT_EACCESS));
		SHOW(open("closed/f", O_RDONLY) >= 0);
	});
}

TEST(statxerr, statfs)
{
	struct statfs fs;

	fill();
	SHOW(statfs("f", &fs));
	SHOW(statfs("nothing", &fs));
	SHOW(statfs("loop", &fs));
	SHOW(statfs("", &fs));
	SHOW(statfs(NULL, &fs));
	SHOW(statfs("f", NULL));
	SHOW(statfs("f", (void *)8));
	SHOW(fstatfs(-1, &fs));
	SHOW(fstatfs(open("f", O_PATH), &fs));
	SHOW(fstatfs(0, NULL));
	AS_USER(1000, 1000, SHOW(statfs("closed/f", &fs)));
}
