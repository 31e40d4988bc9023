/* SPDX-License-Identifier: MIT */
/*
 * AF_INET and AF_INET6: families, creation, and what datagram and stream sockets share.
 *
 * Locks: see inet.h. Sockets are on inet_all from creation to destroy().
 * References: ip(7), ipv6(7), socket(2).
 */
#include "inet.h"
#include <kernel/cred.h>
#include <kernel/init.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>
#include "lwip_hooks.h"

LIST_HEAD(inet_all);
static struct kmem_cache *inet_cache;	/* 7 to a page, where kmalloc has 5 */

struct inet_sock *inet_alloc(int family, int type, int protocol, enum inet_kind kind, const struct socket_ops *ops)
{
	struct inet_sock *i = kmem_cache_alloc(inet_cache, GFP_KERNEL | GFP_ZERO);

	if (!i)
		return NULL;
	socket_init(&i->s, ops, family, type, protocol);
	i->kind = kind;
	i->uid = current_cred()->euid;
	mutex_init(&i->rx_lock, LR_SOCKET);
	list_init(&i->msgs);
	list_init(&i->accept_queue);
	list_init(&i->accept_link);
	list_init(&i->all);
	list_init(&i->errs);
	list_init(&i->groups);
	i->opts = INET_MC_ALL | INET_MC6_ALL | INET_QUICKACK;
	i->mc_ttl = 1;
	i->mc_loop = true;
	i->pmtudisc = IP_PMTUDISC_WANT;
	i->keepidle = 7200;
	i->keepintvl = 75;
	i->keepcnt = 9;
	i->syncnt = 6;
	i->linger2 = 60;
	i->tcp_state = TCPS_CLOSE;
	if (family == AF_INET6) {
		IP_SET_TYPE_VAL(i->local, IPADDR_TYPE_V6);
		IP_SET_TYPE_VAL(i->remote, IPADDR_TYPE_V6);
	}
	return i;
}

static void free_queues(struct inet_sock *i)
{
	struct inet_msg *m, *next;

	list_del_init(&i->all);
	inet_err_free(i);
	list_for_each_entry_safe(m, next, &i->msgs, link) {
		pbuf_free(m->p);
		kfree(m->ipopts);
		kfree(m);
	}
	while (i->rx_first) {
		struct pbuf *p = i->rx_first;

		i->rx_first = p->queue_next;
		pbuf_free(p);
	}
}

void inet_orphan(struct inet_sock *i)
{
	free_queues(i);
	socket_fini(&i->s);
	kmem_cache_free(inet_cache, i);
}

void inet_destroy(struct socket *s)
{
	struct inet_sock *i = inet_sk(s);

	net_lock_acquire();
	free_queues(i);
	net_lock_release();
	socket_fini(s);
	kmem_cache_free(inet_cache, i);
}

int inet_getname(struct socket *s, struct sockaddr_storage *a, bool peer)
{
	struct inet_sock *i = inet_sk(s);
	int len;

	net_lock_acquire();
	if (peer && (!i->rport || (i->kind == INET_TCP && (s->state != INET_CONNECTED && !i->was_connected))) && i->kind != INET_RAW)
		len = -ENOTCONN;
	else if (peer)
		len = ip_addr_isany(&i->remote) ? -ENOTCONN : (int)inet_addr_out(i, a, &i->remote, i->rport);
	else
		len = (int)inet_addr_out(i, a, &i->local, i->lport);
	net_lock_release();
	return len;
}

long inet_ioctl(struct socket *s, struct file *f, unsigned cmd, unsigned long arg)
{
	struct inet_sock *i = inet_sk(s);
	int v = 0;

	switch (cmd) {
	case SIOCINQ:
		if (i->kind == INET_TCP && s->state == INET_LISTEN)
			return -EINVAL;
		net_lock_acquire();
		if (i->kind == INET_TCP)
			v = inet_inq(i);
		else if (!list_empty(&i->msgs))
			v = (int)(list_first_entry(&i->msgs, struct inet_msg, link)->p->tot_len -
				  list_first_entry(&i->msgs, struct inet_msg, link)->skip);
		net_lock_release();
		break;
	case SIOCOUTQ:
		if (i->kind == INET_TCP && s->state == INET_LISTEN)
			return -EINVAL;
		net_lock_acquire();
		if (i->kind == INET_TCP && i->tcp)
			v = (int)(TCP_SND_BUF - i->tcp->snd_buf);
		net_lock_release();
		break;
	case SIOCGARP:
	case SIOCSARP:
	case SIOCDARP:
		return s->family == AF_INET ? inet_arp_ioctl(cmd, (void __user *)arg) : -ENOIOCTLCMD;
	case SIOCATMARK:
		if (i->kind != INET_TCP)
			return -ENOIOCTLCMD;
		net_lock_acquire();
		v = i->urg != URG_NONE && i->urg_seq == i->copied_seq;
		net_lock_release();
		break;
	case SIOCGSTAMP:
	case SIOCGSTAMPNS:
	case SIOCGSTAMP_NEW:
	case SIOCGSTAMPNS_NEW: {
		struct timespec t = ns_to_timespec(i->stamp);

		if (!i->stamp)
			return -ENOENT;
		if (cmd == SIOCGSTAMP || cmd == SIOCGSTAMP_NEW)
			t.tv_nsec /= 1000;
		return copy_to_user((void __user *)arg, &t, sizeof(t)) ? -EFAULT : 0;
	}
	default:
		return s->family == AF_INET6 ? inet_dev_ioctl6(cmd, (void __user *)arg) : -ENOIOCTLCMD;
	}
	return put_user(v, (int __user *)arg) ? -EFAULT : 0;
}

int inet_bind_check(struct inet_sock *i, const ip_addr_t *ip, uint16_t port)
{
	if (port && port < 1024 && !capable(CAP_NET_BIND_SERVICE))
		return -EACCES;
	if (ip_addr_isany(ip) || i->opts & INET_FREEBIND || ip_addr_ismulticast(ip))
		return 0;
	if (IP_IS_V4(ip)) {
		unsigned type = net_addr4_type(ip4_of(ip));

		return type == RTN_LOCAL || type == RTN_BROADCAST ? 0 : -EADDRNOTAVAIL;
	}
	return inet_addr_is_local(ip) ? 0 : -EADDRNOTAVAIL;
}

void inet_options_apply(struct inet_sock *i)
{
	struct ip_pcb *p = (struct ip_pcb *)i->udp;	/* all kinds begin with the same members */
	struct netdev *d = i->s.bound_if ? netdev_by_index(i->s.bound_if) : NULL;

	if (!p)
		return;
	if (socket_flag(&i->s, SOCKF_REUSEADDR) || socket_flag(&i->s, SOCKF_REUSEPORT))
		ip_set_option(p, SOF_REUSEADDR);
	else
		ip_reset_option(p, SOF_REUSEADDR);
	if (socket_flag(&i->s, SOCKF_BROADCAST))
		ip_set_option(p, SOF_BROADCAST);
	else
		ip_reset_option(p, SOF_BROADCAST);
	if (i->s.state != INET_LISTEN || i->kind != INET_TCP) {
		if (socket_flag(&i->s, SOCKF_KEEPALIVE))
			ip_set_option(p, SOF_KEEPALIVE);
		else
			ip_reset_option(p, SOF_KEEPALIVE);
	}
	p->netif_idx = d && port_of(d) ? netif_get_index(&port_of(d)->netif) : NETIF_NO_INDEX;
	p->ttl = i->ttl ? i->ttl : INET_DEFAULT_TTL;
	p->tos = i->tos;
	if (i->kind == INET_UDP) {
		i->udp->mcast_ttl = i->mc_ttl;
		if (i->mc_loop)
			udp_set_flags(i->udp, UDP_FLAGS_MULTICAST_LOOP);
		else
			udp_clear_flags(i->udp, UDP_FLAGS_MULTICAST_LOOP);
	} else if (i->kind != INET_TCP) {
		i->raw->mcast_ttl = i->mc_ttl;
	} else {
		inet_stream_options(i);
	}
}

void inet_sol_changed(struct socket *s, int name)
{
	switch (name) {
	case SO_REUSEADDR:
	case SO_REUSEPORT:
	case SO_BROADCAST:
	case SO_KEEPALIVE:
	case SO_BINDTODEVICE:
	case SO_BINDTOIFINDEX:
	case SO_RCVBUF:
	case SO_RCVBUFFORCE:
		net_lock_acquire();
		inet_options_apply(inet_sk(s));
		net_lock_release();
		break;
	default:
		break;
	}
}

/* ---- creation */

static int choose(int family, int type, int *protocol, enum inet_kind *kind)
{
	int icmp = family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6;

	if (*protocol < 0 || *protocol >= IPPROTO_MAX)
		return -EINVAL;
	switch (type) {
	case SOCK_STREAM:
		*kind = INET_TCP;
		if (*protocol && *protocol != IPPROTO_TCP)
			return -EPROTONOSUPPORT;
		*protocol = IPPROTO_TCP;
		return 0;
	case SOCK_DGRAM:
		*kind = *protocol == icmp ? INET_PING : INET_UDP;
		if (*protocol && *protocol != icmp && *protocol != IPPROTO_UDP)
			return -EPROTONOSUPPORT;
		if (!*protocol)
			*protocol = IPPROTO_UDP;
		return 0;
	case SOCK_RAW:
		*kind = INET_RAW;
		if (!*protocol || *protocol > 255)
			return -EPROTONOSUPPORT;
		return capable(CAP_NET_RAW) ? 0 : -EPERM;
	default:
		return -ESOCKTNOSUPPORT;
	}
}

static int create(int family, int type, int protocol, struct socket **out)
{
	enum inet_kind kind;
	struct inet_sock *i;
	int err = choose(family, type, &protocol, &kind);

	if (err)
		return err;
	i = inet_alloc(family, type, protocol, kind, kind == INET_TCP ? &inet_stream_ops : &inet_dgram_ops);
	if (!i)
		return -ENOMEM;
	net_lock_acquire();
	err = kind == INET_TCP ? inet_stream_create(i) : inet_dgram_create(i);
	if (!err)
		list_add_tail(&i->all, &inet_all);
	net_lock_release();
	if (err) {
		socket_put(&i->s);
		return err;
	}
	*out = &i->s;
	return 0;
}

static int create4(int type, int protocol, struct socket **out)
{
	return create(AF_INET, type, protocol, out);
}

static int create6(int type, int protocol, struct socket **out)
{
	return create(AF_INET6, type, protocol, out);
}

static const struct socket_family inet_family = {
	.family = AF_INET, .name = "inet", .create = create4, .dev_ioctl = inet_dev_ioctl,
};
static const struct socket_family inet6_family = { .family = AF_INET6, .name = "inet6", .create = create6 };

static int inet_init(void)
{
	int err;

	inet_cache = kmem_cache_create("inet_sock", sizeof(struct inet_sock), 0, 0, NULL);
	if (!inet_cache)
		return -ENOMEM;
	err = socket_register_family(&inet_family);

	return err ? err : socket_register_family(&inet6_family);
}
INITCALL(INITCALL_DEVICE, inet_init);
