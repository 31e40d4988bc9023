/* SPDX-License-Identifier: MIT */
/* User and group ids: setuid and its family, for root and for ordinary users. */
#include "../harness.h"
#include "util.h"
#include <sys/fsuid.h>

static void show(const char *what)
{
	uid_t r, e, s;
	gid_t gr, ge, gs;

	getresuid(&r, &e, &s);
	getresgid(&gr, &ge, &gs);
	note("%s: uid %u %u %u fs %u gid %u %u %u fs %u", what, r, e, s, setfsuid(-1), gr, ge, gs,
	     setfsgid(-1));
}

TEST(credentials, setuid_by_root_changes_all)
{
	show("start");
	EXPECT_OK(setgid(500));
	EXPECT_OK(setuid(400));
	show("after");
	EXPECT_ERRNO(setuid(0), EPERM);
	EXPECT_ERRNO(setgid(0), EPERM);
	EXPECT_ERRNO(setuid(401), EPERM);
	EXPECT_OK(setuid(400));
	EXPECT_ERRNO(setuid(-1), EINVAL);
	EXPECT_ERRNO(setgid(-1), EINVAL);
}

TEST(credentials, setuid_by_a_user_with_saved_root)
{
	EXPECT_OK(setresuid(100, 200, 300));
	show("100 200 300");
	EXPECT_OK(setuid(300));
	show("setuid 300");
	EXPECT_OK(setuid(100));
	show("setuid 100");
	EXPECT_ERRNO(setuid(200), EPERM);
}

TEST(credentials, setreuid_rules)
{
	EXPECT_OK(setreuid(100, 200));
	show("setreuid 100 200");
	EXPECT_OK(setreuid(200, 100));
	show("swapped");
	EXPECT_OK(setreuid(-1, 200));
	show("effective back");
	EXPECT_ERRNO(setreuid(300, -1), EPERM);
	EXPECT_ERRNO(setreuid(-1, 300), EPERM);
	EXPECT_OK(setreuid(-1, -1));
	EXPECT_OK(setreuid(200, 200));
	show("200 200");
}

TEST(credentials, setresuid_rules)
{
	EXPECT_OK(setresuid(1, 2, 3));
	show("1 2 3");
	EXPECT_OK(setresuid(3, 1, 2));
	show("3 1 2");
	EXPECT_OK(setresuid(-1, 3, -1));
	show("-1 3 -1");
	EXPECT_ERRNO(setresuid(4, -1, -1), EPERM);
	EXPECT_ERRNO(setresuid(-1, 4, -1), EPERM);
	EXPECT_ERRNO(setresuid(-1, -1, 4), EPERM);
	show("unchanged");
}

TEST(credentials, setresgid_and_setregid_rules)
{
	IN_CHILD(
		EXPECT_OK(setresgid(1, 2, 3));
		show("root");
		EXPECT_OK(setresuid(9, 9, 9));
		EXPECT_OK(setresgid(3, 1, 2));
		show("user");
		EXPECT_ERRNO(setresgid(4, -1, -1), EPERM);
		EXPECT_OK(setregid(1, 3));
		show("setregid");
		EXPECT_ERRNO(setregid(7, -1), EPERM);
		EXPECT_ERRNO(setgid(7), EPERM);
		EXPECT_OK(setgid(1));
		show("setgid")
	);
}

TEST(credentials, getres_with_bad_pointers)
{
	uid_t a, b;

	EXPECT_ERRNO(syscall(SYS_getresuid, wild(8), &a, &b), EFAULT);
	EXPECT_ERRNO(syscall(SYS_getresuid, &a, &b, NULL), EFAULT);
	EXPECT_ERRNO(syscall(SYS_getresgid, &a, NULL, &b), EFAULT);
}

TEST(credentials, fsuid_decides_file_access)
{
	int fd;

	EXPECT_OK(close(open("secret", O_CREAT | O_WRONLY, 0600)));
	EXPECT_EQ(setfsuid(1000), 0);
	EXPECT_EQ(setfsuid(-1), 1000);
	EXPECT_ERRNO(open("secret", O_RDONLY), EACCES);
	EXPECT_EQ(geteuid(), 0);
	EXPECT_EQ(setfsuid(0), 1000);
	fd = EXPECT_OK(open("secret", O_RDONLY));
	close(fd);
	EXPECT_OK(chown("secret", 77, 0));
	EXPECT_OK(seteuid(77));
	EXPECT_EQ(setfsuid(-1), 77);
	fd = EXPECT_OK(open("secret", O_RDWR));
	/* A user's fsuid may only be one of its ids; anything else changes nothing. */
	EXPECT_EQ(setfsuid(5), 77);
	EXPECT_EQ(setfsuid(-1), 77);
	EXPECT_EQ(setfsuid(0), 77);
	EXPECT_EQ(setfsuid(-1), 0);
}

TEST(credentials, euid_change_leaves_access_by_real_id)
{
	EXPECT_OK(close(open("f", O_CREAT | O_WRONLY, 0600)));
	EXPECT_OK(setresuid(1000, 0, 0));
	EXPECT_ERRNO(access("f", R_OK), EACCES);
	EXPECT_OK(faccessat(AT_FDCWD, "f", R_OK, AT_EACCESS));
}

TEST(credentials, new_files_belong_to_the_filesystem_ids)
{
	struct stat st;

	EXPECT_OK(chmod(".", 0777));
	EXPECT_OK(setegid(222));
	EXPECT_OK(seteuid(111));
	EXPECT_OK(close(open("f", O_CREAT | O_WRONLY, 0600)));
	EXPECT_OK(stat("f", &st));
	note("%u %u", st.st_uid, st.st_gid);
}

TEST(credentials, groups)
{
	gid_t groups[20], got[70000 / 4];
	static gid_t many[65537];

	for (int i = 0; i < 20; i++)
		groups[i] = 1000 - i * 3;
	EXPECT_OK(syscall(SYS_setgroups, 20, groups));
	EXPECT_EQ(syscall(SYS_getgroups, 0, NULL), 20);
	EXPECT_ERRNO(syscall(SYS_getgroups, 19, got), EINVAL);
	EXPECT_EQ(syscall(SYS_getgroups, 100, got), 20);
	note("first %u second %u last %u", got[0], got[1], got[19]);
	EXPECT_ERRNO(syscall(SYS_getgroups, -1, got), EINVAL);
	EXPECT_ERRNO(syscall(SYS_getgroups, 20, wild(8)), EFAULT);
	EXPECT_ERRNO(syscall(SYS_setgroups, 65537, many), EINVAL);
	EXPECT_ERRNO(syscall(SYS_setgroups, -1, many), EINVAL);
	EXPECT_ERRNO(syscall(SYS_setgroups, 2, wild(8)), EFAULT);
	for (int i = 0; i < 65536; i++)
		many[i] = i;
	EXPECT_OK(syscall(SYS_setgroups, 65536, many));
	EXPECT_EQ(syscall(SYS_getgroups, 0, NULL), 65536);
	EXPECT_OK(syscall(SYS_setgroups, 0, NULL));
	EXPECT_EQ(syscall(SYS_getgroups, 0, NULL), 0);
	many[0] = -1;
	EXPECT_ERRNO(syscall(SYS_setgroups, 1, many), EINVAL);
	setresuid(5, 5, 5);
	EXPECT_ERRNO(syscall(SYS_setgroups, 0, NULL), EPERM);
}

TEST(credentials, supplementary_groups_open_files)
{
	gid_t group = 777;
	pid_t pid;

	EXPECT_OK(close(open("g", O_CREAT | O_WRONLY, 0640)));
	EXPECT_OK(chown("g", 0, 777));
	CHILD(pid) {
		EXPECT_OK(syscall(SYS_setgroups, 1, &group));
		EXPECT_OK(setresgid(5, 5, 5));
		EXPECT_OK(setresuid(5, 5, 5));
		EXPECT_OK(open("g", O_RDONLY));
		EXPECT_ERRNO(open("g", O_WRONLY), EACCES);
	}
	EXPECT_CHILD_OK(pid);
	AS_USER(5, 5, EXPECT_ERRNO(open("g", O_RDONLY), EACCES));
}
