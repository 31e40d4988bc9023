/* SPDX-License-Identifier: MIT */
/* Host tests have no page tables: only what the headers need to be read. */
#pragma once
typedef struct { uint64_t v; } pte_t;
struct arch_mm { pte_t *root; };
static inline paddr_t pte_phys(pte_t e) { return e.v & PAGE_MASK; }
static inline void arch_clear_page(void *p) { __builtin_memset(p, 0, PAGE_SIZE); }
static inline void arch_copy_page(void *d, const void *s) { __builtin_memcpy(d, s, PAGE_SIZE); }
