/* SPDX-License-Identifier: MIT */
/* /proc/net/snmp, netstat, snmp6: the names; and that the counters of UDP count. */
#include "dev.h"

static char text[32768];

static void load(const char *path)
{
	int fd = REQUIRE_OK(open(path, O_RDONLY));
	ssize_t n = 0, got;

	while ((got = read(fd, text + n, sizeof(text) - 1 - n)) > 0)
		n += got;
	text[n] = 0;
	close(fd);
}

/* Of a table with a line of names and a line of numbers: -1 if there is no such name. */
static long counter(const char *table, const char *name)
{
	char *names, *values, *n, *v, *s1, *s2;

	load("/proc/net/snmp");
	names = strstr(text, table);
	values = names ? strchr(names, '\n') + 1 : NULL;
	if (!values)
		return -1;
	values[-1] = 0;
	*strchr(values, '\n') = 0;
	for (n = strtok_r(names, " ", &s1), v = strtok_r(values, " ", &s2); n && v; n = strtok_r(NULL, " ", &s1), v = strtok_r(NULL, " ", &s2))
		if (!strcmp(n, name))
			return atol(v);
	return -1;
}

TEST(snmp, names)
{
	load("/proc/net/snmp");
	for (char *l = strtok(text, "\n"); l; l = strtok(NULL, "\n"))
		if (strspn(strchr(l, ':') + 2, "-0123456789 ") != strlen(strchr(l, ':') + 2))
			note("%s", l);
}

TEST(snmp, udp_counts)
{
	struct sockaddr_in a;
	socklen_t len = sizeof(a);
	int s, in, out, c;
	char b[4];

	lo_reset();
	s = bound(SOCK_DGRAM, "127.0.0.1");
	getsockname(s, (struct sockaddr *)&a, &len);
	c = socket(AF_INET, SOCK_DGRAM, 0);
	in = counter("Udp:", "InDatagrams");
	out = counter("Udp:", "OutDatagrams");
	for (int i = 0; i < 5; i++) {
		SHOW(sendto(c, "x", 1, 0, (struct sockaddr *)&a, sizeof(a)));
		SHOW(read(s, b, 1));
	}
	note("in %ld out %ld", counter("Udp:", "InDatagrams") - in, counter("Udp:", "OutDatagrams") - out);
}

TEST(snmp, tcp_counts)
{
	int active, passive, c[2];

	lo_reset();
	active = counter("Tcp:", "ActiveOpens");
	passive = counter("Tcp:", "PassiveOpens");
	tcp_pair(c);
	note("active %ld passive %ld", counter("Tcp:", "ActiveOpens") - active, counter("Tcp:", "PassiveOpens") - passive);
}
