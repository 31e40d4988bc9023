/* SPDX-License-Identifier: MIT */
/* Buffers that end in unmapped memory: what has been transferred before the bad page is counted. */
#include "../harness.h"
#include "../process/util.h"
#include <sys/uio.h>
#include <sys/utsname.h>

#define PAGE 4096UL

/* N good bytes, then nothing mapped. */
static char *edge(size_t n)
{
	char *p = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	memset(p, 'e', 3 * PAGE);
	munmap(p + 3 * PAGE, PAGE);
	return p + 3 * PAGE - n;
}

static int filled(size_t size)
{
	int fd = temp_fd();
	static char data[65536];

	memset(data, 'f', sizeof(data));
	write_all(fd, data, size);
	lseek(fd, 0, SEEK_SET);
	return fd;
}

TEST(partial, files)
{
	int fd = filled(20000);

	note("read: %s", RESULT(read(fd, edge(100), 1000)));
	note("offset %ld", (long)lseek(fd, 0, SEEK_CUR));
	lseek(fd, 0, SEEK_SET);
	note("read over pages: %s", RESULT(read(fd, edge(5000), 10000)));
	note("offset %ld", (long)lseek(fd, 0, SEEK_CUR));
	lseek(fd, 0, SEEK_SET);
	note("read at the hole: %s", RESULT(read(fd, edge(0), 10)));
	note("offset %ld", (long)lseek(fd, 0, SEEK_CUR));
	note("write: %s", RESULT(write(fd, edge(100), 1000)));
	note("offset %ld", (long)lseek(fd, 0, SEEK_CUR));
	lseek(fd, 0, SEEK_SET);
	note("write over pages: %s", RESULT(write(fd, edge(5000), 10000)));
	note("write at the hole: %s", RESULT(write(fd, edge(0), 10)));
	note("pread: %s", RESULT(pread(fd, edge(10), 100, 0)));
	note("pwrite: %s", RESULT(pwrite(fd, edge(10), 100, 0)));
}

TEST(partial, vectors)
{
	int fd = filled(20000);
	char good[100];
	struct iovec iov[3] = { { good, 100 }, { edge(50), 100 }, { good, 100 } };

	note("readv: %s", RESULT(readv(fd, iov, 3)));
	note("writev: %s", RESULT(writev(fd, iov, 3)));
	iov[0].iov_base = edge(0);
	note("readv, first bad: %s", RESULT(readv(fd, iov, 3)));
	iov[0] = (struct iovec){ good, ~0UL };
	note("length negative: %s", RESULT(readv(fd, iov, 3)));
	iov[0] = (struct iovec){ good, 0x7fffffffffffffff };
	note("sum overflows: %s", RESULT(readv(fd, iov, 3)));
	note("count 0: %s", RESULT(readv(fd, iov, 0)));
	note("count -1: %s", RESULT(readv(fd, iov, -1)));
	note("count 1025: %s", RESULT(readv(fd, iov, 1025)));
}

/*
 * Elsewhere the count may stop short of the bad page by as much as the copy loop moves at once, or the
 * call may fail as a whole: either is a correct answer, more than GOOD is not.
 */
static const char *short_or_efault(long result, long good)
{
	if (result == -1)
		return errno == EFAULT ? "within bounds" : errno_name(errno);
	return result > 0 && result <= good ? "within bounds" : "too much";
}

TEST(partial, pipes)
{
	static char all[65536];
	int pipes[2];
	long n, total;

	EXPECT_OK(pipe2(pipes, O_NONBLOCK));
	n = write(pipes[1], edge(100), 200);
	total = n > 0 ? n : 0;
	note("write: %s", short_or_efault(n, 100));
	n = write(pipes[1], edge(5000), 10000);
	total += n > 0 ? n : 0;
	note("write over pages: %s", short_or_efault(n, 5000));
	n = read(pipes[0], all, sizeof(all));
	EXPECT_EQ(n > 0 ? n : 0, total);
	write_all(pipes[1], all, 1000);
	note("read: %s", short_or_efault(read(pipes[0], edge(60), 100), 60));
}

TEST(partial, special_files)
{
	note("zero: %s", short_or_efault(read(open("/dev/zero", O_RDONLY), edge(100), 1000), 100));
	note("urandom: %s", short_or_efault(read(open("/dev/urandom", O_RDONLY), edge(100), 1000), 100));
	note("null: %s", RESULT(write(open("/dev/null", O_WRONLY), edge(100), 1000)));
	note("proc: %s", short_or_efault(read(open("/proc/self/status", O_RDONLY), edge(10), 100), 10));
	note("getrandom: %s", short_or_efault(syscall(SYS_getrandom, edge(10), 100, 0), 10));
	note("directory: %s", RESULT(syscall(SYS_getdents64, open("/", O_RDONLY), edge(10), 4096)));
}

TEST(partial, structures)
{
	struct stat *st = (struct stat *)edge(sizeof(struct stat) - 1);

	note("stat one byte short: %s", RESULT(syscall(SYS_fstat, 1, st)));
	note("stat whole: %s", RESULT(syscall(SYS_fstat, 1, edge(sizeof(struct stat)))));
	note("uname one byte short: %s", RESULT(syscall(SYS_uname, edge(sizeof(struct utsname) - 1))));
	note("uname whole: %s", RESULT(syscall(SYS_uname, edge(sizeof(struct utsname)))));
	note("timespec short: %s", RESULT(syscall(SYS_clock_gettime, 1, edge(15))));
	note("timespec whole: %s", RESULT(syscall(SYS_clock_gettime, 1, edge(16))));
	note("misaligned: %s", RESULT(syscall(SYS_clock_gettime, 1, edge(101))));
}

TEST(partial, strings)
{
	char *p = edge(5);

	memcpy(p, "/tmp", 5);
	note("path to the last byte: %s", RESULT(access(p, F_OK)));
	memcpy(p, "/tmp/", 5);
	note("path without end: %s", RESULT(access(p, F_OK)));
	p = edge(8);
	memcpy(p, "../././", 8);
	note("path with its end on the edge: %s", RESULT(access(p, F_OK)));
	memcpy(p, "////////", 8);
	note("no end: %s", RESULT(syscall(SYS_openat, AT_FDCWD, p, O_RDONLY)));
}
