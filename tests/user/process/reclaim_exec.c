/* SPDX-License-Identifier: MIT */
/* 1,000 back-to-back fork, exec and wait leave free memory where it was. */
#define HARNESS_EXEC other_main
#define TEST_SECONDS 110
static int other_main(int argc, char **argv);
#include "../harness.h"
#include "util.h"
#include "reclaim.h"

static int other_main(int argc, char **argv)
{
	return argc > 2 ? argv[2][0] - '0' : 0;
}

static void fork_exec_wait(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		execl("/proc/self/exe", "x", "@", NULL);
		_exit(1);
	}
	if (child_status(pid) != 0)
		fail("status");
}

TEST(reclaim, a_thousand_fork_exec_wait)
{
	expect_reclaimed("1000 fork+exec+wait", fork_exec_wait, 50, 1000);
}
