/* SPDX-License-Identifier: MIT */
/* Line editing: ERASE, WERASE, KILL, LNEXT, REPRINT, and what each echoes. */
#include "pty.h"

/* Type this line; show what the reader gets and what the typist sees. */
static void type(struct pty *p, const char *keys)
{
	put(p->master, keys);
	note("%s: read <%s>", quoted(keys, strlen(keys)), get_once(p->slave, 200));
	note("  echo <%s>", get_until(p->master, '\n'));
}

TEST(edit, erase)
{
	struct pty p = pty_open();

	type(&p, "abcd\177\177x\n");
	type(&p, "\177\177abc\n");
	type(&p, "a\177\177\177b\n");
	type(&p, "a\tb\177\177c\n");
	type(&p, "ab\001\177c\n");
	type(&p, "\t\177x\n");
}

TEST(edit, erase_word)
{
	struct pty p = pty_open();

	type(&p, "one two\027three\n");
	type(&p, "one two  \027three\n");
	type(&p, "one\027\027x\n");
	type(&p, "a/b-c_d\027x\n");
	type(&p, "one, two\027\027x\n");
}

TEST(edit, kill)
{
	struct pty p = pty_open();

	type(&p, "forgotten\025kept\n");
	type(&p, "\025kept\n");
	type(&p, "a\tb\025kept\n");
}

TEST(edit, literal_next)
{
	struct pty p = pty_open();

	type(&p, "a\026\177b\n");
	type(&p, "a\026\003b\n");
	type(&p, "a\026\026b\n");
	type(&p, "a\026\004b\n");
	type(&p, "a\026\001\177b\n");
}

TEST(edit, reprint)
{
	struct pty p = pty_open();

	put(p.master, "abc\022d\n");
	note("read <%s>", get_once(p.slave, 200));
	note("echo <%s>", get_until(p.master, '\n'));
	note("echo <%s>", get_until(p.master, '\n'));
}

TEST(edit, without_iexten_the_extras_are_plain)
{
	struct pty p = pty_open();

	CHANGE(p.slave, c_lflag, IEXTEN, 0);
	type(&p, "a b\027c\026x\022\n");
}

TEST(edit, utf8_characters_are_erased_whole)
{
	struct pty p = pty_open();

	CHANGE(p.slave, c_iflag, 0, IUTF8);
	type(&p, "a\303\251\177b\n");
	CHANGE(p.slave, c_iflag, IUTF8, 0);
	type(&p, "a\303\251\177b\n");
}

TEST(edit, other_keys)
{
	struct pty p = pty_open();

	set_cc(p.slave, VERASE, '#');
	set_cc(p.slave, VKILL, '@');
	type(&p, "ab#c@xy#z\n");
	type(&p, "a\\#b\n");
}
