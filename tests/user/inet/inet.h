/* SPDX-License-Identifier: MIT */
/* For the tests of internet sockets: the loopback interface is brought up, ports are the kernel's choice and never printed. */
#pragma once
#include "../harness.h"
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

HARNESS_UNUSED static void lo_up(void)
{
	struct ifreq r = { .ifr_name = "lo" };
	int s = socket(AF_INET, SOCK_DGRAM, 0);

	ioctl(s, SIOCGIFFLAGS, &r);
	r.ifr_flags |= IFF_UP;
	if (ioctl(s, SIOCSIFFLAGS, &r))
		fail("lo does not come up: %s", errno_name(errno));
	close(s);
}

HARNESS_UNUSED static int reap(pid_t pid)
{
	int status = -1;

	if (waitpid(pid, &status, 0) != pid)
		fail("waitpid: %s", errno_name(errno));
	return status;
}

HARNESS_UNUSED static struct sockaddr_in in_addr(const char *ip, int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };

	inet_pton(AF_INET, ip, &a.sin_addr);
	return a;
}

HARNESS_UNUSED static int port_of(int s)
{
	struct sockaddr_in6 a;
	socklen_t n = sizeof(a);

	if (getsockname(s, (void *)&a, &n))
		return -1;
	return ntohs(((struct sockaddr_in *)&a)->sin_port);
}

HARNESS_UNUSED static const char *addr_text(const void *sa)
{
	static char text[4][64];
	static int k;
	char *t = text[k++ & 3];
	const struct sockaddr_in *a = sa;

	if (a->sin_family == AF_INET)
		inet_ntop(AF_INET, &a->sin_addr, t, 64);
	else
		inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)sa)->sin6_addr, t, 64);
	return t;
}

/* A bound socket of this type on ip, any port. */
HARNESS_UNUSED static int bound(int type, const char *ip)
{
	struct sockaddr_in a = in_addr(ip, 0);
	int s = socket(AF_INET, type, 0);

	if (s < 0 || bind(s, (void *)&a, sizeof(a)))
		fail("bind: %s", errno_name(errno));
	return s;
}

HARNESS_UNUSED static int listener(const char *ip, int backlog)
{
	int s = bound(SOCK_STREAM, ip);

	if (listen(s, backlog))
		fail("listen: %s", errno_name(errno));
	return s;
}

HARNESS_UNUSED static int connected_to(int l)
{
	struct sockaddr_in a = in_addr("127.0.0.1", port_of(l));
	int s = socket(AF_INET, SOCK_STREAM, 0);

	if (connect(s, (void *)&a, sizeof(a)))
		fail("connect: %s", errno_name(errno));
	return s;
}

/* A connected pair: c[0] has connected, c[1] was accepted. */
HARNESS_UNUSED static void tcp_pair(int c[2])
{
	int l = listener("127.0.0.1", 1);

	c[0] = connected_to(l);
	c[1] = accept(l, NULL, NULL);
	close(l);
}

/* Waits for one of @events; prints nothing. What poll() says then. */
HARNESS_UNUSED static int events_of(int s, int events)
{
	struct pollfd p = { s, (short)events, 0 };

	if (poll(&p, 1, 10000) != 1)
		return 0;
	return p.revents;
}

HARNESS_UNUSED static const char *poll_text(int e)
{
	static char text[128];
	static const struct { int bit; const char *name; } names[] = {
		{ POLLIN, "IN" }, { POLLOUT, "OUT" }, { POLLERR, "ERR" }, { POLLHUP, "HUP" }, { POLLRDHUP, "RDHUP" }, { POLLPRI, "PRI" },
	};

	text[0] = 0;
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		if (e & names[i].bit) {
			strcat(text, text[0] ? "|" : "");
			strcat(text, names[i].name);
		}
	return text[0] ? text : "0";
}

HARNESS_UNUSED static int so_error(int s)
{
	int e = -1;
	socklen_t n = sizeof(e);

	getsockopt(s, SOL_SOCKET, SO_ERROR, &e, &n);
	return e;
}
