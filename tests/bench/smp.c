/* SPDX-License-Identifier: MIT */
/*
 * smp: what operations between CPUs take, in wall time of the guest. Runs as /init with several CPUs and no -icount; the figures
 * are of the machine and of what else it does, so only the ratio of two kernels in one run says something (smp.sh
 * boots them in turn and takes the least of each). Output lines: `smp OPERATION NANOSECONDS'.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
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
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char *running = "start";

static void fail(int line)
{
	printf("smp FAILED %s (line %d, errno %d)\n", running, line, errno);
	fflush(stdout);
	_exit(1);
}

#define CHECK(x) do { if (!(x)) fail(__LINE__); } while (0)

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

static void reap(int n)
{
	int status;

	while (n--)
		CHECK(wait(&status) > 0 && status == 0);
}

/* A byte there and back between two processes. */
static void pipe_pingpong(unsigned times)
{
	int a[2], b[2];
	char c = 0;

	CHECK(pipe(a) == 0 && pipe(b) == 0);
	if (fork() == 0) {
		close(a[1]);
		while (read(a[0], &c, 1) == 1)
			CHECK(write(b[1], &c, 1) == 1);
		_exit(0);
	}
	for (unsigned i = 0; i < times; i++)
		CHECK(write(a[1], &c, 1) == 1 && read(b[0], &c, 1) == 1);
	close(a[1]);
	reap(1);
	close(a[0]);
	close(b[0]);
	close(b[1]);
}

/* 64 KiB through a pipe. */
static void pipe_stream(unsigned times)
{
	static char buf[65536];
	int a[2];

	CHECK(pipe(a) == 0);
	if (fork() == 0) {
		close(a[1]);
		while (read(a[0], buf, sizeof(buf)) > 0)
			;
		_exit(0);
	}
	close(a[0]);
	for (unsigned i = 0; i < times; i++)
		CHECK(write(a[1], buf, sizeof(buf)) == (ssize_t)sizeof(buf));
	close(a[1]);
	reap(1);
}

/* 64 bytes through six processes, as a shell's pipeline of filters. */
static void pipe_chain(unsigned times)
{
	enum { STAGES = 6 };
	char buf[64] = "";
	int in = -1, first[2], next[2];

	CHECK(pipe(first) == 0);
	in = first[0];
	for (int s = 0; s < STAGES; s++) {
		CHECK(pipe(next) == 0);
		if (fork() == 0) {
			ssize_t n;

			close(first[1]);
			close(next[0]);
			while ((n = read(in, buf, sizeof(buf))) > 0)
				CHECK(write(next[1], buf, n) == n);
			_exit(0);
		}
		close(in);
		close(next[1]);
		in = next[0];
	}
	if (fork() == 0) {
		for (unsigned i = 0; i < times; i++)
			CHECK(write(first[1], buf, sizeof(buf)) == (ssize_t)sizeof(buf));
		_exit(0);
	}
	close(first[1]);
	for (size_t got = 0; got < times * sizeof(buf);) {
		ssize_t n = read(in, buf, sizeof(buf));

		CHECK(n > 0);
		got += n;
	}
	close(in);
	reap(STAGES + 1);
}

static void futex_wait(unsigned *p, unsigned v)
{
	syscall(SYS_futex, p, FUTEX_WAIT_PRIVATE, v, NULL, NULL, 0);
}

static void futex_wake(unsigned *p)
{
	syscall(SYS_futex, p, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static unsigned turn;
static unsigned rounds;

static void take_turns(unsigned me)
{
	for (unsigned i = me; i < 2 * rounds; i += 2) {
		unsigned v;

		while ((v = __atomic_load_n(&turn, __ATOMIC_ACQUIRE)) != i)
			futex_wait(&turn, v);
		__atomic_store_n(&turn, i + 1, __ATOMIC_RELEASE);
		futex_wake(&turn);
	}
}

static void *second(void *arg)
{
	take_turns(1);
	return arg;
}

/* Two threads hand one another a futex. */
static void futex_pingpong(unsigned times)
{
	pthread_t t;

	turn = 0;
	rounds = times;
	CHECK(pthread_create(&t, NULL, second, NULL) == 0);
	take_turns(0);
	pthread_join(t, NULL);
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static volatile unsigned long counter;

static void *locks(void *arg)
{
	for (unsigned i = 0; i < rounds; i++) {
		pthread_mutex_lock(&mutex);
		counter++;
		pthread_mutex_unlock(&mutex);
	}
	return arg;
}

static void four(void *(*fn)(void *))
{
	pthread_t t[4];

	for (long i = 0; i < 4; i++)
		CHECK(pthread_create(&t[i], NULL, fn, (void *)i) == 0);
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
}

static void mutex_four(unsigned times)
{
	rounds = times / 4;
	four(locks);
}

static pthread_barrier_t barrier;

static void *meets(void *arg)
{
	for (unsigned i = 0; i < rounds; i++)
		pthread_barrier_wait(&barrier);
	return arg;
}

/* Four threads meet. */
static void barrier_four(unsigned times)
{
	rounds = times;
	pthread_barrier_init(&barrier, NULL, 4);
	four(meets);
}

static void *nothing(void *arg)
{
	return arg;
}

static void thread_create(unsigned times)
{
	for (unsigned i = 0; i < times; i++) {
		pthread_t t;

		CHECK(pthread_create(&t, NULL, nothing, NULL) == 0);
		pthread_join(t, NULL);
	}
}

static void fork_wait(unsigned times)
{
	for (unsigned i = 0; i < times; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		CHECK(pid > 0 && waitpid(pid, NULL, 0) == pid);
	}
}

/* Four processes that fork at the same time. */
static void fork_four(unsigned times)
{
	for (int i = 0; i < 4; i++)
		if (fork() == 0) {
			fork_wait(times / 4);
			_exit(0);
		}
	reap(4);
}

static char *pages;

static void *protects(void *arg)
{
	char *mine = pages + (long)arg * 16 * 4096;

	for (unsigned i = 0; i < rounds; i++) {
		mine[0] = 1;
		CHECK(mprotect(mine, 4096, PROT_READ) == 0);
		CHECK(mprotect(mine, 4096, PROT_READ | PROT_WRITE) == 0);
	}
	return arg;
}

/* Four threads of one process take away permissions: each time three CPUs have to be told. */
static void shootdown_four(unsigned times)
{
	pages = mmap(NULL, 64 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(pages != MAP_FAILED);
	rounds = times / 4;
	four(protects);
	munmap(pages, 64 * 4096);
}

static void *faults(void *arg)
{
	for (unsigned i = 0; i < rounds; i++) {
		char *p = mmap(NULL, 16 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		CHECK(p != MAP_FAILED);
		for (int k = 0; k < 16; k++)
			p[k * 4096] = 1;
		munmap(p, 16 * 4096);
	}
	return arg;
}

/* Four threads of one process map, touch 16 pages, unmap. */
static void mmap_four(unsigned times)
{
	rounds = times / 4;
	four(faults);
}

static void *calls(void *arg)
{
	int fd = open("/tmp", O_RDONLY | O_DIRECTORY);

	for (unsigned i = 0; i < rounds; i++) {
		CHECK(access("/tmp", R_OK) == 0);
		getppid();
	}
	close(fd);
	return arg;
}

/* Four threads that have nothing to do with one another. */
static void calls_four(unsigned times)
{
	rounds = times / 4;
	four(calls);
}

static void on_signal(int number)
{
	(void)number;
}

/* kill, handler, sigsuspend, and back, between two processes. */
static void signal_pingpong(unsigned times)
{
	struct sigaction sa = { .sa_handler = on_signal };
	sigset_t block, wait;
	pid_t pid, me = getpid();

	sigemptyset(&wait);
	sigemptyset(&block);
	sigaddset(&block, SIGUSR1);
	sigprocmask(SIG_BLOCK, &block, NULL);
	sigaction(SIGUSR1, &sa, NULL);
	pid = fork();
	if (pid == 0) {
		for (unsigned i = 0; i < times; i++) {
			sigsuspend(&wait);
			kill(me, SIGUSR1);
		}
		_exit(0);
	}
	for (unsigned i = 0; i < times; i++) {
		kill(pid, SIGUSR1);
		sigsuspend(&wait);
	}
	reap(1);
	sigprocmask(SIG_UNBLOCK, &block, NULL);
}

static void *spins(void *arg)
{
	uint64_t until = now() + 2000000;

	while (now() < until)
		;
	return arg;
}

/* Two milliseconds of computing in each of four threads: how much longer it takes until all are done. */
static void spread_four(unsigned times)
{
	for (unsigned i = 0; i < times; i++)
		four(spins);
}

static const struct {
	const char *name;
	void (*fn)(unsigned n);
	unsigned times;
} ops[] = {
	{ "pipe_pingpong", pipe_pingpong, 500 },	{ "pipe_stream", pipe_stream, 400 },
	{ "pipe_chain", pipe_chain, 3000 },		{ "futex_pingpong", futex_pingpong, 500 },
	{ "mutex_four", mutex_four, 40000 },		{ "barrier_four", barrier_four, 200 },
	{ "thread_create", thread_create, 300 },	{ "fork_wait", fork_wait, 100 },
	{ "fork_four", fork_four, 120 },		{ "shootdown_four", shootdown_four, 800 },
	{ "mmap_four", mmap_four, 400 },		{ "calls_four", calls_four, 60000 },
	{ "signal_pingpong", signal_pingpong, 300 },	{ "spread_four", spread_four, 10 },
};

int main(void)
{
	const char *only = getenv("op");

	setvbuf(stdout, NULL, _IOLBF, 0);
	mount("proc", "/proc", "proc", 0, NULL);
	CHECK(sysconf(_SC_NPROCESSORS_ONLN) > 1);
	for (unsigned i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		uint64_t best = ~0ull;

		if (only && strcmp(only, ops[i].name))
			continue;
		running = ops[i].name;
		for (int round = 0; round < 3; round++) {
			uint64_t start = now(), took;

			ops[i].fn(ops[i].times);
			took = now() - start;
			best = took < best ? took : best;
		}
		printf("smp %s %llu\n", ops[i].name, (unsigned long long)(best / ops[i].times));
	}
	printf("smp done 0\n");
	sync();
	reboot(RB_POWER_OFF);
	return 0;
}
