/* SPDX-License-Identifier: MIT */
/* Compiler attributes and the few macros that have to be macros. Portable C below this line needs no other. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)

#define __must_check	__attribute__((warn_unused_result))
#define __noreturn	__attribute__((noreturn))
#define __noinline	__attribute__((noinline))
#define __always_inline	inline __attribute__((always_inline))
#define __packed	__attribute__((packed))
#define __aligned(n)	__attribute__((aligned(n)))
#define __used		__attribute__((used))
#define __maybe_unused	__attribute__((unused))
#define __weak		__attribute__((weak))
#define __cold		__attribute__((cold))
#define fallthrough	__attribute__((fallthrough))
#define __section(s)	__attribute__((section(s)))
#define __printf(f, a)	__attribute__((format(printf, f, a)))
/* Code and data of the boot only: its pages go back to the allocator before /init starts. */
#define __init		__section(".init.text") __cold __noinline
#define __initdata	__section(".init.data")
/* Written at boot, then made read-only with the kernel's constants. */
#define __ro_after_init	__section(".data.ro_after_init")
/* Shared between CPUs and written often: a cache line of its own. */
#define CACHE_LINE	64
#define __cacheline_aligned __aligned(CACHE_LINE)

/* Address spaces for sparse; clang and gcc see nothing. */
#ifdef __CHECKER__
#define __user		__attribute__((noderef, address_space(__user)))
#define __iomem		__attribute__((noderef, address_space(__iomem)))
#define __force		__attribute__((force))
#define __bitwise	__attribute__((bitwise))
#else
#define __user
#define __iomem
#define __force
#define __bitwise
#endif

/* Clang's -Wthread-safety; `l` is an lvalue expression of a lock. */
#if defined(__clang__) && CONFIG_THREAD_SAFETY
#define __capability(n)	__attribute__((capability(n)))
#define __acquires(...)	__attribute__((acquire_capability(__VA_ARGS__)))
#define __releases(...)	__attribute__((release_capability(__VA_ARGS__)))
#define __must_hold(...) __attribute__((requires_capability(__VA_ARGS__)))
#define __no_lock_check	__attribute__((no_thread_safety_analysis))
#else
#define __capability(n)
#define __acquires(...)
#define __releases(...)
#define __must_hold(...)
#define __no_lock_check
#endif

/* One access, neither torn, fused, repeated nor invented by the compiler. Orders nothing else. */
#define READ_ONCE(x)	(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))
#define barrier()	__asm__ volatile("" ::: "memory")
/* The stores to what @p points to must happen, even if nothing of ours reads them again. */
#define barrier_data(p)	__asm__ volatile("" : : "r"(p) : "memory")

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define container_of(p, type, member) ((type *)((char *)(p) - offsetof(type, member)))
/* Each argument is evaluated once; the counter keeps nested uses from shadowing one another. */
#define MIN(a, b) MIN_(a, b, __COUNTER__)
#define MIN_(a, b, n) MIN__(a, b, n)
#define MIN__(a, b, n) ({ __typeof__(a) a_##n = (a); __typeof__(b) b_##n = (b); a_##n < b_##n ? a_##n : b_##n; })
#define MAX(a, b) MAX_(a, b, __COUNTER__)
#define MAX_(a, b, n) MAX__(a, b, n)
#define MAX__(a, b, n) ({ __typeof__(a) a_##n = (a); __typeof__(b) b_##n = (b); a_##n > b_##n ? a_##n : b_##n; })
#define SWAP(a, b) do { __typeof__(a) _t = (a); (a) = (b); (b) = _t; } while (0)
/* `n` a power of two. */
#define ALIGN_UP(x, n)	(((x) + ((__typeof__(x))(n) - 1)) & ~((__typeof__(x))(n) - 1))
#define ALIGN_DOWN(x, n) ((x) & ~((__typeof__(x))(n) - 1))
#define IS_ALIGNED(x, n) (((x) & ((__typeof__(x))(n) - 1)) == 0)
#define DIV_ROUND_UP(x, n) (((x) + (n) - 1) / (n))
#define BIT(n)		(1ul << (n))
#define BIT64(n)	(1ull << (n))
