/* SPDX-License-Identifier: MIT */
/* execve(2) refused: which errno, and that the caller goes on unharmed. */
#include "../harness.h"
#include "util.h"
#include <elf.h>

static void put_exec(const char *path, const void *data, size_t size, mode_t mode)
{
	int fd = REQUIRE_OK(open(path, O_WRONLY | O_CREAT | O_TRUNC, 0700));

	write_all(fd, data, size);
	EXPECT_OK(fchmod(fd, mode));
	close(fd);
}

static const char *attempt(const char *path)
{
	char *argv[] = { "x", NULL };

	errno = 0;
	execve(path, argv, NULL);
	return errno_name(errno);
}

TEST(exec_errors, paths)
{
	char longname[300], longpath[5000];

	memset(longname, 'n', sizeof(longname));
	longname[sizeof(longname) - 1] = 0;
	memset(longpath, '/', sizeof(longpath));
	longpath[sizeof(longpath) - 1] = 0;
	put_file("plain", "hello");
	EXPECT_OK(mkdir("dir", 0755));
	EXPECT_OK(symlink("loop", "loop"));
	EXPECT_OK(symlink("nowhere", "dangling"));
	EXPECT_OK(mkfifo("fifo", 0755));
	note("missing: %s", attempt("missing"));
	note("empty: %s", attempt(""));
	note("directory: %s", attempt("dir"));
	note("through a file: %s", attempt("plain/x"));
	note("no x bit: %s", attempt("plain"));
	note("loop: %s", attempt("loop"));
	note("dangling: %s", attempt("dangling"));
	note("fifo: %s", attempt("fifo"));
	note("name too long: %s", attempt(longname));
	note("path too long: %s", attempt(longpath));
	note("device: %s", attempt("/dev/null"));
}

TEST(exec_errors, contents)
{
	put_exec("empty", "", 0, 0755);
	put_exec("text", "echo hello\n", 11, 0755);
	put_exec("elf4", "\177ELF", 4, 0755);
	put_exec("hash", "#!", 2, 0755);
	put_exec("hashnl", "#!\n", 3, 0755);
	put_exec("hashsp", "#!   \n", 6, 0755);
	put_exec("missint", "#!/no/such/interp\n", 18, 0755);
	put_exec("dirint", "#!/\n", 4, 0755);
	note("empty: %s", attempt("./empty"));
	note("text: %s", attempt("./text"));
	note("four bytes of ELF: %s", attempt("./elf4"));
	note("#! alone: %s", attempt("./hash"));
	note("#! newline: %s", attempt("./hashnl"));
	note("#! blanks: %s", attempt("./hashsp"));
	note("missing interpreter: %s", attempt("./missint"));
	note("directory as interpreter: %s", attempt("./dirint"));
}

TEST(exec_errors, a_file_open_for_writing_is_etxtbsy_and_the_other_way_round)
{
	int in = REQUIRE_OK(open("/proc/self/exe", O_RDONLY)), out, fd;
	char buffer[4096];
	ssize_t n;

	out = REQUIRE_OK(open("copy", O_WRONLY | O_CREAT, 0755));
	while ((n = read(in, buffer, sizeof(buffer))) > 0)
		write_all(out, buffer, n);
	note("open for writing: %s", attempt("./copy"));
	close(out);
	fd = open("/proc/self/exe", O_WRONLY);
	note("write to a running program: %s", fd < 0 ? errno_name(errno) : "opened");
	note("truncate it: %s", truncate("/proc/self/exe", 0) < 0 ? errno_name(errno) : "done");
}

TEST(exec_errors, headers_that_are_wrong)
{
	Elf64_Ehdr good;
	static unsigned char image[8192];
	int in = REQUIRE_OK(open("/proc/self/exe", O_RDONLY));

	EXPECT_EQ(read(in, image, sizeof(image)), (long)sizeof(image));
	memcpy(&good, image, sizeof(good));
#define BAD(what, change) do {                                                              \
	Elf64_Ehdr e = good;                                                                \
	change;                                                                             \
	memcpy(image, &e, sizeof(e));                                                       \
	put_exec("bad", image, sizeof(image), 0755);                                        \
	note("%s: %s", what, attempt("./bad"));                                             \
} while (0)
	BAD("magic", e.e_ident[0] = 0x7e);
	BAD("machine", e.e_machine = EM_MIPS);
	BAD("relocatable", e.e_type = ET_REL);
	BAD("core", e.e_type = ET_CORE);
	BAD("no program headers", e.e_phnum = 0);
	BAD("too many program headers", e.e_phnum = 0xffff);
	BAD("entry size", e.e_phentsize = 32);
	BAD("headers beyond the end", e.e_phoff = 1 << 20);
	BAD("headers beyond any end", e.e_phoff = ~0ULL - 100);
}

TEST(exec_errors, permissions_of_an_ordinary_user)
{
	put_exec("rootonly", "#!/bin/x\n", 9, 0700);
	put_exec("group", "#!/no/such\n", 11, 0710);
	put_exec("execonly", "#!/no/such\n", 11, 0711);
	EXPECT_OK(mkdir("closed", 0700));
	put_exec("closed/x", "#!/no/such\n", 11, 0755);
	AS_USER(1000, 1000, {
		note("0700: %s", attempt("./rootonly"));
		note("0710: %s", attempt("./group"));
		note("0711: %s", attempt("./execonly"));
		note("in a closed directory: %s", attempt("./closed/x"));
	});
	note("root, 0600: %s", (chmod("rootonly", 0600), attempt("./rootonly")));
	note("root, 0601: %s", (chmod("rootonly", 0601), attempt("./rootonly")));
}
