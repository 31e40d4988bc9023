/* SPDX-License-Identifier: MIT */
/* sendto, recvfrom, sendmsg, recvmsg, sendmmsg, recvmmsg, control messages, socket options: errors on Unix sockets. */
#include "harness.h"
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>

static int pair[2];
static char space[64] = "0123456789";

static void make(int type)
{
	REQUIRE_OK(socketpair(AF_UNIX, type | SOCK_NONBLOCK, 0, pair));
	signal(SIGPIPE, SIG_IGN);
}

TEST(msgerr, each_flag)
{
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET };

	for (size_t t = 0; t < ARRAY_SIZE(types); t++) {
		make(types[t]);
		for (int bit = 0; bit < 31; bit++) {
			/* MSG_WAITALL waits; urgent data are another test's. */
			if (1 << bit == MSG_OOB || 1 << bit == MSG_WAITALL || 1 << bit == MSG_ZEROCOPY || 1 << bit == 0x20000000)
				continue;
			note("type %d send %#x: %s", types[t], 1 << bit, RESULT(send(pair[0], "abc", 3, 1 << bit)));
			note("receive: %s", RESULT(recv(pair[1], space, 3, MSG_DONTWAIT)));
			send(pair[0], "abc", 3, 0);
			note("receive %#x: %s", 1 << bit, RESULT(recv(pair[1], space, 3, 1 << bit)));
			while (recv(pair[1], space, 3, MSG_DONTWAIT) > 0)
				;
		}
	}
}

TEST(msgerr, addresses)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX, .sun_path = "nothing" };
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0), stream = socket(AF_UNIX, SOCK_STREAM, 0);

	make(SOCK_STREAM);
	SHOW(sendto(fd, "x", 1, 0, NULL, 0));
	SHOW(sendto(fd, "x", 1, 0, (void *)&name, sizeof(name)));
	SHOW(sendto(fd, "x", 1, 0, (void *)&name, 1));
	SHOW(sendto(fd, "x", 1, 0, (void *)&name, 1000));
	SHOW(sendto(fd, "x", 1, 0, (void *)8, sizeof(name)));
	SHOW(sendto(stream, "x", 1, 0, NULL, 0));
	SHOW(sendto(stream, "x", 1, 0, (void *)&name, sizeof(name)));
	SHOW(sendto(pair[0], "x", 1, 0, (void *)&name, sizeof(name)));
	SHOW(sendto(0, "x", 1, 0, NULL, 0));
	SHOW(sendto(-1, "x", 1, 0, NULL, 0));
	SHOW(sendto(pair[0], (void *)8, 1, 0, NULL, 0));
	SHOW(recvfrom(stream, space, 1, MSG_DONTWAIT, NULL, NULL));
	SHOW(recvfrom(0, space, 1, MSG_DONTWAIT, NULL, NULL));
	send(pair[0], "x", 1, 0);
	SHOW(recvfrom(pair[1], (void *)8, 1, 0, NULL, NULL));
	SHOW(recvfrom(pair[1], space, 1, 0, NULL, NULL));
	name.sun_family = 77;
	SHOW(sendto(fd, "x", 1, 0, (void *)&name, sizeof(name)));
}

TEST(msgerr, vectors)
{
	struct iovec v[2] = { { "ab", 2 }, { (void *)8, 2 } };
	struct msghdr m = { .msg_iov = v, .msg_iovlen = 1 };
	struct mmsghdr mm[2] = { { .msg_hdr = m }, { .msg_hdr = m } };
	struct timespec zero = { 0, 0 }, bad = { 0, -1 };

	make(SOCK_DGRAM);
	SHOW(sendmsg(pair[0], &m, 0));
	m.msg_iovlen = 2;
	SHOW(sendmsg(pair[0], &m, 0));
	m.msg_iovlen = 1025;
	SHOW(sendmsg(pair[0], &m, 0));
	m.msg_iovlen = 1;
	m.msg_iov = NULL;
	SHOW(sendmsg(pair[0], &m, 0));
	m.msg_iovlen = 0;
	SHOW(sendmsg(pair[0], &m, 0));
	SHOW(sendmsg(pair[0], NULL, 0));
	SHOW(sendmsg(pair[0], (void *)8, 0));
	m.msg_namelen = (socklen_t)-1;
	SHOW(sendmsg(pair[0], &m, 0));
	m.msg_namelen = 0;
	m.msg_control = (void *)8;
	m.msg_controllen = 16;
	SHOW(sendmsg(pair[0], &m, 0));
	m.msg_controllen = 1ul << 40;
	SHOW(sendmsg(pair[0], &m, 0));
	SHOW(recvmsg(pair[1], NULL, 0));
	SHOW(recvmsg(pair[1], (void *)8, 0));
	SHOW(sendmmsg(pair[0], mm, 2, 0));
	SHOW(sendmmsg(pair[0], mm, 0, 0));
	SHOW(sendmmsg(pair[0], NULL, 1, 0));
	SHOW(sendmmsg(-1, mm, 1, 0));
	mm[1].msg_hdr.msg_iovlen = 2;
	mm[1].msg_hdr.msg_iov = v;
	SHOW(sendmmsg(pair[0], mm, 2, 0));
	mm[0].msg_hdr.msg_iov = mm[1].msg_hdr.msg_iov = &(struct iovec){ space, 10 };
	mm[1].msg_hdr.msg_iovlen = 1;
	SHOW(recvmmsg(pair[1], mm, 2, 0, &bad));
	SHOW(recvmmsg(pair[1], mm, 2, 0, (void *)8));
	SHOW(recvmmsg(pair[1], mm, 0, 0, NULL));
	SHOW(recvmmsg(pair[1], NULL, 1, 0, NULL));
	SHOW(recvmmsg(pair[1], mm, 2, 0, &zero) > 0);
	while (recv(pair[1], space, 10, 0) >= 0)
		;
	SHOW(recvmmsg(pair[1], mm, 2, 0, NULL));
}

static long control(int level, int type, const void *data, size_t size, size_t claimed)
{
	char text[256] __attribute__((aligned(8))) = { 0 };
	struct iovec v = { "x", 1 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = text, .msg_controllen = CMSG_SPACE(size) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	*c = (struct cmsghdr){ .cmsg_len = claimed ? claimed : CMSG_LEN(size), .cmsg_level = level, .cmsg_type = type };
	memcpy(CMSG_DATA(c), data, size);
	return sendmsg(pair[0], &m, 0);
}

TEST(msgerr, control)
{
	struct ucred me = { getpid(), 0, 0 }, other = { 1, 0, 0 }, user = { getpid(), 1000, 1000 }, none = { 99999999, 0, 0 };
	int fd = 0, bad = 99, minus = -1, two[2] = { 0, 99 };

	make(SOCK_DGRAM);
	SHOW(control(SOL_SOCKET, SCM_RIGHTS, &fd, sizeof(fd), 0));
	SHOW(control(SOL_SOCKET, SCM_RIGHTS, &bad, sizeof(bad), 0));
	SHOW(control(SOL_SOCKET, SCM_RIGHTS, &minus, sizeof(minus), 0));
	SHOW(control(SOL_SOCKET, SCM_RIGHTS, two, sizeof(two), 0));
	SHOW(control(SOL_SOCKET, SCM_RIGHTS, &fd, 0, 0));
	SHOW(control(SOL_SOCKET, SCM_RIGHTS, &fd, sizeof(fd), 5));
	SHOW(control(SOL_SOCKET, SCM_RIGHTS, &fd, sizeof(fd), 10000));
	SHOW(control(SOL_SOCKET, SCM_CREDENTIALS, &me, sizeof(me), 0));
	SHOW(control(SOL_SOCKET, SCM_CREDENTIALS, &me, 4, 0));
	SHOW(control(SOL_SOCKET, SCM_CREDENTIALS, &other, sizeof(other), 0));
	SHOW(control(SOL_SOCKET, SCM_CREDENTIALS, &none, sizeof(none), 0));
	SHOW(control(SOL_SOCKET, 99, &me, sizeof(me), 0));
	SHOW(control(99, SCM_RIGHTS, &fd, sizeof(fd), 0));
	AS_USER(1000, 1000, {
		user.pid = getpid();
		SHOW(control(SOL_SOCKET, SCM_CREDENTIALS, &user, sizeof(user), 0));
		user.uid = 0;
		SHOW(control(SOL_SOCKET, SCM_CREDENTIALS, &user, sizeof(user), 0));
		user = (struct ucred){ 1, 1000, 1000 };
		SHOW(control(SOL_SOCKET, SCM_CREDENTIALS, &user, sizeof(user), 0));
	});
}

TEST(msgerr, options)
{
	int value = 1;
	socklen_t length = sizeof(value);
	struct timeval bad = { 0, 1000000 }, negative = { -1, 0 };

	make(SOCK_STREAM);
	SHOW(setsockopt(-1, SOL_SOCKET, SO_REUSEADDR, &value, sizeof(value)));
	SHOW(setsockopt(0, SOL_SOCKET, SO_REUSEADDR, &value, sizeof(value)));
	SHOW(setsockopt(pair[0], SOL_SOCKET, SO_REUSEADDR, &value, 3));
	SHOW(setsockopt(pair[0], SOL_SOCKET, SO_REUSEADDR, &value, -1));
	SHOW(setsockopt(pair[0], SOL_SOCKET, SO_REUSEADDR, NULL, sizeof(value)));
	SHOW(setsockopt(pair[0], SOL_SOCKET, 9999, &value, sizeof(value)));
	SHOW(setsockopt(pair[0], 9999, SO_REUSEADDR, &value, sizeof(value)));
	SHOW(setsockopt(pair[0], SOL_SOCKET, SO_TYPE, &value, sizeof(value)));
	SHOW(setsockopt(pair[0], SOL_SOCKET, SO_ERROR, &value, sizeof(value)));
	SHOW(setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &bad, sizeof(bad)));
	SHOW(setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &negative, sizeof(negative)));
	SHOW(setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &bad, 8));
	SHOW(setsockopt(pair[0], SOL_SOCKET, SO_LINGER, &value, sizeof(value)));
	SHOW(getsockopt(pair[0], SOL_SOCKET, 9999, &value, &length));
	SHOW(getsockopt(pair[0], 9999, SO_TYPE, &value, &length));
	SHOW(getsockopt(pair[0], SOL_SOCKET, SO_TYPE, NULL, &length));
	SHOW(getsockopt(pair[0], SOL_SOCKET, SO_TYPE, &value, NULL));
	length = (socklen_t)-1;
	SHOW(getsockopt(pair[0], SOL_SOCKET, SO_TYPE, &value, &length));
	length = 2;
	value = 0x7f7f7f7f;
	SHOW(getsockopt(pair[0], SOL_SOCKET, SO_TYPE, &value, &length));
	note("%#x %u", value, length);
	length = 100;
	SHOW(getsockopt(pair[0], SOL_SOCKET, SO_PASSCRED, &value, &length));
	note("%#x %u", value, length);
	AS_USER(1000, 1000, {
		value = 1 << 20;
		SHOW(setsockopt(pair[0], SOL_SOCKET, SO_RCVBUFFORCE, &value, sizeof(value)));
		value = 7;
		SHOW(setsockopt(pair[0], SOL_SOCKET, SO_PRIORITY, &value, sizeof(value)));
		SHOW(setsockopt(pair[0], SOL_SOCKET, SO_MARK, &value, sizeof(value)));
	});
	for (int option = 1; option < 77; option++) {
		char text[64];

		/* SO_TXTIME is for devices that send at a time. */
		if (option == 61)
			continue;
		length = 4;
		note("option %d: %s", option, RESULT(getsockopt(pair[0], SOL_SOCKET, option, text, &length)));
	}
}
