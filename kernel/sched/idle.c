/* SPDX-License-Identifier: MIT */
/*
 * The idle loop: what a CPU does with no task. Interrupts are masked from the last look at need_resched until the
 * wait instruction, which an interrupt ends although it is masked; so no wake-up slips in between. The CPU counts as
 * quiescent for RCU exactly while it waits.
 */
#include "sched_internal.h"
#include <kernel/rcu.h>
#include <arch/context.h>

__noreturn void sched_idle_loop(void)
{
	struct task *me = current;

	for (;;) {
		while (!(READ_ONCE(me->head.work) & TIF_NEED_RESCHED)) {
			arch_irq_disable();
			if (!(READ_ONCE(me->head.work) & TIF_NEED_RESCHED)) {
				rcu_idle_enter();
				arch_cpu_idle();
				rcu_idle_exit();
			}
			arch_irq_enable();	/* what woke us is taken here, and may switch on its way out */
		}
		loadavg_update(clock_monotonic());
		schedule();
	}
}
