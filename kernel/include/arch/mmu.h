/* SPDX-License-Identifier: MIT */
/*
 * CONTRACT: page tables and TLB. Both architectures have 4 levels of 512 eight-byte entries with 4 KiB pages, so
 * the walk is portable (kernel/mm/pgtable.c). Level 0 is the root (bits 47-39), level 3 the last (20-12);
 * level 2 may hold 2 MiB blocks, level 1 1 GiB blocks (kernel only).
 *
 *	typedef struct { uint64_t v; } pte_t;
 * Entries:
 *	pte_none(e)		never set
 *	pte_present(e)		maps something: a leaf (PROT_NONE leaves included) or a table
 *	pte_is_table(e, level)	points to the next level
 *	pte_phys(e)		output or table address
 *	pte_make(pa, prot, level)	a leaf; prot in VM_READ|WRITE|EXEC|USER|DEVICE|WC|GLOBAL. Without VM_READ/WRITE/EXEC:
 *				present for the walk, inaccessible to the CPU (PROT_NONE)
 *	pte_make_table(pa)
 *	pte_accessible(e)	the CPU can use it now: changing it needs a TLB flush
 *	pte_writable(e), pte_dirty(e), pte_young(e)
 *	pte_wrprotect(e), pte_mkwrite(e), pte_mkclean(e), pte_mkold(e), pte_mkyoung(e)
 *	pte_modify(e, prot)	same page, new permissions
 *	pte_special(e), pte_mkspecial(e)	no struct page reference is held (zero page, devices)
 * Access:
 *	pte_get(p)		one load
 *	pte_set(p, e)		one store, ordered after earlier stores (a table's contents before the table)
 *	pte_publish()		after new *kernel* entries: makes them usable on this CPU before the next access
 *	arch_pt_alloc_hook etc. are not needed.
 * Going from one valid entry to another with a different output address or size needs the entry cleared and
 * flushed between (break-before-make): callers use pt_replace() of pgtable.c only.
 *
 * Address spaces (struct arch_mm in struct mm):
 *	int arch_mm_init(struct mm *)		root table, with the kernel's half where the architecture shares one root
 *	void arch_mm_destroy(struct mm *)	frees the root
 *	pte_t *arch_mm_root(struct mm *)	virtual address of the root table; init_mm: the kernel's
 *	void arch_mm_switch(struct mm *prev, struct mm *next)	interrupts off; prev may equal next
 *	void arch_mm_deactivate(void)		this CPU runs on kernel tables only
 *
 * Boot (kernel/mm/kernel_map.c): the architecture's boot code maps the image into the root of init_mm, and there
 *	ARCH_WINDOWS, pte_t arch_window_table[512]	1 GiB of address space and its level 2 table, empty
 *	PA_BITS_MAX				address bits that an entry can hold
 *
 * TLB; each returns when no CPU can use the old translation any more:
 *	arch_tlb_flush_page(mm, va)		a last-level entry of a user's changed; preemption is off (pt_lock)
 *	arch_tlb_flush_relaxed(mm, start, end)	entries of the same pages allow more than before: this CPU sees it, others do or fault once
 *	arch_tlb_flush_range(mm, start, end, tables)	many; tables: page-table pages were unlinked too
 *	arch_tlb_flush_mm(mm)			entries of all kinds changed, no tables were unlinked
 *	arch_tlb_flush_kernel(start, end)
 *	arch_tlb_flush_page_local_spurious(mm, va)	another CPU made the entry more permissive: cheap or nothing
 *	arch_mm_exit(mm)			no task uses it any more, all pages are about to be freed: one flush by ASID or none where the ASID dies
 *
 *	void arch_sync_icache(void *kva, size_t n)	code was written through the direct map: make it executable
 *	ARCH_PTE_CACHE_COHERENT_ICACHE		0/1
 *	arch_clear_page(void *), arch_copy_page(void *dst, const void *src)
 */
#pragma once
#include <kernel/mm.h>
struct mm;
#include <machine/mmu.h>
int arch_mm_init(struct mm *mm);
void arch_mm_destroy(struct mm *mm);
pte_t *arch_mm_root(struct mm *mm);
void arch_mm_switch(struct mm *prev, struct mm *next);
void arch_mm_deactivate(void);
void arch_mm_exit(struct mm *mm);

void arch_tlb_flush_page(struct mm *mm, vaddr_t va);
void arch_tlb_flush_relaxed(struct mm *mm, vaddr_t start, vaddr_t end);
void arch_tlb_flush_range(struct mm *mm, vaddr_t start, vaddr_t end, bool tables);
void arch_tlb_flush_mm(struct mm *mm);
void arch_tlb_flush_kernel(vaddr_t start, vaddr_t end);
void arch_clear_page(void *page);
void arch_copy_page(void *dst, const void *src);
extern pte_t arch_window_table[512];
