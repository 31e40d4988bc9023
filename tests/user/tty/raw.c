/* SPDX-License-Identifier: MIT */
/* Non-canonical input: VMIN and VTIME. */
#include "pty.h"

static struct pty raw(int vmin, int vtime)
{
	struct pty p = pty_open();

	make_raw(p.slave);
	set_cc(p.slave, VMIN, vmin);
	set_cc(p.slave, VTIME, vtime);
	return p;
}

/* Wait until that many bytes can be read at once. */
static void arrived(int fd, int count)
{
	int n = 0;

	while (ioctl(fd, FIONREAD, &n) == 0 && n < count)
		sleep_ms(1);
}

TEST(raw, min_one_returns_what_is_there)
{
	struct pty p = raw(1, 0);

	put(p.master, "abc");
	arrived(p.slave, 3);
	note("%s", get_once(p.slave, 100));
	put(p.master, "defgh");
	arrived(p.slave, 5);
	note("%s", get_once(p.slave, 2));
	note("%s", get_once(p.slave, 100));
}

TEST(raw, min_zero_time_zero_never_waits)
{
	struct pty p = raw(0, 0);
	char text[16];

	SHOW(read(p.slave, text, 16));
	put(p.master, "x");
	arrived(p.slave, 1);
	SHOW(read(p.slave, text, 16));
	SHOW(read(p.slave, text, 16));
}

TEST(raw, min_three_waits_for_three)
{
	struct pty p = raw(3, 0);
	pid_t pid;

	CHILD(pid)
		note("%s", get_once(p.slave, 100));
	wait_state(pid, 'S');
	put(p.master, "a");
	wait_state(pid, 'S');
	put(p.master, "b");
	wait_state(pid, 'S');
	put(p.master, "c");
	EXPECT_CHILD_OK(pid);
}

TEST(raw, min_larger_than_the_buffer_is_satisfied_by_a_full_buffer)
{
	struct pty p = raw(10, 0);

	put(p.master, "abcd");
	note("%s", get_once(p.slave, 4));
}

TEST(raw, time_alone_is_a_limit)
{
	struct pty p = raw(0, 2);
	long long start = now_ms();
	char text[16];

	SHOW(read(p.slave, text, 16));
	SHOW(now_ms() - start >= 190);
	put(p.master, "x");
	arrived(p.slave, 1);
	SHOW(read(p.slave, text, 16));
}

TEST(raw, min_and_time_end_a_burst)
{
	struct pty p = raw(5, 2);
	long long start;

	put(p.master, "abc");
	arrived(p.slave, 3);
	start = now_ms();
	note("%s", get_once(p.slave, 100));
	SHOW(now_ms() - start >= 190);
	put(p.master, "defgh");
	arrived(p.slave, 5);
	note("%s", get_once(p.slave, 100));
}

TEST(raw, min_of_fifty_counts_over_several_arrivals)
{
	struct pty p = raw(50, 0);
	char text[64], back[64];
	pid_t pid;

	CHILD(pid)
		SHOW(read(p.slave, back, 60));
	wait_state(pid, 'S');
	memset(text, 'x', 50);
	write_all(p.master, text, 30);
	write_all(p.master, text, 19);
	wait_state(pid, 'S');
	write_all(p.master, text, 1);
	EXPECT_CHILD_OK(pid);
}

TEST(raw, nonblocking_reads)
{
	struct pty p = raw(3, 0);
	char text[16];

	fcntl(p.slave, F_SETFL, O_NONBLOCK);
	SHOW(read(p.slave, text, 16));
	put(p.master, "a");
	arrived(p.slave, 1);
	SHOW(read(p.slave, text, 16));
}

TEST(raw, poll_respects_min_only_without_time)
{
	struct pty p = raw(3, 0);
	struct pollfd poller = { p.slave, POLLIN, 0 };

	put(p.master, "a");
	arrived(p.slave, 1);
	SHOW(poll(&poller, 1, 0));
	put(p.master, "bc");
	arrived(p.slave, 3);
	SHOW(poll(&poller, 1, 0));
}

TEST(raw, the_master_is_always_raw)
{
	struct pty p = pty_open();

	put(p.slave, "no newline");
	note("%s", get_bytes(p.master, 12 - 2));
}
