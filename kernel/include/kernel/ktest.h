/* SPDX-License-Identifier: MIT */
/* In-kernel tests, compiled in with CONFIG_KTEST, run by the word `ktest[=SEED][,FILTER]` of the command line. kernel/debug/ktest.c. */
#pragma once
#include <kernel/printk.h>
struct ktest {
	const char *suite, *name;
	void (*fn)(void);
};
#define KTEST(s, n)                                                                                \
	static void ktest_##s##_##n(void);                                                         \
	static const struct ktest ktest_desc_##s##_##n __used __section(".ktests") __aligned(8) = {#s, #n, ktest_##s##_##n}; \
	static void ktest_##s##_##n(void)
void ktest_fail(const char *file, int line, const char *fmt, ...) __printf(3, 4);
#define EXPECT_TRUE(c) do { if (!(c)) ktest_fail(__FILE__, __LINE__, "%s", #c); } while (0)
#define EXPECT_EQ(a, b) do { long long _a = (long long)(a), _b = (long long)(b); if (_a != _b) ktest_fail(__FILE__, __LINE__, "%s is %lld, not %lld", #a, _a, _b); } while (0)
#define EXPECT_OK(e) EXPECT_EQ(e, 0)
void ktest_run(const char *arg);	/* all, shuffled; prints TAP and "N passed, N failed"; then powers off */
