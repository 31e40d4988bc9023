/* SPDX-License-Identifier: MIT */
/* dup, dup2, dup3, F_DUPFD: numbers, flags, and the shared open file behind them. */
#include "harness.h"
#include <sys/resource.h>

TEST(dup, takes_the_lowest_number)
{
	int a = REQUIRE_OK(dup(0)), b = REQUIRE_OK(dup(0)), c = REQUIRE_OK(dup(0));

	close(b);
	close(a);
	EXPECT_EQ(dup(0), a);
	EXPECT_EQ(dup(0), b);
	close(c);
	SHOW(dup(-1));
	SHOW(dup(900));
}

TEST(dup, shares_offset_and_status_flags_but_not_cloexec)
{
	int fd = temp_fd(), copy = REQUIRE_OK(dup(fd));

	write_all(fd, "0123456789", 10);
	SHOW(lseek(copy, 0, SEEK_CUR));
	lseek(copy, 3, SEEK_SET);
	SHOW(lseek(fd, 0, SEEK_CUR));
	fcntl(fd, F_SETFL, O_APPEND);
	SHOW((fcntl(copy, F_GETFL) & O_APPEND) != 0);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	SHOW(fcntl(copy, F_GETFD));
	SHOW(fcntl(dup(fd), F_GETFD));
}

TEST(dup, dup2_replaces_and_dup2_on_itself_does_nothing)
{
	int fd = temp_fd();

	SHOW(dup2(fd, 50));
	SHOW(dup2(0, 50));
	SHOW(lseek(50, 0, SEEK_CUR));
	fcntl(50, F_SETFD, FD_CLOEXEC);
	SHOW(dup2(50, 50));
	SHOW(fcntl(50, F_GETFD));
	SHOW(dup2(50, 51));
	SHOW(fcntl(51, F_GETFD));
	SHOW(dup2(-1, 50));
	SHOW(dup2(60, 60));
	SHOW(dup2(60, 50));
	SHOW(fcntl(50, F_GETFD));
	SHOW(dup2(0, -1));
	SHOW(dup2(0, 0x7fffffff));
}

TEST(dup, dup3_flags_and_errors)
{
	SHOW(dup3(0, 50, O_CLOEXEC));
	SHOW(fcntl(50, F_GETFD));
	SHOW(dup3(0, 51, 0));
	SHOW(fcntl(51, F_GETFD));
	SHOW(dup3(50, 50, 0));
	SHOW(dup3(0, 52, O_NONBLOCK));
	SHOW(dup3(0, 52, 1));
	SHOW(dup3(-1, 52, 0));
	SHOW(dup3(0, -1, 0));
	SHOW(dup3(99, 99, 0));
}

TEST(dup, fcntl_dupfd_starts_at_its_argument)
{
	SHOW(fcntl(0, F_DUPFD, 100));
	SHOW(fcntl(0, F_DUPFD, 100));
	SHOW(fcntl(0, F_DUPFD_CLOEXEC, 100));
	SHOW(fcntl(102, F_GETFD));
	SHOW(fcntl(101, F_GETFD));
	SHOW(fcntl(0, F_DUPFD, -1));
	SHOW(fcntl(99, F_DUPFD, 0));
	SHOW(fcntl(0, F_DUPFD, 1 << 30));
}

TEST(dup, the_limit_counts_numbers_not_descriptors)
{
	struct rlimit limit = { 10, 10 };

	setrlimit(RLIMIT_NOFILE, &limit);
	SHOW(dup2(0, 9));
	SHOW(dup2(0, 10));
	SHOW(dup3(0, 10, 0));
	SHOW(fcntl(0, F_DUPFD, 9));
	SHOW(fcntl(0, F_DUPFD, 10));
}

TEST(dup, a_large_number_grows_the_table)
{
	SHOW(dup2(0, 1000));
	SHOW(fcntl(1000, F_GETFD));
	IN_CHILD(SHOW(fcntl(1000, F_GETFD)));
	SHOW(close(1000));
}
