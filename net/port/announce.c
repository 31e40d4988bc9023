/* SPDX-License-Identifier: MIT */
/*
 * Telling everybody on the wire where our addresses are: after the machine has moved to another place of the network, switches and
 * neighbours learn it from that. ARP's announcements (RFC 5227, 3) and unsolicited neighbour advertisements (RFC 4861, 7.2.6).
 *
 * Locks: net_lock.
 */
#include <kernel/string.h>
#include "port.h"
#include "lwip/icmp6.h"
#include "lwip/inet_chksum.h"
#include "lwip/nd6.h"
#include "lwip/prot/icmp6.h"
#include "lwip/prot/nd6.h"

struct advertisement {
	struct na_header na;
	uint8_t option[2], mac[6];
};
_Static_assert(sizeof(struct advertisement) == 32, "RFC 4861, 4.4");

static void advertise(struct netdev *d, const ip6_addr_t *addr)
{
	struct netif *netif = &port_of(d)->netif;
	struct pbuf *p = pbuf_alloc(PBUF_IP, sizeof(struct advertisement), PBUF_RAM);
	struct advertisement *a;
	ip6_addr_t all;

	if (!p)
		return;
	ip6_addr_set_allnodes_linklocal(&all);
	ip6_addr_assign_zone(&all, IP6_MULTICAST, netif);
	a = p->payload;
	memset(a, 0, sizeof(*a));
	a->na.type = ICMP6_TYPE_NA;
	a->na.flags = ND6_FLAG_OVERRIDE;
	memcpy(&a->na.target_address, addr->addr, 16);
	a->option[0] = ND6_OPTION_TYPE_TARGET_LLADDR;
	a->option[1] = 1;
	memcpy(a->mac, d->mac, 6);
	a->na.chksum = ip6_chksum_pseudo(p, IP6_NEXTH_ICMP6, p->len, addr, &all);
	(void)ip6_output_if(p, addr, &all, 255, 0, IP6_NEXTH_ICMP6, netif);
	pbuf_free(p);
}

void port_announce(struct netdev *d)
{
	struct net_port *port = port_of(d);
	struct net_addr4 *a;

	if (!port)
		return;
	list_for_each_entry(a, &port->addrs, link)
		net_neigh_announce(d, a->local);
	for (unsigned i = 0; i < LWIP_IPV6_NUM_ADDRESSES; i++)
		if (ip6_addr_isvalid(netif_ip6_addr_state(&port->netif, i)))
			advertise(d, netif_ip6_addr(&port->netif, i));
}
