/* SPDX-License-Identifier: MIT */
/*
 * Inside net/ only: lwIP as the rest of the network code sees it, and what lies above it: addresses, routes, links. Everything here
 * is called under net_lock.
 *
 * lwIP's interfaces have one IPv4 address. Ours have a list (addr4.c); netif.ip_addr is the first of it, and while a packet is looked
 * at the one that the packet was sent to. Routes (route.c, route6.c) are ours: lwIP asks for the interface and the gateway of each
 * packet. IPv6 addresses live in lwIP's slots (LWIP_IPV6_NUM_ADDRESSES), with what lwIP does not keep of them beside (addr6.c).
 *
 * Whoever changes something calls the functions here, be it an ioctl or route netlink; they tell the listeners (net_notify_*).
 * An error may come with words: *why, for extended acknowledgements.
 */
#pragma once
#include <kernel/list.h>
#include <net/netdev.h>
#include <uapi/rtnetlink.h>
#include "lwip/ip.h"
#include "lwip/netif.h"
#include "lwip/pbuf.h"

struct net_addr4 {
	struct list_head link;		/* decreasing scope, then age; secondary ones at the end */
	struct netdev *dev;
	uint32_t local, peer, brd;	/* network order; peer == local if there is none */
	uint8_t prefix, scope;
	unsigned flags;			/* IFA_F_* */
	uint32_t metric;		/* of the route of its subnet */
	char label[16];
	uint32_t valid, preferred;	/* seconds from updated; IFA_LIFE_FOREVER */
	nsec_t created, updated;	/* CLOCK_MONOTONIC */
};
struct net_addr6 {			/* of one of lwIP's slots */
	uint8_t prefix, proto;
	unsigned flags;			/* as given: IFA_F_PERMANENT, NODAD, NOPREFIXROUTE, MANAGETEMPADDR */
	uint32_t metric;
	bool used, announced;
	uint8_t state;			/* lwIP's, when last announced */
	nsec_t created, updated;
};
struct net_port {
	struct netif netif;		/* first: lwIP gives us pointers to it */
	struct netdev *dev;
	bool added;
	bool dhcp;			/* the kernel's client runs (ip=dhcp) */
	struct list_head addrs;		/* struct net_addr4 */
	struct net_addr6 addr6[LWIP_IPV6_NUM_ADDRESSES];
};
static inline struct net_port *port_of(struct netdev *d) { return d->stack; }
static inline struct netdev *netif_dev(struct netif *n) { return ((struct net_port *)n)->dev; }
extern struct netdev net_lo;
extern struct netif *net_lo_netif;
#define NET_TABLES_MAX 64u	/* of one family, ever used: -ENOBUFS beyond */
bool net_table_note(unsigned family, uint32_t table);	/* false: too many */

static inline uint32_t net_mask4(unsigned prefix) { return prefix ? __builtin_bswap32(UINT32_MAX << (32 - prefix)) : 0; }
static inline unsigned net_prefix4(uint32_t mask) { return mask == UINT32_MAX ? 32 : (unsigned)__builtin_clz(~__builtin_bswap32(mask)); }

/* Who has asked for a change: notices carry it. Set by route netlink while it works. */
struct net_cause {
	uint32_t portid, seq;
	bool echo;			/* NLM_F_ECHO: the asker hears it too */
};
extern struct net_cause net_cause;

/* Counters of IPv4 that are not lwIP's. */
struct net_ip_mib {
	unsigned long in_octets, out_octets, in_mcast, out_mcast, in_bcast, out_bcast, martians;
};
extern struct net_ip_mib net_ip_mib;

/* netif.c */
void port_attach(struct netdev *d);
void port_receive(struct netdev *d, struct netbuf *frame);
void port_changed(struct netdev *d);
void port_listen(void);
/* send.c: now. ERR_MEM: no room. */
err_t port_send(struct netdev *d, struct pbuf *p);
void port_tx_checksum(struct net_tx *tx);
uint16_t tcp_bulk_gso_size(const struct pbuf *p);	/* net/inet/bulk.c: into pieces of that a device may cut it; 0: it may not */
int port_sysfs_add(struct netdev *d);		/* sysfs.c: /sys/class/net; task context */
void port_loop_drain(void);
bool port_loop_pending(void);
/* timers.c */
extern bool port_wire_used;		/* a frame came or went in this batch */
void port_timers_init(void);
void port_timers_arm(void);
void port_timers_changed(void);

/* link.c: interfaces as users change them. */
int net_link_set_flags(struct netdev *d, unsigned flags, unsigned mask, const char **why);
int net_link_set_mtu(struct netdev *d, uint32_t mtu, const char **why);
int net_link_set_mac(struct netdev *d, const uint8_t *mac);
int net_link_set_name(struct netdev *d, const char *name);
int net_link_set_txqlen(struct netdev *d, uint32_t len);
unsigned net_link_operstate(const struct netdev *d);	/* IF_OPER_* */

/* addr4.c */
struct net_addr4 *net_addr4_primary(struct netdev *d);	/* NULL: none */
struct net_addr4 *net_addr4_find(struct netdev *d, uint32_t local);
/* Copies *a. -EEXIST, -EINVAL (another scope), -ENOMEM. */
int net_addr4_add(struct netdev *d, const struct net_addr4 *a, const char **why);
void net_addr4_del(struct net_addr4 *a);
void net_addr4_flush(struct netdev *d);
/* New lifetimes, flags and metric of one that is there. */
void net_addr4_refresh(struct net_addr4 *a, const struct net_addr4 *n);
/* The interface's only address from now on; mask 0: by class; addr 0: none. What ioctls and DHCP do. */
int net_addr4_set(struct netdev *d, uint32_t addr, uint32_t mask);
uint32_t net_class_mask(uint32_t addr);
void net_addr4_up(struct netdev *d);			/* routes of all its addresses */

/* addr6.c; addresses are four words in network order */
struct net_addr6_view {
	uint32_t addr[4];
	uint8_t scope;			/* RT_SCOPE_* */
	unsigned flags;			/* IFA_F_*, with the state's */
	uint32_t valid, preferred;	/* seconds left */
};
int net_addr6_find(struct netdev *d, const uint32_t addr[4]);	/* its slot, or -1 */
void net_addr6_view(struct netdev *d, unsigned slot, struct net_addr6_view *v);
unsigned net_addr6_sorted(struct netdev *d, unsigned order[]);	/* slots in use, as they are shown; how many */
int net_addr6_add(struct netdev *d, const uint32_t addr[4], const struct net_addr6 *n, uint32_t valid, uint32_t preferred,
		  unsigned nlflags, const char **why);
int net_addr6_del(struct netdev *d, const uint32_t addr[4], unsigned prefix);
void net_addr6_remove(struct netdev *d, unsigned slot);
void net_addr6_flush(struct netdev *d);
void port_addr6_changed(struct netdev *d, unsigned slot);

/* neigh.c: of IPv4 */
struct waiting;
struct net_neigh {
	struct list_head link;
	struct net_neigh *chain;
	uint32_t ip, src;		/* src: of the packet that made us ask */
	struct netdev *dev;
	uint8_t mac[6];
	uint8_t state;			/* NUD_* */
	unsigned probes, waiting;
	nsec_t confirmed, used, updated, asked;
	struct waiting *first, *last;
};
extern struct list_head net_neighs;
struct net_neigh *net_neigh_find(struct netdev *d, uint32_t ip);
struct net_neigh *net_neigh_create(struct netdev *d, uint32_t ip);	/* or the one that is there; NULL: no memory */
/* @mac NULL: as it is. What waits is sent, or dropped. */
void net_neigh_set(struct net_neigh *n, unsigned state, const uint8_t *mac);
void net_neigh_remove(struct net_neigh *n);
void net_neigh_input(struct netdev *d, const struct pbuf *p);
void net_neigh_tick(void);			/* once a second while net_neigh_busy(), once a minute else */
bool net_neigh_busy(void);
void net_neigh_flush(struct netdev *d);
void net_neigh_announce(struct netdev *d, uint32_t addr);
/* announce.c: all addresses of an interface, IPv6's too. */
void port_announce(struct netdev *d);
err_t port_output4(struct netif *netif, struct pbuf *p, const ip4_addr_t *dest);
/* net/inet: nobody answers for a next hop; sockets that wait for it are told. */
void net_neigh_unreachable(uint32_t hop, struct netdev *d);

/* route6.c */
struct net_route6 {
	struct list_head link;		/* by table, destination, shortest prefix first, metric */
	uint32_t table;
	uint32_t dst[4], gw[4], src[4];	/* all zeroes: none */
	uint8_t plen, protocol, type, flags, pref;
	struct netdev *dev;
	uint32_t metric;
	nsec_t expires;			/* 0: never */
	uint32_t *metrics;
};
extern struct list_head net_routes6;
int net_route6_change(const struct net_route6 *r, unsigned nlflags, const char **why);
int net_route6_del(const struct net_route6 *r);		/* zero fields match any */
void net_route6_flush_dev(struct netdev *d);
/* The routes of an address: its subnet's at once, its own once it is known to be unique; both go with it. */
void net_route6_subnet(struct netdev *d, unsigned slot);
void net_route6_local(struct netdev *d, unsigned slot);
void net_route6_addr_gone(struct netdev *d, unsigned slot);
void net_route6_dev_up(struct netdev *d);
int net_route6_lookup(const uint32_t dst[4], int oif, const struct net_route6 **out);
void net_route6_sync(void);	/* with the routers that lwIP knows */
bool net_prefix6_equal(const uint32_t *a, const uint32_t *b, unsigned bits);

/* pmtu.c */
#define NET_PMTU_MIN	552u		/* a smaller path is not believed: net.ipv4.route.min_pmtu */
/* The largest packet to @dst over an interface of @mtu. */
uint32_t net_pmtu4(uint32_t dst, uint32_t mtu);
/* A router says that a packet of @len bytes was too large for a link of @mtu (0: it does not know). */
void net_pmtu4_learn(uint32_t dst, uint32_t mtu, uint32_t len);
extern bool net_pmtu_any;		/* something was learnt, for IPv4 or IPv6 */
extern bool net_heard_here;		/* the packet that is being sent, to a group or everybody, comes back to this machine's sockets */
extern bool net_df_off;			/* the packet that is being sent may be fragmented by others */

/* route.c */
struct net_route {
	struct list_head link;		/* by table, destination, longest prefix first, TOS, metric */
	uint32_t table;
	uint32_t dst, mask;		/* network order */
	uint32_t gw;			/* 0: on the link */
	uint32_t src;			/* preferred source; 0: by the interface's addresses */
	struct netdev *dev;		/* NULL: blackhole and its kin */
	uint32_t metric;
	uint8_t tos, protocol, scope, type;	/* RTPROT_*, RT_SCOPE_*, RTN_* */
	uint8_t flags;			/* RTNH_F_ONLINK */
	uint32_t *metrics;		/* RTAX_MAX + 1 words; NULL: none */
};
extern struct list_head net_routes;
/* Takes over r->metrics on success. @nlflags: NLM_F_CREATE, EXCL, REPLACE, APPEND. */
int net_route_change(const struct net_route *r, unsigned nlflags, const char **why);
int net_route_add(const struct net_route *r);	/* create, and it must not be there */
int net_route_del(const struct net_route *r);	/* the first that matches what is given (zero: any); -ESRCH */
void net_route_flush_dev(struct netdev *d);
void net_route_flush_src(uint32_t src);		/* those that prefer an address that is gone */
/* A metric (RTAX_*) of the route to there; 0: it has none. */
uint32_t net_route_metric4(uint32_t dst, unsigned which);
uint32_t net_route_metric6(const uint32_t dst[4], unsigned which);
extern bool net_route_metrics;			/* some route has, or had, metrics */
bool net_table_exists(unsigned family, uint32_t table);	/* has had a route, once */
void net_routes_changed(void);			/* what was looked up is forgotten */
/*
 * The route of a destination. @oif: 0 or the interface it must leave by. 0; -ENETUNREACH: none; -EINVAL, -EHOSTUNREACH, -EACCES: as a
 * blackhole, an unreachable or a prohibit route says.
 */
int net_route_lookup(uint32_t dst, int oif, const struct net_route **out);
const struct net_route *net_route_find(uint32_t dst, int oif);	/* NULL for any error */
/* One of this machine's addresses (127/8 included, while lo is up). */
bool net_addr4_local(uint32_t addr);
/* RTN_* of an address. */
unsigned net_addr4_type(uint32_t addr);
/* Where a datagram leaves and what its source is. Errors as net_route_lookup()'s. */
int net_route_output(uint32_t dst, int oif, struct netdev **dev, uint32_t *src);
/* A source address for packets that leave by @d: the first of the scope that suits, preferring the subnet of @dst. */
uint32_t net_source4(struct netdev *d, uint32_t dst, unsigned scope);

/* Notices to listeners of route netlink. net/netlink. */
void net_notify_link(struct netdev *d, unsigned change);
void net_notify_addr4(unsigned type, const struct net_addr4 *a);
void net_notify_addr6(unsigned type, struct netdev *d, unsigned slot);
void net_notify_neigh4(unsigned type, const struct net_neigh *n);
void net_notify_route4(unsigned type, const struct net_route *r, unsigned nlflags);
void net_notify_route6(unsigned type, const struct net_route6 *r, unsigned nlflags);

/* errors of lwIP as ours */
int net_errno(err_t err);
