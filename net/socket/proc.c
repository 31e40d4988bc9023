/* SPDX-License-Identifier: MIT */
/*
 * /proc/net/protocols: what kinds of sockets there are, how many of each, and which calls they have.
 *
 * The list is written at boot and read without a lock; a kind counts its sockets itself.
 * Reference: proc(5).
 */
#include <kernel/init.h>
#include <kernel/procfs.h>
#include <kernel/string.h>
#include <net/socket.h>

static struct socket_kind *kinds;

void socket_register_kind(struct socket_kind *k)
{
	k->next = kinds;
	smp_store_release(&kinds, k);
}

unsigned socket_count(void)
{
	unsigned n = 0;

	for (const struct socket_kind *k = smp_load_acquire(&kinds); k; k = k->next)
		n += k->count(k, true);
	return n;
}

static int show_protocols(struct seq *s, void *arg)
{
	seq_puts(s, "protocol  size sockets  memory press maxhdr  slab module     cl co di ac io in de sh ss gs se re sp bi br ha uh gp em\n");
	for (const struct socket_kind *k = smp_load_acquire(&kinds); k; k = k->next) {
		seq_printf(s, "%-9s %4u %6u  %6d   %-3s %6u   %-3s  %-10s ", k->name, k->size, k->count(k, false), k->memory ? 0 : -1, k->pressure ? "no" : "NI",
			   k->maxhdr, k->slab ? "yes" : "no", "kernel");
		for (const char *c = k->calls; *c; c++)
			seq_printf(s, " %c%s", *c, c[1] ? " " : "\n");
	}
	return 0;
}

static int __init proc_init(void)
{
	return procfs_add("net/protocols", S_IFREG | 0444, show_protocols, NULL);
}
INITCALL(INITCALL_LATE, proc_init);
