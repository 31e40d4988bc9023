/* SPDX-License-Identifier: MIT */
/* eventfd2(2): the counter, semaphore mode, limits, poll. */
#include "harness.h"
#include <poll.h>
#include <sys/eventfd.h>

static void show(const char *what, int fd)
{
	struct pollfd p = { fd, POLLIN | POLLOUT, 0 };

	note_poll(what, &p, 0);
}

TEST(eventfd, adds_and_is_emptied_by_one_read)
{
	uint64_t value = 7;
	int fd = REQUIRE_OK(eventfd(3, EFD_NONBLOCK));

	show("three", fd);
	SHOW(write(fd, &value, 8));
	SHOW(read(fd, &value, 8));
	SHOW(value);
	show("zero", fd);
	SHOW(read(fd, &value, 8));
	value = 0;
	SHOW(write(fd, &value, 8));
	show("zero added", fd);
}

TEST(eventfd, semaphore_counts_down)
{
	uint64_t value = 0;
	int fd = REQUIRE_OK(eventfd(2, EFD_NONBLOCK | EFD_SEMAPHORE));

	SHOW(read(fd, &value, 8));
	SHOW(value);
	SHOW(read(fd, &value, 8));
	SHOW(value);
	SHOW(read(fd, &value, 8));
}

TEST(eventfd, limits)
{
	uint64_t value = 0xfffffffffffffffeULL, one = 1;
	int fd = REQUIRE_OK(eventfd(0, EFD_NONBLOCK));

	SHOW(write(fd, &value, 8));
	show("full", fd);
	SHOW(write(fd, &one, 8));
	value = ~0ULL;
	SHOW(write(fd, &value, 8));
	SHOW(read(fd, &value, 8));
	SHOW(value == 0xfffffffffffffffeULL);
	SHOW(write(fd, &one, 8));
}

TEST(eventfd, errors)
{
	uint64_t value[2] = { 1, 1 };
	int fd = REQUIRE_OK(eventfd(1, EFD_NONBLOCK));

	SHOW(read(fd, value, 7));
	SHOW(write(fd, value, 7));
	SHOW(write(fd, value, 4));
	SHOW(read(fd, value, 16));
	SHOW(write(fd, value, 16));
	SHOW(read(fd, NULL, 8));
	SHOW(write(fd, (void *)8, 8));
	SHOW(pread(fd, value, 8, 0));
	SHOW(lseek(fd, 0, SEEK_SET));
	SHOW(eventfd(0, 2));
	SHOW(fcntl(eventfd(0, EFD_CLOEXEC), F_GETFD));
}

TEST(eventfd, a_reader_and_a_writer_wait)
{
	uint64_t value = 5, max = 0xfffffffffffffffeULL;
	int fd = REQUIRE_OK(eventfd(0, 0));
	pid_t pid;

	CHILD(pid) {
		SHOW(read(fd, &value, 8));
		SHOW(value);
	}
	wait_state(pid, 'S');
	write_all(fd, &value, 8);
	EXPECT_CHILD_OK(pid);
	write_all(fd, &max, 8);
	CHILD(pid)
		SHOW(write(fd, &value, 8));
	wait_state(pid, 'S');
	EXPECT_EQ(read(fd, &max, 8), 8);
	EXPECT_CHILD_OK(pid);
	EXPECT_EQ(read(fd, &value, 8), 8);
	SHOW(value);
}
