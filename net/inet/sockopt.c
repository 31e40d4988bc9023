/* SPDX-License-Identifier: MIT */
/*
 * Options of IPPROTO_IP, IPPROTO_IPV6, IPPROTO_TCP and IPPROTO_UDP. What lwIP has is given to it, what only has to be
 * remembered is; an option that is neither answers ENOPROTOOPT.
 *
 * Locks: net_lock around changes; user memory is read before and written after.
 * References: ip(7), ipv6(7), tcp(7), udp(7).
 */
#include "inet.h"
#include "tcp.h"
#include <kernel/cred.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/uaccess.h>
#include "lwip/igmp.h"
#include "lwip/ip6.h"
#include "lwip/mld6.h"
#include "lwip/priv/tcp_priv.h"

static void set_opt(struct inet_sock *i, unsigned long bit, bool on)
{
	if (on)
		i->opts |= bit;
	else
		i->opts &= ~bit;
}

/* Many options of IP are a byte or an int, as the caller likes. */
static int byte_or_int(int *v, const void __user *val, unsigned len)
{
	uint8_t b;

	if (len >= sizeof(int))
		return get_user(*v, (const int __user *)val) ? -EFAULT : 0;
	if (!len)
		return -EINVAL;
	if (get_user(b, (const uint8_t __user *)val))
		return -EFAULT;
	*v = b;
	return 0;
}

/* ---- multicast */

static int mc_request(struct ip_mreqn *r, const void __user *val, unsigned len)
{
	memset(r, 0, sizeof(*r));
	if (len < 8)
		return -EINVAL;
	return copy_from_user(r, val, len >= sizeof(*r) ? sizeof(*r) : 8) ? -EFAULT : 0;
}

static int set_mc_if(struct inet_sock *i, const void __user *val, unsigned len)
{
	struct ip_mreqn r = { 0 };
	struct netdev *d;
	int err = 0;

	if (len >= 8)
		err = mc_request(&r, val, len);
	else if (len < 4 || copy_from_user(&r.address, val, 4))
		err = len < 4 ? -EINVAL : -EFAULT;
	if (err)
		return err;
	net_lock_acquire();
	d = r.address || r.ifindex ? inet_mc_dev(r.address, r.ifindex) : NULL;
	if ((r.address || r.ifindex) && !d)
		err = -EADDRNOTAVAIL;
	else
		i->mc_if = d ? d->index : 0;
	net_lock_release();
	return err;
}

/* ---- IP */

static int set_ip(struct inet_sock *i, int name, const void __user *val, unsigned len)
{
	int v, err;

	if (name == IP_MULTICAST_IF)
		return set_mc_if(i, val, len);
	if (name == IP_ADD_MEMBERSHIP || name == IP_DROP_MEMBERSHIP)
		return inet_mc_set4(i, name, val, len);
	if (name == MCAST_JOIN_GROUP || name == MCAST_LEAVE_GROUP)
		return inet_mc_set_any(i, IPPROTO_IP, name, val, len);
	err = inet_mc_set_source(i, IPPROTO_IP, name, val, len);
	if (err != -ENOIOCTLCMD)
		return err;
	if (name == IP_OPTIONS)
		return len ? -EINVAL : 0;
	err = byte_or_int(&v, val, len);
	if (err)
		return err;
	net_lock_acquire();
	switch (name) {
	case IP_TOS:
		/* The lower two bits of a stream belong to congestion notification. */
		i->tos = (uint8_t)(i->kind == INET_TCP ? v & ~3 : v);
		break;
	case IP_TTL:
		err = len && (v < -1 || v == 0 || v > 255) ? -EINVAL : 0;
		if (!err)
			i->ttl = (uint8_t)(v < 0 ? 0 : v);
		break;
	case IP_HDRINCL:
		err = i->kind == INET_RAW ? 0 : -ENOPROTOOPT;
		if (!err) {
			set_opt(i, INET_HDRINCL, v);
			if (v)
				raw_set_flags(i->raw, RAW_FLAGS_HDRINCL);
			else
				raw_clear_flags(i->raw, RAW_FLAGS_HDRINCL);
		}
		break;
	case IP_PKTINFO:
		set_opt(i, INET_PKTINFO, v);
		break;
	case IP_RECVTTL:
		set_opt(i, INET_RECVTTL, v);
		break;
	case IP_RECVOPTS:
		set_opt(i, INET_RECVOPTS, v);
		break;
	case IP_RETOPTS:
		set_opt(i, INET_RETOPTS, v);
		break;
	case IP_RECVTOS:
		set_opt(i, INET_RECVTOS, v);
		break;
	case IP_RECVERR:
		set_opt(i, INET_RECVERR, v);
		break;
	case IP_FREEBIND:
		set_opt(i, INET_FREEBIND, v);
		break;
	case IP_MTU_DISCOVER:
		err = v < 0 || v > 5 ? -EINVAL : 0;
		if (!err)
			i->pmtudisc = (uint8_t)v;
		break;
	case IP_MULTICAST_TTL:
		err = i->kind == INET_TCP || v < -1 || v > 255 ? -EINVAL : 0;
		if (!err)
			i->mc_ttl = (uint8_t)(v < 0 ? 1 : v);
		break;
	case IP_MULTICAST_LOOP:
		i->mc_loop = v;
		break;
	case IP_MULTICAST_ALL:
		err = v < 0 || v > 1 ? -EINVAL : 0;
		if (!err)
			set_opt(i, INET_MC_ALL, v);
		break;
	default:
		err = -ENOPROTOOPT;
		break;
	}
	if (!err)
		inet_options_apply(i);
	net_lock_release();
	return err;
}

static int get_ip(struct inet_sock *i, int name, int *v)
{
	switch (name) {
	case IP_TOS:
		*v = i->tos;
		break;
	case IP_TTL:
		*v = i->ttl ? i->ttl : INET_DEFAULT_TTL;
		break;
	case IP_HDRINCL:
		if (i->kind != INET_RAW)
			return -ENOPROTOOPT;
		*v = !!(i->opts & INET_HDRINCL);
		break;
	case IP_PKTINFO:
		*v = !!(i->opts & INET_PKTINFO);
		break;
	case IP_RECVTTL:
		*v = !!(i->opts & INET_RECVTTL);
		break;
	case IP_RECVOPTS:
		*v = !!(i->opts & INET_RECVOPTS);
		break;
	case IP_RETOPTS:
		*v = !!(i->opts & INET_RETOPTS);
		break;
	case IP_RECVTOS:
		*v = !!(i->opts & INET_RECVTOS);
		break;
	case IP_RECVERR:
		*v = !!(i->opts & INET_RECVERR);
		break;
	case IP_FREEBIND:
		*v = !!(i->opts & INET_FREEBIND);
		break;
	case IP_MTU_DISCOVER:
		*v = i->pmtudisc;
		break;
	case IP_MTU: {
		struct netif *netif;
		ip_addr_t src;

		if (!i->rport || inet_route(i, &i->remote, &netif, &src))
			return -ENOTCONN;
		*v = (int)net_pmtu4(ip4_of(&i->remote), netif == net_lo_netif ? 65536 : netif->mtu);
		break;
	}
	case IP_MULTICAST_TTL:
		*v = i->mc_ttl;
		break;
	case IP_MULTICAST_LOOP:
		*v = i->mc_loop;
		break;
	case IP_MULTICAST_ALL:
		*v = !!(i->opts & INET_MC_ALL);
		break;
	case IP_MULTICAST_IF:
		*v = i->mc_if && netdev_by_index(i->mc_if) ?
			     (int)netif_ip4_addr(&port_of(netdev_by_index(i->mc_if))->netif)->addr : 0;
		break;
	default:
		return -ENOPROTOOPT;
	}
	return 0;
}

/* ---- IPv6 */

static int set_v6only(struct inet_sock *i, bool on)
{
	if (i->lport)
		return -EINVAL;
	set_opt(i, INET_V6ONLY, on);
	if (i->udp && (i->kind == INET_UDP || i->kind == INET_TCP))
		IP_SET_TYPE_VAL(((struct ip_pcb *)i->udp)->local_ip, on ? IPADDR_TYPE_V6 : IPADDR_TYPE_ANY);
	return 0;
}

static int set_ipv6(struct inet_sock *i, int name, const void __user *val, unsigned len)
{
	int v, err;

	if (i->s.family != AF_INET6)
		return -ENOPROTOOPT;
	if (name == IPV6_ADD_MEMBERSHIP || name == IPV6_DROP_MEMBERSHIP)
		return inet_mc_set6(i, name, val, len);
	if (name == MCAST_JOIN_GROUP || name == MCAST_LEAVE_GROUP)
		return inet_mc_set_any(i, IPPROTO_IPV6, name, val, len);
	err = inet_mc_set_source(i, IPPROTO_IPV6, name, val, len);
	if (err != -ENOIOCTLCMD)
		return err;
	err = socket_opt_int(&v, val, len);
	if (err)
		return err;
	net_lock_acquire();
	switch (name) {
	case IPV6_V6ONLY:
		err = set_v6only(i, v);
		break;
	case IPV6_UNICAST_HOPS:
	case IPV6_MULTICAST_HOPS:
		err = v < -1 || v > 255 ? -EINVAL : 0;
		if (!err && name == IPV6_UNICAST_HOPS)
			i->ttl = (uint8_t)(v < 0 ? 0 : v);
		else if (!err)
			i->mc_ttl = (uint8_t)(v < 0 ? 1 : v);
		break;
	case IPV6_MULTICAST_LOOP:
		i->mc_loop = v;
		break;
	case IPV6_MULTICAST_IF:
		err = v && !netdev_by_index(v) ? -ENODEV : 0;
		if (!err)
			i->mc_if = v;
		break;
	case IPV6_MULTICAST_ALL:
		err = v < 0 || v > 1 ? -EINVAL : 0;
		if (!err)
			set_opt(i, INET_MC6_ALL, v);
		break;
	case IPV6_RECVPKTINFO:
		set_opt(i, INET_V6PKTINFO, v);
		break;
	case IPV6_RECVHOPLIMIT:
		set_opt(i, INET_V6HOPLIMIT, v);
		break;
	case IPV6_RECVTCLASS:
		set_opt(i, INET_V6TCLASS, v);
		break;
	case IPV6_RECVERR:
		set_opt(i, INET_RECVERR, v);
		break;
	case IPV6_TCLASS:
		err = v < -1 || v > 255 ? -EINVAL : 0;
		if (!err)
			i->tos = (uint8_t)(v < 0 ? 0 : v);
		break;
	case IPV6_MTU_DISCOVER:
		err = v < 0 || v > 5 ? -EINVAL : 0;
		if (!err)
			i->pmtudisc = (uint8_t)v;
		break;
	default:
		err = -ENOPROTOOPT;
		break;
	}
	if (!err)
		inet_options_apply(i);
	net_lock_release();
	return err;
}

static int get_ipv6(struct inet_sock *i, int name, int *v)
{
	if (i->s.family != AF_INET6)
		return -ENOPROTOOPT;
	switch (name) {
	case IPV6_V6ONLY:
		*v = !!(i->opts & INET_V6ONLY);
		break;
	case IPV6_UNICAST_HOPS:
		*v = i->ttl ? i->ttl : INET_DEFAULT_TTL;
		break;
	case IPV6_MULTICAST_HOPS:
		*v = i->mc_ttl;
		break;
	case IPV6_MULTICAST_LOOP:
		*v = i->mc_loop;
		break;
	case IPV6_MULTICAST_IF:
		*v = i->mc_if;
		break;
	case IPV6_MULTICAST_ALL:
		*v = !!(i->opts & INET_MC6_ALL);
		break;
	case IPV6_RECVPKTINFO:
		*v = !!(i->opts & INET_V6PKTINFO);
		break;
	case IPV6_RECVHOPLIMIT:
		*v = !!(i->opts & INET_V6HOPLIMIT);
		break;
	case IPV6_RECVTCLASS:
		*v = !!(i->opts & INET_V6TCLASS);
		break;
	case IPV6_RECVERR:
		*v = !!(i->opts & INET_RECVERR);
		break;
	case IPV6_TCLASS:
		*v = i->tos;
		break;
	case IPV6_MTU_DISCOVER:
		*v = i->pmtudisc;
		break;
	default:
		return -ENOPROTOOPT;
	}
	return 0;
}

/* ---- TCP */

/* TCP_DEFER_ACCEPT is kept as a number of attempts, each twice as long as the last: as Linux rounds. */
static int attempts_in(int seconds)
{
	int n = 0;

	for (int span = 1, sum = 0; sum < seconds && n < 255; n++, span = MIN(span * 2, 120))
		sum += span;
	return n;
}

static int seconds_of(int attempts)
{
	int sum = 0;

	for (int n = 0, span = 1; n < attempts; n++, span = MIN(span * 2, 120))
		sum += span;
	return sum;
}

static int set_tcp(struct inet_sock *i, int name, const void __user *val, unsigned len)
{
	int v, err;
	char cc[16] = { 0 };

	if (i->kind != INET_TCP)
		return -ENOPROTOOPT;
	if (name == TCP_CONGESTION) {
		if (!len)
			return -EINVAL;
		if (copy_from_user(cc, val, MIN(len, 15u)))
			return -EFAULT;
		return strcmp(cc, "reno") ? -ENOENT : 0;
	}
	err = socket_opt_int(&v, val, len);
	if (err)
		return err;
	net_lock_acquire();
	switch (name) {
	case TCP_NODELAY:
		set_opt(i, INET_NODELAY, v);
		inet_options_apply(i);
		if (v)
			inet_push(i);
		break;
	case TCP_CORK:
		set_opt(i, INET_CORK, v);
		if (!v)
			inet_push(i);
		break;
	case TCP_QUICKACK:
		set_opt(i, INET_QUICKACK, v & 1);
		if (v && i->tcp && i->tcp->state != LISTEN) {
			tcp_ack_now(i->tcp);
			(void)tcp_output(i->tcp);
		}
		break;
	case TCP_KEEPIDLE:
	case TCP_KEEPINTVL:
		err = v < 1 || v > 32767 ? -EINVAL : 0;
		if (!err)
			*(name == TCP_KEEPIDLE ? &i->keepidle : &i->keepintvl) = v;
		break;
	case TCP_KEEPCNT:
		err = v < 1 || v > 127 ? -EINVAL : 0;
		if (!err)
			i->keepcnt = (uint8_t)v;
		break;
	case TCP_SYNCNT:
		err = v < 1 || v > 127 ? -EINVAL : 0;
		if (!err)
			i->syncnt = (uint8_t)v;
		break;
	case TCP_MAXSEG:
		err = v && (v < 88 || v > 32767) ? -EINVAL : 0;
		if (!err) {
			i->maxseg = v;
			if (v && i->tcp && i->tcp->state != LISTEN && i->tcp->mss > v)
				i->tcp->mss = (u16_t)v;
		}
		break;
	case TCP_USER_TIMEOUT:
		err = v < 0 ? -EINVAL : 0;
		if (!err)
			i->user_timeout = v;
		break;
	case TCP_FASTOPEN:
	case TCP_FASTOPEN_CONNECT:
		err = inet_fastopen_set(i, name, v);
		break;
	case TCP_LINGER2:
		i->linger2 = v < 0 ? -1 : v > 120 ? 120 : v ? v : (int)(TCP_FIN_WAIT_MS / 1000);
		break;
	case TCP_DEFER_ACCEPT:
		i->defer = (uint8_t)attempts_in(v);
		break;
	case TCP_WINDOW_CLAMP:
		i->window_clamp = v;
		break;
	case TCP_NOTSENT_LOWAT:
		i->notsent_lowat = v;
		break;
	default:
		err = -ENOPROTOOPT;
		break;
	}
	if (!err && (name == TCP_KEEPIDLE || name == TCP_KEEPINTVL || name == TCP_KEEPCNT || name == TCP_USER_TIMEOUT ||
		     name == TCP_SYNCNT || name == TCP_LINGER2 || name == TCP_WINDOW_CLAMP))
		inet_options_apply(i);
	net_lock_release();
	return err;
}

void inet_tcp_info(struct inet_sock *i, struct uapi_tcp_info *t)
{
	const struct tcp_pcb *pcb = i->tcp;

	memset(t, 0, sizeof(*t));
	t->state = (uint8_t)inet_tcp_state(i);
	t->rto = LWIP_TCP_RTO_TIME * 1000;
	if (i->s.state == INET_LISTEN) {
		t->unacked = i->accept_len;	/* what waits, and how much may: as Linux shows a listener */
		t->sacked = i->backlog;
		return;
	}
	if (!pcb)
		return;
	t->options = (uint8_t)((pcb->flags & TF_TIMESTAMP ? 1 : 0) | (pcb->flags & TF_SACK ? 2 : 0) | (pcb->flags & TF_WND_SCALE ? 4 : 0));
	t->wscale = (uint8_t)(pcb->snd_scale | pcb->rcv_scale << 4);
	t->retransmits = pcb->nrtx;
	t->backoff = pcb->nrtx;
	t->rto = (uint32_t)pcb->rto * TCP_SLOW_INTERVAL * 1000;
	t->ato = TCP_TMR_INTERVAL * 1000;
	t->snd_mss = pcb->mss;
	t->rcv_mss = pcb->mss;
	t->advmss = pcb->mss;
	t->pmtu = pcb->mss + 40u;
	t->rtt = (uint32_t)(pcb->sa >> 3) * TCP_SLOW_INTERVAL * 1000;
	t->rttvar = (uint32_t)(pcb->sv >> 2) * TCP_SLOW_INTERVAL * 1000;
	t->snd_ssthresh = pcb->ssthresh / MAX((uint32_t)pcb->mss, 1u);
	t->snd_cwnd = pcb->cwnd / MAX((uint32_t)pcb->mss, 1u);
	t->unacked = (uint32_t)(pcb->snd_nxt - pcb->lastack + pcb->mss - 1u) / MAX((uint32_t)pcb->mss, 1u);
	t->sacked = tcp_sack_count(pcb);
	t->total_retrans = 0;
	t->bytes_acked = i->bytes_acked;
	t->bytes_received = i->bytes_received;
	t->max_pacing_rate = i->s.max_pacing_rate;
	t->snd_wnd = pcb->snd_wnd;
	t->notsent_bytes = pcb->snd_lbb - pcb->snd_nxt;
	t->rcv_space = pcb->rcv_wnd;
	t->reordering = 3;
}

static int get_tcp(struct inet_sock *i, int name, int *v)
{
	if (i->kind != INET_TCP)
		return -ENOPROTOOPT;
	switch (name) {
	case TCP_NODELAY:
		*v = !!(i->opts & INET_NODELAY);
		break;
	case TCP_CORK:
		*v = !!(i->opts & INET_CORK);
		break;
	case TCP_QUICKACK:
		*v = !!(i->opts & INET_QUICKACK);
		break;
	case TCP_KEEPIDLE:
		*v = i->keepidle;
		break;
	case TCP_KEEPINTVL:
		*v = i->keepintvl;
		break;
	case TCP_KEEPCNT:
		*v = i->keepcnt;
		break;
	case TCP_SYNCNT:
		*v = i->syncnt;
		break;
	case TCP_MAXSEG:
		*v = i->tcp && i->s.state == INET_CONNECTED ? i->tcp->mss : i->maxseg ? i->maxseg : 536;
		break;
	case TCP_USER_TIMEOUT:
		*v = i->user_timeout;
		break;
	case TCP_FASTOPEN:
		*v = i->fastopen_queue;
		break;
	case TCP_FASTOPEN_CONNECT:
		*v = i->fastopen_connect;
		break;
	case TCP_LINGER2:
		*v = i->linger2;
		break;
	case TCP_DEFER_ACCEPT:
		*v = seconds_of(i->defer);
		break;
	case TCP_WINDOW_CLAMP:
		*v = i->window_clamp;
		break;
	case TCP_NOTSENT_LOWAT:
		*v = i->notsent_lowat;
		break;
	default:
		return -ENOPROTOOPT;
	}
	return 0;
}

/* ---- the calls */

int inet_setsockopt(struct socket *s, int level, int name, const void __user *val, unsigned len)
{
	struct inet_sock *i = inet_sk(s);

	switch (level) {
	case IPPROTO_IP:
		return set_ip(i, name, val, len);
	case IPPROTO_IPV6:
		return set_ipv6(i, name, val, len);
	case IPPROTO_TCP:
		return set_tcp(i, name, val, len);
	default:
		return -ENOPROTOOPT;
	}
}

int inet_getsockopt(struct socket *s, int level, int name, void __user *val, int __user *len)
{
	struct inet_sock *i = inet_sk(s);
	struct uapi_tcp_info info;
	int v = 0, err;

	if (level == IPPROTO_TCP && i->kind == INET_TCP && name == TCP_CONGESTION)
		return socket_opt_out(val, len, "reno\0\0\0\0\0\0\0\0\0\0\0", 16);
	err = inet_mc_get_source(i, level, name, val, len);
	if (err != -ENOIOCTLCMD)
		return err;
	net_lock_acquire();
	if (level == IPPROTO_TCP && i->kind == INET_TCP && name == TCP_INFO) {
		inet_tcp_info(i, &info);
		net_lock_release();
		return socket_opt_out(val, len, &info, sizeof(info));
	}
	err = level == IPPROTO_IP ? get_ip(i, name, &v) : level == IPPROTO_IPV6 ? get_ipv6(i, name, &v) :
	      level == IPPROTO_TCP ? get_tcp(i, name, &v) : -ENOPROTOOPT;
	net_lock_release();
	return err ? err : socket_opt_out(val, len, &v, sizeof(v));
}
