/* SPDX-License-Identifier: MIT */
/* close, dup3, close_range: limits, flags, what is shared and what is not after each. */
#include "harness.h"
#include <linux/close_range.h>
#include <sched.h>
#include <sys/resource.h>

static long range(unsigned first, unsigned last, unsigned flags)
{
	return syscall(SYS_close_range, first, last, flags);
}

static void open_to(int upto)
{
	while (open("/dev/null", O_RDONLY) < upto)
		;
}

static void there(const char *what)
{
	char text[64] = "";

	for (int i = 3; i < 13; i++) {
		int f = fcntl(i, F_GETFD);

		text[i - 3] = f < 0 ? '.' : f ? 'c' : 'o';
	}
	note("%s: %s", what, text);
}

TEST(closing, ranges)
{
	open_to(12);
	there("all");
	SHOW(range(5, 4, 0));
	SHOW(range(5, 6, 1));
	SHOW(range(5, 6, 8));
	SHOW(range(5, 6, 0));
	there("5-6");
	SHOW(range(5, 7, CLOSE_RANGE_CLOEXEC));
	there("5-7 at exec");
	SHOW(range(11, ~0u, 0));
	there("11 on");
	SHOW(range(1000, 2000, 0));
	SHOW(range(~0u, ~0u, 0));
	SHOW(range(3, ~0u, CLOSE_RANGE_CLOEXEC | CLOSE_RANGE_UNSHARE));
	there("the rest at exec");
}

TEST(closing, unshare)
{
	pid_t pid;

	open_to(12);
	pid = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL, NULL);
	if (pid == 0) {
		range(5, 6, CLOSE_RANGE_UNSHARE);
		there("its own table");
		_exit(0);
	}
	EXPECT_CHILD_OK(pid);
	there("the parent's");
	pid = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL, NULL);
	if (pid == 0) {
		range(5, 6, 0);
		_exit(0);
	}
	EXPECT_CHILD_OK(pid);
	there("shared");
}

TEST(closing, dup)
{
	struct rlimit r = { 20, 20 };

	SHOW(dup(-1));
	SHOW(dup(99));
	SHOW(dup3(0, 0, 0));
	SHOW(dup3(0, 5, 1));
	SHOW(dup3(0, 5, O_CLOEXEC));
	SHOW(fcntl(5, F_GETFD));
	SHOW(dup3(5, 6, 0));
	SHOW(fcntl(6, F_GETFD));
	SHOW(dup2(5, 5));
	SHOW(dup2(99, 99));
	SHOW(dup2(99, 5));
	SHOW(fcntl(5, F_GETFD));
	SHOW(dup2(0, -1));
	REQUIRE_OK(setrlimit(RLIMIT_NOFILE, &r));
	SHOW(dup2(0, 20));
	SHOW(dup2(0, 19));
	SHOW(dup3(0, 20, 0));
	SHOW(dup3(99, 20, 0));
	SHOW(close(-1));
	SHOW(close(99));
	SHOW(close(19));
	SHOW(close(19));
}
