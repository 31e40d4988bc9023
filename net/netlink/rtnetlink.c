/* SPDX-License-Identifier: MIT */
/*
 * Route netlink: a table of handlers by message type, and what is true without any network: one link, `lo', which is
 * down, and no addresses, routes or neighbours. Whoever has interfaces registers handlers in the place of these. rtnetlink(7).
 *
 * The table is written at boot and read without a lock.
 */
#include <kernel/cred.h>
#include <kernel/init.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include "netlink_internal.h"

static const struct rtnl_handler *handlers[RTM_MAX + 1];

int rtnl_register(unsigned type, const struct rtnl_handler *h)
{
	if (type < NLMSG_MIN_TYPE || type > RTM_MAX)
		return -EINVAL;
	smp_store_release(&handlers[type], h);
	return 0;
}

static int rtnl_request(struct nl_request *r)
{
	unsigned type = r->h->type, kind = (type - NLMSG_MIN_TYPE) & 3;
	const struct rtnl_handler *h;

	if (type > RTM_MAX)
		return -EOPNOTSUPP;
	/* Every message has a family in its first byte. Those without are not looked at. */
	if (r->h->len < sizeof(*r->h) + 1)
		return 0;
	/* Of each four types the third asks (GET); the others change. */
	if (kind != 2 && !capable(CAP_NET_ADMIN))
		return -EPERM;
	h = smp_load_acquire(&handlers[type]);
	if (kind == 2 && (r->h->flags & NLM_F_DUMP)) {
		if (!h || !h->dump)
			return -EOPNOTSUPP;
		return nl_dump_start(r, h->dump, NULL);
	}
	if (!h || !h->doit)
		return -EOPNOTSUPP;
	return h->privileged && !capable(CAP_NET_ADMIN) ? -EPERM : h->doit(r);
}

static bool put_lo(struct nl_buf *b, unsigned flags, uint32_t seq, uint32_t portid)
{
	static const uint8_t zero[6];
	struct nlmsghdr *h = nl_begin(b, RTM_NEWLINK, flags, seq, portid, sizeof(struct ifinfomsg));
	struct ifinfomsg *i;

	if (!h)
		return false;
	i = nl_data(h);
	i->type = ARPHRD_LOOPBACK;
	i->index = 1;
	i->flags = IFF_LOOPBACK;
	if (!nl_attr(b, IFLA_IFNAME, "lo", 3) || !nl_attr_u32(b, IFLA_TXQLEN, 1000) || !nl_attr_u8(b, IFLA_OPERSTATE, 2) ||
	    !nl_attr_u8(b, IFLA_LINKMODE, 0) || !nl_attr_u32(b, IFLA_MTU, 65536) || !nl_attr_u32(b, IFLA_GROUP, 0) ||
	    !nl_attr(b, IFLA_QDISC, "noop", 5) || !nl_attr(b, IFLA_ADDRESS, zero, 6) || !nl_attr(b, IFLA_BROADCAST, zero, 6)) {
		nl_cancel(b, h);
		return false;
	}
	nl_end(b, h);
	return true;
}

static int dump_links(struct nl_dump *d, struct nl_buf *b)
{
	if (!d->args[0] && put_lo(b, NLM_F_MULTI, d->seq, d->portid))
		d->args[0] = 1;
	return 0;
}

/* By number, or by name in IFLA_IFNAME. */
static int get_link(struct nl_request *r)
{
	const struct ifinfomsg *i = (const struct ifinfomsg *)(r->h + 1);
	char data[512];
	struct nl_buf b = { data, 0, sizeof(data) };
	size_t at = sizeof(*r->h) + sizeof(*i);
	bool named = false;

	if (r->h->len < at)
		return -EINVAL;
	while (at + sizeof(struct nlattr) <= r->h->len) {
		const struct nlattr *a = (const struct nlattr *)((const char *)r->h + at);

		if (a->len < sizeof(*a) || a->len > r->h->len - at)
			break;
		if (a->type == IFLA_IFNAME) {
			named = true;
			if (a->len < sizeof(*a) + 2 || strncmp((const char *)(a + 1), "lo", a->len - sizeof(*a)))
				return -ENODEV;
		}
		at += NLMSG_ALIGN(a->len);
	}
	if (i->index <= 0 && !named)
		return -EINVAL;
	if (i->index > 0 && i->index != 1)
		return -ENODEV;
	if (!put_lo(&b, 0, r->h->seq, r->portid))
		return -EMSGSIZE;
	return nl_reply(r, &b);
}

static int dump_nothing(struct nl_dump *d, struct nl_buf *b)
{
	return 0;
}

static int __init rtnl_init(void)
{
	static const struct nl_proto route = {
		.protocol = NETLINK_ROUTE, .groups = RTNLGRP_MAX, .user_recv = true, .request = rtnl_request,
	};
	static const struct rtnl_handler link = { .doit = get_link, .dump = dump_links }, nothing = { .dump = dump_nothing };

	if (!handlers[RTM_GETLINK])
		rtnl_register(RTM_GETLINK, &link);
	if (!handlers[RTM_GETADDR])
		rtnl_register(RTM_GETADDR, &nothing);
	if (!handlers[RTM_GETROUTE])
		rtnl_register(RTM_GETROUTE, &nothing);
	if (!handlers[RTM_GETNEIGH])
		rtnl_register(RTM_GETNEIGH, &nothing);
	return nl_register(&route);
}
INITCALL(INITCALL_FS, rtnl_init);
