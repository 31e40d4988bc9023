/* SPDX-License-Identifier: MIT */
/*
 * How large a packet may be on its way: what its route says (RTAX_MTU), and what routers have said by "fragmentation needed" (RFC
 * 1191), by destination.
 *
 * SIMPLE: a table of fixed size in which a later destination may take the place of an earlier one; the loser asks the path again. An
 * entry is forgotten after ten minutes, as paths change. IPv6's are lwIP's (destination cache).
 *
 * Locks: net_lock.
 */
#include <kernel/time.h>
#include "port.h"

#define ENTRIES	256u
#define LIFE	(600 * NSEC_PER_SEC)

static struct {
	uint32_t dst;
	uint32_t mtu;		/* 0: nothing known */
	nsec_t until;
} paths[ENTRIES];
bool net_pmtu_any;

static unsigned slot(uint32_t dst)
{
	return dst * 0x9e3779b1u >> 24;
}

uint32_t net_pmtu4(uint32_t dst, uint32_t mtu)
{
	unsigned n = slot(dst);
	uint32_t own;

	if (likely(!net_pmtu_any))
		return mtu;
	own = net_route_metric4(dst, RTAX_MTU);
	if (own) {
		mtu = MIN(mtu, own);
		if (net_route_metric4(dst, RTAX_LOCK) & BIT(RTAX_MTU))
			return mtu;		/* whatever routers say */
	}
	if (paths[n].dst != dst || !paths[n].mtu)
		return mtu;
	if (clock_monotonic() > paths[n].until)
		paths[n].mtu = 0;
	return paths[n].mtu ? MIN(paths[n].mtu, mtu) : mtu;
}

/* The plateaus of RFC 1191, 7: for routers that do not say. */
static uint32_t guess(uint32_t len)
{
	static const uint16_t plateaus[] = { 32000, 17914, 8166, 4352, 2002, 1492, 1006, NET_PMTU_MIN };

	for (unsigned i = 0; i < ARRAY_SIZE(plateaus); i++)
		if (plateaus[i] < len)
			return plateaus[i];
	return NET_PMTU_MIN;
}

void net_pmtu4_learn(uint32_t dst, uint32_t mtu, uint32_t len)
{
	unsigned n = slot(dst);

	if (mtu < 68 || mtu >= len)
		mtu = guess(len);
	mtu = MAX(mtu, NET_PMTU_MIN);
	if (net_pmtu4(dst, UINT32_MAX) <= mtu)
		return;
	paths[n].dst = dst;
	paths[n].mtu = mtu;
	paths[n].until = clock_monotonic() + LIFE;
	net_pmtu_any = true;
}
