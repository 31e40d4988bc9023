/* SPDX-License-Identifier: MIT */
/*
 * memcpy, memmove, memset, and whole pages. No SIMD: the registers are the user's. Normal
 * memory only (unaligned access).
 *
 * Up to 64 bytes everything is loaded before anything is stored, by two overlapping halves from
 * both ends; larger blocks go 64 or 128 bytes a turn in the direction that overlap allows. So one
 * routine serves memcpy and memmove.
 */
	.macro	copy_64
	ldp	x6, x7, [x1, #16]
	ldp	x8, x9, [x1, #32]
	ldp	x10, x11, [x1, #48]
	ldp	x12, x13, [x1, #64]!
	stp	x6, x7, [x3, #16]
	stp	x8, x9, [x3, #32]
	stp	x10, x11, [x3, #48]
	stp	x12, x13, [x3, #64]!
	.endm

	.section .text.memcpy, "ax"
	.global	memcpy, memmove
	.balign	16
memcpy:
memmove:
	mov	x3, x0
	cmp	x2, #64
	b.hi	large
small:	add	x4, x1, x2
	add	x5, x3, x2
	cmp	x2, #16
	b.lo	2f
	ldp	x6, x7, [x1]
	ldp	x12, x13, [x4, #-16]
	cmp	x2, #32
	b.ls	1f
	ldp	x8, x9, [x1, #16]
	ldp	x10, x11, [x4, #-32]
	stp	x8, x9, [x3, #16]
	stp	x10, x11, [x5, #-32]
1:	stp	x6, x7, [x3]
	stp	x12, x13, [x5, #-16]
	ret
2:	tbz	x2, #3, 3f
	ldr	x6, [x1]
	ldr	x7, [x4, #-8]
	str	x6, [x3]
	str	x7, [x5, #-8]
	ret
3:	tbz	x2, #2, 4f
	ldr	w6, [x1]
	ldr	w7, [x4, #-4]
	str	w6, [x3]
	str	w7, [x5, #-4]
	ret
4:	cbz	x2, 6f
	ldrb	w6, [x1]
	tbz	x2, #1, 5f
	ldrh	w7, [x4, #-2]
	strh	w7, [x5, #-2]
5:	strb	w6, [x3]
6:	ret

large:	sub	x4, x0, x1
	cmp	x4, x2
	b.lo	backward		/* to lies inside from */
	/* The pointers are 16 less than the places, and move with the last access of each 64 bytes. */
	sub	x1, x1, #16
	sub	x3, x3, #16
	subs	x5, x2, #128
	b.lo	2f
1:	copy_64
	copy_64
	subs	x5, x5, #128
	b.hs	1b
2:	tbz	x2, #6, 3f
	copy_64
3:	ands	x2, x2, #63
	add	x1, x1, #16
	add	x3, x3, #16
	b.ne	small
	ret
backward:
	cbz	x4, 3f			/* same place */
	add	x4, x1, x2
	add	x5, x3, x2
2:	ldp	x6, x7, [x4, #-16]
	ldp	x8, x9, [x4, #-32]
	ldp	x10, x11, [x4, #-48]
	ldp	x12, x13, [x4, #-64]
	sub	x2, x2, #64
	stp	x6, x7, [x5, #-16]
	stp	x8, x9, [x5, #-32]
	stp	x10, x11, [x5, #-48]
	stp	x12, x13, [x5, #-64]
	sub	x4, x4, #64
	sub	x5, x5, #64
	cmp	x2, #64
	b.hs	2b
	cbnz	x2, small		/* the beginnings, not moved yet */
3:	ret

	.section .text.memset, "ax"
	.global	memset
	.balign	16
memset:
	mov	x3, x0
	add	x4, x0, x2
	and	w1, w1, #0xff
	mov	x5, #0x0101010101010101
	mul	x1, x1, x5
	cmp	x2, #16
	b.lo	3f
	cmp	x2, #64
	b.hs	1f
	stp	x1, x1, [x3]
	stp	x1, x1, [x4, #-16]
	cmp	x2, #32
	b.ls	2f
	stp	x1, x1, [x3, #16]
	stp	x1, x1, [x4, #-32]
	ret
1:	sub	x3, x3, #16
	sub	x2, x2, #64
11:	stp	x1, x1, [x3, #16]
	stp	x1, x1, [x3, #32]
	stp	x1, x1, [x3, #48]
	stp	x1, x1, [x3, #64]!
	subs	x2, x2, #64
	b.hs	11b
	/* The rest, overlapping what is done. */
	stp	x1, x1, [x4, #-64]
	stp	x1, x1, [x4, #-48]
	stp	x1, x1, [x4, #-32]
	stp	x1, x1, [x4, #-16]
2:	ret
3:	tbz	x2, #3, 4f
	str	x1, [x3]
	str	x1, [x4, #-8]
	ret
4:	tbz	x2, #2, 5f
	str	w1, [x3]
	str	w1, [x4, #-4]
	ret
5:	cbz	x2, 7f
	strb	w1, [x3]
	tbz	x2, #1, 7f
	strh	w1, [x4, #-2]
7:	ret

/*
 * DC ZVA clears a block without reading it; DCZID_EL0 says how large it is, or that it is not
 * allowed.
 */
	.section .text.arch_clear_page, "ax"
	.global	arch_clear_page
	.balign	16
arch_clear_page:
	mrs	x1, dczid_el0
	add	x3, x0, #4096
	tbnz	x1, #4, 2f
	mov	x2, #4
	lsl	x2, x2, x1
1:	dc	zva, x0
	add	x0, x0, x2
	dc	zva, x0
	add	x0, x0, x2
	cmp	x0, x3
	b.lo	1b
	ret
2:	stp	xzr, xzr, [x0]
	stp	xzr, xzr, [x0, #16]
	stp	xzr, xzr, [x0, #32]
	stp	xzr, xzr, [x0, #48]
	add	x0, x0, #64
	cmp	x0, x3
	b.lo	2b
	ret

	.section .text.arch_copy_page, "ax"
	.global	arch_copy_page
	.balign	16
arch_copy_page:
	add	x2, x0, #4096
1:	ldp	x4, x5, [x1]
	ldp	x6, x7, [x1, #16]
	ldp	x8, x9, [x1, #32]
	ldp	x10, x11, [x1, #48]
	ldp	x12, x13, [x1, #64]
	ldp	x14, x15, [x1, #80]
	ldp	x16, x17, [x1, #96]
	stp	x4, x5, [x0]
	stp	x6, x7, [x0, #16]
	ldp	x4, x5, [x1, #112]
	stp	x8, x9, [x0, #32]
	stp	x10, x11, [x0, #48]
	stp	x12, x13, [x0, #64]
	stp	x14, x15, [x0, #80]
	stp	x16, x17, [x0, #96]
	stp	x4, x5, [x0, #112]
	add	x1, x1, #128
	add	x0, x0, #128
	cmp	x0, x2
	b.lo	1b
	ret
