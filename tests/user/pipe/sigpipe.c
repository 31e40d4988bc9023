/* SPDX-License-Identifier: MIT */
/* Nobody reads: EPIPE and SIGPIPE by each call that writes, to pipes, FIFOs and sockets, and who gets no signal. */
#include "harness.h"
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

static volatile sig_atomic_t count;
static int fd;

static void on_pipe(int number)
{
	count++;
}

#define TOLD(call) do {                                                                     \
	count = 0;                                                                          \
	const char *result = RESULT(call);                                                  \
	note("%s = %s, signals %d", #call, result, count);                                  \
} while (0)

static void each(void)
{
	struct iovec v = { "abc", 3 };
	off_t zero = 0;
	int file, full[2];

	put_file("f", "0123456789");
	file = open("f", O_RDONLY);
	REQUIRE_OK(pipe(full));
	write_all(full[1], "0123", 4);
	signal(SIGPIPE, on_pipe);
	TOLD(write(fd, "x", 1));
	TOLD(write(fd, "x", 0));
	TOLD(writev(fd, &v, 1));
	TOLD(sendfile(fd, file, &zero, 5));
	TOLD(splice(full[0], NULL, fd, NULL, 4, 0));
	TOLD(splice(file, NULL, fd, NULL, 4, 0));
	TOLD(tee(full[0], fd, 4, 0));
	TOLD(vmsplice(fd, &v, 1, 0));
	TOLD(send(fd, "x", 1, 0));
	TOLD(send(fd, "x", 1, MSG_NOSIGNAL));
	note_poll("poll", &(struct pollfd){ fd, POLLIN | POLLOUT, 0 }, 0);
}

TEST(sigpipe, a_pipe)
{
	int p[2];

	REQUIRE_OK(pipe(p));
	close(p[0]);
	fd = p[1];
	each();
}

TEST(sigpipe, a_fifo)
{
	int reader;

	REQUIRE_OK(mkfifo("fifo", 0600));
	reader = open("fifo", O_RDONLY | O_NONBLOCK);
	fd = open("fifo", O_WRONLY);
	close(reader);
	each();
}

TEST(sigpipe, a_stream)
{
	int s[2];

	REQUIRE_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	close(s[1]);
	fd = s[0];
	each();
}

TEST(sigpipe, packets)
{
	int s[2];

	REQUIRE_OK(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, s));
	close(s[1]);
	fd = s[0];
	each();
}

TEST(sigpipe, datagrams)
{
	int s[2];

	REQUIRE_OK(socketpair(AF_UNIX, SOCK_DGRAM, 0, s));
	close(s[1]);
	fd = s[0];
	each();
}

TEST(sigpipe, a_half_closed_stream)
{
	int s[2];

	REQUIRE_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	REQUIRE_OK(shutdown(s[0], SHUT_WR));
	fd = s[0];
	each();
}

TEST(sigpipe, part_of_it_went)
{
	static char big[1 << 20];
	int p[2], ready[2];
	pid_t pid;
	char byte;

	REQUIRE_OK(pipe(p));
	REQUIRE_OK(pipe(ready));
	signal(SIGPIPE, on_pipe);
	CHILD(pid) {
		close(p[0]);
		TOLD(write(p[1], big, sizeof(big)));
		TOLD(write(p[1], big, 1));
	}
	close(p[1]);
	wait_state(pid, 'S');
	close(p[0]);
	EXPECT_CHILD_OK(pid);
	(void)byte;
}
