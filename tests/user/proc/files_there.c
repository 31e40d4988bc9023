/* SPDX-License-Identifier: MIT */
/*
 * Files of /proc and /sys that procps, util-linux and C libraries open: they are there and can be read, and the ones
 * with a fixed form have it. What a machine decides (numbers) is not printed.
 */
#include "shape.h"

static void there(const char *path)
{
	struct stat st;
	char byte[1];
	int fd = open(path, O_RDONLY);

	if (fd < 0 || fstat(fd, &st) < 0) {
		note("%s: %s", path, errno_name(errno));
		return;
	}
	note("%s: mode %o, reads %s", path, st.st_mode, read(fd, byte, 1) >= 0 ? "well" : errno_name(errno));
	close(fd);
}

static void first_line(const char *path)
{
	char *text = get_file(path);

	note("%s: %.*s", path, (int)strcspn(text, "\n"), text);
}

TEST(files_there, of_the_machine)
{
	static const char *const wanted[] = { "consoles", "diskstats", "softirqs", "vmstat", "devices", "partitions", "swaps", "locks", "loadavg", "execdomains", "cgroups" };
	char path[64];

	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		snprintf(path, sizeof(path), "/proc/%s", wanted[i]);
		there(path);
	}
}

TEST(files_there, headers)
{
	first_line("/proc/cgroups");
	first_line("/proc/execdomains");
	note("%.4s", get_file("/proc/softirqs") + strspn(get_file("/proc/softirqs"), " "));
}

TEST(files_there, softirqs_has_ten_rows)
{
	char *text = strdup(get_file("/proc/softirqs"));

	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		if (strchr(line, ':'))
			note("%.*s", (int)(strchr(line, ':') - line), line);
	free(text);
}

TEST(files_there, sysctls)
{
	static const char *const names[] = {
		"fs/inotify/max_user_watches", "fs/file-nr", "fs/file-max", "fs/nr_open", "fs/overflowuid", "fs/overflowgid", "kernel/pid_max",
		"kernel/threads-max", "kernel/osrelease", "kernel/random/boot_id", "kernel/random/uuid", "kernel/random/entropy_avail",
		"kernel/random/poolsize", "kernel/core_pattern", "kernel/sched_rt_runtime_us", "kernel/cap_last_cap", "vm/overcommit_memory",
		"vm/overcommit_ratio", "vm/max_map_count", "vm/mmap_min_addr", "kernel/sem", "kernel/shmmax", "kernel/msgmax",
	};
	char path[80];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), "/proc/sys/%s", names[i]);
		note("%s: %s", names[i], access(path, R_OK) ? errno_name(errno) : "there");
	}
}

TEST(files_there, values_that_programs_compare)
{
	static const char *const names[] = {
		"fs/inotify/max_user_instances", "fs/inotify/max_queued_events", "fs/nr_open", "fs/suid_dumpable", "fs/overflowuid",
		"kernel/sched_rt_period_us", "kernel/sched_rr_timeslice_ms", "kernel/random/poolsize", "kernel/core_uses_pid",
		"vm/overcommit_kbytes", "vm/swappiness", "vm/panic_on_oom", "vm/oom_kill_allocating_task", "vm/legacy_va_layout", "vm/nr_hugepages",
	};
	char path[80];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), "/proc/sys/%s", names[i]);
		first_line(path);
	}
}

TEST(files_there, link_protection_can_be_switched)
{
	static const char path[] = "/proc/sys/fs/protected_symlinks";
	char old[8];
	int fd;

	strcpy(old, get_file(path));
	mkdir("tmp", 01777);
	chmod("tmp", 01777);
	put_file("target", "x");
	AS_USER(1000, 1000, EXPECT_OK(symlink("../target", "tmp/link")));
	put_file(path, "1\n");
	fd = open("tmp/link", O_RDONLY);
	note("protected: %s", fd < 0 ? errno_name(errno) : "opened");
	put_file(path, "0\n");
	fd = open("tmp/link", O_RDONLY);
	note("not protected: %s", fd < 0 ? errno_name(errno) : "opened");
	fd = open(path, O_WRONLY);
	SHOW(write(fd, "2", 1));
	put_file(path, old);
}

TEST(files_there, of_sysfs)
{
	there("/sys/devices/system/cpu/possible");
	there("/sys/devices/system/cpu/present");
	there("/sys/devices/system/cpu/online");
	there("/sys/devices/system/cpu/offline");
	there("/sys/devices/system/cpu/kernel_max");
	there("/sys/devices/system/cpu/cpu0/topology/core_id");
	there("/sys/devices/system/cpu/cpu0/topology/physical_package_id");
	there("/sys/devices/system/cpu/cpu0/topology/thread_siblings_list");
	there("/sys/devices/system/cpu/cpu0/topology/core_siblings_list");
	there("/sys/devices/system/cpu/cpu0/topology/package_cpus_list");
	there("/sys/devices/system/cpu/cpu0/topology/core_cpus_list");
	there("/sys/devices/system/cpu/cpu0/topology/thread_siblings");
	there("/sys/devices/system/cpu/cpu0/topology/core_siblings");
	there("/sys/devices/system/cpu/cpu0/topology/package_cpus");
	first_line("/sys/kernel/mm/transparent_hugepage/enabled");
	there("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size");
	first_line("/sys/devices/system/cpu/cpu0/topology/thread_siblings_list");
	first_line("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size");
}
