/* SPDX-License-Identifier: MIT */
/* Sequenced packets: connected like streams, whole like datagrams. */
#include "../harness.h"
#include "common.h"

static volatile sig_atomic_t pipes;
static void on_pipe(int sig) { pipes += sig == SIGPIPE; }

TEST(seqpacket, messages_over_a_connection)
{
	int l = listener(SOCK_SEQPACKET, "@seq", 2), c = new_socket(SOCK_SEQPACKET), s;
	char buf[16] = "";
	struct iovec iov = { buf, 2 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };

	SHOW(send(c, "x", 1, 0));
	SHOW(recv(c, buf, 1, 0));
	REQUIRE_OK(connect_to(c, "@seq"));
	s = REQUIRE_OK(accept(l, NULL, NULL));
	SHOW(write(c, "abc", 3));
	SHOW(send(c, "defg", 4, MSG_EOR));
	SHOW(send(c, "", 0, 0));
	SHOW(send(c, "hi", 2, 0));
	SHOW(recvmsg(s, &m, 0));
	note("flags %#x", m.msg_flags);
	SHOW(read(s, buf, 16));
	SHOW(read(s, buf, 16));
	SHOW(recv(s, buf, 16, MSG_WAITALL));
	/* An address is ignored. */
	SHOW(send_to(c, "j", 1, 0, "@elsewhere"));
	SHOW(read(s, buf, 16));
	SHOW(recv(s, buf, 16, MSG_DONTWAIT));
	close(c);
	NOTE_POLL(s, "poll");
	SHOW(recv(s, buf, 16, MSG_DONTWAIT));
	SHOW(read(s, buf, 16));
}

TEST(seqpacket, the_peer_is_gone)
{
	int p[2];
	char buf[8];

	signal(SIGPIPE, on_pipe);
	new_pair(SOCK_SEQPACKET, p);
	write_all(p[1], "last", 4);
	close(p[1]);
	SHOW(send(p[0], "x", 1, 0));
	SHOW(read(p[0], buf, 8));
	SHOW(read(p[0], buf, 8));
	new_pair(SOCK_SEQPACKET, p);
	write_all(p[0], "unread", 6);
	close(p[1]);
	NOTE_POLL(p[0], "poll");
	SHOW(read(p[0], buf, 8));
	SHOW(read(p[0], buf, 8));
	SHOW(send(p[0], "x", 1, 0));
	new_pair(SOCK_SEQPACKET, p);
	SHOW(shutdown(p[0], SHUT_WR));
	SHOW(send(p[0], "x", 1, 0));
	SHOW(read(p[1], buf, 8));
	SHOW(recv(p[1], buf, 8, MSG_DONTWAIT));
	note("pipe signals %d", (int)pipes);
}

TEST(seqpacket, peek_and_offsets)
{
	int p[2];
	char buf[16];

	new_pair(SOCK_SEQPACKET, p);
	write_all(p[0], "abcdef", 6);
	write_all(p[0], "ghi", 3);
	SHOW(recv(p[1], buf, 3, MSG_PEEK | MSG_TRUNC));
	SHOW(set_int(p[1], SO_PEEK_OFF, 2));
	SHOW(recv(p[1], buf, 2, MSG_PEEK));
	note("%.2s off %d", buf, opt_int(p[1], SO_PEEK_OFF));
	SHOW(recv(p[1], buf, 16, MSG_PEEK));
	note("%.2s off %d", buf, opt_int(p[1], SO_PEEK_OFF));
	SHOW(recv(p[1], buf, 16, MSG_PEEK));
	note("%.3s off %d", buf, opt_int(p[1], SO_PEEK_OFF));
	SHOW(recv(p[1], buf, 16, 0));
	note("%.6s off %d", buf, opt_int(p[1], SO_PEEK_OFF));
	SHOW(recv(p[1], buf, 1, 0));
	note("%.1s off %d", buf, opt_int(p[1], SO_PEEK_OFF));
}

TEST(seqpacket, the_queue_of_a_pair_is_not_counted)
{
	int p[2], n = 0;

	new_pair(SOCK_SEQPACKET, p);
	while (n < 1000 && send(p[0], "p", 1, MSG_DONTWAIT) == 1)
		n++;
	note("took %d, then %s", n, errno_name(errno));
	NOTE_POLL(p[0], "sender");
}
