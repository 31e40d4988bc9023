/* SPDX-License-Identifier: MIT */
/* RTM_GETLINK: one link, by number and by name; what the answer has; all links. Only `lo' is there. */
#include "rtnl.h"

TEST(link_get, one_by_number_or_name)
{
	int fd = rt_socket(0);
	struct ifinfomsg *m;

	reset();
	m = start(RTM_GETLINK, REQ | NLM_F_ACK, sizeof(*m));
	m->ifi_index = LO;
	ask(fd);
	start(RTM_GETLINK, REQ | NLM_F_ACK, sizeof(*m));
	add_text(IFLA_IFNAME, "lo");
	ask(fd);
	start(RTM_GETLINK, REQ | NLM_F_ACK, sizeof(*m));
	add_text(IFLA_ALT_IFNAME, "lo");
	ask(fd);
	/* The number wins. */
	m = start(RTM_GETLINK, REQ | NLM_F_ACK, sizeof(*m));
	m->ifi_index = LO;
	add_text(IFLA_IFNAME, "nosuch");
	ask(fd);
}

TEST(link_get, what_is_not_there)
{
	int fd = rt_socket(0);
	struct ifinfomsg *m = start(RTM_GETLINK, ACK, sizeof(*m));

	ask(fd);
	m = start(RTM_GETLINK, ACK, sizeof(*m));
	m->ifi_index = 999;
	ask(fd);
	m = start(RTM_GETLINK, ACK, sizeof(*m));
	m->ifi_index = -1;
	ask(fd);
	start(RTM_GETLINK, ACK, sizeof(*m));
	add_text(IFLA_IFNAME, "nosuch");
	ask(fd);
	start(RTM_GETLINK, ACK, sizeof(*m));
	add_text(IFLA_IFNAME, "a_name_of_more_than_15");
	ask(fd);
	start(RTM_GETLINK, ACK, sizeof(*m));
	add(IFLA_MTU, "ab", 2);
	ask(fd);
}

/* Which attributes there are, each with its length; the order is Linux's own business, and ours. */
TEST(link_get, attributes)
{
	static const unsigned asked[] = {
		IFLA_IFNAME, IFLA_TXQLEN, IFLA_OPERSTATE, IFLA_LINKMODE, IFLA_MTU, IFLA_MIN_MTU, IFLA_MAX_MTU, IFLA_GROUP, IFLA_PROMISCUITY,
		IFLA_NUM_TX_QUEUES, IFLA_NUM_RX_QUEUES, IFLA_CARRIER, IFLA_QDISC, IFLA_CARRIER_CHANGES, IFLA_PROTO_DOWN, IFLA_MAP, IFLA_ADDRESS,
		IFLA_BROADCAST, IFLA_STATS64, IFLA_STATS, IFLA_AF_SPEC, IFLA_MASTER, IFLA_LINK, IFLA_LINKINFO, IFLA_PERM_ADDRESS, IFLA_GSO_MAX_SIZE,
		IFLA_GSO_MAX_SEGS, IFLA_XDP,
	};
	int fd = rt_socket(0);

	reset();
	for (int skip = 0; skip < 2; skip++) {
		struct ifinfomsg *m = start(RTM_GETLINK, REQ, sizeof(*m));
		struct nlmsghdr *h = (struct nlmsghdr *)rx;

		m->ifi_index = LO;
		if (skip)
			add_u32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
		REQUIRE_OK(send(fd, &q, q.h.nlmsg_len, 0));
		REQUIRE_OK(recv(fd, rx, sizeof(rx), 0));
		for (unsigned i = 0; i < ARRAY_SIZE(asked); i++) {
			struct rtattr *a = IFLA_RTA(NLMSG_DATA(h));
			int left = IFLA_PAYLOAD(h), len = -1;
			uint32_t v = 0;

			for (; RTA_OK(a, left); a = RTA_NEXT(a, left))
				if ((a->rta_type & NLA_TYPE_MASK) == asked[i]) {
					len = RTA_PAYLOAD(a);
					memcpy(&v, RTA_DATA(a), len < 4 ? (unsigned)len : 4);
				}
			if (len <= 4)
				note("attribute %u: %d bytes, %u", asked[i], len, len > 0 ? v : 0);
			else if (asked[i] == IFLA_AF_SPEC || asked[i] == IFLA_STATS64 || asked[i] == IFLA_STATS)
				note("attribute %u: there", asked[i]);
			else
				note("attribute %u: %d bytes", asked[i], len);
		}
	}
}

TEST(link_get, all)
{
	int fd = rt_socket(0);
	struct ifinfomsg *m;

	reset();
	start(RTM_GETLINK, DUMP, sizeof(*m));
	ask(fd);
	/* Old programs send one byte. */
	start(RTM_GETLINK, DUMP, sizeof(struct rtgenmsg));
	ask(fd);
	start(RTM_GETLINK, DUMP, sizeof(*m));
	add_u32(IFLA_MASTER, 5);
	ask(fd);
	strict(fd, 1);
	start(RTM_GETLINK, DUMP, sizeof(*m));
	ask(fd);
	m = start(RTM_GETLINK, DUMP, sizeof(*m));
	m->ifi_index = LO;
	ask(fd);
	m = start(RTM_GETLINK, DUMP, sizeof(*m));
	m->ifi_type = 1;
	ask(fd);
	start(RTM_GETLINK, DUMP, sizeof(struct rtgenmsg));
	ask(fd);
}
