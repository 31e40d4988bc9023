/* SPDX-License-Identifier: MIT */
/*
 * mem: what an object takes of the kernel's memory: many are made, free memory before and after is divided by their number.
 * Runs as /init; each kind in a child of its own, which frees them again. Output lines: `mem OBJECT BYTES'.
 * Figures below a few bytes are per-CPU stocks and slabs that are not full.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *running = "start";

static void fail(int line)
{
	printf("mem FAILED %s (line %d, errno %d)\n", running, line, errno);
	fflush(stdout);
	_exit(1);
}

#define CHECK(x) do { if (!(x)) fail(__LINE__); } while (0)

static int64_t free_memory(void)
{
	struct sysinfo s;

	CHECK(sysinfo(&s) == 0);
	return (int64_t)s.freeram * s.mem_unit;
}

static int epoll, hold[2];

static void prepare(void)
{
	epoll = epoll_create1(0);
	CHECK(epoll >= 0 && pipe(hold) == 0);
}

/* A child that does nothing; it goes when the write end of `hold' does. */
static void a_process(int i)
{
	char c;

	(void)i;
	pid_t pid = fork();

	CHECK(pid >= 0);
	if (pid == 0) {
		close(hold[1]);
		if (read(hold[0], &c, 1) == 0)
			_exit(0);
		_exit(1);
	}
}

static void *waits(void *arg)
{
	char c;

	CHECK(read(hold[0], &c, 1) >= 0);
	return arg;
}

/* With the smallest stack, so that it is the kernel's part that counts. */
static void a_thread(int i)
{
	pthread_attr_t attr;
	pthread_t t;

	(void)i;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 16384);
	CHECK(pthread_create(&t, &attr, waits, NULL) == 0);
}

static void an_open_file(int i)
{
	(void)i;
	CHECK(open("/tmp/file", O_RDONLY) >= 0);
}

static void an_empty_file(int i)
{
	char name[32];
	int fd;

	snprintf(name, sizeof(name), "/tmp/f%d", i);
	fd = open(name, O_CREAT | O_WRONLY, 0600);
	CHECK(fd >= 0 && close(fd) == 0);
}

static void a_directory(int i)
{
	char name[32];

	snprintf(name, sizeof(name), "/tmp/d%d", i);
	CHECK(mkdir(name, 0700) == 0);
}

static void a_pipe(int i)
{
	int p[2];

	(void)i;
	CHECK(pipe(p) == 0);
}

static void a_pipe_with_a_byte(int i)
{
	int p[2];

	(void)i;
	CHECK(pipe(p) == 0 && write(p[1], "x", 1) == 1);
}

static void a_unix_socket_pair(int i)
{
	int p[2];

	(void)i;
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, p) == 0);
}

static void a_udp_socket(int i)
{
	(void)i;
	CHECK(socket(AF_INET, SOCK_DGRAM, 0) >= 0);
}

static void a_tcp_socket(int i)
{
	(void)i;
	CHECK(socket(AF_INET, SOCK_STREAM, 0) >= 0);
}

/* Both ends, over loopback; nothing is on its way. */
static void a_tcp_connection(int i)
{
	static struct sockaddr_in to;
	static int listener = -1;
	socklen_t n = sizeof(to);
	int c = socket(AF_INET, SOCK_STREAM, 0);

	if (i < 0) {
		struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };

		listener = socket(AF_INET, SOCK_STREAM, 0);
		CHECK(ioctl(listener, SIOCSIFFLAGS, &lo) == 0);
		to.sin_family = AF_INET;
		to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		CHECK(bind(listener, (void *)&to, n) == 0 && listen(listener, 8) == 0 && getsockname(listener, (void *)&to, &n) == 0);
	}
	CHECK(connect(c, (void *)&to, sizeof(to)) == 0 && accept(listener, NULL, NULL) >= 0);
}

static void an_eventfd(int i)
{
	(void)i;
	CHECK(eventfd(0, 0) >= 0);
}

static void a_timerfd(int i)
{
	(void)i;
	CHECK(timerfd_create(CLOCK_MONOTONIC, 0) >= 0);
}

/* An eventfd that is watched, less the eventfd. */
static void an_epoll_watch(int i)
{
	struct epoll_event e = { .events = EPOLLIN };
	int fd = eventfd(0, 0);

	(void)i;
	CHECK(fd >= 0 && epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e) == 0);
}

/* Not mergeable with its neighbours, nothing touched. */
static void a_mapping(int i)
{
	CHECK(mmap(NULL, 4096, i & 1 ? PROT_READ : PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
}

static const struct {
	const char *name;
	void (*make)(int i);
	int count;
} kinds[] = {
	{ "process", a_process, 500 },		{ "thread", a_thread, 500 },
	{ "open_file", an_open_file, 8000 },	{ "empty_file", an_empty_file, 8000 },
	{ "directory", a_directory, 4000 },	{ "pipe", a_pipe, 2000 },
	{ "pipe_1_byte", a_pipe_with_a_byte, 2000 },
	{ "socketpair_unix", a_unix_socket_pair, 2000 },
	{ "socket_udp", a_udp_socket, 4000 },	{ "socket_tcp", a_tcp_socket, 4000 },
	{ "tcp_connection", a_tcp_connection, 4000 },
	{ "eventfd", an_eventfd, 8000 },	{ "timerfd", a_timerfd, 8000 },
	{ "epoll_watched", an_epoll_watch, 8000 },
	{ "mapping", a_mapping, 8000 },
};

static void measure(unsigned k)
{
	int64_t before, after;
	int status;
	pid_t pid;

	running = kinds[k].name;
	CHECK(mount("tmpfs", "/tmp", "tmpfs", 0, NULL) == 0);
	CHECK(close(open("/tmp/file", O_CREAT | O_WRONLY, 0600)) == 0);
	pid = fork();
	if (pid == 0) {
		prepare();
		kinds[k].make(-1);	/* what only the first one takes */
		sleep(1);		/* what was put off until now is done: freed by RCU, written back */
		before = free_memory();
		for (int i = 0; i < kinds[k].count; i++)
			kinds[k].make(i);
		sleep(1);
		after = free_memory();
		printf("mem %s %lld\n", kinds[k].name, (long long)(before - after) / kinds[k].count);
		fflush(stdout);
		close(hold[1]);
		while (wait(NULL) > 0)
			;
		_exit(0);
	}
	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
	CHECK(umount2("/tmp", MNT_DETACH) == 0);
}

int main(void)
{
	struct rlimit r = { 20000, 20000 };

	setvbuf(stdout, NULL, _IOLBF, 0);
	mount("proc", "/proc", "proc", 0, NULL);
	CHECK(setrlimit(RLIMIT_NOFILE, &r) == 0);
	for (unsigned k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
		measure(k);
	printf("mem done 0\n");
	sync();
	reboot(RB_POWER_OFF);
	return 0;
}
