/* SPDX-License-Identifier: MIT */
/* ChaCha20-based generator (fast key erasure), BLAKE2b-mixed pool; Monocypher does the arithmetic. kernel/lib/random.c. */
#pragma once
#include <kernel/types.h>
void random_init(void);					/* seeds: device tree rng-seed, CPU instruction, counters */
void random_add(const void *p, size_t n, unsigned entropy_bits);	/* any context */
void random_bytes(void *p, size_t n);			/* never blocks: for kernel use */
uint64_t random_u64(void);
bool random_ready(void);
int random_wait_ready(void);				/* interruptible */
