/* SPDX-License-Identifier: MIT */
/* What a slash at the end, a dot at the end and doubled slashes mean to each call. */
#include "harness.h"

static void fill(void)
{
	put_file("f", "");
	REQUIRE_OK(mkdir("d", 0755));
	REQUIRE_OK(symlink("f", "sf"));
	REQUIRE_OK(symlink("d", "sd"));
	REQUIRE_OK(symlink("n", "sn"));
	REQUIRE_OK(symlink("d/", "sds"));
	REQUIRE_OK(symlink("f/", "sfs"));
}

static const char *const names[] = {
	"f/", "d/", "sf/", "sd/", "sn/", "n/", "sds", "sfs", "sds/", "d//", "d/.", "d/./", "sd/.", "f/.", "n/.", "./d", "//", "d/../f",
	"f/../d", "sd/../f", "n/../f",
};

#define EACH(what, call) do {                                                               \
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {                                    \
		const char *name = names[i];                                                \
		note(what " %s: %s", name, RESULT(call));                                   \
	}                                                                                   \
} while (0)

TEST(slashes, looking)
{
	struct stat st;
	char space[64];
	int fd;

	fill();
	EACH("stat", stat(name, &st));
	EACH("lstat", lstat(name, &st));
	EACH("access", access(name, F_OK));
	EACH("readlink", readlink(name, space, 64));
	EACH("open", open(name, O_RDONLY) < 0 ? -1 : 0);
	EACH("open nofollow", open(name, O_RDONLY | O_NOFOLLOW) < 0 ? -1 : 0);
	EACH("open path", open(name, O_PATH | O_NOFOLLOW) < 0 ? -1 : 0);
	EACH("open directory", open(name, O_RDONLY | O_DIRECTORY) < 0 ? -1 : 0);
	fd = open(".", O_RDONLY);
	EACH("chdir", chdir(name) < 0 ? -1 : fchdir(fd));
}

TEST(slashes, making)
{
	fill();
	EACH("creat", open(name, O_CREAT | O_WRONLY, 0644) < 0 ? -1 : 0);
	EACH("creat exclusive", open(name, O_CREAT | O_EXCL | O_WRONLY, 0644) < 0 ? -1 : 0);
	SHOW(access("n", F_OK));
	EACH("mkdir", mkdir(name, 0755));
	EACH("mknod", mknod(name, S_IFIFO | 0600, 0));
	EACH("symlink", symlink("x", name));
	EACH("truncate", truncate(name, 0));
}

TEST(slashes, removing)
{
	fill();
	EACH("unlink", unlink(name));
	EACH("rmdir", rmdir(name) == 0 ? mkdir("d", 0755) : -1);
}
