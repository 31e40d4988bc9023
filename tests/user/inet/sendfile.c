/* SPDX-License-Identifier: MIT */
/* sendfile(2) to TCP and UDP sockets: bytes, offsets, ends. */
#include "inet.h"
#include <sys/sendfile.h>

static int file_of(size_t n)
{
	int f = open("f", O_CREAT | O_TRUNC | O_RDWR, 0600);

	for (size_t i = 0; i < n; i++) {
		static char b[65536];

		b[i % sizeof(b)] = (char)(i * 7 + i / 1000);
		if (i % sizeof(b) == sizeof(b) - 1 || i == n - 1)
			write_all(f, b, i % sizeof(b) + 1);
	}
	lseek(f, 0, SEEK_SET);
	return f;
}

TEST(inet, a_file_goes_through_whole)
{
	size_t total = 700001, sent = 0;
	int c[2], f;

	lo_up();
	tcp_pair(c);
	f = file_of(total);
	pid_t pid;

	CHILD(pid) {
		size_t got = 0, bad = 0;
		static char b[30000];
		ssize_t k;

		close(c[0]);
		while ((k = read(c[1], b, sizeof(b))) > 0)
			for (ssize_t i = 0; i < k; i++, got++)
				bad += b[i] != (char)(got * 7 + got / 1000);
		note("got %zu, wrong %zu", got, bad);
		_exit(0);
	}
	close(c[1]);
	while (sent < total) {
		ssize_t k = sendfile(c[0], f, NULL, total - sent);

		if (k <= 0)
			break;
		sent += k;
	}
	note("sent %zu, file at %ld", sent, (long)lseek(f, 0, SEEK_CUR));
	EXPECT_EQ(sendfile(c[0], f, NULL, 10), 0);
	close(c[0]);
	note("%s", status_name(reap(pid)));
}

TEST(inet, from_an_offset)
{
	off_t at = 5000;
	char b[64];
	int c[2], f;

	lo_up();
	tcp_pair(c);
	f = file_of(10000);
	EXPECT_EQ(sendfile(c[0], f, &at, 50), 50);
	note("offset %ld, file at %ld", (long)at, (long)lseek(f, 0, SEEK_CUR));
	EXPECT_EQ(recv(c[1], b, 50, MSG_WAITALL), 50);
	note("%s", b[0] == (char)(5000 * 7 + 5) ? "right" : "wrong");
}

TEST(inet, a_full_socket_takes_a_part)
{
	int c[2], f;
	ssize_t k;

	lo_up();
	tcp_pair(c);
	f = file_of(100000);
	EXPECT_OK(fcntl(c[0], F_SETFL, O_NONBLOCK));
	do {
		off_t at = 0;

		k = sendfile(c[0], f, &at, 100000);
	} while (k > 0);
	note("%s", errno_name(errno));
}

TEST(inet, sockets_that_do_not_take_it)
{
	int c[2], f, s;

	lo_up();
	f = file_of(1000);
	s = socket(AF_INET, SOCK_STREAM, 0);
	signal(SIGPIPE, SIG_IGN);
	note("unconnected: %s", sendfile(s, f, NULL, 10) < 0 ? errno_name(errno) : "sent");
	tcp_pair(c);
	EXPECT_ERRNO(sendfile(c[0], c[1], NULL, 10), EINVAL);
	EXPECT_OK(shutdown(c[0], SHUT_WR));
	EXPECT_ERRNO(sendfile(c[0], f, NULL, 10), EPIPE);
}
