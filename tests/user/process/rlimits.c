/* SPDX-License-Identifier: MIT */
/* getrlimit, setrlimit, prlimit64: values, inheritance, permission; NOFILE, FSIZE, NPROC, CORE. */
#define HARNESS_EXEC other_main
static int other_main(int argc, char **argv);
#include "../harness.h"
#include "util.h"
#include <sys/resource.h>

static int prlimit_raw(pid_t pid, int resource, const void *new, void *old)
{
	return syscall(SYS_prlimit64, pid, resource, new, old);
}

static const char *value(rlim_t v)
{
	static char text[4][32];
	static int next;
	char *t = text[next++ & 3];

	if (v == RLIM_INFINITY)
		return "unlimited";
	snprintf(t, sizeof(text[0]), "%llu", (long long)v);
	return t;
}

static int other_main(int argc, char **argv)
{
	struct rlimit limit;

	(void)argc, (void)argv;
	getrlimit(RLIMIT_NOFILE, &limit);
	note("nofile %s %s", value(limit.rlim_cur), value(limit.rlim_max));
	getrlimit(RLIMIT_STACK, &limit);
	note("stack %s %s", value(limit.rlim_cur), value(limit.rlim_max));
	return 0;
}

TEST(rlimits, defaults)
{
	static const struct { int id; const char *name; } all[] = {
		{ RLIMIT_CPU, "CPU" }, { RLIMIT_FSIZE, "FSIZE" }, { RLIMIT_DATA, "DATA" },
		{ RLIMIT_STACK, "STACK" }, { RLIMIT_CORE, "CORE" }, { RLIMIT_RSS, "RSS" },
		{ RLIMIT_NOFILE, "NOFILE" }, { RLIMIT_AS, "AS" }, { RLIMIT_LOCKS, "LOCKS" },
		{ RLIMIT_MSGQUEUE, "MSGQUEUE" }, { RLIMIT_NICE, "NICE" },
		{ RLIMIT_RTPRIO, "RTPRIO" }, { RLIMIT_RTTIME, "RTTIME" },
	};
	struct rlimit limit;

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		EXPECT_OK(getrlimit(all[i].id, &limit));
		note("%s %s %s", all[i].name, value(limit.rlim_cur), value(limit.rlim_max));
	}
	EXPECT_OK(getrlimit(RLIMIT_NPROC, &limit));
	EXPECT_TRUE(limit.rlim_cur == limit.rlim_max && limit.rlim_cur > 100);
	EXPECT_OK(getrlimit(RLIMIT_SIGPENDING, &limit));
	EXPECT_TRUE(limit.rlim_cur == limit.rlim_max && limit.rlim_cur > 100);
	EXPECT_OK(getrlimit(RLIMIT_MEMLOCK, &limit));
	EXPECT_TRUE(limit.rlim_cur >= 65536);
}

TEST(rlimits, arguments)
{
	struct rlimit limit = { 10, 5 };

	EXPECT_ERRNO(syscall(SYS_getrlimit, 16, &limit), EINVAL);
	EXPECT_ERRNO(syscall(SYS_getrlimit, -1, &limit), EINVAL);
	EXPECT_ERRNO(syscall(SYS_getrlimit, RLIMIT_CORE, NULL), EFAULT);
	EXPECT_ERRNO(syscall(SYS_setrlimit, RLIMIT_CORE, NULL), EFAULT);
	EXPECT_ERRNO(syscall(SYS_setrlimit, RLIMIT_CORE, &limit), EINVAL);
	EXPECT_ERRNO(syscall(SYS_setrlimit, 16, &limit), EINVAL);
	EXPECT_ERRNO(prlimit_raw(0, 16, NULL, &limit), EINVAL);
	EXPECT_OK(prlimit_raw(0, RLIMIT_CORE, NULL, NULL));
	EXPECT_ERRNO(prlimit_raw(0, RLIMIT_CORE, wild(8), NULL), EFAULT);
	EXPECT_ERRNO(prlimit_raw(0, RLIMIT_CORE, NULL, wild(8)), EFAULT);
	EXPECT_ERRNO(prlimit_raw(0x7ffffff, RLIMIT_CORE, NULL, &limit), ESRCH);
	EXPECT_ERRNO(prlimit_raw(-1, RLIMIT_CORE, NULL, &limit), ESRCH);
	memset(&limit, 0xa5, sizeof(limit));
	EXPECT_OK(prlimit_raw(0, RLIMIT_CORE, NULL, &limit));
	note("core %s %s", value(limit.rlim_cur), value(limit.rlim_max));
}

TEST(rlimits, set_and_get_old_at_once)
{
	struct rlimit new = { 111, 222 }, old, got;

	EXPECT_OK(prlimit_raw(0, RLIMIT_NOFILE, &new, &old));
	EXPECT_OK(prlimit_raw(getpid(), RLIMIT_NOFILE, NULL, &got));
	note("%s %s", value(got.rlim_cur), value(got.rlim_max));
	new.rlim_cur = new.rlim_max = 333;
	EXPECT_OK(prlimit_raw(0, RLIMIT_NOFILE, &new, &got));
	note("%s %s", value(got.rlim_cur), value(got.rlim_max));
	new.rlim_cur = new.rlim_max = RLIM_INFINITY;
	EXPECT_ERRNO(prlimit_raw(0, RLIMIT_NOFILE, &new, NULL), EPERM);
}

TEST(rlimits, a_user_may_lower_but_not_raise_the_hard_limit)
{
	AS_USER(1000, 1000,
		struct rlimit limit;
		EXPECT_OK(getrlimit(RLIMIT_NOFILE, &limit));
		limit.rlim_cur = limit.rlim_max = 50;
		EXPECT_OK(setrlimit(RLIMIT_NOFILE, &limit));
		limit.rlim_max = 51;
		EXPECT_ERRNO(setrlimit(RLIMIT_NOFILE, &limit), EPERM);
		limit.rlim_cur = 20;
		limit.rlim_max = 50;
		EXPECT_OK(setrlimit(RLIMIT_NOFILE, &limit));
		limit.rlim_cur = 50;
		EXPECT_OK(setrlimit(RLIMIT_NOFILE, &limit));
	);
}

TEST(rlimits, another_process)
{
	struct rlimit new = { 60, 70 }, got;
	struct gate gate = gate_make();
	pid_t pid;

	CHILD(pid) {
		gate_wait(&gate);
		EXPECT_OK(getrlimit(RLIMIT_NOFILE, &got));
		note("child %s %s", value(got.rlim_cur), value(got.rlim_max));
	}
	EXPECT_OK(prlimit_raw(pid, RLIMIT_NOFILE, &new, NULL));
	EXPECT_OK(getrlimit(RLIMIT_NOFILE, &got));
	EXPECT_TRUE(got.rlim_cur != 60);
	AS_USER(1000, 1000, EXPECT_ERRNO(prlimit_raw(pid, RLIMIT_NOFILE, NULL, &got), EPERM));
	gate_open(&gate);
	EXPECT_CHILD_OK(pid);
}

TEST(rlimits, inherited_by_fork_and_exec)
{
	struct rlimit limit = { 41, 42 };
	pid_t pid;

	setrlimit(RLIMIT_NOFILE, &limit);
	limit = (struct rlimit){ 4 << 20, 16 << 20 };
	setrlimit(RLIMIT_STACK, &limit);
	CHILD(pid)
		execl("/proc/self/exe", "x", "@show", NULL);
	EXPECT_CHILD_OK(pid);
}

TEST(rlimits, nofile)
{
	struct rlimit limit = { 20, 4096 };
	int fds[2], last = -1, fd;

	EXPECT_OK(setrlimit(RLIMIT_NOFILE, &limit));
	while ((fd = dup(0)) >= 0)
		last = fd;
	note("last %d: %s", last, errno_name(errno));
	EXPECT_ERRNO(open(".", O_RDONLY), EMFILE);
	EXPECT_ERRNO(pipe(fds), EMFILE);
	EXPECT_ERRNO(dup2(0, 20), EBADF);
	EXPECT_ERRNO(dup2(0, 4000), EBADF);
	EXPECT_EQ(dup2(0, 19), 19);
	EXPECT_ERRNO(fcntl(0, F_DUPFD, 20), EINVAL);
	EXPECT_ERRNO(fcntl(0, F_DUPFD, 19), EMFILE);
	limit.rlim_cur = 5;
	EXPECT_OK(setrlimit(RLIMIT_NOFILE, &limit));
	/* Descriptors above the new limit stay open. */
	EXPECT_OK(fcntl(19, F_GETFD));
	limit.rlim_cur = 0;
	EXPECT_OK(setrlimit(RLIMIT_NOFILE, &limit));
	EXPECT_ERRNO(dup(0), EMFILE);
	limit.rlim_cur = 4096;
	EXPECT_OK(setrlimit(RLIMIT_NOFILE, &limit));
	EXPECT_EQ(dup2(0, 4095), 4095);
	EXPECT_ERRNO(dup2(0, 4096), EBADF);
}

static volatile sig_atomic_t got_signal;

static void handler(int number)
{
	got_signal = number;
}

TEST(rlimits, fsize)
{
	struct rlimit limit = { 10000, RLIM_INFINITY };
	static char data[20000];
	int fd = temp_fd();
	pid_t pid;

	EXPECT_OK(setrlimit(RLIMIT_FSIZE, &limit));
	signal(SIGXFSZ, handler);
	EXPECT_EQ(write(fd, data, sizeof(data)), 10000);
	EXPECT_EQ(got_signal, 0);
	EXPECT_ERRNO(write(fd, data, 1), EFBIG);
	note("%s", signal_name(got_signal));
	EXPECT_ERRNO(pwrite(fd, data, 1, 20000), EFBIG);
	EXPECT_EQ(pwrite(fd, data, 200, 9900), 100);
	got_signal = 0;
	EXPECT_ERRNO(ftruncate(fd, 10001), EFBIG);
	note("ftruncate %s", signal_name(got_signal));
	EXPECT_OK(ftruncate(fd, 10000));
	EXPECT_OK(ftruncate(fd, 5));
	got_signal = 0;
	EXPECT_ERRNO(fallocate(fd, 0, 0, 20000), EFBIG);
	note("fallocate %s", signal_name(got_signal));
	signal(SIGXFSZ, SIG_IGN);
	EXPECT_ERRNO(pwrite(fd, data, 1, 20000), EFBIG);
	int pipes[2];

	EXPECT_OK(pipe(pipes));
	EXPECT_EQ(write(pipes[1], data, 12000), 12000);
	CHILD(pid) {
		signal(SIGXFSZ, SIG_DFL);
		(void)!pwrite(fd, data, 1, 20000);
	}
	note("default: %s", status_name(child_status(pid)));
}

TEST(rlimits, nproc_stops_a_user_but_not_root)
{
	struct rlimit limit = { 3, 3 };
	pid_t pid;

	CHILD(pid) {
		int forked = 0;
		pid_t inner;

		EXPECT_OK(setrlimit(RLIMIT_NPROC, &limit));
		harness_become(4321, 4321);
		for (int i = 0; i < 10; i++) {
			inner = fork();
			if (inner == 0)
				for (;;)
					pause();
			if (inner < 0)
				break;
			forked++;
		}
		note("forked %d then %s", forked, errno_name(errno));
		signal(SIGTERM, SIG_IGN);
		EXPECT_OK(kill(-1, SIGTERM));
		while (wait(NULL) > 0)
			;
		inner = fork();
		if (inner == 0)
			_exit(0);
		EXPECT_TRUE(inner > 0);
		wait(NULL);
	}
	EXPECT_CHILD_OK(pid);
	limit.rlim_cur = 1;
	EXPECT_OK(setrlimit(RLIMIT_NPROC, &limit));
	CHILD(pid)
		;
	EXPECT_CHILD_OK(pid);
}
