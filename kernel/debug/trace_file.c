/* SPDX-License-Identifier: MIT */
/*
 * /proc/ktrace and the command-line words: how the recorder is told what to do and read.
 *
 * Writing: words, "all", "off", "clear", "size=KIB" (a ring's, a power of two), or names of what to record, which
 * together replace what was recorded before; "mark TEXT" puts a line of its own into the record.
 * Reading gives a text that names the architecture, the system calls and the tasks, ended by a line "data", and then
 * chunks of records as they stand at open: struct trace_chunk and its bytes, CPU by CPU. What was read is gone from the ring.
 * On the command line: ktrace, ktrace=syscalls,switches, ktrace_size=KIB.
 *
 * Locks: reader->lock (LR_SEQ) around one read. References: tools/ktrace.
 */
#include <kernel/cred.h>
#include <kernel/errno.h>
#include <kernel/fs.h>
#include <kernel/init.h>
#include <kernel/mm.h>
#include <kernel/printk.h>
#include <kernel/procfs.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/uaccess.h>
#include <generated/version.h>
#include "trace_internal.h"

struct trace_chunk {
	char magic[4];		/* "ktr1" */
	uint32_t cpu;
	uint32_t lost;		/* records of this CPU overwritten before this chunk */
	uint32_t bytes;
};

static const struct {
	const char *name;
	unsigned bit;
} events[] = {
	{ "syscalls", TRACE_SYSCALLS }, { "switches", TRACE_SWITCHES }, { "faults", TRACE_FAULTS },
	{ "irqs", TRACE_IRQS }, { "signals", TRACE_SIGNALS }, { "frames", TRACE_FRAMES }, { "all", TRACE_ALL },
};

/* ---- reading */

#define READER_BUF 16384u
struct trace_reader {
	struct mutex lock;
	unsigned line;			/* of the text: system calls, then tasks */
	pid_t task;			/* the next task to name has a larger number */
	bool in_data;
	unsigned cpu;
	size_t used, done;		/* of buf */
	uint64_t end[CONFIG_NR_CPUS];
	uint8_t buf[READER_BUF];
};

static int trace_open(struct inode *inode, struct file *f)
{
	struct trace_reader *r;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	r = kvmalloc(sizeof(*r), GFP_KERNEL);
	if (!r)
		return -ENOMEM;
	memset(r, 0, offsetof(struct trace_reader, buf));
	mutex_init(&r->lock, LR_SEQ);
	for (unsigned cpu = 0; cpu < nr_cpus; cpu++)
		r->end[cpu] = trace_ring_head(cpu);
	f->private = r;
	return stream_open(inode, f);
}

static void trace_release(struct inode *inode, struct file *f)
{
	kvfree(f->private);
}

/* Callers leave room for the longest line. */
static __printf(2, 3) void add(struct trace_reader *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	r->used += (size_t)vsnprintf((char *)r->buf + r->used, sizeof(r->buf) - r->used, fmt, ap);
	va_end(ap);
}

/* The living task with the smallest number above r->task; false: there is none. */
static bool add_next_task(struct trace_reader *r)
{
	struct task *t, *best = NULL;

	rcu_read_lock();
	list_for_each_entry_rcu(t, &all_tasks, all_link)
		if (t->tid > r->task && (!best || t->tid < best->tid))
			best = t;
	if (best) {
		r->task = best->tid;
		add(r, "task %d %d %s\n", best->tid, best->proc->pid, best->comm);
	}
	rcu_read_unlock();
	return best;
}

/* As many lines as fit: longer than any is 128. */
static void fill_text(struct trace_reader *r)
{
	if (r->line == 0) {
		add(r, "ktrace 1\nrelease %s\narch %s\ncpus %u\nrealtime_offset %ld\nevents", AR_RELEASE, ARCH_UTS_MACHINE,
		    nr_cpus, (long)READ_ONCE(realtime_offset));
		for (size_t i = 0; i + 1 < ARRAY_SIZE(events); i++)
			if (READ_ONCE(trace_mask) & events[i].bit)
				add(r, " %s", events[i].name);
		add(r, "\n");
	}
	for (; r->line < NR_SYSCALLS && sizeof(r->buf) - r->used > 128; r->line++) {
		const struct syscall_desc *d = &syscall_table[r->line];

		if (d->name)
			add(r, "syscall %u %s %.6s\n", r->line, d->name, d->nargs ? d->kinds : "-");
	}
	while (r->line >= NR_SYSCALLS && sizeof(r->buf) - r->used > 128) {
		if (!add_next_task(r)) {
			add(r, "data\n");
			r->in_data = true;
			break;
		}
	}
}

static void fill_data(struct trace_reader *r)
{
	for (; r->cpu < nr_cpus; r->cpu++) {
		struct trace_chunk c = { .magic = "ktr", .cpu = r->cpu };
		uint64_t lost;

		c.magic[3] = '1';
		c.bytes = (uint32_t)trace_ring_take(r->cpu, r->end[r->cpu], r->buf + sizeof(c), sizeof(r->buf) - sizeof(c), &lost);
		c.lost = (uint32_t)MIN(lost, UINT32_MAX);
		if (c.bytes || c.lost) {
			memcpy(r->buf, &c, sizeof(c));
			r->used = sizeof(c) + c.bytes;
			return;
		}
	}
}

static ssize_t trace_read(struct file *f, struct iov_iter *to, loff_t *pos)
{
	struct trace_reader *r = f->private;
	ssize_t ret = 0;

	mutex_lock(&r->lock);
	while (to->count) {
		size_t n;

		if (r->done == r->used) {
			r->done = r->used = 0;
			if (r->in_data)
				fill_data(r);
			else
				fill_text(r);
			if (!r->used)
				break;
		}
		n = copy_to_iter(r->buf + r->done, MIN(to->count, r->used - r->done), to);
		if (!n) {
			ret = ret ? ret : -EFAULT;
			break;
		}
		r->done += n;
		ret += (ssize_t)n;
	}
	mutex_unlock(&r->lock);
	return ret;
}

/* ---- settings */

/* One word; names of events gather in *mask. -EINVAL: not known. */
static int command(const char *word, unsigned *mask, bool *set)
{
	uint64_t kib;

	for (size_t i = 0; i < ARRAY_SIZE(events); i++)
		if (!strcmp(word, events[i].name)) {
			*mask |= events[i].bit;
			*set = true;
			return 0;
		}
	if (!strcmp(word, "off")) {
		*set = true;
		return 0;
	}
	if (!strcmp(word, "clear")) {
		trace_clear();
		return 0;
	}
	if (!strncmp(word, "size=", 5) && !kstrtou64(word + 5, 10, &kib))
		return kib > TRACE_KIB_MAX ? -EINVAL : trace_resize((unsigned)kib);
	return -EINVAL;
}

/* Words apart by spaces, commas or newlines; writes into @text. */
static int commands(char *text)
{
	unsigned mask = 0;
	bool set = false;
	int err = 0;

	while (*text && !err) {
		char *end;

		while (*text == ' ' || *text == ',' || *text == '\n')
			text++;
		for (end = text; *end && *end != ' ' && *end != ',' && *end != '\n'; end++)
			;
		if (end == text)
			break;
		if (*end)
			*end++ = 0;
		err = command(text, &mask, &set);
		text = end;
	}
	return err ? err : set ? trace_set(mask) : 0;
}

static ssize_t trace_file_write(struct file *f, struct iov_iter *from, loff_t *pos)
{
	char text[200];
	size_t n = from->count;
	int err;

	if (n >= sizeof(text))
		return -EINVAL;
	if (copy_from_iter(text, n, from) != n)
		return -EFAULT;
	text[n] = 0;
	if (!strncmp(text, "mark ", 5)) {
		if (trace_wants(TRACE_ALL))
			trace_write(TRACE_T_MARK, text + 5, n - 5, NULL, 0);
		return (ssize_t)n;
	}
	err = commands(text);
	return err ? err : (ssize_t)n;
}

static const struct file_ops trace_fops = {
	.open = trace_open, .release = trace_release, .read = trace_read, .write = trace_file_write, .llseek = no_llseek,
};

static char boot_words[128] __initdata;

static int trace_param(const char *value)
{
	strscpy(boot_words, value ? value : "all", sizeof(boot_words));
	return 0;
}
BOOT_PARAM(ktrace, "ktrace", trace_param);

static int trace_size_param(const char *value)
{
	uint64_t kib;

	if (kstrtou64(value, 10, &kib) || kib > TRACE_KIB_MAX || trace_resize((unsigned)kib))
		pr_warn("ktrace_size=%s: a power of two of KiB from %u to %u", value, TRACE_KIB_MIN, TRACE_KIB_MAX);
	return 0;
}
BOOT_PARAM(ktrace_size, "ktrace_size=", trace_size_param);

static int __init trace_file_init(void)
{
	int err = procfs_add_fops("ktrace", 0600, &trace_fops, NULL);

	if (!err && *boot_words && commands(boot_words))
		pr_warn("ktrace: not all words of the command line are known, or no memory");
	return err;
}
INITCALL(INITCALL_LATE, trace_file_init);
