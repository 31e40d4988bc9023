/* SPDX-License-Identifier: MIT */
/* An epoll in an epoll: readiness passes through; loops and depth are refused. */
#include "harness.h"
#include <sys/epoll.h>

static int add(int ep, int fd, unsigned int events)
{
	struct epoll_event e = { .events = events };

	return epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
}

TEST(nested, readiness_passes_through)
{
	struct epoll_event e;
	int outer = epoll_create1(0), inner = epoll_create1(0), p[2];
	char byte;

	REQUIRE_OK(pipe(p));
	SHOW(add(inner, p[0], EPOLLIN));
	SHOW(add(outer, inner, EPOLLIN));
	SHOW(epoll_wait(outer, &e, 1, 0));
	write_all(p[1], "x", 1);
	SHOW(epoll_wait(outer, &e, 1, 0));
	note("%#x", e.events);
	SHOW(epoll_wait(inner, &e, 1, 0));
	EXPECT_EQ(read(p[0], &byte, 1), 1);
	SHOW(epoll_wait(outer, &e, 1, 0));
}

TEST(nested, a_waiter_on_the_outer_wakes)
{
	int outer = epoll_create1(0), inner = epoll_create1(0), p[2];
	pid_t pid;

	REQUIRE_OK(pipe(p));
	add(inner, p[0], EPOLLIN);
	add(outer, inner, EPOLLIN);
	CHILD(pid) {
		struct epoll_event e;

		SHOW(epoll_wait(outer, &e, 1, -1));
	}
	wait_state(pid, 'S');
	write_all(p[1], "x", 1);
	EXPECT_CHILD_OK(pid);
}

TEST(nested, loops_are_eloop)
{
	int a = epoll_create1(0), b = epoll_create1(0), c = epoll_create1(0);

	SHOW(add(a, b, EPOLLIN));
	SHOW(add(b, a, EPOLLIN));
	SHOW(add(b, c, EPOLLIN));
	SHOW(add(c, a, EPOLLIN));
	SHOW(add(a, a, EPOLLIN));
}

TEST(nested, depth_is_limited)
{
	int last = epoll_create1(0), depth = 0;

	for (int i = 0; i < 10; i++) {
		int next = epoll_create1(0);

		if (add(next, last, EPOLLIN) < 0) {
			note("depth %d: %s", depth, errno_name(errno));
			return;
		}
		last = next;
		depth++;
	}
	note("depth %d without an error", depth);
}
