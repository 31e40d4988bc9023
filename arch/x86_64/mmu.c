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
#include <kernel/kernel_map.h>
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
pte_t arch_window_table[512] __aligned(PAGE_SIZE);
static uint64_t vmalloc_l1[VMALLOC_SLOTS][512] __aligned(PAGE_SIZE);

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
	top_l1[ARCH_WINDOWS >> 30 & 511] = virt_to_phys(arch_window_table) | PTE_TABLE;
	x86_kernel_root[511] = virt_to_phys(top_l1) | PTE_TABLE;
	for (i = 0; i < VMALLOC_SLOTS; i++)
		x86_kernel_root[ROOT_SLOT(VMALLOC_BASE) + i] = virt_to_phys(vmalloc_l1[i]) | PTE_TABLE;
	x86_kernel_root[0] = low;
	x86_kernel_cr3 = virt_to_phys(x86_kernel_root);
	write_cr3(x86_kernel_cr3);
	init_mm.arch.root = (pte_t *)x86_kernel_root;
}

void arch_mm_setup(void)
{
	kernel_map_memory(cpuid(0x80000001, 0).d & BIT(26) ? 1 : 2);
	/* The one-to-one map of the boot code goes; so do its entries, which may be global. */
	x86_kernel_root[0] = 0;
	arch_tlb_flush_mm(&init_mm);
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
