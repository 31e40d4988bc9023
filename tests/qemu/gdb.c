/* SPDX-License-Identifier: MIT */
/* /init for gdb.sh: two tasks that sleep in known places, then the call at which gdb stops the machine. */
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <unistd.h>

/* Until @pid waits: its state is in /proc. */
static void wait_asleep(pid_t pid)
{
	char path[32], line[256] = "";

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	while (!strstr(line, ") S ")) {
		FILE *f = fopen(path, "r");

		if (!f || !fgets(line, sizeof(line), f))
			return;
		fclose(f);
	}
}

int main(void)
{
	pid_t pid;

	mount("proc", "/proc", "proc", 0, NULL);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_NAME, "sleeper");
		for (;;)
			pause();
	}
	wait_asleep(pid);
	return reboot(RB_POWER_OFF);
}
