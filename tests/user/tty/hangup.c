/* SPDX-License-Identifier: MIT */
/* Hang-up: what each side sees when the other closes; SIGHUP; reopening. */
#include "pty.h"

static int poll_bits(int fd)
{
	struct pollfd p = { fd, POLLIN | POLLOUT, 0 };

	poll(&p, 1, 0);
	return p.revents;
}

TEST(hangup, the_master_closes)
{
	struct pty p = pty_open();
	struct termios t;
	char byte;

	make_raw(p.slave);
	close(p.master);
	SHOW(read(p.slave, &byte, 1));
	SHOW(write(p.slave, "x", 1));
	SHOW(tcgetattr(p.slave, &t));
	SHOW(ioctl(p.slave, TIOCGWINSZ, &t));
	note("poll %#x", poll_bits(p.slave));
	SHOW(open(p.name, O_RDWR | O_NOCTTY));
}

TEST(hangup, what_was_written_before_is_lost_for_a_hung_up_slave)
{
	struct pty p = pty_open();
	char byte;

	CHANGE(p.slave, c_lflag, ECHO, 0);
	put(p.master, "line\n");
	close(p.master);
	SHOW(read(p.slave, &byte, 1));
}

TEST(hangup, a_waiting_reader_of_the_slave_wakes)
{
	struct pty p = pty_open();
	pid_t pid;

	CHILD(pid) {
		char byte;

		close(p.master);
		SHOW(read(p.slave, &byte, 1));
	}
	wait_state(pid, 'S');
	close(p.master);
	EXPECT_CHILD_OK(pid);
}

TEST(hangup, the_slave_closes)
{
	struct pty p = pty_open();
	char text[16];
	int s;

	put(p.slave, "last words\n");
	close(p.slave);
	note("%s", get_until(p.master, '\n'));
	SHOW(read(p.master, text, 16));
	note("poll %#x", poll_bits(p.master));
	s = REQUIRE_OK(open(p.name, O_RDWR | O_NOCTTY));
	note("poll %#x", poll_bits(p.master));
	put(s, "back\n");
	note("%s", get_until(p.master, '\n'));
}

TEST(hangup, a_master_whose_slave_was_never_opened_waits)
{
	int m = REQUIRE_OK(open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK));
	char byte;

	SHOW(read(m, &byte, 1));
	note("poll %#x", poll_bits(m));
}

TEST(hangup, a_waiting_reader_of_the_master_wakes)
{
	struct pty p = pty_open();
	pid_t pid;

	CHILD(pid) {
		char byte;

		close(p.slave);
		SHOW(read(p.master, &byte, 1));
	}
	wait_state(pid, 'S');
	close(p.slave);
	EXPECT_CHILD_OK(pid);
}

TEST(hangup, the_session_gets_sighup_and_sigcont)
{
	struct pty p = pty_open();
	int ready[2];
	char byte;
	pid_t pid;

	REQUIRE_OK(pipe(ready));
	CHILD(pid) {
		close(p.master);
		lead_session(&p);
		write_all(ready[1], "x", 1);
		pause();
	}
	EXPECT_EQ(read(ready[0], &byte, 1), 1);
	close(p.master);
	note("leader %s", status_name(child_status(pid)));
}

TEST(hangup, a_leader_that_survives_has_no_terminal_any_more)
{
	struct pty p = pty_open();
	int ready[2];
	char byte;
	pid_t pid;

	REQUIRE_OK(pipe(ready));
	CHILD(pid) {
		sigset_t set;
		int got;

		close(p.master);
		sigemptyset(&set);
		sigaddset(&set, SIGHUP);
		sigprocmask(SIG_BLOCK, &set, NULL);
		lead_session(&p);
		write_all(ready[1], "x", 1);
		EXPECT_EQ(sigwait(&set, &got), 0);
		note("got %s", signal_name(got));
		SHOW(open("/dev/tty", O_RDWR));
		SHOW(read(p.slave, &byte, 1));
		SHOW(write(p.slave, "x", 1));
	}
	EXPECT_EQ(read(ready[0], &byte, 1), 1);
	close(p.master);
	EXPECT_CHILD_OK(pid);
}

TEST(hangup, the_end_of_the_leader_hangs_up_the_foreground)
{
	struct pty p = pty_open();
	int out[2];
	char text[32] = "";
	pid_t leader;

	REQUIRE_OK(pipe(out));
	CHILD(leader) {
		pid_t member;

		lead_session(&p);
		CHILD(member) {
			sigset_t set;
			int got = 0;

			close(p.master);
			sigemptyset(&set);
			sigaddset(&set, SIGHUP);
			sigprocmask(SIG_BLOCK, &set, NULL);
			write_all(out[1], "r", 1);
			sigwait(&set, &got);
			write_all(out[1], signal_name(got), 3);
		}
		EXPECT_EQ(read(out[0], text, 1), 1);
	}
	EXPECT_CHILD_OK(leader);
	EXPECT_EQ(read(out[0], text, 3), 3);
	note("the member got %s", text);
}

TEST(hangup, vhangup_needs_privilege)
{
	AS_USER(1000, 1000, SHOW(vhangup()));
}
