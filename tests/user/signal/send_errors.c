/* SPDX-License-Identifier: MIT */
/* kill, tkill, tgkill, rt_sigqueueinfo, rt_tgsigqueueinfo: every target and number that is wrong. */
#include "../harness.h"

static long queue(pid_t pid, int number, int code)
{
	siginfo_t info = { .si_signo = number, .si_code = code };

	return syscall(SYS_rt_sigqueueinfo, pid, number, &info);
}

static long queue_thread(pid_t pid, pid_t tid, int number, int code)
{
	siginfo_t info = { .si_signo = number, .si_code = code };

	return syscall(SYS_rt_tgsigqueueinfo, pid, tid, number, &info);
}

TEST(senderr, numbers)
{
	static const int numbers[] = { -1, 0, 1, 32, 33, 34, 64, 65, 0x7fffffff };

	for (int i = 1; i <= 64; i++)
		signal(i, SIG_IGN);
	syscall(SYS_rt_sigprocmask, SIG_BLOCK, &(uint64_t){ 0x180000000ull }, NULL, 8);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		int n = numbers[i];

		note("kill %d: %s", n, RESULT(kill(getpid(), n)));
		note("tkill %d: %s", n, RESULT(syscall(SYS_tkill, getpid(), n)));
		note("tgkill %d: %s", n, RESULT(syscall(SYS_tgkill, getpid(), getpid(), n)));
		note("sigqueue %d: %s", n, RESULT(queue(getpid(), n, SI_QUEUE)));
		note("tgsigqueue %d: %s", n, RESULT(queue_thread(getpid(), getpid(), n, SI_QUEUE)));
	}
}

TEST(senderr, targets)
{
	pid_t me = getpid(), pid;

	SHOW(kill(99999999, 0));
	SHOW(kill(-99999999, 0));
	SHOW(kill((pid_t)0x80000000, 0));
	SHOW(syscall(SYS_tkill, 0, 0));
	SHOW(syscall(SYS_tkill, -1, 0));
	SHOW(syscall(SYS_tkill, 99999999, 0));
	SHOW(syscall(SYS_tgkill, 0, me, 0));
	SHOW(syscall(SYS_tgkill, me, 0, 0));
	SHOW(syscall(SYS_tgkill, me, -1, 0));
	SHOW(syscall(SYS_tgkill, -1, me, 0));
	SHOW(syscall(SYS_tgkill, 1, me, 0));
	SHOW(syscall(SYS_tgkill, me, 1, 0));
	SHOW(syscall(SYS_tgkill, me, me, 0));
	SHOW(queue(0, 0, SI_QUEUE));
	SHOW(queue(-1, 0, SI_QUEUE));
	SHOW(queue(99999999, 0, SI_QUEUE));
	SHOW(queue_thread(0, me, 0, SI_QUEUE));
	SHOW(queue_thread(me, 0, 0, SI_QUEUE));
	SHOW(queue_thread(me, 1, 0, SI_QUEUE));
	CHILD(pid) {
	}
	wait_state(pid, 'Z');
	SHOW(kill(pid, 0));
	SHOW(kill(pid, SIGKILL));
	SHOW(syscall(SYS_tgkill, pid, pid, SIGTERM));
	EXPECT_CHILD_OK(pid);
	SHOW(kill(pid, 0));
}

TEST(senderr, codes)
{
	static const int codes[] = { SI_USER, SI_KERNEL, SI_QUEUE, SI_TIMER, SI_MESGQ, SI_ASYNCIO, SI_SIGIO, SI_TKILL, 1, -100 };
	pid_t pid;
	int p[2];
	char byte;

	REQUIRE_OK(pipe(p));
	CHILD(pid) {
		signal(SIGUSR1, SIG_IGN);
		close(p[1]);
		read(p[0], &byte, 1);
	}
	signal(SIGUSR1, SIG_IGN);
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		note("code %d to itself %s", codes[i], RESULT(queue(getpid(), SIGUSR1, codes[i])));
		note("to its thread %s", RESULT(queue_thread(getpid(), getpid(), SIGUSR1, codes[i])));
		note("to a child %s", RESULT(queue(pid, 0, codes[i])));
	}
	SHOW(syscall(SYS_rt_sigqueueinfo, getpid(), SIGUSR1, NULL));
	SHOW(syscall(SYS_rt_sigqueueinfo, getpid(), SIGUSR1, (void *)8));
	close(p[1]);
	EXPECT_CHILD_OK(pid);
}

TEST(senderr, permissions)
{
	pid_t pid;
	int p[2];
	char byte;

	REQUIRE_OK(pipe(p));
	CHILD(pid) {
		close(p[1]);
		read(p[0], &byte, 1);
	}
	AS_USER(1000, 1000, {
		SHOW(kill(pid, 0));
		SHOW(kill(1, SIGTERM));
		SHOW(syscall(SYS_tkill, pid, SIGTERM));
		SHOW(syscall(SYS_tgkill, pid, pid, SIGTERM));
		SHOW(queue(pid, SIGTERM, SI_QUEUE));
		SHOW(queue(pid, 0, SI_QUEUE));
		/* Of the same session SIGCONT is allowed. */
		SHOW(kill(pid, SIGCONT));
		SHOW(syscall(SYS_setsid) > 0);
		SHOW(kill(pid, SIGCONT));
	});
	IN_CHILD({
		/* The real id of the sender against the saved id of the receiver. */
		REQUIRE_OK(syscall(SYS_setresuid, 1000, 1001, 1002));
		SHOW(kill(pid, 0));
		SHOW(kill(getpid(), 0));
	});
	close(p[1]);
	EXPECT_CHILD_OK(pid);
}
