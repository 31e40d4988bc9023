/* SPDX-License-Identifier: MIT */
/* Behind <arch/ioport.h>: no port space. Nobody asks; the compiler removes the calls. */
#pragma once

#define ARCH_HAS_IOPORT 0

static inline uint8_t port_readb(uint16_t port) { return UINT8_MAX; }
static inline uint16_t port_readw(uint16_t port) { return UINT16_MAX; }
static inline uint32_t port_readl(uint16_t port) { return UINT32_MAX; }
static inline void port_writeb(uint8_t v, uint16_t port) { }
static inline void port_writew(uint16_t v, uint16_t port) { }
static inline void port_writel(uint32_t v, uint16_t port) { }
