/* SPDX-License-Identifier: MIT */
/* Every protection against reading and writing, by the program and by the kernel on its behalf, before and after mprotect. */
#include "harness.h"
#include <setjmp.h>
#include <sys/mman.h>

static sigjmp_buf back;
static volatile int code;

static void on_fault(int number, siginfo_t *info, void *context)
{
	code = number * 100 + info->si_code;
	siglongjmp(back, 1);
}

static int reads(volatile char *p)
{
	code = 0;
	if (!sigsetjmp(back, 1))
		(void)*p;
	return code;
}

static int writes(volatile char *p)
{
	code = 0;
	if (!sigsetjmp(back, 1))
		*p = 'w';
	return code;
}

static void row(const char *what, char *p)
{
	int r = reads(p), w = writes(p), fds[2];
	const char *in, *out;

	REQUIRE_OK(pipe2(fds, O_NONBLOCK));
	in = RESULT(write(fds[1], p, 1));
	write_all(fds[1], "k", 1);
	out = RESULT(read(fds[0], p, 1));
	note("%s: read %d write %d, kernel reads %s, writes %s", what, r, w, in, out);
	close(fds[0]);
	close(fds[1]);
}

static void install(void)
{
	struct sigaction sa = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };

	sigaction(SIGSEGV, &sa, NULL);
	sigaction(SIGBUS, &sa, NULL);
}

static const int protections[] = {
	PROT_NONE, PROT_READ, PROT_WRITE, PROT_READ | PROT_WRITE, PROT_EXEC, PROT_READ | PROT_EXEC, PROT_WRITE | PROT_EXEC, PROT_READ | PROT_WRITE | PROT_EXEC,
};

TEST(protections, mapped_so)
{
	char what[64];
	int fd;

	install();
	put_file("f", "contents");
	fd = open("f", O_RDWR);
	for (size_t i = 0; i < ARRAY_SIZE(protections); i++) {
		snprintf(what, sizeof(what), "anonymous %d", protections[i]);
		row(what, mmap(NULL, 4096, protections[i], MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
		snprintf(what, sizeof(what), "shared %d", protections[i]);
		row(what, mmap(NULL, 4096, protections[i], MAP_SHARED | MAP_ANONYMOUS, -1, 0));
		snprintf(what, sizeof(what), "file %d", protections[i]);
		row(what, mmap(NULL, 4096, protections[i], MAP_PRIVATE, fd, 0));
		snprintf(what, sizeof(what), "shared file %d", protections[i]);
		row(what, mmap(NULL, 4096, protections[i], MAP_SHARED, fd, 0));
	}
}

TEST(protections, changed_to)
{
	char what[64];

	install();
	for (size_t i = 0; i < ARRAY_SIZE(protections); i++)
		for (size_t j = 0; j < ARRAY_SIZE(protections); j++) {
			char *p = mmap(NULL, 4096, protections[i], MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

			writes(p);
			REQUIRE_OK(mprotect(p, 4096, protections[j]));
			snprintf(what, sizeof(what), "%d to %d", protections[i], protections[j]);
			row(what, p);
			munmap(p, 4096);
		}
}

TEST(protections, behind_the_end_of_a_file)
{
	char *p;
	int fd;

	install();
	put_file("f", "contents");
	fd = open("f", O_RDWR);
	p = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	row("its last page", p + 4095);
	row("the page behind", p + 4096);
	REQUIRE_OK(ftruncate(fd, 4097));
	row("when it grew", p + 4096);
	row("further", p + 8192);
	REQUIRE_OK(ftruncate(fd, 0));
	row("when it shrank", p);
	munmap(p, 4096);
	row("unmapped", p);
}
