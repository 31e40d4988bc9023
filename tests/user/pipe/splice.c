/* SPDX-License-Identifier: MIT */
/* splice(2): between pipes, files and devices; offsets, flags, errors. */
#include "harness.h"

static char text[128];

static int source(void)
{
	int fd = temp_fd();

	write_all(fd, "0123456789", 10);
	lseek(fd, 0, SEEK_SET);
	return fd;
}

TEST(splice, file_to_pipe_to_file)
{
	int in = source(), out = temp_fd(), p[2];
	loff_t at = 4, to = 2;

	REQUIRE_OK(pipe2(p, O_NONBLOCK));
	SHOW(splice(in, NULL, p[1], NULL, 3, 0));
	SHOW(lseek(in, 0, SEEK_CUR));
	SHOW(splice(in, &at, p[1], NULL, 100, 0));
	SHOW(at);
	SHOW(splice(in, &at, p[1], NULL, 100, 0));
	SHOW(splice(p[0], NULL, out, &to, 100, 0));
	SHOW(to);
	memset(text, 0, sizeof(text));
	SHOW(pread(out, text, 100, 2));
	note("%s", text);
	SHOW(splice(p[0], NULL, out, NULL, 100, SPLICE_F_NONBLOCK));
	close(p[1]);
	SHOW(splice(p[0], NULL, out, NULL, 100, 0));
}

TEST(splice, later_writes_to_the_file_are_not_part_of_the_contract_but_the_length_is)
{
	int in = source(), p[2];

	REQUIRE_OK(pipe2(p, O_NONBLOCK));
	SHOW(splice(in, NULL, p[1], NULL, 10, 0));
	SHOW(ftruncate(in, 0));
	SHOW(read(p[0], text, 100));
}

TEST(splice, pipe_to_pipe)
{
	int a[2], b[2];

	REQUIRE_OK(pipe2(a, O_NONBLOCK));
	REQUIRE_OK(pipe2(b, O_NONBLOCK));
	write_all(a[1], "hello world", 11);
	SHOW(splice(a[0], NULL, b[1], NULL, 5, 0));
	SHOW(splice(a[0], NULL, b[1], NULL, 100, 0));
	SHOW(splice(a[0], NULL, b[1], NULL, 100, 0));
	memset(text, 0, sizeof(text));
	SHOW(read(b[0], text, 100));
	note("%s", text);
	SHOW(splice(a[0], NULL, a[1], NULL, 5, 0));
	close(a[1]);
	SHOW(splice(a[0], NULL, b[1], NULL, 5, 0));
}

TEST(splice, devices)
{
	int p[2];

	REQUIRE_OK(pipe2(p, O_NONBLOCK));
	write_all(p[1], "data", 4);
	SHOW(splice(p[0], NULL, open("/dev/null", O_WRONLY), NULL, 100, 0));
	SHOW(splice(open("/dev/null", O_RDONLY), NULL, p[1], NULL, 100, 0));
}

TEST(splice, errors)
{
	int in = source(), p[2], append;
	loff_t zero = 0;

	REQUIRE_OK(pipe2(p, O_NONBLOCK));
	put_file("a", "");
	append = open("a", O_WRONLY | O_APPEND);
	write_all(p[1], "data", 4);
	SHOW(splice(in, NULL, temp_fd(), NULL, 5, 0));
	SHOW(splice(-1, NULL, p[1], NULL, 5, 0));
	SHOW(splice(in, NULL, -1, NULL, 5, 0));
	SHOW(splice(in, NULL, p[1], NULL, 0, 0));
	SHOW(splice(in, NULL, p[1], NULL, 5, 0x100));
	SHOW(splice(p[0], &zero, temp_fd(), NULL, 5, 0));
	SHOW(splice(in, NULL, p[1], &zero, 5, 0));
	SHOW(splice(p[0], NULL, append, NULL, 5, 0));
	SHOW(splice(p[1], NULL, temp_fd(), NULL, 5, 0));
	SHOW(splice(in, NULL, p[0], NULL, 5, 0));
	SHOW(splice(p[0], NULL, open("a", O_RDONLY), NULL, 5, 0));
	SHOW(splice(open(".", O_RDONLY), NULL, p[1], NULL, 5, 0));
	zero = -1;
	SHOW(splice(in, &zero, p[1], NULL, 5, 0));
	signal(SIGPIPE, SIG_IGN);
	close(p[0]);
	SHOW(splice(in, NULL, p[1], NULL, 5, 0));
}

TEST(splice, a_large_file_in_pieces)
{
	static unsigned char data[300000], back[300000];
	int in = temp_fd(), out = temp_fd(), p[2];
	long total = 0;
	ssize_t n;

	REQUIRE_OK(pipe(p));
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = i * 17 + (i >> 12);
	write_all(in, data, sizeof(data));
	lseek(in, 0, SEEK_SET);
	while ((n = splice(in, NULL, p[1], NULL, 65536, 0)) > 0) {
		while (n > 0) {
			ssize_t m = splice(p[0], NULL, out, NULL, n, SPLICE_F_MOVE);

			if (m <= 0)
				break;
			n -= m;
			total += m;
		}
	}
	note("total %ld", total);
	EXPECT_EQ(pread(out, back, sizeof(back), 0), sizeof(back));
	EXPECT_TRUE(memcmp(data, back, sizeof(data)) == 0);
}

TEST(splice, waits_for_data_and_for_room)
{
	int p[2], out = temp_fd();
	pid_t pid;

	REQUIRE_OK(pipe(p));
	CHILD(pid) {
		close(p[1]);
		SHOW(splice(p[0], NULL, out, NULL, 100, 0));
		SHOW(splice(p[0], NULL, out, NULL, 100, 0));
	}
	wait_state(pid, 'S');
	write_all(p[1], "hello", 5);
	wait_state(pid, 'S');
	close(p[1]);
	EXPECT_CHILD_OK(pid);
}
