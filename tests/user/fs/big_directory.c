/* SPDX-License-Identifier: MIT */
/* A directory of ten thousand names: found, listed, removed in another order. */
#include "harness.h"
#include <dirent.h>

enum { COUNT = 10000 };

TEST(bigdir, ten_thousand_names)
{
	char name[64];
	struct stat st;
	struct dirent *e;
	int failures = 0, seen = 0;
	DIR *d;

	mkdir("d", 0755);
	for (int i = 0; i < COUNT; i++) {
		snprintf(name, sizeof(name), "d/file-%d", i * 7 % COUNT);
		failures += mknod(name, S_IFREG | 0600, 0) != 0;
	}
	note("create failures %d", failures);
	for (int i = 0; i < COUNT; i++) {
		snprintf(name, sizeof(name), "d/file-%d", i);
		failures += stat(name, &st) != 0;
	}
	note("stat failures %d", failures);
	d = opendir("d");
	while ((e = readdir(d)))
		seen += e->d_type == DT_REG;
	closedir(d);
	note("listed %d", seen);
	SHOW(rmdir("d"));
	for (int i = 0; i < COUNT; i++) {
		snprintf(name, sizeof(name), "d/file-%d", i * 13 % COUNT);
		failures += unlink(name) != 0;
	}
	note("unlink failures %d", failures);
	SHOW(rmdir("d"));
}

TEST(bigdir, a_thousand_subdirectories_count_as_links)
{
	char name[64];
	struct stat st;

	mkdir("d", 0755);
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "d/%d", i);
		EXPECT_OK(mkdir(name, 0755));
	}
	stat("d", &st);
	note("nlink %lu", (unsigned long)st.st_nlink);
}

TEST(bigdir, a_thousand_links_to_one_file)
{
	char name[64];
	struct stat st;

	put_file("f", "x");
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "l%d", i);
		EXPECT_OK(link("f", name));
	}
	stat("f", &st);
	note("nlink %lu", (unsigned long)st.st_nlink);
}
