/* SPDX-License-Identifier: MIT */
/* Stream sockets: bytes, ends, flags of send and recv. */
#include "../harness.h"
#include "common.h"
#include <sys/mman.h>

static volatile sig_atomic_t pipes;
static void on_pipe(int sig) { pipes += sig == SIGPIPE; }

TEST(stream, reads_do_not_follow_writes)
{
	char buf[64] = "";
	int p[2];

	new_pair(SOCK_STREAM, p);
	write_all(p[0], "abc", 3);
	write_all(p[0], "defgh", 5);
	write_all(p[0], "i", 1);
	SHOW(read(p[1], buf, 4));
	SHOW(read(p[1], buf + 4, 60));
	note("%s", buf);
	SHOW(write(p[0], buf, 0));
	SHOW(read(p[1], buf, 0));
	SHOW(recv(p[1], buf, 10, MSG_DONTWAIT));
	SHOW(recv(p[1], buf, 0, MSG_DONTWAIT));
	write_all(p[0], "z", 1);
	SHOW(recv(p[1], buf, 0, MSG_DONTWAIT));
	SHOW(recv(p[1], buf, 10, MSG_DONTWAIT));
}

TEST(stream, vectors)
{
	char a[3] = "", b[5] = "", c[8] = "";
	struct iovec out[3] = { { "12", 2 }, { "", 0 }, { "34567", 5 } }, in[3] = { { a, 2 }, { b, 4 }, { c, 8 } };
	int p[2];

	new_pair(SOCK_STREAM, p);
	SHOW(writev(p[0], out, 3));
	SHOW(readv(p[1], in, 3));
	note("%.2s %.4s %.1s", a, b, c);
}

TEST(stream, peek_waitall_and_trunc)
{
	char buf[64] = "";
	pid_t pid;
	int p[2];

	new_pair(SOCK_STREAM, p);
	write_all(p[0], "abc", 3);
	write_all(p[0], "def", 3);
	SHOW(recv(p[1], buf, 2, MSG_PEEK));
	SHOW(recv(p[1], buf, 64, MSG_PEEK));
	note("%s", buf);
	SHOW(recv(p[1], buf, 64, MSG_PEEK | MSG_WAITALL | MSG_DONTWAIT));
	SHOW(recv(p[1], buf, 4, MSG_TRUNC));
	SHOW(recv(p[1], buf, 64, MSG_WAITALL | MSG_DONTWAIT));
	CHILD(pid) {
		char got[8] = "";

		SHOW(recv(p[1], got, 6, MSG_WAITALL));
		note("%s", got);
	}
	write_all(p[0], "12", 2);
	wait_state(pid, 'S');
	write_all(p[0], "34", 2);
	write_all(p[0], "567", 3);
	EXPECT_CHILD_OK(pid);
	SHOW(recv(p[1], buf, 64, MSG_DONTWAIT));
	/* The end comes before all is there. */
	CHILD(pid) {
		char got[8] = "";

		close(p[0]);
		SHOW(recv(p[1], got, 6, MSG_WAITALL));
		SHOW(recv(p[1], got, 6, MSG_WAITALL));
	}
	write_all(p[0], "89", 2);
	wait_state(pid, 'S');
	close(p[0]);
	EXPECT_CHILD_OK(pid);
}

TEST(stream, without_a_connection)
{
	int fd = new_socket(SOCK_STREAM), l = listener(SOCK_STREAM, "@nothing", 1), p[2];
	char c;

	signal(SIGPIPE, on_pipe);
	SHOW(read(fd, &c, 1));
	SHOW(recv(fd, &c, 1, MSG_DONTWAIT));
	SHOW(write(fd, "x", 1));
	SHOW(send_to(fd, "x", 1, 0, "@nothing"));
	SHOW(read(l, &c, 1));
	SHOW(write(l, "x", 1));
	new_pair(SOCK_STREAM, p);
	SHOW(send_to(p[0], "x", 1, 0, "@nothing"));
	SHOW(shutdown(fd, SHUT_WR));
	SHOW(write(fd, "x", 1));
	SHOW(shutdown(fd, 3));
	SHOW(shutdown(fd, -1));
	note("pipe signals %d", (int)pipes);
}

TEST(stream, the_peer_is_gone)
{
	char buf[8];
	int p[2];

	signal(SIGPIPE, on_pipe);
	new_pair(SOCK_STREAM, p);
	write_all(p[1], "last", 4);
	close(p[1]);
	NOTE_POLL(p[0], "poll");
	SHOW(write(p[0], "x", 1));
	note("pipe signals %d", (int)pipes);
	SHOW(send(p[0], "x", 1, MSG_NOSIGNAL));
	SHOW(send(p[0], "", 0, 0));
	note("pipe signals %d", (int)pipes);
	SHOW(read(p[0], buf, 8));
	SHOW(read(p[0], buf, 8));
	SHOW(read(p[0], buf, 8));
	note("error %d", opt_int(p[0], SO_ERROR));
}

TEST(stream, the_peer_left_data_unread)
{
	char buf[8];
	int p[2];

	new_pair(SOCK_STREAM, p);
	write_all(p[0], "never read", 10);
	write_all(p[1], "seen", 4);
	close(p[1]);
	NOTE_POLL(p[0], "poll");
	SHOW(read(p[0], buf, 8));
	SHOW(read(p[0], buf, 8));
	SHOW(read(p[0], buf, 8));
	SHOW(send(p[0], "x", 1, MSG_NOSIGNAL));
	new_pair(SOCK_STREAM, p);
	write_all(p[0], "never read", 10);
	close(p[1]);
	note("error %s", errno_name(opt_int(p[0], SO_ERROR)));
	note("error %s", errno_name(opt_int(p[0], SO_ERROR)));
	SHOW(read(p[0], buf, 8));
	new_pair(SOCK_STREAM, p);
	write_all(p[0], "never read", 10);
	close(p[1]);
	SHOW(send(p[0], "x", 1, MSG_NOSIGNAL));
	SHOW(send(p[0], "x", 1, MSG_NOSIGNAL));
}

TEST(stream, shutdown_halves)
{
	char buf[8];
	int p[2];

	signal(SIGPIPE, on_pipe);
	new_pair(SOCK_STREAM, p);
	write_all(p[0], "ab", 2);
	SHOW(shutdown(p[0], SHUT_WR));
	SHOW(write(p[0], "x", 1));
	SHOW(read(p[1], buf, 8));
	SHOW(read(p[1], buf, 8));
	SHOW(write(p[1], "back", 4));
	SHOW(read(p[0], buf, 8));
	NOTE_POLL(p[0], "who shut");
	NOTE_POLL(p[1], "the other");
	SHOW(shutdown(p[1], SHUT_WR));
	SHOW(read(p[0], buf, 8));
	NOTE_POLL(p[0], "who shut");
	NOTE_POLL(p[1], "the other");
	note("pipe signals %d", (int)pipes);

	new_pair(SOCK_STREAM, p);
	write_all(p[0], "cd", 2);
	SHOW(shutdown(p[1], SHUT_RD));
	SHOW(read(p[1], buf, 8));
	SHOW(read(p[1], buf, 8));
	SHOW(write(p[0], "x", 1));
	SHOW(write(p[1], "x", 1));
	NOTE_POLL(p[0], "its peer");
	NOTE_POLL(p[1], "who shut");
	SHOW(shutdown(p[0], SHUT_RDWR));
	NOTE_POLL(p[1], "who shut");
	note("pipe signals %d", (int)pipes);
}

TEST(stream, a_sleeping_reader_sees_the_end)
{
	pid_t pid;
	int p[2];

	new_pair(SOCK_STREAM, p);
	CHILD(pid) {
		char c;

		close(p[0]);
		SHOW(read(p[1], &c, 1));
	}
	wait_state(pid, 'S');
	REQUIRE_OK(shutdown(p[0], SHUT_WR));
	EXPECT_CHILD_OK(pid);
	new_pair(SOCK_STREAM, p);
	CHILD(pid) {
		char c;

		SHOW(read(p[1], &c, 1));
	}
	wait_state(pid, 'S');
	REQUIRE_OK(shutdown(p[1], SHUT_RD));
	EXPECT_CHILD_OK(pid);
}

TEST(stream, bad_memory)
{
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), buf[64];
	int p[2];

	REQUIRE_TRUE(page != MAP_FAILED);
	REQUIRE_OK(munmap(page + 4096, 4096));
	new_pair(SOCK_STREAM, p);
	SHOW(write(p[0], page + 4096, 4));
	SHOW(write(p[0], page + 4090, 10));
	SHOW(recv(p[1], buf, 64, MSG_DONTWAIT));
	write_all(p[0], "0123456789", 10);
	SHOW(read(p[1], page + 4092, 10));
	SHOW(recv(p[1], buf, 64, MSG_DONTWAIT));
	SHOW(send(p[0], (void *)-4096l, 10, 0));
	SHOW(recv(p[1], (void *)-4096l, 10, 0));
	SHOW(send(99, (void *)-4096l, 10, 0));
	write_all(p[0], "0123456789", 10);
	struct sockaddr_un a;
	SHOW(recvfrom(p[1], buf, 2, 0, (struct sockaddr *)&a, NULL));
	SHOW(recv(p[1], buf, 64, MSG_DONTWAIT));
	struct iovec iov = { buf, 4 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1025 };
	SHOW(sendmsg(p[0], &m, 0));
	SHOW(recvmsg(p[1], &m, MSG_DONTWAIT));
	m.msg_iovlen = 1;
	m.msg_namelen = -1;
	m.msg_name = buf;
	SHOW(sendmsg(p[0], &m, 0));
	iov.iov_len = -1;
	m.msg_namelen = 0;
	SHOW(sendmsg(p[0], &m, 0));
	SHOW(sendmsg(p[0], NULL, 0));
	SHOW(recvmsg(p[0], (void *)8, 0));
	SHOW(syscall(SYS_sendmsg, p[0], &m, 0x80000000u));
	SHOW(syscall(SYS_recvmsg, p[0], &m, 0x80000000u));
}

TEST(stream, flags_without_effect_and_the_error_queue)
{
	char buf[8];
	int p[2];

	new_pair(SOCK_STREAM, p);
	SHOW(send(p[0], "a", 1, MSG_MORE));
	SHOW(send(p[0], "b", 1, MSG_EOR | MSG_DONTROUTE | MSG_CONFIRM));
	SHOW(recv(p[1], buf, 8, 0));
	SHOW(recv(p[1], buf, 8, MSG_ERRQUEUE | MSG_DONTWAIT));
}

TEST(stream, large_writes_arrive_whole)
{
	enum { SIZE = 3000000 };
	unsigned char *data = malloc(SIZE), *got = malloc(SIZE);
	size_t have = 0;
	pid_t pid;
	int p[2];

	for (int i = 0; i < SIZE; i++)
		data[i] = (unsigned char)(i * 7 + i / 4096);
	new_pair(SOCK_STREAM, p);
	CHILD(pid) {
		close(p[1]);
		EXPECT_EQ(write(p[0], data, SIZE), SIZE);
	}
	close(p[0]);
	for (size_t want = 1; have < SIZE; want = want * 3 % 70001 + 1) {
		ssize_t n = read(p[1], got + have, want < SIZE - have ? want : SIZE - have);

		if (n <= 0)
			break;
		have += n;
	}
	EXPECT_CHILD_OK(pid);
	note("all %d, same %d", have == SIZE, !memcmp(data, got, SIZE));
	SHOW(read(p[1], got, 1));
}

TEST(stream, peek_offset)
{
	char buf[16] = "";
	int p[2];

	new_pair(SOCK_STREAM, p);
	note("off %d", opt_int(p[1], SO_PEEK_OFF));
	SHOW(set_int(p[1], SO_PEEK_OFF, 1));
	write_all(p[0], "abcd", 4);
	write_all(p[0], "efgh", 4);
	SHOW(recv(p[1], buf, 2, MSG_PEEK));
	note("%.2s off %d", buf, opt_int(p[1], SO_PEEK_OFF));
	SHOW(recv(p[1], buf, 3, MSG_PEEK));
	note("%.3s off %d", buf, opt_int(p[1], SO_PEEK_OFF));
	SHOW(recv(p[1], buf, 4, 0));
	note("%.4s off %d", buf, opt_int(p[1], SO_PEEK_OFF));
	SHOW(recv(p[1], buf, 9, MSG_PEEK));
	note("off %d", opt_int(p[1], SO_PEEK_OFF));
	SHOW(recv(p[1], buf, 9, MSG_PEEK | MSG_DONTWAIT));
	SHOW(recv(p[1], buf, 9, MSG_DONTWAIT));
	SHOW(set_int(p[1], SO_PEEK_OFF, -1));
	note("off %d", opt_int(p[1], SO_PEEK_OFF));
}
