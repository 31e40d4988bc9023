/* SPDX-License-Identifier: MIT */
/* /proc/meminfo, uptime, loadavg, version, cmdline, filesystems, mounts: structure and sense. */
#include "shape.h"
#include <sys/sysinfo.h>
#include <sys/utsname.h>

static void note_known(const char *line, size_t size)
{
	static const char *const names[] = {
		"MemTotal", "MemFree", "MemAvailable", "Buffers", "Cached", "SwapCached", "Active", "Inactive",
		"SwapTotal", "SwapFree", "Dirty", "Writeback", "AnonPages", "Mapped", "Shmem", "Slab",
		"KernelStack", "PageTables", "CommitLimit", "Committed_AS", "VmallocTotal", "VmallocUsed",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strlen(names[i]) == strcspn(line, ":") &&
		    strncmp(line, names[i], strlen(names[i])) == 0)
			note("%s", shape(line, size));
}

TEST(system, meminfo_names)
{
	each_line("/proc/meminfo", note_known);
}

static long kib(const char *name)
{
	return atol(field("/proc/meminfo", name));
}

TEST(system, meminfo_makes_sense)
{
	struct sysinfo info;

	sysinfo(&info);
	SHOW(kib("MemTotal") == (long)(info.totalram / 1024 * info.mem_unit));
	SHOW(kib("MemFree") > 0 && kib("MemFree") < kib("MemTotal"));
	SHOW(kib("MemAvailable") > 0 && kib("MemAvailable") <= kib("MemTotal"));
	SHOW(kib("SwapTotal"));
	SHOW(info.mem_unit);
}

TEST(system, tmpfs_pages_are_shmem_and_free_memory_falls)
{
	static char block[1 << 20];
	long shmem = kib("Shmem"), cached = kib("Cached");
	int fd = temp_fd();

	for (int i = 0; i < 16; i++)
		write_all(fd, block, sizeof(block));
	SHOW(kib("Shmem") - shmem >= 16000);
	SHOW(kib("Cached") - cached >= 16000);
	close(fd);
	SHOW(kib("Shmem") - shmem < 8000);
}

TEST(system, uptime_runs)
{
	double up, idle, later;
	struct timespec now;

	SHOW(sscanf(get_file("/proc/uptime"), "%lf %lf", &up, &idle));
	note_shape(get_file("/proc/uptime"), strcspn(get_file("/proc/uptime"), "\n"));
	sleep_ms(50);
	sscanf(get_file("/proc/uptime"), "%lf", &later);
	SHOW(later - up >= 0.04);
	clock_gettime(CLOCK_BOOTTIME, &now);
	SHOW(now.tv_sec - later < 5 && later - now.tv_sec < 5);
}

TEST(system, loadavg)
{
	double a, b, c;
	int running, total, last;

	SHOW(sscanf(get_file("/proc/loadavg"), "%lf %lf %lf %d/%d %d\n", &a, &b, &c, &running, &total, &last));
	SHOW(running >= 1 && total >= running && last >= getpid());
	note("%s", shape(get_file("/proc/loadavg"), strcspn(get_file("/proc/loadavg"), "\n")));
}

TEST(system, version_has_the_release)
{
	struct utsname name;
	char start[256];

	uname(&name);
	snprintf(start, sizeof(start), "Linux version %s (", name.release);
	SHOW(strncmp(get_file("/proc/version"), start, strlen(start)));
	SHOW(strcmp(name.sysname, "Linux"));
	note("%s %s", name.machine, name.nodename);
	SHOW(atoi(name.release) >= 5);
}

TEST(system, cmdline_is_what_the_boot_loader_gave)
{
	char *text = get_file("/proc/cmdline");

	/* The first word is what tools/qemu.sh says: the console of this machine. */
	SHOW(strncmp(text, "console=tty", 11));
	SHOW(strstr(text, "rdinit=/init -- after=") != NULL);
	SHOW(text[strlen(text) - 1] == '\n');
}

TEST(system, filesystems)
{
	static const char *const wanted[] = {
		"nodev\ttmpfs\n", "nodev\tproc\n", "nodev\tsysfs\n", "nodev\tdevtmpfs\n", "nodev\tdevpts\n",
		"nodev\tramfs\n",
	};
	char *text = get_file("/proc/filesystems");

	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		note("%.*s: %d", (int)strlen(wanted[i]) - 1, wanted[i], strstr(text, wanted[i]) != NULL);
}

TEST(system, mounts)
{
	char *text = get_file("/proc/mounts");

	SHOW(strstr(text, "proc /proc proc rw,nosuid,nodev,noexec,relatime 0 0\n") != NULL);
	SHOW(strstr(text, "sysfs /sys sysfs rw,nosuid,nodev,noexec,relatime 0 0\n") != NULL);
	SHOW(strstr(text, "tmpfs /dev/shm tmpfs rw,nosuid,nodev,relatime") != NULL);
	SHOW(strstr(text, "devpts /dev/pts devpts rw,nosuid,noexec,relatime,gid=5,mode=620,ptmxmode=666 0 0\n") != NULL);
	SHOW(strstr(text, " / rootfs ") != NULL);
}

TEST(system, devices_lists_the_character_majors)
{
	char *text = get_file("/proc/devices");

	SHOW(strncmp(text, "Character devices:\n", 19));
	SHOW(strstr(text, "  1 mem\n") != NULL);
	SHOW(strstr(text, "  5 /dev/tty\n") != NULL);
	SHOW(strstr(text, "  5 /dev/console\n") != NULL);
	SHOW(strstr(text, "  5 /dev/ptmx\n") != NULL);
	SHOW(strstr(text, "136 pts\n") != NULL);
	SHOW(strstr(text, "\nBlock devices:\n") != NULL);
}
