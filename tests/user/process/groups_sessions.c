/* SPDX-License-Identifier: MIT */
/* Process groups and sessions: setpgid, setsid, getsid and their refusals; orphaned groups. */
#define HARNESS_EXEC other_main
static int other_main(int argc, char **argv);
#include "../harness.h"
#include "util.h"
#include <sys/prctl.h>

static int other_main(int argc, char **argv)
{
	char byte;

	(void)argc;
	write_all(atoi(argv[2]), "x", 1);
	return read(atoi(argv[3]), &byte, 1) < 0;
}

TEST(groups, own_group)
{
	pid_t pid;

	CHILD(pid) {
		EXPECT_TRUE(getpgrp() != getpid());
		EXPECT_OK(setpgid(0, 0));
		EXPECT_EQ(getpgrp(), getpid());
		EXPECT_OK(setpgid(getpid(), 0));
		EXPECT_EQ(getpgid(0), getpid());
		EXPECT_EQ(getsid(0), getsid(getppid()));
	}
	EXPECT_CHILD_OK(pid);
}

TEST(groups, setpgid_errors)
{
	struct gate gate = gate_make();
	pid_t child, session, gone;

	EXPECT_ERRNO(setpgid(-1, 0), EINVAL);
	EXPECT_ERRNO(setpgid(-1, 1), ESRCH);
	EXPECT_ERRNO(setpgid(0, -1), EINVAL);
	EXPECT_ERRNO(setpgid(0x7ffffff, 0), ESRCH);
	EXPECT_ERRNO(setpgid(1, 0), ESRCH);
	EXPECT_ERRNO(setpgid(getppid(), 0), ESRCH);
	EXPECT_ERRNO(setpgid(0, 0x7ffffff), EPERM);
	CHILD(gone)
		;
	child_status(gone);
	EXPECT_ERRNO(setpgid(gone, 0), ESRCH);
	EXPECT_ERRNO(setpgid(0, gone), EPERM);
	struct gate ready = gate_make();
	CHILD(session) {
		EXPECT_OK(setsid());
		gate_open(&ready);
		gate_wait(&gate);
	}
	gate_wait(&ready);
	EXPECT_ERRNO(setpgid(session, 0), EPERM);
	EXPECT_ERRNO(setpgid(session, getpgrp()), EPERM);
	EXPECT_ERRNO(setpgid(0, session), EPERM);
	CHILD(child)
		gate_wait(&gate);
	EXPECT_OK(setpgid(child, child));
	EXPECT_EQ(getpgid(child), child);
	EXPECT_OK(setpgid(child, getpgrp()));
	EXPECT_EQ(getpgid(child), getpgrp());
	EXPECT_OK(setpgid(child, 0));
	EXPECT_OK(setpgid(0, child));
	EXPECT_EQ(getpgrp(), child);
	gate_open(&gate);
	gate_open(&gate);
	EXPECT_CHILD_OK(child);
	EXPECT_CHILD_OK(session);
}

TEST(groups, a_child_that_has_executed_cannot_be_moved)
{
	int out[2], in[2];
	char a[16], b[16], byte;
	pid_t pid;

	EXPECT_OK(pipe(out) | pipe(in));
	snprintf(a, sizeof(a), "%d", out[1]);
	snprintf(b, sizeof(b), "%d", in[0]);
	CHILD(pid) {
		close(in[1]);
		execl("/proc/self/exe", "x", "@wait", a, b, NULL);
	}
	EXPECT_EQ(read(out[0], &byte, 1), 1);
	EXPECT_ERRNO(setpgid(pid, pid), EACCES);
	write_all(in[1], "x", 1);
	EXPECT_CHILD_OK(pid);
}

TEST(groups, setsid)
{
	pid_t pid, parent_session = getsid(0);

	CHILD(pid) {
		EXPECT_EQ(setsid(), getpid());
		EXPECT_EQ(getsid(0), getpid());
		EXPECT_EQ(getpgrp(), getpid());
		EXPECT_ERRNO(setsid(), EPERM);
		EXPECT_ERRNO(setpgid(0, 0), EPERM);
		EXPECT_TRUE(getsid(getppid()) == parent_session);
		EXPECT_ERRNO(open("/dev/tty", O_RDWR), ENXIO);
	}
	EXPECT_CHILD_OK(pid);
	CHILD(pid) {
		EXPECT_OK(setpgid(0, 0));
		EXPECT_ERRNO(setsid(), EPERM);
	}
	EXPECT_CHILD_OK(pid);
	EXPECT_ERRNO(getsid(-1), ESRCH);
	EXPECT_ERRNO(getsid(0x7ffffff), ESRCH);
	EXPECT_ERRNO(getpgid(-1), ESRCH);
	EXPECT_EQ(getsid(getpid()), getsid(0));
}

TEST(groups, kill_reaches_the_whole_group_and_no_other)
{
	pid_t pids[4];
	struct gate gate = gate_make();

	for (int i = 0; i < 4; i++) {
		CHILD(pids[i]) {
			if (i < 3)
				setpgid(0, i ? pids[0] : 0);
			gate_wait(&gate);
		}
		if (i < 3)
			setpgid(pids[i], pids[0]);
	}
	EXPECT_OK(kill(-pids[0], SIGTERM));
	for (int i = 0; i < 3; i++)
		note("%s", status_name(child_status(pids[i])));
	EXPECT_ERRNO(kill(-pids[0], SIGTERM), ESRCH);
	gate_open(&gate);
	EXPECT_CHILD_OK(pids[3]);
}

TEST(groups, kill_zero_reaches_the_callers_group)
{
	pid_t pid;

	CHILD(pid) {
		pid_t inner;

		setpgid(0, 0);
		CHILD(inner)
			for (;;)
				pause();
		signal(SIGUSR1, SIG_IGN);
		EXPECT_OK(kill(0, SIGUSR1));
		note("inner %s", status_name(child_status(inner)));
	}
	EXPECT_CHILD_OK(pid);
}

/*
 * A group whose last link to the rest of its session goes, and which has a stopped member, gets
 * HUP and CONT: a member that catches HUP lives on.
 */
static volatile sig_atomic_t hups, conts;

static void count(int number)
{
	if (number == SIGHUP)
		hups++;
	else
		conts++;
}

TEST(groups, an_orphaned_group_with_a_stopped_member_gets_hup_and_cont)
{
	struct gate gate = gate_make(), ready = gate_make();
	int *shared = shared_memory(4096);
	pid_t leader;

	EXPECT_OK(prctl(PR_SET_CHILD_SUBREAPER, 1));
	CHILD(leader) {
		pid_t inner;

		/* The leader of a new session, so that the parent outside does not link the group. */
		EXPECT_OK(setsid());
		CHILD(inner) {
			signal(SIGHUP, count);
			signal(SIGCONT, count);
			setpgid(0, 0);
			shared[0] = getpid();
			gate_open(&ready);
			kill(getpid(), SIGSTOP);
			shared[1] = hups;
			shared[2] = conts;
		}
		gate_wait(&ready);
		wait_state(inner, 'T');
		(void)gate;
	}
	EXPECT_CHILD_OK(leader);
	EXPECT_CHILD_OK(shared[0]);
	note("hup %d cont %d", shared[1], shared[2]);
}

TEST(groups, stop_signals_from_the_terminal_do_not_stop_an_orphaned_group)
{
	static const int numbers[] = { SIGTSTP, SIGTTIN, SIGTTOU };
	pid_t leader;

	EXPECT_OK(prctl(PR_SET_CHILD_SUBREAPER, 1));
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		CHILD(leader) {
			setsid();
			raise(numbers[i]);
			_exit(31);
		}
		int status;

		EXPECT_EQ(waitpid(leader, &status, WUNTRACED), leader);
		note("%s: %s", signal_name(numbers[i]), status_name(status));
	}
	CHILD(leader) {
		setsid();
		raise(SIGSTOP);
		_exit(32);
	}
	int status;

	EXPECT_EQ(waitpid(leader, &status, WUNTRACED), leader);
	note("STOP: %s", status_name(status));
	kill(leader, SIGCONT);
	note("%s", status_name(child_status(leader)));
}
