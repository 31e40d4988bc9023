/* SPDX-License-Identifier: MIT */
/* What cannot be done in /proc: writing what is read-only, wrong values, other people's files, processes that are gone. */
#include "harness.h"

static void try_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0) {
		note("%s: open -1 %s", path, errno_name(errno));
		return;
	}
	note("%s \"%s\": %s", path, text, RESULT(write(fd, text, strlen(text))));
	close(fd);
}

TEST(procerr, writes)
{
	try_write("/proc/stat", "x");
	try_write("/proc/meminfo", "x");
	try_write("/proc/self/stat", "x");
	try_write("/proc/self/status", "x");
	try_write("/proc/self/maps", "x");
	try_write("/proc/self/cmdline", "x");
	try_write("/proc/self/comm", "a new name");
	note("%s", get_file("/proc/self/comm"));
	try_write("/proc/self/comm", "a name of far more than sixteen bytes");
	note("%s", get_file("/proc/self/comm"));
	try_write("/proc/self/oom_score_adj", "500");
	note("%s", get_file("/proc/self/oom_score_adj"));
	try_write("/proc/self/oom_score_adj", "1001");
	try_write("/proc/self/oom_score_adj", "-1001");
	try_write("/proc/self/oom_score_adj", "nonsense");
	try_write("/proc/self/oom_score_adj", "0");
	try_write("/proc/self/oom_adj", "16");
	try_write("/proc/self/oom_adj", "15");
	note("%s", get_file("/proc/self/oom_score_adj"));
	try_write("/proc/self/oom_adj", "-5");
	note("%s", get_file("/proc/self/oom_score_adj"));
	note("%s", get_file("/proc/self/oom_adj"));
	try_write("/proc/self/oom_adj", "0");
	try_write("/proc/self", "x");
	try_write("/proc/self/fd", "x");
	try_write("/proc/nothing", "x");
	try_write("/proc/sys/kernel/pid_max", "nonsense");
	try_write("/proc/sys/kernel/pid_max", "-5");
	try_write("/proc/sys/kernel/hostname/x", "x");
	try_write("/proc/sys/kernel/ostype", "x");
	try_write("/proc/sys/fs/file-nr", "1");
	try_write("/proc/sys/vm/overcommit_memory", "3");
	try_write("/proc/sys/vm/overcommit_memory", "");
}

TEST(procerr, of_others)
{
	static const char *const names[] = {
		"stat", "status", "cmdline", "comm", "maps", "mem", "environ", "auxv", "fd", "fdinfo", "cwd", "root", "exe", "io", "limits",
		"oom_score_adj", "mounts", "task", "ns", "syscall", "wchan", "personality", "pagemap", "smaps",
	};

	AS_USER(1000, 1000, {
		for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
			char path[64];
			char text[64];

			snprintf(path, sizeof(path), "/proc/1/%s", names[i]);
			int fd = open(path, O_RDONLY);
			note("%s: %s", names[i], fd < 0 ? errno_name(errno) : "opens");
			if (fd >= 0)
				note("read %s", RESULT(read(fd, text, 1) < 0 ? -1 : 0));
			note("readlink %s", RESULT(readlink(path, text, 64) < 0 ? -1 : 0));
		}
	});
}

TEST(procerr, of_the_dead)
{
	static const char *const names[] = {
		"stat", "status", "cmdline", "comm", "maps", "environ", "fd", "limits", "task", "io", "oom_score_adj", "statm",
	};
	int fds[ARRAY_SIZE(names)], p[2], dir;
	char path[64], text[64];
	pid_t pid;

	REQUIRE_OK(pipe(p));
	CHILD(pid) {
		close(p[1]);
		read(p[0], text, 1);
	}
	snprintf(path, sizeof(path), "/proc/%d", pid);
	dir = REQUIRE_OK(open(path, O_RDONLY | O_DIRECTORY));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		fds[i] = openat(dir, names[i], O_RDONLY);
	close(p[1]);
	wait_state(pid, 'Z');
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		note("of a zombie %s: %s", names[i], RESULT(read(openat(dir, names[i], O_RDONLY), text, 1)));
	note("its exe %s", RESULT(readlinkat(dir, "exe", text, 64)));
	note("its cwd %s", RESULT(readlinkat(dir, "cwd", text, 64)));
	EXPECT_CHILD_OK(pid);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		note("of nobody %s: %s", names[i], RESULT(read(fds[i], text, 1)));
		note("to open %s", RESULT(openat(dir, names[i], O_RDONLY)));
	}
	SHOW(access(path, F_OK));
	SHOW(syscall(SYS_getdents64, dir, text, sizeof(text)));
}
