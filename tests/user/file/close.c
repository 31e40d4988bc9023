/* SPDX-License-Identifier: MIT */
/* close(2), close_range(2): what is closed, what is not, and what the errors leave alone. */
#include "harness.h"

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC 4
#endif
#ifndef CLOSE_RANGE_UNSHARE
#define CLOSE_RANGE_UNSHARE 2
#endif

static int fds_open(int first, int last)
{
	int count = 0;

	for (int fd = first; fd <= last; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			count++;
	return count;
}

static void make_fds(int first, int last)
{
	for (int fd = first; fd <= last; fd++)
		REQUIRE_OK(dup2(0, fd));
}

TEST(close, bad_fd_is_ebadf_and_changes_nothing)
{
	int before = open_fd_count();

	EXPECT_ERRNO(close(-1), EBADF);
	EXPECT_ERRNO(close(999), EBADF);
	EXPECT_ERRNO(close(0x7fffffff), EBADF);
	EXPECT_EQ(open_fd_count(), before);
}

TEST(close, twice_is_ebadf)
{
	int fd = REQUIRE_OK(open("/", O_RDONLY));

	EXPECT_OK(close(fd));
	EXPECT_ERRNO(close(fd), EBADF);
}

TEST(close, frees_the_lowest_number)
{
	int a = REQUIRE_OK(dup(0)), b = REQUIRE_OK(dup(0));

	EXPECT_EQ(b, a + 1);
	close(a);
	EXPECT_EQ(dup(0), a);
}

TEST(close_range, closes_what_is_in_it_and_nothing_else)
{
	make_fds(20, 30);
	EXPECT_OK(syscall(SYS_close_range, 22, 27, 0));
	EXPECT_EQ(fds_open(20, 21), 2);
	EXPECT_EQ(fds_open(22, 27), 0);
	EXPECT_EQ(fds_open(28, 30), 3);
}

TEST(close_range, holes_and_a_far_end_are_fine)
{
	make_fds(20, 22);
	EXPECT_OK(syscall(SYS_close_range, 40, 50, 0));
	EXPECT_OK(syscall(SYS_close_range, 21, ~0U, 0));
	EXPECT_EQ(fds_open(20, 20), 1);
	EXPECT_EQ(fds_open(21, 60), 0);
}

TEST(close_range, cloexec_marks_instead_of_closing)
{
	make_fds(20, 25);
	EXPECT_OK(syscall(SYS_close_range, 21, 23, CLOSE_RANGE_CLOEXEC));
	for (int fd = 20; fd <= 25; fd++)
		note("fd %d flags %d", fd, fcntl(fd, F_GETFD));
}

TEST(close_range, bad_arguments_are_einval)
{
	make_fds(20, 22);
	EXPECT_ERRNO(syscall(SYS_close_range, 22, 20, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_close_range, 20, 22, 1), EINVAL);
	EXPECT_ERRNO(syscall(SYS_close_range, 20, 22, 0x80), EINVAL);
	EXPECT_EQ(fds_open(20, 22), 3);
}

TEST(close_range, unshare_leaves_the_other_table_alone)
{
	pid_t pid;
	int fd = REQUIRE_OK(dup2(0, 40));

	/* CLONE_FILES without CLONE_VM: a child with a copy of the memory and the same table. */
	pid = syscall(SYS_clone, 0x400 | SIGCHLD, 0, 0, 0, 0);
	if (pid == 0) {
		EXPECT_OK(syscall(SYS_close_range, 40, 40, CLOSE_RANGE_UNSHARE));
		EXPECT_ERRNO(fcntl(40, F_GETFD), EBADF);
		harness_child_exit();
	}
	EXPECT_CHILD_OK(pid);
	EXPECT_OK(fcntl(fd, F_GETFD));
	pid = syscall(SYS_clone, 0x400 | SIGCHLD, 0, 0, 0, 0);
	if (pid == 0) {
		EXPECT_OK(syscall(SYS_close_range, 40, 40, 0));
		harness_child_exit();
	}
	EXPECT_CHILD_OK(pid);
	EXPECT_ERRNO(fcntl(fd, F_GETFD), EBADF);
}
