/* SPDX-License-Identifier: MIT */
/*
 * Unix sockets from inside: the collector, references, the order of locks. What is checked here is seen through the
 * counters of files and of descriptors in flight; lock ranks are asserted by the debug build along all these paths.
 */
#include <net/socket.h>
#include <kernel/cred.h>
#include <kernel/errno.h>
#include <kernel/fs.h>
#include <kernel/ktest.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include <kernel/time.h>

static int in_flight(void)
{
	return atomic_read(&current_cred()->user->unix_inflight);
}

/* Numbers for both ends. */
static void pair(int type, int *fd)
{
	struct socket *s[2];
	int err = 0;

	EXPECT_OK(socket_create(AF_UNIX, type, 0, &s[0]));
	EXPECT_OK(socket_create(AF_UNIX, type, 0, &s[1]));
	EXPECT_OK(s[0]->ops->pair(s[0], s[1]));
	for (int i = 0; i < 2; i++) {
		struct file *f = socket_file_create(s[i], 0, &err);

		EXPECT_OK(err);
		fd[i] = fd_install_new(f, 0);
		EXPECT_TRUE(fd[i] >= 0);
	}
}

static ssize_t send_fd(int to, const int *fds, unsigned n)
{
	struct { struct cmsghdr h; int fd[4]; } c = { { CMSG_LEN(n * sizeof(int)), SOL_SOCKET, SCM_RIGHTS }, { 0 } };
	struct fd f = fd_get((unsigned)to);
	struct kvec v = { (void *)(uintptr_t)"m", 1 };
	struct sockmsg m = { .flags = MSG_DONTWAIT | MSG_NOSIGNAL, .control = &c, .controllen = CMSG_SPACE(n * sizeof(int)) };
	struct socket *s = f.file->private;
	ssize_t ret;

	memcpy(c.fd, fds, n * sizeof(int));
	iter_kvec(&m.iter, true, &v, 1, 1);
	ret = s->ops->sendmsg(s, &m);
	fd_put(f);
	return ret;
}

static ssize_t recv_byte(int from, char *c)
{
	struct fd f = fd_get((unsigned)from);
	struct kvec v = { c, 1 };
	struct sockmsg m = { .flags = MSG_DONTWAIT };
	struct socket *s = f.file->private;
	ssize_t ret;

	iter_kvec(&m.iter, false, &v, 1, 1);
	ret = s->ops->recvmsg(s, &m);
	fd_put(f);
	return ret;
}

/* Ends of files that were in messages are put off to a work for kernel threads. */
static bool comes_back_to(unsigned long files)
{
	for (int i = 0; i < 1000 && files_open_count() != files; i++) {
		struct waitq none;

		waitq_init(&none);
		(void)wait_event_deadline(&none, false, clock_monotonic() + 2 * NSEC_PER_MSEC);
	}
	return files_open_count() == files;
}

/* Any end of a socket makes the collector look. */
static void look(void)
{
	int fd[2];

	pair(SOCK_DGRAM, fd);
	fd_close((unsigned)fd[0]);
	fd_close((unsigned)fd[1]);
}

KTEST(unix_sock, what_is_read_is_not_in_flight)
{
	unsigned long files = files_open_count();
	int fd[2], before = in_flight();
	char c = 0;

	pair(SOCK_STREAM, fd);
	EXPECT_EQ(send_fd(fd[0], fd, 2), 1);
	EXPECT_EQ(in_flight() - before, 2);
	EXPECT_EQ(recv_byte(fd[1], &c), 1);
	EXPECT_EQ(c, 'm');
	EXPECT_EQ(in_flight(), before);
	fd_close((unsigned)fd[0]);
	fd_close((unsigned)fd[1]);
	EXPECT_TRUE(comes_back_to(files));
}

KTEST(unix_sock, unread_messages_go_with_the_socket)
{
	unsigned long files = files_open_count();
	int fd[2], other[2], before = in_flight();

	pair(SOCK_DGRAM, fd);
	pair(SOCK_STREAM, other);
	EXPECT_EQ(send_fd(fd[0], other, 2), 1);
	fd_close((unsigned)other[0]);
	fd_close((unsigned)other[1]);
	fd_close((unsigned)fd[1]);
	fd_close((unsigned)fd[0]);
	EXPECT_TRUE(comes_back_to(files));
	EXPECT_EQ(in_flight(), before);
}

KTEST(unix_sock, cycles_are_collected)
{
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET };
	unsigned long files = files_open_count();
	int before = in_flight();

	for (unsigned t = 0; t < ARRAY_SIZE(types); t++) {
		int a[2], b[2];

		/* Each end in the other's queue, and a second pair hanging from the first. */
		pair(types[t], a);
		pair(types[t], b);
		EXPECT_EQ(send_fd(a[0], &a[0], 1), 1);
		EXPECT_EQ(send_fd(a[1], &a[1], 1), 1);
		EXPECT_EQ(send_fd(a[0], b, 2), 1);
		EXPECT_EQ(send_fd(b[0], &a[1], 1), 1);
		for (int i = 0; i < 2; i++) {
			fd_close((unsigned)a[i]);
			fd_close((unsigned)b[i]);
		}
		look();
		EXPECT_TRUE(comes_back_to(files));
		EXPECT_EQ(in_flight(), before);
	}
}

KTEST(unix_sock, what_is_reachable_is_kept)
{
	unsigned long files = files_open_count();
	int a[2], b[2], before = in_flight();
	char c;

	pair(SOCK_DGRAM, a);
	pair(SOCK_DGRAM, b);
	EXPECT_EQ(send_fd(b[0], &b[1], 1), 1);	/* a cycle of one */
	EXPECT_EQ(send_fd(a[0], &b[1], 1), 1);	/* but it hangs from a queue that we hold */
	fd_close((unsigned)b[0]);
	fd_close((unsigned)b[1]);
	look();
	EXPECT_EQ(in_flight() - before, 2);
	EXPECT_EQ(files_open_count() - files, 3);
	EXPECT_EQ(recv_byte(a[1], &c), 1);	/* dropped unread: now it is garbage */
	fd_close((unsigned)a[0]);
	fd_close((unsigned)a[1]);
	look();
	if (!comes_back_to(files))
		look();
	EXPECT_TRUE(comes_back_to(files));
	EXPECT_EQ(in_flight(), before);
}

KTEST(unix_sock, a_long_chain_does_not_recurse)
{
	unsigned long files = files_open_count();
	int carried[2], fd[2];

	pair(SOCK_DGRAM, carried);
	fd_close((unsigned)carried[0]);
	for (int i = 0; i < 2000; i++) {
		pair(SOCK_DGRAM, fd);
		if (send_fd(fd[0], &carried[1], 1) != 1)
			break;
		fd_close((unsigned)carried[1]);
		fd_close((unsigned)fd[0]);
		carried[1] = fd[1];
	}
	fd_close((unsigned)carried[1]);
	for (int i = 0; i < 20 && !comes_back_to(files); i++)
		look();
	EXPECT_EQ(files_open_count(), files);
}
