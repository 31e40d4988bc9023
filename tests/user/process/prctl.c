/* SPDX-License-Identifier: MIT */
/* prctl(2): names, dumpable, no_new_privs, timer slack, parent-death signal, and unknown options. */
#include "../harness.h"
#include "util.h"
#include <pthread.h>
#include <sys/prctl.h>

TEST(prctl, names_are_cut_to_fifteen_bytes)
{
	char name[17];

	EXPECT_OK(prctl(PR_SET_NAME, "0123456789abcdefgh"));
	memset(name, '#', sizeof(name));
	EXPECT_OK(prctl(PR_GET_NAME, name));
	note("\"%s\" byte 16 %c", name, name[16]);
	note("comm %s", strtok(get_file("/proc/self/comm"), "\n"));
	EXPECT_OK(prctl(PR_SET_NAME, ""));
	EXPECT_OK(prctl(PR_GET_NAME, name));
	note("\"%s\"", name);
	EXPECT_OK(prctl(PR_SET_NAME, "odd) (name\t1"));
	note("stat %d", strstr(get_file("/proc/self/stat"), "(odd) (name\t1) ") != NULL);
	EXPECT_ERRNO(prctl(PR_SET_NAME, wild(8)), EFAULT);
	EXPECT_ERRNO(prctl(PR_GET_NAME, wild(8)), EFAULT);
}

TEST(prctl, writing_comm_renames)
{
	char name[17];
	int fd = REQUIRE_OK(open("/proc/self/comm", O_WRONLY));

	write_all(fd, "written-by-file-and-long", 24);
	EXPECT_OK(prctl(PR_GET_NAME, name));
	note("\"%s\"", name);
}

static void *names_itself(void *arg)
{
	prctl(PR_SET_NAME, "thread");
	prctl(PR_GET_NAME, arg);
	return NULL;
}

TEST(prctl, names_are_per_thread_and_inherited)
{
	char name[17], other[17];
	pthread_t thread;

	prctl(PR_SET_NAME, "leader");
	pthread_create(&thread, NULL, names_itself, other);
	pthread_join(thread, NULL);
	prctl(PR_GET_NAME, name);
	note("%s %s", name, other);
	IN_CHILD(prctl(PR_GET_NAME, name); note("child %s", name));
}

TEST(prctl, dumpable)
{
	EXPECT_EQ(prctl(PR_GET_DUMPABLE), 1);
	EXPECT_OK(prctl(PR_SET_DUMPABLE, 0));
	EXPECT_EQ(prctl(PR_GET_DUMPABLE), 0);
	EXPECT_ERRNO(prctl(PR_SET_DUMPABLE, 2), EINVAL);
	EXPECT_ERRNO(prctl(PR_SET_DUMPABLE, 3), EINVAL);
	EXPECT_ERRNO(prctl(PR_SET_DUMPABLE, -1), EINVAL);
	IN_CHILD(EXPECT_EQ(prctl(PR_GET_DUMPABLE), 0));
	EXPECT_OK(prctl(PR_SET_DUMPABLE, 1));
	IN_CHILD(
		EXPECT_OK(setresuid(5, 5, 5));
		EXPECT_EQ(prctl(PR_GET_DUMPABLE), 0));
}

TEST(prctl, no_new_privs_is_a_one_way_street)
{
	EXPECT_EQ(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 0);
	EXPECT_ERRNO(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0), EINVAL);
	EXPECT_ERRNO(prctl(PR_SET_NO_NEW_PRIVS, 1, 1, 0, 0), EINVAL);
	EXPECT_ERRNO(prctl(PR_GET_NO_NEW_PRIVS, 1, 0, 0, 0), EINVAL);
	EXPECT_OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	EXPECT_EQ(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
	EXPECT_ERRNO(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0), EINVAL);
	IN_CHILD(EXPECT_EQ(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1));
}

TEST(prctl, timer_slack)
{
	EXPECT_EQ(prctl(PR_GET_TIMERSLACK), 50000);
	EXPECT_OK(prctl(PR_SET_TIMERSLACK, 1));
	EXPECT_EQ(prctl(PR_GET_TIMERSLACK), 1);
	IN_CHILD(
		EXPECT_EQ(prctl(PR_GET_TIMERSLACK), 1);
		EXPECT_OK(prctl(PR_SET_TIMERSLACK, 77));
		EXPECT_OK(prctl(PR_SET_TIMERSLACK, 0));
		EXPECT_EQ(prctl(PR_GET_TIMERSLACK), 1));
	EXPECT_OK(prctl(PR_SET_TIMERSLACK, 0));
	EXPECT_EQ(prctl(PR_GET_TIMERSLACK), 50000);
}

TEST(prctl, subreaper_flag)
{
	int value = 7;

	EXPECT_OK(prctl(PR_GET_CHILD_SUBREAPER, &value));
	EXPECT_EQ(value, 0);
	EXPECT_OK(prctl(PR_SET_CHILD_SUBREAPER, 5));
	EXPECT_OK(prctl(PR_GET_CHILD_SUBREAPER, &value));
	EXPECT_EQ(value, 1);
	IN_CHILD(EXPECT_OK(prctl(PR_GET_CHILD_SUBREAPER, &value)); EXPECT_EQ(value, 0));
	EXPECT_ERRNO(prctl(PR_GET_CHILD_SUBREAPER, wild(8)), EFAULT);
}

TEST(prctl, options_that_do_not_exist)
{
	static const int unknown[] = { 0, 9999, -1, 0x7fffffff };

	for (size_t i = 0; i < ARRAY_SIZE(unknown); i++)
		note("%d: %s", unknown[i], RESULT(prctl(unknown[i], 0, 0, 0, 0)));
	note("PDEATHSIG 65: %s", RESULT(prctl(PR_SET_PDEATHSIG, 65)));
	note("GET_PDEATHSIG at 8: %s", RESULT(prctl(PR_GET_PDEATHSIG, wild(8))));
	note("GET_TIMING: %s", RESULT(prctl(PR_GET_TIMING)));
	note("SET_TIMING 1: %s", RESULT(prctl(PR_SET_TIMING, 1)));
	note("GET_SECCOMP: %s", RESULT(prctl(PR_GET_SECCOMP)));
	note("GET_TID_ADDRESS at 8: %s", RESULT(prctl(PR_GET_TID_ADDRESS, wild(8))));
	note("GET_THP_DISABLE: %s", RESULT(prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0)));
	note("SET_THP_DISABLE extra: %s", RESULT(prctl(PR_SET_THP_DISABLE, 1, 1, 0, 0)));
	note("SET_THP_DISABLE: %s", RESULT(prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0)));
	note("GET_THP_DISABLE: %s", RESULT(prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0)));
}
