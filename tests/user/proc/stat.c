/* SPDX-License-Identifier: MIT */
/* /proc/PID/stat and statm: the fields, those with values we know. */
#include "shape.h"
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>

static long long fields[64];
static int read_stat(const char *path, char *comm, char *state)
{
	char *text = get_file(path), *open = strchr(text, '('), *close = strrchr(text, ')');
	int count = 0, used;

	if (!open || !close)
		return -1;
	sprintf(comm, "%.*s", (int)(close - open - 1), open + 1);
	*state = close[2];
	text = close + 3;
	while (sscanf(text, " %lld%n", &fields[4 + count], &used) == 1) {
		text += used;
		count++;
	}
	note("rest after the numbers <%s>", text[0] == '\n' ? "newline" : text);
	return count;
}

TEST(procstat, fields_of_a_process)
{
	char comm[256], state;

	note("%d numbers after the state", read_stat("/proc/self/stat", comm, &state));
	note("comm %s state %c", comm, state);
	SHOW(fields[4] == getppid());
	SHOW(fields[5] == getpgrp());
	SHOW(fields[6] == getsid(0));
	note("tty %lld foreground %lld", fields[7], fields[8]);
	SHOW(fields[10] > 0);
	note("priority %lld nice %lld threads %lld itrealvalue %lld", fields[18], fields[19], fields[20],
	     fields[21]);
	SHOW(fields[22] > 0);
	SHOW(fields[23] > 0 && fields[23] % 4096 == 0);
	SHOW(fields[24] > 0);
	note("rsslim is infinity %d", (unsigned long long)fields[25] == ~0ULL ||
	     fields[25] == 0x7fffffffffffffffLL);
	SHOW(fields[26] < fields[27]);
	SHOW(fields[26] <= (long long)&read_stat && (long long)&read_stat < fields[27]);
	SHOW(fields[28] > (long long)&comm);
	note("exit signal %lld", fields[38]);
	SHOW(fields[39] >= 0);
	note("rt priority %lld policy %lld", fields[40], fields[41]);
	SHOW(fields[45] < fields[46]);
	SHOW(fields[47] <= (long long)sbrk(0));
	SHOW(fields[48] < fields[49]);
	SHOW(fields[50] < fields[51]);
	note("exit code %lld", fields[52]);
}

TEST(procstat, odd_names_and_states)
{
	char comm[256], state, path[64];
	pid_t pid;

	prctl(PR_SET_NAME, ") (odd) 1 2");
	read_stat("/proc/self/stat", comm, &state);
	note("comm <%s> state %c", comm, state);
	CHILD(pid)
		pause();
	wait_state(pid, 'S');
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	kill(pid, SIGSTOP);
	wait_state(pid, 'T');
	kill(pid, SIGKILL);
	wait_state(pid, 'Z');
	read_stat(path, comm, &state);
	note("comm <%s> state %c vsize %lld rss %lld exit code %lld", comm, state, fields[23], fields[24],
	     fields[52]);
	child_status(pid);
	SHOW(access(path, F_OK));
}

TEST(procstat, nice_and_scheduling_show)
{
	char comm[256], state;

	IN_CHILD({
		struct sched_param param = { .sched_priority = 5 };

		EXPECT_OK(nice(7));
		read_stat("/proc/self/stat", comm, &state);
		note("priority %lld nice %lld", fields[18], fields[19]);
		EXPECT_OK(sched_setscheduler(0, SCHED_FIFO, &param));
		read_stat("/proc/self/stat", comm, &state);
		note("priority %lld nice %lld rt %lld policy %lld", fields[18], fields[19], fields[40], fields[41]);
	});
}

TEST(procstat, statm_counts_pages)
{
	long a[7], b[7];

	SHOW(sscanf(get_file("/proc/self/statm"), "%ld %ld %ld %ld %ld %ld %ld", a, a + 1, a + 2, a + 3,
		    a + 4, a + 5, a + 6));
	memset(mmap(NULL, 256 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0),
	       1, 256 * 4096);
	sscanf(get_file("/proc/self/statm"), "%ld %ld %ld %ld %ld %ld %ld", b, b + 1, b + 2, b + 3, b + 4,
	       b + 5, b + 6);
	SHOW(b[0] - a[0]);
	SHOW(b[1] >= 256);
	SHOW(b[5] - a[5]);
	note("lib %ld dirty %ld", b[4], b[6]);
	SHOW(b[0] >= b[1] && b[1] >= b[2]);
}
