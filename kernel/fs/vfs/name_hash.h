/* SPDX-License-Identifier: MIT */
/*
 * Names of paths, eight bytes at a time: where a component ends, its hash, comparing two.
 * Little-endian. Pure, so that
 * the host tests build it as it is.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NAME_PAD 8 /* so many bytes behind the terminator of a name to be walked can be read */

static inline uint64_t load_word(const void *p)
{
	uint64_t w;

	__builtin_memcpy(&w, p, 8);
	return w;
}

static inline uint64_t hash_word(uint64_t h, uint64_t w)
{
	h = (h ^ w) * 0x9e3779b97f4a7c15ull;
	return h ^ h >> 32;
}

static inline uint32_t hash_end(uint64_t h)
{
	return (uint32_t)(h * 0xc2b2ae3d27d4eb4full >> 32);
}

/* The last word counts filled with zeroes, and there is always one. */
static inline uint32_t name_hash_bytes(uint64_t seed, const char *name, size_t len)
{
	uint64_t w = 0;

	for (; len >= 8; len -= 8, name += 8)
		seed = hash_word(seed, load_word(name));
	for (size_t i = 0; i < len; i++)
		w |= (uint64_t)(unsigned char)name[i] << (8 * i);
	return hash_end(hash_word(seed, w));
}

/*
 * The lowest bit set marks the first NUL or slash in @w; 0: there is none. Higher bits may be
 * wrong.
 */
static inline uint64_t name_end(uint64_t w)
{
	const uint64_t ones = 0x0101010101010101ull, highs = 0x8080808080808080ull;
	uint64_t s = w ^ 0x2f2f2f2f2f2f2f2full;

	return (((w - ones) & ~w) | ((s - ones) & ~s)) & highs;
}

/* Length and hash of the component at @name, which ends with a NUL or a slash and is padded. */
static inline unsigned name_component(uint64_t seed, const char *name, uint32_t *hash)
{
	uint64_t w = load_word(name), end;
	unsigned n = 0;

	while (!(end = name_end(w))) {
		seed = hash_word(seed, w);
		n += 8;
		w = load_word(name + n);
	}
	end &= -end;
	w &= (end - 1) >> 7;			/* the bytes below the one that has the mark */
	*hash = hash_end(hash_word(seed, w));
	return n + ((unsigned)__builtin_ctzll(end) >> 3);
}

/* @cached is filled with zeroes to whole words, @name can be read to whole words. @len > 0. */
static inline bool name_same(const char *cached, const char *name, unsigned len)
{
	for (; len > 8; len -= 8, cached += 8, name += 8)
		if (load_word(cached) != load_word(name))
			return false;
	return !((load_word(cached) ^ load_word(name)) << (64 - 8 * len));
}
