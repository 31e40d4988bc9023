/* SPDX-License-Identifier: MIT */
/*
 * Checks of ELF headers: pure functions of bytes, built by the host's tests and fuzzer as they are. They
 * look at everything that the loader computes with, so that the loader's sums cannot overflow.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uapi/elf.h>

#define ELF_MAX_PHDRS	(65536 / sizeof(struct elf64_phdr))	/* Linux's bound: 64 KiB of them */
#define ELF_MAX_INTERP	4096

struct elf_layout {
	unsigned nr_load;
	uint64_t first, end;		/* page-aligned span of all PT_LOADs, in the file's own addresses */
	uint64_t align;			/* largest p_align that is a power of two; at least a page */
	uint64_t phdr_va;		/* where the program headers lie in memory, 0: nowhere */
	int interp;			/* index of PT_INTERP, -1: none */
	int stack_flags;		/* p_flags of PT_GNU_STACK, -1: none */
	uint64_t code_start, code_end, data_start, data_end, brk;
};

/* 0; -ENOEXEC: no ELF file that this machine runs. */
int elf_check_header(const struct elf64_ehdr *h, size_t have, unsigned machine);
/*
 * The program headers of a checked header. @user_end: first address that is not the user's. 0; -ENOEXEC for what
 * cannot be loaded (-EINVAL where Linux says so).
 */
int elf_check_segments(const struct elf64_ehdr *h, const struct elf64_phdr *ph, uint64_t page_size, uint64_t user_end,
		       struct elf_layout *out);
