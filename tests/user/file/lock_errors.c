/* SPDX-License-Identifier: MIT */
/* flock, POSIX and open-file locks: wrong ranges, wrong descriptors, upgrades, what close and exec do. */
#include "harness.h"
#include <sys/file.h>

static long lock(int fd, int command, int type, int whence, off_t start, off_t length)
{
	struct flock l = { .l_type = (short)type, .l_whence = (short)whence, .l_start = start, .l_len = length };

	return fcntl(fd, command, &l);
}

TEST(lockerr, ranges)
{
	int fd = open("f", O_RDWR | O_CREAT, 0600), ro, wo;

	ro = open("f", O_RDONLY);
	wo = open("f", O_WRONLY);
	SHOW(lock(fd, F_SETLK, F_WRLCK, SEEK_SET, 0, 0));
	SHOW(lock(fd, F_SETLK, F_WRLCK, SEEK_SET, -1, 0));
	SHOW(lock(fd, F_SETLK, F_WRLCK, SEEK_SET, 0, -1));
	SHOW(lock(fd, F_SETLK, F_WRLCK, SEEK_SET, 10, -10));
	SHOW(lock(fd, F_SETLK, F_WRLCK, SEEK_SET, 10, -11));
	SHOW(lock(fd, F_SETLK, F_WRLCK, SEEK_CUR, -1, 0));
	SHOW(lock(fd, F_SETLK, F_WRLCK, SEEK_END, 5, 5));
	SHOW(lock(fd, F_SETLK, F_WRLCK, 9, 0, 0));
	SHOW(lock(fd, F_SETLK, 9, SEEK_SET, 0, 0));
	SHOW(lock(fd, F_SETLK, F_WRLCK, SEEK_SET, 0x7fffffffffffffff, 1));
	SHOW(lock(fd, F_SETLK, F_WRLCK, SEEK_SET, 0x7fffffffffffffff, 2));
	SHOW(lock(ro, F_SETLK, F_WRLCK, SEEK_SET, 0, 0));
	SHOW(lock(wo, F_SETLK, F_RDLCK, SEEK_SET, 0, 0));
	SHOW(lock(ro, F_GETLK, F_WRLCK, SEEK_SET, 0, 0));
	SHOW(lock(fd, F_GETLK, F_UNLCK, SEEK_SET, 0, 0));
	SHOW(lock(-1, F_SETLK, F_WRLCK, SEEK_SET, 0, 0));
	SHOW(lock(open("f", O_PATH), F_SETLK, F_WRLCK, SEEK_SET, 0, 0));
	SHOW(fcntl(fd, F_SETLK, NULL));
	SHOW(fcntl(fd, F_GETLK, (void *)8));
	struct flock with_pid = { .l_type = F_WRLCK, .l_pid = 5 };
	SHOW(fcntl(fd, F_OFD_SETLK, &with_pid));
	with_pid.l_pid = 0;
	SHOW(fcntl(fd, F_OFD_SETLK, &with_pid));
	SHOW(fcntl(fd, F_OFD_GETLK, &with_pid));
}

TEST(lockerr, upgrades_and_splits)
{
	int fd = open("f", O_RDWR | O_CREAT, 0600);

	SHOW(lock(fd, F_SETLK, F_RDLCK, SEEK_SET, 0, 100));
	IN_CHILD({
		int mine = open("f", O_RDWR);

		SHOW(lock(mine, F_SETLK, F_RDLCK, SEEK_SET, 50, 10));
		SHOW(lock(mine, F_SETLK, F_WRLCK, SEEK_SET, 50, 10));
		SHOW(lock(mine, F_SETLK, F_WRLCK, SEEK_SET, 100, 10));
	});
	SHOW(lock(fd, F_SETLK, F_WRLCK, SEEK_SET, 40, 20));
	SHOW(lock(fd, F_SETLK, F_UNLCK, SEEK_SET, 45, 5));
	IN_CHILD({
		struct flock l;

		for (int at = 0; at < 120; at += 5) {
			l = (struct flock){ .l_type = F_WRLCK, .l_start = at, .l_len = 1 };
			fcntl(fd, F_GETLK, &l);
			note("%d: type %d start %lld length %lld pid %d", at, l.l_type, (long long)l.l_start, (long long)l.l_len,
			     l.l_type == F_UNLCK ? 0 : l.l_pid == getppid());
		}
	});
	/* Any close of the file ends all of the process's locks. */
	close(open("f", O_RDONLY));
	IN_CHILD(SHOW(lock(fd, F_SETLK, F_WRLCK, SEEK_SET, 0, 0)));
}

TEST(lockerr, flock)
{
	int a = open("f", O_RDWR | O_CREAT, 0600), b = open("f", O_RDONLY), p[2];

	REQUIRE_OK(pipe(p));
	SHOW(flock(a, 0));
	SHOW(flock(a, 77));
	SHOW(flock(a, LOCK_SH | LOCK_EX));
	SHOW(flock(a, LOCK_EX | LOCK_NB));
	SHOW(flock(b, LOCK_EX | LOCK_NB));
	SHOW(flock(b, LOCK_SH | LOCK_NB));
	SHOW(flock(a, LOCK_SH | LOCK_NB));
	SHOW(flock(b, LOCK_SH | LOCK_NB));
	SHOW(flock(a, LOCK_EX | LOCK_NB));
	/* The change gave its shared lock up. */
	SHOW(flock(b, LOCK_EX | LOCK_NB));
	SHOW(flock(b, LOCK_UN));
	SHOW(flock(b, LOCK_UN));
	SHOW(flock(p[0], LOCK_EX | LOCK_NB));
	SHOW(flock(open(".", O_RDONLY), LOCK_EX | LOCK_NB));
	SHOW(flock(open("f", O_PATH), LOCK_EX));
	SHOW(flock(-1, LOCK_EX));
	SHOW(flock(-1, 77));
}

TEST(lockerr, deadlock)
{
	int fd = open("f", O_RDWR | O_CREAT, 0600), ready[2];
	pid_t pid;
	char byte;

	REQUIRE_OK(pipe(ready));
	SHOW(lock(fd, F_SETLK, F_WRLCK, SEEK_SET, 0, 1));
	CHILD(pid) {
		SHOW(lock(fd, F_SETLK, F_WRLCK, SEEK_SET, 1, 1));
		write_all(ready[1], "x", 1);
		note("child: %s", RESULT(lock(fd, F_SETLKW, F_WRLCK, SEEK_SET, 0, 1)));
	}
	read(ready[0], &byte, 1);
	wait_state(pid, 'S');
	SHOW(lock(fd, F_SETLKW, F_WRLCK, SEEK_SET, 1, 1));
	EXPECT_OK(lock(fd, F_SETLK, F_UNLCK, SEEK_SET, 0, 0));
	EXPECT_CHILD_OK(pid);
}
