/* SPDX-License-Identifier: MIT */
/*
 * For foreign code only. Our callers hand every library its memory (static contexts, zalloc
 * hooks), so these are never reached; if one is, it fails as an exhausted heap does.
 */
#pragma once
#include <stddef.h>

static inline void *malloc(size_t size)
{
	(void)size;
	return NULL;
}

static inline void *calloc(size_t n, size_t size)
{
	(void)n;
	(void)size;
	return NULL;
}

static inline void free(void *p)
{
	(void)p;
}
