/* SPDX-License-Identifier: MIT */
/* UNIT-SOURCES: kernel/lib/string.c kernel/lib/number.c kernel/lib/vsnprintf.c */
/* UNIT-FLAGS: -include tests/unit/include/rename.h */
#include <kernel/string.h>
#include <kernel/errno.h>
#include <kernel/panic.h>
#include "unit.h"

bool ksym_lookup(uintptr_t addr, const char **name, size_t *offset, size_t *size)
{
	if (addr != 0x1010)
		return false;
	*name = "f";
	*offset = 0x10;
	*size = 0x20;
	return true;
}

#define FMT(want, ...) do { char b[128]; int n = snprintf(b, sizeof(b), __VA_ARGS__); \
	CHECK_EQ(n, strlen(want)); if (strcmp(b, want)) { CHECK(!"text"); printf("# '%s'\n", b); } } while (0)

TEST(formats_like_printf)
{
	FMT("-5 5 +5  5", "%d %u %+d % d", -5, 5, 5, 5);
	FMT("00042|   42|42   |0x2a|052", "%05d|%5d|%-5d|%#x|%#o", 42, 42, 42, 42, 42);
	FMT("abc|  abc|abc  |ab", "%s|%5s|%-5s|%.2s", "abc", "abc", "abc", "abc");
	FMT("18446744073709551615", "%lu", UINT64_MAX);
	FMT("-9223372036854775808", "%ld", INT64_MIN);
	FMT("ff -1 00ff", "%hhx %hhd %04x", 0x1ff, 255, 255);
	FMT("%c=x", "%%c=%c", 'x');
	FMT("f+0x10/0x20", "%pS", (void *)0x1010);
	FMT("0", "%d", 0);
	FMT("", "%.0d", 0);
	FMT("  007", "%5.3d", 7);
}

TEST(never_writes_beyond_the_buffer)
{
	char b[4] = "zzz";

	CHECK_EQ(snprintf(b, 3, "%s", "abcdef"), 6);
	CHECK(!strcmp(b, "ab"));
	CHECK_EQ(b[3], 0);
	CHECK_EQ(scnprintf(b, sizeof(b), "%d", 123456), 3);
	CHECK_EQ(snprintf(NULL, 0, "%d", 123), 3);
}

TEST(numbers_are_parsed_whole)
{
	uint64_t u;
	int64_t s;
	const char *end;

	CHECK_EQ(kstrtou64("0x1f\n", 0, &u), 0);
	CHECK_EQ(u, 31);
	CHECK_EQ(kstrtou64("010", 0, &u), 0);
	CHECK_EQ(u, 8);
	CHECK_EQ(kstrtou64("12x", 10, &u), -EINVAL);
	CHECK_EQ(kstrtou64("", 10, &u), -EINVAL);
	CHECK_EQ(kstrtou64("18446744073709551616", 10, &u), -ERANGE);
	CHECK_EQ(kstrtos64("-9223372036854775808", 10, &s), 0);
	CHECK(s == INT64_MIN);
	CHECK_EQ(kstrtos64("9223372036854775808", 10, &s), -ERANGE);
	CHECK_EQ(memparse("64M@0x80", &end), 64ll << 20);
	CHECK_EQ(*end, '@');
	CHECK(memparse("99999999999T", &end) == UINT64_MAX);
}

TEST(bitmaps)
{
	unsigned long m[3] = { 0, 1ul << 63, 4 };

	CHECK_EQ(find_next_bit(m, 192, 0), 127);
	CHECK_EQ(find_next_bit(m, 192, 128), 130);
	CHECK_EQ(find_next_bit(m, 130, 128), 130);
	CHECK_EQ(find_next_zero_bit(m, 192, 127), 128);
	CHECK_EQ(find_next_bit(m, 192, 192), 192);
}

static int cmp(const void *a, const void *b)
{
	return *(const int *)a < *(const int *)b ? -1 : *(const int *)a > *(const int *)b;
}

TEST(sorts)
{
	int v[257];
	uint32_t x = 1;

	for (unsigned n = 0; n <= 257; n += 1 + n / 4) {
		for (unsigned i = 0; i < n; i++)
			v[i] = (int)((x = x * 1664525 + 1013904223) >> 20);
		sort(v, n, sizeof(v[0]), cmp);
		for (unsigned i = 1; i < n; i++)
			CHECK(v[i - 1] <= v[i]);
	}
}

TEST(strings)
{
	char b[4];

	CHECK_EQ(strscpy(b, "abc", 4), 3);
	CHECK_EQ(strscpy(b, "abcd", 4), -E2BIG);
	CHECK(!strcmp(b, "abc"));
	CHECK(memcmp("aaaaaaaab", "aaaaaaaac", 9) < 0);
	CHECK(memcmp("\xff", "\x01", 1) > 0);
	CHECK(!strcmp(strstr("hello world", "o w"), "o world"));
	CHECK(strstr("abc", "abcd") == NULL);
	CHECK(!strcmp(strrchr("a/b/c", '/'), "/c"));
	CHECK_EQ(isqrt64(UINT64_MAX), 4294967295ll);
	CHECK_EQ(isqrt64(99), 9);
}
