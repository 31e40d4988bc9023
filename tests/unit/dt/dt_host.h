/* SPDX-License-Identifier: MIT */
/* What kernel/dt needs from the kernel, for host programs. Allocations are remembered so that a run can forget a tree. */
#pragma once
#include <kernel/dt.h>
#include <kernel/errno.h>
#include <kernel/mm.h>
#include <kernel/string.h>

void *malloc(size_t n);
void *calloc(size_t n, size_t size);
void free(void *p);

struct page *host_vmemmap;
struct task *host_current;
static void *host_blocks[16];
static unsigned host_nr_blocks;

void *kvmalloc(size_t size, gfp_t gfp)
{
	void *p = gfp & GFP_ZERO ? calloc(1, size) : malloc(size);

	if (p && host_nr_blocks < ARRAY_SIZE(host_blocks))
		host_blocks[host_nr_blocks++] = p;
	return p;
}

void kvfree(const void *p)
{
	for (unsigned i = 0; i < host_nr_blocks; i++)
		if (host_blocks[i] == p)
			host_blocks[i] = NULL;
	free((void *)p);
}

static void host_forget(void)
{
	while (host_nr_blocks)
		free(host_blocks[--host_nr_blocks]);
}

/* Everything that the boot asks a tree, from hostile ones too. The number of nodes. */
static uint64_t host_sum;
static unsigned host_ranges, host_reserved;
static void host_add(paddr_t base, uint64_t size)
{
	host_sum += size;
	host_ranges++;
}
static void host_reserve(paddr_t base, uint64_t size, bool nomap)
{
	host_reserved++;
}

static unsigned host_exercise(const void *blob, size_t size)
{
	const char *list;
	const void *seed;
	struct dt_irq_spec spec;
	char path[256];
	unsigned shift, n = 0;
	uint32_t v32;
	uint64_t v64;
	paddr_t a, b;
	size_t len;

	host_sum = 0;
	host_ranges = host_reserved = 0;
	if (dt_early_init(blob, size))
		return 0;
	dt_early_scan_memory(host_add, host_reserve);
	len = strlen(dt_early_bootargs());
	(void)dt_early_initrd(&a, &b);
	(void)dt_early_rng_seed(&seed, &len);
	(void)dt_early_kaslr_seed(&v64);
	(void)dt_early_stdout(&list, &len, &a, &shift);
	(void)dt_early_stdout_u32("reg-shift", &v32);
	(void)strlen(dt_early_stdout_options());
	if (dt_init())
		return 0;
	for (struct dt_node *d = dt_root; d; d = dt_next(d)) {
		n++;
		dt_node_path(d, path, sizeof(path));
		(void)dt_find_path(path);
		for (unsigned i = 0; i < 4; i++) {
			(void)dt_reg(d, i, &a, &v64);
			(void)dt_irq(d, i, &spec);
		}
		(void)dt_available(d);
		(void)dt_compatible(d, "arm,pl011");
		(void)dt_string(d, "compatible");
		for (const struct dt_prop *p = d->props; p; p = p->next) {
			volatile uint8_t sink = 0;

			(void)dt_u64(d, p->name, &v64);
			for (uint32_t i = 0; i < p->len; i++)
				sink ^= ((const uint8_t *)p->data)[i];
		}
	}
	return n;
}
