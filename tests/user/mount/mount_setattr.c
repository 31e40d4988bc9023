/* SPDX-License-Identifier: MIT */
/* mount_setattr(2). */
#include "mount_api.h"

struct attr {
	uint64_t set, clr, propagation, userns;
};

static int change(const char *path, unsigned flags, uint64_t set, uint64_t clr, uint64_t propagation)
{
	struct attr a = { set, clr, propagation, 0 };

	return setattr_(AT_FDCWD, path, flags, &a, sizeof(a));
}

TEST(mount_setattr, attributes_are_set_and_cleared)
{
	private_tree();
	REQUIRE_OK(mount("one", "a", "tmpfs", 0, NULL));
	note("%#lx", mount_flags("a"));
	SHOW(change("a", 0, 1 | 2 | 4 | 8, 0, 0));
	note("%#lx", mount_flags("a"));
	SHOW(open("a/x", O_CREAT | O_RDWR, 0600));
	SHOW(change("a", 0, 0, 1 | 8, 0));
	note("%#lx", mount_flags("a"));
	SHOW(change("a", 0, 0x10, 0x70, 0));
	note("%#lx", mount_flags("a"));
	SHOW(change("a", 0, 0x20, 0x70, 0));
	note("%#lx", mount_flags("a"));
	SHOW(change("a", 0, 0, 0x70, 0));
	note("%#lx", mount_flags("a"));
	SHOW(change("a", 0, 0x80, 2 | 4, 0));
	note("%#lx", mount_flags("a"));
	SHOW(change("a", 0, 0x200000, 0x80, 0));
	symlink("x", "a/link");
	SHOW(open("a/link", O_RDONLY));
	note("%#lx", mount_flags("a"));
}

TEST(mount_setattr, refusals)
{
	struct attr a[2] = { { 1, 0, 0, 0 }, { 0, 0, 0, 1 } };
	char big[5000] = { 0 };

	private_tree();
	REQUIRE_OK(mount("one", "a", "tmpfs", 0, NULL));
	SHOW(setattr_(AT_FDCWD, "a", 0, a, 0));
	SHOW(setattr_(AT_FDCWD, "a", 0, a, 31));
	SHOW(setattr_(AT_FDCWD, "a", 0, a, 64));
	SHOW(setattr_(AT_FDCWD, "a", 0, big, 4097));
	SHOW(setattr_(AT_FDCWD, "a", 0, big, 4096));
	SHOW(setattr_(AT_FDCWD, "a", 0, (void *)8, 32));
	SHOW(setattr_(AT_FDCWD, "a", 1, a, 32));
	SHOW(setattr_(AT_FDCWD, "nothing", 0, a, 32));
	SHOW(setattr_(AT_FDCWD, "nothing", 0, big, 32));
	SHOW(setattr_(-1, "", AT_EMPTY_PATH, a, 32));
	SHOW(setattr_(AT_FDCWD, "b", 0, a, 32));
	SHOW(change("a", 0, 0x40, 0, 0));
	SHOW(change("a", 0, 0x10, 0, 0));
	SHOW(change("a", 0, 0x10, 0x10, 0));
	SHOW(change("a", 0, 0x30, 0x70, 0));
	SHOW(change("a", 0, 1ull << 40, 0, 0));
	SHOW(change("a", 0, 0, 1ull << 40, 0));
	SHOW(change("a", 0, 0, 0, MS_SHARED | MS_PRIVATE));
	SHOW(change("a", 0, 0, 0, MS_RDONLY));
	SHOW(change("a", 0, 0, 0x100000, 0));
	AS_USER(1000, 1000, SHOW(change("a", 0, 1, 0, 0)));
}

TEST(mount_setattr, read_only_is_refused_while_written)
{
	int fd;

	private_tree();
	REQUIRE_OK(mount("one", "a", "tmpfs", 0, NULL));
	mkdir("a/in", 0755);
	REQUIRE_OK(mount("two", "a/in", "tmpfs", 0, NULL));
	fd = REQUIRE_OK(open("a/in/f", O_CREAT | O_RDWR, 0600));
	SHOW(change("a", AT_RECURSIVE, 1 | 8, 0, 0));
	note("%#lx %#lx", mount_flags("a"), mount_flags("a/in"));
	SHOW(change("a", 0, 1, 0, 0));
	note("%#lx %#lx", mount_flags("a"), mount_flags("a/in"));
	close(fd);
	SHOW(change("a", AT_RECURSIVE, 1, 0, 0));
	note("%#lx %#lx", mount_flags("a"), mount_flags("a/in"));
	SHOW(change("a", AT_RECURSIVE, 0, 1, 0));
	note("%#lx %#lx", mount_flags("a"), mount_flags("a/in"));
}

TEST(mount_setattr, propagation)
{
	private_tree();
	REQUIRE_OK(mount("one", "a", "tmpfs", 0, NULL));
	mkdir("a/in", 0755);
	REQUIRE_OK(mount("two", "a/in", "tmpfs", 0, NULL));
	SHOW(change("a", AT_RECURSIVE, 0, 0, MS_SHARED));
	REQUIRE_OK(mount("a", "b", NULL, MS_BIND | MS_REC, NULL));
	mkdir("a/in/deep", 0755);
	REQUIRE_OK(mount("three", "a/in/deep", "tmpfs", 0, NULL));
	put_file("a/in/deep/f", "");
	SHOW(access("b/in/deep/f", F_OK));
	SHOW(change("b", AT_RECURSIVE, 0, 0, MS_PRIVATE));
	umount("a/in/deep");
	SHOW(access("b/in/deep/f", F_OK));
	SHOW(change("a", 0, 2, 0, MS_UNBINDABLE));
	SHOW(mount("a", "b", NULL, MS_BIND, NULL));
	note("%#lx", mount_flags("a"));
}

TEST(mount_setattr, detached_mounts)
{
	int fd;

	private_tree();
	fd = tmpfs_fd(0);
	SHOW(setattr_(fd, "", AT_EMPTY_PATH, &((struct attr){ 1 | 8, 0, 0, 0 }), 32));
	SHOW(openat(fd, "x", O_CREAT | O_RDWR, 0600));
	SHOW(move_mount_(fd, "", AT_FDCWD, "a", 4));
	note("%#lx", mount_flags("a"));
	fd = open_tree_(AT_FDCWD, "a", 1);
	SHOW(setattr_(fd, "", AT_EMPTY_PATH, &((struct attr){ 0, 1 | 8, 0, 0 }), 32));
	SHOW(move_mount_(fd, "", AT_FDCWD, "b", 4));
	note("%#lx %#lx", mount_flags("a"), mount_flags("b"));
}
