/* SPDX-License-Identifier: MIT */
/* getrusage, times, sysinfo, process priorities, getcpu, page faults counted. */
#include "../harness.h"
#include "util.h"
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/times.h>

static long long cpu_us(const struct rusage *u)
{
	return (u->ru_utime.tv_sec + u->ru_stime.tv_sec) * 1000000LL + u->ru_utime.tv_usec +
	       u->ru_stime.tv_usec;
}

static void burn(long us)
{
	struct rusage usage;
	long long start;

	getrusage(RUSAGE_SELF, &usage);
	start = cpu_us(&usage);
	do {
		for (volatile int i = 0; i < 20000; i++)
			;
		getrusage(RUSAGE_SELF, &usage);
	} while (cpu_us(&usage) < start + us);
}

TEST(accounting, getrusage_arguments)
{
	struct rusage usage;

	EXPECT_ERRNO(getrusage(2, &usage), EINVAL);
	EXPECT_ERRNO(getrusage(-2, &usage), EINVAL);
	EXPECT_ERRNO(syscall(SYS_getrusage, RUSAGE_SELF, wild(8)), EFAULT);
	EXPECT_OK(getrusage(RUSAGE_SELF, &usage));
	EXPECT_OK(getrusage(RUSAGE_CHILDREN, &usage));
	EXPECT_OK(getrusage(RUSAGE_THREAD, &usage));
}

TEST(accounting, user_time_advances_when_computing_and_not_when_sleeping)
{
	struct rusage a, b;

	getrusage(RUSAGE_SELF, &a);
	for (volatile long i = 0; i < 20000000; i++)
		;
	getrusage(RUSAGE_SELF, &b);
	EXPECT_TRUE(cpu_us(&b) > cpu_us(&a));
	getrusage(RUSAGE_SELF, &a);
	sleep_ms(300);
	getrusage(RUSAGE_SELF, &b);
	EXPECT_TRUE(cpu_us(&b) - cpu_us(&a) < 200000);
	EXPECT_TRUE(b.ru_nvcsw > a.ru_nvcsw);
}

TEST(accounting, faults_are_counted)
{
	struct rusage a, b;
	char *p = mmap(NULL, 64 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	madvise(p, 64 * 4096, MADV_NOHUGEPAGE);
	getrusage(RUSAGE_SELF, &a);
	for (int i = 0; i < 64; i++)
		p[i * 4096] = 1;
	getrusage(RUSAGE_SELF, &b);
	EXPECT_TRUE(b.ru_minflt - a.ru_minflt >= 64);
	EXPECT_EQ(b.ru_majflt, 0);
	EXPECT_TRUE(b.ru_maxrss >= 256);
}

TEST(accounting, children_are_added_when_waited_for)
{
	struct tms tms;
	struct rusage usage;
	pid_t pid;

	CHILD(pid) {
		pid_t inner;

		CHILD(inner)
			burn(150000);
		child_status(inner);
	}
	wait_state(pid, 'Z');
	getrusage(RUSAGE_CHILDREN, &usage);
	EXPECT_EQ(cpu_us(&usage), 0);
	child_status(pid);
	getrusage(RUSAGE_CHILDREN, &usage);
	EXPECT_TRUE(cpu_us(&usage) >= 140000);
	EXPECT_TRUE(times(&tms) > 0);
	EXPECT_TRUE(tms.tms_cutime + tms.tms_cstime >= 12);
}

TEST(accounting, ignored_children_are_not_added)
{
	struct rusage usage;
	pid_t pid;

	signal(SIGCHLD, SIG_IGN);
	CHILD(pid)
		burn(100000);
	EXPECT_ERRNO(waitpid(pid, NULL, 0), ECHILD);
	getrusage(RUSAGE_CHILDREN, &usage);
	EXPECT_EQ(cpu_us(&usage), 0);
}

TEST(accounting, times_counts_hundredths)
{
	struct tms a, b;
	clock_t start, end;

	EXPECT_EQ(sysconf(_SC_CLK_TCK), 100);
	start = times(&a);
	sleep_ms(200);
	end = times(&b);
	EXPECT_TRUE(end - start >= 19);
	EXPECT_TRUE(times(NULL) >= end);
	EXPECT_ERRNO(syscall(SYS_times, wild(8)), EFAULT);
	burn(100000);
	times(&b);
	EXPECT_TRUE(b.tms_utime + b.tms_stime - a.tms_utime - a.tms_stime >= 8);
}

TEST(accounting, sysinfo)
{
	struct sysinfo info, later;

	memset(&info, 0xff, sizeof(info));
	EXPECT_OK(sysinfo(&info));
	EXPECT_TRUE(info.totalram * info.mem_unit > 32UL << 20);
	EXPECT_TRUE(info.freeram > 0 && info.freeram < info.totalram);
	EXPECT_TRUE(info.procs >= 3);
	note("unit %u swap %lu %lu high %lu %lu", info.mem_unit, info.totalswap, info.freeswap,
	     info.totalhigh, info.freehigh);
	EXPECT_TRUE(info.uptime >= 0 && info.uptime < 100000);
	EXPECT_OK(sysinfo(&later));
	EXPECT_TRUE(later.uptime >= info.uptime);
	EXPECT_ERRNO(syscall(SYS_sysinfo, wild(8)), EFAULT);
}

TEST(accounting, priorities_per_process_group_and_user)
{
	struct gate gate = gate_make();
	pid_t pid;

	errno = 0;
	EXPECT_EQ(getpriority(PRIO_PROCESS, 0), 0);
	EXPECT_OK(setpriority(PRIO_PROCESS, 0, 7));
	EXPECT_EQ(getpriority(PRIO_PROCESS, 0), 7);
	EXPECT_EQ(syscall(SYS_getpriority, PRIO_PROCESS, 0), 13);
	EXPECT_OK(setpriority(PRIO_PROCESS, 0, 100));
	EXPECT_EQ(getpriority(PRIO_PROCESS, 0), 19);
	EXPECT_OK(setpriority(PRIO_PROCESS, 0, -100));
	EXPECT_EQ(getpriority(PRIO_PROCESS, 0), -20);
	EXPECT_OK(setpriority(PRIO_PROCESS, 0, 0));
	EXPECT_EQ(nice(4), 4);
	CHILD(pid) {
		setpgid(0, 0);
		gate_wait(&gate);
	}
	setpgid(pid, pid);
	EXPECT_EQ(getpriority(PRIO_PGRP, pid), 4);
	EXPECT_OK(setpriority(PRIO_PGRP, pid, 9));
	EXPECT_EQ(getpriority(PRIO_PROCESS, pid), 9);
	EXPECT_EQ(getpriority(PRIO_PROCESS, 0), 4);
	gate_open(&gate);
	EXPECT_CHILD_OK(pid);
	EXPECT_ERRNO(getpriority(3, 0), EINVAL);
	EXPECT_ERRNO(setpriority(-1, 0, 0), EINVAL);
	EXPECT_ERRNO(getpriority(PRIO_PROCESS, 0x7ffffff), ESRCH);
	EXPECT_ERRNO(setpriority(PRIO_PGRP, 0x7ffffff, 0), ESRCH);
	EXPECT_ERRNO(getpriority(PRIO_USER, 54321), ESRCH);
}

TEST(accounting, a_user_may_lower_but_not_raise)
{
	struct rlimit limit = { 25, 25 };
	pid_t pid;

	AS_USER(1000, 1000,
		EXPECT_OK(setpriority(PRIO_PROCESS, 0, 5));
		EXPECT_ERRNO(setpriority(PRIO_PROCESS, 0, 4), EACCES);
		EXPECT_ERRNO(nice(-1), EPERM);
		EXPECT_ERRNO(setpriority(PRIO_PROCESS, getppid(), 10), EPERM);
		EXPECT_EQ(getpriority(PRIO_USER, 1000), 5);
		EXPECT_OK(setpriority(PRIO_USER, 0, 6));
		EXPECT_EQ(getpriority(PRIO_PROCESS, 0), 6));
	/* RLIMIT_NICE 25 allows nice -5. */
	CHILD(pid) {
		EXPECT_OK(setrlimit(RLIMIT_NICE, &limit));
		harness_become(1000, 1000);
		EXPECT_OK(setpriority(PRIO_PROCESS, 0, -5));
		EXPECT_ERRNO(setpriority(PRIO_PROCESS, 0, -6), EACCES);
	}
	EXPECT_CHILD_OK(pid);
}

TEST(accounting, getcpu)
{
	unsigned int cpu = 99, node = 99;

	EXPECT_OK(syscall(SYS_getcpu, &cpu, &node, NULL));
	EXPECT_TRUE(cpu < 8);
	EXPECT_EQ(node, 0);
	EXPECT_OK(syscall(SYS_getcpu, NULL, NULL, NULL));
	EXPECT_ERRNO(syscall(SYS_getcpu, wild(8), NULL, NULL), EFAULT);
	EXPECT_ERRNO(syscall(SYS_getcpu, NULL, wild(8), NULL), EFAULT);
}
