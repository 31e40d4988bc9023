/* SPDX-License-Identifier: MIT */
/*
 * When lwIP has to be called, in the place of its timeouts.c: one kernel timer for the earliest of what is due, nothing while nothing is.
 *
 * TCP says itself when (net/inet/tcp_timer.c). The other protocols count calls at a fixed interval. Each row below says whether
 * it is needed now: groups with a report to send, a DHCP client that waits for an answer, tables (ARP, neighbours,
 * fragments) after traffic. Without traffic those are called once a minute as often as they would have been, so that what they keep ages.
 *
 * Invariants: armed_at is the deadline of the kernel timer, NSEC_NEVER when it is not armed; it is never later than what is due.
 * Locks: net_lock; the timer's call-back only queues work.
 */
#include "port.h"
#include "../inet/tcp.h"
#include <kernel/time.h>
#include <kernel/work.h>
#include "lwip/dhcp.h"
#include "lwip/igmp.h"
#include "lwip/ip4_frag.h"
#include "lwip/ip6_frag.h"
#include "lwip/mld6.h"
#include "lwip/nd6.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/sys.h"

#define SPAN_BUSY	(30 * NSEC_PER_SEC)	/* tables are looked at each second for so long after traffic */
#define SPAN_IDLE	(60 * NSEC_PER_SEC)

enum need { NEED_NOT, NEED_IDLE, NEED_NOW };
struct cyclic {
	void (*fn)(void);
	enum need (*need)(void);
	unsigned ms;
	nsec_t last;			/* the calls up to here have been made; 0: not running */
};

static struct timer tick;
static struct work tick_work;
static nsec_t armed_at = NSEC_NEVER, cyclic_at = NSEC_NEVER, busy_until;
bool port_wire_used;

u32_t sys_now(void)
{
	return (u32_t)(clock_monotonic() / NSEC_PER_MSEC);
}

static bool any_wire(void)
{
	struct netdev *d;

	list_for_each_entry(d, &netdevs, link)
		if (d->flags & IFF_UP && !(d->flags & IFF_LOOPBACK))
			return true;
	return false;
}

static enum need need_tables(void)
{
	return !any_wire() ? NEED_NOT : clock_monotonic() < busy_until ? NEED_NOW : NEED_IDLE;
}

static enum need need_neighs(void)
{
	return net_neigh_busy() ? NEED_NOW : list_empty(&net_neighs) ? NEED_NOT : NEED_IDLE;
}

static enum need need_igmp(void)
{
	struct netdev *d;
	struct igmp_group *g;

	list_for_each_entry(d, &netdevs, link)
		for (g = port_of(d) ? netif_igmp_data(&port_of(d)->netif) : NULL; g; g = g->next)
			if (g->timer)
				return NEED_NOW;
	return NEED_NOT;
}

static enum need need_mld(void)
{
	struct netdev *d;
	struct mld_group *g;

	list_for_each_entry(d, &netdevs, link)
		for (g = port_of(d) ? netif_mld6_data(&port_of(d)->netif) : NULL; g; g = g->next)
			if (g->timer)
				return NEED_NOW;
	return NEED_NOT;
}

static enum need need_dhcp_fine(void)
{
	struct netdev *d;

	list_for_each_entry(d, &netdevs, link) {
		struct dhcp *c = port_of(d) ? netif_dhcp_data(&port_of(d)->netif) : NULL;

		if (c && c->request_timeout)
			return NEED_NOW;
	}
	return NEED_NOT;
}

static enum need need_dhcp_coarse(void)
{
	struct netdev *d;

	list_for_each_entry(d, &netdevs, link)
		if (port_of(d) && netif_dhcp_data(&port_of(d)->netif))
			return NEED_NOW;
	return NEED_NOT;
}

static struct cyclic cyclics[] = {
	{ ip_reass_tmr, need_tables, IP_TMR_INTERVAL, 0 },
	{ ip6_reass_tmr, need_tables, IP6_REASS_TMR_INTERVAL, 0 },
	{ net_neigh_tick, need_neighs, 1000, 0 },
	{ nd6_tmr, need_tables, ND6_TMR_INTERVAL, 0 },
	{ igmp_tmr, need_igmp, IGMP_TMR_INTERVAL, 0 },
	{ mld6_tmr, need_mld, MLD6_TMR_INTERVAL, 0 },
	{ dhcp_fine_tmr, need_dhcp_fine, DHCP_FINE_TIMER_MSECS, 0 },
	{ dhcp_coarse_tmr, need_dhcp_coarse, DHCP_COARSE_TIMER_MSECS, 0 },
};

/* Makes the calls of one row that are due; says when the next is. */
static nsec_t cyclic_run(struct cyclic *c, nsec_t now)
{
	nsec_t step = (nsec_t)c->ms * NSEC_PER_MSEC;
	enum need n = c->need();

	if (n == NEED_NOT) {
		c->last = 0;
		return NSEC_NEVER;
	}
	if (!c->last)
		c->last = now;
	if (n == NEED_IDLE && now < c->last + SPAN_IDLE)
		return c->last + SPAN_IDLE;
	for (; c->last + step <= now; c->last += step)
		c->fn();
	return c->last + (n == NEED_IDLE ? SPAN_IDLE : step);
}

static void cyclics_run(void)
{
	nsec_t now = clock_monotonic(), at = NSEC_NEVER;

	for (unsigned i = 0; i < ARRAY_SIZE(cyclics); i++)
		at = MIN(at, cyclic_run(&cyclics[i], now));
	cyclic_at = at;
	/* Routers that lwIP has heard of, or lost. */
	if (at != NSEC_NEVER)
		net_route6_sync();
}

static void tick_fn(struct timer *t)
{
	work_queue(&tick_work);
}

/*
 * A segment that a device still holds is not sent again by lwIP, and devices say that they are done only when asked: ask, or what
 * was lost would wait for other traffic.
 */
static void reclaim_sent(void)
{
	struct netdev *d;

	list_for_each_entry(d, &netdevs, link)
		if (d->ops->reclaim && d->flags & IFF_UP)
			d->ops->reclaim(d);
}

static void tick_work_fn(struct work *w)
{
	net_lock_acquire();
	reclaim_sent();
	armed_at = NSEC_NEVER;
	tcp_timers_moved = true;
	tcp_timers_run();
	if (clock_monotonic() >= cyclic_at)
		cyclics_run();
	net_lock_release();
}

/* At the end of each batch. */
void port_timers_arm(void)
{
	nsec_t at;

	if (unlikely(port_wire_used)) {
		nsec_t now = clock_monotonic();

		port_wire_used = false;
		/* Not at each frame: only when that changes something. */
		if (cyclic_at > now + 2 * NSEC_PER_SEC || busy_until < now + SPAN_BUSY / 2) {
			busy_until = now + SPAN_BUSY;
			cyclics_run();
		}
	}
	if (likely(!tcp_timers_moved && armed_at <= cyclic_at))
		return;
	tcp_timers_moved = false;
	at = MIN(tcp_timers_next(), cyclic_at);
	if (at >= armed_at)
		return;
	armed_at = at;
	timer_start(&tick, at);
}

/* Groups were joined or left, a client was started: rows that were not needed may be. */
void port_timers_changed(void)
{
	cyclics_run();
}

void port_timers_init(void)
{
	work_init(&tick_work, tick_work_fn);
	timer_setup(&tick, tick_fn, TIMER_MONO);
}
