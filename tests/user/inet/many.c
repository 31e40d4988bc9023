/* SPDX-License-Identifier: MIT */
/* Many connections at once and one after the other: each keeps its own data, none is left. */
#include "inet.h"
#include <sys/resource.h>

TEST(inet, three_hundred_at_once)
{
	static int c[300], s[300];
	struct rlimit r = { 2048, 4096 };
	int l, wrong = 0;

	lo_up();
	setrlimit(RLIMIT_NOFILE, &r);
	l = listener("127.0.0.1", 64);
	for (int i = 0; i < 300; i++) {
		c[i] = connected_to(l);
		s[i] = accept(l, NULL, NULL);
	}
	for (int i = 0; i < 300; i++)
		write_all(c[i], &i, sizeof(i));
	for (int i = 299; i >= 0; i--) {
		int v = -1;

		if (recv(s[i], &v, sizeof(v), MSG_WAITALL) != sizeof(v) || v != i)
			wrong++;
		v += 1000;
		write_all(s[i], &v, sizeof(v));
	}
	for (int i = 0; i < 300; i++) {
		int v = -1;

		if (recv(c[i], &v, sizeof(v), MSG_WAITALL) != sizeof(v) || v != i + 1000)
			wrong++;
	}
	note("wrong: %d", wrong);
	for (int i = 0; i < 300; i++) {
		close(c[i]);
		close(s[i]);
	}
}

TEST(inet, five_hundred_in_a_row)
{
	int l, n = 0;

	lo_up();
	l = listener("127.0.0.1", 4);
	for (int i = 0; i < 500; i++) {
		int c = connected_to(l), s = accept(l, NULL, NULL), v = 0;

		write_all(c, &i, sizeof(i));
		n += recv(s, &v, sizeof(v), MSG_WAITALL) == sizeof(v) && v == i;
		close(i & 1 ? c : s);
		n += read(i & 1 ? s : c, &v, 1) == 0;
		close(i & 1 ? s : c);
	}
	note("right: %d", n);
}

TEST(inet, local_ports_do_not_repeat_at_once)
{
	static unsigned char seen[65536];
	int l, twice = 0, outside = 0;
	static int c[200];

	lo_up();
	l = listener("127.0.0.1", 256);
	for (int i = 0; i < 200; i++) {
		int p;

		c[i] = connected_to(l);
		p = port_of(c[i]);
		twice += seen[p & 0xffff]++;
		outside += p < 32768 || p > 60999;
	}
	note("twice %d, outside of the range %d", twice, outside);
}

static long memory(void)
{
	char line[128];
	FILE *f = fopen("/proc/meminfo", "r");
	long kib = -1;

	while (f && kib < 0 && fgets(line, sizeof(line), f))
		sscanf(line, "MemAvailable: %ld", &kib);
	if (f)
		fclose(f);
	return kib;
}

/* Both ends are here, so twice what a server has of them. */
TEST(inet, ten_thousand_at_rest)
{
	enum { N = 10000 };
	static int c[N], s[N];
	struct rlimit r = { 2 * N + 100, 2 * N + 100 };
	long before, held;
	int l, wrong = 0;

	lo_up();
	REQUIRE_OK(setrlimit(RLIMIT_NOFILE, &r));
	l = listener("127.0.0.1", 64);
	before = memory();
	for (int i = 0; i < N; i++) {
		c[i] = connected_to(l);
		s[i] = accept(l, NULL, NULL);
		wrong += s[i] < 0;
	}
	held = before - memory();
	note("not there: %d; more than 40 MiB at an end: %d", wrong, held > 2 * 40 * 1024);
	if (held > 2 * 40 * 1024)
		note("%ld KiB for both ends", held);
	for (int i = 0; i < N; i += 101) {
		int v = -1;

		write_all(c[i], &i, sizeof(i));
		wrong += recv(s[i], &v, sizeof(v), MSG_WAITALL) != sizeof(v) || v != i;
	}
	note("wrong: %d", wrong);
}
