/* SPDX-License-Identifier: MIT */
/* For the tests of packet sockets and of socket filters. Frames of a protocol number that nobody else uses, on loopback. */
#pragma once
#include "../inet/inet.h"
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/un.h>

#define PROTO 0x88b5	/* IEEE: for experiments */

HARNESS_UNUSED static int attach(int s, const struct sock_filter *f, unsigned n)
{
	struct sock_fprog p = { (unsigned short)n, (struct sock_filter *)(uintptr_t)f };

	return setsockopt(s, SOL_SOCKET, SO_ATTACH_FILTER, &p, sizeof(p));
}
#define ATTACH(s, ...) ({ \
	static const struct sock_filter code_[] = { __VA_ARGS__ }; \
	attach(s, code_, ARRAY_SIZE(code_)); })

HARNESS_UNUSED static void dgram_pair(int p[2])
{
	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, p))
		fail("socketpair: %s", errno_name(errno));
}

/* What comes out at @r of @n bytes of @data sent at @w: bytes, or the error. */
HARNESS_UNUSED static int through(int w, int r, const void *data, size_t n)
{
	char buf[4096];
	ssize_t got;

	if (send(w, data, n, 0) != (ssize_t)n)
		return -1000 - errno;
	got = recv(r, buf, sizeof(buf), MSG_DONTWAIT);
	return got < 0 ? -errno : (int)got;
}

HARNESS_UNUSED static struct sockaddr_ll ll_addr(int proto)
{
	struct sockaddr_ll a = { .sll_family = AF_PACKET, .sll_protocol = htons(proto), .sll_ifindex = (int)if_nametoindex("lo") };

	return a;
}

HARNESS_UNUSED static int packet_socket(int type, int proto)
{
	struct sockaddr_ll a = ll_addr(proto);
	int s = socket(AF_PACKET, type | SOCK_NONBLOCK, 0);

	if (s < 0 || bind(s, (void *)&a, sizeof(a)))
		fail("packet socket: %s", errno_name(errno));
	return s;
}

/* A frame on loopback: addresses 0 and @from, protocol, @n bytes 'a' 'b' 'c' ... */
HARNESS_UNUSED static size_t make_frame(unsigned char *f, int proto, size_t n)
{
	static const unsigned char from[6] = { 2, 3, 4, 5, 6, 7 };

	memset(f, 0, 6);
	memcpy(f + 6, from, 6);
	f[12] = (unsigned char)(proto >> 8);
	f[13] = (unsigned char)proto;
	for (size_t i = 0; i < n; i++)
		f[14 + i] = (unsigned char)('a' + i % 26);
	return 14 + n;
}

HARNESS_UNUSED static const char *type_name(int t)
{
	static const char *const names[] = { "HOST", "BROADCAST", "MULTICAST", "OTHERHOST", "OUTGOING" };

	return t >= 0 && t <= 4 ? names[t] : "?";
}

/* Waits for something to read, then says what it is. */
HARNESS_UNUSED static int show_frame(int s, const char *what)
{
	unsigned char buf[2048];
	struct sockaddr_ll a;
	socklen_t n = sizeof(a);
	ssize_t got;

	if (!(events_of(s, POLLIN) & POLLIN)) {
		note("%s: nothing", what);
		return -1;
	}
	memset(&a, 0, sizeof(a));
	got = recvfrom(s, buf, sizeof(buf), MSG_TRUNC, (void *)&a, &n);
	note("%s: %zd bytes, protocol %04x, %s, hatype %d, halen %d from %02x%02x, address of %d bytes", what, got, ntohs(a.sll_protocol),
	     type_name(a.sll_pkttype), a.sll_hatype, a.sll_halen, a.sll_addr[0], a.sll_addr[1], (int)n);
	return (int)got;
}

HARNESS_UNUSED static int nothing(int s)
{
	char c;

	return recv(s, &c, 1, MSG_DONTWAIT) < 0 ? errno : 0;
}
