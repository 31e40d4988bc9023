/* SPDX-License-Identifier: MIT */
/* openat2(2): extensible arguments, strict flags, and the RESOLVE_* restrictions. */
#include "harness.h"
#include <linux/openat2.h>

static long open2(int dir, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve)
{
	struct open_how how = { .flags = flags, .mode = mode, .resolve = resolve };

	return syscall(SYS_openat2, dir, path, &how, sizeof(how));
}

TEST(openat2, opens_like_openat)
{
	int fd;
	struct stat st;

	fd = REQUIRE_OK(open2(AT_FDCWD, "f", O_RDWR | O_CREAT, 0640, 0));
	fstat(fd, &st);
	note("mode %o", st.st_mode & 07777);
	SHOW(open2(AT_FDCWD, "none", O_RDONLY, 0, 0));
	SHOW(open2(-1, "f", O_RDONLY, 0, 0));
	EXPECT_OK(open2(AT_FDCWD, ".", O_PATH, 0, 0));
}

TEST(openat2, unknown_or_contradictory_values_are_einval)
{
	put_file("f", "");
	SHOW(open2(AT_FDCWD, "f", O_RDONLY, 0644, 0));
	SHOW(open2(AT_FDCWD, "f", O_RDWR | O_CREAT, 0x10000, 0));
	SHOW(open2(AT_FDCWD, "f", O_RDONLY | 0x40000000ULL, 0, 0));
	SHOW(open2(AT_FDCWD, "f", O_RDONLY | 1ULL << 40, 0, 0));
	SHOW(open2(AT_FDCWD, "f", O_RDONLY, 0, 0x8000));
	SHOW(open2(AT_FDCWD, "f", O_PATH | O_RDWR, 0, 0));
	SHOW(open2(AT_FDCWD, "f", O_PATH | O_TRUNC, 0, 0));
	SHOW(open2(AT_FDCWD, "f", O_RDONLY, 0, RESOLVE_BENEATH | RESOLVE_IN_ROOT));
	SHOW(open2(AT_FDCWD, ".", O_TMPFILE | O_RDONLY, 0600, 0));
}

TEST(openat2, the_size_of_the_structure_is_checked)
{
	struct { struct open_how how; uint64_t more; } big = { { O_RDONLY, 0, 0 }, 0 };

	SHOW(syscall(SYS_openat2, AT_FDCWD, ".", &big, 0));
	SHOW(syscall(SYS_openat2, AT_FDCWD, ".", &big, 16));
	SHOW(syscall(SYS_openat2, AT_FDCWD, ".", &big, 23));
	EXPECT_OK(syscall(SYS_openat2, AT_FDCWD, ".", &big, 32));
	big.more = 1;
	SHOW(syscall(SYS_openat2, AT_FDCWD, ".", &big, 32));
	SHOW(syscall(SYS_openat2, AT_FDCWD, ".", &big, 8192));
	SHOW(syscall(SYS_openat2, AT_FDCWD, ".", NULL, 24));
}

static void make_tree(void)
{
	mkdir("root", 0755);
	mkdir("root/d", 0755);
	put_file("root/f", "inside");
	put_file("outside", "outside");
	symlink("f", "root/rel");
	symlink("/f", "root/abs");
	symlink("../outside", "root/up");
	symlink("/proc/self/fd", "root/proc");
}

TEST(openat2, beneath_refuses_every_escape)
{
	int root;

	make_tree();
	root = REQUIRE_OK(open("root", O_PATH | O_DIRECTORY));
	EXPECT_OK(open2(root, "f", O_RDONLY, 0, RESOLVE_BENEATH));
	EXPECT_OK(open2(root, "rel", O_RDONLY, 0, RESOLVE_BENEATH));
	EXPECT_OK(open2(root, "d/../f", O_RDONLY, 0, RESOLVE_BENEATH));
	SHOW(open2(root, "../outside", O_RDONLY, 0, RESOLVE_BENEATH));
	SHOW(open2(root, "..", O_RDONLY, 0, RESOLVE_BENEATH));
	SHOW(open2(root, "abs", O_RDONLY, 0, RESOLVE_BENEATH));
	SHOW(open2(root, "up", O_RDONLY, 0, RESOLVE_BENEATH));
	SHOW(open2(root, "/", O_RDONLY, 0, RESOLVE_BENEATH));
}

TEST(openat2, in_root_makes_the_directory_the_root)
{
	int root;

	make_tree();
	root = REQUIRE_OK(open("root", O_PATH | O_DIRECTORY));
	EXPECT_OK(open2(root, "/f", O_RDONLY, 0, RESOLVE_IN_ROOT));
	EXPECT_OK(open2(root, "abs", O_RDONLY, 0, RESOLVE_IN_ROOT));
	EXPECT_OK(open2(root, "../../f", O_RDONLY, 0, RESOLVE_IN_ROOT));
	SHOW(open2(root, "up", O_RDONLY, 0, RESOLVE_IN_ROOT));
}

TEST(openat2, no_symlinks_and_no_magiclinks)
{
	int root;

	make_tree();
	root = REQUIRE_OK(open("root", O_PATH | O_DIRECTORY));
	SHOW(open2(root, "rel", O_RDONLY, 0, RESOLVE_NO_SYMLINKS));
	SHOW(open2(root, "rel", O_PATH | O_NOFOLLOW, 0, RESOLVE_NO_SYMLINKS) >= 0);
	EXPECT_OK(open2(root, "f", O_RDONLY, 0, RESOLVE_NO_SYMLINKS));
	EXPECT_OK(open2(root, "rel", O_RDONLY, 0, RESOLVE_NO_MAGICLINKS));
	SHOW(open2(AT_FDCWD, "/proc/self/cwd", O_RDONLY, 0, RESOLVE_NO_MAGICLINKS));
	SHOW(open2(AT_FDCWD, "/proc/self/exe", O_RDONLY, 0, RESOLVE_NO_MAGICLINKS));
}

TEST(openat2, no_xdev_stays_on_one_mount)
{
	SHOW(open2(AT_FDCWD, "/proc/uptime", O_RDONLY, 0, RESOLVE_NO_XDEV));
	EXPECT_OK(open2(AT_FDCWD, ".", O_RDONLY, 0, RESOLVE_NO_XDEV));
}
