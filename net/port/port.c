/* SPDX-License-Identifier: MIT */
/*
 * lwIP's ground: memory, randomness, and the end of a batch. Its objects: memp.c; its timers: timers.c.
 *
 * Locks: all of lwIP runs under net_lock.
 */
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/random.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include "port.h"
#include "lwip_hooks.h"
#include "../inet/tcp.h"
#include "lwip/etharp.h"
#include "lwip/igmp.h"
#include "lwip/mem.h"
#include "lwip/memp.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/udp.h"

static uint64_t isn_key[4];

void lwip_port_assert(const char *what)
{
	panic("lwip: %s", what);
}

void *lwip_port_malloc(size_t n)
{
	return kmalloc(n, GFP_KERNEL | GFP_NOOOM | GFP_NOWARN);
}

void *lwip_port_calloc(size_t n, size_t size)
{
	return n && size > SIZE_MAX / n ? NULL : kzalloc(n * size, GFP_KERNEL | GFP_NOOOM | GFP_NOWARN);
}

void lwip_port_free(void *p)
{
	kfree(p);
}

uint32_t lwip_port_rand(void)
{
	return (uint32_t)random_u64();
}

static uint64_t mix(uint64_t v)
{
	v ^= v >> 32;
	v *= 0xd6e8feb86659fd93ull;
	v ^= v >> 32;
	v *= 0xd6e8feb86659fd93ull;
	return v ^ v >> 32;
}

/*
 * RFC 6528: a clock plus a keyed hash of the connection's name. SIMPLE: the hash mixes 64-bit words with a secret between them; it is
 * not a cryptographic one.
 */
u32_t lwip_port_isn(const ip_addr_t *local_ip, u16_t local_port, const ip_addr_t *remote_ip, u16_t remote_port)
{
	uint64_t h = isn_key[0];
	uint32_t words[8] = { 0 };

	if (!isn_key[3])
		random_bytes(isn_key, sizeof(isn_key));
	if (IP_IS_V6(remote_ip)) {
		memcpy(words, ip_2_ip6(local_ip)->addr, 16);
		memcpy(words + 4, ip_2_ip6(remote_ip)->addr, 16);
	} else {
		words[0] = ip4_addr_get_u32(ip_2_ip4(local_ip));
		words[4] = ip4_addr_get_u32(ip_2_ip4(remote_ip));
	}
	for (unsigned i = 0; i < 8; i += 2)
		h = mix(h ^ words[i] ^ (uint64_t)words[i + 1] << 32) + isn_key[1];
	h = mix(h ^ local_port ^ (uint64_t)remote_port << 16 ^ isn_key[2]);
	return (u32_t)h + (u32_t)(clock_monotonic() / 4000);	/* 4 us a step */
}

int net_errno(err_t err)
{
	static const int8_t table[] = {
		[-ERR_OK] = 0, [-ERR_MEM] = ENOMEM, [-ERR_BUF] = ENOBUFS, [-ERR_TIMEOUT] = ETIMEDOUT, [-ERR_RTE] = ENETUNREACH,
		[-ERR_INPROGRESS] = EINPROGRESS, [-ERR_VAL] = EINVAL, [-ERR_WOULDBLOCK] = EAGAIN, [-ERR_USE] = EADDRINUSE,
		[-ERR_ALREADY] = EALREADY, [-ERR_ISCONN] = EISCONN, [-ERR_CONN] = ENOTCONN, [-ERR_IF] = ENETDOWN,
		[-ERR_ABRT] = ECONNABORTED, [-ERR_RST] = ECONNRESET, [-ERR_CLSD] = EPIPE, [-ERR_ARG] = EINVAL,
	};

	return err > 0 || -err >= (int)ARRAY_SIZE(table) ? -EIO : -table[-err];
}

/* ---- batches */

static void port_batch_end(void)
{
	struct netdev *d;

	/* What TCP sends to this machine comes in again, and is answered. */
	do
		port_loop_drain();
	while (tcp_batch_end() && port_loop_pending());
	list_for_each_entry(d, &netdevs, link)
		if (d->ops->flush)
			d->ops->flush(d);
	port_timers_arm();
}

static const struct net_stack port_stack = {
	.attach = port_attach,
	.receive = port_receive,
	.changed = port_changed,
	.announce = port_announce,
	.batch_end = port_batch_end,
};

static int port_init(void)
{
	port_timers_init();
	mutex_lock(&net_lock);
	/* As lwip_init() does; what it checks of the configuration it cannot know when compiled: limits that are variables. */
	mem_init();
	memp_init();
	netif_init();
	etharp_init();
	udp_init();
	tcp_init();
	igmp_init();
	port_listen();
	mutex_unlock(&net_lock);
	net_stack_register(&port_stack);
	return netdev_register(&net_lo, "lo");
}
INITCALL(INITCALL_FS, port_init);
