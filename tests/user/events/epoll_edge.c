/* SPDX-License-Identifier: MIT */
/* epoll: EPOLLET, EPOLLONESHOT, EPOLLEXCLUSIVE. */
#include "harness.h"
#include <sys/epoll.h>

static int add(int ep, int fd, unsigned int events)
{
	struct epoll_event e = { .events = events };

	return epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
}

static int rearm(int ep, int fd, unsigned int events)
{
	struct epoll_event e = { .events = events };

	return epoll_ctl(ep, EPOLL_CTL_MOD, fd, &e);
}

static void show(int ep, const char *what)
{
	struct epoll_event e;
	int n = epoll_wait(ep, &e, 1, 0);

	if (n == 1)
		note("%s: events %#x", what, e.events);
	else
		note("%s: %d", what, n);
}

TEST(edge, reports_each_arrival_once)
{
	int ep = REQUIRE_OK(epoll_create1(0)), p[2];
	char byte;

	REQUIRE_OK(pipe2(p, O_NONBLOCK));
	SHOW(add(ep, p[0], EPOLLIN | EPOLLET));
	show(ep, "empty");
	write_all(p[1], "x", 1);
	show(ep, "written");
	show(ep, "again");
	write_all(p[1], "y", 1);
	show(ep, "written more without reading");
	EXPECT_EQ(read(p[0], &byte, 1), 1);
	show(ep, "read one of two");
	EXPECT_EQ(read(p[0], &byte, 1), 1);
	write_all(p[1], "z", 1);
	show(ep, "drained and written");
	close(p[1]);
	show(ep, "closed");
	show(ep, "again");
}

TEST(edge, what_is_ready_at_the_addition_is_reported)
{
	int ep = REQUIRE_OK(epoll_create1(0)), p[2];

	REQUIRE_OK(pipe(p));
	write_all(p[1], "x", 1);
	add(ep, p[0], EPOLLIN | EPOLLET);
	show(ep, "added with data");
	show(ep, "again");
	SHOW(rearm(ep, p[0], EPOLLIN | EPOLLET));
	show(ep, "modified");
	show(ep, "again");
}

TEST(edge, output_side)
{
	static char block[65536];
	int ep = REQUIRE_OK(epoll_create1(0)), p[2];

	REQUIRE_OK(pipe2(p, O_NONBLOCK));
	add(ep, p[1], EPOLLOUT | EPOLLET);
	show(ep, "empty");
	show(ep, "again");
	write_all(p[1], block, 65536);
	show(ep, "full");
	EXPECT_EQ(read(p[0], block, 65536), 65536);
	show(ep, "drained");
	show(ep, "again");
}

TEST(oneshot, is_disabled_after_one_report)
{
	int ep = REQUIRE_OK(epoll_create1(0)), p[2];

	REQUIRE_OK(pipe(p));
	SHOW(add(ep, p[0], EPOLLIN | EPOLLONESHOT));
	write_all(p[1], "x", 1);
	show(ep, "written");
	show(ep, "again");
	write_all(p[1], "y", 1);
	show(ep, "written more");
	close(p[1]);
	show(ep, "writer gone");
	SHOW(rearm(ep, p[0], EPOLLIN | EPOLLONESHOT));
	show(ep, "rearmed");
	show(ep, "again");
	SHOW(add(ep, p[0], EPOLLIN));
}

TEST(exclusive, flags_it_goes_with)
{
	int ep = REQUIRE_OK(epoll_create1(0)), p[2];

	REQUIRE_OK(pipe(p));
	SHOW(add(ep, p[0], EPOLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT));
	SHOW(add(ep, p[0], EPOLLIN | EPOLLEXCLUSIVE | EPOLLET));
	SHOW(rearm(ep, p[0], EPOLLIN));
	SHOW(rearm(ep, p[0], EPOLLIN | EPOLLEXCLUSIVE));
	SHOW(epoll_ctl(ep, EPOLL_CTL_DEL, p[0], NULL));
	SHOW(add(ep, p[0], EPOLLIN | EPOLLEXCLUSIVE | EPOLLWAKEUP));
	SHOW(add(ep, p[1], EPOLLRDHUP | EPOLLEXCLUSIVE));
	SHOW(add(ep, epoll_create1(0), EPOLLIN | EPOLLEXCLUSIVE));
}

TEST(exclusive, an_event_wakes_at_least_one)
{
	int p[2], count[2];
	pid_t pids[2];
	char byte = 0;

	REQUIRE_OK(pipe2(p, O_NONBLOCK));
	REQUIRE_OK(pipe(count));
	for (int i = 0; i < 2; i++) {
		CHILD(pids[i]) {
			int ep = epoll_create1(0);
			struct epoll_event e;

			EXPECT_OK(add(ep, p[0], EPOLLIN | EPOLLEXCLUSIVE));
			EXPECT_EQ(epoll_wait(ep, &e, 1, -1), 1);
			write_all(count[1], "x", 1);
		}
		wait_state(pids[i], 'S');
	}
	write_all(p[1], "x", 1);
	EXPECT_EQ(read(count[0], &byte, 1), 1);
	/* The byte is still there: whoever was not woken is by the next write. */
	write_all(p[1], "y", 1);
	EXPECT_CHILD_OK(pids[0]);
	EXPECT_CHILD_OK(pids[1]);
}
