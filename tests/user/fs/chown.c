/* SPDX-License-Identifier: MIT */
/* fchownat(2), fchown(2): ids, minus one, who may, set-id bits. */
#include "harness.h"

static void show(const char *path)
{
	struct stat st;

	lstat(path, &st);
	note("%s %u:%u %o", path, st.st_uid, st.st_gid, st.st_mode & 07777);
}

TEST(chown, sets_one_or_both)
{
	put_file("f", "");
	SHOW(chown("f", 10, 20));
	show("f");
	SHOW(chown("f", -1, 30));
	show("f");
	SHOW(chown("f", 40, -1));
	show("f");
	SHOW(chown("f", -1, -1));
	show("f");
	SHOW(fchown(open("f", O_RDONLY), 0, 0));
	show("f");
	SHOW(chown("f", 0xfffffffe, 0xfffffffe));
	show("f");
}

TEST(chown, flags_of_fchownat)
{
	int fd;

	put_file("f", "");
	symlink("f", "l");
	SHOW(fchownat(AT_FDCWD, "l", 1, 1, AT_SYMLINK_NOFOLLOW));
	show("l");
	show("f");
	SHOW(fchownat(AT_FDCWD, "l", 2, 2, 0));
	show("f");
	fd = open("f", O_RDONLY);
	SHOW(fchownat(fd, "", 3, 3, AT_EMPTY_PATH));
	show("f");
	SHOW(fchownat(fd, "", 3, 3, 0));
	SHOW(fchownat(AT_FDCWD, "", 0, 0, AT_EMPTY_PATH));
	SHOW(fchownat(AT_FDCWD, "f", 3, 3, 0x4));
	SHOW(fchownat(-1, "f", 3, 3, 0));
	SHOW(fchown(-1, 3, 3));
	SHOW(chown("none", 1, 1));
	SHOW(chown(NULL, 1, 1));
}

TEST(chown, drops_set_id_bits)
{
	put_file("f", "");
	chmod("f", 06755);
	SHOW(chown("f", 1, 1));
	show("f");
	chmod("f", 06745);
	SHOW(chown("f", 2, 2));
	show("f");
	chmod("f", 06755);
	SHOW(chown("f", -1, -1));
	show("f");
	mkdir("d", 0755);
	chmod("d", 06755);
	SHOW(chown("d", 1, 1));
	show("d");
}

TEST(chown, an_ordinary_user_may_only_give_to_own_groups)
{
	gid_t groups[] = { 2000, 3000 };

	put_file("f", "");
	chown("f", 1000, 1000);
	put_file("g", "");
	IN_CHILD({
		REQUIRE_OK(syscall(SYS_setgroups, 2, groups));
		REQUIRE_OK(syscall(SYS_setresgid, 1000, 1000, 1000));
		REQUIRE_OK(syscall(SYS_setresuid, 1000, 1000, 1000));
		SHOW(chown("f", 1001, -1));
		SHOW(chown("f", 1000, -1));
		SHOW(chown("f", -1, 2000));
		SHOW(chown("f", -1, 3000));
		SHOW(chown("f", -1, 4000));
		SHOW(chown("f", -1, 1000));
		SHOW(chown("g", -1, 1000));
		SHOW(chown("g", -1, -1));
	});
	show("f");
}
