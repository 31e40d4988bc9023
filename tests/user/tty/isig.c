/* SPDX-License-Identifier: MIT */
/* ISIG: INTR, QUIT and SUSP reach the foreground group; input is flushed; NOFLSH; the master's TIOCSIG. */
#include "pty.h"

static volatile sig_atomic_t caught;

static void on_signal(int number)
{
	caught = number;
}

/* A child that leads a session on the slave and reports each signal that it gets as a line. */
static pid_t start(struct pty *p)
{
	int ready[2];
	char byte;
	pid_t pid;

	REQUIRE_OK(pipe(ready));
	CHILD(pid) {
		static const int signals[] = { SIGINT, SIGQUIT, SIGTSTP, SIGHUP, SIGWINCH, SIGCONT };
		struct sigaction action = { .sa_handler = on_signal };
		sigset_t block, old;

		sigemptyset(&block);
		for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
			sigaction(signals[i], &action, NULL);
			sigaddset(&block, signals[i]);
		}
		sigprocmask(SIG_BLOCK, &block, &old);
		lead_session(p);
		write_all(ready[1], "x", 1);
		for (;;) {
			char line[32];

			caught = 0;
			while (!caught)
				sigsuspend(&old);
			snprintf(line, sizeof(line), "got %s\n", signal_name(caught));
			put(p->slave, line);
		}
	}
	EXPECT_EQ(read(ready[0], &byte, 1), 1);
	return pid;
}

static void stop(pid_t pid)
{
	kill(pid, SIGKILL);
	child_status(pid);
}

TEST(isig, the_three_characters)
{
	struct pty p = pty_open();
	pid_t pid;

	CHANGE(p.slave, c_lflag, ECHO, 0);
	pid = start(&p);
	put(p.master, "\003");
	note("%s", get_until(p.master, '\n'));
	put(p.master, "\034");
	note("%s", get_until(p.master, '\n'));
	put(p.master, "\032");
	note("%s", get_until(p.master, '\n'));
	stop(pid);
}

TEST(isig, can_be_switched_off_or_moved)
{
	struct pty p = pty_open();
	pid_t pid;

	CHANGE(p.slave, c_lflag, ECHO, 0);
	pid = start(&p);
	CHANGE(p.slave, c_lflag, ISIG, 0);
	put(p.master, "a\003b\n");
	note("%s", get_once(p.slave, 100));
	CHANGE(p.slave, c_lflag, 0, ISIG);
	set_cc(p.slave, VINTR, '!');
	put(p.master, "a\003b\n");
	note("%s", get_once(p.slave, 100));
	put(p.master, "!");
	note("%s", get_until(p.master, '\n'));
	stop(pid);
}

TEST(isig, input_is_flushed_unless_noflsh)
{
	struct pty p = pty_open();
	pid_t pid;

	CHANGE(p.slave, c_lflag, ECHO, 0);
	pid = start(&p);
	put(p.master, "lost\nlost too\003");
	note("%s", get_until(p.master, '\n'));
	put(p.master, "kept\n");
	note("%s", get_once(p.slave, 100));
	CHANGE(p.slave, c_lflag, 0, NOFLSH);
	put(p.master, "first\npart\003");
	note("%s", get_until(p.master, '\n'));
	put(p.master, " rest\n");
	note("%s", get_once(p.slave, 100));
	note("%s", get_once(p.slave, 100));
	stop(pid);
}

TEST(isig, the_master_can_send_one)
{
	struct pty p = pty_open();
	pid_t pid = start(&p);

	SHOW(ioctl(p.master, TIOCSIG, SIGINT));
	note("%s", get_until(p.master, '\n'));
	SHOW(ioctl(p.master, TIOCSIG, SIGUSR1));
	SHOW(ioctl(p.slave, TIOCSIG, SIGINT));
	stop(pid);
}

TEST(isig, break_handling_of_a_pty_is_quiet)
{
	struct pty p = pty_open();

	SHOW(tcsendbreak(p.slave, 0));
	SHOW(ioctl(p.slave, TIOCSBRK));
	SHOW(ioctl(p.slave, TIOCCBRK));
}

TEST(isig, only_the_foreground_group_is_hit)
{
	struct pty p = pty_open();
	int out[2];
	pid_t leader;
	char text[64] = "";

	REQUIRE_OK(pipe(out));
	CHILD(leader) {
		pid_t front, back;

		signal(SIGTTOU, SIG_IGN);
		lead_session(&p);
		CHILD(front) {
			setpgid(0, 0);
			pause();
		}
		setpgid(front, front);
		CHILD(back) {
			setpgid(0, 0);
			pause();
		}
		setpgid(back, back);
		EXPECT_OK(tcsetpgrp(p.slave, front));
		write_all(out[1], "ready", 5);
		note("front %s", status_name(child_status(front)));
		SHOW(kill(back, 0));
		kill(back, SIGKILL);
		note("back %s", status_name(child_status(back)));
	}
	EXPECT_EQ(read(out[0], text, 5), 5);
	put(p.master, "\003");
	EXPECT_CHILD_OK(leader);
}
