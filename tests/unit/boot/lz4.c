/* SPDX-License-Identifier: MIT */
/*
 * The unpacking code's LZ4 decoder: frames made here from random sequences come back byte for byte; cut or damaged ones
 * are refused or come out wrong, and nothing is touched beyond the slack. The decoder's copies are string instructions, which
 * ASan does not see: both buffers end LZ4_SLACK bytes before a page without access.
 *
 * UNIT-SOURCES:
 * UNIT-FLAGS: -Iboot/x86_64/unpack
 */
#include <string.h>
#include <sys/mman.h>
#include "unit.h"
#if defined(__x86_64__)		/* the copies are x86's */
#include "lz4.h"

#define ROOM (1u << 20)

static uint8_t *guarded(void)
{
	uint8_t *p = mmap(NULL, ROOM + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || mprotect(p + ROOM, 4096, PROT_NONE))
		abort();
	return p + ROOM;
}

static uint64_t seed = 88172645463325252ull;
static unsigned pick(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed >> 33) % n;
}

/* What is packed, and what it should become. */
static uint8_t frame[400000], plain[400000];
static size_t nframe, nplain;

static void put(unsigned b) { frame[nframe++] = (uint8_t)b; }
static void put32(uint32_t v) { for (int i = 0; i < 4; i++) put(v >> 8 * i & 255); }

static void put_length(size_t n)
{
	for (; n >= 255; n -= 255)
		put(255);
	put((unsigned)n);
}

static size_t length_like(unsigned kind)
{
	return kind == 0 ? pick(4) : kind == 1 ? 12 + pick(8) : kind == 2 ? 250 + pick(40) : pick(2000);
}

/* A block of @nseq sequences with matches at any distance, and a last one of literals only. */
static void make_block(unsigned nseq)
{
	size_t at = nframe;

	put32(0);
	for (unsigned i = 0; i <= nseq; i++) {
		size_t lit = length_like(pick(4)), match = length_like(pick(4)), offset;

		if (i == 0)
			lit++;		/* something to match */
		put((unsigned)((lit < 15 ? lit : 15) << 4 | (i < nseq ? match < 15 ? match : 15 : 0)));
		if (lit >= 15)
			put_length(lit - 15);
		for (size_t k = 0; k < lit; k++)
			put(plain[nplain++] = (uint8_t)pick(256));
		if (i == nseq)
			break;
		offset = 1 + (pick(2) ? pick(6) : pick(70000));
		offset = offset > nplain ? nplain : offset > 65535 ? 65535 : offset;
		put(offset & 255);
		put((unsigned)(offset >> 8));
		if (match >= 15)
			put_length(match - 15);
		for (size_t k = 0; k < match + 4; k++, nplain++)
			plain[nplain] = plain[nplain - offset];
	}
	for (int i = 0; i < 4; i++)
		frame[at + (size_t)i] = (uint8_t)((nframe - at - 4) >> 8 * i);
}

static void make_frame(bool sums)
{
	nframe = nplain = 0;
	put32(LZ4_MAGIC);
	put(LZ4_VERSION | LZ4_SIZE | (sums ? LZ4_BLOCK_SUM : 0));
	put(0x40);
	for (int i = 0; i < 9; i++)
		put(0);
	for (unsigned b = 1 + pick(4); b; b--) {
		if (pick(4) == 0) {
			size_t n = 1 + pick(300);

			put32(LZ4_STORED | (uint32_t)n);
			while (n--)
				put(plain[nplain++] = (uint8_t)pick(256));
		} else {
			make_block(pick(20));
		}
		if (sums)
			put32(0x12345678);
	}
	put32(0);
}

/* Decodes the first @n bytes of the frame with both buffers against their guards. */
static bool decode(size_t n, size_t room, uint8_t *in_end, uint8_t *out_end, size_t *got)
{
	uint8_t *in = in_end - LZ4_SLACK - n;

	memcpy(in, frame, n);
	*got = room;
	return lz4_decode(in, n, out_end - LZ4_SLACK - room, got);
}

TEST(round_trips)
{
	uint8_t *in_end = guarded(), *out_end = guarded();
	size_t n;

	for (int i = 0; i < 3000; i++) {
		make_frame(i & 1);
		CHECK(decode(nframe, nplain, in_end, out_end, &n));
		CHECK_EQ(n, nplain);
		CHECK(!memcmp(out_end - LZ4_SLACK - nplain, plain, nplain));
		/* One byte too little room. */
		CHECK(!decode(nframe, nplain - 1, in_end, out_end, &n));
	}
}

TEST(cut_short)
{
	uint8_t *in_end = guarded(), *out_end = guarded();
	size_t n;

	for (int i = 0; i < 30; i++) {
		do
			make_frame(i & 1);
		while (nframe > 5000);
		for (size_t cut = 0; cut < nframe; cut++)
			CHECK(!decode(cut, nplain, in_end, out_end, &n));
	}
}

/* Whatever comes out: nothing beyond the slack is touched. */
TEST(damaged)
{
	uint8_t *in_end = guarded(), *out_end = guarded();
	size_t n;

	for (int i = 0; i < 20000; i++) {
		if (i % 100 == 0)
			make_frame(i & 1);
		frame[7 + pick((unsigned)nframe - 7)] ^= (uint8_t)(1 + pick(255));
		(void)decode(nframe, nplain, in_end, out_end, &n);
		CHECK(n <= nplain);
	}
}
#else
TEST(only_on_x86) { CHECK(true); }
#endif
