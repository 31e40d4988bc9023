/* SPDX-License-Identifier: MIT */
/*
 * harness.h - the frame of a contract test.
 *
 * A contract test is an ordinary static Linux program: tests/user/FAMILY/NAME.c, several TESTs in a
 * file. Each TEST runs in a forked child of its own, in a fresh empty directory, under a time limit,
 * so that one that hangs or crashes takes none of the others along. What the program prints is the
 * contract: it is recorded from Linux once (record.sh) and compared line by line ever after. It must
 * therefore be the same on every run, on one CPU and on many, on a slow and on a busy machine:
 *
 *  - print names of errors, flags, masks, counts; never pids, addresses, inode numbers, times;
 *  - never sleep to let something happen: wait for the condition (wait_state, a pipe, waitpid);
 *  - check times by generous lower bounds only.
 *
 * Use: TEST(family, name_is_a_sentence) { EXPECT_ERRNO(close(-1), EBADF); note("..."); }
 * EXPECT_* report and go on, REQUIRE_* report and end the test. CHILD(pid) { ... } forks.
 *
 * The header needs nothing but libc, glibc or musl. It is included once per program and has main().
 */
#ifndef TESTS_USER_HARNESS_H
#define TESTS_USER_HARNESS_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>

#define HARNESS_UNUSED __attribute__((unused))
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Seconds one TEST may take before it is killed and reported as "signal=KILL (time limit)". */
#ifndef TEST_SECONDS
#define TEST_SECONDS 20
#endif

struct harness_test {
	const char *name;
	void (*run)(void);
	struct harness_test *next;
};

static struct harness_test *harness_first, **harness_tail = &harness_first;
static int harness_failures;
static pid_t harness_child;

#define TEST(family, test_name)                                                             \
	static void test_##family##_##test_name(void);                                      \
	static struct harness_test harness_##family##_##test_name = {                       \
		#test_name, test_##family##_##test_name, NULL,                              \
	};                                                                                  \
	__attribute__((constructor)) static void harness_add_##family##_##test_name(void)   \
	{                                                                                   \
		*harness_tail = &harness_##family##_##test_name;                            \
		harness_tail = &harness_##family##_##test_name.next;                        \
	}                                                                                   \
	static void test_##family##_##test_name(void)

/* ---- output: each line is one write(2), so that lines of several processes never mix ---- */

static void harness_vline(const char *prefix, const char *format, va_list ap)
{
	char line[4096];
	int used = snprintf(line, sizeof(line), "%s", prefix);
	int saved = errno;

	used += vsnprintf(line + used, sizeof(line) - used - 1, format, ap);
	if (used > (int)sizeof(line) - 2)
		used = sizeof(line) - 2;
	line[used++] = '\n';
	if (write(STDOUT_FILENO, line, used) != used)
		_exit(98);
	errno = saved;
}

/* A deterministic observation: part of the contract. errno survives it. */
HARNESS_UNUSED __attribute__((format(printf, 1, 2))) static void note(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	harness_vline("  ", format, ap);
	va_end(ap);
}

/* Report a failed expectation; the test goes on and is reported as FAIL at its end. */
HARNESS_UNUSED __attribute__((format(printf, 1, 2))) static void fail(const char *format, ...)
{
	va_list ap;

	harness_failures++;
	va_start(ap, format);
	harness_vline("  FAIL ", format, ap);
	va_end(ap);
}

/* Write to a descriptor that must accept it all: keeps -Wunused-result quiet, and says so if not. */
HARNESS_UNUSED static void write_all(int fd, const void *data, size_t size)
{
	ssize_t n = write(fd, data, size);

	if (n != (ssize_t)size)
		fail("write_all(fd %d, %zu bytes) = %zd errno %d", fd, size, n, errno);
}

/* ---- names ---- */

HARNESS_UNUSED static const char *errno_name(int error)
{
	static char unknown[24];
#define HARNESS_E(e) { e, #e }
	static const struct { int number; const char *name; } table[] = {
		HARNESS_E(EPERM), HARNESS_E(ENOENT), HARNESS_E(ESRCH), HARNESS_E(EINTR),
		HARNESS_E(EIO), HARNESS_E(ENXIO), HARNESS_E(E2BIG), HARNESS_E(ENOEXEC),
		HARNESS_E(EBADF), HARNESS_E(ECHILD), HARNESS_E(EAGAIN), HARNESS_E(ENOMEM),
		HARNESS_E(EACCES), HARNESS_E(EFAULT), HARNESS_E(ENOTBLK), HARNESS_E(EBUSY),
		HARNESS_E(EEXIST), HARNESS_E(EXDEV), HARNESS_E(ENODEV), HARNESS_E(ENOTDIR),
		HARNESS_E(EISDIR), HARNESS_E(EINVAL), HARNESS_E(ENFILE), HARNESS_E(EMFILE),
		HARNESS_E(ENOTTY), HARNESS_E(ETXTBSY), HARNESS_E(EFBIG), HARNESS_E(ENOSPC),
		HARNESS_E(ESPIPE), HARNESS_E(EROFS), HARNESS_E(EMLINK), HARNESS_E(EPIPE),
		HARNESS_E(EDOM), HARNESS_E(ERANGE), HARNESS_E(EDEADLK), HARNESS_E(ENAMETOOLONG),
		HARNESS_E(ENOLCK), HARNESS_E(ENOSYS), HARNESS_E(ENOTEMPTY), HARNESS_E(ELOOP),
		HARNESS_E(ENOMSG), HARNESS_E(EIDRM), HARNESS_E(ENODATA), HARNESS_E(ETIME),
		HARNESS_E(EPROTO), HARNESS_E(EBADMSG), HARNESS_E(EOVERFLOW), HARNESS_E(EILSEQ),
		HARNESS_E(EUSERS), HARNESS_E(ENOTSOCK), HARNESS_E(EDESTADDRREQ),
		HARNESS_E(EMSGSIZE), HARNESS_E(EPROTOTYPE), HARNESS_E(ENOPROTOOPT),
		HARNESS_E(EPROTONOSUPPORT), HARNESS_E(ESOCKTNOSUPPORT), HARNESS_E(EOPNOTSUPP),
		HARNESS_E(EPFNOSUPPORT), HARNESS_E(EAFNOSUPPORT), HARNESS_E(EADDRINUSE),
		HARNESS_E(EADDRNOTAVAIL), HARNESS_E(ENETDOWN), HARNESS_E(ENETUNREACH),
		HARNESS_E(ECONNABORTED), HARNESS_E(ECONNRESET), HARNESS_E(ENOBUFS),
		HARNESS_E(EISCONN), HARNESS_E(ENOTCONN), HARNESS_E(ETIMEDOUT),
		HARNESS_E(ECONNREFUSED), HARNESS_E(EHOSTDOWN), HARNESS_E(EHOSTUNREACH),
		HARNESS_E(EALREADY), HARNESS_E(EINPROGRESS), HARNESS_E(ESTALE),
		HARNESS_E(EDQUOT), HARNESS_E(ECANCELED), HARNESS_E(EOWNERDEAD),
		HARNESS_E(ENOTRECOVERABLE),
	};
#undef HARNESS_E

	if (error == 0)
		return "0";
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (table[i].number == error)
			return table[i].name;
	snprintf(unknown, sizeof(unknown), "errno-%d", error);
	return unknown;
}

HARNESS_UNUSED static const char *signal_name(int number)
{
	static char other[24];
	static const char *const names[] = {
		"0", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1",
		"SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP",
		"TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR",
		"SYS",
	};

	if (number >= 0 && number < (int)ARRAY_SIZE(names))
		return names[number];
	snprintf(other, sizeof(other), number >= 34 ? "RT34+%d" : "%d",
		 number >= 34 ? number - 34 : number);
	return other;
}

/* "exit=N", "signal=NAME", "stopped=NAME", "continued" for a wait status. */
HARNESS_UNUSED static const char *status_name(int status)
{
	static char text[64];

	if (WIFEXITED(status))
		snprintf(text, sizeof(text), "exit=%d", WEXITSTATUS(status));
	else if (WIFSIGNALED(status))
		snprintf(text, sizeof(text), "signal=%s", signal_name(WTERMSIG(status)));
	else if (WIFSTOPPED(status))
		snprintf(text, sizeof(text), "stopped=%s", signal_name(WSTOPSIG(status)));
	else if (WIFCONTINUED(status))
		snprintf(text, sizeof(text), "continued");
	else
		snprintf(text, sizeof(text), "status=%#x", status);
	return text;
}

/* ---- expectations ---- */

static const char *harness_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

#define HARNESS_WHERE harness_base(__FILE__), __LINE__

#define EXPECT_TRUE(condition) ({                                                           \
	bool harness_ok = (condition);                                                      \
	if (!harness_ok)                                                                    \
		fail("%s:%d: not true: %s", HARNESS_WHERE, #condition);                     \
	harness_ok; })

#define EXPECT_EQ(got, wanted) ({                                                           \
	long long harness_got = (long long)(got), harness_want = (long long)(wanted);       \
	if (harness_got != harness_want)                                                    \
		fail("%s:%d: %s = %lld (%#llx), expected %lld (%#llx)", HARNESS_WHERE,      \
		     #got, harness_got, harness_got, harness_want, harness_want);           \
	harness_got == harness_want; })

#define EXPECT_NE(got, unwanted) ({                                                         \
	long long harness_got = (long long)(got), harness_not = (long long)(unwanted);      \
	if (harness_got == harness_not)                                                     \
		fail("%s:%d: %s = %lld, expected anything else", HARNESS_WHERE, #got,       \
		     harness_got);                                                          \
	harness_got != harness_not; })

#define EXPECT_GE(got, least) ({                                                            \
	long long harness_got = (long long)(got), harness_least = (long long)(least);       \
	if (harness_got < harness_least)                                                    \
		fail("%s:%d: %s = %lld, expected at least %lld", HARNESS_WHERE, #got,       \
		     harness_got, harness_least);                                           \
	harness_got >= harness_least; })

#define EXPECT_STR(got, wanted) ({                                                          \
	const char *harness_got = (got), *harness_want = (wanted);                          \
	bool harness_ok = strcmp(harness_got, harness_want) == 0;                           \
	if (!harness_ok)                                                                    \
		fail("%s:%d: %s = \"%s\", expected \"%s\"", HARNESS_WHERE, #got,            \
		     harness_got, harness_want);                                            \
	harness_ok; })

/* The call succeeds (answers something not negative); its value is the value of the macro. */
#define EXPECT_OK(call) ({                                                                  \
	long long harness_got = (long long)(call);                                          \
	if (harness_got < 0)                                                                \
		fail("%s:%d: %s = %lld %s, expected success", HARNESS_WHERE, #call,         \
		     harness_got, errno_name(errno));                                       \
	harness_got; })

/* The call fails with -1 (or MAP_FAILED, NULL excluded) and errno equal to WANTED. */
#define EXPECT_ERRNO(call, wanted) ({                                                       \
	errno = 0;                                                                          \
	long long harness_got = (long long)(call);                                          \
	int harness_errno = harness_got == -1 ? errno : 0, harness_want = (wanted);         \
	if (harness_got != -1 || harness_errno != harness_want)                             \
		fail("%s:%d: %s = %lld %s, expected -1 %s", HARNESS_WHERE, #call,           \
		     harness_got, harness_got == -1 ? harness_ename(harness_errno) : "",    \
		     errno_name(harness_want));                                             \
	harness_got == -1 && harness_errno == harness_want; })

/* errno_name whose result survives a second call in one statement. */
HARNESS_UNUSED static const char *harness_ename(int error)
{
	static char name[32];

	snprintf(name, sizeof(name), "%s", errno_name(error));
	return name;
}

#define REQUIRE_OK(call) ({                                                                 \
	long long harness_required = EXPECT_OK(call);                                       \
	if (harness_required < 0)                                                           \
		harness_give_up();                                                          \
	harness_required; })

#define REQUIRE_TRUE(condition) do {                                                        \
	if (!EXPECT_TRUE(condition))                                                        \
		harness_give_up();                                                          \
} while (0)

/* End this process at once, reporting failure to whoever waits for it. */
HARNESS_UNUSED __attribute__((noreturn)) static void harness_give_up(void)
{
	_exit(99);
}

/* The outcome of a call as text: "N" or "-1 ENAME"; for notes. */
#define RESULT(call) ({                                                                     \
	errno = 0;                                                                          \
	harness_result((long long)(call)); })

HARNESS_UNUSED static const char *harness_result(long long value)
{
	static char ring[8][48];
	static unsigned int next;
	char *text = ring[next++ % ARRAY_SIZE(ring)];

	if (value == -1 && errno)
		snprintf(text, sizeof(ring[0]), "-1 %s", errno_name(errno));
	else
		snprintf(text, sizeof(ring[0]), "%lld", value);
	return text;
}

/* Print a call and its outcome, "text = N" or "text = -1 ENAME": the recorded line is the contract. */
#define SHOW(call) note("%s = %s", #call, RESULT(call))

/* Poll one descriptor and note the answer: "WHAT: COUNT REVENTS". */
HARNESS_UNUSED static void note_poll(const char *what, struct pollfd *p, int timeout)
{
	int n = poll(p, 1, timeout);

	note("%s: %d %#x", what, n, p->revents);
}

/* ---- processes ---- */

HARNESS_UNUSED static pid_t harness_fork(void)
{
	pid_t pid = fork();

	if (pid < 0) {
		fail("fork: %s", errno_name(errno));
		harness_give_up();
	}
	if (pid == 0)
		harness_failures = 0;
	return pid;
}

HARNESS_UNUSED __attribute__((noreturn)) static void harness_child_exit(void)
{
	_exit(harness_failures ? 99 : 0);
}

/* CHILD(pid) { body }: the body runs in a forked child that then exits 0, or 99 if it failed. */
#define CHILD(pid) for ((pid) = harness_fork(); (pid) == 0; harness_child_exit())

/* Reap PID and give its status; -1 if it cannot be waited for. */
HARNESS_UNUSED static int child_status(pid_t pid)
{
	int status;
	pid_t got;

	do
		got = waitpid(pid, &status, 0);
	while (got < 0 && errno == EINTR);
	return got == pid ? status : -1;
}

#define EXPECT_CHILD_OK(pid) ({                                                             \
	int harness_status = child_status(pid);                                             \
	if (harness_status != 0)                                                            \
		fail("%s:%d: child: %s", HARNESS_WHERE, status_name(harness_status));       \
	harness_status == 0; })

/* The arguments are statements: they run in a child of their own, which is waited for. */
#define IN_CHILD(...) do {                                                                  \
	pid_t harness_in;                                                                   \
	CHILD(harness_in) { __VA_ARGS__; }                                                  \
	EXPECT_CHILD_OK(harness_in);                                                        \
} while (0)

/* As above, with the real, effective and saved ids of an ordinary user and no extra groups. */
#define AS_USER(user, group, ...) do {                                                      \
	pid_t harness_in;                                                                   \
	CHILD(harness_in) {                                                                 \
		harness_become(user, group);                                                \
		__VA_ARGS__;                                                                \
	}                                                                                   \
	EXPECT_CHILD_OK(harness_in);                                                        \
} while (0)

HARNESS_UNUSED static void harness_become(uid_t user, gid_t group)
{
	/* The raw calls: glibc's wrappers would signal other threads, of which there are none. */
	REQUIRE_OK(syscall(SYS_setgroups, 0, NULL));
	REQUIRE_OK(syscall(SYS_setresgid, group, group, group));
	REQUIRE_OK(syscall(SYS_setresuid, user, user, user));
}

/* The state letter of a task from /proc/PID/stat; 0 if there is no such file. */
HARNESS_UNUSED static char task_state(pid_t pid)
{
	char path[64], text[512], *paren;
	int fd;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return 0;
	text[n] = 0;
	paren = strrchr(text, ')');
	return paren && paren[1] == ' ' ? paren[2] : 0;
}

HARNESS_UNUSED static void sleep_ms(long ms)
{
	struct timespec span = { ms / 1000, ms % 1000 * 1000000L };

	while (nanosleep(&span, &span) < 0 && errno == EINTR)
		;
}

/*
 * Wait until the task sleeps (STATE 'S'), is stopped ('T'), is a zombie ('Z')...; false: it never was.
 * A sleeper that was just woken may show 'S' for a moment longer, while it looks whether its condition
 * holds: to see it sleep a second time, let it first report through a pipe that it has moved on.
 */
HARNESS_UNUSED static bool wait_state(pid_t pid, char state)
{
	for (int i = 0; i < 5000; i++) {
		char now = task_state(pid);

		if (now == state)
			return true;
		if (now == 0)
			break;
		sleep_ms(i < 20 ? 1 : 5);
	}
	fail("wait_state: task never reached state %c (is '%c')", state, task_state(pid));
	return false;
}

HARNESS_UNUSED static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* ---- files ---- */

/* Make (or replace) a file with this text; the test's directory is fresh and private. */
HARNESS_UNUSED static void put_file(const char *path, const char *text)
{
	int fd = REQUIRE_OK(open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));

	write_all(fd, text, strlen(text));
	close(fd);
}

/* The whole of a small file as a string; "" and a failure if it cannot be read. Not reentrant. */
HARNESS_UNUSED static char *get_file(const char *path)
{
	static char text[65536];
	size_t used = 0;
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	text[0] = 0;
	if (fd < 0) {
		fail("get_file(%s): %s", path, errno_name(errno));
		return text;
	}
	while (used < sizeof(text) - 1 && (n = read(fd, text + used, sizeof(text) - 1 - used)) > 0)
		used += n;
	text[used] = 0;
	close(fd);
	return text;
}

/* An open, empty, read-write file without a name that outlives the call. */
HARNESS_UNUSED static int temp_fd(void)
{
	int fd = REQUIRE_OK(open("harness.tmp", O_RDWR | O_CREAT | O_TRUNC | O_EXCL, 0600));

	unlink("harness.tmp");
	return fd;
}

HARNESS_UNUSED static int open_fd_count(void)
{
	int count = 0;

	for (int fd = 0; fd < 1024; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			count++;
	return count;
}

/* ---- the driver ---- */

static void harness_expired(int number)
{
	(void)number;
	if (harness_child > 0)
		kill(harness_child, SIGKILL);
	harness_failures = -1;
}

static void harness_run(struct harness_test *test, int index)
{
	char directory[32];
	int status;

	snprintf(directory, sizeof(directory), "test%d", index);
	harness_failures = 0;
	harness_child = fork();
	if (harness_child == 0) {
		signal(SIGALRM, SIG_DFL);
		if (mkdir(directory, 0755) < 0 || chdir(directory) < 0)
			fail("private directory: %s", errno_name(errno));
		test->run();
		harness_child_exit();
	}
	alarm(TEST_SECONDS);
	status = harness_child < 0 ? -1 : child_status(harness_child);
	alarm(0);
	if (status == 0)
		printf("%s: ok\n", test->name);
	else if (harness_failures < 0)
		printf("%s: FAIL (time limit)\n", test->name);
	else if (WIFEXITED(status) && WEXITSTATUS(status) == 99)
		printf("%s: FAIL\n", test->name);
	else
		printf("%s: FAIL %s\n", test->name, status_name(status));
	fflush(stdout);
}

#ifdef HARNESS_EXEC
/* A test that executes itself: called instead of main() when the first argument begins with '@'. */
static int HARNESS_EXEC(int argc, char **argv);
#endif

int main(int argc, char **argv)
{
	struct sigaction expired = { .sa_handler = harness_expired, .sa_flags = SA_RESTART };
	int index = 0;

#ifdef HARNESS_EXEC
	if (argc > 1 && argv[1][0] == '@')
		return HARNESS_EXEC(argc, argv);
#endif
	sigaction(SIGALRM, &expired, NULL);
	for (struct harness_test *test = harness_first; test; test = test->next) {
		index++;
		if (argc < 2 || strstr(test->name, argv[1]))
			harness_run(test, index);
	}
	return 0;
}

#endif /* TESTS_USER_HARNESS_H */
