/* SPDX-License-Identifier: MIT */
/* What libcs register for a thread: tid address, robust list, rseq, membarrier; and random bytes. */
#include "../harness.h"
#include "util.h"
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <pthread.h>

TEST(registers, set_tid_address_returns_the_tid)
{
	int word = 5;

	EXPECT_EQ(syscall(SYS_set_tid_address, &word), getpid());
	EXPECT_EQ(word, 5);
	EXPECT_EQ(syscall(SYS_set_tid_address, NULL), getpid());
	EXPECT_EQ(syscall(SYS_set_tid_address, wild(8)), getpid());
}

TEST(registers, robust_list)
{
	struct robust_list_head head = { { &head.list }, 0, NULL }, *got;
	size_t size = 0;

	EXPECT_ERRNO(syscall(SYS_set_robust_list, &head, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_set_robust_list, &head, 23), EINVAL);
	EXPECT_ERRNO(syscall(SYS_set_robust_list, &head, 25), EINVAL);
	EXPECT_OK(syscall(SYS_set_robust_list, &head, 24));
	EXPECT_OK(syscall(SYS_get_robust_list, 0, &got, &size));
	EXPECT_TRUE(got == &head && size == 24);
	EXPECT_OK(syscall(SYS_get_robust_list, getpid(), &got, &size));
	EXPECT_ERRNO(syscall(SYS_get_robust_list, 0x7ffffff, &got, &size), ESRCH);
	EXPECT_ERRNO(syscall(SYS_get_robust_list, 0, wild(8), &size), EFAULT);
	EXPECT_ERRNO(syscall(SYS_get_robust_list, 0, &got, wild(8)), EFAULT);
	EXPECT_OK(syscall(SYS_set_robust_list, wild(8), 24));
	EXPECT_OK(syscall(SYS_set_robust_list, NULL, 24));
	AS_USER(1000, 1000, EXPECT_ERRNO(syscall(SYS_get_robust_list, 1, &got, &size), EPERM));
	IN_CHILD(
		/* A child has none of its own. */
		pid_t me = fork();
		if (me == 0)
			_exit(0);
		child_status(me));
}

struct rseq_area {
	uint32_t cpu_id_start, cpu_id;
	uint64_t rseq_cs;
	uint32_t flags, pad[3];
} __attribute__((aligned(32)));

static struct rseq_area areas[2];

static void *rseq_thread(void *arg)
{
	(void)arg;
	/* glibc has registered its own area: unregister is refused for any other. */
	note("another area: %s", RESULT(syscall(SYS_rseq, &areas[0], 32, 0, 0x53053053)));
	note("unregister another: %s", RESULT(syscall(SYS_rseq, &areas[0], 32, 1, 0x53053053)));
	note("unknown flag: %s", RESULT(syscall(SYS_rseq, &areas[0], 32, 2, 0x53053053)));
	return NULL;
}

TEST(registers, rseq_refuses)
{
	pthread_t thread;

	pthread_create(&thread, NULL, rseq_thread, NULL);
	pthread_join(thread, NULL);
}

static int rseq_child(void *arg)
{
	(void)arg;
	areas[0].cpu_id = -1;
	note("short: %s", RESULT(syscall(SYS_rseq, &areas[0], 31, 0, 1)));
	note("misaligned: %s", RESULT(syscall(SYS_rseq, (char *)&areas[0] + 4, 32, 0, 1)));
	note("bad address: %s", RESULT(syscall(SYS_rseq, (void *)0xffff000000000000UL, 32, 0, 1)));
	note("register: %s", RESULT(syscall(SYS_rseq, &areas[0], 32, 0, 1)));
	note("cpu ids agree %d and are small %d", areas[0].cpu_id == areas[0].cpu_id_start,
	     areas[0].cpu_id < 8);
	note("again: %s", RESULT(syscall(SYS_rseq, &areas[0], 32, 0, 1)));
	note("again, other signature: %s", RESULT(syscall(SYS_rseq, &areas[0], 32, 0, 2)));
	note("other area: %s", RESULT(syscall(SYS_rseq, &areas[1], 32, 0, 1)));
	note("unregister, wrong signature: %s", RESULT(syscall(SYS_rseq, &areas[0], 32, 1, 2)));
	note("unregister, wrong length: %s", RESULT(syscall(SYS_rseq, &areas[0], 64, 1, 1)));
	note("unregister: %s", RESULT(syscall(SYS_rseq, &areas[0], 32, 1, 1)));
	note("cpu_id %d", (int)areas[0].cpu_id);
	note("unregister again: %s", RESULT(syscall(SYS_rseq, &areas[0], 32, 1, 1)));
	return 0;
}

TEST(registers, rseq_registration)
{
	static char stack[65536] __attribute__((aligned(16)));
	/* A clone that shares memory starts without an rseq area. */
	pid_t pid = clone(rseq_child, stack + sizeof(stack), CLONE_VM | SIGCHLD, NULL);

	note("%s", status_name(child_status(pid)));
}

static const char *membarrier(int command, unsigned int flags, int cpu)
{
	return RESULT(syscall(SYS_membarrier, command, flags, cpu));
}

TEST(registers, membarrier)
{
	long commands = syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 0, 0);

	note("basic commands %#lx", commands & 0x7f);
	note("global: %s", membarrier(MEMBARRIER_CMD_GLOBAL, 0, 0));
	note("private before register: %s", membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0));
	note("register: %s", membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0));
	note("private: %s", membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0));
	note("global expedited: %s", membarrier(MEMBARRIER_CMD_GLOBAL_EXPEDITED, 0, 0));
	note("register global: %s", membarrier(MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED, 0, 0));
	note("sync core before register: %s",
	     membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE, 0, 0));
	note("register: %s", membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE, 0, 0));
	note("sync core: %s", membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE, 0, 0));
	note("unknown command: %s", membarrier(1 << 20, 0, 0));
	note("two commands: %s", membarrier(3, 0, 0));
	note("flags: %s", membarrier(MEMBARRIER_CMD_GLOBAL, 1, 0));
	note("negative: %s", membarrier(-1, 0, 0));
}

TEST(registers, getrandom)
{
	unsigned char a[64] = { 0 }, b[64] = { 0 };
	static unsigned char big[300000];
	int zeros = 0;

	EXPECT_EQ(syscall(SYS_getrandom, a, 64, 0), 64);
	EXPECT_EQ(syscall(SYS_getrandom, b, 64, 1), 64);
	EXPECT_TRUE(memcmp(a, b, 64) != 0);
	EXPECT_EQ(syscall(SYS_getrandom, a, 0, 0), 0);
	EXPECT_EQ(syscall(SYS_getrandom, a, 10, 2), 10);
	EXPECT_EQ(syscall(SYS_getrandom, a, 10, 4), 10);
	EXPECT_ERRNO(syscall(SYS_getrandom, a, 10, 6), EINVAL);
	EXPECT_ERRNO(syscall(SYS_getrandom, a, 10, 8), EINVAL);
	EXPECT_ERRNO(syscall(SYS_getrandom, wild(8), 10, 0), EFAULT);
	EXPECT_EQ(syscall(SYS_getrandom, big, sizeof(big), 0), (long)sizeof(big));
	for (size_t i = 0; i < sizeof(big); i++)
		zeros += big[i] == 0;
	EXPECT_TRUE(zeros > 800 && zeros < 1600);
}

TEST(registers, ids_of_threads_and_processes)
{
	EXPECT_EQ(syscall(SYS_gettid), getpid());
	EXPECT_EQ(syscall(SYS_getpid), getpid());
	EXPECT_EQ(syscall(SYS_getppid), getppid());
	IN_CHILD(EXPECT_EQ(syscall(SYS_gettid), syscall(SYS_getpid)));
}
