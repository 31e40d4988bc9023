/* SPDX-License-Identifier: MIT */
/* Inside net/netlink only: route netlink's handlers. doit() and notices run under net_lock; dump() takes it. */
#pragma once
#include <net/netlink.h>
#include "../port/port.h"

/* The message to the group's members, and to the asker if it wants an echo. */
void rtnl_notify(unsigned group, const struct nl_buf *b);
bool rtnl_wanted(unsigned group);	/* somebody would hear it */

/* A message that fits is appended; else *b is as it was. */
bool rtnl_put_link(struct nl_buf *b, struct netdev *d, unsigned type, unsigned flags, uint32_t seq, uint32_t portid, unsigned change);
#define RTNL_MSG_MAX 4096u	/* more than any of our messages */

/* Routes: what rt_route.c and rt_route6.c have of each other. */
extern const struct nla_policy rtnl_route4_policy[RTA_MAX + 1], rtnl_route6_policy[RTA_MAX + 1];
bool rtnl_put_metrics(struct nl_buf *b, const uint32_t *metrics);
int rtnl_get_metrics(struct nl_request *r, const struct nlattr *a, uint32_t **out);	/* *out NULL: none */
bool rtnl_route_wanted(const struct nl_dump *d, uint32_t table, const struct netdev *dev, unsigned protocol, unsigned type);
bool rtnl_dump_routes6(struct nl_dump *d, struct nl_buf *b);		/* true: to the end */
int rtnl_change_route4(struct nl_request *r);
int rtnl_change_route6(struct nl_request *r);
int rtnl_get_route4(struct nl_request *r);
int rtnl_get_route6(struct nl_request *r);
