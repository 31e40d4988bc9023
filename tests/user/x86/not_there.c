/* SPDX-License-Identifier: MIT */
/* arch: x86_64 */
/*
 * What Linux still has for older programs and Aramid has not (CAVEATS.md): 32-bit code, the vsyscall page, local
 * descriptor tables, I/O ports. tests/user/diverging/ says how Aramid refuses each.
 */
#include "../harness.h"
#include "../process/util.h"
#include <elf.h>

static void note_exec(const char *path)
{
	int fds[2], error = 0;
	pid_t pid;

	REQUIRE_OK(pipe2(fds, O_CLOEXEC));
	CHILD(pid) {
		execl(path, path, NULL);
		error = errno;
		write_all(fds[1], &error, sizeof(error));
		_exit(1);
	}
	close(fds[1]);
	if (read(fds[0], &error, sizeof(error)) == sizeof(error))
		note("exec: %s", errno_name(error));
	close(fds[0]);
	note("%s", status_name(child_status(pid)));
}

TEST(not_there, int_0x80)
{
	pid_t pid;

	CHILD(pid) {
		int got;

		__asm__ volatile("int $0x80" : "=a"(got) : "a"(20) : "memory");
		_exit(got == getpid() ? 5 : 6);
	}
	note("%s", status_name(child_status(pid)));
}

/* movl $1, %eax; movl $9, %ebx; int $0x80 */
static const uint8_t exit_9[] = { 0xb8, 1, 0, 0, 0, 0xbb, 9, 0, 0, 0, 0xcd, 0x80 };

TEST(not_there, a_32_bit_program)
{
	struct {
		Elf32_Ehdr header;
		Elf32_Phdr segment;
		uint8_t code[sizeof(exit_9)];
	} file = {
		.header = {
			.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS32, ELFDATA2LSB, EV_CURRENT },
			.e_type = ET_EXEC, .e_machine = EM_386, .e_version = EV_CURRENT,
			.e_entry = 0x10000 + sizeof(Elf32_Ehdr) + sizeof(Elf32_Phdr), .e_phoff = sizeof(Elf32_Ehdr),
			.e_ehsize = sizeof(Elf32_Ehdr), .e_phentsize = sizeof(Elf32_Phdr), .e_phnum = 1,
		},
		.segment = {
			.p_type = PT_LOAD, .p_vaddr = 0x10000, .p_filesz = sizeof(file), .p_memsz = sizeof(file),
			.p_flags = PF_R | PF_X, .p_align = 4096,
		},
	};
	int fd = REQUIRE_OK(open("program", O_WRONLY | O_CREAT | O_EXCL, 0755));

	memcpy(file.code, exit_9, sizeof(exit_9));
	write_all(fd, &file, sizeof(file));
	close(fd);
	note_exec("./program");
}

TEST(not_there, a_jump_into_a_32_bit_segment)
{
	uint8_t *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	struct {
		uint32_t offset;
		uint16_t segment;
	} __attribute__((packed)) target = { (uintptr_t)code, 0x23 };
	pid_t pid;

	REQUIRE_TRUE(code != MAP_FAILED);
	memcpy(code, exit_9, sizeof(exit_9));
	CHILD(pid)
		__asm__ volatile("ljmp *%0" :: "m"(target));
	note("%s", status_name(child_status(pid)));
}

TEST(not_there, the_vsyscall_page)
{
	pid_t pid;

	CHILD(pid) {
		time_t now = ((time_t (*)(time_t *))wild(0xffffffffff600400))(NULL);

		_exit(now >= time(NULL) - 5 && now <= time(NULL) ? 5 : 6);
	}
	note("%s", status_name(child_status(pid)));
}

TEST(not_there, descriptor_tables_and_ports)
{
	static char table[64];

	SHOW(syscall(SYS_modify_ldt, 0, table, sizeof(table)));
	SHOW(syscall(SYS_iopl, 0));
	SHOW(syscall(SYS_ioperm, 0x80, 1, 0));
}

TEST(not_there, calls)
{
	static char text[64];

	SHOW(syscall(SYS_ustat, 1 << 20, text));
	SHOW(syscall(SYS_sysfs, 99, 0, 0));
}
