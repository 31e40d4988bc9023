/* SPDX-License-Identifier: MIT */
/* /proc/PID/status: names and known values. */
#include "shape.h"
#include <sys/mman.h>
#include <sys/prctl.h>

static void note_name(const char *line, size_t size)
{
	static const char *const ours[] = {
		"Name", "Umask", "State", "Tgid", "Ngid", "Pid", "PPid", "TracerPid", "Uid", "Gid", "FDSize",
		"Groups", "VmPeak", "VmSize", "VmLck", "VmPin", "VmHWM", "VmRSS", "RssAnon", "RssFile",
		"RssShmem", "VmData", "VmStk", "VmExe", "VmLib", "VmPTE", "VmSwap", "Threads", "SigQ", "SigPnd",
		"ShdPnd", "SigBlk", "SigIgn", "SigCgt", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb",
		"NoNewPrivs", "Seccomp", "Cpus_allowed", "Cpus_allowed_list", "Mems_allowed",
		"Mems_allowed_list", "voluntary_ctxt_switches", "nonvoluntary_ctxt_switches",
	};
	size_t length = strcspn(line, ":");

	(void)size;
	for (size_t i = 0; i < ARRAY_SIZE(ours); i++)
		if (strlen(ours[i]) == length && strncmp(ours[i], line, length) == 0)
			note("%s", ours[i]);
}

TEST(status, names_in_order)
{
	each_line("/proc/self/status", note_name);
}

static void show(const char *name)
{
	note("%s: %s", name, field("/proc/self/status", name));
}

TEST(status, values)
{
	sigset_t set;

	umask(027);
	prctl(PR_SET_NAME, "a b\\c\n");
	signal(SIGUSR1, SIG_IGN);
	signal(SIGUSR2, harness_expired);
	signal(SIGALRM, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGINT);
	kill(getpid(), SIGRTMIN);
	show("Name");
	show("Umask");
	show("State");
	SHOW(atoi(field("/proc/self/status", "Tgid")) == getpid());
	SHOW(atoi(field("/proc/self/status", "Pid")) == getpid());
	SHOW(atoi(field("/proc/self/status", "PPid")) == getppid());
	show("TracerPid");
	show("Uid");
	show("Gid");
	show("Groups");
	show("Threads");
	show("SigPnd");
	show("ShdPnd");
	show("SigBlk");
	show("SigIgn");
	show("SigCgt");
	show("NoNewPrivs");
	SHOW(strstr(field("/proc/self/status", "VmRSS"), " kB") != NULL);
	SHOW(atol(field("/proc/self/status", "VmSize")) > 0);
	SHOW(strchr(field("/proc/self/status", "SigQ"), '/') != NULL);
}

TEST(status, credentials)
{
	gid_t groups[] = { 30, 20, 10 };

	IN_CHILD({
		REQUIRE_OK(syscall(SYS_setgroups, 3, groups));
		REQUIRE_OK(syscall(SYS_setresgid, 11, 12, 13));
		REQUIRE_OK(syscall(SYS_setresuid, 1, 2, 3));
		show("Uid");
		show("Gid");
		show("Groups");
		show("CapInh");
		show("CapPrm");
		show("CapEff");
		show("CapAmb");
	});
	show("CapInh");
	SHOW(strcmp(field("/proc/self/status", "CapEff"), "0000000000000000") != 0);
}

TEST(status, a_zombie_has_no_memory_lines)
{
	char path[64];
	pid_t pid;

	CHILD(pid)
		_exit(0);
	wait_state(pid, 'Z');
	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	note("State: %s", field(path, "State"));
	note("VmSize: <%s>", field(path, "VmSize"));
	note("Threads: <%s>", field(path, "Threads"));
	child_status(pid);
}

TEST(status, locked_memory_shows)
{
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	show("VmLck");
	SHOW(mlock(page, 8192));
	show("VmLck");
	SHOW(munlock(page, 4096));
	show("VmLck");
}
