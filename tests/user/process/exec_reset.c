/* SPDX-License-Identifier: MIT */
/* What execve(2) keeps and what it resets. */
#define HARNESS_EXEC other_main
static int other_main(int argc, char **argv);
#include "../harness.h"
#include "util.h"
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>

static int report_fds(int argc, char **argv)
{
	for (int i = 2; i < argc; i++)
		note("fd %s: %s", i == 2 ? "first" : i == 3 ? "second" : "third",
		     fcntl(atoi(argv[i]), F_GETFD) < 0 ? "closed" : "open");
	return 0;
}

static int report_signals(void)
{
	struct sigaction got;
	static const int numbers[] = { SIGUSR1, SIGUSR2, SIGCHLD, SIGTERM };
	stack_t stack;

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		sigaction(numbers[i], NULL, &got);
		note("%s: %s flags %x", signal_name(numbers[i]),
		     got.sa_handler == SIG_DFL ? "default" : got.sa_handler == SIG_IGN ? "ignored" :
		     "handler", (unsigned int)got.sa_flags);
	}
	note("blocked %llx pending %llx", (long long)raw_mask(SIG_BLOCK, NULL),
	     (long long)raw_pending());
	sigaltstack(NULL, &stack);
	note("alternate stack %s", stack.ss_flags & SS_DISABLE ? "off" : "on");
	return 0;
}

static int other_main(int argc, char **argv)
{
	char name[17] = "";

	if (!strcmp(argv[1], "@fds"))
		return report_fds(argc, argv);
	if (!strcmp(argv[1], "@signals"))
		return report_signals();
	if (!strcmp(argv[1], "@misc")) {
		struct itimerval timer;
		struct rlimit limit;

		getitimer(ITIMER_REAL, &timer);
		note("real timer %s", timer.it_value.tv_sec > 0 ? "kept" : "gone");
		prctl(PR_GET_NAME, name);
		note("name reset %d", strcmp(name, "renamed") != 0);
		note("umask %o nice %d", umask(0), getpriority(PRIO_PROCESS, 0));
		getrlimit(RLIMIT_NOFILE, &limit);
		note("nofile %llu", (long long)limit.rlim_cur);
		note("pid kept %d ppid kept %d", getpid() == atoi(argv[2]), getppid() == atoi(argv[3]));
		note("dumpable %d keepcaps %d", prctl(PR_GET_DUMPABLE), prctl(PR_GET_KEEPCAPS));
		int sig = -1;
		prctl(PR_GET_PDEATHSIG, &sig);
		note("pdeathsig %s", signal_name(sig));
		note("slack %d no_new_privs %d", prctl(PR_GET_TIMERSLACK), prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
		return 0;
	}
	if (!strcmp(argv[1], "@pid"))
		return getpid() == atoi(argv[2]) && syscall(SYS_gettid) == getpid() ? 42 : 1;
	return 1;
}

static void handler(int number)
{
	(void)number;
}

TEST(exec_reset, close_on_exec)
{
	char a[16], b[16], c[16];
	pid_t pid;
	int first = temp_fd(), second = dup(first), third = fcntl(first, F_DUPFD_CLOEXEC, 100);

	fcntl(second, F_SETFD, FD_CLOEXEC);
	snprintf(a, sizeof(a), "%d", first);
	snprintf(b, sizeof(b), "%d", second);
	snprintf(c, sizeof(c), "%d", third);
	CHILD(pid)
		execl("/proc/self/exe", "x", "@fds", a, b, c, NULL);
	EXPECT_CHILD_OK(pid);
	EXPECT_OK(fcntl(second, F_GETFD));
	/* A failing exec closes nothing. */
	CHILD(pid) {
		EXPECT_ERRNO(execl("/no/such", "x", NULL), ENOENT);
		EXPECT_OK(fcntl(second, F_GETFD));
	}
	EXPECT_CHILD_OK(pid);
}

TEST(exec_reset, signals)
{
	static char stack[16384];
	stack_t alternate = { .ss_sp = stack, .ss_size = sizeof(stack) };
	struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART | SA_ONSTACK };
	uint64_t set = SIGBIT(SIGHUP) | SIGBIT(SIGTERM);
	pid_t pid;

	CHILD(pid) {
		sigaltstack(&alternate, NULL);
		sigaction(SIGUSR1, &action, NULL);
		signal(SIGUSR2, SIG_IGN);
		signal(SIGCHLD, SIG_IGN);
		raw_mask(SIG_SETMASK, &set);
		raise(SIGTERM);
		execl("/proc/self/exe", "x", "@signals", NULL);
	}
	/* TERM is pending and blocked through it all. */
	EXPECT_CHILD_OK(pid);
}

TEST(exec_reset, the_rest)
{
	struct itimerval timer = { .it_value = { 1000, 0 } };
	struct rlimit limit = { 77, 99 };
	char me[16], parent[16];
	pid_t pid;

	CHILD(pid) {
		setitimer(ITIMER_REAL, &timer, NULL);
		prctl(PR_SET_NAME, "renamed");
		umask(0117);
		setpriority(PRIO_PROCESS, 0, 3);
		setrlimit(RLIMIT_NOFILE, &limit);
		prctl(PR_SET_DUMPABLE, 0);
		prctl(PR_SET_KEEPCAPS, 1);
		prctl(PR_SET_PDEATHSIG, SIGUSR1);
		prctl(PR_SET_TIMERSLACK, 123456);
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		snprintf(me, sizeof(me), "%d", getpid());
		snprintf(parent, sizeof(parent), "%d", getppid());
		execl("/proc/self/exe", "x", "@misc", me, parent, NULL);
	}
	EXPECT_CHILD_OK(pid);
}

static void *thread_sleeps(void *arg)
{
	(void)arg;
	for (;;)
		pause();
	return NULL;
}

static void *thread_execs(void *arg)
{
	char me[16];

	(void)arg;
	snprintf(me, sizeof(me), "%d", getpid());
	execl("/proc/self/exe", "x", "@pid", me, NULL);
	_exit(3);
}

TEST(exec_reset, exec_from_the_leader_ends_the_other_threads)
{
	pthread_t threads[3];
	pid_t pid;
	char me[16];

	CHILD(pid) {
		for (int i = 0; i < 3; i++)
			pthread_create(&threads[i], NULL, thread_sleeps, NULL);
		snprintf(me, sizeof(me), "%d", getpid());
		execl("/proc/self/exe", "x", "@pid", me, NULL);
	}
	note("%s", status_name(child_status(pid)));
}

TEST(exec_reset, exec_from_another_thread_takes_over_the_process_id)
{
	pthread_t threads[3];
	pid_t pid;

	for (int round = 0; round < 10; round++) {
		CHILD(pid) {
			for (int i = 0; i < 2; i++)
				pthread_create(&threads[i], NULL, thread_sleeps, NULL);
			pthread_create(&threads[2], NULL, thread_execs, NULL);
			for (;;)
				pause();
		}
		int status = child_status(pid);

		if (round == 0)
			note("%s", status_name(status));
		EXPECT_EQ(WEXITSTATUS(status), 42);
	}
}

static void *thread_execs_badly(void *arg)
{
	execl("/no/such/file", "x", NULL);
	*(int *)arg = errno;
	return NULL;
}

TEST(exec_reset, a_failed_exec_in_a_thread_leaves_the_others_alive)
{
	pthread_t sleeper, thread;
	int error = 0;

	pthread_create(&sleeper, NULL, thread_sleeps, NULL);
	pthread_create(&thread, NULL, thread_execs_badly, &error);
	pthread_join(thread, NULL);
	note("%s", errno_name(error));
	EXPECT_EQ(pthread_kill(sleeper, 0), 0);
}
