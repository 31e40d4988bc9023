/* SPDX-License-Identifier: MIT */
/* Writing, truncating and giving away a set-id program takes its bits away, unless CAP_FSETID says otherwise. */
#include "harness.h"

static unsigned mode_of(const char *path)
{
	struct stat st;

	return stat(path, &st) < 0 ? 0 : st.st_mode & 07777;
}

static void made(const char *path, unsigned mode)
{
	unlink(path);
	put_file(path, "contents");
	REQUIRE_OK(chown(path, 1000, 1000));
	REQUIRE_OK(chmod(path, mode));
}

static const unsigned modes[] = { 06777, 02767, 04666, 02666, 06711 };

TEST(dropped, by_a_write)
{
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		made("f", modes[i]);
		AS_USER(1000, 1000, {
			int fd = open("f", O_WRONLY);

			REQUIRE_OK(write(fd, "x", 1));
			note("%o -> %o", modes[i], mode_of("f"));
		});
		made("f", modes[i]);
		REQUIRE_OK(write(open("f", O_WRONLY), "x", 1));
		note("%o by root -> %o", modes[i], mode_of("f"));
	}
}

TEST(dropped, by_truncation)
{
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		made("f", modes[i]);
		AS_USER(1000, 1000, {
			REQUIRE_OK(truncate("f", 2));
			note("truncate %o -> %o", modes[i], mode_of("f"));
		});
		made("f", modes[i]);
		AS_USER(1000, 1000, {
			REQUIRE_OK(open("f", O_WRONLY | O_TRUNC));
			note("O_TRUNC %o -> %o", modes[i], mode_of("f"));
		});
	}
}

TEST(dropped, by_chown)
{
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		made("f", modes[i]);
		REQUIRE_OK(chown("f", 1001, 1001));
		note("root gives %o away -> %o", modes[i], mode_of("f"));
		made("f", modes[i]);
		REQUIRE_OK(chown("f", -1, -1));
		note("root changes nothing of %o -> %o", modes[i], mode_of("f"));
		made("f", modes[i]);
		AS_USER(1000, 1000, {
			REQUIRE_OK(chown("f", -1, 1000));
			note("its owner %o -> %o", modes[i], mode_of("f"));
		});
	}
	REQUIRE_OK(mkdir("d", 0755));
	REQUIRE_OK(chmod("d", 06777));
	REQUIRE_OK(chown("d", 1000, 1000));
	note("a directory keeps them: %o", mode_of("d"));
}

TEST(dropped, set_group_of_a_foreign_group)
{
	made("f", 0666);
	REQUIRE_OK(chown("f", 1000, 55));
	AS_USER(1000, 1000, {
		SHOW(chmod("f", 02755));
		note("%o", mode_of("f"));
		SHOW(chmod("f", 04755));
		note("%o", mode_of("f"));
	});
	SHOW(chmod("f", 02755));
	note("%o", mode_of("f"));
}
