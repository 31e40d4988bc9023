/* SPDX-License-Identifier: MIT */
/* Behind <arch/ioport.h>: IN and OUT. */
#pragma once

#define ARCH_HAS_IOPORT 1

#define X86_PORT(bits, width)                                                                                 \
	static inline uint##bits##_t port_read##width(uint16_t port)                                          \
	{                                                                                                     \
		uint##bits##_t v;                                                                             \
		__asm__ volatile("in" #width " %1, %0" : "=a"(v) : "Nd"(port) : "memory");                    \
		return v;                                                                                     \
	}                                                                                                     \
	static inline void port_write##width(uint##bits##_t v, uint16_t port)                                 \
	{                                                                                                     \
		__asm__ volatile("out" #width " %0, %1" : : "a"(v), "Nd"(port) : "memory");                   \
	}
X86_PORT(8, b)
X86_PORT(16, w)
X86_PORT(32, l)
