/* SPDX-License-Identifier: MIT */
/* Open-file-description locks: owned by the open file, so two opens of one process conflict. */
#include "harness.h"

static int lock(int fd, int command, int type, long start, long length)
{
	struct flock range = { .l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length };

	return fcntl(fd, command, &range);
}

static int open_lock(void)
{
	return REQUIRE_OK(open("lock", O_RDWR | O_CREAT, 0600));
}

TEST(ofd, two_opens_conflict_and_duplicates_do_not)
{
	int a = open_lock(), b = open_lock(), copy = dup(a);

	SHOW(lock(a, F_OFD_SETLK, F_WRLCK, 0, 10));
	SHOW(lock(b, F_OFD_SETLK, F_WRLCK, 5, 10));
	SHOW(lock(b, F_OFD_SETLK, F_RDLCK, 5, 10));
	SHOW(lock(b, F_OFD_SETLK, F_WRLCK, 10, 10));
	SHOW(lock(copy, F_OFD_SETLK, F_RDLCK, 0, 10));
	SHOW(lock(b, F_OFD_SETLK, F_RDLCK, 5, 3));
}

TEST(ofd, children_share_the_lock)
{
	int a = open_lock(), b = open_lock();

	SHOW(lock(a, F_OFD_SETLK, F_WRLCK, 0, 0));
	IN_CHILD({
		SHOW(lock(a, F_OFD_SETLK, F_WRLCK, 0, 0));
		SHOW(lock(b, F_OFD_SETLK, F_WRLCK, 0, 0));
		SHOW(lock(a, F_OFD_SETLK, F_UNLCK, 0, 0));
	});
	SHOW(lock(b, F_OFD_SETLK, F_WRLCK, 0, 0));
}

TEST(ofd, only_the_last_close_of_the_open_file_releases)
{
	int a = open_lock(), b = open_lock(), copy = dup(a), probe = open_lock();

	SHOW(lock(a, F_OFD_SETLK, F_WRLCK, 0, 0));
	close(b);
	SHOW(lock(probe, F_OFD_SETLK, F_WRLCK, 0, 0));
	close(a);
	SHOW(lock(probe, F_OFD_SETLK, F_WRLCK, 0, 0));
	close(copy);
	SHOW(lock(probe, F_OFD_SETLK, F_WRLCK, 0, 0));
}

TEST(ofd, conflicts_with_posix_locks_and_getlk_says_minus_one)
{
	struct flock range = { .l_type = F_WRLCK };
	int a = open_lock(), b = open_lock();

	SHOW(lock(a, F_OFD_SETLK, F_WRLCK, 3, 4));
	SHOW(lock(b, F_SETLK, F_WRLCK, 0, 0));
	SHOW(fcntl(b, F_GETLK, &range));
	note("type %d start %lld len %lld pid %d", range.l_type, (long long)range.l_start,
	     (long long)range.l_len, range.l_pid);
	range = (struct flock){ .l_type = F_WRLCK };
	SHOW(fcntl(b, F_OFD_GETLK, &range));
	note("type %d start %lld len %lld pid %d", range.l_type, (long long)range.l_start,
	     (long long)range.l_len, range.l_pid);
}

TEST(ofd, pid_must_be_zero)
{
	struct flock range = { .l_type = F_WRLCK, .l_pid = 1 };
	int a = open_lock();

	SHOW(fcntl(a, F_OFD_SETLK, &range));
	SHOW(fcntl(a, F_OFD_SETLKW, &range));
	SHOW(fcntl(a, F_OFD_GETLK, &range));
}

TEST(ofd, waits)
{
	int a = open_lock();
	pid_t pid;

	SHOW(lock(a, F_OFD_SETLK, F_WRLCK, 0, 0));
	CHILD(pid) {
		int b = open_lock();

		SHOW(lock(b, F_OFD_SETLKW, F_WRLCK, 0, 0));
	}
	wait_state(pid, 'S');
	EXPECT_OK(lock(a, F_OFD_SETLK, F_UNLCK, 0, 0));
	EXPECT_CHILD_OK(pid);
}
