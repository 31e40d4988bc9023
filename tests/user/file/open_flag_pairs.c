/* SPDX-License-Identifier: MIT */
/* openat: access modes and flags in all pairs, on each kind of object. */
#include "harness.h"
#include <sys/socket.h>
#include <sys/un.h>

static const struct { const char *name; int flag; } flags[] = {
	{ "none", 0 }, { "CREAT", O_CREAT }, { "CREAT|EXCL", O_CREAT | O_EXCL }, { "TRUNC", O_TRUNC }, { "APPEND", O_APPEND },
	{ "DIRECTORY", O_DIRECTORY }, { "NOFOLLOW", O_NOFOLLOW }, { "PATH", O_PATH }, { "PATH|NOFOLLOW", O_PATH | O_NOFOLLOW },
	{ "NONBLOCK", O_NONBLOCK }, { "DIRECT", O_DIRECT }, { "NOATIME", O_NOATIME }, { "SYNC", O_SYNC },
	{ "CREAT|DIRECTORY", O_CREAT | O_DIRECTORY }, { "TMPFILE", O_TMPFILE }, { "EXCL", O_EXCL },
};
static const char *const modes[] = { "r", "w", "rw", "3" };
static const char *const objects[] = { "file", "dir", "link", "dirlink", "dangling", "loop", "fifo", "socket", "null", "none" };

static void make_all(void)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX, .sun_path = "socket" };

	put_file("file", "x");
	mkdir("dir", 0755);
	symlink("file", "link");
	symlink("dir", "dirlink");
	symlink("nowhere", "dangling");
	symlink("loop", "loop");
	mkfifo("fifo", 0600);
	mknod("null", S_IFCHR | 0600, 0x103);
	bind(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&name, sizeof(name));
}

TEST(pairs, each)
{
	make_all();
	for (size_t o = 0; o < ARRAY_SIZE(objects); o++)
		for (size_t f = 0; f < ARRAY_SIZE(flags); f++)
			for (int mode = 0; mode < 4; mode++) {
				int fd;

				/* A fifo that blocks its opener; O_DIRECT is the file system's matter. */
				if (o == 6 && !(flags[f].flag & (O_NONBLOCK | O_PATH | O_DIRECTORY | O_EXCL)))
					continue;
				if (flags[f].flag == O_DIRECT || (o == 6 && flags[f].flag == O_EXCL))
					continue;
				errno = 0;
				fd = open(objects[o], flags[f].flag | mode, 0600);
				if (mode == 0 || fd >= 0 || f > 0)
					note("%s %s %s: %s", objects[o], flags[f].name, modes[mode], fd >= 0 ? "opened" : errno_name(errno));
				if (fd >= 0) {
					close(fd);
					if (o == 4)
						unlink("nowhere");
					if (o == 9)
						unlink("none");
				}
			}
}
