/* SPDX-License-Identifier: MIT */
/*
 * Inside net/ only: lwIP as the rest of the network code sees it. Everything here is called under net_lock.
 *
 * Routes (route.c) are ours: lwIP asks for the interface and the gateway of each packet. An interface has one IPv4 address
 * (lwIP's limit) and up to LWIP_IPV6_NUM_ADDRESSES of IPv6.
 */
#pragma once
#include <kernel/list.h>
#include <net/netdev.h>
#include "lwip/ip.h"
#include "lwip/netif.h"
#include "lwip/pbuf.h"

struct net_port {
	struct netif netif;		/* first: lwIP gives us pointers to it */
	struct netdev *dev;
	bool added;
	bool dhcp;			/* the kernel's client runs (ip=dhcp) */
	ip4_addr_t broadcast;
};
static inline struct net_port *port_of(struct netdev *d) { return d->stack; }
static inline struct netdev *netif_dev(struct netif *n) { return ((struct net_port *)n)->dev; }
extern struct netdev net_lo;
extern struct netif *net_lo_netif;

/* netif.c */
void port_attach(struct netdev *d);
void port_receive(struct netdev *d, struct netbuf *frame);
void port_changed(struct netdev *d);
void port_loop_drain(void);
bool port_loop_pending(void);
/* timers.c */
extern bool port_wire_used;		/* a frame came or went in this batch */
void port_timers_init(void);
void port_timers_arm(void);
void port_timers_changed(void);
/* Addresses in network order; mask 0: by class. */
int net_addr4_set(struct netdev *d, uint32_t addr, uint32_t mask);

/* route.c */
struct net_route {
	struct list_head link;		/* longest prefix first, then lowest metric */
	uint32_t dst, mask;		/* network order */
	uint32_t gw;			/* 0: on the link */
	uint32_t src;			/* preferred source; 0: the interface's */
	struct netdev *dev;
	uint32_t metric;
	uint8_t protocol, scope, type, table;	/* RTPROT_*, RT_SCOPE_*, RTN_*: as route netlink shows them */
};
extern struct list_head net_routes;
int net_route_add(const struct net_route *r);	/* copies; -EEXIST, -ENETUNREACH (gateway not on a link), -ENOMEM */
int net_route_del(const struct net_route *r);	/* the first that matches what is given; -ESRCH */
void net_route_flush_dev(struct netdev *d);
/* The route of a destination; NULL: none. @oif: 0 or the interface it must leave by. */
const struct net_route *net_route_find(uint32_t dst, int oif);
/* One of this machine's addresses (127/8 included). */
bool net_addr4_local(uint32_t addr);
/*
 * Where a datagram leaves and what its source is. 0, -ENETUNREACH, -EINVAL.
 */
int net_route_output(uint32_t dst, int oif, struct netdev **dev, uint32_t *src);

/* errors of lwIP as ours */
int net_errno(err_t err);
