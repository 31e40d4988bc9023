/* SPDX-License-Identifier: MIT */
/* Flow control: IXON, IXANY, tcflow. */
#include "pty.h"

/* Let the slave be written by a child; true if it sleeps instead of finishing. */
static pid_t write_behind(struct pty *p, const char *text)
{
	pid_t pid;

	CHILD(pid)
		put(p->slave, text);
	return pid;
}

static int stopped_by(struct pty *p, const char *keys)
{
	put(p->master, keys);
	/* What was typed is acted upon when the line behind it can be read. */
	put(p->master, "sync\n");
	get_once(p->slave, 100);
	return 0;
}

TEST(flow, stop_holds_output_and_start_releases_it)
{
	struct pty p = pty_open();
	pid_t pid;

	CHANGE(p.slave, c_lflag, ECHO, 0);
	stopped_by(&p, "\023");
	pid = write_behind(&p, "held\n");
	wait_state(pid, 'S');
	put(p.master, "\021");
	note("%s", get_until(p.master, '\n'));
	EXPECT_CHILD_OK(pid);
}

TEST(flow, without_ixon_the_characters_are_data)
{
	struct pty p = pty_open();

	CHANGE(p.slave, c_lflag, ECHO, 0);
	CHANGE(p.slave, c_iflag, IXON, 0);
	put(p.master, "a\023\021b\n");
	note("%s", get_once(p.slave, 100));
}

TEST(flow, ixany_restarts_with_any_character)
{
	struct pty p = pty_open();
	pid_t pid;

	CHANGE(p.slave, c_lflag, ECHO, 0);
	CHANGE(p.slave, c_iflag, 0, IXANY);
	put(p.master, "\023");
	put(p.master, "x\n");
	note("%s", get_once(p.slave, 100));
	pid = write_behind(&p, "free\n");
	note("%s", get_until(p.master, '\n'));
	EXPECT_CHILD_OK(pid);
}

TEST(flow, tcflow_stops_and_starts)
{
	struct pty p = pty_open();
	pid_t pid;

	SHOW(tcflow(p.slave, TCOOFF));
	pid = write_behind(&p, "held\n");
	wait_state(pid, 'S');
	SHOW(tcflow(p.slave, TCOON));
	note("%s", get_until(p.master, '\n'));
	EXPECT_CHILD_OK(pid);
	SHOW(tcflow(p.slave, 9));
}

TEST(flow, nonblocking_write_to_a_stopped_terminal)
{
	struct pty p = pty_open();

	SHOW(tcflow(p.slave, TCOOFF));
	fcntl(p.slave, F_SETFL, O_NONBLOCK);
	SHOW(write(p.slave, "x", 1));
	SHOW(tcflow(p.slave, TCOON));
	SHOW(write(p.slave, "x", 1));
}

TEST(flow, tcflow_off_and_on_of_input_sends_the_characters)
{
	struct pty p = pty_open();

	SHOW(tcflow(p.slave, TCIOFF));
	note("%s", get_bytes(p.master, 1));
	SHOW(tcflow(p.slave, TCION));
	note("%s", get_bytes(p.master, 1));
}
