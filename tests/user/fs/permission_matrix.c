/* SPDX-License-Identifier: MIT */
/* Every mode of three classes against owner, group, a supplementary group, a stranger and root: who may do what. */
#include "harness.h"

struct who { const char *name; uid_t uid; gid_t gid, extra; };
static const struct who people[] = {
	{ "owner", 1000, 2000, 0 }, { "owner in the group", 1000, 1000, 0 }, { "group", 1001, 1000, 0 }, { "extra group", 1001, 2000, 1000 },
	{ "other", 1002, 2000, 0 },
};

static void become(const struct who *w)
{
	REQUIRE_OK(syscall(SYS_setgroups, w->extra ? 1 : 0, &w->extra));
	REQUIRE_OK(syscall(SYS_setresgid, w->gid, w->gid, w->gid));
	REQUIRE_OK(syscall(SYS_setresuid, w->uid, w->uid, w->uid));
}

static char yes(bool can) { return can ? 'y' : '-'; }

static void file_row(const char *who)
{
	bool r = open("f", O_RDONLY) >= 0, w = open("f", O_WRONLY) >= 0, both = open("f", O_RDWR) >= 0;
	bool x = access("f", X_OK) == 0, t = truncate("f", 0) == 0;

	note("%s: r%c w%c rw%c x%c trunc%c access%d%d%d", who, yes(r), yes(w), yes(both), yes(x), yes(t), access("f", R_OK) == 0,
	     access("f", W_OK) == 0, access("f", R_OK | W_OK) == 0);
}

static void dir_row(const char *who)
{
	struct stat st;
	bool list = open("d", O_RDONLY | O_DIRECTORY) >= 0, look = stat("d/in", &st) == 0;
	bool made = mkdir("d/new", 0755) == 0, removed = rmdir("d/new") == 0, entered = chdir("d") == 0;

	note("%s: list%c look%c make%c remove%c enter%c", who, yes(list), yes(look), yes(made), yes(removed), yes(entered));
}

TEST(matrix, files)
{
	static const unsigned modes[] = { 0, 0400, 0200, 0100, 0040, 0020, 0010, 0004, 0002, 0001, 0077, 0707, 0644, 0600 };

	for (size_t m = 0; m < ARRAY_SIZE(modes); m++) {
		put_file("f", "x");
		REQUIRE_OK(chown("f", 1000, 1000));
		REQUIRE_OK(chmod("f", modes[m]));
		note("mode %04o", modes[m]);
		for (size_t p = 0; p < ARRAY_SIZE(people); p++)
			IN_CHILD({
				become(&people[p]);
				file_row(people[p].name);
			});
		IN_CHILD(file_row("root"));
		unlink("f");
	}
}

TEST(matrix, directories)
{
	static const unsigned modes[] = { 0, 0700, 0500, 0300, 0100, 0400, 0200, 0070, 0050, 0007, 0005, 0755, 0711 };

	for (size_t m = 0; m < ARRAY_SIZE(modes); m++) {
		REQUIRE_OK(mkdir("d", 0755));
		put_file("d/in", "");
		REQUIRE_OK(chown("d", 1000, 1000));
		REQUIRE_OK(chmod("d", modes[m]));
		note("mode %04o", modes[m]);
		for (size_t p = 0; p < ARRAY_SIZE(people); p++)
			IN_CHILD({
				become(&people[p]);
				dir_row(people[p].name);
			});
		IN_CHILD(dir_row("root"));
		unlink("d/in");
		REQUIRE_OK(rmdir("d"));
	}
}
