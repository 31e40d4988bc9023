/* SPDX-License-Identifier: MIT */
/* Host stand-in. */
#pragma once
#define ARCH_DMA_NONCOHERENT 0
static inline void arch_dma_clean(const void *p, size_t n) { }
static inline void arch_dma_flush(const void *p, size_t n) { }
