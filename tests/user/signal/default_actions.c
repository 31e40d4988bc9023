/* SPDX-License-Identifier: MIT */
/* What each signal does by default: ends, stops, continues or nothing. */
#include "../harness.h"
#include "../process/util.h"

static const char *outcome(int number, bool by_kill)
{
	static char text[80];
	struct gate ready = gate_make();
	int status;
	pid_t pid;

	CHILD(pid) {
		setpgid(0, 0);
		gate_open(&ready);
		if (!by_kill) {
			raise(number);
			_exit(0);
		}
		for (;;)
			pause();
	}
	gate_wait(&ready);
	if (by_kill) {
		setpgid(pid, pid);
		wait_state(pid, 'S');
		kill(pid, number);
	}
	if (by_kill) {
		/* Nothing to wait for if the signal is ignored: a second one ends the child. */
		for (int i = 0; i < 2; i++) {
			if (i == 1)
				kill(pid, SIGKILL);
			for (int j = 0; j < (i ? 5000 : 20); j++) {
				if (waitpid(pid, &status, WNOHANG | WUNTRACED) == pid)
					goto done;
				sleep_ms(1);
			}
		}
		return "?";
	}
	waitpid(pid, &status, WUNTRACED);
done:
	snprintf(text, sizeof(text), "%s", status_name(status));
	if (WIFSTOPPED(status)) {
		kill(pid, SIGKILL);
		child_status(pid);
	}
	return text;
}

TEST(default_actions, of_every_signal)
{
	for (int i = 1; i <= 64; i++)
		note("%d %s: %s", i, signal_name(i), outcome(i, false));
}

TEST(default_actions, ignored_ones_leave_a_sleeper_alone)
{
	static const int numbers[] = { SIGCHLD, SIGCONT, SIGURG, SIGWINCH };

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		struct gate gate = gate_make(), ready = gate_make();
		pid_t pid;

		CHILD(pid) {
			gate_open(&ready);
			gate_wait(&gate);
			_exit(17);
		}
		gate_wait(&ready);
		wait_state(pid, 'S');
		EXPECT_OK(kill(pid, numbers[i]));
		EXPECT_TRUE(wait_state(pid, 'S'));
		gate_open(&gate);
		note("%s: %s", signal_name(numbers[i]), status_name(child_status(pid)));
	}
}

TEST(default_actions, fatal_ones_end_a_sleeper_and_a_runner)
{
	note("sleeper TERM: %s", outcome(SIGTERM, true));
	note("sleeper RT: %s", outcome(40, true));
	for (int i = 0; i < 2; i++) {
		volatile int *shared = shared_memory(4096);
		pid_t pid;

		CHILD(pid)
			for (;;)
				shared[0] = 1;
		while (!shared[0])
			sched_yield();
		kill(pid, i ? SIGKILL : SIGTERM);
		note("runner: %s", status_name(child_status(pid)));
	}
}

TEST(default_actions, init_is_protected)
{
	static const int numbers[] = { SIGTERM, SIGKILL, SIGSTOP, SIGSEGV, SIGUSR1, 40 };

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		EXPECT_OK(kill(1, numbers[i]));
	/* It is still there, and still reaps. */
	EXPECT_OK(kill(1, 0));
	EXPECT_TRUE(task_state(1) != 'T' && task_state(1) != 'Z');
}

TEST(default_actions, two_signals_at_once_the_lower_number_ends_it)
{
	uint64_t set = ~0ULL, none = 0;
	pid_t pid;

	CHILD(pid) {
		raw_mask(SIG_SETMASK, &set);
		raise(SIGTERM);
		raise(SIGINT);
		raise(SIGUSR1);
		raw_mask(SIG_SETMASK, &none);
	}
	note("%s", status_name(child_status(pid)));
}
