/* SPDX-License-Identifier: MIT */
/* The kernel's map at boot. kernel/mm/kernel_map.c. */
#pragma once
#include <kernel/types.h>

/* From arch_mm_setup(): all of memblock's memory at DIRECT_MAP_BASE. @largest: level of the largest blocks, 1 (1 GiB) or 2 (2 MiB). */
void kernel_map_memory(unsigned largest);
/* From arch_finish_init(): __ro_after_init data becomes read-only, the tree's window closes, unused tables go back. */
void kernel_map_finish(void);
/* 2 MiB of normal memory from @pa on, from kernel_main() on; NULL: not addressable. */
void *early_map_dtb(paddr_t pa);
/* Registers of the early console; stays mapped. NULL: no window left. */
void __iomem *early_map_device(paddr_t pa);
