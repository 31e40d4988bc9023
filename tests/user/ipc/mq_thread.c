/* SPDX-License-Identifier: MIT */
/* mq_notify(2) with SIGEV_THREAD: the kernel's half, and mq_notify(3) on top of it. */
#include "ipc.h"
#include <linux/netlink.h>
#include <mqueue.h>
#include <sys/socket.h>

static char cookie[32];

static int queue(void)
{
	struct mq_attr attr = { .mq_maxmsg = 4, .mq_msgsize = 64 };

	own_namespace();
	return (int)REQUIRE_OK(syscall(SYS_mq_open, "q", O_RDWR | O_CREAT, 0600, &attr));
}

static int netlink(void)
{
	return REQUIRE_OK(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
}

static long ask(int q, int fd, void *data)
{
	struct sigevent e = { .sigev_notify = SIGEV_THREAD, .sigev_signo = fd, .sigev_value = { .sival_ptr = data } };

	return syscall(SYS_mq_notify, q, &e);
}

static void send_one(int q)
{
	EXPECT_OK(syscall(SYS_mq_timedsend, q, "x", 1, 0, NULL));
}

static void empty(int q)
{
	char text[64];

	EXPECT_EQ(syscall(SYS_mq_timedreceive, q, text, sizeof(text), NULL, NULL), 1);
}

/* What has come to the socket. */
static void show(int fd)
{
	struct sockaddr_nl from;
	socklen_t size = sizeof(from);
	char got[64];
	ssize_t n = recvfrom(fd, got, sizeof(got), MSG_DONTWAIT, (void *)&from, &size);

	if (n < 0)
		note("nothing: %s", errno_name(errno));
	else
		note("%zd bytes from %u, %s, last %d", n, from.nl_pid, memcmp(got, cookie, 31) ? "others" : "the same", got[n - 1]);
}

TEST(mq_thread, a_message_sends_the_cookie)
{
	int q = queue(), fd = netlink();

	memset(cookie, 'c', sizeof(cookie));
	SHOW(ask(q, fd, cookie));
	show(fd);
	SHOW(ask(q, fd, cookie));
	send_one(q);
	show(fd);
	send_one(q);
	show(fd);
	empty(q);
	empty(q);
	send_one(q);
	show(fd);
	empty(q);
	SHOW(ask(q, fd, cookie));
	memset(cookie, 'd', sizeof(cookie));
	send_one(q);
	show(fd);
}

TEST(mq_thread, removal_sends_it_too)
{
	int q = queue(), fd = netlink(), again = REQUIRE_OK(syscall(SYS_mq_open, "q", O_RDWR, 0, NULL));
	pid_t pid;

	memset(cookie, 'c', sizeof(cookie));
	SHOW(ask(q, fd, cookie));
	CHILD(pid)
		SHOW(syscall(SYS_mq_notify, q, NULL));
	EXPECT_CHILD_OK(pid);
	show(fd);
	SHOW(syscall(SYS_mq_notify, q, NULL));
	show(fd);
	SHOW(ask(q, fd, cookie));
	close(again);
	show(fd);
	SHOW(ask(q, fd, cookie));
	CHILD(pid)
		close(q);
	EXPECT_CHILD_OK(pid);
	show(fd);
	EXPECT_OK(close(fd));
	send_one(q);
	empty(q);
	SHOW(syscall(SYS_mq_notify, q, NULL));
}

TEST(mq_thread, the_owner_ends)
{
	int q = queue(), fd = netlink();
	pid_t pid;

	memset(cookie, 'c', sizeof(cookie));
	CHILD(pid)
		SHOW(ask(q, fd, cookie));
	EXPECT_CHILD_OK(pid);
	show(fd);
	SHOW(ask(q, fd, cookie));
}

TEST(mq_thread, errors)
{
	int q = queue(), fd = netlink(), other = REQUIRE_OK(socket(AF_UNIX, SOCK_DGRAM, 0));

	SHOW(ask(q, -1, cookie));
	SHOW(ask(q, 0, cookie));
	SHOW(ask(q, q, cookie));
	SHOW(ask(q, other, cookie));
	SHOW(ask(q, fd, (void *)8));
	SHOW(ask(q, fd, NULL));
	SHOW(ask(q, -1, (void *)8));
	SHOW(ask(-1, fd, cookie));
	SHOW(ask(fd, fd, cookie));
	SHOW(ask(-1, -1, cookie));
	show(fd);
}

static int done[2];

static void called(union sigval v)
{
	char byte = (char)v.sival_int;

	write_all(done[1], &byte, 1);
}

TEST(mq_thread, the_librarys_function_is_called)
{
	struct sigevent e = { .sigev_notify = SIGEV_THREAD, .sigev_notify_function = called };
	int q = queue();
	char byte;

	REQUIRE_OK(pipe(done));
	for (int i = 1; i <= 3; i++) {
		e.sigev_value.sival_int = i;
		EXPECT_OK(mq_notify(q, &e));
		EXPECT_ERRNO(mq_notify(q, &e), EBUSY);
		send_one(q);
		EXPECT_EQ(read(done[0], &byte, 1), 1);
		EXPECT_EQ(byte, i);
		empty(q);
	}
	EXPECT_OK(mq_notify(q, &e));
	EXPECT_OK(mq_notify(q, NULL));
}
