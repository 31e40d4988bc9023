/* SPDX-License-Identifier: MIT */
/*
 * The word-wise handling of names: ends, hashes, comparison, against plain bytewise code.
 * UNIT-SOURCES:
 */
#include "unit.h"
#include "../../../kernel/fs/vfs/name_hash.h"

size_t strlen(const char *s);
void *memcpy(void *d, const void *s, size_t n);
void *memset(void *d, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);

static uint32_t state = 1;
static unsigned rnd(unsigned n)
{
	state = state * 1664525 + 1013904223;
	return (state >> 8) % n;
}

static unsigned plain_length(const char *s)
{
	unsigned n = 0;

	while (s[n] && s[n] != '/')
		n++;
	return n;
}

/* A heap block of exactly the promised size: the address sanitizer sees a byte too many. */
static char *padded(const char *text, size_t n)
{
	char *p = calloc(1, n + 1 + NAME_PAD);

	memcpy(p, text, n);
	return p;
}

TEST(ends_and_hashes_agree_with_bytes)
{
	char text[80];

	for (unsigned round = 0; round < 20000; round++) {
		unsigned n = rnd(70) + 1, len;
		uint32_t h;
		char *p;

		for (unsigned i = 0; i < n; i++) {
			/* All byte values, with slashes, their neighbours and 0x80.. often. */
			static const unsigned char odd[] = { '/',  '.',	 '0',  0x80, 0xff,
							     0x01, 0x2e, 0x30, 0xaf };

			text[i] = (char)(rnd(3) ? rnd(255) + 1 : odd[rnd(sizeof(odd))]);
		}
		text[n] = 0;
		p = padded(text, n);
		len = name_component(round, p, &h);
		CHECK_EQ(len, plain_length(text));
		CHECK_EQ(h, name_hash_bytes(round, text, len));
		free(p);
	}
}

TEST(comparison_agrees_with_bytes)
{
	for (unsigned round = 0; round < 20000; round++) {
		unsigned len = rnd(40) + 1;
		char cached[64] = { 0 }, path[64];
		char *p;

		for (unsigned i = 0; i < sizeof(path); i++)
			path[i] = (char)rnd(256);
		memcpy(cached, path, len);
		if (rnd(2))
			cached[rnd(len)] ^= (char)(1 << rnd(8));
		p = padded(path, len);
		memset(p + len, 0x2f, NAME_PAD);	/* what stands behind does not matter */
		CHECK_EQ(name_same(cached, p, len), !memcmp(cached, path, len));
		free(p);
	}
}

TEST(names_of_one_directory_spread)
{
	unsigned buckets[256] = { 0 }, worst = 0;

	for (unsigned i = 0; i < 25600; i++) {
		char name[16];
		unsigned n = 0;

		for (unsigned v = i; n < 6; v /= 10)
			name[n++] = (char)('0' + v % 10);
		buckets[name_hash_bytes(0x123456, name, n) >> 24]++;
	}
	for (unsigned i = 0; i < 256; i++)
		if (buckets[i] > worst)
			worst = buckets[i];
	CHECK(worst < 200);	/* 100 on the average */
}
