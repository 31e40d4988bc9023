/* SPDX-License-Identifier: MIT */
/*
 * The portable part of access to user memory: strings, versioned structs, copies that do not fault.
 *
 * Strings are read by aligned words once the source is aligned: an aligned word never crosses
 * into a page that the string does not reach. Little-endian.
 *
 * Locks: none may be held (the nofault forms excepted: they run with preemption off, where a
 * fault fails at once).
 */
#include <kernel/errno.h>
#include <kernel/mm.h>
#include <kernel/preempt.h>
#include <kernel/string.h>
#include <kernel/uaccess.h>
#include <kernel/vm.h>

#define ONES 0x0101010101010101ull
#define HIGHS 0x8080808080808080ull

/* Non-zero when a byte of @w is zero; the lowest set bit marks the first (Mycroft's test). */
static inline uint64_t zero_byte(uint64_t w)
{
	return (w - ONES) & ~w & HIGHS;
}

ssize_t strncpy_from_user(char *dst, const char __user *src, size_t size)
{
	size_t n = 0;
	uint64_t w;
	char c;

	for (; n < size && ((uintptr_t)(src + n) & 7); n++) {
		if (get_user(c, src + n))
			return -EFAULT;
		dst[n] = c;
		if (!c)
			return (ssize_t)n;
	}
	while (n + 8 <= size) {
		uint64_t z;

		if (get_user(w, (const uint64_t __user *)(src + n)))
			/* the end of the user half, or a fault: byte by byte it becomes exact */
			break;
		z = zero_byte(w);
		__builtin_memcpy(dst + n, &w, 8);
		if (z)
			return (ssize_t)(n + (size_t)__builtin_ctzll(z) / 8);
		n += 8;
	}
	for (; n < size; n++) {
		if (get_user(c, src + n))
			return -EFAULT;
		dst[n] = c;
		if (!c)
			return (ssize_t)n;
	}
	return (ssize_t)size;
}

ssize_t strnlen_user(const char __user *src, size_t max)
{
	size_t n = 0;
	uint64_t w;
	char c;

	for (; n < max && ((uintptr_t)(src + n) & 7); n++) {
		if (get_user(c, src + n))
			return -EFAULT;
		if (!c)
			return (ssize_t)n;
	}
	while (n + 8 <= max) {
		uint64_t z;

		if (get_user(w, (const uint64_t __user *)(src + n)))
			return -EFAULT;
		z = zero_byte(w);
		if (z)
			return (ssize_t)(n + (size_t)__builtin_ctzll(z) / 8);
		n += 8;
	}
	for (; n < max; n++) {
		if (get_user(c, src + n))
			return -EFAULT;
		if (!c)
			return (ssize_t)n;
	}
	return (ssize_t)max;
}

/* Are the bytes of [src, src + n) all zero? 0, -E2BIG when not, -EFAULT. */
static int check_zeroed_user(const char __user *src, size_t n)
{
	char buf[64];

	while (n) {
		size_t step = MIN(n, sizeof(buf));

		if (copy_from_user(buf, src, step))
			return -EFAULT;
		for (size_t i = 0; i < step; i++)
			if (buf[i])
				return -E2BIG;
		src += step;
		n -= step;
	}
	return 0;
}

int copy_struct_from_user(void *dst, size_t ksize, const void __user *src, size_t usize)
{
	size_t n = MIN(ksize, usize);
	int err;

	if (usize > ksize) {
		err = check_zeroed_user((const char __user *)src + ksize, usize - ksize);
		if (err)
			return err;
	}
	if (copy_from_user(dst, src, n))
		return -EFAULT;
	memset((char *)dst + n, 0, ksize - n);
	return 0;
}

size_t copy_from_user_nofault(void *dst, const void __user *src, size_t n)
{
	size_t left;

	if (!access_ok(src, n))
		return n;
	user_access_disable();
	left = raw_copy_from_user(dst, src, n);
	user_access_enable();
	return left;
}

size_t copy_to_user_nofault(void __user *dst, const void *src, size_t n)
{
	size_t left;

	if (!access_ok(dst, n))
		return n;
	user_access_disable();
	left = raw_copy_to_user(dst, src, n);
	user_access_enable();
	return left;
}

/* Asks the tables first: kernel mappings seldom go away, and only owners' own. */
int copy_from_kernel_nofault(void *dst, const void *src, size_t n)
{
	vaddr_t va = (vaddr_t)src;

	if (va < USER_END || va + n < va)
		return -EFAULT;
	for (vaddr_t p = va & PAGE_MASK; p < va + n; p += PAGE_SIZE) {
		int level;
		pte_t *e = pt_lookup(&init_mm, p, &level);

		if (!e || !pte_accessible(pte_get(e)))
			return -EFAULT;
	}
	memcpy(dst, src, n);
	return 0;
}
