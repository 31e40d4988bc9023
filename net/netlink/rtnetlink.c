/* SPDX-License-Identifier: MIT */
/*
 * Route netlink: a table of handlers by message type, who may do what, and notices to listeners. rtnetlink(7).
 *
 * The handlers are in rt_link.c, rt_addr.c, rt_route.c, rt_neigh.c, rt_rule.c.
 *
 * The table is written at boot and read without a lock. Notices are sent under net_lock, by whoever changed something.
 */
#include <kernel/cred.h>
#include <kernel/init.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include "netlink_internal.h"
#include "rt_internal.h"

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
	int err;

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
		return nl_dump_start(r, h->dump_start, h->dump, NULL);
	}
	if (!h || !h->doit)
		return -EOPNOTSUPP;
	if (h->privileged && !capable(CAP_NET_ADMIN))
		return -EPERM;
	net_lock_acquire();
	net_cause = (struct net_cause){ r->portid, r->h->seq, r->h->flags & NLM_F_ECHO };
	err = h->doit(r);
	net_cause = (struct net_cause){ 0 };
	net_lock_release();
	return err;
}

/* ---- notices */

void rtnl_notify(unsigned group, const struct nl_buf *b)
{
	struct net_cause c = net_cause;

	nl_broadcast(NETLINK_ROUTE, group, b, c.echo ? c.portid : 0);
	if (c.echo)
		nl_unicast(NETLINK_ROUTE, c.portid, b);
}

bool rtnl_wanted(unsigned group)
{
	return net_cause.echo || nl_has_listeners(NETLINK_ROUTE, group);
}

static int __init rtnl_init(void)
{
	static const struct nl_proto route = {
		.protocol = NETLINK_ROUTE, .groups = RTNLGRP_MAX, .user_recv = true, .request = rtnl_request,
	};

	return nl_register(&route);
}
INITCALL(INITCALL_FS, rtnl_init);
