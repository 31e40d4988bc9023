/* SPDX-License-Identifier: MIT */
/* arch: x86_64 */
/*
 * Which CPU a thread runs on, as the vDSO, the segment behind it and the system call tell. Pinned to each CPU in turn, so that the three
 * have to agree; how many there are is not printed.
 */
#include "../harness.h"
#include <sched.h>
#include <sys/syscall.h>

static bool agree_on(int cpu)
{
	unsigned by_call = 77, by_vdso = 78, node_call = 79, node_vdso = 80, limit = 81;
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		return false;
	syscall(SYS_getcpu, &by_call, &node_call, NULL);
	if (getcpu(&by_vdso, &node_vdso))
		return false;
	__asm__ volatile("lsl %1, %0" : "=r"(limit) : "r"(0x7b) : "cc");
	return by_call == (unsigned)cpu && by_vdso == by_call && node_vdso == node_call && (limit & 0xfff) == by_call;
}

TEST(getcpu, every_way_tells_the_same)
{
	cpu_set_t all;
	int cpus = 0, good = 0;

	EXPECT_OK(sched_getaffinity(0, sizeof(all), &all));
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &all)) {
			cpus++;
			good += agree_on(cpu);
		}
	EXPECT_EQ(good, cpus);
	EXPECT_OK(sched_setaffinity(0, sizeof(all), &all));
}

TEST(getcpu, null_pointers_are_allowed)
{
	EXPECT_OK(getcpu(NULL, NULL));
	EXPECT_OK(syscall(SYS_getcpu, NULL, NULL, NULL));
}
