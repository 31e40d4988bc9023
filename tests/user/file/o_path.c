/* SPDX-License-Identifier: MIT */
/* O_PATH: a place in the tree, not an open file. */
#include "harness.h"
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/statfs.h>
#include <sys/xattr.h>

TEST(opath, file_operations_are_ebadf)
{
	char byte;
	int fd;

	put_file("f", "text");
	fd = REQUIRE_OK(open("f", O_PATH));
	SHOW(read(fd, &byte, 1));
	SHOW(write(fd, &byte, 1));
	SHOW(lseek(fd, 0, SEEK_SET));
	SHOW(ftruncate(fd, 0));
	SHOW(fchmod(fd, 0600));
	SHOW(fchown(fd, 0, 0));
	SHOW(ioctl(fd, FIONREAD, &byte));
	SHOW((long)mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0));
	SHOW(fcntl(fd, F_SETFL, O_APPEND));
	SHOW(fsync(fd));
	SHOW(fgetxattr(fd, "user.x", &byte, 1));
	SHOW(futimens(fd, NULL));
}

TEST(opath, descriptor_operations_work)
{
	struct stat st;
	struct statfs sfs;
	int fd;

	put_file("f", "text");
	fd = REQUIRE_OK(open("f", O_PATH | O_RDWR | O_TRUNC | O_APPEND));
	note("getfl is O_PATH and nothing else of it: %d", (fcntl(fd, F_GETFL) & ~0400000) == O_PATH);
	SHOW(fstat(fd, &st));
	note("size %lld", (long long)st.st_size);
	SHOW(fstatfs(fd, &sfs));
	SHOW(fcntl(fd, F_SETFD, FD_CLOEXEC));
	SHOW(fcntl(fd, F_GETFD));
	SHOW(fcntl(fd, F_DUPFD, 50));
	SHOW(close(fd));
}

TEST(opath, needs_no_permission_on_the_file)
{
	put_file("f", "text");
	mkdir("d", 0700);
	put_file("d/f", "text");
	chmod("f", 0);
	AS_USER(1000, 1000, {
		EXPECT_OK(open("f", O_PATH));
		EXPECT_OK(open("d", O_PATH));
		SHOW(open("d/f", O_PATH));
		SHOW(openat(open("d", O_PATH), "f", O_PATH));
	});
}

TEST(opath, with_nofollow_it_holds_a_symlink)
{
	char text[16] = "";
	struct stat st;
	int fd;

	symlink("target", "l");
	fd = REQUIRE_OK(open("l", O_PATH | O_NOFOLLOW));
	fstat(fd, &st);
	SHOW(S_ISLNK(st.st_mode));
	SHOW(readlinkat(fd, "", text, 16));
	note("%s", text);
	SHOW(open("l", O_PATH));
	SHOW(openat(fd, "x", O_RDONLY));
	SHOW(fchownat(fd, "", 5, 6, AT_EMPTY_PATH));
	lstat("l", &st);
	note("uid %u gid %u", st.st_uid, st.st_gid);
}

TEST(opath, a_directory_serves_as_a_start)
{
	int dir;

	mkdir("d", 0755);
	put_file("d/f", "inside");
	dir = REQUIRE_OK(open("d", O_PATH | O_DIRECTORY));
	EXPECT_OK(openat(dir, "f", O_RDONLY));
	SHOW(fchdir(dir));
	EXPECT_STR(get_file("f"), "inside");
	SHOW(open("f", O_PATH | O_DIRECTORY));
	SHOW(open("f", O_PATH | O_CREAT | O_EXCL, 0600) >= 0);
	SHOW(open("missing", O_PATH | O_CREAT, 0600));
}

TEST(opath, reopening_through_proc_gives_a_real_file)
{
	char path[64], text[8] = "";
	int fd, real;

	put_file("f", "text");
	fd = REQUIRE_OK(open("f", O_PATH));
	unlink("f");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	real = REQUIRE_OK(open(path, O_RDONLY));
	SHOW(read(real, text, 8));
	note("%s", text);
}
