/* SPDX-License-Identifier: MIT */
/*
 * Route netlink: policy rules and the configuration of interfaces, as far as there are any: the three (IPv6: two) rules every machine
 * begins with, which cannot be changed (CAVEATS), and no forwarding.
 *
 * References: rtnetlink(7), ip-rule(8), ip-netconf(8).
 */
#include <kernel/errno.h>
#include <kernel/init.h>
#include "rt_internal.h"

/* ---- rules: args[0] the next, of both families one after the other */

static const struct {
	uint8_t family, table;
	uint32_t priority;
} rules[] = {
	{ AF_INET, RT_TABLE_LOCAL, 0 }, { AF_INET, RT_TABLE_MAIN, 32766 }, { AF_INET, RT_TABLE_DEFAULT, 32767 },
	{ AF_INET6, RT_TABLE_LOCAL, 0 }, { AF_INET6, RT_TABLE_MAIN, 32766 },
};

static int rule_start(struct nl_dump *d, struct nl_request *r)
{
	const struct fib_rule_hdr *f = (const struct fib_rule_hdr *)(r->h + 1);

	if (!d->strict)
		return 0;
	if (r->h->len < sizeof(*r->h) + sizeof(*f)) {
		r->why = "Invalid header for fib rule dump request";
		return -EINVAL;
	}
	if (f->dst_len || f->src_len || f->tos || f->table || f->res1 || f->res2 || f->action || f->flags) {
		r->why = "Invalid values in header for fib rule dump request";
		return -EINVAL;
	}
	if (r->h->len > sizeof(*r->h) + sizeof(*f)) {
		r->why = "Invalid data after header in fib rule dump request";
		return -EINVAL;
	}
	return 0;
}

static bool put_rule(struct nl_buf *b, struct nl_dump *d, unsigned i)
{
	struct nlmsghdr *h = nl_begin(b, RTM_NEWRULE, NLM_F_MULTI, d->seq, d->portid, sizeof(struct fib_rule_hdr));
	struct fib_rule_hdr *f;

	if (!h)
		return false;
	f = nl_data(h);
	*f = (struct fib_rule_hdr){ .family = rules[i].family, .table = rules[i].table, .action = FR_ACT_TO_TBL };
	if (!nl_attr_u32(b, FRA_TABLE, rules[i].table) || !nl_attr_u32(b, FRA_SUPPRESS_PREFIXLEN, UINT32_MAX) ||
	    !nl_attr_u8(b, FRA_PROTOCOL, RTPROT_KERNEL) || (rules[i].priority && !nl_attr_u32(b, FRA_PRIORITY, rules[i].priority))) {
		nl_cancel(b, h);
		return false;
	}
	nl_end(b, h);
	return true;
}

static int dump_rules(struct nl_dump *d, struct nl_buf *b)
{
	if (d->family != AF_UNSPEC && d->family != AF_INET && d->family != AF_INET6)
		return -EAFNOSUPPORT;
	for (; d->args[0] < (long)ARRAY_SIZE(rules); d->args[0]++)
		if ((!d->family || d->family == rules[d->args[0]].family) && !put_rule(b, d, (unsigned)d->args[0]))
			break;
	return 0;
}

/* ---- configuration: args[0] family at it, args[1] the next place: interfaces by index, then all, then default */

static bool put_conf(struct nl_buf *b, struct nl_dump *d, unsigned family, int index)
{
	struct nlmsghdr *h = nl_begin(b, RTM_NEWNETCONF, NLM_F_MULTI, d->seq, d->portid, sizeof(struct netconfmsg));

	if (!h)
		return false;
	((struct netconfmsg *)nl_data(h))->family = (uint8_t)family;
	if (!nl_attr_u32(b, NETCONFA_IFINDEX, (uint32_t)index) || !nl_attr_u32(b, NETCONFA_FORWARDING, 0) ||
	    (family == AF_INET && !nl_attr_u32(b, NETCONFA_RP_FILTER, 0)) || !nl_attr_u32(b, NETCONFA_MC_FORWARDING, 0) ||
	    (family == AF_INET && !nl_attr_u32(b, NETCONFA_BC_FORWARDING, 0)) || !nl_attr_u32(b, NETCONFA_PROXY_NEIGH, 0) ||
	    !nl_attr_u32(b, NETCONFA_IGNORE_ROUTES_WITH_LINKDOWN, 0)) {
		nl_cancel(b, h);
		return false;
	}
	nl_end(b, h);
	return true;
}

static bool dump_family(struct nl_dump *d, struct nl_buf *b, unsigned family)
{
	struct netdev *dev;

	list_for_each_entry(dev, &netdevs, link) {
		if (dev->index <= d->args[1])
			continue;
		if (!put_conf(b, d, family, dev->index))
			return false;
		d->args[1] = dev->index;
	}
	for (; d->args[2] < 2; d->args[2]++)
		if (!put_conf(b, d, family, -1 - (int)d->args[2]))
			return false;
	return true;
}

static int dump_confs(struct nl_dump *d, struct nl_buf *b)
{
	net_lock_acquire();
	if (!d->args[0])
		d->args[0] = d->family == AF_INET6 ? AF_INET6 : AF_INET;
	if ((d->args[0] != AF_INET || dump_family(d, b, AF_INET)) && d->family == AF_UNSPEC && d->args[0] == AF_INET) {
		d->args[0] = AF_INET6;
		d->args[1] = d->args[2] = 0;
	}
	if (d->args[0] == AF_INET6)
		(void)dump_family(d, b, AF_INET6);
	net_lock_release();
	return 0;
}

static int __init rt_rule_init(void)
{
	static const struct rtnl_handler rule = { .dump = dump_rules, .dump_start = rule_start }, conf = { .dump = dump_confs };

	rtnl_register(RTM_GETRULE, &rule);
	return rtnl_register(RTM_GETNETCONF, &conf);
}
INITCALL(INITCALL_FS, rt_rule_init);
