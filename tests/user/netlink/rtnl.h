/* SPDX-License-Identifier: MIT */
/*
 * For the tests of route netlink: requests built by hand, every message printed as it came. Only `lo' is worked on; reset() makes it
 * what a machine begins with once it is up, whatever a test before has left.
 */
#pragma once
#include "../harness.h"
#include <arpa/inet.h>
#include <linux/fib_rules.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <linux/netconf.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#ifndef NLM_F_DUMP_FILTERED
#define NLM_F_DUMP_FILTERED 0x20
#endif
#define REQ NLM_F_REQUEST
#define ACK (NLM_F_REQUEST | NLM_F_ACK)
#define NEW (NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL)
#define DUMP (NLM_F_REQUEST | NLM_F_DUMP)
#define LO 1

static char rx[65536];
static struct {
	struct nlmsghdr h;
	char data[1024];
} q;

/* ---- building */

HARNESS_UNUSED static int rt_socket(unsigned groups)
{
	struct sockaddr_nl a = { .nl_family = AF_NETLINK, .nl_groups = groups };
	int fd = REQUIRE_OK(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE)), one = 1;

	REQUIRE_OK(bind(fd, (struct sockaddr *)&a, sizeof(a)));
	REQUIRE_OK(setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one)));
	return fd;
}

HARNESS_UNUSED static void strict(int fd, int on)
{
	REQUIRE_OK(setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof(on)));
}

HARNESS_UNUSED static void *start(unsigned type, unsigned flags, size_t fixed)
{
	memset(&q, 0, sizeof(q));
	q.h = (struct nlmsghdr){ NLMSG_LENGTH(fixed), type, flags, 7, 0 };
	return NLMSG_DATA(&q.h);
}

HARNESS_UNUSED static void add(unsigned type, const void *data, size_t len)
{
	struct rtattr *a = (struct rtattr *)((char *)&q + NLMSG_ALIGN(q.h.nlmsg_len));

	a->rta_type = type;
	a->rta_len = RTA_LENGTH(len);
	if (len)
		memcpy(RTA_DATA(a), data, len);
	q.h.nlmsg_len = NLMSG_ALIGN(q.h.nlmsg_len) + RTA_ALIGN(a->rta_len);
}

HARNESS_UNUSED static void add_u32(unsigned type, uint32_t v)
{
	add(type, &v, 4);
}

HARNESS_UNUSED static void add_text(unsigned type, const char *s)
{
	add(type, s, strlen(s) + 1);
}

/* An address of either family; returns its length. */
HARNESS_UNUSED static int add_ip(unsigned type, const char *text)
{
	unsigned char b[16];
	int v6 = strchr(text, ':') != NULL;

	inet_pton(v6 ? AF_INET6 : AF_INET, text, b);
	add(type, b, v6 ? 16 : 4);
	return v6 ? 16 : 4;
}

/* "10.1.0.0/16": NULL is the default route. The number of bits. */
HARNESS_UNUSED static int add_net(unsigned type, const char *text)
{
	char ip[64];
	const char *slash = strchr(text, '/');

	snprintf(ip, sizeof(ip), "%.*s", (int)(slash - text), text);
	add_ip(type, ip);
	return atoi(slash + 1);
}

HARNESS_UNUSED static int family_of(const char *text)
{
	return text && strchr(text, ':') ? AF_INET6 : AF_INET;
}

/* RTM_NEWADDR or RTM_DELADDR of "address/bits" on lo. */
HARNESS_UNUSED static void addr_request(unsigned type, unsigned flags, const char *net)
{
	struct ifaddrmsg *m = start(type, flags, sizeof(*m));

	m->ifa_family = family_of(net);
	m->ifa_index = LO;
	m->ifa_prefixlen = add_net(IFA_LOCAL, net);
}

/* RTM_NEWROUTE or RTM_DELROUTE, unicast, static, table main, over lo. */
HARNESS_UNUSED static struct rtmsg *route_request(unsigned type, unsigned flags, const char *net)
{
	struct rtmsg *m = start(type, flags, sizeof(*m));

	m->rtm_family = family_of(net);
	m->rtm_table = RT_TABLE_MAIN;
	m->rtm_protocol = type == RTM_NEWROUTE ? RTPROT_STATIC : 0;
	m->rtm_type = type == RTM_NEWROUTE ? RTN_UNICAST : 0;
	m->rtm_scope = type == RTM_NEWROUTE ? RT_SCOPE_LINK : RT_SCOPE_NOWHERE;
	if (net)
		m->rtm_dst_len = add_net(RTA_DST, net);
	return m;
}

/* ---- printing */

static char line[2048];
static int at;

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	at += vsnprintf(line + at, sizeof(line) - at, format, ap);
	va_end(ap);
}

static void say_ip(const char *what, const struct rtattr *a)
{
	char text[64] = "?";

	inet_ntop(RTA_PAYLOAD(a) == 16 ? AF_INET6 : AF_INET, RTA_DATA(a), text, sizeof(text));
	say(" %s %s", what, text);
}

static void say_life(uint32_t v)
{
	if (v == UINT32_MAX)
		say(" forever");
	else
		say(" %s", v == 0 ? "0" : "some");
}

static void say_addr(const struct nlmsghdr *h)
{
	const struct ifaddrmsg *m = NLMSG_DATA(h);
	const struct rtattr *a = IFA_RTA(m);
	int left = IFA_PAYLOAD(h);

	say(" family %d bits %d flags %#x scope %d index %d", m->ifa_family, m->ifa_prefixlen, m->ifa_flags, m->ifa_scope, m->ifa_index);
	for (; RTA_OK(a, left); a = RTA_NEXT(a, left)) {
		const uint32_t *w = RTA_DATA(a);

		if (a->rta_type == IFA_ADDRESS)
			say_ip("address", a);
		else if (a->rta_type == IFA_LOCAL)
			say_ip("local", a);
		else if (a->rta_type == IFA_BROADCAST)
			say_ip("brd", a);
		else if (a->rta_type == IFA_LABEL)
			say(" label %s", (char *)RTA_DATA(a));
		else if (a->rta_type == IFA_FLAGS)
			say(" flags %#x", *w);
		else if (a->rta_type == IFA_RT_PRIORITY)
			say(" metric %u", *w);
		else if (a->rta_type == IFA_CACHEINFO)
			say(" valid"), say_life(w[1]), say(" preferred"), say_life(w[0]);
		else
			say(" attr%d", a->rta_type);
	}
}

static void say_route(const struct nlmsghdr *h)
{
	const struct rtmsg *m = NLMSG_DATA(h);
	const struct rtattr *a = RTM_RTA(m), *n;
	int left = RTM_PAYLOAD(h), inner;

	say(" family %d to %d from %d tos %d table %d proto %d scope %d type %d flags %#x", m->rtm_family, m->rtm_dst_len, m->rtm_src_len,
	    m->rtm_tos, m->rtm_table, m->rtm_protocol, m->rtm_scope, m->rtm_type, m->rtm_flags);
	for (; RTA_OK(a, left); a = RTA_NEXT(a, left)) {
		const uint32_t *w = RTA_DATA(a);

		switch (a->rta_type) {
		case RTA_TABLE:
			say(" table %u", *w);
			break;
		case RTA_DST:
			say_ip("dst", a);
			break;
		case RTA_SRC:
			say_ip("src", a);
			break;
		case RTA_PREFSRC:
			say_ip("prefsrc", a);
			break;
		case RTA_GATEWAY:
			say_ip("via", a);
			break;
		case RTA_OIF:
			say(" dev %u", *w);
			break;
		case RTA_PRIORITY:
			say(" metric %u", *w);
			break;
		case RTA_UID:
			say(" uid %u", *w);
			break;
		case RTA_PREF:
			say(" pref %d", *(unsigned char *)w);
			break;
		case RTA_CACHEINFO:
			say(" cacheinfo error %d", (int)((struct rta_cacheinfo *)w)->rta_error);
			break;
		case RTA_METRICS:
			say(" metrics");
			n = RTA_DATA(a);
			inner = RTA_PAYLOAD(a);
			for (; RTA_OK(n, inner); n = RTA_NEXT(n, inner))
				say(" %d=%u", n->rta_type, *(uint32_t *)RTA_DATA(n));
			break;
		default:
			say(" attr%d", a->rta_type);
			break;
		}
	}
}

static void say_link(const struct nlmsghdr *h)
{
	const struct ifinfomsg *m = NLMSG_DATA(h);
	const struct rtattr *a = IFLA_RTA(m);
	int left = IFLA_PAYLOAD(h);

	say(" type %d index %d flags %#x change %#x", m->ifi_type, m->ifi_index, m->ifi_flags, m->ifi_change);
	for (; RTA_OK(a, left); a = RTA_NEXT(a, left)) {
		if (a->rta_type == IFLA_IFNAME)
			say(" name %s", (char *)RTA_DATA(a));
		else if (a->rta_type == IFLA_MTU)
			say(" mtu %u", *(uint32_t *)RTA_DATA(a));
		else if (a->rta_type == IFLA_TXQLEN)
			say(" txqlen %u", *(uint32_t *)RTA_DATA(a));
		else if (a->rta_type == IFLA_OPERSTATE)
			say(" state %d", *(unsigned char *)RTA_DATA(a));
		else if (a->rta_type == IFLA_QDISC)
			say(" qdisc %s", (char *)RTA_DATA(a));
	}
}

static void say_neigh(const struct nlmsghdr *h)
{
	const struct ndmsg *m = NLMSG_DATA(h);
	const struct rtattr *a = (const struct rtattr *)((const char *)m + NLMSG_ALIGN(sizeof(*m)));
	int left = h->nlmsg_len - NLMSG_LENGTH(sizeof(*m));

	say(" family %d index %d state %#x flags %#x type %d", m->ndm_family, m->ndm_ifindex, m->ndm_state, m->ndm_flags, m->ndm_type);
	for (; RTA_OK(a, left); a = RTA_NEXT(a, left)) {
		const unsigned char *b = RTA_DATA(a);

		if (a->rta_type == NDA_DST)
			say_ip("dst", a);
		else if (a->rta_type == NDA_LLADDR)
			say(" lladdr %02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4], b[5]);
		else if (a->rta_type == NDA_PROBES)
			say(" probes %u", *(uint32_t *)b);
		else if (a->rta_type == NDA_CACHEINFO)
			say(" cacheinfo");
		else
			say(" attr%d", a->rta_type);
	}
}

/* Of NLMSG_ERROR and NLMSG_DONE: the words, and the attribute they are about. */
static void say_tlvs(const struct nlmsghdr *h, size_t skip)
{
	const struct rtattr *a = (const struct rtattr *)((const char *)NLMSG_DATA(h) + NLMSG_ALIGN(skip));
	int left = h->nlmsg_len - NLMSG_LENGTH(NLMSG_ALIGN(skip));

	if (!(h->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	for (; RTA_OK(a, left); a = RTA_NEXT(a, left))
		if (a->rta_type == NLMSGERR_ATTR_MSG)
			say(" '%s'", (char *)RTA_DATA(a));
		else if (a->rta_type == NLMSGERR_ATTR_OFFS)
			say(" at %u", *(uint32_t *)RTA_DATA(a));
}

static bool show_message(const struct nlmsghdr *h)
{
	static const char *const names[] = {
		[RTM_NEWLINK] = "NEWLINK", [RTM_DELLINK] = "DELLINK", [RTM_NEWADDR] = "NEWADDR", [RTM_DELADDR] = "DELADDR",
		[RTM_NEWROUTE] = "NEWROUTE", [RTM_DELROUTE] = "DELROUTE", [RTM_NEWNEIGH] = "NEWNEIGH", [RTM_DELNEIGH] = "DELNEIGH",
		[RTM_NEWRULE] = "NEWRULE",
	};
	const struct nlmsgerr *e = NLMSG_DATA(h);

	at = 0;
	if (h->nlmsg_type == NLMSG_ERROR) {
		size_t quoted = h->nlmsg_flags & NLM_F_CAPPED ? sizeof(*e) : sizeof(e->error) + e->msg.nlmsg_len;

		say("%s flags %#x", e->error ? errno_name(-e->error) : "ok", h->nlmsg_flags);
		say_tlvs(h, quoted);
		note("%s", line);
		return true;
	}
	if (h->nlmsg_type == NLMSG_DONE) {
		int err = *(int *)NLMSG_DATA(h);

		say("done %s flags %#x", err ? errno_name(-err) : "ok", h->nlmsg_flags);
		say_tlvs(h, sizeof(int));
		note("%s", line);
		return true;
	}
	say("%s flags %#x seq %u from %s:", h->nlmsg_type < ARRAY_SIZE(names) && names[h->nlmsg_type] ? names[h->nlmsg_type] : "?", h->nlmsg_flags,
	    h->nlmsg_seq, h->nlmsg_pid ? "us" : "kernel");
	switch (h->nlmsg_type & ~3) {
	case RTM_NEWLINK:
		say_link(h);
		break;
	case RTM_NEWADDR:
		say_addr(h);
		break;
	case RTM_NEWROUTE:
		say_route(h);
		break;
	case RTM_NEWNEIGH:
		say_neigh(h);
		break;
	default:
		say(" type %d length %u", h->nlmsg_type, h->nlmsg_len);
		break;
	}
	note("%s", line);
	return false;
}

/* Prints what comes up to the end of the answer: an acknowledgement, an error or the end of a dump. */
static void answer(int fd)
{
	bool end = false;

	while (!end) {
		ssize_t n = REQUIRE_OK(recv(fd, rx, sizeof(rx), 0));

		for (struct nlmsghdr *h = (struct nlmsghdr *)rx; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n))
			end |= show_message(h);
	}
}

/* Sends the request and prints the answer. */
HARNESS_UNUSED static void ask(int fd)
{
	REQUIRE_OK(send(fd, &q, q.h.nlmsg_len, 0));
	answer(fd);
}

/* The same without a word: the error, or 0. */
HARNESS_UNUSED static int quietly(int fd)
{
	const struct nlmsghdr *h = (const struct nlmsghdr *)rx;

	REQUIRE_OK(send(fd, &q, q.h.nlmsg_len, 0));
	do {
		REQUIRE_OK(recv(fd, rx, sizeof(rx), 0));
	} while (h->nlmsg_type != NLMSG_ERROR);
	return -((const struct nlmsgerr *)NLMSG_DATA(h))->error;
}

HARNESS_UNUSED static void done(int fd)
{
	int err = quietly(fd);

	if (err)
		fail("request of type %d: %s", q.h.nlmsg_type, errno_name(err));
}

/* What listeners have got so far: notices are sent before the acknowledgement. */
HARNESS_UNUSED static void heard(int fd)
{
	ssize_t n;

	while ((n = recv(fd, rx, sizeof(rx), MSG_DONTWAIT)) > 0)
		for (struct nlmsghdr *h = (struct nlmsghdr *)rx; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n))
			(void)show_message(h);
}

/* The same up to a route of a table, for what is done in the background. */
HARNESS_UNUSED static void heard_until(int fd, unsigned type, unsigned table)
{
	bool end = false;

	while (!end) {
		ssize_t n = REQUIRE_OK(recv(fd, rx, sizeof(rx), 0));

		for (struct nlmsghdr *h = (struct nlmsghdr *)rx; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n)) {
			(void)show_message(h);
			end |= h->nlmsg_type == type && ((struct rtmsg *)NLMSG_DATA(h))->rtm_table == table;
		}
	}
}

/* ---- the interface */

static void set_up(int fd, int up)
{
	struct ifinfomsg *m = start(RTM_NEWLINK, ACK, sizeof(*m));

	m->ifi_index = LO;
	m->ifi_change = IFF_UP;
	m->ifi_flags = up ? IFF_UP : 0;
	done(fd);
}

/* Removes one thing that a dump has; false: it has none. */
static bool remove_one(int fd, unsigned get, unsigned del, size_t fixed, int family, int ours)
{
	static char copy[1024];
	struct nlmsghdr *found = NULL;
	struct rtgenmsg *g = start(get, DUMP, fixed);
	bool end = false;

	g->rtgen_family = family;
	REQUIRE_OK(send(fd, &q, q.h.nlmsg_len, 0));
	while (!end) {
		ssize_t n = REQUIRE_OK(recv(fd, rx, sizeof(rx), 0));

		for (struct nlmsghdr *h = (struct nlmsghdr *)rx; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n)) {
			end |= h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR;
			if (end || found || (ours && ((struct rtmsg *)NLMSG_DATA(h))->rtm_protocol == RTPROT_KERNEL))
				continue;
			found = memcpy(copy, h, h->nlmsg_len);
		}
	}
	if (!found)
		return false;
	found->nlmsg_type = del;
	found->nlmsg_flags = ACK;
	memcpy(&q, found, found->nlmsg_len);
	return !quietly(fd);
}

HARNESS_UNUSED static void reset(void)
{
	int fd = rt_socket(0);
	struct ifinfomsg *m;

	while (remove_one(fd, RTM_GETADDR, RTM_DELADDR, sizeof(struct ifaddrmsg), AF_INET, 0))
		;
	while (remove_one(fd, RTM_GETROUTE, RTM_DELROUTE, sizeof(struct rtmsg), AF_INET, 1))
		;
	while (remove_one(fd, RTM_GETROUTE, RTM_DELROUTE, sizeof(struct rtmsg), AF_INET6, 1))
		;
	while (remove_one(fd, RTM_GETNEIGH, RTM_DELNEIGH, sizeof(struct ndmsg), AF_INET, 0))
		;
	set_up(fd, 0);
	m = start(RTM_NEWLINK, ACK, sizeof(*m));
	m->ifi_index = LO;
	add_text(IFLA_IFNAME, "lo");
	add_u32(IFLA_MTU, 65536);
	add_u32(IFLA_TXQLEN, 1000);
	done(fd);
	set_up(fd, 1);
	close(fd);
}

/* Waits until no address of IPv6 is looked at any more: Linux finds out in the background whether it is unique. */
HARNESS_UNUSED static void settle(void)
{
	int fd = rt_socket(0);
	bool tentative = true;

	while (tentative) {
		struct ifaddrmsg *m = start(RTM_GETADDR, DUMP, sizeof(*m));
		bool end = false;

		m->ifa_family = AF_INET6;
		tentative = false;
		REQUIRE_OK(send(fd, &q, q.h.nlmsg_len, 0));
		while (!end) {
			ssize_t n = REQUIRE_OK(recv(fd, rx, sizeof(rx), 0));

			for (struct nlmsghdr *h = (struct nlmsghdr *)rx; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n)) {
				end |= h->nlmsg_type == NLMSG_DONE;
				tentative |= h->nlmsg_type == RTM_NEWADDR && ((struct ifaddrmsg *)NLMSG_DATA(h))->ifa_flags & IFA_F_TENTATIVE;
			}
		}
		if (tentative)
			usleep(1000);
	}
	close(fd);
}

HARNESS_UNUSED static void add_addr(const char *net)
{
	int fd = rt_socket(0);

	addr_request(RTM_NEWADDR, NEW, net);
	done(fd);
	close(fd);
	if (family_of(net) == AF_INET6)
		settle();
}

/* Everything of a kind, in the order of the dump. */
HARNESS_UNUSED static void show_all(unsigned get, size_t fixed, int family)
{
	int fd = rt_socket(0);
	struct rtgenmsg *g = start(get, DUMP, fixed);

	g->rtgen_family = family;
	ask(fd);
	close(fd);
}
#define show_addrs(family) show_all(RTM_GETADDR, sizeof(struct ifaddrmsg), family)
#define show_routes(family) show_all(RTM_GETROUTE, sizeof(struct rtmsg), family)
#define show_neighs(family) show_all(RTM_GETNEIGH, sizeof(struct ndmsg), family)
