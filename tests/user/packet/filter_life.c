/* SPDX-License-Identifier: MIT */
/* SO_ATTACH_FILTER, SO_DETACH_FILTER, SO_LOCK_FILTER, SO_GET_FILTER: replacing, removing, reading, locking, inheriting. */
#include "packet.h"

#define GET_FILTER SO_ATTACH_FILTER

TEST(packet, replace_and_detach)
{
	int p[2], v = 0;

	dgram_pair(p);
	EXPECT_ERRNO(setsockopt(p[1], SOL_SOCKET, SO_DETACH_FILTER, &v, sizeof(v)), ENOENT);
	EXPECT_OK(ATTACH(p[1], BPF_STMT(BPF_RET | BPF_K, 2)));
	EXPECT_EQ(through(p[0], p[1], "abcdef", 6), 2);
	EXPECT_OK(ATTACH(p[1], BPF_STMT(BPF_RET | BPF_K, 3)));
	EXPECT_EQ(through(p[0], p[1], "abcdef", 6), 3);
	EXPECT_ERRNO(ATTACH(p[1], BPF_STMT(BPF_RET | BPF_X, 3)), EINVAL);
	EXPECT_EQ(through(p[0], p[1], "abcdef", 6), 3);
	EXPECT_ERRNO(setsockopt(p[1], SOL_SOCKET, SO_DETACH_FILTER, &v, 2), EINVAL);
	EXPECT_OK(setsockopt(p[1], SOL_SOCKET, SO_DETACH_FILTER, &v, sizeof(v)));
	EXPECT_EQ(through(p[0], p[1], "abcdef", 6), 6);
	EXPECT_ERRNO(setsockopt(p[1], SOL_SOCKET, SO_DETACH_FILTER, &v, sizeof(v)), ENOENT);
}

TEST(packet, a_filter_is_of_its_own_end)
{
	int p[2];

	dgram_pair(p);
	EXPECT_OK(ATTACH(p[0], BPF_STMT(BPF_RET | BPF_K, 0)));
	EXPECT_EQ(through(p[0], p[1], "abc", 3), 3);
	EXPECT_EQ(through(p[1], p[0], "abc", 3), -EAGAIN);
}

TEST(packet, what_was_queued_before_stays_whole)
{
	char buf[8];
	int p[2];

	dgram_pair(p);
	EXPECT_EQ(send(p[0], "abcdef", 6, 0), 6);
	EXPECT_OK(ATTACH(p[1], BPF_STMT(BPF_RET | BPF_K, 0)));
	EXPECT_EQ(send(p[0], "abcdef", 6, 0), 6);
	EXPECT_EQ(recv(p[1], buf, 8, 0), 6);
	EXPECT_EQ(nothing(p[1]), EAGAIN);
}

TEST(packet, a_locked_filter_stays)
{
	int p[2], one = 1, zero = 0, v;
	socklen_t n = sizeof(v);

	dgram_pair(p);
	EXPECT_OK(ATTACH(p[1], BPF_STMT(BPF_RET | BPF_K, 2)));
	EXPECT_OK(setsockopt(p[1], SOL_SOCKET, SO_LOCK_FILTER, &zero, sizeof(zero)));
	EXPECT_OK(setsockopt(p[1], SOL_SOCKET, SO_LOCK_FILTER, &one, sizeof(one)));
	EXPECT_OK(setsockopt(p[1], SOL_SOCKET, SO_LOCK_FILTER, &one, sizeof(one)));
	EXPECT_ERRNO(setsockopt(p[1], SOL_SOCKET, SO_LOCK_FILTER, &zero, sizeof(zero)), EPERM);
	EXPECT_ERRNO(ATTACH(p[1], BPF_STMT(BPF_RET | BPF_K, 3)), EPERM);
	EXPECT_ERRNO(attach(p[1], NULL, 0), EPERM);
	EXPECT_ERRNO(setsockopt(p[1], SOL_SOCKET, SO_DETACH_FILTER, &zero, sizeof(zero)), EPERM);
	EXPECT_OK(getsockopt(p[1], SOL_SOCKET, SO_LOCK_FILTER, &v, &n));
	EXPECT_EQ(v, 1);
	EXPECT_EQ(through(p[0], p[1], "abcdef", 6), 2);
}

TEST(packet, a_lock_without_a_filter)
{
	int p[2], one = 1;

	dgram_pair(p);
	EXPECT_OK(setsockopt(p[1], SOL_SOCKET, SO_LOCK_FILTER, &one, sizeof(one)));
	EXPECT_ERRNO(ATTACH(p[1], BPF_STMT(BPF_RET | BPF_K, 3)), EPERM);
	EXPECT_ERRNO(setsockopt(p[1], SOL_SOCKET, SO_DETACH_FILTER, &one, sizeof(one)), EPERM);
}

TEST(packet, reading_a_filter_counts_instructions)
{
	struct sock_filter out[8];
	socklen_t n = 8;
	int p[2];

	dgram_pair(p);
	EXPECT_OK(getsockopt(p[1], SOL_SOCKET, GET_FILTER, out, &n));
	EXPECT_EQ(n, 0);
	EXPECT_OK(ATTACH(p[1], BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0), BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 3, 0, 1),
			 BPF_STMT(BPF_RET | BPF_K, 2), BPF_STMT(BPF_RET | BPF_K, 9)));
	n = 0;
	EXPECT_OK(getsockopt(p[1], SOL_SOCKET, GET_FILTER, NULL, &n));
	EXPECT_EQ(n, 4);
	n = 3;
	EXPECT_ERRNO(getsockopt(p[1], SOL_SOCKET, GET_FILTER, out, &n), EINVAL);
	n = 4;
	memset(out, 0, sizeof(out));
	EXPECT_OK(getsockopt(p[1], SOL_SOCKET, GET_FILTER, out, &n));
	EXPECT_EQ(n, 4);
	for (int i = 0; i < 4; i++)
		note("%x %d %d %u", out[i].code, out[i].jt, out[i].jf, out[i].k);
	n = 8;
	EXPECT_OK(getsockopt(p[1], SOL_SOCKET, GET_FILTER, out, &n));
	EXPECT_EQ(n, 4);
	n = 8;
	EXPECT_ERRNO(getsockopt(p[1], SOL_SOCKET, GET_FILTER, (void *)8, &n), EFAULT);
}

TEST(packet, stream_sockets_take_filters_and_pass_everything)
{
	char buf[8];
	int p[2];

	REQUIRE_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, p));
	EXPECT_OK(ATTACH(p[1], BPF_STMT(BPF_RET | BPF_K, 0)));
	EXPECT_EQ(send(p[0], "abc", 3, 0), 3);
	EXPECT_EQ(recv(p[1], buf, 8, 0), 3);
}

TEST(packet, seqpackets_are_filtered)
{
	int p[2];

	REQUIRE_OK(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, p));
	EXPECT_OK(ATTACH(p[1], BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 'a', 0, 1),
			 BPF_STMT(BPF_RET | BPF_K, 2), BPF_STMT(BPF_RET | BPF_K, 0)));
	EXPECT_EQ(through(p[0], p[1], "abc", 3), 2);
	EXPECT_EQ(through(p[0], p[1], "xbc", 3), -EAGAIN);
}

TEST(packet, accepted_connections_have_the_listeners_filter)
{
	struct sock_filter out[4];
	socklen_t n = 4;
	int l, c, a;

	lo_up();
	l = listener("127.0.0.1", 1);
	EXPECT_OK(ATTACH(l, BPF_STMT(BPF_LD | BPF_IMM, 1), BPF_STMT(BPF_RET | BPF_K, 65535)));
	c = connected_to(l);
	a = accept(l, NULL, NULL);
	EXPECT_OK(getsockopt(a, SOL_SOCKET, GET_FILTER, out, &n));
	EXPECT_EQ(n, 2);
	n = 4;
	EXPECT_OK(getsockopt(c, SOL_SOCKET, GET_FILTER, out, &n));
	EXPECT_EQ(n, 0);
}
