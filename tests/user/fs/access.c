/* SPDX-License-Identifier: MIT */
/* faccessat(2), faccessat2(2): real ids, effective ids, flags. */
#include "harness.h"

#ifndef SYS_faccessat2
#define SYS_faccessat2 439
#endif

TEST(access, modes_for_root)
{
	put_file("f", "");
	chmod("f", 0);
	SHOW(access("f", F_OK));
	SHOW(access("f", R_OK | W_OK));
	SHOW(access("f", X_OK));
	chmod("f", 0001);
	SHOW(access("f", X_OK));
	mkdir("d", 0);
	SHOW(access("d", R_OK | W_OK | X_OK));
	SHOW(access("f", 8));
	SHOW(access("f", -1));
}

TEST(access, owner_group_and_others_do_not_add_up)
{
	gid_t group = 3000;

	put_file("f", "");
	chown("f", 1000, 2000);
	for (int i = 0; i < 3; i++) {
		static const int modes[] = { 0477, 0747, 0774 };

		chmod("f", modes[i]);
		note("mode %o", modes[i]);
		AS_USER(1000, 2000, note(" owner r%s w%s x%s", RESULT(access("f", R_OK)),
			RESULT(access("f", W_OK)), RESULT(access("f", X_OK))));
		AS_USER(1001, 2000, note(" group r%s w%s x%s", RESULT(access("f", R_OK)),
			RESULT(access("f", W_OK)), RESULT(access("f", X_OK))));
		AS_USER(1001, 2001, note(" other r%s w%s x%s", RESULT(access("f", R_OK)),
			RESULT(access("f", W_OK)), RESULT(access("f", X_OK))));
	}
	chown("f", 1000, 3000);
	chmod("f", 0070);
	IN_CHILD({
		REQUIRE_OK(syscall(SYS_setgroups, 1, &group));
		REQUIRE_OK(syscall(SYS_setresgid, 9, 9, 9));
		REQUIRE_OK(syscall(SYS_setresuid, 9, 9, 9));
		SHOW(access("f", R_OK | W_OK | X_OK));
	});
}

TEST(access, real_ids_are_used_and_effective_on_request)
{
	put_file("f", "");
	chmod("f", 0600);
	IN_CHILD({
		REQUIRE_OK(syscall(SYS_setresuid, 1000, 0, 0));
		SHOW(access("f", R_OK));
		SHOW(syscall(SYS_faccessat2, AT_FDCWD, "f", R_OK, AT_EACCESS));
		SHOW(close(open("f", O_RDONLY)));
	});
	IN_CHILD({
		REQUIRE_OK(syscall(SYS_setresuid, 0, 1000, 0));
		SHOW(access("f", R_OK));
		SHOW(syscall(SYS_faccessat2, AT_FDCWD, "f", R_OK, AT_EACCESS));
		SHOW(open("f", O_RDONLY));
	});
}

TEST(access, flags_and_errors)
{
	int fd;

	put_file("f", "");
	symlink("none", "l");
	fd = open("f", O_RDONLY);
	SHOW(access("none", F_OK));
	SHOW(access("l", F_OK));
	SHOW(syscall(SYS_faccessat2, AT_FDCWD, "l", F_OK, AT_SYMLINK_NOFOLLOW));
	SHOW(syscall(SYS_faccessat2, fd, "", R_OK, AT_EMPTY_PATH));
	SHOW(syscall(SYS_faccessat2, fd, "", R_OK, 0));
	SHOW(syscall(SYS_faccessat2, AT_FDCWD, "f", R_OK, 0x4));
	SHOW(syscall(SYS_faccessat2, AT_FDCWD, "f", 8, 0));
	SHOW(syscall(SYS_faccessat, -1, "f", R_OK));
	SHOW(access("f/x", F_OK));
	SHOW(access("", F_OK));
	SHOW(access(NULL, F_OK));
	SHOW(access("/proc/version", W_OK));
}

TEST(access, search_permission_along_the_path)
{
	mkdir("a", 0755);
	mkdir("a/b", 0700);
	mkdir("a/b/c", 0777);
	AS_USER(1000, 1000, {
		SHOW(access("a", X_OK));
		SHOW(access("a/b", F_OK));
		SHOW(access("a/b", X_OK));
		SHOW(access("a/b/c", F_OK));
		SHOW(access("a/b/none", F_OK));
		SHOW(access("a/none", F_OK));
	});
}
