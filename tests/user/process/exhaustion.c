/* SPDX-License-Identifier: MIT */
/* What runs out gives an error, and everything works again once it is given back. */
#include "../harness.h"
#include "util.h"
#include <mqueue.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>

static void limit(int which, rlim_t value)
{
	struct rlimit r = { value, value };

	REQUIRE_OK(setrlimit(which, &r));
}

static void fill_descriptors(int upto)
{
	limit(RLIMIT_NOFILE, upto);
	while (dup(1) >= 0)
		;
	EXPECT_EQ(errno, EMFILE);
}

TEST(exhaustion, every_call_that_makes_a_descriptor_says_emfile)
{
	int sock = socket(AF_UNIX, SOCK_STREAM, 0), client = socket(AF_UNIX, SOCK_STREAM, 0), p[2], fd;
	struct sockaddr_un name = { .sun_family = AF_UNIX, .sun_path = "s" };
	sigset_t set;

	sigemptyset(&set);
	EXPECT_OK(bind(sock, (void *)&name, sizeof(name)));
	EXPECT_OK(listen(sock, 1));
	EXPECT_OK(connect(client, (void *)&name, sizeof(name)));
	fill_descriptors(20);
	EXPECT_ERRNO(open("/dev/null", O_RDONLY), EMFILE);
	EXPECT_ERRNO(dup(0), EMFILE);
	EXPECT_ERRNO(fcntl(0, F_DUPFD, 3), EMFILE);
	EXPECT_ERRNO(dup2(0, 20), EBADF);
	EXPECT_ERRNO(pipe(p), EMFILE);
	EXPECT_ERRNO(socket(AF_UNIX, SOCK_STREAM, 0), EMFILE);
	EXPECT_ERRNO(socketpair(AF_UNIX, SOCK_STREAM, 0, p), EMFILE);
	EXPECT_ERRNO(accept(sock, NULL, NULL), EMFILE);
	EXPECT_ERRNO(epoll_create1(0), EMFILE);
	EXPECT_ERRNO(eventfd(0, 0), EMFILE);
	EXPECT_ERRNO(timerfd_create(CLOCK_MONOTONIC, 0), EMFILE);
	EXPECT_ERRNO(signalfd(-1, &set, 0), EMFILE);
	EXPECT_ERRNO(inotify_init(), EMFILE);
	EXPECT_ERRNO(syscall(SYS_memfd_create, "m", 0), EMFILE);
	EXPECT_ERRNO(syscall(SYS_pidfd_open, getpid(), 0), EMFILE);
	EXPECT_ERRNO(mq_open("/q", O_RDWR | O_CREAT, 0600, NULL), EMFILE);
	fd = 19;
	EXPECT_OK(close(fd));
	/* One is free, a pair needs two. */
	EXPECT_ERRNO(pipe(p), EMFILE);
	EXPECT_EQ(accept(sock, NULL, NULL), fd);
	EXPECT_OK(close(fd));
	EXPECT_EQ(open("/dev/null", O_RDONLY), fd);
	mq_unlink("/q");
}

TEST(exhaustion, descriptors_in_a_message_that_do_not_fit)
{
	char control[CMSG_SPACE(4 * sizeof(int))] = { 0 }, byte = 'x';
	struct iovec iov = { &byte, 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	int pair[2], four[4] = { 0, 0, 0, 0 };

	EXPECT_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(four));
	memcpy(CMSG_DATA(c), four, sizeof(four));
	EXPECT_EQ(sendmsg(pair[0], &m, 0), 1);
	fill_descriptors(20);
	close(19);
	close(18);
	memset(control, 0, sizeof(control));
	m.msg_controllen = sizeof(control);
	EXPECT_EQ(recvmsg(pair[1], &m, 0), 1);
	c = CMSG_FIRSTHDR(&m);
	note("flags %s, descriptors %zu", m.msg_flags & MSG_CTRUNC ? "CTRUNC" : "0",
	     c ? (c->cmsg_len - CMSG_LEN(0)) / sizeof(int) : 0);
}

TEST(exhaustion, processes)
{
	int made = 0, gate[2], status;
	pid_t pid;

	REQUIRE_OK(pipe(gate));
	REQUIRE_OK(setgid(4321));
	REQUIRE_OK(setuid(4321));
	limit(RLIMIT_NPROC, 10);
	for (;;) {
		char byte;

		pid = fork();
		if (pid < 0)
			break;
		if (pid == 0) {
			close(gate[1]);
			_exit(read(gate[0], &byte, 1) != 0);
		}
		made++;
	}
	EXPECT_EQ(errno, EAGAIN);
	note("made %d", made);
	EXPECT_ERRNO(raw_clone(SIGCHLD | CLONE_VFORK, NULL, NULL, NULL, NULL), EAGAIN);
	close(gate[1]);
	for (int i = 0; i < made; i++)
		EXPECT_TRUE(wait(&status) > 0 && status == 0);
}

static void *sleeps(void *arg)
{
	pause();
	return NULL;
}

TEST(exhaustion, threads)
{
	pthread_t t;
	int made = 0, err;

	REQUIRE_OK(setgid(4322));
	REQUIRE_OK(setuid(4322));
	limit(RLIMIT_NPROC, 20);
	while ((err = pthread_create(&t, NULL, sleeps, NULL)) == 0)
		made++;
	note("%s after %d", errno_name(err), made);
}

TEST(exhaustion, the_address_space)
{
	void *p = sbrk(0);
	int n = 0;

	limit(RLIMIT_AS, 64 << 20);
	while (mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED)
		n++;
	EXPECT_EQ(errno, ENOMEM);
	EXPECT_TRUE(n > 50 && n < 64);
	EXPECT_TRUE(sbrk(32 << 20) == (void *)-1);
	EXPECT_EQ(errno, ENOMEM);
	EXPECT_TRUE(sbrk(0) == p);
	EXPECT_TRUE(malloc(32 << 20) == NULL);
	EXPECT_EQ(errno, ENOMEM);
}

static volatile int depth;
__attribute__((noinline)) static int dive(int n)
{
	volatile char frame[1000];

	frame[0] = (char)n;
	depth++;
	return n ? dive(n - 1) + frame[0] : 0;
}

TEST(exhaustion, the_stack)
{
	volatile int *reached = shared_memory(4096);
	pid_t pid;

	CHILD(pid) {
		limit(RLIMIT_STACK, 1 << 20);
		*reached = 1;
		dive(100000);
		*reached = 2;
	}
	note("%s, came back %d", status_name(child_status(pid)), *reached == 2);
	CHILD(pid) {
		pthread_attr_t attr;
		pthread_t t;

		pthread_attr_init(&attr);
		pthread_attr_setstacksize(&attr, 65536);
		pthread_create(&t, &attr, (void *(*)(void *))(void *)dive, (void *)100000L);
		pthread_join(t, NULL);
	}
	note("%s", status_name(child_status(pid)));
}

TEST(exhaustion, queued_signals_and_timers)
{
	union sigval v = { 0 };
	timer_t t;
	sigset_t set;
	int n = 0;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &set, NULL);
	limit(RLIMIT_SIGPENDING, 8);
	while (sigqueue(getpid(), SIGRTMIN, v) == 0)
		n++;
	note("queued %d, then %s", n, errno_name(errno));
	EXPECT_ERRNO(timer_create(CLOCK_MONOTONIC, NULL, &t), EAGAIN);
	EXPECT_OK(kill(getpid(), SIGRTMIN));
	while (n > 0 && sigwaitinfo(&set, NULL) == SIGRTMIN)
		n--;
	EXPECT_OK(timer_create(CLOCK_MONOTONIC, NULL, &t));
}

TEST(exhaustion, mounts)
{
	int n = 0, fd = open("/proc/sys/fs/mount-max", O_RDWR);
	char old[32] = "", some[16];

	REQUIRE_OK(unshare(CLONE_NEWNS));
	REQUIRE_OK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	mkdir("m", 0755);
	REQUIRE_OK(fd);
	REQUIRE_OK(read(fd, old, sizeof(old)));
	snprintf(some, sizeof(some), "40");
	REQUIRE_OK(pwrite(fd, some, 2, 0));
	while (n < 100 && mount("t", "m", "tmpfs", 0, NULL) == 0)
		n++;
	note("%s, some were made: %d", errno_name(errno), n > 10 && n < 40);
	while (n-- > 0)
		EXPECT_OK(umount("m"));
	EXPECT_OK(mount("t", "m", "tmpfs", 0, NULL));
	EXPECT_OK(umount("m"));
	EXPECT_OK(pwrite(fd, old, strlen(old), 0));
}

TEST(exhaustion, a_file_system)
{
	char block[4096] = { 1 };
	int n = 0, fd;

	REQUIRE_OK(unshare(CLONE_NEWNS));
	REQUIRE_OK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	mkdir("t", 0755);
	REQUIRE_OK(mount("t", "t", "tmpfs", 0, "size=64k,nr_inodes=8"));
	fd = open("t/f", O_RDWR | O_CREAT, 0644);
	while (write(fd, block, sizeof(block)) == sizeof(block))
		n++;
	note("blocks %d, then %s", n, errno_name(errno));
	EXPECT_ERRNO(fallocate(fd, 0, 0, 1 << 20), ENOSPC);
	EXPECT_OK(ftruncate(fd, 0));
	for (n = 0; n < 20; n++) {
		char path[8];

		snprintf(path, sizeof(path), "t/%d", n);
		if (mkdir(path, 0755) < 0)
			break;
	}
	note("names %d, then %s", n, errno_name(errno));
	EXPECT_OK(close(fd));
	EXPECT_OK(unlink("t/f"));
	EXPECT_OK(mkdir("t/x", 0755));
}

TEST(exhaustion, a_full_pipe_and_a_full_socket)
{
	char block[4096] = { 0 };
	int p[2], n = 0;

	EXPECT_OK(pipe2(p, O_NONBLOCK));
	while (write(p[1], block, sizeof(block)) > 0)
		n++;
	note("pipe %d: %s", n, errno_name(errno));
	EXPECT_OK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, p));
	for (n = 0; write(p[1], block, sizeof(block)) > 0; n++)
		;
	note("socket: some %d, %s", n > 10, errno_name(errno));
	EXPECT_ERRNO(write(p[1], block, 1), EAGAIN);
	while (read(p[0], block, sizeof(block)) > 0)
		;
	EXPECT_EQ(write(p[1], block, 1), 1);
}

TEST(exhaustion, open_files_of_the_machine)
{
	int n = 0, fd = open("/proc/sys/fs/file-max", O_RDWR);
	char old[32] = "", now[128], some[16];
	pid_t pid;

	REQUIRE_OK(fd);
	REQUIRE_OK(read(fd, old, sizeof(old)));
	snprintf(now, sizeof(now), "%s", get_file("/proc/sys/fs/file-nr"));
	n = snprintf(some, sizeof(some), "%d", atoi(now) + 2000);
	REQUIRE_OK(pwrite(fd, some, n, 0));
	CHILD(pid) {
		limit(RLIMIT_NOFILE, 10000);
		REQUIRE_OK(setgid(4323));
		REQUIRE_OK(setuid(4323));
		while (open("/dev/null", O_RDONLY) >= 0)
			;
		EXPECT_EQ(errno, ENFILE);
		EXPECT_ERRNO(eventfd(0, 0), ENFILE);
		EXPECT_ERRNO(socket(AF_UNIX, SOCK_STREAM, 0), ENFILE);
	}
	EXPECT_CHILD_OK(pid);
	EXPECT_OK(pwrite(fd, old, strlen(old), 0));
}
