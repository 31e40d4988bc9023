/* SPDX-License-Identifier: MIT */
/* TCP_LINGER2 and TCP_NOTSENT_LOWAT do what they say. */
#include "inet.h"

/* Is there a line in FIN_WAIT2 with these two ports? */
static int half_closed(int local, int remote)
{
	char line[512];
	FILE *f = fopen("/proc/net/tcp", "r");
	int found = 0;

	while (f && fgets(line, sizeof(line), f)) {
		unsigned lp, rp, st;

		if (sscanf(line, " %*d: %*x:%x %*x:%x %x", &lp, &rp, &st) == 3 && (int)lp == local && (int)rp == remote)
			found |= st == TCP_FIN_WAIT2;
	}
	if (f)
		fclose(f);
	return found;
}

TEST(inet, linger2_ends_what_nobody_closes)
{
	int l, c, s, v = 1, lp, cp, tries;

	lo_up();
	l = listener("127.0.0.1", 1);
	c = connected_to(l);
	s = accept(l, NULL, NULL);
	lp = port_of(l);
	cp = port_of(c);
	EXPECT_OK(setsockopt(c, IPPROTO_TCP, TCP_LINGER2, &v, sizeof(v)));
	EXPECT_OK(close(c));
	for (tries = 0; tries < 1500 && half_closed(cp, lp); tries++)
		usleep(10000);
	note("gone: %s", tries < 1500 ? "yes" : "no");
	/* Nobody is there to take this. */
	EXPECT_EQ(send(s, "x", 1, MSG_NOSIGNAL), 1);
	events_of(s, POLLERR);
	note("%s", errno_name(so_error(s)));
}

static size_t fill(int lowat)
{
	static char b[4096];
	size_t n = 0;
	ssize_t k;
	int c[2];

	tcp_pair(c);
	if (lowat)
		EXPECT_OK(setsockopt(c[0], IPPROTO_TCP, TCP_NOTSENT_LOWAT, &lowat, sizeof(lowat)));
	fcntl(c[0], F_SETFL, O_NONBLOCK);
	while ((k = write(c[0], b, sizeof(b))) > 0)
		n += k;
	close(c[0]);
	close(c[1]);
	return n;
}

TEST(inet, a_low_mark_for_what_is_not_sent)
{
	size_t without, with;

	lo_up();
	without = fill(0);
	with = fill(8192);
	note("less is taken: %s", with + 100000 < without ? "yes" : "no");
}

TEST(inet, data_passes_with_a_low_mark)
{
	static char b[30000];
	size_t total = 3000000, got = 0;
	int c[2], v = 1;
	pid_t pid;
	ssize_t k;

	lo_up();
	tcp_pair(c);
	EXPECT_OK(setsockopt(c[0], IPPROTO_TCP, TCP_NOTSENT_LOWAT, &v, sizeof(v)));
	CHILD(pid) {
		close(c[1]);
		for (size_t n = 0; n < total; n += sizeof(b))
			write_all(c[0], b, sizeof(b));
		_exit(0);
	}
	close(c[0]);
	while ((k = read(c[1], b, sizeof(b))) > 0)
		got += k;
	note("got %zu, %s", got, status_name(reap(pid)));
}
