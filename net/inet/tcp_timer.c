/* SPDX-License-Identifier: MIT */
/*
 * TCP's timers and what a batch of calls leaves to do.
 *
 * lwIP counts in ticks of its slow timer (TCP_SLOW_INTERVAL, 10 ms) and expects to be called at each for every connection. Here
 * nothing ticks: tcp_ticks follows the clock, a connection's count (rtime) is brought up to date when lwIP is about to be called about
 * it, and a tree says when which connection has to be shown to lwIP's timer functions. Its entries may be early, never late: an
 * acknowledgement that stops a timer leaves the entry, which is looked at once when it comes up.
 *
 * The retransmission time-outs are Linux's: at least 200 ms, doubling, 120 s at most (RFC 6298 with a smaller least one).
 * Recovery from several losses in one window goes on with each partial acknowledgement (RFC 6582), which lwIP does not do; with
 * selective acknowledgements sack.c knows better.
 *
 * Locks: net_lock.
 */
#include "bulk.h"
#include "inet.h"
#include "tcp.h"
#include <kernel/time.h>
#include "lwip_hooks.h"
#include "lwip/nd6.h"
#include "lwip/priv/tcp_priv.h"

#define TICK_NS		(TCP_SLOW_INTERVAL * NSEC_PER_MSEC)
#define TICKS(ms)	((uint32_t)(ms) / TCP_SLOW_INTERVAL)
#define RTO_MIN		TICKS(200)
#define RTO_MAX		TICKS(120000)
#define RTO_FIRST	TICKS(1000)
#define ACK_DELAY	TICKS(40)
#define RETRIES		15u

uint32_t lwip_port_tcp_wnd = TCP_WND_DEFAULT;
unsigned lwip_port_syn_retries = 6, lwip_port_retries = RETRIES;
u32_t lwip_port_fin_wait = TCP_FIN_WAIT_MS;
LIST_HEAD(tcp_dirty);
bool tcp_timers_moved;
static struct rb_root_cached tree;
static uint8_t calls;			/* of lwIP's timer functions: a block with this number would be passed over */

uint32_t tcp_ticks_now(void)
{
	return (uint32_t)(clock_monotonic() / TICK_NS) + 1;	/* 0 means something else to lwIP */
}

static bool before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

static bool due_less(const struct rb_node *a, const struct rb_node *b)
{
	return before(rb_entry(a, struct tcp_conn, timer)->due, rb_entry(b, struct tcp_conn, timer)->due);
}

static void sync(struct tcp_conn *c)
{
	uint32_t gone = tcp_ticks - c->synced;

	c->synced = tcp_ticks;
	if (c->pcb.rtime >= 0)
		c->pcb.rtime = (s16_t)MIN((uint32_t)c->pcb.rtime + gone, 0x7ffeu);
}

void tcp_enter_slow(struct tcp_conn *c)
{
	tcp_ticks = tcp_ticks_now();
	sync(c);
	list_add_tail(&c->dirty, &tcp_dirty);
}

/* From lwIP's tcp_in.c: sent when the batch is over, once for all segments of it. */
err_t lwip_port_tcp_output(struct tcp_pcb *pcb)
{
	tcp_enter(pcb);
	tcp_conn(pcb)->output = true;
	return ERR_OK;
}

err_t lwip_tcp_output(struct tcp_pcb *pcb);

/* Long segments are cut to what may leave now, and what is acknowledged of one is freed. */
static __noinline err_t output_bulk(struct tcp_pcb *pcb)
{
	bool ready;
	err_t e;

	tcp_bulk_acked(tcp_conn(pcb));
	ready = !pcb->unsent || tcp_bulk_prepare(tcp_conn(pcb));
	e = lwip_tcp_output(pcb);
	if (unlikely(!ready))
		tcp_set_flags(pcb, TF_NAGLEMEMERR);	/* soon again */
	return e;
}

/*
 * lwIP's own, and more. Where no route leads out (a cable was pulled) nothing is
 * under way whose timer would try again; so the data itself counts as lost.
 */
static inline err_t output(struct tcp_pcb *pcb)
{
	err_t e = tcp_conn(pcb)->bulk == TCP_BULK ? output_bulk(pcb) : lwip_tcp_output(pcb);

	if (unlikely(e == ERR_RTE) && pcb->unsent && !pcb->unacked && pcb->rtime < 0 && !pcb->persist_backoff)
		pcb->rtime = 0;
	return e;
}

err_t tcp_output(struct tcp_pcb *pcb)
{
	return output(pcb);
}

void tcp_set_wnd(struct tcp_pcb *pcb, uint32_t wnd)
{
	struct tcp_conn *c = tcp_conn(pcb);

	/* A SYN has told the window; lwIP expects to find it there. */
	if (pcb->state == SYN_SENT || pcb->state == SYN_RCVD)
		return;
	c->wnd = wnd;
	if (pcb->state == CLOSED)
		pcb->rcv_wnd = pcb->rcv_ann_wnd = TCPWND_MIN16(wnd);
}

/* ---- when */

static uint32_t rto_base(const struct tcp_pcb *p)
{
	if (p->state == SYN_SENT || p->state == SYN_RCVD)
		return RTO_FIRST;
	return MAX((uint32_t)((p->sa >> 3) + p->sv), RTO_MIN);
}

/* lwIP has set rto from its estimate, perhaps shifted: ours. */
static void set_rto(struct tcp_conn *c)
{
	struct tcp_pcb *p = &c->pcb;
	uint32_t rto = MIN(rto_base(p) << MIN((unsigned)p->nrtx, 10u), RTO_MAX);

	p->rto = (s16_t)rto;
	if (p->nrtx && !c->retrying) {
		c->retrying = true;
		c->stuck = tcp_ticks - rto_base(p);
	} else if (!p->nrtx && !p->persist_backoff) {
		c->retrying = false;
	}
}

static uint32_t persist_span(const struct tcp_conn *c)
{
	return MIN(rto_base(&c->pcb) << MIN((unsigned)c->probes, 10u), RTO_MAX);
}

static void sooner(uint32_t *at, bool *any, uint32_t t)
{
	if (!*any || before(t, *at))
		*at = t;
	*any = true;
}

static uint32_t keepalive_at(const struct tcp_pcb *p)
{
	return p->tmr + (p->keep_idle + p->keep_cnt_sent * p->keep_intvl) / TCP_SLOW_INTERVAL + 1;
}

/* The tick at which lwIP's timers have something to do. False: never. */
static bool next_due(struct tcp_conn *c, uint32_t *at)
{
	struct tcp_pcb *p = &c->pcb;
	bool any = false;

	*at = 0;
	if (p->persist_backoff)
		sooner(at, &any, c->persist);
	else if (p->rtime >= 0)
		sooner(at, &any, tcp_ticks + (p->rto > p->rtime ? (uint32_t)(p->rto - p->rtime) : 1));
	if (c->user_timeout && c->retrying)
		sooner(at, &any, c->stuck + TICKS(c->user_timeout) + 1);
	if (p->flags & TF_ACK_DELAY)
		sooner(at, &any, tcp_ticks + ACK_DELAY);
	if (p->flags & (TF_CLOSEPEND | TF_NAGLEMEMERR))
		sooner(at, &any, tcp_ticks + 1);
	if (p->ooseq)
		sooner(at, &any, p->tmr + (uint32_t)p->rto * TCP_OOSEQ_TIMEOUT);
	if (p->state == FIN_WAIT_2 && p->flags & TF_RXCLOSED)
		sooner(at, &any, p->tmr + TICKS(c->fin_wait) + 1);
	if (p->state == SYN_RCVD)
		sooner(at, &any, p->tmr + TICKS(TCP_SYN_RCVD_TIMEOUT) + 1);
	if (p->state == LAST_ACK)
		sooner(at, &any, p->tmr + TICKS(2 * TCP_MSL) + 1);
	if (ip_get_option(p, SOF_KEEPALIVE) && (p->state == ESTABLISHED || p->state == CLOSE_WAIT))
		sooner(at, &any, keepalive_at(p));
	return any;
}

void tcp_timer_stop(struct tcp_conn *c)
{
	if (!c->queued)
		return;
	rb_erase_cached(&c->timer, &tree);
	c->queued = false;
}

static void requeue(struct tcp_conn *c)
{
	uint32_t at;

	if (c->name.table != TCP_IN_ACTIVE || !next_due(c, &at) || (c->queued && !before(at, c->due)))
		return;
	tcp_timer_stop(c);
	c->due = before(at, tcp_ticks + 1) ? tcp_ticks + 1 : at;
	c->queued = true;
	if (rb_insert_cached(&c->timer, &tree, due_less))
		tcp_timers_moved = true;
}

void tcp_timer_forget(struct tcp_conn *c)
{
	tcp_timer_stop(c);
	list_del_init(&c->dirty);
}

/* ---- the end of a batch */

/* An acknowledgement of a part of what was lost: the next of it goes out now (RFC 6582, 3.2). */
static void recover(struct tcp_conn *c)
{
	struct tcp_pcb *p = &c->pcb;

	if (c->sacked && !(p->flags & TF_RTO)) {
		tcp_sack_recover(c);
		if (c->sacked)
			return;
	}
	if (p->flags & TF_INFR) {
		if (!c->recovering)
			c->recover = p->snd_nxt;
		c->recovering = true;
		return;
	}
	if (!c->recovering)
		return;
	if (TCP_SEQ_GEQ(p->lastack, c->recover) || !p->unacked || p->nrtx) {
		tcp_recovery_end(c);
		return;
	}
	if (tcp_sack_resent(p->unacked)) {	/* it is on its way */
		tcp_set_flags(p, TF_INFR);
		return;
	}
	if (c->bulk == TCP_BULK)
		tcp_bulk_first(c);
	if (tcp_rexmit(p) == ERR_OK) {
		tcp_set_flags(p, TF_INFR);
		p->rtime = 0;
		c->output = true;
	}
}

/*
 * The path has become narrower: what is not acknowledged is sent again, in smaller pieces. Later, if a device still holds some of it.
 * tcp_output() cuts what bulk.c has made.
 */
static void resplit(struct tcp_conn *c)
{
	struct tcp_pcb *p = &c->pcb;
	struct tcp_seg **at = &p->unsent, *head;
	uint16_t max = (uint16_t)(p->mss - (p->flags & TF_TIMESTAMP ? 12 : 0));

	tcp_sack_sort(p);
	if (p->unacked && tcp_rexmit_rto_prepare(p) != ERR_OK)
		return;
	tcp_sack_forget(c);
	for (; *at && c->bulk != TCP_BULK; at = &(*at)->next) {
		if ((*at)->len <= max)
			continue;
		/* lwIP splits the first one only: let each be that in turn. */
		head = p->unsent;
		p->unsent = *at;
		if (tcp_split_unsent_seg(p, max) != ERR_OK)
			max = UINT16_MAX;	/* no memory; the next time */
		*at = p->unsent;
		if (at != &p->unsent)
			p->unsent = head;
	}
	c->resplit = max == UINT16_MAX;
	p->rtime = 0;
	c->output = true;
}

static __noinline void follow_path(struct tcp_conn *c)
{
	struct tcp_pcb *p = &c->pcb;
	struct netif *netif = ip_route(&p->local_ip, &p->remote_ip);
	uint32_t mtu;

	if (!netif || netif == net_lo_netif || p->state < SYN_RCVD)
		return;
	if (IP_IS_V6(&p->remote_ip))
		mtu = nd6_get_destination_mtu(ip_2_ip6(&p->remote_ip), netif) - 60u;
	else
		mtu = net_pmtu4(ip4_of(&p->remote_ip), netif->mtu) - 40u;
	if (mtu < p->mss) {
		p->mss = (u16_t)mtu;
		c->resplit = true;
	}
	if (c->resplit)
		resplit(c);
}

static void settle(struct tcp_conn *c)
{
	struct tcp_pcb *p = &c->pcb;

	if (unlikely(c->no_fin_wait) && p->state == FIN_WAIT_2) {
		tcp_abort(p);
		return;
	}
	if (unlikely(net_pmtu_any))
		follow_path(c);
	if (unlikely(p->flags & TF_INFR || c->recovering || c->sacked))
		recover(c);
	if (c->output) {
		c->output = false;
		lwip_port_tcp_wnd = c->wnd;
		if (unlikely(c->sacked))
			tcp_sack_output(c);
		else
			(void)output(p);
	}
	if (unlikely(c->watched) && p->callback_arg)
		inet_closing(p->callback_arg, p);
	set_rto(c);
	if (p->persist_backoff && !c->probes) {
		c->probes = 1;
		c->persist = tcp_ticks + persist_span(c);
	} else if (!p->persist_backoff) {
		c->probes = 0;
	}
	requeue(c);
}

bool tcp_batch_end(void)
{
	bool any = false;

	while (!list_empty(&tcp_dirty)) {
		struct tcp_conn *c = list_first_entry(&tcp_dirty, struct tcp_conn, dirty);

		list_del_init(&c->dirty);
		settle(c);
		any = true;
	}
	return any;
}

/* ---- due */

static void call_fast(struct tcp_pcb *p)
{
	p->next = NULL;
	p->last_timer = calls++;
	tcp_active_pcbs = p;
	tcp_fasttmr();
	tcp_active_pcbs = NULL;
}

/* False: the block is gone. */
static bool call_slow(struct tcp_conn *c)
{
	struct tcp_pcb *p = &c->pcb;
	uint8_t nrtx = p->nrtx;
	bool alive;

	tcp_sack_sort(p);
	if (p->persist_backoff && !before(tcp_ticks, c->persist)) {
		p->persist_backoff = 1;
		p->persist_cnt = 0xfe;		/* due, whatever the step */
		c->probes = (uint8_t)MIN(c->probes + 1, 100);
		c->persist = tcp_ticks + persist_span(c);
		if (!c->retrying) {
			c->retrying = true;
			c->stuck = tcp_ticks;
		}
	} else if (p->persist_backoff) {
		p->persist_cnt = 0;
	}
	if (p->rtime > 0)
		p->rtime--;			/* lwIP counts this tick itself */
	lwip_port_syn_retries = c->syn_retries;
	lwip_port_fin_wait = c->fin_wait;
	lwip_port_retries = c->user_timeout && c->retrying && !before(tcp_ticks, c->stuck + TICKS(c->user_timeout)) ? 0 : RETRIES;
	p->next = NULL;
	p->last_timer = calls++;
	tcp_active_pcbs = p;
	tcp_ticks--;
	tcp_slowtmr();
	alive = tcp_active_pcbs == p;
	tcp_active_pcbs = NULL;
	if (alive && p->nrtx != nrtx) {
		inet_mib.tcp_timeouts++;
		if (c->bulk == TCP_BULK)
			c->output = true;	/* lwIP could not: the segment is longer than its window of one mss */
		tcp_sack_forget(c);
	}
	return alive;
}

static void expire(struct tcp_conn *c)
{
	struct tcp_pcb *p = &c->pcb;

	tcp_timer_stop(c);
	tcp_enter(p);
	inet_mib.tcp_delayed_acks += !!(p->flags & TF_ACK_DELAY);
	if (p->flags & (TF_ACK_DELAY | TF_CLOSEPEND))
		call_fast(p);
	else if (p->flags & TF_NAGLEMEMERR)
		c->output = true;
	(void)call_slow(c);	/* what is left to do: tcp_batch_end() */
}

static void time_waits_end(void)
{
	while (!list_empty(&tcp_time_waits)) {
		struct tcp_conn *c = list_first_entry(&tcp_time_waits, struct tcp_conn, queue);
		uint32_t end = c->pcb.tmr + TICKS(2 * TCP_MSL);

		if (before(tcp_ticks, end))
			return;
		inet_mib.time_waits++;
		lwip_port_tcp_rmv(&c->pcb);
		tcp_free(&c->pcb);
	}
}

void tcp_timers_run(void)
{
	struct rb_node *n;

	tcp_ticks = tcp_ticks_now();
	while ((n = tree.leftmost) && !before(tcp_ticks, rb_entry(n, struct tcp_conn, timer)->due))
		expire(rb_entry(n, struct tcp_conn, timer));
	time_waits_end();
}

nsec_t tcp_timers_next(void)
{
	bool any = false;
	uint32_t at = 0;

	if (tree.leftmost)
		sooner(&at, &any, rb_entry(tree.leftmost, struct tcp_conn, timer)->due);
	if (!list_empty(&tcp_time_waits))
		sooner(&at, &any, list_first_entry(&tcp_time_waits, struct tcp_conn, queue)->pcb.tmr + TICKS(2 * TCP_MSL));
	if (!any)
		return NSEC_NEVER;
	return clock_monotonic() / TICK_NS * TICK_NS + (nsec_t)(int32_t)(at - tcp_ticks_now()) * TICK_NS;
}
