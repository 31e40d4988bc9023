/* SPDX-License-Identifier: MIT */
/* newfstatat(2), fstat(2): every type of file, sizes, flags, errors. */
#include "harness.h"
#include <sys/sysmacros.h>

static void show(const char *path, int flags)
{
	struct stat st;

	if (fstatat(AT_FDCWD, path, &st, flags) < 0) {
		note("%s: %s", path, errno_name(errno));
		return;
	}
	note("%s: mode %06o nlink %lu uid %u gid %u rdev %u:%u size %lld blksize %ld blocks %lld", path,
	     st.st_mode, (unsigned long)st.st_nlink, st.st_uid, st.st_gid, major(st.st_rdev),
	     minor(st.st_rdev), S_ISDIR(st.st_mode) ? -1LL : (long long)st.st_size,
	     (long)st.st_blksize, (long long)st.st_blocks);
}

TEST(stat, types)
{
	put_file("file", "12345");
	mkdir("dir", 0750);
	symlink("file", "link");
	mkfifo("fifo", 0640);
	mknod("sock", S_IFSOCK | 0600, 0);
	mknod("char", S_IFCHR | 0600, makedev(1, 3));
	mknod("block", S_IFBLK | 0600, makedev(259, 70000));
	show("file", 0);
	show("dir", 0);
	show("link", 0);
	show("link", AT_SYMLINK_NOFOLLOW);
	show("fifo", 0);
	show("sock", 0);
	show("char", 0);
	show("block", 0);
}

TEST(stat, system_files)
{
	show("/dev/null", 0);
	show("/dev/zero", 0);
	show("/dev/full", 0);
	show("/dev/random", 0);
	show("/dev/urandom", 0);
	show("/dev/tty", 0);
	show("/dev/console", 0);
	show("/dev/kmsg", 0);
	show("/dev/ptmx", 0);
	show("/proc/version", 0);
	show("/proc/self", AT_SYMLINK_NOFOLLOW);
	show("/proc/self/status", 0);
	show("/proc/self/fd/0", AT_SYMLINK_NOFOLLOW);
	show("/proc/self/exe", AT_SYMLINK_NOFOLLOW);
}

TEST(stat, errors_and_flags)
{
	struct stat st;
	int fd;

	put_file("f", "x");
	symlink("none", "l");
	fd = open("f", O_RDONLY);
	SHOW(stat("none", &st));
	SHOW(stat("l", &st));
	SHOW(lstat("l", &st));
	SHOW(stat("f/", &st));
	SHOW(lstat("l/", &st));
	SHOW(stat("f/x", &st));
	SHOW(stat("", &st));
	SHOW(fstat(-1, &st));
	SHOW(syscall(SYS_newfstatat, AT_FDCWD, NULL, &st, 0));
	SHOW(syscall(SYS_newfstatat, AT_FDCWD, "f", NULL, 0));
	SHOW(syscall(SYS_newfstatat, AT_FDCWD, "f", (void *)-4096L, 0));
	SHOW(syscall(SYS_newfstatat, fd, "", &st, AT_EMPTY_PATH));
	SHOW(syscall(SYS_newfstatat, fd, "", &st, 0));
	SHOW(syscall(SYS_newfstatat, AT_FDCWD, "", &st, AT_EMPTY_PATH));
	SHOW(S_ISDIR(st.st_mode));
	SHOW(syscall(SYS_newfstatat, fd, "x", &st, 0));
	SHOW(syscall(SYS_newfstatat, -1, "f", &st, 0));
	SHOW(syscall(SYS_newfstatat, AT_FDCWD, "f", &st, AT_NO_AUTOMOUNT));
	SHOW(syscall(SYS_newfstatat, AT_FDCWD, "f", &st, 1));
}

TEST(stat, descriptors_without_a_path)
{
	struct stat st;
	int pipes[2];

	REQUIRE_OK(pipe(pipes));
	fstat(pipes[0], &st);
	note("pipe mode %o nlink %lu size %lld blksize %ld", st.st_mode, (unsigned long)st.st_nlink,
	     (long long)st.st_size, (long)st.st_blksize);
	write_all(pipes[1], "abc", 3);
	fstat(pipes[0], &st);
	note("pipe size %lld", (long long)st.st_size);
}

TEST(stat, identity)
{
	struct stat a, b;

	put_file("f", "x");
	put_file("g", "x");
	stat("f", &a);
	fstat(open("f", O_RDONLY), &b);
	SHOW(a.st_dev == b.st_dev && a.st_ino == b.st_ino);
	stat("g", &b);
	SHOW(a.st_dev == b.st_dev && a.st_ino == b.st_ino);
	stat("/proc", &b);
	SHOW(a.st_dev == b.st_dev);
	SHOW(a.st_ino != 0);
}
