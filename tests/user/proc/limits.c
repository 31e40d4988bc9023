/* SPDX-License-Identifier: MIT */
/* /proc/PID/limits and oom_score_adj. */
#include "shape.h"
#include <sys/resource.h>

static void note_line(const char *line, size_t size)
{
	/* Names and units; the numbers that depend on memory are not ours. */
	note("%.25s ... %.*s", line, size > 68 ? (int)(size - 68) : 0, line + 68);
}

TEST(limits, names_and_units)
{
	each_line("/proc/self/limits", note_line);
}

static void show(const char *name)
{
	char *line = strstr(get_file("/proc/self/limits"), name);

	if (!line)
		fail("no line %s", name);
	else
		note("%.*s", (int)strcspn(line, "\n"), line);
}

TEST(limits, values_follow_setrlimit)
{
	struct rlimit r = { 100, 200 };

	EXPECT_OK(setrlimit(RLIMIT_NOFILE, &r));
	show("Max open files");
	r = (struct rlimit){ 4096, RLIM_INFINITY };
	EXPECT_OK(setrlimit(RLIMIT_CORE, &r));
	show("Max core file size");
	r = (struct rlimit){ RLIM_INFINITY, RLIM_INFINITY };
	EXPECT_OK(setrlimit(RLIMIT_CPU, &r));
	show("Max cpu time");
	show("Max address space");
	show("Max stack size");
}

TEST(oom, score_adj)
{
	int fd = REQUIRE_OK(open("/proc/self/oom_score_adj", O_RDWR));

	note("%s", strtok(get_file("/proc/self/oom_score_adj"), "\n"));
	SHOW(pwrite(fd, "500", 3, 0));
	note("%s", strtok(get_file("/proc/self/oom_score_adj"), "\n"));
	SHOW(pwrite(fd, "-1000\n", 6, 0));
	note("%s", strtok(get_file("/proc/self/oom_score_adj"), "\n"));
	SHOW(pwrite(fd, "1001", 4, 0));
	SHOW(pwrite(fd, "-1001", 5, 0));
	SHOW(pwrite(fd, "x", 1, 0));
	IN_CHILD(note("child %s", strtok(get_file("/proc/self/oom_score_adj"), "\n")));
	SHOW(pwrite(fd, "100", 3, 0));
	AS_USER(1000, 1000, {
		int mine = open("/proc/self/oom_score_adj", O_RDWR);

		note("open %s", mine < 0 ? errno_name(errno) : "ok");
	});
	SHOW(atoi(get_file("/proc/self/oom_score")) >= 0);
}
