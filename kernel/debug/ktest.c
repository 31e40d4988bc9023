/* SPDX-License-Identifier: MIT */
/*
 * The in-kernel tests: `ktest`, `ktest=SEED` or `ktest=SEED,FILTER` on the command line of a kernel built with them. They run in
 * the first process before user space, in an order shuffled by the seed, print TAP, and power the machine off.
 */
#include <kernel/ktest.h>
#include <kernel/mm.h>
#include <kernel/random.h>
#include <kernel/smp.h>
#include <kernel/string.h>

extern const struct ktest __ktests_start[], __ktests_end[];
static unsigned failures;	/* of the running test */

void ktest_fail(const char *file, int line, const char *fmt, ...)
{
	char buf[160];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	__atomic_add_fetch(&failures, 1, __ATOMIC_RELAXED);
	printk(LOG_ERR, "# %s:%d: %s", file, line, buf);
}

/* xorshift64*: the same seed gives the same order on every machine. */
static uint64_t next_random(uint64_t *s)
{
	*s ^= *s >> 12;
	*s ^= *s << 25;
	*s ^= *s >> 27;
	return *s * 0x2545f4914f6cdd1dull;
}

/* What ends in a panic, or leaves the kernel in pieces, runs only when it is named: "fatal/NAME". tests/qemu/fatal.sh. */
static bool selected(const struct ktest *t, const char *filter)
{
	if (!strcmp(t->suite, "fatal"))
		return filter && !strncmp(filter, "fatal/", 6) && !strcmp(filter + 6, t->name);
	return !filter || strstr(t->suite, filter) || strstr(t->name, filter);
}

void ktest_run(const char *arg)
{
	unsigned n = (unsigned)(__ktests_end - __ktests_start), passed = 0, failed = 0, count = 0;
	const char *comma = strchr(arg, ','), *filter = comma ? comma + 1 : NULL;
	uint64_t seed = memparse(arg, NULL), state;
	const struct ktest **order = kmalloc_array(n, sizeof(*order), GFP_KERNEL);

	if (!seed)
		seed = random_u64() >> 40 | 1;
	state = seed * 0x9e3779b97f4a7c15ull | 1;
	if (!order)
		return;
	for (unsigned i = 0; i < n; i++)
		if (selected(&__ktests_start[i], filter))
			order[count++] = &__ktests_start[i];
	for (unsigned i = count; i > 1; i--) {
		unsigned j = (unsigned)(next_random(&state) % i);	/* once: SWAP evaluates its arguments twice */

		SWAP(order[i - 1], order[j]);
	}
	printk(LOG_ERR, "1..%u # ktest seed %lu", count, (unsigned long)seed);
	for (unsigned i = 0; i < count; i++) {
		failures = 0;
		order[i]->fn();
		printk(LOG_ERR, "%s %u - %s/%s", failures ? "not ok" : "ok", i + 1, order[i]->suite, order[i]->name);
		if (failures) {
			failed++;
			printk(LOG_ERR, "# again: ktest=%lu,%s", (unsigned long)seed, order[i]->name);
		} else {
			passed++;
		}
	}
	printk(LOG_ERR, "%u passed, %u failed", passed, failed);
	kfree(order);
	system_power_off();
}
