/* SPDX-License-Identifier: MIT */
/* chmod, chown, utimensat and their relatives: flags and errors. */
#include "harness.h"

static char long_name[300];

static void fill(void)
{
	memset(long_name, 'n', 256);
	put_file("f", "x");
	chmod("f", 0666);
	put_file("mine", "x");
	REQUIRE_OK(chown("mine", 1000, 1000));
	REQUIRE_OK(mkdir("d", 0755));
	REQUIRE_OK(symlink("f", "s"));
	REQUIRE_OK(symlink("loop", "loop"));
	REQUIRE_OK(mkdir("closed", 0700));
	put_file("closed/f", "");
}

static unsigned mode_of(const char *path)
{
	struct stat st;

	return lstat(path, &st) < 0 ? 0 : st.st_mode;
}

static long chmodat2(int fd, const char *path, unsigned mode, unsigned flags)
{
	return syscall(452, fd, path, mode, flags);
}

TEST(modeerr, chmod)
{
	fill();
	SHOW(chmod("nothing", 0644));
	SHOW(chmod("", 0644));
	SHOW(chmod("f/x", 0644));
	SHOW(chmod("f/", 0644));
	SHOW(chmod("loop", 0644));
	SHOW(chmod(long_name, 0644));
	SHOW(chmod(NULL, 0644));
	SHOW(chmod("f", 0177777));
	note("%o", mode_of("f"));
	SHOW(chmod("s", 0600));
	note("%o %o", mode_of("f"), mode_of("s"));
	SHOW(fchmod(-1, 0600));
	SHOW(fchmod(open("f", O_PATH), 0600));
	SHOW(fchmod(open("f", O_RDONLY), 0640));
	note("%o", mode_of("f"));
	SHOW(syscall(SYS_fchmodat, -1, "f", 0600));
	SHOW(syscall(SYS_fchmodat, open("f", O_RDONLY), "f", 0600));
	SHOW(chmod("/proc/self/stat", 0600));
	AS_USER(1000, 1000, {
		SHOW(chmod("f", 0600));
		SHOW(chmod("mine", 0600));
		SHOW(chmod("closed/f", 0600));
		SHOW(chmod("nothing", 0600));
	});
}

TEST(modeerr, fchmodat2_is_newer_than_this_linux)
{
	long answer;

	fill();
	errno = 0;
	answer = chmodat2(AT_FDCWD, "s", 0600, AT_SYMLINK_NOFOLLOW);
	note("%d", answer == -1 && (errno == ENOSYS || errno == EOPNOTSUPP));
	note("%o", mode_of("s"));
}

TEST(modeerr, chown)
{
	struct stat st;

	fill();
	SHOW(chown("nothing", 1, 1));
	SHOW(chown("", 1, 1));
	SHOW(chown("f/x", 1, 1));
	SHOW(chown("loop", 1, 1));
	SHOW(lchown("loop", 1, 1));
	SHOW(chown(long_name, 1, 1));
	SHOW(chown(NULL, 1, 1));
	SHOW(fchown(-1, 1, 1));
	SHOW(fchown(open("f", O_PATH), 1, 1));
	SHOW(fchownat(AT_FDCWD, "s", 5, 6, AT_SYMLINK_NOFOLLOW));
	lstat("s", &st);
	note("%d %d", st.st_uid, st.st_gid);
	SHOW(fchownat(AT_FDCWD, "s", 7, -1, 0));
	stat("s", &st);
	note("%d %d", st.st_uid, st.st_gid);
	SHOW(fchownat(AT_FDCWD, "f", 1, 1, 1));
	SHOW(fchownat(AT_FDCWD, "", 1, 1, 0));
	SHOW(fchownat(open("f", O_RDONLY), "", 8, 9, AT_EMPTY_PATH));
	SHOW(fchownat(open("f", O_PATH), "", 8, 9, AT_EMPTY_PATH));
	SHOW(fchownat(-1, "", 8, 9, AT_EMPTY_PATH));
	SHOW(fchownat(open("f", O_PATH), "x", 8, 9, 0));
	SHOW(chown("f", 0x7fffffff, 0x7fffffff));
	SHOW(chown("f", 0xfffffffe, 0xfffffffe));
	AS_USER(1000, 1000, {
		SHOW(chown("f", 1000, -1));
		SHOW(chown("mine", 1001, -1));
		SHOW(chown("mine", 1000, 1000));
		SHOW(chown("mine", -1, 1001));
		SHOW(chown("mine", -1, -1));
		SHOW(chown("f", -1, -1));
		SHOW(chown("closed/f", -1, -1));
	});
}

TEST(modeerr, utimensat)
{
	struct timespec now[2] = { { 0, UTIME_NOW }, { 0, UTIME_NOW } }, omit[2] = { { 0, UTIME_OMIT }, { 0, UTIME_OMIT } };
	struct timespec one[2] = { { 0, UTIME_NOW }, { 0, UTIME_OMIT } }, set[2] = { { 1, 2 }, { 3, 4 } };
	struct timespec bad[2] = { { 1, 1000000000 }, { 3, 4 } }, negative[2] = { { -5, 7 }, { 3, -1 } };
	struct timespec old[2] = { { -5, 7 }, { -1, 999999999 } };
	struct stat st;

	fill();
	SHOW(utimensat(AT_FDCWD, "nothing", set, 0));
	SHOW(utimensat(AT_FDCWD, "nothing", omit, 0));
	SHOW(utimensat(AT_FDCWD, "", set, 0));
	SHOW(utimensat(AT_FDCWD, "f", bad, 0));
	SHOW(utimensat(AT_FDCWD, "f", negative, 0));
	SHOW(utimensat(AT_FDCWD, "f", set, 1));
	SHOW(utimensat(-1, "f", set, 0));
	SHOW(utimensat(AT_FDCWD, "f", (void *)8, 0));
	SHOW(syscall(SYS_utimensat, -1, NULL, set, 0));
	SHOW(syscall(SYS_utimensat, AT_FDCWD, NULL, set, 0));
	SHOW(syscall(SYS_utimensat, open("f", O_RDONLY), NULL, set, AT_SYMLINK_NOFOLLOW));
	SHOW(futimens(open("f", O_PATH), set));
	SHOW(futimens(open("f", O_RDONLY), set));
	SHOW(utimensat(open("f", O_PATH), "", set, AT_EMPTY_PATH));
	SHOW(utimensat(AT_FDCWD, "f", old, 0));
	stat("f", &st);
	note("%ld %ld %ld %ld", st.st_atim.tv_sec, st.st_atim.tv_nsec, st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
	SHOW(utimensat(AT_FDCWD, "loop", set, 0));
	SHOW(utimensat(AT_FDCWD, "loop", set, AT_SYMLINK_NOFOLLOW));
	chmod("f", 0666);
	put_file("ro", "");
	AS_USER(1000, 1000, {
		SHOW(utimensat(AT_FDCWD, "f", NULL, 0));
		SHOW(utimensat(AT_FDCWD, "f", now, 0));
		SHOW(utimensat(AT_FDCWD, "f", one, 0));
		SHOW(utimensat(AT_FDCWD, "f", set, 0));
		SHOW(utimensat(AT_FDCWD, "f", omit, 0));
		SHOW(utimensat(AT_FDCWD, "ro", NULL, 0));
		SHOW(utimensat(AT_FDCWD, "ro", set, 0));
		SHOW(utimensat(AT_FDCWD, "ro", omit, 0));
		SHOW(utimensat(AT_FDCWD, "mine", set, 0));
		SHOW(utimensat(AT_FDCWD, "closed/f", NULL, 0));
	});
}
