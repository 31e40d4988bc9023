/* SPDX-License-Identifier: MIT */
/* Directories under change: removed while open, used as cwd of others, moved under a walker. */
#include "harness.h"
#include <dirent.h>

TEST(dirs, an_open_removed_directory)
{
	struct stat st;
	int d;

	mkdir("d", 0755);
	d = open("d", O_RDONLY);
	SHOW(rmdir("d"));
	SHOW(fstat(d, &st));
	note("nlink %lu", (unsigned long)st.st_nlink);
	SHOW(openat(d, "x", O_CREAT | O_WRONLY, 0644));
	SHOW(mkdirat(d, "x", 0755));
	SHOW(symlinkat("a", d, "x"));
	SHOW(faccessat(d, ".", F_OK, 0));
	SHOW(faccessat(d, "..", F_OK, 0));
	SHOW(fchdir(d));
	mkdir("../d", 0755);
	SHOW(openat(d, "y", O_CREAT | O_WRONLY, 0644));
}

TEST(dirs, rename_over_an_open_empty_directory)
{
	struct stat st;
	int d;

	mkdir("a", 0755);
	mkdir("b", 0755);
	d = open("b", O_RDONLY);
	SHOW(rename("a", "b"));
	SHOW(fstat(d, &st));
	note("nlink %lu", (unsigned long)st.st_nlink);
	SHOW(openat(d, "x", O_CREAT | O_WRONLY, 0644));
}

TEST(dirs, a_childs_cwd_does_not_keep_the_name)
{
	int ready[2], go[2];
	char byte;
	pid_t pid;

	mkdir("d", 0755);
	REQUIRE_OK(pipe(ready));
	REQUIRE_OK(pipe(go));
	CHILD(pid) {
		EXPECT_OK(chdir("d"));
		write_all(ready[1], "x", 1);
		EXPECT_EQ(read(go[0], &byte, 1), 1);
		SHOW(open("x", O_CREAT | O_WRONLY, 0644));
	}
	EXPECT_EQ(read(ready[0], &byte, 1), 1);
	SHOW(rmdir("d"));
	write_all(go[1], "x", 1);
	EXPECT_CHILD_OK(pid);
}

TEST(dirs, two_processes_creating_and_renaming_at_once)
{
	pid_t pids[4];
	int left = 0;
	struct dirent *e;
	DIR *d;

	mkdir("d", 0755);
	for (int p = 0; p < 4; p++) {
		CHILD(pids[p]) {
			for (int i = 0; i < 300; i++) {
				char a[32], b[32];

				snprintf(a, sizeof(a), "d/p%d-%d", p, i);
				snprintf(b, sizeof(b), "d/p%d-%d.done", p, i);
				EXPECT_OK(mknod(a, S_IFREG | 0600, 0));
				EXPECT_OK(rename(a, b));
				/* All four fight for one name: each rename replaces the last. */
				EXPECT_OK(rename(b, "d/common"));
			}
		}
	}
	for (int p = 0; p < 4; p++)
		EXPECT_CHILD_OK(pids[p]);
	d = opendir("d");
	while ((e = readdir(d)))
		left++;
	closedir(d);
	note("entries left %d", left);
}

TEST(dirs, crossed_renames_do_not_deadlock)
{
	pid_t pids[2];

	mkdir("a", 0755);
	mkdir("b", 0755);
	mkdir("a/x", 0755);
	mkdir("b/y", 0755);
	for (int p = 0; p < 2; p++) {
		CHILD(pids[p]) {
			for (int i = 0; i < 300; i++) {
				EXPECT_OK(p ? rename("a/x", "b/x") : rename("b/y", "a/y"));
				EXPECT_OK(p ? rename("b/x", "a/x") : rename("a/y", "b/y"));
			}
		}
	}
	EXPECT_CHILD_OK(pids[0]);
	EXPECT_CHILD_OK(pids[1]);
	SHOW(access("a/x", F_OK));
	SHOW(access("b/y", F_OK));
}

TEST(dirs, racing_rename_of_directories_into_each_other_makes_no_loop)
{
	pid_t pids[2];

	mkdir("a", 0755);
	mkdir("b", 0755);
	for (int p = 0; p < 2; p++) {
		CHILD(pids[p]) {
			for (int i = 0; i < 500; i++) {
				if (p) {
					rename("a", "b/a");
					rename("b/a", "a");
				} else {
					rename("b", "a/b");
					rename("a/b", "b");
				}
			}
		}
	}
	EXPECT_CHILD_OK(pids[0]);
	EXPECT_CHILD_OK(pids[1]);
	rename("b/a", "a");
	rename("a/b", "b");
	SHOW(access("a", F_OK));
	SHOW(access("b", F_OK));
}
