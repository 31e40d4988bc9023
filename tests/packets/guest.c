/* SPDX-License-Identifier: MIT */
/*
 * The guest's side of the scripted-packet tests: /init of a ramdisk with nothing else. It brings the first Ethernet device up and
 * then does what the serial console says, one command a line, one answer a line that begins with `='. The host's side is peer.py.
 *
 * Every call here is non-blocking or has a time limit; what a stream carries is a pattern of its offsets, so that the order
 * and the wholeness of data are checked where they arrive.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/errqueue.h>
#include <net/if.h>
#include <net/route.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define SLOTS 64
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
static int fd[SLOTS], family[SLOTS];
static unsigned long sent[SLOTS], received[SLOTS];
static char out[8192];

static long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static unsigned char pattern(unsigned long at) { return (unsigned char)(at * 31 + (at >> 8) * 17); }

static const char *error_name(int e)
{
	static char other[16];
	static const struct { int e; const char *name; } names[] = {
		{ EAGAIN, "EAGAIN" }, { ECONNREFUSED, "ECONNREFUSED" }, { ECONNRESET, "ECONNRESET" }, { ETIMEDOUT, "ETIMEDOUT" },
		{ EINPROGRESS, "EINPROGRESS" }, { EPIPE, "EPIPE" }, { EHOSTUNREACH, "EHOSTUNREACH" }, { ENETUNREACH, "ENETUNREACH" },
		{ EMSGSIZE, "EMSGSIZE" }, { ENOTCONN, "ENOTCONN" }, { EADDRINUSE, "EADDRINUSE" }, { EADDRNOTAVAIL, "EADDRNOTAVAIL" },
		{ EINVAL, "EINVAL" }, { EBADF, "EBADF" }, { EISCONN, "EISCONN" }, { EALREADY, "EALREADY" }, { ENOBUFS, "ENOBUFS" },
		{ ECONNABORTED, "ECONNABORTED" }, { ENOPROTOOPT, "ENOPROTOOPT" }, { ENODEV, "ENODEV" }, { EPROTO, "EPROTO" }, { 0, "0" },
		{ EACCES, "EACCES" },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].e == e)
			return names[i].name;
	sprintf(other, "E%d", e);
	return other;
}

static void answer(long ret)
{
	if (ret < 0)
		sprintf(out, "%s", error_name(errno));
	else
		sprintf(out, "%ld", ret);
}

static socklen_t address(int n, const char *ip, const char *port, struct sockaddr_storage *a)
{
	struct sockaddr_in6 *six = (void *)a;
	struct sockaddr_in *four = (void *)a;

	memset(a, 0, sizeof(*a));
	if (family[n] == AF_INET6) {
		six->sin6_family = AF_INET6;
		six->sin6_port = htons(atoi(port));
		inet_pton(AF_INET6, ip, &six->sin6_addr);
		if (!strncmp(ip, "fe80", 4) || !strncmp(ip, "ff02", 4))
			six->sin6_scope_id = if_nametoindex("eth0");
		return sizeof(*six);
	}
	four->sin_family = AF_INET;
	four->sin_port = htons(atoi(port));
	inet_pton(AF_INET, ip, &four->sin_addr);
	return sizeof(*four);
}

static void put(int n, int f, int fam)
{
	if (fd[n] >= 0)
		close(fd[n]);
	fd[n] = f;
	family[n] = fam;
	sent[n] = received[n] = 0;
	if (f >= 0)
		fcntl(f, F_SETFL, O_NONBLOCK);
}

static void make(int n, const char *kind)
{
	int six = kind[strlen(kind) - 1] == '6', f = six ? AF_INET6 : AF_INET, one = 1;

	if (!strncmp(kind, "raw", 3))
		put(n, socket(f, SOCK_RAW, six ? IPPROTO_ICMPV6 : IPPROTO_ICMP), f);
	else
		put(n, socket(f, !strncmp(kind, "tcp", 3) ? SOCK_STREAM : SOCK_DGRAM, 0), f);
	if (fd[n] >= 0)
		setsockopt(fd[n], SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	answer(fd[n] < 0 ? -1 : 0);
}

static int wait_for(int f, int events, int ms)
{
	struct pollfd p = { f, (short)events, 0 };

	return poll(&p, 1, ms) == 1 ? p.revents : 0;
}

static void do_wait(int n, const char *what, int ms)
{
	static const struct { int bit; const char *name; } names[] = {
		{ POLLIN, "IN" }, { POLLOUT, "OUT" }, { POLLERR, "ERR" }, { POLLHUP, "HUP" }, { POLLRDHUP, "RDHUP" },
	};
	int events = 0, got;

	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		if (strstr(what, names[i].name))
			events |= names[i].bit;
	got = wait_for(fd[n], events, ms);
	strcpy(out, got ? "" : "none");
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		if (got & names[i].bit)
			sprintf(out + strlen(out), "%s%s", out[0] ? "|" : "", names[i].name);
}

static void do_accept(int l, int n, int ms)
{
	int f;

	wait_for(fd[l], POLLIN, ms);
	f = accept(fd[l], NULL, NULL);
	if (f >= 0)
		put(n, f, family[l]);
	answer(f < 0 ? -1 : 0);
}

/* As much of @want bytes as the socket takes at once; the last may be urgent. */
static void do_send(int n, size_t want, int flags)
{
	static unsigned char buf[65536];
	size_t done = 0;
	ssize_t r = 0;

	while (done < want) {
		size_t part = want - done < sizeof(buf) ? want - done : sizeof(buf);

		for (size_t i = 0; i < part; i++)
			buf[i] = pattern(sent[n] + i);
		r = send(fd[n], buf, part, MSG_NOSIGNAL | flags);
		if (r <= 0)
			break;
		done += (size_t)r;
		sent[n] += (size_t)r;
	}
	answer(done || !want ? (long)done : r);
}

/* Up to @want bytes, waiting for them; the end of the stream ends it too. */
static void do_read(int n, size_t want, int ms)
{
	static unsigned char buf[65536];
	long end = now_ms() + ms, left;
	size_t done = 0;
	ssize_t r = 1;

	while (done < want) {
		left = end - now_ms();
		if (!wait_for(fd[n], POLLIN, left > 0 ? (int)left : 0))
			break;
		r = recv(fd[n], buf, want - done < sizeof(buf) ? want - done : sizeof(buf), 0);
		if (r <= 0)
			break;
		for (ssize_t i = 0; i < r; i++)
			if (buf[i] != pattern(received[n] + (size_t)i)) {
				sprintf(out, "wrong byte at %lu", received[n] + (size_t)i);
				return;
			}
		done += (size_t)r;
		received[n] += (size_t)r;
	}
	sprintf(out, "%zu%s%s", done, r == 0 ? " eof" : "", r < 0 ? " " : "");
	if (r < 0)
		strcat(out, error_name(errno));
}

static void do_recv(int n, int ms)
{
	static unsigned char buf[65536];
	ssize_t r;

	wait_for(fd[n], POLLIN, ms);
	r = recv(fd[n], buf, sizeof(buf), 0);
	answer(r);
	if (r > 0 && r <= 64) {
		strcat(out, " ");
		for (ssize_t i = 0; i < r; i++)
			sprintf(out + strlen(out), "%02x", buf[i]);
	}
}

/* What is first in the error queue: bytes of the datagram, what went wrong, who said so, and about whom. */
static void do_error(int n, int ms)
{
	char data[256], text[64], about[64];
	union {
		char space[CMSG_SPACE(sizeof(struct sock_extended_err) + sizeof(struct sockaddr_in6))];
		struct cmsghdr align;
	} u;
	struct sockaddr_in to;
	struct iovec v = { data, sizeof(data) };
	struct msghdr m = { .msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = &v, .msg_iovlen = 1, .msg_control = u.space,
			    .msg_controllen = sizeof(u.space) };
	const struct sock_extended_err *e;
	ssize_t r;

	wait_for(fd[n], POLLERR, ms);
	r = recvmsg(fd[n], &m, MSG_ERRQUEUE);
	answer(r);
	if (r < 0 || !CMSG_FIRSTHDR(&m))
		return;
	e = (const void *)CMSG_DATA(CMSG_FIRSTHDR(&m));
	inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)SO_EE_OFFENDER(e))->sin_addr, text, sizeof(text));
	inet_ntop(AF_INET, &to.sin_addr, about, sizeof(about));
	sprintf(out + strlen(out), " %s %d %d %d %u %s %s", error_name((int)e->ee_errno), e->ee_origin, e->ee_type, e->ee_code, e->ee_info, text,
		about);
}

/* A datagram: is all of it zero? */
static void do_check(int n, int ms)
{
	static unsigned char buf[65536];
	ssize_t r;
	int zeros = 1;

	wait_for(fd[n], POLLIN, ms);
	r = recv(fd[n], buf, sizeof(buf), 0);
	answer(r);
	for (ssize_t i = 0; i < r; i++)
		zeros &= !buf[i];
	if (r >= 0)
		strcat(out, zeros ? " zeros" : " other");
}

static void do_text(int n, const char *s, const char *ip, const char *port)
{
	struct sockaddr_storage a;
	socklen_t len = ip ? address(n, ip, port, &a) : 0;

	answer(sendto(fd[n], s, strlen(s), MSG_NOSIGNAL, ip ? (void *)&a : NULL, len));
}

static void do_option(int n, const char *name, int v)
{
	static const struct { const char *name; int level, option; } options[] = {
		{ "nodelay", IPPROTO_TCP, TCP_NODELAY }, { "keepalive", SOL_SOCKET, SO_KEEPALIVE }, { "keepidle", IPPROTO_TCP, TCP_KEEPIDLE },
		{ "keepintvl", IPPROTO_TCP, TCP_KEEPINTVL }, { "keepcnt", IPPROTO_TCP, TCP_KEEPCNT }, { "rcvbuf", SOL_SOCKET, SO_RCVBUF },
		{ "sndbuf", SOL_SOCKET, SO_SNDBUF }, { "mtudisc", IPPROTO_IP, IP_MTU_DISCOVER }, { "broadcast", SOL_SOCKET, SO_BROADCAST },
		{ "recverr", IPPROTO_IP, IP_RECVERR }, { "usertimeout", IPPROTO_TCP, TCP_USER_TIMEOUT }, { "cork", IPPROTO_TCP, TCP_CORK },
		{ "syncnt", IPPROTO_TCP, TCP_SYNCNT }, { "ttl", IPPROTO_IP, IP_TTL }, { "quickack", IPPROTO_TCP, TCP_QUICKACK },
		{ "loop", IPPROTO_IP, IP_MULTICAST_LOOP }, { "loop6", IPPROTO_IPV6, IPV6_MULTICAST_LOOP },
		{ "mcttl", IPPROTO_IP, IP_MULTICAST_TTL },
		{ "linger2", IPPROTO_TCP, TCP_LINGER2 },
	};
	struct linger l = { 1, v };

	if (!strcmp(name, "linger")) {
		answer(setsockopt(fd[n], SOL_SOCKET, SO_LINGER, &l, sizeof(l)));
		return;
	}
	for (unsigned i = 0; i < ARRAY_SIZE(options); i++)
		if (!strcmp(options[i].name, name)) {
			answer(setsockopt(fd[n], options[i].level, options[i].option, &v, sizeof(v)));
			return;
		}
	strcpy(out, "no such option");
}

static void do_get(int n, const char *what)
{
	struct tcp_info info;
	int v = 0;
	socklen_t len = sizeof(v), ilen = sizeof(info);
	int r = -1;

	if (!strcmp(what, "error")) {
		r = getsockopt(fd[n], SOL_SOCKET, SO_ERROR, &v, &len);
		strcpy(out, r ? error_name(errno) : error_name(v));
		return;
	}
	if (!strcmp(what, "mtu")) {
		r = family[n] == AF_INET6 ? getsockopt(fd[n], IPPROTO_IPV6, IPV6_MTU, &v, &len) : getsockopt(fd[n], IPPROTO_IP, IP_MTU, &v, &len);
	} else if (!strcmp(what, "state")) {
		r = getsockopt(fd[n], IPPROTO_TCP, TCP_INFO, &info, &ilen);
		v = info.tcpi_state;
	} else if (!strcmp(what, "mss")) {
		r = getsockopt(fd[n], IPPROTO_TCP, TCP_MAXSEG, &v, &len);
	}
	answer(r < 0 ? -1 : v);
}

static void do_member(int n, const char *ip, int join)
{
	struct ip_mreqn four = { .imr_ifindex = (int)if_nametoindex("eth0") };
	struct ipv6_mreq six = { .ipv6mr_interface = if_nametoindex("eth0") };

	if (family[n] == AF_INET6) {
		inet_pton(AF_INET6, ip, &six.ipv6mr_multiaddr);
		answer(setsockopt(fd[n], IPPROTO_IPV6, join ? IPV6_JOIN_GROUP : IPV6_LEAVE_GROUP, &six, sizeof(six)));
	} else {
		inet_pton(AF_INET, ip, &four.imr_multiaddr);
		answer(setsockopt(fd[n], IPPROTO_IP, join ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP, &four, sizeof(four)));
	}
}

/* ---- the interface */

static int set_addr(int request, const char *ip)
{
	struct ifreq r = { .ifr_name = "eth0" };
	struct sockaddr_in *a = (void *)&r.ifr_addr;
	int s = socket(AF_INET, SOCK_DGRAM, 0), err;

	a->sin_family = AF_INET;
	inet_pton(AF_INET, ip, &a->sin_addr);
	err = ioctl(s, request, &r);
	close(s);
	return err;
}

static int set_flags(const char *name, int on)
{
	struct ifreq r;
	int s = socket(AF_INET, SOCK_DGRAM, 0), err;

	memset(&r, 0, sizeof(r));
	strcpy(r.ifr_name, name);
	err = ioctl(s, SIOCGIFFLAGS, &r);
	r.ifr_flags = (short)(on ? r.ifr_flags | IFF_UP : r.ifr_flags & ~IFF_UP);
	if (!err)
		err = ioctl(s, SIOCSIFFLAGS, &r);
	close(s);
	return err;
}

static int set_route(const char *gw)
{
	struct rtentry r = { .rt_flags = RTF_UP | RTF_GATEWAY, .rt_dst.sa_family = AF_INET, .rt_genmask.sa_family = AF_INET };
	struct sockaddr_in *g = (void *)&r.rt_gateway;
	int s = socket(AF_INET, SOCK_DGRAM, 0), err;

	g->sin_family = AF_INET;
	inet_pton(AF_INET, gw, &g->sin_addr);
	err = ioctl(s, SIOCADDRT, &r);
	close(s);
	return err;
}

/* Does the device have a carrier? Asked until it is so, or @ms are over. */
static void do_carrier(int want, int ms)
{
	long end = now_ms() + ms;
	struct ifreq r = { .ifr_name = "eth0" };
	int s = socket(AF_INET, SOCK_DGRAM, 0), on;

	do {
		on = !ioctl(s, SIOCGIFFLAGS, &r) && r.ifr_flags & IFF_RUNNING;
		if (on != want)
			poll(NULL, 0, 10);
	} while (on != want && now_ms() < end);
	close(s);
	answer(on);
}

static void do_setup(const char *ip, const char *mask, const char *gw)
{
	int err = set_flags("lo", 1);

	err = err ? err : set_addr(SIOCSIFADDR, ip);
	err = err ? err : set_addr(SIOCSIFNETMASK, mask);
	err = err ? err : set_flags("eth0", 1);
	err = err ? err : set_route(gw);
	answer(err);
}

/* Lines of a file that have a word, joined by `;'. */
static void do_grep(const char *word, const char *path)
{
	char line[512];
	FILE *f = fopen(path, "r");

	out[0] = 0;
	while (f && fgets(line, sizeof(line), f))
		if (strstr(line, word) && strlen(out) + strlen(line) < sizeof(out) - 2) {
			line[strcspn(line, "\n")] = ';';
			strcat(out, line);
		}
	if (f)
		fclose(f);
}

/* How many lines of a file have a word; `_' in it stands for a space. */
static void do_count(char *word, const char *path)
{
	char line[512];
	FILE *f = fopen(path, "r");
	long n = 0;

	for (char *c = word; *c; c++)
		if (*c == '_')
			*c = ' ';
	while (f && fgets(line, sizeof(line), f))
		n += strstr(line, word) != NULL;
	if (f)
		fclose(f);
	answer(f ? n : -1);
}

static void do_put(const char *text, const char *path)
{
	int f = open(path, O_WRONLY);

	answer(f < 0 ? -1 : write(f, text, strlen(text)));
	if (f >= 0)
		close(f);
}

/* Debian's kernel has the device's driver in modules; each of /modules is tried until all are in. */
static void load_modules(void)
{
	char path[32];
	struct stat st;

	for (int round = 0; round < 4; round++)
		for (int i = 0; i < 32; i++) {
			int f;

			sprintf(path, "/modules/%d.ko", i);
			if (stat(path, &st))
				break;
			f = open(path, O_RDONLY);
			syscall(SYS_finit_module, f, "", 0);
			close(f);
		}
}

static void run(char *line)
{
	char *w[8] = { 0 };
	int k = 0, n;

	for (char *t = strtok(line, " \r\n"); t && k < 8; t = strtok(NULL, " \r\n"))
		w[k++] = t;
	for (int i = k; i < 8; i++)
		w[i] = "";
	n = atoi(w[1]) & (SLOTS - 1);
	out[0] = 0;
	if (!strcmp(w[0], "socket")) {
		make(n, w[2]);
	} else if (!strcmp(w[0], "bind") || !strcmp(w[0], "connect")) {
		struct sockaddr_storage a;
		socklen_t len = address(n, w[2], w[3], &a);

		answer(w[0][0] == 'b' ? bind(fd[n], (void *)&a, len) : connect(fd[n], (void *)&a, len));
	} else if (!strcmp(w[0], "listen")) {
		answer(listen(fd[n], atoi(w[2])));
	} else if (!strcmp(w[0], "accept")) {
		do_accept(n, atoi(w[2]) & (SLOTS - 1), atoi(w[3]));
	} else if (!strcmp(w[0], "wait")) {
		do_wait(n, w[2], atoi(w[3]));
	} else if (!strcmp(w[0], "send")) {
		do_send(n, strtoul(w[2], NULL, 0), !strcmp(w[3], "oob") ? MSG_OOB : 0);
	} else if (!strcmp(w[0], "read")) {
		do_read(n, strtoul(w[2], NULL, 0), atoi(w[3]));
	} else if (!strcmp(w[0], "recv")) {
		do_recv(n, atoi(w[2]));
	} else if (!strcmp(w[0], "errq")) {
		do_error(n, atoi(w[2]));
	} else if (!strcmp(w[0], "check")) {
		do_check(n, atoi(w[2]));
	} else if (!strcmp(w[0], "text")) {
		do_text(n, w[2], k > 3 ? w[3] : NULL, w[4]);
	} else if (!strcmp(w[0], "opt")) {
		do_option(n, w[2], atoi(w[3]));
	} else if (!strcmp(w[0], "get")) {
		do_get(n, w[2]);
	} else if (!strcmp(w[0], "join") || !strcmp(w[0], "leave")) {
		do_member(n, w[2], w[0][0] == 'j');
	} else if (!strcmp(w[0], "shut")) {
		answer(shutdown(fd[n], atoi(w[2])));
	} else if (!strcmp(w[0], "close")) {
		answer(fd[n] < 0 ? 0 : close(fd[n]));
		fd[n] = -1;
	} else if (!strcmp(w[0], "closeall")) {
		for (int i = 0; i < SLOTS; i++)
			put(i, -1, 0);
		answer(0);
	} else if (!strcmp(w[0], "setup")) {
		do_setup(w[1], w[2], w[3]);
	} else if (!strcmp(w[0], "link")) {
		answer(set_flags("eth0", atoi(w[1])));
	} else if (!strcmp(w[0], "carrier")) {
		do_carrier(atoi(w[1]), atoi(w[2]));
	} else if (!strcmp(w[0], "grep")) {
		do_grep(w[1], w[2]);
	} else if (!strcmp(w[0], "count")) {
		do_count(w[1], w[2]);
	} else if (!strcmp(w[0], "put")) {
		do_put(w[1], w[2]);
	} else if (!strcmp(w[0], "time")) {
		answer(now_ms());
	} else if (!strcmp(w[0], "off")) {
		printf("= 0\n");
		fflush(stdout);
		tcdrain(1);
		reboot(RB_POWER_OFF);
	} else {
		strcpy(out, "no such command");
	}
	printf("= %s\n", out);
	fflush(stdout);
}

int main(void)
{
	struct termios t;
	char line[1024];

	mkdir("/proc", 0755);
	mount("proc", "/proc", "proc", 0, NULL);
	load_modules();
	for (int i = 0; i < SLOTS; i++)
		fd[i] = -1;
	if (!tcgetattr(0, &t)) {
		t.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
		t.c_oflag &= ~(tcflag_t)OPOST;
		tcsetattr(0, TCSANOW, &t);
	}
	for (int i = 0; i < 500 && !if_nametoindex("eth0"); i++)
		poll(NULL, 0, 20);	/* a module's probe may go on behind its back */
	printf("\n= ready %s\n", if_nametoindex("eth0") ? "eth0" : "without a device");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin))
		run(line);
	reboot(RB_POWER_OFF);
}
