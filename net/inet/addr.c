/* SPDX-License-Identifier: MIT */
/*
 * Addresses of the ABI and of lwIP, and the way out for a packet.
 * Locks: net_lock where interfaces are looked at (inet_addr_is_local, inet_route).
 */
#include "inet.h"
#include <kernel/string.h>
#include "lwip/ip6.h"

static void from_v6(const struct sockaddr_in6 *a, ip_addr_t *ip)
{
	if (!a->addr[0] && !a->addr[1] && a->addr[2] == __builtin_bswap32(0xffff)) {
		ip_addr_set_ip4_u32_val(*ip, a->addr[3]);
		return;
	}
	memset(ip, 0, sizeof(*ip));
	memcpy(ip_2_ip6(ip)->addr, a->addr, 16);
	IP_SET_TYPE_VAL(*ip, IPADDR_TYPE_V6);
	/* Interface numbers of lwIP are ours: both count up from 1 in the same order (netif_get_index). */
	if (ip6_addr_has_scope(ip_2_ip6(ip), IP6_UNKNOWN))
		ip6_addr_set_zone(ip_2_ip6(ip), (u8_t)a->scope_id);
}

int inet_addr_in(const struct inet_sock *i, const struct sockaddr_storage *s, unsigned len, ip_addr_t *ip, uint16_t *port)
{
	if (len < sizeof(uint16_t))
		return -EINVAL;
	if (i->s.family == AF_INET6 && s->family == AF_INET6) {
		const struct sockaddr_in6 *a = (const void *)s;

		if (len < SIN6_LEN_RFC2133)
			return -EINVAL;
		from_v6(a, ip);
		*port = __builtin_bswap16(a->port);
		if (IP_IS_V4_VAL(*ip) && i->opts & INET_V6ONLY)
			return -ENETUNREACH;
		return 0;
	}
	if (len < sizeof(struct sockaddr_in))
		return -EINVAL;
	if (s->family != AF_INET || (i->s.family == AF_INET6 && i->opts & INET_V6ONLY))
		return -EAFNOSUPPORT;
	ip_addr_set_ip4_u32_val(*ip, ((const struct sockaddr_in *)(const void *)s)->addr);
	*port = __builtin_bswap16(((const struct sockaddr_in *)(const void *)s)->port);
	return 0;
}

unsigned inet_addr_out(const struct inet_sock *i, struct sockaddr_storage *s, const ip_addr_t *ip, uint16_t port)
{
	memset(s, 0, sizeof(struct sockaddr_in6));
	if (i->s.family == AF_INET) {
		struct sockaddr_in *a = (void *)s;

		a->family = AF_INET;
		a->port = __builtin_bswap16(port);
		a->addr = IP_IS_V4(ip) ? ip4_of(ip) : 0;
		return sizeof(*a);
	} else {
		struct sockaddr_in6 *a = (void *)s;

		a->family = AF_INET6;
		a->port = __builtin_bswap16(port);
		if (IP_IS_V6(ip)) {
			memcpy(a->addr, ip_2_ip6(ip)->addr, 16);
			a->scope_id = ip6_addr_zone(ip_2_ip6(ip));
		} else if (IP_IS_V4(ip)) {	/* mapped; the unspecified one too, once a socket speaks IPv4 */
			a->addr[2] = __builtin_bswap32(0xffff);
			a->addr[3] = ip4_of(ip);
		}
		return sizeof(*a);
	}
}

bool inet_addr_is_local(const ip_addr_t *ip)
{
	struct netdev *d;

	if (IP_IS_V4(ip))
		return net_addr4_local(ip4_of(ip));
	list_for_each_entry(d, &netdevs, link)
		if (port_of(d) && d->flags & IFF_UP && netif_get_ip6_addr_match(&port_of(d)->netif, ip_2_ip6(ip)) >= 0)
			return true;
	return false;
}

static int route6(const struct inet_sock *i, const ip_addr_t *to, struct netif **netif, ip_addr_t *src)
{
	struct netdev *d = i->s.bound_if ? netdev_by_index(i->s.bound_if) : NULL;
	const ip_addr_t *a;

	if (ip_addr_ismulticast(to)) {
		/* Interfaces with multicast have a route for it; lo has none. */
		const struct net_route6 *r;
		int oif = i->s.bound_if ? i->s.bound_if : ip6_addr_has_zone(ip_2_ip6(to)) ? ip6_addr_zone(ip_2_ip6(to)) : i->mc_if;
		int err = net_route6_lookup(ip_2_ip6(to)->addr, oif, &r);

		if (err)
			return err;
	} else if (!ip6_addr_islinklocal(ip_2_ip6(to))) {
		const struct net_route6 *r;
		int err = net_route6_lookup(ip_2_ip6(to)->addr, i->s.bound_if, &r);

		if (err == -ENETUNREACH) {	/* a router may have been heard since */
			net_route6_sync();
			err = net_route6_lookup(ip_2_ip6(to)->addr, inet_addr_is_local(to) ? 0 : i->s.bound_if, &r);
		}
		if (err)
			return err;
	}
	if (inet_addr_is_local(to))
		*netif = net_lo_netif;
	else if (d && port_of(d))
		*netif = &port_of(d)->netif;
	else
		*netif = ip6_route(ip_2_ip6(&i->local), ip_2_ip6(to));
	if (!*netif || !netif_is_up(*netif))
		return -ENETUNREACH;
	if (inet_addr_is_local(to)) {
		ip_addr_copy(*src, *to);
		return 0;
	}
	a = ip6_select_source_address(*netif, ip_2_ip6(to));
	if (!a)
		return -EADDRNOTAVAIL;
	ip_addr_copy(*src, *a);
	return 0;
}

int inet_route(const struct inet_sock *i, const ip_addr_t *to, struct netif **netif, ip_addr_t *src)
{
	struct netdev *d;
	uint32_t from;
	int err, oif = i->s.bound_if;

	if (IP_IS_V6(to)) {
		err = route6(i, to, netif, src);
	} else {
		if (!oif && i->mc_if && ip4_addr_ismulticast(ip_2_ip4(to)))
			oif = i->mc_if;
		err = net_route_output(ip4_of(to), oif, &d, &from);
		if (err)
			return err;
		*netif = &port_of(d)->netif;
		ip_addr_set_ip4_u32_val(*src, from);
	}
	/* What bind() said wins. */
	if (!err && !ip_addr_isany(&i->local) && i->opts & INET_BOUND_ADDR && IP_GET_TYPE(&i->local) == IP_GET_TYPE(to))
		ip_addr_copy(*src, i->local);
	return err;
}
