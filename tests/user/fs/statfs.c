/* SPDX-License-Identifier: MIT */
/* statfs(2), fstatfs(2): types, limits, the arithmetic of free blocks. */
#include "harness.h"
#include <sys/statfs.h>
#include <sys/statvfs.h>

static void type_of(const char *path)
{
	struct statfs sfs;

	if (statfs(path, &sfs) < 0)
		note("%s: %s", path, errno_name(errno));
	else
		note("%s: type %lx bsize %ld frsize %ld namelen %ld", path, (long)sfs.f_type,
		     (long)sfs.f_bsize, (long)sfs.f_frsize, (long)sfs.f_namelen);
}

TEST(statfs, types)
{
	type_of("/tmp");
	type_of("/proc");
	type_of("/proc/self/status");
	type_of("/sys");
	type_of("/dev/pts");
	type_of("/dev/shm");
}

TEST(statfs, a_file_takes_blocks_and_an_inode)
{
	struct statfs a, b, c;
	static char block[1 << 20];
	int fd;

	statfs(".", &a);
	fd = open("f", O_CREAT | O_RDWR, 0600);
	memset(block, 'x', sizeof(block));
	write_all(fd, block, sizeof(block));
	statfs(".", &b);
	note("1 MiB takes %ld blocks and %ld inodes", (long)(a.f_bfree - b.f_bfree),
	     (long)(a.f_ffree - b.f_ffree));
	SHOW(a.f_blocks == b.f_blocks && a.f_bavail <= a.f_bfree && a.f_bfree <= a.f_blocks);
	close(fd);
	unlink("f");
	statfs(".", &c);
	note("and gives back %ld and %ld", (long)(c.f_bfree - b.f_bfree), (long)(c.f_ffree - b.f_ffree));
}

TEST(statfs, errors)
{
	struct statfs sfs;
	int pipes[2];

	put_file("f", "");
	REQUIRE_OK(pipe(pipes));
	SHOW(statfs("none", &sfs));
	SHOW(statfs("f/x", &sfs));
	SHOW(statfs("f", &sfs));
	SHOW(statfs("", &sfs));
	SHOW(statfs(".", NULL));
	SHOW(statfs(NULL, &sfs));
	SHOW(fstatfs(-1, &sfs));
	SHOW(fstatfs(open("f", O_RDONLY), &sfs));
	SHOW(fstatfs(pipes[0], &sfs));
	note("pipe type %lx", (long)sfs.f_type);
}

TEST(statfs, mount_flags)
{
	struct statvfs vfs;

	SHOW(statvfs("/tmp", &vfs));
	note("/tmp nosuid %d ro %d", !!(vfs.f_flag & ST_NOSUID), !!(vfs.f_flag & ST_RDONLY));
	SHOW(statvfs("/proc", &vfs));
	note("/proc nosuid %d nodev %d noexec %d", !!(vfs.f_flag & ST_NOSUID),
	     !!(vfs.f_flag & ST_NODEV), !!(vfs.f_flag & ST_NOEXEC));
}
