/* SPDX-License-Identifier: MIT */
/*
 * The boot, as one list. Each step says what works from then on; docs/boot.md tells the story.
 */
#include <kernel/cred.h>
#include <kernel/device.h>
#include <kernel/dt.h>
#include <kernel/errno.h>
#include <kernel/fs.h>
#include <kernel/init.h>
#include <kernel/ipc_ns.h>
#include <kernel/irq.h>
#include <kernel/kernel_map.h>
#include <kernel/ktest.h>
#include <kernel/mm.h>
#include <kernel/panic.h>
#include <kernel/pid.h>
#include <kernel/printk.h>
#include <kernel/random.h>
#include <kernel/rcu.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/vm.h>
#include <kernel/work.h>
#include <arch/smp.h>
#include <generated/version.h>
#include "init_internal.h"

#define DTB_MAX (2u << 20)	/* the boot protocol allows no larger tree */

enum system_state system_state;
static const char *rdinit = "/init", *init_path;
static bool rdinit_given;
static const char *ktest_arg;
static uint64_t mem_limit;
static paddr_t initrd_start, initrd_end;

extern const struct initcall __initcalls1_start[], __initcalls1_end[], __initcalls2_start[], __initcalls2_end[],
	__initcalls3_start[], __initcalls3_end[];

/* The words of the command line go with .init; these are used later. */
static char rdinit_buf[128], init_buf[128];

static int __init param_rdinit(const char *v)
{
	strscpy(rdinit_buf, v, sizeof(rdinit_buf));
	rdinit = rdinit_buf;
	rdinit_given = true;
	return 0;
}
BOOT_PARAM(rdinit, "rdinit=", param_rdinit);

static int __init param_init(const char *v)
{
	strscpy(init_buf, v, sizeof(init_buf));
	init_path = init_buf;
	return 0;
}
BOOT_PARAM(init, "init=", param_init);

static int __init param_ktest(const char *v)
{
	ktest_arg = v ? v : "";
	return 0;
}
BOOT_PARAM(ktest, "ktest", param_ktest);

static int __init param_mem(const char *v)
{
	mem_limit = memparse(v, NULL);
	return 0;
}
BOOT_PARAM(mem, "mem=", param_mem);

/* Words of Linux's that have nothing to switch here; init must not see them. */
static int __init param_ignored(const char *v)
{
	return 0;
}
BOOT_PARAM(nokaslr, "nokaslr", param_ignored);
BOOT_PARAM(ro, "ro", param_ignored);
BOOT_PARAM(rw, "rw", param_ignored);
BOOT_PARAM(root, "root=", param_ignored);
BOOT_PARAM(rootfstype, "rootfstype=", param_ignored);
BOOT_PARAM(rootflags, "rootflags=", param_ignored);
BOOT_PARAM(rootwait, "rootwait", param_ignored);

static void __init reserve(paddr_t base, uint64_t size, bool nomap)
{
	if (nomap)
		memblock_reserve_nomap(base, size);
	else
		memblock_reserve(base, size);
}

/* The ramdisk where /chosen says, if it can be there. */
static void __init ramdisk_setup(paddr_t image, paddr_t image_end)
{
	const char *why = NULL;
	paddr_t start, end;

	if (!dt_early_initrd(&start, &end))
		return;
	if (!memblock_covers(ALIGN_DOWN(start, PAGE_SIZE), end))
		why = "is not in memory";
	else if (start < image_end && image < end)
		why = "overlaps the kernel";
	if (why) {
		pr_err("ramdisk: what the device tree names, %#lx-%#lx, %s: ignored",
		       (unsigned long)start, (unsigned long)end, why);
		return;
	}
	initrd_start = start;
	initrd_end = end;
	start = ALIGN_DOWN(start, PAGE_SIZE);
	memblock_reserve(start, ALIGN_UP(end, PAGE_SIZE) - start);
}

/* mem= says how much we use, not where the loader put the ramdisk: its pages stay, as on Linux. */
static void __init limit_memory(void)
{
	paddr_t start = 0, end = 0;
	bool keep = dt_early_initrd(&start, &end);

	start = ALIGN_DOWN(start, PAGE_SIZE);
	keep = keep && memblock_covers(start, end);
	memblock_limit(mem_limit);
	if (keep && !memblock_covers(start, end))
		memblock_add(start, ALIGN_UP(end, PAGE_SIZE) - start);
}

/* Memory as the device tree has it, less what is in use: our image, the tree itself, the ramdisk. */
static void __init memory_setup(paddr_t dtb)
{
	paddr_t image = virt_to_phys(_text), image_end = image + (uint64_t)(_end - _text);

	dt_early_scan_memory(memblock_add, reserve);
	memblock_reserve_nomap(DIRECT_MAP_END - DIRECT_MAP_BASE, UINT64_MAX);	/* no address for it */
	if (!memblock_total())
		panic("the device tree names no memory");
	memblock_reserve(image, image_end - image);
	memblock_reserve(dtb, dt_early_size());
	if (mem_limit)
		limit_memory();
	if (!memblock_covers(image, image_end))
		panic("the kernel at %#lx-%#lx is outside of memory: as the device tree has it, "
		      "less what it reserves, up to mem=",
		      (unsigned long)image, (unsigned long)image_end);
	ramdisk_setup(image, image_end);
}

/* We have our own copy of what is in use of the tree. Its pages go back unless something else claims them too. */
static void __init free_firmware_tree(paddr_t dtb)
{
	paddr_t end = dtb + dt_early_size(), image = virt_to_phys(_text);

	if ((dtb < initrd_end && initrd_start < end) || (dtb < image + (uint64_t)(_end - _text) && image < end))
		return;
	mm_free_range(dtb, end - dtb);
}

static void __init initcalls(const struct initcall *from, const struct initcall *to)
{
	for (; from < to; from++) {
		int err = from->fn();

		if (err)
			pr_warn("init: %s failed: %d", from->name, err);
	}
}

/* Standard input, output and error of the first process. */
static void __init open_console(void)
{
	int err, fd;
	struct file *f;

	/* The kernel's threads keep the empty table. */
	if (files_unshare(UINT32_MAX))
		return;
	f = file_open(AT_FDCWD, "/dev/console", O_RDWR, 0, &err);
	if (!f) {
		pr_warn("init: no /dev/console: %d", err);
		return;
	}
	fd = fd_install_new(f, 0);
	if (fd == 0) {
		fd_install_new(file_get(f), 0);
		fd_install_new(file_get(f), 0);
	}
}

/* True: this process is the program now, and enters it when it returns from its thread function. */
static bool try_exec(const char *path)
{
	int err;

	init_argv[0] = path;
	pr_info("init: %s", path);
	err = proc_exec_init(path, init_argv, init_envp);
	if (err && err != -ENOENT)
		pr_err("init: cannot run %s: %d", path, err);
	return !err;
}

/* Not __init: it runs when .init is gone. Panics when there is nothing to run. */
static void run_init(void)
{
	static const char *const usual[] = { "/sbin/init", "/etc/init", "/bin/init", "/bin/sh" };

	if (try_exec(rdinit))
		return;
	if (rdinit_given)
		pr_err("init: rdinit=%s is not to be had; trying others", rdinit);
	if (init_path) {
		if (try_exec(init_path))
			return;
		panic("init=%s cannot be run", init_path);
	}
	for (unsigned i = 0; i < ARRAY_SIZE(usual); i++)
		if (try_exec(usual[i]))
			return;
	panic("no init found: give a ramdisk with /init, or init= on the command line");
}

static void __init init_prepare(void)
{
	smp_init();
	arch_finish_init();
	driver_probe_phase(PROBE_BUS);
	driver_probe_phase(PROBE_DEVICE);
	initcalls(__initcalls1_start, __initcalls1_end);
	initcalls(__initcalls2_start, __initcalls2_end);
	if (initrd_start)
		initramfs_unpack(initrd_start, initrd_end);
	initcalls(__initcalls3_start, __initcalls3_end);
	if (CONFIG_KTEST && ktest_arg)
		ktest_run(ktest_arg);
	open_console();
}

/* The first process, still in the kernel: threads, files and interrupts work. */
static int init_thread(void *arg)
{
	init_prepare();
	mm_free_init();
	(void)sched_set_affinity(current, &cpu_possible_mask);	/* the boot had to stay on its CPU */
	system_state = SYSTEM_RUNNING;
	run_init();
	return 0;
}

void __init kernel_main(paddr_t dtb)
{
	struct task *t;

	arch_early_init();			/* per-CPU data of this CPU, CPU features */
	if (dt_early_init(early_map_dtb(dtb), DTB_MAX))
		panic("no device tree at %lx", (unsigned long)dtb);
	strscpy(boot_command_line, dt_early_bootargs(), sizeof(boot_command_line));
	cmdline_parse();
	earlycon_init();			/* with "earlycon" the log is seen from here on */
	pr_notice("Aramid %s", AR_RELEASE);
	pr_info("Machine: %s", dt_early_model());
	pr_info("Command line: %s", boot_command_line);
	cmdline_report();
	memory_setup(dtb);
	arch_mm_setup();			/* the final kernel map: all of memory at the direct map */
	mm_init();				/* pages, objects, ranges */
	pr_info("Memory: %lu KiB of %lu free",
		(unsigned long)mem_free_pages() << (PAGE_SHIFT - 10),
		(unsigned long)memblock_total() >> 10);
	if (!dt_init())				/* the device tree as nodes */
		free_firmware_tree(dtb);
	smp_prepare();				/* how many CPUs, their per-CPU areas */
	signals_init();
	pid_init();
	rcu_init();
	sched_init();				/* this flow is the boot CPU's idle task now */
	driver_probe_phase(PROBE_IRQ);
	driver_probe_phase(PROBE_FIRMWARE);
	driver_probe_phase(PROBE_TIMER);
	time_init();
	random_init();
	driver_probe_phase(PROBE_CONSOLE);
	fs_init();				/* an empty root */
	ipc_init();
	proc_init();				/* task caches, uts */
	workqueue_init();
	system_state = SYSTEM_SCHEDULING;
	t = kthread_create(init_thread, NULL, 0, "init");
	if (!t)
		panic("no memory for the first process");
	arch_irq_enable();
	sched_idle_loop();
}
