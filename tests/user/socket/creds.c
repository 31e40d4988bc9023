/* SPDX-License-Identifier: MIT */
/* Credentials: SO_PEERCRED, SO_PASSCRED, SCM_CREDENTIALS. Process ids are shown as whose they are. */
#include "../harness.h"
#include "common.h"

static pid_t parent;

static const char *whose(pid_t pid)
{
	return pid == 0 ? "none" : pid == getpid() ? "mine" : pid == parent ? "parent" : "other";
}

static void show_peer(int fd)
{
	struct ucred u = { -7, 7, 7 };
	socklen_t len = sizeof(u);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &u, &len) < 0)
		note("peer: %s", errno_name(errno));
	else
		note("peer: pid %s uid %d gid %d len %d", whose(u.pid), (int)u.uid, (int)u.gid, (int)len);
}

/* One message with what came along. */
static void receive(int fd)
{
	char buf[16] = "", control[128];
	struct iovec iov = { buf, sizeof(buf) - 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(fd, &m, MSG_DONTWAIT);

	if (n < 0) {
		note("receive: %s", errno_name(errno));
		return;
	}
	note("'%s' flags %#x control %d", buf, m.msg_flags, (int)m.msg_controllen);
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		struct ucred u;

		if (c->cmsg_type != SCM_CREDENTIALS) {
			note("type %d", c->cmsg_type);
			continue;
		}
		memcpy(&u, CMSG_DATA(c), sizeof(u));
		note("pid %s uid %d gid %d", whose(u.pid), (int)u.uid, (int)u.gid);
	}
}

static ssize_t send_cred(int fd, const char *text, pid_t pid, uid_t uid, gid_t gid)
{
	char control[CMSG_SPACE(sizeof(struct ucred))] = { 0 };
	struct iovec iov = { (void *)text, strlen(text) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	struct ucred u = { pid, uid, gid };

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_CREDENTIALS;
	c->cmsg_len = CMSG_LEN(sizeof(u));
	memcpy(CMSG_DATA(c), &u, sizeof(u));
	return sendmsg(fd, &m, 0);
}

TEST(creds, peers)
{
	int p[2], l, c, s;
	pid_t pid;

	parent = getpid();
	new_pair(SOCK_STREAM, p);
	show_peer(p[0]);
	show_peer(new_socket(SOCK_STREAM));
	l = listener(SOCK_STREAM, "@creds", 2);
	show_peer(l);
	CHILD(pid) {
		harness_become(1000, 1001);
		c = new_socket(SOCK_STREAM);
		REQUIRE_OK(connect_to(c, "@creds"));
		show_peer(c);
		show_peer(p[0]);
	}
	EXPECT_CHILD_OK(pid);
	s = REQUIRE_OK(accept(l, NULL, NULL));
	show_peer(s);
	new_pair(SOCK_DGRAM, p);
	show_peer(p[0]);
	c = new_socket(SOCK_DGRAM);
	REQUIRE_OK(bind_to(c, "@creds"));
	s = new_socket(SOCK_DGRAM);
	REQUIRE_OK(connect_to(s, "@creds"));
	show_peer(s);
}

TEST(creds, passed_when_the_receiver_asks)
{
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET };

	for (int i = 0; i < 3; i++) {
		int p[2];

		new_pair(types[i], p);
		write_all(p[0], "before", 6);
		REQUIRE_OK(set_int(p[1], SO_PASSCRED, 1));
		write_all(p[0], "after", 5);
		receive(p[1]);
		receive(p[1]);
		IN_CHILD(harness_become(1000, 1001); write_all(p[0], "user", 4));
		write_all(p[0], "root", 4);
		receive(p[1]);
		receive(p[1]);
		REQUIRE_OK(set_int(p[1], SO_PASSCRED, 0));
		receive(p[1]);
	}
}

TEST(creds, given_by_the_sender)
{
	int p[2];
	pid_t dead;

	parent = getpid();
	CHILD(dead) {
	}
	EXPECT_CHILD_OK(dead);
	new_pair(SOCK_DGRAM, p);
	REQUIRE_OK(set_int(p[1], SO_PASSCRED, 1));
	SHOW(send_cred(p[0], "self", getpid(), 0, 0));
	receive(p[1]);
	SHOW(send_cred(p[0], "other ids", getpid(), 5, 6));
	receive(p[1]);
	SHOW(send_cred(p[0], "init", 1, 5, 6));
	receive(p[1]);
	SHOW(send_cred(p[0], "dead", dead, 0, 0));
	AS_USER(1000, 1001, {
		SHOW(send_cred(p[0], "me", getpid(), 1000, 1001));
		SHOW(send_cred(p[0], "parent", getppid(), 1000, 1001));
		SHOW(send_cred(p[0], "uid", getpid(), 0, 1001));
		SHOW(send_cred(p[0], "gid", getpid(), 1000, 0));
	});
	receive(p[1]);
	SHOW(send_cred(p[0], "minus", getpid(), -1, 0));
	struct iovec iov = { "x", 1 };
	char control[64] = { 0 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = 32 };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_CREDENTIALS;
	c->cmsg_len = CMSG_LEN(8);
	SHOW(sendmsg(p[0], &m, 0));
}

TEST(creds, no_room)
{
	int p[2];
	char buf[4], control[64];

	new_pair(SOCK_DGRAM, p);
	REQUIRE_OK(set_int(p[1], SO_PASSCRED, 1));
	for (int room = 0; room <= 32; room += 8) {
		struct iovec iov = { buf, 4 };
		struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = room };

		memset(control, 0, sizeof(control));
		write_all(p[0], "x", 1);
		SHOW(recvmsg(p[1], &m, 0));
		note("room %d used %d flags %#x len %d", room, (int)m.msg_controllen, m.msg_flags, room >= 16 ? (int)((struct cmsghdr *)control)->cmsg_len : 0);
	}
	write_all(p[0], "x", 1);
	SHOW(read(p[1], buf, 4));
}

TEST(creds, asking_gives_a_name)
{
	struct sockaddr_un a;
	socklen_t len = sizeof(a);
	int r = new_socket(SOCK_DGRAM), s = new_socket(SOCK_DGRAM);

	REQUIRE_OK(bind_to(r, "@named"));
	REQUIRE_OK(set_int(s, SO_PASSCRED, 1));
	REQUIRE_OK(connect_to(s, "@named"));
	REQUIRE_OK(getsockname(s, (struct sockaddr *)&a, &len));
	note("length %d", (int)len);
	s = new_socket(SOCK_DGRAM);
	REQUIRE_OK(set_int(s, SO_PASSCRED, 1));
	REQUIRE_OK(send_to(s, "x", 1, 0, "@named"));
	len = sizeof(a);
	REQUIRE_OK(getsockname(s, (struct sockaddr *)&a, &len));
	note("length %d", (int)len);
}

TEST(creds, before_accept_they_are_always_kept)
{
	int l = listener(SOCK_STREAM, "@kept", 2), c = new_socket(SOCK_STREAM), s;

	REQUIRE_OK(connect_to(c, "@kept"));
	write_all(c, "early", 5);
	s = REQUIRE_OK(accept(l, NULL, NULL));
	REQUIRE_OK(set_int(s, SO_PASSCRED, 1));
	receive(s);
}

TEST(creds, groups_of_the_peer)
{
	gid_t g[3] = { 30, 10, 20 }, got[8];
	socklen_t len = sizeof(got);
	int p[2];

	SHOW(getsockopt(new_socket(SOCK_STREAM), SOL_SOCKET, SO_PEERGROUPS, got, &len));
	REQUIRE_OK(syscall(SYS_setgroups, 3, g));
	new_pair(SOCK_STREAM, p);
	SHOW(getsockopt(p[0], SOL_SOCKET, SO_PEERGROUPS, got, &len));
	note("%d bytes: %d %d %d", (int)len, got[0], got[1], got[2]);
	len = 4;
	SHOW(getsockopt(p[0], SOL_SOCKET, SO_PEERGROUPS, got, &len));
	note("%d", (int)len);
	len = 6;
	memset(got, 0, sizeof(got));
	SHOW(getsockopt(p[0], SOL_SOCKET, SO_PEERCRED, got, &len));
	note("%d", (int)len);
}
