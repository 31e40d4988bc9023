/* SPDX-License-Identifier: MIT */
/*
 * Kernel page tables at boot, and the roots of address spaces.
 *
 * x86_kernel_tables() makes the final map of the image and the boot windows, with tables inside the image, before the portable
 * kernel begins; arch_mm_setup() adds the direct map. Everything later goes through kernel/mm/pgtable.c. Frames that hold kernel
 * text or constants are read-only in the direct map too.
 *
 * Every root has the kernel's half: slots 256-511 are copied when it is made. So the kernel's root must never get a new slot
 * later: those of vmalloc are filled here, the direct map and the struct page array get theirs before the first process.
 * SDM volume 3, "4-level paging".
 */
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/panic.h>
#include <kernel/string.h>
#include <kernel/vm.h>
#include <arch/smp.h>
#include <machine/boot.h>
#include <machine/x86.h>

#define ROOT_SLOT(va)	((va) >> 39 & 511)
#define KERNEL_SLOTS	256u		/* the first of them */
#define IMAGE_L3_TABLES	(X86_IMAGE_MAX / HUGE_SIZE)
#define VMALLOC_SLOTS	((VMALLOC_END - VMALLOC_BASE) >> 39)

uint64_t x86_image_offset __ro_after_init;
uint64_t x86_kernel_cr3 __ro_after_init;
uint64_t x86_kernel_root[512] __aligned(PAGE_SIZE);
static uint64_t top_l1[512] __aligned(PAGE_SIZE);		/* of slot 511 */
static uint64_t image_l2[512] __aligned(PAGE_SIZE);
static uint64_t image_l3[IMAGE_L3_TABLES][512] __aligned(PAGE_SIZE);
static uint64_t fixmap_l2[512] __aligned(PAGE_SIZE);
static uint64_t vmalloc_l1[VMALLOC_SLOTS][512] __aligned(PAGE_SIZE);

/* Tables of the direct map, before memblock_alloc() can be used: its memory is zeroed through the direct map. */
#define EARLY_TABLES 12
static uint64_t early_tables[EARLY_TABLES][512] __aligned(PAGE_SIZE);
static unsigned early_used;

extern char __init_text_begin[], __init_text_end[];

static unsigned image_prot(const char *at)
{
	if (at < _etext || (at >= __init_text_begin && at < __init_text_end))
		return VM_READ | VM_EXEC;
	return at >= _stext_rodata && at < _erodata ? VM_READ : VM_READ | VM_WRITE;
}

/*
 * The image by pages, each as its section wants it, the tables of the windows and of vmalloc. The former root's slot 0 stays, so
 * that the boot code can go on where it is.
 */
void x86_kernel_tables(paddr_t load)
{
	const uint64_t *old = (const uint64_t *)(read_cr3() & PTE_ADDR);
	uint64_t low = old[0];
	char *at;
	unsigned i;

	x86_image_offset = X86_IMAGE - load;
	for (at = _text; at < _end; at += PAGE_SIZE) {
		size_t n = (size_t)(at - _text) >> PAGE_SHIFT;

		image_l3[n / 512][n % 512] = pte_make(virt_to_phys(at), image_prot(at) | VM_GLOBAL, 3).v;
	}
	for (i = 0; i < IMAGE_L3_TABLES; i++)
		image_l2[i] = virt_to_phys(image_l3[i]) | PTE_TABLE;
	top_l1[X86_IMAGE >> 30 & 511] = virt_to_phys(image_l2) | PTE_TABLE;
	top_l1[X86_FIXMAP >> 30 & 511] = virt_to_phys(fixmap_l2) | PTE_TABLE;
	x86_kernel_root[511] = virt_to_phys(top_l1) | PTE_TABLE;
	for (i = 0; i < VMALLOC_SLOTS; i++)
		x86_kernel_root[ROOT_SLOT(VMALLOC_BASE) + i] = virt_to_phys(vmalloc_l1[i]) | PTE_TABLE;
	x86_kernel_root[0] = low;
	x86_kernel_cr3 = virt_to_phys(x86_kernel_root);
	write_cr3(x86_kernel_cr3);
	init_mm.arch.root = (pte_t *)x86_kernel_root;
}

static uint64_t *table_virt(paddr_t pa)
{
	paddr_t image = virt_to_phys(_text);

	return pa - image < (paddr_t)(_end - _text) ? (uint64_t *)(pa + x86_image_offset) : phys_to_virt(pa);
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
	uint64_t *table = x86_kernel_root, *entry;
	int l;

	for (l = 0; l < level; l++) {
		entry = &table[va >> (39 - 9 * l) & 511];
		if (!*entry)
			*entry = early_table() | PTE_TABLE;
		table = table_virt(*entry & PTE_ADDR);
	}
	table[va >> (39 - 9 * level) & 511] = pte_make(pa, prot | VM_GLOBAL, level).v;
}

/* The largest blocks that fit and the CPU knows. Nothing is mapped there yet. */
static void map_linear(paddr_t pa, paddr_t end, unsigned prot)
{
	static int largest = -1;
	unsigned shift;
	int level;

	if (largest < 0)
		largest = cpuid(0x80000001, 0).d >> 26 & 1 ? 1 : 2;
	while (pa < end) {
		for (level = largest; level < 3; level++) {
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
			if ((image >= base && image < end) == (pass == 0))
				map_memory(base, end);
		}
	}
	/* The one-to-one map of the boot code goes; so do its entries, which may be global. */
	x86_kernel_root[0] = 0;
	arch_tlb_flush_mm(&init_mm);
}

/* Windows of 2 MiB: 0 and 1 the device tree, the others devices. */
#define FIXMAP_DEVICE	2
#define FIXMAP_END	8
static unsigned fixmap_next = FIXMAP_DEVICE;

static vaddr_t fixmap_set(unsigned slot, paddr_t pa, unsigned prot)
{
	vaddr_t va = X86_FIXMAP + slot * HUGE_SIZE;

	fixmap_l2[slot] = pte_make(ALIGN_DOWN(pa, HUGE_SIZE), prot | VM_GLOBAL, 2).v;
	__asm__ volatile("invlpg (%0)" : : "r"(va) : "memory");
	return va;
}

void *arch_early_map_dtb(paddr_t pa)
{
	vaddr_t va;

	if (!pa || pa >> PA_BITS_MAX || pa & 7)
		return NULL;
	va = fixmap_set(0, pa, VM_READ);
	fixmap_set(1, pa + HUGE_SIZE, VM_READ);
	return (void *)(va + (pa & (HUGE_SIZE - 1)));
}

void __iomem *arch_early_map_device(paddr_t pa)
{
	if (fixmap_next >= FIXMAP_END || pa >> PA_BITS_MAX)
		return NULL;
	return (void __iomem *)(fixmap_set(fixmap_next++, pa, VM_READ | VM_WRITE | VM_DEVICE) + (pa & (HUGE_SIZE - 1)));
}

/* After boot: the tree's window goes, what was written at boot only becomes read-only, unused tables go back. */
void x86_mm_finish(void)
{
	extern char __ro_after_init_start[], __ro_after_init_end[];
	paddr_t pa = virt_to_phys(early_tables[early_used]);

	fixmap_l2[0] = 0;
	fixmap_l2[1] = 0;
	arch_tlb_flush_kernel(X86_FIXMAP, X86_FIXMAP + 2 * HUGE_SIZE);
	if (kernel_protect((vaddr_t)__ro_after_init_start, (size_t)(__ro_after_init_end - __ro_after_init_start), VM_READ))
		pr_warn("x86: boot data stays writable");
	mm_free_range(pa, (EARLY_TABLES - early_used) * PAGE_SIZE);
}

pte_t *arch_mm_root(struct mm *mm)
{
	return mm->arch.root;
}

int arch_mm_init(struct mm *mm)
{
	uint64_t *root = page_alloc_virt(0, GFP_KERNEL | GFP_ZERO);

	if (!root)
		return -ENOMEM;
	memcpy(root + KERNEL_SLOTS, x86_kernel_root + KERNEL_SLOTS, (512 - KERNEL_SLOTS) * sizeof(*root));
	mm->arch.root = (pte_t *)root;
	x86_tlb_mm_init(mm);
	return 0;
}

/* No CPU has it loaded any more: arch_mm_exit(). */
void arch_mm_destroy(struct mm *mm)
{
	page_free_virt(mm->arch.root, 0);
	mm->arch.root = NULL;
}
