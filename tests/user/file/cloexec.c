/* SPDX-License-Identifier: MIT */
/* Close on exec: each way to ask for it, and the table after an execve. */
#define HARNESS_EXEC show_table
#include "harness.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>

/* The program after execve: which descriptors of 3..40 are open? */
static int show_table(int argc, char **argv)
{
	for (int fd = 3; fd <= 40; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			note("%s: open %d flags %d", argv[1] + 1, fd, fcntl(fd, F_GETFD));
	return argc == 2 ? 0 : 1;
}

static void run_self(char *mark)
{
	char *argv[] = { "cloexec", mark, NULL }, *envp[] = { NULL };

	execve("/proc/self/exe", argv, envp);
	fail("execve: %s", errno_name(errno));
}

TEST(cloexec, exec_closes_the_marked_and_keeps_the_others)
{
	pid_t pid;

	CHILD(pid) {
		dup2(0, 10);
		dup3(0, 11, O_CLOEXEC);
		fcntl(0, F_DUPFD, 12);
		fcntl(0, F_DUPFD_CLOEXEC, 13);
		dup2(11, 14);
		dup2(0, 15);
		fcntl(15, F_SETFD, FD_CLOEXEC);
		run_self("@plain");
	}
	EXPECT_CHILD_OK(pid);
}

TEST(cloexec, every_maker_of_descriptors_can)
{
	int pipes[2];
	pid_t pid;

	CHILD(pid) {
		EXPECT_OK(open("/", O_RDONLY | O_CLOEXEC));
		EXPECT_OK(pipe2(pipes, O_CLOEXEC));
		EXPECT_OK(eventfd(0, EFD_CLOEXEC));
		EXPECT_OK(epoll_create1(EPOLL_CLOEXEC));
		EXPECT_OK(memfd_create("x", MFD_CLOEXEC));
		note("%d open before", open_fd_count());
		run_self("@all");
	}
	EXPECT_CHILD_OK(pid);
}

TEST(cloexec, a_failed_exec_closes_nothing)
{
	char *argv[] = { "x", NULL }, *envp[] = { NULL };
	int fd = fcntl(0, F_DUPFD_CLOEXEC, 20);

	put_file("junk", "not a program at all, and no interpreter line");
	chmod("junk", 0755);
	SHOW(execve("junk", argv, envp));
	SHOW(execve("missing", argv, envp));
	SHOW(fcntl(fd, F_GETFD));
}

TEST(cloexec, fork_keeps_both)
{
	int fd = fcntl(0, F_DUPFD_CLOEXEC, 20);

	IN_CHILD(SHOW(fcntl(fd, F_GETFD)));
}
