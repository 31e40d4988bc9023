/* SPDX-License-Identifier: MIT */
/* RLIMIT_FSIZE: short writes up to it, then SIGXFSZ and EFBIG; the same for truncation and reservation. */
#include "harness.h"
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

static volatile sig_atomic_t caught;

static void on_signal(int number)
{
	caught++;
}

static int limited(void)
{
	struct rlimit r = { 10, RLIM_INFINITY };
	int fd = open("f", O_RDWR | O_CREAT, 0600);

	signal(SIGXFSZ, on_signal);
	REQUIRE_OK(setrlimit(RLIMIT_FSIZE, &r));
	return fd;
}

TEST(fsize, writes)
{
	struct iovec v[2] = { { "abcd", 4 }, { "efghijkl", 8 } };
	int fd = limited();

	SHOW(write(fd, "01234567", 8));
	SHOW(write(fd, "89ab", 4));
	note("signals %d", caught);
	SHOW(write(fd, "cd", 2));
	note("signals %d", caught);
	SHOW(write(fd, "", 0));
	note("signals %d", caught);
	SHOW(pwrite(fd, "xyz", 3, 8));
	SHOW(pwrite(fd, "xyz", 3, 10));
	note("signals %d", caught);
	SHOW(pwrite(fd, "xyz", 3, 100));
	note("signals %d", caught);
	SHOW(pwritev(fd, v, 2, 0));
	SHOW(lseek(fd, 0, SEEK_END));
}

TEST(fsize, truncation)
{
	int fd = limited();

	SHOW(ftruncate(fd, 10));
	SHOW(ftruncate(fd, 11));
	note("signals %d", caught);
	SHOW(truncate("f", 1000));
	note("signals %d", caught);
	SHOW(fallocate(fd, 0, 0, 10));
	SHOW(fallocate(fd, 0, 0, 11));
	SHOW(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 11));
	note("signals %d", caught);
}

TEST(fsize, copies)
{
	int fd = limited(), source, p[2];
	off_t zero = 0;

	source = open("/proc/self/exe", O_RDONLY);
	REQUIRE_OK(pipe(p));
	SHOW(sendfile(fd, source, &zero, 100));
	note("signals %d", caught);
	SHOW(sendfile(fd, source, &zero, 100));
	note("signals %d", caught);
	write_all(p[1], "0123456789abcdef", 16);
	lseek(fd, 4, SEEK_SET);
	SHOW(splice(p[0], NULL, fd, NULL, 16, 0));
	SHOW(splice(p[0], NULL, fd, NULL, 16, 0));
	note("signals %d", caught);
}

TEST(fsize, pipes_and_devices_have_no_limit)
{
	int p[2];

	limited();
	REQUIRE_OK(pipe(p));
	SHOW(write(p[1], "0123456789abcdef", 16));
	SHOW(write(open("/dev/null", O_WRONLY), "0123456789abcdef", 16));
	note("signals %d", caught);
}

TEST(fsize, the_signal_ends_the_process)
{
	pid_t pid;

	CHILD(pid) {
		int fd = limited();

		signal(SIGXFSZ, SIG_DFL);
		pwrite(fd, "x", 1, 10);
	}
	note("%s", status_name(child_status(pid) & ~0x80));
	IN_CHILD({
		int fd = limited();

		signal(SIGXFSZ, SIG_IGN);
		SHOW(pwrite(fd, "x", 1, 10));
	});
}
