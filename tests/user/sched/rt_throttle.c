/* SPDX-License-Identifier: MIT */
/*
 * sched(7), "Limiting the CPU usage of real-time and deadline processes": a real-time task that does not sleep leaves
 * some time to the others of its CPU. The spinner ends by itself after SPIN_SECONDS, which is the failure; what the
 * others wait for is no time but to run at all, so a slow machine changes nothing.
 */
#include "harness.h"
#include <sched.h>
#include <sys/mman.h>

#define SPIN_SECONDS 12
#define RUNTIME "/proc/sys/kernel/sched_rt_runtime_us"
#define PERIOD "/proc/sys/kernel/sched_rt_period_us"

static const char *put(const char *path, const char *text)
{
	int fd = REQUIRE_OK(open(path, O_WRONLY));
	const char *said = write(fd, text, strlen(text)) == (ssize_t)strlen(text) ? "ok" : errno_name(errno);

	close(fd);
	return said;
}

TEST(rt_throttle, values)
{
	static const char *const runtimes[] = { "-1", "0", "500000", "1000000", "1000001", "-2", "2147483648", "x", "", "950000" };
	static const char *const periods[] = { "0", "-1", "949999", "2000000", "2147483647", "1000000" };

	note("runtime %d period %d", atoi(get_file(RUNTIME)), atoi(get_file(PERIOD)));
	for (size_t i = 0; i < ARRAY_SIZE(runtimes); i++) {
		const char *said = put(RUNTIME, runtimes[i]);

		note("runtime %s: %s, now %d", runtimes[i], said, atoi(get_file(RUNTIME)));
	}
	for (size_t i = 0; i < ARRAY_SIZE(periods); i++) {
		const char *said = put(PERIOD, periods[i]);

		note("period %s: %s, now %d", periods[i], said, atoi(get_file(PERIOD)));
	}
	AS_USER(1000, 1000, SHOW(open(RUNTIME, O_WRONLY)));
}

struct shared {
	volatile int spinning, stop;
};

static struct shared *shared_new(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void to_cpu(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	REQUIRE_OK(sched_setaffinity(0, sizeof(set), &set));
}

/* Spins with @policy until told to stop; exit status 0 when it was. */
static void spin(struct shared *s, int policy, int priority)
{
	double start = now();

	REQUIRE_OK(sched_setscheduler(0, policy, &(struct sched_param){ .sched_priority = priority }));
	s->spinning = 1;
	while (!s->stop && now() - start < SPIN_SECONDS)
		;
	if (!s->stop)
		fail("nobody else ran for %d seconds", SPIN_SECONDS);
}

/* The parent is on the same CPU and not real-time. */
static void beside(int policy)
{
	struct shared *s = shared_new();
	pid_t pid;

	to_cpu(0);
	CHILD(pid) spin(s, policy, 50);
	while (!s->spinning)
		sched_yield();
	s->stop = 1;
	EXPECT_CHILD_OK(pid);
}

TEST(rt_throttle, a_fair_task_runs_beside_a_fifo_spinner)
{
	beside(SCHED_FIFO);
}

TEST(rt_throttle, a_fair_task_runs_beside_a_round_robin_spinner)
{
	beside(SCHED_RR);
}

/* The waiter sleeps when the spinner has the CPU for itself, and is woken later, by a timer. */
TEST(rt_throttle, a_fair_task_that_wakes_up_later)
{
	struct shared *s = shared_new();
	pid_t spinner, sleeper;

	to_cpu(0);
	CHILD(sleeper) {
		REQUIRE_OK(usleep(1500000));
		s->stop = 1;
	}
	CHILD(spinner) spin(s, SCHED_FIFO, 50);
	EXPECT_CHILD_OK(sleeper);
	EXPECT_CHILD_OK(spinner);
}

/* The second has a higher priority, and is held back with the other. */
TEST(rt_throttle, two_spinners)
{
	struct shared *s = shared_new(), *t = shared_new();
	pid_t high, low;

	to_cpu(0);
	CHILD(low) spin(t, SCHED_FIFO, 50);
	while (!t->spinning)
		sched_yield();
	CHILD(high) spin(s, SCHED_RR, 60);
	while (!s->spinning)
		sched_yield();
	s->stop = 1;
	t->stop = 1;
	EXPECT_CHILD_OK(high);
	EXPECT_CHILD_OK(low);
}
