/* SPDX-License-Identifier: MIT */
/* getrlimit, setrlimit, prlimit64: each limit, who may raise it, whose it may be. getrusage, times. */
#include "../harness.h"
#include <sys/resource.h>
#include <sys/times.h>

static long set(int which, rlim_t soft, rlim_t hard)
{
	struct rlimit r = { soft, hard };

	return syscall(SYS_setrlimit, which, &r);
}

TEST(rlimiterr, each_number)
{
	struct rlimit r;

	for (int which = -1; which < 18; which++) {
		note("get %d: %s", which, RESULT(syscall(SYS_getrlimit, which, &r)));
		note("set %d: %s", which, RESULT(which >= 0 && which < 16 ? set(which, r.rlim_cur, r.rlim_max) : set(which, 1, 1)));
	}
	SHOW(syscall(SYS_getrlimit, RLIMIT_CORE, NULL));
	SHOW(syscall(SYS_setrlimit, RLIMIT_CORE, NULL));
	SHOW(syscall(SYS_getrlimit, RLIMIT_CORE, (void *)8));
	SHOW(syscall(SYS_prlimit64, 0, RLIMIT_CORE, NULL, NULL));
	SHOW(syscall(SYS_prlimit64, 0, RLIMIT_CORE, (void *)8, NULL));
	SHOW(syscall(SYS_prlimit64, 0, RLIMIT_CORE, NULL, (void *)8));
	SHOW(syscall(SYS_prlimit64, 99999999, RLIMIT_CORE, NULL, &r));
	SHOW(syscall(SYS_prlimit64, -1, RLIMIT_CORE, NULL, &r));
}

TEST(rlimiterr, soft_and_hard)
{
	SHOW(set(RLIMIT_CPU, 20, 10));
	SHOW(set(RLIMIT_NOFILE, 100, 100));
	SHOW(set(RLIMIT_NOFILE, 50, 200));
	SHOW(set(RLIMIT_NOFILE, 50, 1 << 30));
	AS_USER(1000, 1000, {
		SHOW(set(RLIMIT_NOFILE, 60, 200));
		SHOW(set(RLIMIT_NOFILE, 60, 201));
		SHOW(set(RLIMIT_NOFILE, 60, 100));
		SHOW(set(RLIMIT_NOFILE, 60, 200));
		SHOW(set(RLIMIT_NOFILE, 0, 0));
		SHOW(open("/dev/null", O_RDONLY));
	});
}

TEST(rlimiterr, of_another)
{
	struct rlimit r = { 77, 77 };
	int p[2];
	pid_t pid;
	char byte;

	REQUIRE_OK(pipe(p));
	CHILD(pid) {
		close(p[1]);
		read(p[0], &byte, 1);
		getrlimit(RLIMIT_MEMLOCK, &r);
		note("the child's: %llu %llu", (unsigned long long)r.rlim_cur, (unsigned long long)r.rlim_max);
	}
	SHOW(syscall(SYS_prlimit64, pid, RLIMIT_MEMLOCK, &r, NULL));
	r.rlim_cur = 5;
	SHOW(syscall(SYS_prlimit64, pid, RLIMIT_MEMLOCK, &r, &r));
	note("%llu", (unsigned long long)r.rlim_cur);
	AS_USER(1000, 1000, {
		SHOW(syscall(SYS_prlimit64, pid, RLIMIT_MEMLOCK, NULL, &r));
		SHOW(syscall(SYS_prlimit64, pid, RLIMIT_MEMLOCK, &r, NULL));
		SHOW(syscall(SYS_prlimit64, getpid(), RLIMIT_MEMLOCK, NULL, &r));
	});
	close(p[1]);
	EXPECT_CHILD_OK(pid);
}

TEST(rlimiterr, usage)
{
	struct rusage r;
	struct tms t;

	SHOW(syscall(SYS_getrusage, RUSAGE_SELF, &r));
	SHOW(syscall(SYS_getrusage, RUSAGE_CHILDREN, &r));
	note("no children yet: %ld %ld %ld", (long)r.ru_utime.tv_sec, r.ru_maxrss, r.ru_minflt);
	SHOW(syscall(SYS_getrusage, RUSAGE_THREAD, &r));
	SHOW(syscall(SYS_getrusage, 2, &r));
	SHOW(syscall(SYS_getrusage, -2, &r));
	SHOW(syscall(SYS_getrusage, RUSAGE_SELF, NULL));
	SHOW(syscall(SYS_times, &t) != -1);
	SHOW(syscall(SYS_times, NULL) != -1);
	SHOW(syscall(SYS_times, (void *)8));
}

TEST(rlimiterr, priorities)
{
	errno = 0;
	SHOW(syscall(SYS_getpriority, PRIO_PROCESS, 0));
	SHOW(syscall(SYS_setpriority, PRIO_PROCESS, 0, 5));
	SHOW(syscall(SYS_getpriority, PRIO_PROCESS, 0));
	SHOW(syscall(SYS_setpriority, PRIO_PROCESS, 0, 100));
	SHOW(syscall(SYS_getpriority, PRIO_PROCESS, 0));
	SHOW(syscall(SYS_setpriority, PRIO_PROCESS, 0, -100));
	SHOW(syscall(SYS_getpriority, PRIO_PROCESS, 0));
	SHOW(syscall(SYS_setpriority, PRIO_PROCESS, 0, 0));
	SHOW(syscall(SYS_setpriority, 3, 0, 0));
	SHOW(syscall(SYS_getpriority, -1, 0));
	SHOW(syscall(SYS_setpriority, PRIO_PROCESS, 99999999, 0));
	SHOW(syscall(SYS_getpriority, PRIO_PGRP, 99999999));
	SHOW(syscall(SYS_getpriority, PRIO_USER, 4242));
	SHOW(syscall(SYS_getpriority, PRIO_PGRP, 0));
	AS_USER(1000, 1000, {
		SHOW(syscall(SYS_setpriority, PRIO_PROCESS, 0, -1));
		SHOW(syscall(SYS_setpriority, PRIO_PROCESS, 0, 3));
		SHOW(syscall(SYS_setpriority, PRIO_PROCESS, 0, 2));
		SHOW(syscall(SYS_setpriority, PRIO_PROCESS, 1, 19));
		SHOW(syscall(SYS_setpriority, PRIO_USER, 0, 19));
	});
	IN_CHILD({
		set(RLIMIT_NICE, 25, 25);
		harness_become(1000, 1000);
		SHOW(syscall(SYS_setpriority, PRIO_PROCESS, 0, 5));
		SHOW(syscall(SYS_setpriority, PRIO_PROCESS, 0, -5));
		SHOW(syscall(SYS_setpriority, PRIO_PROCESS, 0, -6));
	});
}
