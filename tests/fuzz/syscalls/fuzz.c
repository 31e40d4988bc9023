/* SPDX-License-Identifier: MIT */
/*
 * fuzz.c - /init of the system-call fuzzer.
 *
 * Time is cut into slots. In each, workers in a tmpfs of their own (a mount namespace that ends with them) make system calls with
 * random and hostile arguments: every implemented number, real descriptors of every kind, pointers to memory that is there,
 * is not, is read only, ends in the middle. At the end of a slot all are killed, what outlives processes is removed, and
 * free memory and open files are looked at. The slots after the first few must not take more and more.
 *
 * Arguments (after "--" on the kernel's command line): seed=N seconds=N workers=N only=NAME[,NAME...] calls=N trace=1 verbose=1
 * The calls of a worker follow from (seed, slot, worker, generation) alone; what they meet depends on the others.
 * Output: "sysfuzz: ..." lines; the last one is "sysfuzz: ok" or "sysfuzz: FAILED".
 *
 * Workers have no CAP_SYS_BOOT, CAP_SYS_NICE, CAP_SYS_TIME: they may not end the test, starve it or set its clock.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <linux/capability.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ipc.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>

enum kind { NONE, FD, PATH, PTR, IOV, LEN, PID, SIG, ADDR, FLAGS, INT };
struct call {
	int nr;
	const char *name;
	enum kind args[6];
};
static const struct call calls[] = {
#include "table.h"
};
#define NCALLS (sizeof(calls) / sizeof(calls[0]))
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define PAGE 4096ul
#define MAX_WORKERS 16

static uint64_t seed = 1;
static unsigned seconds = 60, workers = 6, slot_ms = 1500;
static unsigned long max_calls;
static int tracing, verbose;
static char only[256];

struct progress {
	volatile uint64_t calls, good;
	volatile uint64_t since_ms;
	volatile int nr;
	volatile unsigned generation;	/* how many processes there were of this worker */
};
static struct progress *progress;	/* shared, one a worker; the last one is for the sum */

/* ---- random numbers: xorshift64*, one state a thread */
static __thread uint64_t state;

static uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15ull;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ x >> 27) * 0x94d049bb133111ebull;
	return x ^ x >> 31;
}

static uint64_t rnd(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 0x2545f4914f6cdd1dull;
}

static unsigned below(unsigned n)
{
	return (unsigned)((rnd() >> 32) * n >> 32);
}

static int one_in(unsigned n)
{
	return below(n) == 0;
}

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
	char line[512];
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	if (write(1, line, (size_t)n) != n)
		return;
}

/* ---- what arguments are made of */
static char *rw, *ro, *none, *gone;	/* 8 pages written; 2 read only; 2 without access; 2 unmapped */
static int fds[64], nfds;

static const char *const paths[] = {
	"a", "b", "d", "d/e", "d/e/f", "link", "dangling", "loop", "fifo", "sock", ".", "..", "./d/../a", "", "/", "/tmp", "/proc/self/fd/3",
	"/proc/self/status", "/proc/self/maps", "/proc/self/mem", "/proc/self/task", "/proc/self/ns/mnt", "/proc/meminfo", "/dev/null",
	"/dev/zero", "/dev/full", "/dev/ptmx", "/dev/tty", "/dev/shm", "/dev/random", "mnt", "mnt/x", "proc", "tmpfs", "devpts", "sysfs",
	"mqueue", "none", "user.x", "user.long", "trusted.y", "security.capability", "system.posix_acl_access", "/q1", "q2", "size=64k", "bind",
	"newdir", "new1", "new2", "new3", "#1", "d/e/../../a", "a/", "d/", "//d", "\xff\xfe", "new line\n",
};

static const uint64_t numbers[] = {
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 16, 17, 24, 31, 32, 33, 63, 64, 65, 100, 127, 128, 129, 255, 256, 257, 511, 512, 1000, 1023, 1024,
	1025, 4095, 4096, 4097, 8191, 8192, 32767, 32768, 65535, 65536, 65537, 0xfffff, 0x100000, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe,
	0xffffffff, 0x100000000, 0x100000001, 0x7fffffffffffffff, 0x8000000000000000, 0xfffffffffffff000, 0xfffffffffffff001, -2, -1,
	0x0000ffffffffffff, 0x0001000000000000, 0x00007fffffffffff, 0x00007ffffffff000, 0xffff800000000000, 0xffff000000000000,
};

static uint64_t any_number(void)
{
	switch (below(6)) {
	case 0: return 1ull << below(64);
	case 1: return (1ull << below(64)) - 1;
	case 2: return below(64);
	case 3: return -(uint64_t)below(200);
	case 4: return rnd() >> below(64);
	}
	return numbers[below(COUNT(numbers))];
}

static uint64_t any_fd(void)
{
	switch (below(16)) {
	case 0: return (uint64_t)-1;
	case 1: return (uint64_t)AT_FDCWD;
	case 2: return below(1100);
	case 3: return any_number();
	}
	return nfds ? (uint64_t)fds[below((unsigned)nfds)] : 5;
}

static uint64_t any_pid(void)
{
	switch (below(8)) {
	case 0: return 0;
	case 1: return 2 + below(200);
	case 2: return (uint64_t)getppid() == 1 ? 0 : (uint64_t)getppid();
	case 3: return 4194304 + below(100);
	case 4: return one_in(40) ? (uint64_t)-1 : 0;
	}
	return one_in(2) ? (uint64_t)getpid() : (uint64_t)syscall(SYS_gettid);
}

static uint64_t any_length(void)
{
	switch (below(5)) {
	case 0: return below(64);
	case 1: return below(5000);
	case 2: return PAGE * below(9);
	case 3: return any_number();
	}
	return 8ull << below(10);
}

/* Memory to pass: mostly a filled buffer, else all that can be wrong with one. */
static void *any_memory(void)
{
	char *p;

	switch (below(14)) {
	case 0: return NULL;
	case 1: return (void *)any_number();
	case 2: return ro + below(64) * 8;
	case 3: return none + below(64);
	case 4: return gone + below(64);
	case 5: return rw + 8 * PAGE - below(200);		/* goes over the end */
	case 6: return ro + 2 * PAGE - below(64);
	case 7: return rw + below(8 * PAGE - 1);		/* not aligned */
	}
	p = rw + below(7 * PAGE / 8) * 8;
	/* Some structure: small words, pointers, lengths. */
	for (unsigned i = 0, n = below(24); i < n && p + i * 8 + 8 <= rw + 8 * PAGE; i++) {
		uint64_t v = any_number();

		switch (below(6)) {
		case 0: v = (uint64_t)(uintptr_t)(rw + below(8 * PAGE)); break;
		case 1: v = any_length(); break;
		case 2: v = any_fd(); break;
		case 3: v = below(32) | (uint64_t)below(32) << 32; break;
		}
		if (one_in(3))
			*(uint32_t *)(p + i * 8) = (uint32_t)v;
		else
			*(uint64_t *)(p + i * 8) = v;
	}
	return p;
}

static void *any_path(void)
{
	char *p = rw + below(6) * PAGE + below(64);

	switch (below(20)) {
	case 0: return any_memory();
	case 1:		/* not ended, up to memory that is not there */
		p = rw + 8 * PAGE - 20;
		memset(p, 'x', 20);
		return p;
	case 2:
		memset(p, 'n', 255 + below(3));
		p[255 + below(2)] = 0;
		return p;
	case 3:
		p = rw + PAGE;
		for (int i = 0; i < 4100; i += 2)
			memcpy(p + i, i % 64 ? "./" : "d/", 2);
		p[4090 + below(10)] = 0;
		return p;
	}
	return strcpy(p, paths[below(COUNT(paths))]);
}

static void *any_iov(void)
{
	struct iovec *v = (struct iovec *)(rw + below(32) * 64);

	if (one_in(6))
		return any_memory();
	for (unsigned i = 0, n = 1 + below(8); i < n; i++) {
		v[i].iov_base = any_memory();
		v[i].iov_len = any_length();
	}
	return v;
}

static uint64_t argument(enum kind k)
{
	if (one_in(24))
		k = (enum kind)(1 + below(INT));
	switch (k) {
	case FD: return any_fd();
	case PATH: return (uint64_t)(uintptr_t)any_path();
	case PTR: return (uint64_t)(uintptr_t)(one_in(8) ? NULL : any_memory());
	case IOV: return (uint64_t)(uintptr_t)any_iov();
	case LEN: return any_length();
	case PID: return any_pid();
	case SIG: return one_in(4) ? any_number() : below(66);
	case ADDR: return one_in(4) ? any_number() : (uint64_t)(uintptr_t)any_memory() & (one_in(4) ? ~0ull : ~(PAGE - 1));
	case FLAGS: return one_in(3) ? any_number() : (one_in(2) ? below(16) : 1u << below(22) | (one_in(2) ? 1u << below(22) : 0));
	case NONE:
	case INT: break;
	}
	return any_number();
}

/* ---- a worker */
static void add_fd(int fd)
{
	if (fd >= 0 && nfds < (int)COUNT(fds))
		fds[nfds++] = fd;
}

static void open_some(void)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX, .sun_path = "sock" };
	sigset_t set;
	int p[2], fd;

	nfds = 0;
	fd = open("a", O_RDWR | O_CREAT, 0644);
	add_fd(fd);
	if (fd >= 0 && ftruncate(fd, 3 * PAGE + 100))
		return;
	add_fd(open("b", O_RDWR | O_CREAT | O_APPEND | O_NONBLOCK, 0644));
	mkdir("d", 0755);
	mkdir("d/e", 0755);
	mkdir("mnt", 0755);
	add_fd(open("d", O_RDONLY | O_DIRECTORY));
	add_fd(open("d/e", O_PATH));
	add_fd(open("d/e/f", O_WRONLY | O_CREAT, 0644));
	if (symlink("a", "link") || symlink("no", "dangling") || symlink("loop", "loop"))
		errno = 0;	/* another worker was faster */
	mkfifo("fifo", 0644);
	add_fd(open("fifo", O_RDWR | O_NONBLOCK));
	if (pipe2(p, one_in(2) ? O_NONBLOCK : 0) == 0) {
		add_fd(p[0]);
		add_fd(p[1]);
	}
	if (socketpair(AF_UNIX, one_in(2) ? SOCK_STREAM : SOCK_DGRAM, 0, p) == 0) {
		add_fd(p[0]);
		add_fd(p[1]);
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	add_fd(fd);
	if (fd >= 0 && bind(fd, (void *)&un, sizeof(un)) == 0)
		listen(fd, 4);
	add_fd(socket(AF_UNIX, SOCK_SEQPACKET, 0));
	add_fd(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
	add_fd(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0));
	fd = epoll_create1(0);
	add_fd(fd);
	if (fd >= 0 && nfds > 8)
		epoll_ctl(fd, EPOLL_CTL_ADD, fds[7], &(struct epoll_event){ .events = EPOLLIN | EPOLLOUT });
	add_fd(eventfd(3, EFD_NONBLOCK));
	add_fd(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK));
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	add_fd(signalfd(-1, &set, SFD_NONBLOCK));
	fd = inotify_init1(IN_NONBLOCK);
	add_fd(fd);
	if (fd >= 0)
		inotify_add_watch(fd, ".", IN_ALL_EVENTS);
	add_fd((int)syscall(SYS_memfd_create, "m", MFD_ALLOW_SEALING));
	add_fd((int)syscall(SYS_pidfd_open, getpid(), 0));
	fd = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK);
	add_fd(fd);
	if (fd >= 0 && !unlockpt(fd))
		add_fd(open(ptsname(fd), O_RDWR | O_NOCTTY | O_NONBLOCK));
	add_fd(open("/dev/null", O_RDWR));
	add_fd(open("/dev/zero", O_RDWR));
	add_fd(open("/dev/full", O_RDWR));
	add_fd(open("/proc/self/maps", O_RDONLY));
	add_fd(open("/proc/self/status", O_RDONLY));
	add_fd(open("/proc/self/mem", O_RDWR));
	add_fd(open("/proc", O_RDONLY));
	add_fd(open("/proc/self/fd", O_RDONLY));
	add_fd(open("/proc/mounts", O_RDONLY));
	add_fd((int)syscall(SYS_fsopen, "tmpfs", 0));
	add_fd((int)syscall(SYS_open_tree, AT_FDCWD, ".", 1));
}

static void make_memory(void)
{
	char *p = mmap(NULL, 32 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		_exit(1);
	rw = p + PAGE;
	ro = p + 11 * PAGE;
	none = p + 14 * PAGE;
	gone = p + 18 * PAGE;
	for (unsigned i = 0; i < 32 * PAGE / 8; i++)
		((uint64_t *)p)[i] = one_in(3) ? rnd() : any_number();
	munmap(p, PAGE);
	munmap(p + 9 * PAGE, PAGE);		/* behind rw */
	mprotect(ro, 2 * PAGE, PROT_READ);
	mprotect(none, 2 * PAGE, PROT_NONE);
	munmap(gone, 2 * PAGE);
}

static void drop_capabilities(void)
{
	struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct d[2];
	static const int drop[] = { CAP_SYS_BOOT, CAP_SYS_NICE, CAP_SYS_TIME };

	for (unsigned i = 0; i < COUNT(drop); i++)
		prctl(PR_CAPBSET_DROP, drop[i], 0, 0, 0);
	if (syscall(SYS_capget, &h, d))
		return;
	for (unsigned i = 0; i < COUNT(drop); i++) {
		uint32_t bit = ~(1u << drop[i] % 32);

		d[drop[i] / 32].effective &= bit;
		d[drop[i] / 32].permitted &= bit;
		d[drop[i] / 32].inheritable &= bit;
	}
	syscall(SYS_capset, &h, d);
}

static int allowed(const struct call *c)
{
	size_t n = strlen(c->name);

	/* These end or fork the worker; once in a while is enough. */
	if (!strcmp(c->name, "exit") || !strcmp(c->name, "exit_group") || !strcmp(c->name, "clone") || !strcmp(c->name, "clone3") ||
	    !strcmp(c->name, "fork") || !strcmp(c->name, "vfork") || !strcmp(c->name, "execve") || !strcmp(c->name, "execveat") ||
	    !strcmp(c->name, "rt_sigreturn"))
		if (!one_in(50))
			return 0;
	if (!only[0])
		return 1;
	for (const char *p = strstr(only, c->name); p; p = strstr(p + 1, c->name))
		if ((p == only || p[-1] == ',') && (p[n] == 0 || p[n] == ','))
			return 1;
	return 0;
}

static void make_calls(struct progress *mine)
{
	for (unsigned long n = 0; !max_calls || n < max_calls; n++) {
		const struct call *c = &calls[below(NCALLS)];
		uint64_t a[6];
		long r;

		if (!allowed(c)) {
			n--;
			continue;
		}
		for (int i = 0; i < 6; i++)
			a[i] = c->args[i] == NONE ? rnd() : argument(c->args[i]);
		mine->nr = c->nr;
		mine->since_ms = now_ms();
		mine->calls++;
		if (tracing)
			say("sysfuzz: %s(%#lx, %#lx, %#lx, %#lx, %#lx, %#lx)\n", c->name, a[0], a[1], a[2], a[3], a[4], a[5]);
		r = syscall(c->nr, a[0], a[1], a[2], a[3], a[4], a[5]);
		if (r >= 0)
			mine->good++;
		if (n % 512 == 511)
			open_some();
	}
}

struct start {
	struct progress *mine;
	uint64_t seed;
};

static void *second_thread(void *arg)
{
	struct start *s = arg;

	state = s->seed;
	make_calls(s->mine);
	return NULL;
}

static void worker(unsigned slot, unsigned id, unsigned generation)
{
	struct rlimit small = { 256, 256 }, files = { 16 << 20, 16 << 20 }, none_at_all = { 0, 0 }, space = { 256 << 20, 256 << 20 };
	struct start s = { &progress[id], 0 };
	pthread_t t;

	state = mix(mix(mix(seed) ^ slot) ^ ((uint64_t)id << 32 | generation));
	if (!state)
		state = 1;
	s.seed = mix(state) | 1;
	setsid();
	signal(SIGPIPE, SIG_IGN);
	setrlimit(RLIMIT_NOFILE, &small);
	setrlimit(RLIMIT_FSIZE, &files);
	setrlimit(RLIMIT_CORE, &none_at_all);
	setrlimit(RLIMIT_AS, &space);
	setrlimit(RLIMIT_RTPRIO, &none_at_all);
	drop_capabilities();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	make_memory();
	open_some();
	if (!tracing) {
		close(0);
		close(1);
		close(2);
	}
	if (one_in(3)) {
		if (setgid(1000) || setuid(1000))
			_exit(1);
	}
	if (one_in(3))
		pthread_create(&t, NULL, second_thread, &s);
	make_calls(s.mine);
	_exit(0);
}

/* Starts workers and ends those that hang, until killed. */
static void manager(unsigned slot)
{
	pid_t pids[MAX_WORKERS] = { 0 };

	if (unshare(CLONE_NEWNS | CLONE_NEWUTS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("fuzz", "/tmp", "tmpfs", 0, "size=24m,mode=777") || mkdir("/tmp/proc", 0755) || mkdir("/tmp/dev", 0755) ||
	    mkdir("/tmp/tmp", 0777) || mount("proc", "/tmp/proc", "proc", 0, NULL) || mount("dev", "/tmp/dev", "devtmpfs", 0, NULL)) {
		say("sysfuzz: manager: %s\n", strerror(errno));
		_exit(1);
	}
	mkdir("/tmp/dev/shm", 0777);
	if (chroot("/tmp") || chdir("/tmp"))
		_exit(1);
	for (;;) {
		struct timespec nap = { 0, 10000000 };

		for (unsigned i = 0; i < workers; i++) {
			int status;

			if (pids[i] && now_ms() - progress[i].since_ms > 150)
				kill(pids[i], SIGKILL);
			if (pids[i] && waitpid(pids[i], &status, WNOHANG) == 0)
				continue;
			progress[i].since_ms = now_ms();
			pids[i] = fork();
			if (pids[i] == 0)
				worker(slot, i, progress[i].generation);
			if (pids[i] < 0)
				pids[i] = 0;
			progress[i].generation++;
		}
		while (waitpid(-1, NULL, WNOHANG | __WALL) > 0)
			;	/* grandchildren that were given to us */
		nanosleep(&nap, NULL);
	}
}

/* ---- the supervisor */
static long field(const char *file, const char *name)
{
	static char text[65536];
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	char *p;

	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return -1;
	text[n] = 0;
	if (!name)
		return atol(text);
	p = strstr(text, name);
	return p ? atol(p + strlen(name)) : -1;
}

/* System V objects and message queues outlive their processes. */
static void remove_ipc(void)
{
	struct shmid_ds shm;
	struct msqid_ds msg;
	struct semid_ds sem;
	int max, id;

	max = shmctl(0, SHM_INFO, (void *)&shm);
	for (int i = 0; i <= max; i++)
		if ((id = shmctl(i, SHM_STAT, &shm)) >= 0)
			shmctl(id, IPC_RMID, NULL);
	max = msgctl(0, MSG_INFO, (void *)&msg);
	for (int i = 0; i <= max; i++)
		if ((id = msgctl(i, MSG_STAT, &msg)) >= 0)
			msgctl(id, IPC_RMID, NULL);
	max = semctl(0, 0, SEM_INFO, &sem);
	for (int i = 0; i <= max; i++)
		if ((id = semctl(i, 0, SEM_STAT, &sem)) >= 0)
			semctl(id, 0, IPC_RMID);
	for (unsigned i = 0; i < COUNT(paths); i++)
		syscall(SYS_mq_unlink, paths[i] + (paths[i][0] == '/'));
}

static void end_all(void)
{
	uint64_t end = now_ms() + 20000;

	kill(-1, SIGKILL);
	for (;;) {
		pid_t pid = waitpid(-1, NULL, WNOHANG | __WALL);

		if (pid < 0)
			break;
		if (pid == 0) {
			struct timespec nap = { 0, 2000000 };

			if (now_ms() > end) {
				say("sysfuzz: a killed process does not end:\n");
				for (unsigned i = 0; i < workers; i++)
					say("sysfuzz: worker %u: call %d\n", i, progress[i].nr);
				end = ~0ull;
			}
			kill(-1, SIGKILL);
			nanosleep(&nap, NULL);
		}
	}
}

/* The workers may signal, stop and trace their manager: when it is gone or held there is another one. */
static void slot_run(unsigned slot)
{
	uint64_t end = now_ms() + slot_ms;

	while (now_ms() < end) {
		pid_t pid = fork();

		if (pid == 0) {
			struct sched_param ordinary = { 0 };

			sched_setscheduler(0, SCHED_OTHER, &ordinary);
			manager(slot);
		}
		while (now_ms() < end && waitpid(pid, NULL, WNOHANG | WUNTRACED) == 0) {
			struct timespec nap = { 0, 5000000 };

			nanosleep(&nap, NULL);
		}
		end_all();
	}
	remove_ipc();
}

/* Free memory at rest: names of what is gone are dropped, what is freed after grace periods is waited for. */
static long memory_at_rest(void)
{
	struct timespec nap = { 0, 20000000 };
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY | O_CLOEXEC);
	long best = -1;

	if (fd < 0 || write(fd, "2", 1) != 1)
		say("sysfuzz: drop_caches: %s\n", strerror(errno));
	close(fd);

	for (int i = 0, same = 0; i < 100 && same < 8; i++) {
		long now = field("/proc/meminfo", "MemFree:");

		if (now > best) {
			best = now;
			same = 0;
		} else {
			same++;
		}
		nanosleep(&nap, NULL);
	}
	return best;
}

/* What of each cache is in use, to find what leaks: verbose runs only. */
static void show_caches(void)
{
	static char text[65536];
	int fd = open("/proc/slabinfo", O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, text, sizeof(text) - 1);

	close(fd);
	if (n <= 0)
		return;
	text[n] = 0;
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		char name[64];
		long used, all, size;

		if (sscanf(line, "%63s %ld %ld %ld", name, &used, &all, &size) == 4 && all * size > 16384)
			say("sysfuzz:   %-16s %6ld of %6ld, %ld bytes each\n", name, used, all, size);
	}
}

static void parse(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		sscanf(argv[i], "seed=%lu", &seed);
		sscanf(argv[i], "seconds=%u", &seconds);
		sscanf(argv[i], "workers=%u", &workers);
		sscanf(argv[i], "slot=%u", &slot_ms);
		sscanf(argv[i], "calls=%lu", &max_calls);
		sscanf(argv[i], "trace=%d", &tracing);
		sscanf(argv[i], "verbose=%d", &verbose);
		sscanf(argv[i], "only=%255s", only);
	}
	if (workers > MAX_WORKERS)
		workers = MAX_WORKERS;
}

int main(int argc, char **argv)
{
	struct sched_param high = { 99 };
	long free_first = -1, free_last = -1, files_first = -1, files = -1, tasks;
	uint64_t end, total = 0, good = 0;
	unsigned slot = 0;
	int bad = 0;

	parse(argc, argv);
	mkdir("/proc", 0755);
	mkdir("/dev", 0755);
	mkdir("/tmp", 0777);
	mount("proc", "/proc", "proc", 0, NULL);
	mount("dev", "/dev", "devtmpfs", 0, NULL);
	sched_setscheduler(0, SCHED_FIFO, &high);
	for (int i = 1; i < 32; i++)
		signal(i, i == SIGCHLD ? SIG_DFL : SIG_IGN);
	progress = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	sched_setscheduler(0, SCHED_FIFO, &high);
	say("sysfuzz: seed %lu, %u seconds, %u workers, %zu calls\n", seed, seconds, workers, NCALLS);
	end = now_ms() + seconds * 1000ull;
	/* The first slots fill caches; from then on the best of each half is compared. */
	for (; now_ms() < end || slot < 6; slot++) {
		long now;

		slot_run(slot);
		now = memory_at_rest();
		files = field("/proc/sys/fs/file-nr", NULL);
		if (verbose) {
			say("sysfuzz: slot %u: free %ld, slab %ld, cached %ld, tables %ld, stacks %ld, vmalloc %ld, shmem %ld; files %ld\n", slot, now,
			    field("/proc/meminfo", "Slab:"), field("/proc/meminfo", "Cached:"), field("/proc/meminfo", "PageTables:"),
			    field("/proc/meminfo", "KernelStack:"), field("/proc/meminfo", "VmallocUsed:"),
			    field("/proc/meminfo", "Shmem:"), files);
			if (slot % 6 == 2)
				show_caches();
		}
		if (slot == 2)
			files_first = files;
		if (slot >= 2) {
			int late = now_ms() + seconds * 500ull > end;

			if (!late && now > free_first)
				free_first = now;
			if (late && now > free_last)
				free_last = now;
		}
		klogctl(7, NULL, 0);
	}
	for (unsigned i = 0; i < workers; i++) {
		total += progress[i].calls;
		good += progress[i].good;
	}
	tasks = field("/proc/loadavg", "/");
	say("sysfuzz: %lu calls in %u slots, %lu succeeded; free memory %ld KiB, then %ld; open files %ld, then %ld; %ld tasks\n", total, slot, good, free_first,
	    free_last, files_first, files, tasks);
	if (free_first > 0 && free_first - free_last > 1024) {
		say("sysfuzz: memory is gone: %ld KiB\n", free_first - free_last);
		bad = 1;
	}
	if (files != files_first) {
		say("sysfuzz: open files are left\n");
		bad = 1;
	}
	if (total < 1000) {
		say("sysfuzz: next to no calls were made\n");
		bad = 1;
	}
	say("sysfuzz: %s\n", bad ? "FAILED" : "ok");
	sync();
	reboot(RB_POWER_OFF);
	return 0;
}
