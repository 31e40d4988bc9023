/* SPDX-License-Identifier: MIT */
/*
 * Kernel page tables at boot, and TLB maintenance.
 *
 * Boot (boot/arm64/early.c) has made arm64_kernel_root with the image in it; arch_mm_setup()
 * adds the direct map. Everything later goes through kernel/mm/pgtable.c. Frames that hold
 * kernel text or constants are read-only in the direct map too.
 *
 * TLB maintenance, one template:
 *	dsb ishst	the new entry is visible to the table walks of every CPU, or they would refetch the old one
 *	tlbi ...is	broadcast to the inner shareable domain, which is all CPUs of this kernel: no IPI
 *	dsb ish		until this completes another CPU may still use the old translation
 *	isb		kernel addresses only: our own fetched-ahead instructions start over. User addresses: ERET does it.
 * Scopes: user entries are nG and go by ASID (VALE1: last level only, VAE1: cached walks too);
 * kernel entries are global and go by VAALE1/VAAE1. (Arm ARM, "TLB maintenance instructions",
 * "Ordering and completion of TLB maintenance".)
 */
#include <kernel/init.h>
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

/*
 * Tables of the direct map, before memblock_alloc() can be used: its memory is zeroed through
 * the direct map.
 */
#define EARLY_TABLES 12
static uint64_t early_tables[EARLY_TABLES][512] __aligned(PAGE_SIZE);
static unsigned early_used;

static uint64_t *table_virt(paddr_t pa)
{
	paddr_t image = (paddr_t)_text - arm64_image_offset;

	return pa - image < (paddr_t)(_end - _text) ? (uint64_t *)(pa + arm64_image_offset) : phys_to_virt(pa);
}

static paddr_t early_table(void)
{
	paddr_t pa;

	if (early_used < EARLY_TABLES)
		return virt_to_phys(early_tables[early_used++]);
	pa = memblock_alloc(PAGE_SIZE, PAGE_SIZE);
	if (!pa)
		panic("no memory for the direct map");
	return pa;
}

static void map_block(vaddr_t va, paddr_t pa, unsigned prot, int level)
{
	uint64_t *table = arm64_kernel_root, *entry;
	int l;

	for (l = 0; l < level; l++) {
		entry = &table[va >> (39 - 9 * l) & 511];
		if (!*entry)
			*entry = early_table() | PTE_TABLE;
		table = table_virt(*entry & PTE_ADDR);
	}
	table[va >> (39 - 9 * level) & 511] = pte_make(pa, prot | VM_GLOBAL, level).v;
}

/* The largest blocks that fit. Nothing is mapped there yet. */
static void map_linear(paddr_t pa, paddr_t end, unsigned prot)
{
	unsigned shift;
	int level;

	while (pa < end) {
		for (level = 1; level < 3; level++) {
			shift = 39 - 9 * (unsigned)level;
			if (IS_ALIGNED(pa, 1ul << shift) && end - pa >= 1ul << shift)
				break;
		}
		map_block(DIRECT_MAP_BASE + pa, pa, prot, level);
		pa += 1ul << (39 - 9 * level);
	}
}

/* [pa, end) without the image's read-only parts, which follow in order. */
static void map_memory(paddr_t pa, paddr_t end)
{
	const struct { const char *start, *end; } fixed[] = {
		{ _text, _etext }, { _stext_rodata, _erodata },
	};
	paddr_t from, to;
	unsigned i;

	for (i = 0; i < ARRAY_SIZE(fixed) && pa < end; i++) {
		from = virt_to_phys(fixed[i].start);
		to = virt_to_phys(fixed[i].end);
		if (to <= pa || from >= end)
			continue;
		from = MAX(from, pa);
		to = MIN(to, end);
		map_linear(pa, from, VM_READ | VM_WRITE);
		map_linear(from, to, VM_READ);
		pa = to;
	}
	map_linear(pa, end, VM_READ | VM_WRITE);
}

void arch_mm_setup(void)
{
	paddr_t base, image = virt_to_phys(_text);
	uint64_t size;
	unsigned iter, pass;

	/* The bank with the image first: it has the tables that the rest may need. */
	for (pass = 0; pass < 2; pass++) {
		iter = 0;
		while (memblock_next(&iter, &base, &size)) {
			paddr_t end = ALIGN_DOWN(base + size, PAGE_SIZE);

			base = ALIGN_UP(base, PAGE_SIZE);
			if (base >= DIRECT_MAP_END - DIRECT_MAP_BASE || base >= end)
				continue;
			end = MIN(end, DIRECT_MAP_END - DIRECT_MAP_BASE);
			if ((image >= base && image < end) == (pass == 0)) {
				map_memory(base, end);
				pte_publish();
			}
		}
	}
	init_mm.arch.root = (pte_t *)arm64_kernel_root;
	/* Only user tables from here on; none is loaded yet. */
	arch_mm_deactivate();
	arch_tlb_flush_mm(&init_mm);
}

/* Windows of 2 MiB: 0 and 1 the device tree, the others devices. */
#define FIXMAP_DEVICE	2
#define FIXMAP_END	8
static unsigned fixmap_next = FIXMAP_DEVICE;

static vaddr_t fixmap_set(unsigned slot, paddr_t pa, unsigned prot)
{
	arm64_fixmap_l2[slot] = pte_make(ALIGN_DOWN(pa, HUGE_SIZE), prot | VM_GLOBAL, 2).v;
	pte_publish();
	return ARM64_FIXMAP + slot * HUGE_SIZE;
}

void *arch_early_map_dtb(paddr_t pa)
{
	vaddr_t va;

	if (!pa || pa >> VA_BITS || pa & 7)
		return NULL;
	va = fixmap_set(0, pa, VM_READ);
	fixmap_set(1, pa + HUGE_SIZE, VM_READ);
	return (void *)(va + (pa & (HUGE_SIZE - 1)));
}

void __iomem *arch_early_map_device(paddr_t pa)
{
	if (fixmap_next >= FIXMAP_END || pa >> VA_BITS)
		return NULL;
	return (void __iomem *)(fixmap_set(fixmap_next++, pa, VM_READ | VM_WRITE | VM_DEVICE) + (pa & (HUGE_SIZE - 1)));
}

/*
 * After boot: the tree's window goes, what was written at boot only becomes read-only, unused
 * tables go back.
 */
void arm64_mm_finish(void)
{
	extern char __ro_after_init_start[], __ro_after_init_end[];
	paddr_t pa = virt_to_phys(early_tables[early_used]);

	arm64_fixmap_l2[0] = 0;
	arm64_fixmap_l2[1] = 0;
	arch_tlb_flush_kernel(ARM64_FIXMAP, ARM64_FIXMAP + 2 * HUGE_SIZE);
	if (kernel_protect((vaddr_t)__ro_after_init_start, (size_t)(__ro_after_init_end - __ro_after_init_start), VM_READ))
		pr_warn("arm64: boot data stays writable");
	mm_free_range(pa, (EARLY_TABLES - early_used) * PAGE_SIZE);
}

pte_t *arch_mm_root(struct mm *mm)
{
	return mm->arch.root;
}

int arch_mm_init(struct mm *mm)
{
	mm->arch.root = page_alloc_virt(0, GFP_KERNEL | GFP_ZERO);
	mm->arch.id = 0;
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

void arch_tlb_flush_page(struct mm *mm, vaddr_t va)
{
	if (mm == &init_mm) {
		arch_tlb_flush_kernel(va, va + PAGE_SIZE);
		return;
	}
	dsb(ishst);
	TLBI(vale1is, user_operand(mm, va));
	dsb(ish);
}

void arch_tlb_flush_mm(struct mm *mm)
{
	dsb(ishst);
	if (mm == &init_mm) {
		__asm__ volatile("tlbi vmalle1is" : : : "memory");
		dsb(ish);
		isb();
		return;
	}
	TLBI(aside1is, arm64_asid(mm) << 48);
	dsb(ish);
}

void arch_tlb_flush_range(struct mm *mm, vaddr_t start, vaddr_t end, bool tables)
{
	uint64_t op, last;

	if (mm == &init_mm) {
		arch_tlb_flush_kernel(start, end);
		return;
	}
	if (end - start > FLUSH_PAGES_MAX * PAGE_SIZE) {
		arch_tlb_flush_mm(mm);
		return;
	}
	last = user_operand(mm, end - 1);
	dsb(ishst);
	if (tables) {
		for (op = user_operand(mm, start); op <= last; op++)
			TLBI(vae1is, op);
	} else {
		for (op = user_operand(mm, start); op <= last; op++)
			TLBI(vale1is, op);
	}
	dsb(ish);
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
