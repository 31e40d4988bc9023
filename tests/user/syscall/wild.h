/* SPDX-License-Identifier: MIT */
/* wild.h - pointers of every bad kind, and a table that tries them all on a list of calls. */
#ifndef TESTS_USER_SYSCALL_WILD_H
#define TESTS_USER_SYSCALL_WILD_H

#include "../process/util.h"

enum wild_kind {
	WILD_NULL, WILD_LOW, WILD_KERNEL, WILD_KERNEL_TEXT, WILD_TOP, WILD_HOLE, WILD_TAGGED, WILD_NONE,
	WILD_UNMAPPED, WILD_EDGE, WILD_READONLY, WILD_KINDS
};

static const char *const wild_names[WILD_KINDS] = {
	"null", "low", "kernel", "text", "top", "hole", "tagged", "none", "unmapped", "edge", "readonly",
};

static uintptr_t wild_pointers[WILD_KINDS];

/* Zeroed memory that is good for anything: EDGE is its last three bytes before an unmapped page. */
static void wild_setup(void)
{
	char *area = mmap(NULL, 8 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *readonly = mmap(NULL, 4 * 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *none = mmap(NULL, 4 * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	memset(area, 0, 4 * 4096);
	munmap(area + 4 * 4096, 4 * 4096);
	wild_pointers[WILD_NULL] = 0;
	wild_pointers[WILD_LOW] = 16;
	wild_pointers[WILD_KERNEL] = 0xffff000000000000;
	wild_pointers[WILD_KERNEL_TEXT] = 0xffff800008000000;
	wild_pointers[WILD_TOP] = ~0UL - 15;
	wild_pointers[WILD_HOLE] = 0x0010000000000000;
	wild_pointers[WILD_TAGGED] = (uintptr_t)area | 0x5aUL << 56;
	wild_pointers[WILD_NONE] = (uintptr_t)none;
	wild_pointers[WILD_UNMAPPED] = (uintptr_t)area + 5 * 4096;
	wild_pointers[WILD_EDGE] = (uintptr_t)area + 4 * 4096 - 3;
	wild_pointers[WILD_READONLY] = (uintptr_t)readonly;
}

typedef long (*wild_call)(void *p);

/*
 * One line: the answer for each kind; equal neighbours are joined. A positive result is shown as "ok":
 * its value may be a descriptor or a count.
 */
static void wild_line(const char *name, wild_call call, bool data)
{
	char line[400];
	int used = 0;
	const char *last = "";
	static char results[WILD_KINDS][24];

	for (int i = 0; i < WILD_KINDS; i++) {
		memset((void *)wild_pointers[WILD_EDGE], 0, 3);
		if (data && i == WILD_EDGE) {
			strcpy(results[i], results[i - 1]);
			continue;
		}
		errno = 0;
		long result = call((void *)wild_pointers[i]);

		/* -1 without an error: this kind is not tried (it would wait for ever). */
		snprintf(results[i], sizeof(results[i]), "%s", result != -1 ? "ok" :
			 errno ? errno_name(errno) : "not tried");
	}
	for (int i = 0; i < WILD_KINDS; i++) {
		if (strcmp(results[i], last))
			used += snprintf(line + used, sizeof(line) - used, "%s%s:", i ? "; " : "", results[i]);
		used += snprintf(line + used, sizeof(line) - used, " %s", wild_names[i]);
		last = results[i];
	}
	note("%s: %s", name, line);
}

static HARNESS_UNUSED void wild_try(const char *name, wild_call call)
{
	wild_line(name, call, false);
}

/* The same for calls that move bytes: whether the three before the edge count is not settled. */
static HARNESS_UNUSED void wild_data(const char *name, wild_call call)
{
	wild_line(name, call, true);
}

/* A call of the table: the expression uses P. */
#define CALL(name, ...)                                                                     \
	static long name(void *p)                                                           \
	{                                                                                   \
		return (long)(__VA_ARGS__);                                                 \
	}

#endif /* TESTS_USER_SYSCALL_WILD_H */
