/* SPDX-License-Identifier: MIT */
/* read, write, lseek, ftruncate, fsync on each kind of descriptor: who answers what. */
#include "harness.h"
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

enum { KINDS = 13 };
static const char *const kind_names[KINDS] = {
	"directory", "path", "pipe reader", "pipe writer", "read-only file", "write-only file", "socket", "epoll",
	"eventfd", "timerfd", "signalfd", "inotify", "pidfd",
};
static int fds[KINDS];

static void make_all(void)
{
	int p[2];
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	put_file("f", "contents");
	REQUIRE_OK(pipe2(p, O_NONBLOCK));
	fds[0] = open(".", O_RDONLY | O_DIRECTORY);
	fds[1] = open("f", O_PATH);
	fds[2] = p[0];
	fds[3] = p[1];
	fds[4] = open("f", O_RDONLY);
	fds[5] = open("f", O_WRONLY);
	fds[6] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	fds[7] = epoll_create1(0);
	fds[8] = eventfd(0, EFD_NONBLOCK);
	fds[9] = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	fds[10] = signalfd(-1, &set, SFD_NONBLOCK);
	fds[11] = inotify_init1(IN_NONBLOCK);
	fds[12] = (int)syscall(SYS_pidfd_open, getpid(), 0);
	signal(SIGPIPE, SIG_IGN);
}

#define EACH(what, call) do {                                                               \
	for (int i = 0; i < KINDS; i++) {                                                   \
		int fd = fds[i];                                                            \
		note("%s: " what " %s", kind_names[i], RESULT(call));                       \
	}                                                                                   \
} while (0)

TEST(wrong, reads)
{
	char space[256];

	make_all();
	EACH("read", read(fd, space, 256));
	EACH("short read", read(fd, space, 1));
	EACH("empty read", read(fd, space, 0));
	EACH("pread", pread(fd, space, 1, 0));
	EACH("pread before the start", pread(fd, space, 1, -1));
	EACH("getdents", syscall(SYS_getdents64, fd, space, 8));
}

TEST(wrong, writes)
{
	uint64_t one = 1;

	make_all();
	EACH("write", write(fd, &one, 8));
	EACH("empty write", write(fd, &one, 0));
	EACH("short write", write(fd, &one, 3));
	EACH("pwrite", pwrite(fd, &one, 8, 0));
}

TEST(wrong, positions)
{
	make_all();
	EACH("SEEK_CUR", lseek(fd, 0, SEEK_CUR));
	EACH("SEEK_END", lseek(fd, 0, SEEK_END) < 0 ? -1 : 0);
	EACH("SEEK_DATA", lseek(fd, 0, SEEK_DATA) < 0 ? -1 : 0);
	EACH("whence 9", lseek(fd, 0, 9));
}

TEST(wrong, others)
{
	make_all();
	EACH("ftruncate", ftruncate(fd, 0));
	EACH("fsync", fsync(fd));
	EACH("fdatasync", fdatasync(fd));
	EACH("sync_file_range", sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE));
	EACH("fallocate", fallocate(fd, 0, 0, 1));
	EACH("syncfs", syncfs(fd));
	EACH("fchdir", i ? fchdir(fd) : 0);
	EACH("fchmod", fchmod(fd, 0700));
	EACH("flock", flock(fd, LOCK_EX | LOCK_NB));
	EACH("lock", fcntl(fd, F_SETLK, &(struct flock){ .l_type = F_RDLCK }));
}
