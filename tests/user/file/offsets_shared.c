/* SPDX-License-Identifier: MIT */
/* One open file behind several descriptors and processes: offset and status flags are common. */
#include "harness.h"

TEST(shared, fork_shares_the_offset)
{
	int fd = temp_fd();

	write_all(fd, "0123456789", 10);
	lseek(fd, 2, SEEK_SET);
	IN_CHILD({
		char byte;

		EXPECT_EQ(read(fd, &byte, 1), 1);
		note("child read %c", byte);
		lseek(fd, 3, SEEK_CUR);
	});
	SHOW(lseek(fd, 0, SEEK_CUR));
}

TEST(shared, fork_shares_status_flags_but_not_the_table)
{
	int fd = temp_fd();

	IN_CHILD({
		fcntl(fd, F_SETFL, O_APPEND);
		fcntl(fd, F_SETFD, FD_CLOEXEC);
		dup2(fd, 60);
		close(fd);
	});
	SHOW((fcntl(fd, F_GETFL) & O_APPEND) != 0);
	SHOW(fcntl(fd, F_GETFD));
	SHOW(fcntl(60, F_GETFD));
}

TEST(shared, two_opens_share_nothing)
{
	int a, b;

	put_file("f", "0123456789");
	a = open("f", O_RDWR);
	b = open("f", O_RDWR);
	lseek(a, 5, SEEK_SET);
	SHOW(lseek(b, 0, SEEK_CUR));
	fcntl(a, F_SETFL, O_APPEND);
	SHOW((fcntl(b, F_GETFL) & O_APPEND) != 0);
}

TEST(shared, opening_proc_fd_opens_anew)
{
	char path[64], byte;
	int fd = temp_fd(), again;

	write_all(fd, "0123456789", 10);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	again = REQUIRE_OK(open(path, O_RDONLY));
	SHOW(lseek(again, 0, SEEK_CUR));
	SHOW(read(again, &byte, 1));
	note("%c", byte);
	SHOW(lseek(fd, 0, SEEK_CUR));
}

TEST(shared, clone_files_shares_the_table)
{
	int fd = temp_fd();
	pid_t pid = syscall(SYS_clone, 0x400 /* CLONE_FILES */ | SIGCHLD, 0, 0, 0, 0);

	if (pid == 0) {
		dup2(0, 77);
		close(fd);
		_exit(0);
	}
	EXPECT_CHILD_OK(pid);
	SHOW(fcntl(77, F_GETFD));
	SHOW(fcntl(fd, F_GETFD));
}
