/* SPDX-License-Identifier: MIT */
/* Input translation: ICRNL, INLCR, IGNCR, ISTRIP, IUCLC. */
#include "pty.h"

static void type(struct pty *p, const char *what, const char *keys)
{
	put(p->master, keys);
	note("%s: <%s>", what, get_once(p->slave, 200));
}

TEST(input, carriage_returns)
{
	struct pty p = pty_open();

	CHANGE(p.slave, c_lflag, ECHO, 0);
	type(&p, "ICRNL", "a\r");
	CHANGE(p.slave, c_iflag, ICRNL, 0);
	type(&p, "none", "a\rb\n");
	CHANGE(p.slave, c_iflag, 0, IGNCR);
	type(&p, "IGNCR", "a\rb\n");
	CHANGE(p.slave, c_iflag, 0, ICRNL);
	type(&p, "IGNCR|ICRNL", "a\rb\n");
	CHANGE(p.slave, c_iflag, ICRNL | IGNCR, INLCR);
	set_cc(p.slave, VEOL, 'E');
	type(&p, "INLCR", "a\nbE");
}

TEST(input, strip_and_case)
{
	struct pty p = pty_open();

	CHANGE(p.slave, c_lflag, ECHO, 0);
	type(&p, "eight bits", "\301\302\n");
	CHANGE(p.slave, c_iflag, 0, ISTRIP);
	type(&p, "ISTRIP", "\301\302\n");
	CHANGE(p.slave, c_iflag, ISTRIP, IUCLC);
	type(&p, "IUCLC", "ABCdef\n");
	CHANGE(p.slave, c_lflag, IEXTEN, 0);
	type(&p, "IUCLC without IEXTEN", "ABCdef\n");
}

TEST(input, raw_translates_too)
{
	struct pty p = pty_open();

	CHANGE(p.slave, c_lflag, ICANON | ECHO, 0);
	put(p.master, "a\rb");
	note("<%s>", get_bytes(p.slave, 3));
}
