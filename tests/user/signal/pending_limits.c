/* SPDX-License-Identifier: MIT */
/* RLIMIT_SIGPENDING: real-time signals with values are refused beyond it, ordinary ones always arrive. */
#include "../harness.h"
#include <sys/resource.h>

static int queue(int number, int value)
{
	return sigqueue(getpid(), number, (union sigval){ .sival_int = value });
}

static void limited(rlim_t n)
{
	struct rlimit r = { n, n };
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	/* A user of its own, so that nobody else's signals count. */
	harness_become(5151, 5151);
	REQUIRE_OK(setrlimit(RLIMIT_SIGPENDING, &r));
}

TEST(pending, queues_up_to_the_limit)
{
	siginfo_t info;
	sigset_t set;
	int n = 0;

	limited(5);
	while (n < 20 && queue(SIGRTMIN, n) == 0)
		n++;
	note("%d then %s", n, errno_name(errno));
	SHOW(kill(getpid(), SIGRTMIN + 1));
	SHOW(kill(getpid(), SIGUSR1));
	SHOW(queue(SIGUSR2, 7));
	sigpending(&set);
	note("pending %d %d %d", sigismember(&set, SIGRTMIN + 1), sigismember(&set, SIGUSR1), sigismember(&set, SIGUSR2));
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	for (int i = 0; i < n; i++) {
		SHOW(sigtimedwait(&set, &info, &(struct timespec){ 0, 0 }) > 0);
		note("value %d", info.si_value.sival_int);
	}
	SHOW(sigtimedwait(&set, &info, &(struct timespec){ 0, 0 }));
	SHOW(queue(SIGRTMIN, 99));
}

TEST(pending, none_at_all)
{
	siginfo_t info;
	sigset_t set;

	limited(0);
	SHOW(queue(SIGRTMIN, 1));
	SHOW(raise(SIGUSR1));
	SHOW(kill(getpid(), SIGRTMIN + 2));
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN + 2);
	SHOW(sigtimedwait(&set, &info, &(struct timespec){ 0, 0 }) > 0);
	note("code %d pid %d", info.si_code, info.si_pid);
}

TEST(pending, order)
{
	static const int sent[] = { 40, 36, SIGTERM, 64, SIGUSR2, 36, SIGHUP, 35, SIGCHLD };
	sigset_t all;
	siginfo_t info;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(sent); i++)
		queue(sent[i], (int)i);
	while (sigtimedwait(&all, &info, &(struct timespec){ 0, 0 }) > 0)
		note("%s value %d", signal_name(info.si_signo), info.si_value.sival_int);
}
