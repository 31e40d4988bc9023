/* SPDX-License-Identifier: MIT */
/* Mount namespaces: unshare(CLONE_NEWNS), what the other side sees; pivot_root(2). */
#include "harness.h"
#include <sched.h>
#include <sys/mount.h>

TEST(ns, mounts_stay_inside)
{
	mkdir("m", 0755);
	IN_CHILD({
		SHOW(unshare(CLONE_NEWNS));
		SHOW(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
		SHOW(mount("x", "m", "tmpfs", 0, NULL));
		put_file("m/f", "x");
	});
	SHOW(access("m/f", F_OK));
}

TEST(ns, unmounting_inside_changes_nothing_outside)
{
	mkdir("m", 0755);
	SHOW(mount("x", "m", "tmpfs", 0, NULL));
	put_file("m/f", "x");
	IN_CHILD({
		SHOW(unshare(CLONE_NEWNS));
		SHOW(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
		SHOW(umount("m"));
		SHOW(access("m/f", F_OK));
	});
	SHOW(access("m/f", F_OK));
	SHOW(umount("m"));
}

TEST(ns, needs_privilege)
{
	AS_USER(1000, 1000, SHOW(unshare(CLONE_NEWNS)));
	SHOW(unshare(0x1));
	SHOW(unshare(0));
}

TEST(ns, unshared_file_system_information)
{
	pid_t pid = syscall(SYS_clone, 0x200 /* CLONE_FS */ | SIGCHLD, 0, 0, 0, 0);

	if (pid == 0) {
		SHOW(unshare(CLONE_FS));
		SHOW(chdir("/proc"));
		umask(0);
		harness_child_exit();
	}
	EXPECT_CHILD_OK(pid);
	SHOW(access("version", F_OK));
	note("umask %o", umask(022));
}

TEST(pivot, exchanges_the_root)
{
	mkdir("new", 0755);
	IN_CHILD({
		char path[256];

		EXPECT_OK(unshare(CLONE_NEWNS));
		EXPECT_OK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
		EXPECT_OK(mount("x", "new", "tmpfs", 0, NULL));
		mkdir("new/old", 0755);
		put_file("new/f", "inside");
		/* The root of this machine is the initial ramfs, which cannot be pivoted away. */
		SHOW(syscall(SYS_pivot_root, "new", "new/old"));
		/* A chroot onto a mount of its own has a root that can. */
		EXPECT_OK(chdir("new"));
		EXPECT_OK(mount("new", ".", "tmpfs", 0, NULL));
		(void)path;
	});
}

TEST(pivot, from_a_mounted_root)
{
	mkdir("r", 0755);
	IN_CHILD({
		char path[256];

		EXPECT_OK(unshare(CLONE_NEWNS));
		EXPECT_OK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
		EXPECT_OK(mount("r", "r", "tmpfs", 0, NULL));
		EXPECT_OK(mkdir("r/new", 0755));
		put_file("r/oldroot", "x");
		EXPECT_OK(chdir("r"));
		EXPECT_OK(chroot("."));
		EXPECT_OK(mount("n", "/new", "tmpfs", 0, NULL));
		EXPECT_OK(mkdir("/new/old", 0755));
		put_file("/new/newroot", "x");
		SHOW(syscall(SYS_pivot_root, "/new", "/new/none"));
		SHOW(syscall(SYS_pivot_root, "/new", "/"));
		SHOW(syscall(SYS_pivot_root, "/new/old", "/new/old"));
		SHOW(syscall(SYS_pivot_root, "/new/newroot", "/new/old"));
		SHOW(syscall(SYS_pivot_root, "/new", "/new/old"));
		SHOW(access("/newroot", F_OK));
		SHOW(access("/old/oldroot", F_OK));
		SHOW(syscall(SYS_getcwd, path, sizeof(path)));
		SHOW(umount2("/old", MNT_DETACH));
		SHOW(access("/old/oldroot", F_OK));
	});
}

TEST(pivot, needs_privilege)
{
	mkdir("d", 0755);
	AS_USER(1000, 1000, SHOW(syscall(SYS_pivot_root, "d", "d")));
}
