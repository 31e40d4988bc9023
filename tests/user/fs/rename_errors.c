/* SPDX-License-Identifier: MIT */
/* renameat2: old and new of each kind against each other, and each error. */
#include "harness.h"

#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE 1
#define RENAME_EXCHANGE 2
#define RENAME_WHITEOUT 4
#endif

static const char *const kinds[] = { "file", "dir", "full", "link", "fifo", "none", "dirlink" };

static void make_kind(const char *where, int kind)
{
	char path[64];

	snprintf(path, sizeof(path), "%s", where);
	switch (kind) {
	case 0:
		put_file(path, "x");
		break;
	case 1:
	case 2:
		REQUIRE_OK(mkdir(path, 0755));
		if (kind == 2) {
			snprintf(path, sizeof(path), "%s/in", where);
			put_file(path, "x");
		}
		break;
	case 3:
		REQUIRE_OK(symlink("nowhere", path));
		break;
	case 4:
		REQUIRE_OK(mkfifo(path, 0600));
		break;
	case 6:
		REQUIRE_OK(symlink(".", path));
		break;
	}
}

static void clean(const char *path)
{
	char inner[64];

	snprintf(inner, sizeof(inner), "%s/in", path);
	unlink(inner);
	if (unlink(path) < 0)
		rmdir(path);
}

static void matrix(unsigned flags)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		for (size_t j = 0; j < ARRAY_SIZE(kinds); j++) {
			make_kind("a", i);
			make_kind("b", j);
			note("%s over %s: %s", kinds[i], kinds[j], RESULT(renameat2(AT_FDCWD, "a", AT_FDCWD, "b", flags)));
			clean("a");
			clean("b");
		}
}

TEST(renameerr, each_over_each) { matrix(0); }
TEST(renameerr, each_without_replacing) { matrix(RENAME_NOREPLACE); }
TEST(renameerr, each_exchanged) { matrix(RENAME_EXCHANGE); }

TEST(renameerr, flags)
{
	put_file("a", "");
	put_file("b", "");
	SHOW(renameat2(AT_FDCWD, "a", AT_FDCWD, "b", 8));
	SHOW(renameat2(AT_FDCWD, "a", AT_FDCWD, "b", RENAME_NOREPLACE | RENAME_EXCHANGE));
	SHOW(renameat2(AT_FDCWD, "a", AT_FDCWD, "b", RENAME_WHITEOUT | RENAME_EXCHANGE));
	SHOW(renameat2(AT_FDCWD, "a", AT_FDCWD, "c", RENAME_WHITEOUT | RENAME_NOREPLACE));
	SHOW(access("a", F_OK));
	SHOW(renameat2(AT_FDCWD, "b", AT_FDCWD, "b", RENAME_NOREPLACE));
	SHOW(renameat2(AT_FDCWD, "b", AT_FDCWD, "b", RENAME_EXCHANGE));
	SHOW(renameat2(AT_FDCWD, "b", AT_FDCWD, "b", 0));
}

TEST(renameerr, paths)
{
	static char name[300];

	memset(name, 'n', 256);
	put_file("f", "");
	REQUIRE_OK(mkdir("d", 0755));
	REQUIRE_OK(mkdir("d/e", 0755));
	REQUIRE_OK(symlink("loop", "loop"));
	SHOW(rename("d", "d/e"));
	SHOW(rename("d", "d/e/x"));
	SHOW(rename("d/e", "d"));
	SHOW(rename("d", "d"));
	SHOW(rename(".", "x"));
	SHOW(rename("..", "x"));
	SHOW(rename("d/.", "x"));
	SHOW(rename("d/e/..", "x"));
	SHOW(rename("f", "."));
	SHOW(rename("f", "d/.."));
	SHOW(rename("/", "x"));
	SHOW(rename("d", "/"));
	SHOW(rename("", "x"));
	SHOW(rename("f", ""));
	SHOW(rename(NULL, "x"));
	SHOW(rename("f", NULL));
	SHOW(rename("f", name));
	SHOW(rename(name, "x"));
	SHOW(rename("f/x", "y"));
	SHOW(rename("f", "f/y"));
	SHOW(rename("loop/x", "y"));
	SHOW(rename("f", "loop/x"));
	SHOW(rename("f/", "x"));
	SHOW(rename("f", "x/"));
	SHOW(rename("d/", "dd/"));
	SHOW(rename("dd", "d/"));
	SHOW(rename("loop/", "x"));
	SHOW(rename("f", "/proc/x"));
	SHOW(rename("/proc/self/stat", "x"));
	SHOW(rename("/proc/self/stat", "/proc/self/statm"));
	SHOW(renameat(-1, "f", AT_FDCWD, "x"));
	SHOW(renameat(AT_FDCWD, "f", -1, "x"));
	SHOW(renameat(open("f", O_RDONLY), "f", AT_FDCWD, "x"));
}

TEST(renameerr, permissions)
{
	REQUIRE_OK(mkdir("mine", 0777));
	REQUIRE_OK(chmod("mine", 0777));
	REQUIRE_OK(mkdir("shared", 01777));
	REQUIRE_OK(chmod("shared", 01777));
	REQUIRE_OK(mkdir("closed", 0755));
	put_file("shared/theirs", "");
	put_file("closed/f", "");
	put_file("mine/f", "");
	REQUIRE_OK(mkdir("mine/rootdir", 0755));
	AS_USER(1000, 1000, {
		SHOW(rename("shared/theirs", "shared/x"));
		SHOW(rename("mine/f", "shared/theirs"));
		SHOW(rename("mine/f", "closed/g"));
		SHOW(rename("closed/f", "mine/g"));
		SHOW(rename("mine/rootdir", "mine/rootdir2"));
		/* Its ".." would have to be written. */
		SHOW(rename("mine/rootdir2", "shared/rootdir"));
		SHOW(rename("mine/f", "shared/f"));
		SHOW(rename("shared/f", "shared/g"));
	});
}
