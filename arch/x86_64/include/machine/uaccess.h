/* SPDX-License-Identifier: MIT */
/*
 * Behind <arch/uaccess.h>. STAC and CLAC open user memory for one access or one block copy; where the CPU has no SMAP they
 * stay no-operations (their places are listed in .smap_sites and filled in at boot). A fault finds the instruction in
 * .extable: { int32_t insn - here, int32_t fixup - here }.
 *
 * While preemption is off (spinlocks, interrupts, user_access_disable()) a fault never sleeps: the fixup runs at once.
 */
#pragma once
#include <kernel/errno.h>
#include <kernel/preempt.h>
#include <machine/layout.h>

#define X86_EXTABLE(insn, fixup)                                                                   \
	".pushsection .extable, \"a\"\n\t.balign 4\n\t.long (" insn ") - ., (" fixup ") - .\n\t.popsection\n"
/* NOP of three bytes; the second word is the last byte of the instruction it becomes: STAC 0f 01 cb, CLAC 0f 01 ca. */
#define X86_SMAP_SITE(last)                                                                        \
	"771: .byte 0x0f, 0x1f, 0x00\n\t.pushsection .smap_sites, \"a\"\n\t.balign 4\n\t"          \
	".long 771b - ., " last "\n\t.popsection\n\t"
#define X86_STAC X86_SMAP_SITE("0xcb")
#define X86_CLAC X86_SMAP_SITE("0xca")

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

#define X86_GET(ins, reg, err, v, p)                                                               \
	__asm__ volatile(X86_STAC "1: " ins " (%2), %" reg "1\n2: " X86_CLAC                      \
			 "\n.pushsection .text.fixup, \"ax\"\n3: movl %3, %k0\n\txorl %k1, %k1\n\tjmp 2b\n\t.popsection\n" \
			 X86_EXTABLE("1b", "3b")                                                   \
			 : "+r"(err), "=&r"(v) : "r"(p), "i"(-EFAULT) : "memory", "cc")
#define X86_PUT(ins, reg, err, v, p)                                                               \
	__asm__ volatile(X86_STAC "1: " ins " %" reg "1, (%2)\n2: " X86_CLAC                      \
			 "\n.pushsection .text.fixup, \"ax\"\n3: movl %3, %k0\n\tjmp 2b\n\t.popsection\n" \
			 X86_EXTABLE("1b", "3b")                                                   \
			 : "+r"(err) : "r"(v), "r"(p), "i"(-EFAULT) : "memory")

static __always_inline int x86_get_user(uint64_t *out, const volatile void __user *p, unsigned size)
{
	int err = 0;
	uint64_t v;

	if (unlikely(!access_ok(p, size))) {
		*out = 0;
		return -EFAULT;
	}
	switch (size) {
	case 1: X86_GET("movzbl", "k", err, v, p); break;
	case 2: X86_GET("movzwl", "k", err, v, p); break;
	case 4: X86_GET("movl", "k", err, v, p); break;
	default: X86_GET("movq", "q", err, v, p); break;
	}
	*out = v;
	return err;
}
static __always_inline int x86_put_user(uint64_t v, volatile void __user *p, unsigned size)
{
	int err = 0;

	if (unlikely(!access_ok(p, size)))
		return -EFAULT;
	switch (size) {
	case 1: X86_PUT("movb", "b", err, v, p); break;
	case 2: X86_PUT("movw", "w", err, v, p); break;
	case 4: X86_PUT("movl", "k", err, v, p); break;
	default: X86_PUT("movq", "q", err, v, p); break;
	}
	return err;
}
/* x = *ptr, as 1, 2, 4 or 8 bytes. 0 or -EFAULT (x is then 0). */
#define get_user(x, ptr) ({                                                                        \
	uint64_t _gv;                                                                              \
	_Static_assert(sizeof(*(ptr)) <= 8, "get_user takes scalars");                             \
	int _ge = x86_get_user(&_gv, ptr, sizeof(*(ptr)));                                         \
	(x) = (__typeof__(*(ptr)))_gv;                                                             \
	_ge; })
#define put_user(x, ptr) ({                                                                        \
	__typeof__(*(ptr)) _pv = (x);                                                              \
	_Static_assert(sizeof(*(ptr)) <= 8, "put_user takes scalars");                             \
	x86_put_user((uint64_t)_pv, ptr, sizeof(*(ptr))); })

int arch_user_cmpxchg32(uint32_t __user *p, uint32_t old, uint32_t new, uint32_t *was);
int arch_user_atomic_op32(int op, int arg, uint32_t __user *p, uint32_t *old);

/* Reads, or writes back what it read, so that the page is there (writable). 0 or -EFAULT. */
static inline int arch_user_fault_in(volatile void __user *p, bool write)
{
	uint64_t v;
	uint32_t was;

	if (!write)
		return x86_get_user(&v, p, 1);
	/* An atomic exchange of equal values: a plain read and write could undo another thread's store. */
	return arch_user_cmpxchg32((uint32_t __user *)((uint64_t)p & ~3ul), 0, 0, &was);
}
