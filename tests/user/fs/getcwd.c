/* SPDX-License-Identifier: MIT */
/* getcwd(2), chdir(2), fchdir(2). */
#include "harness.h"

static const char *here(void)
{
	static char path[4200];
	long n = syscall(SYS_getcwd, path, sizeof(path));
	char *p;

	if (n < 0)
		return errno_name(errno);
	p = strstr(path, "test");
	return p ? p : path;
}

TEST(cwd, follows_chdir)
{
	mkdir("a", 0755);
	mkdir("a/b", 0755);
	symlink("a/b", "l");
	SHOW(chdir("a"));
	note("%s", here());
	SHOW(chdir("./b/../b"));
	note("%s", here());
	SHOW(chdir("../.."));
	SHOW(chdir("l"));
	note("%s", here());
	SHOW(chdir("/"));
	note("%s", here());
	SHOW(chdir("/.."));
	note("%s", here());
	SHOW(chdir("/proc/self"));
}

TEST(cwd, fchdir)
{
	int a, f;

	mkdir("a", 0755);
	put_file("f", "");
	a = open("a", O_RDONLY);
	f = open("f", O_RDONLY);
	SHOW(fchdir(a));
	note("%s", here());
	SHOW(fchdir(f));
	SHOW(fchdir(-1));
	SHOW(fchdir(open("..", O_PATH)));
	note("%s", here());
}

TEST(cwd, follows_renames_and_shows_removal)
{
	mkdir("a", 0755);
	mkdir("a/b", 0755);
	chdir("a/b");
	SHOW(rename("../../a", "../../z"));
	note("%s", here());
	SHOW(rmdir("../b"));
	note("%s", here());
	SHOW(chdir("."));
	SHOW(chdir(".."));
	note("%s", here());
}

TEST(cwd, errors)
{
	char path[4200];

	put_file("f", "");
	mkdir("closed", 0700);
	SHOW(syscall(SYS_getcwd, path, 0));
	SHOW(syscall(SYS_getcwd, path, 2));
	SHOW(syscall(SYS_getcwd, NULL, 4096));
	chdir("/");
	SHOW(syscall(SYS_getcwd, path, 1));
	SHOW(syscall(SYS_getcwd, path, 2));
	SHOW(chdir("/proc/self/none"));
	SHOW(chdir("/proc/version"));
	SHOW(chdir(""));
	SHOW(chdir(NULL));
}

TEST(cwd, search_permission_is_needed_to_enter)
{
	mkdir("closed", 0700);
	mkdir("readonly", 0744);
	mkdir("execonly", 0711);
	AS_USER(1000, 1000, {
		SHOW(chdir("closed"));
		SHOW(chdir("readonly"));
		SHOW(chdir("execonly"));
		SHOW(open(".", O_RDONLY));
	});
}

TEST(cwd, belongs_to_the_process_unless_shared)
{
	pid_t pid;

	mkdir("a", 0755);
	IN_CHILD(SHOW(chdir("a")));
	SHOW(access("a", F_OK));
	pid = syscall(SYS_clone, 0x200 /* CLONE_FS */ | SIGCHLD, 0, 0, 0, 0);
	if (pid == 0)
		_exit(chdir("a") < 0 || umask(077) != 022);
	EXPECT_CHILD_OK(pid);
	SHOW(access("../a", F_OK));
	note("umask %o", umask(022));
}

TEST(cwd, a_very_deep_directory)
{
	char name[201];
	char path[8192];
	int depth = 0;

	memset(name, 'd', 200);
	name[200] = 0;
	while (depth < 30 && mkdir(name, 0755) == 0 && chdir(name) == 0)
		depth++;
	note("depth %d", depth);
	SHOW(syscall(SYS_getcwd, path, sizeof(path)));
	put_file("bottom", "x");
	SHOW(access("bottom", F_OK));
}
