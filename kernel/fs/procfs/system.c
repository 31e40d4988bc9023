/* SPDX-License-Identifier: MIT */
/* Files of /proc about the whole system. proc(5). */
#include "proc_internal.h"
#include <kernel/irq.h>
#include <kernel/nsproxy.h>
#include <kernel/random.h>
#include <kernel/sched.h>
#include <kernel/time.h>
#include <kernel/vm.h>
#include <arch/context.h>

#define TICK_NS (NSEC_PER_SEC / 100)

static int show_version(struct seq *s, void *arg)
{
	seq_printf(s, "%s version %s (aramid) %s\n", uts_sysname, uts_release, uts_version);
	return 0;
}

static int show_cmdline(struct seq *s, void *arg)
{
	seq_printf(s, "%s\n", boot_command_line);
	return 0;
}

static int show_uptime(struct seq *s, void *arg)
{
	nsec_t up = clock_boottime();
	uint64_t idle = 0;

	for_each_cpu(cpu, &cpu_online_mask)
		idle += cpu_idle_ns(cpu);
	seq_printf(s, "%ld.%02ld %lu.%02lu\n", (long)(up / NSEC_PER_SEC), (long)(up % NSEC_PER_SEC / 10000000), (unsigned long)(idle / 1000000000),
		   (unsigned long)(idle % 1000000000 / 10000000));
	return 0;
}

unsigned long proc_count_tasks(void)
{
	struct task *t;
	unsigned long n = 0;

	rcu_read_lock();
	list_for_each_entry_rcu(t, &all_tasks, all_link)
		n++;
	rcu_read_unlock();
	return n;
}

static int show_loadavg(struct seq *s, void *arg)
{
	uint64_t avg[3];
	struct task *t;
	pid_t last = 0;

	sched_loadavg(avg);
	rcu_read_lock();
	list_for_each_entry_rcu(t, &all_tasks, all_link)
		last = MAX(last, t->tid);
	rcu_read_unlock();
	for (unsigned i = 0; i < 3; i++) {
		uint64_t v = avg[i] + 10;	/* rounds the second digit */

		seq_printf(s, "%lu.%02lu ", (unsigned long)(v >> 11), (unsigned long)((v & 2047) * 100 >> 11));
	}
	seq_printf(s, "%lu/%lu %d\n", sched_nr_running(), proc_count_tasks(), last);
	return 0;
}

static void kb(struct seq *s, const char *name, uint64_t pages)
{
	seq_printf(s, "%s%8lu kB\n", name, (unsigned long)(pages << (PAGE_SHIFT - 10)));
}

static void show_cache(const struct kmem_cache_stat *c, void *arg)
{
	seq_printf(arg, "%-17s %6lu %6lu %6u %4u %4u : tunables %4u %4u %4u : slabdata %6lu %6lu %6u\n", c->name, (unsigned long)c->used,
		   (unsigned long)c->objects, c->size, c->per_slab, c->pages, 0u, 0u, 0u, (unsigned long)c->slabs, (unsigned long)c->slabs, 0u);
}

static int show_slabinfo(struct seq *s, void *arg)
{
	seq_printf(s, "slabinfo - version: 2.1\n");
	seq_printf(s, "# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables <limit> <batchcount> "
		      "<sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>\n");
	kmem_cache_for_each(show_cache, s);
	return 0;
}

static int show_meminfo(struct seq *s, void *arg)
{
	struct mem_stats m;
	uint64_t limit;

	mem_stats(&m);
	limit = m.total * (uint64_t)vm_overcommit_ratio / 100;
	kb(s, "MemTotal:       ", m.total);
	kb(s, "MemFree:        ", m.free);
	kb(s, "MemAvailable:   ", m.available);
	kb(s, "Buffers:        ", 0);
	kb(s, "Cached:         ", m.cached);
	kb(s, "SwapCached:     ", 0);
	kb(s, "Active:         ", m.anon + m.shmem);
	kb(s, "Inactive:       ", m.cached - MIN(m.shmem, m.cached));
	kb(s, "Active(anon):   ", m.anon + m.shmem);
	kb(s, "Inactive(anon): ", 0);
	kb(s, "Active(file):   ", 0);
	kb(s, "Inactive(file): ", m.cached - MIN(m.shmem, m.cached));
	kb(s, "Unevictable:    ", 0);
	kb(s, "Mlocked:        ", 0);
	kb(s, "SwapTotal:      ", 0);
	kb(s, "SwapFree:       ", 0);
	kb(s, "Dirty:          ", m.dirty);
	kb(s, "Writeback:      ", 0);
	kb(s, "AnonPages:      ", m.anon);
	kb(s, "Mapped:         ", m.mapped);
	kb(s, "Shmem:          ", m.shmem);
	kb(s, "KReclaimable:   ", m.reclaimable);
	kb(s, "Slab:           ", m.slab);
	kb(s, "SReclaimable:   ", m.reclaimable);
	kb(s, "SUnreclaim:     ", m.slab - MIN(m.reclaimable, m.slab));
	kb(s, "KernelStack:    ", m.kstacks);
	kb(s, "PageTables:     ", m.page_tables);
	kb(s, "CommitLimit:    ", limit);
	kb(s, "Committed_AS:   ", m.committed);
	kb(s, "VmallocTotal:   ", (VMALLOC_END - VMALLOC_BASE) >> PAGE_SHIFT);
	kb(s, "VmallocUsed:    ", m.vmalloc);
	kb(s, "VmallocChunk:   ", 0);
	return 0;
}

static void put_cpu_times(struct seq *s, const struct cpu_times *c)
{
	seq_printf(s, " %lu %lu %lu %lu %lu %lu 0 0 0 0\n", (unsigned long)(c->user / TICK_NS), (unsigned long)(c->nice / TICK_NS),
		   (unsigned long)(c->system / TICK_NS), (unsigned long)(c->idle / TICK_NS), (unsigned long)(c->iowait / TICK_NS),
		   (unsigned long)(c->irq / TICK_NS));
}

struct irq_sum {
	struct seq *s;
	uint64_t total;
	bool print;
};

static void sum_irq(struct irq_desc *d, void *arg)
{
	struct irq_sum *sum = arg;
	uint64_t n = 0;

	for (unsigned i = 0; i < nr_cpus; i++)
		n += d->count[i];
	sum->total += n;
	if (sum->print)
		seq_printf(sum->s, " %lu", (unsigned long)n);
}

static int show_stat(struct seq *s, void *arg)
{
	struct cpu_times total = { 0 }, c;
	struct irq_sum irqs = { s, 0, false };

	for_each_cpu(cpu, &cpu_online_mask) {
		sched_cpu_times(cpu, &c);
		total.user += c.user;
		total.nice += c.nice;
		total.system += c.system;
		total.idle += c.idle;
		total.iowait += c.iowait;
		total.irq += c.irq;
	}
	seq_puts(s, "cpu ");
	put_cpu_times(s, &total);
	for_each_cpu(cpu, &cpu_online_mask) {
		sched_cpu_times(cpu, &c);
		seq_printf(s, "cpu%u", cpu);
		put_cpu_times(s, &c);
	}
	irq_for_each(sum_irq, &irqs);
	seq_printf(s, "intr %lu", (unsigned long)irqs.total);
	irqs.print = true;
	irq_for_each(sum_irq, &irqs);
	seq_printf(s, "\nctxt %lu\nbtime %ld\nprocesses %lu\nprocs_running %lu\nprocs_blocked 0\nsoftirq 0 0 0 0 0 0 0 0 0 0 0\n",
		   (unsigned long)sched_nr_switches(), (long)((clock_realtime() - clock_boottime()) / NSEC_PER_SEC), proc_total_forks(),
		   MAX(sched_nr_running(), 1ul));
	return 0;
}

static int show_cpuinfo(struct seq *s, void *arg)
{
	for_each_cpu(cpu, &cpu_online_mask) {
		int err = arch_cpuinfo_show(s, cpu);

		if (err)
			return err;
	}
	return 0;
}

static void show_irq(struct irq_desc *d, void *arg)
{
	struct seq *s = arg;

	seq_printf(s, "%3u: ", d->virq);
	for_each_cpu(cpu, &cpu_online_mask)
		seq_printf(s, "%10lu ", (unsigned long)d->count[cpu]);
	seq_printf(s, "    %s %3u %s     %s\n", d->dom->chip->name, d->line, d->type & (IRQ_TYPE_EDGE_RISING | IRQ_TYPE_EDGE_FALLING) ? "Edge " : "Level",
		   d->name ? d->name : "");
}

static int show_interrupts(struct seq *s, void *arg)
{
	seq_puts(s, "     ");
	for_each_cpu(cpu, &cpu_online_mask)
		seq_printf(s, "      CPU%-2u", cpu);
	seq_putc(s, '\n');
	irq_for_each(show_irq, s);
	return 0;
}

static int show_filesystems(struct seq *s, void *arg) { return vfs_show_filesystems(s, arg); }

static int show_swaps(struct seq *s, void *arg)
{
	seq_puts(s, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
	return 0;
}

static int show_partitions(struct seq *s, void *arg)
{
	seq_puts(s, "major minor  #blocks  name\n\n");
	return 0;
}

static int show_vmstat(struct seq *s, void *arg)
{
	struct mem_stats m;

	mem_stats(&m);
	seq_printf(s, "nr_free_pages %lu\nnr_anon_pages %lu\nnr_mapped %lu\nnr_file_pages %lu\nnr_dirty %lu\nnr_writeback 0\nnr_shmem %lu\n"
		   "nr_slab_reclaimable %lu\nnr_slab_unreclaimable %lu\nnr_kernel_stack %lu\nnr_page_table_pages %lu\n"
		   "pgpgin 0\npgpgout 0\npswpin 0\npswpout 0\n",
		   (unsigned long)m.free, (unsigned long)m.anon, (unsigned long)m.mapped, (unsigned long)m.cached, (unsigned long)m.dirty,
		   (unsigned long)m.shmem, (unsigned long)m.reclaimable, (unsigned long)(m.slab - MIN(m.reclaimable, m.slab)),
		   (unsigned long)(m.kstacks << (PAGE_SHIFT - 10)), (unsigned long)m.page_tables);
	return 0;
}

static int show_locks(struct seq *s, void *arg) { return locks_show(s, arg); }

static int system_init(void)
{
	static const struct { const char *name; umode_t mode; int (*show)(struct seq *, void *); } files[] = {
		{ "version", 0444, show_version }, { "cmdline", 0444, show_cmdline }, { "uptime", 0444, show_uptime },
		{ "loadavg", 0444, show_loadavg }, { "meminfo", 0444, show_meminfo }, { "slabinfo", 0400, show_slabinfo }, { "stat", 0444, show_stat },
		{ "cpuinfo", 0444, show_cpuinfo }, { "interrupts", 0444, show_interrupts }, { "filesystems", 0444, show_filesystems },
		{ "swaps", 0444, show_swaps }, { "partitions", 0444, show_partitions }, { "vmstat", 0444, show_vmstat },
		{ "locks", 0444, show_locks }, { "devices", 0444, chrdev_show },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(files); i++)
		if (procfs_add(files[i].name, files[i].mode, files[i].show, NULL))
			return -ENOMEM;
	return 0;
}
INITCALL(INITCALL_LATE, system_init);
