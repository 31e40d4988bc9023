/* SPDX-License-Identifier: MIT */
/*
 * Atomic integers. Read-modify-write operations that return a value are fully ordered, the ones that
 * return nothing and plain read/set are relaxed, the suffixes say otherwise. Built on the compiler's
 * __atomic builtins, so no architecture has code of its own here.
 */
#pragma once
#include <kernel/types.h>

typedef struct { int v; } atomic_t;
typedef struct { int64_t v; } atomic64_t;
#define ATOMIC_INIT(n) { (n) }

#define ATOMIC_OPS(T, I, P)                                                                        \
	static inline I P##_read(const T *a) { return __atomic_load_n(&a->v, __ATOMIC_RELAXED); }  \
	static inline I P##_read_acquire(const T *a) { return __atomic_load_n(&a->v, __ATOMIC_ACQUIRE); } \
	static inline void P##_set(T *a, I n) { __atomic_store_n(&a->v, n, __ATOMIC_RELAXED); }    \
	static inline void P##_set_release(T *a, I n) { __atomic_store_n(&a->v, n, __ATOMIC_RELEASE); } \
	static inline void P##_add(T *a, I n) { (void)__atomic_fetch_add(&a->v, n, __ATOMIC_RELAXED); } \
	static inline void P##_sub(T *a, I n) { (void)__atomic_fetch_sub(&a->v, n, __ATOMIC_RELAXED); } \
	static inline void P##_inc(T *a) { P##_add(a, 1); }                                        \
	static inline void P##_dec(T *a) { P##_sub(a, 1); }                                        \
	static inline void P##_or(T *a, I n) { (void)__atomic_fetch_or(&a->v, n, __ATOMIC_RELAXED); } \
	static inline void P##_and(T *a, I n) { (void)__atomic_fetch_and(&a->v, n, __ATOMIC_RELAXED); } \
	static inline I P##_add_return(T *a, I n) { return __atomic_add_fetch(&a->v, n, __ATOMIC_SEQ_CST); } \
	static inline I P##_sub_return(T *a, I n) { return __atomic_sub_fetch(&a->v, n, __ATOMIC_SEQ_CST); } \
	static inline I P##_fetch_add(T *a, I n) { return __atomic_fetch_add(&a->v, n, __ATOMIC_SEQ_CST); } \
	static inline I P##_fetch_or(T *a, I n) { return __atomic_fetch_or(&a->v, n, __ATOMIC_SEQ_CST); } \
	static inline I P##_fetch_and(T *a, I n) { return __atomic_fetch_and(&a->v, n, __ATOMIC_SEQ_CST); } \
	static inline I P##_xchg(T *a, I n) { return __atomic_exchange_n(&a->v, n, __ATOMIC_SEQ_CST); } \
	static inline bool P##_dec_and_test(T *a) { return P##_sub_return(a, 1) == 0; }            \
	/* True when the value was @old and now is @n. */                                          \
	static inline bool P##_cas(T *a, I old, I n)                                               \
	{                                                                                          \
		return __atomic_compare_exchange_n(&a->v, &old, n, false, __ATOMIC_SEQ_CST,        \
						   __ATOMIC_RELAXED);                              \
	}                                                                                          \
	/* Adds one unless the value is zero: the way to take a reference found without a lock. */ \
	static inline bool P##_inc_not_zero(T *a)                                                  \
	{                                                                                          \
		I old = P##_read(a);                                                               \
		while (old)                                                                        \
			if (__atomic_compare_exchange_n(&a->v, &old, old + 1, true,                \
							__ATOMIC_ACQUIRE, __ATOMIC_RELAXED))       \
				return true;                                                       \
		return false;                                                                      \
	}
ATOMIC_OPS(atomic_t, int, atomic)
ATOMIC_OPS(atomic64_t, int64_t, atomic64)

/* Drops a reference: release, so that our writes are done; true (with acquire) for the last. */
static inline bool ref_put(atomic_t *a)
{
	if (__atomic_fetch_sub(&a->v, 1, __ATOMIC_RELEASE) != 1)
		return false;
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return true;
}

#define smp_load_acquire(p)	__atomic_load_n(p, __ATOMIC_ACQUIRE)
#define smp_store_release(p, v)	__atomic_store_n(p, v, __ATOMIC_RELEASE)
#define xchg(p, v)		__atomic_exchange_n(p, v, __ATOMIC_SEQ_CST)
/* Value compare-and-swap: returns what was there. */
#define cmpxchg(p, old, new) ({                                                                    \
	__typeof__(*(p)) _o = (old);                                                               \
	__atomic_compare_exchange_n(p, &_o, new, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);       \
	_o; })

/* Bit operations on arrays of unsigned long; the ones with a value are fully ordered. */
static inline void set_bit(unsigned n, unsigned long *p)
{
	(void)__atomic_fetch_or(&p[n / 64], 1ul << (n % 64), __ATOMIC_RELAXED);
}
static inline void clear_bit(unsigned n, unsigned long *p)
{
	(void)__atomic_fetch_and(&p[n / 64], ~(1ul << (n % 64)), __ATOMIC_RELAXED);
}
static inline bool test_and_set_bit(unsigned n, unsigned long *p)
{
	return __atomic_fetch_or(&p[n / 64], 1ul << (n % 64), __ATOMIC_SEQ_CST) >> (n % 64) & 1;
}
static inline bool test_and_clear_bit(unsigned n, unsigned long *p)
{
	return __atomic_fetch_and(&p[n / 64], ~(1ul << (n % 64)), __ATOMIC_SEQ_CST) >> (n % 64) & 1;
}
static inline bool test_bit(unsigned n, const unsigned long *p)
{
	return READ_ONCE(p[n / 64]) >> (n % 64) & 1;
}
