/* SPDX-License-Identifier: MIT */
/* socketpair(2) and socket(2): creation and its errors. Everything printed is an error name, a flag or a count. */
#include "../harness.h"
#include "common.h"

TEST(socket, families_types_and_protocols_are_checked)
{
	SHOW(socket(AF_UNIX, SOCK_STREAM, 0) >= 0);
	SHOW(socket(AF_UNIX, SOCK_RAW, 0) >= 0);
	note("raw is %d", opt_int(new_socket(SOCK_RAW), SO_TYPE));
	SHOW(socket(AF_UNIX, SOCK_STREAM, AF_UNIX) >= 0);
	SHOW(socket(AF_UNIX, SOCK_STREAM, 2));
	SHOW(socket(AF_UNIX, SOCK_RDM, 0));
	SHOW(socket(AF_UNIX, SOCK_PACKET, 0));
	SHOW(socket(AF_UNIX, 0, 0));
	SHOW(socket(AF_UNIX, 11, 0));
	SHOW(socket(AF_UNIX, 15, 0));
	SHOW(socket(AF_UNIX, SOCK_STREAM | 0x10, 0));
	SHOW(socket(AF_UNIX, SOCK_STREAM | 0x40000000, 0));
	SHOW(socket(-1, SOCK_STREAM, 0));
	SHOW(socket(46, SOCK_STREAM, 0));
	SHOW(socket(1000, SOCK_STREAM, 0));
	SHOW(socket(0, SOCK_STREAM, 0));
	SHOW(socket(46, 99, 0));
	SHOW(socket(AF_UNIX, -1, 0));
}

TEST(socket, flags_of_the_descriptor)
{
	int fd = REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)), p[2];
	struct stat st;

	note("cloexec %d flags %#x", fcntl(fd, F_GETFD), fcntl(fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK));
	fd = new_socket(SOCK_DGRAM);
	note("cloexec %d flags %#x", fcntl(fd, F_GETFD), fcntl(fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK));
	REQUIRE_OK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, p));
	for (int i = 0; i < 2; i++)
		note("cloexec %d flags %#x", fcntl(p[i], F_GETFD), fcntl(p[i], F_GETFL) & (O_ACCMODE | O_NONBLOCK));
	REQUIRE_OK(fstat(fd, &st));
	note("mode %o nlink %d size %lld", st.st_mode, (int)st.st_nlink, (long long)st.st_size);
	SHOW(lseek(fd, 0, SEEK_SET));
	SHOW(pread(fd, &st, 1, 0));
	SHOW(pwrite(fd, &st, 1, 0));
	SHOW(ftruncate(fd, 0));
	SHOW(fsync(fd));
}

TEST(socket, pair_errors_leave_no_descriptors)
{
	int before = open_fd_count(), p[2] = { -1, -1 };

	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, NULL));
	SHOW(socketpair(AF_UNIX, SOCK_RDM, 0, p));
	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 7, p));
	SHOW(socketpair(AF_UNIX, SOCK_STREAM | 0x100, 0, p));
	SHOW(socketpair(50, SOCK_STREAM, 0, p));
	note("descriptors left: %d", open_fd_count() - before);
	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, p));
	note("descriptors left: %d", open_fd_count() - before);
}

TEST(socket, pair_needs_two_numbers)
{
	struct rlimit r = { 0, 0 };
	int p[2] = { -1, -1 }, fd = dup(0);

	r.rlim_cur = r.rlim_max = fd + 1;
	REQUIRE_OK(setrlimit(RLIMIT_NOFILE, &r));
	close(fd);
	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, p));
	note("%d %d", p[0], p[1]);
	SHOW(socket(AF_UNIX, SOCK_STREAM, 0) == fd);
	SHOW(socket(AF_UNIX, SOCK_STREAM, 0));
}

TEST(socket, calls_on_other_files_are_refused)
{
	int p[2], buf;
	socklen_t len = sizeof(buf);
	struct msghdr m = { 0 };
	struct mmsghdr mm = { 0 };

	REQUIRE_OK(pipe(p));
	SHOW(bind(p[0], NULL, 0));
	SHOW(connect(p[0], NULL, 0));
	SHOW(listen(p[0], 1));
	SHOW(accept(p[0], NULL, NULL));
	SHOW(getsockname(p[0], NULL, NULL));
	SHOW(getpeername(p[0], NULL, NULL));
	SHOW(shutdown(p[0], 9));
	SHOW(setsockopt(p[0], SOL_SOCKET, SO_DEBUG, &buf, 4));
	SHOW(getsockopt(p[0], SOL_SOCKET, SO_DEBUG, &buf, &len));
	SHOW(send(p[0], &buf, 1, 0));
	SHOW(recv(p[0], &buf, 1, 0));
	SHOW(sendmsg(p[0], &m, 0));
	SHOW(recvmsg(p[0], &m, 0));
	SHOW(sendmmsg(p[0], &mm, 1, 0));
	SHOW(recvmmsg(p[0], &mm, 1, 0, NULL));
	SHOW(bind(99, NULL, 0));
	SHOW(accept(99, NULL, NULL));
	SHOW(send(99, &buf, 1, 0));
	SHOW(setsockopt(99, SOL_SOCKET, SO_DEBUG, &buf, -1));
	SHOW(accept4(p[0], NULL, NULL, 1));
	int path = open("/", O_PATH);
	SHOW(listen(path, 1));
}

TEST(socket, proc_shows_what_it_is)
{
	char path[64], link[64] = "";
	int fd = new_socket(SOCK_STREAM);
	struct stat st, st2;
	unsigned long ino = 0;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	REQUIRE_OK(readlink(path, link, sizeof(link) - 1));
	REQUIRE_OK(fstat(fd, &st));
	bool text_ok = sscanf(link, "socket:[%lu]", &ino) == 1;

	note("text ok: %d, inode is it: %d", text_ok, ino == st.st_ino);
	REQUIRE_OK(stat(path, &st2));
	note("same inode %d", st.st_ino == st2.st_ino);
	SHOW(open(path, O_RDWR));
	SHOW(open(path, O_PATH) >= 0);
}

TEST(socket, pair_carries_both_ways)
{
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET };

	for (int i = 0; i < 3; i++) {
		char buf[16] = "";
		int p[2];

		new_pair(types[i], p);
		SHOW(write(p[0], "one", 3));
		SHOW(write(p[1], "three", 5));
		SHOW(read(p[0], buf, sizeof(buf)));
		note("%s", buf);
		SHOW(read(p[1], buf, sizeof(buf)));
		note("%.3s", buf);
		close(p[0]);
		close(p[1]);
	}
}
