/* SPDX-License-Identifier: MIT */
/* The ioctls that every descriptor has, and what a file, a pipe and a directory make of the others. */
#include "harness.h"
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

TEST(ioctlany, close_on_exec)
{
	int fd = open("/dev/null", O_RDONLY);

	SHOW(fcntl(fd, F_GETFD));
	SHOW(ioctl(fd, FIOCLEX));
	SHOW(fcntl(fd, F_GETFD));
	SHOW(ioctl(fd, FIONCLEX));
	SHOW(fcntl(fd, F_GETFD));
	SHOW(ioctl(-1, FIOCLEX));
	fd = open(".", O_PATH);
	SHOW(ioctl(fd, FIOCLEX));
	SHOW(ioctl(fd, FIONREAD, NULL));
}

TEST(ioctlany, non_blocking)
{
	int p[2], on = 1, off = 0;

	REQUIRE_OK(pipe(p));
	SHOW(ioctl(p[0], FIONBIO, &on));
	SHOW(fcntl(p[0], F_GETFL) & O_NONBLOCK ? 1 : 0);
	SHOW(read(p[0], &on, 1));
	SHOW(ioctl(p[0], FIONBIO, &off));
	SHOW(fcntl(p[0], F_GETFL) & O_NONBLOCK ? 1 : 0);
	SHOW(ioctl(p[0], FIONBIO, NULL));
	SHOW(ioctl(p[0], FIONBIO, (void *)8));
}

TEST(ioctlany, asynchronous)
{
	int p[2], on = 1, off = 0, file;

	put_file("f", "");
	file = open("f", O_RDWR);
	REQUIRE_OK(pipe(p));
	SHOW(ioctl(p[0], FIOASYNC, &on));
	SHOW(fcntl(p[0], F_GETFL) & O_ASYNC ? 1 : 0);
	SHOW(ioctl(p[0], FIOASYNC, &off));
	SHOW(fcntl(p[0], F_GETFL) & O_ASYNC ? 1 : 0);
	SHOW(ioctl(p[0], FIOASYNC, NULL));
	SHOW(ioctl(file, FIOASYNC, &on));
	SHOW(fcntl(file, F_GETFL) & O_ASYNC ? 1 : 0);
	SHOW(ioctl(file, FIOASYNC, &off));
}

TEST(ioctlany, bytes_to_read)
{
	int p[2], s[2], n = -1, fd;

	put_file("f", "0123456789");
	fd = open("f", O_RDONLY);
	REQUIRE_OK(pipe(p));
	REQUIRE_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	write_all(p[1], "abc", 3);
	write_all(s[0], "abcde", 5);
	{
		const char *result = RESULT(ioctl(p[0], FIONREAD, &n));

		note("pipe %s: %d", result, n);
	}
	{
		const char *result = RESULT(ioctl(p[1], FIONREAD, &n));

		note("its other end %s: %d", result, n);
	}
	{
		const char *result = RESULT(ioctl(s[1], FIONREAD, &n));

		note("socket %s: %d", result, n);
	}
	{
		const char *result = RESULT(ioctl(fd, FIONREAD, &n));

		note("file %s: %d", result, n);
	}
	lseek(fd, 4, SEEK_SET);
	{
		const char *result = RESULT(ioctl(fd, FIONREAD, &n));

		note("file at 4 %s: %d", result, n);
	}
	lseek(fd, 20, SEEK_SET);
	{
		const char *result = RESULT(ioctl(fd, FIONREAD, &n));

		note("file behind its end %s: %d", result, n);
	}
	SHOW(ioctl(p[0], FIONREAD, NULL));
	SHOW(ioctl(fd, FIONREAD, NULL));
	SHOW(ioctl(open(".", O_RDONLY), FIONREAD, &n));
	SHOW(ioctl(open("/dev/null", O_RDONLY), FIONREAD, &n));
	SHOW(ioctl(open("/proc/self/stat", O_RDONLY), FIONREAD, &n));
}

TEST(ioctlany, others)
{
	int p[2], fd, n = 0;

	put_file("f", "0123456789");
	fd = open("f", O_RDWR);
	REQUIRE_OK(pipe(p));
	{
		const char *result = RESULT(ioctl(fd, FIGETBSZ, &n));

		note("block size %s: %d", result, n);
	}
	{
		const char *result = RESULT(ioctl(open(".", O_RDONLY), FIGETBSZ, &n));

		note("of a directory %s: %d", result, n);
	}
	SHOW(ioctl(p[0], FIGETBSZ, &n) <= 0 ? errno : 0);
	n = 0;
	SHOW(ioctl(fd, FIBMAP, &n));
	SHOW(ioctl(fd, FIFREEZE, 0));
	SHOW(ioctl(fd, FITRIM, NULL));
	SHOW(ioctl(fd, FICLONE, fd));
	SHOW(ioctl(fd, FICLONE, -1));
	SHOW(ioctl(fd, TCGETS, NULL));
	SHOW(ioctl(p[0], TCGETS, NULL));
	SHOW(ioctl(fd, 0x12345678, NULL));
	SHOW(ioctl(p[0], 0x12345678, NULL));
	SHOW(ioctl(open(".", O_RDONLY), 0x12345678, NULL));
	SHOW(ioctl(open(".", O_PATH), 0x12345678, NULL));
	SHOW(ioctl(socket(AF_UNIX, SOCK_DGRAM, 0), 0x12345678, NULL));
	SHOW(ioctl(-1, 0x12345678, NULL));
}
