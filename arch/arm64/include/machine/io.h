/* SPDX-License-Identifier: MIT */
/*
 * Behind <arch/io.h>. The accesses are plain loads and stores with one base register, so that a
 * hypervisor that emulates the device gets a valid syndrome. Device-nGnRE keeps accesses to one
 * device in order by itself; the plain forms add
 *	write: dmb oshst before	what the device is told about is in memory first
 *	read:  dmb oshld after	data that the device wrote before it said so is not read too early
 */
#pragma once

#define ARM64_IO(bits, width, reg, ins)                                                                       \
	static inline uint##bits##_t read##width##_relaxed(const volatile void __iomem *p)                    \
	{                                                                                                     \
		uint##bits##_t v;                                                                             \
		__asm__ volatile("ldr" ins " %" reg "0, [%1]" : "=r"(v) : "r"(p) : "memory");                 \
		return v;                                                                                     \
	}                                                                                                     \
	static inline void write##width##_relaxed(uint##bits##_t v, volatile void __iomem *p)                 \
	{                                                                                                     \
		__asm__ volatile("str" ins " %" reg "0, [%1]" : : "rZ"(v), "r"(p) : "memory");                \
	}                                                                                                     \
	static inline uint##bits##_t read##width(const volatile void __iomem *p)                              \
	{                                                                                                     \
		uint##bits##_t v = read##width##_relaxed(p);                                                  \
		__asm__ volatile("dmb oshld" : : : "memory");                                                 \
		return v;                                                                                     \
	}                                                                                                     \
	static inline void write##width(uint##bits##_t v, volatile void __iomem *p)                           \
	{                                                                                                     \
		__asm__ volatile("dmb oshst" : : : "memory");                                                 \
		write##width##_relaxed(v, p);                                                                 \
	}
ARM64_IO(8, b, "w", "b")
ARM64_IO(16, w, "w", "h")
ARM64_IO(32, l, "w", "")
ARM64_IO(64, q, "x", "")
