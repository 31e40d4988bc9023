/* SPDX-License-Identifier: MIT */
/* F_SETLKW: waiting, waking in turn, interruption, and the deadlock that is refused. */
#include "harness.h"

static int lock(int fd, int command, int type, long start, long length)
{
	struct flock range = { .l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length };

	return fcntl(fd, command, &range);
}

TEST(lockwait, a_waiter_gets_the_lock_when_it_is_released)
{
	int fd = temp_fd(), done[2];
	char byte;
	pid_t pid;

	REQUIRE_OK(pipe2(done, O_NONBLOCK));
	SHOW(lock(fd, F_SETLK, F_WRLCK, 0, 10));
	CHILD(pid) {
		EXPECT_OK(lock(fd, F_SETLKW, F_WRLCK, 5, 1));
		write_all(done[1], "x", 1);
	}
	wait_state(pid, 'S');
	SHOW(read(done[0], &byte, 1));
	/* Releasing another part does not wake it for good. */
	SHOW(lock(fd, F_SETLK, F_UNLCK, 0, 2));
	wait_state(pid, 'S');
	SHOW(read(done[0], &byte, 1));
	SHOW(lock(fd, F_SETLK, F_UNLCK, 5, 1));
	EXPECT_CHILD_OK(pid);
	SHOW(read(done[0], &byte, 1));
}

TEST(lockwait, a_downgrade_lets_readers_in)
{
	int fd = temp_fd();
	pid_t pid;

	SHOW(lock(fd, F_SETLK, F_WRLCK, 0, 0));
	CHILD(pid)
		SHOW(lock(fd, F_SETLKW, F_RDLCK, 0, 0));
	wait_state(pid, 'S');
	EXPECT_OK(lock(fd, F_SETLK, F_RDLCK, 0, 0));
	EXPECT_CHILD_OK(pid);
}

TEST(lockwait, the_death_of_the_holder_wakes)
{
	int fd = temp_fd(), ready[2];
	pid_t holder, waiter;
	char byte;

	REQUIRE_OK(pipe(ready));
	CHILD(holder) {
		EXPECT_OK(lock(fd, F_SETLK, F_WRLCK, 0, 0));
		write_all(ready[1], "x", 1);
		pause();
	}
	EXPECT_EQ(read(ready[0], &byte, 1), 1);
	CHILD(waiter)
		SHOW(lock(fd, F_SETLKW, F_WRLCK, 0, 0));
	wait_state(waiter, 'S');
	kill(holder, SIGKILL);
	EXPECT_CHILD_OK(waiter);
	note("holder %s", status_name(child_status(holder)));
}

static void nothing(int number)
{
	(void)number;
}

TEST(lockwait, a_signal_is_eintr)
{
	int fd = temp_fd();
	pid_t pid;

	SHOW(lock(fd, F_SETLK, F_WRLCK, 0, 0));
	CHILD(pid) {
		struct sigaction action = { .sa_handler = nothing };

		sigaction(SIGUSR1, &action, NULL);
		SHOW(lock(fd, F_SETLKW, F_WRLCK, 0, 0));
	}
	wait_state(pid, 'S');
	kill(pid, SIGUSR1);
	EXPECT_CHILD_OK(pid);
}

TEST(lockwait, with_restart_it_goes_on_waiting)
{
	int fd = temp_fd(), seen[2];
	pid_t pid;

	REQUIRE_OK(pipe(seen));
	SHOW(lock(fd, F_SETLK, F_WRLCK, 0, 0));
	CHILD(pid) {
		struct sigaction action = { .sa_handler = nothing, .sa_flags = SA_RESTART };

		sigaction(SIGUSR1, &action, NULL);
		SHOW(lock(fd, F_SETLKW, F_WRLCK, 0, 0));
	}
	wait_state(pid, 'S');
	kill(pid, SIGUSR1);
	wait_state(pid, 'S');
	EXPECT_OK(lock(fd, F_SETLK, F_UNLCK, 0, 0));
	EXPECT_CHILD_OK(pid);
}

TEST(lockwait, a_cycle_of_two_is_edeadlk)
{
	int fd = temp_fd(), ready[2];
	pid_t pid;
	char byte;

	REQUIRE_OK(pipe(ready));
	SHOW(lock(fd, F_SETLK, F_WRLCK, 0, 1));
	CHILD(pid) {
		EXPECT_OK(lock(fd, F_SETLK, F_WRLCK, 1, 1));
		write_all(ready[1], "x", 1);
		EXPECT_OK(lock(fd, F_SETLKW, F_WRLCK, 0, 1));
	}
	EXPECT_EQ(read(ready[0], &byte, 1), 1);
	wait_state(pid, 'S');
	SHOW(lock(fd, F_SETLKW, F_WRLCK, 1, 1));
	SHOW(lock(fd, F_SETLK, F_UNLCK, 0, 1));
	EXPECT_CHILD_OK(pid);
}

TEST(lockwait, a_cycle_of_three_is_edeadlk)
{
	int fd = temp_fd(), ready[2];
	pid_t pids[2];
	char byte;

	REQUIRE_OK(pipe(ready));
	SHOW(lock(fd, F_SETLK, F_WRLCK, 0, 1));
	/* Child i holds byte i + 1 and waits for byte i, so this process waits for 2 last. */
	for (int i = 0; i < 2; i++) {
		CHILD(pids[i]) {
			EXPECT_OK(lock(fd, F_SETLK, F_WRLCK, i + 1, 1));
			write_all(ready[1], "x", 1);
			EXPECT_OK(lock(fd, F_SETLKW, F_WRLCK, i, 1));
		}
		EXPECT_EQ(read(ready[0], &byte, 1), 1);
		wait_state(pids[i], 'S');
	}
	SHOW(lock(fd, F_SETLKW, F_WRLCK, 2, 1));
	SHOW(lock(fd, F_SETLK, F_UNLCK, 0, 1));
	EXPECT_CHILD_OK(pids[0]);
	EXPECT_CHILD_OK(pids[1]);
}
