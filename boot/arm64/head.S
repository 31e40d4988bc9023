/* SPDX-License-Identifier: MIT */
/*
 * The first instructions of every CPU: from the firmware's hands (Linux's arm64 boot protocol:
 * MMU off, x0 = device tree, EL1 or EL2, image at any 2 MiB boundary; PSCI: x0 = our context)
 * to C code at the link address.
 *
 * Up to arm64_mmu_on everything is relative to the program counter. Memory is then Device:
 * aligned accesses only. Writes go past the caches, so the lines they touch are invalidated
 * before (a dirty line must not be evicted over them) and after (a line fetched by speculation
 * must not hide them): Arm ARM, "Cache maintenance ... to the Point of Coherency".
 *
 * Registers kept: x19 return, x20 exception level at entry, x21 x0 at entry, x22 load address.
 */
#include <machine/frame.h>
#include <machine/layout.h>
#include <machine/sysreg.h>

	.macro	load_address, reg, sym
	adrp	\reg, \sym
	add	\reg, \reg, :lo12:\sym
	.endm

	.macro	mov_q, reg, value
	movz	\reg, #:abs_g2:(\value)
	movk	\reg, #:abs_g1_nc:(\value)
	movk	\reg, #:abs_g0_nc:(\value)
	.endm

	.section .head.text, "ax"
	.global	_text
_text:
	b	primary_entry
	.long	0
	.quad	0			/* text_offset: none, any 2 MiB boundary */
	.quad	__image_size		/* memory wanted from the load address on: .bss and boot tables too */
	.quad	0x0a			/* little-endian, 4 KiB pages, anywhere in memory */
	.quad	0, 0, 0
	.ascii	"ARM\x64"
	.long	0

primary_entry:
	mov	x21, x0
	bl	drop_to_el1
	load_address x22, _text
	load_address x9, __boot_stack_top
	mov	sp, x9
	bl	invalidate_boot_area
	mov	x0, x22
	bl	arm64_boot_tables
	bl	invalidate_boot_area
	ldr	x30, =primary_virtual
	b	arm64_mmu_on

primary_virtual:
	load_address x0, __bss_start	/* both 64-byte aligned */
	load_address x1, __bss_end
1:	stp	xzr, xzr, [x0]
	stp	xzr, xzr, [x0, #16]
	stp	xzr, xzr, [x0, #32]
	stp	xzr, xzr, [x0, #48]
	add	x0, x0, #64
	cmp	x0, x1
	b.lo	1b
	load_address x18, init_task
	load_address x9, arm64_boot_stack
	str	x9, [x18, #TASK_KSTACK]
	add	x9, x9, #(1 << KSTACK_SHIFT)
	sub	sp, x9, #FRAME_SIZE
	str	x18, [sp, #FRAME_TASK]
	msr	tpidr_el1, xzr		/* CPU 0 uses the per-CPU template itself */
	load_address x9, arm64_vectors
	msr	vbar_el1, x9
	isb
	mov	x29, xzr
	mov	x0, x21
	mov	x1, x22
	mov	x2, x20
	bl	arm64_start

	/* PSCI starts the other CPUs here; x0: index. */
	.global	arm64_secondary_entry
arm64_secondary_entry:
	mov	x21, x0
	bl	drop_to_el1
	ldr	x30, =secondary_virtual
	b	arm64_mmu_on

secondary_virtual:
	load_address x9, arm64_secondary_task
	ldr	x18, [x9, x21, lsl #3]
	load_address x9, percpu_offset
	ldr	x9, [x9, x21, lsl #3]
	msr	tpidr_el1, x9
	ldr	x9, [x18, #TASK_KSTACK]
	add	x9, x9, #(1 << KSTACK_SHIFT)
	sub	sp, x9, #FRAME_SIZE
	str	x18, [sp, #FRAME_TASK]
	load_address x9, arm64_vectors
	msr	vbar_el1, x9
	isb
	mov	x29, xzr
	mov	x0, x21
	bl	arm64_secondary_start

/*
 * Leaves EL2 for EL1, with MMU and caches off, the stack pointer of EL1 selected and all
 * interrupts masked. x20: level at entry. What EL2 could trap or redirect is turned off; the
 * virtual timer has no offset; the GIC's system registers are open.
 */
drop_to_el1:
	mrs	x9, CurrentEL
	lsr	x20, x9, #2
	mov_q	x9, SCTLR_MMU_OFF
	cmp	x20, #2
	b.eq	1f
	msr	sctlr_el1, x9
	msr	spsel, #1
	msr	daifset, #0xf
	isb
	ret
1:	msr	sctlr_el2, x9		/* same RES1 bits */
	/*
	 * RW: EL1 is AArch64. APK, API: pointer authentication is not trapped. E2H clear: no
	 * VHE.
	 */
	mov_q	x9, (1 << 31 | 1 << 40 | 1 << 41)
	msr	hcr_el2, x9
	isb
	mov_q	x10, SCTLR_MMU_OFF
	msr	sctlr_el1, x10
	/* CPUs without FEAT_E2H0 keep E2H set; then CPTR_EL2 and CNTHCTL_EL2 have EL1's layout. */
	mrs	x9, hcr_el2
	tbnz	x9, #34, 2f
	mov	x10, #0x33ff		/* CPTR_EL2 RES1: SVE and SME trap, FP and SIMD do not */
	mov	x11, #3			/* CNTHCTL_EL2: EL1PCTEN, EL1PCEN: counter and timer are EL1's */
	b	3f
2:	mov	x10, #(3 << 20)		/* FPEN */
	mov	x11, #(3 << 10)
3:	msr	cptr_el2, x10
	msr	cnthctl_el2, x11
	msr	cntvoff_el2, xzr
	msr	hstr_el2, xzr
	msr	vttbr_el2, xzr
	mrs	x9, midr_el1
	msr	vpidr_el2, x9
	mrs	x9, mpidr_el1
	msr	vmpidr_el2, x9
	/* MDCR_EL2: no debug traps; HPMN: all event counters are EL1's. */
	mrs	x9, id_aa64dfr0_el1
	ubfx	x10, x9, #8, #4		/* PMUVer: 0 none, 15 not architected */
	mov	x11, xzr
	sub	x12, x10, #1
	cmp	x12, #14
	b.hs	4f
	mrs	x11, pmcr_el0
	ubfx	x11, x11, #11, #5
4:	msr	mdcr_el2, x11
	/* ICC_SRE_EL2: SRE and Enable, where the CPU interface has system registers. */
	mrs	x9, id_aa64pfr0_el1
	ubfx	x9, x9, #24, #4
	cbz	x9, 5f
	mrs	x9, s3_4_c12_c9_5
	mov	x10, #9
	orr	x9, x9, x10
	msr	s3_4_c12_c9_5, x9
	isb
	mrs	x9, s3_4_c12_c9_5
	tbz	x9, #0, 5f		/* EL3 keeps the memory-mapped interface */
	msr	s3_4_c12_c11_0, xzr	/* ICH_HCR_EL2: no virtual interrupts */
5:	/* Fine-grained traps are unknown after reset where they exist (ID_AA64MMFR0_EL1.FGT). */
	mrs	x9, id_aa64mmfr0_el1
	ubfx	x9, x9, #56, #4
	cbz	x9, 6f
	msr	s3_4_c1_c1_4, xzr	/* HFGRTR_EL2 */
	msr	s3_4_c1_c1_5, xzr	/* HFGWTR_EL2 */
	msr	s3_4_c1_c1_6, xzr	/* HFGITR_EL2 */
	msr	s3_4_c3_c1_4, xzr	/* HDFGRTR_EL2 */
	msr	s3_4_c3_c1_5, xzr	/* HDFGWTR_EL2 */
6:	mov	x9, #0x3c5		/* EL1h, DAIF masked */
	msr	spsr_el2, x9
	msr	elr_el2, x30
	eret

/*
 * MMU and caches on, then to x30, a link address. The identity map (TTBR0) covers this code;
 * everything the TLB and the instruction cache knew before is stale.
 */
arm64_mmu_on:
	adrp	x0, arm64_idmap_l0
	adrp	x1, arm64_kernel_root
	mov_q	x2, MAIR_VALUE
	mov_q	x3, TCR_VALUE
	mrs	x4, id_aa64mmfr0_el1
	ubfx	x5, x4, #0, #3		/* PARange; 52 bits are not used */
	cmp	x5, #5
	mov	x6, #5
	csel	x5, x5, x6, lo
	bfi	x3, x5, #32, #3		/* IPS */
	ubfx	x5, x4, #4, #4
	cmp	x5, #2
	b.ne	1f
	orr	x3, x3, #TCR_AS		/* 16-bit ASIDs */
1:	msr	mair_el1, x2
	msr	tcr_el1, x3
	msr	ttbr0_el1, x0
	msr	ttbr1_el1, x1
	isb				/* the registers are in use before the TLB is emptied */
	tlbi	vmalle1
	ic	iallu
	dsb	nsh			/* both are complete */
	isb
	mov_q	x2, SCTLR_VALUE
	msr	sctlr_el1, x2
	isb				/* translated from here on */
	ret

/*
 * Drops the cache lines of the boot area; its contents are in memory only. 64 bytes: a larger
 * line is just dropped twice.
 */
invalidate_boot_area:
	load_address x9, __boot_start
	load_address x10, __boot_end
	mrs	x11, ctr_el0
	ubfx	x11, x11, #16, #4	/* DminLine: log2 of words */
	mov	x12, #4
	lsl	x11, x12, x11
	dmb	sy			/* our stores before the maintenance */
1:	dc	ivac, x9
	add	x9, x9, x11
	cmp	x9, x10
	b.lo	1b
	dsb	sy
	ret

	.section .bss.boot_stack, "aw", %nobits
	.balign	16
	.global	arm64_boot_stack
arm64_boot_stack:
	.skip	1 << KSTACK_SHIFT

	.section .boot.bss, "aw", %nobits
	.balign	4096
	.skip	4096
	.global	__boot_stack_top
__boot_stack_top:

	.macro	table, name, pages=1
	.global	\name
\name:	.skip	4096 * \pages
	.endm
	.global	__boot_tables_start
__boot_tables_start:
	table	arm64_idmap_l0
	table	arm64_idmap_l1
	table	arm64_idmap_l2
	table	arm64_kernel_root
	table	arm64_kernel_l1
	table	arm64_image_l2
	table	arm64_image_l3, ARM64_IMAGE_MAX >> 21
	table	arch_window_table
