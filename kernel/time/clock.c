/* SPDX-License-Identifier: MIT */
/*
 * Clocks: monotonic time out of one hardware counter, real time as an offset to it.
 *
 * Invariants: the counter is the same on every CPU and never goes back, so monotonic time is
 * (counter - base) * mult >> 32 with a 128-bit product and needs no lock, no tick and no update. The only
 * thing that changes is realtime_offset, one 64-bit word. BOOTTIME equals MONOTONIC while there is no suspend.
 *
 * Locks: set_lock serialises clock_set_realtime().
 */
#include <kernel/time.h>
#include <kernel/panic.h>
#include <kernel/smp.h>
#include <kernel/spinlock.h>
#include <kernel/timer.h>
#include <kernel/vdso.h>
#include <arch/barrier.h>
#include "time_internal.h"

nsec_t realtime_offset;
static const struct clocksource *source __ro_after_init;
static uint64_t base_cycles __ro_after_init, mult __ro_after_init;
static DEFINE_SPINLOCK(set_lock, LR_LEAF);

void clocksource_register(const struct clocksource *cs)
{
	uint64_t now = cs->read();

	if (!cs->freq_hz || (source && source->freq_hz >= cs->freq_hz))
		return;
	if (source)
		panic("clocksource %s after %s: time would jump", cs->name, source->name);
	/* 2^32 ns-per-cycle units; the division happens once. */
	mult = (uint64_t)(((unsigned __int128)NSEC_PER_SEC << 32) / cs->freq_hz);
	/* Time zero is when the counter was zero: firmware's time counts as up time, as on Linux it does not. */
	base_cycles = now;
	smp_store_release(&source, cs);
}

nsec_t clock_monotonic(void)
{
	if (unlikely(!source))
		return 0;
	return (nsec_t)((unsigned __int128)(source->read() - base_cycles) * mult >> 32);
}

nsec_t clock_realtime(void)
{
	return clock_monotonic() + READ_ONCE(realtime_offset);
}

nsec_t clock_boottime(void)
{
	return clock_monotonic();
}

nsec_t clock_realtime_coarse(void)
{
	return clock_realtime();
}

static void timers_requeue(void *arg)
{
	timer_clock_was_set();
}

/* Everything that waits for an absolute real time looks again: the timers of every CPU, and timerfds that asked to be told. */
void clock_set_realtime(nsec_t now)
{
	irqflags_t f = spin_lock_irqsave(&set_lock);

	WRITE_ONCE(realtime_offset, now - clock_monotonic());
	time_update_vdso();
	spin_unlock_irqrestore(&set_lock, f);
	if (arch_irqs_disabled()) {	/* at boot, before there are others */
		timer_clock_was_set();
		return;
	}
	smp_call(&cpu_online_mask, timers_requeue, NULL, true);
	timerfd_clock_was_set();
}

/* The constants that the vDSO computes with; only realtime_offset changes after boot. */
void time_update_vdso(void)
{
	if (source)
		vdso_update(base_cycles, mult, realtime_offset);
}

void time_init(void)
{
	if (!source)
		panic("no clock: the device tree names no timer that we know");
	pr_info("clock: %s at %lu Hz", source->name, (unsigned long)source->freq_hz);
	time_update_vdso();
}

void udelay(unsigned us)
{
	nsec_t end = clock_monotonic() + us * NSEC_PER_USEC;

	if (!source) {		/* before the timer driver: bounded, roughly a microsecond each on a fast CPU */
		for (volatile unsigned i = 0; i < us * 1000u; i++)
			arch_cpu_relax();
		return;
	}
	while (clock_monotonic() < end)
		arch_cpu_relax();
}

bool poll_timeout(nsec_t *start, nsec_t timeout_ns)
{
	nsec_t now = clock_monotonic();

	if (!*start) {
		*start = now ? now : 1;
		return true;
	}
	arch_cpu_relax();
	return now - *start < timeout_ns;
}
