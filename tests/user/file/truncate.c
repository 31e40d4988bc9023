/* SPDX-License-Identifier: MIT */
/* truncate(2), ftruncate(2): shrink, grow, and who may not. */
#include "harness.h"
#include <sys/resource.h>

static long long size_of(int fd)
{
	struct stat st;

	fstat(fd, &st);
	return st.st_size;
}

TEST(truncate, shrinks_and_grows_with_zeros)
{
	char text[16];
	int fd = temp_fd();

	write_all(fd, "0123456789", 10);
	SHOW(ftruncate(fd, 4));
	SHOW(size_of(fd));
	SHOW(ftruncate(fd, 12));
	SHOW(size_of(fd));
	SHOW(pread(fd, text, 16, 0));
	EXPECT_TRUE(memcmp(text, "0123\0\0\0\0\0\0\0\0", 12) == 0);
	SHOW(lseek(fd, 0, SEEK_CUR));
	SHOW(ftruncate(fd, 0));
	SHOW(read(fd, text, 1));
}

TEST(truncate, shrinking_inside_a_page_clears_the_rest)
{
	char text[4];
	int fd = temp_fd();
	char block[8192];

	memset(block, 'q', sizeof(block));
	write_all(fd, block, sizeof(block));
	EXPECT_OK(ftruncate(fd, 5000));
	EXPECT_OK(ftruncate(fd, 8192));
	SHOW(pread(fd, text, 4, 4998));
	EXPECT_TRUE(memcmp(text, "qq\0\0", 4) == 0);
	SHOW(pread(fd, text, 4, 8188));
	EXPECT_TRUE(memcmp(text, "\0\0\0\0", 4) == 0);
}

TEST(truncate, errors)
{
	int pipes[2], fd;

	put_file("f", "text");
	mkdir("d", 0755);
	mkfifo("p", 0644);
	symlink("f", "l");
	symlink("loop", "loop");
	REQUIRE_OK(pipe(pipes));
	fd = open("f", O_RDONLY);
	SHOW(ftruncate(fd, 0));
	SHOW(ftruncate(-1, 0));
	SHOW(ftruncate(pipes[1], 0));
	SHOW(ftruncate(open("f", O_RDWR), -1));
	SHOW(ftruncate(open("f", O_PATH), 0));
	SHOW(ftruncate(open("/dev/null", O_WRONLY), 0));
	SHOW(truncate("f", -1));
	SHOW(truncate("none", 0));
	SHOW(truncate("d", 0));
	SHOW(truncate("p", 0));
	SHOW(truncate("f/x", 0));
	SHOW(truncate("loop", 0));
	SHOW(truncate("", 0));
	SHOW(truncate("/dev/null", 0));
	SHOW(truncate("l", 2));
	EXPECT_STR(get_file("f"), "te");
}

TEST(truncate, wants_write_permission)
{
	put_file("f", "text");
	chmod("f", 0444);
	AS_USER(1000, 1000, SHOW(truncate("f", 0)));
	SHOW(truncate("f", 1));
}

TEST(truncate, beyond_the_file_size_limit_is_efbig_and_sigxfsz)
{
	pid_t pid;

	put_file("f", "text");
	CHILD(pid) {
		struct rlimit limit = { 100, 100 };
		int fd = open("f", O_RDWR);

		signal(SIGXFSZ, SIG_IGN);
		setrlimit(RLIMIT_FSIZE, &limit);
		SHOW(truncate("f", 101));
		SHOW(ftruncate(fd, 100));
		SHOW(pwrite(fd, "0123456789", 10, 95));
		SHOW(pwrite(fd, "0123456789", 10, 100));
	}
	EXPECT_CHILD_OK(pid);
	CHILD(pid) {
		struct rlimit limit = { 100, 100 };

		setrlimit(RLIMIT_FSIZE, &limit);
		truncate("f", 101);
	}
	note("without a handler: %s", status_name(child_status(pid)));
}
