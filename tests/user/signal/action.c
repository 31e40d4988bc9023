/* SPDX-License-Identifier: MIT */
/* sigaction(2): every flag, the mask during a handler, and what cannot be changed. */
#include "../harness.h"
#include "../process/util.h"

static volatile sig_atomic_t hits, depth, deepest;
static volatile uint64_t mask_inside;
static volatile bool again;

static void handler(int number)
{
	hits++;
	mask_inside = raw_mask(SIG_BLOCK, NULL);
	if (++depth > deepest)
		deepest = depth;
	if (again) {
		again = false;
		raise(number);
	}
	depth--;
}

static void install(int number, int flags, uint64_t mask)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

	memcpy(&action.sa_mask, &mask, sizeof(mask));
	EXPECT_OK(sigaction(number, &action, NULL));
}

TEST(action, the_signal_and_the_mask_are_blocked_in_the_handler)
{
	install(SIGUSR1, 0, SIGBIT(SIGUSR2) | SIGBIT(SIGTERM));
	raise(SIGUSR1);
	note("inside %#llx", (long long)mask_inside);
	note("after %#llx", (long long)raw_mask(SIG_BLOCK, NULL));
	install(SIGUSR1, 0, ~0ULL);
	raise(SIGUSR1);
	/* glibc keeps its own two signals out of the mask; KILL and STOP stay out by the kernel. */
	EXPECT_EQ(mask_inside & (SIGBIT(SIGKILL) | SIGBIT(SIGSTOP)), 0);
	EXPECT_TRUE(mask_inside & SIGBIT(SIGTERM));
}

TEST(action, nodefer_leaves_it_open)
{
	install(SIGUSR1, SA_NODEFER, SIGBIT(SIGUSR2));
	again = true;
	raise(SIGUSR1);
	note("inside %#llx depth %d", (long long)mask_inside, (int)deepest);
	deepest = 0;
	install(SIGUSR1, 0, 0);
	again = true;
	raise(SIGUSR1);
	note("without: depth %d hits %d", (int)deepest, (int)hits);
}

TEST(action, nodefer_with_itself_in_the_mask_blocks_it)
{
	install(SIGUSR1, SA_NODEFER, SIGBIT(SIGUSR1));
	again = true;
	raise(SIGUSR1);
	note("depth %d hits %d", (int)deepest, (int)hits);
}

TEST(action, resethand_works_once)
{
	struct sigaction got;

	install(SIGUSR1, SA_RESETHAND, 0);
	raise(SIGUSR1);
	sigaction(SIGUSR1, NULL, &got);
	note("hits %d then %s flags %#x", (int)hits, got.sa_handler == SIG_DFL ? "default" : "kept",
	     (unsigned int)got.sa_flags & ~0x04000000);
	IN_CHILD(
		pid_t pid;
		CHILD(pid)
			raise(SIGUSR1);
		note("%s", status_name(child_status(pid))));
}

TEST(action, flags_are_read_back)
{
	static const int flags[] = { SA_NOCLDSTOP, SA_NOCLDWAIT, SA_SIGINFO, SA_ONSTACK, SA_RESTART,
				     SA_NODEFER, (int)SA_RESETHAND };
	struct sigaction got;

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		install(SIGUSR1, flags[i], 0);
		sigaction(SIGUSR1, NULL, &got);
		EXPECT_EQ((unsigned int)got.sa_flags & ~0x04000000, (unsigned int)flags[i]);
		EXPECT_TRUE(got.sa_handler == handler);
	}
}

/* What the kernel takes: both architectures have the restorer's place, arm64 without using it. */
struct raw_action {
	void (*handler)(int);
	unsigned long flags;
	void (*restorer)(void);
	uint64_t mask;
};

static long raw_action(int number, const struct raw_action *new, struct raw_action *old, size_t size)
{
	return syscall(SYS_rt_sigaction, number, new, old, size);
}

#define RAW(h, f, m) { .handler = (h), .flags = (f), .mask = (m) }

TEST(action, raw_call_errors)
{
	struct raw_action action = RAW(SIG_IGN, 0, 0), got;

	EXPECT_ERRNO(raw_action(0, &action, NULL, 8), EINVAL);
	EXPECT_ERRNO(raw_action(65, &action, NULL, 8), EINVAL);
	EXPECT_ERRNO(raw_action(-1, &action, NULL, 8), EINVAL);
	EXPECT_ERRNO(raw_action(SIGKILL, &action, NULL, 8), EINVAL);
	EXPECT_ERRNO(raw_action(SIGSTOP, &action, NULL, 8), EINVAL);
	EXPECT_OK(raw_action(SIGKILL, NULL, &got, 8));
	EXPECT_TRUE(got.handler == SIG_DFL);
	EXPECT_ERRNO(raw_action(SIGUSR1, &action, NULL, 4), EINVAL);
	EXPECT_ERRNO(raw_action(SIGUSR1, &action, NULL, 16), EINVAL);
	EXPECT_ERRNO(raw_action(SIGUSR1, wild(8), NULL, 8), EFAULT);
	EXPECT_ERRNO(raw_action(SIGUSR1, NULL, wild(8), 8), EFAULT);
	/* The new action is installed although the old one could not be stored. */
	EXPECT_ERRNO(raw_action(SIGUSR2, &action, wild(8), 8), EFAULT);
	EXPECT_OK(raw_action(SIGUSR2, NULL, &got, 8));
	note("after EFAULT: %s", got.handler == SIG_IGN ? "installed" : "not installed");
	EXPECT_OK(raw_action(SIGUSR1, NULL, NULL, 8));
}

TEST(action, kill_and_stop_are_taken_out_of_the_mask)
{
	struct raw_action action = RAW(SIG_IGN, 0, ~0ULL), got;

	EXPECT_OK(raw_action(SIGUSR1, &action, NULL, 8));
	EXPECT_OK(raw_action(SIGUSR1, NULL, &got, 8));
	note("%#llx", (long long)got.mask);
}

TEST(action, unknown_flags_are_cleared)
{
	struct raw_action action = RAW(SIG_IGN, 0xffffffffUL & ~0x04000000UL, 0), got;

	EXPECT_OK(raw_action(SIGUSR1, &action, NULL, 8));
	EXPECT_OK(raw_action(SIGUSR1, NULL, &got, 8));
	note("%#lx", got.flags);
}

TEST(action, ignoring_discards_what_is_pending)
{
	uint64_t set = SIGBIT(SIGUSR1) | SIGBIT(SIGCHLD) | SIGBIT(40);

	raw_mask(SIG_BLOCK, &set);
	raise(SIGUSR1);
	kill(getpid(), SIGCHLD);
	sigqueue(getpid(), 40, (union sigval){ .sival_int = 1 });
	EXPECT_EQ(raw_pending(), set);
	signal(SIGUSR1, SIG_IGN);
	note("USR1 ignored: %#llx", (long long)raw_pending());
	signal(SIGCHLD, SIG_DFL);
	note("CHLD default: %#llx", (long long)raw_pending());
	signal(40, SIG_IGN);
	note("RT ignored: %#llx", (long long)raw_pending());
	raise(SIGUSR1);
	note("ignored and blocked: %#llx", (long long)raw_pending());
}

TEST(action, all_64_can_be_caught)
{
	int caught = 0;

	for (int i = 1; i <= 64; i++) {
		if (i == SIGKILL || i == SIGSTOP || i == 32 || i == 33)
			continue;
		if (signal(i, handler) == SIG_ERR)
			fail("signal(%d)", i);
		hits = 0;
		if (syscall(SYS_tgkill, getpid(), getpid(), i) < 0)
			fail("tgkill %d", i);
		caught += hits;
	}
	note("%d", caught);
}
