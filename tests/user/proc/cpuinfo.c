/* SPDX-License-Identifier: MIT */
/* /proc/cpuinfo, /proc/stat, /proc/interrupts, /sys/devices/system/cpu: one entry a processor. */
#include "shape.h"
#include <sys/sysinfo.h>
#include <sys/auxv.h>

static int count_of(const char *path, const char *prefix)
{
	char *text = get_file(path);
	int count = 0;

	for (char *line = text; line; line = strchr(line, '\n')) {
		if (*line == '\n')
			line++;
		count += strncmp(line, prefix, strlen(prefix)) == 0;
	}
	return count;
}

static int block;

static void note_first_block(const char *line, size_t size)
{
	if (size == 0)
		block++;
	else if (block == 0)
		note("%.*s", (int)strcspn(line, ":") + 1, line);
}

TEST(cpuinfo, names_of_a_block)
{
	each_line("/proc/cpuinfo", note_first_block);
}

TEST(cpuinfo, one_block_a_processor)
{
	SHOW(count_of("/proc/cpuinfo", "processor") == (int)sysconf(_SC_NPROCESSORS_ONLN));
	SHOW(get_nprocs() == (int)sysconf(_SC_NPROCESSORS_CONF));
	SHOW(count_of("/proc/stat", "cpu") == get_nprocs() + 1);
}

TEST(cpuinfo, features_agree_with_the_auxiliary_vector)
{
	char features[1024];
	unsigned long caps = getauxval(AT_HWCAP);

#if defined(__x86_64__)
	/* The word is register EDX of CPUID leaf 1. */
	snprintf(features, sizeof(features), " %s ", field("/proc/cpuinfo", "flags\t\t"));
	SHOW(!!strstr(features, " fpu ") == !!(caps & 1));
	SHOW(!!strstr(features, " tsc ") == !!(caps & 1 << 4));
	SHOW(!!strstr(features, " cx8 ") == !!(caps & 1 << 8));
	SHOW(!!strstr(features, " sse2 ") == !!(caps & 1 << 26));
	SHOW(!!strstr(features, " fsgsbase ") == !!(getauxval(AT_HWCAP2) & 2));
#else
	snprintf(features, sizeof(features), " %s ", field("/proc/cpuinfo", "Features\t"));
	SHOW(!!strstr(features, " fp ") == !!(caps & 1));
	SHOW(!!strstr(features, " asimd ") == !!(caps & 2));
	SHOW(!!strstr(features, " aes ") == !!(caps & 8));
	SHOW(!!strstr(features, " atomics ") == !!(caps & 256));
	SHOW(!!strstr(features, " cpuid ") == !!(caps & 2048));
#endif
}

static void note_name(const char *line, size_t size)
{
	int numbers = 0, used;
	long long value;
	const char *p = line + strcspn(line, " ");
	char copy[256];

	if (strncmp(line, "intr", 4) == 0 || strncmp(line, "softirq", 7) == 0) {
		note("%.*s ...", (int)strcspn(line, " "), line);
		return;
	}
	/* cpu0 is enough. */
	if (strncmp(line, "cpu", 3) == 0 && line[3] != ' ' && line[3] != '0')
		return;
	snprintf(copy, sizeof(copy), "%.*s", (int)size, line);
	p = copy + strcspn(copy, " ");
	while (sscanf(p, " %lld%n", &value, &used) == 1) {
		numbers++;
		p += used;
	}
	note("%.*s: %d numbers", (int)strcspn(line, " "), line, numbers);
}

TEST(cpuinfo, proc_stat)
{
	each_line("/proc/stat", note_name);
}

TEST(cpuinfo, boot_time_and_forks_move)
{
	long long before = atoll(strstr(get_file("/proc/stat"), "processes ") + 10);
	pid_t pid;

	CHILD(pid)
		_exit(0);
	EXPECT_CHILD_OK(pid);
	SHOW(atoll(strstr(get_file("/proc/stat"), "processes ") + 10) > before);
	SHOW(atoll(strstr(get_file("/proc/stat"), "btime ") + 6) > 1600000000);
}

TEST(cpuinfo, interrupts_has_a_column_a_processor)
{
	char *text = get_file("/proc/interrupts");
	int columns = 0;

	for (char *p = text; *p && *p != '\n'; p++)
		columns += *p == 'C';
	SHOW(columns == get_nprocs());
}

TEST(cpuinfo, sysfs_lists_them)
{
	char expected[32];

	snprintf(expected, sizeof(expected), get_nprocs() > 1 ? "0-%d\n" : "0\n", get_nprocs() - 1);
	EXPECT_STR(get_file("/sys/devices/system/cpu/online"), expected);
	EXPECT_STR(get_file("/sys/devices/system/cpu/present"), expected);
	EXPECT_STR(get_file("/sys/devices/system/cpu/possible"), expected);
	SHOW(access("/sys/devices/system/cpu/cpu0", F_OK));
}
