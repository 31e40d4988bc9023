/* SPDX-License-Identifier: MIT */
/* unlinkat(2) and open files without a name. */
#include "harness.h"

TEST(unlink, errors)
{
	put_file("f", "");
	mkdir("d", 0755);
	symlink("d", "l");
	SHOW(unlink("none"));
	SHOW(unlink("d"));
	SHOW(unlink("d/"));
	SHOW(unlink("f/"));
	SHOW(unlink("f/x"));
	SHOW(unlink(""));
	SHOW(unlink("."));
	SHOW(unlink(".."));
	SHOW(unlink("/"));
	SHOW(unlink("l/"));
	SHOW(unlink(NULL));
	SHOW(unlinkat(-1, "f", 0));
	SHOW(unlink("/proc/version"));
	SHOW(unlink("l"));
	SHOW(unlink("f"));
	SHOW(access("d", F_OK));
}

TEST(unlink, an_open_file_lives_on)
{
	struct stat st;
	char text[16] = "";
	int fd;

	put_file("f", "0123456789");
	fd = open("f", O_RDWR);
	SHOW(unlink("f"));
	SHOW(open("f", O_RDONLY));
	fstat(fd, &st);
	note("nlink %lu size %lld", (unsigned long)st.st_nlink, (long long)st.st_size);
	SHOW(pwrite(fd, "abc", 3, 10));
	SHOW(pread(fd, text, 15, 0));
	note("%s", text);
	put_file("f", "another");
	EXPECT_STR(get_file("f"), "another");
	SHOW(fchmod(fd, 0600));
	SHOW(ftruncate(fd, 2));
}

TEST(unlink, proc_shows_it_deleted)
{
	char path[64], text[512], *end;
	ssize_t n;
	int fd;

	put_file("f", "x");
	fd = open("f", O_RDONLY);
	unlink("f");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = 0;
	end = strrchr(text, '/');
	note("%s", end ? end : text);
}

TEST(unlink, a_read_only_file_in_a_writable_directory_goes)
{
	mkdir("d", 0777);
	chmod("d", 0777);
	put_file("d/f", "");
	chmod("d/f", 0000);
	mkdir("e", 0755);
	put_file("e/f", "");
	chmod("e/f", 0777);
	AS_USER(1000, 1000, {
		SHOW(unlink("e/f"));
		SHOW(unlink("d/f"));
	});
}

TEST(unlink, a_name_can_be_made_and_removed_a_thousand_times)
{
	struct stat st;
	int failures = 0;

	for (int i = 0; i < 1000; i++) {
		int fd = open("f", O_CREAT | O_EXCL | O_WRONLY, 0600);

		failures += fd < 0 || close(fd) || unlink("f");
	}
	note("failures %d", failures);
	stat(".", &st);
	note("directory nlink %lu", (unsigned long)st.st_nlink);
}
