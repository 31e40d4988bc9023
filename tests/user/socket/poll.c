/* SPDX-License-Identifier: MIT */
/* poll(2) and epoll(7) on Unix sockets: states, and one event for each piece of news. */
#include "../harness.h"
#include "common.h"

TEST(poll, states_without_a_connection)
{
	int l = listener(SOCK_STREAM, "@pollstates", 2);

	NOTE_POLL(new_socket(SOCK_STREAM), "new stream");
	NOTE_POLL(new_socket(SOCK_DGRAM), "new dgram");
	NOTE_POLL(new_socket(SOCK_SEQPACKET), "new seqpacket");
	NOTE_POLL(l, "listener");
	int c = new_socket(SOCK_STREAM);
	REQUIRE_OK(connect_to(c, "@pollstates"));
	NOTE_POLL(l, "listener with one to accept");
	NOTE_POLL(c, "connecter");
	accept(l, NULL, NULL);
	NOTE_POLL(l, "listener");
	l = listener(SOCK_SEQPACKET, "@pollstates", 2);
	NOTE_POLL(l, "seqpacket listener");
}

TEST(poll, states_of_a_pair)
{
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET };

	for (int i = 0; i < 3; i++) {
		int p[2];

		new_pair(types[i], p);
		NOTE_POLL(p[0], "quiet");
		write_all(p[1], "x", 1);
		NOTE_POLL(p[0], "data");
		shutdown(p[1], SHUT_WR);
		NOTE_POLL(p[0], "data and end");
		char c;
		EXPECT_EQ(read(p[0], &c, 1), 1);
		NOTE_POLL(p[0], "end");
		NOTE_POLL(p[1], "shut for writing");
		close(p[1]);
		NOTE_POLL(p[0], "closed");
	}
}

TEST(poll, writable_again_when_three_quarters_are_free)
{
	static char chunk[4096];
	int p[2], n = 0, reads = 0;

	new_pair(SOCK_STREAM, p);
	while (send(p[0], chunk, sizeof(chunk), MSG_DONTWAIT) == (ssize_t)sizeof(chunk))
		n++;
	note("%d writes of 4096, then %s", n, errno_name(errno));
	NOTE_POLL(p[0], "full");
	while (!(poll_now(p[0]) & POLLOUT)) {
		EXPECT_EQ(read(p[1], chunk, sizeof(chunk)), (ssize_t)sizeof(chunk));
		reads++;
	}
	note("writable after %d reads", reads);
}

static int events(int ep, uint32_t *mask)
{
	struct epoll_event ev = { 0 };
	int n = epoll_wait(ep, &ev, 1, 0);

	*mask = ev.events;
	return n;
}
#define EVENTS(what) do { uint32_t m = 0; int n = events(ep, &m); note("%s: %d %#x", what, n, n > 0 ? m : 0); } while (0)

TEST(poll, edges_of_a_reader)
{
	int p[2], ep = epoll_create1(0);
	struct epoll_event ev = { EPOLLIN | EPOLLRDHUP | EPOLLET, { 0 } };
	char buf[8];

	new_pair(SOCK_STREAM, p);
	REQUIRE_OK(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &ev));
	EVENTS("quiet");
	write_all(p[1], "a", 1);
	EVENTS("a byte");
	EVENTS("the same byte");
	write_all(p[1], "b", 1);
	EVENTS("another");
	EXPECT_EQ(read(p[0], buf, 1), 1);
	EVENTS("one read");
	write_all(p[0], "own", 3);
	EVENTS("own write");
	EXPECT_EQ(read(p[1], buf, 8), 3);
	EVENTS("the peer read it");
	shutdown(p[1], SHUT_WR);
	EVENTS("end");
	EVENTS("the same end");
	close(p[1]);
	EVENTS("closed");
}

TEST(poll, edges_of_both_directions)
{
	int p[2], ep = epoll_create1(0);
	struct epoll_event ev = { EPOLLIN | EPOLLOUT | EPOLLET, { 0 } };
	char buf[8];

	new_pair(SOCK_STREAM, p);
	REQUIRE_OK(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &ev));
	EVENTS("first");
	EVENTS("nothing new");
	write_all(p[0], "own", 3);
	EVENTS("own write");
	EXPECT_EQ(read(p[1], buf, 8), 3);
	EVENTS("the peer read it");
	write_all(p[1], "x", 1);
	EVENTS("a byte");
	EXPECT_EQ(read(p[0], buf, 8), 1);
	EVENTS("read");
}

TEST(poll, edges_of_a_listener)
{
	int l = listener(SOCK_STREAM, "@edges", 5), ep = epoll_create1(0);
	struct epoll_event ev = { EPOLLIN | EPOLLET, { 0 } };

	REQUIRE_OK(epoll_ctl(ep, EPOLL_CTL_ADD, l, &ev));
	EVENTS("quiet");
	REQUIRE_OK(connect_to(new_socket(SOCK_STREAM), "@edges"));
	EVENTS("one");
	REQUIRE_OK(connect_to(new_socket(SOCK_STREAM), "@edges"));
	EVENTS("two");
	REQUIRE_OK(accept(l, NULL, NULL));
	EVENTS("accepted one");
}

TEST(poll, a_sleeping_poller_wakes_for_what_it_asked)
{
	int p[2];
	pid_t pid;

	new_pair(SOCK_STREAM, p);
	for (int i = 0; i < 3; i++) {
		CHILD(pid) {
			struct pollfd f = { p[0], i == 1 ? POLLRDHUP : i == 2 ? 0 : POLLIN, 0 };
			int n;

			if (i == 2)
				close(p[1]);
			n = poll(&f, 1, 10000);
			note("%d %#x", n, f.revents);
		}
		wait_state(pid, 'S');
		if (i == 0)
			write_all(p[1], "x", 1);
		else if (i == 1)
			shutdown(p[1], SHUT_WR);
		else
			close(p[1]);
		EXPECT_CHILD_OK(pid);
	}
}
