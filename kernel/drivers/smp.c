/* SPDX-License-Identifier: MIT */
/*
 * Other CPUs: found in the device tree, started by their enable-method, reached by interrupts and cross calls.
 *
 * A cross call is a node in the target's list. Each CPU owns one node per target, so that calling
 * allocates nothing; a node is busy until the target has taken it. Lists are lock-free: pushed by
 * compare-and-swap, taken as a whole by their CPU.
 *
 * Locks: none; smp_init() runs on the boot CPU alone.
 */
#include <kernel/dt.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/irq.h>
#include <kernel/mm.h>
#include <kernel/panic.h>
#include <kernel/percpu.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/timer.h>
#include <arch/barrier.h>
#include <arch/smp.h>

#define MAX_CPU_OPS 4

uint64_t cpu_hwid[CONFIG_NR_CPUS];
static struct dt_node *cpu_node[CONFIG_NR_CPUS];
static const struct cpu_ops *cpu_ops[MAX_CPU_OPS];
static unsigned nr_cpu_ops;
unsigned long percpu_offset[CONFIG_NR_CPUS] __ro_after_init;
static unsigned limit_possible = CONFIG_NR_CPUS, limit_online = CONFIG_NR_CPUS;
static const struct ipi_ops *ipi_ops __ro_after_init;

/* ---- inter-processor interrupts */

void ipi_register(const struct ipi_ops *ops)
{
	ipi_ops = ops;
}

void ipi_send_mask(const struct cpumask *mask, enum ipi ipi)
{
	if (likely(ipi_ops))
		ipi_ops->send(mask, ipi);
}

void ipi_send(unsigned cpu, enum ipi ipi)
{
	struct cpumask m = { { 0 } };

	m.bits[cpu / 64] = 1ul << (cpu % 64);
	ipi_send_mask(&m, ipi);
}

bool ipi_send_hard(unsigned cpu)
{
	if (!ipi_ops || !ipi_ops->send_hard)
		return false;
	ipi_ops->send_hard(cpu);
	return true;
}

/* ---- cross calls */

extern char __percpu_start[], __percpu_end[];

struct call {
	struct call *next;
	void (*fn)(void *);
	void *arg;
	unsigned busy;		/* set by the caller, cleared (release) by the target */
	bool sync;		/* cleared only after fn has returned */
};
static DEFINE_PERCPU(struct call *, call_list);
static DEFINE_PERCPU(struct call, call_nodes[CONFIG_NR_CPUS]);

static void run_calls(void)
{
	struct call *c = xchg(&this_cpu(call_list), NULL), *prev = NULL;

	/* The list is last in, first out: turn it round. */
	while (c) {
		struct call *next = c->next;

		c->next = prev;
		prev = c;
		c = next;
	}
	while (prev) {
		void (*fn)(void *) = prev->fn;
		void *arg = prev->arg;
		struct call *next = prev->next;

		if (prev->sync) {
			fn(arg);
			smp_store_release(&prev->busy, 0);	/* what fn did is seen by the waiting caller */
		} else {
			smp_store_release(&prev->busy, 0);
			fn(arg);
		}
		prev = next;
	}
}

/* Waits until @c is free, with interrupts on: the CPU that we wait for may wait for us, to run a call or to flush. */
static void wait_idle(struct call *c)
{
	while (smp_load_acquire(&c->busy)) {
		ASSERT(!arch_irqs_disabled());
		arch_cpu_relax();
	}
}

static void queue_call(unsigned cpu, void (*fn)(void *), void *arg, bool wait)
{
	struct call *c = &this_cpu(call_nodes)[cpu], **list = &per_cpu(call_list, cpu), *old;

	wait_idle(c);
	c->fn = fn;
	c->arg = arg;
	c->sync = wait;
	c->busy = 1;
	old = READ_ONCE(*list);
	do {
		c->next = old;
	} while (!__atomic_compare_exchange_n(list, &old, c, true, __ATOMIC_RELEASE, __ATOMIC_RELAXED));
	if (!old)
		ipi_send(cpu, IPI_CALL);	/* else whoever made the list non-empty has sent it */
}

void smp_call(const struct cpumask *mask, void (*fn)(void *), void *arg, bool wait)
{
	unsigned self;
	irqflags_t f;

	ASSERT(!in_hardirq());		/* it might have interrupted another call of this CPU's */
	preempt_disable();
	self = smp_processor_id();
	for_each_cpu(cpu, mask)
		if (cpu != self && cpumask_test(&cpu_online_mask, cpu))
			queue_call(cpu, fn, arg, wait);
	if (cpumask_test(mask, self)) {
		f = arch_irq_save();
		fn(arg);
		arch_irq_restore(f);
	}
	if (wait)
		for_each_cpu(cpu, mask)
			if (cpu != self)
				wait_idle(&this_cpu(call_nodes)[cpu]);
	preempt_enable();
}

void smp_call_cpu(unsigned cpu, void (*fn)(void *), void *arg, bool wait)
{
	struct cpumask m = { { 0 } };

	m.bits[cpu / 64] = 1ul << (cpu % 64);
	smp_call(&m, fn, arg, wait);
}

static __noreturn void stop_here(void)
{
	clear_bit(smp_processor_id(), cpu_online_mask.bits);
	arch_irq_disable();
	arch_halt();
}

void ipi_handle(enum ipi ipi)
{
	switch (ipi) {
	case IPI_RESCHED:
		/* TIF_NEED_RESCHED, if the sender set it, is irq_exit()'s; a competitor put here needs a tick. */
		sched_tick();
		break;
	case IPI_CALL:
		run_calls();
		log_wake_readers();
		break;
	case IPI_STOP:
		stop_here();
	case IPI_BACKTRACE:
		(void)backtrace_this_cpu(NULL);
		break;
	default:
		break;
	}
}

static struct cpumask stop_wanted;	/* [atomic bits] */

bool ipi_handle_hard(const struct pt_regs *regs)
{
	if (cpumask_test(&stop_wanted, smp_processor_id()))
		stop_here();
	return backtrace_this_cpu(regs);
}

static bool all_stopped(unsigned self, nsec_t limit)
{
	nsec_t start = 0;

	do {
		bool left = false;

		for_each_cpu(cpu, &cpu_online_mask)
			left |= cpu != self;
		if (!left)
			return true;
	} while (poll_timeout(&start, limit));
	return false;
}

void smp_stop_others(void)
{
	struct cpumask others = cpu_online_mask;
	unsigned self = smp_processor_id();
	bool hard = false;

	clear_bit(self, others.bits);
	ipi_send_mask(&others, IPI_STOP);
	if (all_stopped(self, NSEC_PER_SEC))
		return;
	for_each_cpu(cpu, &cpu_online_mask) {
		if (cpu == self)
			continue;
		cpumask_set(&stop_wanted, cpu);
		hard |= ipi_send_hard(cpu);
	}
	if (!hard || !all_stopped(self, NSEC_PER_SEC))
		pr_warn("some CPUs did not stop\n");
}

/* ---- which CPUs there are */

struct dt_node *cpu_dt_node(unsigned cpu)
{
	return cpu < CONFIG_NR_CPUS ? cpu_node[cpu] : NULL;
}

static bool read_hwid(const struct dt_node *n, unsigned cells, uint64_t *out)
{
	uint32_t hi = 0, lo;

	if (dt_u32_index(n, "reg", cells - 1, &lo) || (cells > 1 && dt_u32_index(n, "reg", 0, &hi)))
		return false;
	*out = (uint64_t)hi << 32 | lo;
	return true;
}

/*
 * The areas of the other CPUs, zeroed: the boot CPU's, which the image holds, has been in use for a while. What has to
 * begin otherwise is set by its owner's per-CPU start. How many there are, without the boot CPU's.
 */
static unsigned __init percpu_alloc(unsigned n)
{
	size_t size = ALIGN_UP((size_t)(__percpu_end - __percpu_start), CACHE_LINE);
	unsigned cpu;

	for (cpu = 1; cpu < n; cpu++) {
		char *area = kzalloc(size, GFP_KERNEL);

		if (!area)
			break;
		percpu_offset[cpu] = (uintptr_t)area - (uintptr_t)__percpu_start;
	}
	return cpu - 1;
}

void __init smp_prepare(void)
{
	struct dt_node *cpus = dt_find_path("/cpus");
	unsigned cells = dt_cell_count(cpus, "#address-cells", 1), n = 1;
	uint64_t boot = arch_boot_hwid();

	cpu_hwid[0] = boot;
	if (cells < 1 || cells > 2)
		cells = 1;
	for (struct dt_node *c = cpus ? cpus->child : NULL; c; c = c->sibling) {
		const char *type = dt_string(c, "device_type");
		uint64_t id;
		bool seen = false;

		if (!type || strcmp(type, "cpu") || !read_hwid(c, cells, &id))
			continue;
		if (id == boot) {
			cpu_node[0] = c;
			continue;
		}
		for (unsigned i = 0; i < n; i++)
			seen |= cpu_hwid[i] == id;
		if (seen || n >= MIN(limit_possible, (unsigned)CONFIG_NR_CPUS) || !dt_available(c))
			continue;
		cpu_node[n] = c;
		cpu_hwid[n++] = id;
	}
	nr_cpus = 1 + percpu_alloc(n);
	for (unsigned i = 0; i < nr_cpus; i++)
		set_bit(i, cpu_possible_mask.bits);
	set_bit(0, cpu_online_mask.bits);
}

/* ---- starting them */

void cpu_ops_register(const struct cpu_ops *ops)
{
	if (nr_cpu_ops < MAX_CPU_OPS)
		cpu_ops[nr_cpu_ops++] = ops;
}

static const struct cpu_ops *find_ops(unsigned cpu)
{
	const char *method = cpu_node[cpu] ? dt_string(cpu_node[cpu], "enable-method") : NULL;

	if (!method && cpu_node[cpu])
		method = dt_string(cpu_node[cpu]->parent, "enable-method");	/* older trees */
	for (unsigned i = 0; method && i < nr_cpu_ops; i++)
		if (!strcmp(cpu_ops[i]->method, method))
			return cpu_ops[i];
	return NULL;
}

static int start_cpu(unsigned cpu)
{
	const struct cpu_ops *ops = find_ops(cpu);
	struct task *idle;
	uint64_t context;
	paddr_t entry;
	nsec_t start = 0;
	int err;

	if (!ops)
		return -ENODEV;
	idle = idle_task_create(cpu);
	if (!idle)
		return -ENOMEM;
	err = arch_cpu_prepare(cpu, idle, &entry, &context);
	if (err)
		return err;
	err = ops->start(cpu, cpu_hwid[cpu], entry, context);
	if (err)
		return err;
	while (!cpumask_test(&cpu_online_mask, cpu)) {
		if (!poll_timeout(&start, 5 * NSEC_PER_SEC))
			return -ETIMEDOUT;
		arch_cpu_relax();
	}
	return 0;
}

void __init smp_init(void)
{
	unsigned online = 1;

	for (unsigned cpu = 1; cpu < nr_cpus && online < limit_online; cpu++) {
		int err = start_cpu(cpu);

		if (err)
			pr_err("CPU%u (%#llx) failed to start: error %d\n", cpu, (unsigned long long)cpu_hwid[cpu], -err);
		else
			online++;
	}
	pr_info("smp: %u of %u CPUs\n", online, nr_cpus);
}

__noreturn void smp_secondary_main(unsigned cpu)
{
	arch_cpu_init(cpu);
	irq_init_cpu();
	timer_init_cpu();
	sched_init_cpu(cpu);
	/* Release: whoever sees us online sees our per-CPU state. */
	__atomic_fetch_or(&cpu_online_mask.bits[cpu / 64], 1ul << (cpu % 64), __ATOMIC_RELEASE);
	arch_cpu_online();
	arch_irq_enable();
	sched_idle_loop();
}

static int __init nr_cpus_word(const char *v)
{
	uint64_t n;

	if (!kstrtou64(v, 0, &n) && n >= 1 && n <= CONFIG_NR_CPUS)
		limit_possible = (unsigned)n;
	return 0;
}
BOOT_PARAM(nr_cpus, "nr_cpus=", nr_cpus_word);

static int __init maxcpus_word(const char *v)
{
	uint64_t n;

	/* 0 means "no SMP", as 1 does. */
	if (!kstrtou64(v, 0, &n) && n <= CONFIG_NR_CPUS)
		limit_online = n ? (unsigned)n : 1;
	return 0;
}
BOOT_PARAM(maxcpus, "maxcpus=", maxcpus_word);

static int __init nosmp_word(const char *v)
{
	limit_online = 1;
	return 0;
}
BOOT_PARAM(nosmp, "nosmp", nosmp_word);
