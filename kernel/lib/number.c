/* SPDX-License-Identifier: MIT */
/* Text to numbers, hashes, square roots, bitmaps, sorting. Pure functions; contracts in <kernel/string.h>. */
#include <kernel/string.h>
#include <kernel/errno.h>

static int digit_value(char c)
{
	if (isdigit(c))
		return c - '0';
	c = (char)tolower(c);
	return c >= 'a' && c <= 'z' ? c - 'a' + 10 : 99;
}

static const char *skip_base(const char *s, unsigned *base)
{
	if ((*base == 0 || *base == 16) && s[0] == '0' && (s[1] == 'x' || s[1] == 'X') && digit_value(s[2]) < 16) {
		*base = 16;
		return s + 2;
	}
	if (*base == 0)
		*base = s[0] == '0' ? 8 : 10;
	return s;
}

/* Digits from @s on; *end is where they stop (== s: none). -ERANGE when the value does not fit. */
static int parse_digits(const char *s, unsigned base, uint64_t *out, const char **end)
{
	uint64_t v = 0;
	int err = 0;

	for (; (unsigned)digit_value(*s) < base; s++)
		if (__builtin_mul_overflow(v, base, &v) || __builtin_add_overflow(v, (unsigned)digit_value(*s), &v))
			err = -ERANGE;
	*out = v;
	*end = s;
	return err;
}

int kstrtou64(const char *s, unsigned base, uint64_t *out)
{
	const char *end;
	uint64_t v;
	int err;

	if (*s == '+')
		s++;
	s = skip_base(s, &base);
	err = parse_digits(s, base, &v, &end);
	if (end == s)
		return -EINVAL;
	if (*end == '\n')
		end++;
	if (*end)
		return -EINVAL;
	if (err)
		return err;
	*out = v;
	return 0;
}

int kstrtos64(const char *s, unsigned base, int64_t *out)
{
	bool negative = *s == '-';
	uint64_t v;
	int err = kstrtou64(s + negative, base, &v);

	if (err)
		return err;
	if (negative && s[1] == '+')
		return -EINVAL;
	if (v > (uint64_t)INT64_MAX + negative)
		return -ERANGE;
	*out = negative ? (int64_t)(0 - v) : (int64_t)v;
	return 0;
}

uint64_t memparse(const char *s, const char **end)
{
	unsigned base = 0, shift = 0;
	uint64_t v;

	s = skip_base(s, &base);
	if (parse_digits(s, base, &v, &s))
		v = UINT64_MAX;
	switch (*s) {
	case 'T': case 't':
		shift += 10;
		fallthrough;
	case 'G': case 'g':
		shift += 10;
		fallthrough;
	case 'M': case 'm':
		shift += 10;
		fallthrough;
	case 'K': case 'k':
		shift += 10;
		s++;
	}
	if (end)
		*end = s;
	return v > UINT64_MAX >> shift ? UINT64_MAX : v << shift;
}

/* Multiply-and-fold over eight bytes at a time: good spread for names and keys, no resistance to attack. */
uint32_t hash_bytes(const void *p, size_t n, uint32_t seed)
{
	const unsigned char *s = p;
	uint64_t h = seed ^ n * 0x9e3779b97f4a7c15ull, w;

	for (; n >= 8; n -= 8, s += 8) {
		__builtin_memcpy(&w, s, 8);
		h = (h ^ w) * 0x9fb21c651e98df25ull;
		h ^= h >> 32;
	}
	for (w = 0; n; n--)
		w = w << 8 | *s++;
	h = (h ^ w) * 0x9fb21c651e98df25ull;
	return (uint32_t)(h ^ h >> 32);
}

uint64_t isqrt64(uint64_t v)
{
	uint64_t root = 0;

	for (uint64_t bit = 1ull << 62; bit; bit >>= 2) {
		if (v >= root + bit) {
			v -= root + bit;
			root = (root >> 1) + bit;
		} else {
			root >>= 1;
		}
	}
	return root;
}

static unsigned find_bit(const unsigned long *map, unsigned size, unsigned from, unsigned long flip)
{
	unsigned long w;

	if (from >= size)
		return size;
	w = (map[from / 64] ^ flip) & ~0ul << from % 64;
	for (from = ALIGN_DOWN(from, 64u); !w;) {
		from += 64;
		if (from >= size)
			return size;
		w = map[from / 64] ^ flip;
	}
	from += (unsigned)__builtin_ctzl(w);
	return MIN(from, size);
}

unsigned find_next_bit(const unsigned long *map, unsigned size, unsigned from)
{
	return find_bit(map, size, from, 0);
}

unsigned find_next_zero_bit(const unsigned long *map, unsigned size, unsigned from)
{
	return find_bit(map, size, from, ~0ul);
}

static void swap_bytes(char *a, char *b, size_t n)
{
	for (; n; n--, a++, b++)
		SWAP(*a, *b);
}

static void sift_down(char *base, size_t root, size_t n, size_t size, int (*cmp)(const void *, const void *))
{
	for (size_t child; (child = 2 * root + 1) < n; root = child) {
		if (child + 1 < n && cmp(base + child * size, base + (child + 1) * size) < 0)
			child++;
		if (cmp(base + root * size, base + child * size) >= 0)
			return;
		swap_bytes(base + root * size, base + child * size, size);
	}
}

/* Heap sort: no recursion, no memory, n log n in the worst case. Not stable. */
void sort(void *p, size_t n, size_t size, int (*cmp)(const void *, const void *))
{
	char *base = p;

	for (size_t i = n / 2; i-- > 0;)
		sift_down(base, i, n, size, cmp);
	for (size_t i = n; i-- > 1;) {
		swap_bytes(base, base + i * size, size);
		sift_down(base, 0, i, size, cmp);
	}
}
