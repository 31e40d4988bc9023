/* SPDX-License-Identifier: MIT */
/* TIOCPKT: the master reads a status byte before everything. */
#include "pty.h"

static void read_packet(struct pty *p)
{
	struct pollfd poller = { p->master, POLLIN | POLLPRI, 0 };
	char data[256];
	ssize_t n;

	if (poll(&poller, 1, 10000) <= 0) {
		fail("no packet");
		return;
	}
	n = read(p->master, data, sizeof(data));
	if (n < 1)
		note("read %s", errno_name(errno));
	else
		note("status %#x data <%s>", data[0], quoted(data + 1, n - 1));
}

TEST(packet, data_has_a_zero_before_it)
{
	struct pty p = pty_open();
	int on = 1, get = -1;

	SHOW(ioctl(p.master, TIOCGPKT, &get));
	note("%d", get);
	SHOW(ioctl(p.master, TIOCPKT, &on));
	SHOW(ioctl(p.master, TIOCGPKT, &get));
	note("%d", get);
	put(p.slave, "hello");
	read_packet(&p);
	on = 0;
	SHOW(ioctl(p.master, TIOCPKT, &on));
	put(p.slave, "plain");
	note("%s", get_bytes(p.master, 5));
	SHOW(ioctl(p.slave, TIOCPKT, &on));
}

TEST(packet, flushes_and_flow_are_told)
{
	struct pty p = pty_open();
	struct pollfd poller = { p.master, POLLPRI, 0 };
	int on = 1;

	ioctl(p.master, TIOCPKT, &on);
	SHOW(tcflush(p.slave, TCIFLUSH));
	SHOW(poll(&poller, 1, 10000));
	note("revents has PRI %d", !!(poller.revents & POLLPRI));
	read_packet(&p);
	SHOW(tcflush(p.slave, TCOFLUSH));
	read_packet(&p);
	SHOW(tcflow(p.slave, TCOOFF));
	read_packet(&p);
	SHOW(tcflow(p.slave, TCOON));
	read_packet(&p);
	SHOW(poll(&poller, 1, 0));
}

TEST(packet, switching_ixon_is_told)
{
	struct pty p = pty_open();
	int on = 1;

	ioctl(p.master, TIOCPKT, &on);
	CHANGE(p.slave, c_iflag, IXON, 0);
	read_packet(&p);
	CHANGE(p.slave, c_iflag, 0, IXON);
	read_packet(&p);
}

TEST(packet, extproc_reports_changes)
{
	struct pty p = pty_open();
	int on = 1;

	ioctl(p.master, TIOCPKT, &on);
	CHANGE(p.slave, c_lflag, 0, EXTPROC);
	read_packet(&p);
	CHANGE(p.slave, c_lflag, ECHO, 0);
	read_packet(&p);
}
