/* SPDX-License-Identifier: MIT */
/* openat2: the size of its structure, every resolve flag against every kind of path, flags that open(2) forgives. */
#include "harness.h"
#include <linux/openat2.h>

static long open2(int fd, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve)
{
	struct open_how how = { .flags = flags, .mode = mode, .resolve = resolve };
	long got = syscall(SYS_openat2, fd, path, &how, sizeof(how));

	if (got >= 0)
		close(got);
	return got < 0 ? got : 0;
}

static void fill(void)
{
	put_file("f", "x");
	REQUIRE_OK(mkdir("d", 0755));
	put_file("d/f", "x");
	REQUIRE_OK(symlink("f", "s"));
	REQUIRE_OK(symlink("/proc/self/exe", "magic"));
	REQUIRE_OK(symlink("/tmp", "absolute"));
	REQUIRE_OK(symlink("../f", "d/up"));
	REQUIRE_OK(symlink("d", "sd"));
}

TEST(openat2err, sizes)
{
	struct { struct open_how how; uint64_t more[2]; } big = { .how.flags = O_RDONLY };

	fill();
	SHOW(syscall(SYS_openat2, AT_FDCWD, "f", &big, 0ul));
	SHOW(syscall(SYS_openat2, AT_FDCWD, "f", &big, 23ul));
	SHOW(syscall(SYS_openat2, AT_FDCWD, "f", &big, 25ul) >= 0);
	SHOW(syscall(SYS_openat2, AT_FDCWD, "f", &big, sizeof(big)) >= 0);
	big.more[1] = 1;
	SHOW(syscall(SYS_openat2, AT_FDCWD, "f", &big, sizeof(big)));
	SHOW(syscall(SYS_openat2, AT_FDCWD, "f", &big, 5000ul));
	SHOW(syscall(SYS_openat2, AT_FDCWD, "f", NULL, 24ul));
	SHOW(syscall(SYS_openat2, AT_FDCWD, NULL, &big, 24ul));
}

TEST(openat2err, flags)
{
	fill();
	SHOW(open2(AT_FDCWD, "f", 1ull << 40, 0, 0));
	SHOW(open2(AT_FDCWD, "f", 0x80000000u, 0, 0));
	SHOW(open2(AT_FDCWD, "f", O_RDONLY, 0644, 0));
	SHOW(open2(AT_FDCWD, "n", O_RDWR | O_CREAT, 0644, 0));
	SHOW(open2(AT_FDCWD, "m", O_RDWR | O_CREAT, 010000, 0));
	SHOW(open2(AT_FDCWD, "m", O_RDWR | O_CREAT, 07777, 0));
	SHOW(open2(AT_FDCWD, "f", O_PATH | O_RDWR, 0, 0));
	SHOW(open2(AT_FDCWD, "f", O_PATH | O_CLOEXEC, 0, 0));
	SHOW(open2(AT_FDCWD, ".", O_TMPFILE | O_RDONLY, 0600, 0));
	SHOW(open2(AT_FDCWD, ".", O_TMPFILE | O_RDWR, 0600, 0));
	SHOW(open2(AT_FDCWD, ".", O_DIRECTORY | O_CREAT, 0600, 0));
	SHOW(open2(AT_FDCWD, "f", O_RDONLY, 0, 0x40));
	SHOW(open2(AT_FDCWD, "f", O_RDONLY, 0, 1ull << 40));
	SHOW(open2(AT_FDCWD, "f", O_RDONLY, 0, RESOLVE_BENEATH | RESOLVE_IN_ROOT));
	SHOW(open2(-1, "f", O_RDONLY, 0, 0));
	SHOW(open2(AT_FDCWD, "", O_RDONLY, 0, 0));
	SHOW(open2(AT_FDCWD, "f", O_ACCMODE, 0, 0));
}

TEST(openat2err, every_restriction_and_path)
{
	static const struct { const char *name; uint64_t flag; } flags[] = {
		{ "none", 0 }, { "no_xdev", RESOLVE_NO_XDEV }, { "no_magiclinks", RESOLVE_NO_MAGICLINKS },
		{ "no_symlinks", RESOLVE_NO_SYMLINKS }, { "beneath", RESOLVE_BENEATH }, { "in_root", RESOLVE_IN_ROOT },
	};
	static const char *const paths[] = {
		"f", "d/f", "./f", "s", "sd/f", "d/up", "d/../f", "../test1", "..", "magic", "absolute", "/", "/proc", "/proc/self/exe",
		"/proc/self/cwd/f", "nothing", "f/x",
	};
	int here;

	fill();
	here = open(".", O_RDONLY | O_DIRECTORY);
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		for (size_t j = 0; j < ARRAY_SIZE(paths); j++)
			note("%s %s: %s", flags[i].name, paths[j], RESULT(open2(here, paths[j], O_RDONLY, 0, flags[i].flag)));
	SHOW(open2(here, "s", O_PATH | O_NOFOLLOW, 0, RESOLVE_NO_SYMLINKS));
	SHOW(open2(here, "s", O_NOFOLLOW, 0, 0));
}

TEST(openat2err, cached)
{
	fill();
	SHOW(open2(AT_FDCWD, "f", O_RDONLY, 0, RESOLVE_CACHED));
	SHOW(open2(AT_FDCWD, "new", O_RDWR | O_CREAT, 0644, RESOLVE_CACHED));
	SHOW(open2(AT_FDCWD, "f", O_RDWR | O_TRUNC, 0, RESOLVE_CACHED));
	SHOW(open2(AT_FDCWD, ".", O_RDWR | O_TMPFILE, 0600, RESOLVE_CACHED));
}
