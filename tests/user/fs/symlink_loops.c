/* SPDX-License-Identifier: MIT */
/* ELOOP: cycles and the limit of forty links in one walk. */
#include "harness.h"

TEST(loop, cycles_are_eloop)
{
	char text[16];

	symlink("self", "self");
	symlink("b", "a");
	symlink("a", "b");
	SHOW(open("self", O_RDONLY));
	SHOW(open("a", O_RDONLY));
	SHOW(open("a/x", O_RDONLY));
	SHOW(access("self", F_OK));
	SHOW(chdir("self"));
	SHOW(mkdir("self/x", 0755));
	SHOW(readlink("self", text, 16));
	SHOW(unlink("self"));
	SHOW(open("b", O_WRONLY | O_CREAT, 0644));
	SHOW(open("b", O_WRONLY | O_CREAT | O_EXCL, 0644));
	SHOW(rename("a", "c"));
	SHOW(open("c", O_RDONLY));
}

static void chain(int length)
{
	char from[16], to[16];

	put_file("n0", "end");
	for (int i = 1; i <= length; i++) {
		snprintf(from, sizeof(from), "n%d", i);
		snprintf(to, sizeof(to), "n%d", i - 1);
		symlink(to, from);
	}
}

TEST(loop, forty_links_pass_and_forty_one_do_not)
{
	chain(42);
	SHOW(access("n39", F_OK));
	SHOW(access("n40", F_OK));
	SHOW(access("n41", F_OK));
	SHOW(open("n41", O_PATH | O_NOFOLLOW) >= 0);
	SHOW(open("n41", O_RDONLY));
}

TEST(loop, the_limit_counts_the_whole_walk)
{
	char path[512] = "";

	mkdir("d", 0755);
	symlink(".", "d/l");
	chdir("d");
	for (int i = 0; i < 40; i++)
		strcat(path, "l/");
	SHOW(access(path, F_OK));
	strcat(path, "l/");
	SHOW(access(path, F_OK));
	strcat(path, "none");
	SHOW(access(path, F_OK));
}
