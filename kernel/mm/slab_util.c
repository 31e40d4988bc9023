/* SPDX-License-Identifier: MIT */
/*
 * What is built on kmalloc and vmalloc: arrays, strings, growing, large buffers. No state, no
 * locks.
 */
#include <kernel/mm.h>
#include <kernel/string.h>
#include <stdarg.h>

void *kmalloc_array(size_t n, size_t size, gfp_t gfp)
{
	size_t bytes;

	return __builtin_mul_overflow(n, size, &bytes) ? NULL : kmalloc(bytes, gfp);
}

void *krealloc(void *p, size_t size, gfp_t gfp)
{
	size_t have = ksize(p);
	void *q;

	if (!size) {
		kfree(p);
		return NULL;
	}
	if (p && have >= size && have / 4 < size)
		return p;
	q = kmalloc(size, gfp);
	if (!q)
		return NULL;
	if (p)
		memcpy(q, p, have < size ? have : size);
	kfree(p);
	return q;
}

char *kstrdup(const char *s, gfp_t gfp)
{
	size_t n = strlen(s) + 1;
	char *d = kmalloc(n, gfp);

	return d ? memcpy(d, s, n) : NULL;
}

static char *kvasprintf(gfp_t gfp, const char *fmt, va_list ap) __printf(2, 0);
static char *kvasprintf(gfp_t gfp, const char *fmt, va_list ap)
{
	va_list measure;
	char *d;
	int n;

	va_copy(measure, ap);
	n = vsnprintf(NULL, 0, fmt, measure);
	va_end(measure);
	d = kmalloc((size_t)n + 1, gfp);
	if (d)
		vsnprintf(d, (size_t)n + 1, fmt, ap);
	return d;
}

char *kasprintf(gfp_t gfp, const char *fmt, ...)
{
	va_list ap;
	char *d;

	va_start(ap, fmt);
	d = kvasprintf(gfp, fmt, ap);
	va_end(ap);
	return d;
}

void *kvmalloc(size_t size, gfp_t gfp)
{
	void *p;

	if (size <= 4 * PAGE_SIZE || !(gfp & GFP_WAIT))
		return kmalloc(size, gfp);
	p = vmalloc(size);
	if (p && (gfp & GFP_ZERO))
		memset(p, 0, size);
	return p;
}

void kvfree(const void *p)
{
	if (is_vmalloc_addr(p))
		vfree(p);
	else
		kfree(p);
}
