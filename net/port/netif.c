/* SPDX-License-Identifier: MIT */
/*
 * Between network devices and lwIP's interfaces: frames in, the way out, checksums left to hardware, and the loopback interface.
 *
 * In: each netbuf becomes a pbuf in its own head, no copy. The device's word on the checksum becomes the interface's flags for the time
 * of the call.
 * Out: send.c.
 * Loopback: a packet's headers are copied, its data referenced, and it is queued; port_loop_drain() takes it in before net_lock is
 * dropped, so nothing recurses. TCP's input changes headers in place, which is why those are copied.
 *
 * Locks: net_lock around everything.
 */
#include <kernel/errno.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include "port.h"
#include "lwip_hooks.h"
#include "lwip/prot/etharp.h"
#include "lwip/ethip6.h"
#include "lwip/dhcp.h"
#include "lwip/igmp.h"
#include "lwip/inet_chksum.h"
#include "lwip/mld6.h"
#include "lwip/nd6.h"
#include "lwip/prot/ip4.h"
#include "lwip/prot/ip6.h"
#include "lwip/prot/tcp.h"
#include "netif/ethernet.h"

#define CHECK_ALL (NETIF_CHECKSUM_CHECK_UDP | NETIF_CHECKSUM_CHECK_TCP | NETIF_CHECKSUM_CHECK_ICMP | NETIF_CHECKSUM_CHECK_ICMP6)
#define LOOP_COPY 256u		/* shorter packets are copied whole */

struct rx_pbuf {
	struct pbuf_custom pc;
};
_Static_assert(sizeof(struct rx_pbuf) <= sizeof(((struct netbuf *)0)->stack), "netbuf.stack");

struct netif *net_lo_netif;
struct net_ip_mib net_ip_mib;
struct lwip_mib lwip_mib;

/* ---- in */

static void rx_free(struct pbuf *p)
{
	netbuf_free(container_of((uint64_t *)(void *)p, struct netbuf, stack[0]));
}

static struct pbuf *to_pbufs(struct netbuf *frame)
{
	struct pbuf *first = NULL, *last = NULL;
	uint32_t left = frame->total;

	while (frame) {
		struct netbuf *next = frame->next;
		struct rx_pbuf *r = (struct rx_pbuf *)frame->stack;
		struct pbuf *p;

		r->pc.custom_free_function = rx_free;
		p = pbuf_alloced_custom(PBUF_RAW, (u16_t)frame->len, PBUF_REF, &r->pc, frame->data, (u16_t)frame->len);
		p->tot_len = (u16_t)left;
		left -= frame->len;
		if (last)
			last->next = p;
		else
			first = p;
		last = p;
		frame = next;
	}
	return first;
}

/* lwip_port_ip4_input() may have put another one there. */
static inline void own_addr(struct net_port *port)
{
	const struct net_addr4 *a;

	if (list_empty(&port->addrs))
		return;
	a = list_first_entry(&port->addrs, struct net_addr4, link);
	ip_2_ip4(&port->netif.ip_addr)->addr = a->local;
	ip_2_ip4(&port->netif.netmask)->addr = net_mask4(a->prefix);
}

/* Heard in promiscuous mode only. */
static inline bool is_for_another(const struct netdev *d, const uint8_t *to)
{
	uint32_t a, b;
	uint16_t c, e;

	__builtin_memcpy(&a, to, 4);
	__builtin_memcpy(&b, d->mac, 4);
	__builtin_memcpy(&c, to + 4, 2);
	__builtin_memcpy(&e, d->mac + 4, 2);
	return ((a ^ b) | (uint32_t)(c ^ e)) && !(to[0] & 1);
}

/* 64 KiB that a device has put together, and the link header on top of that: a pbuf's length cannot say it. False: it is none such. */
static __cold bool take_header_off(struct netbuf *frame)
{
	if (frame->off.gso == NET_GSO_NONE || frame->total - 14 > UINT16_MAX)
		return false;
	frame->data = (char *)frame->data + 14;
	frame->len -= 14;
	frame->total -= 14;
	return true;
}

void port_receive(struct netdev *d, struct netbuf *frame)
{
	struct net_port *port = port_of(d);
	netif_input_fn input;
	struct pbuf *p;

	if (!port || unlikely(is_for_another(d, frame->data))) {
		netbuf_free_frame(frame);
		return;
	}
	input = port->netif.input;
	if (unlikely(frame->total > UINT16_MAX)) {
		if (!take_header_off(frame)) {
			d->stats.rx_dropped++;
			netbuf_free_frame(frame);
			return;
		}
		input = ip_input;
	}
	if (frame->off.csum != NET_CSUM_NONE)
		port->netif.chksum_flags &= (u16_t)~CHECK_ALL;
	else
		port->netif.chksum_flags |= CHECK_ALL;
	p = to_pbufs(frame);
	port_wire_used = true;
	if (unlikely(p->len >= 14 && ((uint8_t *)p->payload)[12] == 8 && ((uint8_t *)p->payload)[13] == 6 && input != ip_input)) {
		net_neigh_input(d, p);
		pbuf_free(p);
		return;
	}
	if (input(p, &port->netif) != ERR_OK)
		pbuf_free(p);
	own_addr(port);
}

/* ---- out */

static err_t port_linkoutput(struct netif *netif, struct pbuf *p)
{
	struct netdev *d = netif_dev(netif);

	port_wire_used = true;
	return port_send(d, p);
}

/* ---- loopback */

/* A pbuf that shows a part of another's memory and holds on to it. */
struct loop_ref {
	struct pbuf_custom pc;
	struct pbuf *of;
};
struct loop_packet {
	struct loop_packet *next;
	struct pbuf *p;
	struct netif *netif;		/* by which it comes in: lo, or the one that it was sent on to a group */
	bool framed;			/* from a packet socket: it has a link header, which may say anything */
};
static struct loop_packet *loop_first, **loop_tail = &loop_first;

static void loop_ref_free(struct pbuf *p)
{
	struct loop_ref *r = (struct loop_ref *)p;

	pbuf_free(r->of);
	kfree(r);
}

static struct pbuf *loop_ref_make(struct pbuf *of, uint32_t off)
{
	struct loop_ref *r = kmalloc(sizeof(*r), GFP_KERNEL | GFP_NOWARN);

	if (!r)
		return NULL;
	r->pc.custom_free_function = loop_ref_free;
	r->of = of;
	pbuf_ref(of);
	return pbuf_alloced_custom(PBUF_RAW, (u16_t)(of->len - off), PBUF_REF, &r->pc, (char *)of->payload + off, (u16_t)(of->len - off));
}

/* The packet as the receiving side may change it: its headers are in one piece, even if those of a fragment were not. */
static struct pbuf *loop_copy(struct pbuf *p)
{
	uint32_t head = p->tot_len <= LOOP_COPY ? p->tot_len : 128u, skip = head;
	struct pbuf *copy = pbuf_alloc(PBUF_RAW, (u16_t)head, PBUF_RAM), *q;

	if (!copy)
		return NULL;
	pbuf_copy_partial(p, copy->payload, (u16_t)head, 0);
	if (head == p->tot_len)
		return copy;
	for (q = p; q; q = q->next) {
		uint32_t off = MIN(skip, (uint32_t)q->len);
		struct pbuf *r;

		skip -= off;
		if (q->len == off)
			continue;
		r = loop_ref_make(q, off);
		if (!r) {
			pbuf_free(copy);
			return NULL;
		}
		pbuf_cat(copy, r);
	}
	return copy;
}

/* Takes @p over; NULL: there was no memory for it. */
static err_t loop_queue(struct pbuf *p, struct netif *netif, bool framed)
{
	struct loop_packet *l = p ? kmalloc(sizeof(*l), GFP_KERNEL | GFP_NOWARN) : NULL;

	if (!l) {
		if (p)
			pbuf_free(p);
		return ERR_MEM;
	}
	*l = (struct loop_packet){ .p = p, .netif = netif, .framed = framed };
	*loop_tail = l;
	loop_tail = &l->next;
	if (netif != net_lo_netif)
		return ERR_OK;
	net_lo.stats.tx_packets++;
	net_lo.stats.tx_bytes += p->tot_len;
	return ERR_OK;
}

/* To taps, with the link header that Linux shows on this interface: no addresses, and the protocol. */
static __noinline void loop_tap(struct pbuf *p, bool framed, bool sent)
{
	uint8_t eth[14] = { 0 };
	static struct net_seg seg[NET_MAX_SEGS];	/* under net_lock, as all here */
	struct net_frame f = { .seg = seg, .len = p->tot_len, .csum = framed ? NET_CSUM_NONE : NET_CSUM_PARTIAL, .sent = sent };
	uint16_t type = *(uint8_t *)p->payload >> 4 == 6 ? ETHTYPE_IPV6 : ETHTYPE_IP;

	if (!framed) {
		eth[12] = (uint8_t)(type >> 8);
		eth[13] = (uint8_t)type;
		seg[f.nr++] = (struct net_seg){ eth, sizeof(eth) };
		f.len += (uint32_t)sizeof(eth);
	}
	for (; p && f.nr < NET_MAX_SEGS; p = p->next)
		if (p->len)
			seg[f.nr++] = (struct net_seg){ p->payload, p->len };
	if (!p)
		net_tap_frame(&net_lo, &f);
}

static err_t lo_output(struct netif *netif, struct pbuf *p)
{
	if (unlikely(net_tapped()))
		loop_tap(p, false, true);
	return loop_queue(loop_copy(p), net_lo_netif, false);
}

/* Nobody on lo wants to hear which groups we are members of: that is not sent, and does not count. */
static err_t lo_output4(struct netif *netif, struct pbuf *p, const ip4_addr_t *to)
{
	if (unlikely(((uint8_t *)p->payload)[9] == IP_PROTO_IGMP) && ip4_addr_ismulticast(to)) {
		lwip_mib.mib2.ipoutrequests--;
		return ERR_OK;
	}
	net_ip_mib.out_octets += p->tot_len;
	return lo_output(netif, p);
}

static err_t lo_output6(struct netif *netif, struct pbuf *p, const ip6_addr_t *to)
{
	const uint8_t *h = p->payload;

	/* MLD comes behind a hop-by-hop header. */
	if (unlikely(h[6] == IP6_NEXTH_HOPBYHOP) && p->len > 40 && h[40] == IP6_NEXTH_ICMP6 && ip6_addr_ismulticast(to)) {
		lwip_mib.ip6.xmit--;
		lwip_mib.mld6.xmit--;
		return ERR_OK;
	}
	return lo_output(netif, p);
}

/* Takes the link header off. False: what is behind it is not for the stack. An address of 127/8 in a frame is not believed. */
static bool loop_unframe(struct pbuf *p)
{
	const uint8_t *h = p->payload;
	unsigned type = (unsigned)h[12] << 8 | h[13];

	if (p->len < 14 + 20 || (h[0] | h[1] | h[2] | h[3] | h[4] | h[5]))
		return false;
	if (type == ETHTYPE_IP ? h[14 + 12] == 127 || h[14 + 16] == 127 : type != ETHTYPE_IPV6)
		return false;
	return !pbuf_remove_header(p, 14);
}

/* ---- out over a wire, and what of it comes back */

bool net_df_off, net_heard_here;

/* Routers shall not cut what TCP and UDP send whole, but say that it is too large (RFC 1191); lwIP does not ask for that. */
static err_t output4(struct netif *netif, struct pbuf *p, const ip4_addr_t *to)
{
	struct ip_hdr *h = p->payload;

	if (unlikely(net_heard_here)) {
		if (!ip4_addr_ismulticast(&h->dest) || igmp_lookfor_group(netif, &(ip4_addr_t){ h->dest.addr }))
			(void)loop_queue(loop_copy(p), netif, false);
	}
	if (unlikely(!h->_ttl))		/* not beyond this machine */
		return ERR_OK;
	if (!h->_offset && !net_df_off && (h->_proto == IP_PROTO_TCP || h->_proto == IP_PROTO_UDP)) {
		uint32_t sum = h->_chksum + (uint32_t)PP_HTONS(0xffffu - IP_DF);

		h->_offset = PP_HTONS(IP_DF);
		h->_chksum = (uint16_t)(sum + (sum >> 16));	/* RFC 1624: the sum of the complements */
	}
	net_ip_mib.out_octets += p->tot_len;
	return port_output4(netif, p, to);
}

static err_t output6(struct netif *netif, struct pbuf *p, const ip6_addr_t *to)
{
	const struct ip6_hdr *h = p->payload;
	ip6_addr_t group;

	if (unlikely(net_heard_here)) {
		ip6_addr_copy_from_packed(group, h->dest);
		ip6_addr_assign_zone(&group, IP6_MULTICAST, netif);
		if (ip6_addr_isallnodes_linklocal(&group) || ip6_addr_isallnodes_iflocal(&group) || mld6_lookfor_group(netif, &group))
			(void)loop_queue(loop_copy(p), netif, false);
	}
	if (unlikely(!h->_hoplim))
		return ERR_OK;
	return ethip6_output(netif, p, to);
}

bool port_loop_pending(void)
{
	return loop_first;
}

void port_loop_drain(void)
{
	while (loop_first) {
		struct loop_packet *l = loop_first;
		struct pbuf *p = l->p;
		struct netif *netif = l->netif;
		bool framed = l->framed;

		loop_first = l->next;
		if (!loop_first)
			loop_tail = &loop_first;
		kfree(l);
		if (unlikely(netif != net_lo_netif)) {
			if (!(netif_dev(netif)->flags & IFF_UP) || ip_input(p, netif) != ERR_OK)
				pbuf_free(p);
			own_addr(port_of(netif_dev(netif)));
			continue;
		}
		net_lo.stats.rx_packets++;
		net_lo.stats.rx_bytes += p->tot_len;
		if (unlikely(net_tapped()))
			loop_tap(p, framed, false);
		if (!(net_lo.flags & IFF_UP) || (framed && !loop_unframe(p)) || ip_input(p, net_lo_netif) != ERR_OK)
			pbuf_free(p);
	}
}

/* From a group, or from or to this machine itself, which cannot come over a wire (RFC 1812, 5.3.7). */
static inline bool is_martian(const uint8_t *ip)
{
	return ip[12] == 127 || ip[12] >= 224 || ip[16] == 127;
}

/*
 * An interface has one address as lwIP sees it: the one this packet was sent to, while it is looked at. What came for another
 * interface's address is taken as well (the weak host model, as Linux). port_receive() puts the first address back.
 */
int lwip_port_ip4_input(struct pbuf *p, struct netif *inp)
{
	const struct ip_hdr *h = p->payload;
	const struct net_route *r;
	ip4_addr_t to;

	if (p->len < IP_HLEN)
		return 0;
	net_ip_mib.in_octets += lwip_ntohs(IPH_LEN(h));
	if (inp != net_lo_netif && is_martian(p->payload)) {
		net_ip_mib.martians++;
		pbuf_free(p);
		return 1;
	}
	ip4_addr_copy(to, h->dest);
	if (to.addr == netif_ip4_addr(inp)->addr)
		return 0;
	if (ip4_addr_ismulticast(&to) || to.addr == UINT32_MAX) {
		(*(to.addr == UINT32_MAX ? &net_ip_mib.in_bcast : &net_ip_mib.in_mcast))++;
		return 0;
	}
	if (net_route_lookup(to.addr, 0, &r))
		return 0;
	if (r->type == RTN_LOCAL) {
		ip_addr_copy_from_ip4(inp->ip_addr, to);
	} else if (r->type == RTN_BROADCAST && r->dev == netif_dev(inp)) {
		net_ip_mib.in_bcast++;
		/* So that lwIP sees the broadcast address of a subnet of its own. */
		ip4_addr_t own = { r->src }, mask = { ~(to.addr ^ r->src) };

		ip_addr_copy_from_ip4(inp->ip_addr, own);
		ip_addr_copy_from_ip4(inp->netmask, mask);
	}
	return 0;
}

/* Frames of packet sockets; the stack's own packets do not come this way. */
static int lo_transmit(struct netdev *d, const struct net_tx *tx)
{
	struct pbuf *p = tx->len <= UINT16_MAX ? pbuf_alloc(PBUF_RAW, (u16_t)tx->len, PBUF_RAM) : NULL;
	uint32_t at = 0;
	err_t err;

	for (unsigned i = 0; p && i < tx->nr; i++) {
		memcpy((char *)p->payload + at, tx->seg[i].p, tx->seg[i].len);
		at += tx->seg[i].len;
	}
	err = loop_queue(p, net_lo_netif, true);
	if (err != ERR_OK)
		return net_errno(err);
	d->stats.tx_packets--;		/* netdev_transmit() counts it */
	d->stats.tx_bytes -= tx->len;
	tx->done(tx->token);
	return 0;
}

static const struct netdev_ops lo_ops = { .transmit = lo_transmit };
struct netdev net_lo = {
	.ops = &lo_ops,
	.type = ARPHRD_LOOPBACK,
	.flags = IFF_LOOPBACK,
	.mtu = 65536,
	.max_mtu = UINT32_MAX,
	.tx_queue_len = 1000,
	.carrier = true,
};

/* ---- life of an interface */

/* lwIP tells of the groups that it is a member of, on this interface. */
static void filter(struct netif *netif, const uint8_t mac[6], enum netif_mac_filter_action action)
{
	if (action == NETIF_DEL_MAC_FILTER)
		netdev_filter_del(netif_dev(netif), mac);
	else if (netdev_filter_add(netif_dev(netif), mac))
		pr_warn("%s: no memory for a filter\n", netif_dev(netif)->name);
}

/* RFC 1112, 6.4 */
static err_t filter4(struct netif *netif, const ip4_addr_t *group, enum netif_mac_filter_action action)
{
	const uint8_t mac[6] = { 1, 0, 0x5e, ip4_addr2(group) & 0x7f, ip4_addr3(group), ip4_addr4(group) };

	filter(netif, mac, action);
	return ERR_OK;
}

/* RFC 2464, 7 */
static err_t filter6(struct netif *netif, const ip6_addr_t *group, enum netif_mac_filter_action action)
{
	uint8_t mac[6] = { 0x33, 0x33 };

	memcpy(mac + 2, &group->addr[3], 4);
	filter(netif, mac, action);
	return ERR_OK;
}

/* Groups that every station is in; lwIP does not tell of the second. */
static const uint8_t all_systems[6] = { 1, 0, 0x5e, 0, 0, 1 }, all_nodes[6] = { 0x33, 0x33, 0, 0, 0, 1 };

static err_t port_netif_init(struct netif *netif)
{
	struct netdev *d = netif_dev(netif);

	netif->name[0] = d->name[0];
	netif->name[1] = d->name[1];
	netif->mtu = (u16_t)MIN(d->mtu, 65535u);
	netif->mtu6 = netif->mtu;
	NETIF_SET_CHECKSUM_CTRL(netif, NETIF_CHECKSUM_ENABLE_ALL);
	if (d->flags & IFF_LOOPBACK) {
		netif->output = lo_output4;
		netif->output_ip6 = lo_output6;
		/* Linux hears 127.255.255.255 in all sockets, though lo does not have IFF_BROADCAST. */
		netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_IGMP | NETIF_FLAG_MLD6;
		NETIF_SET_CHECKSUM_CTRL(netif, NETIF_CHECKSUM_GEN_IP | NETIF_CHECKSUM_GEN_ICMP | NETIF_CHECKSUM_GEN_ICMP6);
		return ERR_OK;
	}
	netif->igmp_mac_filter = filter4;
	netif->mld_mac_filter = filter6;
	netif->output = output4;
	netif->output_ip6 = output6;
	netif->linkoutput = port_linkoutput;
	netif->hwaddr_len = 6;
	memcpy(netif->hwaddr, d->mac, 6);
	netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET | NETIF_FLAG_IGMP | NETIF_FLAG_MLD6;
	if (d->features & NETDEV_TX_CSUM)
		netif->chksum_flags &= (u16_t)~NETIF_CHECKSUM_GEN_TCP;
	return ERR_OK;
}

void port_attach(struct netdev *d)
{
	struct net_port *port = kzalloc(sizeof(*port), GFP_KERNEL);

	if (!port)
		return;
	port->dev = d;
	list_init(&port->addrs);
	d->stack = port;
	if (!netif_add(&port->netif, NULL, NULL, NULL, NULL, port_netif_init, d->flags & IFF_LOOPBACK ? ip_input : ethernet_input)) {
		d->stack = NULL;
		kfree(port);
		return;
	}
	port->added = true;
	port->netif.num = (u8_t)(d->index - 1);		/* netif_get_index() is our index */
	if (d->flags & IFF_LOOPBACK)
		net_lo_netif = &port->netif;
	if (!(d->flags & IFF_LOOPBACK) && (netdev_filter_add(d, all_systems) || netdev_filter_add(d, all_nodes)))
		pr_warn("%s: no memory for a filter\n", d->name);
	if (port_sysfs_add(d))
		pr_warn("%s: no memory for /sys/class/net\n", d->name);
	port_changed(d);
}

static void lo_up(struct netdev *d)
{
	struct net_addr4 a = { .local = __builtin_bswap32(0x7f000001), .peer = __builtin_bswap32(0x7f000001), .prefix = 8,
			       .scope = RT_SCOPE_HOST, .valid = IFA_LIFE_FOREVER, .preferred = IFA_LIFE_FOREVER };
	struct netif *netif = &port_of(d)->netif;
	const char *why;
	ip6_addr_t a6;

	(void)net_addr4_add(d, &a, &why);
	ip6_addr_set_loopback(&a6);
	ip6_addr_assign_zone(&a6, IP6_UNICAST, netif);
	netif_ip6_addr_set(netif, 0, &a6);
	netif_ip6_addr_set_valid_life(netif, 0, IP6_ADDR_LIFE_STATIC);
	netif_ip6_addr_set_state(netif, 0, IP6_ADDR_PREFERRED);
}

/* An IPv6 address of a slot, or its state, has changed. */
static void ext_changed(struct netif *netif, netif_nsc_reason_t reason, const netif_ext_callback_args_t *args)
{
	if (reason & LWIP_NSC_IPV6_ADDR_STATE_CHANGED && ((struct net_port *)netif)->dev)
		port_addr6_changed(netif_dev(netif), (unsigned)args->ipv6_addr_state_changed.addr_index);
}

void port_listen(void)
{
	NETIF_DECLARE_EXT_CALLBACK(callback)

	netif_add_ext_callback(&callback, ext_changed);
}

void port_changed(struct netdev *d)
{
	struct net_port *port = port_of(d);
	struct netif *netif;
	bool up;

	if (!port)
		return;
	netif = &port->netif;
	up = d->flags & IFF_UP;
	netif->mtu = (u16_t)MIN(d->mtu, 65535u);
	netif->mtu6 = netif->mtu;
	memcpy(netif->hwaddr, d->mac, 6);
	if (up && !netif_is_up(netif)) {
		netif_set_up(netif);
		net_notify_link(d, IFF_UP);
		net_addr4_up(d);
		net_route6_dev_up(d);
		if (d->flags & IFF_LOOPBACK) {
			netif->rs_count = 0;	/* no routers there */
			lo_up(d);
		} else {
			netif_create_ip6_linklocal_address(netif, 1);
			netif_set_ip6_autoconfig_enabled(netif, 1);
		}
	} else if (!up && netif_is_up(netif)) {
		net_notify_link(d, IFF_UP);
		net_route6_flush_dev(d);
		net_addr6_flush(d);
		net_route_flush_dev(d);
		net_neigh_flush(d);
		netif_set_down(netif);
	}
	net_routes_changed();
	if (d->carrier != !!netif_is_link_up(netif)) {
		if (d->carrier)
			netif_set_link_up(netif);
		else
			netif_set_link_down(netif);
		if (up)
			net_notify_link(d, 0);
	}
	port_wire_used = true;
	port_timers_changed();
}
