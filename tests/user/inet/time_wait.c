/* SPDX-License-Identifier: MIT */
/* TIME_WAIT: net.ipv4.tcp_max_tw_buckets bounds it, /proc/net/sockstat counts it, and connections that came and went leave nothing. */
#include "inet.h"

static const char buckets[] = "/proc/sys/net/ipv4/tcp_max_tw_buckets";

static long number_in(const char *path, const char *word)
{
	char line[512], *at;
	FILE *f = fopen(path, "r");
	long n = -1;

	while (f && n < 0 && fgets(line, sizeof(line), f)) {
		at = strstr(line, word);
		if (at)
			n = strtol(at + strlen(word), NULL, 10);
	}
	if (f)
		fclose(f);
	return n;
}

static void set_number(const char *path, long n)
{
	FILE *f = fopen(path, "w");

	if (!f || fprintf(f, "%ld", n) < 0 || fclose(f))
		fail("%s: %s", path, errno_name(errno));
}

/* Connections in TIME_WAIT whose local port is none of ours to know, but whose remote one is this. */
static int waiting_to(int port)
{
	char line[512], want[16];
	FILE *f = fopen("/proc/net/tcp", "r");
	int n = 0;

	snprintf(want, sizeof(want), ":%04X 06 ", port);
	while (f && fgets(line, sizeof(line), f))
		n += strstr(line, want) != NULL;
	if (f)
		fclose(f);
	return n;
}

/* @n connections to a listener, each closed by the one who made it first. */
static void come_and_go(int l, int n)
{
	char b;

	for (int i = 0; i < n; i++) {
		int c = connected_to(l), s = accept(l, NULL, NULL);

		close(c);
		if (read(s, &b, 1) != 0)
			fail("no end of file");
		close(s);
	}
}

TEST(inet, time_wait_is_bounded)
{
	long before = number_in(buckets, ""), others = number_in("/proc/net/sockstat", " tw "), most = others + 50, n = 0;
	int l, earlier, mine = 0;

	lo_up();
	l = listener("127.0.0.1", 8);
	note("a bound: %d, others: %d", before > 0, others >= 0);
	earlier = waiting_to(port_of(l));	/* another test may have had this port */
	come_and_go(l, 20);
	/* A line may come twice while the table changes. */
	for (int i = 0; i < 20000 && mine != 20; i++)
		mine = waiting_to(port_of(l)) - earlier;
	note("without pressure: %d", mine);
	set_number(buckets, most);
	come_and_go(l, 300);
	for (int i = 0; i < 20000 && mine < 50; i++)
		mine = waiting_to(port_of(l));
	n = number_in("/proc/net/sockstat", " tw ");
	set_number(buckets, before);
	note("at least what there was room for: %d; at most as many as may be: %d, counted: %d", mine >= 50, mine <= most, n <= most && n >= mine - 5);
}

/* What is there for programs, with what the kernel would give back. */
static long memory(void)
{
	return number_in("/proc/meminfo", "MemAvailable:");
}

TEST(inet, four_thousand_come_and_go_without_growth)
{
	long before = number_in(buckets, ""), then, gone;
	int l;

	lo_up();
	l = listener("127.0.0.1", 8);
	set_number(buckets, 100);
	come_and_go(l, 500);
	then = memory();
	come_and_go(l, 4000);
	gone = then - memory();
	set_number(buckets, before);
	if (gone >= 1024)
		fail("%ld KiB less than before", gone);
	note("no growth");
}
