/* SPDX-License-Identifier: MIT */
/*
 * scale: what one operation costs when there is much of something else. Run as bench.c is, under
 * `-icount shift=0,sleep=off -smp 1`: a nanosecond is an instruction. Each curve is measured in a child of its own, so that
 * none finds what another left. Output lines: `scale CURVE SIZE FIGURE'.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char *running = "start";

static void fail(int line)
{
	printf("scale FAILED %s (line %d, errno %d)\n", running, line, errno);
	exit(1);
}

#define CHECK(x) do { if (!(x)) fail(__LINE__); } while (0)

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

static void report(unsigned size, uint64_t from, unsigned times)
{
	printf("scale %s %u %llu\n", running, size, (unsigned long long)((now() - from) / times));
}

/* fork, exit and wait of a process with @mib MiB of touched memory. */
static void fork_mapped_mib(unsigned mib)
{
	size_t size = (size_t)mib << 20;
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t start = 0;
	int status;

	CHECK(p != MAP_FAILED);
	for (size_t i = 0; i < size; i += 4096)
		p[i] = 1;
	for (int i = -1; i < 4; i++) {
		pid_t pid;

		if (i == 0)
			start = now();
		pid = fork();
		if (pid == 0)
			_exit(0);
		CHECK(pid > 0 && waitpid(pid, &status, 0) == pid && status == 0);
	}
	report(mib, start, 4);
}

/* epoll_wait with @n descriptors watched, one of them ready; reading it and making it ready again. */
static void epoll_one_ready(unsigned n)
{
	int ep = epoll_create1(0), *fds = malloc(n * sizeof(*fds));
	struct epoll_event e;
	uint64_t v = 1, start = 0;

	CHECK(ep >= 0 && fds);
	for (unsigned i = 0; i < n; i++) {
		fds[i] = eventfd(0, EFD_NONBLOCK);
		e = (struct epoll_event){ .events = EPOLLIN, .data.u32 = i };
		CHECK(fds[i] >= 0 && epoll_ctl(ep, EPOLL_CTL_ADD, fds[i], &e) == 0);
	}
	for (int i = -10; i < 100; i++) {
		unsigned at = (unsigned)(i + 10) * 7919u % n;

		if (i == 0)
			start = now();
		CHECK(write(fds[at], &v, 8) == 8);
		CHECK(epoll_wait(ep, &e, 1, -1) == 1 && e.data.u32 == at);
		CHECK(read(fds[at], &v, 8) == 8 && v == 1);
	}
	report(n, start, 100);
}

/* Making and removing a name in a directory of @n others. */
static void directory_names(unsigned n)
{
	char name[64];
	uint64_t start = 0;

	CHECK(mkdir("/tmp/big", 0755) == 0 && chdir("/tmp/big") == 0);
	for (unsigned i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "name-%u", i);
		CHECK(mknod(name, S_IFREG | 0644, 0) == 0);
	}
	for (int i = -10; i < 100; i++) {
		struct stat st;

		if (i == 0)
			start = now();
		snprintf(name, sizeof(name), "other-%d", i);
		CHECK(mknod(name, S_IFREG | 0644, 0) == 0 && stat(name, &st) == 0 && unlink(name) == 0);
	}
	report(n, start, 100);
}

/* Listing a directory of @n names, a name. */
static void directory_list(unsigned n)
{
	static char buf[65536];
	char name[64];
	uint64_t start;
	int fd;
	long got;

	CHECK(mkdir("/tmp/big", 0755) == 0 && chdir("/tmp/big") == 0);
	for (unsigned i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "name-%u", i);
		CHECK(mknod(name, S_IFREG | 0644, 0) == 0);
	}
	fd = open(".", O_RDONLY | O_DIRECTORY);
	start = now();
	while ((got = syscall(SYS_getdents64, fd, buf, sizeof(buf))) > 0)
		;
	CHECK(got == 0);
	report(n, start, n);
}

/* A switch from one of @n runnable threads to another. */
static int go, at_work;
static unsigned rounds;

static void *yielder(void *arg)
{
	__atomic_add_fetch(&at_work, 1, __ATOMIC_SEQ_CST);
	while (!__atomic_load_n(&go, __ATOMIC_SEQ_CST))
		sched_yield();
	for (unsigned i = 0; i < rounds; i++)
		sched_yield();
	return NULL;
}

static void start_threads(pthread_t *t, unsigned n, void *(*fn)(void *))
{
	pthread_attr_t attr;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, PTHREAD_STACK_MIN + 16384);
	for (unsigned i = 0; i < n; i++)
		CHECK(pthread_create(&t[i], &attr, fn, NULL) == 0);
}

static void runnable_threads(unsigned n)
{
	pthread_t *t = malloc(n * sizeof(*t));
	uint64_t start;

	rounds = 20000 / n + 10;
	start_threads(t, n, yielder);
	while (__atomic_load_n(&at_work, __ATOMIC_SEQ_CST) < (int)n)
		sched_yield();
	start = now();
	__atomic_store_n(&go, 1, __ATOMIC_SEQ_CST);
	for (unsigned i = 0; i < n; i++)
		CHECK(pthread_join(t[i], NULL) == 0);
	report(n, start, n * rounds);
}

/* Arming a timer and disarming it while @n others are armed. */
static void armed_timers(unsigned n)
{
	struct itimerspec its = { .it_value.tv_sec = 1000 }, off = { 0 };
	uint64_t start = 0;
	int fd;

	for (unsigned i = 0; i < n; i++) {
		fd = timerfd_create(CLOCK_MONOTONIC, 0);
		its.it_value.tv_sec = 1000 + i * 7919 % n;
		CHECK(fd >= 0 && timerfd_settime(fd, 0, &its, NULL) == 0);
	}
	fd = timerfd_create(CLOCK_MONOTONIC, 0);
	for (int i = -10; i < 100; i++) {
		if (i == 0)
			start = now();
		its.it_value.tv_sec = 1000 + (unsigned)(i + 10) * 104729 % n;
		CHECK(timerfd_settime(fd, 0, &its, NULL) == 0 && timerfd_settime(fd, 0, &off, NULL) == 0);
	}
	report(n, start, 100);
}

/* Mapping, touching and unmapping a page in a process of @n mappings. */
static void mappings(unsigned n)
{
	char *base = mmap(NULL, 2ul * n * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	uint64_t start = 0;

	CHECK(base != MAP_FAILED);
	for (unsigned i = 0; i < n; i++)	/* every second page: no two can merge */
		CHECK(mprotect(base + 8192ul * i, 4096, PROT_READ | PROT_WRITE) == 0);
	for (int i = -10; i < 100; i++) {
		char *p;

		if (i == 0)
			start = now();
		p = mmap(base + 8192ul * ((unsigned)(i + 10) * 7919u % n), 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		CHECK(p != MAP_FAILED && *(volatile char *)p == 0 && mprotect(p, 4096, PROT_READ | PROT_WRITE) == 0);
	}
	report(n, start, 100);
}

/* Waking one of @n waiters of a futex, which goes back to wait. */
static unsigned word;
static int woken;

static void *waiter(void *arg)
{
	__atomic_add_fetch(&at_work, 1, __ATOMIC_SEQ_CST);
	for (;;) {
		syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
		__atomic_add_fetch(&woken, 1, __ATOMIC_SEQ_CST);
	}
	return NULL;
}

static void futex_waiters(unsigned n)
{
	pthread_t *t = malloc(n * sizeof(*t));
	uint64_t start = 0;

	start_threads(t, n, waiter);
	while (__atomic_load_n(&at_work, __ATOMIC_SEQ_CST) < (int)n)
		sched_yield();
	usleep(100000);		/* until all wait: no figure is taken meanwhile */
	for (int i = -10; i < 100; i++) {
		int before = woken;

		if (i == 0)
			start = now();
		CHECK(syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0) == 1);
		while (__atomic_load_n(&woken, __ATOMIC_SEQ_CST) == before)
			sched_yield();
	}
	report(n, start, 100);
}

static const struct {
	const char *name;
	void (*fn)(unsigned n);
	unsigned sizes[7];
} curves[] = {
	{ "fork_mapped_mib", fork_mapped_mib, { 1, 4, 16, 64, 256, 512 } },
	{ "epoll_one_ready", epoll_one_ready, { 10, 100, 1000, 10000 } },
	{ "directory_names", directory_names, { 10, 100, 1000, 10000, 100000 } },
	{ "directory_list", directory_list, { 10, 100, 1000, 10000, 100000 } },
	{ "runnable_threads", runnable_threads, { 1, 10, 100, 1000 } },
	{ "armed_timers", armed_timers, { 10, 100, 1000, 10000 } },
	{ "mappings", mappings, { 1, 10, 100, 1000, 10000 } },
	{ "futex_waiters", futex_waiters, { 1, 10, 100, 1000 } },
};

static void run_one(const char *name, void (*fn)(unsigned), unsigned size)
{
	pid_t pid;
	int status;

	running = name;
	pid = fork();
	if (pid == 0) {
		fn(size);
		fflush(stdout);
		_exit(0);
	}
	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
	if (status)
		printf("scale FAILED %s %u: status %x\n", name, size, status);
}

int main(void)
{
	struct rlimit r = { 20000, 20000 };
	const char *only = getenv("curve");

	setvbuf(stdout, NULL, _IOLBF, 0);
	mount("proc", "/proc", "proc", 0, NULL);
	CHECK(setrlimit(RLIMIT_NOFILE, &r) == 0);
	for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++) {
		if (only && strcmp(only, curves[i].name))
			continue;
		for (unsigned j = 0; j < 7 && curves[i].sizes[j]; j++) {
			/* Names of one run are not those of the next. */
			CHECK(mount("tmpfs", "/tmp", "tmpfs", 0, NULL) == 0);
			run_one(curves[i].name, curves[i].fn, curves[i].sizes[j]);
			CHECK(umount2("/tmp", 0) == 0);
		}
	}
	printf("scale done 0 0\n");
	sync();
	reboot(RB_POWER_OFF);
	return 0;
}
