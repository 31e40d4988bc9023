/* SPDX-License-Identifier: MIT */
/* inotify: events of files and directories, cookies, masks, removal. */
#include "harness.h"
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mount.h>

static const char *mask_text(uint32_t mask)
{
	static const struct { uint32_t bit; const char *name; } bits[] = {
		{ IN_ACCESS, "ACCESS" }, { IN_MODIFY, "MODIFY" }, { IN_ATTRIB, "ATTRIB" },
		{ IN_CLOSE_WRITE, "CLOSE_WRITE" }, { IN_CLOSE_NOWRITE, "CLOSE_NOWRITE" },
		{ IN_OPEN, "OPEN" }, { IN_MOVED_FROM, "MOVED_FROM" }, { IN_MOVED_TO, "MOVED_TO" },
		{ IN_CREATE, "CREATE" }, { IN_DELETE, "DELETE" }, { IN_DELETE_SELF, "DELETE_SELF" },
		{ IN_MOVE_SELF, "MOVE_SELF" }, { IN_UNMOUNT, "UNMOUNT" }, { IN_Q_OVERFLOW, "Q_OVERFLOW" },
		{ IN_IGNORED, "IGNORED" }, { IN_ISDIR, "ISDIR" },
	};
	static char text[256];

	text[0] = 0;
	for (size_t i = 0; i < ARRAY_SIZE(bits); i++)
		if (mask & bits[i].bit) {
			strcat(text, text[0] ? "|" : "");
			strcat(text, bits[i].name);
		}
	return text;
}

static void drain(int fd)
{
	static char space[65536] __attribute__((aligned(8)));
	uint32_t first_cookie = 0;
	ssize_t n;

	while ((n = read(fd, space, sizeof(space))) > 0) {
		for (ssize_t at = 0; at < n;) {
			struct inotify_event *e = (struct inotify_event *)(space + at);

			if (e->cookie && !first_cookie)
				first_cookie = e->cookie;
			note("wd %d %s cookie %s len %u name %s", e->wd, mask_text(e->mask),
			     e->cookie == 0 ? "0" : e->cookie == first_cookie ? "same" : "other",
			     e->len, e->len ? e->name : "-");
			at += sizeof(*e) + e->len;
		}
	}
	note("-- %s", errno_name(errno));
}

TEST(inotify, a_file_through_its_directory)
{
	int in = REQUIRE_OK(inotify_init1(IN_NONBLOCK)), fd;
	char byte;

	mkdir("d", 0755);
	SHOW(inotify_add_watch(in, "d", IN_ALL_EVENTS));
	fd = open("d/f", O_CREAT | O_RDWR, 0644);
	write_all(fd, "x", 1);
	EXPECT_EQ(pread(fd, &byte, 1, 0), 1);
	close(fd);
	drain(in);
	chmod("d/f", 0600);
	close(open("d/f", O_RDONLY));
	truncate("d/f", 0);
	link("d/f", "d/g");
	unlink("d/f");
	drain(in);
}

TEST(inotify, moves_carry_a_cookie)
{
	int in = REQUIRE_OK(inotify_init1(IN_NONBLOCK));

	mkdir("a", 0755);
	mkdir("b", 0755);
	put_file("a/f", "");
	put_file("out", "");
	SHOW(inotify_add_watch(in, "a", IN_MOVE));
	SHOW(inotify_add_watch(in, "b", IN_MOVE));
	rename("a/f", "a/g");
	drain(in);
	rename("a/g", "b/h");
	drain(in);
	rename("b/h", "gone");
	rename("out", "a/in");
	drain(in);
}

TEST(inotify, directories_are_marked)
{
	int in = REQUIRE_OK(inotify_init1(IN_NONBLOCK));

	SHOW(inotify_add_watch(in, ".", IN_CREATE | IN_DELETE));
	mkdir("d", 0755);
	symlink("x", "l");
	mkfifo("p", 0600);
	rmdir("d");
	unlink("l");
	drain(in);
}

TEST(inotify, the_watched_file_itself)
{
	int in = REQUIRE_OK(inotify_init1(IN_NONBLOCK));

	put_file("f", "");
	SHOW(inotify_add_watch(in, "f", IN_ALL_EVENTS));
	rename("f", "g");
	drain(in);
	unlink("g");
	drain(in);
}

TEST(inotify, a_watched_directory_that_is_removed)
{
	int in = REQUIRE_OK(inotify_init1(IN_NONBLOCK));

	mkdir("d", 0755);
	SHOW(inotify_add_watch(in, "d", IN_ALL_EVENTS));
	rmdir("d");
	drain(in);
	SHOW(inotify_rm_watch(in, 1));
}

TEST(inotify, masks)
{
	int in = REQUIRE_OK(inotify_init1(IN_NONBLOCK));

	put_file("f", "");
	mkdir("d", 0755);
	SHOW(inotify_add_watch(in, "f", IN_OPEN));
	SHOW(inotify_add_watch(in, "f", IN_CLOSE | IN_MASK_ADD));
	close(open("f", O_RDONLY));
	drain(in);
	SHOW(inotify_add_watch(in, "f", IN_CLOSE));
	close(open("f", O_RDONLY));
	drain(in);
	SHOW(inotify_add_watch(in, "f", IN_OPEN | IN_MASK_CREATE));
	SHOW(inotify_add_watch(in, "f", IN_OPEN | IN_ONLYDIR));
	SHOW(inotify_add_watch(in, "f", IN_OPEN | IN_ONESHOT));
	close(open("f", O_RDONLY));
	close(open("f", O_RDONLY));
	drain(in);
}

TEST(inotify, removing_a_watch_says_ignored)
{
	int in = REQUIRE_OK(inotify_init1(IN_NONBLOCK)), wd;

	wd = inotify_add_watch(in, ".", IN_CREATE);
	SHOW(inotify_rm_watch(in, wd));
	put_file("f", "");
	drain(in);
	SHOW(inotify_add_watch(in, ".", IN_CREATE));
}

TEST(inotify, equal_events_in_a_row_are_merged)
{
	int in = REQUIRE_OK(inotify_init1(IN_NONBLOCK)), fd = temp_fd(), n = 0;

	put_file("f", "");
	fd = open("f", O_WRONLY);
	inotify_add_watch(in, "f", IN_MODIFY);
	write_all(fd, "x", 1);
	write_all(fd, "x", 1);
	write_all(fd, "x", 1);
	SHOW(ioctl(in, FIONREAD, &n));
	note("%d bytes", n);
	drain(in);
}

TEST(inotify, links_and_dontfollow)
{
	int in = REQUIRE_OK(inotify_init1(IN_NONBLOCK));

	put_file("f", "");
	symlink("f", "l");
	SHOW(inotify_add_watch(in, "l", IN_OPEN));
	SHOW(inotify_add_watch(in, "f", IN_OPEN));
	SHOW(inotify_add_watch(in, "l", IN_OPEN | IN_DONT_FOLLOW));
}

TEST(inotify, unmount)
{
	int in = REQUIRE_OK(inotify_init1(IN_NONBLOCK));

	mkdir("m", 0755);
	EXPECT_OK(mount("x", "m", "tmpfs", 0, NULL));
	SHOW(inotify_add_watch(in, "m", IN_ALL_EVENTS));
	EXPECT_OK(umount("m"));
	drain(in);
}

TEST(inotify, errors)
{
	int in = REQUIRE_OK(inotify_init1(IN_NONBLOCK)), p[2];
	char small[8];

	REQUIRE_OK(pipe(p));
	put_file("secret", "");
	chmod("secret", 0600);
	SHOW(inotify_init1(1));
	SHOW(fcntl(inotify_init1(IN_CLOEXEC), F_GETFD));
	SHOW(inotify_add_watch(in, "none", IN_OPEN));
	SHOW(inotify_add_watch(in, ".", 0));
	SHOW(inotify_add_watch(-1, ".", IN_OPEN));
	SHOW(inotify_add_watch(p[0], ".", IN_OPEN));
	SHOW(inotify_add_watch(in, NULL, IN_OPEN));
	SHOW(inotify_rm_watch(in, 77));
	SHOW(inotify_rm_watch(p[0], 1));
	inotify_add_watch(in, ".", IN_CREATE);
	put_file("new", "");
	SHOW(read(in, small, sizeof(small)));
	SHOW(write(in, small, sizeof(small)));
	AS_USER(1000, 1000, SHOW(inotify_add_watch(in, "secret", IN_OPEN)));
}

TEST(inotify, a_reader_waits)
{
	int in = REQUIRE_OK(inotify_init1(0));
	pid_t pid;

	inotify_add_watch(in, ".", IN_CREATE);
	CHILD(pid) {
		char space[4096];

		SHOW(read(in, space, sizeof(space)) > 0);
	}
	wait_state(pid, 'S');
	put_file("f", "");
	EXPECT_CHILD_OK(pid);
}

TEST(inotify, exchanged_names)
{
	int in = REQUIRE_OK(inotify_init1(IN_NONBLOCK));

	mkdir("a", 0755);
	mkdir("b", 0755);
	put_file("a/f", "x");
	mkdir("b/g", 0755);
	REQUIRE_OK(inotify_add_watch(in, "a", IN_ALL_EVENTS));
	REQUIRE_OK(inotify_add_watch(in, "b", IN_ALL_EVENTS));
	REQUIRE_OK(inotify_add_watch(in, "a/f", IN_MOVE_SELF));
	REQUIRE_OK(inotify_add_watch(in, "b/g", IN_MOVE_SELF));
	drain(in);
	SHOW(renameat2(AT_FDCWD, "a/f", AT_FDCWD, "b/g", RENAME_EXCHANGE));
	drain(in);
}
