/* SPDX-License-Identifier: MIT */
/* Pipelines as a shell makes them: processes in a row, early exits, inherited ends. */
#include "harness.h"

TEST(chain, ten_filters_in_a_row)
{
	int in[2], out = -1, p[2];
	pid_t pids[10];
	char text[64] = "";
	ssize_t n, used = 0;

	REQUIRE_OK(pipe(in));
	out = in[0];
	for (int i = 0; i < 10; i++) {
		REQUIRE_OK(pipe(p));
		CHILD(pids[i]) {
			char byte;

			close(in[1]);
			close(p[0]);
			while (read(out, &byte, 1) == 1) {
				byte++;
				write_all(p[1], &byte, 1);
			}
		}
		close(out);
		close(p[1]);
		out = p[0];
	}
	write_all(in[1], "ABCDE", 5);
	close(in[1]);
	while ((n = read(out, text + used, sizeof(text) - 1 - used)) > 0)
		used += n;
	note("%s", text);
	for (int i = 0; i < 10; i++)
		EXPECT_CHILD_OK(pids[i]);
}

TEST(chain, a_producer_dies_of_sigpipe_when_the_consumer_leaves)
{
	int p[2];
	pid_t producer, consumer;

	REQUIRE_OK(pipe(p));
	CHILD(producer) {
		close(p[0]);
		for (;;)
			write(p[1], "yes\n", 4);
	}
	CHILD(consumer) {
		char text[8];
		size_t got = 0;
		ssize_t n;

		close(p[1]);
		/* The producer may be between two writes. */
		while (got < 8 && (n = read(p[0], text + got, 8 - got)) > 0)
			got += n;
		EXPECT_EQ(got, 8);
	}
	close(p[0]);
	close(p[1]);
	EXPECT_CHILD_OK(consumer);
	note("producer %s", status_name(child_status(producer)));
}

TEST(chain, two_readers_share_the_bytes)
{
	int p[2], sums[2];
	pid_t pids[2];
	long total = 0, part;

	REQUIRE_OK(pipe(p));
	REQUIRE_OK(pipe(sums));
	for (int i = 0; i < 2; i++) {
		CHILD(pids[i]) {
			unsigned char byte;

			close(p[1]);
			part = 0;
			while (read(p[0], &byte, 1) == 1)
				part += byte;
			write_all(sums[1], &part, sizeof(part));
		}
	}
	close(p[0]);
	for (int i = 0; i < 1000; i++) {
		unsigned char byte = i % 251;

		write_all(p[1], &byte, 1);
		total += byte;
	}
	close(p[1]);
	for (int i = 0; i < 2; i++) {
		EXPECT_CHILD_OK(pids[i]);
		EXPECT_EQ(read(sums[0], &part, sizeof(part)), sizeof(part));
		total -= part;
	}
	note("difference %ld", total);
}

TEST(chain, a_thousand_pipes)
{
	int fds[400][2], opened = 0;
	char byte;

	for (int i = 0; i < 400; i++)
		opened += pipe(fds[i]) == 0;
	note("opened %d", opened);
	for (int i = 0; i < 400; i++)
		write_all(fds[i][1], "x", 1);
	for (int i = 0; i < 400; i++)
		EXPECT_EQ(read(fds[i][0], &byte, 1), 1);
	for (int i = 0; i < 400; i++) {
		close(fds[i][0]);
		close(fds[i][1]);
	}
	note("open %d", open_fd_count());
}

TEST(chain, ping_pong)
{
	int to[2], from[2], rounds = 0;
	pid_t pid;
	char byte = 'x';

	REQUIRE_OK(pipe(to));
	REQUIRE_OK(pipe(from));
	CHILD(pid) {
		close(to[1]);
		while (read(to[0], &byte, 1) == 1)
			write_all(from[1], &byte, 1);
	}
	for (int i = 0; i < 2000; i++) {
		write_all(to[1], &byte, 1);
		rounds += read(from[0], &byte, 1);
	}
	close(to[1]);
	EXPECT_CHILD_OK(pid);
	note("rounds %d", rounds);
}

TEST(chain, proc_fd_reopens_the_same_pipe)
{
	char path[64], byte = 0;
	int p[2], again;

	REQUIRE_OK(pipe2(p, O_NONBLOCK));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", p[0]);
	again = REQUIRE_OK(open(path, O_WRONLY));
	write_all(again, "x", 1);
	SHOW(read(p[0], &byte, 1));
	close(p[1]);
	SHOW(read(p[0], &byte, 1));
	close(again);
	SHOW(read(p[0], &byte, 1));
}
