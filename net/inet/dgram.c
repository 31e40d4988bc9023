/* SPDX-License-Identifier: MIT */
/*
 * Datagram sockets: UDP, ICMP echo ("ping") and raw IP.
 *
 * A datagram waits as the pbuf it came in, in a list of its socket; what does not fit the receive buffer is dropped. Readers take a
 * message off under net_lock and copy it after; a peeked one is copied while rx_lock keeps other readers away.
 * A ping socket is a raw block of ICMP of which it sees only the answers with its own identifier.
 *
 * Locks: see inet.h.
 * References: udp(7), icmp(7), raw(7); RFC 768, 792, 4443.
 */
#include "inet.h"
#include <kernel/cred.h>
#include <kernel/random.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <net/filter.h>
#include "lwip/icmp.h"
#include "lwip/inet_chksum.h"
#include "lwip/ip6.h"
#include "lwip/prot/icmp6.h"

#define MSG_OVERHEAD 256u	/* what a datagram's bookkeeping counts for, so that empty ones are bounded too */

/* ---- receive */

static bool queue_msg(struct inet_sock *i, struct pbuf *p, uint32_t skip, const ip_addr_t *from, uint16_t port)
{
	uint32_t cost = p->tot_len + MSG_OVERHEAD;
	struct inet_msg *m;

	m = i->rx_bytes + cost > (uint32_t)READ_ONCE(i->s.rcvbuf) ? NULL : kmalloc(sizeof(*m), GFP_KERNEL | GFP_NOWARN);
	if (unlikely(!m)) {
		i->drops++;
		if (i->kind == INET_UDP)
			inet_mib.udp_dropped[!!ip_current_is_v6()]++;
		return false;
	}
	m->p = p;
	m->skip = skip;
	ip_addr_copy(m->from, *from);
	ip_addr_copy(m->to, *ip_current_dest_addr());
	m->port = port;
	m->ipopts = NULL;
	m->ifindex = ip_current_input_netif() ? netif_dev(ip_current_input_netif())->index : 0;
	if (ip_current_is_v6()) {
		m->ttl = IP6H_HOPLIM(ip6_current_header());
		m->tos = (uint8_t)IP6H_TC(ip6_current_header());
	} else {
		m->ttl = IPH_TTL(ip4_current_header());
		m->tos = IPH_TOS(ip4_current_header());
		if (unlikely(i->opts & (INET_RECVOPTS | INET_RETOPTS)) && IPH_HL_BYTES(ip4_current_header()) > IP_HLEN)
			inet_ipopts_keep(m);
	}
	m->when = clock_realtime();
	i->rx_bytes += cost;
	list_add_tail(&m->link, &i->msgs);
	if (i->kind == INET_UDP)
		inet_mib.udp_in[!!ip_current_is_v6()]++;
	socket_wake_readable(&i->s);
	return true;
}

void inet_udp_received(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *from, u16_t port)
{
	struct inet_sock *i = arg;

	if (socket_has_filter(&i->s)) {
		uint32_t keep = inet_filter_datagram(i, p, UDP_HLEN);

		if (!keep) {
			pbuf_free(p);
			return;
		}
		if (keep - 1 < p->tot_len)
			pbuf_realloc(p, (u16_t)(keep - 1));
	}
	if (!queue_msg(i, p, 0, from, port))
		pbuf_free(p);
}

/* Echo replies with our identifier. */
static bool is_our_reply(struct inet_sock *i, struct pbuf *p, uint32_t skip)
{
	uint8_t h[8];
	uint8_t reply = i->s.family == AF_INET ? ICMP_ER : ICMP6_TYPE_EREP;

	return pbuf_copy_partial(p, h, 8, (u16_t)skip) == 8 && h[0] == reply && (h[4] << 8 | h[5]) == i->lport;
}

/* A copy for this socket; others and the stack go on with the original. */
static u8_t raw_received(void *arg, struct raw_pcb *pcb, struct pbuf *p, const ip_addr_t *from)
{
	struct inet_sock *i = arg;
	uint32_t header = ip_current_header_tot_len(), skip = i->kind == INET_PING || i->s.family == AF_INET6 ? header : 0;
	uint32_t keep = p->tot_len - skip;
	struct pbuf *copy;

	if (i->s.state == INET_CONNECTED && !ip_addr_eq(&i->remote, from))
		return 0;
	if (i->kind == INET_PING && !is_our_reply(i, p, header))
		return 0;
	if (unlikely(ip_addr_ismulticast(ip_current_dest_addr())) && ip_current_input_netif() &&
	    !inet_mc_wanted(i, ip_current_dest_addr(), from, netif_dev(ip_current_input_netif())->index))
		return 0;
	if (socket_has_filter(&i->s) && !inet_filter_raw(i, p, skip, &keep))
		return 0;
	copy = pbuf_clone(PBUF_RAW, PBUF_RAM, p);
	if (copy && skip + keep < copy->tot_len)
		pbuf_realloc(copy, (u16_t)(skip + keep));
	if (copy && !queue_msg(i, copy, skip, from, 0))
		pbuf_free(copy);
	return 0;
}

/* Control messages that the socket asked for. */
static int put_control(struct inet_sock *i, struct sockmsg *m, struct inet_msg *msg)
{
	int err = 0, v;

	i->stamp = msg->when;
	if (unlikely(socket_wants_time(&i->s)))
		socket_put_timestamp(&i->s, m, msg->when);
	if (i->opts & INET_PKTINFO && IP_IS_V4(&msg->to)) {
		struct in_pktinfo info = { msg->ifindex, ip4_of(&msg->to), ip4_of(&msg->to) };

		err = socket_put_cmsg(m, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info));
	}
	if (!err && i->opts & INET_V6PKTINFO) {
		struct in6_pktinfo info = { .ifindex = msg->ifindex };

		if (IP_IS_V6(&msg->to)) {
			memcpy(info.addr, ip_2_ip6(&msg->to)->addr, 16);
		} else {
			info.addr[2] = __builtin_bswap32(0xffff);
			info.addr[3] = ip4_of(&msg->to);
		}
		err = socket_put_cmsg(m, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof(info));
	}
	v = msg->ttl;
	if (!err && i->opts & INET_RECVTTL && i->s.family == AF_INET)
		err = socket_put_cmsg(m, IPPROTO_IP, IP_TTL, &v, sizeof(v));
	if (!err && i->opts & INET_V6HOPLIMIT)
		err = socket_put_cmsg(m, IPPROTO_IPV6, IPV6_HOPLIMIT, &v, sizeof(v));
	if (!err && i->opts & INET_RECVTOS && i->s.family == AF_INET)
		err = socket_put_cmsg(m, IPPROTO_IP, IP_TOS, &msg->tos, 1);
	if (!err && unlikely(msg->ipopts) && i->s.family == AF_INET)
		err = inet_ipopts_put(m, msg, i->opts & INET_RECVOPTS, i->opts & INET_RETOPTS);
	v = msg->tos;
	if (!err && i->opts & INET_V6TCLASS)
		err = socket_put_cmsg(m, IPPROTO_IPV6, IPV6_TCLASS, &v, sizeof(v));
	return err;
}

static ssize_t copy_msg(struct inet_sock *i, struct sockmsg *m, struct inet_msg *msg)
{
	size_t total = msg->p->tot_len - msg->skip, want = MIN(total, m->iter.count), left = want;
	uint32_t off = msg->skip;
	int err;

	for (struct pbuf *q = msg->p; q && left; q = q->next) {
		size_t n;

		if (off >= q->len) {
			off -= q->len;
			continue;
		}
		n = MIN(left, (size_t)(q->len - off));
		if (copy_to_iter((char *)q->payload + off, n, &m->iter) != n)
			return -EFAULT;
		left -= n;
		off = 0;
	}
	if (m->name)
		m->namelen = inet_addr_out(i, m->name, &msg->from, msg->port);
	err = put_control(i, m, msg);
	if (err)
		return err;
	if (want < total)
		m->out_flags |= MSG_TRUNC;
	return (ssize_t)(m->flags & MSG_TRUNC ? total : want);
}

static struct inet_msg *wait_msg(struct inet_sock *i, const struct sockmsg *m, int *err)
{
	nsec_t deadline = 0;
	struct inet_msg *msg;

	for (;;) {
		*err = socket_error(&i->s);
		if (*err)
			return NULL;
		msg = list_empty(&i->msgs) ? NULL : list_first_entry(&i->msgs, struct inet_msg, link);
		if (msg)
			return msg;
		if (i->s.shutdown & SHUTDOWN_RCV)
			return NULL;
		*err = -EAGAIN;
		if (m->flags & MSG_DONTWAIT)
			return NULL;
		if (!deadline)
			deadline = socket_rcv_deadline(&i->s);
		mutex_unlock(&i->rx_lock);
		*err = wait_event_state(&i->s.rd_wait, !list_empty(&i->msgs) || READ_ONCE(i->s.err) || i->s.shutdown & SHUTDOWN_RCV,
					TASK_INTERRUPTIBLE, deadline, true);
		mutex_lock(&i->rx_lock);
		if (*err) {
			*err = socket_wait_error(*err, deadline);
			return NULL;
		}
	}
}

static ssize_t dgram_recvmsg(struct socket *s, struct sockmsg *m)
{
	struct inet_sock *i = inet_sk(s);
	bool peek = m->flags & MSG_PEEK;
	struct inet_msg *msg;
	ssize_t ret;
	int err;

	if (m->flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (m->flags & MSG_ERRQUEUE)
		return inet_err_recv(i, m);
	mutex_lock(&i->rx_lock);
	msg = wait_msg(i, m, &err);
	if (!msg) {
		mutex_unlock(&i->rx_lock);
		return err;
	}
	/* Only readers take messages off: the first one stays where it is while we have rx_lock. */
	ret = copy_msg(i, m, msg);
	if (peek) {
		mutex_unlock(&i->rx_lock);
		return ret;
	}
	net_lock_acquire();
	list_del(&msg->link);
	i->rx_bytes -= msg->p->tot_len + MSG_OVERHEAD;
	pbuf_free(msg->p);
	net_lock_release();
	mutex_unlock(&i->rx_lock);
	if (unlikely(msg->ipopts))
		kfree(msg->ipopts);
	kfree(msg);
	return ret;
}

/* ---- send */

/* What a sender's control messages change for this datagram. */
struct send_info {
	int ifindex;
	uint32_t src, src6[4];
	int ttl, tos;
};

static int read_control6(struct inet_sock *i, const struct cmsghdr *c, struct send_info *info)
{
	size_t n = c->len - sizeof(*c);
	int v = n >= sizeof(v) ? *(const int *)cmsg_data(c) : -2;

	if (i->s.family != AF_INET6)
		return -EINVAL;
	if (c->type == IPV6_PKTINFO && n >= sizeof(struct in6_pktinfo)) {
		const struct in6_pktinfo *p = cmsg_data(c);

		info->ifindex = p->ifindex;
		memcpy(info->src6, p->addr, 16);
		return 0;
	}
	if ((c->type != IPV6_HOPLIMIT && c->type != IPV6_TCLASS) || n != sizeof(v) || v < -1 || v > 255)
		return -EINVAL;
	if (v >= 0)
		*(c->type == IPV6_HOPLIMIT ? &info->ttl : &info->tos) = v;
	return 0;
}

static int read_control(struct inet_sock *i, const struct sockmsg *m, struct send_info *info)
{
	const struct cmsghdr *c = NULL;
	int err = 0;

	while ((c = socket_next_cmsg(m, c, &err))) {
		size_t n = c->len - sizeof(*c);
		const void *data = cmsg_data(c);

		if (c->level == SOL_SOCKET) {
			err = socket_send_cmsg(&i->s, c);
			if (err)
				return err;
		} else if (c->level == IPPROTO_IP && c->type == IP_PKTINFO && n == sizeof(struct in_pktinfo)) {
			info->ifindex = ((const struct in_pktinfo *)data)->ifindex;
			info->src = ((const struct in_pktinfo *)data)->spec_dst;
		} else if (c->level == IPPROTO_IP && (c->type == IP_TTL || c->type == IP_TOS) && n == sizeof(int)) {
			int v = *(const int *)data;

			if (v < 0 || v > 255 || (c->type == IP_TTL && !v))
				return -EINVAL;
			*(c->type == IP_TTL ? &info->ttl : &info->tos) = v;
		} else if (c->level == IPPROTO_IP) {
			return -EINVAL;
		} else if (c->level == IPPROTO_IPV6) {
			err = read_control6(i, c, info);
			if (err)
				return err;
		}
	}
	return err;
}

static int ping_prepare(struct inet_sock *i, struct pbuf *p)
{
	uint8_t *h = p->payload;

	if (p->len < 8)
		return -EINVAL;
	if (h[0] != (i->s.family == AF_INET ? ICMP_ECHO : ICMP6_TYPE_EREQ) || h[1])
		return -EINVAL;
	h[4] = (uint8_t)(i->lport >> 8);
	h[5] = (uint8_t)i->lport;
	h[2] = h[3] = 0;
	if (i->s.family == AF_INET) {
		uint16_t sum = inet_chksum_pbuf(p);

		memcpy(h + 2, &sum, 2);
	}
	return 0;
}

static void ping_bind(struct inet_sock *i, uint16_t id);

static void count_icmp(const struct inet_sock *i, const struct pbuf *p)
{
	unsigned type = p->len ? *(const uint8_t *)p->payload : INET_ICMP_TYPES;

	if (i->s.protocol == IPPROTO_ICMPV6)
		inet_mib.icmp6_out++;
	else if (i->s.protocol == IPPROTO_ICMP && !(i->opts & INET_HDRINCL) && type < INET_ICMP_TYPES)
		inet_mib.icmp_out[type]++;
}

/* net_lock held. */
static err_t send_by(struct inet_sock *i, struct pbuf *p, const ip_addr_t *to, uint16_t port, struct netif *netif, const ip_addr_t *src)
{
	err_t err;

	if (i->kind != INET_UDP) {
		count_icmp(i, p);
		return raw_sendto_if_src(i->raw, p, to, netif, src);
	}
	if (!i->udp->local_port) {
		err = udp_bind(i->udp, &i->udp->local_ip, 0);
		if (err != ERR_OK)
			return err;
	}
	i->lport = i->udp->local_port;
	inet_mib.udp_out[IP_IS_V6(to)]++;
	return udp_sendto_if_src(i->udp, p, to, port, netif, src);
}

static bool is_broadcast(const ip_addr_t *to)
{
	const struct net_route *r;

	return IP_IS_V4(to) && (ip4_of(to) == UINT32_MAX || (!net_route_lookup(ip4_of(to), 0, &r) && r->type == RTN_BROADCAST));
}

/* Too large for the path, and not to be fragmented? IPV6_MTU_DISCOVER has the same values. */
static int send_sized(const struct inet_sock *i, const struct pbuf *p, const ip_addr_t *to, const struct netif *netif)
{
	uint32_t mtu = netif->mtu, head = (i->kind == INET_UDP ? 8u : 0u) + (i->opts & INET_HDRINCL ? 0u : IP_IS_V4(to) ? 20u : 40u);

	if (likely(p->tot_len + head <= NET_PMTU_MIN) || i->pmtudisc < IP_PMTUDISC_DO ||
	    (netif == net_lo_netif && !net_route_metrics))
		return 0;
	if (i->pmtudisc == IP_PMTUDISC_DO && IP_IS_V4(to))
		mtu = net_pmtu4(ip4_of(to), mtu);
	return p->tot_len + head > mtu ? -EMSGSIZE : 0;
}

static int send_locked(struct inet_sock *i, struct pbuf *p, ip_addr_t *to, uint16_t port, const struct send_info *info)
{
	struct ip_pcb *pcb = (struct ip_pcb *)i->udp;
	struct netif *netif;
	ip_addr_t src;
	int err, bound = i->s.bound_if;
	bool broadcast;
	u16_t mtu;
	err_t e;

	/* To nowhere means to ourselves. */
	if (IP_IS_V4(to) && !ip4_of(to))
		ip_addr_set_ip4_u32_val(*to, __builtin_bswap32(0x7f000001));
	else if (IP_IS_V6(to) && ip_addr_isany(to))
		ip6_addr_set_loopback(ip_2_ip6(to));
	if (info->ifindex) {
		if (!netdev_by_index(info->ifindex))
			return -ENODEV;
		i->s.bound_if = info->ifindex;
	}
	err = inet_route(i, to, &netif, &src);
	i->s.bound_if = bound;
	if (err)
		return err;
	if (info->src)
		ip_addr_set_ip4_u32_val(src, info->src);
	if (IP_IS_V6(to) && info->src6[0] | info->src6[1] | info->src6[2] | info->src6[3]) {
		memcpy(ip_2_ip6(&src)->addr, info->src6, 16);
		if (!inet_addr_is_local(&src))
			return -EINVAL;
	}
	broadcast = is_broadcast(to);
	if (broadcast && !socket_flag(&i->s, SOCKF_BROADCAST))
		return -EACCES;
	if (i->kind == INET_PING) {
		if (!i->lport)
			ping_bind(i, 0);
		err = ping_prepare(i, p);
		if (err)
			return err;
	}
	err = send_sized(i, p, to, netif);
	if (err)
		return err;
	if (info->ttl) {
		pcb->ttl = (u8_t)info->ttl;
		*(i->kind == INET_UDP ? &i->udp->mcast_ttl : &i->raw->mcast_ttl) = (u8_t)info->ttl;
	}
	if (info->tos >= 0)
		pcb->tos = (u8_t)info->tos;
	mtu = netif->mtu;
	if (unlikely(net_pmtu_any) && IP_IS_V4(to) && i->pmtudisc != IP_PMTUDISC_PROBE)
		netif->mtu = (u16_t)net_pmtu4(ip4_of(to), mtu);		/* lwIP cuts by this */
	net_df_off = i->kind != INET_UDP || i->pmtudisc == IP_PMTUDISC_DONT;
	net_heard_here = broadcast || (ip_addr_ismulticast(to) && i->mc_loop);
	e = send_by(i, p, to, port, netif, &src);
	net_df_off = net_heard_here = false;
	netif->mtu = mtu;
	if (info->ttl || info->tos >= 0)
		inet_options_apply(i);
	return e == ERR_MEM ? -ENOBUFS : e == ERR_USE || e == ERR_BUF ? -EAGAIN : net_errno(e);
}

static int destination(struct inet_sock *i, const struct sockmsg *m, ip_addr_t *to, uint16_t *port)
{
	int err;

	if (m->name) {
		err = inet_addr_in(i, m->name, m->namelen, to, port);
		if (err)
			return err;
		return i->kind == INET_UDP && !*port ? -EINVAL : 0;
	}
	if (i->s.state != INET_CONNECTED)
		return -EDESTADDRREQ;
	ip_addr_copy(*to, i->remote);
	*port = i->rport;
	return 0;
}

static ssize_t dgram_sendmsg(struct socket *s, struct sockmsg *m)
{
	struct inet_sock *i = inet_sk(s);
	struct send_info info = { .tos = -1 };
	size_t len = m->iter.count;
	struct pbuf *p;
	ip_addr_t to;
	uint16_t port = 0;
	int err;

	if (len > 65535 - (i->kind == INET_UDP ? 28u : 20u))
		return -EMSGSIZE;
	if (m->flags & MSG_OOB)
		return -EOPNOTSUPP;
	err = destination(i, m, &to, &port);
	if (!err)
		err = read_control(i, m, &info);
	if (err)
		return err;
	if (s->shutdown & SHUTDOWN_SEND)
		return socket_epipe(m);
	p = pbuf_alloc(i->opts & INET_HDRINCL ? PBUF_LINK : PBUF_TRANSPORT, (u16_t)len, PBUF_RAM);
	if (!p)
		return -ENOBUFS;
	if (copy_from_iter(p->payload, len, &m->iter) != len)
		err = -EFAULT;
	net_lock_acquire();
	if (!err)
		err = socket_error(s);
	if (!err)
		err = send_locked(i, p, &to, port, &info);
	pbuf_free(p);
	net_lock_release();
	return err ? err : (ssize_t)len;
}

/* ---- names */

static void ping_bind(struct inet_sock *i, uint16_t id)
{
	struct inet_sock *o;
	bool taken;

	do {
		uint16_t v = id ? id : (uint16_t)(random_u64() | 1);

		taken = false;
		list_for_each_entry(o, &inet_all, all)
			taken |= o != i && o->kind == INET_PING && o->s.family == i->s.family && o->lport == v;
		if (!taken)
			i->lport = v;
	} while (taken && !id);
}

static int bind_locked(struct inet_sock *i, const ip_addr_t *ip, uint16_t port)
{
	ip_addr_t any = *ip;
	int err = inet_bind_check(i, ip, port);

	if (err)
		return err;
	if (i->kind == INET_UDP && i->opts & INET_BOUND_PORT)
		return -EINVAL;
	if (i->kind == INET_UDP) {
		/* The unspecified IPv6 address hears both, unless told otherwise. */
		if (i->s.family == AF_INET6 && ip_addr_isany(ip) && !(i->opts & INET_V6ONLY))
			IP_SET_TYPE_VAL(any, IPADDR_TYPE_ANY);
		err = net_errno(udp_bind(i->udp, &any, port));
		if (err)
			return err == -ENOBUFS ? -EADDRINUSE : err;
		i->lport = i->udp->local_port;
		i->opts |= INET_BOUND_PORT;
	} else {
		if (i->kind == INET_PING) {
			ping_bind(i, port);
			if (port && i->lport != port)
				return -EADDRINUSE;
		}
		ip_addr_copy(i->raw->local_ip, *ip);
	}
	ip_addr_copy(i->local, *ip);
	if (!ip_addr_isany(ip))
		i->opts |= inet_v6only(ip) | (ip_addr_ismulticast(ip) ? 0 : INET_BOUND_ADDR);
	return 0;
}

static int dgram_bind(struct socket *s, struct sockaddr_storage *a, unsigned len)
{
	struct inet_sock *i = inet_sk(s);
	ip_addr_t ip;
	uint16_t port;
	int err;

	if (s->family == AF_INET && len >= sizeof(struct sockaddr_in) && a->family == AF_UNSPEC &&
	    !((struct sockaddr_in *)(void *)a)->addr)
		a->family = AF_INET;	/* programs that never set it */
	err = inet_addr_in(i, a, len, &ip, &port);
	if (err)
		return err;
	net_lock_acquire();
	err = bind_locked(i, &ip, port);
	net_lock_release();
	return err;
}

/* Gives the port back; all else that was set stays. lwIP would let go of the block with it. */
static void udp_unbind(struct udp_pcb *u)
{
	struct udp_pcb **at = &udp_pcbs;

	while (*at && *at != u)
		at = &(*at)->next;
	if (*at)
		*at = u->next;
	u->next = NULL;
	u->local_port = 0;
}

static void disconnect(struct inet_sock *i)
{
	if (i->kind == INET_UDP) {
		udp_disconnect(i->udp);
		if (!(i->opts & INET_BOUND_ADDR))
			ip_addr_set_any(i->s.family == AF_INET6, &i->udp->local_ip);
		if (i->s.family == AF_INET6 && !(i->opts & (INET_BOUND_ADDR | INET_V6ONLY)))
			IP_SET_TYPE_VAL(i->udp->local_ip, IPADDR_TYPE_ANY);
		if (!(i->opts & INET_BOUND_PORT)) {
			udp_unbind(i->udp);
			i->lport = 0;
		}
	} else {
		raw_disconnect(i->raw);
	}
	if (!(i->opts & INET_BOUND_ADDR))
		ip_addr_set_any(i->s.family == AF_INET6, &i->local);
	ip_addr_set_any(i->s.family == AF_INET6, &i->remote);
	i->rport = 0;
	i->s.state = INET_UNCONNECTED;
}

static int connect_locked(struct inet_sock *i, ip_addr_t *to, uint16_t port)
{
	struct netif *netif;
	ip_addr_t src;
	int err;

	if (IP_IS_V4(to) && !ip4_of(to))
		ip_addr_set_ip4_u32_val(*to, __builtin_bswap32(0x7f000001));
	err = inet_route(i, to, &netif, &src);
	if (err)
		return err;
	if (is_broadcast(to) && !socket_flag(&i->s, SOCKF_BROADCAST))
		return -EACCES;
	if (i->kind == INET_UDP) {
		err = net_errno(udp_connect(i->udp, to, port));
		if (err)
			return err;
		i->lport = i->udp->local_port;
		ip_addr_copy(i->udp->local_ip, src);
	} else {
		if (i->kind == INET_PING && !i->lport)
			ping_bind(i, 0);
		ip_addr_copy(i->raw->remote_ip, *to);
	}
	ip_addr_copy(i->local, src);
	ip_addr_copy(i->remote, *to);
	i->rport = port;
	i->s.state = INET_CONNECTED;
	return 0;
}

void inet_dgram_destroy(struct inet_sock *i)
{
	disconnect(i);
	socket_set_error(&i->s, ECONNABORTED);
	socket_wake_state(&i->s, POLLIN | POLLOUT | POLLERR);
}

static int dgram_connect(struct socket *s, struct sockaddr_storage *a, unsigned len, bool nonblock)
{
	struct inet_sock *i = inet_sk(s);
	ip_addr_t to;
	uint16_t port = 0;
	int err = 0;

	if (len < sizeof(uint16_t))
		return -EINVAL;
	net_lock_acquire();
	if (a->family == AF_UNSPEC) {
		disconnect(i);
	} else {
		err = inet_addr_in(i, a, len, &to, &port);
		if (!err)
			err = connect_locked(i, &to, port);
	}
	net_lock_release();
	return err;
}

static int dgram_shutdown(struct socket *s, unsigned how)
{
	struct inet_sock *i = inet_sk(s);
	bool connected = s->state == INET_CONNECTED;

	net_lock_acquire();
	s->shutdown |= (uint8_t)how;
	net_lock_release();
	socket_wake_state(&i->s, POLLIN | POLLOUT | POLLRDHUP | POLLHUP);
	return connected ? 0 : -ENOTCONN;
}

static uint32_t dgram_poll(struct socket *s, struct poll_table *pt)
{
	struct inet_sock *i = inet_sk(s);
	uint32_t mask = POLLOUT | POLLWRNORM | POLLWRBAND;

	if (!list_empty(&i->msgs))
		mask |= POLLIN | POLLRDNORM;
	if (READ_ONCE(s->err) || READ_ONCE(i->nr_errs))
		mask |= POLLERR;
	if (s->shutdown & SHUTDOWN_RCV)
		mask |= POLLIN | POLLRDNORM | POLLRDHUP;
	if ((s->shutdown & SHUTDOWN_BOTH) == SHUTDOWN_BOTH)
		mask |= POLLHUP;
	return mask;
}

/* ---- life */

int inet_dgram_create(struct inet_sock *i)
{
	u8_t type = i->s.family == AF_INET ? IPADDR_TYPE_V4 : i->opts & INET_V6ONLY ? IPADDR_TYPE_V6 : IPADDR_TYPE_ANY;

	if (i->kind == INET_UDP) {
		i->udp = udp_new_ip_type(type);
		if (!i->udp)
			return -ENOMEM;
		udp_recv(i->udp, inet_udp_received, i);
	} else {
		i->raw = raw_new_ip_type(i->s.family == AF_INET ? IPADDR_TYPE_V4 : IPADDR_TYPE_V6, (u8_t)i->s.protocol);
		if (!i->raw)
			return -ENOMEM;
		raw_recv(i->raw, raw_received, i);
		if (i->kind == INET_RAW)
			i->lport = i->s.protocol;
		if (i->s.family == AF_INET && i->s.protocol == IPPROTO_RAW) {
			i->opts |= INET_HDRINCL;
			raw_set_flags(i->raw, RAW_FLAGS_HDRINCL);
		}
		if (i->s.protocol == IPPROTO_ICMPV6) {
			i->raw->chksum_reqd = 1;
			i->raw->chksum_offset = 2;
		}
	}
	inet_options_apply(i);
	return 0;
}

static void dgram_release(struct socket *s)
{
	struct inet_sock *i = inet_sk(s);

	net_lock_acquire();
	inet_mc_leave_all(i);
	if (i->kind == INET_UDP && i->udp)
		udp_remove(i->udp);
	else if (i->raw)
		raw_remove(i->raw);
	i->udp = NULL;
	net_lock_release();
}

const struct socket_ops inet_dgram_ops = {
	.bind = dgram_bind,
	.connect = dgram_connect,
	.getname = inet_getname,
	.poll = dgram_poll,
	.ioctl = inet_ioctl,
	.shutdown = dgram_shutdown,
	.setsockopt = inet_setsockopt,
	.getsockopt = inet_getsockopt,
	.sol_changed = inet_sol_changed,
	.sendmsg = dgram_sendmsg,
	.recvmsg = dgram_recvmsg,
	.release = dgram_release,
	.destroy = inet_destroy,
};
