/* SPDX-License-Identifier: MIT */
/*
 * What we keep beside each of lwIP's TCP blocks: where it is found, its timers, its limits. tcp_table.c, tcp_timer.c.
 *
 * lwIP keeps blocks on lists that it searches and walks twice a tick. Here its list heads are empty: a call of lwIP sees the one block
 * that it is about. Blocks are found by a hash of the four names of a connection, ports by a hash of their own, and a block
 * whose timer runs is in a tree by the tick at which it has to be looked at.
 *
 * Before lwIP is called about a block: tcp_enter(). What the call left to do (segments to send, a timer) is done at the end of the
 * batch, when net_lock is dropped: tcp_batch_end().
 *
 * All under net_lock.
 */
#pragma once
#include <kernel/list.h>
#include <kernel/rbtree.h>
#include <kernel/types.h>
#include "lwip/tcp.h"

struct inet_sock;
struct tcp_hdr;
struct tcp_seg;

enum tcp_table { TCP_IN_NONE, TCP_IN_BOUND, TCP_IN_ACTIVE, TCP_IN_TIME_WAIT, TCP_IN_LISTEN };

/* tcp_conn.bulk; decided when something is sent for the first time */
enum { TCP_BULK_UNDECIDED, TCP_BULK_NOT, TCP_BULK };

/* Who may share a port: bind(2), SO_REUSEADDR and SO_REUSEPORT of socket(7). Of blocks and of listeners. */
struct tcp_name {
	struct hlist_node port;		/* by local port, while there is one */
	uint8_t table;			/* enum tcp_table */
	bool reuse, reuseport;
	bool chosen;			/* the port was chosen by connect(), not bound */
	uid_t uid;
};

struct tcp_conn {
	struct tcp_pcb pcb;		/* first: lwIP has pointers to it */
	struct tcp_name name;
	struct hlist_node tuple;	/* connected or in TIME_WAIT */
	struct list_head dirty;		/* lwIP was called about it in this batch */
	struct list_head queue;		/* SYN_RCVD: of the listener; TIME_WAIT: all of them, oldest first */
	struct rb_node timer;		/* by due, while queued */
	uint32_t due, synced;		/* ticks; rtime is right as of synced */
	uint32_t stuck;			/* tick of the first transmission of what is not acknowledged, with ->retrying */
	uint32_t persist;		/* tick of the next window probe */
	uint32_t wnd;			/* largest receive window */
	uint32_t resent_at;		/* snd_nxt when something was RESENT last: sack.c */
	uint32_t recover;		/* fast retransmission ends when this is acknowledged */
	uint32_t user_timeout;		/* ms, 0: none */
	uint32_t fin_wait;		/* ms in FIN_WAIT_2 without an owner */
	uint8_t syn_retries;
	uint8_t probes;			/* window probes sent without an answer */
	bool no_fin_wait;		/* TCP_LINGER2 below 0, and closed: FIN_WAIT_2 is its end, with a reset */
	bool watched;			/* its socket waits for the end: inet_closing() */
	bool queued, output, retrying, recovering;
	bool from_cookie;		/* syncookie.c made it: there is always room for it */
	bool sacked;			/* segments may be marked: sack.c */
	bool resplit;			/* segments are longer than mss */
	uint8_t bulk;			/* TCP_BULK: what it sends is queued by bulk.c */
	uint8_t nrtx;			/* lwIP's, when last looked at */
};
struct tcp_listener {
	struct tcp_pcb_listen pcb;	/* first */
	struct tcp_name name;
	struct list_head syns;		/* connections in SYN_RCVD, oldest first */
	unsigned nr_syns, max_syns;
	uint32_t cookie_span;		/* when the last cookie was given out; 0: never */
	uint32_t wnd;
};
static inline struct tcp_conn *tcp_conn(struct tcp_pcb *pcb) { return (struct tcp_conn *)pcb; }
static inline struct tcp_listener *tcp_listener(struct tcp_pcb *pcb) { return (struct tcp_listener *)pcb; }

#define TCP_FIN_WAIT_MS	60000u		/* net.ipv4.tcp_fin_timeout */
#define TCP_WND_DEFAULT	(1u << 20)
#define TCP_WND_MOST	(4u << 20)	/* what the scale of TCP_RCV_SCALE can say */

/* For net/port/memp.c. */
void *tcp_conn_alloc(void);
void tcp_conn_free(struct tcp_conn *c);
void *tcp_listener_alloc(void);
void tcp_listener_free(struct tcp_listener *l);

/* tcp_table.c */
/* 0 or -EADDRINUSE: may this socket's block have the name? */
int tcp_bind_check(const struct tcp_name *n, const ip_addr_t *ip, uint16_t port, int netif_idx);
/* The same when the block, bound already, is about to listen. */
int tcp_listen_check(const struct tcp_name *n);
/* A port that nobody has, for bind() to port 0; 0: none. */
uint16_t tcp_port_free(const ip_addr_t *ip);
/* A port for a connection to there, which the four names are unique with; 0: none. */
uint16_t tcp_port_connect(const ip_addr_t *local, const ip_addr_t *remote, uint16_t rport);
struct tcp_conn *tcp_find(const ip_addr_t *local, uint16_t lport, const ip_addr_t *remote, uint16_t rport);
/* The connection after @c in no order; NULL: the first, and after the last. */
struct tcp_conn *tcp_next(struct tcp_conn *c);
/* A connection left SYN_RCVD. */
void tcp_established(struct tcp_conn *c);
/* Resets what its listener has not been told of. */
void tcp_listener_drop(struct tcp_listener *l);
extern struct list_head tcp_time_waits;
unsigned tcp_time_wait_count(void);
/* A number for a connection that has no socket, the same while it lasts. */
uint64_t tcp_cookie(const struct tcp_conn *c);

/* syncookie.c */
bool tcp_cookie_wanted(const struct tcp_listener *l, const struct tcp_hdr *h);	/* for this SYN */
/* Answers a SYN, @p, without keeping it. */
void tcp_cookie_offer(struct tcp_listener *l, const struct tcp_hdr *h, struct pbuf *p, struct netif *inp);
/* An acknowledgement of no connection. GOOD: it is one of *@out now, in SYN_RCVD; NONE: of nothing; LATER: it shall come again. */
enum tcp_cookie { TCP_COOKIE_NONE, TCP_COOKIE_LATER, TCP_COOKIE_GOOD };
enum tcp_cookie tcp_cookie_take(struct tcp_listener *l, const struct tcp_hdr *h, struct pbuf *p, struct netif *inp, struct tcp_conn **out);

/* sack.c */
/* A segment of @c with options that may be blocks; lwIP has checked it, and has not used it yet. */
void tcp_sack_input(struct tcp_conn *c, const struct tcp_hdr *h, unsigned optlen, unsigned opt1len, const uint8_t *opt2);
void tcp_sack_recover(struct tcp_conn *c);	/* at the end of a batch, with ->sacked, unless a time-out is being repaired */
void tcp_sack_output(struct tcp_conn *c);	/* with ->sacked, for tcp_output() */
void tcp_sack_forget(struct tcp_conn *c);	/* of a time-out */
void tcp_sack_sort(struct tcp_pcb *p);
unsigned tcp_sack_count(const struct tcp_pcb *p);
bool tcp_sack_resent(const struct tcp_seg *s);
void tcp_recovery_end(struct tcp_conn *c);

/* tcp_timer.c */
uint32_t tcp_ticks_now(void);		/* the clock of pcb.tmr, in ticks of TCP_SLOW_INTERVAL */
void tcp_enter_slow(struct tcp_conn *c);
extern struct list_head tcp_dirty;
/* Before lwIP is called about @pcb. */
static inline void tcp_enter(struct tcp_pcb *pcb)
{
	struct tcp_conn *c = tcp_conn(pcb);

	lwip_port_tcp_wnd = c->wnd;
	if (list_empty(&c->dirty))
		tcp_enter_slow(c);
}
/* The window that the route to there allows (RTAX_WINDOW). */
uint32_t tcp_route_wnd(const ip_addr_t *to, uint32_t wnd);
void tcp_set_wnd(struct tcp_pcb *pcb, uint32_t wnd);
void tcp_timer_stop(struct tcp_conn *c);
void tcp_timer_forget(struct tcp_conn *c);
extern bool tcp_timers_moved;		/* tcp_timers_next() may be earlier than it was */
/* Sends and arms what the batch's calls left to do. True: something was sent. */
bool tcp_batch_end(void);
/* Runs what is due. */
void tcp_timers_run(void);
nsec_t tcp_timers_next(void);
