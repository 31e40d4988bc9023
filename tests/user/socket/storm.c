/* SPDX-License-Identifier: MIT */
/* Many processes on the same sockets at once: sums and counts come out right whatever the order. */
#include "../harness.h"
#include "common.h"
#include <sys/mman.h>

static long *shared;		/* counters of all processes */

static void counters(void)
{
	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	REQUIRE_TRUE(shared != MAP_FAILED);
}

TEST(storm, connections_come_and_go)
{
	enum { CLIENTS = 4, EACH = 100 };
	int l = listener(SOCK_STREAM, "@storm", 8);
	pid_t pid[CLIENTS], server[2];

	counters();
	for (int k = 0; k < 2; k++)
		CHILD(server[k]) {
			for (;;) {
				char buf[64];
				int s = accept(l, NULL, NULL);
				ssize_t n;

				if (s < 0)
					break;
				while ((n = read(s, buf, sizeof(buf))) > 0) {
					__atomic_add_fetch(&shared[0], n, __ATOMIC_SEQ_CST);
					if (write(s, buf, n) != n)
						break;
				}
				__atomic_add_fetch(&shared[1], 1, __ATOMIC_SEQ_CST);
				close(s);
			}
		}
	for (int k = 0; k < CLIENTS; k++)
		CHILD(pid[k]) {
			for (int i = 0; i < EACH; i++) {
				char buf[64] = { 0 };
				int fd = new_socket(SOCK_STREAM);

				REQUIRE_OK(connect_to(fd, "@storm"));
				write_all(fd, buf, 10 + k);
				EXPECT_EQ(recv(fd, buf, 10 + k, MSG_WAITALL), 10 + k);
				close(fd);
			}
		}
	for (int k = 0; k < CLIENTS; k++)
		EXPECT_CHILD_OK(pid[k]);
	shutdown(l, SHUT_RDWR);
	for (int k = 0; k < 2; k++)
		EXPECT_CHILD_OK(server[k]);
	note("bytes %ld connections %ld", shared[0], shared[1]);
}

TEST(storm, datagrams_from_many_to_many)
{
	enum { SENDERS = 3, READERS = 3, EACH = 300 };
	pid_t pid[SENDERS], reader[READERS];
	int r = new_socket(SOCK_DGRAM);

	counters();
	REQUIRE_OK(bind_to(r, "@many"));
	for (int k = 0; k < READERS; k++)
		CHILD(reader[k]) {
			for (;;) {
				int v[64];
				ssize_t n = read(r, v, sizeof(v));

				if (n <= 0)
					break;
				for (size_t i = 1; i < n / sizeof(int); i++)
					EXPECT_EQ(v[i], v[0]);
				if (v[0] < 0)
					break;
				__atomic_add_fetch(&shared[0], v[0], __ATOMIC_SEQ_CST);
				__atomic_add_fetch(&shared[1], 1, __ATOMIC_SEQ_CST);
			}
		}
	for (int k = 0; k < SENDERS; k++)
		CHILD(pid[k]) {
			int s = new_socket(SOCK_DGRAM);

			if (k)
				REQUIRE_OK(connect_to(s, "@many"));
			for (int i = 0; i < EACH; i++) {
				int v[64];

				for (int j = 0; j < 64; j++)
					v[j] = i;
				size_t n = sizeof(int) * (1 + i % 64);
				EXPECT_EQ(k ? send(s, v, n, 0) : send_to(s, v, n, 0, "@many"), (ssize_t)n);
			}
		}
	for (int k = 0; k < SENDERS; k++)
		EXPECT_CHILD_OK(pid[k]);
	int end = -1;
	for (int k = 0; k < READERS; k++)
		REQUIRE_OK(send_to(new_socket(SOCK_DGRAM), &end, sizeof(end), 0, "@many"));
	for (int k = 0; k < READERS; k++)
		EXPECT_CHILD_OK(reader[k]);
	note("sum %ld messages %ld", shared[0], shared[1]);
}

TEST(storm, writers_share_a_stream)
{
	enum { WRITERS = 4, EACH = 200, SIZE = 5000 };
	static unsigned char buf[SIZE];
	pid_t pid[WRITERS];
	long count[WRITERS] = { 0 };
	ssize_t n;
	int p[2];

	new_pair(SOCK_STREAM, p);
	for (int k = 0; k < WRITERS; k++)
		CHILD(pid[k]) {
			close(p[1]);
			memset(buf, k, SIZE);
			for (int i = 0; i < EACH; i++)
				EXPECT_EQ(write(p[0], buf, SIZE), SIZE);
		}
	close(p[0]);
	while ((n = read(p[1], buf, SIZE)) > 0)
		for (ssize_t i = 0; i < n; i++)
			count[buf[i] % WRITERS]++;
	for (int k = 0; k < WRITERS; k++) {
		EXPECT_CHILD_OK(pid[k]);
		note("writer %d: %ld bytes", k, count[k]);
	}
}

TEST(storm, readers_share_a_stream)
{
	enum { READERS = 3, TOTAL = 200000 };
	static char buf[TOTAL];
	pid_t pid[READERS];
	int p[2];

	counters();
	new_pair(SOCK_STREAM, p);
	for (int k = 0; k < READERS; k++)
		CHILD(pid[k]) {
			ssize_t n;

			close(p[0]);
			while ((n = recv(p[1], buf, 100 + k * 50, k == 1 ? MSG_WAITALL : 0)) > 0)
				__atomic_add_fetch(&shared[0], n, __ATOMIC_SEQ_CST);
		}
	for (int i = 0; i < TOTAL;) {
		int n = 1 + i % 700;

		if (n > TOTAL - i)
			n = TOTAL - i;
		write_all(p[0], buf, n);
		i += n;
	}
	close(p[0]);
	for (int k = 0; k < READERS; k++)
		EXPECT_CHILD_OK(pid[k]);
	note("bytes %ld", shared[0]);
}

TEST(storm, killed_in_the_middle)
{
	for (int i = 0; i < 40; i++) {
		pid_t pid, other;
		int p[2], up[2];
		char c;

		new_pair(i % 2 ? SOCK_STREAM : SOCK_SEQPACKET, p);
		REQUIRE_OK(pipe(up));
		CHILD(pid) {
			static char big[2000];

			close(p[1]);
			close(up[0]);
			write_all(up[1], "u", 1);
			for (;;) {
				int fds[2] = { p[0], up[1] };

				if (send_fds(p[0], big, sizeof(big), fds, 2, MSG_NOSIGNAL) < 0)
					break;
			}
		}
		CHILD(other) {
			static char big[2000];
			int got[4], n;

			close(p[0]);
			close(up[1]);
			while (recv_fds(p[1], big, sizeof(big), got, 4, &n, 0, NULL) > 0)
				while (n > 0)
					close(got[--n]);
		}
		close(p[0]);
		close(p[1]);
		close(up[1]);
		EXPECT_EQ(read(up[0], &c, 1), 1);
		kill(pid, SIGKILL);
		note("%s", status_name(child_status(pid)));
		kill(other, SIGKILL);
		child_status(other);
		/* Every copy of the pipe's end is gone, those in messages too. A socket that ends makes the kernel look. */
		for (int k = 0; k < 500; k++) {
			struct pollfd f = { up[0], POLLIN, 0 };

			if (poll(&f, 1, 10) > 0)
				break;
			close(new_socket(SOCK_DGRAM));
		}
		set_nonblock(up[0]);
		EXPECT_EQ(read(up[0], &c, 1), 0);
		close(up[0]);
	}
}
