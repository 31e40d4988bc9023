/* SPDX-License-Identifier: MIT */
/* openat(2) and openat's directory descriptor: each errno that can be provoked. */
#include "harness.h"
#include <sys/resource.h>

TEST(open, bad_pointers_and_descriptors)
{
	int fd;

	put_file("f", "");
	fd = REQUIRE_OK(open("f", O_RDONLY));
	SHOW(syscall(SYS_openat, AT_FDCWD, NULL, O_RDONLY));
	SHOW(syscall(SYS_openat, AT_FDCWD, (char *)8, O_RDONLY));
	SHOW(syscall(SYS_openat, AT_FDCWD, (char *)-4096L, O_RDONLY));
	SHOW(openat(-1, "f", O_RDONLY));
	SHOW(openat(555, "f", O_RDONLY));
	SHOW(openat(fd, "f", O_RDONLY));
	SHOW(openat(fd, "", O_RDONLY));
	SHOW(openat(AT_FDCWD, "", O_RDONLY));
	EXPECT_OK(openat(-1, "/proc", O_RDONLY));
	EXPECT_OK(openat(fd, "/", O_RDONLY));
}

TEST(open, a_component_that_is_not_a_directory)
{
	put_file("f", "");
	symlink("f", "l");
	SHOW(open("f/x", O_RDONLY));
	SHOW(open("l/x", O_RDONLY));
	SHOW(open("f/.", O_RDONLY));
	SHOW(open("f/..", O_RDONLY));
	SHOW(open("f/", O_RDONLY));
	SHOW(open("none/x", O_RDONLY));
	SHOW(open("none/..", O_RDONLY));
}

TEST(open, relative_to_a_descriptor_follows_the_directory)
{
	int dir;

	mkdir("a", 0755);
	put_file("a/f", "inside");
	dir = REQUIRE_OK(open("a", O_RDONLY | O_DIRECTORY));
	EXPECT_OK(rename("a", "b"));
	EXPECT_OK(close(openat(dir, "f", O_RDONLY)));
	EXPECT_OK(close(openat(dir, "../b/f", O_RDONLY)));
	EXPECT_OK(unlink("b/f"));
	EXPECT_OK(rmdir("b"));
	SHOW(openat(dir, "f", O_RDONLY));
	SHOW(openat(dir, "f", O_WRONLY | O_CREAT, 0644));
	EXPECT_OK(close(openat(dir, ".", O_RDONLY)));
}

TEST(open, the_last_descriptor_is_emfile)
{
	struct rlimit limit = { 8, 8 };
	int fd, last = -1;

	EXPECT_OK(setrlimit(RLIMIT_NOFILE, &limit));
	while ((fd = open("/", O_RDONLY)) >= 0)
		last = fd;
	note("last %d then %s", last, errno_name(errno));
	SHOW(dup(0));
	SHOW(dup2(0, 8));
	SHOW(fcntl(0, F_DUPFD, 8));
	SHOW(fcntl(0, F_DUPFD, 7));
	SHOW(open("/nonexistent", O_RDONLY));
	SHOW(open("made", O_WRONLY | O_CREAT, 0644));
	note("made exists: %s", RESULT(access("made", F_OK)));
}

TEST(open, a_running_program_is_etxtbsy)
{
	char path[256];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	REQUIRE_TRUE(n > 0);
	path[n] = 0;
	note("write: %s", RESULT(open(path, O_WRONLY)));
	note("truncate: %s", RESULT(truncate(path, 0)));
	EXPECT_OK(close(open(path, O_RDONLY)));
}

TEST(open, permission_is_checked_for_an_ordinary_user)
{
	put_file("none", "");
	put_file("ro", "");
	put_file("wo", "");
	mkdir("closed", 0700);
	put_file("closed/f", "");
	mkdir("noread", 0711);
	put_file("noread/f", "");
	chmod("none", 0000);
	chmod("ro", 0444);
	chmod("wo", 0222);
	EXPECT_OK(close(open("none", O_RDWR)));
	AS_USER(1000, 1000, {
		SHOW(open("none", O_RDONLY));
		SHOW(close(open("ro", O_RDONLY)));
		SHOW(open("ro", O_WRONLY));
		SHOW(open("ro", O_RDONLY | O_TRUNC));
		SHOW(close(open("wo", O_WRONLY)));
		SHOW(open("wo", O_RDWR));
		SHOW(open("closed/f", O_RDONLY));
		SHOW(open("closed/missing", O_RDONLY));
		SHOW(close(open("noread/f", O_RDONLY)));
		SHOW(open("noread", O_RDONLY));
		SHOW(open("new", O_WRONLY | O_CREAT, 0644));
		SHOW(open("none", O_RDONLY | O_CREAT, 0644));
		SHOW(open("none", O_RDONLY | O_CREAT | O_EXCL, 0644));
	});
}

TEST(open, a_fifo_or_socket_inode_behind_open)
{
	EXPECT_OK(mknod("s", S_IFSOCK | 0644, 0));
	EXPECT_OK(mkfifo("p", 0644));
	SHOW(open("s", O_RDONLY));
	SHOW(open("s", O_RDWR));
	SHOW(open("p", O_WRONLY | O_NONBLOCK));
	EXPECT_OK(open("p", O_RDONLY | O_NONBLOCK));
	EXPECT_OK(open("s", O_PATH));
}

TEST(open, device_nodes_without_a_driver)
{
	EXPECT_OK(mknod("c", S_IFCHR | 0644, (dev_t)0x0e0f00));
	EXPECT_OK(mknod("b", S_IFBLK | 0644, (dev_t)0x0e0f00));
	note("char: %s", RESULT(open("c", O_RDONLY)));
	note("block: %s", RESULT(open("b", O_RDONLY)));
}
