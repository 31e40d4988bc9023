/* SPDX-License-Identifier: MIT */
/* The whole of the host tests' harness. TEST(name) { CHECK(...); } ; no other file includes libc headers beside kernel ones. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int printf(const char *fmt, ...);
void abort(void) __attribute__((noreturn));
void *malloc(size_t n);
void *calloc(size_t n, size_t size);
void *realloc(void *p, size_t n);
void free(void *p);

struct unit_test {
	const char *name;
	void (*fn)(void);
	struct unit_test *next;
};
static struct unit_test *unit_tests;
static unsigned unit_failures;

#define TEST(n)                                                                                    \
	static void test_##n(void);                                                                \
	static struct unit_test unit_##n = { #n, test_##n, 0 };                                    \
	__attribute__((constructor)) static void register_##n(void)                                \
	{                                                                                          \
		unit_##n.next = unit_tests;                                                        \
		unit_tests = &unit_##n;                                                            \
	}                                                                                          \
	static void test_##n(void)

#define CHECK(c) do { if (!(c)) { unit_failures++; printf("# %s:%d: %s\n", __FILE__, __LINE__, #c); } } while (0)
#define CHECK_EQ(a, b) do { long long _x = (long long)(a), _y = (long long)(b);                    \
	if (_x != _y) { unit_failures++; printf("# %s:%d: %s is %lld, not %lld\n", __FILE__, __LINE__, #a, _x, _y); } } while (0)

int main(void)
{
	unsigned bad = 0;

	for (struct unit_test *t = unit_tests; t; t = t->next) {
		unit_failures = 0;
		t->fn();
		printf("%s - %s\n", unit_failures ? "not ok" : "ok", t->name);
		bad += unit_failures != 0;
	}
	return bad != 0;
}
