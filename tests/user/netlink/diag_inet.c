/* SPDX-License-Identifier: MIT */
/* modules: inet_diag tcp_diag udp_diag raw_diag */
/*
 * sock_diag of TCP, UDP and raw sockets: dumps, filters, extensions, single sockets, SOCK_DESTROY.
 * Ports are chosen by the kernel and printed by the name that the test gives them; not printed are times and cookies.
 */
#include "diag.h"
#include <netinet/ip.h>

static int quiet;

static void show_end(int family, const void *addr, unsigned port, char *out)
{
	char ip[64];

	inet_ntop(family, addr, ip, sizeof(ip));
	sprintf(out, "%s %s", ip, known_as(ntohs(port)));
}

static const char *attr_name(unsigned type)
{
	static const char *const names[] = {
		"0", "meminfo", "info", "vegas", "cong", "tos", "tclass", "skmeminfo", "shutdown", "dctcp", "protocol", "v6only", "locals", "peers",
		"pad", "mark", "bbr", "class", "md5", "ulp", "bpf", "cgroup", "sockopt",
	};

	return type < ARRAY_SIZE(names) ? names[type] : "?";
}

/* What one answer says is kept, and printed sorted: tables have no order. */
static char texts[64][2048];
static unsigned nr_texts;

__attribute__((format(printf, 1, 2))) static void put(const char *format, ...)
{
	char *t = texts[nr_texts - 1];
	size_t n = strlen(t);
	va_list ap;

	va_start(ap, format);
	vsnprintf(t + n, sizeof(texts[0]) - n, format, ap);
	va_end(ap);
	strcat(t, "\n");
}

static void show_attr(const struct nlattr *a)
{
	const unsigned char *b = (const unsigned char *)(a + 1);
	unsigned len = a->nla_len - NLA_HDRLEN;
	const unsigned *w = (const unsigned *)b;

	switch (a->nla_type) {
	case INET_DIAG_CGROUP_ID:
	case INET_DIAG_VEGASINFO:
		return;
	case INET_DIAG_SKMEMINFO:
		put("  skmeminfo: %d words, rcvbuf %d sndbuf %d drops %u", len / 4, w[SK_MEMINFO_RCVBUF] > 0, w[SK_MEMINFO_SNDBUF] > 0,
		     w[SK_MEMINFO_DROPS]);
		return;
	case INET_DIAG_INFO:
		put("  info: length %d state %s", len, state_name(b[0]));
		return;
	case INET_DIAG_CONG:
		put("  cong: a name %d", len > 1 && !b[len - 1]);
		return;
	case INET_DIAG_MEMINFO:
		put("  meminfo: length %d", len);
		return;
	}
	if (len == 1)
		put("  %s: %d", attr_name(a->nla_type), b[0]);
	else if (len == 2)
		put("  %s: %02x %02x", attr_name(a->nla_type), b[0], b[1]);
	else if (len == 4)
		put("  %s: %u", attr_name(a->nla_type), w[0]);
	else
		put("  %s: length %d", attr_name(a->nla_type), len);
}

static struct inet_diag_msg last;

static void show(const struct nlmsghdr *h)
{
	const struct inet_diag_msg *m = NLMSG_DATA(h);
	int left = (int)h->nlmsg_len - (int)NLMSG_LENGTH(sizeof(*m));
	const struct nlattr *a = (const struct nlattr *)(m + 1);
	char from[128], to[128];

	if (nr_texts == ARRAY_SIZE(texts))
		return;
	texts[nr_texts++][0] = 0;
	show_end(m->idiag_family, m->id.idiag_src, m->id.idiag_sport, from);
	show_end(m->idiag_family, m->id.idiag_dst, m->id.idiag_dport, to);
	put("type %d family %d %s %s > %s timer %d retrans %d rqueue %u wqueue %u uid %u inode %s if %u cookie %d", h->nlmsg_type, m->idiag_family,
	     state_name(m->idiag_state), from, to, m->idiag_timer, m->idiag_retrans, m->idiag_rqueue, m->idiag_wqueue, m->idiag_uid,
	     known_as(m->idiag_inode), m->id.idiag_if, m->id.idiag_cookie[0] || m->id.idiag_cookie[1]);
	last = *m;
	for (; !quiet && left >= (int)sizeof(*a); left -= NLMSG_ALIGN(a->nla_len), a = (const void *)((const char *)a + NLMSG_ALIGN(a->nla_len)))
		show_attr(a);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int ask_sorted(int fd, void (*each)(const struct nlmsghdr *h))
{
	int n;

	nr_texts = 0;
	n = ask(fd, each);
	qsort(texts, nr_texts, sizeof(texts[0]), by_text);
	for (unsigned i = 0; i < nr_texts; i++)
		for (char *l = strtok(texts[i], "\n"); l; l = strtok(NULL, "\n"))
			note("%s", l);
	return n;
}
#define ask ask_sorted

static struct inet_diag_req_v2 *request(unsigned flags, int family, int protocol, unsigned states)
{
	struct inet_diag_req_v2 *r = start(SOCK_DIAG_BY_FAMILY, flags, sizeof(*r));

	r->sdiag_family = family;
	r->sdiag_protocol = protocol;
	r->idiag_states = states;
	r->id.idiag_cookie[0] = r->id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
	return r;
}

static struct { int listener, client, server; unsigned lport, cport; } t;

static void tcp_setup(void)
{
	struct sockaddr_in a;
	socklen_t len = sizeof(a);

	lo_up();
	nr_known = 0;
	t.listener = bound(SOCK_STREAM, "127.0.0.1");
	REQUIRE_OK(listen(t.listener, 5));
	REQUIRE_OK(getsockname(t.listener, (void *)&a, &len));
	t.lport = ntohs(a.sin_port);
	/* A port of its own: one that connect() chooses may be another connection's, in TIME_WAIT to somewhere else. */
	t.client = bound(SOCK_STREAM, "127.0.0.1");
	REQUIRE_OK(connect(t.client, (void *)&a, sizeof(a)));
	t.cport = port_of(t.client);
	t.server = REQUIRE_OK(accept(t.listener, NULL, NULL));
	know(t.lport, "L");
	know(t.cport, "C");
	know(inode(t.listener), "listener");
	know(inode(t.client), "client");
	know(inode(t.server), "server");
}

/* Acknowledgements have come: nothing is on its way. */
static void settle(int fd)
{
	int v = 1;

	for (int i = 0; i < 2000 && (ioctl(fd, TIOCOUTQ, &v), v); i++)
		usleep(5000);
}

TEST(diag_inet, a_listener_and_a_connection)
{
	int fd = diag_socket();

	tcp_setup();
	quiet = 1;
	request(DUMP, AF_INET, IPPROTO_TCP, ALL)->id.idiag_sport = htons(t.lport);
	note("%d", ask(fd, show));
	request(DUMP, AF_INET, IPPROTO_TCP, ALL)->id.idiag_dport = htons(t.lport);
	note("%d", ask(fd, show));
	request(DUMP, AF_INET, IPPROTO_TCP, 1 << TCP_LISTEN)->id.idiag_sport = htons(t.lport);
	note("%d", ask(fd, show));
	request(DUMP, AF_INET, IPPROTO_TCP, 1 << TCP_ESTABLISHED)->id.idiag_sport = htons(t.lport);
	note("%d", ask(fd, show));
	request(DUMP, AF_INET6, IPPROTO_TCP, ALL)->id.idiag_sport = htons(t.lport);
	note("%d", ask(fd, show));
	request(DUMP, AF_INET, IPPROTO_UDP, ALL)->id.idiag_sport = htons(t.lport);
	note("%d", ask(fd, show));
}

TEST(diag_inet, queues)
{
	int fd = diag_socket(), more;
	struct sockaddr_in a = in_addr("127.0.0.1", 0);

	tcp_setup();
	quiet = 1;
	write_all(t.client, "hello", 5);
	settle(t.client);
	request(DUMP, AF_INET, IPPROTO_TCP, 1 << TCP_ESTABLISHED)->id.idiag_sport = htons(t.lport);
	note("%d", ask(fd, show));
	/* One that nobody has accepted. */
	more = REQUIRE_OK(socket(AF_INET, SOCK_STREAM, 0));
	a.sin_port = htons(t.lport);
	REQUIRE_OK(connect(more, (void *)&a, sizeof(a)));
	know(port_of(more), "D");
	request(DUMP, AF_INET, IPPROTO_TCP, 1 << TCP_LISTEN)->id.idiag_sport = htons(t.lport);
	note("%d", ask(fd, show));
	struct inet_diag_req_v2 *r = request(DUMP, AF_INET, IPPROTO_TCP, 1 << TCP_ESTABLISHED);
	r->id.idiag_sport = htons(t.lport);
	r->id.idiag_dport = htons(port_of(more));
	note("%d", ask(fd, show));
}

TEST(diag_inet, ends_of_a_connection)
{
	int fd = diag_socket();

	tcp_setup();
	quiet = 1;
	REQUIRE_OK(shutdown(t.client, SHUT_WR));
	settle(t.client);
	request(DUMP, AF_INET, IPPROTO_TCP, 1 << TCP_FIN_WAIT2)->id.idiag_sport = htons(t.cport);
	note("%d", ask(fd, show));
	close(t.server);
	/* Over: remembered for a while, without an owner. */
	for (int i = 0; i < 2000; i++) {
		int n;

		request(DUMP, AF_INET, IPPROTO_TCP, 1 << TCP_TIME_WAIT)->id.idiag_sport = htons(t.cport);
		n = ask(fd, NULL);
		if (n)
			break;
		usleep(5000);
	}
	quiet = 0;
	request(DUMP, AF_INET, IPPROTO_TCP, 1 << TCP_TIME_WAIT)->id.idiag_sport = htons(t.cport);
	note("%d", ask(fd, show));
	note("expires %d", last.idiag_expires > 1000 && last.idiag_expires <= 60000);
}

TEST(diag_inet, extensions)
{
	struct inet_diag_req_v2 *r;
	int fd = diag_socket(), v = 0x10;

	tcp_setup();
	quiet = 0;
	REQUIRE_OK(setsockopt(t.client, IPPROTO_IP, IP_TOS, &v, sizeof(v)));
	v = 77;
	REQUIRE_OK(setsockopt(t.client, SOL_SOCKET, SO_MARK, &v, sizeof(v)));
	v = 5;
	REQUIRE_OK(setsockopt(t.client, SOL_SOCKET, SO_PRIORITY, &v, sizeof(v)));
	v = 1;
	REQUIRE_OK(setsockopt(t.client, IPPROTO_IP, IP_RECVERR, &v, sizeof(v)));
	r = request(DUMP, AF_INET, IPPROTO_TCP, ALL);
	r->id.idiag_sport = htons(t.cport);
	note("%d", ask(fd, show));
	r = request(DUMP, AF_INET, IPPROTO_TCP, ALL);
	r->id.idiag_sport = htons(t.cport);
	r->idiag_ext = 0xff;
	note("%d", ask(fd, show));
	r = request(DUMP, AF_INET, IPPROTO_TCP, 1 << TCP_LISTEN);
	r->id.idiag_sport = htons(t.lport);
	r->idiag_ext = 0xff;
	note("%d", ask(fd, show));
	REQUIRE_OK(shutdown(t.client, SHUT_RD));
	r = request(DUMP, AF_INET, IPPROTO_TCP, ALL);
	r->id.idiag_sport = htons(t.cport);
	r->idiag_ext = 1 << (INET_DIAG_TOS - 1);
	note("%d", ask(fd, show));
}

TEST(diag_inet, without_privilege_no_marks)
{
	tcp_setup();
	pid_t pid;
	CHILD(pid) {
		int fd;

		REQUIRE_OK(setresuid(1000, 1000, 1000));
		fd = diag_socket();
		request(DUMP, AF_INET, IPPROTO_TCP, ALL)->id.idiag_sport = htons(t.cport);
		note("%d", ask(fd, show));
	}
	reap(pid);
}

/* ---- filters */

struct program {
	struct inet_diag_bc_op op[16];
};

static int filtered(int fd, const void *code, size_t len)
{
	struct inet_diag_req_v2 *r = request(DUMP, AF_INET, IPPROTO_TCP, 1 << TCP_ESTABLISHED | 1 << TCP_LISTEN);

	(void)r;
	add(INET_DIAG_REQ_BYTECODE, code, len);
	return ask(fd, show);
}

#define PORT(code_, port_) { code_, 8, 12 }, { 0, 0, port_ }

static void host(int fd, int code, int family, const char *ip, int bits, int port)
{
	struct {
		struct inet_diag_bc_op op;
		struct inet_diag_hostcond c;
		unsigned char addr[16];
	} p = { 0 };
	size_t len = 12 + (family == AF_INET ? 4 : family == AF_INET6 ? 16 : 0);

	p.op = (struct inet_diag_bc_op){ code, len, len + 4 };
	p.c.family = family;
	p.c.prefix_len = bits;
	p.c.port = port;
	if (family)
		inet_pton(family, ip, p.addr);
	note("%s %s/%d port %s:", code == INET_DIAG_BC_S_COND ? "from" : "to", ip, bits, port < 0 ? "any" : known_as(port));
	note("%d", filtered(fd, &p, len));
}

TEST(diag_inet, filters_by_port)
{
	int fd = diag_socket();

	tcp_setup();
	quiet = 1;
	note("from L: %d", filtered(fd, (struct inet_diag_bc_op[]){ PORT(INET_DIAG_BC_S_EQ, t.lport) }, 8));
	note("to L: %d", filtered(fd, (struct inet_diag_bc_op[]){ PORT(INET_DIAG_BC_D_EQ, t.lport) }, 8));
	note("between: %d", filtered(fd, (struct inet_diag_bc_op[]){ { INET_DIAG_BC_S_GE, 8, 20 }, { 0, 0, t.cport },
								     { INET_DIAG_BC_S_LE, 8, 12 }, { 0, 0, t.cport } }, 16));
	note("to between: %d", filtered(fd, (struct inet_diag_bc_op[]){ { INET_DIAG_BC_D_GE, 8, 20 }, { 0, 0, t.cport },
									{ INET_DIAG_BC_D_LE, 8, 12 }, { 0, 0, t.cport } }, 16));
	/* Either: the first skips the second if it holds. */
	note("to L or C: %d", filtered(fd, (struct inet_diag_bc_op[]){ { INET_DIAG_BC_D_EQ, 8, 12 }, { 0, 0, t.cport },
			{ INET_DIAG_BC_JMP, 4, 12 }, { INET_DIAG_BC_D_EQ, 8, 12 }, { 0, 0, t.lport } }, 20));
	/* Not: the way of what holds leads beyond the end. */
	note("from L, not to C: %d", filtered(fd, (struct inet_diag_bc_op[]){ { INET_DIAG_BC_S_EQ, 8, 24 }, { 0, 0, t.lport },
			{ INET_DIAG_BC_D_EQ, 8, 12 }, { 0, 0, t.cport }, { INET_DIAG_BC_JMP, 4, 8 } }, 20));
	note("chosen by connect, to L: %d", filtered(fd, (struct inet_diag_bc_op[]){ { INET_DIAG_BC_AUTO, 4, 16 },
			{ INET_DIAG_BC_D_EQ, 8, 12 }, { 0, 0, t.lport } }, 12));
	note("chosen, from L: %d", filtered(fd, (struct inet_diag_bc_op[]){ { INET_DIAG_BC_AUTO, 4, 16 },
			{ INET_DIAG_BC_S_EQ, 8, 12 }, { 0, 0, t.lport } }, 12));
	note("no-op, from C: %d", filtered(fd, (struct inet_diag_bc_op[]){ { INET_DIAG_BC_NOP, 4, 0 },
			{ INET_DIAG_BC_S_EQ, 8, 12 }, { 0, 0, t.cport } }, 12));
}

TEST(diag_inet, filters_by_address)
{
	int fd = diag_socket();

	tcp_setup();
	quiet = 1;
	host(fd, INET_DIAG_BC_S_COND, AF_INET, "127.0.0.1", 32, t.cport);
	host(fd, INET_DIAG_BC_S_COND, AF_INET, "127.3.4.5", 8, t.cport);
	host(fd, INET_DIAG_BC_S_COND, AF_INET, "127.3.4.5", 16, t.cport);
	host(fd, INET_DIAG_BC_S_COND, AF_INET, "127.0.0.2", 31, t.cport);
	host(fd, INET_DIAG_BC_S_COND, AF_INET, "127.0.0.0", 31, t.cport);
	host(fd, INET_DIAG_BC_S_COND, AF_INET, "1.2.3.4", 0, t.cport);
	host(fd, INET_DIAG_BC_D_COND, AF_INET, "127.0.0.1", 32, t.cport);
	host(fd, INET_DIAG_BC_D_COND, AF_UNSPEC, "any", 0, t.lport);
	host(fd, INET_DIAG_BC_S_COND, AF_INET6, "::1", 128, t.cport);
}

TEST(diag_inet, filters_by_mark_and_device)
{
	struct { struct inet_diag_bc_op op; unsigned mark, mask; } m = { { INET_DIAG_BC_MARK_COND, 12, 16 }, 0x70, 0xf0 };
	struct { struct inet_diag_bc_op op; unsigned dev; } d = { { INET_DIAG_BC_DEV_COND, 8, 12 }, 1 };
	int fd = diag_socket(), v = 0x75;

	tcp_setup();
	quiet = 1;
	REQUIRE_OK(setsockopt(t.client, SOL_SOCKET, SO_MARK, &v, sizeof(v)));
	note("mark: %d", filtered(fd, &m, 12));
	REQUIRE_OK(setsockopt(t.listener, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3));
	note("device: %d", filtered(fd, &d, 8));
	pid_t pid;
	CHILD(pid) {
		REQUIRE_OK(setresuid(1000, 1000, 1000));
		fd = diag_socket();
		note("mark: %d", filtered(fd, &m, 12));
	}
	reap(pid);
}

TEST(diag_inet, filters_that_are_none)
{
	static const struct { const char *what; size_t len; struct inet_diag_bc_op op[6]; } bad[] = {
		{ "empty", 0, { { 0 } } },
		{ "cut off", 2, { { INET_DIAG_BC_NOP, 4, 0 } } },
		{ "trailing bytes", 6, { { INET_DIAG_BC_NOP, 4, 0 } } },
		{ "an unknown code", 4, { { 99, 4, 8 } } },
		{ "a port without a port", 4, { { INET_DIAG_BC_S_EQ, 4, 8 } } },
		{ "a step inside the operation", 8, { { INET_DIAG_BC_S_EQ, 4, 12 } } },
		{ "a step that is no multiple", 8, { { INET_DIAG_BC_S_EQ, 8, 10 } } },
		{ "no step", 4, { { INET_DIAG_BC_JMP, 4, 0 } } },
		{ "beyond the end", 8, { { INET_DIAG_BC_S_EQ, 8, 16 } } },
		{ "yes beyond the end", 8, { { INET_DIAG_BC_S_EQ, 12, 12 } } },
		{ "into an argument", 20, { { INET_DIAG_BC_JMP, 4, 8 }, { INET_DIAG_BC_S_EQ, 8, 16 }, { 0 }, { INET_DIAG_BC_S_EQ, 8, 12 } } },
		{ "a host without a family", 8, { { INET_DIAG_BC_S_COND, 8, 12 } } },
		{ "a no-op with a no", 4, { { INET_DIAG_BC_NOP, 4, 77 } } },
	};
	struct { struct inet_diag_bc_op op; struct inet_diag_hostcond c; unsigned addr; } h = { { INET_DIAG_BC_S_COND, 16, 20 }, { AF_INET, 33, -1 }, 0 };
	int fd = diag_socket();

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		note("%s:", bad[i].what);
		request(DUMP, AF_INET, IPPROTO_TCP, 0);
		add(INET_DIAG_REQ_BYTECODE, bad[i].op, bad[i].len);
		note("%d", ask(fd, NULL));
	}
	note("a prefix too long:");
	request(DUMP, AF_INET, IPPROTO_TCP, 0);
	add(INET_DIAG_REQ_BYTECODE, &h, sizeof(h));
	ask(fd, NULL);
	note("a family unknown:");
	h.c.prefix_len = 0;
	h.c.family = AF_UNIX;
	request(DUMP, AF_INET, IPPROTO_TCP, 0);
	add(INET_DIAG_REQ_BYTECODE, &h, sizeof(h));
	ask(fd, NULL);
}

/* ---- IPv6 */

TEST(diag_inet, ipv6_and_mapped_addresses)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6 };
	struct sockaddr_in four = in_addr("127.0.0.1", 0);
	struct inet_diag_req_v2 *r;
	int fd = diag_socket(), l, c, s, v = 0x20;

	lo_up();
	nr_known = 0;
	l = REQUIRE_OK(socket(AF_INET6, SOCK_STREAM, 0));
	REQUIRE_OK(bind(l, (void *)&a, sizeof(a)));
	REQUIRE_OK(listen(l, 3));
	REQUIRE_OK(setsockopt(l, IPPROTO_IPV6, IPV6_TCLASS, &v, sizeof(v)));
	four.sin_port = htons(port_of(l));
	c = REQUIRE_OK(socket(AF_INET, SOCK_STREAM, 0));
	REQUIRE_OK(connect(c, (void *)&four, sizeof(four)));
	s = REQUIRE_OK(accept(l, NULL, NULL));
	know(port_of(l), "L");
	know(port_of(c), "C");
	know(inode(l), "listener");
	know(inode(c), "client");
	know(inode(s), "server");
	quiet = 0;
	r = request(DUMP, AF_INET6, IPPROTO_TCP, 1 << TCP_LISTEN);
	r->id.idiag_sport = htons(port_of(l));
	r->idiag_ext = 1 << (INET_DIAG_TOS - 1) | 1 << (INET_DIAG_TCLASS - 1);
	note("%d", ask(fd, show));
	quiet = 1;
	request(DUMP, AF_INET6, IPPROTO_TCP, 1 << TCP_ESTABLISHED)->id.idiag_sport = htons(port_of(l));
	note("%d", ask(fd, show));
	request(DUMP, AF_INET, IPPROTO_TCP, 1 << TCP_ESTABLISHED)->id.idiag_sport = htons(port_of(c));
	note("%d", ask(fd, show));
	/* A filter for IPv4 finds the mapped one. */
	struct {
		struct inet_diag_bc_op op;
		struct inet_diag_hostcond c;
		unsigned addr;
	} p = { { INET_DIAG_BC_S_COND, 16, 20 }, { AF_INET, 32, port_of(l) }, htonl(INADDR_LOOPBACK) };
	request(DUMP, AF_INET6, IPPROTO_TCP, 1 << TCP_ESTABLISHED);
	add(INET_DIAG_REQ_BYTECODE, &p, sizeof(p));
	note("%d", ask(fd, show));
	/* Both families. */
	request(DUMP, AF_UNSPEC, IPPROTO_TCP, ALL);
	ask(fd, NULL);
}

/* ---- datagrams, raw */

TEST(diag_inet, udp)
{
	int fd = diag_socket(), s, c;
	struct sockaddr_in a;
	socklen_t len = sizeof(a);

	lo_up();
	nr_known = 0;
	s = bound(SOCK_DGRAM, "127.0.0.1");
	REQUIRE_OK(getsockname(s, (void *)&a, &len));
	c = REQUIRE_OK(socket(AF_INET, SOCK_DGRAM, 0));
	REQUIRE_OK(connect(c, (void *)&a, sizeof(a)));
	know(port_of(s), "S");
	know(port_of(c), "C");
	know(inode(s), "bound");
	know(inode(c), "connected");
	quiet = 0;
	request(DUMP, AF_INET, IPPROTO_UDP, ALL)->id.idiag_sport = a.sin_port;
	note("%d", ask(fd, show));
	quiet = 1;
	request(DUMP, AF_INET, IPPROTO_UDP, 1 << TCP_ESTABLISHED)->id.idiag_dport = a.sin_port;
	note("%d", ask(fd, show));
	request(DUMP, AF_INET, IPPROTO_UDP, 1 << TCP_CLOSE)->id.idiag_dport = a.sin_port;
	note("%d", ask(fd, show));
	/* A number that does not fit a byte is asked for by an attribute. */
	request(DUMP, AF_INET, 0, ALL)->id.idiag_sport = a.sin_port;
	add(INET_DIAG_REQ_PROTOCOL, &(unsigned){ IPPROTO_UDP }, 4);
	note("%d", ask(fd, show));
	request(DUMP, AF_INET, 0, ALL);
	add(INET_DIAG_REQ_PROTOCOL, &(unsigned){ IPPROTO_UDP }, 2);
	note("%d", ask(fd, show));
}

TEST(diag_inet, raw)
{
	int fd = diag_socket(), s;

	lo_up();
	nr_known = 0;
	s = REQUIRE_OK(socket(AF_INET, SOCK_RAW, 143));
	know(143, "143");
	know(inode(s), "raw");
	quiet = 0;
	request(DUMP, AF_INET, IPPROTO_RAW, ALL)->id.idiag_sport = htons(143);
	note("%d", ask(fd, show));
}

/* ---- single sockets */

static void exact(int fd, int protocol, const char *what, struct inet_diag_sockid id)
{
	struct inet_diag_req_v2 *r = request(REQ, AF_INET, protocol, ALL);

	r->id = id;
	note("%s:", what);
	note("%d", ask(fd, show));
}

TEST(diag_inet, one_connection)
{
	struct inet_diag_sockid id = { .idiag_cookie = { INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE } };
	int fd = diag_socket();

	tcp_setup();
	quiet = 1;
	id.idiag_src[0] = id.idiag_dst[0] = htonl(INADDR_LOOPBACK);
	id.idiag_sport = htons(t.cport);
	id.idiag_dport = htons(t.lport);
	exact(fd, IPPROTO_TCP, "client", id);
	id.idiag_cookie[0] = last.id.idiag_cookie[0];
	id.idiag_cookie[1] = last.id.idiag_cookie[1];
	exact(fd, IPPROTO_TCP, "with its cookie", id);
	id.idiag_cookie[0]++;
	exact(fd, IPPROTO_TCP, "with another cookie", id);
	id.idiag_cookie[0] = id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
	id.idiag_sport = htons(t.lport);
	id.idiag_dport = htons(t.cport);
	exact(fd, IPPROTO_TCP, "server", id);
	id.idiag_dport = 0;
	exact(fd, IPPROTO_TCP, "listener", id);
	id.idiag_sport = htons(1);
	exact(fd, IPPROTO_TCP, "nobody", id);
	exact(fd, 200, "no such protocol", id);
	request(REQ, AF_UNSPEC, IPPROTO_TCP, ALL);
	note("%d", ask(fd, show));
}

TEST(diag_inet, cookie_is_that_of_the_option)
{
	struct inet_diag_sockid id = { .idiag_cookie = { INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE } };
	int fd = diag_socket();
	unsigned long long c;
	socklen_t len = sizeof(c);

	tcp_setup();
	quiet = 1;
	id.idiag_src[0] = id.idiag_dst[0] = htonl(INADDR_LOOPBACK);
	id.idiag_sport = htons(t.cport);
	id.idiag_dport = htons(t.lport);
	exact(fd, IPPROTO_TCP, "client", id);
	REQUIRE_OK(getsockopt(t.client, SOL_SOCKET, SO_COOKIE, &c, &len));
	note("same %d", c == (last.id.idiag_cookie[0] | (unsigned long long)last.id.idiag_cookie[1] << 32));
}

TEST(diag_inet, one_datagram_socket)
{
	struct inet_diag_sockid id = { .idiag_cookie = { INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE } };
	int fd = diag_socket(), s, c;
	struct sockaddr_in a;
	socklen_t len = sizeof(a);

	lo_up();
	nr_known = 0;
	s = bound(SOCK_DGRAM, "127.0.0.1");
	REQUIRE_OK(getsockname(s, (void *)&a, &len));
	c = REQUIRE_OK(socket(AF_INET, SOCK_DGRAM, 0));
	REQUIRE_OK(connect(c, (void *)&a, sizeof(a)));
	know(port_of(s), "S");
	know(port_of(c), "C");
	know(inode(s), "bound");
	know(inode(c), "connected");
	quiet = 1;
	/* Source and destination are those of a packet that the socket would get. */
	id.idiag_src[0] = id.idiag_dst[0] = htonl(INADDR_LOOPBACK);
	id.idiag_sport = htons(port_of(c));
	id.idiag_dport = htons(port_of(s));
	exact(fd, IPPROTO_UDP, "a packet from C", id);
	id.idiag_sport = htons(port_of(s));
	id.idiag_dport = htons(port_of(c));
	exact(fd, IPPROTO_UDP, "a packet from S", id);
	id.idiag_cookie[0] = ~last.id.idiag_cookie[0];
	exact(fd, IPPROTO_UDP, "another cookie", id);
	id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
	id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
	id.idiag_dport = htons(1);
	exact(fd, IPPROTO_UDP, "nobody", id);
}

TEST(diag_inet, the_old_request)
{
	struct inet_diag_req *r;
	int fd = diag_socket();

	tcp_setup();
	quiet = 1;
	r = start(TCPDIAG_GETSOCK, DUMP, sizeof(*r));
	r->idiag_family = AF_INET;
	r->idiag_states = ALL;
	r->id.idiag_sport = htons(t.cport);
	note("%d", ask(fd, show));
	r = start(TCPDIAG_GETSOCK, REQ, sizeof(*r));
	r->idiag_family = AF_INET;
	r->id.idiag_cookie[0] = r->id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
	r->id.idiag_src[0] = r->id.idiag_dst[0] = htonl(INADDR_LOOPBACK);
	r->id.idiag_sport = htons(t.cport);
	r->id.idiag_dport = htons(t.lport);
	note("%d", ask(fd, show));
	start(TCPDIAG_GETSOCK, DUMP, sizeof(*r) - 4);
	note("%d", ask(fd, show));
}

TEST(diag_inet, errors)
{
	int fd = diag_socket();

	start(SOCK_DIAG_BY_FAMILY, ACK, 1);
	ask(fd, NULL);
	start(SOCK_DIAG_BY_FAMILY, ACK, 2);
	ask(fd, NULL);
	*(char *)start(SOCK_DIAG_BY_FAMILY, ACK, 2) = 46;
	ask(fd, NULL);
	*(char *)start(SOCK_DIAG_BY_FAMILY, ACK, 2) = (char)200;
	ask(fd, NULL);
	*(char *)start(SOCK_DIAG_BY_FAMILY, ACK, 2) = AF_INET;
	ask(fd, NULL);
	*(char *)start(SOCK_DIAG_BY_FAMILY, DUMP, 40) = AF_INET;
	ask(fd, NULL);
	start(17, ACK, 2);
	ask(fd, NULL);
	start(22, ACK, 2);
	ask(fd, NULL);
	request(DUMP, AF_INET, 200, ALL);
	ask(fd, NULL);
}

/* ---- the end by others */

static void destroy(int fd, const char *what, int protocol, unsigned sport, unsigned dport)
{
	struct inet_diag_req_v2 *r = start(SOCK_DESTROY, ACK, sizeof(*r));

	r->sdiag_family = AF_INET;
	r->sdiag_protocol = protocol;
	r->id.idiag_cookie[0] = r->id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
	r->id.idiag_src[0] = htonl(INADDR_LOOPBACK);
	r->id.idiag_dst[0] = dport ? htonl(INADDR_LOOPBACK) : 0;
	r->id.idiag_sport = htons(sport);
	r->id.idiag_dport = htons(dport);
	note("destroy %s:", what);
	ask(fd, NULL);
}

TEST(diag_inet, destroy_a_connection)
{
	struct pollfd p;
	int fd = diag_socket();
	char b[4];

	tcp_setup();
	pid_t pid;
	CHILD(pid) {
		REQUIRE_OK(setresuid(1000, 1000, 1000));
		fd = diag_socket();
		destroy(fd, "without privilege", IPPROTO_TCP, t.cport, t.lport);
		destroy(fd, "nobody, without privilege", IPPROTO_TCP, 1, 1);
	}
	reap(pid);
	destroy(fd, "nobody", IPPROTO_TCP, 1, 1);
	destroy(fd, "the client", IPPROTO_TCP, t.cport, t.lport);
	p = (struct pollfd){ t.client, POLLIN | POLLOUT, 0 };
	SHOW(poll(&p, 1, 5000));
	note("events %#x", p.revents);
	SHOW(read(t.client, b, 4));
	SHOW(read(t.client, b, 4));
	/* Its peer is told by a reset. */
	p = (struct pollfd){ t.server, POLLIN, 0 };
	SHOW(poll(&p, 1, 5000));
	SHOW(read(t.server, b, 4));
	destroy(fd, "it again", IPPROTO_TCP, t.cport, t.lport);
}

TEST(diag_inet, destroy_a_listener)
{
	int fd = diag_socket();

	tcp_setup();
	destroy(fd, "the listener", IPPROTO_TCP, t.lport, 0);
	SHOW(accept(t.listener, NULL, NULL));
	destroy(fd, "it again", IPPROTO_TCP, t.lport, 0);
	/* What had been accepted stays. */
	write_all(t.client, "x", 1);
	char b[4];
	SHOW(read(t.server, b, 4));
}

TEST(diag_inet, destroy_a_datagram_socket)
{
	int fd = diag_socket(), s, c;
	struct sockaddr_in a;
	socklen_t len = sizeof(a);
	struct pollfd p;
	char b[4];

	lo_up();
	s = bound(SOCK_DGRAM, "127.0.0.1");
	REQUIRE_OK(getsockname(s, (void *)&a, &len));
	c = REQUIRE_OK(socket(AF_INET, SOCK_DGRAM, 0));
	REQUIRE_OK(connect(c, (void *)&a, sizeof(a)));
	destroy(fd, "nobody", IPPROTO_UDP, 1, 1);
	destroy(fd, "the connected one", IPPROTO_UDP, port_of(c), port_of(s));
	p = (struct pollfd){ c, POLLIN | POLLOUT, 0 };
	SHOW(poll(&p, 1, 5000));
	note("events %#x", p.revents);
	SHOW(recv(c, b, 4, MSG_DONTWAIT));
	SHOW(recv(c, b, 4, MSG_DONTWAIT));
	SHOW(getpeername(c, (void *)&a, &len));
	destroy(fd, "the bound one", IPPROTO_UDP, port_of(s), 0);
	SHOW(recv(s, b, 4, MSG_DONTWAIT));
	SHOW(recv(s, b, 4, MSG_DONTWAIT));
}
