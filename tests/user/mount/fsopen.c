/* SPDX-License-Identifier: MIT */
/* fsopen(2), fsconfig(2), fsmount(2), fspick(2), and what the context's log says. */
#include "mount_api.h"

enum { SET_FLAG, SET_STRING, SET_BINARY, SET_PATH, SET_PATH_EMPTY, SET_FD, CREATE, RECONFIGURE };

TEST(fsopen, makes_configures_mounts)
{
	struct stat st;
	int fd, m;

	private_tree();
	fd = REQUIRE_OK(fsopen_("tmpfs", 0));
	SHOW(fcntl(fd, F_GETFD));
	SHOW(fcntl(fsopen_("tmpfs", 1), F_GETFD));
	SHOW(fsconfig_(fd, SET_STRING, "source", "mine", 0));
	SHOW(fsconfig_(fd, SET_STRING, "size", "64k", 0));
	SHOW(fsconfig_(fd, SET_STRING, "mode", "0711", 0));
	SHOW(fsmount_(fd, 0, 0));
	SHOW(fsconfig_(fd, CREATE, NULL, NULL, 0));
	SHOW(fsconfig_(fd, SET_STRING, "size", "32k", 0));
	SHOW(fsconfig_(fd, CREATE, NULL, NULL, 0));
	m = REQUIRE_OK(fsmount_(fd, 1, 0));
	SHOW(fcntl(m, F_GETFD));
	note("%#x", fcntl(m, F_GETFL) & O_PATH);
	SHOW(fstat(m, &st));
	note("mode %o", st.st_mode);
	SHOW(move_mount_(m, "", AT_FDCWD, "a", 4));
	SHOW(stat("a", &st));
	note("mode %o", st.st_mode);
	show_log(fd);
	SHOW(fsmount_(fd, 0, 0));
	note("%s", strstr(get_file("/proc/self/mountinfo"), "mine") ? "source shown" : "no source");
	SHOW(umount("a"));
}

TEST(fsopen, refusals)
{
	char longer[300];
	int fd;

	private_tree();
	SHOW(fsopen_("nosuchfs", 0));
	SHOW(fsopen_("tmpfs", 2));
	SHOW(fsopen_(NULL, 0));
	fd = REQUIRE_OK(fsopen_("tmpfs", 0));
	SHOW(fsconfig_(-1, CREATE, NULL, NULL, 0));
	SHOW(fsconfig_(1, CREATE, NULL, NULL, 0));
	SHOW(fsconfig_(999, CREATE, NULL, NULL, 0));
	SHOW(fsconfig_(fd, 99, NULL, NULL, 0));
	SHOW(fsconfig_(fd, CREATE, "x", NULL, 0));
	SHOW(fsconfig_(fd, CREATE, NULL, NULL, 1));
	SHOW(fsconfig_(fd, SET_FLAG, NULL, NULL, 0));
	SHOW(fsconfig_(fd, SET_FLAG, "ro", "1", 0));
	SHOW(fsconfig_(fd, SET_STRING, "size", NULL, 0));
	SHOW(fsconfig_(fd, SET_STRING, "size", "1", 1));
	SHOW(fsconfig_(fd, SET_BINARY, "size", "1", 0));
	SHOW(fsconfig_(fd, SET_PATH, "size", "/", -5));
	SHOW(fsconfig_(fd, SET_FD, "size", NULL, -1));
	SHOW(fsconfig_(fd, SET_STRING, (void *)8, "1", 0));
	SHOW(fsconfig_(fd, SET_STRING, "size", (void *)8, 0));
	memset(longer, 'k', sizeof(longer));
	longer[256] = 0;
	SHOW(fsconfig_(fd, SET_STRING, longer, "1", 0));
	SHOW(fsconfig_(fd, SET_STRING, "size", longer, 0));
	SHOW(fsmount_(1, 0, 0));
	SHOW(fsmount_(-1, 0, 0));
	SHOW(fsmount_(fd, 2, 0));
	SHOW(fsmount_(fd, 0, 0x70));
	SHOW(fsmount_(fd, 0, 0x30));
	SHOW(fsmount_(fd, 0, 0x100000));
	SHOW(fsconfig_(fd, RECONFIGURE, NULL, NULL, 0));
	AS_USER(1000, 1000,
		SHOW(fsopen_("tmpfs", 0));
		SHOW(fsmount_(fd, 0, 0));
		SHOW(fspick_(AT_FDCWD, ".", 0));
		SHOW(fsconfig_(fd, CREATE, NULL, NULL, 0)));
}

TEST(fsopen, the_log_tells_what_was_wrong)
{
	char small[4];
	int fd;

	private_tree();
	fd = REQUIRE_OK(fsopen_("tmpfs", 0));
	SHOW(read(fd, small, 4));
	SHOW(fsconfig_(fd, SET_STRING, "nonsense", "1", 0));
	SHOW(read(fd, small, 4));
	show_log(fd);
	SHOW(fsconfig_(fd, SET_FLAG, "nonsense", NULL, 0));
	SHOW(fsconfig_(fd, SET_STRING, "uid", "abc", 0));
	SHOW(fsconfig_(fd, SET_STRING, "mode", "9", 0));
	SHOW(fsconfig_(fd, SET_STRING, "size", "xyz", 0));
	SHOW(fsconfig_(fd, SET_STRING, "size", "5q", 0));
	SHOW(fsconfig_(fd, SET_FLAG, "size", NULL, 0));
	SHOW(fsconfig_(fd, SET_FLAG, "source", NULL, 0));
	show_log(fd);
	SHOW(fsconfig_(fd, SET_STRING, "source", "one", 0));
	SHOW(fsconfig_(fd, SET_STRING, "source", "two", 0));
	SHOW(fsconfig_(fd, SET_STRING, "ro", "1", 0));
	show_log(fd);
	/* It keeps eight. */
	for (int i = 0; i < 10; i++) {
		char key[8];

		snprintf(key, sizeof(key), "bad%d", i);
		fsconfig_(fd, SET_FLAG, key, NULL, 0);
	}
	show_log(fd);
	SHOW(write(fd, "x", 1));
}

TEST(fsopen, read_only_super_and_mount_attributes)
{
	int fd, m;

	private_tree();
	fd = REQUIRE_OK(fsopen_("tmpfs", 0));
	SHOW(fsconfig_(fd, SET_FLAG, "ro", NULL, 0));
	SHOW(fsconfig_(fd, SET_FLAG, "sync", NULL, 0));
	SHOW(fsconfig_(fd, CREATE, NULL, NULL, 0));
	m = REQUIRE_OK(fsmount_(fd, 0, 2 | 4 | 8 | 0x10));
	SHOW(move_mount_(m, "", AT_FDCWD, "a", 4));
	note("%#lx", mount_flags("a"));
	SHOW(open("a/x", O_CREAT | O_RDWR, 0600));
	/* From here on the context changes the super block. */
	SHOW(fsconfig_(fd, SET_FLAG, "rw", NULL, 0));
	SHOW(fsconfig_(fd, SET_STRING, "size", "1m", 0));
	SHOW(fsconfig_(fd, RECONFIGURE, NULL, NULL, 0));
	note("%#lx", mount_flags("a"));
	EXPECT_OK(open("a/x", O_CREAT | O_RDWR, 0600));
	close(m);
	m = tmpfs_fd(1);
	SHOW(openat(m, "x", O_CREAT | O_RDWR, 0600));
	m = tmpfs_fd(0x20);
	move_mount_(m, "", AT_FDCWD, "b", 4);
	note("%#lx", mount_flags("b"));
}

TEST(fsopen, pick_reconfigures)
{
	struct statvfs st;
	int fd;

	private_tree();
	mkdir("a/sub", 0755);
	SHOW(fspick_(AT_FDCWD, "a", 0));
	SHOW(fspick_(AT_FDCWD, "nothing", 0));
	SHOW(fspick_(AT_FDCWD, ".", 16));
	REQUIRE_OK(mount("x", "a", "tmpfs", 0, "size=64k"));
	fd = REQUIRE_OK(fspick_(AT_FDCWD, "a", 1));
	SHOW(fcntl(fd, F_GETFD));
	SHOW(fsconfig_(fd, CREATE, NULL, NULL, 0));
	SHOW(fsconfig_(fd, SET_STRING, "size", "128k", 0));
	SHOW(fsconfig_(fd, SET_FLAG, "ro", NULL, 0));
	SHOW(fsmount_(fd, 0, 0));
	SHOW(fsconfig_(fd, RECONFIGURE, NULL, NULL, 0));
	statvfs("a", &st);
	note("%lu blocks, %#lx", (unsigned long)st.f_blocks, (unsigned long)(st.f_flag & ST_RDONLY));
	SHOW(open("a/x", O_CREAT | O_RDWR, 0600));
	SHOW(fsconfig_(fd, SET_STRING, "nr_inodes", "none", 0));
	SHOW(fsconfig_(fd, SET_FLAG, "rw", NULL, 0));
	SHOW(fsconfig_(fd, RECONFIGURE, NULL, NULL, 0));
	EXPECT_OK(open("a/x", O_CREAT | O_RDWR, 0600));
	show_log(fd);
	close(fd);
	fd = fspick_(open("a", O_PATH), "", 8);
	EXPECT_OK(fd);
	SHOW(fsconfig_(fd, SET_FLAG, "ro", NULL, 0));
	/* A file is open for writing. */
	SHOW(fsconfig_(fd, RECONFIGURE, NULL, NULL, 0));
}

TEST(fsopen, other_file_systems)
{
	static const char *const names[] = { "proc", "sysfs", "mqueue", "devpts", "devtmpfs", "ramfs" };

	private_tree();
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		int fd = fsopen_(names[i], 0), m;

		note("%s", names[i]);
		/* The others look at their options when they are mounted, or not at all. */
		if (i < 3)
			SHOW(fsconfig_(fd, SET_FLAG, "nonsense", NULL, 0));
		SHOW(fsconfig_(fd, SET_STRING, "source", "s", 0));
		SHOW(fsconfig_(fd, CREATE, NULL, NULL, 0));
		m = fsmount_(fd, 0, 0);
		EXPECT_OK(m);
		SHOW(move_mount_(m, "", AT_FDCWD, "a", 4));
		SHOW(umount2("a", MNT_DETACH));
	}
	SHOW(fsconfig_(fsopen_("proc", 0), SET_STRING, "hidepid", "2", 0));
	SHOW(fsconfig_(fsopen_("devpts", 0), SET_STRING, "mode", "620", 0));
	SHOW(fsconfig_(fsopen_("devpts", 0), SET_STRING, "gid", "5", 0));
}
