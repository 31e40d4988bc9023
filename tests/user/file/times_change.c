/* SPDX-License-Identifier: MIT */
/* Which of a file's times each call moves: all are set to 1970 first, "am c" means the changed ones. */
#include "harness.h"
#include <sys/mman.h>
#include <sys/xattr.h>

static long long before_c;

static long long ns(struct timespec t)
{
	return t.tv_sec * 1000000000ll + t.tv_nsec;
}

/* Set atime and mtime to a second of long ago, and remember ctime, which cannot be set. */
static void old(const char *path)
{
	struct timespec t[2] = { { 1000, 0 }, { 2000, 0 } };
	struct stat st;

	REQUIRE_OK(utimensat(AT_FDCWD, path, t, AT_SYMLINK_NOFOLLOW));
	REQUIRE_OK(lstat(path, &st));
	before_c = ns(st.st_ctim);
	/* Times are those of the last tick: let one pass. */
	do {
		struct timespec now;

		clock_gettime(CLOCK_REALTIME_COARSE, &now);
		if (ns(now) > before_c)
			break;
		sleep_ms(1);
	} while (1);
}

static void changed(const char *what, const char *path)
{
	struct stat st;

	REQUIRE_OK(lstat(path, &st));
	note("%s: %s%s%s", what, st.st_atim.tv_sec != 1000 ? "a" : "-", st.st_mtim.tv_sec != 2000 ? "m" : "-",
	     ns(st.st_ctim) != before_c ? "c" : "-");
}

#define AFTER(path, call) do {                                                              \
	old(path);                                                                          \
	EXPECT_OK(call);                                                                    \
	changed(#call, path);                                                               \
} while (0)

TEST(times, of_a_file)
{
	char byte;
	int fd;

	put_file("f", "contents");
	fd = open("f", O_RDWR);
	AFTER("f", open("f", O_RDONLY));
	AFTER("f", read(fd, &byte, 1));
	AFTER("f", read(fd, &byte, 0));
	AFTER("f", write(fd, "x", 1));
	AFTER("f", write(fd, "x", 0));
	AFTER("f", ftruncate(fd, 100));
	AFTER("f", ftruncate(fd, 100));
	AFTER("f", truncate("f", 100));
	AFTER("f", open("f", O_RDWR | O_TRUNC));
	AFTER("f", open("f", O_RDWR | O_TRUNC));
	AFTER("f", fallocate(fd, 0, 0, 10));
	AFTER("f", chmod("f", 0644));
	AFTER("f", chown("f", 0, 0));
	AFTER("f", chown("f", -1, -1));
	AFTER("f", link("f", "g"));
	AFTER("f", unlink("g"));
	old("f");
	EXPECT_OK(rename("f", "h"));
	changed("rename", "h");
}

TEST(times, of_a_file_by_other_means)
{
	char byte;
	int fd, other;

	put_file("f", "contents");
	put_file("g", "contents");
	fd = open("f", O_RDWR);
	other = open("g", O_RDWR);
	AFTER("f", setxattr("f", "trusted.x", "1", 1, 0));
	AFTER("f", getxattr("f", "trusted.x", &byte, 1));
	AFTER("f", removexattr("f", "trusted.x"));
	AFTER("f", copy_file_range(other, NULL, fd, NULL, 8, 0));
	AFTER("g", pread(other, &byte, 1, 0));
	AFTER("g", read(open("g", O_RDONLY | O_NOATIME), &byte, 1));
	AFTER("g", fsync(other));
	AFTER("g", access("g", R_OK));
	AFTER("g", futimens(other, (struct timespec[]){ { 0, UTIME_OMIT }, { 0, UTIME_OMIT } }));
	AFTER("g", futimens(other, (struct timespec[]){ { 0, UTIME_NOW }, { 0, UTIME_OMIT } }));
	AFTER("g", futimens(other, (struct timespec[]){ { 0, UTIME_OMIT }, { 0, UTIME_NOW } }));
}

TEST(times, of_a_directory)
{
	struct { long a[64]; } space;
	int fd;

	REQUIRE_OK(mkdir("d", 0755));
	fd = open("d", O_RDONLY);
	AFTER("d", mkdir("d/sub", 0755));
	AFTER("d", rmdir("d/sub"));
	AFTER("d", creat("d/f", 0644));
	AFTER("d", open("d/f", O_WRONLY | O_CREAT, 0644));
	AFTER("d", write(open("d/f", O_WRONLY), "x", 1));
	AFTER("d", chmod("d/f", 0600));
	AFTER("d", link("d/f", "d/g"));
	AFTER("d", rename("d/g", "d/h"));
	AFTER("d", symlink("x", "d/s"));
	AFTER("d", unlink("d/h"));
	AFTER("d", syscall(SYS_getdents64, fd, &space, sizeof(space)));
	AFTER("d", chdir("d") < 0 ? -1 : chdir(".."));
}

TEST(times, of_a_symbolic_link)
{
	char byte;

	put_file("f", "");
	REQUIRE_OK(symlink("f", "s"));
	AFTER("s", readlink("s", &byte, 1));
	AFTER("s", stat("s", &(struct stat){ 0 }));
	AFTER("s", lchown("s", 1, 1));
	AFTER("s", chmod("s", 0600));
}
