/* SPDX-License-Identifier: MIT */
/*
 * lwIP's objects, in the place of its memp.c: each from kmalloc. A TCP block is the first member of ours (net/inet/tcp.h), a
 * pbuf that shows memory of a writer holds on to it (net/inet/tcp_out.c).
 *
 * Locks: net_lock, as for all of lwIP.
 */
#include "port.h"
#include "../inet/tcp.h"
#include <kernel/mm.h>
#include "lwip/dhcp.h"
#include "lwip/igmp.h"
#include "lwip/ip4_frag.h"
#include "lwip/ip6_frag.h"
#include "lwip/memp.h"
#include "lwip/mld6.h"
#include "lwip/priv/nd6_priv.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/raw.h"
#include "lwip/udp.h"
#include "netif/etharp.h"

static const uint16_t sizes[MEMP_MAX] = {
#define LWIP_MEMPOOL(name, num, size, desc) [MEMP_##name] = (size),
#include "lwip/priv/memp_std.h"
};

void memp_init(void)
{
}

void *memp_malloc(memp_t type)
{
	if (type == MEMP_TCP_PCB)
		return tcp_conn_alloc();
	if (type == MEMP_TCP_PCB_LISTEN)
		return tcp_listener_alloc();
	return kmalloc(sizes[type], GFP_KERNEL | GFP_NOOOM | GFP_NOWARN);
}

void memp_free(memp_t type, void *p)
{
	if (type == MEMP_TCP_PCB)
		tcp_conn_free(p);
	else if (type == MEMP_TCP_PCB_LISTEN)
		tcp_listener_free(p);
	else
		kfree(p);
}
