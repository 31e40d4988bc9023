/* SPDX-License-Identifier: MIT */
/* FIFOs: who waits for whom at open, and what it is afterwards. */
#include "harness.h"
#include <poll.h>

TEST(fifo, open_waits_for_the_other_side)
{
	char byte = 0;
	pid_t pid;
	int fd;

	EXPECT_OK(mkfifo("p", 0600));
	CHILD(pid) {
		int w = open("p", O_WRONLY);

		EXPECT_OK(w);
		write_all(w, "x", 1);
	}
	wait_state(pid, 'S');
	fd = REQUIRE_OK(open("p", O_RDONLY));
	SHOW(read(fd, &byte, 1));
	EXPECT_CHILD_OK(pid);
	SHOW(read(fd, &byte, 1));
}

TEST(fifo, a_reader_waits_for_a_writer)
{
	pid_t pid;
	int fd;

	EXPECT_OK(mkfifo("p", 0600));
	CHILD(pid)
		EXPECT_OK(open("p", O_RDONLY));
	wait_state(pid, 'S');
	fd = REQUIRE_OK(open("p", O_WRONLY));
	EXPECT_CHILD_OK(pid);
	close(fd);
}

TEST(fifo, nonblocking_opens)
{
	char byte;
	int r, w;

	EXPECT_OK(mkfifo("p", 0600));
	SHOW(open("p", O_WRONLY | O_NONBLOCK));
	r = REQUIRE_OK(open("p", O_RDONLY | O_NONBLOCK));
	SHOW(read(r, &byte, 1));
	w = REQUIRE_OK(open("p", O_WRONLY | O_NONBLOCK));
	SHOW(read(r, &byte, 1));
	write_all(w, "x", 1);
	SHOW(read(r, &byte, 1));
	close(w);
	SHOW(read(r, &byte, 1));
}

TEST(fifo, read_write_never_waits)
{
	char byte;
	int fd;

	EXPECT_OK(mkfifo("p", 0600));
	fd = REQUIRE_OK(open("p", O_RDWR));
	write_all(fd, "x", 1);
	SHOW(read(fd, &byte, 1));
	fcntl(fd, F_SETFL, O_NONBLOCK);
	SHOW(read(fd, &byte, 1));
	SHOW(open("p", O_WRONLY | O_NONBLOCK) >= 0);
}

TEST(fifo, contents_vanish_with_the_last_descriptor)
{
	char byte;
	int fd;

	EXPECT_OK(mkfifo("p", 0600));
	fd = open("p", O_RDWR);
	write_all(fd, "x", 1);
	close(fd);
	fd = open("p", O_RDWR | O_NONBLOCK);
	SHOW(read(fd, &byte, 1));
}

TEST(fifo, the_name_can_go_and_the_pipe_stays)
{
	char byte;
	int r, w;

	EXPECT_OK(mkfifo("p", 0600));
	r = open("p", O_RDONLY | O_NONBLOCK);
	w = open("p", O_WRONLY);
	EXPECT_OK(unlink("p"));
	write_all(w, "x", 1);
	SHOW(read(r, &byte, 1));
}

TEST(fifo, two_links_are_one_pipe)
{
	char byte = 0;
	int r, w;

	EXPECT_OK(mkfifo("p", 0600));
	EXPECT_OK(link("p", "q"));
	r = open("p", O_RDONLY | O_NONBLOCK);
	w = open("q", O_WRONLY);
	write_all(w, "x", 1);
	SHOW(read(r, &byte, 1));
}

TEST(fifo, operations_that_pipes_lack)
{
	struct stat st;
	int fd;

	EXPECT_OK(mkfifo("p", 0600));
	fd = open("p", O_RDWR);
	SHOW(lseek(fd, 0, SEEK_SET));
	SHOW(ftruncate(fd, 0));
	SHOW(fsync(fd));
	SHOW(pread(fd, &st, 1, 0));
	SHOW(mkfifo("p", 0600));
	SHOW(open("p", O_RDONLY | O_DIRECTORY));
	SHOW(open("p", O_RDWR | O_TRUNC) >= 0);
	fstat(fd, &st);
	note("size %lld nlink %lu", (long long)st.st_size, (unsigned long)st.st_nlink);
}

static void nothing(int number)
{
	(void)number;
}

TEST(fifo, a_signal_ends_a_waiting_open)
{
	pid_t pid;

	EXPECT_OK(mkfifo("p", 0600));
	CHILD(pid) {
		struct sigaction action = { .sa_handler = nothing };

		sigaction(SIGUSR1, &action, NULL);
		SHOW(open("p", O_RDONLY));
	}
	wait_state(pid, 'S');
	kill(pid, SIGUSR1);
	EXPECT_CHILD_OK(pid);
}

TEST(fifo, poll_of_a_reader_before_during_and_after_a_writer)
{
	struct pollfd p;
	char byte;
	int w;

	EXPECT_OK(mkfifo("p", 0600));
	p = (struct pollfd){ open("p", O_RDONLY | O_NONBLOCK), POLLIN, 0 };
	note_poll("before", &p, 0);
	w = open("p", O_WRONLY);
	note_poll("open", &p, 0);
	write_all(w, "x", 1);
	note_poll("data", &p, 0);
	close(w);
	note_poll("closed with data", &p, 0);
	EXPECT_EQ(read(p.fd, &byte, 1), 1);
	note_poll("closed", &p, 0);
	w = open("p", O_WRONLY);
	note_poll("open again", &p, 0);
}
