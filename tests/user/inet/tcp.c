/* SPDX-License-Identifier: MIT */
/* TCP on loopback: connecting, data, ends, and what poll says in each state. Ports are never printed. */
#include "inet.h"

TEST(inet, a_closed_port_refuses)
{
	struct sockaddr_in a;
	int l, s = socket(AF_INET, SOCK_STREAM, 0);

	lo_up();
	l = bound(SOCK_STREAM, "127.0.0.1");	/* bound, not listening */
	a = in_addr("127.0.0.1", port_of(l));
	EXPECT_ERRNO(connect(s, (void *)&a, sizeof(a)), ECONNREFUSED);
	EXPECT_EQ(so_error(s), 0);
	EXPECT_ERRNO(connect(s, (void *)&a, sizeof(a)), ECONNREFUSED);
}

TEST(inet, a_refused_non_blocking_connect)
{
	struct sockaddr_in a;
	int l, s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), e;

	lo_up();
	l = bound(SOCK_STREAM, "127.0.0.1");
	a = in_addr("127.0.0.1", port_of(l));
	EXPECT_ERRNO(connect(s, (void *)&a, sizeof(a)), EINPROGRESS);
	e = events_of(s, POLLOUT);
	note("poll: %s", poll_text(e));
	EXPECT_EQ(so_error(s), ECONNREFUSED);
	EXPECT_EQ(so_error(s), 0);
}

TEST(inet, a_non_blocking_connect_that_succeeds)
{
	struct sockaddr_in a;
	int l, s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	lo_up();
	l = listener("127.0.0.1", 4);
	a = in_addr("127.0.0.1", port_of(l));
	EXPECT_ERRNO(connect(s, (void *)&a, sizeof(a)), EINPROGRESS);
	note("poll: %s", poll_text(events_of(s, POLLOUT)));
	EXPECT_EQ(so_error(s), 0);
	EXPECT_OK(connect(s, (void *)&a, sizeof(a)));
	EXPECT_ERRNO(connect(s, (void *)&a, sizeof(a)), EISCONN);
}

TEST(inet, accept_gives_the_peers_name)
{
	struct sockaddr_in a;
	socklen_t n = sizeof(a);
	int l, c, s;

	lo_up();
	l = listener("127.0.0.1", 4);
	EXPECT_OK(fcntl(l, F_SETFL, O_NONBLOCK));
	EXPECT_ERRNO(accept(l, NULL, NULL), EAGAIN);
	c = connected_to(l);
	note("listener: %s", poll_text(events_of(l, POLLIN)));
	s = accept4(l, (void *)&a, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
	EXPECT_GE(s, 0);
	EXPECT_EQ(ntohs(a.sin_port), port_of(c));
	EXPECT_TRUE(fcntl(s, F_GETFL) & O_NONBLOCK);
	EXPECT_EQ(fcntl(s, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(port_of(s), port_of(l));
	n = sizeof(a);
	EXPECT_OK(getpeername(c, (void *)&a, &n));
	EXPECT_EQ(ntohs(a.sin_port), port_of(l));
}

TEST(inet, data_goes_both_ways)
{
	char buf[32] = "";
	int c[2];

	lo_up();
	tcp_pair(c);
	EXPECT_EQ(write(c[0], "to there", 8), 8);
	EXPECT_EQ(recv(c[1], buf, sizeof(buf), 0), 8);
	EXPECT_EQ(write(c[1], "and back", 8), 8);
	EXPECT_EQ(recv(c[0], buf, 3, MSG_PEEK), 3);
	EXPECT_EQ(recv(c[0], buf, 8, MSG_WAITALL), 8);
	EXPECT_STR(buf, "and back");
	EXPECT_ERRNO(recv(c[0], buf, 1, MSG_DONTWAIT), EAGAIN);
}

TEST(inet, end_of_stream_after_what_is_buffered)
{
	char buf[8];
	int c[2];

	lo_up();
	tcp_pair(c);
	EXPECT_EQ(write(c[0], "abc", 3), 3);
	EXPECT_OK(shutdown(c[0], SHUT_WR));
	note("peer: %s", poll_text(events_of(c[1], POLLRDHUP)));
	EXPECT_EQ(read(c[1], buf, 2), 2);
	EXPECT_EQ(read(c[1], buf, 2), 1);
	EXPECT_EQ(read(c[1], buf, 2), 0);
	EXPECT_EQ(read(c[1], buf, 2), 0);
	note("still: %s", poll_text(events_of(c[1], POLLIN | POLLRDHUP | POLLOUT)));
	EXPECT_EQ(write(c[1], "half open", 9), 9);
	EXPECT_EQ(recv(c[0], buf, 4, 0), 4);
	EXPECT_ERRNO(send(c[0], "x", 1, MSG_NOSIGNAL), EPIPE);
	EXPECT_OK(shutdown(c[1], SHUT_WR));
	note("both ended: %s", poll_text(events_of(c[1], POLLHUP) & (POLLIN | POLLHUP)));
}

TEST(inet, writing_after_shutdown_raises_sigpipe)
{
	int c[2], st;
	pid_t p;

	lo_up();
	tcp_pair(c);
	EXPECT_OK(shutdown(c[0], SHUT_WR));
	p = fork();
	if (!p) {
		write(c[0], "x", 1);
		_exit(1);
	}
	waitpid(p, &st, 0);
	note("%s", status_name(st));
}

TEST(inet, unread_data_resets_the_peer)
{
	char buf[8];
	int c[2], e;

	lo_up();
	tcp_pair(c);
	EXPECT_EQ(write(c[0], "lost", 4), 4);
	EXPECT_EQ(events_of(c[1], POLLIN) & POLLIN, POLLIN);
	close(c[1]);
	e = events_of(c[0], POLLERR);
	note("poll: %s", poll_text(e & (POLLERR | POLLHUP)));
	EXPECT_ERRNO(read(c[0], buf, 1), ECONNRESET);
	EXPECT_EQ(read(c[0], buf, 1), 0);
	EXPECT_ERRNO(send(c[0], "x", 1, MSG_NOSIGNAL), EPIPE);
}

TEST(inet, a_linger_time_of_zero_resets)
{
	struct linger l = { 1, 0 };
	char buf[8];
	int c[2];

	lo_up();
	tcp_pair(c);
	EXPECT_OK(setsockopt(c[1], SOL_SOCKET, SO_LINGER, &l, sizeof(l)));
	close(c[1]);
	EXPECT_ERRNO(read(c[0], buf, 1), ECONNRESET);
}

TEST(inet, a_full_buffer_stops_a_writer_until_it_is_read)
{
	static char buf[65536];
	long out = 0, in = 0;
	int c[2], st;
	pid_t p;

	lo_up();
	tcp_pair(c);
	fcntl(c[0], F_SETFL, O_NONBLOCK);
	for (;;) {
		ssize_t n = write(c[0], buf, sizeof(buf));

		if (n < 0)
			break;
		out += n;
	}
	EXPECT_EQ(errno, EAGAIN);
	EXPECT_TRUE(out > 0);
	p = fork();
	if (!p) {
		fcntl(c[0], F_SETFL, 0);
		_exit(write(c[0], buf, sizeof(buf)) == sizeof(buf) ? 0 : 1);
	}
	close(c[0]);
	for (;;) {
		ssize_t n = read(c[1], buf, sizeof(buf));

		if (n <= 0)
			break;
		in += n;
	}
	waitpid(p, &st, 0);
	note("writer: %s", status_name(st));
	EXPECT_EQ(in - out, (long)sizeof(buf));
}

TEST(inet, many_bytes_arrive_as_sent)
{
	static unsigned char buf[100000];
	unsigned long at = 0;
	int c[2], st;
	pid_t p;

	lo_up();
	tcp_pair(c);
	p = fork();
	if (!p) {
		for (int i = 0; i < 40; i++) {
			for (unsigned k = 0; k < sizeof(buf); k++)
				buf[k] = (unsigned char)((at + k) * 31 >> 3);
			if (write(c[0], buf, sizeof(buf)) != sizeof(buf))
				_exit(1);
			at += sizeof(buf);
		}
		_exit(0);
	}
	close(c[0]);
	for (;;) {
		ssize_t n = read(c[1], buf, 77777);

		if (n <= 0)
			break;
		for (ssize_t k = 0; k < n; k++)
			if (buf[k] != (unsigned char)((at + k) * 31 >> 3)) {
				fail("byte %lu differs", at + k);
				return;
			}
		at += n;
	}
	waitpid(p, &st, 0);
	note("writer: %s, %lu bytes", status_name(st), at);
}

TEST(inet, binding_and_listening_errors)
{
	struct sockaddr_in a;
	int l, s = socket(AF_INET, SOCK_STREAM, 0), on = 1;

	lo_up();
	l = listener("127.0.0.1", 4);
	a = in_addr("127.0.0.1", port_of(l));
	EXPECT_ERRNO(bind(s, (void *)&a, sizeof(a)), EADDRINUSE);
	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(l, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	EXPECT_ERRNO(bind(s, (void *)&a, sizeof(a)), EADDRINUSE);
	EXPECT_ERRNO(accept(s, NULL, NULL), EINVAL);
	EXPECT_ERRNO(recv(s, &a, 1, 0), ENOTCONN);
	EXPECT_ERRNO(send(s, &a, 1, MSG_NOSIGNAL), EPIPE);
	EXPECT_ERRNO(shutdown(s, SHUT_RDWR), ENOTCONN);
	EXPECT_ERRNO(connect(l, (void *)&a, sizeof(a)), EISCONN);
	EXPECT_OK(listen(s, 1));	/* a port of its own */
	EXPECT_TRUE(port_of(s) > 0);
}

TEST(inet, a_fresh_socket_polls_as_hung_up)
{
	int s = socket(AF_INET, SOCK_STREAM, 0);

	note("%s", poll_text(events_of(s, POLLIN | POLLOUT | POLLRDHUP)));
}

TEST(inet, more_than_eight_wait_to_be_accepted)
{
	int l, c[20], n = 0;

	lo_up();
	l = listener("127.0.0.1", 20);
	for (int i = 0; i < 20; i++)
		c[i] = connected_to(l);
	fcntl(l, F_SETFL, O_NONBLOCK);
	while (n < 20 && events_of(l, POLLIN) && accept(l, NULL, NULL) >= 0)
		n++;
	EXPECT_EQ(n, 20);
	EXPECT_GE(c[19], 0);
}

TEST(inet, closing_a_listener_resets_those_who_wait)
{
	char buf[1];
	int l, c;

	lo_up();
	l = listener("127.0.0.1", 4);
	c = connected_to(l);
	close(l);
	EXPECT_ERRNO(read(c, buf, 1), ECONNRESET);
}
