/* SPDX-License-Identifier: MIT */
/*
 * Behind <arch/uaccess.h>. Single accesses use LDTR and STTR, which have user mode's
 * permissions whatever PSTATE.PAN says; the block copies (uaccess.S) clear PAN for their
 * duration, where the CPU has it. A fault finds the instruction in .extable: { int32_t insn -
 * here, int32_t fixup - here }.
 *
 * While preemption is off (spinlocks, interrupts, user_access_disable()) a fault never sleeps:
 * the fixup runs at once.
 */
#pragma once
#include <kernel/errno.h>
#include <kernel/preempt.h>
#include <machine/layout.h>

#define ARM64_EXTABLE(insn, fixup)                                                                 \
	".pushsection .extable, \"a\"\n\t.balign 4\n\t.word (" insn ") - ., (" fixup ") - .\n\t.popsection\n"

static inline void user_access_disable(void) { preempt_disable(); }
static inline void user_access_enable(void) { preempt_enable(); }
static inline bool user_access_disabled(void) { return preempt_count() != 0; }

static inline bool access_ok(const volatile void __user *p, size_t n)
{
	return n <= USER_END && (uint64_t)p <= USER_END - n;
}

size_t raw_copy_from_user(void *dst, const void __user *src, size_t n);
size_t raw_copy_to_user(void __user *dst, const void *src, size_t n);
size_t raw_clear_user(void __user *dst, size_t n);

#define ARM64_GET(ins, reg, err, v, p)                                                             \
	__asm__ volatile("1: " ins " %" reg "1, [%2]\n2:\n"                                        \
			 ".pushsection .text.fixup, \"ax\"\n3: mov %w0, %3\n\tmov %1, #0\n\tb 2b\n\t.popsection\n" \
			 ARM64_EXTABLE("1b", "3b")                                                 \
			 : "+r"(err), "=&r"(v) : "r"(p), "i"(-EFAULT) : "memory")
#define ARM64_PUT(ins, reg, err, v, p)                                                             \
	__asm__ volatile("1: " ins " %" reg "1, [%2]\n2:\n"                                        \
			 ".pushsection .text.fixup, \"ax\"\n3: mov %w0, %3\n\tb 2b\n\t.popsection\n" \
			 ARM64_EXTABLE("1b", "3b")                                                 \
			 : "+r"(err) : "rZ"(v), "r"(p), "i"(-EFAULT) : "memory")

static __always_inline int arm64_get_user(uint64_t *out, const volatile void __user *p, unsigned size)
{
	int err = 0;
	uint64_t v;

	if (unlikely(!access_ok(p, size))) {
		*out = 0;
		return -EFAULT;
	}
	switch (size) {
	case 1: ARM64_GET("ldtrb", "w", err, v, p); break;
	case 2: ARM64_GET("ldtrh", "w", err, v, p); break;
	case 4: ARM64_GET("ldtr", "w", err, v, p); break;
	default: ARM64_GET("ldtr", "x", err, v, p); break;
	}
	*out = v;
	return err;
}
static __always_inline int arm64_put_user(uint64_t v, volatile void __user *p, unsigned size)
{
	int err = 0;

	if (unlikely(!access_ok(p, size)))
		return -EFAULT;
	switch (size) {
	case 1: ARM64_PUT("sttrb", "w", err, v, p); break;
	case 2: ARM64_PUT("sttrh", "w", err, v, p); break;
	case 4: ARM64_PUT("sttr", "w", err, v, p); break;
	default: ARM64_PUT("sttr", "x", err, v, p); break;
	}
	return err;
}
/* x = *ptr, as 1, 2, 4 or 8 bytes. 0 or -EFAULT (x is then 0). */
#define get_user(x, ptr) ({                                                                        \
	uint64_t _gv;                                                                              \
	_Static_assert(sizeof(*(ptr)) <= 8, "get_user takes scalars");                             \
	int _ge = arm64_get_user(&_gv, ptr, sizeof(*(ptr)));                                       \
	(x) = (__typeof__(*(ptr)))_gv;                                                             \
	_ge; })
#define put_user(x, ptr) ({                                                                        \
	__typeof__(*(ptr)) _pv = (x);                                                              \
	_Static_assert(sizeof(*(ptr)) <= 8, "put_user takes scalars");                             \
	arm64_put_user((uint64_t)_pv, ptr, sizeof(*(ptr))); })

int arch_user_cmpxchg32(uint32_t __user *p, uint32_t old, uint32_t new, uint32_t *was);
int arch_user_atomic_op32(int op, int arg, uint32_t __user *p, uint32_t *old);

/* Reads, or writes back what it read, so that the page is there (writable). 0 or -EFAULT. */
static inline int arch_user_fault_in(volatile void __user *p, bool write)
{
	uint64_t v;
	uint32_t was;

	if (!write)
		return arm64_get_user(&v, p, 1);
	/*
	 * An atomic exchange of equal values: a plain read and write could undo another
	 * thread's store.
	 */
	return arch_user_cmpxchg32((uint32_t __user *)((uint64_t)p & ~3ul), 0, 0, &was);
}
