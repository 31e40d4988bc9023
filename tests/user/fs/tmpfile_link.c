/* SPDX-License-Identifier: MIT */
/* O_TMPFILE and the ways to give it a name; linkat(2) by descriptor. */
#include "harness.h"

static int linkat_proc(int fd, const char *to)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, path, AT_FDCWD, to, AT_SYMLINK_FOLLOW);
}

TEST(tmpfile_link, gets_a_name)
{
	struct stat st;
	int fd = REQUIRE_OK(open(".", O_TMPFILE | O_RDWR, 0640));

	write_all(fd, "text", 4);
	fstat(fd, &st);
	note("mode %o nlink %lu size %lld", st.st_mode, (unsigned long)st.st_nlink, (long long)st.st_size);
	SHOW(linkat_proc(fd, "named"));
	note("%s", get_file("named"));
	fstat(fd, &st);
	note("nlink %lu", (unsigned long)st.st_nlink);
	SHOW(linkat_proc(fd, "named"));
	SHOW(linkat_proc(fd, "again"));
	SHOW(linkat(fd, "", AT_FDCWD, "third", AT_EMPTY_PATH));
	fstat(fd, &st);
	note("nlink %lu", (unsigned long)st.st_nlink);
	unlink("named");
	unlink("again");
	unlink("third");
	SHOW(linkat(fd, "", AT_FDCWD, "fourth", AT_EMPTY_PATH));
}

TEST(tmpfile_link, exclusive_stays_nameless)
{
	int fd = REQUIRE_OK(open(".", O_TMPFILE | O_RDWR | O_EXCL, 0600));

	SHOW(linkat_proc(fd, "named"));
	SHOW(linkat(fd, "", AT_FDCWD, "named", AT_EMPTY_PATH));
}

TEST(tmpfile_link, refusals)
{
	int fd;

	put_file("f", "");
	SHOW(open(".", O_TMPFILE | O_RDONLY, 0600));
	SHOW(open(".", O_TMPFILE | O_RDWR | O_CREAT, 0600));
	SHOW(open("f", O_TMPFILE | O_RDWR, 0600));
	SHOW(open("nothing", O_TMPFILE | O_RDWR, 0600));
	SHOW(open("/proc", O_TMPFILE | O_RDWR, 0600));
	mkdir("closed", 0555);
	AS_USER(1000, 1000, SHOW(open("closed", O_TMPFILE | O_RDWR, 0600)));
	fd = open("f", O_RDONLY);
	SHOW(linkat(fd, "", AT_FDCWD, "g", AT_EMPTY_PATH));
	SHOW(linkat(fd, "", AT_FDCWD, "h", 0));
	SHOW(linkat(AT_FDCWD, "f", AT_FDCWD, "h", 0x100000));
	chmod(".", 0777);
	AS_USER(1000, 1000,
		fd = open("f", O_RDONLY);
		SHOW(linkat(fd, "", AT_FDCWD, "i", AT_EMPTY_PATH)));
	SHOW(linkat(open("closed", O_RDONLY), "", AT_FDCWD, "j", AT_EMPTY_PATH));
	fd = open("f", O_RDONLY);
	unlink("f");
	SHOW(linkat_proc(fd, "k"));
}

TEST(tmpfile_link, proc_shows_it)
{
	char path[64], text[256], *slash;
	int fd = REQUIRE_OK(open(".", O_TMPFILE | O_RDWR, 0600));
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, text, sizeof(text) - 1);
	text[n] = 0;
	slash = strrchr(text, '/');
	note("%.2s ... %s", slash, strstr(text, " (deleted)") ? "(deleted)" : "there");
}
