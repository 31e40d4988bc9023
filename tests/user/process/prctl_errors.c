/* SPDX-License-Identifier: MIT */
/* prctl: each option with wrong arguments; those nobody knows. */
#include "../harness.h"
#include <linux/prctl.h>
#include <sys/prctl.h>

#define P(option, a, b, c, d) syscall(SYS_prctl, (long)(option), (long)(a), (long)(b), (long)(c), (long)(d))

TEST(prctlerr, simple_ones)
{
	char name[32];
	int value;

	SHOW(P(PR_SET_PDEATHSIG, 65, 0, 0, 0));
	SHOW(P(PR_SET_PDEATHSIG, -1, 0, 0, 0));
	SHOW(P(PR_SET_PDEATHSIG, SIGUSR1, 1, 1, 1));
	SHOW(P(PR_GET_PDEATHSIG, &value, 0, 0, 0));
	note("%d", value);
	SHOW(P(PR_GET_PDEATHSIG, 8, 0, 0, 0));
	SHOW(P(PR_GET_DUMPABLE, 0, 0, 0, 0));
	SHOW(P(PR_SET_DUMPABLE, 0, 0, 0, 0));
	SHOW(P(PR_GET_DUMPABLE, 1, 2, 3, 4));
	SHOW(P(PR_SET_DUMPABLE, 2, 0, 0, 0));
	SHOW(P(PR_SET_DUMPABLE, 1, 0, 0, 0));
	SHOW(P(PR_SET_NAME, "a name that is much too long", 0, 0, 0));
	SHOW(P(PR_GET_NAME, name, 0, 0, 0));
	note("%s", name);
	SHOW(P(PR_SET_NAME, 8, 0, 0, 0));
	SHOW(P(PR_GET_NAME, 8, 0, 0, 0));
	SHOW(P(PR_GET_TIMING, 0, 0, 0, 0));
	SHOW(P(PR_SET_TIMING, 0, 0, 0, 0));
	SHOW(P(PR_SET_TIMING, 1, 0, 0, 0));
	SHOW(P(PR_SET_KEEPCAPS, 1, 0, 0, 0));
	SHOW(P(PR_GET_KEEPCAPS, 0, 0, 0, 0));
	SHOW(P(PR_SET_KEEPCAPS, 2, 0, 0, 0));
	SHOW(P(PR_SET_TIMERSLACK, 1234, 0, 0, 0));
	SHOW(P(PR_GET_TIMERSLACK, 0, 0, 0, 0));
	SHOW(P(PR_SET_TIMERSLACK, 0, 0, 0, 0));
	SHOW(P(PR_GET_TIMERSLACK, 0, 0, 0, 0));
	SHOW(P(PR_SET_CHILD_SUBREAPER, 7, 0, 0, 0));
	SHOW(P(PR_GET_CHILD_SUBREAPER, &value, 0, 0, 0));
	note("%d", value);
	SHOW(P(PR_GET_CHILD_SUBREAPER, 8, 0, 0, 0));
	SHOW(P(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0));
}

TEST(prctlerr, privileges)
{
	SHOW(P(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
	SHOW(P(PR_SET_NO_NEW_PRIVS, 2, 0, 0, 0));
	SHOW(P(PR_SET_NO_NEW_PRIVS, 1, 1, 0, 0));
	SHOW(P(PR_GET_NO_NEW_PRIVS, 1, 0, 0, 0));
	SHOW(P(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	SHOW(P(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	SHOW(P(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	SHOW(P(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
	SHOW(P(PR_CAPBSET_READ, 40, 0, 0, 0));
	SHOW(P(PR_CAPBSET_READ, 41, 0, 0, 0));
	SHOW(P(PR_CAPBSET_READ, -1, 0, 0, 0));
	SHOW(P(PR_CAPBSET_DROP, 41, 0, 0, 0));
	SHOW(P(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 41, 0, 0));
	SHOW(P(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 0, 1, 0));
	SHOW(P(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 0, 0, 0));
	SHOW(P(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 0, 0, 0));
	SHOW(P(PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER, 0, 0, 0));
	SHOW(P(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 1, 0, 0));
	SHOW(P(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));
	SHOW(P(PR_CAP_AMBIENT, 5, 0, 0, 0));
	SHOW(P(PR_GET_SECUREBITS, 0, 0, 0, 0));
	SHOW(P(PR_SET_SECUREBITS, 0x100, 0, 0, 0));
	SHOW(P(PR_SET_SECUREBITS, 0, 0, 0, 0));
	AS_USER(1000, 1000, {
		SHOW(P(PR_SET_SECUREBITS, 1, 0, 0, 0));
		SHOW(P(PR_CAPBSET_DROP, 3, 0, 0, 0));
		SHOW(P(PR_SET_KEEPCAPS, 1, 0, 0, 0));
	});
}

TEST(prctlerr, memory_and_machine)
{
	SHOW(P(PR_SET_THP_DISABLE, 1, 0, 0, 0));
	SHOW(P(PR_GET_THP_DISABLE, 0, 0, 0, 0));
	IN_CHILD(SHOW(P(PR_GET_THP_DISABLE, 0, 0, 0, 0)));
	SHOW(P(PR_SET_THP_DISABLE, 0, 1, 0, 0));
	SHOW(P(PR_GET_THP_DISABLE, 1, 0, 0, 0));
	SHOW(P(PR_SET_THP_DISABLE, 0, 0, 0, 0));
	SHOW(P(PR_SET_MM, 0, 0, 0, 0));
	SHOW(P(PR_SET_MM, 99, 0, 0, 0));
	SHOW(P(PR_SET_VMA, 1, 0, 0, 0));
	SHOW(P(PR_MCE_KILL, 9, 0, 0, 0));
	SHOW(P(PR_MCE_KILL_GET, 0, 0, 0, 0));
	SHOW(P(PR_MCE_KILL_GET, 1, 0, 0, 0));
	SHOW(P(PR_MCE_KILL, PR_MCE_KILL_SET, PR_MCE_KILL_EARLY, 0, 0));
	SHOW(P(PR_MCE_KILL_GET, 0, 0, 0, 0));
	SHOW(P(PR_MCE_KILL, PR_MCE_KILL_SET, 7, 0, 0));
	SHOW(P(PR_MCE_KILL, PR_MCE_KILL_CLEAR, 0, 0, 0));
	SHOW(P(PR_MCE_KILL_GET, 0, 0, 0, 0));
	SHOW(P(PR_MCE_KILL, PR_MCE_KILL_CLEAR, 1, 0, 0));
	SHOW(P(PR_TASK_PERF_EVENTS_DISABLE, 0, 0, 0, 0));
	SHOW(P(PR_TASK_PERF_EVENTS_ENABLE, 0, 0, 0, 0));
	SHOW(P(PR_SET_IO_FLUSHER, 1, 0, 0, 0));
	SHOW(P(PR_GET_IO_FLUSHER, 0, 0, 0, 0));
	SHOW(P(PR_SET_IO_FLUSHER, 2, 0, 0, 0));
	SHOW(P(PR_SET_IO_FLUSHER, 0, 0, 0, 0));
	SHOW(P(PR_GET_FP_MODE, 0, 0, 0, 0));
	SHOW(P(PR_SET_FPEMU, 0, 0, 0, 0));
	SHOW(P(PR_GET_UNALIGN, 0, 0, 0, 0));
	SHOW(P(PR_GET_ENDIAN, 0, 0, 0, 0));
	SHOW(P(PR_GET_SECCOMP, 0, 0, 0, 0));
	SHOW(P(PR_SET_SECCOMP, 9, 0, 0, 0));
	SHOW(P(PR_SET_SYSCALL_USER_DISPATCH, 9, 0, 0, 0));
	SHOW(P(0, 0, 0, 0, 0));
	SHOW(P(1000, 0, 0, 0, 0));
	SHOW(P(-1, 0, 0, 0, 0));
}

TEST(prctlerr, parent_death)
{
	int p[2], sync[2];
	pid_t pid;
	char byte;

	REQUIRE_OK(pipe(p));
	REQUIRE_OK(pipe(sync));
	CHILD(pid) {
		if (fork() == 0) {
			close(p[0]);
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			write_all(sync[1], "x", 1);
			for (;;)
				pause();
		}
		read(sync[0], &byte, 1);
	}
	close(p[1]);
	EXPECT_CHILD_OK(pid);
	/* The end of the file comes when the grandchild is dead. */
	SHOW(read(p[0], &byte, 1));
}
