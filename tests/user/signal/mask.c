/* SPDX-License-Identifier: MIT */
/* rt_sigprocmask and rt_sigpending: how, sizes, bad pointers, unblocking delivers at once. */
#include "../harness.h"
#include "../process/util.h"

static volatile sig_atomic_t hits;

static void handler(int number)
{
	(void)number;
	hits++;
}

static long change(int how, const void *set, void *old, size_t size)
{
	return syscall(SYS_rt_sigprocmask, how, set, old, size);
}

TEST(mask, block_unblock_set)
{
	uint64_t a = SIGBIT(1) | SIGBIT(2), b = SIGBIT(2) | SIGBIT(3), old = 99;

	EXPECT_OK(change(SIG_BLOCK, &a, &old, 8));
	EXPECT_EQ(old, 0);
	EXPECT_OK(change(SIG_BLOCK, &b, &old, 8));
	EXPECT_EQ(old, 3);
	EXPECT_EQ(raw_mask(SIG_BLOCK, NULL), 7);
	EXPECT_OK(change(SIG_UNBLOCK, &a, NULL, 8));
	EXPECT_EQ(raw_mask(SIG_BLOCK, NULL), 4);
	EXPECT_OK(change(SIG_SETMASK, &a, &old, 8));
	EXPECT_EQ(old, 4);
	EXPECT_EQ(raw_mask(SIG_BLOCK, NULL), 3);
	/* The same memory for both. */
	EXPECT_OK(change(SIG_SETMASK, &b, &b, 8));
	EXPECT_EQ(b, 3);
}

TEST(mask, errors)
{
	uint64_t set = SIGBIT(1), old = 0;

	EXPECT_ERRNO(change(3, &set, NULL, 8), EINVAL);
	EXPECT_ERRNO(change(-1, &set, NULL, 8), EINVAL);
	EXPECT_OK(change(99, NULL, &old, 8));
	EXPECT_ERRNO(change(SIG_BLOCK, &set, NULL, 4), EINVAL);
	EXPECT_ERRNO(change(SIG_BLOCK, &set, NULL, 16), EINVAL);
	EXPECT_ERRNO(change(SIG_BLOCK, NULL, NULL, 7), EINVAL);
	EXPECT_ERRNO(change(SIG_BLOCK, wild(8), NULL, 8), EFAULT);
	EXPECT_EQ(raw_mask(SIG_BLOCK, NULL), 0);
	EXPECT_ERRNO(change(SIG_BLOCK, &set, wild(8), 8), EFAULT);
	note("after EFAULT %#llx", (long long)raw_mask(SIG_BLOCK, NULL));
	EXPECT_OK(change(SIG_BLOCK, NULL, NULL, 8));
}

TEST(mask, kill_and_stop_cannot_be_blocked)
{
	uint64_t all = ~0ULL;

	EXPECT_OK(change(SIG_SETMASK, &all, NULL, 8));
	note("%#llx", (long long)raw_mask(SIG_BLOCK, NULL));
}

TEST(mask, unblocking_delivers_before_the_call_returns)
{
	uint64_t set = SIGBIT(SIGUSR1), none = 0;

	signal(SIGUSR1, handler);
	for (int i = 0; i < 10; i++) {
		change(SIG_BLOCK, &set, NULL, 8);
		raise(SIGUSR1);
		EXPECT_EQ(hits, i);
		change(i & 1 ? SIG_UNBLOCK : SIG_SETMASK, i & 1 ? &set : &none, NULL, 8);
		EXPECT_EQ(hits, i + 1);
	}
}

TEST(mask, pending)
{
	uint64_t set = SIGBIT(SIGUSR1) | SIGBIT(60), got = 99;
	unsigned char small[8] = { 0 };

	change(SIG_BLOCK, &set, NULL, 8);
	EXPECT_EQ(raw_pending(), 0);
	raise(SIGUSR1);
	raise(60);
	EXPECT_OK(syscall(SYS_rt_sigpending, &got, 8));
	EXPECT_EQ(got, set);
	EXPECT_ERRNO(syscall(SYS_rt_sigpending, &got, 16), EINVAL);
	EXPECT_ERRNO(syscall(SYS_rt_sigpending, wild(8), 8), EFAULT);
	/* A shorter size is allowed: the first bytes. */
	EXPECT_OK(syscall(SYS_rt_sigpending, small, 4));
	note("%02x %02x %02x %02x %02x", small[0], small[1], small[2], small[3], small[4]);
	EXPECT_OK(syscall(SYS_rt_sigpending, small, 0));
}

TEST(mask, survives_exec_and_fork)
{
	uint64_t set = SIGBIT(SIGUSR1) | SIGBIT(50);

	change(SIG_BLOCK, &set, NULL, 8);
	IN_CHILD(
		EXPECT_EQ(raw_mask(SIG_BLOCK, NULL), set);
		char *line = strstr(get_file("/proc/self/status"), "SigBlk:");
		note("%.*s", line ? (int)strcspn(line, "\n") : 0, line));
}

static uint64_t wanted;

static void longjmp_free(int number)
{
	(void)number;
	wanted = raw_mask(SIG_BLOCK, NULL);
	uint64_t more = SIGBIT(SIGTERM);

	/* A change inside a handler ends with the handler. */
	change(SIG_BLOCK, &more, NULL, 8);
}

TEST(mask, a_change_in_a_handler_is_undone_by_its_return)
{
	signal(SIGUSR1, longjmp_free);
	raise(SIGUSR1);
	note("inside %#llx after %#llx", (long long)wanted, (long long)raw_mask(SIG_BLOCK, NULL));
}
