/* SPDX-License-Identifier: MIT */
/* sendfile(2), splice(2), copy_file_range(2), tee(2): the refusals and edges of each. */
#include "harness.h"
#include <sys/resource.h>
#include <sys/sendfile.h>

static int in, out, ro, wo, app, dir, path, p[2];

static void setup(void)
{
	put_file("in", "0123456789");
	put_file("out", "");
	in = open("in", O_RDWR);
	out = open("out", O_RDWR);
	ro = open("in", O_RDONLY);
	wo = open("out", O_WRONLY);
	app = open("out", O_RDWR | O_APPEND);
	dir = open(".", O_RDONLY);
	path = open("in", O_PATH);
	REQUIRE_OK(pipe2(p, O_NONBLOCK));
}

TEST(copy_errors, sendfile)
{
	off_t off = 3, negative = -1, end = 10, beyond = 20;

	setup();
	SHOW(sendfile(out, in, &off, 4));
	note("offset %lld, in at %lld, out at %lld", (long long)off, (long long)lseek(in, 0, SEEK_CUR), (long long)lseek(out, 0, SEEK_CUR));
	SHOW(sendfile(out, in, NULL, 100));
	note("in at %lld", (long long)lseek(in, 0, SEEK_CUR));
	SHOW(sendfile(out, in, NULL, 100));
	SHOW(sendfile(out, in, &end, 1));
	SHOW(sendfile(out, in, &beyond, 1));
	SHOW(sendfile(out, in, &negative, 1));
	SHOW(sendfile(out, in, (void *)8, 1));
	SHOW(sendfile(out, in, &off, 0));
	SHOW(sendfile(out, wo, &off, 1));
	SHOW(sendfile(ro, in, &off, 1));
	SHOW(sendfile(app, in, &off, 1));
	SHOW(sendfile(dir, in, &off, 1));
	SHOW(sendfile(out, dir, &off, 1));
	SHOW(sendfile(out, path, &off, 1));
	SHOW(sendfile(-1, in, &off, 1));
	SHOW(sendfile(out, -1, &off, 1));
	SHOW(sendfile(out, p[0], NULL, 1));
	SHOW(sendfile(p[1], in, &(off_t){ 0 }, 5));
	SHOW(sendfile(p[1], in, &(off_t){ 0 }, 0x7ffff000));
	SHOW(sendfile(in, in, &(off_t){ 0 }, 4));
}

TEST(copy_errors, copy_file_range)
{
	loff_t a = 0, b = 0, negative = -5, big = 0x7fffffffffffffff;
	struct rlimit rl = { 100, RLIM_INFINITY };

	setup();
	SHOW(copy_file_range(in, &a, out, &b, 5, 0));
	note("%lld %lld", (long long)a, (long long)b);
	SHOW(copy_file_range(in, &a, out, &b, 100, 0));
	SHOW(copy_file_range(in, &a, out, &b, 100, 0));
	SHOW(copy_file_range(in, &a, out, &b, 0, 0));
	a = b = 0;
	SHOW(copy_file_range(in, &a, out, &b, 5, 1));
	SHOW(copy_file_range(in, &negative, out, &b, 5, 0));
	SHOW(copy_file_range(in, &a, out, &negative, 5, 0));
	SHOW(copy_file_range(in, &big, out, &b, 5, 0));
	SHOW(copy_file_range(in, &a, out, &big, 5, 0));
	SHOW(copy_file_range(in, (void *)8, out, &b, 5, 0));
	SHOW(copy_file_range(wo, &a, out, &b, 5, 0));
	SHOW(copy_file_range(in, &a, ro, &b, 5, 0));
	SHOW(copy_file_range(in, &a, app, &b, 5, 0));
	SHOW(copy_file_range(dir, &a, out, &b, 5, 0));
	SHOW(copy_file_range(in, &a, dir, &b, 5, 0));
	SHOW(copy_file_range(path, &a, out, &b, 5, 0));
	SHOW(copy_file_range(p[0], NULL, out, &b, 5, 0));
	SHOW(copy_file_range(in, &a, p[1], NULL, 5, 0));
	SHOW(copy_file_range(-1, &a, out, &b, 5, 0));
	SHOW(copy_file_range(in, &a, in, &(loff_t){ 3 }, 5, 0));
	SHOW(copy_file_range(in, &a, in, &(loff_t){ 10 }, 5, 0));
	SHOW(copy_file_range(open("/dev/zero", O_RDONLY), NULL, out, &b, 5, 0));
	SHOW(copy_file_range(open("/proc/version", O_RDONLY), NULL, out, &b, 5, 0));
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &rl);
	a = 0;
	SHOW(copy_file_range(in, &a, out, &(loff_t){ 98 }, 5, 0));
	SHOW(copy_file_range(in, &a, out, &(loff_t){ 100 }, 5, 0));
}

TEST(copy_errors, splice)
{
	loff_t off = 2;
	int q[2];

	setup();
	REQUIRE_OK(pipe2(q, O_NONBLOCK));
	SHOW(splice(in, &off, p[1], NULL, 4, 0));
	note("%lld", (long long)off);
	SHOW(splice(p[0], NULL, out, NULL, 10, 0));
	SHOW(splice(p[0], NULL, out, NULL, 10, SPLICE_F_NONBLOCK));
	SHOW(splice(in, NULL, out, NULL, 1, 0));
	SHOW(splice(in, &off, p[1], &off, 1, 0));
	SHOW(splice(p[0], &off, out, NULL, 1, 0));
	SHOW(splice(in, (void *)8, p[1], NULL, 1, 0));
	SHOW(splice(in, &off, p[1], NULL, 0, 0));
	SHOW(splice(in, &off, p[1], NULL, 1, 0x100));
	SHOW(splice(in, &off, p[0], NULL, 1, 0));
	SHOW(splice(p[1], NULL, out, NULL, 1, 0));
	SHOW(splice(wo, NULL, p[1], NULL, 1, 0));
	write_all(p[1], "data", 4);
	SHOW(splice(p[0], NULL, ro, NULL, 1, 0));
	SHOW(splice(p[0], NULL, app, NULL, 1, 0));
	SHOW(splice(p[0], NULL, p[1], NULL, 1, 0));
	SHOW(splice(p[0], NULL, q[1], NULL, 2, 0));
	SHOW(splice(dir, NULL, p[1], NULL, 1, 0));
	SHOW(splice(path, NULL, p[1], NULL, 1, 0));
	SHOW(splice(-1, NULL, p[1], NULL, 1, 0));
	SHOW(splice(p[0], NULL, -1, NULL, 1, 0));
	SHOW(splice(in, &(loff_t){ 50 }, p[1], NULL, 1, 0));
	SHOW(splice(in, &(loff_t){ -1 }, p[1], NULL, 1, 0));
	SHOW(tee(p[0], q[1], 1, 0));
	SHOW(tee(in, q[1], 1, 0));
	SHOW(tee(p[0], p[1], 1, 0));
	SHOW(tee(p[0], q[1], 1, 0x100));
}

TEST(copy_errors, a_reader_that_went)
{
	setup();
	signal(SIGPIPE, SIG_IGN);
	close(p[0]);
	SHOW(splice(in, NULL, p[1], NULL, 4, 0));
	SHOW(sendfile(p[1], in, NULL, 4));
	note("in at %lld", (long long)lseek(in, 0, SEEK_CUR));
}
