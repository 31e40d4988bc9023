/* SPDX-License-Identifier: MIT */
/*
 * ELF header checks; see elf_check.h. No kernel state, no allocation. References: elf(5), the System V ABI,
 * "Object Files" and "Program Loading".
 *
 * The order of PT_LOADs by address is not demanded (Linux does not), but their span must fit into the user's half,
 * so that every p_vaddr + p_memsz, relocated or not, is a sum that cannot wrap.
 */
#include "elf_check.h"
#include <uapi/errno.h>

int elf_check_header(const struct elf64_ehdr *h, size_t have, unsigned machine)
{
	if (have < sizeof(*h))
		return -ENOEXEC;
	if (h->e_ident[0] != 0x7f || h->e_ident[1] != 'E' || h->e_ident[2] != 'L' || h->e_ident[3] != 'F')
		return -ENOEXEC;
	if (h->e_ident[EI_CLASS] != ELFCLASS64 || h->e_ident[EI_DATA] != ELFDATA2LSB)
		return -ENOEXEC;
	if ((h->e_type != ET_EXEC && h->e_type != ET_DYN) || h->e_machine != machine)
		return -ENOEXEC;
	if (h->e_phentsize != sizeof(struct elf64_phdr) || !h->e_phnum || h->e_phnum > ELF_MAX_PHDRS)
		return -ENOEXEC;
	if (h->e_phoff > INT64_MAX - 65536)
		return -ENOEXEC;
	return 0;
}

static bool power_of_2(uint64_t v)
{
	return v && !(v & (v - 1));
}

static int check_load(const struct elf64_ehdr *h, const struct elf64_phdr *p, uint64_t page, uint64_t user_end,
		      struct elf_layout *o)
{
	uint64_t end, start = p->p_vaddr & ~(page - 1);

	if (p->p_filesz > p->p_memsz || p->p_memsz > user_end || p->p_vaddr > user_end - p->p_memsz)
		return -EINVAL;
	/* A page of the file is a page of memory: both offsets agree below the page size. */
	if (p->p_filesz && (p->p_offset & (page - 1)) != (p->p_vaddr & (page - 1)))
		return -EINVAL;
	if (p->p_offset > (uint64_t)INT64_MAX - p->p_filesz - page)
		return -EINVAL;
	end = (p->p_vaddr + p->p_memsz + page - 1) & ~(page - 1);
	if (end > user_end)
		return -EINVAL;
	if (power_of_2(p->p_align) && p->p_align > o->align)
		o->align = p->p_align;
	if (!o->nr_load++) {
		o->first = start;
		o->end = end;
	} else {
		if (start < o->first)
			o->first = start;
		if (end > o->end)
			o->end = end;
	}
	if (!o->phdr_va && h->e_phoff >= p->p_offset && h->e_phoff - p->p_offset < p->p_filesz)
		o->phdr_va = h->e_phoff - p->p_offset + p->p_vaddr;
	if ((p->p_flags & PF_X) && p->p_vaddr < o->code_start)
		o->code_start = p->p_vaddr;
	if ((p->p_flags & PF_X) && p->p_vaddr + p->p_filesz > o->code_end)
		o->code_end = p->p_vaddr + p->p_filesz;
	if (p->p_vaddr > o->data_start)
		o->data_start = p->p_vaddr;
	if (p->p_vaddr + p->p_filesz > o->data_end)
		o->data_end = p->p_vaddr + p->p_filesz;
	if (p->p_vaddr + p->p_memsz > o->brk)
		o->brk = p->p_vaddr + p->p_memsz;
	return 0;
}

int elf_check_segments(const struct elf64_ehdr *h, const struct elf64_phdr *ph, uint64_t page, uint64_t user_end,
		       struct elf_layout *o)
{
	int err;

	*o = (struct elf_layout){ .align = page, .interp = -1, .stack_flags = -1, .code_start = UINT64_MAX };
	for (unsigned i = 0; i < h->e_phnum; i++) {
		const struct elf64_phdr *p = &ph[i];

		switch (p->p_type) {
		case PT_LOAD:
			err = check_load(h, p, page, user_end, o);
			if (err)
				return err;
			break;
		case PT_INTERP:
			if (o->interp >= 0)
				break;		/* the first one counts */
			if (p->p_filesz < 2 || p->p_filesz > ELF_MAX_INTERP || p->p_offset > (uint64_t)INT64_MAX - ELF_MAX_INTERP)
				return -ENOEXEC;
			o->interp = (int)i;
			break;
		case PT_GNU_STACK:
			o->stack_flags = (int)p->p_flags;
			break;
		}
	}
	if (!o->nr_load)
		return -EINVAL;
	if (o->align > user_end / 2)
		o->align = page;
	if (o->code_start == UINT64_MAX)
		o->code_start = o->first;
	return 0;
}
