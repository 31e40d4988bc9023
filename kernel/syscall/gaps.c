/* SPDX-License-Identifier: MIT */
/*
 * What programs asked for and did not get: calls without a handler, unknown options. /proc/gaps lists them with count
 * and last caller, so that nobody has to guess why a program behaves oddly.
 *
 * A fixed table, entries are never removed; when it is full, further kinds are counted as "(others)".
 * Locks: gap_lock over the table; the path is an error's, so its cost does not matter.
 */
#include <kernel/errno.h>
#include <kernel/fs.h>
#include <kernel/init.h>
#include <kernel/procfs.h>
#include <kernel/spinlock.h>
#include <kernel/string.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <arch/context.h>

#define GAPS_MAX 256
struct gap {
	const char *what;	/* static text */
	unsigned long detail;
	uint64_t count;
	pid_t pid;
	char comm[TASK_COMM_LEN];
};
static struct gap gaps[GAPS_MAX];
static unsigned ngaps;
static DEFINE_SPINLOCK(gap_lock, LR_LEAF);

void gap_note(const char *what, unsigned long detail)
{
	irqflags_t f = spin_lock_irqsave(&gap_lock);
	unsigned i;

	for (i = 0; i < ngaps; i++)
		if (gaps[i].detail == detail && !strcmp(gaps[i].what, what))
			break;
	if (i == ngaps) {
		if (ngaps < GAPS_MAX - 1) {
			ngaps++;
		} else {
			i = GAPS_MAX - 1;
			ngaps = GAPS_MAX;
			what = "(others)";
			detail = 0;
		}
		gaps[i].what = what;
		gaps[i].detail = detail;
	}
	gaps[i].count++;
	gaps[i].pid = current->proc->pid;
	memcpy(gaps[i].comm, current->comm, TASK_COMM_LEN);
	spin_unlock_irqrestore(&gap_lock, f);
}

/* Reached by every number that has no handler. */
long sys_ni(const unsigned long *args)
{
	gap_note("syscall", (unsigned long)regs_syscall_nr(task_regs(current)));
	return -ENOSYS;
}

static int show_gaps(struct seq *s, void *arg)
{
	seq_puts(s, "count\tlast caller\twhat\n");
	for (unsigned i = 0; i < READ_ONCE(ngaps); i++) {
		const struct gap *g = &gaps[i];

		seq_printf(s, "%lu\t%s[%d]\t%s ", (unsigned long)g->count, g->comm, g->pid, g->what);
		if (!strcmp(g->what, "syscall"))
			seq_printf(s, "%lu (%s)\n", g->detail, syscall_name((unsigned)g->detail));
		else
			seq_printf(s, "0x%lx\n", g->detail);
	}
	return 0;
}

static int gaps_init(void)
{
	return procfs_add("gaps", 0444, show_gaps, NULL);
}
INITCALL(INITCALL_LATE, gaps_init);
