/* SPDX-License-Identifier: MIT */
/* /proc as a directory: what it lists, what it refuses, what goes with a process. */
#include "shape.h"

static int lists(const char *directory, const char *name)
{
	struct dirent *e;
	DIR *d = opendir(directory);
	int found = 0;

	while (d && (e = readdir(d)))
		found |= strcmp(e->d_name, name) == 0;
	if (d)
		closedir(d);
	return found;
}

TEST(proctree, top_level)
{
	static const char *const names[] = {
		"self", "thread-self", "cpuinfo", "meminfo", "stat", "uptime", "loadavg", "version", "cmdline",
		"filesystems", "interrupts", "mounts", "sys", "devices", "1",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		note("%s: %d", names[i], lists("/proc", names[i]));
}

TEST(proctree, a_process_directory)
{
	static const char *const names[] = {
		"stat", "status", "statm", "maps", "cmdline", "environ", "exe", "cwd", "root", "fd", "fdinfo", "task",
		"limits", "mounts", "mountinfo", "comm", "oom_score_adj", "oom_score", "wchan",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char path[64];
		struct stat st;

		snprintf(path, sizeof(path), "/proc/self/%s", names[i]);
		if (lstat(path, &st) < 0)
			note("%s: %s", names[i], errno_name(errno));
		else
			note("%s: listed %d mode %o", names[i], lists("/proc/self", names[i]), st.st_mode);
	}
}

TEST(proctree, comes_and_goes_with_the_process)
{
	char path[64], name[32];
	pid_t pid;
	int dir, fd;
	char byte;

	CHILD(pid)
		pause();
	snprintf(name, sizeof(name), "%d", pid);
	snprintf(path, sizeof(path), "/proc/%d", pid);
	SHOW(lists("/proc", name));
	dir = REQUIRE_OK(open(path, O_RDONLY | O_DIRECTORY));
	fd = REQUIRE_OK(openat(dir, "stat", O_RDONLY));
	kill(pid, SIGKILL);
	note("%s", status_name(child_status(pid)));
	SHOW(lists("/proc", name));
	SHOW(access(path, F_OK));
	SHOW(read(fd, &byte, 1));
	SHOW(openat(dir, "stat", O_RDONLY));
}

TEST(proctree, belongs_to_the_effective_user)
{
	struct stat st;

	IN_CHILD({
		REQUIRE_OK(syscall(SYS_setresgid, 20, 21, 20));
		REQUIRE_OK(syscall(SYS_setresuid, 10, 11, 10));
		stat("/proc/self/status", &st);
		note("after setresuid: %u %u", st.st_uid, st.st_gid);
	});
}

TEST(proctree, nothing_can_be_made_in_it)
{
	SHOW(open("/proc/new", O_CREAT | O_WRONLY, 0644));
	SHOW(mkdir("/proc/self/new", 0755));
	SHOW(unlink("/proc/uptime"));
	SHOW(rename("/proc/uptime", "/proc/downtime"));
	SHOW(symlink("x", "/proc/x"));
	SHOW(open("/proc/uptime", O_WRONLY));
	SHOW(open("/proc/0", O_RDONLY));
	SHOW(open("/proc/00001", O_RDONLY));
	SHOW(open("/proc/1x", O_RDONLY));
	SHOW(open("/proc/4194305", O_RDONLY));
	SHOW(open("/proc/99999999999", O_RDONLY));
	SHOW(chdir("/proc/self/stat"));
}

TEST(proctree, files_are_read_in_pieces_and_seek)
{
	char a[64] = "", b[64] = "";
	int fd = REQUIRE_OK(open("/proc/filesystems", O_RDONLY));

	SHOW(read(fd, a, 5));
	SHOW(read(fd, a + 5, 5));
	SHOW(lseek(fd, 0, SEEK_SET));
	SHOW(read(fd, b, 10));
	EXPECT_STR(a, b);
	SHOW(lseek(fd, 5, SEEK_SET));
	SHOW(pread(fd, b, 5, 5));
	SHOW(strncmp(b, a + 5, 5));
	SHOW(pread(fd, b, 5, 1 << 20));
	SHOW(lseek(fd, 0, SEEK_END));
}

TEST(proctree, a_hundred_processes_are_all_listed)
{
	pid_t pids[100];
	int found = 0;
	struct dirent *e;
	DIR *d;

	for (int i = 0; i < 100; i++)
		CHILD(pids[i])
			pause();
	d = opendir("/proc");
	while ((e = readdir(d)))
		for (int i = 0; i < 100; i++)
			found += atoi(e->d_name) == pids[i];
	closedir(d);
	for (int i = 0; i < 100; i++) {
		kill(pids[i], SIGKILL);
		child_status(pids[i]);
	}
	note("found %d", found);
}
