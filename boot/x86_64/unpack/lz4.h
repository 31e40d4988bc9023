/* SPDX-License-Identifier: MIT */
/*
 * A decoder of one LZ4 frame, small and quick: a boot is counted in instructions, and this takes two for a byte where deflate takes
 * twenty. Format: "LZ4 Frame Format Description" 1.6, "LZ4 Block Format Description". Checksums are skipped. Also compiled into
 * a host test.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LZ4_MAGIC	0x184d2204u
#define LZ4_VERSION_MASK 0xc0u		/* of the flags byte */
#define LZ4_VERSION	0x40u
#define LZ4_BLOCK_SUM	0x10u
#define LZ4_SIZE	0x08u
#define LZ4_DICT	0x01u
#define LZ4_STORED	0x80000000u	/* of a block's size */
#define LZ4_MATCH_MIN	4u
/* Copies are of whole words: so many bytes behind the output's end, and the input's, are written, or read. */
#define LZ4_SLACK	3u

static inline uint32_t lz4_get32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline void lz4_copy_words(uint8_t *d, const uint8_t *s, size_t n)
{
	size_t words = (n + 3) / 4;

	__asm__ volatile("rep movsl" : "+D"(d), "+S"(s), "+c"(words) : : "memory");
}

/* A match may overlap what it makes: each byte comes from @offset bytes before it. */
static inline void lz4_copy_match(uint8_t *d, size_t offset, size_t n)
{
	const uint8_t *s = d - offset;

	if (offset >= 4)
		lz4_copy_words(d, s, n);
	else
		__asm__ volatile("rep movsb" : "+D"(d), "+S"(s), "+c"(n) : : "memory");
}

/* The rest of a length that filled its four bits: bytes until one is not 255. False: the input ends, or it is absurd. */
static inline bool lz4_length(const uint8_t **in, const uint8_t *end, size_t *n)
{
	uint8_t b;

	do {
		if (*in == end || *n > 0x40000000)
			return false;
		b = *(*in)++;
		*n += b;
	} while (b == 255);
	return true;
}

/* One block [in, end) to *out; matches reach back to @start. False: damaged. */
static inline bool lz4_block(const uint8_t *in, const uint8_t *end, uint8_t *start, uint8_t **out, uint8_t *out_end)
{
	uint8_t *o = *out;

	while (in < end) {
		uint8_t token = *in++;
		size_t n = token >> 4, offset;

		if (n == 15 && !lz4_length(&in, end, &n))
			return false;
		if (n > (size_t)(end - in) || n > (size_t)(out_end - o))
			return false;
		lz4_copy_words(o, in, n);
		o += n;
		in += n;
		if (in == end) {	/* the last sequence is literals only */
			*out = o;
			return true;
		}
		if (end - in < 2)
			return false;
		offset = (size_t)(in[0] | in[1] << 8);
		in += 2;
		n = token & 15;
		if (n == 15 && !lz4_length(&in, end, &n))
			return false;
		n += LZ4_MATCH_MIN;
		if (!offset || offset > (size_t)(o - start) || n > (size_t)(out_end - o))
			return false;
		lz4_copy_match(o, offset, n);
		o += n;
	}
	return false;
}

/*
 * Decodes @size bytes at @in to @out, which has room for *@length bytes and LZ4_SLACK; @in has LZ4_SLACK readable bytes behind its
 * end. True, and what it became in *@length; false: not a whole frame, or it does not fit.
 */
static inline bool lz4_decode(const uint8_t *in, size_t size, uint8_t *out, size_t *length)
{
	const uint8_t *end = in + size;
	uint8_t *o = out, flags;
	size_t header;

	if (size < 7 || lz4_get32(in) != LZ4_MAGIC)
		return false;
	flags = in[4];
	header = flags & LZ4_SIZE ? 15 : 7;
	if ((flags & LZ4_VERSION_MASK) != LZ4_VERSION || (flags & LZ4_DICT) || size < header)
		return false;
	in += header;
	for (;;) {
		uint32_t block;
		size_t n;

		if (end - in < 4)
			return false;
		block = lz4_get32(in);
		in += 4;
		if (!block)
			break;
		n = block & ~LZ4_STORED;
		if (n > (size_t)(end - in))
			return false;
		if (block & LZ4_STORED) {
			if (n > (size_t)(out + *length - o))
				return false;
			lz4_copy_words(o, in, n);
			o += n;
		} else if (!lz4_block(in, in + n, out, &o, out + *length)) {
			return false;
		}
		in += n;
		if (flags & LZ4_BLOCK_SUM) {
			if (end - in < 4)
				return false;
			in += 4;
		}
	}
	*length = (size_t)(o - out);
	return true;
}
