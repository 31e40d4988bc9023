/* SPDX-License-Identifier: MIT */
/*
 * Behind <arch/mmu.h>: VMSAv8-64 descriptors (Arm ARM, "VMSAv8-64 translation table format
 * descriptors") and the TLB.
 *
 * Software bits: 55 dirty (kept while write permission is gone), 56 special, 58 PROT_NONE: a
 * leaf with bit 0 clear whose other bits are as they will be when it is made accessible again.
 * Write permission implies dirty: there is no hardware dirty state, so an entry becomes
 * writable only when it is about to be written.
 */
#pragma once
#include <kernel/mm.h>
#include <kernel/vm_flags.h>
#include <machine/sysreg.h>

typedef struct { uint64_t v; } pte_t;

struct arch_mm {
	pte_t *root;
	uint64_t id;		/* [a] generation and ASID; 0: none yet (asid.c) */
	uint32_t home;		/* [a] who has loaded it: 0 nobody, CPU + 1, ARM64_HOME_MANY (mmu.c) */
};

#define ARM64_HOME_MANY	0xffffffffu

#define PTE_DIRTY	BIT64(55)
#define PTE_SPECIAL	BIT64(56)
#define PTE_PROTNONE	BIT64(58)
#define PTE_ADDR	0x0000fffffffff000ull

#define ARCH_PTE_CACHE_COHERENT_ICACHE 0

static inline bool pte_none(pte_t e) { return !e.v; }
static inline bool pte_present(pte_t e) { return e.v & (PTE_VALID | PTE_PROTNONE); }
static inline bool pte_is_table(pte_t e, int level) { return level < 3 && (e.v & 3) == PTE_TABLE; }
static inline paddr_t pte_phys(pte_t e) { return e.v & PTE_ADDR; }
static inline bool pte_accessible(pte_t e) { return e.v & PTE_VALID; }
static inline bool pte_writable(pte_t e) { return !(e.v & PTE_RDONLY); }
static inline bool pte_dirty(pte_t e) { return !(e.v & PTE_RDONLY) || (e.v & PTE_DIRTY); }
static inline bool pte_young(pte_t e) { return e.v & PTE_AF; }
static inline bool pte_special(pte_t e) { return e.v & PTE_SPECIAL; }

/*
 * Permission bits of @prot. User pages are never executable by the kernel, nor kernel pages by
 * the user.
 */
static inline uint64_t arm64_prot_bits(unsigned prot)
{
	uint64_t v = PTE_VALID;

	if (prot & VM_USER) {
		v |= PTE_USER | PTE_PXN | PTE_NG;
		if (!(prot & VM_EXEC))
			v |= PTE_UXN;
	} else {
		v |= PTE_UXN;
		if (!(prot & VM_EXEC))
			v |= PTE_PXN;
		if (!(prot & VM_GLOBAL))
			v |= PTE_NG;
	}
	if (!(prot & VM_WRITE))
		v |= PTE_RDONLY;
	if (!(prot & VM_PROT))
		v ^= PTE_VALID | PTE_PROTNONE;
	return v;
}
static inline pte_t pte_make(paddr_t pa, unsigned prot, int level)
{
	uint64_t v = pa | PTE_AF | arm64_prot_bits(prot);

	if (prot & VM_DEVICE)
		v |= PTE_ATTR(MT_DEVICE) | PTE_UXN | PTE_PXN;
	else if (prot & VM_WC)
		v |= PTE_ATTR(MT_NORMAL_NC) | PTE_SH_INNER | PTE_UXN | PTE_PXN;
	else
		v |= PTE_ATTR(MT_NORMAL) | PTE_SH_INNER;
	if (level == 3)
		v |= 2;
	return (pte_t){ v };
}
static inline pte_t pte_make_table(paddr_t pa) { return (pte_t){ pa | PTE_TABLE }; }
static inline pte_t pte_wrprotect(pte_t e) { return (pte_t){ e.v | PTE_RDONLY | (e.v & PTE_RDONLY ? 0 : PTE_DIRTY) }; }
static inline pte_t pte_mkwrite(pte_t e) { return (pte_t){ e.v & ~(uint64_t)PTE_RDONLY }; }
static inline pte_t pte_mkclean(pte_t e) { return (pte_t){ (e.v | PTE_RDONLY) & ~PTE_DIRTY }; }
static inline pte_t pte_mkold(pte_t e) { return (pte_t){ e.v & ~(uint64_t)PTE_AF }; }
static inline pte_t pte_mkyoung(pte_t e) { return (pte_t){ e.v | PTE_AF }; }
static inline pte_t pte_mkspecial(pte_t e) { return (pte_t){ e.v | PTE_SPECIAL }; }
static inline pte_t pte_modify(pte_t e, unsigned prot)
{
	uint64_t keep = e.v & (PTE_ADDR | PTE_SPECIAL | PTE_AF | PTE_SH_INNER | PTE_ATTR(7) | PTE_DIRTY | 2);

	if (pte_dirty(e))
		keep |= PTE_DIRTY;
	return (pte_t){ keep | arm64_prot_bits(prot) };
}
static inline pte_t pte_get(const pte_t *p) { return (pte_t){ READ_ONCE(p->v) }; }
/*
 * Release: what a table holds is seen before the table (walkers of other CPUs follow the
 * address: a dependency).
 */
static inline void pte_set(pte_t *p, pte_t e) { smp_store_release(&p->v, e.v); }
/*
 * dsb: the store has reached the point that table walks of this shareability domain read from;
 * isb: instructions after it are fetched and translated anew (Arm ARM, "Ordering and completion
 * of TLB maintenance": a fault taken before is not cached).
 */
static inline void pte_publish(void)
{
	dsb(ishst);
	isb();
}

/*
 * An entry that became more permissive: the retried access walks the tables again, since faults
 * are not cached.
 */
void arch_tlb_flush_page_local_spurious(struct mm *mm, vaddr_t va);

void arch_sync_icache(void *kva, size_t n);
