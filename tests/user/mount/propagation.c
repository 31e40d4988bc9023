/* SPDX-License-Identifier: MIT */
/* Shared, private, slave, unbindable mounts. */
#include "harness.h"
#include <sys/mount.h>

static void base(unsigned long type)
{
	mkdir("a", 0755);
	mkdir("b", 0755);
	REQUIRE_OK(mount("base", "a", "tmpfs", 0, "size=1m"));
	REQUIRE_OK(mount(NULL, "a", NULL, type, NULL));
	mkdir("a/sub", 0755);
}

static void finish(void)
{
	umount2("b", MNT_DETACH);
	umount2("a", MNT_DETACH);
}

TEST(propagation, shared_mounts_appear_in_the_peer)
{
	base(MS_SHARED);
	SHOW(mount("a", "b", NULL, MS_BIND, NULL));
	SHOW(mount("x", "a/sub", "tmpfs", 0, NULL));
	put_file("a/sub/f", "x");
	SHOW(access("b/sub/f", F_OK));
	SHOW(umount("b/sub"));
	SHOW(access("a/sub/f", F_OK));
	SHOW(mount("x", "b/sub", "tmpfs", 0, NULL));
	put_file("b/sub/g", "x");
	SHOW(access("a/sub/g", F_OK));
	finish();
}

TEST(propagation, private_mounts_do_not)
{
	base(MS_PRIVATE);
	SHOW(mount("a", "b", NULL, MS_BIND, NULL));
	SHOW(mount("x", "a/sub", "tmpfs", 0, NULL));
	put_file("a/sub/f", "x");
	SHOW(access("b/sub/f", F_OK));
	finish();
}

TEST(propagation, slaves_receive_and_do_not_send)
{
	base(MS_SHARED);
	SHOW(mount("a", "b", NULL, MS_BIND, NULL));
	SHOW(mount(NULL, "b", NULL, MS_SLAVE, NULL));
	SHOW(mount("x", "a/sub", "tmpfs", 0, NULL));
	put_file("a/sub/f", "x");
	SHOW(access("b/sub/f", F_OK));
	SHOW(umount("a/sub"));
	SHOW(access("b/sub/f", F_OK));
	SHOW(mount("x", "b/sub", "tmpfs", 0, NULL));
	put_file("b/sub/g", "x");
	SHOW(access("a/sub/g", F_OK));
	finish();
}

TEST(propagation, unbindable_cannot_be_bound)
{
	base(MS_UNBINDABLE);
	SHOW(mount("a", "b", NULL, MS_BIND, NULL));
	SHOW(mount(NULL, "a", NULL, MS_PRIVATE, NULL));
	SHOW(mount("a", "b", NULL, MS_BIND, NULL));
	finish();
}

TEST(propagation, the_change_takes_one_type_and_no_other_flags)
{
	base(MS_PRIVATE);
	SHOW(mount(NULL, "a", NULL, MS_SHARED | MS_PRIVATE, NULL));
	SHOW(mount(NULL, "a", NULL, MS_SHARED | MS_RDONLY, NULL));
	SHOW(mount(NULL, "a", NULL, MS_SHARED | MS_REC, NULL));
	SHOW(mount(NULL, "a/sub", NULL, MS_SHARED, NULL));
	SHOW(mount(NULL, "a", NULL, MS_SHARED | MS_SILENT, NULL));
	finish();
}

/* The optional fields of the line of a mount, with group numbers hidden. */
static void show_fields(const char *name)
{
	char *text = get_file("/proc/self/mountinfo"), *line, *save;

	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *at = strstr(line, name), *field;

		if (!at || at[strlen(name)] != ' ')
			continue;
		field = strchr(at + strlen(name) + 1, ' ');
		for (char *p = field; p && *p && strncmp(p, " - ", 3); p++)
			if (*p >= '0' && *p <= '9')
				*p = '#';
		note("%s:%.*s", name, field ? (int)(strstr(field, " - ") - field) : 0, field);
	}
}

TEST(propagation, mountinfo_shows_the_type)
{
	base(MS_SHARED);
	EXPECT_OK(mount("a", "b", NULL, MS_BIND, NULL));
	show_fields("/a");
	EXPECT_OK(mount(NULL, "b", NULL, MS_SLAVE, NULL));
	show_fields("/b");
	EXPECT_OK(mount(NULL, "b", NULL, MS_PRIVATE, NULL));
	show_fields("/b");
	EXPECT_OK(mount(NULL, "b", NULL, MS_UNBINDABLE, NULL));
	show_fields("/b");
	finish();
}
