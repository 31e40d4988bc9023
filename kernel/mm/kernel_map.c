/* SPDX-License-Identifier: MIT */
/*
 * The kernel's own map at boot: all memory at DIRECT_MAP_BASE in the largest blocks that fit, and windows of 2 MiB for what is needed
 * before there is memory to manage. Later changes go through pgtable.c.
 *
 * The architecture has mapped the image; its root is init_mm's. Frames that hold kernel text or constants are
 * read-only in the direct map too. Nothing live is ever replaced: every entry written here was empty.
 * Boot CPU only, interrupts off; no locks.
 */
#include <kernel/init.h>
#include <kernel/kernel_map.h>
#include <kernel/mm.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/vm.h>
#include <arch/mmu.h>

/* Tables of the direct map, before memblock_alloc() can be used: its memory is zeroed through the direct map. */
#define EARLY_TABLES 12
static pte_t early_tables[EARLY_TABLES][512] __aligned(PAGE_SIZE);
static unsigned early_used;

static pte_t *table_virt(paddr_t pa)
{
	paddr_t image = virt_to_phys(_text);

	return pa - image < (paddr_t)(_end - _text) ? (pte_t *)(_text + (pa - image)) : phys_to_virt(pa);
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

static void map_block(vaddr_t va, paddr_t pa, unsigned prot, unsigned level)
{
	pte_t *table = arch_mm_root(&init_mm), *entry;
	unsigned l;

	for (l = 0; l < level; l++) {
		entry = &table[va >> (39 - 9 * l) & 511];
		if (pte_none(*entry))
			*entry = pte_make_table(early_table());
		table = table_virt(pte_phys(*entry));
	}
	table[va >> (39 - 9 * level) & 511] = pte_make(pa, prot | VM_GLOBAL, (int)level);
}

static void map_linear(paddr_t pa, paddr_t end, unsigned prot, unsigned largest)
{
	unsigned level, shift;

	while (pa < end) {
		for (level = largest; level < 3; level++) {
			shift = 39 - 9 * level;
			if (IS_ALIGNED(pa, 1ul << shift) && end - pa >= 1ul << shift)
				break;
		}
		map_block(DIRECT_MAP_BASE + pa, pa, prot, level);
		pa += 1ul << (39 - 9 * level);
	}
}

/* [pa, end) without the image's read-only parts, which follow in order. */
static void map_bank(paddr_t pa, paddr_t end, unsigned largest)
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
		map_linear(pa, from, VM_READ | VM_WRITE, largest);
		map_linear(from, to, VM_READ, largest);
		pa = to;
	}
	map_linear(pa, end, VM_READ | VM_WRITE, largest);
}

void kernel_map_memory(unsigned largest)
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
				map_bank(base, end, largest);
				pte_publish();
			}
		}
	}
}

/* Windows: 0 and 1 the device tree, the others devices. */
#define WINDOW_DEVICE	2
#define WINDOW_END	8
static unsigned window_next = WINDOW_DEVICE;

static vaddr_t window_set(unsigned slot, paddr_t pa, unsigned prot)
{
	arch_window_table[slot] = pte_make(ALIGN_DOWN(pa, HUGE_SIZE), prot | VM_GLOBAL, 2);
	pte_publish();
	return ARCH_WINDOWS + slot * HUGE_SIZE;
}

void *early_map_dtb(paddr_t pa)
{
	vaddr_t va;

	if (!pa || pa >> PA_BITS_MAX || pa & 7)
		return NULL;
	va = window_set(0, pa, VM_READ);
	window_set(1, pa + HUGE_SIZE, VM_READ);
	return (void *)(va + (pa & (HUGE_SIZE - 1)));
}

void __iomem *early_map_device(paddr_t pa)
{
	if (window_next >= WINDOW_END || pa >> PA_BITS_MAX)
		return NULL;
	return (void __iomem *)(window_set(window_next++, pa, VM_READ | VM_WRITE | VM_DEVICE) + (pa & (HUGE_SIZE - 1)));
}

void kernel_map_finish(void)
{
	extern char __ro_after_init_start[], __ro_after_init_end[];
	paddr_t pa = virt_to_phys(early_tables[early_used]);

	arch_window_table[0] = arch_window_table[1] = (pte_t){ 0 };
	arch_tlb_flush_kernel(ARCH_WINDOWS, ARCH_WINDOWS + 2 * HUGE_SIZE);
	if (kernel_protect((vaddr_t)__ro_after_init_start, (size_t)(__ro_after_init_end - __ro_after_init_start), VM_READ))
		pr_warn("boot data stays writable\n");
	mm_free_range(pa, (EARLY_TABLES - early_used) * PAGE_SIZE);
}
