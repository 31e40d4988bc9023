/* SPDX-License-Identifier: MIT */
/* /proc/net/snmp, netstat, snmp6: the names; and that the counters count. */
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

	load(strstr(table, "Ext") ? "/proc/net/netstat" : "/proc/net/snmp");
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
	/* Which types of ICMP there have been is told by those who ran before. */
	for (char *l = strtok(text, "\n"); l; l = strtok(NULL, "\n"))
		if (strncmp(l, "IcmpMsg:", 8) && strspn(strchr(l, ':') + 2, "-0123456789 ") != strlen(strchr(l, ':') + 2))
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

static long counter6(const char *name)
{
	char *at;

	load("/proc/net/snmp6");
	for (at = strtok(text, "\n"); at; at = strtok(NULL, "\n"))
		if (!strncmp(at, name, strlen(name)) && strchr(" \t", at[strlen(name)]))
			return atol(at + strlen(name));
	return -1;
}

/* Whatever tests before have left on its way has come. */
static void quiet(void)
{
	long last = -1, now;

	for (int same = 0; same < 6; last = now) {
		now = counter("Ip:", "InReceives") + counter6("Ip6InReceives");
		same = now == last ? same + 1 : 0;
		usleep(20000);
	}
}

/* What changed of these between two calls. */
struct watch { const char *table, *name; long before; };

static void begin(struct watch *w)
{
	quiet();
	for (; w->name; w++)
		w->before = w->table ? counter(w->table, w->name) : counter6(w->name);
}

static void end(struct watch *w)
{
	for (; w->name; w++)
		note("%s%s %ld", w->table ? w->table : "", w->name, (w->table ? counter(w->table, w->name) : counter6(w->name)) - w->before);
}

TEST(snmp, packets_of_ip)
{
	struct watch w[] = {
		{ "Ip:", "InReceives" }, { "Ip:", "InDelivers" }, { "Ip:", "OutRequests" }, { "IpExt:", "InOctets" }, { "IpExt:", "OutOctets" }, { 0 },
	};
	struct sockaddr_in a;
	socklen_t len = sizeof(a);
	int s, c;
	char b[4];

	lo_reset();
	s = bound(SOCK_DGRAM, "127.0.0.1");
	getsockname(s, (struct sockaddr *)&a, &len);
	c = socket(AF_INET, SOCK_DGRAM, 0);
	begin(w);
	for (int i = 0; i < 5; i++) {
		sendto(c, "x", 1, 0, (struct sockaddr *)&a, sizeof(a));
		read(s, b, 1);
	}
	end(w);
}

TEST(snmp, fragments)
{
	struct watch w[] = {
		{ "Ip:", "InReceives" }, { "Ip:", "InDelivers" }, { "Ip:", "OutRequests" }, { "Ip:", "ReasmReqds" }, { "Ip:", "ReasmOKs" },
		{ "Ip:", "ReasmFails" }, { "Ip:", "FragOKs" }, { "Ip:", "FragFails" }, { "Ip:", "FragCreates" }, { "Udp:", "InDatagrams" }, { 0 },
	};
	static char data[3000];
	struct ifreq r = { .ifr_name = "lo", .ifr_mtu = 1500 };
	struct sockaddr_in a;
	socklen_t len = sizeof(a);
	int s, c;

	lo_reset();
	s = bound(SOCK_DGRAM, "127.0.0.1");
	getsockname(s, (struct sockaddr *)&a, &len);
	c = socket(AF_INET, SOCK_DGRAM, 0);
	REQUIRE_OK(ioctl(c, SIOCSIFMTU, &r));
	begin(w);
	SHOW(sendto(c, data, sizeof(data), 0, (struct sockaddr *)&a, sizeof(a)));
	struct pollfd p = { s, POLLIN, 0 };
	SHOW(poll(&p, 1, 5000));
	SHOW(recv(s, data, sizeof(data), MSG_DONTWAIT));
	end(w);
	lo_reset();
}

TEST(snmp, nobody_hears_a_datagram)
{
	struct watch w[] = {
		{ "Udp:", "NoPorts" }, { "Udp:", "OutDatagrams" }, { "Udp:", "InDatagrams" }, { "Udp:", "InErrors" }, { "Icmp:", "InMsgs" },
		{ "Icmp:", "InDestUnreachs" }, { "Icmp:", "OutMsgs" }, { "Icmp:", "OutDestUnreachs" }, { "Icmp:", "InErrors" }, { 0 },
	};
	struct sockaddr_in a = in_addr("127.0.0.1", 9);
	int c, in, out;

	lo_reset();
	c = socket(AF_INET, SOCK_DGRAM, 0);
	begin(w);
	sendto(c, "x", 1, 0, (struct sockaddr *)&a, sizeof(a));
	end(w);
	in = counter("IcmpMsg:", "InType3");
	out = counter("IcmpMsg:", "OutType3");
	sendto(c, "x", 1, 0, (struct sockaddr *)&a, sizeof(a));
	note("by type %ld %ld", counter("IcmpMsg:", "InType3") - in, counter("IcmpMsg:", "OutType3") - out);
}

TEST(snmp, no_room_for_a_datagram)
{
	struct watch w[] = { { "Udp:", "InErrors" }, { "Udp:", "RcvbufErrors" }, { "Udp:", "OutDatagrams" }, { 0 } };
	struct sockaddr_in a;
	socklen_t len = sizeof(a);
	int s, c, v = 0;
	static char data[1000];

	lo_reset();
	s = bound(SOCK_DGRAM, "127.0.0.1");
	REQUIRE_OK(setsockopt(s, SOL_SOCKET, SO_RCVBUF, &v, sizeof(v)));
	getsockname(s, (struct sockaddr *)&a, &len);
	c = socket(AF_INET, SOCK_DGRAM, 0);
	begin(w);
	for (int i = 0; i < 20; i++)
		sendto(c, data, sizeof(data), 0, (struct sockaddr *)&a, sizeof(a));
	for (v = 0; recv(s, data, sizeof(data), MSG_DONTWAIT) > 0; v++)
		;
	note("some were lost %d, all others came %d, both counters %d, all were sent %d", counter(w[0].table, w[0].name) > w[0].before,
	     counter(w[0].table, w[0].name) - w[0].before == 20 - v, counter(w[0].table, w[0].name) - w[0].before ==
	     counter(w[1].table, w[1].name) - w[1].before, counter(w[2].table, w[2].name) - w[2].before == 20);
}

TEST(snmp, echoes)
{
	struct watch w[] = {
		{ "Icmp:", "InMsgs" }, { "Icmp:", "InEchos" }, { "Icmp:", "InEchoReps" }, { "Icmp:", "OutMsgs" }, { "Icmp:", "OutEchos" },
		{ "Icmp:", "OutEchoReps" }, { 0 },
	};
	struct icmphdr h = { .type = ICMP_ECHO, .checksum = htons(0xf7ff) };
	struct sockaddr_in a = in_addr("127.0.0.1", 0);
	int s;

	lo_reset();
	s = REQUIRE_OK(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
	begin(w);
	SHOW(sendto(s, &h, sizeof(h), 0, (struct sockaddr *)&a, sizeof(a)));
	end(w);
}

TEST(snmp, connections_that_fail)
{
	struct watch w[] = {
		{ "Tcp:", "ActiveOpens" }, { "Tcp:", "PassiveOpens" }, { "Tcp:", "AttemptFails" }, { "Tcp:", "EstabResets" }, { "Tcp:", "CurrEstab" },
		{ "Tcp:", "OutRsts" }, { "Tcp:", "InSegs" }, { "Tcp:", "OutSegs" }, { "Tcp:", "RetransSegs" }, { "Tcp:", "InErrs" }, { 0 },
	};
	struct sockaddr_in a = in_addr("127.0.0.1", 9);
	int s;

	lo_reset();
	s = REQUIRE_OK(socket(AF_INET, SOCK_STREAM, 0));
	begin(w);
	SHOW(connect(s, (struct sockaddr *)&a, sizeof(a)));
	end(w);
}

TEST(snmp, connections_and_resets)
{
	struct watch w[] = {
		{ "Tcp:", "ActiveOpens" }, { "Tcp:", "PassiveOpens" }, { "Tcp:", "AttemptFails" }, { "Tcp:", "EstabResets" }, { "Tcp:", "CurrEstab" },
		{ "Tcp:", "OutRsts" }, { "Tcp:", "RetransSegs" }, { "Tcp:", "InErrs" }, { 0 },
	};
	struct watch seg[] = { { "Tcp:", "InSegs" }, { "Tcp:", "OutSegs" }, { 0 } };
	int c[2];

	lo_reset();
	begin(w);
	begin(seg);
	tcp_pair(c);
	end(w);
	quiet();
	note("a segment that is sent comes %d", counter("Tcp:", "InSegs") - seg[0].before == counter("Tcp:", "OutSegs") - seg[1].before);
	note("at least three %d", counter("Tcp:", "InSegs") - seg[0].before >= 3);
	/* Unread data: a reset, which ends both ends. */
	write_all(c[0], "x", 1);
	struct pollfd p = { c[1], POLLIN, 0 };
	SHOW(poll(&p, 1, 5000));
	begin(w);
	close(c[1]);
	end(w);
}

TEST(snmp, ipv6)
{
	struct watch w[] = {
		{ NULL, "Ip6InReceives" }, { NULL, "Ip6InDelivers" }, { NULL, "Ip6OutRequests" }, { NULL, "Udp6InDatagrams" },
		{ NULL, "Udp6OutDatagrams" }, { NULL, "Udp6NoPorts" }, { NULL, "Icmp6InMsgs" }, { NULL, "Icmp6OutMsgs" }, { "Udp:", "InDatagrams" },
		{ "Udp:", "OutDatagrams" }, { "Ip:", "InReceives" }, { 0 },
	};
	struct sockaddr_in6 a = { .sin6_family = AF_INET6 };
	socklen_t len = sizeof(a);
	int s, c;
	char b[4];

	lo_reset();
	s = REQUIRE_OK(socket(AF_INET6, SOCK_DGRAM, 0));
	c = REQUIRE_OK(socket(AF_INET6, SOCK_DGRAM, 0));
	a.sin6_addr = in6addr_loopback;
	REQUIRE_OK(bind(s, (struct sockaddr *)&a, sizeof(a)));
	getsockname(s, (struct sockaddr *)&a, &len);
	begin(w);
	for (int i = 0; i < 3; i++) {
		sendto(c, "x", 1, 0, (struct sockaddr *)&a, sizeof(a));
		read(s, b, 1);
	}
	end(w);
	begin(w);
	a.sin6_port = htons(9);
	sendto(c, "x", 1, 0, (struct sockaddr *)&a, sizeof(a));
	end(w);
}
