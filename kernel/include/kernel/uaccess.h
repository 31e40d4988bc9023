/* SPDX-License-Identifier: MIT */
/*
 * User memory. Every access may fault and sleep: never under a spinlock, never in an interrupt. The copies
 * return how many bytes were NOT copied; 0 is success. <arch/uaccess.h> documents what the architecture gives.
 */
#pragma once
#include <kernel/types.h>
#include <kernel/errno.h>
#include <arch/uaccess.h>	/* access_ok(), raw_copy_*_user(), get_user(), put_user(), user cas */

static inline size_t __must_check copy_from_user(void *dst, const void __user *src, size_t n)
{
	return likely(access_ok(src, n)) ? raw_copy_from_user(dst, src, n) : n;
}
static inline size_t __must_check copy_to_user(void __user *dst, const void *src, size_t n)
{
	return likely(access_ok(dst, n)) ? raw_copy_to_user(dst, src, n) : n;
}
static inline size_t __must_check clear_user(void __user *dst, size_t n)
{
	return likely(access_ok(dst, n)) ? raw_clear_user(dst, n) : n;
}
/* Length without the terminator; -EFAULT; size when there is none within @size. Always reads only what it must. */
ssize_t strncpy_from_user(char *dst, const char __user *src, size_t size) __must_check;
ssize_t strnlen_user(const char __user *src, size_t max) __must_check;
/* Copies a struct of @usize from a user that may be older or newer than us: the rest must be zero. -E2BIG, -EFAULT. */
int copy_struct_from_user(void *dst, size_t ksize, const void __user *src, size_t usize) __must_check;
/* No fault is taken: for contexts that cannot sleep; what is not present fails. */
size_t copy_from_user_nofault(void *dst, const void __user *src, size_t n) __must_check;
size_t copy_to_user_nofault(void __user *dst, const void *src, size_t n) __must_check;
/* Kernel memory that may not be mapped: reports, backtraces. */
int copy_from_kernel_nofault(void *dst, const void *src, size_t n) __must_check;
