/* SPDX-License-Identifier: MIT */
/*
 * Which tables a CPU walks, and TLB shootdown.
 *
 * Generations. Each address space has a number that is never used again (arch.id) and counts its flushes (arch.gen). Each
 * CPU notes, for the address spaces that its TLB may hold entries of, up to which flush it has followed. Who loads an address space
 * whose count has gone on flushes it then; so a flush need only reach the CPUs that use the tables at that moment.
 *
 * Process-context identifiers (PCID), where CPUID has them: a CPU keeps the entries of the last TLB_SLOTS address spaces
 * that it ran, under the numbers 1-TLB_SLOTS, and gives a number to another address space with a flush of it. 0 is the kernel's own
 * tables, whose user half is empty. Without PCID there is one slot, and loading CR3 drops all but global entries.
 * Kernel entries are global in every table: INVLPG drops those under any PCID (SDM volume 3, "Operations that invalidate TLBs
 * and paging-structure caches"), and the kernel's tables are never freed, so their cached walks stay true.
 *
 * Lazy: a CPU that goes over to a kernel thread or to idling keeps the tables loaded, marked lazy; coming back costs nothing when
 * no flush came in between. A flush leaves lazy CPUs alone, except when tables are freed: a CPU may walk what CR3 points to at any
 * time, so it must leave them for the kernel's. An address space that ends makes every CPU leave.
 *
 * Barriers. mm->cpus has a bit for each CPU that has the tables loaded.
 *	flush:	change entries;	arch.gen + 1 (locked: a full barrier);	read mm->cpus and `lazy`
 *	load:	set the bit in mm->cpus (locked);			read arch.gen; load CR3
 *	wake:	lazy = false; full barrier;				read arch.gen; flush if it went on
 * Of the two sides at least one sees the other: either the flush sees the bit (and not lazy) and asks the CPU, or
 * the CPU sees the new count and flushes; CR3 is loaded after arch.gen is read, so walks that follow see the entries.
 *
 * Requests. Each CPU has one, which lists the CPUs that have yet to answer; a CPU that asks waits for all, with preemption off,
 * serving the others' when interrupts are off: two may ask one another. X86_VEC_TLB makes a CPU look at the requests of
 * all CPUs, so several at once cost one interrupt; `asked` says that one is on its way. Who flushes may hold a spinlock that others
 * spin on with interrupts on (pt_lock), never one that is taken with interrupts off, and is no interrupt handler.
 * Each caller (gather, mprotect, fork) asks once for its whole range: that is the batching.
 *
 * Locks: none. struct tlb_cpu is written by its CPU with interrupts off, except `asked` and `pending` (atomic).
 */
#include <kernel/init.h>
#include <kernel/panic.h>
#include <kernel/percpu.h>
#include <kernel/smp.h>
#include <kernel/task.h>
#include <kernel/vm.h>
#include <arch/smp.h>
#include <machine/boot.h>
#include <machine/x86.h>

/* Beyond this many pages one flush of everything is cheaper than one instruction each. */
#define FLUSH_PAGES_MAX	33
#define TLB_SLOTS	6
#define CR3_KEEP	BIT64(63)	/* MOV to CR3 drops nothing of the PCID it loads */

extern uint64_t x86_kernel_cr3;

struct flush {
	struct mm *mm;			/* &init_mm: kernel addresses */
	vaddr_t start, end;		/* end 0: all of it */
	uint64_t gen;			/* arch.gen that this flush made */
	struct cpumask pending;		/* [atomic] who has yet to do it */
};

struct tlb_slot {
	uint64_t id, gen;		/* of an address space; 0: none. Entries under this PCID are no older than gen */
};

struct tlb_cpu {
	struct mm *mm;			/* whose tables CR3 has; NULL: the kernel's */
	bool lazy;			/* ... and no task of it runs here */
	unsigned slot, next;		/* of mm; the one to be given away next */
	struct tlb_slot slots[TLB_SLOTS];
	struct flush request;		/* this CPU's */
	unsigned asked __cacheline_aligned;	/* [atomic] an interrupt is on its way here */
};
static DEFINE_PERCPU(struct tlb_cpu, tlb_cpu);
static atomic64_t next_id;

static void invlpg(vaddr_t va)
{
	__asm__ volatile("invlpg (%0)" : : "r"(va) : "memory");
}

/* A number for the life of @mm: what is cached under an old one can never be taken for its own. */
void x86_tlb_mm_init(struct mm *mm)
{
	mm->arch.id = (uint64_t)atomic64_add_return(&next_id, 1);
	atomic64_set(&mm->arch.gen, 0);
}

/* ---- what a CPU has loaded; interrupts are off */

/* CR3 of the tables of tc->mm, its entries dropped unless @keep. */
static void load_cr3(const struct tlb_cpu *tc, bool keep)
{
	uint64_t cr3 = virt_to_phys(tc->mm->arch.root);

	if (x86_has_pcid)
		cr3 |= (tc->slot + 1) | (keep ? CR3_KEEP : 0);
	write_cr3(cr3);
}

/* Everything of the address space that is loaded, up to its last flush: the count is read first. */
static void flush_loaded(struct tlb_cpu *tc)
{
	tc->slots[tc->slot].gen = (uint64_t)atomic64_read(&tc->mm->arch.gen);
	load_cr3(tc, false);
}

static void leave(struct tlb_cpu *tc)
{
	struct mm *mm = tc->mm;

	if (!mm)
		return;
	tc->mm = NULL;
	tc->lazy = false;
	write_cr3(x86_kernel_cr3);
	/* After the load: until then the CPU may fetch entries of it. */
	cpumask_clear_cpu(&mm->cpus, smp_processor_id());
}

/* The slot of @mm, taken from another where it has none; true: what is cached under it may stay. */
static bool find_slot(struct tlb_cpu *tc, const struct mm *mm, uint64_t gen)
{
	struct tlb_slot *s = tc->slots;
	unsigned i = 0;
	bool keep;

	if (x86_has_pcid) {
		while (i < TLB_SLOTS && s[i].id != mm->arch.id)
			i++;
		if (i == TLB_SLOTS) {
			i = tc->next;
			tc->next = i + 1 < TLB_SLOTS ? i + 1 : 0;
		}
	}
	keep = s[i].id == mm->arch.id && s[i].gen == gen;
	s[i] = (struct tlb_slot){ mm->arch.id, gen };
	tc->slot = i;
	return keep;
}

static void wake(struct tlb_cpu *tc)
{
	WRITE_ONCE(tc->lazy, false);
	smp_mb();	/* not lazy any more, before the count: "wake" above */
	if (unlikely((uint64_t)atomic64_read(&tc->mm->arch.gen) != tc->slots[tc->slot].gen))
		flush_loaded(tc);
}

void arch_mm_deactivate(void)
{
	struct tlb_cpu *tc = &this_cpu(tlb_cpu);

	/* Release: the last accesses by this task's own addresses come first. */
	if (tc->mm)
		smp_store_release(&tc->lazy, true);
}

void arch_mm_switch(struct mm *prev, struct mm *next)
{
	struct tlb_cpu *tc = &this_cpu(tlb_cpu);
	struct mm *was = tc->mm;
	bool keep;

	if (was == next) {
		if (tc->lazy)
			wake(tc);
		return;
	}
	cpumask_set(&next->cpus, smp_processor_id());
	barrier();	/* a locked operation: only the compiler has to be told that the count is read after it */
	keep = find_slot(tc, next, (uint64_t)atomic64_read(&next->arch.gen));
	tc->mm = next;
	WRITE_ONCE(tc->lazy, false);
	load_cr3(tc, keep);
	if (was)
		cpumask_clear_cpu(&was->cpus, smp_processor_id());
}

/* ---- flushes on this CPU; interrupts are off */

/* All entries, the global ones too, under every PCID. */
static void flush_everything(void)
{
	static const uint64_t none[2];
	uint64_t cr4;

	if (x86_has_invpcid) {
		__asm__ volatile("invpcid %0, %1" : : "m"(none), "r"(2ul) : "memory");
		return;
	}
	cr4 = read_cr4();
	write_cr4(cr4 & ~CR4_PGE);
	write_cr4(cr4);
}

static void flush_kernel_here(const struct flush *fl)
{
	vaddr_t va;

	if (!fl->end) {
		flush_everything();
		return;
	}
	for (va = fl->start; va < fl->end; va += PAGE_SIZE)
		invlpg(va);
}

static void flush_here(const struct flush *fl)
{
	struct tlb_cpu *tc = &this_cpu(tlb_cpu);
	struct tlb_slot *s;
	vaddr_t va;

	if (fl->mm == &init_mm) {
		flush_kernel_here(fl);
		return;
	}
	if (tc->mm != fl->mm)
		return;			/* it compares counts when it comes back */
	if (tc->lazy) {
		leave(tc);
		return;
	}
	s = &tc->slots[tc->slot];
	if (s->gen >= fl->gen)
		return;			/* a later one has done it already */
	if (!fl->end || s->gen + 1 != fl->gen) {
		flush_loaded(tc);	/* all of it, or more than one flush to catch up with */
		return;
	}
	for (va = fl->start; va < fl->end; va += PAGE_SIZE)
		invlpg(va);
	s->gen = fl->gen;
}

/* ---- requests */

/* What other CPUs ask of this one. Interrupts are off. */
static void serve(void)
{
	unsigned self = smp_processor_id();

	/* Cleared before we look: who finds it set has listed its request before (a locked operation on both sides). */
	(void)xchg(&this_cpu(tlb_cpu).asked, 0u);
	for (unsigned cpu = 0; cpu < nr_cpus; cpu++) {
		struct flush *fl = &per_cpu(tlb_cpu, cpu).request;

		/* Acquire: the request was filled in before the bit. */
		if (!(__atomic_load_n(&fl->pending.bits[self / 64], __ATOMIC_ACQUIRE) >> self % 64 & 1))
			continue;
		flush_here(fl);
		/* Release: the translations are gone before the asker goes on; fl may be reused from here on. */
		__atomic_fetch_and(&fl->pending.bits[self / 64], ~(1ul << self % 64), __ATOMIC_RELEASE);
	}
}

static bool any_pending(const struct flush *fl)
{
	for (unsigned i = 0; i < ARRAY_SIZE(fl->pending.bits); i++)
		/* Only those online: a panic stops CPUs that will never answer. */
		if (__atomic_load_n(&fl->pending.bits[i], __ATOMIC_ACQUIRE) & READ_ONCE(cpu_online_mask.bits[i]))
			return true;
	return false;
}

/* This CPU's request is filled in, but for @mask; preemption is off. Own part, then waits for the others. */
static void shootdown(const struct flush *fl, const struct cpumask *mask)
{
	struct flush *req = &this_cpu(tlb_cpu).request;
	struct cpumask send = { { 0 } };
	irqflags_t f;
	unsigned i;

	ASSERT(!in_hardirq());		/* it might have interrupted another request of this CPU's */
	req->mm = fl->mm;
	req->start = fl->start;
	req->end = fl->end;
	req->gen = fl->gen;
	/* Release: a CPU may look at it as soon as it is listed, because of another one's interrupt. */
	for (i = 0; i < ARRAY_SIZE(mask->bits); i++)
		__atomic_store_n(&req->pending.bits[i], mask->bits[i], __ATOMIC_RELEASE);
	for_each_cpu(cpu, mask)
		if (!xchg(&per_cpu(tlb_cpu, cpu).asked, 1u))
			send.bits[cpu / 64] |= 1ul << cpu % 64;
	x86_ipi_send_vector(&send, X86_VEC_TLB);
	f = arch_irq_save();
	flush_here(fl);
	arch_irq_restore(f);
	while (any_pending(req)) {
		/* A stack is unmapped with interrupts off: two such CPUs wait for one another. smp_call() never waits so. */
		if (arch_irqs_disabled())
			serve();
		arch_cpu_relax();
	}
}

/* @fl without its generation: entries have changed. @tables: page-table pages are about to be freed. */
static void flush_user(struct flush *fl, bool tables)
{
	struct cpumask mask;
	uint64_t others = 0;
	irqflags_t f;
	unsigned self;

	/* A full barrier: the entries before it, mm->cpus and `lazy` after it. */
	fl->gen = (uint64_t)atomic64_add_return(&fl->mm->arch.gen, 1);
	preempt_disable();
	self = smp_processor_id();
	for (unsigned i = 0; i < ARRAY_SIZE(mask.bits); i++) {
		mask.bits[i] = READ_ONCE(fl->mm->cpus.bits[i]);
		if (i == self / 64)
			mask.bits[i] &= ~(1ul << self % 64);
		others |= mask.bits[i];
	}
	if (unlikely(others)) {
		others = 0;
		for_each_cpu(cpu, &mask) {
			if (!tables && READ_ONCE(per_cpu(tlb_cpu, cpu).lazy))
				mask.bits[cpu / 64] &= ~(1ul << cpu % 64);
			else
				others = 1;
		}
	}
	if (unlikely(others)) {
		shootdown(fl, &mask);
	} else {
		f = arch_irq_save();
		flush_here(fl);
		arch_irq_restore(f);
	}
	preempt_enable();
}

void arch_tlb_flush_range(struct mm *mm, vaddr_t start, vaddr_t end, bool tables)
{
	struct flush fl = { .mm = mm };

	if (mm == &init_mm) {
		arch_tlb_flush_kernel(start, end);
		return;
	}
	if (end - start <= FLUSH_PAGES_MAX * PAGE_SIZE) {
		fl.start = start;
		fl.end = end;
	}
	flush_user(&fl, tables);
}

void arch_tlb_flush_page(struct mm *mm, vaddr_t va)
{
	arch_tlb_flush_range(mm, va, va + PAGE_SIZE, false);
}

void arch_tlb_flush_mm(struct mm *mm)
{
	arch_tlb_flush_range(mm, 0, ~0ul, false);
}

/*
 * An old entry that another CPU keeps makes it fault; the fault drops the entry (SDM volume 3, "Invalidation of TLBs and
 * Paging-Structure Caches": page faults), so the access goes through the second time. Here it is dropped at once, to save that.
 */
void arch_tlb_flush_relaxed(struct mm *mm, vaddr_t start, vaddr_t end)
{
	struct tlb_cpu *tc;
	irqflags_t f = arch_irq_save();

	tc = &this_cpu(tlb_cpu);
	if (tc->mm == mm) {
		if (end - start > FLUSH_PAGES_MAX * PAGE_SIZE)
			flush_loaded(tc);
		else
			for (vaddr_t va = start; va < end; va += PAGE_SIZE)
				invlpg(va);
	}
	arch_irq_restore(f);
}

void arch_tlb_flush_kernel(vaddr_t start, vaddr_t end)
{
	struct flush fl = { .mm = &init_mm };
	struct cpumask mask = cpu_online_mask;
	irqflags_t f;
	unsigned self;

	if (end - start <= FLUSH_PAGES_MAX * PAGE_SIZE) {
		fl.start = start;
		fl.end = end;
	}
	smp_mb();	/* the entries before any CPU is told */
	preempt_disable();
	self = smp_processor_id();
	mask.bits[self / 64] &= ~(1ul << self % 64);
	if (cpus_online() > 1) {
		shootdown(&fl, &mask);
	} else {
		f = arch_irq_save();
		flush_here(&fl);
		arch_irq_restore(f);
	}
	preempt_enable();
}

/* No task uses it any more; lazy CPUs may have it loaded. They leave before the tables are freed. */
void arch_mm_exit(struct mm *mm)
{
	struct flush fl = { .mm = mm };

	flush_user(&fl, true);
}

/* Online now, so asked from here on; what was flushed before went by this CPU. */
void arch_cpu_online(void)
{
	flush_everything();
}

void __init x86_tlb_init(void)
{
	x86_ipi_set_tlb_handler(serve);
}
