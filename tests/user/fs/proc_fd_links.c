/* SPDX-License-Identifier: MIT */
/* /proc/self/fd: names of what is open, and opening through them. */
#include "harness.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

static void show(const char *what, int fd)
{
	char path[64], text[512];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, text, sizeof(text) - 1);
	text[n < 0 ? 0 : n] = 0;
	/* Inode numbers are not part of the contract. */
	for (char *p = text; *p; p++)
		if (*p >= '0' && *p <= '9' && text[0] != '/')
			*p = '#';
	if (strstr(text, "/test"))
		note("%s: ...%s", what, strstr(text, "/test"));
	else
		note("%s: %s", what, text);
}

TEST(fdlinks, names)
{
	int pipes[2];
	sigset_t set;

	sigemptyset(&set);
	put_file("f", "");
	REQUIRE_OK(pipe(pipes));
	show("file", open("f", O_RDONLY));
	show("directory", open(".", O_RDONLY));
	show("root", open("/", O_RDONLY));
	show("O_PATH", open("f", O_PATH));
	show("device", open("/dev/null", O_RDONLY));
	show("proc", open("/proc/version", O_RDONLY));
	show("epoll", epoll_create1(0));
	show("eventfd", eventfd(0, 0));
	show("timerfd", timerfd_create(CLOCK_MONOTONIC, 0));
	show("signalfd", signalfd(-1, &set, 0));
	show("memfd", memfd_create("abc", 0));
	show("closed", 99);
}

TEST(fdlinks, a_name_follows_renames)
{
	int fd;

	put_file("f", "");
	fd = open("f", O_RDONLY);
	rename("f", "g");
	show("renamed", fd);
	unlink("g");
	show("deleted", fd);
}

TEST(fdlinks, permission_bits_show_the_mode)
{
	static const int modes[] = { O_RDONLY, O_WRONLY, O_RDWR };
	char path[64];
	struct stat st;

	put_file("f", "");
	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", open("f", modes[i]));
		lstat(path, &st);
		note("%o", st.st_mode);
	}
}

TEST(fdlinks, opening_one_checks_the_files_permission)
{
	char path[64];
	int fd;

	put_file("f", "text");
	chmod("f", 0444);
	fd = open("f", O_RDONLY);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	AS_USER(1000, 1000, {
		SHOW(open(path, O_RDONLY) >= 0);
		SHOW(open(path, O_WRONLY));
	});
	SHOW(open(path, O_RDONLY | O_NOFOLLOW));
	SHOW(open("/proc/self/fd/99", O_RDONLY));
	SHOW(unlink(path));
}

TEST(fdlinks, stdin_names)
{
	char a[128], b[128];
	ssize_t n = readlink("/proc/self/fd/0", a, 127), m = readlink("/dev/fd/0", b, 127);

	note("%.*s %.*s", (int)n, a, (int)m, b);
}
