/* SPDX-License-Identifier: MIT */
/*
 * util.h - what the tests of processes, signals, memory and time share beyond harness.h.
 *
 * Everything is for static programs on both architectures; nothing here prints.
 */
#ifndef TESTS_USER_PROCESS_UTIL_H
#define TESTS_USER_PROCESS_UTIL_H

#include <sched.h>
#include <sys/mman.h>

/* Zeroed memory that children share with us. */
HARNESS_UNUSED static void *shared_memory(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	REQUIRE_TRUE(p != MAP_FAILED);
	memset(p, 0, size);
	return p;
}

/* An address as the compiler cannot see through it. */
HARNESS_UNUSED static void *wild(uintptr_t address)
{
	__asm__ volatile("" : "+r"(address));
	return (void *)address;
}

/* The raw clone(2): both architectures take the same flags but not the same argument order. */
HARNESS_UNUSED static long raw_clone(unsigned long flags, void *stack, int *ptid, void *tls, int *ctid)
{
#if defined(__x86_64__)
	return syscall(SYS_clone, flags, stack, ptid, ctid, tls);
#else
	return syscall(SYS_clone, flags, stack, ptid, tls, ctid);
#endif
}

/* As wait_state() for one thread of a process. */
HARNESS_UNUSED static bool wait_thread_state(pid_t pid, pid_t tid, char state)
{
	char path[64], text[512];

	for (int i = 0; i < 5000; i++) {
		int fd;
		ssize_t n = 0;

		snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", pid, tid);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd >= 0) {
			n = read(fd, text, sizeof(text) - 1);
			close(fd);
		}
		if (n > 0) {
			char *paren;

			text[n] = 0;
			paren = strrchr(text, ')');
			if (paren && paren[1] == ' ' && paren[2] == state)
				return true;
		}
		sleep_ms(i < 20 ? 1 : 5);
	}
	fail("wait_thread_state: thread never reached state %c", state);
	return false;
}

/* Wait status as text, with the core flag that status_name() leaves out. */
HARNESS_UNUSED static const char *status_text(int status)
{
	static char text[80];

	snprintf(text, sizeof(text), "%s%s", status_name(status),
		 WIFSIGNALED(status) && WCOREDUMP(status) ? " core" : "");
	return text;
}

HARNESS_UNUSED static const char *cld_name(int code)
{
	static const char *const names[] = { "0", "EXITED", "KILLED", "DUMPED", "TRAPPED", "STOPPED",
					     "CONTINUED" };

	return code >= 0 && code < (int)ARRAY_SIZE(names) ? names[code] : "?";
}

/* A one-shot gate between processes or threads: gate_wait() returns once gate_open() was called. */
struct gate {
	int fd[2];
};

HARNESS_UNUSED static struct gate gate_make(void)
{
	struct gate gate;

	REQUIRE_OK(pipe2(gate.fd, O_CLOEXEC));
	return gate;
}

HARNESS_UNUSED static void gate_open(struct gate *gate)
{
	write_all(gate->fd[1], "g", 1);
}

HARNESS_UNUSED static void gate_wait(struct gate *gate)
{
	char byte;
	ssize_t n;

	do
		n = read(gate->fd[0], &byte, 1);
	while (n < 0 && errno == EINTR);
	if (n != 1)
		fail("gate_wait: %zd", n);
}

/* Signals with the raw call's 8-byte set and no library in between. */
HARNESS_UNUSED static uint64_t raw_mask(int how, const uint64_t *set)
{
	uint64_t old = 0;

	if (syscall(SYS_rt_sigprocmask, how, set, &old, sizeof(old)) < 0)
		fail("rt_sigprocmask: %s", errno_name(errno));
	return old;
}

HARNESS_UNUSED static uint64_t raw_pending(void)
{
	uint64_t set = 0;

	if (syscall(SYS_rt_sigpending, &set, sizeof(set)) < 0)
		fail("rt_sigpending: %s", errno_name(errno));
	return set;
}

#define SIGBIT(n) (1ULL << ((n) - 1))

#endif /* TESTS_USER_PROCESS_UTIL_H */
