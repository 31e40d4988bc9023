/* SPDX-License-Identifier: MIT */
/*
 * System requests: a break and a letter on a serial console, or a letter written to /proc/sysrq-trigger. Runs in interrupt
 * context; what has to sleep goes to a work.
 * Letters as Linux's Documentation/admin-guide/sysrq has them.
 */
#include <kernel/errno.h>
#include <kernel/fs.h>
#include <kernel/init.h>
#include <kernel/iov.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/procfs.h>
#include <kernel/rcu.h>
#include <kernel/signal.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/tty.h>
#include <kernel/vm.h>
#include <kernel/work.h>
#include "debug_internal.h"

int sysrq_enabled = 1;		/* kernel.sysrq: 0 off, 1 all, else a mask of groups */
#define GROUP_LOG	2
#define GROUP_KEYBOARD	4
#define GROUP_DUMP	8
#define GROUP_SYNC	16
#define GROUP_REMOUNT	32
#define GROUP_SIGNAL	64
#define GROUP_BOOT	128

static void signal_everybody(int sig)
{
	struct task *t;

	rcu_read_lock();
	list_for_each_entry_rcu(t, &all_tasks, all_link)
		if (!(t->flags & TF_KTHREAD) && thread_group_leader(t) && t->proc->pid > 1)
			(void)kill_proc(sig, t->proc);
	rcu_read_unlock();
}

static void req_term(void)
{
	signal_everybody(SIGTERM);
}

static void req_kill(void)
{
	signal_everybody(SIGKILL);
}

/* The one that the OOM killer would take. */
static void req_oom(void)
{
	struct task *t, *worst = NULL;
	uint64_t most = 0;

	rcu_read_lock();
	list_for_each_entry_rcu(t, &all_tasks, all_link) {
		uint64_t n = t->mm && t->proc ? oom_badness(t) : 0;

		if (n > most) {
			most = n;
			worst = t;
		}
	}
	if (worst) {
		pr_emerg("sysrq: killing %s (%d)\n", worst->comm, worst->proc->pid);
		(void)kill_proc(SIGKILL, worst->proc);
	}
	rcu_read_unlock();
}

static void sync_fn(struct work *w)
{
	(void)sys_sync();
	pr_emerg("sysrq: synced\n");
}

static void remount_fn(struct work *w)
{
	(void)sys_sync();
	super_remount_all_readonly();
	pr_emerg("sysrq: file systems are read-only\n");
}

#define REQ_WORK(n) \
	static struct work n##_work = { .link = LIST_HEAD_INIT(n##_work.link), .fn = n##_fn }; \
	static void req_##n(void) { work_queue(&n##_work); }
REQ_WORK(sync)
REQ_WORK(remount)

/* Secure attention: everything that has the console open as its controlling terminal is killed. */
static void req_sak(void)
{
	dev_t dev = console_device();
	struct task *t;

	rcu_read_lock();
	list_for_each_entry_rcu(t, &all_tasks, all_link) {
		struct tty *tty = t->proc ? READ_ONCE(t->proc->tty) : NULL;

		if (tty && tty_device_of(tty) == dev && thread_group_leader(t) && t->proc->pid > 1)
			(void)kill_proc(SIGKILL, t->proc);
	}
	rcu_read_unlock();
}

static void req_registers(void)
{
	report_context();
	show_backtrace(NULL, NULL);
	report_held_locks(current);
}

static void req_crash(void)
{
	panic("sysrq: crash asked for");
}

static void req_restart(void)
{
	system_restart();
}

static void req_poweroff(void)
{
	system_power_off();
}

static const struct request {
	char key;
	uint8_t group;
	void (*fn)(void);
	const char *help;
} requests[] = {
	{ 'b', GROUP_BOOT, req_restart, "reboot(b)" },
	{ 'c', GROUP_DUMP, req_crash, "crash(c)" },
	{ 'e', GROUP_SIGNAL, req_term, "terminate-all(e)" },
	{ 'f', GROUP_SIGNAL, req_oom, "oom-kill(f)" },
	{ 'i', GROUP_SIGNAL, req_kill, "kill-all(i)" },
	{ 'k', GROUP_KEYBOARD, req_sak, "secure-attention(k)" },
	{ 'l', GROUP_DUMP, show_all_cpus, "backtrace-cpus(l)" },
	{ 'm', GROUP_DUMP, show_memory, "memory(m)" },
	{ 'o', GROUP_BOOT, req_poweroff, "poweroff(o)" },
	{ 'p', GROUP_DUMP, req_registers, "this-cpu(p)" },
	{ 's', GROUP_SYNC, req_sync, "sync(s)" },
	{ 't', GROUP_DUMP, show_tasks, "tasks(t)" },
	{ 'u', GROUP_REMOUNT, req_remount, "read-only(u)" },
	{ 'w', GROUP_DUMP, show_blocked_tasks, "blocked-tasks(w)" },
};

static void help(void)
{
	char line[320];
	int n = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(requests); i++)
		n += scnprintf(line + n, sizeof(line) - (size_t)n, " %s", requests[i].help);
	pr_emerg("sysrq: loglevel(0-9)%s\n", line);
}

static void handle(int key, int mask)
{
	int level = console_loglevel;

	if (key >= '0' && key <= '9') {
		if (mask & (1 | GROUP_LOG))
			console_set_level(key - '0');
		return;
	}
	console_set_level(7);	/* the answer is to be seen */
	for (unsigned i = 0; i < ARRAY_SIZE(requests); i++) {
		if (requests[i].key != key)
			continue;
		if (mask == 1 || (mask & requests[i].group)) {
			pr_emerg("sysrq: %s\n", requests[i].help);
			requests[i].fn();
		} else {
			pr_emerg("sysrq: %s is switched off\n", requests[i].help);
		}
		console_set_level(level);
		return;
	}
	help();
	console_set_level(level);
}

void sysrq_handle(int key)
{
	if (sysrq_enabled)
		handle(key, sysrq_enabled);
}

void sysrq_trigger(int key)
{
	handle(key, 1);
}

static ssize_t trigger_write(struct file *f, struct iov_iter *from, loff_t *pos)
{
	ssize_t n = (ssize_t)from->count;
	char key;

	if (!n)
		return 0;
	if (copy_from_iter(&key, 1, from) != 1)
		return -EFAULT;
	sysrq_trigger(key);
	return n;
}
static const struct file_ops trigger_fops = { .write = trigger_write, .llseek = no_llseek };

static int sysrq_init(void)
{
	return procfs_add_fops("sysrq-trigger", S_IFREG | 0200, &trigger_fops, NULL);
}
INITCALL(INITCALL_LATE, sysrq_init);
