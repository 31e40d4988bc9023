/* SPDX-License-Identifier: MIT */
/*
 * The device tree, unflattened at boot (libfdt checks and walks the blob); immutable afterwards.
 * A tree that is truncated or hostile yields less nodes, never a crash. kernel/dt/.
 */
#pragma once
#include <kernel/types.h>

struct dt_prop {
	const char *name;
	const void *data;	/* big-endian, inside the kept blob */
	uint32_t len;
	struct dt_prop *next;
};
struct dt_node {
	const char *name;	/* with unit address */
	struct dt_node *parent, *child, *sibling;
	struct dt_prop *props;
	uint32_t phandle;
	void *data;		/* bound driver's or controller's object */
	bool bound;
};
/* Early, before the allocator; all from the flat blob. */
int dt_early_init(const void *blob, size_t max);	/* -EINVAL: not a tree */
void dt_early_scan_memory(void (*add)(paddr_t base, uint64_t size), void (*reserve)(paddr_t base, uint64_t size, bool nomap));
const char *dt_early_model(void);
const char *dt_early_bootargs(void);			/* "" when absent */
bool dt_early_initrd(paddr_t *start, paddr_t *end);
size_t dt_early_size(void);
bool dt_early_rng_seed(const void **p, size_t *n);
bool dt_early_stdout(const char **compatible_list, size_t *len, paddr_t *base, unsigned *reg_shift);
/* Unflatten. */
int dt_init(void);

extern struct dt_node *dt_root;
struct dt_node *dt_find_path(const char *path);		/* aliases too */
struct dt_node *dt_find_phandle(uint32_t phandle);
struct dt_node *dt_find_compatible(struct dt_node *from, const char *compatible);
struct dt_node *dt_next(struct dt_node *n);		/* depth-first order; NULL at the end */
const void *dt_prop(const struct dt_node *n, const char *name, uint32_t *len);
bool dt_has(const struct dt_node *n, const char *name);
const char *dt_string(const struct dt_node *n, const char *name);	/* first, checked to be terminated */
bool dt_compatible(const struct dt_node *n, const char *compatible);
bool dt_available(const struct dt_node *n);		/* status absent, "okay" or "ok" */
int dt_u32(const struct dt_node *n, const char *name, uint32_t *out);
int dt_u32_index(const struct dt_node *n, const char *name, unsigned index, uint32_t *out);
int dt_u64(const struct dt_node *n, const char *name, uint64_t *out);	/* one or two cells */
/* The n-th reg entry, translated to a CPU physical address through all ranges. -ENOENT, -EINVAL. */
int dt_reg(const struct dt_node *n, unsigned index, paddr_t *base, uint64_t *size);
/* The same for a register in I/O port space: an entry below a bus "isa" whose first cell is 1. */
int dt_ioport(const struct dt_node *n, unsigned index, uint16_t *port, uint32_t *size);
void dt_node_path(const struct dt_node *n, char *buf, size_t size);
unsigned dt_cell_count(const struct dt_node *n, const char *name, unsigned fallback);	/* "#address-cells" and such, 0..4 */
/* The n-th interrupt of a node: its controller and the specifier's cells. -ENOENT, -EINVAL. */
struct dt_irq_spec {
	struct dt_node *controller;
	unsigned n;
	uint32_t cell[4];
};
int dt_irq(const struct dt_node *n, unsigned index, struct dt_irq_spec *out);
/* More of the boot console, early. */
bool dt_early_stdout_is_port(void);			/* what dt_early_stdout() gave as base is an I/O port */
bool dt_early_stdout_u32(const char *name, uint32_t *out);
const char *dt_early_stdout_options(void);		/* "115200n8", or "" */
bool dt_early_kaslr_seed(uint64_t *out);
