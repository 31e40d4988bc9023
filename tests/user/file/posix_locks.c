/* SPDX-License-Identifier: MIT */
/* POSIX record locks: ranges, conflicts, splitting, release on any close, F_GETLK's answer. */
#include "harness.h"

static const char *type_name(int type)
{
	return type == F_RDLCK ? "read" : type == F_WRLCK ? "write" : type == F_UNLCK ? "none" : "?";
}

static int lock(int fd, int command, int type, int whence, long start, long length)
{
	struct flock range = { .l_type = type, .l_whence = whence, .l_start = start, .l_len = length };

	return fcntl(fd, command, &range);
}

static void show_conflict(int fd, int type, long start, long length)
{
	struct flock range = { .l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length };

	if (fcntl(fd, F_GETLK, &range) < 0)
		note("getlk: %s", errno_name(errno));
	else if (range.l_type == F_UNLCK)
		note("getlk %s %ld+%ld: free", type_name(type), start, length);
	else
		note("getlk %s %ld+%ld: %s whence %d start %lld len %lld by parent %d",
		     type_name(type), start, length, type_name(range.l_type), range.l_whence,
		     (long long)range.l_start, (long long)range.l_len, range.l_pid == getppid());
}

TEST(locks, ranges_conflict_between_processes)
{
	int fd = temp_fd();

	SHOW(lock(fd, F_SETLK, F_WRLCK, SEEK_SET, 100, 50));
	SHOW(lock(fd, F_SETLK, F_RDLCK, SEEK_SET, 200, 50));
	IN_CHILD({
		SHOW(lock(fd, F_SETLK, F_WRLCK, SEEK_SET, 0, 100));
		SHOW(lock(fd, F_SETLK, F_WRLCK, SEEK_SET, 0, 101));
		SHOW(lock(fd, F_SETLK, F_RDLCK, SEEK_SET, 149, 1));
		SHOW(lock(fd, F_SETLK, F_RDLCK, SEEK_SET, 150, 60));
		SHOW(lock(fd, F_SETLK, F_WRLCK, SEEK_SET, 249, 10));
		show_conflict(fd, F_WRLCK, 0, 0);
		show_conflict(fd, F_RDLCK, 0, 0);
		show_conflict(fd, F_WRLCK, 160, 0);
		show_conflict(fd, F_WRLCK, 250, 0);
	});
}

TEST(locks, the_owner_never_conflicts_with_itself)
{
	int fd = temp_fd();

	SHOW(lock(fd, F_SETLK, F_WRLCK, SEEK_SET, 0, 0));
	SHOW(lock(fd, F_SETLK, F_RDLCK, SEEK_SET, 10, 10));
	show_conflict(fd, F_WRLCK, 0, 0);
	IN_CHILD({
		show_conflict(fd, F_WRLCK, 0, 0);
		show_conflict(fd, F_RDLCK, 10, 5);
		show_conflict(fd, F_WRLCK, 10, 5);
		show_conflict(fd, F_WRLCK, 20, 0);
	});
}

TEST(locks, unlocking_the_middle_splits_and_relocking_merges)
{
	int fd = temp_fd();

	SHOW(lock(fd, F_SETLK, F_WRLCK, SEEK_SET, 0, 100));
	SHOW(lock(fd, F_SETLK, F_UNLCK, SEEK_SET, 40, 20));
	IN_CHILD({
		show_conflict(fd, F_WRLCK, 0, 100);
		show_conflict(fd, F_WRLCK, 40, 20);
		show_conflict(fd, F_WRLCK, 41, 0);
	});
	SHOW(lock(fd, F_SETLK, F_WRLCK, SEEK_SET, 30, 40));
	IN_CHILD(show_conflict(fd, F_WRLCK, 0, 0));
	SHOW(lock(fd, F_SETLK, F_UNLCK, SEEK_SET, 0, 0));
	IN_CHILD(show_conflict(fd, F_WRLCK, 0, 0));
}

TEST(locks, whence_and_negative_lengths)
{
	int fd = temp_fd();

	write_all(fd, "0123456789", 10);
	lseek(fd, 5, SEEK_SET);
	SHOW(lock(fd, F_SETLK, F_WRLCK, SEEK_CUR, 1, 2));
	IN_CHILD(show_conflict(fd, F_WRLCK, 0, 0));
	SHOW(lock(fd, F_SETLK, F_UNLCK, SEEK_SET, 0, 0));
	SHOW(lock(fd, F_SETLK, F_WRLCK, SEEK_END, -2, 1));
	IN_CHILD(show_conflict(fd, F_WRLCK, 0, 0));
	SHOW(lock(fd, F_SETLK, F_UNLCK, SEEK_SET, 0, 0));
	SHOW(lock(fd, F_SETLK, F_WRLCK, SEEK_SET, 8, -3));
	IN_CHILD(show_conflict(fd, F_WRLCK, 0, 0));
	SHOW(lock(fd, F_SETLK, F_WRLCK, SEEK_SET, 2, -3));
	SHOW(lock(fd, F_SETLK, F_WRLCK, SEEK_SET, -1, 1));
	SHOW(lock(fd, F_SETLK, F_WRLCK, 7, 0, 1));
	SHOW(lock(fd, F_SETLK, 9, SEEK_SET, 0, 1));
	SHOW(lock(fd, F_SETLK, F_WRLCK, SEEK_SET, 0x7ffffffffffffff0, 100));
}

TEST(locks, closing_any_descriptor_of_the_file_releases_all)
{
	int fd, other;

	put_file("f", "x");
	fd = open("f", O_RDWR);
	other = open("f", O_RDONLY);
	SHOW(lock(fd, F_SETLK, F_WRLCK, SEEK_SET, 0, 0));
	close(other);
	IN_CHILD(show_conflict(fd, F_WRLCK, 0, 0));
}

TEST(locks, the_open_mode_must_match)
{
	int ro, wo;

	put_file("f", "x");
	ro = open("f", O_RDONLY);
	wo = open("f", O_WRONLY);
	SHOW(lock(ro, F_SETLK, F_WRLCK, SEEK_SET, 0, 1));
	SHOW(lock(wo, F_SETLK, F_RDLCK, SEEK_SET, 0, 1));
	SHOW(lock(ro, F_SETLK, F_RDLCK, SEEK_SET, 0, 1));
	SHOW(lock(wo, F_SETLK, F_WRLCK, SEEK_SET, 0, 1));
	SHOW(lock(-1, F_SETLK, F_WRLCK, SEEK_SET, 0, 1));
	SHOW(lock(open("f", O_PATH), F_SETLK, F_WRLCK, SEEK_SET, 0, 1));
}

TEST(locks, end_with_the_process_and_are_not_inherited)
{
	int fd = temp_fd();

	IN_CHILD({
		SHOW(lock(fd, F_SETLK, F_WRLCK, SEEK_SET, 0, 10));
		IN_CHILD(SHOW(lock(fd, F_SETLK, F_WRLCK, SEEK_SET, 5, 1)));
	});
	SHOW(lock(fd, F_SETLK, F_WRLCK, SEEK_SET, 0, 10));
}

TEST(locks, lockf_is_built_on_them)
{
	int fd = temp_fd();

	SHOW(lockf(fd, F_LOCK, 10));
	IN_CHILD({
		SHOW(lockf(fd, F_TEST, 10));
		SHOW(lockf(fd, F_TLOCK, 10));
	});
	SHOW(lockf(fd, F_ULOCK, 0));
	IN_CHILD(SHOW(lockf(fd, F_TLOCK, 10)));
}
