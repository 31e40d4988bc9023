/* SPDX-License-Identifier: MIT */
/* O_TMPFILE: a file without a name, and linkat to give it one. */
#include "harness.h"

TEST(tmpfile, has_no_name_and_no_links)
{
	struct stat st;
	int fd = REQUIRE_OK(open(".", O_TMPFILE | O_RDWR, 0640));

	SHOW(write(fd, "text", 4));
	fstat(fd, &st);
	note("mode %o nlink %lu size %lld", st.st_mode, (unsigned long)st.st_nlink,
	     (long long)st.st_size);
	SHOW(rmdir("../test1/."));
}

TEST(tmpfile, linkat_names_it_by_proc)
{
	char path[64];
	struct stat st;
	int fd = REQUIRE_OK(open(".", O_TMPFILE | O_RDWR, 0640));

	write_all(fd, "text", 4);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	SHOW(linkat(AT_FDCWD, path, AT_FDCWD, "named", AT_SYMLINK_FOLLOW));
	EXPECT_STR(get_file("named"), "text");
	fstat(fd, &st);
	note("nlink %lu", (unsigned long)st.st_nlink);
	SHOW(linkat(AT_FDCWD, path, AT_FDCWD, "named", AT_SYMLINK_FOLLOW));
	SHOW(linkat(AT_FDCWD, path, AT_FDCWD, "more", AT_SYMLINK_FOLLOW));
}

TEST(tmpfile, linkat_names_it_by_empty_path)
{
	int fd = REQUIRE_OK(open(".", O_TMPFILE | O_WRONLY, 0640));

	SHOW(linkat(fd, "", AT_FDCWD, "named", AT_EMPTY_PATH));
	SHOW(access("named", F_OK));
	AS_USER(1000, 1000, SHOW(linkat(fd, "", AT_FDCWD, "other", AT_EMPTY_PATH)));
}

TEST(tmpfile, with_excl_it_never_gets_one)
{
	char path[64];
	int fd = REQUIRE_OK(open(".", O_TMPFILE | O_RDWR | O_EXCL, 0640));

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	SHOW(linkat(AT_FDCWD, path, AT_FDCWD, "named", AT_SYMLINK_FOLLOW));
	SHOW(linkat(fd, "", AT_FDCWD, "named", AT_EMPTY_PATH));
}

TEST(tmpfile, an_unlinked_file_cannot_be_linked_again)
{
	char path[64];
	int fd;

	put_file("f", "x");
	fd = open("f", O_RDWR);
	unlink("f");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	SHOW(linkat(AT_FDCWD, path, AT_FDCWD, "again", AT_SYMLINK_FOLLOW));
	SHOW(linkat(fd, "", AT_FDCWD, "again", AT_EMPTY_PATH));
}

TEST(tmpfile, errors)
{
	put_file("f", "x");
	SHOW(open(".", O_TMPFILE | O_RDONLY, 0600));
	SHOW(open("f", O_TMPFILE | O_RDWR, 0600));
	SHOW(open("none", O_TMPFILE | O_RDWR, 0600));
	SHOW(open(".", O_TMPFILE | O_RDWR | O_CREAT, 0600));
	SHOW(open("/proc", O_TMPFILE | O_RDWR, 0600));
	SHOW(open("/dev/pts", O_TMPFILE | O_RDWR, 0600));
	AS_USER(1000, 1000, SHOW(open(".", O_TMPFILE | O_RDWR, 0600)));
}
