/* SPDX-License-Identifier: MIT */
/* Urgent data: one byte out of band, the mark, poll, SIGURG, and urgent data inline. */
#include "inet.h"
#include <sys/ioctl.h>
#include <linux/sockios.h>

static volatile sig_atomic_t urged;
static void on_urg(int sig) { (void)sig; urged++; }

static int at_mark(int s)
{
	int v = -1;

	ioctl(s, SIOCATMARK, &v);
	return v;
}

static int in_queue(int s)
{
	int v = -1;

	ioctl(s, SIOCINQ, &v);
	return v;
}

TEST(inet, without_urgent_data_there_is_none)
{
	char b[8];
	int c[2];

	lo_up();
	tcp_pair(c);
	EXPECT_ERRNO(recv(c[1], b, 1, MSG_OOB), EINVAL);
	EXPECT_ERRNO(recv(c[1], b, 1, MSG_OOB | MSG_DONTWAIT), EINVAL);
	note("at mark: %d", at_mark(c[1]));
	write_all(c[0], "x", 1);
	events_of(c[1], POLLIN);
	EXPECT_ERRNO(recv(c[1], b, 1, MSG_OOB), EINVAL);
}

TEST(inet, one_byte_out_of_band)
{
	char b[8] = { 0 };
	int c[2];

	lo_up();
	tcp_pair(c);
	EXPECT_EQ(send(c[0], "abc", 3, MSG_OOB), 3);
	note("poll: %s", poll_text(events_of(c[1], POLLPRI)));
	EXPECT_EQ(recv(c[1], b, 8, MSG_OOB | MSG_PEEK), 1);
	note("peeked %c", b[0]);
	EXPECT_EQ(recv(c[1], b, 8, MSG_OOB), 1);
	note("urgent %c", b[0]);
	EXPECT_ERRNO(recv(c[1], b, 8, MSG_OOB), EINVAL);
	EXPECT_EQ(recv(c[1], b, 8, 0), 2);
	note("rest %.2s, at mark %d", b, at_mark(c[1]));
	EXPECT_ERRNO(recv(c[1], b, 8, MSG_DONTWAIT), EAGAIN);
}

TEST(inet, reading_stops_at_the_mark)
{
	char b[16] = { 0 };
	int c[2];

	lo_up();
	tcp_pair(c);
	write_all(c[0], "before", 6);
	EXPECT_EQ(send(c[0], "U", 1, MSG_OOB), 1);
	write_all(c[0], "after", 5);
	while (in_queue(c[1]) < 6)
		;
	events_of(c[1], POLLPRI);
	note("at mark %d", at_mark(c[1]));
	EXPECT_EQ(recv(c[1], b, 16, 0), 6);
	note("at mark %d", at_mark(c[1]));
	EXPECT_EQ(recv(c[1], b, 16, MSG_OOB), 1);
	note("urgent %c", b[0]);
	EXPECT_EQ(recv(c[1], b, 5, MSG_WAITALL), 5);
	note("%.5s, at mark %d", b, at_mark(c[1]));
}

TEST(inet, the_last_urgent_byte_counts)
{
	char b[16] = { 0 };
	int c[2];

	lo_up();
	tcp_pair(c);
	EXPECT_EQ(send(c[0], "1", 1, MSG_OOB), 1);
	events_of(c[1], POLLPRI);
	EXPECT_EQ(send(c[0], "2", 1, MSG_OOB), 1);
	write_all(c[0], "x", 1);
	EXPECT_OK(shutdown(c[0], SHUT_WR));
	events_of(c[1], POLLRDHUP);
	note("in front of it %d, at mark %d", in_queue(c[1]), at_mark(c[1]));
	EXPECT_EQ(recv(c[1], b, 16, MSG_OOB), 1);
	note("urgent %c", b[0]);
	/* Whether the first is read depends on when the second came. */
	while (recv(c[1], b, 16, 0) > 0)
		;
}

TEST(inet, urgent_data_inline)
{
	char b[16] = { 0 };
	int c[2], one = 1;

	lo_up();
	tcp_pair(c);
	EXPECT_OK(setsockopt(c[1], SOL_SOCKET, SO_OOBINLINE, &one, sizeof(one)));
	write_all(c[0], "ab", 2);
	EXPECT_EQ(send(c[0], "U", 1, MSG_OOB), 1);
	write_all(c[0], "cd", 2);
	while (in_queue(c[1]) < 2)
		;
	events_of(c[1], POLLPRI);
	EXPECT_ERRNO(recv(c[1], b, 16, MSG_OOB), EINVAL);
	EXPECT_EQ(recv(c[1], b, 16, 0), 2);
	note("at mark %d", at_mark(c[1]));
	EXPECT_EQ(recv(c[1], b, 3, MSG_WAITALL), 3);
	note("%.3s, at mark %d", b, at_mark(c[1]));
}

TEST(inet, the_owner_gets_a_signal)
{
	struct sigaction sa = { .sa_handler = on_urg };
	sigset_t none, urg;
	int c[2];

	lo_up();
	tcp_pair(c);
	sigemptyset(&none);
	sigemptyset(&urg);
	sigaddset(&urg, SIGURG);
	EXPECT_OK(sigprocmask(SIG_BLOCK, &urg, NULL));
	EXPECT_OK(sigaction(SIGURG, &sa, NULL));
	EXPECT_OK(fcntl(c[1], F_SETOWN, getpid()));
	EXPECT_EQ(send(c[0], "U", 1, MSG_OOB), 1);
	while (!urged)
		sigsuspend(&none);
	note("signals: %d", (int)urged);
}

TEST(inet, urgent_data_after_shutdown)
{
	int c[2];

	lo_up();
	tcp_pair(c);
	EXPECT_OK(shutdown(c[0], SHUT_WR));
	EXPECT_ERRNO(send(c[0], "x", 1, MSG_OOB | MSG_NOSIGNAL), EPIPE);
}
