/* SPDX-License-Identifier: MIT */
/* inotify: the events of each call on a watched file and its directory, of what was unlinked, of moves and overflow. */
#include "harness.h"
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/xattr.h>

static int notify;

static void drain(const char *what)
{
	char buffer[4096] __attribute__((aligned(8)));
	ssize_t n;

	note("%s:", what);
	while ((n = read(notify, buffer, sizeof(buffer))) > 0)
		for (char *p = buffer; p < buffer + n;) {
			struct inotify_event *e = (void *)p;

			note("  watch %d mask %#x%s %s", e->wd, e->mask, e->cookie ? " cookie" : "", e->len ? e->name : "-");
			p += sizeof(*e) + e->len;
		}
}

#define STEP(call) do {                                                                     \
	EXPECT_OK(call);                                                                    \
	drain(#call);                                                                       \
} while (0)

TEST(inotifyall, a_file_and_its_directory)
{
	char byte;
	int fd;

	notify = inotify_init1(IN_NONBLOCK);
	REQUIRE_OK(mkdir("d", 0755));
	put_file("d/f", "x");
	SHOW(inotify_add_watch(notify, "d", IN_ALL_EVENTS));
	SHOW(inotify_add_watch(notify, "d/f", IN_ALL_EVENTS));
	STEP(fd = open("d/f", O_RDWR));
	STEP(read(fd, &byte, 1));
	STEP(write(fd, "x", 1));
	STEP(pwrite(fd, "x", 1, 0));
	STEP(write(fd, "x", 0));
	STEP(ftruncate(fd, 0));
	STEP(fchmod(fd, 0600));
	STEP(fchown(fd, 1, 1));
	STEP(futimens(fd, NULL));
	STEP(fsetxattr(fd, "trusted.x", "x", 1, 0));
	STEP(fallocate(fd, 0, 0, 10));
	STEP(link("d/f", "d/g"));
	STEP(rename("d/g", "d/h"));
	STEP(rename("d/h", "away"));
	STEP(rename("away", "d/back"));
	STEP(symlink("x", "d/s"));
	STEP(mkdir("d/sub", 0755));
	STEP(rmdir("d/sub"));
	STEP(mknod("d/p", S_IFIFO | 0600, 0));
	STEP(unlink("d/back"));
	STEP(unlink("d/f"));
	STEP(write(fd, "still", 5));
	STEP(fchmod(fd, 0644));
	STEP(close(fd));
	STEP(open("d", O_RDONLY | O_DIRECTORY));
	STEP(chmod("d", 0700));
	STEP(rename("d", "e"));
	STEP(unlink("e/s"));
	STEP(unlink("e/p"));
	STEP(rmdir("e"));
}

TEST(inotifyall, excluded_after_unlinking)
{
	int fd;

	notify = inotify_init1(IN_NONBLOCK);
	REQUIRE_OK(mkdir("d", 0755));
	put_file("d/f", "x");
	put_file("d/g", "x");
	SHOW(inotify_add_watch(notify, "d", IN_MODIFY | IN_CLOSE | IN_DELETE | IN_EXCL_UNLINK));
	STEP(fd = open("d/f", O_RDWR));
	STEP(write(fd, "x", 1));
	STEP(unlink("d/f"));
	STEP(write(fd, "x", 1));
	STEP(close(fd));
	SHOW(inotify_add_watch(notify, "d", IN_MODIFY | IN_CLOSE | IN_DELETE));
	STEP(fd = open("d/g", O_RDWR));
	STEP(unlink("d/g"));
	STEP(write(fd, "x", 1));
	STEP(close(fd));
}

TEST(inotifyall, one_shot_and_removal)
{
	int wd;

	notify = inotify_init1(IN_NONBLOCK);
	put_file("f", "x");
	SHOW(inotify_add_watch(notify, "f", IN_ATTRIB | IN_ONESHOT));
	STEP(chmod("f", 0600));
	STEP(chmod("f", 0644));
	wd = inotify_add_watch(notify, "f", IN_ATTRIB);
	note("watch %d", wd);
	STEP(inotify_rm_watch(notify, wd));
	REQUIRE_OK(mkdir("m", 0755));
	REQUIRE_OK(mount("x", "m", "tmpfs", 0, NULL));
	put_file("m/f", "");
	SHOW(inotify_add_watch(notify, "m/f", IN_ALL_EVENTS));
	STEP(umount2("m", 0));
}

TEST(inotifyall, equal_neighbours_are_one)
{
	int fd;

	notify = inotify_init1(IN_NONBLOCK);
	put_file("f", "x");
	SHOW(inotify_add_watch(notify, "f", IN_MODIFY | IN_ATTRIB));
	fd = open("f", O_RDWR);
	for (int i = 0; i < 5; i++)
		write_all(fd, "x", 1);
	chmod("f", 0600);
	write_all(fd, "x", 1);
	drain("five writes, a mode, a write");
}
