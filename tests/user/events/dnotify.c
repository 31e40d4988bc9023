/* SPDX-License-Identifier: MIT */
/*
 * F_NOTIFY of fcntl(2): a signal when something in a directory changes. The signal is there when the call that
 * changed it returns; it is blocked and taken from the queue, so that the order is what it was.
 */
#include "harness.h"

#define ALL (DN_ACCESS | DN_MODIFY | DN_CREATE | DN_DELETE | DN_RENAME | DN_ATTRIB)

static int signal_number;

static void block(int sig)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	sigaddset(&set, SIGIO);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal_number = sig;
}

/* What is pending, taken off. */
static void pending(const char *what)
{
	struct timespec none = { 0, 0 };
	sigset_t set;
	siginfo_t info;
	unsigned n = 0;

	sigemptyset(&set);
	sigaddset(&set, signal_number);
	sigaddset(&set, SIGIO);
	while (memset(&info, 0, sizeof(info)), sigtimedwait(&set, &info, &none) > 0) {
		n++;
		if (info.si_signo == SIGIO)
			note("%s: SIGIO code %#x", what, info.si_code);
		else
			note("%s: the signal, code %d band %#lx fd %d", what, info.si_code, (long)info.si_band, info.si_fd);
	}
	if (!n)
		note("%s: nothing", what);
}

static int directory(const char *name)
{
	mkdir(name, 0755);
	return REQUIRE_OK(open(name, O_RDONLY | O_DIRECTORY));
}

/* Everything that is reported, in the directory "d". */
static void do_all(void)
{
	char byte;
	int fd;

	fd = open("d/f", O_CREAT | O_RDWR, 0644);
	pending("create");
	write_all(fd, "x", 1);
	pending("write");
	EXPECT_EQ(pread(fd, &byte, 1, 0), 1);
	pending("read");
	EXPECT_OK(ftruncate(fd, 0));
	pending("truncate");
	EXPECT_OK(fchmod(fd, 0600));
	pending("chmod");
	close(fd);
	pending("close");
	EXPECT_OK(rename("d/f", "d/g"));
	pending("rename");
	EXPECT_OK(rename("d/g", "out"));
	pending("moved out");
	EXPECT_OK(rename("out", "d/g"));
	pending("moved in");
	EXPECT_OK(link("d/g", "d/h"));
	pending("link");
	EXPECT_OK(unlink("d/g"));
	pending("unlink");
	EXPECT_OK(unlink("d/h"));
	pending("the last unlink");
	EXPECT_OK(mkdir("d/sub", 0755));
	pending("mkdir");
	EXPECT_OK(chmod("d/sub", 0700));
	pending("chmod of a directory in it");
	put_file("d/sub/deep", "x");
	pending("below");
	EXPECT_OK(unlink("d/sub/deep"));
	pending("below");
	EXPECT_OK(rmdir("d/sub"));
	pending("rmdir");
	EXPECT_OK(symlink("x", "d/l"));
	pending("symlink");
	EXPECT_OK(unlink("d/l"));
	pending("unlink");
	EXPECT_OK(chmod("d", 0700));
	pending("chmod of itself");
}

TEST(dnotify, each_event)
{
	static const struct { unsigned bit; const char *name; } bits[] = {
		{ DN_ACCESS, "ACCESS" }, { DN_MODIFY, "MODIFY" }, { DN_CREATE, "CREATE" },
		{ DN_DELETE, "DELETE" }, { DN_RENAME, "RENAME" }, { DN_ATTRIB, "ATTRIB" },
	};

	block(SIGRTMIN + 1);
	for (size_t i = 0; i < ARRAY_SIZE(bits); i++) {
		int fd = directory("d");

		EXPECT_OK(fcntl(fd, F_SETSIG, SIGRTMIN + 1));
		note("%s", bits[i].name);
		EXPECT_OK(fcntl(fd, F_NOTIFY, bits[i].bit | DN_MULTISHOT));
		do_all();
		close(fd);
	}
}

TEST(dnotify, all_at_once)
{
	int fd = directory("d");

	block(SIGRTMIN + 1);
	EXPECT_OK(fcntl(fd, F_SETSIG, SIGRTMIN + 1));
	EXPECT_OK(fcntl(fd, F_NOTIFY, ALL | DN_MULTISHOT));
	do_all();
}

TEST(dnotify, once_unless_told_otherwise)
{
	int fd = directory("d");

	block(SIGRTMIN + 1);
	EXPECT_OK(fcntl(fd, F_SETSIG, SIGRTMIN + 1));
	SHOW(fcntl(fd, F_NOTIFY, DN_CREATE));
	put_file("d/a", "");
	pending("first");
	put_file("d/b", "");
	pending("second");
	note("asking again adds");
	SHOW(fcntl(fd, F_NOTIFY, DN_CREATE));
	SHOW(fcntl(fd, F_NOTIFY, DN_DELETE));
	unlink("d/a");
	pending("deleted");
	put_file("d/a", "");
	pending("created");
	SHOW(fcntl(fd, F_NOTIFY, DN_CREATE | DN_MULTISHOT));
	SHOW(fcntl(fd, F_NOTIFY, DN_DELETE));
	unlink("d/a");
	pending("deleted");
	put_file("d/a", "");
	pending("created");
	note("zero ends it");
	SHOW(fcntl(fd, F_NOTIFY, 0));
	unlink("d/a");
	pending("deleted");
	SHOW(fcntl(fd, F_NOTIFY, DN_CREATE | DN_MULTISHOT));
	SHOW(fcntl(fd, F_NOTIFY, DN_MULTISHOT));
	put_file("d/a", "");
	pending("created");
}

TEST(dnotify, what_it_refuses)
{
	int fd = REQUIRE_OK(open("f", O_CREAT | O_RDWR, 0644)), p[2];

	REQUIRE_OK(pipe(p));
	SHOW(fcntl(fd, F_NOTIFY, DN_CREATE));
	SHOW(fcntl(fd, F_NOTIFY, 0));
	SHOW(fcntl(p[0], F_NOTIFY, DN_CREATE));
	SHOW(fcntl(-1, F_NOTIFY, DN_CREATE));
	mkdir("d", 0755);
	SHOW(fcntl(REQUIRE_OK(open("d", O_PATH)), F_NOTIFY, DN_CREATE));
	SHOW(fcntl(REQUIRE_OK(open("d", O_RDONLY)), F_NOTIFY, 0x40));
}

TEST(dnotify, the_signal_is_sigio_by_default)
{
	int fd = directory("d");

	block(SIGRTMIN + 1);
	SHOW(fcntl(fd, F_GETOWN) == 0);
	SHOW(fcntl(fd, F_NOTIFY, DN_CREATE | DN_MULTISHOT));
	SHOW(fcntl(fd, F_GETOWN) == getpid());
	put_file("d/a", "");
	pending("created");
	note("an owner stays");
	SHOW(fcntl(fd, F_SETOWN, 1));
	SHOW(fcntl(fd, F_NOTIFY, DN_CREATE));
	SHOW(fcntl(fd, F_GETOWN));
}

TEST(dnotify, closing_ends_it)
{
	int fd = directory("d"), other = REQUIRE_OK(dup(fd)), second = directory("d");

	block(SIGRTMIN + 1);
	EXPECT_OK(fcntl(fd, F_SETSIG, SIGRTMIN + 1));
	EXPECT_OK(fcntl(fd, F_NOTIFY, DN_CREATE | DN_MULTISHOT));
	put_file("d/a", "");
	pending("created");
	note("a copy of the descriptor: its number is told");
	EXPECT_OK(fcntl(other, F_NOTIFY, DN_CREATE | DN_MULTISHOT));
	put_file("d/b", "");
	pending("created");
	note("two files");
	EXPECT_OK(fcntl(second, F_SETSIG, SIGRTMIN + 1));
	EXPECT_OK(fcntl(second, F_NOTIFY, DN_CREATE | DN_MULTISHOT));
	put_file("d/c", "");
	pending("created");
	note("one copy is closed: that file has no more");
	close(other);
	put_file("d/e", "");
	pending("created");
	note("a child that closes its own is nothing to us");
	IN_CHILD({
		close(second);
		close(fd);
	});
	put_file("d/f", "");
	pending("created");
	close(second);
	put_file("d/g", "");
	pending("created");
}

TEST(dnotify, a_child_changes_the_directory)
{
	int fd = directory("d");

	block(SIGRTMIN + 1);
	EXPECT_OK(fcntl(fd, F_SETSIG, SIGRTMIN + 1));
	EXPECT_OK(fcntl(fd, F_NOTIFY, DN_CREATE | DN_MULTISHOT));
	IN_CHILD(put_file("d/a", ""));
	pending("created");
	IN_CHILD(pending("in the child"));
	note("the directory itself is removed");
	EXPECT_OK(fcntl(fd, F_NOTIFY, ALL));
	unlink("d/a");
	pending("emptied");
	EXPECT_OK(fcntl(fd, F_NOTIFY, ALL));
	EXPECT_OK(rmdir("d"));
	pending("removed");
}
