/* SPDX-License-Identifier: MIT */
/*
 * Files of /proc that procps, util-linux and libraries open and that say of this kernel mostly what it does not have: soft
 * interrupts (all work is done in interrupts and threads), disks, control groups, execution domains. Formats: proc(5).
 */
#include "proc_internal.h"
#include <kernel/printk.h>
#include <kernel/sched.h>

/* Linux's ten, in its order; nothing here is ever put off to one. */
static int show_softirqs(struct seq *s, void *arg)
{
	static const char *const names[] = { "HI",	 "TIMER",   "NET_TX", "NET_RX",	 "BLOCK",
					     "IRQ_POLL", "TASKLET", "SCHED",  "HRTIMER", "RCU" };

	seq_puts(s, "                    ");
	for_each_cpu (cpu, &cpu_possible_mask)
		seq_printf(s, "CPU%-8u", cpu);
	seq_putc(s, '\n');
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
		seq_printf(s, "%12s:", names[i]);
		for_each_cpu (cpu, &cpu_possible_mask)
			seq_printf(s, " %10u", 0u);
		seq_putc(s, '\n');
	}
	return 0;
}

static int show_nothing(struct seq *s, void *arg)
{
	return 0;
}

static int show_text(struct seq *s, void *arg)
{
	seq_puts(s, arg);
	return 0;
}

/* "tty0  -W- (EC   p  )  4:1": can be written, is enabled, is the preferred one. */
static int show_consoles(struct seq *s, void *arg)
{
	char names[64];
	dev_t dev = console_device();

	if (!console_names(names, sizeof(names)))
		return 0;
	for (char *p = names, *next; p; p = next) {
		next = strchr(p, ' ');
		if (next)
			*next++ = '\0';
		seq_put_padded(s, p, 20);
		if (next)
			seq_puts(s, " -W- (E  p  )\n");
		else
			seq_printf(s, " -W- (EC p  ) %4u:%u\n", MAJOR(dev), MINOR(dev));
	}
	return 0;
}

static int machine_init(void)
{
	static const struct {
		const char *path;
		umode_t mode;
		int (*show)(struct seq *, void *);
		const char *text;
	} files[] = {
		{ "softirqs", 0444, show_softirqs, NULL },
		{ "consoles", 0444, show_consoles, NULL },
		{ "diskstats", 0444, show_nothing, NULL },
		{ "execdomains", 0444, show_text, "0-0\tLinux           \t[kernel]\n" },
		{ "cgroups", 0444, show_text, "#subsys_name\thierarchy\tnum_cgroups\tenabled\n" },
		/* What is fixed here reads as it is, and cannot be written. */
		{ "sys/fs/suid_dumpable", 0444, show_text, "0\n" },
		{ "sys/fs/overflowuid", 0444, show_text, "65534\n" },
		{ "sys/fs/overflowgid", 0444, show_text, "65534\n" },
		{ "sys/fs/inotify/max_user_instances", 0444, show_text, "128\n" },
		{ "sys/fs/inotify/max_queued_events", 0444, show_text, "16384\n" },
		{ "sys/fs/inotify/max_user_watches", 0444, show_text, "65536\n" },
		{ "sys/kernel/core_uses_pid", 0444, show_text, "0\n" },
		{ "sys/kernel/sched_rr_timeslice_ms", 0444, show_text, "100\n" },
		{ "sys/vm/overcommit_kbytes", 0444, show_text, "0\n" },
		{ "sys/vm/panic_on_oom", 0444, show_text, "0\n" },
		{ "sys/vm/oom_kill_allocating_task", 0444, show_text, "0\n" },
		{ "sys/vm/legacy_va_layout", 0444, show_text, "0\n" },
		{ "sys/vm/nr_hugepages", 0444, show_text, "0\n" },
	};
	static const struct sysctl_int protections[] = {
		{ "fs/protected_symlinks", 0644, (int *)&sysctl_protected_symlinks, 0, 1, NULL },
		{ "fs/protected_hardlinks", 0644, (int *)&sysctl_protected_hardlinks, 0, 1, NULL },
		{ "fs/protected_fifos", 0644, (int *)&sysctl_protected_fifos, 0, 2, NULL },
		{ "fs/protected_regular", 0644, (int *)&sysctl_protected_regular, 0, 2, NULL },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(files); i++)
		if (procfs_add(files[i].path, files[i].mode, files[i].show,
			       (void *)(uintptr_t)files[i].text))
			return -ENOMEM;
	for (unsigned i = 0; i < ARRAY_SIZE(protections); i++)
		if (sysctl_add_int(&protections[i]))
			return -ENOMEM;
	return 0;
}
INITCALL(INITCALL_LATE, machine_init);
