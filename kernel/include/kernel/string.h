/* SPDX-License-Identifier: MIT */
/* Strings, formatting, numbers, hashes. kernel/lib; no kernel state, so the host tests build it as it is. */
#pragma once
#include <kernel/types.h>
#include <stdarg.h>

/* The architecture provides memcpy, memmove and memset in assembly; the rest is portable C. */
void *memcpy(void *dst, const void *src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
void *memchr(const void *s, int c, size_t n);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
int strcasecmp(const char *a, const char *b);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);
char *strstr(const char *s, const char *needle);
/* Copies at most size - 1 bytes and always terminates; returns the length, or -E2BIG when it was cut. */
ssize_t strscpy(char *dst, const char *src, size_t size);
/* %d i u x X o p s c %% with flags, width, precision, hh h l ll z t j; also %pS (symbol+offset), nothing else. */
int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap) __printf(3, 0);
int snprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);
/* As snprintf, but returns what was written, never more than size - 1. */
int scnprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);
/* Whole string (one trailing newline allowed) as a number; base 0 understands 0x and 0. -EINVAL, -ERANGE. */
int kstrtou64(const char *s, unsigned base, uint64_t *out) __must_check;
int kstrtos64(const char *s, unsigned base, int64_t *out) __must_check;
/* "64M", "0x1000", "2G@0x80000000": number with K M G T suffix; *end points behind it. */
uint64_t memparse(const char *s, const char **end);

uint32_t hash_bytes(const void *p, size_t n, uint32_t seed);
static inline uint32_t hash_u64(uint64_t v, unsigned bits)
{
	return (uint32_t)(v * 0x61c8864680b583ebull >> (64 - bits));
}
void sort(void *base, size_t n, size_t size, int (*cmp)(const void *, const void *));
uint64_t isqrt64(uint64_t v);
static inline unsigned ilog2_u64(uint64_t v) { return 63 - (unsigned)__builtin_clzll(v); }
static inline bool is_power_of_2(uint64_t v) { return v && !(v & (v - 1)); }
static inline bool isdigit(int c) { return (unsigned)c - '0' < 10; }
static inline bool isspace(int c) { return c == ' ' || (unsigned)c - '\t' < 5; }
static inline bool isprint(int c) { return (unsigned)c - 0x20 < 0x5f; }
static inline int tolower(int c) { return (unsigned)c - 'A' < 26 ? c + 32 : c; }
static inline int toupper(int c) { return (unsigned)c - 'a' < 26 ? c - 32 : c; }

/* Bitmaps of unsigned long. Return `size` when there is none. */
unsigned find_next_bit(const unsigned long *map, unsigned size, unsigned from);
unsigned find_next_zero_bit(const unsigned long *map, unsigned size, unsigned from);
static inline unsigned find_first_bit(const unsigned long *map, unsigned size) { return find_next_bit(map, size, 0); }
static inline unsigned find_first_zero_bit(const unsigned long *map, unsigned size) { return find_next_zero_bit(map, size, 0); }
#define BITS_TO_LONGS(n) DIV_ROUND_UP(n, 64)
#define DECLARE_BITMAP(name, bits) unsigned long name[BITS_TO_LONGS(bits)]
