/* SPDX-License-Identifier: MIT */
/* What the object is for, and since when. */
	.section .note.kernel, "a"
	.balign	4
	.long	6, 4, 0
	.asciz	"Linux"
	.balign	4
	.long	0x060600
	.section .note.GNU-stack, "", @progbits
