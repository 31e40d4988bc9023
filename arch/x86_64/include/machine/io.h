/* SPDX-License-Identifier: MIT */
/*
 * Behind <arch/io.h>. Uncached accesses are strongly ordered among themselves, and normal stores are not held back behind them;
 * the volatile asm keeps the compiler to the order of the program. So the relaxed forms are the same, but for "memory".
 */
#pragma once

#define X86_IO(bits, width, suffix, reg)                                                                      \
	static inline uint##bits##_t read##width##_relaxed(const volatile void __iomem *p)                    \
	{                                                                                                     \
		uint##bits##_t v;                                                                             \
		__asm__ volatile("mov" suffix " (%1), %0" : reg(v) : "r"(p));                                 \
		return v;                                                                                     \
	}                                                                                                     \
	static inline void write##width##_relaxed(uint##bits##_t v, volatile void __iomem *p)                 \
	{                                                                                                     \
		__asm__ volatile("mov" suffix " %0, (%1)" : : "r"(v), "r"(p));                                \
	}                                                                                                     \
	static inline uint##bits##_t read##width(const volatile void __iomem *p)                              \
	{                                                                                                     \
		uint##bits##_t v;                                                                             \
		__asm__ volatile("mov" suffix " (%1), %0" : reg(v) : "r"(p) : "memory");                      \
		return v;                                                                                     \
	}                                                                                                     \
	static inline void write##width(uint##bits##_t v, volatile void __iomem *p)                           \
	{                                                                                                     \
		__asm__ volatile("mov" suffix " %0, (%1)" : : "r"(v), "r"(p) : "memory");                     \
	}
X86_IO(8, b, "b", "=q")
X86_IO(16, w, "w", "=r")
X86_IO(32, l, "l", "=r")
X86_IO(64, q, "q", "=r")
