/* SPDX-License-Identifier: MIT */
/*
 * FUTEX_LOCK_PI, LOCK_PI2, TRYLOCK_PI, UNLOCK_PI: the word, every errno, time-outs, signals, owners that die, chains.
 * Waiters are processes on shared words; that one waits is seen by its state and the word's FUTEX_WAITERS.
 */
#include "../harness.h"
#include "../process/util.h"
#include "futex.h"
#include <sched.h>

#ifndef FUTEX_LOCK_PI2
#define FUTEX_LOCK_PI2 13
#endif

static volatile int *word;
static char *owner_text(int v, pid_t a, pid_t b)
{
	static char text[64];
	int tid = v & FUTEX_TID_MASK;

	snprintf(text, sizeof(text), "%s%s%s", !tid ? "free" : tid == getpid() ? "me" : tid == a ? "a" : tid == b ? "b" : "?",
		 v & FUTEX_WAITERS ? " WAITERS" : "", v & FUTEX_OWNER_DIED ? " OWNER_DIED" : "");
	return text;
}

static long lock(volatile int *w)
{
	return futex(w, FUTEX_LOCK_PI, 0, NULL, NULL, 0);
}

static long unlock(volatile int *w)
{
	return futex(w, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0);
}

static struct timespec in_ms(clockid_t clock, long ms)
{
	struct timespec t;

	clock_gettime(clock, &t);
	t.tv_nsec += ms % 1000 * 1000000;
	t.tv_sec += ms / 1000 + t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	return t;
}

TEST(pi, the_word_of_a_lock_nobody_contends)
{
	word = shared_memory(4096);
	EXPECT_EQ(lock(word), 0);
	note("locked: %s", owner_text(*word, 0, 0));
	EXPECT_ERRNO(lock(word), EDEADLK);
	EXPECT_ERRNO(futex(word, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0), EDEADLK);
	EXPECT_EQ(unlock(word), 0);
	note("unlocked: %s", owner_text(*word, 0, 0));
	EXPECT_ERRNO(unlock(word), EPERM);
	EXPECT_EQ(futex(word, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0), 0);
	note("tried: %s", owner_text(*word, 0, 0));
	EXPECT_EQ(unlock(word), 0);
	EXPECT_EQ(futex(word, FUTEX_LOCK_PI2, 0, NULL, NULL, 0), 0);
	EXPECT_EQ(unlock(word), 0);
	EXPECT_EQ(futex(word, FUTEX_LOCK_PI | FUTEX_PRIVATE_FLAG, 0, NULL, NULL, 0), 0);
	EXPECT_EQ(futex(word, FUTEX_UNLOCK_PI | FUTEX_PRIVATE_FLAG, 0, NULL, NULL, 0), 0);
	*word = FUTEX_OWNER_DIED;
	EXPECT_EQ(lock(word), 0);
	note("from a dead one: %s", owner_text(*word, 0, 0));
	EXPECT_EQ(unlock(word), 0);
	note("unlocked: %s", owner_text(*word, 0, 0));
}

TEST(pi, errors)
{
	struct timespec bad = { 0, 1000000000 }, negative = { -1, 0 };
	char *p = shared_memory(4096);
	pid_t pid;

	word = (void *)p;
	EXPECT_ERRNO(lock((void *)(p + 1)), EINVAL);
	EXPECT_ERRNO(unlock((void *)(p + 2)), EPERM);
	EXPECT_ERRNO(lock(wild(8)), EFAULT);
	EXPECT_ERRNO(unlock(wild(8)), EFAULT);
	EXPECT_ERRNO(futex(word, FUTEX_LOCK_PI, 0, &bad, NULL, 0), EINVAL);
	EXPECT_ERRNO(futex(word, FUTEX_LOCK_PI, 0, &negative, NULL, 0), EINVAL);
	EXPECT_ERRNO(futex(word, FUTEX_LOCK_PI, 0, wild(8), NULL, 0), EFAULT);
	EXPECT_ERRNO(futex(word, FUTEX_LOCK_PI | FUTEX_CLOCK_REALTIME, 0, NULL, NULL, 0), ENOSYS);
	EXPECT_ERRNO(futex(word, FUTEX_TRYLOCK_PI | FUTEX_CLOCK_REALTIME, 0, NULL, NULL, 0), ENOSYS);
	EXPECT_ERRNO(futex(word, FUTEX_UNLOCK_PI | FUTEX_CLOCK_REALTIME, 0, NULL, NULL, 0), ENOSYS);
	/* The owner's id belongs to nobody, or to nobody any more. */
	*word = FUTEX_TID_MASK;
	EXPECT_ERRNO(lock(word), ESRCH);
	EXPECT_ERRNO(futex(word, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0), ESRCH);
	CHILD(pid)
		;
	*word = pid;
	wait_state(pid, 'Z');
	EXPECT_ERRNO(lock(word), ESRCH);
	EXPECT_CHILD_OK(pid);
	EXPECT_ERRNO(lock(word), ESRCH);
	/* A kernel thread cannot own one. */
	*word = 2;
	EXPECT_ERRNO(lock(word), EPERM);
	note("after the failures: WAITERS %d", !!(*word & FUTEX_WAITERS));
	/* Read only. */
	*word = 0;
	EXPECT_OK(mprotect(p, 4096, PROT_READ));
	EXPECT_ERRNO(lock(word), EFAULT);
}

TEST(pi, ordinary_waiters_and_pi_do_not_mix)
{
	pid_t pid;

	word = shared_memory(4096);
	*word = getpid();
	CHILD(pid)
		_exit(futex(word, FUTEX_WAIT, getppid(), NULL, NULL, 0) == 0 ? 0 : errno);
	wait_state(pid, 'S');
	EXPECT_ERRNO(unlock(word), EINVAL);
	{
		pid_t other;

		CHILD(other)
			EXPECT_ERRNO(lock(word), EINVAL);
		EXPECT_CHILD_OK(other);
	}
	EXPECT_EQ(futex_wake(word, 1), 1);
	EXPECT_CHILD_OK(pid);
	*word = 0;
	EXPECT_EQ(lock(word), 0);
	CHILD(pid) {
		EXPECT_EQ(lock(word), 0);
		EXPECT_EQ(unlock(word), 0);
	}
	wait_state(pid, 'S');
	EXPECT_ERRNO(futex_wake(word, 1), EINVAL);
	EXPECT_ERRNO(futex(word, FUTEX_CMP_REQUEUE, 1, (void *)1, word + 1, *word), EINVAL);
	EXPECT_ERRNO(futex(word, FUTEX_WAKE_OP, 1, (void *)1, word + 1, 0), EINVAL);
	EXPECT_EQ(unlock(word), 0);
	EXPECT_CHILD_OK(pid);
}

TEST(pi, an_unlock_gives_the_lock_to_the_waiter)
{
	struct gate in = gate_make(), out = gate_make();
	pid_t a;

	word = shared_memory(4096);
	EXPECT_EQ(lock(word), 0);
	CHILD(a) {
		EXPECT_EQ(lock(word), 0);
		gate_open(&in);
		gate_wait(&out);
		EXPECT_EQ(unlock(word), 0);
	}
	wait_state(a, 'S');
	note("contended: %s", owner_text(*word, a, 0));
	EXPECT_EQ(unlock(word), 0);
	note("given: %s", owner_text(*word, a, 0));
	EXPECT_ERRNO(unlock(word), EPERM);
	gate_wait(&in);
	EXPECT_ERRNO(futex(word, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0), EAGAIN);
	note("tried: %s", owner_text(*word, a, 0));
	gate_open(&out);
	EXPECT_CHILD_OK(a);
	note("at the end: %s", owner_text(*word, a, 0));
}

TEST(pi, a_wait_ends_at_its_deadline)
{
	struct timespec past = { 1, 0 }, t;
	long long start;
	pid_t a;

	word = shared_memory(4096);
	EXPECT_EQ(lock(word), 0);
	CHILD(a) {
		EXPECT_ERRNO(futex(word, FUTEX_LOCK_PI, 0, &past, NULL, 0), ETIMEDOUT);
		EXPECT_ERRNO(futex(word, FUTEX_LOCK_PI2, 0, &past, NULL, 0), ETIMEDOUT);
		start = now_ms();
		t = in_ms(CLOCK_REALTIME, 60);
		EXPECT_ERRNO(futex(word, FUTEX_LOCK_PI, 0, &t, NULL, 0), ETIMEDOUT);
		t = in_ms(CLOCK_MONOTONIC, 60);
		EXPECT_ERRNO(futex(word, FUTEX_LOCK_PI2, 0, &t, NULL, 0), ETIMEDOUT);
		t = in_ms(CLOCK_REALTIME, 60);
		EXPECT_ERRNO(futex(word, FUTEX_LOCK_PI2 | FUTEX_CLOCK_REALTIME, 0, &t, NULL, 0), ETIMEDOUT);
		EXPECT_GE(now_ms() - start, 175);
	}
	EXPECT_CHILD_OK(a);
	note("after time-outs: %s", owner_text(*word, a, 0));
	EXPECT_EQ(unlock(word), 0);
	note("unlocked: %s", owner_text(*word, a, 0));
}

static volatile int handled;
static void handler(int number)
{
	handled++;
}

TEST(pi, a_signal_does_not_end_the_wait)
{
	struct sigaction action = { .sa_handler = handler };
	struct gate ready = gate_make();
	volatile int *seen;
	pid_t a;

	word = shared_memory(4096);
	seen = word + 100;
	EXPECT_EQ(lock(word), 0);
	CHILD(a) {
		sigaction(SIGUSR1, &action, NULL);
		gate_open(&ready);
		EXPECT_EQ(lock(word), 0);
		*seen = handled;
		EXPECT_EQ(unlock(word), 0);
	}
	gate_wait(&ready);
	wait_state(a, 'S');
	kill(a, SIGUSR1);
	kill(a, SIGSTOP);
	waitpid(a, NULL, WUNTRACED);
	kill(a, SIGCONT);
	wait_state(a, 'S');
	EXPECT_EQ(*seen, 0);
	EXPECT_EQ(unlock(word), 0);
	EXPECT_CHILD_OK(a);
	note("handled %d", *seen);
}

TEST(pi, a_killed_waiter_leaves)
{
	pid_t a, b;

	word = shared_memory(4096);
	EXPECT_EQ(lock(word), 0);
	CHILD(a)
		lock(word);
	wait_state(a, 'S');
	CHILD(b) {
		EXPECT_EQ(lock(word), 0);
		EXPECT_EQ(unlock(word), 0);
	}
	wait_state(b, 'S');
	kill(a, SIGKILL);
	note("%s", status_name(child_status(a)));
	EXPECT_EQ(unlock(word), 0);
	EXPECT_CHILD_OK(b);
	note("at the end: %s", owner_text(*word, a, b));
}

TEST(pi, an_owner_that_exits_leaves_it_to_the_waiter)
{
	struct gate out = gate_make();
	volatile int *seen;
	pid_t a, b[2];

	word = shared_memory(4096);
	seen = word + 100;
	CHILD(a) {
		EXPECT_EQ(lock(word), 0);
		gate_wait(&out);
	}
	while (!*word)
		sched_yield();
	for (int i = 0; i < 2; i++) {
		CHILD(b[i]) {
			EXPECT_EQ(lock(word), 0);
			EXPECT_EQ(*word & FUTEX_TID_MASK, getpid());
			seen[__atomic_fetch_add(&seen[-1], 1, __ATOMIC_SEQ_CST)] = *word;
			EXPECT_EQ(unlock(word), 0);
		}
		wait_state(b[i], 'S');
	}
	gate_open(&out);
	EXPECT_CHILD_OK(a);
	for (int i = 0; i < 2; i++)
		EXPECT_CHILD_OK(b[i]);
	for (int i = 0; i < 2; i++)
		note("heir %d: %s%s", i, seen[i] & FUTEX_OWNER_DIED ? "OWNER_DIED " : "", seen[i] & FUTEX_WAITERS ? "WAITERS" : "");
	note("at the end: %s", owner_text(*word, a, 0));
}

/* a owns 1 and waits for 0, which we own; we would wait for 1. */
TEST(pi, a_circle_is_a_deadlock)
{
	struct gate in = gate_make();
	pid_t a, b;

	word = shared_memory(4096);
	EXPECT_EQ(lock(word), 0);
	CHILD(a) {
		EXPECT_EQ(lock(word + 1), 0);
		gate_open(&in);
		EXPECT_EQ(lock(word), 0);
		EXPECT_EQ(unlock(word), 0);
		EXPECT_EQ(unlock(word + 1), 0);
	}
	gate_wait(&in);
	wait_state(a, 'S');
	EXPECT_ERRNO(lock(word + 1), EDEADLK);
	note("two: %s", owner_text(word[1], a, 0));
	CHILD(b) {
		EXPECT_EQ(lock(word + 2), 0);
		gate_open(&in);
		EXPECT_EQ(lock(word + 1), 0);
		EXPECT_EQ(unlock(word + 1), 0);
		EXPECT_EQ(unlock(word + 2), 0);
	}
	gate_wait(&in);
	wait_state(b, 'S');
	EXPECT_ERRNO(lock(word + 2), EDEADLK);
	EXPECT_EQ(unlock(word), 0);
	EXPECT_CHILD_OK(a);
	EXPECT_CHILD_OK(b);
	EXPECT_EQ(lock(word + 2), 0);
	EXPECT_EQ(unlock(word + 2), 0);
}

TEST(pi, a_word_that_user_space_changed)
{
	pid_t a;

	word = shared_memory(4096);
	EXPECT_EQ(lock(word), 0);
	CHILD(a) {
		EXPECT_EQ(lock(word), 0);
		EXPECT_EQ(unlock(word), 0);
	}
	wait_state(a, 'S');
	*word = 1 | FUTEX_WAITERS;
	EXPECT_ERRNO(lock(word), EINVAL);
	EXPECT_ERRNO(unlock(word), EPERM);
	*word = FUTEX_WAITERS;
	EXPECT_ERRNO(lock(word), EINVAL);
	*word = getpid();		/* the mark is gone, the waiter is not */
	EXPECT_EQ(unlock(word), 0);
	EXPECT_CHILD_OK(a);
	note("at the end: %s", owner_text(*word, a, 0));
}

TEST(pi, a_file_is_the_same_lock_at_two_addresses)
{
	int fd = temp_fd();
	volatile int *other;
	pid_t a;

	EXPECT_OK(ftruncate(fd, 8192));
	word = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	other = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 4096);
	word += 1024;
	EXPECT_EQ(lock(word), 0);
	CHILD(a) {
		EXPECT_EQ(lock(other), 0);
		EXPECT_EQ(unlock(word), 0);
	}
	wait_state(a, 'S');
	EXPECT_EQ(unlock(other), 0);
	EXPECT_CHILD_OK(a);
	note("at the end: %s", owner_text(*word, a, 0));
}

TEST(pi, many_lock_and_unlock)
{
	volatile int *sum;
	pid_t pids[6];

	word = shared_memory(4096);
	sum = word + 100;
	for (int i = 0; i < 6; i++)
		CHILD(pids[i]) {
			int me = getpid();

			for (int n = 0; n < 300; n++) {
				int free = 0, mine = me;

				if (!__atomic_compare_exchange_n(word, &free, me, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
					EXPECT_EQ(lock(word), 0);
				++*sum;
				if (n % 50 == 0)
					sched_yield();
				if (!__atomic_compare_exchange_n(word, &mine, 0, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
					EXPECT_EQ(unlock(word), 0);
			}
		}
	for (int i = 0; i < 6; i++)
		EXPECT_CHILD_OK(pids[i]);
	note("sum %d, %s", *sum, owner_text(*word, 0, 0));
}
