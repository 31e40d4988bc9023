/* SPDX-License-Identifier: MIT */
/*
 * Copies between kernel and user memory: 128 bytes a turn, exact to the byte at a fault. The
 * contract is in <arch/uaccess.h>.
 *
 * PSTATE.PAN is clear meanwhile, on CPUs that have it (the sites are NOPs elsewhere,
 * boot/arm64/early.c). An exception in between sets PAN for its own duration (SCTLR_EL1.SPAN is
 * 0) and ERET clears it again.
 *
 * At a fault the bytes done are known from the user's pointer, which only moves when a step is
 * complete (an access that faults does not write its base register back); the rest is then tried byte by byte, so that everything before the bad address is
 * transferred.
 */
#include <kernel/errno.h>

	/* MSR PAN, #n by encoding: not every assembler's base architecture has it. */
	.macro	set_pan, n
9999:	.inst	0xd500409f | \n << 8
	.pushsection .pan_sites, "a"
	.balign	4
	.word	9999b - .
	.popsection
	.endm

	/* @ins may fault; then go to @fixup. */
	.macro	user, fixup, ins:vararg
9998:	\ins
	.pushsection .extable, "a"
	.balign	4
	.word	9998b - ., \fixup - .
	.popsection
	.endm

	.macro	u_load, fixup, ins:vararg
	.if	from_user
	user	\fixup, \ins
	.else
	\ins
	.endif
	.endm

	.macro	u_store, fixup, ins:vararg
	.if	from_user
	\ins
	.else
	user	\fixup, \ins
	.endif
	.endm

	/* 64 bytes; the pointers are 16 less than the places, and move with the last access. */
	.macro	user_copy_64, fixup
	u_load	\fixup, ldp x4, x5, [x1, #16]
	u_load	\fixup, ldp x6, x7, [x1, #32]
	u_load	\fixup, ldp x8, x9, [x1, #48]
	u_load	\fixup, ldp x10, x11, [x1, #64]!
	u_store	\fixup, stp x4, x5, [x0, #16]
	u_store	\fixup, stp x6, x7, [x0, #32]
	u_store	\fixup, stp x8, x9, [x0, #48]
	u_store	\fixup, stp x10, x11, [x0, #64]!
	.endm

	/* x0 to, x1 from, x2 bytes; x12, x13: their ends. @behind: a fault while the pointers are 16 less. */
	.macro	user_copy, fixup, behind
	add	x12, x1, x2
	add	x13, x0, x2
	set_pan	0
	cmp	x2, #64
	b.lo	2f
	sub	x1, x1, #16
	sub	x0, x0, #16
	subs	x3, x2, #128
	b.lo	11f
1:	user_copy_64 \behind
	user_copy_64 \behind
	subs	x3, x3, #128
	b.hs	1b
11:	tbz	x2, #6, 12f
	user_copy_64 \behind
12:	ands	x2, x2, #63
	add	x1, x1, #16
	add	x0, x0, #16
	b.eq	8f
2:	tbz	x2, #5, 3f
	u_load	\fixup, ldp x4, x5, [x1]
	u_load	\fixup, ldp x6, x7, [x1, #16]
	u_store	\fixup, stp x4, x5, [x0]
	u_store	\fixup, stp x6, x7, [x0, #16]
	add	x1, x1, #32
	add	x0, x0, #32
3:	tbz	x2, #4, 4f
	u_load	\fixup, ldp x4, x5, [x1], #16
	u_store	\fixup, stp x4, x5, [x0], #16
4:	tbz	x2, #3, 5f
	u_load	\fixup, ldr x4, [x1], #8
	u_store	\fixup, str x4, [x0], #8
5:	tbz	x2, #2, 6f
	u_load	\fixup, ldr w4, [x1], #4
	u_store	\fixup, str w4, [x0], #4
6:	tbz	x2, #1, 7f
	u_load	\fixup, ldrh w4, [x1], #2
	u_store	\fixup, strh w4, [x0], #2
7:	tbz	x2, #0, 8f
	u_load	\fixup, ldrb w4, [x1]
	u_store	\fixup, strb w4, [x0]
8:	set_pan	1
	mov	x0, #0
	ret
	.endm

	/* x2 bytes are left from x1 to x0. */
	.macro	user_copy_bytes, done
1:	cbz	x2, \done
	u_load	\done, ldrb w4, [x1], #1
	u_store	\done, strb w4, [x0], #1
	sub	x2, x2, #1
	b	1b
\done:	set_pan	1
	mov	x0, x2
	ret
	.endm

	.set	from_user, 1
	.section .text.raw_copy_from_user, "ax"
	.global	raw_copy_from_user
	.balign	16
raw_copy_from_user:
	user_copy from_fault, from_fault_behind
from_fault_behind:
	add	x1, x1, #16
from_fault:
	sub	x2, x12, x1
	sub	x0, x13, x2
	user_copy_bytes from_done

	.set	from_user, 0
	.section .text.raw_copy_to_user, "ax"
	.global	raw_copy_to_user
	.balign	16
raw_copy_to_user:
	user_copy to_fault, to_fault_behind
to_fault_behind:
	add	x0, x0, #16
to_fault:
	sub	x2, x13, x0
	sub	x1, x12, x2
	user_copy_bytes to_done

	.section .text.raw_clear_user, "ax"
	.global	raw_clear_user
	.balign	16
raw_clear_user:
	add	x13, x0, x1
	set_pan	0
	mrs	x3, dczid_el0
	tbnz	x3, #4, 3f		/* DZP: prohibited */
	mov	x4, #4
	lsl	x4, x4, x3		/* bytes that DC ZVA clears; bit 4 is known to be 0 */
	cmp	x1, x4, lsl #1
	b.lo	3f
	sub	x5, x4, #1
	neg	x6, x0
	and	x6, x6, x5		/* bytes up to the first whole block */
	add	x6, x6, x0
1:	cmp	x0, x6
	b.hs	2f
	user	clear_fault, stp xzr, xzr, [x0]
	user	clear_fault, stp xzr, xzr, [x0, #16]
	add	x0, x0, #32
	b	1b
2:	mov	x0, x6			/* there are two blocks: going a little too far did no harm */
	sub	x7, x13, x4
22:	cmp	x0, x7
	b.hi	3f
	user	clear_fault, dc zva, x0
	add	x0, x0, x4
	b	22b
3:	sub	x1, x13, x0
	subs	x1, x1, #32
	b.lo	5f
4:	user	clear_fault, stp xzr, xzr, [x0]
	user	clear_fault, stp xzr, xzr, [x0, #16]
	add	x0, x0, #32
	subs	x1, x1, #32
	b.hs	4b
5:	tbz	x1, #4, 6f		/* x1 is 32 less than what is left: the low bits are the same */
	user	clear_fault, stp xzr, xzr, [x0], #16
6:	tbz	x1, #3, 7f
	user	clear_fault, str xzr, [x0], #8
7:	tbz	x1, #2, 8f
	user	clear_fault, str wzr, [x0], #4
8:	tbz	x1, #1, 9f
	user	clear_fault, strh wzr, [x0], #2
9:	tbz	x1, #0, 10f
	user	clear_fault, strb wzr, [x0]
10:	set_pan	1
	mov	x0, #0
	ret
clear_fault:
	cmp	x0, x13
	b.hs	clear_done
	user	clear_done, strb wzr, [x0], #1
	b	clear_fault
clear_done:
	set_pan	1
	sub	x0, x13, x0
	ret

/*
 * int arch_user_cmpxchg32(uint32_t __user *p, uint32_t old, uint32_t new, uint32_t *was): fully
 * ordered.
 */
	.section .text.user_atomics, "ax"
	.global	arch_user_cmpxchg32
arch_user_cmpxchg32:
	lsr	x4, x0, #48
	cbnz	x4, user_atomic_fault_early
	set_pan	0
1:	user	user_atomic_fault, ldxr w5, [x0]
	cmp	w5, w1
	b.ne	2f
	user	user_atomic_fault, stlxr w6, w2, [x0]
	cbnz	w6, 1b
2:	dmb	ish			/* the exchange before what follows, also when it fails */
	set_pan	1
	str	w5, [x3]
	mov	w0, #0
	ret
user_atomic_fault:
	set_pan	1
user_atomic_fault_early:
	mov	w0, #-EFAULT
	ret

/*
 * int arch_user_atomic_op32(int op, int arg, uint32_t __user *p, uint32_t *old): 0 SET, 1 ADD,
 * 2 OR, 3 ANDN, 4 XOR.
 */
	.global	arch_user_atomic_op32
arch_user_atomic_op32:
	lsr	x4, x2, #48
	cbnz	x4, user_atomic_fault_early
	cmp	w0, #4
	b.hi	7f
	set_pan	0
1:	user	user_atomic_fault, ldxr w5, [x2]
	cmp	w0, #2
	b.eq	3f
	b.hi	4f
	mov	w6, w1
	cbz	w0, 6f
	add	w6, w5, w1
	b	6f
3:	orr	w6, w5, w1
	b	6f
4:	bic	w6, w5, w1
	cmp	w0, #3
	b.eq	6f
	eor	w6, w5, w1
6:	user	user_atomic_fault, stlxr w7, w6, [x2]
	cbnz	w7, 1b
	dmb	ish
	set_pan	1
	str	w5, [x3]
	mov	w0, #0
	ret
7:	mov	w0, #-ENOSYS
	ret
