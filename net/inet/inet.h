/* SPDX-License-Identifier: MIT */
/*
 * Inside net/inet only: AF_INET and AF_INET6 sockets over lwIP's protocol control blocks.
 *
 * Locks used to protect struct members in this file:
 *	n	net_lock: everything lwIP touches; its call-backs run under it
 *	r	inet_sock.rx_lock, one reader at a time; taken before net_lock
 *	I	immutable after creation
 *	a	single words
 * User memory is never touched under net_lock: data is copied before it is taken or after it is dropped, a reader's queue head being
 * held still by rx_lock.
 */
#pragma once
#include <kernel/mutex.h>
#include <kernel/poll.h>
#include <net/socket.h>
#include <uapi/in.h>
#include "../port/port.h"
#include "lwip/raw.h"
#include "lwip/tcp.h"
#include "lwip/udp.h"

struct inet_sock;
struct tcp_hdr;
/* A datagram that was received. */
struct inet_msg {
	struct list_head link;
	struct pbuf *p;
	uint32_t skip;			/* header in front that is not the reader's */
	ip_addr_t from, to;
	uint16_t port;			/* host order */
	uint8_t ttl, tos;
	uint8_t nr_ipopts;		/* bytes of */
	uint8_t *ipopts;		/* NULL: none, or not asked for */
	int ifindex;
	nsec_t when;
};
enum urg { URG_NONE, URG_COMING, URG_HERE, URG_TAKEN };
enum inet_kind { INET_UDP, INET_PING, INET_RAW, INET_TCP };
/* ->s.state, as the calls see it */
enum { INET_UNCONNECTED, INET_CONNECTING, INET_CONNECTED, INET_LISTEN };
/* ->opts */
#define INET_PKTINFO	BIT(0)
#define INET_RECVTTL	BIT(1)
#define INET_RECVTOS	BIT(2)
#define INET_HDRINCL	BIT(3)
#define INET_FREEBIND	BIT(4)
#define INET_V6ONLY	BIT(5)
#define INET_CORK	BIT(6)
#define INET_BOUND_ADDR	BIT(7)		/* bind() gave an address */
#define INET_BOUND_PORT	BIT(8)
#define INET_RECVERR	BIT(9)
#define INET_MC_ALL	BIT(10)
#define INET_NODELAY	BIT(11)
#define INET_QUICKACK	BIT(12)
#define INET_V6PKTINFO	BIT(13)
#define INET_V6HOPLIMIT	BIT(14)
#define INET_V6TCLASS	BIT(15)
#define INET_MC6_ALL	BIT(16)
#define INET_RECVOPTS	BIT(17)
#define INET_RETOPTS	BIT(18)

struct inet_sock {
	struct socket s;		/* first */
	enum inet_kind kind;		/* [I] */
	uid_t uid;			/* [I] whose it is, for /proc/net */
	struct mutex rx_lock;
	unsigned long opts;		/* [n] INET_* */
	union {				/* [n] NULL: lwIP has let go of it, or never had it */
		struct udp_pcb *udp;
		struct raw_pcb *raw;
		struct tcp_pcb *tcp;
	};
	ip_addr_t local, remote;	/* [n] */
	uint16_t lport, rport;		/* [n] host order */
	uint8_t ttl, tos, mc_ttl;	/* [n] ttl 0: the default */
	bool mc_loop;
	int mc_if;
	struct list_head groups;	/* [n] joined: mcast.c */
	uint8_t pmtudisc;
	uint8_t keepcnt, syncnt, defer;	/* of streams; defer: in attempts */
	/* Datagrams. */
	struct list_head msgs;		/* [n] added at the tail; taken by readers */
	uint32_t rx_bytes;		/* [n] also of streams; read freely */
	uint32_t drops;			/* [n] datagrams that found no room */
	/* Streams. */
	struct pbuf *rx_first, *rx_last; /* [n]; the head only by readers: r+n */
	uint32_t rx_off;		/* [r+n] of the head already read */
	bool rx_eof;			/* [n] FIN came */
	bool fin_sent;			/* [n] */
	bool was_connected;		/* [n] */
	bool bulk;			/* [n] its connection's tcp_conn.bulk; a writer reads it freely, and may be wrong */
	bool room;			/* [n] cleared by a writer that found none; a sleeper reads it freely */
	uint8_t tcp_state;		/* [n] TCPS_*, when lwIP has let go */
	struct list_head accept_queue, accept_link;	/* [n] of a listener; of one that waits there */
	/* Urgent data: urgent.c. */
	uint32_t copied_seq;		/* [r+n] sequence number of what is read next */
	uint32_t urg_seq;		/* [n] of the urgent byte, unless urg is URG_NONE */
	uint8_t urg, urg_byte;		/* [n] enum urg; the byte, with URG_HERE */
	bool watched;			/* [n] close() waits for the last acknowledgement */
	uint64_t bytes_acked, bytes_received;	/* [n] */
	nsec_t stamp;			/* [n] when what was read last came; 0: nothing yet */
	nsec_t rx_when;			/* [n] when data came last, of streams whose reader wants to know */
	struct list_head errs;		/* [n] errqueue.c */
	unsigned nr_errs;		/* [n] */
	unsigned accept_len;		/* [a] */
	unsigned backlog;		/* [n] */
	struct inet_sock *listener;	/* [n] whose queue we are in */
	int keepidle, keepintvl, user_timeout, linger2, maxseg, window_clamp, notsent_lowat, fastopen_queue;
	bool fastopen_connect;
	struct list_head all;		/* [n] inet_all: for /proc/net and ICMP errors */
};
static inline struct inet_sock *inet_sk(struct socket *s) { return (struct inet_sock *)s; }
extern struct list_head inet_all;
/* Counters of /proc/net/{snmp,netstat,snmp6} that are not lwIP's (struct lwip_mib). [n]; of UDP by family: IPv4, IPv6 */
#define INET_ICMP_TYPES 20u
struct inet_mib {
	unsigned long udp_in[2], udp_out[2], udp_dropped[2], udp_errors[2];
	unsigned long tcp_active, tcp_passive, tcp_failed, tcp_reset, tcp_in, tcp_errors, tcp_bare, tcp_rst_out, tcp_timeouts, tcp_sack_recovery;
	unsigned long listen_full, listen_dropped, tcp_delayed_acks, tcp_old_stamps, time_waits, syns_over, time_waits_over;
	unsigned long icmp_out[INET_ICMP_TYPES], icmp6_out;	/* of raw and ping sockets */
	unsigned long cookies_sent, cookies_received, cookies_failed, tcp_lost_again;
};
extern struct inet_mib inet_mib;

#define INET_DEFAULT_TTL 64

/* Bound to an IPv6 address, a socket is for IPv6 only. */
static inline unsigned long inet_v6only(const ip_addr_t *ip) { return IP_IS_V6(ip) ? INET_V6ONLY : 0; }

/* addr.c */
/* A user's address; *port in host order. 0, -EINVAL, -EAFNOSUPPORT. An IPv4-mapped one becomes IPv4. */
int inet_addr_in(const struct inet_sock *i, const struct sockaddr_storage *a, unsigned len, ip_addr_t *ip, uint16_t *port);
unsigned inet_addr_out(const struct inet_sock *i, struct sockaddr_storage *a, const ip_addr_t *ip, uint16_t port);
bool inet_addr_is_local(const ip_addr_t *ip);
/* Interface and source of a packet to @to. */
int inet_route(const struct inet_sock *i, const ip_addr_t *to, struct netif **netif, ip_addr_t *src);
static inline uint32_t ip4_of(const ip_addr_t *ip) { return ip4_addr_get_u32(ip_2_ip4(ip)); }

/* inet.c */
struct inet_sock *inet_alloc(int family, int type, int protocol, enum inet_kind kind, const struct socket_ops *ops);
int inet_getname(struct socket *s, struct sockaddr_storage *a, bool peer);
long inet_ioctl(struct socket *s, struct file *f, unsigned cmd, unsigned long arg);
void inet_destroy(struct socket *s);
void inet_orphan(struct inet_sock *i);		/* under net_lock: frees one that never was a file's */
void inet_sol_changed(struct socket *s, int name);
int inet_bind_check(struct inet_sock *i, const ip_addr_t *ip, uint16_t port);
/* Options that lwIP keeps in its own blocks, given to the one that this socket has now. */
void inet_options_apply(struct inet_sock *i);

/* filter.c; only for sockets that have one. */
/* @p: behind @header bytes of a header. 0: drop it, else 1 + the bytes of @p to keep. */
uint32_t inet_filter_datagram(struct inet_sock *i, const struct pbuf *p, uint32_t header);
/* @p: from the IP header on; the socket sees what is behind @skip. */
bool inet_filter_raw(struct inet_sock *i, const struct pbuf *p, uint32_t skip, uint32_t *keep);
bool inet_filter_segment(struct inet_sock *i, const struct tcp_hdr *hdr, unsigned optlen, unsigned opt1len, const uint8_t *opt2,
			 const struct pbuf *p);

/* dgram.c, stream.c, sockopt.c, dev.c, proc.c */
extern const struct socket_ops inet_dgram_ops, inet_stream_ops;
int inet_dgram_create(struct inet_sock *i);
void inet_udp_received(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *from, u16_t port);
int inet_stream_create(struct inet_sock *i);
int inet_setsockopt(struct socket *s, int level, int name, const void __user *val, unsigned len);
int inet_getsockopt(struct socket *s, int level, int name, void __user *val, int __user *len);
void inet_tcp_info(struct inet_sock *i, struct uapi_tcp_info *info);
int inet_tcp_state(const struct inet_sock *i);
/* The timer that runs, as /proc/net/tcp and sock_diag(7) show it. */
enum { INET_TIMER_NONE, INET_TIMER_RETRANSMIT, INET_TIMER_KEEPALIVE, INET_TIMER_TIME_WAIT, INET_TIMER_PROBE };
struct inet_tcp_timer {
	uint8_t kind, retries;
	uint32_t expires_ms;
};
void inet_tcp_timer(const struct tcp_pcb *p, struct inet_tcp_timer *t);
/* SOCK_DESTROY: the owner gets ECONNABORTED. */
void inet_stream_destroy(struct inet_sock *i);
void inet_dgram_destroy(struct inet_sock *i);
void inet_stream_options(struct inet_sock *i);
uint32_t inet_rcv_wnd(const struct inet_sock *i);
struct tcp_conn;
bool inet_listen_full(const struct inet_sock *l);
/* Does the last ACK of the handshake have to wait for data (TCP_DEFER_ACCEPT)? */
bool inet_listen_deferred(const struct inet_sock *l, const struct tcp_conn *c, bool data);
int inet_state_of(const struct tcp_pcb *pcb);
void inet_closing(struct inet_sock *i, const struct tcp_pcb *pcb);	/* a block that is watched: has its end been acknowledged? */
/* urgent.c: a segment says that the byte before @seq + 1 is urgent; data has come; how much may be read before the mark. */
void inet_urgent(struct inet_sock *i, uint32_t seq);
void inet_urgent_data(struct inet_sock *i, const struct pbuf *p, uint32_t seq);
ssize_t inet_urgent_recv(struct inet_sock *i, struct sockmsg *m);
void inet_urgent_mark(struct tcp_pcb *pcb);	/* the last byte that was written is urgent */
int inet_inq(const struct inet_sock *i);
/* fastopen.c: for a message with MSG_FASTOPEN, 0: send it now; TCP_FASTOPEN and TCP_FASTOPEN_CONNECT [n]. */
int inet_fastopen_connect(struct inet_sock *i, struct sockmsg *m);
int inet_fastopen_set(struct inet_sock *i, int name, int v);

/* errqueue.c */
void inet_err_queue(struct inet_sock *i, const struct sock_extended_err *e, const ip_addr_t *offender, const ip_addr_t *to, uint16_t port,
		    const void *data, unsigned len);
ssize_t inet_err_recv(struct inet_sock *i, struct sockmsg *m);
void inet_err_free(struct inet_sock *i);
void inet_push(struct inet_sock *i);		/* TCP_NODELAY, end of TCP_CORK */
/* ipopts.c: of the packet being received; to its reader */
void inet_ipopts_keep(struct inet_msg *m);
int inet_ipopts_put(struct sockmsg *to, struct inet_msg *m, bool as_they_are, bool to_return);
/* mcast.c */
struct netdev *inet_mc_dev(uint32_t addr, int index);	/* of a request; both 0: the first that will do */
int inet_mc_join(struct inet_sock *i, const ip_addr_t *group, struct netdev *d);
int inet_mc_leave(struct inet_sock *i, const ip_addr_t *group, int ifindex);
void inet_mc_leave_all(struct inet_sock *i);
bool inet_mc_wanted(const struct inet_sock *i, const ip_addr_t *group, const ip_addr_t *from, int ifindex);	/* a datagram to it */
/* A sender into (out of) the list of those that alone are wanted, MCAST_INCLUDE, or are not, MCAST_EXCLUDE. */
int inet_mc_source(struct inet_sock *i, const ip_addr_t *group, struct netdev *d, const ip_addr_t *source, int mode, bool add);
/* The whole list; with 0 and @nr above 0 @source is taken over. */
int inet_mc_set_filter(struct inet_sock *i, const ip_addr_t *group, struct netdev *d, uint32_t mode, ip_addr_t *source, unsigned nr);
int inet_mc_get_filter(const struct inet_sock *i, const ip_addr_t *group, const struct netdev *d, uint32_t *mode,
		       const ip_addr_t **source, unsigned *nr);
/* mcast_source.c; -ENOIOCTLCMD: another option. */
int inet_mc_set_source(struct inet_sock *i, int level, int name, const void __user *val, unsigned len);
int inet_mc_get_source(struct inet_sock *i, int level, int name, void __user *val, int __user *len);
int inet_mc_set4(struct inet_sock *i, int name, const void __user *val, unsigned len);
int inet_mc_set6(struct inet_sock *i, int name, const void __user *val, unsigned len);
int inet_mc_set_any(struct inet_sock *i, int level, int name, const void __user *val, unsigned len);
long inet_dev_ioctl(unsigned cmd, void __user *arg);
long inet_ethtool(const char *name, void __user *data);	/* SIOCETHTOOL; ethtool.c */
long inet_arp_ioctl(unsigned cmd, void __user *arg);	/* SIOCGARP, SIOCSARP, SIOCDARP; arp.c */
long inet_dev_ioctl6(unsigned cmd, void __user *arg);	/* of an IPv6 socket, before the others; -ENOIOCTLCMD */
