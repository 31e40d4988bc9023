/* SPDX-License-Identifier: MIT */
/* /proc/PID/fd and fdinfo. */
#include "shape.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>

static void show_info(const char *what, int fd)
{
	char path[64], *text, *line, *save;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	text = get_file(path);
	note("%s", what);
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (strncmp(line, "mnt_id", 6) && strncmp(line, "ino", 3) &&
		    strncmp(line, "eventfd-id", 10))
			note("  %s", line);
}

TEST(fdinfo, position_and_flags)
{
	int fd = temp_fd();

	write_all(fd, "0123456789", 10);
	show_info("file at 10", fd);
	lseek(fd, 4, SEEK_SET);
	fcntl(fd, F_SETFL, O_APPEND | O_NONBLOCK);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	show_info("append, nonblock, cloexec, at 4", fd);
	show_info("read-only directory", open(".", O_RDONLY | O_DIRECTORY));
	show_info("O_PATH", open(".", O_PATH));
}

TEST(fdinfo, eventfd_and_epoll)
{
	int e = eventfd(5, 0), ep = epoll_create1(0);
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = 0x1234 };
	char *tfd;

	show_info("eventfd", e);
	epoll_ctl(ep, EPOLL_CTL_ADD, e, &event);
	char path[64];
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", ep);
	tfd = strstr(get_file(path), "tfd:");
	SHOW(tfd != NULL);
}

TEST(fdinfo, locks_show)
{
	struct flock lock = { .l_type = F_WRLCK, .l_start = 10, .l_len = 5 };
	int fd = temp_fd();
	char path[64];

	fcntl(fd, F_SETLK, &lock);
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	SHOW(strstr(get_file(path), "POSIX") != NULL);
}

static int by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

TEST(fddir, lists_what_is_open)
{
	int numbers[64], count = 0;
	struct dirent *e;
	DIR *d;

	dup2(0, 30);
	dup2(0, 45);
	d = opendir("/proc/self/fd");
	while ((e = readdir(d)))
		if (e->d_name[0] != '.')
			numbers[count++] = atoi(e->d_name);
	qsort(numbers, count, sizeof(int), by_number);
	for (int i = 0; i < count; i++)
		note("%d%s", numbers[i], numbers[i] == dirfd(d) ? " (the directory)" : "");
}

TEST(fddir, entries_are_symlinks_and_unknown_numbers_are_enoent)
{
	struct stat st;

	SHOW(lstat("/proc/self/fd/0", &st));
	SHOW(S_ISLNK(st.st_mode));
	SHOW(lstat("/proc/self/fd/77", &st));
	SHOW(lstat("/proc/self/fd/x", &st));
	SHOW(lstat("/proc/self/fd/01", &st));
	SHOW(lstat("/proc/self/fd/-1", &st));
	SHOW(lstat("/proc/self/fdinfo/0", &st));
	note("fdinfo mode %o", st.st_mode);
	SHOW(mkdir("/proc/self/fd/x", 0755));
	SHOW(unlink("/proc/self/fd/0"));
}
