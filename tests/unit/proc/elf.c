/* SPDX-License-Identifier: MIT */
/* UNIT-SOURCES: kernel/proc/elf_check.c */
/* ELF header checks: what loads, what is refused, and that no sum wraps whatever the bytes. */
#include "unit.h"
#include "../../../kernel/proc/elf_check.h"
#include <uapi/errno.h>

#define PAGE 4096u
#define USER_TOP (1ull << 48)
#define MACHINE 183

static struct elf64_ehdr h;
static struct elf64_phdr ph[4];
static struct elf_layout l;

static void fresh(void)
{
	h = (struct elf64_ehdr){
		.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, 1 },
		.e_type = ET_EXEC, .e_machine = MACHINE, .e_version = 1, .e_entry = 0x400100,
		.e_phoff = 64, .e_ehsize = 64, .e_phentsize = 56, .e_phnum = 3,
	};
	ph[0] = (struct elf64_phdr){ PT_LOAD, PF_R | PF_X, 0, 0x400000, 0x400000, 0x1234, 0x1234, 0x10000 };
	ph[1] = (struct elf64_phdr){ PT_LOAD, PF_R | PF_W, 0x1e00, 0x411e00, 0x411e00, 0x300, 0x1800, 0x10000 };
	ph[2] = (struct elf64_phdr){ PT_GNU_STACK, PF_R | PF_W, 0, 0, 0, 0, 0, 16 };
	ph[3] = (struct elf64_phdr){ PT_INTERP, PF_R, 0x200, 0, 0, 20, 20, 1 };
}

static int segments(void)
{
	return elf_check_segments(&h, ph, PAGE, USER_TOP, &l);
}

TEST(an_ordinary_program_passes)
{
	fresh();
	CHECK(elf_check_header(&h, sizeof(h), MACHINE) == 0);
	CHECK(segments() == 0);
	CHECK(l.nr_load == 2 && l.first == 0x400000 && l.end == 0x414000);
	CHECK(l.align == 0x10000 && l.phdr_va == 0x400040);
	CHECK(l.interp == -1 && l.stack_flags == (PF_R | PF_W));
	CHECK(l.brk == 0x411e00 + 0x1800 && l.code_end == 0x401234 && l.data_start == 0x411e00);
}

TEST(an_interpreter_is_found)
{
	fresh();
	h.e_phnum = 4;
	CHECK(segments() == 0 && l.interp == 3);
	ph[3].p_filesz = 1;
	CHECK(segments() == -ENOEXEC);
	ph[3].p_filesz = ELF_MAX_INTERP + 1;
	CHECK(segments() == -ENOEXEC);
}

TEST(wrong_headers_are_refused)
{
	static const size_t at[] = { 0, 1, 2, 3, EI_CLASS, EI_DATA };

	fresh();
	CHECK(elf_check_header(&h, sizeof(h) - 1, MACHINE) == -ENOEXEC);
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		fresh();
		h.e_ident[at[i]] ^= 0x40;
		CHECK(elf_check_header(&h, sizeof(h), MACHINE) == -ENOEXEC);
	}
	fresh();
	CHECK(elf_check_header(&h, sizeof(h), 62) == -ENOEXEC);
	h.e_type = 1;
	CHECK(elf_check_header(&h, sizeof(h), MACHINE) == -ENOEXEC);
	fresh();
	h.e_phentsize = 55;
	CHECK(elf_check_header(&h, sizeof(h), MACHINE) == -ENOEXEC);
	fresh();
	h.e_phnum = 0;
	CHECK(elf_check_header(&h, sizeof(h), MACHINE) == -ENOEXEC);
	h.e_phnum = 65535;
	CHECK(elf_check_header(&h, sizeof(h), MACHINE) == -ENOEXEC);
	fresh();
	h.e_phoff = UINT64_MAX - 8;
	CHECK(elf_check_header(&h, sizeof(h), MACHINE) == -ENOEXEC);
}

TEST(segments_outside_user_memory_are_refused)
{
	static const uint64_t bad[] = { USER_TOP, USER_TOP - 0x1000, UINT64_MAX, UINT64_MAX - 0xfff, 1ull << 63 };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		fresh();
		ph[0].p_vaddr = bad[i] & ~0xfffull;
		ph[0].p_memsz = 0x2000;
		CHECK(segments() == -EINVAL);
		fresh();
		ph[1].p_memsz = bad[i];
		CHECK(segments() == -EINVAL);
	}
}

TEST(inconsistent_segments_are_refused)
{
	fresh();
	ph[0].p_filesz = ph[0].p_memsz + 1;
	CHECK(segments() == -EINVAL);
	fresh();
	ph[0].p_offset = 0x10;		/* not congruent with its address */
	CHECK(segments() == -EINVAL);
	fresh();
	ph[0].p_offset = INT64_MAX & ~0xfffull;
	CHECK(segments() == -EINVAL);
	fresh();
	ph[0].p_type = ph[1].p_type = PT_NOTE;
	CHECK(segments() == -EINVAL);	/* nothing to load */
}

TEST(odd_alignments_do_no_harm)
{
	fresh();
	ph[0].p_align = 3;
	ph[1].p_align = 1ull << 63;
	CHECK(segments() == 0 && l.align == PAGE);
}

/* Random bytes in the fields: what passes has a span that lies in the user's half. */
TEST(no_accepted_layout_wraps)
{
	uint64_t x = 88172645463325252ull;
	unsigned accepted = 0;

	for (int round = 0; round < 200000; round++) {
		fresh();
		for (int i = 0; i < 2; i++) {
			uint64_t *f[] = { &ph[i].p_offset, &ph[i].p_vaddr, &ph[i].p_filesz, &ph[i].p_memsz, &ph[i].p_align };

			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			*f[x % 5] = x >> (x >> 58);
		}
		if (segments())
			continue;
		accepted++;
		CHECK(l.first <= l.end && l.end <= USER_TOP && l.brk <= l.end);
		CHECK((l.align & (l.align - 1)) == 0 && l.align >= PAGE && l.align <= USER_TOP / 2);
	}
	CHECK(accepted > 0);
}
