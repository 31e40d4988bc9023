/* SPDX-License-Identifier: MIT */
/* fcntl: each command with arguments that it does not take, and on descriptors that do not have it. */
#include "harness.h"

TEST(fcntlerr, duplicates)
{
	SHOW(fcntl(0, F_DUPFD, -1));
	SHOW(fcntl(0, F_DUPFD, 0x7fffffff));
	SHOW(fcntl(0, F_DUPFD, 50));
	SHOW(fcntl(0, F_DUPFD, 50));
	SHOW(fcntl(50, F_GETFD));
	SHOW(fcntl(0, F_DUPFD_CLOEXEC, 50));
	SHOW(fcntl(52, F_GETFD));
	SHOW(fcntl(99, F_DUPFD, 0));
	SHOW(fcntl(-1, F_DUPFD, 0));
	SHOW(fcntl(open(".", O_PATH), F_DUPFD, 60));
}

TEST(fcntlerr, flags_that_may_be_set)
{
	int fd = open("f", O_RDWR | O_CREAT, 0600), before = fcntl(fd, F_GETFL);

	SHOW(fcntl(fd, F_SETFL, -1 & ~O_DIRECT));
	note("changed %#x", before ^ fcntl(fd, F_GETFL));
	SHOW(fcntl(fd, F_SETFL, 0));
	note("changed %#x", before ^ fcntl(fd, F_GETFL));
	SHOW(fcntl(fd, F_SETFL, O_WRONLY | O_CREAT | O_TRUNC | O_EXCL));
	note("changed %#x", before ^ fcntl(fd, F_GETFL));
	SHOW(fcntl(fd, F_SETFD, 2));
	SHOW(fcntl(fd, F_GETFD));
	SHOW(fcntl(fd, F_SETFD, 3));
	SHOW(fcntl(fd, F_GETFD));
}

TEST(fcntlerr, noatime_is_for_the_owner)
{
	int fd = open("f", O_RDWR | O_CREAT, 0666);

	chmod("f", 0666);
	AS_USER(1000, 1000, {
		SHOW(fcntl(fd, F_SETFL, O_NOATIME));
		SHOW(open("f", O_RDONLY | O_NOATIME));
	});
}

TEST(fcntlerr, append_only_is_kept)
{
	int fd = open("f", O_RDWR | O_CREAT | O_APPEND, 0600);

	write_all(fd, "abc", 3);
	SHOW(fcntl(fd, F_SETFL, 0));
	SHOW(pwrite(fd, "X", 1, 0));
	SHOW(fcntl(fd, F_SETFL, O_APPEND));
	SHOW(pwrite(fd, "Y", 1, 0));
	note("%s", get_file("f"));
}

TEST(fcntlerr, owners)
{
	struct { int type; pid_t pid; } owner = { 0, 0 };
	int p[2];

	REQUIRE_OK(pipe(p));
	SHOW(fcntl(p[0], F_GETOWN));
	SHOW(fcntl(p[0], F_SETOWN, getpid()));
	SHOW(fcntl(p[0], F_GETOWN) == getpid());
	SHOW(fcntl(p[0], F_GETOWN_EX, &owner));
	note("type %d, me %d", owner.type, owner.pid == getpid());
	owner.type = 0;
	owner.pid = (pid_t)syscall(SYS_gettid);
	SHOW(fcntl(p[0], F_SETOWN_EX, &owner));
	owner.type = 3;
	SHOW(fcntl(p[0], F_SETOWN_EX, &owner));
	owner.type = 2;
	owner.pid = 99999999;
	SHOW(fcntl(p[0], F_SETOWN_EX, &owner));
	SHOW(fcntl(p[0], F_SETOWN_EX, NULL));
	SHOW(fcntl(p[0], F_GETOWN_EX, NULL));
	SHOW(fcntl(p[0], F_SETOWN, 99999999));
	SHOW(fcntl(p[0], F_SETOWN, (int)0x80000000));
	SHOW(fcntl(p[0], F_SETOWN, -getpgrp()));
	SHOW(fcntl(p[0], F_GETOWN_EX, &owner));
	note("type %d, my group %d", owner.type, owner.pid == getpgrp());
	SHOW(fcntl(p[0], F_SETOWN, 0));
	SHOW(fcntl(p[0], F_GETOWN));
}

TEST(fcntlerr, signals)
{
	int p[2];

	REQUIRE_OK(pipe(p));
	SHOW(fcntl(p[0], F_GETSIG));
	SHOW(fcntl(p[0], F_SETSIG, SIGUSR1));
	SHOW(fcntl(p[0], F_GETSIG));
	SHOW(fcntl(p[0], F_SETSIG, 64));
	SHOW(fcntl(p[0], F_SETSIG, 65));
	SHOW(fcntl(p[0], F_SETSIG, -1));
	SHOW(fcntl(p[0], F_SETSIG, 0));
}

TEST(fcntlerr, pipes_seals_hints)
{
	int p[2], fd = open("f", O_RDWR | O_CREAT, 0600);
	uint64_t hint = 77;

	REQUIRE_OK(pipe(p));
	SHOW(fcntl(fd, F_GETPIPE_SZ));
	SHOW(fcntl(fd, F_SETPIPE_SZ, 4096));
	SHOW(fcntl(p[0], F_SETPIPE_SZ, 0));
	SHOW(fcntl(p[0], F_SETPIPE_SZ, -1));
	SHOW(fcntl(p[0], F_SETPIPE_SZ, 1));
	SHOW(fcntl(p[0], F_SETPIPE_SZ, 4097));
	SHOW(fcntl(p[0], F_GET_SEALS));
	SHOW(fcntl(fd, F_GET_SEALS));
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	SHOW(fcntl(p[0], F_ADD_SEALS, F_SEAL_WRITE));
	{
		const char *result = RESULT(fcntl(fd, 1035, &hint));

		note("hint %s: %llu", result, (unsigned long long)hint);
	}
	hint = 3;
	SHOW(fcntl(fd, 1036, &hint));
	{
		const char *result = RESULT(fcntl(fd, 1035, &hint));

		note("hint %s: %llu", result, (unsigned long long)hint);
	}
	hint = 9;
	SHOW(fcntl(fd, 1036, &hint));
	SHOW(fcntl(fd, 1036, NULL));
}

TEST(fcntlerr, unknown_commands)
{
	static const int numbers[] = { 17, 35, 39, 1000, 1023, 1029, 1050, -1, 0x7fffffff };
	int fd = open("f", O_RDWR | O_CREAT, 0600), path = open("f", O_PATH);

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		note("%d: %s", numbers[i], RESULT(fcntl(fd, numbers[i], 0)));
	for (int command = 0; command < 17; command++)
		note("on a path descriptor %d: %s", command, RESULT(fcntl(path, command, 0) >= 0 ? 0 : -1));
	SHOW(fcntl(-1, F_GETFL));
	SHOW(fcntl(path, F_GETFL) == (O_PATH | (sizeof(long) == 8 ? 0 : 0)));
}
