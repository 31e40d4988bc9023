/* SPDX-License-Identifier: MIT */
/*
 * The kernel's string functions under the C library's header name. Foreign code gets the bare
 * prototypes, for it brings macros and functions of names that our headers use too.
 */
#pragma once

#ifdef THIRD_PARTY_CODE
#include <stddef.h>
void *memcpy(void *dst, const void *src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
void *memchr(const void *s, int c, size_t n);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
char *strrchr(const char *s, int c);
#define memcpy(d, s, n) __builtin_memcpy(d, s, n)
#define memmove(d, s, n) __builtin_memmove(d, s, n)
#define memset(d, c, n) __builtin_memset(d, c, n)
#else
#include <kernel/string.h>
#endif
