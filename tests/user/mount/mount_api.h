/* SPDX-License-Identifier: MIT */
/* Shared by the tests of the new mount interface: raw calls, a private namespace with a tmpfs to stand on. */
#ifndef TESTS_USER_MOUNT_API_H
#define TESTS_USER_MOUNT_API_H
#include "harness.h"
#include <sched.h>
#include <sys/mount.h>
#include <sys/statvfs.h>

#define WRAP(name, params, ...) HARNESS_UNUSED static int name params { return (int)syscall(__VA_ARGS__); }
WRAP(fsopen_, (const char *name, unsigned flags), SYS_fsopen, name, flags)
WRAP(fsconfig_, (int fd, unsigned cmd, const char *key, const void *value, int aux), SYS_fsconfig, fd, cmd, key, value, aux)
WRAP(fsmount_, (int fd, unsigned flags, unsigned attrs), SYS_fsmount, fd, flags, attrs)
WRAP(fspick_, (int dfd, const char *path, unsigned flags), SYS_fspick, dfd, path, flags)
WRAP(open_tree_, (int dfd, const char *path, unsigned flags), SYS_open_tree, dfd, path, flags)
WRAP(move_mount_, (int fd, const char *from, int tfd, const char *to, unsigned flags), SYS_move_mount, fd, from, tfd, to, flags)
WRAP(setattr_, (int dfd, const char *path, unsigned flags, const void *attr, size_t size), SYS_mount_setattr, dfd, path, flags, attr, size)

HARNESS_UNUSED static void private_tree(void)
{
	REQUIRE_OK(unshare(CLONE_NEWNS));
	REQUIRE_OK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	REQUIRE_OK(mount("base", ".", "tmpfs", 0, NULL));
	REQUIRE_OK(chdir(realpath(".", NULL)));
	REQUIRE_OK(mkdir("a", 0755));
	REQUIRE_OK(mkdir("b", 0755));
}

/* What the context has to say, message by message. */
HARNESS_UNUSED static void show_log(int fd)
{
	char text[512];
	ssize_t n;

	while ((n = read(fd, text, sizeof(text) - 1)) > 0) {
		text[n] = 0;
		note("log: %.*s", (int)strcspn(text, "\n"), text);
	}
	note("log ends: %s", errno_name(errno));
}

/* Mount options of PATH as statvfs sees them. */
HARNESS_UNUSED static unsigned long mount_flags(const char *path)
{
	struct statvfs st = { 0 };

	return statvfs(path, &st) == 0 ? st.f_flag : 0xdead;
}

/* A detached tmpfs. */
HARNESS_UNUSED static int tmpfs_fd(unsigned attrs)
{
	int fd = REQUIRE_OK(fsopen_("tmpfs", 0)), m;

	REQUIRE_OK(fsconfig_(fd, 6 /* CREATE */, NULL, NULL, 0));
	m = REQUIRE_OK(fsmount_(fd, 0, attrs));
	close(fd);
	return m;
}
#endif
