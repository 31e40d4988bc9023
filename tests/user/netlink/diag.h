/* SPDX-License-Identifier: MIT */
/* For the tests of sock_diag: requests built by hand; sockets are told by what the test calls their ports and inodes, never by numbers. */
#pragma once
#include "../inet/inet.h"
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>

#define REQ NLM_F_REQUEST
#define ACK (NLM_F_REQUEST | NLM_F_ACK)
#define DUMP (NLM_F_REQUEST | NLM_F_DUMP)
#define ALL (~0u)

static char rx[65536];
static struct {
	struct nlmsghdr h;
	char data[4096];
} q;

HARNESS_UNUSED static int diag_socket(void)
{
	return REQUIRE_OK(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
}

HARNESS_UNUSED static void *start(unsigned type, unsigned flags, size_t fixed)
{
	memset(&q, 0, sizeof(q));
	q.h = (struct nlmsghdr){ NLMSG_LENGTH(fixed), type, flags, 7, 0 };
	return NLMSG_DATA(&q.h);
}

HARNESS_UNUSED static void add(unsigned type, const void *data, size_t len)
{
	struct nlattr *a = (struct nlattr *)((char *)&q + NLMSG_ALIGN(q.h.nlmsg_len));

	a->nla_type = type;
	a->nla_len = NLA_HDRLEN + len;
	memcpy(a + 1, data, len);
	q.h.nlmsg_len = NLMSG_ALIGN(q.h.nlmsg_len) + NLMSG_ALIGN(a->nla_len);
}

/* Sends what was built, gives each message to @each and prints how it ended; how many there were. */
HARNESS_UNUSED static int ask(int fd, void (*each)(const struct nlmsghdr *h))
{
	int count = 0;

	if (send(fd, &q, q.h.nlmsg_len, 0) < 0) {
		note("send: %s", errno_name(errno));
		return -1;
	}
	for (;;) {
		ssize_t n = recv(fd, rx, sizeof(rx), 0);

		if (n < 0) {
			note("recv: %s", errno_name(errno));
			return -1;
		}
		for (struct nlmsghdr *h = (struct nlmsghdr *)rx; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n)) {
			if (h->nlmsg_type == NLMSG_ERROR) {
				int e = -((struct nlmsgerr *)NLMSG_DATA(h))->error;

				note("error: %s", e ? errno_name(e) : "0");
				return count;
			}
			if (h->nlmsg_type == NLMSG_DONE) {
				int e = -*(int *)NLMSG_DATA(h);

				if (e)
					note("done: %s", errno_name(e));
				return count;
			}
			if (h->nlmsg_seq != 7)
				fail("seq %u", h->nlmsg_seq);
			count++;
			if (each)
				each(h);
			if (!(h->nlmsg_flags & NLM_F_MULTI))
				return count;
		}
	}
}

/* Names for ports and inodes. */
static struct { unsigned long number; const char *name; } known[64];
static unsigned nr_known;

HARNESS_UNUSED static void know(unsigned long number, const char *name)
{
	known[nr_known].number = number;
	known[nr_known++].name = name;
}

HARNESS_UNUSED static const char *known_as(unsigned long number)
{
	for (unsigned i = 0; number && i < nr_known; i++)
		if (known[i].number == number)
			return known[i].name;
	return number ? "?" : "0";
}

HARNESS_UNUSED static unsigned long inode(int fd)
{
	struct stat st;

	REQUIRE_OK(fstat(fd, &st));
	return st.st_ino;
}

HARNESS_UNUSED static const char *state_name(unsigned s)
{
	static const char *const names[] = {
		"0", "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT", "CLOSE", "CLOSE_WAIT", "LAST_ACK", "LISTEN", "CLOSING",
	};

	return s < ARRAY_SIZE(names) ? names[s] : "?";
}
