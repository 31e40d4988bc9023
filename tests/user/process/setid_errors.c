/* SPDX-License-Identifier: MIT */
/* All calls that set ids, by root and by a user, with every combination of what is allowed and what is not. */
#include "../harness.h"
#include <sys/fsuid.h>

static void ids(const char *what)
{
	unsigned r, e, s, gr, ge, gs;

	syscall(SYS_getresuid, &r, &e, &s);
	syscall(SYS_getresgid, &gr, &ge, &gs);
	note("%s: %u %u %u / %u %u %u fs %d %d", what, r, e, s, gr, ge, gs, setfsuid(-1), setfsgid(-1));
}

#define IDS(call) do {                                                                      \
	note("%s = %s", #call, RESULT(call));                                               \
	ids("");                                                                            \
} while (0)

TEST(setid, by_root)
{
	IN_CHILD(IDS(syscall(SYS_setuid, 5)));
	IN_CHILD(IDS(syscall(SYS_setgid, 5)));
	IN_CHILD(IDS(syscall(SYS_setreuid, 5, -1)));
	IN_CHILD(IDS(syscall(SYS_setreuid, -1, 5)));
	IN_CHILD(IDS(syscall(SYS_setregid, 5, -1)));
	IN_CHILD(IDS(syscall(SYS_setregid, -1, 5)));
	IN_CHILD(IDS(syscall(SYS_setregid, 5, 6)));
	IN_CHILD(IDS(syscall(SYS_setresuid, 5, 6, 7)));
	IN_CHILD(IDS(syscall(SYS_setresuid, -1, -1, -1)));
	IN_CHILD(IDS(syscall(SYS_setresgid, 5, 6, 7)));
	IN_CHILD(IDS(syscall(SYS_setfsuid, 9)));
	IN_CHILD(IDS(syscall(SYS_setfsgid, 9)));
	SHOW(syscall(SYS_setuid, -1));
	SHOW(syscall(SYS_setgid, -1));
	SHOW(syscall(SYS_setfsuid, -1));
}

TEST(setid, by_a_user_with_three_ids)
{
	REQUIRE_OK(syscall(SYS_setresgid, 10, 11, 12));
	REQUIRE_OK(syscall(SYS_setresuid, 1, 2, 3));
	for (int want = 0; want < 5; want++) {
		note("want %d", want);
		IN_CHILD(IDS(syscall(SYS_setuid, want)));
		IN_CHILD(IDS(syscall(SYS_setreuid, want, -1)));
		IN_CHILD(IDS(syscall(SYS_setreuid, -1, want)));
		IN_CHILD(IDS(syscall(SYS_setresuid, want, -1, -1)));
		IN_CHILD(IDS(syscall(SYS_setresuid, -1, want, -1)));
		IN_CHILD(IDS(syscall(SYS_setresuid, -1, -1, want)));
		IN_CHILD(IDS(syscall(SYS_setfsuid, want)));
	}
	for (int want = 9; want < 14; want++) {
		note("want %d", want);
		IN_CHILD(IDS(syscall(SYS_setgid, want)));
		IN_CHILD(IDS(syscall(SYS_setregid, want, -1)));
		IN_CHILD(IDS(syscall(SYS_setregid, -1, want)));
		IN_CHILD(IDS(syscall(SYS_setresgid, want, -1, -1)));
		IN_CHILD(IDS(syscall(SYS_setresgid, -1, want, -1)));
		IN_CHILD(IDS(syscall(SYS_setresgid, -1, -1, want)));
		IN_CHILD(IDS(syscall(SYS_setfsgid, want)));
	}
}

TEST(setid, groups)
{
	gid_t list[4] = { 5, 3, 9, 3 }, got[8];
	static gid_t many[65537];

	SHOW(syscall(SYS_setgroups, 4, list));
	SHOW(syscall(SYS_getgroups, 0, NULL));
	SHOW(syscall(SYS_getgroups, 3, got));
	SHOW(syscall(SYS_getgroups, 8, got));
	note("%u %u %u %u", got[0], got[1], got[2], got[3]);
	SHOW(syscall(SYS_getgroups, -1, got));
	SHOW(syscall(SYS_getgroups, 8, (void *)8));
	SHOW(syscall(SYS_setgroups, -1, list));
	SHOW(syscall(SYS_setgroups, 65536, many));
	SHOW(syscall(SYS_setgroups, 65537, many));
	SHOW(syscall(SYS_setgroups, 2, (void *)8));
	list[1] = (gid_t)-1;
	SHOW(syscall(SYS_setgroups, 4, list));
	SHOW(syscall(SYS_setgroups, 0, NULL));
	SHOW(syscall(SYS_getgroups, 0, NULL));
	AS_USER(5, 5, {
		SHOW(syscall(SYS_setgroups, 0, NULL));
		SHOW(syscall(SYS_setgroups, 1, list));
	});
}

TEST(setid, pointers)
{
	unsigned r, e;

	SHOW(syscall(SYS_getresuid, &r, &e, NULL));
	SHOW(syscall(SYS_getresuid, NULL, &r, &e));
	SHOW(syscall(SYS_getresgid, &r, (void *)8, &e));
}
