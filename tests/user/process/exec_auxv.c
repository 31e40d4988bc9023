/* SPDX-License-Identifier: MIT */
/* The auxiliary vector of a new program, and where things lie. */
#define HARNESS_EXEC other_main
static int other_main(int argc, char **argv);
#include "../harness.h"
#include "util.h"
#include <elf.h>
#include <link.h>
#include <sys/auxv.h>

extern char **environ;
extern char _start[];

static Elf64_auxv_t *vector(void)
{
	char **p = environ;

	while (*p)
		p++;
	return (Elf64_auxv_t *)(p + 1);
}

static int other_main(int argc, char **argv)
{
	(void)argc;
	if (!strcmp(argv[1], "@name")) {
		const char *name = (const char *)getauxval(AT_EXECFN);

		note("EXECFN \"%s\" argv[0] \"%s\"", name, argv[0]);
		return 0;
	}
	if (!strcmp(argv[1], "@secure"))
		return getauxval(AT_SECURE) * 10 + (getauxval(AT_UID) == getuid()) +
			(getauxval(AT_EUID) == geteuid()) + (getauxval(AT_GID) == getgid()) +
			(getauxval(AT_EGID) == getegid());
	if (!strcmp(argv[1], "@random")) {
		write_all(atoi(argv[2]), (void *)getauxval(AT_RANDOM), 16);
		return 0;
	}
	return 1;
}

TEST(exec_auxv, every_entry_that_a_libc_wants_is_there)
{
	static const struct { int type; const char *name; } wanted[] = {
		{ AT_PHDR, "PHDR" }, { AT_PHENT, "PHENT" }, { AT_PHNUM, "PHNUM" },
		{ AT_PAGESZ, "PAGESZ" }, { AT_BASE, "BASE" }, { AT_FLAGS, "FLAGS" },
		{ AT_ENTRY, "ENTRY" }, { AT_UID, "UID" }, { AT_EUID, "EUID" }, { AT_GID, "GID" },
		{ AT_EGID, "EGID" }, { AT_CLKTCK, "CLKTCK" }, { AT_SECURE, "SECURE" },
		{ AT_RANDOM, "RANDOM" }, { AT_HWCAP, "HWCAP" }, { AT_HWCAP2, "HWCAP2" },
		{ AT_EXECFN, "EXECFN" }, { AT_PLATFORM, "PLATFORM" },
		{ AT_SYSINFO_EHDR, "SYSINFO_EHDR" }, { AT_MINSIGSTKSZ, "MINSIGSTKSZ" },
	};
	Elf64_auxv_t *auxv = vector();

	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		int count = 0;

		for (Elf64_auxv_t *a = auxv; a->a_type != AT_NULL; a++)
			count += a->a_type == (uint64_t)wanted[i].type;
		note("%s: %d", wanted[i].name, count);
	}
}

TEST(exec_auxv, values)
{
	Elf64_Phdr *phdr = (Elf64_Phdr *)getauxval(AT_PHDR);
	int loads = 0;

	EXPECT_EQ(getauxval(AT_PAGESZ), 4096);
	EXPECT_EQ(getauxval(AT_PHENT), sizeof(Elf64_Phdr));
	EXPECT_EQ(getauxval(AT_CLKTCK), 100);
	EXPECT_EQ(getauxval(AT_ENTRY), (uintptr_t)_start);
	EXPECT_EQ(getauxval(AT_BASE), 0);
	EXPECT_EQ(getauxval(AT_FLAGS), 0);
	EXPECT_EQ(getauxval(AT_SECURE), 0);
	EXPECT_EQ(getauxval(AT_UID), 0);
	for (unsigned long i = 0; i < getauxval(AT_PHNUM); i++)
		loads += phdr[i].p_type == PT_LOAD;
	EXPECT_TRUE(loads >= 2);
	EXPECT_TRUE(getauxval(AT_MINSIGSTKSZ) >= 1024);
#if defined(__aarch64__)
	EXPECT_STR((char *)getauxval(AT_PLATFORM), "aarch64");
	EXPECT_EQ(getauxval(AT_HWCAP) & 3, 3);	/* floating point and SIMD: every CPU we run on */
#else
	EXPECT_STR((char *)getauxval(AT_PLATFORM), "x86_64");
#endif
}

TEST(exec_auxv, proc_self_auxv_is_the_same_vector)
{
	static char text[4096];
	int fd = REQUIRE_OK(open("/proc/self/auxv", O_RDONLY));
	ssize_t n = read(fd, text, sizeof(text));
	size_t size = 0;

	for (Elf64_auxv_t *a = vector(); a->a_type != AT_NULL; a++)
		size += sizeof(*a);
	EXPECT_TRUE(n >= (ssize_t)size);
	EXPECT_EQ(memcmp(text, vector(), size), 0);
}

TEST(exec_auxv, random_bytes_differ_between_programs)
{
	unsigned char bytes[3][16];
	int pipes[2];

	EXPECT_OK(pipe(pipes));
	for (int i = 0; i < 3; i++) {
		char number[16];
		pid_t pid;

		snprintf(number, sizeof(number), "%d", pipes[1]);
		CHILD(pid)
			execl("/proc/self/exe", "x", "@random", number, NULL);
		EXPECT_CHILD_OK(pid);
		EXPECT_EQ(read(pipes[0], bytes[i], 16), 16);
	}
	EXPECT_TRUE(memcmp(bytes[0], bytes[1], 16) && memcmp(bytes[1], bytes[2], 16));
	EXPECT_EQ((uintptr_t)getauxval(AT_RANDOM) >> 63, 0);
}

TEST(exec_auxv, execfn_is_the_path_given)
{
	pid_t pid;

	EXPECT_OK(symlink("/proc/self/exe", "link"));
	CHILD(pid)
		execl("./link", "zero", "@name", NULL);
	EXPECT_CHILD_OK(pid);
	CHILD(pid)
		execl("/proc/self/exe", "other", "@name", NULL);
	EXPECT_CHILD_OK(pid);
}

TEST(exec_auxv, ids_of_a_user)
{
	pid_t pid;

	CHILD(pid) {
		harness_become(1000, 1001);
		execl("/proc/self/exe", "x", "@secure", NULL);
		fail("execl: %s", errno_name(errno));
	}
	note("%s", status_name(child_status(pid)));
}

TEST(exec_auxv, the_stack_is_aligned_and_the_strings_lie_above)
{
	EXPECT_EQ((uintptr_t)environ % 8, 0);
	EXPECT_TRUE((uintptr_t)getauxval(AT_EXECFN) > (uintptr_t)vector());
	EXPECT_TRUE((uintptr_t)getauxval(AT_RANDOM) > (uintptr_t)vector());
#if defined(__aarch64__) || defined(__x86_64__)
	/* argc is where the stack pointer was: 16-byte aligned. */
	uintptr_t argc = (uintptr_t)environ - 8 * 2;

	while (*(uint64_t *)argc > 1000)
		argc -= 8;
	EXPECT_EQ(argc % 16, 0);
#endif
}

TEST(exec_auxv, the_vdso_is_an_elf_image)
{
	Elf64_Ehdr *ehdr = (Elf64_Ehdr *)getauxval(AT_SYSINFO_EHDR);
	Elf64_Phdr *phdr;
	int loads = 0, dynamic = 0;

	REQUIRE_TRUE(ehdr != NULL);
	EXPECT_EQ(memcmp(ehdr->e_ident, ELFMAG, 4), 0);
	EXPECT_EQ(ehdr->e_type, ET_DYN);
	phdr = (Elf64_Phdr *)((char *)ehdr + ehdr->e_phoff);
	for (int i = 0; i < ehdr->e_phnum; i++) {
		loads += phdr[i].p_type == PT_LOAD;
		dynamic += phdr[i].p_type == PT_DYNAMIC;
	}
	note("load %d dynamic %d", loads, dynamic);
}
