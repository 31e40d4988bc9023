/* SPDX-License-Identifier: MIT */
/*
 * rows: /init of rows.sh. Calls every number of arch/ARCH/syscalls.tbl, each in a child of its own with arguments
 * that no call accepts, and compares: ENOSYS exactly for the rows in state enosys, for the numbers in between that have no
 * row, and for those behind the table. Then /proc/gaps must list each of them, with its count and this program. So must it
 * list flags and options that a call does not know.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct row {
	int nr;
	const char *name;
	bool impl;
} rows[] = {
#include "rows.inc"
};
#define NROWS (sizeof(rows) / sizeof(rows[0]))
#define WORST (-1L)

static int passed, failed;
static long *answer;			/* shared with the child */
static char gaps[65536];

static long call(long nr, long a, long b, long c, long d, long e, long f)
{
#if defined(__aarch64__)
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;

	__asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
	return x0;
#else
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall" : "=a"(result) : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
#endif
}

static void check(bool ok, const char *what, const char *name, long nr, long got)
{
	if (ok) {
		passed++;
		return;
	}
	failed++;
	printf("rows: not ok - %s: %s (%ld): %ld\n", what, name, nr, got);
}

/* Its answer; 1 when it never came back: it ended the child, or slept until it was killed. */
static long ask(const struct row *r, long nr)
{
	/* An operation that it knows: an unknown one would be ENOSYS by right. */
	long second = r && !strcmp(r->name, "futex") ? 1 : WORST;
	pid_t pid;
	int status;

	*answer = 1;
	pid = fork();
	if (pid < 0)
		return pid;
	if (pid == 0) {
		pid_t self = getpid();
		long result;

		setsid();		/* no terminal, and a group that can be killed as a whole */
		alarm(5);
		result = call(nr, WORST, second, WORST, WORST, WORST, WORST);
		if (getpid() == self)
			*answer = result;
		_exit(0);
	}
	waitpid(pid, &status, 0);
	kill(-pid, SIGKILL);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	return *answer;
}

static const char *gap_line(long nr)
{
	static char line[200];
	char want[40], *p;

	snprintf(want, sizeof(want), "\tsyscall %ld (", nr);
	p = strstr(gaps, want);
	if (!p)
		return NULL;
	while (p > gaps && p[-1] != '\n')
		p--;
	snprintf(line, sizeof(line), "%.*s", (int)strcspn(p, "\n"), p);
	return line;
}

static void read_gaps(void)
{
	int fd = open("/proc/gaps", O_RDONLY);
	size_t used = 0;
	ssize_t n;

	while (fd >= 0 && (n = read(fd, gaps + used, sizeof(gaps) - 1 - used)) > 0)
		used += (size_t)n;
	close(fd);
}

static void check_gaps(void)
{
	read_gaps();
	for (size_t i = 0; i < NROWS; i++) {
		const struct row *r = &rows[i];
		const char *line = gap_line(r->nr);
		char name[64];

		snprintf(name, sizeof(name), "(%s)", r->name);
		if (r->impl) {
			check(!line, "in /proc/gaps though it is there", r->name, r->nr, 0);
		} else {
			check(line && atol(line) == 1, "count in /proc/gaps", r->name, r->nr, line ? atol(line) : -1);
			check(line && strstr(line, "\tinit["), "caller in /proc/gaps", r->name, r->nr, 0);
			check(line && strstr(line, name), "name in /proc/gaps", r->name, r->nr, 0);
		}
	}
}

/* Each asks for what no Linux has, or Aramid has not. */
static void check_options(void)
{
	static const char *const wanted[] = {
		"setsockopt 0x17777", "getsockopt 0x17777", "socket family 0x9", "futex 0x7f", "madvise 0x4d2", "namespaces 0x40000000",
		"mmap flags 0x40000", "prctl 0x7777", "fcntl 0x7777", "ioctl 0x7777",
	};
	int v = 0, fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	socklen_t n = sizeof(v);

	setsockopt(fd, SOL_SOCKET, 0x7777, &v, n);
	getsockopt(fd, SOL_SOCKET, 0x7777, &v, &n);
	socket(AF_X25, SOCK_SEQPACKET, 0);
	syscall(SYS_futex, &v, 0x7f, 0, NULL, NULL, 0);
	madvise(answer, 4096, 1234);
	unshare(CLONE_NEWNET);
	mmap(NULL, 1 << 21, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	prctl(0x7777, 0, 0, 0, 0);
	fcntl(fd, 0x7777, 0);
	ioctl(fd, 0x7777, &v);
	memset(gaps, 0, sizeof(gaps));
	read_gaps();
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		char line[64];

		snprintf(line, sizeof(line), "\t%s\n", wanted[i]);
		check(strstr(gaps, line), "in /proc/gaps", wanted[i], 0, 0);
	}
}

int main(void)
{
	int last = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	mount("proc", "/proc", "proc", 0, NULL);
	answer = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (size_t i = 0; i < NROWS; i++) {
		long result = ask(&rows[i], rows[i].nr);

		check((result == -ENOSYS) == !rows[i].impl, rows[i].impl ? "implemented" : "ENOSYS", rows[i].name, rows[i].nr, result);
		if (rows[i].nr > last)
			last = rows[i].nr;
	}
	check_gaps();
	check_options();
	for (int nr = 0, i = 0; nr < last + 100; nr++) {
		long result;

		if ((size_t)i < NROWS && rows[i].nr == nr) {
			i++;
			continue;
		}
		result = call(nr, WORST, WORST, WORST, WORST, WORST, WORST);
		check(result == -ENOSYS, "no row", "", nr, result);
	}
	printf("rows: %d passed, %d failed\n", passed, failed);
	reboot(RB_POWER_OFF);
	return 0;
}
