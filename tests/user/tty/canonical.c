/* SPDX-License-Identifier: MIT */
/* Canonical input: lines, end of file, extra end-of-line characters, long lines. */
#include "pty.h"

static struct pty quiet(void)
{
	struct pty p = pty_open();

	CHANGE(p.slave, c_lflag, ECHO | ECHOCTL, 0);
	return p;
}

TEST(canon, a_read_takes_one_line)
{
	struct pty p = quiet();

	put(p.master, "one\ntwo\nthree\n");
	note("%s", get_once(p.slave, 100));
	note("%s", get_once(p.slave, 100));
	note("%s", get_once(p.slave, 100));
}

TEST(canon, a_short_read_leaves_the_rest_of_the_line)
{
	struct pty p = quiet();

	put(p.master, "abcdef\nnext\n");
	note("%s", get_once(p.slave, 2));
	note("%s", get_once(p.slave, 3));
	note("%s", get_once(p.slave, 100));
	note("%s", get_once(p.slave, 100));
}

TEST(canon, a_reader_waits_for_the_end_of_the_line)
{
	struct pty p = quiet();
	pid_t pid;

	CHILD(pid)
		note("%s", get_once(p.slave, 100));
	wait_state(pid, 'S');
	put(p.master, "half ");
	put(p.master, "and half\n");
	EXPECT_CHILD_OK(pid);
}

TEST(canon, end_of_file_on_an_empty_line_and_in_the_middle)
{
	struct pty p = quiet();

	put(p.master, "\004");
	note("<%s>", get_once(p.slave, 100));
	put(p.master, "abc\004");
	note("<%s>", get_once(p.slave, 100));
	put(p.master, "abc\004\004def\n");
	note("<%s>", get_once(p.slave, 100));
	note("<%s>", get_once(p.slave, 100));
	note("<%s>", get_once(p.slave, 100));
}

TEST(canon, extra_end_of_line_characters)
{
	struct pty p = quiet();

	set_cc(p.slave, VEOL, ';');
	set_cc(p.slave, VEOL2, '#');
	put(p.master, "a;b#c\n");
	note("%s", get_once(p.slave, 100));
	note("%s", get_once(p.slave, 100));
	note("%s", get_once(p.slave, 100));
}

TEST(canon, no_data_is_eagain_until_the_line_ends)
{
	struct pty p = quiet();
	struct pollfd poller = { p.slave, POLLIN, 0 };
	char byte;

	fcntl(p.slave, F_SETFL, O_NONBLOCK);
	SHOW(read(p.slave, &byte, 1));
	put(p.master, "abc");
	SHOW(read(p.slave, &byte, 1));
	put(p.master, "\n");
	SHOW(poll(&poller, 1, 10000));
	SHOW(read(p.slave, &byte, 1));
}

TEST(canon, a_line_is_at_most_4095_characters_and_its_end)
{
	struct pty p = quiet();
	static char line[5001], back[8192];
	pid_t pid;
	ssize_t n;

	memset(line, 'x', 5000);
	line[5000] = '\n';
	CHILD(pid)
		for (size_t done = 0; done < sizeof(line);) {
			ssize_t w = write(p.master, line + done, sizeof(line) - done);

			REQUIRE_TRUE(w > 0);
			done += w;
		}
	n = read(p.slave, back, sizeof(back));
	note("%zd bytes, the last is %s", n, quoted(back + n - 1, 1));
	EXPECT_CHILD_OK(pid);
}

TEST(canon, switching_to_raw_shows_what_was_typed)
{
	struct pty p = quiet();
	struct termios t;

	put(p.master, "typed");
	for (int n = 0; n < 5;) {
		/* In raw mode FIONREAD counts bytes without a line end too: wait for all to arrive. */
		CHANGE(p.slave, c_lflag, ICANON, 0);
		ioctl(p.slave, FIONREAD, &n);
		if (n < 5) {
			CHANGE(p.slave, c_lflag, 0, ICANON);
			sleep_ms(1);
		}
	}
	tcgetattr(p.slave, &t);
	note("%s", get_bytes(p.slave, 5));
}

TEST(canon, nul_and_eight_bit_characters_pass)
{
	struct pty p = quiet();

	write_all(p.master, "a\0b\377\n", 5);
	note("%s", get_once(p.slave, 100));
}

TEST(canon, disabled_characters_are_plain)
{
	struct pty p = quiet();

	set_cc(p.slave, VEOF, 0);
	set_cc(p.slave, VERASE, 0);
	put(p.master, "a\004b\177c\n");
	note("%s", get_once(p.slave, 100));
}
