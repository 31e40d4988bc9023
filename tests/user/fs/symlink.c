/* SPDX-License-Identifier: MIT */
/* symlinkat(2), readlinkat(2): contents, sizes, truncation, errors. */
#include "harness.h"

TEST(symlink, holds_its_text_unchanged)
{
	struct stat st;
	char text[64];
	ssize_t n;

	SHOW(symlink("a//b/../c", "l"));
	n = readlink("l", text, sizeof(text));
	note("%zd %.*s", n, (int)n, text);
	lstat("l", &st);
	note("mode %o size %lld nlink %lu", st.st_mode, (long long)st.st_size,
	     (unsigned long)st.st_nlink);
	SHOW(readlink("l", text, 3));
	SHOW(readlink("l", text, 0));
	SHOW(readlink("l", text, -1));
	SHOW(readlink("l", NULL, 10));
	SHOW(readlink("l", (char *)8, 10));
}

TEST(symlink, errors)
{
	char text[64];

	put_file("f", "");
	mkdir("d", 0755);
	SHOW(symlink("x", "f"));
	SHOW(symlink("x", "d"));
	SHOW(symlink("", "e"));
	SHOW(symlink("x", ""));
	SHOW(symlink("x", "none/l"));
	SHOW(symlink("x", "f/l"));
	SHOW(symlink("x", "new/"));
	SHOW(symlink(NULL, "l"));
	SHOW(symlink("x", NULL));
	SHOW(symlinkat("x", -1, "l"));
	SHOW(symlink("x", "/proc/l"));
	SHOW(readlink("f", text, 64));
	SHOW(readlink("d", text, 64));
	SHOW(readlink("none", text, 64));
	SHOW(readlink("", text, 64));
	SHOW(readlinkat(-1, "l", text, 64));
	SHOW(readlinkat(open("d", O_RDONLY), "", text, 64));
}

TEST(symlink, lengths)
{
	static char text[4200], back[4200];

	memset(text, 'a', sizeof(text));
	text[4095] = 0;
	SHOW(symlink(text, "long"));
	SHOW(readlink("long", back, sizeof(back)));
	SHOW(memcmp(text, back, 4095));
	SHOW(open("long", O_RDONLY));
	text[4095] = 'a';
	text[4096] = 0;
	SHOW(symlink(text, "longer"));
	for (size_t n = 59; n <= 65; n += 3) {
		char name[16];

		snprintf(name, sizeof(name), "n%zu", n);
		text[n] = 0;
		SHOW(symlink(text, name));
		SHOW(readlink(name, back, sizeof(back)));
		text[n] = 'a';
	}
}

TEST(symlink, is_followed_in_the_middle_and_at_the_end)
{
	mkdir("d", 0755);
	put_file("d/f", "inside");
	symlink("d", "to-d");
	symlink("to-d", "to-to-d");
	symlink("../d/f", "d/up");
	symlink("/", "root");
	EXPECT_STR(get_file("to-d/f"), "inside");
	EXPECT_STR(get_file("to-to-d/f"), "inside");
	EXPECT_STR(get_file("to-to-d/up"), "inside");
	SHOW(access("root/proc/self", F_OK));
	SHOW(access("to-d/../d/f", F_OK));
}

TEST(symlink, owner_is_the_maker_and_chown_does_not_follow_with_lchown)
{
	struct stat st;

	put_file("f", "");
	symlink("f", "l");
	SHOW(lchown("l", 5, 6));
	lstat("l", &st);
	note("link %u %u", st.st_uid, st.st_gid);
	stat("l", &st);
	note("file %u %u", st.st_uid, st.st_gid);
}
