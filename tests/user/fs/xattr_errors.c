/* SPDX-License-Identifier: MIT */
/* The twelve calls of extended attributes: sizes, flags, names, descriptors, links. */
#include "harness.h"
#include <sys/xattr.h>

static char big[70000], name256[300];

static void fill(void)
{
	memset(big, 'b', sizeof(big) - 1);
	memcpy(name256, "trusted.", 8);
	memset(name256 + 8, 'n', 248);
	put_file("f", "x");
	REQUIRE_OK(mkdir("d", 0755));
	REQUIRE_OK(symlink("f", "s"));
	REQUIRE_OK(symlink("nowhere", "dangling"));
}

TEST(xattrerr, set)
{
	fill();
	SHOW(setxattr("f", "trusted.a", "1", 1, XATTR_REPLACE));
	SHOW(setxattr("f", "trusted.a", "1", 1, XATTR_CREATE));
	SHOW(setxattr("f", "trusted.a", "1", 1, XATTR_CREATE));
	SHOW(setxattr("f", "trusted.a", "12", 2, XATTR_REPLACE));
	SHOW(setxattr("f", "trusted.a", "12", 2, XATTR_REPLACE | XATTR_CREATE));
	SHOW(setxattr("f", "trusted.a", "12", 2, 4));
	SHOW(setxattr("f", "trusted.empty", "", 0, 0));
	SHOW(setxattr("f", "trusted.null", NULL, 0, 0));
	SHOW(setxattr("f", "trusted.null", NULL, 1, 0));
	SHOW(setxattr("f", "trusted.null", (void *)8, 1, 0));
	SHOW(setxattr("f", "trusted.big", big, 65536, 0));
	SHOW(setxattr("f", "trusted.big", big, 65537, 0));
	SHOW(setxattr("f", "", "1", 1, 0));
	SHOW(setxattr("f", "trusted.", "1", 1, 0));
	SHOW(setxattr("f", "trusted", "1", 1, 0));
	SHOW(setxattr("f", "nonsense.a", "1", 1, 0));
	SHOW(setxattr("f", name256, "1", 1, 0));
	name256[255] = 0;
	SHOW(setxattr("f", name256, "1", 1, 0));
	SHOW(setxattr("f", NULL, "1", 1, 0));
	SHOW(setxattr("f", (void *)8, "1", 1, 0));
	SHOW(setxattr("nothing", "trusted.a", "1", 1, 0));
	SHOW(setxattr("dangling", "trusted.a", "1", 1, 0));
	SHOW(lsetxattr("dangling", "trusted.a", "1", 1, 0));
	SHOW(lsetxattr("s", "user.a", "1", 1, 0));
	SHOW(setxattr("", "trusted.a", "1", 1, 0));
	SHOW(fsetxattr(-1, "trusted.a", "1", 1, 0));
	SHOW(fsetxattr(open("f", O_PATH), "trusted.a", "1", 1, 0));
	SHOW(fsetxattr(open("f", O_RDONLY), "trusted.b", "1", 1, 0));
	SHOW(setxattr("/proc/self/stat", "trusted.a", "1", 1, 0));
	SHOW(setxattr("d", "security.x", "1", 1, 0));
}

TEST(xattrerr, get)
{
	char space[16];

	fill();
	REQUIRE_OK(setxattr("f", "trusted.a", "12345", 5, 0));
	REQUIRE_OK(lsetxattr("s", "trusted.of_link", "123", 3, 0));
	SHOW(getxattr("f", "trusted.a", NULL, 0));
	SHOW(getxattr("f", "trusted.a", space, 4));
	SHOW(getxattr("f", "trusted.a", space, 16));
	SHOW(getxattr("f", "trusted.a", (void *)8, 16));
	SHOW(getxattr("f", "trusted.none", space, 16));
	SHOW(getxattr("f", "trusted.", space, 16));
	SHOW(getxattr("f", "", space, 16));
	SHOW(getxattr("f", name256, space, 16));
	SHOW(getxattr("f", "nonsense.a", space, 16));
	SHOW(getxattr("f", NULL, space, 16));
	SHOW(getxattr("s", "trusted.a", space, 16));
	SHOW(getxattr("s", "trusted.of_link", space, 16));
	SHOW(lgetxattr("s", "trusted.of_link", space, 16));
	SHOW(lgetxattr("s", "trusted.a", space, 16));
	SHOW(fgetxattr(open("f", O_RDONLY), "trusted.a", space, 16));
	SHOW(fgetxattr(open("f", O_PATH), "trusted.a", space, 16));
	SHOW(fgetxattr(-1, "trusted.a", space, 16));
	SHOW(getxattr("nothing", "trusted.a", space, 16));
	SHOW(getxattr("/proc/self/stat", "trusted.a", space, 16));
	chmod("f", 0600);
	AS_USER(1000, 1000, {
		SHOW(getxattr("f", "trusted.a", space, 16));
		SHOW(setxattr("f", "trusted.a", "1", 1, 0));
		SHOW(removexattr("f", "trusted.a"));
		SHOW(listxattr("f", space, 16));
	});
}

TEST(xattrerr, list_and_remove)
{
	char space[64];

	fill();
	SHOW(listxattr("f", space, 64));
	REQUIRE_OK(setxattr("f", "trusted.a", "1", 1, 0));
	REQUIRE_OK(setxattr("f", "trusted.bb", "1", 1, 0));
	SHOW(listxattr("f", NULL, 0));
	SHOW(listxattr("f", space, 5));
	SHOW(listxattr("f", space, 64));
	SHOW(listxattr("f", (void *)8, 64));
	SHOW(llistxattr("s", space, 64));
	SHOW(listxattr("s", space, 64));
	SHOW(flistxattr(open("f", O_RDONLY), space, 64));
	SHOW(flistxattr(open("f", O_PATH), space, 64));
	SHOW(flistxattr(-1, space, 64));
	SHOW(listxattr("nothing", space, 64));
	SHOW(removexattr("f", "trusted.none"));
	SHOW(removexattr("f", "trusted."));
	SHOW(removexattr("f", "nonsense.a"));
	SHOW(removexattr("f", ""));
	SHOW(removexattr("f", NULL));
	SHOW(lremovexattr("s", "trusted.a"));
	SHOW(removexattr("s", "trusted.a"));
	SHOW(fremovexattr(open("f", O_RDONLY), "trusted.bb"));
	SHOW(fremovexattr(-1, "trusted.bb"));
	SHOW(fremovexattr(open("f", O_PATH), "trusted.bb"));
	SHOW(listxattr("f", space, 64));
}
