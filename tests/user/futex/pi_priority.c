/* SPDX-License-Identifier: MIT */
/*
 * Priority inheritance: what an owner runs with is field 18 of /proc/PID/stat (-1 - priority for a real-time task), what it was
 * given is sched_getparam(). The owner sleeps in a pipe while others wait for its lock, so nothing depends on who runs.
 */
#include "../harness.h"
#include "../process/util.h"
#include "futex.h"
#include <sched.h>

static volatile int *word;

static long lock(volatile int *w)
{
	return futex(w, FUTEX_LOCK_PI, 0, NULL, NULL, 0);
}

static long unlock(volatile int *w)
{
	return futex(w, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0);
}

/* Real-time priority that a process runs with; 0: an ordinary one. */
static int runs_with(pid_t pid)
{
	char path[40], *p;
	int prio;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	p = strrchr(get_file(path), ')') + 2;
	for (int i = 3; i < 18; i++)
		p = strchr(p, ' ') + 1;
	prio = atoi(p);
	return prio < 0 ? -1 - prio : 0;
}

static void become(pid_t pid, int policy, int prio)
{
	struct sched_param param = { prio };

	REQUIRE_OK(sched_setscheduler(pid, policy, &param));
}

static void show(const char *what, pid_t pid)
{
	struct sched_param param;

	sched_getparam(pid, &param);
	note("%s: runs with %d, own policy %d priority %d", what, runs_with(pid), sched_getscheduler(pid), param.sched_priority);
}

/* Takes @first (NULL: nothing), says so, waits for @second (NULL: for the gate), then releases both. */
static pid_t holder(volatile int *first, volatile int *second, int prio, struct gate *out)
{
	struct gate in = gate_make();
	pid_t pid;

	CHILD(pid) {
		if (prio)
			become(0, SCHED_FIFO, prio);
		if (first)
			EXPECT_EQ(lock(first), 0);
		gate_open(&in);
		if (second)
			EXPECT_EQ(lock(second), 0);
		else
			gate_wait(out);
		if (second)
			EXPECT_EQ(unlock(second), 0);
		if (first)
			EXPECT_EQ(unlock(first), 0);
	}
	gate_wait(&in);
	wait_state(pid, 'S');
	return pid;
}

TEST(pi_priority, the_owner_inherits_the_highest)
{
	struct gate out = gate_make();
	pid_t a, b, c, d;

	word = shared_memory(4096);
	a = holder(word, NULL, 0, &out);
	show("alone", a);
	b = holder(NULL, word, 10, NULL);
	show("10 waits", a);
	c = holder(NULL, word, 30, NULL);
	show("30 waits", a);
	d = holder(NULL, word, 20, NULL);
	show("20 waits", a);
	kill(c, SIGKILL);
	child_status(c);
	show("30 was killed", a);
	gate_open(&out);
	EXPECT_CHILD_OK(a);
	EXPECT_CHILD_OK(b);
	EXPECT_CHILD_OK(d);
}

TEST(pi_priority, the_first_by_priority_gets_it)
{
	struct gate out = gate_make();
	pid_t owner, p[4];
	static const int prio[4] = { 10, 30, 0, 20 };
	volatile int *log;

	word = shared_memory(4096);
	log = word + 100;
	owner = holder(word, NULL, 0, &out);
	for (int i = 0; i < 4; i++) {
		CHILD(p[i]) {
			if (prio[i])
				become(0, SCHED_FIFO, prio[i]);
			EXPECT_EQ(lock(word), 0);
			log[1 + log[0]++] = prio[i];
			EXPECT_EQ(unlock(word), 0);
		}
		while (runs_with(p[i]) != prio[i])
			sleep_ms(1);
		wait_state(p[i], 'S');
	}
	gate_open(&out);
	EXPECT_CHILD_OK(owner);
	for (int i = 0; i < 4; i++)
		EXPECT_CHILD_OK(p[i]);
	note("%d %d %d %d", log[1], log[2], log[3], log[4]);
}

TEST(pi_priority, a_chain_hands_it_on)
{
	struct gate out = gate_make();
	pid_t a, b, c, d;

	word = shared_memory(4096);
	a = holder(word, NULL, 0, &out);
	b = holder(word + 1, word, 0, NULL);
	c = holder(word + 2, word + 1, 5, NULL);
	show("a before", a);
	d = holder(NULL, word + 2, 40, NULL);
	show("a", a);
	show("b", b);
	show("c", c);
	become(d, SCHED_FIFO, 60);
	show("a, last raised", a);
	become(d, SCHED_OTHER, 0);
	show("a, last lowered", a);
	show("c, last lowered", c);
	become(c, SCHED_RR, 50);
	show("a, third raised", a);
	gate_open(&out);
	EXPECT_CHILD_OK(a);
	EXPECT_CHILD_OK(b);
	EXPECT_CHILD_OK(c);
	EXPECT_CHILD_OK(d);
}

TEST(pi_priority, a_change_meanwhile_is_kept)
{
	struct gate out = gate_make();
	pid_t a, b;

	word = shared_memory(4096);
	a = holder(word, NULL, 0, &out);
	b = holder(NULL, word, 30, NULL);
	become(a, SCHED_FIFO, 20);
	show("20 under 30", a);
	become(a, SCHED_FIFO, 40);
	show("40 over 30", a);
	become(a, SCHED_RR, 10);
	show("10 under 30", a);
	kill(b, SIGKILL);
	child_status(b);
	show("waiter gone", a);
	become(a, SCHED_OTHER, 0);
	show("ordinary", a);
	gate_open(&out);
	EXPECT_CHILD_OK(a);
}

TEST(pi_priority, two_locks_two_heritages)
{
	struct gate step[2] = { gate_make(), gate_make() }, told = gate_make();
	pid_t a, b, c;

	word = shared_memory(4096);
	CHILD(a) {
		lock(word);
		lock(word + 1);
		gate_open(&told);
		gate_wait(&step[0]);
		unlock(word);
		gate_open(&told);
		gate_wait(&step[1]);
		unlock(word + 1);
		gate_open(&told);
		gate_wait(&step[0]);
	}
	gate_wait(&told);
	b = holder(NULL, word, 30, NULL);
	c = holder(NULL, word + 1, 20, NULL);
	show("both", a);
	gate_open(&step[0]);
	gate_wait(&told);
	wait_state(a, 'S');
	show("one", a);
	gate_open(&step[1]);
	gate_wait(&told);
	wait_state(a, 'S');
	show("none", a);
	gate_open(&step[0]);
	EXPECT_CHILD_OK(a);
	EXPECT_CHILD_OK(b);
	EXPECT_CHILD_OK(c);
}

TEST(pi_priority, a_child_of_a_raised_one_is_not_raised)
{
	struct gate out = gate_make(), told = gate_make();
	volatile int *child;
	pid_t a, b;

	word = shared_memory(4096);
	child = word + 100;
	CHILD(a) {
		pid_t pid;

		lock(word);
		gate_open(&told);
		gate_wait(&out);
		pid = fork();
		if (!pid) {
			gate_wait(&out);
			_exit(0);
		}
		*child = pid;
		gate_open(&told);
		EXPECT_CHILD_OK(pid);
		unlock(word);
	}
	gate_wait(&told);
	b = holder(NULL, word, 30, NULL);
	show("parent", a);
	gate_open(&out);
	gate_wait(&told);
	show("child", *child);
	gate_open(&out);
	EXPECT_CHILD_OK(a);
	EXPECT_CHILD_OK(b);
}

/*
 * The textbook's inversion, on one CPU: low holds the lock, high waits for it, middle would run for ever. Only because low runs
 * as high does anybody get on.
 */
TEST(pi_priority, no_inversion_on_one_cpu)
{
	volatile int *stop;
	pid_t low, middle, high;
	uint64_t one = 1;
	struct gate go = gate_make();

	word = shared_memory(4096);
	stop = word + 100;
	REQUIRE_OK(syscall(SYS_sched_setaffinity, 0, 8, &one));
	become(0, SCHED_FIFO, 50);
	CHILD(low) {
		become(0, SCHED_OTHER, 0);
		EXPECT_EQ(lock(word), 0);
		gate_wait(&go);
		EXPECT_EQ(unlock(word), 0);
	}
	while (!*word)
		sleep_ms(1);
	wait_state(low, 'S');
	CHILD(high) {
		become(0, SCHED_FIFO, 30);
		EXPECT_EQ(lock(word), 0);
		*stop = 1;
		EXPECT_EQ(unlock(word), 0);
	}
	wait_state(high, 'S');
	CHILD(middle) {
		become(0, SCHED_FIFO, 20);
		while (!*stop)
			;
	}
	gate_open(&go);
	EXPECT_CHILD_OK(high);
	EXPECT_CHILD_OK(middle);
	EXPECT_CHILD_OK(low);
	note("stop %d", *stop);
}
