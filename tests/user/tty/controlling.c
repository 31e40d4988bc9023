/* SPDX-License-Identifier: MIT */
/* The controlling terminal: how one is got, shared, given up; /dev/tty; tcgetsid. */
#include "pty.h"

TEST(ctty, opening_one_as_leader_takes_it)
{
	struct pty p = pty_open();

	IN_CHILD({
		SHOW(open("/dev/tty", O_RDWR));
		SHOW(setsid() > 0);
		SHOW(open("/dev/tty", O_RDWR));
		SHOW(open(p.name, O_RDWR | O_NOCTTY) >= 0);
		SHOW(open("/dev/tty", O_RDWR));
		SHOW(open(p.name, O_RDWR) >= 0);
		SHOW(open("/dev/tty", O_RDWR) >= 0);
		SHOW(tcgetsid(p.slave) == getpid());
		SHOW(tcgetpgrp(p.slave) == getpid());
	});
}

TEST(ctty, a_process_that_leads_no_session_gets_none)
{
	struct pty p = pty_open();

	IN_CHILD({
		SHOW(setsid() > 0);
		IN_CHILD({
			SHOW(open(p.name, O_RDWR) >= 0);
			SHOW(open("/dev/tty", O_RDWR));
			SHOW(ioctl(p.slave, TIOCSCTTY, 0));
		});
	});
}

TEST(ctty, a_write_only_open_takes_none)
{
	struct pty p = pty_open();

	IN_CHILD({
		SHOW(setsid() > 0);
		SHOW(open(p.name, O_WRONLY) >= 0);
		SHOW(open("/dev/tty", O_RDWR));
	});
}

TEST(ctty, another_sessions_terminal_can_only_be_stolen)
{
	struct pty p = pty_open();
	int ready[2], go[2];
	char byte;
	pid_t pid;

	REQUIRE_OK(pipe(ready));
	REQUIRE_OK(pipe(go));
	CHILD(pid) {
		lead_session(&p);
		write_all(ready[1], "x", 1);
		EXPECT_EQ(read(go[0], &byte, 1), 1);
		SHOW(open("/dev/tty", O_RDWR));
	}
	EXPECT_EQ(read(ready[0], &byte, 1), 1);
	IN_CHILD({
		SHOW(setsid() > 0);
		SHOW(ioctl(p.slave, TIOCSCTTY, 0));
		SHOW(tcgetsid(p.slave));
		SHOW(tcgetpgrp(p.slave));
		SHOW(open(p.name, O_RDWR) >= 0);
		SHOW(open("/dev/tty", O_RDWR));
		IN_CHILD({
			harness_become(1000, 1000);
			SHOW(ioctl(p.slave, TIOCSCTTY, 1));
		});
		SHOW(ioctl(p.slave, TIOCSCTTY, 1));
		SHOW(open("/dev/tty", O_RDWR) >= 0);
	});
	write_all(go[1], "x", 1);
	EXPECT_CHILD_OK(pid);
}

TEST(ctty, a_leader_has_only_one)
{
	struct pty p = pty_open(), q = pty_open();

	IN_CHILD({
		lead_session(&p);
		SHOW(ioctl(p.slave, TIOCSCTTY, 0));
		SHOW(ioctl(q.slave, TIOCSCTTY, 0));
		SHOW(ioctl(q.slave, TIOCSCTTY, 1));
	});
}

TEST(ctty, notty_gives_it_up_and_hangs_up)
{
	struct pty p = pty_open();

	IN_CHILD({
		sigset_t set;
		int got;

		sigemptyset(&set);
		sigaddset(&set, SIGHUP);
		sigprocmask(SIG_BLOCK, &set, NULL);
		lead_session(&p);
		SHOW(ioctl(p.slave, TIOCNOTTY));
		sigwait(&set, &got);
		note("got %s", signal_name(got));
		SHOW(open("/dev/tty", O_RDWR));
		SHOW(ioctl(p.slave, TIOCNOTTY));
	});
}

TEST(ctty, setsid_rules)
{
	IN_CHILD({
		SHOW(setsid() == getpid());
		SHOW(setsid());
		SHOW(getsid(0) == getpid());
		SHOW(getpgrp() == getpid());
		SHOW(setpgid(0, 0));
		IN_CHILD(SHOW(getsid(0) == getppid()));
	});
	IN_CHILD({
		SHOW(setpgid(0, 0));
		SHOW(setsid());
	});
}

TEST(ctty, dev_tty_is_the_same_terminal)
{
	struct pty p = pty_open();

	IN_CHILD({
		struct stat st;
		int tty;

		lead_session(&p);
		tty = REQUIRE_OK(open("/dev/tty", O_RDWR));
		put(tty, "through tty\n");
		note("%s", get_until(p.master, '\n'));
		fstat(tty, &st);
		note("rdev %llx", (unsigned long long)st.st_rdev);
		SHOW(isatty(tty));
		SHOW(tcgetpgrp(tty) == getpgrp());
	});
}

TEST(ctty, the_field_in_proc_stat)
{
	struct pty p = pty_open();

	IN_CHILD({
		char *text;
		int tty = -1, session = -1, group = -1, foreground = -1;

		setsid();
		text = strrchr(get_file("/proc/self/stat"), ')');
		sscanf(text + 2, "%*c %*d %d %d %d %d", &group, &session, &tty, &foreground);
		note("tty %d foreground %d", tty, foreground);
		ioctl(p.slave, TIOCSCTTY, 0);
		text = strrchr(get_file("/proc/self/stat"), ')');
		sscanf(text + 2, "%*c %*d %d %d %d %d", &group, &session, &tty, &foreground);
		note("tty major %d group %d session %d foreground %d", tty >> 8, group == getpid(),
		     session == getpid(), foreground == getpid());
	});
}
