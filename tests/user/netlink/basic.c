/* SPDX-License-Identifier: MIT */
/* Netlink sockets: numbers, groups, requests, acknowledgements, dumps. Only `lo' is asked about. */
#include "../harness.h"
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/if.h>
#include <sys/socket.h>

static char buf[65536];

static int nl_socket(int protocol)
{
	return REQUIRE_OK(socket(AF_NETLINK, SOCK_RAW, protocol));
}

static int nl_bind(int fd, unsigned pid, unsigned groups)
{
	struct sockaddr_nl a = { .nl_family = AF_NETLINK, .nl_pid = pid, .nl_groups = groups };

	return bind(fd, (struct sockaddr *)&a, sizeof(a));
}

static unsigned number(int fd)
{
	struct sockaddr_nl a = { 0 };
	socklen_t len = sizeof(a);

	REQUIRE_OK(getsockname(fd, (struct sockaddr *)&a, &len));
	return a.nl_pid;
}

static const char *whose(unsigned n)
{
	return n == 0 ? "none" : n == (unsigned)getpid() ? "pid" : "other";
}

struct request {
	struct nlmsghdr h;
	struct ifinfomsg i;
	char attrs[64];
};

static ssize_t ask(int fd, unsigned type, unsigned flags, int index, const char *name)
{
	struct request r = { .h = { NLMSG_LENGTH(sizeof(struct ifinfomsg)), type, flags, 77, 0 }, .i = { .ifi_index = index } };

	if (name) {
		struct rtattr *a = (struct rtattr *)r.attrs;

		a->rta_type = IFLA_IFNAME;
		a->rta_len = RTA_LENGTH(strlen(name) + 1);
		strcpy(RTA_DATA(a), name);
		r.h.nlmsg_len += RTA_ALIGN(a->rta_len);
	}
	return send(fd, &r, r.h.nlmsg_len, 0);
}

/* What came: one line a message. */
static void answers(int fd)
{
	struct sockaddr_nl from = { .nl_pid = 99 };
	socklen_t len = sizeof(from);
	ssize_t n = recvfrom(fd, buf, sizeof(buf), MSG_DONTWAIT, (struct sockaddr *)&from, &len);

	if (n < 0) {
		note("answer: %s", errno_name(errno));
		return;
	}
	note("from %u len %d family %d", from.nl_pid, (int)len, from.nl_family);
	for (struct nlmsghdr *h = (struct nlmsghdr *)buf; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n)) {
		if (h->nlmsg_type == NLMSG_ERROR) {
			struct nlmsgerr *e = NLMSG_DATA(h);

			note("error %s flags %#x length %d, of type %d seq %d to %s", errno_name(-e->error), h->nlmsg_flags, h->nlmsg_len,
			     e->msg.nlmsg_type, h->nlmsg_seq, whose(h->nlmsg_pid));
		} else if (h->nlmsg_type == NLMSG_DONE) {
			note("done %d flags %#x length %d seq %d", *(int *)NLMSG_DATA(h), h->nlmsg_flags, h->nlmsg_len, h->nlmsg_seq);
		} else if (h->nlmsg_type == RTM_NEWLINK) {
			struct ifinfomsg *i = NLMSG_DATA(h);
			struct rtattr *a = IFLA_RTA(i);
			int left = IFLA_PAYLOAD(h);

			if (i->ifi_index != 1)
				continue;
			note("link index %d type %d loopback %d flags %#x seq %d to %s", i->ifi_index, i->ifi_type, !!(i->ifi_flags & IFF_LOOPBACK),
			     h->nlmsg_flags, h->nlmsg_seq, whose(h->nlmsg_pid));
			for (; RTA_OK(a, left); a = RTA_NEXT(a, left)) {
				if (a->rta_type == IFLA_IFNAME)
					note("name %s", (char *)RTA_DATA(a));
				else if (a->rta_type == IFLA_MTU)
					note("mtu %d", *(int *)RTA_DATA(a));
				else if (a->rta_type == IFLA_ADDRESS)
					note("address of %d bytes", (int)RTA_PAYLOAD(a));
			}
		} else {
			note("type %d", h->nlmsg_type);
		}
	}
}

TEST(netlink, creation)
{
	SHOW(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE) >= 0);
	SHOW(socket(AF_NETLINK, SOCK_DGRAM, NETLINK_ROUTE) >= 0);
	SHOW(socket(AF_NETLINK, SOCK_STREAM, NETLINK_ROUTE));
	SHOW(socket(AF_NETLINK, SOCK_RAW, 32));
	SHOW(socket(AF_NETLINK, SOCK_RAW, -1));
	SHOW(socket(AF_NETLINK, SOCK_RAW, NETLINK_KOBJECT_UEVENT) >= 0);
	int p[2];
	SHOW(socketpair(AF_NETLINK, SOCK_RAW, 0, p));
	int fd = nl_socket(NETLINK_KOBJECT_UEVENT), v = 0;
	socklen_t len = sizeof(v);
	REQUIRE_OK(getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &v, &len));
	note("protocol %d", v);
	SHOW(listen(fd, 1));
	SHOW(accept(fd, NULL, NULL));
	SHOW(shutdown(fd, SHUT_RD));
}

TEST(netlink, numbers)
{
	int a = nl_socket(NETLINK_ROUTE), b = nl_socket(NETLINK_ROUTE), c = nl_socket(NETLINK_ROUTE);
	struct sockaddr_nl n = { .nl_family = AF_NETLINK };

	note("%s", whose(number(a)));
	SHOW(nl_bind(a, 0, 0));
	note("%s", whose(number(a)));
	SHOW(nl_bind(b, 0, 0));
	note("%s, from the top %d", whose(number(b)), (int)number(b) < 0);
	SHOW(nl_bind(c, getpid(), 0));
	SHOW(nl_bind(c, 123456, 0));
	SHOW(nl_bind(c, 123456, 1));
	SHOW(nl_bind(c, 123457, 0));
	SHOW(nl_bind(c, 0, 0));
	SHOW(bind(c, (struct sockaddr *)&n, 11));
	n.nl_family = AF_UNIX;
	SHOW(bind(c, (struct sockaddr *)&n, sizeof(n)));
	/* Another protocol has numbers of its own. */
	SHOW(nl_bind(nl_socket(NETLINK_KOBJECT_UEVENT), getpid(), 1));
	SHOW(connect(c, (struct sockaddr *)&n, 2));
	n.nl_family = AF_NETLINK;
	SHOW(connect(c, (struct sockaddr *)&n, sizeof(n)));
	socklen_t len = sizeof(n);
	SHOW(getpeername(c, (struct sockaddr *)&n, &len));
	note("len %d pid %u groups %u", (int)len, n.nl_pid, n.nl_groups);
}

TEST(netlink, acknowledgements_and_errors)
{
	int fd = nl_socket(NETLINK_ROUTE), one = 1;
	struct request r = { .h = { 16, NLMSG_NOOP, NLM_F_REQUEST | NLM_F_ACK, 5, 0 } };

	SHOW(send(fd, &r, 16, 0));
	answers(fd);
	note("bound by it: %s", whose(number(fd)));
	SHOW(send(fd, &r, 0, 0));
	SHOW(send(fd, &r, 8, 0));
	answers(fd);
	r.h.nlmsg_len = 100;
	SHOW(send(fd, &r, 32, 0));
	answers(fd);
	/* Not a request: nothing is done, but acknowledged. */
	SHOW(ask(fd, RTM_GETLINK, NLM_F_ACK, 999, NULL));
	answers(fd);
	SHOW(ask(fd, RTM_GETLINK, NLM_F_REQUEST, 999, NULL));
	answers(fd);
	SHOW(ask(fd, RTM_GETLINK, NLM_F_REQUEST, 0, "nosuch0"));
	answers(fd);
	REQUIRE_OK(setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one)));
	SHOW(ask(fd, RTM_GETLINK, NLM_F_REQUEST, 999, NULL));
	answers(fd);
	SHOW(ask(fd, 1000, NLM_F_REQUEST, 0, NULL));
	answers(fd);
	answers(fd);
}

TEST(netlink, one_link)
{
	int fd = nl_socket(NETLINK_ROUTE);

	SHOW(ask(fd, RTM_GETLINK, NLM_F_REQUEST, 1, NULL));
	answers(fd);
	SHOW(ask(fd, RTM_GETLINK, NLM_F_REQUEST | NLM_F_ACK, 0, "lo"));
	answers(fd);
	answers(fd);
	answers(fd);
}

TEST(netlink, dumps)
{
	int fd = nl_socket(NETLINK_ROUTE);
	struct pollfd p = { fd, POLLIN | POLLOUT, 0 };

	note_poll("quiet", &p, 0);
	SHOW(ask(fd, RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, 0, NULL));
	note_poll("dump", &p, 0);
	answers(fd);
	answers(fd);
	answers(fd);
	SHOW(recv(fd, buf, 10, MSG_DONTWAIT));
	SHOW(ask(fd, RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, 0, NULL));
	SHOW(recv(fd, buf, 8, MSG_PEEK));
	SHOW(recv(fd, buf, 8, MSG_PEEK | MSG_TRUNC) > 100);
	struct iovec iov = { buf, 8 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	SHOW(recvmsg(fd, &m, 0));
	note("flags %#x", m.msg_flags);
	answers(fd);
}

TEST(netlink, an_ordinary_user_may_ask_but_not_change)
{
	AS_USER(1000, 1000, {
		int fd = nl_socket(NETLINK_ROUTE);
		struct sockaddr_nl a = { .nl_family = AF_NETLINK, .nl_pid = 1 };

		SHOW(nl_bind(fd, 0, 1));
		SHOW(ask(fd, RTM_GETLINK, NLM_F_REQUEST, 1, NULL));
		answers(fd);
		SHOW(ask(fd, RTM_NEWLINK, NLM_F_REQUEST | NLM_F_ACK, 1, NULL));
		answers(fd);
		SHOW(sendto(fd, "0123456789abcdef", 16, 0, (struct sockaddr *)&a, sizeof(a)));
		SHOW(connect(fd, (struct sockaddr *)&a, sizeof(a)));
	});
}

TEST(netlink, between_processes)
{
	int a = nl_socket(NETLINK_ROUTE), b = nl_socket(NETLINK_ROUTE);
	struct sockaddr_nl to = { .nl_family = AF_NETLINK, .nl_pid = 4242 };

	REQUIRE_OK(nl_bind(a, 4242, 0));
	SHOW(sendto(b, "hello", 5, 0, (struct sockaddr *)&to, sizeof(to)));
	socklen_t len = sizeof(to);
	SHOW(recvfrom(a, buf, 100, 0, (struct sockaddr *)&to, &len));
	note("'%.5s' from %s", buf, whose(to.nl_pid));
	to.nl_pid = 4243;
	SHOW(sendto(b, "hello", 5, 0, (struct sockaddr *)&to, sizeof(to)));
	to.nl_family = AF_UNIX;
	SHOW(sendto(b, "hello", 5, 0, (struct sockaddr *)&to, sizeof(to)));
	SHOW(sendto(b, "hello", 5, 0, (struct sockaddr *)&to, 8));
}

TEST(netlink, groups)
{
	int fd = nl_socket(NETLINK_ROUTE), g = RTNLGRP_LINK, v;
	struct sockaddr_nl a = { 0 };
	socklen_t len = sizeof(a);
	uint32_t list[4] = { 0 };

	SHOW(setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &g, sizeof(g)));
	g = 5;
	SHOW(setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &g, sizeof(g)));
	REQUIRE_OK(getsockname(fd, (struct sockaddr *)&a, &len));
	note("groups %#x", a.nl_groups);
	g = 0;
	SHOW(setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &g, sizeof(g)));
	g = 1000;
	SHOW(setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &g, sizeof(g)));
	g = 5;
	SHOW(setsockopt(fd, SOL_NETLINK, NETLINK_DROP_MEMBERSHIP, &g, sizeof(g)));
	len = sizeof(list);
	SHOW(getsockopt(fd, SOL_NETLINK, NETLINK_LIST_MEMBERSHIPS, list, &len));
	note("list %#x", list[0]);
	v = 1;
	SHOW(setsockopt(fd, SOL_NETLINK, 99, &v, sizeof(v)));
	SHOW(setsockopt(fd, 1000, 1, &v, sizeof(v)));
	SHOW(setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &v, sizeof(v)));
	len = sizeof(v);
	SHOW(getsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &v, &len));
	note("%d", v);
	len = 2;
	SHOW(getsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &v, &len));
}

TEST(netlink, device_events_can_be_listened_to)
{
	int fd = nl_socket(NETLINK_KOBJECT_UEVENT);

	SHOW(nl_bind(fd, 0, 1));
	SHOW(recv(fd, buf, 100, MSG_DONTWAIT));
	SHOW(send(fd, "x", 1, 0));
}
