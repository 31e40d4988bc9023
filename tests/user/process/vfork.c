/* SPDX-License-Identifier: MIT */
/* vfork(2): the parent waits, memory is shared, a null stack keeps the parent's. */
#define HARNESS_EXEC other_main
static int other_main(int argc, char **argv);
#include "../harness.h"
#include "util.h"
#include <linux/sched.h>

static int other_main(int argc, char **argv)
{
	(void)argc;
	return atoi(argv[1] + 1);
}

static volatile int value;

TEST(vfork, parent_waits_until_exit_and_sees_the_childs_stores)
{
	value = 1;
	pid_t pid = vfork();

	if (pid == 0) {
		value = 2;
		_exit(3);
	}
	EXPECT_EQ(value, 2);
	note("%s", status_name(child_status(pid)));
}

TEST(vfork, child_has_its_own_pid_and_descriptor_table)
{
	static volatile pid_t seen, parent_seen;
	int fd = temp_fd();
	pid_t pid = vfork();

	if (pid == 0) {
		seen = getpid();
		parent_seen = getppid();
		close(fd);
		_exit(0);
	}
	EXPECT_EQ(child_status(pid), 0);
	EXPECT_EQ(seen, pid);
	EXPECT_EQ(parent_seen, getpid());
	EXPECT_OK(fcntl(fd, F_GETFD));
}

TEST(vfork, parent_resumes_at_exec)
{
	int pipes[2];
	char byte = 0;

	EXPECT_OK(pipe2(pipes, O_CLOEXEC));
	pid_t pid = vfork();

	if (pid == 0) {
		execl("/proc/self/exe", "self", "@7", NULL);
		_exit(100);
	}
	close(pipes[1]);
	EXPECT_EQ(read(pipes[0], &byte, 1), 0);
	note("%s", status_name(child_status(pid)));
}

TEST(vfork, failed_exec_leaves_the_child_running_in_shared_memory)
{
	static volatile int error;
	pid_t pid = vfork();

	if (pid == 0) {
		execl("/no/such/file", "x", NULL);
		error = errno;
		_exit(9);
	}
	note("%s %s", status_name(child_status(pid)), errno_name(error));
}

TEST(vfork, parent_resumes_when_the_child_is_killed)
{
	pid_t pid = vfork();

	if (pid == 0) {
		kill(getpid(), SIGKILL);
		_exit(1);
	}
	note("%s", status_name(child_status(pid)));
}

/* Run on the parent's stack: the child may not return, so everything happens in registers and asm. */
static long vfork_raw(unsigned long flags)
{
#if defined(__aarch64__)
	register long x0 __asm__("x0") = flags;
	register long x1 __asm__("x1") = 0;
	register long x2 __asm__("x2") = 0;
	register long x3 __asm__("x3") = 0;
	register long x4 __asm__("x4") = 0;
	register long x8 __asm__("x8") = SYS_clone;

	__asm__ volatile("mov x20, sp\n"
			 "svc #0\n"
			 "cbnz x0, 1f\n"
			 "mov x1, sp\n"
			 "cmp x1, x20\n"
			 "cset x0, eq\n"
			 "mov x8, #93\n"
			 "svc #0\n"
			 "1:"
			 : "+r"(x0) : "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x8)
			 : "x20", "memory", "cc");
	return x0;
#else
	long pid = vfork();

	(void)flags;
	if (pid == 0)
		_exit(1);
	return pid;
#endif
}

TEST(vfork, clone_with_vm_vfork_and_null_stack_keeps_the_stack_pointer)
{
	long pid = vfork_raw(CLONE_VM | CLONE_VFORK | SIGCHLD);

	EXPECT_TRUE(pid > 0);
	note("%s", status_name(child_status(pid)));
}

TEST(vfork, the_signal_mask_and_handlers_are_the_childs_own)
{
	static volatile bool blocked;
	struct sigaction got;
	pid_t pid = vfork();

	if (pid == 0) {
		uint64_t set = SIGBIT(SIGUSR1);

		syscall(SYS_rt_sigprocmask, SIG_BLOCK, &set, NULL, 8);
		signal(SIGUSR2, SIG_IGN);
		blocked = true;
		_exit(0);
	}
	EXPECT_EQ(child_status(pid), 0);
	EXPECT_TRUE(blocked);
	EXPECT_EQ(raw_mask(SIG_BLOCK, NULL) & SIGBIT(SIGUSR1), 0);
	EXPECT_OK(sigaction(SIGUSR2, NULL, &got));
	EXPECT_TRUE(got.sa_handler == SIG_DFL);
}

TEST(vfork, many_in_a_row)
{
	static int sum;

	static int i;

	for (i = 0; i < 50; i++) {
		pid_t pid = vfork();

		if (pid == 0)
			_exit(i);
		sum += WEXITSTATUS(child_status(pid));
	}
	note("sum %d", sum);
}
