/* SPDX-License-Identifier: MIT */
/* epoll: level-triggered readiness, maxevents, time-outs, fairness. */
#include "harness.h"
#include <sys/epoll.h>

static int add(int ep, int fd, unsigned int events, uint64_t data)
{
	struct epoll_event e = { .events = events, .data.u64 = data };

	return epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
}

static void show(int ep, const char *what)
{
	struct epoll_event e[8];
	int n = epoll_wait(ep, e, 8, 0);

	note("%s: %d", what, n);
	/* The order is not promised: print by data. */
	for (uint64_t d = 0; d < 16; d++)
		for (int i = 0; i < n; i++)
			if (e[i].data.u64 == d)
				note("  data %d events %#x", (int)d, e[i].events);
}

TEST(level, reports_until_it_is_read)
{
	int ep = REQUIRE_OK(epoll_create1(0)), p[2];
	char byte;

	REQUIRE_OK(pipe(p));
	SHOW(add(ep, p[0], EPOLLIN, 1));
	SHOW(add(ep, p[1], EPOLLOUT, 2));
	show(ep, "empty");
	write_all(p[1], "xy", 2);
	show(ep, "two bytes");
	show(ep, "again");
	EXPECT_EQ(read(p[0], &byte, 1), 1);
	show(ep, "one byte");
	EXPECT_EQ(read(p[0], &byte, 1), 1);
	show(ep, "empty");
	close(p[1]);
	show(ep, "writer gone");
}

TEST(level, hup_and_err_come_unasked)
{
	int ep = REQUIRE_OK(epoll_create1(0)), p[2], q[2];

	REQUIRE_OK(pipe(p));
	REQUIRE_OK(pipe(q));
	add(ep, p[0], 0, 1);
	add(ep, q[1], 0, 2);
	show(ep, "nothing");
	close(p[1]);
	close(q[0]);
	show(ep, "other ends closed");
}

TEST(level, modify_and_delete)
{
	int ep = REQUIRE_OK(epoll_create1(0)), p[2];
	struct epoll_event e = { .events = EPOLLIN, .data.u64 = 5 };

	REQUIRE_OK(pipe(p));
	write_all(p[1], "x", 1);
	add(ep, p[0], EPOLLOUT, 1);
	show(ep, "asking for OUT of a reader");
	SHOW(epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &e));
	show(ep, "modified to IN, data 5");
	SHOW(epoll_ctl(ep, EPOLL_CTL_DEL, p[0], NULL));
	show(ep, "deleted");
	SHOW(epoll_ctl(ep, EPOLL_CTL_DEL, p[0], NULL));
}

TEST(level, maxevents_takes_turns)
{
	int ep = REQUIRE_OK(epoll_create1(0)), p[6][2], seen[6] = { 0 };
	struct epoll_event e[2];

	for (int i = 0; i < 6; i++) {
		REQUIRE_OK(pipe(p[i]));
		write_all(p[i][1], "x", 1);
		add(ep, p[i][0], EPOLLIN, i);
	}
	for (int round = 0; round < 3; round++) {
		EXPECT_EQ(epoll_wait(ep, e, 2, 0), 2);
		seen[e[0].data.u64]++;
		seen[e[1].data.u64]++;
	}
	note("%d %d %d %d %d %d", seen[0], seen[1], seen[2], seen[3], seen[4], seen[5]);
}

TEST(level, time_outs)
{
	int ep = REQUIRE_OK(epoll_create1(0));
	struct epoll_event e;
	long long start = now_ms();

	SHOW(epoll_wait(ep, &e, 1, 0));
	SHOW(epoll_wait(ep, &e, 1, 40));
	SHOW(now_ms() - start >= 40);
}

TEST(level, a_waiter_wakes)
{
	int ep = REQUIRE_OK(epoll_create1(0)), p[2];
	pid_t pid;

	REQUIRE_OK(pipe(p));
	add(ep, p[0], EPOLLIN, 3);
	CHILD(pid) {
		struct epoll_event e;

		SHOW(epoll_wait(ep, &e, 1, -1));
		note("data %d events %#x", (int)e.data.u64, e.events);
	}
	wait_state(pid, 'S');
	write_all(p[1], "x", 1);
	EXPECT_CHILD_OK(pid);
}

TEST(level, an_addition_wakes_a_waiter)
{
	int ep = REQUIRE_OK(epoll_create1(0)), p[2];
	pid_t pid;

	REQUIRE_OK(pipe(p));
	write_all(p[1], "x", 1);
	CHILD(pid) {
		struct epoll_event e;

		SHOW(epoll_wait(ep, &e, 1, -1));
	}
	wait_state(pid, 'S');
	EXPECT_OK(add(ep, p[0], EPOLLIN, 3));
	EXPECT_CHILD_OK(pid);
}
