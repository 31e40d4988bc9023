/* SPDX-License-Identifier: MIT */
/*
 * The first page tables, and the one patch of code, made with the MMU off at the load address.
 * Called by head.S on a small stack of its own; calls nothing, and reaches everything relative
 * to the program counter (-mcmodel=small), so that running at the wrong address does no harm:
 * no pointer may be stored in initialised data here.
 *
 * The kernel root made here is the final one: arch_mm_setup() only adds to it. The image is
 * mapped in 4 KiB pages with its final permissions from the start, so nothing live ever has to
 * be taken apart.
 */
#include <kernel/init.h>
#include <arch/mmu.h>
#include <machine/layout.h>
#include <machine/sysreg.h>
#include <machine/boot.h>

#define IMAGE_TABLES (ARM64_IMAGE_MAX / HUGE_SIZE)

/* In head.S, behind .bss: not in the file, not cleared again. */
extern uint64_t arm64_idmap_l1[512], arm64_idmap_l2[512], arm64_kernel_l1[512], arm64_image_l2[512];
extern uint64_t arm64_image_l3[IMAGE_TABLES][512];

extern char __boot_start[], __boot_end[], __boot_tables_start[];
extern char __init_text_begin[], __init_text_end[], __init_data_begin[];
extern const int32_t __pan_sites_start[], __pan_sites_end[];

static uint64_t table_entry(const void *table)
{
	return (uint64_t)table | PTE_TABLE;
}

static void map_part(uint64_t load, const char *start, const char *end, uint64_t flags)
{
	uint64_t pa, index;

	for (pa = (uint64_t)start; pa < (uint64_t)end; pa += PAGE_SIZE) {
		index = (pa - load) >> PAGE_SHIFT;
		arm64_image_l3[index / 512][index % 512] = pa | flags | PTE_NORMAL | PTE_TABLE;
	}
}

/*
 * CPUs without PAN (ARMv8.0) do not know the instruction that the user copies set it with. The
 * sites become NOPs; their lines are dropped from the data cache, which the loader has cleaned,
 * and head.S empties the instruction cache.
 */
static void patch_pan(void)
{
	const int32_t *site;
	uint64_t mmfr1;
	uint32_t *insn;

	__asm__("mrs %0, id_aa64mmfr1_el1" : "=r"(mmfr1));
	if (mmfr1 >> 20 & 0xf)
		return;
	for (site = __pan_sites_start; site < __pan_sites_end; site++) {
		insn = (uint32_t *)((uint64_t)site + (uint64_t)(int64_t)*site);
		*(volatile uint32_t *)insn = 0xd503201f;
		__asm__ volatile("dmb sy\n\tdc ivac, %0" : : "r"(insn) : "memory");
	}
	dsb(sy);
}

/* @load: where _text is. */
void arm64_boot_tables(uint64_t load)
{
	volatile uint64_t *word;
	unsigned i;

	/* The lowest page of the area is the stack we run on. */
	for (word = (volatile uint64_t *)__boot_tables_start; word < (volatile uint64_t *)__boot_end; word++)
		*word = 0;

	/* Identity: the block that holds .head.text, executable. */
	arm64_idmap_l0[load >> 39 & 511] = table_entry(arm64_idmap_l1);
	arm64_idmap_l1[load >> 30 & 511] = table_entry(arm64_idmap_l2);
	arm64_idmap_l2[load >> 21 & 511] = load | PTE_NORMAL | PTE_VALID | PTE_RDONLY | PTE_UXN;

	arm64_kernel_root[ARM64_IMAGE >> 39 & 511] = table_entry(arm64_kernel_l1);
	arm64_kernel_l1[ARM64_IMAGE >> 30 & 511] = table_entry(arm64_image_l2);
	arm64_kernel_l1[ARCH_WINDOWS >> 30 & 511] = table_entry((uint64_t *)arch_window_table);
	for (i = 0; i < IMAGE_TABLES; i++)
		arm64_image_l2[i] = table_entry(arm64_image_l3[i]);
	map_part(load, _text, _etext, PTE_UXN | PTE_RDONLY);
	map_part(load, _stext_rodata, _erodata, PTE_UXN | PTE_PXN | PTE_RDONLY);
	map_part(load, __init_text_begin, __init_text_end, PTE_UXN | PTE_RDONLY);
	map_part(load, __init_data_begin, _init_end, PTE_UXN | PTE_PXN);
	map_part(load, _data, _end, PTE_UXN | PTE_PXN);
	patch_pan();
}
