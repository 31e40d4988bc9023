/* SPDX-License-Identifier: MIT */
#pragma once
#include <kernel/compiler.h>

/* Area flags; the low bits are PROT_*'s values and what page-table code takes as `prot`. */
#define VM_READ		0x1u
#define VM_WRITE	0x2u
#define VM_EXEC		0x4u
#define VM_PROT		0x7u
#define VM_USER		0x8u	/* page tables: accessible to user mode */
#define VM_DEVICE	0x10u	/* page tables: Device-nGnRE */
#define VM_WC		0x20u	/* page tables: normal non-cacheable */
#define VM_GLOBAL	0x40u	/* page tables: kernel mapping */
#define VM_SHARED	0x80u
#define VM_MAYREAD	0x100u
#define VM_MAYWRITE	0x200u
#define VM_MAYEXEC	0x400u
#define VM_GROWSDOWN	0x800u
#define VM_STACK	0x1000u
#define VM_LOCKED	0x2000u
#define VM_DONTCOPY	0x4000u
#define VM_WIPEONFORK	0x8000u
#define VM_DONTEXPAND	0x10000u
#define VM_DONTDUMP	0x20000u
#define VM_NORESERVE	0x40000u
#define VM_ACCOUNT	0x80000u	/* charged to the commit limit */
#define VM_HUGEPAGE	0x100000u
#define VM_NOHUGEPAGE	0x200000u
#define VM_SPECIAL	0x400000u	/* pages without struct page reference (devices, vDSO) */
#define VM_MERGEABLE	0x800000u
#define VM_LOCKONFAULT	0x1000000u
#define VM_HEAP		0x2000000u
#define VM_VDSO		0x4000000u
#define VM_SEQ_READ	0x8000000u
#define VM_RAND_READ	0x10000000u
