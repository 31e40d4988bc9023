/* SPDX-License-Identifier: MIT */
/* pipe2(2): flags, end of file, EPIPE and SIGPIPE, directions. */
#include "harness.h"
#include <sys/ioctl.h>

TEST(pipe, flags)
{
	int p[2];

	SHOW(pipe2(p, 0));
	note("%d %d fdflags %d %d accmode %d %d", p[0], p[1], fcntl(p[0], F_GETFD), fcntl(p[1], F_GETFD),
	     fcntl(p[0], F_GETFL) & O_ACCMODE, fcntl(p[1], F_GETFL) & O_ACCMODE);
	SHOW(pipe2(p, O_CLOEXEC | O_NONBLOCK));
	note("fdflags %d nonblock %d", fcntl(p[0], F_GETFD), !!(fcntl(p[1], F_GETFL) & O_NONBLOCK));
	SHOW(pipe2(p, O_DIRECT));
	SHOW(pipe2(p, O_RDWR));
	SHOW(pipe2(p, O_APPEND));
	SHOW(pipe2(p, -1));
	SHOW(syscall(SYS_pipe2, NULL, 0));
	SHOW(syscall(SYS_pipe2, (void *)8, 0));
	note("open after the failures: %d", open_fd_count());
}

TEST(pipe, carries_bytes_in_order)
{
	char text[32] = "";
	int p[2];

	REQUIRE_OK(pipe(p));
	SHOW(write(p[1], "hello ", 6));
	SHOW(write(p[1], "world", 5));
	SHOW(read(p[0], text, 3));
	SHOW(read(p[0], text + 3, 20));
	note("%s", text);
	SHOW(write(p[0], "x", 1));
	SHOW(read(p[1], text, 1));
}

TEST(pipe, end_of_file_when_the_last_writer_has_gone)
{
	char byte;
	int p[2], copy;

	REQUIRE_OK(pipe2(p, O_NONBLOCK));
	copy = dup(p[1]);
	SHOW(read(p[0], &byte, 1));
	write_all(p[1], "x", 1);
	close(p[1]);
	SHOW(read(p[0], &byte, 1));
	SHOW(read(p[0], &byte, 1));
	close(copy);
	SHOW(read(p[0], &byte, 1));
	SHOW(read(p[0], &byte, 1));
}

TEST(pipe, without_readers_epipe_and_sigpipe)
{
	pid_t pid;
	int p[2];

	REQUIRE_OK(pipe(p));
	close(p[0]);
	CHILD(pid) {
		signal(SIGPIPE, SIG_IGN);
		SHOW(write(p[1], "x", 1));
		SHOW(write(p[1], "", 0));
	}
	EXPECT_CHILD_OK(pid);
	CHILD(pid)
		write(p[1], "x", 1);
	note("default: %s", status_name(child_status(pid)));
}

TEST(pipe, a_blocked_reader_wakes_for_data_and_for_the_end)
{
	char byte = 0;
	pid_t pid;
	int p[2];

	REQUIRE_OK(pipe(p));
	CHILD(pid) {
		close(p[1]);
		EXPECT_EQ(read(p[0], &byte, 1), 1);
		EXPECT_EQ(byte, 'x');
		EXPECT_EQ(read(p[0], &byte, 1), 0);
	}
	wait_state(pid, 'S');
	write_all(p[1], "x", 1);
	wait_state(pid, 'S');
	close(p[1]);
	EXPECT_CHILD_OK(pid);
}

TEST(pipe, a_blocked_writer_wakes_for_room_and_for_the_last_reader)
{
	static char block[65536];
	pid_t pid;
	int p[2], step[2];

	REQUIRE_OK(pipe(p));
	REQUIRE_OK(pipe(step));
	signal(SIGPIPE, SIG_IGN);
	CHILD(pid) {
		close(p[0]);
		EXPECT_EQ(write(p[1], block, 65536), 65536);
		SHOW(write(p[1], block, 4096));
		write_all(step[1], "x", 1);
		SHOW(write(p[1], block, 1));
	}
	wait_state(pid, 'S');
	EXPECT_EQ(read(p[0], block, 4096), 4096);
	/* It fits now, and the last byte waits again. */
	EXPECT_EQ(read(step[0], block, 1), 1);
	wait_state(pid, 'S');
	close(p[0]);
	EXPECT_CHILD_OK(pid);
}

static void nothing(int number)
{
	(void)number;
}

TEST(pipe, a_signal_interrupts_or_restarts)
{
	char byte;
	pid_t pid;
	int p[2];

	REQUIRE_OK(pipe(p));
	CHILD(pid) {
		struct sigaction action = { .sa_handler = nothing };

		sigaction(SIGUSR1, &action, NULL);
		SHOW(read(p[0], &byte, 1));
		action.sa_flags = SA_RESTART;
		sigaction(SIGUSR1, &action, NULL);
		SHOW(read(p[0], &byte, 1));
	}
	wait_state(pid, 'S');
	kill(pid, SIGUSR1);
	wait_state(pid, 'S');
	kill(pid, SIGUSR1);
	wait_state(pid, 'S');
	write_all(p[1], "x", 1);
	EXPECT_CHILD_OK(pid);
}

TEST(pipe, a_signal_in_the_middle_of_a_long_write_leaves_a_short_count)
{
	static char block[200000];
	pid_t pid;
	int p[2];

	REQUIRE_OK(pipe(p));
	CHILD(pid) {
		struct sigaction action = { .sa_handler = nothing, .sa_flags = SA_RESTART };

		sigaction(SIGUSR1, &action, NULL);
		SHOW(write(p[1], block, sizeof(block)));
	}
	wait_state(pid, 'S');
	kill(pid, SIGUSR1);
	EXPECT_CHILD_OK(pid);
}

TEST(pipe, fionread_counts)
{
	int p[2], n = -1;

	REQUIRE_OK(pipe(p));
	SHOW(ioctl(p[0], FIONREAD, &n));
	note("%d", n);
	write_all(p[1], "12345", 5);
	SHOW(ioctl(p[0], FIONREAD, &n));
	note("%d", n);
	SHOW(ioctl(p[1], FIONREAD, &n));
	note("%d", n);
	SHOW(ioctl(p[0], FIONREAD, NULL));
	SHOW(ioctl(p[0], 0x1234, NULL));
	n = 1;
	SHOW(ioctl(p[0], FIONBIO, &n));
	note("nonblock %d", !!(fcntl(p[0], F_GETFL) & O_NONBLOCK));
}
