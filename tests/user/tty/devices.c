/* SPDX-License-Identifier: MIT */
/* /dev/null, zero, full, random, urandom, kmsg, console: what they answer. */
#include "pty.h"
#include <sys/mman.h>
#include <sys/random.h>

static char block[10000];

TEST(dev, null)
{
	int fd = REQUIRE_OK(open("/dev/null", O_RDWR));
	struct pollfd p = { fd, POLLIN | POLLOUT, 0 };

	SHOW(read(fd, block, 10));
	SHOW(write(fd, block, 10));
	SHOW(write(fd, (void *)8, 10));
	SHOW(lseek(fd, 1000, SEEK_SET));
	SHOW(lseek(fd, 1000, SEEK_END));
	SHOW(pread(fd, block, 1, 5));
	SHOW(pwrite(fd, block, 1, 5));
	SHOW(ftruncate(fd, 0));
	SHOW(open("/dev/null", O_WRONLY | O_TRUNC | O_CREAT, 0644) >= 0);
	SHOW(ioctl(fd, FIONREAD, block));
	note_poll("poll", &p, 0);
	SHOW((long)mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0));
}

TEST(dev, zero)
{
	int fd = REQUIRE_OK(open("/dev/zero", O_RDWR)), sum = 0;
	char *map;

	memset(block, 1, sizeof(block));
	SHOW(read(fd, block, sizeof(block)));
	for (size_t i = 0; i < sizeof(block); i++)
		sum += block[i];
	note("sum %d", sum);
	SHOW(read(fd, (void *)8, 10));
	SHOW(write(fd, block, 10));
	SHOW(pread(fd, block, 10, 12345));
	map = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	SHOW(map[5000]);
	map[5000] = 1;
	map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	IN_CHILD(map[0] = 7);
	SHOW(map[0]);
}

TEST(dev, full)
{
	int fd = REQUIRE_OK(open("/dev/full", O_RDWR));

	SHOW(read(fd, block, 10));
	SHOW(write(fd, block, 10));
	SHOW(write(fd, block, 0));
}

static int looks_random(const unsigned char *data, int size)
{
	int ones = 0;

	for (int i = 0; i < size; i++)
		ones += __builtin_popcount(data[i]);
	return ones > size * 3 && ones < size * 5;
}

TEST(dev, random)
{
	static const char *const names[] = { "/dev/urandom", "/dev/random" };

	for (int i = 0; i < 2; i++) {
		unsigned char a[512], b[512];
		int fd = REQUIRE_OK(open(names[i], O_RDWR)), bits = -1;

		note("%s", names[i]);
		SHOW(read(fd, a, 512));
		SHOW(read(fd, b, 512));
		SHOW(memcmp(a, b, 512) != 0);
		SHOW(looks_random(a, 512) && looks_random(b, 512));
		SHOW(write(fd, a, 512));
		SHOW(ioctl(fd, _IOR('R', 0, int), &bits));
		SHOW(bits > 0);
		SHOW(read(fd, (void *)8, 10));
	}
}

TEST(dev, getrandom)
{
	unsigned char a[256], b[256];

	SHOW(getrandom(a, 256, 0));
	SHOW(getrandom(b, 256, GRND_NONBLOCK));
	SHOW(memcmp(a, b, 256) != 0);
	SHOW(looks_random(a, 256));
	SHOW(getrandom(a, 256, GRND_RANDOM));
	SHOW(getrandom(a, 0, 0));
	SHOW(getrandom(a, 1, 0x100));
	SHOW(syscall(SYS_getrandom, a, 1, GRND_RANDOM | 4));
	SHOW(syscall(SYS_getrandom, (void *)8, 10, 0));
}

TEST(dev, kmsg_takes_and_gives_records)
{
	int fd = REQUIRE_OK(open("/dev/kmsg", O_RDWR | O_NONBLOCK)), found = 0;
	char record[8192];
	ssize_t n;

	SHOW(lseek(fd, 0, SEEK_END));
	SHOW(write(fd, "<6>a mark of the contract test\n", 31));
	while ((n = read(fd, record, sizeof(record) - 1)) > 0 || (n < 0 && errno == EPIPE)) {
		if (n < 0)
			continue;
		record[n] = 0;
		if (strstr(record, ";a mark of the contract test\n")) {
			int level = -1;
			long long sequence = -1, time = -1;
			char flag = 0;

			int fields = sscanf(record, "%d,%lld,%lld,%c;", &level, &sequence, &time, &flag);

			found++;
			note("fields %d level %d flag %c", fields, level & 7, flag);
		}
	}
	note("found %d end %s", found, errno_name(errno));
	SHOW(lseek(fd, 5, SEEK_SET));
}

TEST(dev, console_is_a_terminal)
{
	struct termios t;
	int fd = open("/dev/console", O_RDWR | O_NOCTTY);

	SHOW(fd >= 0);
	SHOW(isatty(fd));
	SHOW(tcgetattr(fd, &t));
	AS_USER(1000, 1000, SHOW(open("/dev/console", O_RDWR | O_NOCTTY)));
}

TEST(dev, tty_without_a_terminal_is_enxio)
{
	IN_CHILD({
		SHOW(setsid() > 0);
		SHOW(open("/dev/tty", O_RDWR));
		SHOW(open("/dev/tty", O_PATH) >= 0);
		SHOW(access("/dev/tty", R_OK | W_OK));
	});
}
