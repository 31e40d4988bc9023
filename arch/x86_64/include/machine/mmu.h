/* SPDX-License-Identifier: MIT */
/*
 * Behind <arch/mmu.h>: page-table entries (SDM volume 3, "4-level paging") and the TLB.
 *
 * Software bits: 9 special, 10 PROT_NONE: a leaf with bit 0 clear whose other bits are as they will be when it is made
 * accessible again. Write permission implies dirty, as on the other architecture: an entry becomes writable only when it
 * is about to be written, and D is set with W, so the CPU never has to. The CPU may set A at any time; losing it does no harm.
 */
#pragma once
#include <kernel/atomic.h>
#include <kernel/mm.h>
#include <kernel/vm_flags.h>

typedef struct { uint64_t v; } pte_t;

struct arch_mm {
	pte_t *root;
	uint64_t id;			/* never used again: what caches compare (tlb.c) */
	atomic64_t gen;			/* flushes so far */
};

#define PTE_P		BIT64(0)
#define PTE_W		BIT64(1)
#define PTE_U		BIT64(2)
#define PTE_PWT		BIT64(3)	/* alone: write combining (the PAT of cpu.c) */
#define PTE_PCD		BIT64(4)	/* with PWT: uncached */
#define PTE_A		BIT64(5)
#define PTE_D		BIT64(6)
#define PTE_PS		BIT64(7)
#define PTE_G		BIT64(8)
#define PTE_SPECIAL	BIT64(9)
#define PTE_PROTNONE	BIT64(10)
#define PTE_NX		BIT64(63)
#define PTE_ADDR	0x000ffffffffff000ull
#define PTE_TABLE	(PTE_P | PTE_W | PTE_U | PTE_A)

#define ARCH_PTE_CACHE_COHERENT_ICACHE 1

static inline bool pte_none(pte_t e) { return !e.v; }
static inline bool pte_present(pte_t e) { return e.v & (PTE_P | PTE_PROTNONE); }
static inline bool pte_is_table(pte_t e, int level) { return level < 3 && (e.v & (PTE_P | PTE_PS)) == PTE_P; }
static inline paddr_t pte_phys(pte_t e) { return e.v & PTE_ADDR; }
static inline bool pte_accessible(pte_t e) { return e.v & PTE_P; }
static inline bool pte_writable(pte_t e) { return e.v & PTE_W; }
static inline bool pte_dirty(pte_t e) { return e.v & (PTE_W | PTE_D); }
static inline bool pte_young(pte_t e) { return e.v & PTE_A; }
static inline bool pte_special(pte_t e) { return e.v & PTE_SPECIAL; }

/* Permission bits of @prot. The CPU cannot execute or write without reading. */
static inline uint64_t x86_prot_bits(unsigned prot)
{
	uint64_t v = PTE_P;

	if (prot & VM_USER)
		v |= PTE_U;
	else if (prot & VM_GLOBAL)
		v |= PTE_G;
	if (!(prot & VM_EXEC))
		v |= PTE_NX;
	if (prot & VM_WRITE)
		v |= PTE_W | PTE_D;
	if (!(prot & VM_PROT))
		v ^= PTE_P | PTE_PROTNONE;
	return v;
}
static inline pte_t pte_make(paddr_t pa, unsigned prot, int level)
{
	uint64_t v = pa | PTE_A | x86_prot_bits(prot);

	if (prot & VM_DEVICE)
		v |= PTE_PCD | PTE_PWT | PTE_NX;
	else if (prot & VM_WC)
		v |= PTE_PWT | PTE_NX;
	if (level < 3)
		v |= PTE_PS;
	return (pte_t){ v };
}
static inline pte_t pte_make_table(paddr_t pa) { return (pte_t){ pa | PTE_TABLE }; }
static inline pte_t pte_wrprotect(pte_t e) { return (pte_t){ e.v & ~PTE_W }; }	/* D stays */
static inline pte_t pte_mkwrite(pte_t e) { return (pte_t){ e.v | PTE_W | PTE_D }; }
static inline pte_t pte_mkclean(pte_t e) { return (pte_t){ e.v & ~(PTE_W | PTE_D) }; }
static inline pte_t pte_mkold(pte_t e) { return (pte_t){ e.v & ~PTE_A }; }
static inline pte_t pte_mkyoung(pte_t e) { return (pte_t){ e.v | PTE_A }; }
static inline pte_t pte_mkspecial(pte_t e) { return (pte_t){ e.v | PTE_SPECIAL }; }
static inline pte_t pte_modify(pte_t e, unsigned prot)
{
	uint64_t keep = e.v & (PTE_ADDR | PTE_SPECIAL | PTE_A | PTE_D | PTE_PS | PTE_PWT | PTE_PCD);

	return (pte_t){ keep | x86_prot_bits(prot) };
}
static inline pte_t pte_get(const pte_t *p) { return (pte_t){ READ_ONCE(p->v) }; }
/* Release: what a table holds is seen before the table. */
static inline void pte_set(pte_t *p, pte_t e) { smp_store_release(&p->v, e.v); }
/* Entries that were not present are not cached (SDM, "Details of TLB use"). */
static inline void pte_publish(void) { barrier(); }

/* The CPU drops the entry that a fault was about, and walks again. */
static inline void arch_tlb_flush_page_local_spurious(struct mm *mm, vaddr_t va) { }

static inline void arch_sync_icache(void *kva, size_t n) { }	/* instruction fetches are coherent */
