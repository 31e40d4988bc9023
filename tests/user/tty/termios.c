/* SPDX-License-Identifier: MIT */
/* termios: what a new pty has, what can be set, termios2, speeds, errors. */
#include "pty.h"
#include <sched.h>

struct kernel_termios2 {
	unsigned int iflag, oflag, cflag, lflag;
	unsigned char line, cc[19];
	unsigned int ispeed, ospeed;
};

#define TCGETS2_ _IOR('T', 0x2A, struct kernel_termios2)
#define TCSETS2_ _IOW('T', 0x2B, struct kernel_termios2)

TEST(termios, defaults_of_a_new_pty)
{
	struct pty p = pty_open();
	struct termios t;

	SHOW(tcgetattr(p.slave, &t));
	note("iflag %#o oflag %#o cflag %#o lflag %#o line %d", t.c_iflag, t.c_oflag, t.c_cflag,
	     t.c_lflag, t.c_line);
	for (int i = 0; i < 17; i++)
		note("cc[%d] = %#o", i, t.c_cc[i]);
	note("speeds %d %d", cfgetispeed(&t) == B38400, cfgetospeed(&t) == B38400);
	SHOW(tcgetattr(p.master, &t));
	note("by the master: lflag %#o", t.c_lflag);
}

TEST(termios, both_sides_see_one_setting)
{
	struct pty p = pty_open();
	struct termios t;

	make_raw(p.master);
	tcgetattr(p.slave, &t);
	note("iflag %#o oflag %#o lflag %#o", t.c_iflag, t.c_oflag, t.c_lflag);
}

TEST(termios, settings_survive_the_close_of_the_slave)
{
	struct pty p = pty_open();
	struct termios t;
	int s;

	CHANGE(p.slave, c_lflag, ECHO, 0);
	close(p.slave);
	s = open(p.name, O_RDWR | O_NOCTTY);
	tcgetattr(s, &t);
	SHOW(!!(t.c_lflag & ECHO));
}

TEST(termios, termios2_has_exact_speeds)
{
	struct pty p = pty_open();
	struct kernel_termios2 t;

	SHOW(ioctl(p.slave, TCGETS2_, &t));
	note("iflag %#o oflag %#o cflag %#o lflag %#o speeds %u %u", t.iflag, t.oflag, t.cflag, t.lflag,
	     t.ispeed, t.ospeed);
	t.cflag = (t.cflag & ~(CBAUD | CIBAUD)) | 0010000;
	t.ispeed = t.ospeed = 12345;
	SHOW(ioctl(p.slave, TCSETS2_, &t));
	SHOW(ioctl(p.slave, TCGETS2_, &t));
	note("cflag %#o speeds %u %u", t.cflag, t.ispeed, t.ospeed);
}

TEST(termios, speed_and_size_bits_of_a_pty)
{
	struct pty p = pty_open();
	struct termios t;

	tcgetattr(p.slave, &t);
	cfsetspeed(&t, B9600);
	t.c_cflag = (t.c_cflag & ~CSIZE) | CS7 | PARENB | CSTOPB;
	SHOW(tcsetattr(p.slave, TCSANOW, &t));
	tcgetattr(p.slave, &t);
	note("cflag %#o", t.c_cflag);
}

TEST(termios, errors)
{
	struct pty p = pty_open();
	struct termios t;
	int pipes[2];

	REQUIRE_OK(pipe(pipes));
	put_file("f", "");
	SHOW(tcgetattr(-1, &t));
	SHOW(tcgetattr(pipes[0], &t));
	SHOW(tcgetattr(open("f", O_RDWR), &t));
	SHOW(tcgetattr(open("/dev/null", O_RDWR), &t));
	SHOW(ioctl(p.slave, TCGETS, (void *)8));
	SHOW(ioctl(p.slave, TCSETS, (void *)8));
	SHOW(ioctl(p.slave, 0x5499, &t));
	SHOW(ioctl(p.slave, TIOCGPGRP, &t));
	SHOW(isatty(pipes[0]));
}

TEST(termios, tcsetattr_flush_drops_input)
{
	struct pty p = pty_open();
	struct termios t;

	CHANGE(p.slave, c_lflag, ECHO, 0);
	put(p.master, "dropped\n");
	/* The line has arrived when it can be counted. */
	for (int n = 0; n < 8; ioctl(p.slave, FIONREAD, &n))
		sched_yield();
	tcgetattr(p.slave, &t);
	SHOW(tcsetattr(p.slave, TCSAFLUSH, &t));
	put(p.master, "kept\n");
	note("%s", get_once(p.slave, 100));
}

TEST(termios, old_termio_still_answers)
{
	struct pty p = pty_open();
	unsigned char old[32];

	SHOW(ioctl(p.slave, TCGETA, old));
	SHOW(ioctl(p.slave, TCSETA, old));
}

TEST(termios, line_disciplines)
{
	struct pty p = pty_open();
	int line = -1;

	SHOW(ioctl(p.slave, TIOCGETD, &line));
	note("%d", line);
	line = 0;
	SHOW(ioctl(p.slave, TIOCSETD, &line));
	line = 99;
	SHOW(ioctl(p.slave, TIOCSETD, &line));
}
