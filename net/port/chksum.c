/* SPDX-License-Identifier: MIT */
/*
 * The Internet's checksum (RFC 1071) over a piece of memory, as lwIP wants it: the sum of its 16-bit words as they lie in memory, folded,
 * not complemented; a last odd byte counts as if a zero followed. A piece that begins at an odd address is summed from there on,
 * all the same: processors here load from any address.
 *
 * 64-bit words are added as two halves, so that no carry is lost and none has to be looked at.
 */
#include "port.h"

struct word {
	uint64_t v;
} __attribute__((packed, may_alias));

struct half {
	uint32_t v;
} __attribute__((packed, may_alias));
struct quarter {
	uint16_t v;
} __attribute__((packed, may_alias));

uint16_t lwip_port_chksum(const void *p, int n)
{
	const uint8_t *b = p;
	uint64_t s0 = 0, s1 = 0, w;

	for (; n >= 64; n -= 64, b += 64) {
		const struct word *v = (const struct word *)(const void *)b;

#pragma GCC unroll 8
		for (unsigned i = 0; i < 8; i++) {
			s0 += v[i].v & UINT32_MAX;
			s1 += v[i].v >> 32;
		}
	}
	for (; n >= 8; n -= 8, b += 8) {
		w = ((const struct word *)(const void *)b)->v;
		s0 += w & UINT32_MAX;
		s1 += w >> 32;
	}
	/* What is left, at most seven bytes. */
	if (n & 4) {
		s0 += ((const struct half *)(const void *)b)->v;
		b += 4;
	}
	if (n & 2) {
		s1 += ((const struct quarter *)(const void *)b)->v;
		b += 2;
	}
	if (n & 1)
		s1 += *b;
	s0 += s1;
	s0 = (s0 & UINT32_MAX) + (s0 >> 32);
	s0 = (s0 & UINT32_MAX) + (s0 >> 32);
	s0 = (s0 & UINT16_MAX) + (s0 >> 16);
	s0 = (s0 & UINT16_MAX) + (s0 >> 16);
	return (uint16_t)((s0 & UINT16_MAX) + (s0 >> 16));
}
