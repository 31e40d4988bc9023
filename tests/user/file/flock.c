/* SPDX-License-Identifier: MIT */
/* flock(2): belongs to the open file, not to the process or the descriptor. */
#include "harness.h"
#include <sys/file.h>

static int lock_file(void)
{
	return open("lock", O_RDWR | O_CREAT, 0600);
}

TEST(flock, exclusive_excludes_and_shared_shares)
{
	int a = lock_file(), b = lock_file(), c = lock_file();

	SHOW(flock(a, LOCK_EX | LOCK_NB));
	SHOW(flock(b, LOCK_EX | LOCK_NB));
	SHOW(flock(b, LOCK_SH | LOCK_NB));
	SHOW(flock(a, LOCK_SH | LOCK_NB));
	SHOW(flock(b, LOCK_SH | LOCK_NB));
	SHOW(flock(c, LOCK_EX | LOCK_NB));
	SHOW(flock(a, LOCK_EX | LOCK_NB));
	SHOW(flock(b, LOCK_UN));
	SHOW(flock(a, LOCK_UN));
	SHOW(flock(c, LOCK_EX | LOCK_NB));
}

TEST(flock, a_failed_upgrade_loses_the_lock)
{
	int a = lock_file(), b = lock_file(), c = lock_file();

	SHOW(flock(a, LOCK_SH));
	SHOW(flock(b, LOCK_SH));
	SHOW(flock(a, LOCK_EX | LOCK_NB));
	SHOW(flock(b, LOCK_UN));
	SHOW(flock(c, LOCK_EX | LOCK_NB));
}

TEST(flock, duplicates_share_it_and_the_last_close_releases)
{
	int a = lock_file(), b = lock_file(), copy = dup(a);

	SHOW(flock(a, LOCK_EX));
	SHOW(flock(copy, LOCK_EX | LOCK_NB));
	close(a);
	SHOW(flock(b, LOCK_EX | LOCK_NB));
	close(copy);
	SHOW(flock(b, LOCK_EX | LOCK_NB));
}

TEST(flock, a_child_holds_it_too)
{
	int a = lock_file(), b = lock_file();
	pid_t pid;

	SHOW(flock(a, LOCK_EX));
	CHILD(pid)
		SHOW(flock(a, LOCK_UN));
	EXPECT_CHILD_OK(pid);
	SHOW(flock(b, LOCK_EX | LOCK_NB));
}

TEST(flock, errors)
{
	int fd = lock_file(), pipes[2];

	SHOW(flock(-1, LOCK_EX));
	SHOW(flock(fd, 0));
	SHOW(flock(fd, LOCK_EX | LOCK_SH));
	SHOW(flock(fd, LOCK_NB));
	SHOW(flock(fd, 64));
	SHOW(flock(open("lock", O_PATH), LOCK_EX));
	SHOW(flock(open(".", O_RDONLY), LOCK_EX | LOCK_NB));
	SHOW(flock(open("lock", O_RDONLY), LOCK_EX | LOCK_NB));
	REQUIRE_OK(pipe(pipes));
	SHOW(flock(pipes[0], LOCK_EX | LOCK_NB));
}

TEST(flock, waits_until_the_holder_lets_go)
{
	int a = lock_file(), done[2];
	pid_t pid;
	char byte = 0;

	REQUIRE_OK(pipe(done));
	SHOW(flock(a, LOCK_EX));
	CHILD(pid) {
		int mine = lock_file();

		EXPECT_OK(flock(mine, LOCK_EX));
		write_all(done[1], "x", 1);
	}
	wait_state(pid, 'S');
	fcntl(done[0], F_SETFL, O_NONBLOCK);
	SHOW(read(done[0], &byte, 1));
	SHOW(flock(a, LOCK_UN));
	EXPECT_CHILD_OK(pid);
	SHOW(read(done[0], &byte, 1));
}

static void nothing(int number)
{
	(void)number;
}

TEST(flock, a_signal_ends_the_wait)
{
	int a = lock_file();
	pid_t pid;

	SHOW(flock(a, LOCK_EX));
	CHILD(pid) {
		struct sigaction action = { .sa_handler = nothing };
		int mine = lock_file();

		sigaction(SIGUSR1, &action, NULL);
		SHOW(flock(mine, LOCK_EX));
	}
	wait_state(pid, 'S');
	kill(pid, SIGUSR1);
	EXPECT_CHILD_OK(pid);
}

TEST(flock, posix_locks_do_not_see_it)
{
	struct flock lock = { .l_type = F_WRLCK };
	int a = lock_file(), b = lock_file();

	SHOW(flock(a, LOCK_EX));
	IN_CHILD(SHOW(fcntl(b, F_SETLK, &lock)));
}
