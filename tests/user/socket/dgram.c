/* SPDX-License-Identifier: MIT */
/* Datagram sockets: whole messages, names of senders, full queues, lost peers. */
#include "../harness.h"
#include "common.h"

static void receive(int fd, size_t room, int flags)
{
	struct sockaddr_un a = { 0 };
	socklen_t len = sizeof(a);
	char buf[64] = "";
	ssize_t n = recvfrom(fd, buf, room, flags, (struct sockaddr *)&a, &len);

	if (n < 0)
		note("receive: %s", errno_name(errno));
	else
		note("%zd '%s' from %s", n, buf, addr_text(&a, len));
}

TEST(dgram, messages_keep_their_ends)
{
	int p[2];
	char buf[8] = "";
	struct iovec iov = { buf, 3 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };

	new_pair(SOCK_DGRAM, p);
	SHOW(send(p[0], "abcdef", 6, 0));
	SHOW(send(p[0], "", 0, 0));
	SHOW(write(p[0], "", 0));
	SHOW(send(p[0], "ghijkl", 6, 0));
	SHOW(send(p[0], "mnopqr", 6, 0));
	receive(p[1], 64, MSG_PEEK);
	receive(p[1], 3, 0);
	receive(p[1], 64, 0);
	receive(p[1], 64, 0);
	receive(p[1], 2, MSG_TRUNC);
	SHOW(recvmsg(p[1], &m, 0));
	note("flags %#x '%.3s' namelen %d", m.msg_flags, buf, (int)m.msg_namelen);
	receive(p[1], 64, MSG_DONTWAIT);
	SHOW(recv(p[1], buf, 8, MSG_OOB));
	SHOW(send(p[1], buf, 1, MSG_OOB));
}

TEST(dgram, senders_have_names)
{
	int r = new_socket(SOCK_DGRAM), a = new_socket(SOCK_DGRAM), b = new_socket(SOCK_DGRAM);

	REQUIRE_OK(bind_to(r, "receiver"));
	REQUIRE_OK(bind_to(a, "@sender-a"));
	SHOW(send_to(a, "one", 3, 0, "receiver"));
	SHOW(send_to(b, "two", 3, 0, "receiver"));
	receive(r, 64, 0);
	receive(r, 64, 0);
	SHOW(send(a, "x", 1, 0));
	SHOW(send_to(a, "x", 1, 0, "nowhere"));
	SHOW(send_to(a, "x", 1, 0, "@nowhere"));
	SHOW(connect_to(a, "receiver"));
	SHOW(send(a, "three", 5, 0));
	SHOW(send_to(a, "four", 4, 0, "receiver"));
	receive(r, 64, 0);
	receive(r, 64, 0);
	/* The name is looked at when the message is read. */
	SHOW(send_to(b, "five", 4, 0, "receiver"));
	REQUIRE_OK(bind_to(b, "@late"));
	receive(r, 64, 0);
	SHOW(send_to(b, "six", 3, 0, "receiver"));
	close(b);
	receive(r, 64, 0);
}

TEST(dgram, a_connected_one_hears_its_peer_only)
{
	int a = new_socket(SOCK_DGRAM), b = new_socket(SOCK_DGRAM), c = new_socket(SOCK_DGRAM);

	REQUIRE_OK(bind_to(a, "@a"));
	REQUIRE_OK(bind_to(b, "@b"));
	REQUIRE_OK(connect_to(a, "@b"));
	SHOW(send_to(c, "x", 1, 0, "@a"));
	SHOW(connect_to(c, "@a"));
	SHOW(send_to(b, "from b", 6, 0, "@a"));
	receive(a, 64, 0);
	struct sockaddr un = { .sa_family = AF_UNSPEC };
	SHOW(connect(a, &un, sizeof(un)));
	SHOW(send(a, "x", 1, 0));
	SHOW(send_to(c, "now", 3, 0, "@a"));
	receive(a, 64, 0);
	SHOW(connect(a, &un, 1));
	SHOW(connect(a, &un, 2));
}

TEST(dgram, the_peer_is_gone)
{
	int p[2], a = new_socket(SOCK_DGRAM), b = new_socket(SOCK_DGRAM);

	new_pair(SOCK_DGRAM, p);
	SHOW(send(p[1], "left", 4, 0));
	close(p[1]);
	NOTE_POLL(p[0], "poll");
	SHOW(send(p[0], "x", 1, 0));
	SHOW(send(p[0], "x", 1, 0));
	receive(p[0], 64, MSG_DONTWAIT);
	receive(p[0], 64, MSG_DONTWAIT);
	REQUIRE_OK(bind_to(b, "@gone"));
	REQUIRE_OK(connect_to(a, "@gone"));
	close(b);
	b = new_socket(SOCK_DGRAM);
	REQUIRE_OK(bind_to(b, "@gone"));
	/* The name leads to another socket now; the connection does not. */
	SHOW(send(a, "x", 1, 0));
	SHOW(send(a, "x", 1, 0));
	SHOW(connect_to(a, "@gone"));
	SHOW(send(a, "x", 1, 0));
}

TEST(dgram, a_peer_that_turns_away)
{
	int a = new_socket(SOCK_DGRAM), b = new_socket(SOCK_DGRAM), c = new_socket(SOCK_DGRAM);

	REQUIRE_OK(bind_to(a, "@ta"));
	REQUIRE_OK(bind_to(b, "@tb"));
	REQUIRE_OK(bind_to(c, "@tc"));
	REQUIRE_OK(connect_to(a, "@tb"));
	REQUIRE_OK(connect_to(b, "@ta"));
	SHOW(send(a, "lost", 4, 0));
	SHOW(connect_to(b, "@tc"));
	note("error %s", errno_name(opt_int(a, SO_ERROR)));
	receive(b, 64, MSG_DONTWAIT);
	SHOW(send(a, "x", 1, 0));
}

TEST(dgram, sizes)
{
	static char big[300000];
	int p[2], buf = opt_int(0, SO_SNDBUF);

	new_pair(SOCK_DGRAM, p);
	buf = opt_int(p[0], SO_SNDBUF);
	SHOW(send(p[0], big, buf - 32, 0));
	SHOW(send(p[0], big, buf - 31, MSG_DONTWAIT));
	SHOW(recv(p[1], big, sizeof(big), 0));
	for (int i = 0; i < 100000; i++)
		big[i] = i * 13 + i / 4096;
	SHOW(send(p[0], big, 100000, 0));
	memset(big + 100000, 1, 100000);
	SHOW(recv(p[1], big + 100000, 100000, 0));
	note("same %d", !memcmp(big, big + 100000, 100000));
	SHOW(set_int(p[0], SO_SNDBUF, 1000));
	note("%d", opt_int(p[0], SO_SNDBUF));
	SHOW(send(p[0], big, 4576, 0));
	SHOW(send(p[0], big, 4577, 0));
	SHOW(send(p[0], big, 1, MSG_DONTWAIT));
	SHOW(recv(p[1], big, sizeof(big), 0));
	SHOW(send(p[0], big, 1, MSG_DONTWAIT));
}

TEST(dgram, a_full_queue)
{
	int r = new_socket(SOCK_DGRAM), s = new_socket(SOCK_DGRAM), n = 0, p[2];
	char buf[8];
	pid_t pid;

	REQUIRE_OK(bind_to(r, "@queue"));
	while (send_to(s, "q", 1, MSG_DONTWAIT, "@queue") == 1)
		n++;
	note("holds %d, then %s", n, errno_name(errno));
	SHOW(send_to(s, "q", 1, MSG_DONTWAIT, "@queue"));
	CHILD(pid) {
		REQUIRE_OK(send_to(s, "w", 1, 0, "@queue"));
	}
	wait_state(pid, 'S');
	SHOW(recv(r, buf, 8, 0));
	EXPECT_CHILD_OK(pid);
	SHOW(send_to(s, "q", 1, MSG_DONTWAIT, "@queue"));
	struct timeval tv = { 0, 20000 };
	REQUIRE_OK(setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)));
	SHOW(send_to(s, "q", 1, 0, "@queue"));
	/* Two that are each other's peers have no such limit. */
	new_pair(SOCK_DGRAM, p);
	for (n = 0; n < 100 && send(p[0], "p", 1, MSG_DONTWAIT) == 1;)
		n++;
	note("pair took %d", n);
	/* A sleeping sender learns that the receiver has gone. */
	int other = new_socket(SOCK_DGRAM);
	REQUIRE_OK(connect_to(other, "@queue"));
	CHILD(pid) {
		close(r);
		SHOW(send(other, "w", 1, 0));
	}
	wait_state(pid, 'S');
	close(r);
	EXPECT_CHILD_OK(pid);
}

TEST(dgram, poll_knows_of_the_full_peer)
{
	int r = new_socket(SOCK_DGRAM), s = new_socket(SOCK_DGRAM), ep = epoll_create1(0);
	struct epoll_event ev = { EPOLLOUT | EPOLLET, { 0 } };
	struct pollfd p = { s, POLLOUT, 0 };
	char buf[8];
	pid_t pid;

	REQUIRE_OK(bind_to(r, "@pollfull"));
	REQUIRE_OK(connect_to(s, "@pollfull"));
	REQUIRE_OK(epoll_ctl(ep, EPOLL_CTL_ADD, s, &ev));
	note("first %d", epoll_wait(ep, &ev, 1, 0));
	while (send(s, "q", 1, MSG_DONTWAIT) == 1)
		;
	note("full %s", errno_name(errno));
	NOTE_POLL(s, "sender");
	note("epoll %d", epoll_wait(ep, &ev, 1, 0));
	SHOW(recv(r, buf, 8, 0));
	NOTE_POLL(s, "sender");
	note("epoll %d", epoll_wait(ep, &ev, 1, 1000));
	SHOW(send(s, "q", 1, MSG_DONTWAIT));
	SHOW(send(s, "q", 1, MSG_DONTWAIT));
	CHILD(pid) {
		SHOW(poll(&p, 1, 10000));
		note("%#x", p.revents);
	}
	wait_state(pid, 'S');
	REQUIRE_OK(recv(r, buf, 8, 0));
	EXPECT_CHILD_OK(pid);
}

TEST(dgram, shutdown_of_datagrams)
{
	int p[2];
	char buf[8];

	new_pair(SOCK_DGRAM, p);
	SHOW(send(p[0], "a", 1, 0));
	SHOW(shutdown(p[0], SHUT_WR));
	SHOW(send(p[0], "b", 1, 0));
	NOTE_POLL(p[0], "shut for writing");
	NOTE_POLL(p[1], "its peer");
	SHOW(recv(p[1], buf, 8, 0));
	SHOW(recv(p[1], buf, 8, MSG_DONTWAIT));
	SHOW(shutdown(p[1], SHUT_RD));
	SHOW(recv(p[1], buf, 8, 0));
	SHOW(recv(p[1], buf, 8, MSG_DONTWAIT));
	NOTE_POLL(p[1], "shut for reading");
	new_pair(SOCK_DGRAM, p);
	SHOW(shutdown(p[1], SHUT_RD));
	SHOW(send(p[0], "c", 1, 0));
	SHOW(shutdown(p[1], SHUT_WR));
	NOTE_POLL(p[1], "shut for both");
	SHOW(listen(p[0], 1));
	SHOW(accept(p[0], NULL, NULL));
}

TEST(dgram, time_stamps)
{
	char buf[8], control[256];
	struct iovec iov = { buf, 8 };
	int p[2];

	new_pair(SOCK_DGRAM, p);
	for (int i = 0; i < 4; i++) {
		static const int opts[] = { SO_TIMESTAMP_OLD, SO_TIMESTAMPNS_OLD, SO_TIMESTAMP_NEW, SO_TIMESTAMPNS_NEW };
		struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
		struct timespec now, ts;

		REQUIRE_OK(set_int(p[1], opts[i], 1));
		for (int k = 0; k < 4; k++)
			note("option %d is %d", k, opt_int(p[1], opts[k]));
		write_all(p[0], "t", 1);
		SHOW(recvmsg(p[1], &m, 0));
		clock_gettime(CLOCK_REALTIME, &now);
		for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
			memcpy(&ts, CMSG_DATA(c), sizeof(ts));
			note("level %d type %d len %d near %d", c->cmsg_level, c->cmsg_type, (int)c->cmsg_len, now.tv_sec - ts.tv_sec < 30);
		}
	}
	SHOW(set_int(p[1], SO_TIMESTAMP_OLD, 0));
	note("%d %d", opt_int(p[1], SO_TIMESTAMP_OLD), opt_int(p[1], SO_TIMESTAMPNS_NEW));
}
