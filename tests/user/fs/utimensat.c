/* SPDX-License-Identifier: MIT */
/* utimensat(2): explicit times, UTIME_NOW, UTIME_OMIT, permission, and which operation stamps what. */
#include "harness.h"

static void show(const char *path)
{
	struct stat st;

	lstat(path, &st);
	note("%s atime %ld.%09ld mtime %ld.%09ld", path, (long)st.st_atim.tv_sec, st.st_atim.tv_nsec,
	     (long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
}

static int set(const char *path, long a, long a_ns, long m, long m_ns, int flags)
{
	struct timespec times[2] = { { a, a_ns }, { m, m_ns } };

	return utimensat(AT_FDCWD, path, times, flags);
}

TEST(utimens, nanoseconds_and_the_far_ends)
{
	put_file("f", "");
	SHOW(set("f", 1, 123456789, 2, 999999999, 0));
	show("f");
	SHOW(set("f", 0, 0, 0, 0, 0));
	show("f");
	SHOW(set("f", -1, 5, 1LL << 33, 0, 0));
	show("f");
}

TEST(utimens, now_and_omit)
{
	struct stat st;

	put_file("f", "");
	set("f", 10, 0, 20, 0, 0);
	SHOW(set("f", 0, UTIME_OMIT, 30, 0, 0));
	show("f");
	SHOW(set("f", 40, 0, 0, UTIME_OMIT, 0));
	show("f");
	SHOW(set("f", 99, UTIME_OMIT, 99, UTIME_OMIT, 0));
	show("f");
	SHOW(set("f", 50, 0, 0, UTIME_NOW, 0));
	stat("f", &st);
	SHOW(st.st_atim.tv_sec == 50 && st.st_mtim.tv_sec > 50);
	SHOW(utimensat(AT_FDCWD, "f", NULL, 0));
	stat("f", &st);
	SHOW(st.st_atim.tv_sec > 50);
	SHOW(utimensat(AT_FDCWD, "none", (struct timespec[2]){ { 0, UTIME_OMIT }, { 0, UTIME_OMIT } }, 0));
}

TEST(utimens, errors)
{
	put_file("f", "");
	symlink("none", "l");
	SHOW(set("f", 0, 1000000000, 0, 0, 0));
	SHOW(set("f", 0, -1, 0, 0, 0));
	SHOW(set("f", 0, 0, 0, 1000000000, 0));
	SHOW(set("none", 0, 0, 0, 0, 0));
	SHOW(set("", 0, 0, 0, 0, 0));
	SHOW(set("f", 0, 0, 0, 0, 0x10));
	SHOW(set("l", 0, 0, 0, 0, 0));
	SHOW(set("l", 7, 0, 8, 0, AT_SYMLINK_NOFOLLOW));
	show("l");
	SHOW(syscall(SYS_utimensat, -1, "f", NULL, 0));
	SHOW(syscall(SYS_utimensat, AT_FDCWD, NULL, NULL, 0));
	SHOW(syscall(SYS_utimensat, -1, NULL, NULL, 0));
	SHOW(syscall(SYS_utimensat, AT_FDCWD, "f", (void *)8, 0));
	SHOW(futimens(open("f", O_RDONLY), (struct timespec[2]){ { 3, 0 }, { 4, 0 } }));
	show("f");
}

TEST(utimens, permission)
{
	put_file("rw", "");
	put_file("ro", "");
	chmod("rw", 0666);
	chmod("ro", 0444);
	AS_USER(1000, 1000, {
		SHOW(utimensat(AT_FDCWD, "rw", NULL, 0));
		SHOW(utimensat(AT_FDCWD, "ro", NULL, 0));
		SHOW(set("rw", 1, 0, 1, 0, 0));
		SHOW(set("rw", 0, UTIME_NOW, 0, UTIME_NOW, 0));
		SHOW(set("rw", 0, UTIME_NOW, 0, UTIME_OMIT, 0));
		SHOW(set("ro", 0, UTIME_OMIT, 0, UTIME_OMIT, 0));
	});
}

static struct stat before;

static void reset(const char *path)
{
	set(path, 1000, 0, 1000, 0, 0);
	stat(path, &before);
	/* Coarse clocks: wait until a stamp of now differs from the one just made. */
	for (;;) {
		struct stat st;

		close(open("probe", O_CREAT | O_WRONLY, 0600));
		stat("probe", &st);
		unlink("probe");
		if (st.st_ctim.tv_sec != before.st_ctim.tv_sec ||
		    st.st_ctim.tv_nsec != before.st_ctim.tv_nsec)
			break;
		sleep_ms(1);
	}
	if (strcmp(path, ".") == 0) {
		set(path, 1000, 0, 1000, 0, 0);
		stat(path, &before);
	}
}

static void stamped(const char *what, const char *path)
{
	struct stat st;

	stat(path, &st);
	note("%s: atime %d mtime %d ctime %d", what, st.st_atim.tv_sec != 1000,
	     st.st_mtim.tv_sec != 1000,
	     st.st_ctim.tv_sec != before.st_ctim.tv_sec || st.st_ctim.tv_nsec != before.st_ctim.tv_nsec);
}

TEST(utimens, which_operation_stamps_what)
{
	char byte;
	int fd;

	put_file("f", "text");
	fd = open("f", O_RDWR);
	reset("f"); EXPECT_EQ(pread(fd, &byte, 1, 0), 1); stamped("read", "f");
	reset("f"); write_all(fd, "x", 1); stamped("write", "f");
	reset("f"); EXPECT_OK(write(fd, "", 0)); stamped("write of nothing", "f");
	reset("f"); EXPECT_OK(ftruncate(fd, 1)); stamped("truncate", "f");
	reset("f"); EXPECT_OK(ftruncate(fd, 1)); stamped("truncate to the same size", "f");
	reset("f"); EXPECT_OK(chmod("f", 0600)); stamped("chmod", "f");
	reset("f"); EXPECT_OK(chown("f", -1, 0)); stamped("chown", "f");
	reset("f"); EXPECT_OK(link("f", "g")); stamped("link", "f");
	reset("f"); EXPECT_OK(rename("g", "h")); stamped("rename", "f");
	reset("f"); EXPECT_OK(unlink("h")); stamped("unlink of a link", "f");
	reset("f"); close(open("f", O_RDONLY)); stamped("open", "f");
}

TEST(utimens, a_directory_is_stamped_by_changes_of_its_names)
{
	mkdir("d", 0755);
	reset("d"); put_file("d/f", ""); stamped("create", "d");
	reset("d"); put_file("d/f", "more"); stamped("write to a file in it", "d");
	reset("d"); EXPECT_OK(rename("d/f", "d/g")); stamped("rename", "d");
	reset("d"); EXPECT_OK(unlink("d/g")); stamped("unlink", "d");
	reset("d"); EXPECT_OK(mkdir("d/s", 0755)); stamped("mkdir", "d");
	reset("d"); EXPECT_OK(rmdir("d/s")); stamped("rmdir", "d");
	reset("d"); EXPECT_OK(symlink("x", "d/l")); stamped("symlink", "d");
}
