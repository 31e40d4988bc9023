/* SPDX-License-Identifier: MIT */
/* TIOCSPGRP, TIOCGPGRP and background reads and writes: SIGTTIN, SIGTTOU, orphans. */
#include "pty.h"

TEST(groups, errors_of_tcsetpgrp)
{
	struct pty p = pty_open(), q = pty_open();

	IN_CHILD({
		pid_t child;

		signal(SIGTTOU, SIG_IGN);
		SHOW(tcgetpgrp(p.slave));
		SHOW(tcsetpgrp(p.slave, getpgrp()));
		lead_session(&p);
		SHOW(tcsetpgrp(p.slave, 0x3ffffff));
		SHOW(tcsetpgrp(p.slave, -1));
		SHOW(tcsetpgrp(p.slave, 1));
		SHOW(tcsetpgrp(q.slave, getpgrp()));
		CHILD(child)
			pause();
		/* A process that is not the leader of a group names none. */
		SHOW(tcsetpgrp(p.slave, child));
		EXPECT_OK(setpgid(child, child));
		SHOW(tcsetpgrp(p.slave, child));
		SHOW(tcgetpgrp(p.slave) == child);
		/* The master sees it too. */
		SHOW(tcgetpgrp(p.master) == child);
		kill(child, SIGKILL);
		child_status(child);
		SHOW(tcgetpgrp(p.slave) == child);
		SHOW(tcsetpgrp(p.slave, getpgrp()));
	});
}

/* A leader puts a child into a background group of its own and reports how it fares. */
static void background(struct pty *p, void (*prepare)(void), void (*act)(struct pty *p))
{
	pid_t leader;

	CHILD(leader) {
		int status;
		pid_t child;

		lead_session(p);
		CHILD(child) {
			setpgid(0, 0);
			if (prepare)
				prepare();
			act(p);
		}
		setpgid(child, child);
		waitpid(child, &status, WUNTRACED);
		note("child %s", status_name(status));
		if (WIFSTOPPED(status)) {
			signal(SIGTTOU, SIG_IGN);
			EXPECT_OK(tcsetpgrp(p->slave, child));
			kill(child, SIGCONT);
			waitpid(child, &status, WUNTRACED);
			note("in the foreground: %s", status_name(status));
		}
	}
	EXPECT_CHILD_OK(leader);
}

static void read_line(struct pty *p)
{
	note("read %s", get_once(p->slave, 100));
}

static void write_line(struct pty *p)
{
	SHOW(write(p->slave, "text\n", 5));
}

static void set_attributes(struct pty *p)
{
	struct termios t;

	SHOW(tcgetattr(p->slave, &t));
	SHOW(tcsetattr(p->slave, TCSANOW, &t));
}

static void take_foreground(struct pty *p)
{
	SHOW(tcsetpgrp(p->slave, getpgrp()));
}

static void ignore_both(void)
{
	signal(SIGTTIN, SIG_IGN);
	signal(SIGTTOU, SIG_IGN);
}

static void block_both(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTTIN);
	sigaddset(&set, SIGTTOU);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

TEST(groups, reading_in_the_background_stops)
{
	struct pty p = pty_open();

	put(p.master, "line\n");
	background(&p, NULL, read_line);
}

TEST(groups, reading_with_ttin_ignored_or_blocked_is_eio)
{
	struct pty p = pty_open(), q = pty_open();

	background(&p, ignore_both, read_line);
	background(&q, block_both, read_line);
}

TEST(groups, writing_in_the_background_is_allowed_without_tostop)
{
	struct pty p = pty_open();

	background(&p, NULL, write_line);
}

TEST(groups, writing_with_tostop_stops)
{
	struct pty p = pty_open(), q = pty_open();

	CHANGE(p.slave, c_lflag, 0, TOSTOP);
	background(&p, NULL, write_line);
	CHANGE(q.slave, c_lflag, 0, TOSTOP);
	background(&q, ignore_both, write_line);
}

TEST(groups, changing_the_terminal_stops)
{
	struct pty p = pty_open(), q = pty_open();

	background(&p, NULL, set_attributes);
	background(&q, ignore_both, set_attributes);
}

TEST(groups, taking_the_foreground_from_the_background_stops)
{
	struct pty p = pty_open(), q = pty_open();

	background(&p, NULL, take_foreground);
	background(&q, block_both, take_foreground);
}

TEST(groups, an_orphaned_background_group_gets_eio)
{
	struct pty p = pty_open();
	int out[2];
	pid_t leader;
	char text[128];
	ssize_t n;

	REQUIRE_OK(pipe(out));
	CHILD(leader) {
		pid_t middle;

		signal(SIGHUP, SIG_IGN);
		lead_session(&p);
		CHILD(middle) {
			pid_t orphan, parent = getpid();

			setpgid(0, 0);
			CHILD(orphan) {
				char line[64], byte;

				/* Its parent was the only tie to another group of the session. */
				while (getppid() == parent)
					sleep_ms(1);
				n = read(p.slave, &byte, 1);
				snprintf(line, sizeof(line), "read %s", n < 0 ? errno_name(errno) : "?");
				write_all(out[1], line, strlen(line));
			}
		}
		EXPECT_CHILD_OK(middle);
		close(out[1]);
		n = read(out[0], text, sizeof(text) - 1);
		text[n > 0 ? n : 0] = 0;
		note("%s", text);
	}
	close(out[1]);
	EXPECT_CHILD_OK(leader);
}

TEST(groups, a_stopped_group_that_is_orphaned_gets_hup_and_cont)
{
	int out[2], pids[2];
	pid_t middle, orphan = 0;
	char text[16] = "";

	REQUIRE_OK(pipe(out));
	REQUIRE_OK(pipe(pids));
	CHILD(middle) {
		EXPECT_OK(setpgid(0, 0));
		CHILD(orphan) {
			sigset_t set;
			int got = 0;

			EXPECT_OK(setpgid(0, 0));
			sigemptyset(&set);
			sigaddset(&set, SIGHUP);
			sigprocmask(SIG_BLOCK, &set, NULL);
			raise(SIGSTOP);
			sigwait(&set, &got);
			write_all(out[1], signal_name(got), 3);
		}
		setpgid(orphan, orphan);
		wait_state(orphan, 'T');
		write_all(pids[1], &orphan, sizeof(orphan));
	}
	EXPECT_CHILD_OK(middle);
	close(out[1]);
	SHOW(read(out[0], text, 3));
	note("%s", text);
}
