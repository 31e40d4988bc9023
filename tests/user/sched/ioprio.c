/* SPDX-License-Identifier: MIT */
/* ioprio_get and ioprio_set: values, inheritance, groups, rights. */
#include "../harness.h"
#include <sys/syscall.h>
#include <sys/wait.h>

#define VALUE(class, level) ((class) << 13 | (level))
enum { PROCESS = 1, PGRP, USER };

static long get(int which, int who)
{
	return syscall(SYS_ioprio_get, which, who);
}

static long set(int which, int who, int value)
{
	return syscall(SYS_ioprio_set, which, who, value);
}

TEST(ioprio, values_that_are_accepted_and_refused)
{
	note("at first %ld", get(PROCESS, 0));
	EXPECT_OK(set(PROCESS, 0, VALUE(2, 6)));
	EXPECT_TRUE(get(PROCESS, 0) == VALUE(2, 6));
	EXPECT_TRUE(get(PROCESS, getpid()) == VALUE(2, 6));
	/* What lies between level and class are hints for the device. */
	EXPECT_OK(set(PROCESS, 0, VALUE(2, 8)));
	note("with a hint %ld", get(PROCESS, 0));
	EXPECT_OK(set(PROCESS, 0, VALUE(1, 0x1ff7)));
	note("with all hints %ld", get(PROCESS, 0));
	note("hint without a class %ld", set(PROCESS, 0, VALUE(0, 8)));
	note("bits above the class %ld", set(PROCESS, 0, VALUE(2, 6) | 1 << 16));
	note("then %ld", get(PROCESS, 0));
	EXPECT_OK(set(PROCESS, 0, VALUE(2, 6)));
	EXPECT_ERRNO(set(PROCESS, 0, VALUE(4, 0)), EINVAL);
	EXPECT_ERRNO(set(PROCESS, 0, VALUE(0, 1)), EINVAL);
	EXPECT_ERRNO(set(PROCESS, 0, -1), EINVAL);
	EXPECT_TRUE(get(PROCESS, 0) == VALUE(2, 6));
	EXPECT_OK(set(PROCESS, 0, VALUE(3, 0)));
	EXPECT_OK(set(PROCESS, 0, VALUE(3, 7)));
	EXPECT_TRUE(get(PROCESS, 0) == VALUE(3, 7));
	EXPECT_OK(set(PROCESS, 0, VALUE(1, 0)));
	EXPECT_TRUE(get(PROCESS, 0) == VALUE(1, 0));
	EXPECT_OK(set(PROCESS, 0, 0));
	note("back %ld", get(PROCESS, 0));
}

TEST(ioprio, bad_selectors)
{
	EXPECT_ERRNO(get(0, 0), EINVAL);
	EXPECT_ERRNO(get(4, 0), EINVAL);
	EXPECT_ERRNO(set(0, 0, VALUE(2, 4)), EINVAL);
	EXPECT_ERRNO(get(PROCESS, 0x3fffffff), ESRCH);
	EXPECT_ERRNO(set(PROCESS, 0x3fffffff, VALUE(2, 4)), ESRCH);
	EXPECT_ERRNO(get(PGRP, 0x3fffffff), ESRCH);
	EXPECT_ERRNO(get(USER, 4242), ESRCH);
	EXPECT_ERRNO(set(0, 0, VALUE(4, 0)), EINVAL);
}

TEST(ioprio, children_inherit_and_a_group_shows_its_best)
{
	int to[2], from[2], status;
	pid_t pid;
	char c;

	REQUIRE_OK(pipe(to));
	REQUIRE_OK(pipe(from));
	setpgid(0, 0);
	EXPECT_OK(set(PROCESS, 0, VALUE(2, 5)));
	pid = REQUIRE_OK(fork());
	if (pid == 0) {
		c = get(PROCESS, 0) == VALUE(2, 5);
		set(PROCESS, 0, VALUE(2, 2));
		write(from[1], &c, 1);
		read(to[0], &c, 1);
		_exit(get(PROCESS, 0) == VALUE(2, 7) ? 7 : 1);
	}
	read(from[0], &c, 1);
	EXPECT_TRUE(c == 1);
	EXPECT_TRUE(get(PROCESS, pid) == VALUE(2, 2));
	EXPECT_TRUE(get(PROCESS, 0) == VALUE(2, 5));
	EXPECT_TRUE(get(PGRP, 0) == VALUE(2, 2));
	EXPECT_OK(set(PGRP, 0, VALUE(2, 7)));
	EXPECT_TRUE(get(PGRP, getpgrp()) == VALUE(2, 7));
	write(to[1], "x", 1);
	waitpid(pid, &status, 0);
	note("child %d", WEXITSTATUS(status));
	EXPECT_OK(set(PROCESS, 0, 0));
}

TEST(ioprio, others_need_the_right)
{
	int pipefd[2], status;
	pid_t pid;
	char c;

	REQUIRE_OK(pipe(pipefd));
	pid = REQUIRE_OK(fork());
	if (pid == 0) {
		setresuid(1000, 1000, 1000);
		long ret = set(PROCESS, 0, VALUE(1, 4));

		note("real time: %ld errno %d", ret, errno);
		note("best effort: %ld", set(PROCESS, 0, VALUE(2, 1)));
		note("idle: %ld", set(PROCESS, 0, VALUE(3, 0)));
		ret = set(PROCESS, getppid(), VALUE(2, 4));
		note("another's: %ld errno %d", ret, errno);
		note("another's can be read: %d", get(PROCESS, getppid()) >= 0);
		note("the user's: %ld", get(USER, 0));
		fflush(stdout);
		_exit(3);
	}
	close(pipefd[1]);
	read(pipefd[0], &c, 1);
	waitpid(pid, &status, 0);
	note("child %d", WEXITSTATUS(status));
}
