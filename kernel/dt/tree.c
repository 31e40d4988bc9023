/* SPDX-License-Identifier: MIT */
/*
 * The device tree as objects: one pass over the flat structure block makes an array of nodes in depth-first
 * order and an array of properties whose names and values stay in the blob.
 *
 * Invariants: every node's parent precedes it; names are terminated inside the blob; the tree never changes
 * after dt_init() but for node->data and node->bound, which belong to the driver core.
 * A hostile tree yields less: nodes beyond DT_MAX_NODES or deeper than DT_MAX_DEPTH, and
 * properties with a bad name, are left out.
 *
 * Reference: Devicetree Specification 0.4, chapter 5.
 */
#include "dt_internal.h"
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/mm.h>
#include <kernel/string.h>

struct dt_node *dt_root;
static struct dt_node *nodes;
static unsigned nr_nodes;

/* The tags of the structure block up to its end or the first broken one. */
struct builder {
	unsigned max_nodes, max_props;		/* of the arrays; both 0: only count */
	unsigned nr_nodes, nr_props;
	struct dt_node *node;
	struct dt_prop *prop;
	struct dt_node *stack[DT_MAX_DEPTH];
	struct dt_node *last[DT_MAX_DEPTH];	/* last child made of stack[i] */
	struct dt_prop **tail;
};

static const char *property_name(const struct fdt_property *p)
{
	uint32_t off = fdt32_to_cpu(p->nameoff), size = fdt_size_dt_strings(dt_blob);
	const char *s;

	if (off >= size)
		return NULL;
	s = (const char *)dt_blob + fdt_off_dt_strings(dt_blob) + off;
	return memchr(s, 0, MIN(size - off, (uint32_t)DT_MAX_NAME)) ? s : NULL;
}

static void build_node(struct builder *b, int off, int depth)
{
	struct dt_node *n, *parent;

	b->tail = NULL;
	if (b->nr_nodes >= DT_MAX_NODES) {
		b->stack[depth] = NULL;
		return;
	}
	b->nr_nodes++;
	if (!b->max_nodes)
		return;
	n = &b->node[b->nr_nodes - 1];
	n->name = fdt_get_name(dt_blob, off, NULL);
	if (!n->name)
		n->name = "";
	parent = depth ? b->stack[depth - 1] : NULL;
	n->parent = parent;
	if (parent) {
		if (b->last[depth - 1])
			b->last[depth - 1]->sibling = n;
		else
			parent->child = n;
		b->last[depth - 1] = n;
	}
	b->stack[depth] = n;
	b->last[depth] = NULL;
	b->tail = &n->props;
}

static void build_property(struct builder *b, int off)
{
	int len;
	const struct fdt_property *p = fdt_get_property_by_offset(dt_blob, off, &len);
	const char *name = p ? property_name(p) : NULL;
	struct dt_prop *prop;

	if (!name || len < 0 || b->nr_props >= DT_MAX_PROPS)
		return;
	b->nr_props++;
	if (!b->max_props || !b->tail || b->nr_props > b->max_props)
		return;
	prop = &b->prop[b->nr_props - 1];
	prop->name = name;
	prop->data = p->data;
	prop->len = (uint32_t)len;
	*b->tail = prop;
	b->tail = &prop->next;
}

static void build(struct builder *b)
{
	int off = 0, next, depth = -1;

	for (;;) {
		uint32_t tag = fdt_next_tag(dt_blob, off, &next);

		if (next < 0 || tag == FDT_END)
			return;
		switch (tag) {
		case FDT_BEGIN_NODE:
			if (depth < 0 && b->nr_nodes)
				return;		/* a second root */
			depth++;
			if (depth < DT_MAX_DEPTH)
				build_node(b, off, depth);
			else
				b->tail = NULL;
			break;
		case FDT_END_NODE:
			/* Properties come before subnodes: none can follow a subnode's end. */
			b->tail = NULL;
			if (--depth < 0)
				return;
			break;
		case FDT_PROP:
			if (depth >= 0 && depth < DT_MAX_DEPTH)
				build_property(b, off);
			break;
		default:
			break;
		}
		off = next;
	}
}

static void read_phandles(void)
{
	for (unsigned i = 0; i < nr_nodes; i++) {
		uint32_t v;

		if (!dt_u32(&nodes[i], "phandle", &v) || !dt_u32(&nodes[i], "linux,phandle", &v))
			nodes[i].phandle = v == UINT32_MAX ? 0 : v;
	}
}

/*
 * The used parts of the blob, moved to memory of ours: the firmware's copy is mapped for the early boot only, and
 * its total size may be a hundred times what is in it.
 */
static int __init keep_blob(void)
{
	uint32_t end = fdt_off_dt_strings(dt_blob) + fdt_size_dt_strings(dt_blob), total = fdt_totalsize(dt_blob);
	uint32_t s = fdt_version(dt_blob) >= 17 ? fdt_off_dt_struct(dt_blob) + fdt_size_dt_struct(dt_blob) : total;
	uint32_t r = fdt_off_mem_rsvmap(dt_blob) + ((uint32_t)fdt_num_mem_rsv(dt_blob) + 1) * 16;
	void *copy;

	end = MAX(MAX(end, s), r);
	if (end > total)
		end = total;
	copy = kvmalloc(end, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, dt_blob, end);
	fdt_set_totalsize(copy, end);
	dt_blob = copy;
	return 0;
}

int __init dt_init(void)
{
	static struct builder count __initdata, b __initdata;
	int err;

	if (!dt_blob)
		return -ENODEV;
	memset(&count, 0, sizeof(count));
	memset(&b, 0, sizeof(b));
	err = keep_blob();
	if (err)
		return err;
	build(&count);
	if (!count.nr_nodes)
		return -EINVAL;
	nodes = kvmalloc(count.nr_nodes * sizeof(*nodes), GFP_KERNEL | GFP_ZERO);
	b.prop = kvmalloc(MAX(count.nr_props, 1u) * sizeof(*b.prop), GFP_KERNEL | GFP_ZERO);
	if (!nodes || !b.prop) {
		kvfree(nodes);
		kvfree(b.prop);
		nodes = NULL;
		return -ENOMEM;
	}
	b.node = nodes;
	b.max_nodes = count.nr_nodes;
	b.max_props = count.nr_props;
	build(&b);
	nr_nodes = b.nr_nodes;
	dt_root = nodes;
	read_phandles();
	return 0;
}

struct dt_node *dt_next(struct dt_node *n)
{
	if (!n || n < nodes || n + 1 >= nodes + nr_nodes)
		return NULL;
	return n + 1;
}

struct dt_node *dt_find_phandle(uint32_t phandle)
{
	for (unsigned i = 0; phandle && i < nr_nodes; i++)
		if (nodes[i].phandle == phandle)
			return &nodes[i];
	return NULL;
}

struct dt_node *dt_find_compatible(struct dt_node *from, const char *compatible)
{
	for (struct dt_node *n = from ? dt_next(from) : dt_root; n; n = dt_next(n))
		if (dt_compatible(n, compatible))
			return n;
	return NULL;
}

/* "serial" and "serial@9000000" both name the latter. */
static bool name_matches(const char *name, const char *want, size_t len)
{
	return !strncmp(name, want, len) && (!name[len] || (name[len] == '@' && !memchr(want, '@', len)));
}

static struct dt_node *walk_path(struct dt_node *n, const char *path, const char *end)
{
	while (n && path < end) {
		const char *slash = memchr(path, '/', (size_t)(end - path));
		size_t len = (size_t)((slash ? slash : end) - path);

		if (len) {
			struct dt_node *c = n->child;

			while (c && !name_matches(c->name, path, len))
				c = c->sibling;
			n = c;
		}
		path += len + (slash ? 1 : 0);
	}
	return n;
}

struct dt_node *dt_find_path(const char *path)
{
	const char *end = path + strlen(path), *colon = memchr(path, ':', (size_t)(end - path));

	if (colon)
		end = colon;
	if (path == end)
		return NULL;
	if (*path != '/') {
		struct dt_node *aliases = walk_path(dt_root, "aliases", "aliases" + 7);
		const char *slash = memchr(path, '/', (size_t)(end - path)), *target;
		char alias[32];
		size_t len = (size_t)((slash ? slash : end) - path);

		if (!aliases || len >= sizeof(alias))
			return NULL;
		memcpy(alias, path, len);
		alias[len] = 0;
		target = dt_string(aliases, alias);
		if (!target || *target != '/')
			return NULL;
		return walk_path(walk_path(dt_root, target, target + strlen(target)), path + len, end);
	}
	return walk_path(dt_root, path, end);
}

void dt_node_path(const struct dt_node *n, char *buf, size_t size)
{
	const struct dt_node *chain[DT_MAX_DEPTH];
	unsigned depth = 0;
	size_t at = 0;

	if (!size)
		return;
	for (; n && n->parent && depth < DT_MAX_DEPTH; n = n->parent)
		chain[depth++] = n;
	if (!depth)
		strscpy(buf, "/", size);
	else
		buf[0] = 0;
	while (depth)
		at += (size_t)scnprintf(buf + at, size - at, "/%s", chain[--depth]->name);
}
