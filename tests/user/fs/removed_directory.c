/* SPDX-License-Identifier: MIT */
/* A directory that was removed while somebody is in it or has it open. */
#include "harness.h"

static int fd;

static void removed(void)
{
	REQUIRE_OK(mkdir("d", 0755));
	REQUIRE_OK(chdir("d"));
	fd = REQUIRE_OK(open(".", O_RDONLY | O_DIRECTORY));
	REQUIRE_OK(rmdir("../d"));
}

TEST(removed, what_can_be_made_in_it)
{
	removed();
	SHOW(open("f", O_CREAT | O_RDWR, 0644));
	SHOW(open("f", O_RDONLY));
	SHOW(mkdir("x", 0755));
	SHOW(symlink("a", "x"));
	SHOW(mknod("x", S_IFIFO | 0644, 0));
	SHOW(link("/proc/self/exe", "x"));
	SHOW(open(".", O_TMPFILE | O_RDWR, 0600));
	SHOW(rename("/tmp", "x"));
	SHOW(unlink("x"));
	SHOW(rmdir("x"));
	SHOW(rmdir("../d"));
}

TEST(removed, what_can_be_asked)
{
	char space[512];
	struct stat st;

	removed();
	SHOW(stat(".", &st));
	note("links %d", (int)st.st_nlink);
	SHOW(stat("..", &st));
	SHOW(syscall(SYS_getcwd, space, sizeof(space)));
	SHOW(syscall(SYS_getdents64, fd, space, sizeof(space)));
	SHOW(open(".", O_RDONLY | O_DIRECTORY) >= 0);
	SHOW(access(".", W_OK));
	SHOW(chmod(".", 0700));
	SHOW(chdir("."));
	SHOW(fchdir(fd));
	SHOW(chdir(".."));
	SHOW(fchdir(fd));
	SHOW(readlink("/proc/self/cwd", space, sizeof(space)) > 10);
	note("%s", strstr(space, " (deleted)") ? "deleted" : "there");
	SHOW(chroot("."));
}

TEST(removed, a_name_used_again)
{
	struct stat a, b;

	removed();
	REQUIRE_OK(mkdir("../d", 0755));
	put_file("../d/f", "");
	REQUIRE_OK(stat(".", &a));
	REQUIRE_OK(stat("../d", &b));
	note("same %d", a.st_ino == b.st_ino);
	SHOW(access("f", F_OK));
	SHOW(openat(fd, "f", O_RDONLY));
	SHOW(mkdirat(fd, "x", 0755));
}
