/* SPDX-License-Identifier: MIT */
/* tee(2), vmsplice(2). */
#include "harness.h"
#include <sys/uio.h>

static char text[128];

TEST(tee, duplicates_without_consuming)
{
	int a[2], b[2];

	REQUIRE_OK(pipe2(a, O_NONBLOCK));
	REQUIRE_OK(pipe2(b, O_NONBLOCK));
	write_all(a[1], "hello", 5);
	SHOW(tee(a[0], b[1], 3, 0));
	SHOW(tee(a[0], b[1], 100, 0));
	memset(text, 0, sizeof(text));
	SHOW(read(b[0], text, 100));
	note("%s", text);
	memset(text, 0, sizeof(text));
	SHOW(read(a[0], text, 100));
	note("%s", text);
	SHOW(tee(a[0], b[1], 100, SPLICE_F_NONBLOCK));
	close(a[1]);
	SHOW(tee(a[0], b[1], 100, 0));
}

TEST(tee, errors)
{
	int a[2], b[2], fd = temp_fd();

	REQUIRE_OK(pipe2(a, O_NONBLOCK));
	REQUIRE_OK(pipe2(b, O_NONBLOCK));
	write_all(a[1], "x", 1);
	SHOW(tee(fd, b[1], 1, 0));
	SHOW(tee(a[0], fd, 1, 0));
	SHOW(tee(a[0], a[1], 1, 0));
	SHOW(tee(a[1], b[1], 1, 0));
	SHOW(tee(a[0], b[0], 1, 0));
	SHOW(tee(-1, b[1], 1, 0));
	SHOW(tee(a[0], b[1], 0, 0));
	SHOW(tee(a[0], b[1], 1, 0x100));
	signal(SIGPIPE, SIG_IGN);
	close(b[0]);
	SHOW(tee(a[0], b[1], 1, 0));
}

TEST(tee, into_a_full_pipe)
{
	static char block[65536];
	int a[2], b[2];

	REQUIRE_OK(pipe2(a, O_NONBLOCK));
	REQUIRE_OK(pipe2(b, O_NONBLOCK));
	write_all(a[1], "x", 1);
	write_all(b[1], block, 65536);
	SHOW(tee(a[0], b[1], 1, SPLICE_F_NONBLOCK));
}

TEST(vmsplice, user_memory_into_a_pipe_and_back)
{
	char first[] = "one", second[] = "second";
	struct iovec out[] = { { first, 3 }, { second, 6 } }, in = { text, 100 };
	int p[2];

	REQUIRE_OK(pipe2(p, O_NONBLOCK));
	SHOW(vmsplice(p[1], out, 2, 0));
	memset(text, 0, sizeof(text));
	SHOW(read(p[0], text, 4));
	SHOW(vmsplice(p[0], &in, 1, 0));
	note("%s", text);
}

TEST(vmsplice, errors)
{
	struct iovec one = { text, 5 }, bad = { (void *)8, 5 };
	int p[2];

	REQUIRE_OK(pipe2(p, O_NONBLOCK));
	SHOW(vmsplice(temp_fd(), &one, 1, 0));
	SHOW(vmsplice(-1, &one, 1, 0));
	SHOW(vmsplice(p[1], &bad, 1, 0));
	SHOW(vmsplice(p[1], &one, 0, 0));
	SHOW(vmsplice(p[1], &one, 1025, 0));
	SHOW(vmsplice(p[1], &one, 1, 0x100));
	SHOW(vmsplice(p[1], NULL, 1, 0));
}
