/* SPDX-License-Identifier: MIT */
/* openat(2): what each flag does, and which combinations the kernel refuses. */
#include "harness.h"

static const char *access_name(int flags)
{
	static const char *const names[] = { "O_RDONLY", "O_WRONLY", "O_RDWR", "3" };

	return names[flags & O_ACCMODE];
}

TEST(open, access_modes_limit_what_the_descriptor_can_do)
{
	static const int modes[] = { O_RDONLY, O_WRONLY, O_RDWR, 3 };
	char byte;

	put_file("f", "text");
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		int fd = REQUIRE_OK(open("f", modes[i]));

		note("%s read %s write %s", access_name(modes[i]), RESULT(read(fd, &byte, 1)),
		     RESULT(write(fd, "x", 1)));
		note("getfl accmode %s", access_name(fcntl(fd, F_GETFL)));
		close(fd);
	}
}

TEST(open, creat_makes_the_file_once)
{
	SHOW(open("new", O_RDONLY));
	EXPECT_OK(close(open("new", O_WRONLY | O_CREAT, 0644)));
	EXPECT_OK(close(open("new", O_WRONLY | O_CREAT, 0600)));
	SHOW(open("new", O_WRONLY | O_CREAT | O_EXCL, 0644));
	SHOW(open("none/new", O_WRONLY | O_CREAT, 0644));
	SHOW(open(".", O_WRONLY | O_CREAT, 0644));
	SHOW(open("new/", O_WRONLY | O_CREAT, 0644));
	SHOW(open("other/", O_WRONLY | O_CREAT, 0644));
}

TEST(open, excl_refuses_a_symlink_even_a_dangling_one)
{
	EXPECT_OK(symlink("target", "dangling"));
	SHOW(open("dangling", O_WRONLY | O_CREAT | O_EXCL, 0644));
	SHOW(access("target", F_OK));
	EXPECT_OK(close(open("dangling", O_WRONLY | O_CREAT, 0644)));
	SHOW(access("target", F_OK));
}

TEST(open, trunc_empties_only_when_it_may)
{
	struct stat st;

	put_file("f", "0123456789");
	close(REQUIRE_OK(open("f", O_RDWR)));
	stat("f", &st);
	EXPECT_EQ(st.st_size, 10);
	close(REQUIRE_OK(open("f", O_WRONLY | O_TRUNC)));
	stat("f", &st);
	EXPECT_EQ(st.st_size, 0);
	put_file("f", "0123456789");
	close(REQUIRE_OK(open("f", O_RDONLY | O_TRUNC)));
	stat("f", &st);
	note("O_RDONLY|O_TRUNC leaves %lld bytes", (long long)st.st_size);
}

TEST(open, directory_flag_wants_a_directory)
{
	put_file("f", "");
	symlink(".", "dirlink");
	SHOW(open("f", O_RDONLY | O_DIRECTORY));
	EXPECT_OK(open("dirlink", O_RDONLY | O_DIRECTORY));
	SHOW(open("dirlink", O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
	SHOW(open("none", O_RDONLY | O_DIRECTORY));
	SHOW(open(".", O_WRONLY));
	SHOW(open(".", O_RDWR));
	SHOW(open(".", O_RDWR | O_DIRECTORY));
	SHOW(open(".", O_RDONLY | O_TRUNC));
}

TEST(open, nofollow_refuses_only_the_last_component)
{
	mkdir("d", 0755);
	put_file("d/f", "x");
	symlink("d", "ld");
	symlink("d/f", "lf");
	SHOW(open("lf", O_RDONLY | O_NOFOLLOW));
	EXPECT_OK(open("ld/f", O_RDONLY | O_NOFOLLOW));
	EXPECT_OK(open("d/f", O_RDONLY | O_NOFOLLOW));
	EXPECT_OK(open("ld/", O_RDONLY | O_NOFOLLOW));
}

TEST(open, status_flags_are_kept_and_creation_flags_are_not)
{
	static const struct { int flag; const char *name; } flags[] = {
		{ O_APPEND, "O_APPEND" }, { O_NONBLOCK, "O_NONBLOCK" }, { O_DSYNC, "O_DSYNC" },
		{ O_SYNC, "O_SYNC" }, { O_NOATIME, "O_NOATIME" }, { O_CREAT, "O_CREAT" },
		{ O_TRUNC, "O_TRUNC" }, { O_NOCTTY, "O_NOCTTY" }, { O_CLOEXEC, "O_CLOEXEC" },
		{ O_NOFOLLOW, "O_NOFOLLOW" }, { O_DIRECTORY, "O_DIRECTORY" }, { O_ASYNC, "O_ASYNC" },
	};
	struct stat st;

	put_file("f", "");
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		const char *path = flags[i].flag == O_DIRECTORY ? "." : "f";
		int access_mode = flags[i].flag == O_DIRECTORY ? O_RDONLY : O_RDWR;
		int fd = REQUIRE_OK(open(path, access_mode | flags[i].flag, 0644));

		note("%s: kept %d fdflags %d", flags[i].name,
		     (fcntl(fd, F_GETFL) & flags[i].flag) == flags[i].flag, fcntl(fd, F_GETFD));
		EXPECT_OK(fstat(fd, &st));
		close(fd);
	}
	EXPECT_OK(open("f", O_RDONLY | 0x40000000));
}

TEST(open, large_file_bit_is_always_on)
{
	int fd = REQUIRE_OK(open(".", O_RDONLY));

	/* The kernel forces it on 64-bit; the value is the architecture's. */
	note("getfl of a plain directory has one more bit: %d",
	     __builtin_popcount(fcntl(fd, F_GETFL)) == 1);
}

TEST(open, noatime_needs_the_owner)
{
	chmod(".", 0777);
	put_file("f", "x");
	chmod("f", 0666);
	EXPECT_OK(close(open("f", O_RDONLY | O_NOATIME)));
	AS_USER(1000, 1000, SHOW(open("f", O_RDONLY | O_NOATIME)));
}
