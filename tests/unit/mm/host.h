/* SPDX-License-Identifier: MIT */
/* What the memory tests share: a check that counts, a generator that repeats, and a trap for panic(). */
#pragma once
#include <kernel/string.h>

/* The host's library, declared by hand: its headers and the kernel's name the same types. */
int printf(const char *fmt, ...);
int vprintf(const char *fmt, va_list ap);
void exit(int status) __attribute__((noreturn));
void *calloc(size_t n, size_t size);
void free(void *p);

extern unsigned tests_failed;
extern void *panic_jump[5];
extern int panic_expected;
uint64_t rnd(void);
void host_setup(uint64_t bytes);
#define CHECK(c) do { if (!(c)) { printf("# %s:%d: %s\n", __FILE__, __LINE__, #c); tests_failed++; } } while (0)
/* The statement must panic. */
#define CHECK_PANIC(s) do { panic_expected = 1; if (!__builtin_setjmp(panic_jump)) { s; \
	printf("# %s:%d: no panic: %s\n", __FILE__, __LINE__, #s); tests_failed++; } panic_expected = 0; } while (0)
