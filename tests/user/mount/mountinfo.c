/* SPDX-License-Identifier: MIT */
/* /proc/self/mountinfo and mounts: the shape of the lines, escapes, options of our own mounts. */
#include "harness.h"
#include <sys/mount.h>

/* The line of mountinfo whose mount point ends in NAME; ids and device numbers are hidden. */
static void show_line(const char *name)
{
	char *text = get_file("/proc/self/mountinfo"), *line, *save;

	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		int id, parent, major, minor, used = 0;
		char root[256], point[512], *at;

		if (sscanf(line, "%d %d %d:%d %255s %511s %n", &id, &parent, &major, &minor, root,
			   point, &used) < 6) {
			fail("odd line: %s", line);
			continue;
		}
		at = strstr(point, name);
		if (at && strcmp(at, name) == 0) {
			char *r = strstr(root, "/test");

			note("root %s point ...%s rest %s", r ? r : root, name, line + used);
		}
	}
}

static void show_mounts_line(const char *name)
{
	char *text = get_file("/proc/mounts"), *line, *save;

	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *at = strstr(line, name);

		if (at)
			note("%.*s ...%s", (int)strcspn(line, " "), line, at);
	}
}

TEST(mountinfo, options_of_the_mount_and_of_the_file_system)
{
	mkdir("point", 0755);
	EXPECT_OK(mount("source", "point", "tmpfs", MS_NOSUID | MS_NODEV, "size=1m,mode=700"));
	show_line("/point");
	show_mounts_line("/point");
	EXPECT_OK(mount(NULL, "point", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOEXEC, NULL));
	show_line("/point");
	show_mounts_line("/point");
	EXPECT_OK(mount(NULL, "point", NULL, MS_REMOUNT | MS_RDONLY, "size=2m"));
	show_line("/point");
	EXPECT_OK(umount("point"));
	show_line("/point");
}

TEST(mountinfo, a_bind_shows_its_root)
{
	mkdir("a", 0755);
	mkdir("bound", 0755);
	EXPECT_OK(mount("tmp", "a", "tmpfs", 0, "size=1m"));
	mkdir("a/sub", 0755);
	EXPECT_OK(mount("a/sub", "bound", NULL, MS_BIND, NULL));
	show_line("/bound");
	EXPECT_OK(umount("bound"));
	EXPECT_OK(umount("a"));
}

TEST(mountinfo, spaces_and_backslashes_are_escaped)
{
	mkdir("sp ace", 0755);
	EXPECT_OK(mount("so urce", "sp ace", "tmpfs", 0, "size=1m"));
	show_line("sp\\040ace");
	EXPECT_OK(umount("sp ace"));
	mkdir("back\\slash", 0755);
	EXPECT_OK(mount("x#y", "back\\slash", "tmpfs", 0, "size=1m"));
	show_line("back\\134slash");
	EXPECT_OK(umount("back\\slash"));
}

TEST(mountinfo, every_line_parses)
{
	char *text = get_file("/proc/self/mountinfo"), *line, *save;
	int lines = 0, good = 0;

	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *dash = strstr(line, " - ");
		int id, parent, major, minor;
		char root[256], point[512], options[256], type[64], source[256], super[512];

		lines++;
		good += dash &&
			sscanf(line, "%d %d %d:%d %255s %511s %255s", &id, &parent, &major, &minor,
			       root, point, options) == 7 &&
			sscanf(dash + 3, "%63s %255s %511s", type, source, super) == 3;
	}
	SHOW(lines > 3);
	SHOW(lines == good);
}

TEST(mountinfo, the_three_files_list_the_same_mounts)
{
	int counts[3] = { 0 };
	static const char *const files[] = { "/proc/self/mountinfo", "/proc/self/mounts", "/proc/mounts" };

	for (int i = 0; i < 3; i++)
		for (char *p = get_file(files[i]); *p; p++)
			counts[i] += *p == '\n';
	SHOW(counts[0] == counts[1]);
	SHOW(counts[1] == counts[2]);
}
