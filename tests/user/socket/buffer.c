/* SPDX-License-Identifier: MIT */
/* How much fits: SO_SNDBUF, SIOCOUTQ, SIOCINQ, writers that wait. What a message counts is what Linux counts on 64 bits. */
#include "../harness.h"
#include "common.h"

static char data[300000];

static int outq(int fd)
{
	int n = -1;

	return ioctl(fd, SIOCOUTQ, &n) < 0 ? -errno : n;
}

static int inq(int fd)
{
	int n = -1;

	return ioctl(fd, FIONREAD, &n) < 0 ? -errno : n;
}

TEST(buffer, counts_of_one_message)
{
	static const int sizes[] = { 1, 100, 192, 193, 704, 705, 1728, 1729, 3776, 3777, 4096, 7872, 7873, 16064, 16065, 32768, 48832, 48833, 65536, 106000 };
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM };

	for (int t = 0; t < 2; t++)
		for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
			int p[2];

			new_pair(types[t], p);
			EXPECT_EQ(write(p[0], data, sizes[i]), sizes[i]);
			note("%d: %d, %d to read", sizes[i], outq(p[0]), inq(p[1]));
			close(p[0]);
			close(p[1]);
		}
}

TEST(buffer, how_many_fit)
{
	static const int sizes[] = { 1, 1000, 4096, 10000, 65536 };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		int p[2], n = 0;
		long total = 0;
		ssize_t k;

		new_pair(SOCK_STREAM, p);
		set_nonblock(p[0]);
		while ((k = write(p[0], data, sizes[i])) > 0) {
			total += k;
			n++;
		}
		note("%d: %d writes, %ld bytes, then %s", sizes[i], n, total, errno_name(errno));
		close(p[0]);
		close(p[1]);
	}
}

TEST(buffer, a_small_buffer)
{
	int p[2], n = 0;

	new_pair(SOCK_STREAM, p);
	REQUIRE_OK(set_int(p[0], SO_SNDBUF, 0));
	set_nonblock(p[0]);
	SHOW(write(p[0], data, 100000));
	while (write(p[0], data, 1) == 1)
		n++;
	note("%d more", n);
	note("%d out, %d in", outq(p[0]), inq(p[1]));
	SHOW(read(p[1], data, sizeof(data)) > 0);
	note("%d out, %d in", outq(p[0]), inq(p[1]));
}

TEST(buffer, what_waits)
{
	int l = listener(SOCK_STREAM, "@waits", 1), p[2], n;

	SHOW(ioctl(l, FIONREAD, &n));
	SHOW(ioctl(l, SIOCOUTQ, &n));
	new_pair(SOCK_STREAM, p);
	write_all(p[0], "abc", 3);
	write_all(p[0], "de", 2);
	note("%d", inq(p[1]));
	EXPECT_EQ(read(p[1], data, 2), 2);
	note("%d", inq(p[1]));
	note("%d", outq(p[0]));
	EXPECT_EQ(read(p[1], data, 1), 1);
	note("%d", outq(p[0]));
	new_pair(SOCK_SEQPACKET, p);
	write_all(p[0], "abc", 3);
	write_all(p[0], "de", 2);
	note("%d", inq(p[1]));
	new_pair(SOCK_DGRAM, p);
	write_all(p[0], "abc", 3);
	write_all(p[0], "de", 2);
	note("%d", inq(p[1]));
	close(p[1]);
	note("%d after the reader closed", outq(p[0]));
	SHOW(ioctl(p[0], 0x8999, &n));
	SHOW(ioctl(p[0], TIOCGWINSZ, data));
	SHOW(ioctl(p[0], FIONREAD, NULL));
}

TEST(buffer, a_blocked_writer_goes_on)
{
	pid_t pid;
	int p[2];
	size_t got = 0;

	new_pair(SOCK_STREAM, p);
	CHILD(pid) {
		close(p[1]);
		EXPECT_EQ(write(p[0], data, 300000), 300000);
	}
	wait_state(pid, 'S');
	close(p[0]);
	while (got < 300000) {
		ssize_t n = read(p[1], data, 4096);

		if (n <= 0)
			break;
		got += n;
	}
	EXPECT_CHILD_OK(pid);
	note("%zu", got);
}

static volatile sig_atomic_t pipes;
static void on_pipe(int sig) { pipes += sig == SIGPIPE; }

TEST(buffer, a_blocked_writer_whose_reader_goes)
{
	pid_t pid;
	int p[2];

	for (int i = 0; i < 2; i++) {
		new_pair(SOCK_STREAM, p);
		set_nonblock(p[0]);
		while (write(p[0], data, 1000) > 0)
			;
		fcntl(p[0], F_SETFL, 0);
		CHILD(pid) {
			signal(SIGPIPE, on_pipe);
			close(p[1]);
			SHOW(write(p[0], data, 1000));
			note("pipe signals %d", (int)pipes);
			SHOW(write(p[0], data, 1000));
			note("pipe signals %d", (int)pipes);
		}
		wait_state(pid, 'S');
		if (i)
			shutdown(p[1], SHUT_RDWR);
		else
			close(p[1]);
		EXPECT_CHILD_OK(pid);
		close(p[0]);
	}
}

TEST(buffer, a_larger_buffer_lets_a_writer_go_on)
{
	int p[2];

	new_pair(SOCK_STREAM, p);
	REQUIRE_OK(set_int(p[0], SO_SNDBUF, 5000));
	set_nonblock(p[0]);
	while (write(p[0], data, 1000) > 0)
		;
	NOTE_POLL(p[0], "full");
	REQUIRE_OK(set_int(p[0], SO_SNDBUF, 100000));
	NOTE_POLL(p[0], "larger");
	SHOW(write(p[0], data, 1000));
}
