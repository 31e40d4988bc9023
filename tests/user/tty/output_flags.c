/* SPDX-License-Identifier: MIT */
/* Output translation: OPOST, ONLCR, OCRNL, ONOCR, ONLRET, OLCUC, XTABS. */
#include "pty.h"

static void print(struct pty *p, const char *what, const char *text)
{
	put(p->slave, text);
	put(p->slave, "$");
	note("%s: <%s>", what, get_until(p->master, '$'));
}

TEST(output, newlines)
{
	struct pty p = pty_open();

	print(&p, "OPOST|ONLCR", "a\nb\n");
	CHANGE(p.slave, c_oflag, ONLCR, 0);
	print(&p, "OPOST", "a\nb\n");
	CHANGE(p.slave, c_oflag, 0, OCRNL);
	print(&p, "OCRNL", "a\rb");
	CHANGE(p.slave, c_oflag, OCRNL, ONOCR);
	print(&p, "ONOCR at column 0", "\n\rx\ry");
	CHANGE(p.slave, c_oflag, ONOCR, ONLRET);
	print(&p, "ONLRET", "a\nb");
	CHANGE(p.slave, c_oflag, OPOST, ONLCR);
	print(&p, "without OPOST", "a\nb");
}

TEST(output, case_and_tabs)
{
	struct pty p = pty_open();

	CHANGE(p.slave, c_oflag, 0, OLCUC);
	print(&p, "OLCUC", "abcDEF");
	CHANGE(p.slave, c_oflag, OLCUC, XTABS);
	put(p.slave, "\n");
	get_until(p.master, '\n');
	print(&p, "XTABS", "\ta\tbc\tlonger than eight\t");
	put(p.slave, "\r");
	get_until(p.master, '\r');
	print(&p, "XTABS after backspace", "abc\b\tx");
}

TEST(output, control_and_high_characters_pass)
{
	struct pty p = pty_open();

	print(&p, "bytes", "\001\033[1m\200\377\177");
}

TEST(output, long_lines_arrive_whole)
{
	struct pty p = pty_open();
	char line[1001];
	const char *got;

	memset(line, 'x', 999);
	line[999] = '\n';
	line[1000] = 0;
	put(p.slave, line);
	got = get_until(p.master, '\n');
	note("%zu characters, end %s", strlen(got), got + strlen(got) - 4);
}
