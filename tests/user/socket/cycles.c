/* SPDX-License-Identifier: MIT */
/* Sockets that only messages hold: they end, and with them what else their queues hold, seen at the other end of a pipe. */
#include "../harness.h"
#include "common.h"

static int pp[2];

/* Waits until the last write end of the pipe is closed. A socket that is closed meanwhile makes the kernel look. */
static void expect_end(void)
{
	char c;

	close(pp[1]);
	for (int i = 0; i < 200; i++) {
		struct pollfd f = { pp[0], POLLIN, 0 };

		if (poll(&f, 1, 20) > 0)
			break;
		close(new_socket(SOCK_DGRAM));
	}
	set_nonblock(pp[0]);
	SHOW(read(pp[0], &c, 1));
}

static void expect_open(void)
{
	char c;
	int flags = fcntl(pp[0], F_GETFL);

	close(new_socket(SOCK_DGRAM));
	set_nonblock(pp[0]);
	SHOW(read(pp[0], &c, 1));
	fcntl(pp[0], F_SETFL, flags);
}

TEST(cycles, a_socket_in_its_own_queue)
{
	int p[2];

	REQUIRE_OK(pipe(pp));
	new_pair(SOCK_DGRAM, p);
	REQUIRE_OK(send_fds(p[0], "s", 1, &p[1], 1, 0));
	REQUIRE_OK(send_fds(p[0], "w", 1, &pp[1], 1, 0));
	close(p[0]);
	close(p[1]);
	expect_end();
}

TEST(cycles, two_in_each_others_queues)
{
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET };

	for (int i = 0; i < 3; i++) {
		int p[2];

		REQUIRE_OK(pipe(pp));
		new_pair(types[i], p);
		REQUIRE_OK(send_fds(p[0], "a", 1, &p[0], 1, 0));
		REQUIRE_OK(send_fds(p[1], "b", 1, &p[1], 1, 0));
		REQUIRE_OK(send_fds(p[0], "w", 1, &pp[1], 1, 0));
		close(p[0]);
		close(p[1]);
		expect_end();
		close(pp[0]);
	}
}

TEST(cycles, a_ring_and_what_hangs_from_it)
{
	int ring[6][2], tail[2];

	REQUIRE_OK(pipe(pp));
	for (int i = 0; i < 6; i++)
		new_pair(SOCK_STREAM, ring[i]);
	for (int i = 0; i < 6; i++)
		REQUIRE_OK(send_fds(ring[i][0], "r", 1, &ring[(i + 1) % 6][1], 1, 0));
	new_pair(SOCK_DGRAM, tail);
	REQUIRE_OK(send_fds(tail[0], "w", 1, &pp[1], 1, 0));
	REQUIRE_OK(send_fds(ring[3][0], "t", 1, &tail[1], 1, 0));
	close(pp[1]);
	for (int i = 0; i < 6; i++) {
		close(ring[i][0]);
		close(ring[i][1]);
	}
	close(tail[1]);
	close(tail[0]);
	expect_end();
}

TEST(cycles, what_can_be_reached_stays)
{
	int a[2], b[2], got[2], n, flags;
	char c;

	REQUIRE_OK(pipe(pp));
	new_pair(SOCK_DGRAM, a);
	new_pair(SOCK_DGRAM, b);
	/* b[1] holds itself, and a[1]'s queue holds b[1]. */
	REQUIRE_OK(send_fds(b[0], "s", 1, &b[1], 1, 0));
	REQUIRE_OK(send_fds(b[0], "w", 1, &pp[1], 1, 0));
	REQUIRE_OK(send_fds(a[0], "b", 1, &b[1], 1, 0));
	close(pp[1]);
	close(b[0]);
	close(b[1]);
	expect_open();
	SHOW(recv_fds(a[1], &c, 1, got, 2, &n, 0, &flags));
	note("%d", n);
	expect_open();
	int back = got[0];
	SHOW(recv_fds(back, &c, 1, got, 2, &n, 0, &flags));
	note("%c with %d", c, n);
	SHOW(recv_fds(back, &c, 1, got, 2, &n, 0, &flags));
	note("%c with %d", c, n);
	write_all(got[0], "x", 1);
	SHOW(read(pp[0], &c, 1));
}

TEST(cycles, a_listener_with_itself_in_the_queue_of_one_it_has_not_accepted)
{
	int l = listener(SOCK_STREAM, "@cycle", 2), c = new_socket(SOCK_STREAM);

	REQUIRE_OK(pipe(pp));
	REQUIRE_OK(connect_to(c, "@cycle"));
	REQUIRE_OK(send_fds(c, "l", 1, &l, 1, 0));
	REQUIRE_OK(send_fds(c, "w", 1, &pp[1], 1, 0));
	close(l);
	expect_open();
	close(c);
	expect_end();
}

TEST(cycles, many_at_once)
{
	REQUIRE_OK(pipe(pp));
	for (int i = 0; i < 200; i++) {
		int p[2];

		new_pair(i % 2 ? SOCK_DGRAM : SOCK_STREAM, p);
		REQUIRE_OK(send_fds(p[0], "a", 1, &p[1], 1, 0));
		REQUIRE_OK(send_fds(p[1], "b", 1, &p[0], 1, 0));
		REQUIRE_OK(send_fds(p[0], "w", 1, &pp[1], 1, 0));
		close(p[0]);
		close(p[1]);
	}
	expect_end();
}

TEST(cycles, collected_while_others_send_and_receive)
{
	pid_t pid[3];
	int shared[2];

	new_pair(SOCK_DGRAM, shared);
	for (int k = 0; k < 3; k++)
		CHILD(pid[k]) {
			for (int i = 0; i < 60; i++) {
				int p[2], got[4], n, flags;
				char c;

				new_pair(SOCK_DGRAM, p);
				if (k == 0) {
					REQUIRE_OK(send_fds(p[0], "a", 1, &p[1], 1, 0));
				} else if (k == 1) {
					REQUIRE_OK(send_fds(shared[0], "s", 1, p, 2, 0));
				} else {
					REQUIRE_OK(recv_fds(shared[1], &c, 1, got, 4, &n, 0, &flags));
					EXPECT_EQ(n, 2);
					EXPECT_EQ(write(got[0], "q", 1), 1);
					EXPECT_EQ(read(got[1], &c, 1), 1);
					close(got[0]);
					close(got[1]);
				}
				close(p[0]);
				close(p[1]);
			}
		}
	for (int k = 0; k < 3; k++)
		EXPECT_CHILD_OK(pid[k]);
}
