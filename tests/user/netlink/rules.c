/* SPDX-License-Identifier: MIT */
/* RTM_GETRULE and RTM_GETNETCONF dumps: what a machine begins with. */
#include "rtnl.h"

static void dump(int fd, unsigned type, int family, size_t fixed)
{
	struct fib_rule_hdr *f = start(type, DUMP, fixed);
	bool end = false;

	f->family = family;
	REQUIRE_OK(send(fd, &q, q.h.nlmsg_len, 0));
	while (!end) {
		ssize_t n = REQUIRE_OK(recv(fd, rx, sizeof(rx), 0));

		for (struct nlmsghdr *h = (struct nlmsghdr *)rx; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n)) {
			const struct fib_rule_hdr *r = NLMSG_DATA(h);
			const struct rtattr *a;
			int left;

			if (h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR) {
				end |= show_message(h);
				continue;
			}
			at = 0;
			if (type == RTM_GETRULE)
				say("rule family %d table %d action %d flags %#x:", r->family, r->table, r->action, r->flags);
			else
				say("conf family %d:", r->family);
			fixed = type == RTM_GETRULE ? sizeof(*r) : sizeof(struct netconfmsg);
			a = (const struct rtattr *)((const char *)r + NLMSG_ALIGN(fixed));
			left = h->nlmsg_len - NLMSG_LENGTH(NLMSG_ALIGN(fixed));
			for (; RTA_OK(a, left); a = RTA_NEXT(a, left)) {
				int v = 0;

				memcpy(&v, RTA_DATA(a), RTA_PAYLOAD(a) < 4 ? RTA_PAYLOAD(a) : 4);
				say(" %d=%d", a->rta_type, v);
			}
			note("%s", line);
		}
	}
}

TEST(rules, those_that_are_there)
{
	int fd = rt_socket(0);

	dump(fd, RTM_GETRULE, AF_INET, sizeof(struct fib_rule_hdr));
	dump(fd, RTM_GETRULE, AF_INET6, sizeof(struct fib_rule_hdr));
	strict(fd, 1);
	dump(fd, RTM_GETRULE, AF_INET, sizeof(struct fib_rule_hdr));
	dump(fd, RTM_GETRULE, AF_INET, 4);
}

TEST(rules, configuration)
{
	int fd = rt_socket(0);

	dump(fd, RTM_GETNETCONF, AF_INET, sizeof(struct netconfmsg));
	dump(fd, RTM_GETNETCONF, AF_INET6, sizeof(struct netconfmsg));
}
