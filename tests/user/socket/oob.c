/* SPDX-License-Identifier: MIT */
/* Urgent data on Unix streams: MSG_OOB, SO_OOBINLINE, SIOCATMARK, POLLPRI, SIGURG. */
#include "../harness.h"
#include "common.h"

static int at_mark(int fd)
{
	int n = -1;

	return ioctl(fd, SIOCATMARK, &n) < 0 ? -errno : n;
}

TEST(oob, the_byte_alone)
{
	char buf[16] = "";
	int p[2];

	new_pair(SOCK_STREAM, p);
	SHOW(recv(p[1], buf, 1, MSG_OOB));
	SHOW(send(p[0], "u", 1, MSG_OOB));
	NOTE_POLL(p[1], "urgent");
	note("at mark %d", at_mark(p[1]));
	SHOW(recv(p[1], buf, 16, MSG_OOB));
	note("%c", buf[0]);
	SHOW(recv(p[1], buf, 16, MSG_OOB));
	SHOW(recv(p[1], buf, 16, MSG_DONTWAIT));
	SHOW(send(p[0], "", 0, MSG_OOB));
}

TEST(oob, reads_stop_at_the_mark)
{
	char buf[16] = "";
	int p[2];

	new_pair(SOCK_STREAM, p);
	SHOW(send(p[0], "abcu", 4, MSG_OOB));
	SHOW(send(p[0], "def", 3, 0));
	note("at mark %d", at_mark(p[1]));
	SHOW(recv(p[1], buf, 16, MSG_DONTWAIT));
	note("%.3s at mark %d", buf, at_mark(p[1]));
	SHOW(recv(p[1], buf, 16, MSG_OOB));
	note("%c at mark %d", buf[0], at_mark(p[1]));
	/* The next read is not asked about: Linux 6.1 answers that there is nothing, later ones "def". */
}

TEST(oob, unread_urgent_bytes_are_passed_over)
{
	char buf[16] = "";
	int p[2];

	new_pair(SOCK_STREAM, p);
	SHOW(send(p[0], "abu", 3, MSG_OOB));
	SHOW(send(p[0], "cd", 2, 0));
	SHOW(recv(p[1], buf, 16, MSG_DONTWAIT));
	SHOW(recv(p[1], buf, 16, MSG_DONTWAIT));
	note("%.2s", buf);
	SHOW(recv(p[1], buf, 16, MSG_OOB));
}

TEST(oob, peeking)
{
	char buf[16] = "";
	int p[2];

	new_pair(SOCK_STREAM, p);
	SHOW(send(p[0], "u", 1, MSG_OOB));
	SHOW(recv(p[1], buf, 16, MSG_OOB | MSG_PEEK));
	SHOW(recv(p[1], buf, 16, MSG_OOB));
	note("%c", buf[0]);
	SHOW(recv(p[1], buf, 16, MSG_OOB | MSG_PEEK));
}

TEST(oob, inline)
{
	char buf[16] = "";
	int p[2];

	new_pair(SOCK_STREAM, p);
	REQUIRE_OK(set_int(p[1], SO_OOBINLINE, 1));
	SHOW(send(p[0], "abu", 3, MSG_OOB));
	SHOW(send(p[0], "cd", 2, 0));
	SHOW(recv(p[1], buf, 16, MSG_OOB));
	SHOW(recv(p[1], buf, 16, MSG_DONTWAIT));
	note("%.2s at mark %d", buf, at_mark(p[1]));
}

static volatile sig_atomic_t urgent;
static void on_urg(int sig) { urgent += sig == SIGURG; }

TEST(oob, the_owner_gets_a_signal)
{
	int p[2];

	signal(SIGURG, on_urg);
	new_pair(SOCK_STREAM, p);
	SHOW(send(p[0], "u", 1, MSG_OOB));
	note("signals %d", (int)urgent);
	REQUIRE_OK(fcntl(p[1], F_SETOWN, getpid()));
	SHOW(send(p[0], "v", 1, MSG_OOB));
	note("signals %d", (int)urgent);
	pid_t me = getpid();
	REQUIRE_OK(fcntl(p[1], F_SETOWN, 0));
	SHOW(ioctl(p[1], FIOSETOWN, &me));
	SHOW(send(p[0], "w", 1, MSG_OOB));
	note("signals %d", (int)urgent);
	me = 0;
	SHOW(ioctl(p[1], FIOGETOWN, &me));
	note("mine %d", me == getpid());
	me = -getpgrp();
	SHOW(ioctl(p[1], SIOCSPGRP, &me));
	int got = 0;
	SHOW(ioctl(p[1], SIOCGPGRP, &got));
	note("same %d", got == me);
}
