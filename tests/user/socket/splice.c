/* SPDX-License-Identifier: MIT */
/* splice(2), sendfile(2) to and from Unix sockets, O_ASYNC, /proc/net/unix. */
#include "../harness.h"
#include "common.h"
#include <sys/sendfile.h>

TEST(splice, through_a_pipe_both_ways)
{
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM };

	for (int i = 0; i < 2; i++) {
		char buf[32] = "";
		int p[2], pp[2];

		new_pair(types[i], p);
		REQUIRE_OK(pipe(pp));
		write_all(pp[1], "hello ", 6);
		write_all(pp[1], "socket", 6);
		SHOW(splice(pp[0], NULL, p[0], NULL, 100, 0));
		SHOW(splice(p[1], NULL, pp[1], NULL, 100, 0));
		SHOW(read(pp[0], buf, 32));
		note("%s", buf);
		if (types[i] == SOCK_STREAM)	/* Linux's datagrams wait all the same */
			SHOW(splice(p[1], NULL, pp[1], NULL, 100, SPLICE_F_NONBLOCK));
		set_nonblock(p[1]);
		SHOW(splice(p[1], NULL, pp[1], NULL, 100, 0));
		loff_t off = 0;
		SHOW(splice(p[1], &off, pp[1], NULL, 100, 0));
		SHOW(splice(pp[0], NULL, p[0], &off, 100, 0));
		SHOW(splice(p[0], NULL, p[1], NULL, 100, 0));
		SHOW(tee(p[0], pp[1], 100, 0));
	}
}

TEST(splice, the_end_of_a_stream)
{
	int p[2], pp[2];

	new_pair(SOCK_STREAM, p);
	REQUIRE_OK(pipe(pp));
	write_all(p[0], "x", 1);
	close(p[0]);
	SHOW(splice(p[1], NULL, pp[1], NULL, 100, 0));
	SHOW(splice(p[1], NULL, pp[1], NULL, 100, 0));
}

TEST(splice, sendfile_to_a_socket)
{
	enum { SIZE = 200000 };
	char *data = malloc(SIZE), *got = malloc(SIZE);
	int p[2], fd = temp_fd();
	size_t have = 0;
	pid_t pid;

	for (int i = 0; i < SIZE; i++)
		data[i] = i * 11 + i / 4096;
	write_all(fd, data, SIZE);
	new_pair(SOCK_STREAM, p);
	CHILD(pid) {
		off_t off = 5;

		close(p[1]);
		EXPECT_EQ(sendfile(p[0], fd, &off, SIZE), SIZE - 5);
		note("offset %d", (int)off);
		SHOW(sendfile(p[0], fd, &off, SIZE));
	}
	close(p[0]);
	while (have < SIZE) {
		ssize_t n = read(p[1], got + have, 10000);

		if (n <= 0)
			break;
		have += n;
	}
	EXPECT_CHILD_OK(pid);
	note("%zu same %d", have, !memcmp(data + 5, got, SIZE - 5));
	SHOW(sendfile(fd, p[1], NULL, 10));
}

static volatile sig_atomic_t ios;
static void on_io(int sig) { ios += sig == SIGIO; }

TEST(splice, asynchronous_notice)
{
	int p[2], on = 1;
	char c;

	signal(SIGIO, on_io);
	new_pair(SOCK_STREAM, p);
	REQUIRE_OK(fcntl(p[1], F_SETOWN, getpid()));
	write_all(p[0], "a", 1);
	note("without %d", (int)ios);
	SHOW(ioctl(p[1], FIOASYNC, &on));
	note("flag %d", !!(fcntl(p[1], F_GETFL) & O_ASYNC));
	write_all(p[0], "b", 1);
	note("some %d", ios > 0);
	ios = 0;
	REQUIRE_OK(fcntl(p[1], F_SETFL, 0));
	write_all(p[0], "c", 1);
	note("off %d", (int)ios);
	on = 1;
	SHOW(ioctl(p[1], FIONBIO, &on));
	EXPECT_EQ(read(p[1], &c, 1), 1);
	note("nonblock %d", !!(fcntl(p[1], F_GETFL) & O_NONBLOCK));
}

/* The line of /proc/net/unix with this name, without pointer and inode. */
static void show_line(const char *name)
{
	char *line, *save = NULL;

	for (line = strtok_r(get_file("/proc/net/unix"), "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		unsigned refs, proto, flags, type, state, n = 0;
		unsigned long ino;
		char *end = strrchr(line, ' ');

		if (!end || strcmp(end + 1, name))
			continue;
		n = sscanf(line, "%*s %x %x %x %x %x %lu", &refs, &proto, &flags, &type, &state, &ino);
		note("%s: %u fields proto %x flags %x type %x state %x inode %d", name, n, proto, flags, type, state, ino != 0);
	}
}

TEST(splice, proc_net_unix)
{
	int fd = new_socket(SOCK_STREAM), c = new_socket(SOCK_STREAM);
	char *text = get_file("/proc/net/unix");

	note("%.*s", (int)strcspn(text, "\n"), text);
	REQUIRE_OK(bind_to(fd, "@proc-test"));
	show_line("@proc-test");
	REQUIRE_OK(listen(fd, 3));
	show_line("@proc-test");
	REQUIRE_OK(bind_to(c, "@proc-client"));
	REQUIRE_OK(connect_to(c, "@proc-test"));
	show_line("@proc-client");
	int s = REQUIRE_OK(accept(fd, NULL, NULL));
	close(fd);
	show_line("@proc-test");
	close(s);
	show_line("@proc-test");
	show_line("@proc-client");
	int d = new_socket(SOCK_DGRAM);
	REQUIRE_OK(bind_to(d, "proc-path"));
	show_line("proc-path");
}
