/* SPDX-License-Identifier: MIT */
/* renameat2(2): NOREPLACE, EXCHANGE, WHITEOUT. */
#include "harness.h"
#include <linux/fs.h>

static long rename2(const char *from, const char *to, unsigned int flags)
{
	return syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, flags);
}

TEST(rename2, noreplace)
{
	put_file("a", "a");
	put_file("b", "b");
	symlink("nowhere", "l");
	mkdir("d", 0755);
	SHOW(rename2("a", "b", RENAME_NOREPLACE));
	SHOW(rename2("a", "a", RENAME_NOREPLACE));
	SHOW(rename2("a", "l", RENAME_NOREPLACE));
	SHOW(rename2("a", "d", RENAME_NOREPLACE));
	SHOW(rename2("a", "c", RENAME_NOREPLACE));
	SHOW(rename2("none", "b", RENAME_NOREPLACE));
	EXPECT_STR(get_file("c"), "a");
	SHOW(rename2("d", "e", RENAME_NOREPLACE));
}

TEST(rename2, exchange)
{
	put_file("a", "a");
	mkdir("d", 0755);
	put_file("d/x", "x");
	put_file("d/b", "b");
	SHOW(rename2("a", "d/b", RENAME_EXCHANGE));
	EXPECT_STR(get_file("a"), "b");
	EXPECT_STR(get_file("d/b"), "a");
	SHOW(rename2("a", "d", RENAME_EXCHANGE));
	EXPECT_STR(get_file("a/x"), "x");
	EXPECT_STR(get_file("d"), "b");
	SHOW(rename2("a", "none", RENAME_EXCHANGE));
	SHOW(rename2("none", "a", RENAME_EXCHANGE));
	SHOW(rename2("a", "a/x", RENAME_EXCHANGE));
	SHOW(rename2("a/x", "a", RENAME_EXCHANGE));
	SHOW(rename2("a", "a", RENAME_EXCHANGE));
}

TEST(rename2, exchange_of_directories_keeps_link_counts)
{
	struct stat st;

	mkdir("p", 0755);
	mkdir("p/d", 0755);
	put_file("f", "x");
	SHOW(rename2("p/d", "f", RENAME_EXCHANGE));
	stat("p", &st);
	note("p nlink %lu", (unsigned long)st.st_nlink);
	SHOW(access("f/.", F_OK));
	EXPECT_STR(get_file("p/d"), "x");
}

TEST(rename2, whiteout_leaves_a_zero_device)
{
	struct stat st;

	put_file("a", "a");
	SHOW(rename2("a", "b", RENAME_WHITEOUT));
	SHOW(lstat("a", &st));
	note("mode %o rdev %llx", st.st_mode, (unsigned long long)st.st_rdev);
	EXPECT_STR(get_file("b"), "a");
}

TEST(rename2, flags_are_checked)
{
	put_file("a", "a");
	put_file("b", "b");
	SHOW(rename2("a", "b", 8));
	SHOW(rename2("a", "b", RENAME_NOREPLACE | RENAME_EXCHANGE));
	SHOW(rename2("a", "b", RENAME_WHITEOUT | RENAME_EXCHANGE));
	SHOW(rename2("a", "b", 0));
}
