/* SPDX-License-Identifier: MIT */
/* SCM_RIGHTS: open files in messages. Ends of files are seen through pipes: end of file when the last write end goes. */
#include "../harness.h"
#include "common.h"

static int same_file(int a, int b)
{
	struct stat x, y;

	return !fstat(a, &x) && !fstat(b, &y) && x.st_ino == y.st_ino && x.st_dev == y.st_dev;
}

TEST(rights, the_open_file_is_shared)
{
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET };

	put_file("file", "0123456789");
	for (int i = 0; i < 3; i++) {
		int p[2], fd = open("file", O_RDONLY), got[4], n, flags;
		char buf[8] = "";

		new_pair(types[i], p);
		SHOW(send_fds(p[0], "m", 1, &fd, 1, 0));
		SHOW(recv_fds(p[1], buf, 8, got, 4, &n, 0, &flags));
		note("%d descriptors flags %#x cloexec %d", n, flags, fcntl(got[0], F_GETFD));
		EXPECT_EQ(read(fd, buf, 3), 3);
		EXPECT_EQ(read(got[0], buf, 3), 3);
		note("%.3s, other number %d", buf, got[0] != fd);
		close(fd);
		EXPECT_EQ(read(got[0], buf, 2), 2);
		note("%.2s", buf);
	}
}

TEST(rights, several_and_close_on_exec)
{
	int p[2], fds[3] = { 0, 1, 2 }, got[8], n, flags;
	char c;

	new_pair(SOCK_STREAM, p);
	SHOW(send_fds(p[0], "m", 1, fds, 3, 0));
	SHOW(recv_fds(p[1], &c, 1, got, 8, &n, MSG_CMSG_CLOEXEC, &flags));
	note("%d flags %#x", n, flags);
	for (int i = 0; i < n; i++)
		note("same %d cloexec %d", same_file(got[i], fds[i]), fcntl(got[i], F_GETFD));
}

TEST(rights, what_does_not_fit_is_closed)
{
	int p[2], pp[2], fds[3], got[8], n, flags, before;
	char c;

	new_pair(SOCK_STREAM, p);
	REQUIRE_OK(pipe(pp));
	fds[0] = fds[1] = 0;
	fds[2] = pp[1];
	REQUIRE_OK(send_fds(p[0], "m", 1, fds, 3, 0));
	close(pp[1]);
	before = open_fd_count();
	SHOW(recv_fds(p[1], &c, 1, got, 2, &n, 0, &flags));
	note("%d flags %#x, descriptors more %d", n, flags, open_fd_count() - before);
	SHOW(read(pp[0], &c, 1));
	/* No buffer at all. */
	REQUIRE_OK(send_fds(p[0], "m", 1, fds, 2, 0));
	SHOW(recv_fds(p[1], &c, 1, got, 0, &n, 0, &flags));
	note("%d flags %#x, descriptors more %d", n, flags, open_fd_count() - before);
	REQUIRE_OK(send_fds(p[0], "m", 1, fds, 2, 0));
	SHOW(read(p[1], &c, 1));
	note("descriptors more %d", open_fd_count() - before);
	/* Room for the header only, and for half a number. */
	for (int room = 16; room <= 24; room += 2) {
		char control[64] = { 0 };
		struct iovec iov = { &c, 1 };
		struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = room };

		REQUIRE_OK(send_fds(p[0], "m", 1, fds, 2, 0));
		SHOW(recvmsg(p[1], &m, 0));
		note("room %d used %d flags %#x", room, (int)m.msg_controllen, m.msg_flags);
	}
}

TEST(rights, no_numbers_left)
{
	int p[2], fds[3] = { 0, 0, 0 }, got[8], n, flags, top;
	struct rlimit r;
	char c;

	new_pair(SOCK_STREAM, p);
	REQUIRE_OK(send_fds(p[0], "m", 1, fds, 3, 0));
	getrlimit(RLIMIT_NOFILE, &r);
	top = dup(0);
	close(top);
	r.rlim_cur = top + 2;
	setrlimit(RLIMIT_NOFILE, &r);
	SHOW(recv_fds(p[1], &c, 1, got, 8, &n, 0, &flags));
	note("%d flags %#x", n, flags);
	REQUIRE_OK(send_fds(p[0], "m", 1, fds, 3, 0));
	SHOW(recv_fds(p[1], &c, 1, got, 8, &n, 0, &flags));
	note("%d flags %#x", n, flags);
}

TEST(rights, errors_of_the_sender)
{
	int p[2], bad = 99, fds[254] = { 0 }, udp;
	char control[64] = { 0 };
	struct iovec iov = { "x", 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = 24 };
	struct cmsghdr *c = (struct cmsghdr *)control;

	(void)udp;
	new_pair(SOCK_STREAM, p);
	SHOW(send_fds(p[0], "x", 1, &bad, 1, 0));
	SHOW(send_fds(p[0], "x", 1, fds, 253, 0));
	SHOW(send_fds(p[0], "x", 1, fds, 254, 0));
	bad = -1;
	SHOW(send_fds(p[0], "x", 1, &bad, 1, 0));
	SHOW(send_fds(p[0], "x", 1, fds, 0, 0));
	/* Headers that lie about their length. */
	for (int len = 12; len <= 28; len += 4) {
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = len;
		note("length %d of 24: %s", len, RESULT(sendmsg(p[0], &m, 0)));
	}
	c->cmsg_len = 20;
	c->cmsg_type = 77;
	SHOW(sendmsg(p[0], &m, 0));
	c->cmsg_level = 41;
	SHOW(sendmsg(p[0], &m, 0));
	m.msg_controllen = 8;
	SHOW(sendmsg(p[0], &m, 0));
	m.msg_controllen = 1ul << 31;
	SHOW(sendmsg(p[0], &m, 0));
	m.msg_controllen = 200000;
	SHOW(sendmsg(p[0], &m, 0));
	m.msg_controllen = 24;
	m.msg_control = (void *)8;
	SHOW(sendmsg(p[0], &m, 0));
}

TEST(rights, a_stream_stops_behind_descriptors)
{
	int p[2], fd = 0, got[8], n, flags;
	char buf[32] = "";

	new_pair(SOCK_STREAM, p);
	write_all(p[0], "abc", 3);
	REQUIRE_OK(send_fds(p[0], "def", 3, &fd, 1, 0));
	write_all(p[0], "ghi", 3);
	REQUIRE_OK(send_fds(p[0], "jkl", 3, &fd, 1, 0));
	for (int i = 0; i < 3; i++) {
		memset(buf, 0, sizeof(buf));
		SHOW(recv_fds(p[1], buf, 32, got, 8, &n, MSG_DONTWAIT, &flags));
		note("'%s' with %d", buf, n);
	}
	/* They come with the first byte of their message. */
	REQUIRE_OK(send_fds(p[0], "mnopqr", 6, &fd, 1, 0));
	SHOW(recv_fds(p[1], buf, 2, got, 8, &n, 0, &flags));
	note("with %d", n);
	SHOW(recv_fds(p[1], buf, 32, got, 8, &n, 0, &flags));
	note("with %d", n);
	/* Without a byte there is no message. */
	SHOW(send_fds(p[0], "", 0, &fd, 1, 0));
	SHOW(recv_fds(p[1], buf, 32, got, 8, &n, MSG_DONTWAIT, &flags));
}

TEST(rights, peeking_gives_copies)
{
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM };

	for (int i = 0; i < 2; i++) {
		int p[2], pp[2], a, b, n, flags;
		char c;

		new_pair(types[i], p);
		REQUIRE_OK(pipe(pp));
		REQUIRE_OK(send_fds(p[0], "m", 1, &pp[1], 1, 0));
		close(pp[1]);
		SHOW(recv_fds(p[1], &c, 1, &a, 1, &n, MSG_PEEK, &flags));
		note("%d", n);
		SHOW(recv_fds(p[1], &c, 1, &b, 1, &n, 0, &flags));
		note("%d same %d", n, same_file(a, b));
		write_all(a, "x", 1);
		EXPECT_EQ(read(pp[0], &c, 1), 1);
		close(a);
		close(b);
		SHOW(read(pp[0], &c, 1));
	}
}

TEST(rights, unread_descriptors_end_with_the_socket)
{
	int p[2], pp[2];
	char c;

	new_pair(SOCK_DGRAM, p);
	REQUIRE_OK(pipe(pp));
	REQUIRE_OK(send_fds(p[0], "m", 1, &pp[1], 1, 0));
	close(pp[1]);
	set_nonblock(pp[0]);
	SHOW(read(pp[0], &c, 1));
	close(p[1]);
	SHOW(read(pp[0], &c, 1));
	/* In the queue of one that nobody accepted. */
	int l = listener(SOCK_STREAM, "@unaccepted", 2), s = new_socket(SOCK_STREAM);
	REQUIRE_OK(connect_to(s, "@unaccepted"));
	REQUIRE_OK(pipe(pp));
	REQUIRE_OK(send_fds(s, "m", 1, &pp[1], 1, 0));
	close(pp[1]);
	close(l);
	fcntl(pp[0], F_SETFL, 0);
	SHOW(read(pp[0], &c, 1));
}

TEST(rights, a_long_chain_of_sockets_ends)
{
	int pp[2], carried;
	char c;

	/* Each socket's queue holds the next one; the innermost holds the pipe. */
	REQUIRE_OK(pipe(pp));
	carried = pp[1];
	for (int i = 0; i < 300; i++) {
		int p[2];

		new_pair(SOCK_DGRAM, p);
		REQUIRE_OK(send_fds(p[0], "m", 1, &carried, 1, 0));
		close(carried);
		close(p[0]);
		carried = p[1];
	}
	close(carried);
	SHOW(read(pp[0], &c, 1));
}

TEST(rights, a_user_may_have_so_many_in_flight)
{
	AS_USER(1000, 1000, {
		struct rlimit r = { 20, 20 };
		int p[2], fds[10], n = 0;

		for (int i = 0; i < 10; i++)
			fds[i] = 0;
		setrlimit(RLIMIT_NOFILE, &r);
		new_pair(SOCK_DGRAM, p);
		while (n < 50 && send_fds(p[0], "m", 1, fds, 10, MSG_DONTWAIT) == 1)
			n++;
		note("%d messages of 10, then %s", n, errno_name(errno));
		char c;
		int got[16], k, flags;
		REQUIRE_OK(recv_fds(p[1], &c, 1, got, 1, &k, 0, &flags));
		SHOW(send_fds(p[0], "m", 1, fds, 10, MSG_DONTWAIT));
		SHOW(send_fds(p[0], "m", 1, fds, 10, MSG_DONTWAIT));
	});
}

TEST(rights, path_descriptors_and_sockets_travel)
{
	int p[2], fds[2], got[4], n, flags;
	char c;

	new_pair(SOCK_STREAM, p);
	fds[0] = REQUIRE_OK(open("/", O_PATH));
	fds[1] = p[0];
	SHOW(send_fds(p[0], "m", 1, fds, 2, 0));
	SHOW(recv_fds(p[1], &c, 1, got, 4, &n, 0, &flags));
	note("%d: %d %d", n, same_file(fds[0], got[0]), same_file(fds[1], got[1]));
	note("flags %#x", fcntl(got[0], F_GETFL) & (O_PATH | O_ACCMODE));
}
