/* SPDX-License-Identifier: MIT */
/* select(2), pselect6(2): sets, time-outs, masks, errors. */
#include "harness.h"
#include <sys/select.h>

TEST(select, sets_are_cut_to_what_is_ready)
{
	struct timeval zero = { 0, 0 };
	fd_set r, w, e;
	int p[2];

	REQUIRE_OK(pipe(p));
	FD_ZERO(&r);
	FD_ZERO(&w);
	FD_ZERO(&e);
	FD_SET(p[0], &r);
	FD_SET(p[1], &w);
	FD_SET(p[0], &e);
	SHOW(select(p[1] + 1, &r, &w, &e, &zero));
	note("r %d w %d e %d", FD_ISSET(p[0], &r) != 0, FD_ISSET(p[1], &w) != 0, FD_ISSET(p[0], &e) != 0);
	write_all(p[1], "x", 1);
	FD_SET(p[0], &r);
	SHOW(select(p[1] + 1, &r, NULL, NULL, NULL));
	SHOW(select(p[1] + 1, &r, &w, NULL, NULL));
	close(p[1]);
	FD_ZERO(&r);
	FD_ZERO(&e);
	FD_SET(p[0], &r);
	FD_SET(p[0], &e);
	SHOW(select(p[0] + 1, &r, NULL, &e, NULL));
	/* nfds is the highest number plus one: beyond it nothing is looked at. */
	FD_SET(p[0], &r);
	SHOW(select(p[0], &r, NULL, NULL, &zero));
}

TEST(select, a_writer_without_reader_is_writable_and_exceptional_is_not)
{
	fd_set w, r;
	int p[2];

	REQUIRE_OK(pipe(p));
	close(p[0]);
	FD_ZERO(&w);
	FD_ZERO(&r);
	FD_SET(p[1], &w);
	FD_SET(p[1], &r);
	SHOW(select(p[1] + 1, &r, &w, NULL, NULL));
	note("r %d w %d", FD_ISSET(p[1], &r) != 0, FD_ISSET(p[1], &w) != 0);
}

TEST(select, errors)
{
	struct timeval bad = { 0, -1 }, zero = { 0, 0 }, negative = { -1, 0 };
	struct timespec nano = { 0, 1000000000 };
	fd_set r;

	FD_ZERO(&r);
	SHOW(select(-1, NULL, NULL, NULL, &zero));
	FD_SET(500, &r);
	SHOW(select(501, &r, NULL, NULL, &zero));
	SHOW(select(500, &r, NULL, NULL, &zero));
	SHOW(syscall(SYS_pselect6, 0, NULL, NULL, NULL, &nano, NULL));
	SHOW(select(0, NULL, NULL, NULL, &negative));
	(void)bad;
	SHOW(syscall(SYS_pselect6, 10, (void *)8, NULL, NULL, NULL, NULL));
	SHOW(syscall(SYS_pselect6, 0, NULL, NULL, NULL, (void *)8, NULL));
}

TEST(select, the_time_left_is_written_back)
{
	struct timespec wait = { 100, 0 };
	struct timeval left = { 0, 30000 };
	long long start = now_ms();
	fd_set r;
	int p[2];

	REQUIRE_OK(pipe(p));
	write_all(p[1], "x", 1);
	FD_ZERO(&r);
	FD_SET(p[0], &r);
	SHOW(syscall(SYS_pselect6, p[0] + 1, &r, NULL, NULL, &wait, NULL));
	SHOW(wait.tv_sec < 100 && wait.tv_sec > 50);
	start = now_ms();
	SHOW(select(0, NULL, NULL, NULL, &left));
	SHOW(now_ms() - start >= 30);
	note("left %ld %ld", (long)left.tv_sec, (long)left.tv_usec);
}

static volatile sig_atomic_t caught;

static void on_signal(int number)
{
	caught = number;
}

TEST(select, pselect_swaps_the_mask)
{
	sigset_t block, empty;

	signal(SIGUSR1, on_signal);
	sigemptyset(&block);
	sigemptyset(&empty);
	sigaddset(&block, SIGUSR1);
	sigprocmask(SIG_BLOCK, &block, NULL);
	raise(SIGUSR1);
	SHOW(pselect(0, NULL, NULL, NULL, NULL, &empty));
	note("caught %s", signal_name(caught));
}

TEST(select, wakes_for_another_process)
{
	int p[2];
	pid_t pid;

	REQUIRE_OK(pipe(p));
	CHILD(pid) {
		fd_set r;

		FD_ZERO(&r);
		FD_SET(p[0], &r);
		SHOW(select(p[0] + 1, &r, NULL, NULL, NULL));
	}
	wait_state(pid, 'S');
	write_all(p[1], "x", 1);
	EXPECT_CHILD_OK(pid);
}
