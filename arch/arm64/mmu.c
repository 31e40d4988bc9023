/* SPDX-License-Identifier: MIT */
/*
 * Roots of address spaces, and TLB maintenance.
 *
 * Boot (boot/arm64/early.c) has made arm64_kernel_root with the image in it; kernel/mm/kernel_map.c adds the direct map.
 *
 * TLB maintenance, one template:
 *	dsb ishst	the new entry is visible to the table walks of every CPU, or they would refetch the old one
 *	tlbi ...is	broadcast to the inner shareable domain, which is all CPUs of this kernel: no IPI
 *	dsb ish		until this completes another CPU may still use the old translation
 *	isb		kernel addresses only: our own fetched-ahead instructions start over. User addresses: ERET does it.
 * Home. An address space that only one CPU has ever loaded has entries in that CPU's TLB alone (ASIDs are not reused before a
 * flush of everything): its flushes stay there, with the local forms (no "is", dsb nsh). Most processes never leave their CPU,
 * and a broadcast is what every CPU of the machine has to take part in.
 *	flush:	change entries; dsb ish; read mm->arch.home
 *	load:	note the CPU in home; dsb ish; write TTBR0_EL1, walk
 * Of the two at least one sees the other: the flush goes to all, or the walk finds the new entries.
 * Scopes: user entries are nG and go by ASID (VALE1: last level only, VAE1: cached walks too);
 * kernel entries are global and go by VAALE1/VAAE1. (Arm ARM, "TLB maintenance instructions",
 * "Ordering and completion of TLB maintenance".)
 */
#include <kernel/init.h>
#include <kernel/kernel_map.h>
#include <kernel/panic.h>
#include <kernel/vm.h>
#include <arch/smp.h>
#include <machine/arm64.h>
#include <machine/asid.h>
#include <machine/boot.h>

/*
 * Beyond this many pages one flush of the whole address space is cheaper than one instruction
 * each.
 */
#define FLUSH_PAGES_MAX	128

uint64_t arm64_image_offset __ro_after_init;

void arch_mm_setup(void)
{
	init_mm.arch.root = (pte_t *)arm64_kernel_root;
	kernel_map_memory(1);
	/* Only user tables from here on; none is loaded yet. */
	arch_mm_deactivate();
	arch_tlb_flush_mm(&init_mm);
}

pte_t *arch_mm_root(struct mm *mm)
{
	return mm->arch.root;
}

int arch_mm_init(struct mm *mm)
{
	mm->arch.root = page_alloc_virt(0, GFP_KERNEL | GFP_ZERO);
	mm->arch.id = 0;
	mm->arch.home = 0;
	return mm->arch.root ? 0 : -12;
}

void arch_mm_destroy(struct mm *mm)
{
	page_free_virt(mm->arch.root, 0);
	mm->arch.root = NULL;
}

/*
 * Nothing to flush: every task that used the address space is gone and a CPU that runs a kernel
 * thread has left its tables (arch_mm_deactivate), so no walk starts from them any more, and no
 * CPU loads its ASID again before the roll-over that hands it to somebody else, which empties
 * every TLB first (asid.c).
 */
void arch_mm_exit(struct mm *mm)
{
}

#define TLBI(op, operand) __asm__ volatile("tlbi " #op ", %0" : : "r"(operand) : "memory")

static uint64_t user_operand(const struct mm *mm, vaddr_t va)
{
	return arm64_asid(mm) << 48 | (va >> PAGE_SHIFT & 0xfffffffffffull);
}

/*
 * May the flush stay on this CPU? Preemption is off, or there is no other CPU. The barrier makes changed entries visible to all
 * walks, and orders them before the look at `home': a CPU that notes itself after it walks what is there now.
 */
static inline bool only_here(const struct mm *mm)
{
	dsb(ish);
	return READ_ONCE(mm->arch.home) == smp_processor_id() + 1;
}

void arch_tlb_flush_mm(struct mm *mm)
{
	uint64_t op;

	if (mm == &init_mm) {
		dsb(ishst);
		__asm__ volatile("tlbi vmalle1is" : : : "memory");
		dsb(ish);
		isb();
		return;
	}
	op = arm64_asid(mm) << 48;
	preempt_disable();
	if (likely(only_here(mm))) {
		TLBI(aside1, op);
		dsb(nsh);
	} else {
		TLBI(aside1is, op);
		dsb(ish);
	}
	preempt_enable();
}

static void flush_here(uint64_t op, uint64_t last, bool tables)
{
	if (tables) {
		for (; op <= last; op++)
			TLBI(vae1, op);
	} else {
		for (; op <= last; op++)
			TLBI(vale1, op);
	}
	dsb(nsh);
}

static __noinline void flush_everywhere(uint64_t op, uint64_t last, bool tables)
{
	if (tables) {
		for (; op <= last; op++)
			TLBI(vae1is, op);
	} else {
		for (; op <= last; op++)
			TLBI(vale1is, op);
	}
	dsb(ish);
}

void arch_tlb_flush_range(struct mm *mm, vaddr_t start, vaddr_t end, bool tables)
{
	uint64_t op, last;

	if (unlikely(mm == &init_mm)) {
		arch_tlb_flush_kernel(start, end);
		return;
	}
	if (unlikely(end - start > FLUSH_PAGES_MAX * PAGE_SIZE)) {
		arch_tlb_flush_mm(mm);
		return;
	}
	op = user_operand(mm, start);
	last = user_operand(mm, end - 1);
	preempt_disable();
	if (likely(only_here(mm)))
		flush_here(op, last, tables);
	else
		flush_everywhere(op, last, tables);
	preempt_enable();
}

void arch_tlb_flush_page(struct mm *mm, vaddr_t va)
{
	uint64_t op = user_operand(mm, va);

	if (likely(only_here(mm))) {
		TLBI(vale1, op);
		dsb(nsh);
	} else {
		TLBI(vale1is, op);
		dsb(ish);
	}
}

/*
 * Another CPU that keeps an old entry faults on it and drops it there (arch_tlb_flush_page_local_spurious), so nobody has to be
 * told. Should this task go to another CPU in between, it does the same.
 */
void arch_tlb_flush_relaxed(struct mm *mm, vaddr_t start, vaddr_t end)
{
	uint64_t op = user_operand(mm, start), last = user_operand(mm, end - 1);

	if (unlikely(end - start > FLUSH_PAGES_MAX * PAGE_SIZE)) {
		arch_tlb_flush_mm(mm);
		return;
	}
	dsb(nshst);
	do
		TLBI(vale1, op);
	while (++op <= last);
	dsb(nsh);
}

void arch_tlb_flush_page_local_spurious(struct mm *mm, vaddr_t va)
{
	dsb(nshst);
	TLBI(vale1, user_operand(mm, va));
	dsb(nsh);
}

void arch_tlb_flush_kernel(vaddr_t start, vaddr_t end)
{
	vaddr_t va;

	dsb(ishst);
	if (end - start > FLUSH_PAGES_MAX * PAGE_SIZE)
		__asm__ volatile("tlbi vmalle1is" : : : "memory");
	else
		for (va = start; va < end; va += PAGE_SIZE)
			TLBI(vaae1is, va >> PAGE_SHIFT & 0xfffffffffffull);
	dsb(ish);
	isb();
}

/*
 * Data to instruction coherency (Arm ARM, "Caches ... Synchronization and coherency issues
 * between data and instruction accesses"): clean the data to where instruction fetches see it,
 * wait; drop stale instructions on every CPU, wait. CTR_EL0.IDC and .DIC say that the first or
 * the second half is not needed.
 */
void arch_sync_icache(void *kva, size_t n)
{
	uint64_t ctr = read_sysreg(ctr_el0);
	uint64_t line, p, end = (uint64_t)kva + n;

	if (!(ctr >> 28 & 1)) {
		line = 4ul << (ctr >> 16 & 0xf);
		for (p = ALIGN_DOWN((uint64_t)kva, line); p < end; p += line)
			__asm__ volatile("dc cvau, %0" : : "r"(p) : "memory");
	}
	dsb(ish);
	if (!(ctr >> 29 & 1)) {
		/*
		 * The user's address has other bits than ours: VIPT caches are dropped whole,
		 * PIPT ones by line.
		 */
		if ((ctr >> 14 & 3) == 3 && n <= 4 * PAGE_SIZE) {
			line = 4ul << (ctr & 0xf);
			for (p = ALIGN_DOWN((uint64_t)kva, line); p < end; p += line)
				__asm__ volatile("ic ivau, %0" : : "r"(p) : "memory");
		} else {
			__asm__ volatile("ic ialluis" : : : "memory");
		}
		dsb(ish);
	}
	isb();
}
