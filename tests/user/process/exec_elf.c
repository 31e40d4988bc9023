/* SPDX-License-Identifier: MIT */
/*
 * Small ELF files made by hand: position-independent and fixed, with bss, without sections, with a wild
 * interpreter. Their code only computes an exit status and leaves.
 */
#include "../harness.h"
#include "util.h"
#include <elf.h>

#if defined(__aarch64__)
#define MACHINE EM_AARCH64
/* Exit with the byte at (this page + 8192), the beginning of the second segment's page. */
static const uint32_t code[] = {
	0x10000000,	/* adr  x0, . */
	0x9274cc00,	/* and  x0, x0, #~0xfff */
	0x91400800,	/* add  x0, x0, #2, lsl #12 */
	0x39400000,	/* ldrb w0, [x0] */
	0xd2800ba8,	/* mov  x8, #93 */
	0xd4000001,	/* svc  #0 */
};
#else
#define MACHINE EM_X86_64
static const unsigned char code[] = {
	0x48, 0x8d, 0x05, 0xf9, 0xff, 0xff, 0xff,	/* lea  rax, [rip - 7] */
	0x48, 0x25, 0x00, 0xf0, 0xff, 0xff,		/* and  rax, ~0xfff */
	0x0f, 0xb6, 0xb8, 0x00, 0x20, 0x00, 0x00,	/* movzx edi, byte [rax + 8192] */
	0xb8, 0x3c, 0x00, 0x00, 0x00,			/* mov  eax, 60 */
	0x0f, 0x05,					/* syscall */
};
#endif

struct image {
	Elf64_Ehdr ehdr;
	Elf64_Phdr phdr[4];
	char interp[64];
	char code[64];
};

static struct image image;
static unsigned char file[4096 + 16];

static void make(uint16_t type, uint64_t base)
{
	memset(&image, 0, sizeof(image));
	memset(file, 0, sizeof(file));
	memcpy(image.ehdr.e_ident, "\177ELF\2\1\1", 7);
	image.ehdr.e_type = type;
	image.ehdr.e_machine = MACHINE;
	image.ehdr.e_version = 1;
	image.ehdr.e_entry = base + offsetof(struct image, code);
	image.ehdr.e_phoff = offsetof(struct image, phdr);
	image.ehdr.e_ehsize = sizeof(Elf64_Ehdr);
	image.ehdr.e_phentsize = sizeof(Elf64_Phdr);
	image.ehdr.e_phnum = 2;
	image.phdr[0] = (Elf64_Phdr){ .p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_vaddr = base,
		.p_filesz = sizeof(image), .p_memsz = sizeof(image), .p_align = 4096 };
	image.phdr[1] = (Elf64_Phdr){ .p_type = PT_LOAD, .p_flags = PF_R | PF_W, .p_offset = 4096,
		.p_vaddr = base + 8192, .p_filesz = 16, .p_memsz = 16, .p_align = 4096 };
	memcpy(image.code, code, sizeof(code));
	memset(file + 4096, 0x2a, 16);
}

static const char *run(void)
{
	static char text[80];
	int fd = REQUIRE_OK(open("prog", O_WRONLY | O_CREAT | O_TRUNC, 0755));
	pid_t pid;

	memcpy(file, &image, sizeof(image));
	write_all(fd, file, sizeof(file));
	close(fd);
	CHILD(pid) {
		char *argv[] = { "prog", NULL };

		execve("./prog", argv, NULL);
		snprintf(text, sizeof(text), "%s", errno_name(errno));
		note("execve: %s", text);
		_exit(200);
	}
	snprintf(text, sizeof(text), "%s", status_name(child_status(pid)));
	return text;
}

TEST(exec_elf, fixed_address)
{
	make(ET_EXEC, 0x10000000);
	note("%s", run());
}

TEST(exec_elf, position_independent_without_interpreter)
{
	make(ET_DYN, 0);
	note("%s", run());
	make(ET_DYN, 0);
	image.phdr[0].p_align = image.phdr[1].p_align = 0x10000;
	note("aligned to 64 KiB: %s", run());
}

TEST(exec_elf, bss_is_zero_and_reaches_beyond_the_file)
{
	make(ET_EXEC, 0x10000000);
	image.phdr[1].p_filesz = 0;
	note("no file part: %s", run());
	make(ET_EXEC, 0x10000000);
	image.phdr[1].p_memsz = 1 << 20;
	note("a megabyte: %s", run());
	make(ET_DYN, 0);
	image.phdr[1].p_offset = 0;
	image.phdr[1].p_filesz = 0;
	image.phdr[1].p_memsz = 4096;
	note("bss segment of its own: %s", run());
}

TEST(exec_elf, load_sizes_that_lie)
{
	make(ET_EXEC, 0x10000000);
	image.phdr[1].p_filesz = 32;
	image.phdr[1].p_memsz = 16;
	note("filesz above memsz: %s", run());
	make(ET_EXEC, 0x10000000);
	image.phdr[1].p_memsz = ~0ULL - 4096;
	note("memsz wraps: %s", run());
	make(ET_EXEC, 0x10000000);
	image.phdr[1].p_vaddr = 0xffff800000000000ULL;
	note("kernel address: %s", run());
	make(ET_EXEC, 0x10000000);
	image.phdr[1].p_offset = 4100;
	note("offset and address disagree within the page: %s", run());
	make(ET_EXEC, 0x10000000);
	image.ehdr.e_phnum = 1;
	note("second segment missing: %s", run());
	make(ET_EXEC, 0x10000000);
	image.phdr[0].p_type = PT_NOTE;
	image.phdr[1].p_type = PT_NULL;
	note("nothing to load: %s", run());
}

TEST(exec_elf, entry_points)
{
	make(ET_EXEC, 0x10000000);
	image.ehdr.e_entry = 0;
	note("zero: %s", run());
	make(ET_EXEC, 0x10000000);
	image.ehdr.e_entry = 0x10002000;
	note("in data: %s", run());
	make(ET_EXEC, 0x10000000);
	image.phdr[0].p_flags = PF_R;
	note("text without execute permission: %s", run());
}

TEST(exec_elf, interpreters)
{
	make(ET_DYN, 0);
	image.ehdr.e_phnum = 3;
	image.phdr[2] = image.phdr[1];
	image.phdr[1] = image.phdr[0];
	image.phdr[0] = (Elf64_Phdr){ .p_type = PT_INTERP, .p_flags = PF_R,
		.p_offset = offsetof(struct image, interp), .p_filesz = 20, .p_memsz = 20 };
	strcpy(image.interp, "/no/such/interpreter");
	note("not terminated: %s", run());
	image.phdr[0].p_filesz = 21;
	note("missing: %s", run());
	image.phdr[0].p_filesz = 1;
	note("one byte: %s", run());
	image.phdr[0].p_filesz = 5000;
	note("too long: %s", run());
	image.phdr[0].p_offset = 1 << 20;
	image.phdr[0].p_filesz = 21;
	note("beyond the end: %s", run());
	strcpy(image.interp, "/");
	image.phdr[0].p_offset = offsetof(struct image, interp);
	image.phdr[0].p_filesz = 2;
	note("a directory: %s", run());
	strcpy(image.interp, "text");
	put_file("text", "not an interpreter, but long enough to be read as a whole ELF header is .............");
	EXPECT_OK(chmod("text", 0755));
	image.phdr[0].p_filesz = 5;
	note("a text: %s", run());
}

TEST(exec_elf, the_interpreter_gets_control)
{
	make(ET_DYN, 0);
	EXPECT_OK(rename("/dev/null/x", "y") == -1 ? 0 : -1);
	(void)run();
	EXPECT_OK(rename("prog", "interp"));
	/* The same file once more, its data byte 7, with the first one (0x2a) as interpreter. */
	image.ehdr.e_phnum = 3;
	image.phdr[2] = image.phdr[1];
	image.phdr[1] = image.phdr[0];
	image.phdr[0] = (Elf64_Phdr){ .p_type = PT_INTERP, .p_flags = PF_R,
		.p_offset = offsetof(struct image, interp), .p_filesz = 7, .p_memsz = 7 };
	strcpy(image.interp, "interp");
	memset(file + 4096, 7, 16);
	note("%s", run());
}

TEST(exec_elf, gnu_stack_decides_whether_the_stack_may_execute)
{
	static const uint32_t flags[] = { PF_R | PF_W, PF_R | PF_W | PF_X };

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		make(ET_EXEC, 0x10000000);
		image.ehdr.e_phnum = 3;
		image.phdr[2] = (Elf64_Phdr){ .p_type = PT_GNU_STACK, .p_flags = flags[i] };
		note("%s", run());
	}
}
