/* SPDX-License-Identifier: MIT */
/* Extended attributes on tmpfs: which name spaces there are, flags, sizes, errors. */
#include "harness.h"
#include <sys/xattr.h>

static void list(const char *path)
{
	char names[1024];
	ssize_t n = listxattr(path, names, sizeof(names));
	int count = 0;

	for (ssize_t at = 0; at < n; at += strlen(names + at) + 1) {
		count++;
		note("  %s", names + at);
	}
	note("%s: %d names", path, n < 0 ? -1 : count);
}

TEST(xattr, trusted_attributes_of_a_file)
{
	char value[16] = "";

	put_file("f", "");
	SHOW(setxattr("f", "trusted.one", "value", 5, 0));
	SHOW(getxattr("f", "trusted.one", value, 16));
	note("%s", value);
	SHOW(getxattr("f", "trusted.one", NULL, 0));
	SHOW(getxattr("f", "trusted.one", value, 3));
	SHOW(setxattr("f", "trusted.one", "", 0, 0));
	SHOW(getxattr("f", "trusted.one", value, 16));
	list("f");
	SHOW(listxattr("f", value, 1));
	SHOW(listxattr("f", NULL, 0));
	SHOW(removexattr("f", "trusted.one"));
	SHOW(removexattr("f", "trusted.one"));
	SHOW(getxattr("f", "trusted.one", value, 16));
	list("f");
}

TEST(xattr, create_and_replace)
{
	put_file("f", "");
	SHOW(setxattr("f", "trusted.a", "1", 1, XATTR_REPLACE));
	SHOW(setxattr("f", "trusted.a", "1", 1, XATTR_CREATE));
	SHOW(setxattr("f", "trusted.a", "22", 2, XATTR_CREATE));
	SHOW(setxattr("f", "trusted.a", "22", 2, XATTR_REPLACE));
	SHOW(getxattr("f", "trusted.a", NULL, 0));
	SHOW(setxattr("f", "trusted.a", "1", 1, XATTR_CREATE | XATTR_REPLACE));
	SHOW(setxattr("f", "trusted.a", "1", 1, 4));
}

TEST(xattr, name_spaces)
{
	put_file("f", "");
	mkdir("d", 0755);
	SHOW(setxattr("f", "user.x", "1", 1, 0));
	SHOW(getxattr("f", "user.x", NULL, 0));
	SHOW(setxattr("d", "user.x", "1", 1, 0));
	SHOW(setxattr("f", "nothing.x", "1", 1, 0));
	SHOW(setxattr("f", "plain", "1", 1, 0));
	SHOW(setxattr("f", "trusted.", "1", 1, 0));
	SHOW(setxattr("f", "", "1", 1, 0));
	SHOW(setxattr("d", "trusted.x", "1", 1, 0));
	SHOW(setxattr("f", "security.x", "1", 1, 0));
	SHOW(getxattr("f", "security.x", NULL, 0));
	SHOW(getxattr("f", "system.x", NULL, 0));
}

TEST(xattr, symlinks_and_descriptors)
{
	int fd;

	put_file("f", "");
	symlink("f", "l");
	fd = open("f", O_RDONLY);
	SHOW(lsetxattr("l", "trusted.link", "1", 1, 0));
	SHOW(lgetxattr("l", "trusted.link", NULL, 0));
	SHOW(getxattr("l", "trusted.link", NULL, 0));
	SHOW(lsetxattr("l", "user.link", "1", 1, 0));
	SHOW(fsetxattr(fd, "trusted.fd", "1", 1, 0));
	SHOW(fgetxattr(fd, "trusted.fd", NULL, 0));
	SHOW(flistxattr(fd, NULL, 0));
	SHOW(fremovexattr(fd, "trusted.fd"));
	SHOW(fsetxattr(-1, "trusted.fd", "1", 1, 0));
	SHOW(getxattr("none", "trusted.x", NULL, 0));
}

TEST(xattr, sizes)
{
	static char value[70000];
	char name[300] = "trusted.";

	put_file("f", "");
	memset(name + 8, 'n', 290);
	name[255] = 0;
	SHOW(setxattr("f", name, "1", 1, 0));
	name[255] = 'n';
	name[256] = 0;
	SHOW(setxattr("f", name, "1", 1, 0));
	SHOW(setxattr("f", "trusted.big", value, 65536, 0));
	SHOW(getxattr("f", "trusted.big", value, 70000));
	SHOW(setxattr("f", "trusted.big", value, 65537, 0));
	SHOW(setxattr("f", "trusted.x", NULL, 5, 0));
	SHOW(setxattr("f", NULL, "1", 1, 0));
	SHOW(setxattr("f", "trusted.x", NULL, 0, 0));
}

TEST(xattr, trusted_is_for_root)
{
	put_file("f", "");
	chmod("f", 0666);
	setxattr("f", "trusted.x", "1", 1, 0);
	AS_USER(1000, 1000, {
		SHOW(getxattr("f", "trusted.x", NULL, 0));
		SHOW(setxattr("f", "trusted.x", "2", 1, 0));
		SHOW(listxattr("f", NULL, 0));
	});
}

TEST(xattr, procfs_has_none)
{
	SHOW(setxattr("/proc/version", "trusted.x", "1", 1, 0));
	SHOW(getxattr("/proc/version", "user.x", NULL, 0));
}
