/* SPDX-License-Identifier: MIT */
/* open_tree(2), move_mount(2): detached trees of mounts. */
#include "mount_api.h"

#define CLONE 1

TEST(open_tree, a_plain_one_is_an_o_path_descriptor)
{
	int fd;

	private_tree();
	fd = REQUIRE_OK(open_tree_(AT_FDCWD, "a", 0));
	note("%#x", fcntl(fd, F_GETFL) & O_PATH);
	SHOW(fcntl(fd, F_GETFD));
	SHOW(fcntl(open_tree_(AT_FDCWD, "a", O_CLOEXEC), F_GETFD));
	EXPECT_OK(openat(fd, "f", O_CREAT | O_RDWR, 0600));
	SHOW(access("a/f", F_OK));
	SHOW(move_mount_(fd, "", AT_FDCWD, "b", 4));
	SHOW(open_tree_(AT_FDCWD, "nothing", 0));
	SHOW(open_tree_(AT_FDCWD, "a", 0x10));
	SHOW(open_tree_(AT_FDCWD, "a", AT_RECURSIVE));
	SHOW(open_tree_(AT_FDCWD, "", 0));
	AS_USER(1000, 1000,
		EXPECT_OK(open_tree_(AT_FDCWD, "a", 0));
		SHOW(open_tree_(AT_FDCWD, "a", CLONE)));
}

TEST(open_tree, a_clone_is_a_detached_bind_mount)
{
	int fd;

	private_tree();
	put_file("a/f", "hello");
	fd = REQUIRE_OK(open_tree_(AT_FDCWD, "a", CLONE));
	SHOW(faccessat(fd, "f", F_OK, 0));
	SHOW(openat(fd, "../b", O_PATH));
	SHOW(move_mount_(fd, "", AT_FDCWD, "b", 4));
	note("%s", get_file("b/f"));
	SHOW(move_mount_(fd, "", AT_FDCWD, "a", 4));
	note("%s", get_file("a/f"));
	SHOW(access("b/f", F_OK));
	close(fd);
	note("%s", get_file("a/f"));
	SHOW(umount("a"));
	SHOW(umount("a"));
}

TEST(open_tree, what_is_not_attached_goes_with_its_descriptor)
{
	int fd, in;

	private_tree();
	fd = tmpfs_fd(0);
	in = REQUIRE_OK(openat(fd, "f", O_CREAT | O_RDWR, 0600));
	close(fd);
	SHOW(write(in, "x", 1));
	fd = open_tree_(AT_FDCWD, ".", CLONE);
	close(fd);
	SHOW(access("a", F_OK));
	SHOW(umount2("a", 0));
}

TEST(open_tree, recursive)
{
	int fd;

	private_tree();
	REQUIRE_OK(mount("one", "a", "tmpfs", 0, NULL));
	mkdir("a/in", 0755);
	REQUIRE_OK(mount("two", "a/in", "tmpfs", 0, NULL));
	put_file("a/in/f", "deep");
	fd = REQUIRE_OK(open_tree_(AT_FDCWD, "a", CLONE));
	SHOW(faccessat(fd, "in/f", F_OK, 0));
	close(fd);
	fd = REQUIRE_OK(open_tree_(AT_FDCWD, "a", CLONE | AT_RECURSIVE));
	SHOW(faccessat(fd, "in/f", F_OK, 0));
	SHOW(umount2("a", MNT_DETACH));
	SHOW(faccessat(fd, "in/f", F_OK, 0));
	SHOW(move_mount_(fd, "in", AT_FDCWD, "b", 0));
	SHOW(move_mount_(fd, "", AT_FDCWD, "b", 4));
	note("%s", get_file("b/in/f"));
	SHOW(umount("b/in"));
	SHOW(umount("b"));
}

TEST(open_tree, only_what_is_ours_is_cloned)
{
	int fd;

	private_tree();
	REQUIRE_OK(mount("one", "a", "tmpfs", 0, NULL));
	REQUIRE_OK(mount(NULL, "a", NULL, MS_UNBINDABLE, NULL));
	SHOW(open_tree_(AT_FDCWD, "a", CLONE));
	umount("a");
	fd = REQUIRE_OK(open_tree_(AT_FDCWD, "a", CLONE));
	SHOW(open_tree_(fd, "", CLONE | AT_EMPTY_PATH));
	SHOW(mount("x", "/proc/self/fd/999", "tmpfs", 0, NULL));
}

TEST(move_mount, moves_attached_ones_too)
{
	int fd;

	private_tree();
	REQUIRE_OK(mount("one", "a", "tmpfs", 0, NULL));
	put_file("a/f", "f");
	SHOW(move_mount_(AT_FDCWD, "a", AT_FDCWD, "b", 0));
	SHOW(access("a/f", F_OK));
	SHOW(access("b/f", F_OK));
	fd = open("b", O_PATH);
	SHOW(move_mount_(fd, "", AT_FDCWD, "a", 4));
	SHOW(access("a/f", F_OK));
	SHOW(move_mount_(AT_FDCWD, "b", AT_FDCWD, "a", 0));
	SHOW(move_mount_(AT_FDCWD, "a", AT_FDCWD, "nothing", 0));
	SHOW(move_mount_(AT_FDCWD, "nothing", AT_FDCWD, "a", 0));
	SHOW(move_mount_(AT_FDCWD, "a", AT_FDCWD, "b", 0x1000));
	SHOW(move_mount_(AT_FDCWD, "", AT_FDCWD, "b", 0));
	SHOW(move_mount_(AT_FDCWD, "a", AT_FDCWD, "", 0));
	mkdir("a/below", 0755);
	SHOW(move_mount_(AT_FDCWD, "a", AT_FDCWD, "a/below", 0));
	put_file("file", "");
	SHOW(move_mount_(AT_FDCWD, "a", AT_FDCWD, "file", 0));
	AS_USER(1000, 1000, SHOW(move_mount_(AT_FDCWD, "a", AT_FDCWD, "b", 0)));
}

TEST(move_mount, symbolic_links)
{
	private_tree();
	REQUIRE_OK(mount("one", "a", "tmpfs", 0, NULL));
	put_file("a/f", "f");
	REQUIRE_OK(symlink("a", "la"));
	REQUIRE_OK(symlink("b", "lb"));
	SHOW(move_mount_(AT_FDCWD, "la", AT_FDCWD, "b", 0));
	SHOW(move_mount_(AT_FDCWD, "a", AT_FDCWD, "lb", 0));
	SHOW(move_mount_(AT_FDCWD, "la", AT_FDCWD, "lb", 1 | 0x10));
	SHOW(access("b/f", F_OK));
}

TEST(move_mount, into_a_shared_place_it_appears_at_the_peers)
{
	int fd;

	private_tree();
	mkdir("a/in", 0755);
	REQUIRE_OK(mount("a", "a", NULL, MS_BIND, NULL));
	REQUIRE_OK(mount(NULL, "a", NULL, MS_SHARED, NULL));
	REQUIRE_OK(mount("a", "b", NULL, MS_BIND, NULL));
	fd = tmpfs_fd(0);
	close(openat(fd, "f", O_CREAT | O_RDWR, 0600));
	SHOW(move_mount_(fd, "", AT_FDCWD, "a/in", 4));
	SHOW(access("a/in/f", F_OK));
	SHOW(access("b/in/f", F_OK));
	SHOW(move_mount_(AT_FDCWD, "a/in", AT_FDCWD, "b", 0));
	SHOW(umount("b/in"));
	SHOW(access("a/in/f", F_OK));
}

TEST(move_mount, set_group_joins_peers)
{
	private_tree();
	mkdir("a/in", 0755);
	REQUIRE_OK(mount("a", "a", NULL, MS_BIND, NULL));
	REQUIRE_OK(mount(NULL, "a", NULL, MS_PRIVATE, NULL));
	REQUIRE_OK(mount("a", "b", NULL, MS_BIND, NULL));
	REQUIRE_OK(mount(NULL, "a", NULL, MS_SHARED, NULL));
	SHOW(move_mount_(AT_FDCWD, "a", AT_FDCWD, "b", 0x100));
	REQUIRE_OK(mount("x", "a/in", "tmpfs", 0, NULL));
	put_file("a/in/f", "f");
	SHOW(access("b/in/f", F_OK));
	SHOW(move_mount_(AT_FDCWD, "a", AT_FDCWD, "b", 0x100));
}
