/* SPDX-License-Identifier: MIT */
/* Terminal requests: on what is no terminal, from another session, with bad pointers and values. */
#include "harness.h"
#include <sys/ioctl.h>
#include <termios.h>

static const struct { const char *name; unsigned long request; } requests[] = {
	{ "TCGETS", TCGETS }, { "TCSETS", TCSETS }, { "TCSETSW", TCSETSW }, { "TCGETA", TCGETA }, { "TCSBRK", TCSBRK }, { "TCXONC", TCXONC },
	{ "TCFLSH", TCFLSH }, { "TIOCEXCL", TIOCEXCL }, { "TIOCNXCL", TIOCNXCL }, { "TIOCSCTTY", TIOCSCTTY }, { "TIOCGPGRP", TIOCGPGRP },
	{ "TIOCSPGRP", TIOCSPGRP }, { "TIOCOUTQ", TIOCOUTQ }, { "TIOCSTI", TIOCSTI }, { "TIOCGWINSZ", TIOCGWINSZ }, { "TIOCSWINSZ", TIOCSWINSZ },
	{ "TIOCMGET", TIOCMGET }, { "TIOCINQ", TIOCINQ }, { "TIOCCONS", TIOCCONS }, { "TIOCPKT", TIOCPKT }, { "TIOCNOTTY", TIOCNOTTY },
	{ "TIOCSETD", TIOCSETD }, { "TIOCGETD", TIOCGETD }, { "TCSBRKP", TCSBRKP }, { "TIOCGSID", TIOCGSID }, { "TIOCGPTN", TIOCGPTN },
	{ "TIOCSPTLCK", TIOCSPTLCK }, { "TIOCGPTLCK", TIOCGPTLCK }, { "TIOCGEXCL", TIOCGEXCL }, { "TIOCGPKT", TIOCGPKT },
	{ "TIOCGSERIAL", TIOCGSERIAL }, { "TIOCGLCKTRMIOS", TIOCGLCKTRMIOS }, { "unknown", 0x5499 },
};

static int master, slave;

static void open_pair(void)
{
	char name[32];

	master = REQUIRE_OK(open("/dev/ptmx", O_RDWR | O_NOCTTY));
	REQUIRE_OK(grantpt(master));
	REQUIRE_OK(unlockpt(master));
	ptsname_r(master, name, sizeof(name));
	slave = REQUIRE_OK(open(name, O_RDWR | O_NOCTTY));
}

TEST(ttyerr, null_pointers)
{
	open_pair();
	for (size_t i = 0; i < ARRAY_SIZE(requests); i++) {
		/* With no argument these do something, wait, or take us from our session. */
		if (requests[i].request == TIOCCONS || requests[i].request == TIOCNOTTY || requests[i].request == TIOCSCTTY ||
		    requests[i].request == TIOCEXCL)
			continue;
		note("%s: slave %s", requests[i].name, RESULT(ioctl(slave, requests[i].request, NULL)));
		note("master %s", RESULT(ioctl(master, requests[i].request, NULL)));
	}
}

TEST(ttyerr, no_terminal)
{
	int p[2], file;

	put_file("f", "");
	file = open("f", O_RDWR);
	REQUIRE_OK(pipe(p));
	for (size_t i = 0; i < ARRAY_SIZE(requests); i++) {
		if (requests[i].request == TIOCINQ || requests[i].request == TIOCOUTQ)
			continue;
		note("%s: pipe %s", requests[i].name, RESULT(ioctl(p[0], requests[i].request, NULL)));
		note("file %s", RESULT(ioctl(file, requests[i].request, NULL)));
		note("null %s", RESULT(ioctl(open("/dev/null", O_RDWR), requests[i].request, NULL)));
	}
	SHOW(tcgetpgrp(p[0]));
	SHOW(isatty(file));
	SHOW(ptsname_r(file, (char[8]){ 0 }, 8));
}

TEST(ttyerr, values)
{
	pid_t bad = -1, nobody = 99999999, one = 1, me = getpgrp();
	int n = 99;

	open_pair();
	SHOW(ioctl(slave, TIOCSPGRP, &me));
	SHOW(ioctl(slave, TIOCGPGRP, &me));
	SHOW(ioctl(slave, TIOCGSID, &me));
	IN_CHILD({
		REQUIRE_OK(setsid());
		SHOW(ioctl(slave, TIOCSCTTY, 0));
		SHOW(ioctl(slave, TIOCSCTTY, 0));
		SHOW(ioctl(slave, TIOCSPGRP, &bad));
		SHOW(ioctl(slave, TIOCSPGRP, &nobody));
		SHOW(ioctl(slave, TIOCSPGRP, &one));
		me = getpid();
		SHOW(ioctl(slave, TIOCSPGRP, &me));
		SHOW(ioctl(master, TIOCSCTTY, 0));
		SHOW(ioctl(slave, TIOCSETD, &n));
		n = -1;
		SHOW(ioctl(slave, TIOCSETD, &n));
		SHOW(ioctl(slave, TCFLSH, 3));
		SHOW(ioctl(slave, TCFLSH, -1));
		SHOW(ioctl(slave, TCXONC, 4));
		SHOW(ioctl(slave, TCXONC, TCOON));
		SHOW(ioctl(slave, TIOCSTI, "x"));
		AS_USER(1000, 1000, {
			SHOW(ioctl(slave, TIOCSTI, "x"));
			SHOW(ioctl(slave, TIOCSCTTY, 1));
			SHOW(ioctl(slave, TIOCEXCL, 0));
		});
		IN_CHILD({
			REQUIRE_OK(setsid());
			SHOW(ioctl(slave, TIOCSCTTY, 0));
			SHOW(ioctl(slave, TIOCGPGRP, &me));
			SHOW(ioctl(slave, TIOCNOTTY, 0));
			SHOW(open("/dev/tty", O_RDWR));
		});
		signal(SIGHUP, SIG_IGN);
		SHOW(ioctl(slave, TIOCNOTTY, 0));
		SHOW(ioctl(slave, TIOCNOTTY, 0));
		SHOW(open("/dev/tty", O_RDWR));
	});
}

TEST(ttyerr, locked_settings)
{
	struct termios t, lock = { .c_lflag = ECHO, .c_cc[VINTR] = 1 };

	open_pair();
	SHOW(ioctl(slave, TIOCSLCKTRMIOS, &lock));
	SHOW(tcgetattr(slave, &t));
	t.c_lflag &= ~(ECHO | ICANON);
	t.c_cc[VINTR] = 7;
	t.c_cc[VQUIT] = 7;
	SHOW(tcsetattr(slave, TCSANOW, &t));
	SHOW(tcgetattr(slave, &t));
	note("echo %d canonical %d interrupt %d quit %d", !!(t.c_lflag & ECHO), !!(t.c_lflag & ICANON), t.c_cc[VINTR], t.c_cc[VQUIT]);
	memset(&lock, 0x55, sizeof(lock));
	SHOW(ioctl(slave, TIOCGLCKTRMIOS, &lock));
	note("%d %d", lock.c_lflag == ECHO, lock.c_cc[VINTR]);
	AS_USER(1000, 1000, {
		SHOW(ioctl(slave, TIOCSLCKTRMIOS, &lock));
		SHOW(ioctl(slave, TIOCGLCKTRMIOS, &lock));
	});
}

TEST(ttyerr, a_byte_for_the_master)
{
	char byte;

	open_pair();
	SHOW(ioctl(master, TIOCSTI, "x"));
	SHOW(fcntl(master, F_SETFL, O_NONBLOCK));
	SHOW(read(master, &byte, 1));
	AS_USER(1000, 1000, SHOW(ioctl(master, TIOCSTI, "x")));
}
