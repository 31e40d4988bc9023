/* SPDX-License-Identifier: MIT */
/* A tree of directories made, walked by nftw, copied by links, and removed again. */
#include "harness.h"
#include <ftw.h>

static int files, directories, links, errors;

static int count(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)path;
	(void)st;
	(void)ftw;
	files += type == FTW_F;
	directories += type == FTW_D || type == FTW_DP;
	links += type == FTW_SL || type == FTW_SLN;
	return 0;
}

static int erase(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)ftw;
	errors += (type == FTW_DP ? rmdir(path) : unlink(path)) != 0;
	return 0;
}

TEST(tree, made_walked_and_removed)
{
	char path[128];

	for (int a = 0; a < 8; a++) {
		snprintf(path, sizeof(path), "%d", a);
		EXPECT_OK(mkdir(path, 0755));
		for (int b = 0; b < 8; b++) {
			snprintf(path, sizeof(path), "%d/%d", a, b);
			EXPECT_OK(mkdir(path, 0755));
			for (int c = 0; c < 8; c++) {
				snprintf(path, sizeof(path), "%d/%d/%d", a, b, c);
				put_file(path, path);
			}
			snprintf(path, sizeof(path), "%d/%d/link", a, b);
			EXPECT_OK(symlink("0", path));
		}
	}
	SHOW(nftw(".", count, 16, FTW_PHYS));
	note("files %d directories %d links %d", files, directories, links);
	EXPECT_STR(get_file("3/4/link"), "3/4/0");
	chdir("..");
	SHOW(nftw("test1", erase, 16, FTW_PHYS | FTW_DEPTH));
	note("errors %d", errors);
	SHOW(access("test1", F_OK));
}
