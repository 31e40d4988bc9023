/* SPDX-License-Identifier: MIT */
/*
 * The slow path of spinlocks. A ticket lock: fetch-and-add took our ticket, we wait for the owner field
 * to reach it. The acquire load pairs with the release store of spin_raw_unlock().
 */
#include <kernel/spinlock.h>
#include <kernel/panic.h>
#include <arch/barrier.h>

__noinline void spin_lock_contended(struct spinlock *l, uint16_t ticket)
{
	while (smp_load_acquire(&l->owner) != ticket)
		arch_cpu_relax();
}
