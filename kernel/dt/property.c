/* SPDX-License-Identifier: MIT */
/*
 * Properties of device-tree nodes, checked: a value that is too short, not terminated or too
 * large is an error, never an access beyond it.
 */
#include "dt_internal.h"
#include <kernel/errno.h>
#include <kernel/string.h>

static const struct dt_prop *find(const struct dt_node *n, const char *name)
{
	for (const struct dt_prop *p = n ? n->props : NULL; p; p = p->next)
		if (!strcmp(p->name, name))
			return p;
	return NULL;
}

const void *dt_prop(const struct dt_node *n, const char *name, uint32_t *len)
{
	const struct dt_prop *p = find(n, name);

	if (!p)
		return NULL;
	if (len)
		*len = p->len;
	return p->data;
}

bool dt_has(const struct dt_node *n, const char *name)
{
	return find(n, name) != NULL;
}

const char *dt_string(const struct dt_node *n, const char *name)
{
	const struct dt_prop *p = find(n, name);

	return p && p->len && memchr(p->data, 0, p->len) ? p->data : NULL;
}

bool dt_compatible(const struct dt_node *n, const char *compatible)
{
	uint32_t len;
	const char *s = dt_prop(n, "compatible", &len);

	while (s && len) {
		const char *end = memchr(s, 0, len);

		if (!end)
			return false;
		if (!strcmp(s, compatible))
			return true;
		len -= (uint32_t)(end + 1 - s);
		s = end + 1;
	}
	return false;
}

bool dt_available(const struct dt_node *n)
{
	const char *s;

	if (!dt_has(n, "status"))
		return true;
	s = dt_string(n, "status");
	return s && (!strcmp(s, "okay") || !strcmp(s, "ok"));
}

int dt_u32_index(const struct dt_node *n, const char *name, unsigned index, uint32_t *out)
{
	const struct dt_prop *p = find(n, name);

	if (!p)
		return -ENOENT;
	if (p->len / 4 <= index)
		return -EINVAL;
	*out = fdt32_to_cpu(((const fdt32_t *)p->data)[index]);
	return 0;
}

int dt_u32(const struct dt_node *n, const char *name, uint32_t *out)
{
	return dt_u32_index(n, name, 0, out);
}

int dt_u64(const struct dt_node *n, const char *name, uint64_t *out)
{
	const struct dt_prop *p = find(n, name);

	if (!p)
		return -ENOENT;
	if (p->len != 4 && p->len != 8)
		return -EINVAL;
	return dt_cells(p->data, p->len / 4, out) ? 0 : -EINVAL;
}
