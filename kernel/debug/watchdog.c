/* SPDX-License-Identifier: MIT */
/*
 * Lock-up watchdog. Costs nothing on an idle CPU: it lives on the scheduler's own tick, which only a busy CPU has.
 *
 * Soft: a CPU that takes its ticks but, at every one for 20 seconds, was found in the kernel with preemption off and
 * without a switch between. Hard: a CPU that has a tick armed and did not take it for 20 seconds; its neighbour's tick
 * notices (with every other CPU idle nobody looks: the price of having no tick there).
 * Each is reported once, with backtraces; watchdog_panic= makes it a panic.
 *
 * Locks: none; every field has one writer, its CPU; neighbours read torn-free words.
 */
#include <kernel/init.h>
#include <kernel/panic.h>
#include <kernel/percpu.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include "debug_internal.h"

#define SOFT_NS	(20 * NSEC_PER_SEC)
#define HARD_NS	(20 * NSEC_PER_SEC)

struct watch {
	nsec_t last_tick;	/* 0: no tick is due */
	nsec_t stuck_since;	/* 0: not stuck */
	uint64_t switches;
	bool soft_reported, hard_reported;
};
static DEFINE_PERCPU(struct watch, watch);
static bool off, make_panic;

static void __cold soft_lockup(struct watch *w, nsec_t now)
{
	w->soft_reported = true;
	pr_emerg("watchdog: CPU %u stuck for %u s in the kernel\n", smp_processor_id(),
		 (unsigned)((now - w->stuck_since) / NSEC_PER_SEC));
	if (make_panic)
		panic("soft lock-up");
	report_context();
	show_backtrace(NULL, NULL);
	report_held_locks(current);
}

static void __cold hard_lockup(unsigned cpu, struct watch *w, nsec_t now)
{
	w->hard_reported = true;
	pr_emerg("watchdog: CPU %u has taken no interrupt for %u s\n", cpu,
		 (unsigned)((now - w->last_tick) / NSEC_PER_SEC));
	if (make_panic)
		panic("hard lock-up of CPU %u", cpu);
	backtrace_other_cpus();
}

static void check_neighbour(unsigned self, nsec_t now)
{
	for (unsigned i = 1; i < nr_cpus; i++) {
		unsigned cpu = (self + i) % nr_cpus;
		struct watch *w;
		nsec_t last;

		if (!cpumask_test(&cpu_online_mask, cpu))
			continue;
		w = &per_cpu(watch, cpu);
		last = READ_ONCE(w->last_tick);
		if (last && now - last > HARD_NS && !w->hard_reported)
			hard_lockup(cpu, w, now);
		return;
	}
}

void watchdog_tick(nsec_t now, bool more, uint64_t switches)
{
	struct watch *w = &this_cpu(watch);

	if (unlikely(off))
		return;
	WRITE_ONCE(w->last_tick, more ? now : 0);
	w->hard_reported = false;
	/* Counted: what the interrupted code holds, without the interrupt's own part. */
	if (likely(!(preempt_count() & 0xffff)) || switches != w->switches) {
		w->switches = switches;
		w->stuck_since = 0;
		w->soft_reported = false;
	} else if (!w->stuck_since) {
		w->stuck_since = now;
	} else if (now - w->stuck_since > SOFT_NS && !w->soft_reported) {
		soft_lockup(w, now);
	}
	if (nr_cpus > 1)
		check_neighbour(smp_processor_id(), now);
}

static int nowatchdog_word(const char *v)
{
	off = true;
	return 0;
}
BOOT_PARAM(nowatchdog, "nowatchdog", nowatchdog_word);

static int panic_word(const char *v)
{
	make_panic = *v == '1';
	return 0;
}
BOOT_PARAM(watchdog_panic, "softlockup_panic=", panic_word);
