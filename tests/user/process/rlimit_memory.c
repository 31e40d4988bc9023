/* SPDX-License-Identifier: MIT */
/* RLIMIT_AS, DATA, STACK, MEMLOCK, CPU, SIGPENDING: the limits that bite at run time. */
#include "../harness.h"
#include "util.h"
#include <sys/resource.h>
#include <sys/time.h>

static void *map(size_t size)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

TEST(rlimit_memory, address_space)
{
	struct rlimit limit = { 64 << 20, RLIM_INFINITY };
	char *p, *brk;

	EXPECT_OK(setrlimit(RLIMIT_AS, &limit));
	EXPECT_TRUE(map(100 << 20) == MAP_FAILED && errno == ENOMEM);
	p = map(32 << 20);
	REQUIRE_TRUE(p != MAP_FAILED);
	EXPECT_TRUE(map(32 << 20) == MAP_FAILED && errno == ENOMEM);
	/* Replacing what is there costs nothing. */
	EXPECT_TRUE(mmap(p, 32 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == p);
	EXPECT_TRUE(mremap(p, 32 << 20, 80 << 20, MREMAP_MAYMOVE) == MAP_FAILED && errno == ENOMEM);
	brk = (char *)syscall(SYS_brk, 0);
	EXPECT_EQ(syscall(SYS_brk, brk + (60 << 20)), (long)brk);
	EXPECT_OK(munmap(p, 32 << 20));
	EXPECT_TRUE(map(32 << 20) != MAP_FAILED);
}

TEST(rlimit_memory, data)
{
	struct rlimit limit = { 16 << 20, RLIM_INFINITY };
	char *brk = (char *)syscall(SYS_brk, 0);

	EXPECT_OK(setrlimit(RLIMIT_DATA, &limit));
	EXPECT_EQ(syscall(SYS_brk, brk + (20 << 20)), (long)brk);
	EXPECT_EQ(syscall(SYS_brk, brk + (1 << 20)), (long)(brk + (1 << 20)));
	EXPECT_TRUE(map(32 << 20) == MAP_FAILED && errno == ENOMEM);
	EXPECT_TRUE(mmap(NULL, 32 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
	EXPECT_TRUE(mmap(NULL, 32 << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0) !=
		    MAP_FAILED);
}

__attribute__((noinline)) static int recurse(int depth)
{
	volatile char frame[4096];

	frame[0] = depth;
	if (depth == 0)
		return frame[0];
	return recurse(depth - 1) + frame[0];
}

TEST(rlimit_memory, stack)
{
	struct rlimit limit = { 1 << 20, RLIM_INFINITY };
	pid_t pid;

	CHILD(pid) {
		EXPECT_OK(setrlimit(RLIMIT_STACK, &limit));
		_exit(recurse(200) == 0x7fffffff);
	}
	note("800 KiB: %s", status_name(child_status(pid)));
	CHILD(pid) {
		EXPECT_OK(setrlimit(RLIMIT_STACK, &limit));
		_exit(recurse(300) == 0x7fffffff);
	}
	note("1200 KiB: %s", status_name(child_status(pid)));
	CHILD(pid)
		_exit(recurse(1800) == 0x7fffffff);
	note("7200 KiB of the default 8 MiB: %s", status_name(child_status(pid)));
	CHILD(pid)
		_exit(recurse(2200) == 0x7fffffff);
	note("8800 KiB: %s", status_name(child_status(pid)));
	CHILD(pid) {
		limit.rlim_cur = 32 << 20;
		EXPECT_OK(setrlimit(RLIMIT_STACK, &limit));
		_exit(recurse(4000) == 0x7fffffff);
	}
	note("16 MiB of 32: %s", status_name(child_status(pid)));
}

static void burn(void)
{
	for (volatile unsigned long i = 0;; i++)
		;
}

static volatile sig_atomic_t xcpu;

static void handler(int number)
{
	xcpu = number;
}

TEST(rlimit_memory, cpu_time)
{
	struct rlimit limit = { 1, 2 };
	struct rusage usage;
	pid_t pid;

	CHILD(pid) {
		EXPECT_OK(setrlimit(RLIMIT_CPU, &limit));
		burn();
	}
	EXPECT_EQ(wait4(pid, &(int){ 0 }, 0, &usage), pid);
	EXPECT_TRUE(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec <= 2);
	CHILD(pid) {
		EXPECT_OK(setrlimit(RLIMIT_CPU, &limit));
		burn();
	}
	note("soft: %s", status_name(child_status(pid)));
	CHILD(pid) {
		signal(SIGXCPU, handler);
		EXPECT_OK(setrlimit(RLIMIT_CPU, &limit));
		while (!xcpu)
			;
		note("caught %s", signal_name(xcpu));
		burn();
	}
	note("hard: %s", status_name(child_status(pid)));
}

TEST(rlimit_memory, pending_signals)
{
	struct rlimit limit = { 5, 5 };
	uint64_t set = SIGBIT(40) | SIGBIT(41) | SIGBIT(SIGUSR1);
	pid_t pid;

	CHILD(pid) {
		int queued = 0;

		raw_mask(SIG_BLOCK, &set);
		setresuid(7654, 7654, 7654);
		EXPECT_OK(setrlimit(RLIMIT_SIGPENDING, &limit));
		while (queued < 100 && sigqueue(getpid(), 40, (union sigval){ .sival_int = 1 }) == 0)
			queued++;
		note("queued %d then %s", queued, errno_name(errno));
		/* kill() of an ordinary signal always succeeds. */
		EXPECT_OK(kill(getpid(), SIGUSR1));
		EXPECT_TRUE(raw_pending() & SIGBIT(SIGUSR1));
		EXPECT_OK(kill(getpid(), 41));
		EXPECT_TRUE(raw_pending() & SIGBIT(41));
		EXPECT_ERRNO(syscall(SYS_tgkill, getpid(), getpid(), 40), EAGAIN);
	}
	EXPECT_CHILD_OK(pid);
}
