/* SPDX-License-Identifier: MIT */
/*
 * IP options of packets that came, for sockets that ask for them: IP_RECVOPTS gives them as they are in the header, IP_RETOPTS those
 * that an answer would carry: the recorded route and the time stamps.
 *
 * A recorded route has this machine's own address in the next free place. Options are bytes of a stranger's: a length that does
 * not fit ends the walk.
 *
 * Locks: net_lock while a message is queued; later it is its reader's.
 * References: RFC 791, 3.1; ip(7).
 */
#include "inet.h"
#include <kernel/string.h>
#include "lwip/ip4.h"

#define OPT_END	0u
#define OPT_NOP	1u
#define OPT_RR	7u
#define OPT_TS	68u
#define OPTS_MAX 40u

/* The option at @at, its length in *len; NULL: there are no more. */
static uint8_t *option_at(uint8_t *opts, unsigned nr, unsigned at, unsigned *len)
{
	if (at >= nr || opts[at] == OPT_END)
		return NULL;
	*len = 1;
	if (opts[at] != OPT_NOP)
		*len = at + 1 < nr ? opts[at + 1] : 0;
	return *len && (opts[at] == OPT_NOP || *len >= 2) && at + *len <= nr ? opts + at : NULL;
}

void inet_ipopts_keep(struct inet_msg *m)
{
	const struct ip_hdr *h = ip4_current_header();
	unsigned nr = IPH_HL_BYTES(h) - IP_HLEN, len, room;
	uint32_t own = ip4_of(&m->to);
	uint8_t *o;

	m->ipopts = kmalloc(OPTS_MAX, GFP_KERNEL | GFP_NOWARN);
	if (!m->ipopts)
		return;
	memcpy(m->ipopts, h + 1, nr);
	m->nr_ipopts = (uint8_t)nr;
	for (unsigned at = 0; (o = option_at(m->ipopts, nr, at, &len)); at += len) {
		if (*o != OPT_RR || len < 3)
			continue;
		room = o[2];	/* counted from 1: where the next address goes */
		if (room >= 4 && room + 3 <= len) {
			memcpy(o + room - 1, &own, 4);
			o[2] = (uint8_t)(room + 4);
		}
	}
}

/* Those of @kind behind what is in @out already. */
static unsigned take(struct inet_msg *m, uint8_t *out, unsigned used, unsigned kind)
{
	unsigned len;
	uint8_t *o;

	for (unsigned at = 0; (o = option_at(m->ipopts, m->nr_ipopts, at, &len)); at += len)
		if (*o == kind) {
			memcpy(out + used, o, len);
			return used + len;
		}
	return used;
}

int inet_ipopts_put(struct sockmsg *to, struct inet_msg *m, bool as_they_are, bool to_return)
{
	uint8_t back[OPTS_MAX] = { 0 };
	unsigned n;
	int err = 0;

	if (as_they_are)
		err = socket_put_cmsg(to, IPPROTO_IP, IP_RECVOPTS, m->ipopts, m->nr_ipopts);
	if (err || !to_return)
		return err;
	n = take(m, back, take(m, back, 0, OPT_RR), OPT_TS);
	return socket_put_cmsg(to, IPPROTO_IP, IP_RETOPTS, back, ALIGN_UP(n, 4u));
}
