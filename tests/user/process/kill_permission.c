/* SPDX-License-Identifier: MIT */
/* Who may signal whom, and what kill(2) refuses. */
#include "../harness.h"
#include "util.h"

static pid_t target_as(uid_t real, uid_t effective, uid_t saved)
{
	struct gate ready = gate_make();
	pid_t pid = fork();

	if (pid == 0) {
		if (syscall(SYS_setresuid, real, effective, saved))
			_exit(1);
		gate_open(&ready);
		for (;;)
			pause();
	}
	gate_wait(&ready);
	return pid;
}

static void try(const char *what, uid_t tr, uid_t te, uid_t ts, uid_t r, uid_t e, uid_t s)
{
	pid_t target = target_as(tr, te, ts), pid;

	CHILD(pid) {
		EXPECT_OK(syscall(SYS_setresuid, r, e, s));
		note("%s: %s", what, RESULT(kill(target, 0)));
	}
	EXPECT_CHILD_OK(pid);
	kill(target, SIGKILL);
	child_status(target);
}

TEST(kill_permission, the_senders_real_or_effective_must_equal_real_or_saved)
{
	try("same user", 10, 10, 10, 10, 10, 10);
	try("other user", 10, 10, 10, 11, 11, 11);
	try("root to user", 10, 10, 10, 0, 0, 0);
	try("user to root", 0, 0, 0, 10, 10, 10);
	try("sender's real is target's real", 10, 12, 12, 10, 11, 11);
	try("sender's effective is target's real", 10, 12, 12, 11, 10, 11);
	try("sender's saved is target's real", 10, 12, 12, 11, 11, 10);
	try("sender's real is target's effective only", 12, 10, 13, 10, 10, 10);
	try("sender's real is target's saved", 12, 13, 10, 10, 11, 11);
	try("effective root", 10, 10, 10, 11, 0, 11);
	try("real root only", 10, 10, 10, 0, 11, 11);
}

TEST(kill_permission, arguments)
{
	pid_t gone;

	CHILD(gone)
		;
	child_status(gone);
	EXPECT_ERRNO(kill(gone, 0), ESRCH);
	EXPECT_ERRNO(kill(gone, SIGTERM), ESRCH);
	EXPECT_ERRNO(kill(-gone, SIGTERM), ESRCH);
	EXPECT_ERRNO(kill(getpid(), 65), EINVAL);
	EXPECT_ERRNO(kill(getpid(), -1), EINVAL);
	EXPECT_ERRNO(kill(gone, 65), ESRCH);
	EXPECT_ERRNO(kill(0x7fffffff, 0), ESRCH);
	EXPECT_ERRNO(kill((int)0x80000000, 0), ESRCH);
	EXPECT_OK(kill(getpid(), 0));
	EXPECT_OK(kill(0, 0));
	EXPECT_OK(kill(1, 0));
}

TEST(kill_permission, tgkill_and_tkill_arguments)
{
	EXPECT_ERRNO(syscall(SYS_tgkill, 0, getpid(), 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_tgkill, getpid(), 0, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_tgkill, -1, -1, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_tgkill, getppid(), getpid(), 0), ESRCH);
	EXPECT_ERRNO(syscall(SYS_tgkill, getpid(), getpid(), 65), EINVAL);
	EXPECT_ERRNO(syscall(SYS_tkill, 0, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_tkill, -1, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_tkill, 0x7fffffff, 0), ESRCH);
	EXPECT_OK(syscall(SYS_tgkill, getpid(), getpid(), 0));
	EXPECT_OK(syscall(SYS_tkill, getpid(), 0));
}

TEST(kill_permission, a_group_signal_succeeds_if_one_member_may_be_signalled)
{
	pid_t mine = target_as(10, 10, 10), other = target_as(20, 20, 20);

	EXPECT_OK(setpgid(mine, mine));
	EXPECT_OK(setpgid(other, mine));
	AS_USER(10, 10, EXPECT_OK(kill(-mine, SIGTERM)));
	note("mine %s", status_name(child_status(mine)));
	EXPECT_EQ(waitpid(other, NULL, WNOHANG), 0);
	AS_USER(10, 10, EXPECT_ERRNO(kill(-getpgid(other), SIGTERM), EPERM));
	kill(other, SIGKILL);
	child_status(other);
}

TEST(kill_permission, sigcont_reaches_any_member_of_the_session)
{
	pid_t pid = target_as(10, 10, 10), outsider;

	EXPECT_OK(kill(pid, SIGSTOP));
	EXPECT_TRUE(wait_state(pid, 'T'));
	AS_USER(20, 20,
		EXPECT_ERRNO(kill(pid, SIGTERM), EPERM);
		EXPECT_OK(kill(pid, SIGCONT)));
	CHILD(outsider) {
		setsid();
		harness_become(20, 20);
		EXPECT_ERRNO(kill(pid, SIGCONT), EPERM);
	}
	EXPECT_CHILD_OK(outsider);
	kill(pid, SIGKILL);
	child_status(pid);
}

TEST(kill_permission, minus_one_without_rights_is_eperm_or_esrch)
{
	AS_USER(12345, 12345, note("%s", RESULT(kill(-1, 0))));
}

static volatile sig_atomic_t hits;

static void handler(int number)
{
	(void)number;
	hits++;
}

TEST(kill_permission, a_signal_to_oneself_is_handled_before_kill_returns)
{
	signal(SIGUSR1, handler);
	for (int i = 1; i <= 100; i++) {
		kill(getpid(), SIGUSR1);
		if (hits != i)
			fail("after %d: %d", i, (int)hits);
	}
	note("%d", (int)hits);
}
