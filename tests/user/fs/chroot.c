/* SPDX-License-Identifier: MIT */
/* chroot(2): the new root, "..", who may, what stays reachable. */
#include "harness.h"

TEST(chroot, the_root_is_the_directory)
{
	mkdir("r", 0755);
	mkdir("r/d", 0755);
	put_file("r/f", "inside");
	symlink("/f", "r/d/abs");
	symlink("../../../f", "r/d/up");
	IN_CHILD({
		char path[64];

		SHOW(chroot("r"));
		SHOW(chdir("/"));
		EXPECT_STR(get_file("/f"), "inside");
		EXPECT_STR(get_file("/../../f"), "inside");
		EXPECT_STR(get_file("/d/abs"), "inside");
		EXPECT_STR(get_file("/d/up"), "inside");
		SHOW(access("/proc", F_OK));
		SHOW(syscall(SYS_getcwd, path, sizeof(path)));
		note("%s", path);
	});
}

TEST(chroot, the_working_directory_stays_outside)
{
	mkdir("r", 0755);
	put_file("outside", "x");
	IN_CHILD({
		char path[512];
		int n;

		SHOW(chroot("r"));
		SHOW(access("outside", F_OK));
		SHOW(access("../..", F_OK));
		n = syscall(SYS_getcwd, path, sizeof(path));
		note("getcwd begins with (unreachable): %d", n > 0 && strncmp(path, "(unreachable)", 13) == 0);
	});
}

TEST(chroot, errors)
{
	put_file("f", "");
	mkdir("d", 0755);
	mkdir("closed", 0700);
	SHOW(chroot("none"));
	SHOW(chroot("f"));
	SHOW(chroot(""));
	SHOW(chroot(NULL));
	AS_USER(1000, 1000, {
		SHOW(chroot("d"));
		SHOW(chroot("closed"));
	});
	AS_USER(1000, 1000, SHOW(chroot("none")));
}

TEST(chroot, children_inherit_it_and_the_parent_does_not_see_it)
{
	mkdir("r", 0755);
	IN_CHILD({
		SHOW(chroot("r"));
		IN_CHILD(SHOW(access("/proc", F_OK)));
	});
	SHOW(access("/proc", F_OK));
}

TEST(chroot, proc_root_shows_it)
{
	pid_t pid;
	int ready[2], go[2];
	char byte, path[64], text[512] = "", *end;

	mkdir("r", 0755);
	REQUIRE_OK(pipe(ready));
	REQUIRE_OK(pipe(go));
	CHILD(pid) {
		EXPECT_OK(chroot("r"));
		write_all(ready[1], "x", 1);
		EXPECT_EQ(read(go[0], &byte, 1), 1);
	}
	EXPECT_EQ(read(ready[0], &byte, 1), 1);
	snprintf(path, sizeof(path), "/proc/%d/root", pid);
	SHOW(readlink(path, text, sizeof(text) - 1) > 0);
	end = strrchr(text, '/');
	note("%s", end ? end : "?");
	snprintf(path, sizeof(path), "/proc/%d/root/../f", pid);
	put_file("f", "x");
	SHOW(access(path, F_OK));
	write_all(go[1], "x", 1);
	EXPECT_CHILD_OK(pid);
}
