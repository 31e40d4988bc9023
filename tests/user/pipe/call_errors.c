/* SPDX-License-Identifier: MIT */
/* pipe2, splice, tee, vmsplice, sendfile, copy_file_range: flags, offsets, pairs of descriptors that do not work. */
#include "harness.h"
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

static int p[2], q[2], in, out, ro, append, dir, sock[2];

static void make_all(void)
{
	put_file("in", "0123456789");
	put_file("out", "");
	REQUIRE_OK(pipe2(p, O_NONBLOCK));
	REQUIRE_OK(pipe2(q, O_NONBLOCK));
	REQUIRE_OK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sock));
	in = open("in", O_RDONLY);
	out = open("out", O_RDWR);
	ro = open("out", O_RDONLY);
	append = open("out", O_RDWR | O_APPEND);
	dir = open(".", O_RDONLY);
	signal(SIGPIPE, SIG_IGN);
}

TEST(pipeerr, pipe2)
{
	int fds[2];

	SHOW(pipe2(fds, O_DIRECT));
	SHOW(pipe2(fds, O_DIRECTORY));
	for (int bit = 0; bit < 24; bit++)
		if (1 << bit != O_DIRECT && 1 << bit != O_DIRECTORY)
			note("flag %#o: %s", 1 << bit, RESULT(pipe2(fds, 1 << bit)));
	SHOW(pipe2(NULL, 0));
	SHOW(pipe2((void *)8, 0));
}

TEST(pipeerr, splice)
{
	loff_t zero = 0, negative = -1;

	make_all();
	SHOW(splice(in, NULL, out, NULL, 10, 0));
	SHOW(splice(in, NULL, q[0], NULL, 10, 0));
	SHOW(splice(out, NULL, p[0], NULL, 10, 0));
	SHOW(splice(p[1], NULL, out, NULL, 10, 0));
	SHOW(splice(in, NULL, p[1], &zero, 10, 0));
	SHOW(splice(p[0], &zero, out, NULL, 10, 0));
	SHOW(splice(in, &negative, p[1], NULL, 10, 0));
	SHOW(splice(in, (void *)8, p[1], NULL, 10, 0));
	SHOW(splice(in, NULL, p[1], NULL, 0, 0));
	SHOW(splice(in, NULL, p[1], NULL, 10, 0x100));
	SHOW(splice(-1, NULL, p[1], NULL, 10, 0));
	SHOW(splice(in, NULL, -1, NULL, 10, 0));
	SHOW(splice(dir, NULL, p[1], NULL, 10, 0));
	SHOW(splice(in, &zero, p[1], NULL, 4, 0));
	SHOW(zero);
	SHOW(splice(p[0], NULL, ro, NULL, 4, 0));
	SHOW(splice(p[0], NULL, append, NULL, 4, 0));
	SHOW(splice(p[0], NULL, p[1], NULL, 4, 0));
	SHOW(splice(p[0], NULL, dir, NULL, 4, 0));
	SHOW(splice(p[0], NULL, sock[0], NULL, 4, 0));
	SHOW(splice(sock[1], NULL, p[1], NULL, 4, 0));
	SHOW(splice(sock[1], NULL, p[1], NULL, 4, 0));
	SHOW(splice(p[0], NULL, out, NULL, 10, SPLICE_F_MOVE | SPLICE_F_MORE));
	SHOW(splice(p[0], NULL, out, NULL, 10, 0));
	SHOW(splice(in, NULL, p[1], NULL, 100, 0));
	SHOW(splice(in, NULL, p[1], NULL, 100, 0));
	close(q[0]);
	SHOW(splice(in, &(loff_t){ 0 }, q[1], NULL, 4, 0));
	note("\"%s\"", get_file("out"));
}

TEST(pipeerr, tee_and_vmsplice)
{
	struct iovec v[2] = { { "abcd", 4 }, { (void *)8, 4 } };

	make_all();
	SHOW(tee(p[0], q[1], 10, 0));
	write_all(p[1], "0123", 4);
	SHOW(tee(p[0], q[1], 0, 0));
	SHOW(tee(p[0], q[1], 2, 0));
	SHOW(tee(p[0], q[1], 10, 0x100));
	SHOW(tee(p[0], p[1], 10, 0));
	SHOW(tee(p[1], q[1], 10, 0));
	SHOW(tee(p[0], q[0], 10, 0));
	SHOW(tee(in, q[1], 10, 0));
	SHOW(tee(p[0], out, 10, 0));
	SHOW(tee(-1, q[1], 10, 0));
	SHOW(vmsplice(q[1], v, 1, 0));
	SHOW(vmsplice(q[1], v, 2, 0));
	SHOW(vmsplice(q[1], v + 1, 1, 0));
	SHOW(vmsplice(q[1], v, 0, 0));
	SHOW(vmsplice(q[1], v, 1025, 0));
	SHOW(vmsplice(q[1], NULL, 1, 0));
	SHOW(vmsplice(q[1], v, 1, 0x100));
	SHOW(vmsplice(out, v, 1, 0));
	SHOW(vmsplice(-1, v, 1, 0));
	v[0].iov_base = (char[64]){ 0 };
	v[0].iov_len = 64;
	SHOW(vmsplice(q[0], v, 1, 0));
}

TEST(pipeerr, sendfile)
{
	off_t zero = 0, negative = -1;

	make_all();
	SHOW(sendfile(out, in, &zero, 4));
	SHOW(zero);
	SHOW(lseek(in, 0, SEEK_CUR));
	SHOW(sendfile(out, in, NULL, 4));
	SHOW(lseek(in, 0, SEEK_CUR));
	SHOW(sendfile(out, in, &negative, 4));
	SHOW(sendfile(out, in, (void *)8, 4));
	SHOW(sendfile(out, in, NULL, 0));
	SHOW(sendfile(out, in, NULL, -1));
	SHOW(sendfile(ro, in, NULL, 4));
	SHOW(sendfile(append, in, &(off_t){ 0 }, 4));
	SHOW(sendfile(out, open("out", O_WRONLY), NULL, 4));
	SHOW(sendfile(-1, in, NULL, 4));
	SHOW(sendfile(out, -1, NULL, 4));
	SHOW(sendfile(out, dir, NULL, 4));
	SHOW(sendfile(dir, in, NULL, 4));
	write_all(p[1], "pipe", 4);
	SHOW(sendfile(out, p[0], NULL, 4));
	SHOW(sendfile(out, p[0], &(off_t){ 0 }, 4));
	SHOW(sendfile(out, sock[0], NULL, 4));
	SHOW(sendfile(sock[0], in, &(off_t){ 2 }, 4));
	SHOW(sendfile(q[1], in, &(off_t){ 2 }, 4));
	SHOW(sendfile(open("/dev/null", O_WRONLY), in, &(off_t){ 2 }, 4));
	SHOW(sendfile(out, open("/dev/zero", O_RDONLY), NULL, 4));
	SHOW(sendfile(in, in, NULL, 4));
}

TEST(pipeerr, copy_file_range)
{
	loff_t zero = 0, two = 2, negative = -1;
	int rw;

	make_all();
	rw = open("in", O_RDWR);
	SHOW(copy_file_range(in, &zero, out, &two, 4, 0));
	SHOW(zero * 10 + two);
	SHOW(copy_file_range(in, NULL, out, NULL, 4, 1));
	SHOW(copy_file_range(in, &negative, out, NULL, 4, 0));
	SHOW(copy_file_range(in, NULL, out, &negative, 4, 0));
	SHOW(copy_file_range(in, NULL, ro, NULL, 4, 0));
	SHOW(copy_file_range(in, NULL, append, NULL, 4, 0));
	SHOW(copy_file_range(open("out", O_WRONLY), NULL, rw, NULL, 4, 0));
	SHOW(copy_file_range(dir, NULL, out, NULL, 4, 0));
	SHOW(copy_file_range(in, NULL, dir, NULL, 4, 0));
	SHOW(copy_file_range(p[0], NULL, out, NULL, 4, 0));
	SHOW(copy_file_range(in, NULL, p[1], NULL, 4, 0));
	SHOW(copy_file_range(-1, NULL, out, NULL, 4, 0));
	SHOW(copy_file_range(in, NULL, -1, NULL, 4, 0));
	SHOW(copy_file_range(in, NULL, out, NULL, 0, 0));
	SHOW(copy_file_range(in, &(loff_t){ 100 }, out, NULL, 4, 0));
	SHOW(copy_file_range(rw, &(loff_t){ 0 }, rw, &(loff_t){ 2 }, 4, 0));
	SHOW(copy_file_range(rw, &(loff_t){ 0 }, rw, &(loff_t){ 5 }, 5, 0));
	SHOW(copy_file_range(in, &(loff_t){ 0x7ffffffffffffff0 }, out, NULL, 100, 0));
	SHOW(copy_file_range(in, &(loff_t){ 0 }, out, &(loff_t){ 0x7ffffffffffffff0 }, 100, 0));
	SHOW(copy_file_range(open("/dev/zero", O_RDONLY), NULL, out, NULL, 4, 0));
}
