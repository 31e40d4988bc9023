/* SPDX-License-Identifier: MIT */
/* Shared by the files of kernel/dt. */
#pragma once
#include <kernel/dt.h>
#include <libfdt.h>

#define DT_MAX_DEPTH	32
#define DT_MAX_NODES	16384
#define DT_MAX_PROPS	131072
#define DT_MAX_NAME	128	/* a longer property name is not one of ours */
#define DT_MAX_CELLS	4

extern const void *dt_blob;
bool dt_cells(const fdt32_t *p, unsigned cells, uint64_t *out);
/*
 * One step of address translation: finds the entry of a "ranges" property that holds *addr and moves it to
 * the parent bus. An empty property is the identity. @len in bytes; cac, pac, sc: cells of a child address, a
 * parent address, a size.
 */
bool dt_ranges_apply(const fdt32_t *ranges, size_t len, unsigned cac, unsigned pac, unsigned sc, uint64_t *addr);
