/* SPDX-License-Identifier: MIT */
/* Cross calls and interrupts between CPUs; the device tree at run time. */
#include <kernel/dt.h>
#include <kernel/ktest.h>
#include <kernel/preempt.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/task.h>

static void count_cpu(void *arg)
{
	atomic_t *counts = arg;

	atomic_inc(&counts[smp_processor_id()]);
}

KTEST(smp, a_call_runs_once_on_each_cpu)
{
	static atomic_t counts[CONFIG_NR_CPUS];

	memset(counts, 0, sizeof(counts));
	for (unsigned i = 0; i < 100; i++)
		smp_call(&cpu_online_mask, count_cpu, counts, true);
	for_each_cpu(cpu, &cpu_online_mask)
		EXPECT_EQ(atomic_read(&counts[cpu]), 100);
}

KTEST(smp, a_call_to_one_cpu_stays_there)
{
	static atomic_t counts[CONFIG_NR_CPUS];

	memset(counts, 0, sizeof(counts));
	for_each_cpu(cpu, &cpu_online_mask)
		for (unsigned i = 0; i < 10; i++)
			smp_call_cpu(cpu, count_cpu, counts, true);
	for_each_cpu(cpu, &cpu_online_mask)
		EXPECT_EQ(atomic_read(&counts[cpu]), 10);
}

KTEST(smp, calls_that_nobody_waits_for_all_arrive)
{
	static atomic_t counts[CONFIG_NR_CPUS];

	memset(counts, 0, sizeof(counts));
	for (unsigned i = 0; i < 200; i++)
		smp_call(&cpu_online_mask, count_cpu, counts, false);
	/* A waited-for call is behind all earlier ones of this CPU. */
	smp_call(&cpu_online_mask, count_cpu, counts, true);
	for_each_cpu(cpu, &cpu_online_mask)
		EXPECT_TRUE(atomic_read(&counts[cpu]) >= 200);
}

KTEST(dt, the_running_tree_answers)
{
	const struct dt_node *cpus = dt_find_path("/cpus");
	char path[128];

	EXPECT_TRUE(dt_root && cpus);
	EXPECT_TRUE(dt_find_path("/chosen") != NULL);
	EXPECT_TRUE(!dt_find_path("/no/such/node"));
	EXPECT_TRUE(!dt_find_phandle(0));
	dt_node_path(cpus, path, sizeof(path));
	EXPECT_TRUE(!strcmp(path, "/cpus"));
}
