/* SPDX-License-Identifier: MIT */
/*
 * Consoles: who of them shows the log, and showing it.
 *
 * console= names the consoles, as on Linux: the last one that registers is /dev/console; without the word, the
 * device of /chosen's stdout-path (or the first to register) is it. An early console shows the log until a
 * real one takes over where it stopped.
 *
 * Printing: whoever stores a record tries to become the printer; if there is one already, that one shows the
 * record too before it leaves. So printk() never waits for a slow console of another CPU, from any context.
 *
 * Locks: `printing` (a flag taken by compare-and-swap; preemption off while held). The list of consoles is
 * append-only with release stores, changed at boot and by registering drivers under `printing`.
 */
#include <kernel/dt.h>
#include <kernel/init.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/spinlock.h>
#include <kernel/string.h>
#include <kernel/task.h>

#define MAX_WANTED 8

struct wanted {
	char name[16];
	char options[16];
};
static struct wanted wanted[MAX_WANTED];	/* console= words, in order */
static unsigned nr_wanted;
static struct console *consoles;
static struct console *preferred;		/* /dev/console */
static int preferred_rank = -1;			/* index into wanted[] */
static int printing;				/* [cas] */
static struct log_record record;		/* [printing] */
static char line[LOG_LINE_MAX + 128];		/* [printing] */
static bool ignore_loglevel;
int console_loglevel = 7;

static bool try_printer(void)
{
	return cmpxchg(&printing, 0, 1) == 0;
}

static void leave_printer(void)
{
	smp_store_release(&printing, 0);
}

static bool shown(const struct log_record *r)
{
	return r->level < READ_ONCE(console_loglevel) || ignore_loglevel;
}

/* Shows what @c has not shown yet. [printing] */
static void catch_up(struct console *c)
{
	while (c->enabled && log_read(c->seq, &record)) {
		size_t n;

		c->seq = record.seq + 1;
		if (!shown(&record))
			continue;
		n = log_format(&record, false, line, sizeof(line));
		c->write(c, line, MIN(n, sizeof(line)));
	}
}

static bool anything_to_show(void)
{
	uint64_t next = log_next_seq();

	for (struct console *c = smp_load_acquire(&consoles); c; c = smp_load_acquire(&c->next))
		if (c->enabled && READ_ONCE(c->seq) < next)
			return true;
	return false;
}

void console_flush(void)
{
	preempt_disable();
	while (anything_to_show() && try_printer()) {
		for (struct console *c = consoles; c; c = c->next)
			catch_up(c);
		leave_printer();
		/*
		 * A record that was stored after our last look, by a CPU that saw the flag taken, is found by the loop's
		 * test: full barrier between giving up the flag and looking at next_seq again. Pairs with
		 * the compare-and-swap of that CPU, which follows its store of the record.
		 */
		smp_mb();
	}
	preempt_enable_no_resched();
}

void console_verbose(void)
{
	if (console_loglevel < 7)
		console_loglevel = 7;
}

void console_flush_panic(void)
{
	WRITE_ONCE(printing, 0);
	log_break_lock();
	console_verbose();
	if (!consoles)
		earlycon_for_panic();
	for (struct console *c = consoles; c; c = c->next)
		catch_up(c);
}

void console_set_level(int level)
{
	WRITE_ONCE(console_loglevel, level);
}

bool console_has_early(void)
{
	for (struct console *c = consoles; c; c = c->next)
		if (c->early && c->enabled)
			return true;
	return false;
}

/* ---- registration */

/* Index into wanted[] of the last word that means @c; -1: none. */
static int wanted_index(const struct console *c)
{
	char full[16];

	snprintf(full, sizeof(full), "%s%d", c->name, c->index);
	for (int i = (int)nr_wanted - 1; i >= 0; i--)
		if (!strcmp(wanted[i].name, c->name) || !strcmp(wanted[i].name, full))
			return i;
	return -1;
}

static bool is_stdout(const struct console *c)
{
	const struct dt_node *chosen = dt_find_path("/chosen");
	const char *path = chosen ? dt_string(chosen, "stdout-path") : NULL;

	if (!path)
		return !preferred;	/* the tree names none: the first one is it */
	return c->node && dt_find_path(path) == c->node;
}

static void append(struct console *c)
{
	struct console **p = &consoles;

	while (*p)
		p = &(*p)->next;
	c->next = NULL;
	smp_store_release(p, c);
}

static void enable_real(struct console *c, int rank)
{
	bool had_early = console_has_early();

	if (c->setup)
		(void)c->setup(c, rank >= 0 ? wanted[rank].options : "");
	if (rank >= preferred_rank) {
		preferred = c;
		preferred_rank = rank;
	}
	pr_info("console [%s%d] enabled", c->name, c->index);
	/* The early console has shown the log so far, on the same wire as a rule. */
	c->seq = had_early ? log_next_seq() : 0;
	for (struct console *e = consoles; e; e = e->next)
		if (e->early)
			e->enabled = false;
	c->enabled = true;
}

void console_register(struct console *c)
{
	int rank;

	c->enabled = false;
	append(c);
	if (c->early) {
		c->enabled = true;
		console_flush();
		return;
	}
	rank = wanted_index(c);
	if (rank >= 0 || (!nr_wanted && is_stdout(c)))
		enable_real(c, rank);
	console_flush();
}

int console_names(char *buf, size_t size)
{
	int n = 0;

	for (struct console *c = smp_load_acquire(&consoles); c; c = smp_load_acquire(&c->next))
		if (c->enabled && !c->early)
			n += scnprintf(buf + n, size - (size_t)n, "%s%s%d", n ? " " : "", c->name, c->index);
	return n;
}

dev_t console_device(void)
{
	return preferred ? preferred->dev : 0;
}

/* ---- command line */

static int console_word(const char *v)
{
	const char *comma = strchr(v, ',');
	size_t n = comma ? (size_t)(comma - v) : strlen(v);
	struct wanted *w;

	if (!n || n >= sizeof(w->name) || nr_wanted == MAX_WANTED)
		return 0;
	w = &wanted[nr_wanted++];
	memcpy(w->name, v, n);
	w->name[n] = 0;
	strscpy(w->options, comma ? comma + 1 : "", sizeof(w->options));
	return 0;
}
BOOT_PARAM(console, "console=", console_word);

static int quiet_word(const char *v)
{
	console_loglevel = 4;
	return 0;
}
BOOT_PARAM(quiet, "quiet", quiet_word);

static int debug_word(const char *v)
{
	console_loglevel = 10;
	return 0;
}
BOOT_PARAM(debug, "debug", debug_word);

static int loglevel_word(const char *v)
{
	uint64_t n;

	if (!kstrtou64(v, 0, &n) && n <= 15)
		console_loglevel = (int)n;
	return 0;
}
BOOT_PARAM(loglevel, "loglevel=", loglevel_word);

static int ignore_word(const char *v)
{
	ignore_loglevel = true;
	return 0;
}
BOOT_PARAM(ignore_loglevel, "ignore_loglevel", ignore_word);
