/* SPDX-License-Identifier: MIT */
/* What each thread has of its own: credentials (and what the C library makes of that), name, policy, CPU clock, rseq. */
#include "../harness.h"
#include "../process/util.h"
#include <linux/membarrier.h>
#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>

static struct gate go, told;
static volatile pid_t tid;
static volatile int uid_seen[3], gid_seen;

static void *looks(void *arg)
{
	uid_t r, e, s;

	tid = syscall(SYS_gettid);
	gate_open(&told);
	gate_wait(&go);
	getresuid(&r, &e, &s);
	uid_seen[0] = r;
	uid_seen[1] = e;
	uid_seen[2] = s;
	gid_seen = getegid();
	return NULL;
}

static pthread_t start(void *(*fn)(void *))
{
	pthread_t t;

	go = gate_make();
	told = gate_make();
	REQUIRE_TRUE(pthread_create(&t, NULL, fn, NULL) == 0);
	gate_wait(&told);
	return t;
}

TEST(own, the_raw_call_changes_one_thread)
{
	pthread_t t = start(looks);

	EXPECT_OK(syscall(SYS_setresuid, 1000, 1000, 1000));
	EXPECT_OK(syscall(SYS_getuid) == 1000 ? 0 : -1);
	gate_open(&go);
	pthread_join(t, NULL);
	note("the other: %d %d %d", uid_seen[0], uid_seen[1], uid_seen[2]);
}

TEST(own, the_library_changes_all)
{
	pthread_t t = start(looks);

	EXPECT_OK(setresgid(100, 100, 100));
	EXPECT_OK(setresuid(1000, 1000, 1000));
	gate_open(&go);
	pthread_join(t, NULL);
	note("the other: %d %d %d group %d", uid_seen[0], uid_seen[1], uid_seen[2], gid_seen);
	EXPECT_ERRNO(setuid(0), EPERM);
}

static void *becomes_user(void *arg)
{
	tid = syscall(SYS_gettid);
	EXPECT_OK(syscall(SYS_setresuid, 1000, 1000, 1000));
	gate_open(&told);
	gate_wait(&go);
	EXPECT_ERRNO(open("secret", O_RDONLY), EACCES);
	return NULL;
}

TEST(own, rights_are_the_threads)
{
	char path[64];
	pthread_t t;

	put_file("secret", "x");
	chmod("secret", 0600);
	t = start(becomes_user);
	EXPECT_OK(open("secret", O_RDONLY));
	snprintf(path, sizeof(path), "/proc/self/task/%d/status", tid);
	note("%.14s", strstr(get_file(path), "Uid:"));
	note("%.7s", strstr(get_file("/proc/self/status"), "Uid:"));
	gate_open(&go);
	pthread_join(t, NULL);
}

static void *named(void *arg)
{
	tid = syscall(SYS_gettid);
	EXPECT_EQ(pthread_setname_np(pthread_self(), "worker"), 0);
	gate_open(&told);
	gate_wait(&go);
	return NULL;
}

TEST(own, names)
{
	pthread_t t;
	char path[64], name[16] = "";

	prctl(PR_SET_NAME, "leader");
	t = start(named);
	snprintf(path, sizeof(path), "/proc/self/task/%d/comm", tid);
	note("%s", strtok(get_file(path), "\n"));
	note("%s", strtok(get_file("/proc/self/comm"), "\n"));
	EXPECT_EQ(pthread_setname_np(t, "renamed"), 0);
	EXPECT_EQ(pthread_getname_np(t, name, sizeof(name)), 0);
	note("%s", name);
	EXPECT_EQ(pthread_setname_np(t, "a name that is too long"), ERANGE);
	gate_open(&go);
	pthread_join(t, NULL);
}

static void *waits(void *arg)
{
	tid = syscall(SYS_gettid);
	gate_open(&told);
	gate_wait(&go);
	return NULL;
}

TEST(own, policy_and_nice)
{
	struct sched_param p = { 7 };
	pthread_t t = start(waits);
	int policy;

	EXPECT_EQ(pthread_setschedparam(t, SCHED_RR, &p), 0);
	p.sched_priority = 0;
	EXPECT_EQ(pthread_getschedparam(t, &policy, &p), 0);
	note("thread: policy %d priority %d", policy, p.sched_priority);
	note("leader: policy %d", sched_getscheduler(0));
	EXPECT_OK(setpriority(PRIO_PROCESS, tid, 5));
	note("nice %d, leader's %d", getpriority(PRIO_PROCESS, tid), getpriority(PRIO_PROCESS, 0));
	gate_open(&go);
	pthread_join(t, NULL);
	while (sched_getscheduler(tid) >= 0)
		sched_yield();		/* joined is a moment before gone */
	EXPECT_EQ(errno, ESRCH);
}

static void *burns(void *arg)
{
	struct timespec ts;

	tid = syscall(SYS_gettid);
	do
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	while (ts.tv_sec == 0 && ts.tv_nsec < 60000000);
	gate_open(&told);
	gate_wait(&go);
	return NULL;
}

static long long ns(clockid_t clock)
{
	struct timespec ts = { 0, 0 };

	EXPECT_OK(clock_gettime(clock, &ts));
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

TEST(own, cpu_clocks)
{
	clockid_t clock, process;
	pthread_t t = start(burns);
	long long mine = ns(CLOCK_THREAD_CPUTIME_ID), other;

	EXPECT_EQ(pthread_getcpuclockid(t, &clock), 0);
	other = ns(clock);
	EXPECT_GE(other, 60000000);
	EXPECT_EQ(clock_getcpuclockid(0, &process), 0);
	EXPECT_GE(ns(process), other + mine);
	EXPECT_GE(ns(CLOCK_PROCESS_CPUTIME_ID), other + mine);
	EXPECT_EQ(ns(clock), other);	/* it sleeps */
	gate_open(&go);
	pthread_join(t, NULL);
	while (clock_gettime(clock, &(struct timespec){ 0, 0 }) == 0)
		sched_yield();
	EXPECT_EQ(errno, EINVAL);
	EXPECT_GE(ns(CLOCK_PROCESS_CPUTIME_ID), other + mine);
	{
		struct rusage self, thread;

		getrusage(RUSAGE_SELF, &self);
		getrusage(RUSAGE_THREAD, &thread);
		note("the process has used more than its leader: %d",
		     self.ru_utime.tv_sec * 1000000 + self.ru_utime.tv_usec + self.ru_stime.tv_sec * 1000000 + self.ru_stime.tv_usec >
		     thread.ru_utime.tv_sec * 1000000 + thread.ru_utime.tv_usec + thread.ru_stime.tv_sec * 1000000 + thread.ru_stime.tv_usec);
	}
}

TEST(own, membarrier_commands)
{
	pthread_t t = start(waits);
	int all = syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 0, 0);

	note("global %d private %d register %d", !!(all & MEMBARRIER_CMD_GLOBAL), !!(all & MEMBARRIER_CMD_PRIVATE_EXPEDITED),
	     !!(all & MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED));
	EXPECT_OK(syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0));
	EXPECT_ERRNO(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0), EPERM);
	EXPECT_OK(syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0));
	EXPECT_OK(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0));
	EXPECT_ERRNO(syscall(SYS_membarrier, 1 << 30, 0, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 1 << 7, 0), EINVAL);
	gate_open(&go);
	pthread_join(t, NULL);
}
