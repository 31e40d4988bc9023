/* SPDX-License-Identifier: MIT */
/* The states of a connection from both ends, as TCP_INFO and /proc/net/tcp tell them. */
#include "inet.h"

static const char *state_name(int v)
{
	static const char *const names[] = { "?", "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT", "CLOSE",
					     "CLOSE_WAIT", "LAST_ACK", "LISTEN", "CLOSING" };

	return v > 0 && v < (int)ARRAY_SIZE(names) ? names[v] : names[0];
}

static int state(int s)
{
	struct tcp_info i;
	socklen_t n = sizeof(i);

	memset(&i, 0, sizeof(i));
	EXPECT_OK(getsockopt(s, IPPROTO_TCP, TCP_INFO, &i, &n));
	return i.tcpi_state;
}

/* Waits for it: the other end's segments take their time. */
static const char *reaches(int s, int want)
{
	for (int i = 0; i < 10000 && state(s) != want; i++)
		usleep(1000);
	return state_name(state(s));
}

/* The state of the line with this local port and, if @remote, this remote port. */
static int listed(int local, int remote)
{
	char line[512];
	FILE *f = fopen("/proc/net/tcp", "r");
	int found = 0;

	while (f && fgets(line, sizeof(line), f)) {
		unsigned lp, rp, st;

		if (sscanf(line, " %*d: %*x:%x %*x:%x %x", &lp, &rp, &st) == 3 && (int)lp == local && (!remote || (int)rp == remote))
			found = (int)st;
	}
	if (f)
		fclose(f);
	return found;
}

TEST(inet, from_opening_to_closing)
{
	int s = socket(AF_INET, SOCK_STREAM, 0), l, c, a;

	lo_up();
	note("fresh: %s", state_name(state(s)));
	l = listener("127.0.0.1", 1);
	note("listener: %s, listed %s", state_name(state(l)), state_name(listed(port_of(l), 0)));
	c = connected_to(l);
	a = accept(l, NULL, NULL);
	note("both: %s %s", reaches(c, TCP_ESTABLISHED), reaches(a, TCP_ESTABLISHED));
	EXPECT_OK(shutdown(c, SHUT_WR));
	note("half closed: %s %s", reaches(c, TCP_FIN_WAIT2), reaches(a, TCP_CLOSE_WAIT));
	EXPECT_OK(shutdown(a, SHUT_WR));
	note("closed: %s %s", reaches(c, TCP_CLOSE), reaches(a, TCP_CLOSE));
	note("listed: %s", state_name(listed(port_of(c), port_of(l))));
}

TEST(inet, time_wait_is_listed)
{
	int l, c, a, lp, cp;

	lo_up();
	l = listener("127.0.0.1", 1);
	c = connected_to(l);
	a = accept(l, NULL, NULL);
	lp = port_of(l);
	cp = port_of(c);
	note("listed: %s", state_name(listed(cp, lp)));
	EXPECT_OK(close(c));
	note("other end: %s", reaches(a, TCP_CLOSE_WAIT));
	note("listed: %s", state_name(listed(cp, lp)));
	EXPECT_OK(close(a));
	for (int i = 0; i < 10000 && listed(cp, lp) != TCP_TIME_WAIT; i++)
		usleep(1000);
	note("listed: %s, other end %s", state_name(listed(cp, lp)), state_name(listed(lp, cp)));
}

TEST(inet, a_reset_leaves_nothing)
{
	struct linger g = { 1, 0 };
	int l, c, a, lp, cp;

	lo_up();
	l = listener("127.0.0.1", 1);
	c = connected_to(l);
	a = accept(l, NULL, NULL);
	lp = port_of(l);
	cp = port_of(c);
	EXPECT_OK(setsockopt(c, SOL_SOCKET, SO_LINGER, &g, sizeof(g)));
	EXPECT_OK(close(c));
	note("other end: %s", reaches(a, TCP_CLOSE));
	EXPECT_EQ(so_error(a), ECONNRESET);
	note("listed: %d %d", listed(cp, lp), listed(lp, cp));
}

TEST(inet, both_close_at_once)
{
	int c[2];
	char b;

	lo_up();
	tcp_pair(c);
	EXPECT_OK(shutdown(c[0], SHUT_WR));
	EXPECT_OK(shutdown(c[1], SHUT_WR));
	EXPECT_EQ(read(c[0], &b, 1), 0);
	EXPECT_EQ(read(c[1], &b, 1), 0);
	note("%s %s", reaches(c[0], TCP_CLOSE), reaches(c[1], TCP_CLOSE));
	note("poll: %s", poll_text(events_of(c[0], POLLIN)));
}
