/* SPDX-License-Identifier: MIT */
/* setpgid, setsid, getpgid, getsid: each error of each. */
#define HARNESS_EXEC waits
#include "../harness.h"

TEST(grouperr, setpgid)
{
	int ready[2], go[2];
	pid_t pid, other;
	char byte;

	REQUIRE_OK(pipe(ready));
	REQUIRE_OK(pipe(go));
	SHOW(setpgid(0, -1));
	SHOW(setpgid(-1, 0));
	SHOW(setpgid(99999999, 0));
	SHOW(setpgid(1, 0));
	SHOW(setpgid(0, 99999999));
	SHOW(setpgid(0, 1));
	CHILD(pid) {
		close(go[1]);
		SHOW(setpgid(getppid(), 0));
		write_all(ready[1], "x", 1);
		read(go[0], &byte, 1);
	}
	read(ready[0], &byte, 1);
	SHOW(setpgid(pid, pid));
	SHOW(getpgid(pid) == pid);
	SHOW(setpgid(pid, 0));
	SHOW(setpgid(pid, getpgrp()));
	CHILD(other) {
		close(go[1]);
		SHOW(setsid() == getpid());
		SHOW(setsid());
		SHOW(setpgid(0, 0));
		SHOW(setpgid(0, getppid()));
		write_all(ready[1], "x", 1);
		read(go[0], &byte, 1);
	}
	read(ready[0], &byte, 1);
	/* A child in another session, and a group in another session. */
	SHOW(setpgid(other, getpgrp()));
	SHOW(setpgid(pid, other));
	SHOW(setpgid(0, other));
	SHOW(getsid(other) == other);
	SHOW(getpgid(other) == other);
	close(go[1]);
	EXPECT_CHILD_OK(pid);
	EXPECT_CHILD_OK(other);
	SHOW(setpgid(pid, 0));
	SHOW(getpgid(pid));
	SHOW(getsid(pid));
}

static int waits(int argc, char **argv)
{
	pause();
	return 1;
}

TEST(grouperr, after_exec)
{
	int ready[2];
	pid_t pid;
	char byte;

	REQUIRE_OK(pipe2(ready, O_CLOEXEC));
	pid = harness_fork();
	if (pid == 0) {
		execl("/proc/self/exe", "self", "@waits", NULL);
		_exit(127);
	}
	close(ready[1]);
	/* The close at exec tells that it has happened. */
	read(ready[0], &byte, 1);
	SHOW(setpgid(pid, pid));
	kill(pid, SIGKILL);
	note("%s", status_name(child_status(pid)));
}

TEST(grouperr, get)
{
	SHOW(getpgid(-1));
	SHOW(getsid(-1));
	SHOW(getpgid(99999999));
	SHOW(getsid(99999999));
	SHOW(getpgid(0) == getpgrp());
	SHOW(getsid(0) == getsid(getpid()));
	AS_USER(1000, 1000, SHOW(getpgid(1) >= 0));
}

TEST(grouperr, a_leader_cannot_leave)
{
	IN_CHILD({
		SHOW(setpgid(0, 0));
		SHOW(setsid());
	});
	IN_CHILD(SHOW(setsid() == getpid()));
}
