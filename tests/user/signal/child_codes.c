/* SPDX-License-Identifier: MIT */
/* SIGCHLD and waitid: code, status and pid for each way a child can change, with and without SA_NOCLDSTOP. */
#include "../harness.h"
#include "../process/util.h"
#include <sys/resource.h>

static bool told = true;
static volatile sig_atomic_t count, code, status;

static void on_child(int number, siginfo_t *info, void *context)
{
	count++;
	code = info->si_code;
	status = info->si_status;
}

static void install(int flags)
{
	struct sigaction sa = { .sa_sigaction = on_child, .sa_flags = SA_SIGINFO | SA_RESTART | flags };

	count = 0;
	sigaction(SIGCHLD, &sa, NULL);
}

static void wait_for(const char *what, pid_t pid, int options)
{
	siginfo_t info = { 0 };

	EXPECT_OK(waitid(P_PID, pid, &info, options));
	if (options & WCONTINUED || !told) /* its signal may come after the answer */
		note("%s: waitid code %d status %d pid %d", what, info.si_code, info.si_status, info.si_pid == pid);
	else
		note("%s: waitid code %d status %d pid %d; signals %d code %d status %d", what, info.si_code, info.si_status,
		     info.si_pid == pid, count, code, status);
	count = 0;
}

static pid_t pauses(void)
{
	pid_t pid;

	CHILD(pid) {
		/* A group that is not orphaned: its parent is in another of the same session. */
		setpgid(0, 0);
		for (;;)
			pause();
	}
	wait_state(pid, 'S');
	return pid;
}

TEST(childcodes, ends)
{
	static const int signals[] = { SIGKILL, SIGTERM, SIGHUP, SIGALRM, SIGUSR1, SIGPIPE, SIGIO, SIGPWR, SIGSTKFLT, SIGVTALRM, 34, 64 };
	static const int dumps[] = { SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS, SIGXCPU, SIGXFSZ };
	pid_t pid;

	install(0);
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	CHILD(pid) _exit(0);
	wait_for("exit 0", pid, WEXITED);
	CHILD(pid) _exit(300);
	wait_for("exit 300", pid, WEXITED);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		pid = pauses();
		kill(pid, signals[i]);
		wait_for(signal_name(signals[i]), pid, WEXITED);
	}
	for (size_t i = 0; i < ARRAY_SIZE(dumps); i++) {
		pid = pauses();
		kill(pid, dumps[i]);
		wait_for(signal_name(dumps[i]), pid, WEXITED);
	}
}

TEST(childcodes, stops)
{
	static const int signals[] = { SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU };

	for (int quiet = 0; quiet < 2; quiet++) {
		install(quiet ? SA_NOCLDSTOP : 0);
		for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
			pid_t pid = pauses();

			kill(pid, signals[i]);
			wait_for(signal_name(signals[i]), pid, WSTOPPED | WNOWAIT);
			wait_for("again", pid, WSTOPPED);
			note("nothing new: %d", (int)waitid(P_PID, pid, &(siginfo_t){ 0 }, WSTOPPED | WNOHANG));
			kill(pid, SIGCONT);
			wait_for("continued", pid, WCONTINUED);
			kill(pid, SIGKILL);
			told = false;
			wait_for("killed", pid, WEXITED);
			told = true;
		}
	}
}

TEST(childcodes, ignored_ones_do_not_end)
{
	static const int signals[] = { SIGCHLD, SIGURG, SIGWINCH, SIGCONT };
	pid_t pid = pauses();

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		kill(pid, signals[i]);
	kill(pid, SIGTERM);
	note("%s", status_name(child_status(pid)));
}

TEST(childcodes, another_exit_signal)
{
	struct sigaction sa = { .sa_sigaction = on_child, .sa_flags = SA_SIGINFO };
	pid_t pid;

	sigaction(SIGUSR1, &sa, NULL);
	pid = (pid_t)raw_clone(SIGUSR1, NULL, NULL, NULL, NULL);
	if (pid == 0)
		_exit(3);
	SHOW(waitpid(pid, NULL, WNOHANG));
	SHOW(waitpid(pid, NULL, __WCLONE) == pid);
	note("signals %d code %d status %d", count, code, status);
}
