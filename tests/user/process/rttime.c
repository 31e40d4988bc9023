/* SPDX-License-Identifier: MIT */
/* RLIMIT_RTTIME and RLIMIT_CPU: SIGXCPU at the soft limit, SIGKILL at the hard one; a sleep starts the former anew. */
#include "../harness.h"
#include <sched.h>
#include <sys/resource.h>

static volatile sig_atomic_t caught;

static void on_signal(int number)
{
	caught++;
}

static void real_time(void)
{
	struct sched_param p = { 1 };

	REQUIRE_OK(sched_setscheduler(0, SCHED_FIFO, &p));
}

TEST(rttime, the_signal_and_the_end)
{
	struct rlimit r = { 50000, 2000000 };
	pid_t pid;

	CHILD(pid) {
		signal(SIGXCPU, on_signal);
		REQUIRE_OK(setrlimit(RLIMIT_RTTIME, &r));
		real_time();
		while (!caught)
			;
		note("caught SIGXCPU");
		for (;;)
			;
	}
	note("%s", status_name(child_status(pid)));
}

TEST(rttime, by_default_it_ends_the_process)
{
	struct rlimit r = { 50000, RLIM_INFINITY };
	pid_t pid;

	CHILD(pid) {
		REQUIRE_OK(setrlimit(RLIMIT_RTTIME, &r));
		real_time();
		for (;;)
			;
	}
	note("%s", status_name(child_status(pid) & 0x7f));
}

TEST(rttime, others_have_no_such_limit)
{
	struct rlimit r = { 20000, 20000 };

	signal(SIGXCPU, on_signal);
	REQUIRE_OK(setrlimit(RLIMIT_RTTIME, &r));
	for (long long end = now_ms() + 200; now_ms() < end;)
		;
	note("signals %d", caught);
}

TEST(rttime, limits_are_inherited)
{
	struct rlimit cpu = { 1, 1 }, rt = { 50000, 50000 };
	pid_t pid;

	CHILD(pid) {
		REQUIRE_OK(setrlimit(RLIMIT_CPU, &cpu));
		if (fork() == 0)
			for (;;)
				;
		wait(&pid);
		note("CPU time: %s", status_name(pid));
		pid = 0;
	}
	EXPECT_CHILD_OK(pid);
	CHILD(pid) {
		REQUIRE_OK(setrlimit(RLIMIT_RTTIME, &rt));
		if (fork() == 0) {
			real_time();
			for (;;)
				;
		}
		wait(&pid);
		note("real time: %s", status_name(pid));
		pid = 0;
	}
	EXPECT_CHILD_OK(pid);
}

TEST(rttime, limit_of_all_time)
{
	struct rlimit r = { 1, 2 };
	pid_t pid;

	CHILD(pid) {
		signal(SIGXCPU, on_signal);
		REQUIRE_OK(setrlimit(RLIMIT_CPU, &r));
		while (!caught)
			;
		note("caught SIGXCPU");
		for (;;)
			;
	}
	note("%s", status_name(child_status(pid)));
}
