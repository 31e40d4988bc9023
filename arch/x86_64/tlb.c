/* SPDX-License-Identifier: MIT */
/*
 * Which tables a CPU walks, and TLB shootdown by interrupts.
 *
 * mm->cpus has a bit for each CPU whose CR3 is the address space's root. A CPU that goes over to a kernel thread
 * keeps the tables loaded ("lazy"): coming back costs nothing. A flush makes a lazy CPU leave them instead of flushing, so it is
 * asked once only. An address space that ends makes every CPU leave.
 *
 * Order: a CPU sets its bit (a locked operation, a full barrier) before it loads CR3; a flush changes the tables, has a full
 * barrier, then reads mm->cpus. So either the flush sees the bit or the CPU's walks see the change. x86_cpu.mm and .lazy are
 * written with interrupts off and by their CPU alone.
 *
 * Requests go through smp_call(), which waits: whoever flushes may hold a spinlock (pt_lock) that other CPUs spin on with
 * interrupts on. Each caller (gather, mprotect, fork) asks once for its whole range: that is the batching.
 * SDM volume 3, "Invalidation of TLBs and paging-structure caches". INVLPG drops cached walks of all levels too.
 */
#include <kernel/panic.h>
#include <kernel/percpu.h>
#include <kernel/smp.h>
#include <kernel/task.h>
#include <kernel/vm.h>
#include <machine/boot.h>
#include <machine/x86.h>

/* Beyond this many pages one flush of everything is cheaper than one instruction each. */
#define FLUSH_PAGES_MAX	33

extern uint64_t x86_kernel_cr3;

static void invlpg(vaddr_t va)
{
	__asm__ volatile("invlpg (%0)" : : "r"(va) : "memory");
}

/* Interrupts off. */
static void leave(struct x86_cpu *cpu)
{
	struct mm *mm = cpu->mm;

	if (!mm)
		return;
	cpu->mm = NULL;
	cpu->lazy = false;
	write_cr3(x86_kernel_cr3);
	/* After the load: until then the CPU may fetch entries of it. */
	cpumask_clear_cpu(&mm->cpus, smp_processor_id());
}

void x86_load_kernel_tables(void)
{
	irqflags_t f = arch_irq_save();

	leave(&this_cpu(x86_cpu));
	arch_irq_restore(f);
}

void arch_mm_deactivate(void)
{
	struct x86_cpu *cpu = &this_cpu(x86_cpu);

	if (cpu->mm)
		cpu->lazy = true;
}

void arch_mm_switch(struct mm *prev, struct mm *next)
{
	struct x86_cpu *cpu = &this_cpu(x86_cpu);
	struct mm *was = cpu->mm;

	cpu->lazy = false;
	if (was == next)
		return;
	cpumask_set(&next->cpus, smp_processor_id());
	cpu->mm = next;
	write_cr3(virt_to_phys(next->arch.root));
	if (was)
		cpumask_clear_cpu(&was->cpus, smp_processor_id());
}

/* ---- flushes */
struct flush {
	struct mm *mm;
	vaddr_t start, end;		/* end 0: all of it */
};

static void flush_user_here(void *arg)
{
	const struct flush *fl = arg;
	struct x86_cpu *cpu = &this_cpu(x86_cpu);
	vaddr_t va;

	if (cpu->mm != fl->mm)
		return;
	if (cpu->lazy) {
		leave(cpu);
		return;
	}
	if (!fl->end) {
		write_cr3(read_cr3());
		return;
	}
	for (va = fl->start; va < fl->end; va += PAGE_SIZE)
		invlpg(va);
}

static void flush_user(struct mm *mm, vaddr_t start, vaddr_t end)
{
	struct flush fl = { mm, start, end };
	struct cpumask mask;
	irqflags_t f;
	unsigned i, self;
	bool others = false;

	smp_mb();		/* the tables before mm->cpus */
	preempt_disable();
	self = smp_processor_id();
	for (i = 0; i < ARRAY_SIZE(mask.bits); i++)
		mask.bits[i] = READ_ONCE(mm->cpus.bits[i]);
	mask.bits[self / 64] &= ~(1ul << self % 64);
	for (i = 0; i < ARRAY_SIZE(mask.bits); i++)
		others |= mask.bits[i] != 0;
	if (unlikely(others))
		smp_call(&mask, flush_user_here, &fl, true);
	f = arch_irq_save();
	flush_user_here(&fl);
	arch_irq_restore(f);
	preempt_enable();
}

void arch_tlb_flush_page(struct mm *mm, vaddr_t va)
{
	if (mm == &init_mm)
		arch_tlb_flush_kernel(va, va + PAGE_SIZE);
	else
		flush_user(mm, va, va + PAGE_SIZE);
}

void arch_tlb_flush_mm(struct mm *mm)
{
	if (mm == &init_mm)
		arch_tlb_flush_kernel(0, ~0ul);
	else
		flush_user(mm, 0, 0);
}

void arch_tlb_flush_range(struct mm *mm, vaddr_t start, vaddr_t end, bool tables)
{
	if (mm == &init_mm)
		arch_tlb_flush_kernel(start, end);
	else if (end - start > FLUSH_PAGES_MAX * PAGE_SIZE)
		flush_user(mm, 0, 0);
	else
		flush_user(mm, start, end);
}

static void flush_kernel_here(void *arg)
{
	const struct flush *fl = arg;
	irqflags_t f;
	uint64_t cr4;
	vaddr_t va;

	if (fl->end - fl->start > FLUSH_PAGES_MAX * PAGE_SIZE) {
		/* Turning global pages off and on drops them as well. */
		f = arch_irq_save();
		cr4 = read_cr4();
		write_cr4(cr4 & ~CR4_PGE);
		write_cr4(cr4);
		arch_irq_restore(f);
		return;
	}
	for (va = fl->start; va < fl->end; va += PAGE_SIZE)
		invlpg(va);
}

void arch_tlb_flush_kernel(vaddr_t start, vaddr_t end)
{
	struct flush fl = { &init_mm, start, end };

	smp_mb();
	if (cpus_online() > 1)
		smp_call(&cpu_online_mask, flush_kernel_here, &fl, true);
	else
		flush_kernel_here(&fl);
}

/* No task uses it any more; lazy CPUs may have it loaded. They leave before the tables are freed. */
static void leave_here(void *arg)
{
	struct x86_cpu *cpu = &this_cpu(x86_cpu);

	if (cpu->mm == arg)
		leave(cpu);
}

void arch_mm_exit(struct mm *mm)
{
	struct cpumask mask;
	irqflags_t f;
	bool others = false;
	unsigned i, self;

	preempt_disable();
	self = smp_processor_id();
	f = arch_irq_save();
	leave_here(mm);
	arch_irq_restore(f);
	for (i = 0; i < ARRAY_SIZE(mask.bits); i++) {
		mask.bits[i] = READ_ONCE(mm->cpus.bits[i]);
		others |= (mask.bits[i] & ~(i == self / 64 ? 1ul << self % 64 : 0)) != 0;
	}
	if (unlikely(others))
		smp_call(&mask, leave_here, mm, true);
	preempt_enable();
}
