/* SPDX-License-Identifier: MIT */
/* The *at calls: one descriptor as the start of every operation, absolute paths ignore it. */
#include "harness.h"

TEST(at, every_call_is_relative_to_the_descriptor)
{
	struct stat st;
	char text[32] = "";
	int d, fd;

	mkdir("d", 0755);
	d = REQUIRE_OK(open("d", O_PATH | O_DIRECTORY));
	chdir("/");
	fd = REQUIRE_OK(openat(d, "f", O_CREAT | O_RDWR, 0644));
	write_all(fd, "x", 1);
	SHOW(mkdirat(d, "sub", 0755));
	SHOW(mknodat(d, "node", S_IFIFO | 0600, 0));
	SHOW(symlinkat("f", d, "l"));
	SHOW(linkat(d, "f", d, "hard", 0));
	SHOW(fstatat(d, "f", &st, 0));
	note("nlink %lu", (unsigned long)st.st_nlink);
	SHOW(readlinkat(d, "l", text, 32));
	SHOW(fchmodat(d, "f", 0600, 0));
	SHOW(fchownat(d, "f", 1, 1, 0));
	SHOW(utimensat(d, "f", NULL, 0));
	SHOW(faccessat(d, "f", R_OK, 0));
	SHOW(renameat(d, "f", d, "sub/g"));
	SHOW(fstatat(d, "sub/../sub/g", &st, 0));
	SHOW(unlinkat(d, "hard", 0));
	SHOW(unlinkat(d, "sub", AT_REMOVEDIR));
	SHOW(unlinkat(d, "sub/g", 0));
	SHOW(unlinkat(d, "sub", AT_REMOVEDIR));
	SHOW(faccessat(d, "l", F_OK, 0));
}

TEST(at, absolute_paths_need_no_descriptor)
{
	struct stat st;

	SHOW(fstatat(-1, "/proc", &st, 0));
	SHOW(faccessat(9999, "/proc", F_OK, 0));
	SHOW(mkdirat(-5, "/proc", 0755));
}

TEST(at, a_file_as_start_is_enotdir_and_a_closed_one_ebadf)
{
	struct stat st;
	int f;

	put_file("f", "");
	f = open("f", O_RDONLY);
	SHOW(fstatat(f, "x", &st, 0));
	SHOW(mkdirat(f, "x", 0755));
	SHOW(unlinkat(f, "x", 0));
	SHOW(symlinkat("x", f, "y"));
	SHOW(renameat(f, "x", AT_FDCWD, "y"));
	close(f);
	SHOW(fstatat(f, "x", &st, 0));
	SHOW(mkdirat(f, "x", 0755));
	SHOW(unlinkat(f, "x", 0));
	SHOW(symlinkat("x", f, "y"));
	SHOW(renameat(f, "x", AT_FDCWD, "y"));
	SHOW(faccessat(f, "x", F_OK, 0));
	SHOW(fchmodat(f, "x", 0, 0));
}
