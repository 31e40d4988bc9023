/* SPDX-License-Identifier: MIT */
/* The window size: shared by both sides, SIGWINCH when it changes. */
#include "pty.h"

TEST(winsize, is_stored)
{
	struct pty p = pty_open();
	struct winsize w = { 1, 2, 3, 4 };

	SHOW(ioctl(p.slave, TIOCGWINSZ, &w));
	note("%d %d %d %d", w.ws_row, w.ws_col, w.ws_xpixel, w.ws_ypixel);
	w = (struct winsize){ 24, 80, 640, 480 };
	SHOW(ioctl(p.master, TIOCSWINSZ, &w));
	w = (struct winsize){ 0 };
	SHOW(ioctl(p.slave, TIOCGWINSZ, &w));
	note("%d %d %d %d", w.ws_row, w.ws_col, w.ws_xpixel, w.ws_ypixel);
	w.ws_row = 50;
	SHOW(ioctl(p.slave, TIOCSWINSZ, &w));
	SHOW(ioctl(p.master, TIOCGWINSZ, &w));
	note("%d", w.ws_row);
	SHOW(ioctl(p.master, TIOCSWINSZ, (void *)8));
	SHOW(ioctl(p.master, TIOCGWINSZ, (void *)8));
}

static volatile sig_atomic_t count;

static void on_winch(int number)
{
	(void)number;
	count++;
}

TEST(winsize, a_change_signals_the_foreground_group)
{
	struct pty p = pty_open();
	int ready[2];
	char byte;
	pid_t pid;

	CHANGE(p.slave, c_lflag, ECHO, 0);
	REQUIRE_OK(pipe(ready));
	CHILD(pid) {
		struct winsize w;
		sigset_t block, old;

		signal(SIGWINCH, on_winch);
		sigemptyset(&block);
		sigaddset(&block, SIGWINCH);
		sigprocmask(SIG_BLOCK, &block, &old);
		lead_session(&p);
		write_all(ready[1], "x", 1);
		while (count < 1)
			sigsuspend(&old);
		ioctl(p.slave, TIOCGWINSZ, &w);
		note("count %d size %d %d", count, w.ws_row, w.ws_col);
		write_all(ready[1], "x", 1);
		while (count < 2)
			sigsuspend(&old);
		ioctl(p.slave, TIOCGWINSZ, &w);
		note("count %d size %d %d", count, w.ws_row, w.ws_col);
	}
	EXPECT_EQ(read(ready[0], &byte, 1), 1);
	EXPECT_OK(ioctl(p.master, TIOCSWINSZ, &(struct winsize){ 10, 20, 0, 0 }));
	EXPECT_EQ(read(ready[0], &byte, 1), 1);
	/* The same size again: no signal; the next one is for the real change. */
	EXPECT_OK(ioctl(p.master, TIOCSWINSZ, &(struct winsize){ 10, 20, 0, 0 }));
	EXPECT_OK(ioctl(p.master, TIOCSWINSZ, &(struct winsize){ 11, 21, 0, 0 }));
	EXPECT_CHILD_OK(pid);
}
