/* SPDX-License-Identifier: MIT */
/*
 * CONTRACT: user memory. <machine/uaccess.h> gives
 *	size_t raw_copy_from_user(dst, src, n), raw_copy_to_user, raw_clear_user	bytes not done; widest moves; exact to the byte at a fault
 *	int arch_user_load(uint64_t *v, p, size), arch_user_store(v, p, size)	one access of 1, 2, 4, 8 bytes, always inline; 0 or -EFAULT
 *	int arch_user_cmpxchg32(uint32_t __user *p, uint32_t old, uint32_t new, uint32_t *was)	0 or -EFAULT
 *	int arch_user_atomic_op32(int op, int arg, uint32_t __user *p, uint32_t *old)	futex wake_op: FUTEX_OP_SET ADD OR ANDN XOR
 * None of them checks the address: that is done here. A faulting instruction has an entry in the exception table (<kernel/extable.h>).
 * Privileged access to user memory is otherwise off (PAN, SMAP). While preemption is off (spinlocks, interrupts,
 * user_access_disable()) a fault never sleeps: the fixup runs at once.
 */
#pragma once
#include <kernel/errno.h>
#include <kernel/preempt.h>
#include <kernel/types.h>
#include <machine/layout.h>

static inline void user_access_disable(void) { preempt_disable(); }
static inline void user_access_enable(void) { preempt_enable(); }
static inline bool user_access_disabled(void) { return preempt_count() != 0; }

/* The range lies in the user half. */
static inline bool access_ok(const volatile void __user *p, size_t n)
{
	return n <= USER_END && (uint64_t)p <= USER_END - n;
}

size_t raw_copy_from_user(void *dst, const void __user *src, size_t n);
size_t raw_copy_to_user(void __user *dst, const void *src, size_t n);
size_t raw_clear_user(void __user *dst, size_t n);
int arch_user_cmpxchg32(uint32_t __user *p, uint32_t old, uint32_t new, uint32_t *was);
int arch_user_atomic_op32(int op, int arg, uint32_t __user *p, uint32_t *old);

#include <machine/uaccess.h>

static __always_inline int user_load(uint64_t *out, const volatile void __user *p, unsigned size)
{
	if (unlikely(!access_ok(p, size))) {
		*out = 0;
		return -EFAULT;
	}
	return arch_user_load(out, p, size);
}

static __always_inline int user_store(uint64_t v, volatile void __user *p, unsigned size)
{
	if (unlikely(!access_ok(p, size)))
		return -EFAULT;
	return arch_user_store(v, p, size);
}

/* x = *ptr, as 1, 2, 4 or 8 bytes. 0 or -EFAULT (x is then 0). */
#define get_user(x, ptr) ({                                                                        \
	uint64_t _gv;                                                                              \
	_Static_assert(sizeof(*(ptr)) <= 8, "get_user takes scalars");                             \
	int _ge = user_load(&_gv, ptr, sizeof(*(ptr)));                                            \
	(x) = (__typeof__(*(ptr)))_gv;                                                             \
	_ge; })
#define put_user(x, ptr) ({                                                                        \
	__typeof__(*(ptr)) _pv = (x);                                                              \
	_Static_assert(sizeof(*(ptr)) <= 8, "put_user takes scalars");                             \
	user_store((uint64_t)_pv, ptr, sizeof(*(ptr))); })

/* Reads, or writes back what it read, so that the page is there (writable). 0 or -EFAULT. */
static inline int arch_user_fault_in(volatile void __user *p, bool write)
{
	uint64_t v;
	uint32_t was;

	if (!write)
		return user_load(&v, p, 1);
	/* An atomic exchange of equal values: a plain read and write could undo another thread's store. */
	return arch_user_cmpxchg32((uint32_t __user *)((uint64_t)p & ~3ul), 0, 0, &was);
}
