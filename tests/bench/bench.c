/* SPDX-License-Identifier: MIT */
/*
 * bench: what one operation costs, on any kernel that runs Linux programs.
 *
 * Run under `-icount shift=0,sleep=off -smp 1`, where guest time advances by one nanosecond an
 * instruction: a difference of clock readings is a number of instructions, the same on every
 * run.  Each operation is run a few times to warm up, then N times; each also checks that the
 * work was done, and a failed check ends the run.
 *
 * As process 1 it is its own /init: it prints how many instructions it took to get here (the
 * virtual counter starts at zero with the machine), runs the operations in a child, and powers
 * off.  Output lines: `bench NAME FIGURE'.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
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
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define DIR4 "/tmp/a/b/c"
#define FILE4 DIR4 "/f"
#define KIB64 65536

static const char *running;	/* operation in progress, for the message of a failed check */

static void fail(int line)
{
	printf("bench FAILED %s (line %d, errno %d)\n", running, line, errno);
	exit(1);
}

#define CHECK(x) do { if (!(x)) fail(__LINE__); } while (0)

/* Open for the operations that use them. */
static int null_fd, zero_fd, file_fd, event_fd, epoll_idle, epoll_ready;
static int pipe_fd[2], there[2], back[2], unix_fd[2];
static int udp_fd[2], tcp_fd[2], listen_fd = -1;
static struct sockaddr_in listen_addr;
static char buf[KIB64];
static volatile sig_atomic_t signals;

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

/* ---- trivial calls */

static void op_getppid(void) { CHECK(getppid() > 0); }
static void op_getpid(void) { CHECK(getpid() > 0); }
static void op_gettid(void) { CHECK(gettid() > 0); }
static void op_getuid(void) { CHECK(getuid() == 0); }
static void op_getpriority(void) { CHECK(getpriority(PRIO_PROCESS, 0) == 0); }
static void op_getsid(void) { CHECK(getsid(0) >= 0); }
static void op_sched_yield(void) { CHECK(sched_yield() == 0); }

static void op_uname(void)
{
	struct utsname u;

	CHECK(uname(&u) == 0 && u.sysname[0] == 'L');
}

static void op_clock_gettime(void)
{
	struct timespec ts;

	CHECK(clock_gettime(CLOCK_MONOTONIC, &ts) == 0);
}

static void op_clock_gettime_syscall(void)
{
	struct timespec ts;

	CHECK(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &ts) == 0);
}

static void op_prlimit64(void)
{
	struct rlimit r = { 0 };

	CHECK(getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur > 0);
}

/* ---- files */

static void op_write_null(void) { CHECK(write(null_fd, buf, 1) == 1); }
static void op_read_zero_1(void) { CHECK(read(zero_fd, buf, 1) == 1); }
static void op_read_zero_4k(void) { CHECK(read(zero_fd, buf, 4096) == 4096); }
static void op_fcntl_getfl(void) { CHECK(fcntl(null_fd, F_GETFL) >= 0); }
static void op_lseek(void) { CHECK(lseek(file_fd, 100, SEEK_SET) == 100); }
static void op_pread_1(void) { CHECK(pread(file_fd, buf, 1, 5000) == 1 && buf[0] == 'f'); }
static void op_pread_4k(void) { CHECK(pread(file_fd, buf, 4096, 4096) == 4096 && buf[4095] == 'f'); }
static void op_pread_64k(void) { CHECK(pread(file_fd, buf, KIB64, 0) == KIB64 && buf[KIB64 - 1] == 'f'); }
static void op_pwrite_4k(void) { CHECK(pwrite(file_fd, buf, 4096, 8192) == 4096); }
static void op_access(void) { CHECK(access(FILE4, R_OK) == 0); }
static void op_getcwd(void) { CHECK(getcwd(buf, 100) && buf[0] == '/' && !buf[1]); }
static void op_readlink(void) { CHECK(readlink("/tmp/l", buf, 100) == 1); }

static void op_dup_close(void)
{
	int fd = dup(null_fd);

	CHECK(fd >= 0 && close(fd) == 0);
}

static void op_open_close(void)
{
	int fd = open(FILE4, O_RDONLY);

	CHECK(fd >= 0 && close(fd) == 0);
}

static void op_stat(void)
{
	struct stat st;

	CHECK(stat(FILE4, &st) == 0 && st.st_size == KIB64);
}

static void op_fstat(void)
{
	struct stat st;

	CHECK(fstat(file_fd, &st) == 0 && st.st_size == KIB64);
}

static void op_statx(void)
{
	struct statx st;

	CHECK(statx(AT_FDCWD, FILE4, 0, STATX_BASIC_STATS, &st) == 0 && st.stx_size == KIB64);
}

static void op_stat_enoent(void)
{
	struct stat st;

	CHECK(stat(DIR4 "/none", &st) == -1 && errno == ENOENT);
}

static void op_create_unlink(void)
{
	int fd = open("/tmp/new", O_CREAT | O_EXCL | O_WRONLY, 0600);

	CHECK(fd >= 0 && close(fd) == 0 && unlink("/tmp/new") == 0);
}

static void op_mkdir_rmdir(void) { CHECK(mkdir("/tmp/d", 0700) == 0 && rmdir("/tmp/d") == 0); }

static void op_rename(void)
{
	CHECK(rename("/tmp/r1", "/tmp/r2") == 0 && rename("/tmp/r2", "/tmp/r1") == 0);
}

static void op_getdents64_200(void)
{
	int fd = open("/tmp/dir200", O_RDONLY | O_DIRECTORY);
	int names = 0;
	long n;

	CHECK(fd >= 0);
	while ((n = syscall(SYS_getdents64, fd, buf, 32768)) > 0)
		for (long at = 0; at < n; names++)
			at += *(unsigned short *)(buf + at + 16);
	CHECK(n == 0 && names == 202 && close(fd) == 0);
}

static void op_proc_self_stat(void)
{
	int fd = open("/proc/self/stat", O_RDONLY);

	CHECK(fd >= 0 && read(fd, buf, 1024) > 50 && close(fd) == 0);
}

/* ---- pipes and events */

static void op_pipe_rw_1(void) { CHECK(write(pipe_fd[1], "p", 1) == 1 && read(pipe_fd[0], buf, 1) == 1 && buf[0] == 'p'); }
static void op_pipe_rw_4k(void) { CHECK(write(pipe_fd[1], buf, 4096) == 4096 && read(pipe_fd[0], buf, 4096) == 4096); }

static void op_pipe_create(void)
{
	int p[2];

	CHECK(pipe(p) == 0 && close(p[0]) == 0 && close(p[1]) == 0);
}

static void op_socketpair_create(void)
{
	int p[2];

	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, p) == 0 && close(p[0]) == 0 && close(p[1]) == 0);
}
static void op_unix_rw_1(void) { CHECK(write(unix_fd[1], "p", 1) == 1 && read(unix_fd[0], buf, 1) == 1 && buf[0] == 'p'); }
static void op_unix_rw_4k(void) { CHECK(write(unix_fd[1], buf, 4096) == 4096 && read(unix_fd[0], buf, 4096) == 4096); }

/* ---- the Internet, on loopback */

static void op_setsockopt(void)
{
	int one = 1;

	CHECK(setsockopt(tcp_fd[0], SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == 0);
}

static void op_getsockopt(void)
{
	int v = 0;
	socklen_t n = sizeof(v);

	CHECK(getsockopt(tcp_fd[0], SOL_SOCKET, SO_REUSEADDR, &v, &n) == 0 && v == 1);
}

static void op_socket_close_tcp(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	CHECK(fd >= 0 && close(fd) == 0);
}

static void udp_rw(size_t n) { CHECK(write(udp_fd[0], buf, n) == (ssize_t)n && read(udp_fd[1], buf, KIB64) == (ssize_t)n); }
static void op_udp_lo_rw_1(void) { udp_rw(1); }
static void op_udp_lo_rw_1400(void) { udp_rw(1400); }

/* Connect, accept, reset: nothing lingers. */
static void op_tcp_lo_connect_close(void)
{
	struct linger none = { 1, 0 };
	int a = socket(AF_INET, SOCK_STREAM, 0), b;

	CHECK(a >= 0 && connect(a, (struct sockaddr *)&listen_addr, sizeof(listen_addr)) == 0);
	b = accept(listen_fd, NULL, NULL);
	CHECK(b >= 0 && setsockopt(a, SOL_SOCKET, SO_LINGER, &none, sizeof(none)) == 0);
	CHECK(close(a) == 0 && close(b) == 0);
}

static void op_tcp_lo_rr_1(void)
{
	CHECK(write(tcp_fd[0], "p", 1) == 1 && read(tcp_fd[1], buf, 1) == 1 && buf[0] == 'p');
	CHECK(write(tcp_fd[1], "q", 1) == 1 && read(tcp_fd[0], buf, 1) == 1 && buf[0] == 'q');
}

static void op_tcp_lo_16k(void)
{
	ssize_t n;

	CHECK(write(tcp_fd[0], buf, 16384) == 16384);
	for (int got = 0; got < 16384; got += (int)n)
		CHECK((n = read(tcp_fd[1], buf, 16384 - got)) > 0);
}

static int net_prepare(void)
{
	struct sockaddr_in a[2];
	struct ifreq r = { .ifr_name = "lo" };
	socklen_t n = sizeof(a[0]);
	int one = 1;

	running = "net_prepare";
	listen_fd = socket(AF_INET, SOCK_STREAM, 0);
	if (listen_fd < 0)
		return 0;	/* a kernel without it fails only its own lines */
	CHECK(ioctl(listen_fd, SIOCGIFFLAGS, &r) == 0);
	r.ifr_flags |= IFF_UP;
	CHECK(ioctl(listen_fd, SIOCSIFFLAGS, &r) == 0);
	listen_addr.sin_family = AF_INET;
	listen_addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	CHECK(bind(listen_fd, (struct sockaddr *)&listen_addr, n) == 0 && listen(listen_fd, 16) == 0);
	CHECK(getsockname(listen_fd, (struct sockaddr *)&listen_addr, &n) == 0);
	tcp_fd[0] = socket(AF_INET, SOCK_STREAM, 0);
	CHECK(connect(tcp_fd[0], (struct sockaddr *)&listen_addr, n) == 0);
	tcp_fd[1] = accept(listen_fd, NULL, NULL);
	CHECK(tcp_fd[1] >= 0);
	for (int i = 0; i < 2; i++) {
		CHECK(setsockopt(tcp_fd[i], IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) == 0);
		CHECK(setsockopt(tcp_fd[i], SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == 0);
		udp_fd[i] = socket(AF_INET, SOCK_DGRAM, 0);
		a[i] = listen_addr;
		a[i].sin_port = 0;
		CHECK(bind(udp_fd[i], (struct sockaddr *)&a[i], n) == 0);
		CHECK(getsockname(udp_fd[i], (struct sockaddr *)&a[i], &n) == 0);
	}
	for (int i = 0; i < 2; i++)
		CHECK(connect(udp_fd[i], (struct sockaddr *)&a[!i], n) == 0);
	return 1;
}

/* ---- events */

static void op_eventfd_rw(void)
{
	uint64_t v = 3;

	CHECK(write(event_fd, &v, 8) == 8 && read(event_fd, &v, 8) == 8 && v == 3);
}

static void op_epoll_wait_0(void)
{
	struct epoll_event e;

	CHECK(epoll_wait(epoll_idle, &e, 1, 0) == 0);
}

static void op_epoll_wait_ready(void)
{
	struct epoll_event e;

	CHECK(epoll_wait(epoll_ready, &e, 1, 0) == 1 && e.data.u32 == 77);
}

static void op_poll_1(void)
{
	struct pollfd p = { .fd = event_fd, .events = POLLOUT };

	CHECK(poll(&p, 1, 0) == 1 && p.revents == POLLOUT);
}

/* ---- signals and futexes */

static void on_signal(int sig)
{
	(void)sig;
	signals++;
}

static void op_sigprocmask(void)
{
	sigset_t s;

	sigemptyset(&s);
	sigaddset(&s, SIGUSR2);
	CHECK(sigprocmask(SIG_BLOCK, &s, NULL) == 0 && sigprocmask(SIG_UNBLOCK, &s, NULL) == 0);
}

static void op_sigaction(void)
{
	struct sigaction sa = { .sa_handler = on_signal };
	struct sigaction old;

	CHECK(sigaction(SIGUSR1, &sa, &old) == 0 && old.sa_handler == on_signal);
}

static void op_signal_self(void)
{
	int before = signals;

	CHECK(kill(getpid(), SIGUSR1) == 0 && signals == before + 1);
}

static void op_futex_wake_none(void)
{
	static uint32_t word;

	CHECK(syscall(SYS_futex, &word, FUTEX_WAKE, 1, NULL, NULL, 0) == 0);
}

/* ---- memory */

static void op_mmap_munmap(void)
{
	char *p = mmap(NULL, KIB64, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	CHECK(munmap(p, KIB64) == 0);
}

static void touch(size_t size)
{
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	for (size_t at = 0; at < size; at += 4096)
		p[at] = 1;
	CHECK(p[size - 4096] == 1 && p[size - 1] == 0 && munmap(p, size) == 0);
}

static void op_mmap_touch_64k(void) { touch(KIB64); }
static void op_mmap_touch_8m(void) { touch(8 << 20); }

static void op_mmap_file_touch_64k(void)
{
	char *p = mmap(NULL, KIB64, PROT_READ, MAP_SHARED, file_fd, 0);
	int sum = 0;

	CHECK(p != MAP_FAILED);
	for (size_t at = 0; at < KIB64; at += 4096)
		sum += *(volatile char *)(p + at);
	CHECK(sum == 16 * 'f' && munmap(p, KIB64) == 0);
}

static void op_mprotect(void)
{
	static char *p;

	if (!p) {
		p = mmap(NULL, KIB64, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		CHECK(p != MAP_FAILED);
	}
	CHECK(mprotect(p, 8192, PROT_READ) == 0 && mprotect(p, 8192, PROT_READ | PROT_WRITE) == 0);
	p[0] = 1;
}

static void op_brk(void)
{
	char *p = sbrk(4096);

	CHECK(p != (char *)-1);
	CHECK(sbrk(-4096) != (char *)-1);
}

/* ---- processes and threads */

static void reap(pid_t pid)
{
	int status;

	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 7);
}

static void op_fork_exit_wait(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(7);
	reap(pid);
}

static char *const exec_argv[] = { "/tiny", NULL };
static char *const exec_envp[] = { NULL };

static void op_fork_exec_wait(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		execve("/tiny", exec_argv, exec_envp);
		_exit(1);
	}
	reap(pid);
}

static void op_vfork_exec_wait(void)
{
	pid_t pid = vfork();

	if (pid == 0) {
		execve("/tiny", exec_argv, exec_envp);
		_exit(1);
	}
	reap(pid);
}

static void *thread_body(void *arg)
{
	return arg;
}

static void op_thread_create_join(void)
{
	pthread_t t;
	void *ret;

	CHECK(pthread_create(&t, NULL, thread_body, buf) == 0 && pthread_join(t, &ret) == 0 && ret == buf);
}

/* The other side of ctxsw_pipe_*: sends each byte back, ends at end of file. */
static void *echo_body(void *arg)
{
	char c;

	(void)arg;
	while (read(there[0], &c, 1) == 1 && c != 'q')
		if (write(back[1], &c, 1) != 1)
			break;
	return NULL;
}

static void op_ctxsw_pipe(void)
{
	char c = 'c';

	CHECK(write(there[1], &c, 1) == 1 && read(back[0], &c, 1) == 1 && c == 'c');
}

struct op {
	const char *name;
	void (*run)(void);
	int n;
};

#define OP(name, n) { #name, op_##name, n }

static const struct op ops[] = {
	OP(getppid, 20000), OP(getpid, 20000), OP(gettid, 20000), OP(getuid, 20000), OP(getpriority, 20000),
	OP(uname, 10000), OP(clock_gettime, 20000), OP(clock_gettime_syscall, 10000), OP(prlimit64, 10000),
	OP(getsid, 20000), OP(sched_yield, 10000), OP(write_null, 10000), OP(read_zero_1, 10000),
	OP(read_zero_4k, 5000), OP(dup_close, 10000), OP(fcntl_getfl, 10000), OP(open_close, 4000), OP(stat, 4000),
	OP(fstat, 4000), OP(statx, 4000), OP(access, 4000), OP(readlink, 4000), OP(stat_enoent, 4000),
	OP(getcwd, 4000), OP(lseek, 10000), OP(pread_1, 10000), OP(pread_4k, 5000), OP(pread_64k, 500),
	OP(pwrite_4k, 5000), OP(create_unlink, 1000), OP(mkdir_rmdir, 1000), OP(rename, 1000),
	OP(getdents64_200, 100), OP(pipe_rw_1, 5000), OP(pipe_rw_4k, 5000), OP(pipe_create, 2000),
	OP(socketpair_create, 2000), OP(unix_rw_1, 5000), OP(unix_rw_4k, 5000),
	OP(eventfd_rw, 5000), OP(epoll_wait_0, 10000), OP(epoll_wait_ready, 10000), OP(poll_1, 10000),
	OP(sigprocmask, 10000), OP(sigaction, 10000), OP(signal_self, 4000), OP(futex_wake_none, 10000),
	OP(mmap_munmap, 2000), OP(mmap_touch_64k, 300), OP(mmap_touch_8m, 8), OP(mmap_file_touch_64k, 500),
	OP(mprotect, 2000), OP(brk, 1000), OP(fork_exit_wait, 200), OP(vfork_exec_wait, 100),
	OP(fork_exec_wait, 100), OP(thread_create_join, 500), OP(proc_self_stat, 1000),
};

static const struct op net_ops[] = {
	OP(setsockopt, 10000), OP(getsockopt, 10000), OP(socket_close_tcp, 2000), OP(udp_lo_rw_1, 3000), OP(udp_lo_rw_1400, 3000),
	OP(tcp_lo_connect_close, 1000), OP(tcp_lo_rr_1, 3000), OP(tcp_lo_16k, 2000),
};

static void measure(const char *name, void (*run)(void), int n)
{
	uint64_t t;

	running = name;
	for (int i = 0; i < n / 20 + 3; i++)
		run();
	t = now();
	for (int i = 0; i < n; i++)
		run();
	printf("bench %s %llu\n", name, (unsigned long long)((now() - t) / n));
	fflush(stdout);
}

static void prepare(void)
{
	struct epoll_event e = { .events = EPOLLIN, .data.u32 = 77 };
	struct sigaction sa = { .sa_handler = on_signal };
	int busy, idle;
	char name[64];

	running = "prepare";
	CHECK(mkdir("/tmp/a", 0755) == 0 && mkdir("/tmp/a/b", 0755) == 0 && mkdir(DIR4, 0755) == 0);
	file_fd = open(FILE4, O_CREAT | O_RDWR, 0644);
	memset(buf, 'f', sizeof(buf));
	CHECK(write(file_fd, buf, sizeof(buf)) == sizeof(buf));
	CHECK(symlink("f", "/tmp/l") == 0 && close(creat("/tmp/r1", 0600)) == 0);
	CHECK(mkdir("/tmp/dir200", 0755) == 0);
	for (int i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "/tmp/dir200/f%d", i);
		CHECK(close(creat(name, 0600)) == 0);
	}
	null_fd = open("/dev/null", O_RDWR);
	zero_fd = open("/dev/zero", O_RDONLY);
	event_fd = eventfd(0, 0);
	busy = eventfd(1, 0);
	idle = eventfd(0, 0);
	epoll_idle = epoll_create1(0);
	epoll_ready = epoll_create1(0);
	CHECK(null_fd >= 0 && zero_fd >= 0 && epoll_ready >= 0);
	CHECK(epoll_ctl(epoll_idle, EPOLL_CTL_ADD, idle, &e) == 0);
	CHECK(epoll_ctl(epoll_ready, EPOLL_CTL_ADD, busy, &e) == 0);
	CHECK(pipe(pipe_fd) == 0 && pipe(there) == 0 && pipe(back) == 0);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, unix_fd) < 0)
		unix_fd[0] = unix_fd[1] = -1;	/* a kernel without them fails only their own lines */
	CHECK(sigaction(SIGUSR1, &sa, NULL) == 0 && chdir("/") == 0);
}

static int run_all(const char *only)
{
	pthread_t t;
	pid_t pid;

	prepare();
	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		if (!only || strstr(only, ops[i].name))
			measure(ops[i].name, ops[i].run, ops[i].n);
	if (net_prepare())
		for (size_t i = 0; i < sizeof(net_ops) / sizeof(net_ops[0]); i++)
			if (!only || strstr(only, net_ops[i].name))
				measure(net_ops[i].name, net_ops[i].run, net_ops[i].n);

	running = "ctxsw_pipe_proc";
	pid = fork();
	if (pid == 0) {
		echo_body(NULL);
		_exit(7);
	}
	measure("ctxsw_pipe_proc", op_ctxsw_pipe, 2000);
	CHECK(write(there[1], "q", 1) == 1);
	reap(pid);

	running = "ctxsw_pipe_thread";
	CHECK(pthread_create(&t, NULL, echo_body, NULL) == 0);
	measure("ctxsw_pipe_thread", op_ctxsw_pipe, 2000);
	CHECK(write(there[1], "q", 1) == 1 && pthread_join(t, NULL) == 0);
	printf("bench done 1\n");
	return 0;
}

/* Instructions since the machine started: the counter's ticks in nanoseconds; QEMU's time-stamp counter has one each. */
static unsigned long long since_start(void)
{
#ifdef __aarch64__
	uint64_t ticks, hz;

	__asm__ volatile("isb; mrs %0, cntvct_el0; mrs %1, cntfrq_el0" : "=r"(ticks), "=r"(hz));
	return (unsigned long long)((unsigned __int128)ticks * 1000000000u / hz);
#elif defined(__x86_64__)
	uint32_t lo, hi;

	__asm__ volatile("lfence; rdtsc" : "=a"(lo), "=d"(hi));
	return (unsigned long long)hi << 32 | lo;
#else
	return now();
#endif
}

int main(int argc, char **argv)
{
	unsigned long long at = since_start();
	int status;
	pid_t pid;

	if (getpid() != 1)
		return run_all(argc > 1 ? argv[1] : NULL);
	mount("proc", "/proc", "proc", 0, NULL);
	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	mount("tmpfs", "/tmp", "tmpfs", 0, NULL);
	printf("bench to_init %llu\n", at);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		/* A fresh program: its address space is as any other's, not process 1's. */
		char *args[] = { "bench", getenv("ops"), NULL };

		execv("/init", args);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		printf("bench FAILED status %x\n", status);
	sync();
	reboot(RB_POWER_OFF);
	return 0;
}
