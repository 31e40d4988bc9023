/* SPDX-License-Identifier: MIT */
/*
 * /proc/net/fib_trie: the IPv4 routes of the tables main and local by address, which scripts read to find a machine's addresses.
 *
 * Here routes are a list: below a table there is one inner node with all leaves. As on Linux without rules of its own, both tables
 * show the routes of both.
 *
 * Locks: net_lock while the file is made.
 * Reference: proc(5).
 */
#include "inet.h"
#include <kernel/init.h>
#include <kernel/procfs.h>
#include <kernel/string.h>

static const char *scope_name(unsigned scope)
{
	switch (scope) {
	case RT_SCOPE_UNIVERSE:
		return "universe";
	case RT_SCOPE_SITE:
		return "site";
	case RT_SCOPE_LINK:
		return "link";
	case RT_SCOPE_HOST:
		return "host";
	default:
		return "nowhere";
	}
}

static const char *type_name(unsigned type)
{
	static const char *const names[] = {
		"UNSPEC", "UNICAST", "LOCAL", "BROADCAST", "ANYCAST", "MULTICAST", "BLACKHOLE", "UNREACHABLE", "PROHIBIT", "THROW",
	};

	return type < ARRAY_SIZE(names) ? names[type] : "?";
}

static bool is_shown(const struct net_route *r)
{
	return r->table == RT_TABLE_MAIN || r->table == RT_TABLE_LOCAL;
}

/* The least destination of at least @from, in host order; false: there is none. */
static bool next_leaf(uint32_t from, uint32_t *dst)
{
	const struct net_route *r;
	bool any = false;

	list_for_each_entry(r, &net_routes, link) {
		uint32_t d = __builtin_bswap32(r->dst);

		if (!is_shown(r) || d < from || (any && d >= *dst))
			continue;
		*dst = d;
		any = true;
	}
	return any;
}

static void put_leaf(struct seq *s, uint32_t dst)
{
	const struct net_route *r;
	uint64_t lengths = 0;

	/* Walks only for lengths that there are: net_lock is held. */
	list_for_each_entry(r, &net_routes, link)
		if (is_shown(r) && __builtin_bswap32(r->dst) == dst)
			lengths |= BIT64(net_prefix4(r->mask));
	seq_printf(s, "     |-- %u.%u.%u.%u\n", dst >> 24, dst >> 16 & 255, dst >> 8 & 255, dst & 255);
	for (int plen = 32; plen >= 0; plen--) {
		if (!(lengths & BIT64(plen)))
			continue;
		list_for_each_entry(r, &net_routes, link) {
			if (!is_shown(r) || __builtin_bswap32(r->dst) != dst || net_prefix4(r->mask) != (unsigned)plen)
				continue;
			seq_printf(s, "        /%d %s %s", plen, scope_name(r->scope), type_name(r->type));
			if (r->tos)
				seq_printf(s, " tos=%u", r->tos);
			seq_putc(s, '\n');
		}
	}
}

static void put_table(struct seq *s, const char *name)
{
	uint32_t dst = 0, from = 0;
	unsigned leaves = 0;

	while (next_leaf(from, &dst)) {
		if (!leaves++)
			seq_printf(s, "%s:\n  +-- 0.0.0.0/0 1 0 0\n", name);
		put_leaf(s, dst);
		if (dst == UINT32_MAX)
			break;
		from = dst + 1;
	}
}

static int show_trie(struct seq *s, void *arg)
{
	net_lock_acquire();
	put_table(s, "Main");
	put_table(s, "Local");
	net_lock_release();
	return 0;
}

static int proc_trie_init(void)
{
	return procfs_add("net/fib_trie", S_IFREG | 0444, show_trie, NULL);
}
INITCALL(INITCALL_DEVICE, proc_trie_init);
