/* SPDX-License-Identifier: MIT */
/*
 * sysfs: the tree under /sys as far as shells and C libraries look: CPUs, the kernel's own directory, empty classes.
 * SIMPLE: fixed names, made at boot; devices get their directories when there are buses that find devices.
 */
#include <kernel/sysfs.h>
#include "proc_internal.h"
#include <kernel/printk.h>
#include <kernel/sched.h>

#define SYSFS_MAGIC 0x62656572

static struct proc_entry sysfs_root = { .name = "/", .mode = S_IFDIR | 0555, .ino = 1 };

static int show_cpu_list(struct seq *s, void *arg)
{
	const struct cpumask *m = arg;
	bool first = true;

	for (unsigned i = 0; i < nr_cpus; i++) {
		unsigned j = i;

		if (!cpumask_test(m, i))
			continue;
		while (j + 1 < nr_cpus && cpumask_test(m, j + 1))
			j++;
		seq_printf(s, j > i ? "%s%u-%u" : "%s%u", first ? "" : ",", i, j);
		first = false;
		i = j;
	}
	seq_putc(s, '\n');
	return 0;
}

static int show_number(struct seq *s, void *arg)
{
	seq_printf(s, "%lu\n", (unsigned long)(uintptr_t)arg);
	return 0;
}

/* A CPU alone: its own thread siblings. */
static int show_one_cpu(struct seq *s, void *arg)
{
	return show_number(s, arg);
}

/* The same as a mask, in words of 32 bits. */
static int show_one_mask(struct seq *s, void *arg)
{
	unsigned cpu = (unsigned)(uintptr_t)arg;

	for (unsigned word = (nr_cpus - 1) / 32 + 1; word--; ) {
		unsigned bits = MIN(nr_cpus - word * 32, 32u);

		seq_printf(s, "%0*x%s", (int)DIV_ROUND_UP(bits, 4), cpu / 32 == word ? 1u << cpu % 32 : 0, word ? "," : "\n");
	}
	return 0;
}

static int show_offline(struct seq *s, void *arg)
{
	struct cpumask off;

	cpumask_zero(&off);
	for_each_cpu(cpu, &cpu_possible_mask)
		if (!cpumask_test(&cpu_online_mask, cpu))
			cpumask_set(&off, cpu);
	return show_cpu_list(s, &off);
}

static int show_all_mask(struct seq *s, void *arg)
{
	const struct cpumask *m = arg;

	for (unsigned word = (nr_cpus - 1) / 32 + 1; word--; ) {
		unsigned bits = MIN(nr_cpus - word * 32, 32u);
		uint32_t v = (uint32_t)(m->bits[word / 2] >> (word % 2 * 32));

		seq_printf(s, "%0*x%c", (int)(bits + 3) / 4, v, word ? ',' : '\n');
	}
	return 0;
}

static int show_text(struct seq *s, void *arg)
{
	seq_puts(s, arg);
	return 0;
}

/* All CPUs are of one package, and each is a core of one thread. */
static int add_topology(unsigned cpu)
{
	static const struct { const char *name; int (*show)(struct seq *, void *); bool all; } files[] = {
		{ "thread_siblings_list", show_one_cpu, false }, { "core_cpus_list", show_one_cpu, false },
		{ "thread_siblings", show_one_mask, false }, { "core_cpus", show_one_mask, false },
		{ "core_siblings_list", show_cpu_list, true }, { "package_cpus_list", show_cpu_list, true },
		/* lscpu takes the masks for granted where thread_siblings is. */
		{ "core_siblings", show_all_mask, true }, { "package_cpus", show_all_mask, true },
	};
	char path[80];
	int err = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(files) && !err; i++) {
		snprintf(path, sizeof(path), "devices/system/cpu/cpu%u/topology/%s", cpu, files[i].name);
		err = proc_tree_add(&sysfs_root, path, S_IFREG | 0444, files[i].show,
				    files[i].all ? (void *)&cpu_possible_mask : (void *)(uintptr_t)cpu);
	}
	return err;
}

static int show_consoles(struct seq *s, void *arg)
{
	char names[64];

	console_names(names, sizeof(names));
	seq_printf(s, "%s\n", names);
	return 0;
}

static int add_cpus(void)
{
	static const char base[] = "devices/system/cpu";
	char path[64];
	int err;

	err = proc_tree_add(&sysfs_root, "devices/system/cpu/possible", S_IFREG | 0444, show_cpu_list, &cpu_possible_mask);
	if (!err)
		err = proc_tree_add(&sysfs_root, "devices/system/cpu/present", S_IFREG | 0444, show_cpu_list, &cpu_possible_mask);
	if (!err)
		err = proc_tree_add(&sysfs_root, "devices/system/cpu/online", S_IFREG | 0444, show_cpu_list, &cpu_online_mask);
	if (!err)
		err = proc_tree_add(&sysfs_root, "devices/system/cpu/kernel_max", S_IFREG | 0444, show_number, (void *)(uintptr_t)(CONFIG_NR_CPUS - 1));
	for (unsigned cpu = 0; !err && cpu < nr_cpus; cpu++) {
		snprintf(path, sizeof(path), "%s/cpu%u/topology/core_id", base, cpu);
		err = proc_tree_add(&sysfs_root, path, S_IFREG | 0444, show_number, (void *)(uintptr_t)cpu);
		snprintf(path, sizeof(path), "%s/cpu%u/topology/physical_package_id", base, cpu);
		if (!err)
			err = proc_tree_add(&sysfs_root, path, S_IFREG | 0444, show_number, NULL);
		if (!err)
			err = add_topology(cpu);
	}
	return err;
}

int sysfs_add_fops(const char *path, umode_t mode, const struct file_ops *fops, void *arg)
{
	return proc_tree_add_fops(&sysfs_root, path, mode, fops, arg);
}

int sysfs_add_link(const char *path, const char *target)
{
	return proc_tree_add_link(&sysfs_root, path, target);
}

static int sysfs_mount(const struct fs_type *t, unsigned sb_flags, const char *source, const char *data, struct super **out)
{
	static struct super *only;

	return proc_tree_mount(&sysfs_root, &only, t, sb_flags, SYSFS_MAGIC, out);
}

static const char *const sysfs_params[] = { NULL };
struct fs_type sysfs_type = { .name = "sysfs", .flags = FS_NODEV | FS_USERNS_MOUNT, .mount = sysfs_mount, .params = sysfs_params };

static int sysfs_init(void)
{
	static const char *const dirs[] = { "block", "bus", "class", "dev/block", "dev/char", "devices/virtual", "firmware", "fs", "kernel", "module", "power" };

	for (unsigned i = 0; i < ARRAY_SIZE(dirs); i++)
		if (proc_tree_add(&sysfs_root, dirs[i], S_IFDIR | 0755, NULL, NULL))
			return -ENOMEM;
	if (proc_tree_add(&sysfs_root, "devices/system/cpu/offline", S_IFREG | 0444, show_offline, NULL) ||
	    proc_tree_add(&sysfs_root, "kernel/mm/transparent_hugepage/enabled", S_IFREG | 0444, show_text, (void *)(uintptr_t)"[always] madvise never\n") ||
	    proc_tree_add(&sysfs_root, "kernel/mm/transparent_hugepage/hpage_pmd_size", S_IFREG | 0444, show_text, (void *)(uintptr_t)"2097152\n"))
		return -ENOMEM;
	if (add_cpus() || proc_tree_add(&sysfs_root, "class/tty/console/active", S_IFREG | 0444, show_consoles, NULL))
		return -ENOMEM;
	return fs_type_register(&sysfs_type);
}
INITCALL(INITCALL_FS, sysfs_init);
