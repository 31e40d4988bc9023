/* SPDX-License-Identifier: MIT */
/*
 * IPv4 neighbours and ARP, in the place of lwIP's: states as users see them, permanent entries, answers for every address of this
 * machine.
 *
 * A packet to a neighbour that is not known waits with its entry, in order, up to QUEUE_MAX of them, while the neighbour is asked for
 * three times in three seconds. One that is known is REACHABLE for half a minute after it was heard, then STALE; used again it is
 * given five seconds (DELAY) and asked directly (PROBE).
 *
 * Invariants: packets wait only with INCOMPLETE entries. lwIP's own ARP never sees a frame; what it sends by itself is harmless.
 * Locks: net_lock.
 * References: RFC 826, RFC 5227, RFC 4861 7.3.2 for the states; arp(7).
 */
#include <kernel/errno.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <uapi/netlink.h>
#include "port.h"
#include "lwip_hooks.h"
#include "netif/ethernet.h"

#define NEIGH_MAX	1024u
#define QUEUE_MAX	101u
#define PROBES		3u
#define REACHABLE_NS	(30 * NSEC_PER_SEC)
#define DELAY_NS	(5 * NSEC_PER_SEC)
#define GC_NS		(60 * NSEC_PER_SEC)
#define BUCKETS		64u

struct waiting {
	struct waiting *next;
	struct pbuf *p;
};
struct arp_packet {
	uint8_t hw[2], proto[2], hlen, plen, op[2];
	uint8_t sha[6], spa[4], tha[6], tpa[4];
};
_Static_assert(sizeof(struct arp_packet) == 28, "RFC 826");
enum { ARP_REQUEST = 1, ARP_REPLY = 2 };

LIST_HEAD(net_neighs);
static struct net_neigh *buckets[BUCKETS];
static unsigned count;

static struct net_neigh **bucket(uint32_t ip)
{
	return &buckets[(ip ^ ip >> 8 ^ ip >> 16 ^ ip >> 24) % BUCKETS];
}

struct net_neigh *net_neigh_find(struct netdev *d, uint32_t ip)
{
	struct net_neigh *n;

	for (n = *bucket(ip); n; n = n->chain)
		if (n->ip == ip && n->dev == d)
			return n;
	return NULL;
}

static void drop_waiting(struct net_neigh *n)
{
	while (n->first) {
		struct waiting *w = n->first;

		n->first = w->next;
		pbuf_free(w->p);
		kfree(w);
	}
	n->waiting = 0;
}

void net_neigh_remove(struct net_neigh *n)
{
	struct net_neigh **at = bucket(n->ip);

	while (*at != n)
		at = &(*at)->chain;
	*at = n->chain;
	list_del(&n->link);
	count--;
	drop_waiting(n);
	net_notify_neigh4(RTM_DELNEIGH, n);
	kfree(n);
}

/* Room for one more: what has not been used for longest goes. */
static bool make_room(void)
{
	struct net_neigh *n, *oldest = NULL;

	if (count < NEIGH_MAX)
		return true;
	list_for_each_entry(n, &net_neighs, link)
		if (n->state & (NUD_STALE | NUD_FAILED | NUD_REACHABLE) && (!oldest || n->used < oldest->used))
			oldest = n;
	if (oldest)
		net_neigh_remove(oldest);
	return oldest;
}

struct net_neigh *net_neigh_create(struct netdev *d, uint32_t ip)
{
	struct net_neigh *n;

	/* On the loopback interface all neighbours are one. */
	if (d->flags & IFF_LOOPBACK)
		ip = 0;
	n = net_neigh_find(d, ip);
	if (n)
		return n;
	n = make_room() ? kzalloc(sizeof(*n), GFP_KERNEL | GFP_NOWARN) : NULL;
	if (!n)
		return NULL;
	n->ip = ip;
	n->dev = d;
	n->confirmed = n->used = n->updated = clock_monotonic();
	n->chain = *bucket(ip);
	*bucket(ip) = n;
	list_add_tail(&n->link, &net_neighs);
	count++;
	return n;
}

/* ---- frames */

static void send_arp(struct netdev *d, unsigned op, const uint8_t *dst, uint32_t spa, const uint8_t *tha, uint32_t tpa)
{
	struct pbuf *p = pbuf_alloc(PBUF_LINK, sizeof(struct arp_packet), PBUF_RAM);
	struct arp_packet *a;

	if (!p)
		return;
	a = p->payload;
	*a = (struct arp_packet){ .hw = { 0, 1 }, .proto = { 8, 0 }, .hlen = 6, .plen = 4, .op = { 0, (uint8_t)op } };
	memcpy(a->sha, d->mac, 6);
	memcpy(a->spa, &spa, 4);
	if (tha)
		memcpy(a->tha, tha, 6);
	memcpy(a->tpa, &tpa, 4);
	(void)ethernet_output(&port_of(d)->netif, p, (const struct eth_addr *)d->mac, (const struct eth_addr *)dst, ETHTYPE_ARP);
	pbuf_free(p);
}

/* To everybody on the wire: that address is here (RFC 5227, 3). */
void net_neigh_announce(struct netdev *d, uint32_t addr)
{
	send_arp(d, ARP_REQUEST, ethbroadcast.addr, addr, NULL, addr);
}

static void ask(struct net_neigh *n)
{
	uint32_t src = n->src && net_addr4_local(n->src) ? n->src : net_source4(n->dev, n->ip, RT_SCOPE_LINK);

	n->probes++;
	n->asked = clock_monotonic();
	send_arp(n->dev, ARP_REQUEST, n->state == NUD_PROBE ? n->mac : ethbroadcast.addr, src, NULL, n->ip);
	port_wire_used = true;	/* the timer runs */
}

static void send_waiting(struct net_neigh *n)
{
	while (n->first) {
		struct waiting *w = n->first;

		n->first = w->next;
		n->waiting--;
		(void)ethernet_output(&port_of(n->dev)->netif, w->p, (const struct eth_addr *)n->dev->mac, (const struct eth_addr *)n->mac,
				      ETHTYPE_IP);
		pbuf_free(w->p);
		kfree(w);
	}
}

void net_neigh_set(struct net_neigh *n, unsigned state, const uint8_t *mac)
{
	bool tell = n->state != state && (n->state | state) & NUD_VALID && state != NUD_DELAY;

	if (mac && memcmp(n->mac, mac, 6)) {
		memcpy(n->mac, mac, 6);
		tell = true;
	}
	n->state = (uint8_t)state;
	n->updated = clock_monotonic();
	if (state & NUD_REACHABLE)
		n->confirmed = n->updated;
	n->probes = 0;
	if (state & NUD_VALID)
		send_waiting(n);
	else
		drop_waiting(n);
	if (tell)
		net_notify_neigh4(RTM_NEWNEIGH, n);
}

static err_t wait_for(struct net_neigh *n, struct pbuf *p)
{
	struct waiting *w;
	struct pbuf *q;

	if (n->waiting >= QUEUE_MAX) {		/* the oldest makes room */
		w = n->first;
		n->first = w->next;
		n->waiting--;
		pbuf_free(w->p);
		kfree(w);
	}
	w = kmalloc(sizeof(*w), GFP_KERNEL | GFP_NOWARN);
	if (!w)
		return ERR_MEM;
	for (q = p; q && !PBUF_NEEDS_COPY(q); q = q->next)
		;
	if (q) {	/* memory that its owner will use again */
		p = pbuf_clone(PBUF_LINK, PBUF_RAM, p);
		if (!p) {
			kfree(w);
			return ERR_MEM;
		}
	} else {
		pbuf_ref(p);
	}
	w->p = p;
	w->next = NULL;
	if (n->first)
		n->last->next = w;
	else
		n->first = w;
	n->last = w;
	n->waiting++;
	return ERR_OK;
}

static err_t to_neighbour(struct netif *netif, struct pbuf *p, uint32_t ip)
{
	struct netdev *d = netif_dev(netif);
	struct net_neigh *n = net_neigh_find(d, ip);

	if (!n)
		n = net_neigh_create(d, ip);
	if (!n)
		return ERR_MEM;
	n->used = clock_monotonic();
	if (unlikely(n->state == NUD_REACHABLE && n->used - n->confirmed > REACHABLE_NS))
		net_neigh_set(n, NUD_STALE, NULL);
	if (unlikely(n->state == NUD_STALE)) {
		n->state = NUD_DELAY;
		n->updated = n->used;
		port_wire_used = true;
	}
	if (likely(n->state & NUD_VALID))
		return ethernet_output(netif, p, (const struct eth_addr *)d->mac, (const struct eth_addr *)n->mac, ETHTYPE_IP);
	if (n->state != NUD_INCOMPLETE) {
		n->state = NUD_INCOMPLETE;
		n->updated = n->used;
		n->probes = 0;
		if (p->len >= 20)
			memcpy(&n->src, (uint8_t *)p->payload + 12, 4);
		ask(n);
	}
	return wait_for(n, p);
}

err_t port_output4(struct netif *netif, struct pbuf *p, const ip4_addr_t *dest)
{
	struct netdev *d = netif_dev(netif);
	struct eth_addr group = { { 0x01, 0x00, 0x5e } };

	if (ip4_addr_ismulticast(dest)) {
		net_ip_mib.out_mcast++;
		group.addr[3] = ip4_addr2(dest) & 0x7f;
		group.addr[4] = ip4_addr3(dest);
		group.addr[5] = ip4_addr4(dest);
		return ethernet_output(netif, p, (const struct eth_addr *)d->mac, &group, ETHTYPE_IP);
	}
	if (dest->addr == UINT32_MAX || !dest->addr || net_addr4_type(dest->addr) == RTN_BROADCAST) {
		net_ip_mib.out_bcast++;
		return ethernet_output(netif, p, (const struct eth_addr *)d->mac, &ethbroadcast, ETHTYPE_IP);
	}
	return to_neighbour(netif, p, lwip_port_gateway4(netif, dest)->addr);
}

/* A frame of ARP; stays the caller's. */
void net_neigh_input(struct netdev *d, const struct pbuf *p)
{
	struct arp_packet a;
	struct net_neigh *n;
	uint32_t spa, tpa;
	bool request, to_us;

	if (pbuf_copy_partial(p, &a, sizeof(a), 14) != sizeof(a) || a.hw[0] || a.hw[1] != 1 || a.proto[0] != 8 || a.proto[1] || a.hlen != 6 ||
	    a.plen != 4 || a.op[0] || (a.op[1] != ARP_REQUEST && a.op[1] != ARP_REPLY) || d->flags & IFF_NOARP)
		return;
	memcpy(&spa, a.spa, 4);
	memcpy(&tpa, a.tpa, 4);
	request = a.op[1] == ARP_REQUEST;
	to_us = (tpa & 0xff) != 127 && net_addr4_type(tpa) == RTN_LOCAL;
	if (!spa) {	/* somebody looks whether an address is free */
		if (request && to_us)
			send_arp(d, ARP_REPLY, a.sha, tpa, a.sha, spa);
		return;
	}
	if (a.sha[0] & 1 || net_addr4_type(spa) != RTN_UNICAST)
		return;
	n = net_neigh_find(d, spa);
	if (request && to_us) {
		send_arp(d, ARP_REPLY, a.sha, tpa, a.sha, spa);
		if (!n)
			n = net_neigh_create(d, spa);
	}
	if (!n || n->state & (NUD_PERMANENT | NUD_NOARP))
		return;
	if (!request && !(*(uint8_t *)p->payload & 1))
		net_neigh_set(n, NUD_REACHABLE, a.sha);
	else if (!(n->state & NUD_REACHABLE) || memcmp(n->mac, a.sha, 6))
		net_neigh_set(n, NUD_STALE, a.sha);
}

/* ---- time */

/* Something is waited for. */
bool net_neigh_busy(void)
{
	struct net_neigh *n;

	list_for_each_entry(n, &net_neighs, link)
		if (n->state & (NUD_INCOMPLETE | NUD_DELAY | NUD_PROBE))
			return true;
	return false;
}

static void tick_one(struct net_neigh *n, nsec_t now)
{
	switch (n->state) {
	case NUD_INCOMPLETE:
	case NUD_PROBE:
		if (now - n->asked < NSEC_PER_SEC - NSEC_PER_SEC / 20)
			return;
		if (n->probes < PROBES) {
			ask(n);
			return;
		}
		net_neigh_unreachable(n->ip, n->dev);
		net_neigh_set(n, NUD_FAILED, NULL);
		return;
	case NUD_DELAY:
		if (now - n->updated < DELAY_NS)
			return;
		net_neigh_set(n, NUD_PROBE, NULL);
		ask(n);
		return;
	case NUD_REACHABLE:
		if (now - n->confirmed > REACHABLE_NS)
			net_neigh_set(n, NUD_STALE, NULL);
		return;
	case NUD_FAILED:
	case NUD_STALE:
		if (now - MAX(n->used, n->updated) > GC_NS && (n->state == NUD_FAILED || count > 128))
			net_neigh_remove(n);
		return;
	default:
		return;
	}
}

void net_neigh_tick(void)
{
	struct net_neigh *n, *next;
	nsec_t now = clock_monotonic();

	list_for_each_entry_safe(n, next, &net_neighs, link)
		tick_one(n, now);
}

void net_neigh_flush(struct netdev *d)
{
	struct net_neigh *n, *next;

	list_for_each_entry_safe(n, next, &net_neighs, link)
		if (n->dev == d && !(n->state & NUD_PERMANENT))
			net_neigh_remove(n);
}
