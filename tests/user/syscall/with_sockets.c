/* SPDX-License-Identifier: MIT */
/*
 * What other tests of processes, signals, time and pointers would do with sockets, gathered here: a kernel
 * without them has one program that fails, not seven.
 */
#include "../harness.h"
#include "../process/util.h"
#include <sys/socket.h>

static int sockets[2];

static void setup(int type)
{
	REQUIRE_OK(socketpair(AF_UNIX, type, 0, sockets));
}

static volatile sig_atomic_t hits;

static void handler(int number)
{
	(void)number;
	hits++;
}

TEST(with_sockets, those_of_a_crashed_program_are_closed)
{
	char byte;
	pid_t pid;

	setup(SOCK_STREAM);
	CHILD(pid)
		*(volatile int *)wild(0) = 1;
	close(sockets[1]);
	EXPECT_EQ(read(sockets[0], &byte, 1), 0);
	note("%s", status_name(child_status(pid)));
}

/* Receive with a signal in between: restarted it reads what the child sends afterwards. */
static void interrupted(const char *what, int flags, bool timed)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };
	struct timeval tv = { 60, 0 };
	pid_t pid, me = getpid();
	char byte = 0;
	long n;

	setup(SOCK_STREAM);
	sigaction(SIGUSR1, &action, NULL);
	if (timed)
		EXPECT_OK(setsockopt(sockets[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	hits = 0;
	CHILD(pid) {
		wait_state(me, 'S');
		kill(me, SIGUSR1);
		sleep_ms(100);
		wait_state(me, 'S');
		write_all(sockets[1], "x", 1);
	}
	n = recv(sockets[0], &byte, 1, 0);
	note("%s: %s, handler ran %d", what, n == 1 ? "restarted" : errno_name(errno), (int)hits);
	EXPECT_CHILD_OK(pid);
}

TEST(with_sockets, interrupted_receive)
{
	interrupted("SA_RESTART", SA_RESTART, false);
	interrupted("without", 0, false);
	interrupted("SA_RESTART and a time-out", SA_RESTART, true);
}

TEST(with_sockets, receive_time_out)
{
	struct timeval tv = { 2, 500000 };
	long long start = now_ms(), passed;
	char byte;

	setup(SOCK_STREAM);
	EXPECT_OK(setsockopt(sockets[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	EXPECT_ERRNO(recv(sockets[0], &byte, 1, 0), EAGAIN);
	passed = now_ms() - start;
	note("%s", passed < 2499 ? "too early" : passed > 22500 ? "too late" : "in time");
}

TEST(with_sockets, recvmsg_is_itself)
{
	char byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	setup(SOCK_DGRAM);
	EXPECT_EQ(send(sockets[0], "m", 1, 0), 1);
	EXPECT_EQ(recvmsg(sockets[1], &msg, 0), 1);
	EXPECT_EQ(byte, 'm');
}

TEST(with_sockets, unmapped_buffers)
{
	char *p = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	setup(SOCK_STREAM | SOCK_NONBLOCK);
	note("send: %s", RESULT(send(sockets[0], p, 200, 0)));
	note("nothing came: %s", RESULT(recv(sockets[1], (char[300]){ 0 }, 300, 0)));
	EXPECT_EQ(send(sockets[0], "0123456789", 10, 0), 10);
	note("recv: %s", RESULT(recv(sockets[1], p, 10, 0)));
	note("recv again: %s", RESULT(recv(sockets[1], (char[10]){ 0 }, 10, 0)));
}

TEST(with_sockets, upper_halves_of_int_arguments_are_ignored)
{
	long high = 0x5a5a5a5a00000000;

	EXPECT_OK(syscall(SYS_socket, high | AF_UNIX, high | SOCK_STREAM, high));
}
