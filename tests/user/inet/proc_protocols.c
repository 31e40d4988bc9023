/* SPDX-License-Identifier: MIT */
/* /proc/net/protocols, packet and ptype: what they say of the kinds of sockets that both kernels have, and of sockets of the test's. */
#include "inet.h"
#include <linux/if_ether.h>
#include <linux/netlink.h>

/* The row of a protocol without its size; how many sockets it says there are. */
static int row(const char *name, char *out)
{
	FILE *f = fopen("/proc/net/protocols", "r");
	char line[256], word[64], rest[256];
	int n = -1, size;

	out[0] = 0;
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%63s %d %d %255[^\n]", word, &size, &n, rest) == 4 && !strcmp(word, name)) {
			strcpy(out, rest);
			break;
		}
	fclose(f);
	return n;
}

TEST(proc_protocols, heading)
{
	FILE *f = fopen("/proc/net/protocols", "r");
	char line[256];

	note("%s", fgets(line, sizeof(line), f) ? strtok(line, "\n") : "-");
	fclose(f);
}

TEST(proc_protocols, kinds)
{
	static const struct { const char *name; int family, type, protocol; } kinds[] = {
		{ "TCP", AF_INET, SOCK_STREAM, 0 }, { "UDP", AF_INET, SOCK_DGRAM, 0 }, { "RAW", AF_INET, SOCK_RAW, 200 },
		{ "TCPv6", AF_INET6, SOCK_STREAM, 0 }, { "UDPv6", AF_INET6, SOCK_DGRAM, 0 }, { "RAWv6", AF_INET6, SOCK_RAW, 200 },
		{ "UNIX-STREAM", AF_UNIX, SOCK_STREAM, 0 }, { "UNIX", AF_UNIX, SOCK_DGRAM, 0 }, { "PACKET", AF_PACKET, SOCK_RAW, 0 },
		{ "NETLINK", AF_NETLINK, SOCK_RAW, NETLINK_ROUTE },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++) {
		char text[256];
		int before = row(kinds[i].name, text), s = REQUIRE_OK(socket(kinds[i].family, kinds[i].type, kinds[i].protocol));

		note("%s +%d %s", kinds[i].name, row(kinds[i].name, text) - before, text);
		if (kinds[i].protocol == 0 && kinds[i].family != AF_UNIX && kinds[i].family != AF_PACKET) {
			struct sockaddr_in6 a = { .sin6_family = kinds[i].family };

			REQUIRE_OK(bind(s, (void *)&a, sizeof(a)));
			note("bound: +%d", row(kinds[i].name, text) - before);
			if (kinds[i].type == SOCK_STREAM) {
				REQUIRE_OK(listen(s, 1));
				note("listening: +%d", row(kinds[i].name, text) - before);
			}
		}
		close(s);
	}
}

static void packet_sockets(unsigned long ino)
{
	FILE *f = fopen("/proc/net/packet", "r");
	char line[256], sk[64];
	int refs, type, running, proto, dev;
	unsigned rmem, uid;
	unsigned long n;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%63s %d %d %x %d %d %u %u %lu", sk, &refs, &type, &proto, &dev, &running, &rmem, &uid, &n) == 9 && n == ino)
			note("type %d proto %04x device %d running %d rmem %u uid %u; %d columns", type, proto, dev, running, rmem, uid,
			     (int)strspn(sk, "0123456789abcdef"));
	fclose(f);
}

static void types(const char *what)
{
	FILE *f = fopen("/proc/net/ptype", "r");
	char line[256];

	note("%s:", what);
	while (f && fgets(line, sizeof(line), f))
		note("%s|", strtok(line, "\n"));
	fclose(f);
}

TEST(proc_protocols, packet_sockets_and_types)
{
	static const struct { int type, proto; } all[] = { { SOCK_RAW, ETH_P_ALL }, { SOCK_DGRAM, ETH_P_IP }, { SOCK_DGRAM, 0 }, { SOCK_RAW, 0x88cc } };
	struct stat st;
	int s[4];

	lo_up();
	types("none");
	for (int i = 0; i < 4; i++) {
		s[i] = REQUIRE_OK(socket(AF_PACKET, all[i].type, htons(all[i].proto)));
		REQUIRE_OK(fstat(s[i], &st));
		packet_sockets(st.st_ino);
	}
	close(s[1]);
	close(s[3]);
	types("all");
	close(s[0]);
	close(s[2]);
	types("none");
}

static long stat_of(const char *line, const char *name)
{
	FILE *f = fopen("/proc/net/sockstat", "r");
	char text[256], *at;
	long n = -1;

	while (f && fgets(text, sizeof(text), f))
		if (!strncmp(text, line, strlen(line)) && (at = strstr(text, name)))
			n = atol(at + strlen(name));
	fclose(f);
	return n;
}

TEST(proc_protocols, sockstat_counts)
{
	static const struct { const char *name; int family, type, protocol; } kinds[] = {
		{ "TCP", AF_INET, SOCK_STREAM, 0 }, { "UDP", AF_INET, SOCK_DGRAM, 0 }, { "TCPv6", AF_INET6, SOCK_STREAM, 0 },
		{ "UNIX", AF_UNIX, SOCK_DGRAM, 0 }, { "PACKET", AF_PACKET, SOCK_RAW, 0 }, { "NETLINK", AF_NETLINK, SOCK_RAW, NETLINK_ROUTE },
	};

	lo_up();
	for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++) {
		long used = stat_of("sockets:", " used "), alloc = stat_of("TCP:", " alloc "), inuse = stat_of("TCP:", " inuse "),
		     udp = stat_of("UDP:", " inuse ");
		int s = REQUIRE_OK(socket(kinds[i].family, kinds[i].type, kinds[i].protocol));
		struct sockaddr_in a = { .sin_family = AF_INET };

		note("%s: used %ld, TCP inuse %ld alloc %ld, UDP inuse %ld", kinds[i].name, stat_of("sockets:", " used ") - used,
		     stat_of("TCP:", " inuse ") - inuse, stat_of("TCP:", " alloc ") - alloc, stat_of("UDP:", " inuse ") - udp);
		if (kinds[i].family == AF_INET) {
			REQUIRE_OK(bind(s, (void *)&a, sizeof(a)));
			if (kinds[i].type == SOCK_STREAM)
				REQUIRE_OK(listen(s, 1));
			note("bound or listening: TCP inuse %ld, UDP inuse %ld", stat_of("TCP:", " inuse ") - inuse, stat_of("UDP:", " inuse ") - udp);
		}
		close(s);
	}
}
