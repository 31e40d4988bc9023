/* SPDX-License-Identifier: MIT */
/* clone(2): which combinations of flags are refused, and what each flag shares. */
#include "../harness.h"
#include "util.h"
#include <poll.h>
#include <linux/sched.h>

#define STACK_SIZE 65536

static char stack[STACK_SIZE] __attribute__((aligned(16)));
static int *shared;
static int some_fd;

static pid_t spawn(int (*fn)(void *), unsigned long flags)
{
	return clone(fn, stack + STACK_SIZE, flags, NULL);
}

TEST(clone, bad_combinations_are_einval)
{
	int tid;
	static const struct { unsigned long flags; const char *name; } bad[] = {
		{ CLONE_SIGHAND, "SIGHAND without VM" },
		{ CLONE_THREAD, "THREAD without SIGHAND" },
		{ CLONE_THREAD | CLONE_VM, "THREAD|VM without SIGHAND" },
		{ CLONE_THREAD | CLONE_SIGHAND, "THREAD|SIGHAND without VM" },
		{ CLONE_FS | CLONE_NEWNS, "FS|NEWNS" },
		{ CLONE_FS | CLONE_NEWUSER, "FS|NEWUSER" },
		{ CLONE_PIDFD | CLONE_PARENT_SETTID, "PIDFD|PARENT_SETTID" },
		{ CLONE_PIDFD | CLONE_DETACHED, "PIDFD|DETACHED" },
		{ CLONE_PIDFD | CLONE_THREAD | CLONE_SIGHAND | CLONE_VM, "PIDFD|THREAD" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		long pid = raw_clone(bad[i].flags | SIGCHLD, NULL, &tid, NULL, NULL);

		if (pid == 0)
			_exit(0);
		note("%s: %s", bad[i].name, pid < 0 ? errno_name(errno) : "succeeded");
	}
	EXPECT_ERRNO(wait(NULL), ECHILD);
}

static int fn_close(void *arg)
{
	(void)arg;
	close(some_fd);
	return 0;
}

TEST(clone, files_shares_the_descriptor_table)
{
	pid_t pid;

	some_fd = temp_fd();
	pid = spawn(fn_close, SIGCHLD);
	EXPECT_EQ(child_status(pid), 0);
	EXPECT_OK(fcntl(some_fd, F_GETFD));
	pid = spawn(fn_close, CLONE_FILES | SIGCHLD);
	EXPECT_EQ(child_status(pid), 0);
	EXPECT_ERRNO(fcntl(some_fd, F_GETFD), EBADF);
}

static int fn_chdir(void *arg)
{
	(void)arg;
	umask(0123);
	return chdir("inner") ? 1 : 0;
}

TEST(clone, fs_shares_directory_and_umask)
{
	char cwd[256];
	pid_t pid;

	umask(022);
	EXPECT_OK(mkdir("inner", 0755));
	pid = spawn(fn_chdir, SIGCHLD);
	EXPECT_EQ(child_status(pid), 0);
	EXPECT_EQ(umask(022), 022);
	pid = spawn(fn_chdir, CLONE_FS | SIGCHLD);
	EXPECT_EQ(child_status(pid), 0);
	EXPECT_EQ(umask(022), 0123);
	EXPECT_TRUE(getcwd(cwd, sizeof(cwd)) && strstr(cwd, "/inner"));
}

static int fn_ignore(void *arg)
{
	uint64_t set = SIGBIT(SIGUSR2);

	(void)arg;
	signal(SIGUSR1, SIG_IGN);
	syscall(SYS_rt_sigprocmask, SIG_BLOCK, &set, NULL, 8);
	return 0;
}

TEST(clone, sighand_shares_handlers_but_not_the_mask)
{
	struct sigaction got;
	pid_t pid = spawn(fn_ignore, CLONE_VM | SIGCHLD);

	EXPECT_EQ(child_status(pid), 0);
	sigaction(SIGUSR1, NULL, &got);
	EXPECT_TRUE(got.sa_handler == SIG_DFL);
	pid = spawn(fn_ignore, CLONE_VM | CLONE_SIGHAND | SIGCHLD);
	EXPECT_EQ(child_status(pid), 0);
	sigaction(SIGUSR1, NULL, &got);
	EXPECT_TRUE(got.sa_handler == SIG_IGN);
	EXPECT_EQ(raw_mask(SIG_BLOCK, NULL), 0);
}

static int global;

static int fn_store(void *arg)
{
	global = (int)(long)arg;
	return 0;
}

TEST(clone, vm_shares_memory)
{
	pid_t pid = clone(fn_store, stack + STACK_SIZE, SIGCHLD, (void *)5);

	EXPECT_EQ(child_status(pid), 0);
	EXPECT_EQ(global, 0);
	pid = clone(fn_store, stack + STACK_SIZE, CLONE_VM | SIGCHLD, (void *)5);
	EXPECT_EQ(child_status(pid), 0);
	EXPECT_EQ(global, 5);
}

static int fn_ppid(void *arg)
{
	(void)arg;
	shared[1] = getppid();
	return 0;
}

TEST(clone, parent_gives_the_caller_a_sibling)
{
	pid_t pid;
	int status;

	shared = shared_memory(4096);
	CHILD(pid) {
		/* The exit signal comes from the caller's own, whatever is given here. */
		shared[0] = clone(fn_ppid, stack + STACK_SIZE, CLONE_PARENT | SIGCHLD, NULL);
		EXPECT_TRUE(shared[0] > 0);
		EXPECT_ERRNO(waitpid(shared[0], &status, 0), ECHILD);
	}
	EXPECT_CHILD_OK(pid);
	EXPECT_EQ(waitpid(shared[0], &status, 0), shared[0]);
	EXPECT_EQ(shared[1], getpid());
}

TEST(clone, settid_and_cleartid_write_the_words_they_are_given)
{
	int *words = shared_memory(4096);
	long pid = raw_clone(CLONE_PARENT_SETTID | SIGCHLD, NULL, &words[0], NULL, NULL);

	if (pid == 0)
		_exit(0);
	EXPECT_EQ(words[0], pid);
	child_status(pid);
	pid = raw_clone(CLONE_CHILD_SETTID | SIGCHLD, NULL, NULL, NULL, &words[1]);
	if (pid == 0)
		_exit(words[1] != getpid());
	EXPECT_EQ(child_status(pid), 0);
	EXPECT_EQ(words[1], pid);
	/* Clearing is only for memory with other users: a child alone in its memory stores nothing. */
	words[2] = 99;
	pid = raw_clone(CLONE_CHILD_CLEARTID | SIGCHLD, NULL, NULL, NULL, &words[2]);
	if (pid == 0)
		_exit(0);
	EXPECT_EQ(child_status(pid), 0);
	note("cleartid without VM leaves %d", words[2]);
}

static int fn_nothing(void *arg)
{
	(void)arg;
	return 4;
}

TEST(clone, cleartid_with_shared_memory_stores_zero)
{
	static volatile int word;
	int status;
	pid_t pid;

	word = 55;
	pid = clone(fn_nothing, stack + STACK_SIZE, CLONE_VM | CLONE_CHILD_CLEARTID | SIGCHLD, NULL,
		    NULL, NULL, &word);
	status = child_status(pid);
	note("%s word %d", status_name(status), word);
}

TEST(clone, settid_to_a_bad_address)
{
	/* The parent's store fails silently; the child exists. */
	long pid = raw_clone(CLONE_PARENT_SETTID | SIGCHLD, NULL, (int *)8, NULL, NULL);

	if (pid == 0)
		_exit(1);
	note("PARENT_SETTID at 8: %s", pid > 0 ? "created" : errno_name(errno));
	if (pid > 0)
		note("%s", status_name(child_status(pid)));
	pid = raw_clone(CLONE_CHILD_SETTID | SIGCHLD, NULL, NULL, NULL, (int *)8);
	if (pid == 0)
		_exit(2);
	note("CHILD_SETTID at 8: %s", pid > 0 ? "created" : errno_name(errno));
	if (pid > 0)
		note("%s", status_name(child_status(pid)));
	pid = raw_clone(CLONE_PIDFD | SIGCHLD, NULL, (int *)8, NULL, NULL);
	if (pid == 0)
		_exit(3);
	note("PIDFD at 8: %s", pid > 0 ? "created" : errno_name(errno));
	EXPECT_ERRNO(wait(NULL), ECHILD);
}

TEST(clone, pidfd_becomes_readable_at_exit)
{
	struct gate gate = gate_make();
	struct pollfd poller = { .events = POLLIN };
	int pidfd = -1, before = open_fd_count();
	long pid = raw_clone(CLONE_PIDFD | SIGCHLD, NULL, &pidfd, NULL, NULL);

	if (pid == 0) {
		gate_wait(&gate);
		_exit(0);
	}
	EXPECT_EQ(open_fd_count(), before + 1);
	EXPECT_EQ(fcntl(pidfd, F_GETFD), FD_CLOEXEC);
	poller.fd = pidfd;
	EXPECT_EQ(poll(&poller, 1, 0), 0);
	gate_open(&gate);
	EXPECT_EQ(poll(&poller, 1, 20000), 1);
	EXPECT_EQ(poller.revents, POLLIN);
	EXPECT_EQ(child_status(pid), 0);
}

TEST(clone, exit_signal_may_be_any_or_none)
{
	uint64_t set = SIGBIT(SIGUSR1) | SIGBIT(SIGCHLD);
	siginfo_t info;
	long pid;

	raw_mask(SIG_BLOCK, &set);
	pid = raw_clone(SIGUSR1, NULL, NULL, NULL, NULL);
	if (pid == 0)
		_exit(0);
	EXPECT_EQ(sigwaitinfo((sigset_t *)&set, &info), SIGUSR1);
	note("code %s", cld_name(info.si_code));
	EXPECT_ERRNO(waitpid(pid, NULL, 0), ECHILD);
	EXPECT_EQ(waitpid(pid, NULL, __WCLONE), pid);
	pid = raw_clone(0, NULL, NULL, NULL, NULL);
	if (pid == 0)
		_exit(0);
	EXPECT_EQ(waitpid(pid, NULL, __WALL), pid);
	EXPECT_EQ(raw_pending(), 0);
	pid = raw_clone(65, NULL, NULL, NULL, NULL);
	if (pid == 0)
		_exit(0);
	note("exit signal 65: %s", pid > 0 ? "created" : errno_name(errno));
	if (pid > 0)
		EXPECT_EQ(waitpid(pid, NULL, __WALL), pid);
}
