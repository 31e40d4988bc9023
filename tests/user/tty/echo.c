/* SPDX-License-Identifier: MIT */
/* Echo flags one by one. */
#include "pty.h"

static void type(struct pty *p, const char *what, const char *keys, int lines)
{
	put(p->master, keys);
	note("%s: read <%s>", what, get_once(p->slave, 200));
	for (int i = 0; i < lines; i++)
		note("  echo <%s>", get_until(p->master, '\n'));
}

TEST(echo, control_characters_show_as_caret)
{
	struct pty p = pty_open();

	type(&p, "ECHOCTL", "a\001b\033c\n", 1);
	CHANGE(p.slave, c_lflag, ECHOCTL, 0);
	type(&p, "without", "a\001b\033c\n", 1);
}

TEST(echo, kill_forms)
{
	struct pty p = pty_open();

	type(&p, "ECHOK ECHOKE ECHOE", "abc\025d\n", 1);
	CHANGE(p.slave, c_lflag, ECHOKE, 0);
	type(&p, "ECHOK ECHOE", "abc\025d\n", 2);
	CHANGE(p.slave, c_lflag, ECHOK, 0);
	type(&p, "ECHOE", "abc\025d\n", 1);
}

TEST(echo, erase_forms)
{
	struct pty p = pty_open();

	CHANGE(p.slave, c_lflag, ECHOE, 0);
	type(&p, "without ECHOE", "abc\177d\n", 1);
	CHANGE(p.slave, c_lflag, 0, ECHOPRT | ECHOE);
	type(&p, "ECHOPRT", "abc\177\177d\n", 1);
}

TEST(echo, without_echo_only_echonl)
{
	struct pty p = pty_open();

	CHANGE(p.slave, c_lflag, ECHO, ECHONL);
	type(&p, "ECHONL", "secret\n", 1);
	CHANGE(p.slave, c_lflag, ECHONL, 0);
	put(p.master, "secret\n");
	note("read <%s>", get_once(p.slave, 200));
	put(p.slave, "only this\n");
	note("then <%s>", get_until(p.master, '\n'));
}

TEST(echo, in_raw_mode_every_byte)
{
	struct pty p = pty_open();

	CHANGE(p.slave, c_lflag, ICANON | ISIG, 0);
	put(p.master, "a\003\177b");
	note("read <%s>", get_bytes(p.slave, 4));
	put(p.slave, "\n");
	note("echo <%s>", get_until(p.master, '\n'));
}

TEST(echo, end_of_file_is_not_shown)
{
	struct pty p = pty_open();

	put(p.master, "ab\004");
	note("read <%s>", get_once(p.slave, 200));
	put(p.master, "c\n");
	note("read <%s>", get_once(p.slave, 200));
	note("echo <%s>", get_until(p.master, '\n'));
}

TEST(echo, carriage_return_becomes_newline_and_back)
{
	struct pty p = pty_open();

	type(&p, "ICRNL", "line\r", 1);
}

TEST(echo, signals_show_too)
{
	struct pty p = pty_open();

	put(p.master, "abc\003d\n");
	note("read <%s>", get_once(p.slave, 200));
	note("echo <%s>", get_until(p.master, '\n'));
}
