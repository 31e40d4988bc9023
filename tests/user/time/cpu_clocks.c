/* SPDX-License-Identifier: MIT */
/* Clocks of CPU time: of the process, of a thread, of others; they stand still while sleeping. */
#include "../harness.h"
#include "../process/util.h"
#include <pthread.h>
#include <sys/resource.h>

static long long read_clock(clockid_t id)
{
	struct timespec ts = { 0, 0 };

	if (clock_gettime(id, &ts) < 0)
		return -errno;
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

static void burn(long long ns)
{
	long long end = read_clock(CLOCK_THREAD_CPUTIME_ID) + ns;

	while (read_clock(CLOCK_THREAD_CPUTIME_ID) < end)
		;
}

TEST(cpu_clocks, advance_with_work_and_stand_still_in_sleep)
{
	long long a = read_clock(CLOCK_PROCESS_CPUTIME_ID), b;

	burn(50000000);
	b = read_clock(CLOCK_PROCESS_CPUTIME_ID);
	EXPECT_TRUE(b - a >= 50000000);
	sleep_ms(400);
	a = read_clock(CLOCK_PROCESS_CPUTIME_ID);
	EXPECT_TRUE(a - b < 200000000);
	EXPECT_TRUE(a >= b);
}

static void *burns(void *arg)
{
	burn((long)arg);
	return NULL;
}

TEST(cpu_clocks, the_process_clock_sums_its_threads)
{
	long long start = read_clock(CLOCK_PROCESS_CPUTIME_ID), mine = read_clock(CLOCK_THREAD_CPUTIME_ID);
	pthread_t threads[3];

	for (int i = 0; i < 3; i++)
		pthread_create(&threads[i], NULL, burns, (void *)60000000L);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	EXPECT_TRUE(read_clock(CLOCK_PROCESS_CPUTIME_ID) - start >= 180000000);
	EXPECT_TRUE(read_clock(CLOCK_THREAD_CPUTIME_ID) - mine < 150000000);
}

TEST(cpu_clocks, of_another_process)
{
	clockid_t id;
	pid_t pid;
	struct gate ready = gate_make();
	long long a, b;

	CHILD(pid) {
		burn(100000000);
		gate_open(&ready);
		for (;;)
			pause();
	}
	gate_wait(&ready);
	wait_state(pid, 'S');
	EXPECT_EQ(clock_getcpuclockid(pid, &id), 0);
	a = read_clock(id);
	EXPECT_TRUE(a >= 100000000);
	sleep_ms(50);
	b = read_clock(id);
	EXPECT_EQ(b - a, 0);
	kill(pid, SIGKILL);
	child_status(pid);
	note("gone: %s", errno_name(-read_clock(id)));
	note("getcpuclockid of it: %s", errno_name(clock_getcpuclockid(pid, &id)));
}

static void *waits(void *arg)
{
	gate_wait(arg);
	return NULL;
}

TEST(cpu_clocks, of_a_thread)
{
	struct gate gate = gate_make();
	pthread_t thread;
	clockid_t id;

	pthread_create(&thread, NULL, waits, &gate);
	EXPECT_EQ(pthread_getcpuclockid(thread, &id), 0);
	EXPECT_TRUE(read_clock(id) >= 0 && read_clock(id) < 1000000000);
	gate_open(&gate);
	pthread_join(thread, NULL);
	/* A thread of another process is not ours to read. */
	clockid_t other = (clockid_t)(~1U << 3 | 6);

	note("thread clock of init: %s", errno_name(-read_clock(other)));
}

TEST(cpu_clocks, cannot_be_set)
{
	struct timespec ts = { 0, 0 };

	EXPECT_ERRNO(clock_settime(CLOCK_PROCESS_CPUTIME_ID, &ts), EINVAL);
	EXPECT_ERRNO(clock_settime((clockid_t)(~(unsigned int)getpid() << 3 | 2), &ts), EPERM);
}

TEST(cpu_clocks, agree_with_getrusage)
{
	struct rusage usage;
	long long a, b, c;

	burn(100000000);
	a = read_clock(CLOCK_PROCESS_CPUTIME_ID);
	getrusage(RUSAGE_SELF, &usage);
	b = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000000LL +
	    (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000LL;
	c = read_clock(CLOCK_PROCESS_CPUTIME_ID);
	EXPECT_TRUE(b >= a - 20000000 && b <= c + 20000000);
}

TEST(cpu_clocks, a_sleep_on_a_cpu_clock)
{
	struct timespec span = { 0, 60000000 };
	pthread_t thread;
	long long start = read_clock(CLOCK_PROCESS_CPUTIME_ID);

	EXPECT_EQ(clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, &span, NULL), EINVAL);
	pthread_create(&thread, NULL, burns, (void *)200000000L);
	EXPECT_EQ(clock_nanosleep(CLOCK_PROCESS_CPUTIME_ID, 0, &span, NULL), 0);
	EXPECT_TRUE(read_clock(CLOCK_PROCESS_CPUTIME_ID) - start >= 60000000);
	pthread_join(thread, NULL);
}
