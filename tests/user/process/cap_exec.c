/* SPDX-License-Identifier: MIT */
/* The transition table of capabilities(7): what each set is after an exec, for programs with and without file capabilities. */
#include "cap_exec.h"

#define NET BIT(CAP_NET_RAW)
#define CHOWN BIT(CAP_CHOWN)
#define HIGH BIT(CAP_SYSLOG)

TEST(cap_exec, a_plain_program)
{
	program("p", 0, 0755);
	note("root");
	run_with("./p", (struct how){ 0 });
	note("root without one in the bounding set");
	run_with("./p", (struct how){ .drop_bounding = CHOWN });
	note("root that inherits what is not in the bounding set");
	run_with("./p", (struct how){ .drop_bounding = CHOWN, .inheritable = NET });
	note("a user with nothing");
	run_with("./p", (struct how){ .uid = 1000 });
	note("a user who has some");
	run_with("./p", (struct how){ .uid = 1000, .permitted = NET | CHOWN });
	note("a user who has some and they are inheritable");
	run_with("./p", (struct how){ .uid = 1000, .permitted = NET | CHOWN, .inheritable = NET });
	note("and one is ambient");
	run_with("./p", (struct how){ .uid = 1000, .permitted = NET | CHOWN, .inheritable = NET, .ambient = NET });
}

TEST(cap_exec, file_permitted_and_effective)
{
	program("p", 0, 0755);
	SHOW(file_caps("p", NET | HIGH, 0, false));
	run_with("./p", (struct how){ .uid = 1000 });
	SHOW(file_caps("p", NET | HIGH, 0, true));
	run_with("./p", (struct how){ .uid = 1000 });
	note("what is permitted before does not matter");
	run_with("./p", (struct how){ .uid = 1000, .permitted = CHOWN });
	note("root");
	run_with("./p", (struct how){ 0 });
	SHOW(file_caps("p", 0, 0, true));
	note("none at all: a user");
	run_with("./p", (struct how){ .uid = 1000, .permitted = CHOWN });
	note("none at all: root");
	run_with("./p", (struct how){ 0 });
}

TEST(cap_exec, the_bounding_set_limits_the_file)
{
	program("p", 0, 0755);
	file_caps("p", NET | CHOWN, 0, false);
	run_with("./p", (struct how){ .uid = 1000, .drop_bounding = NET });
	file_caps("p", NET | CHOWN, 0, true);
	note("an effective file that does not get all may not run");
	run_with("./p", (struct how){ .uid = 1000, .drop_bounding = NET });
}

TEST(cap_exec, file_inheritable)
{
	program("p", 0, 0755);
	file_caps("p", 0, NET | HIGH, false);
	run_with("./p", (struct how){ .uid = 1000, .permitted = NET, .inheritable = NET });
	run_with("./p", (struct how){ .uid = 1000, .permitted = CHOWN, .inheritable = CHOWN });
	file_caps("p", 0, NET, true);
	run_with("./p", (struct how){ .uid = 1000, .permitted = NET, .inheritable = NET });
	note("inheritable passes the bounding set");
	run_with("./p", (struct how){ .uid = 1000, .permitted = NET, .inheritable = NET, .drop_bounding = NET });
}

TEST(cap_exec, ambient_ends_at_a_privileged_file)
{
	program("p", 0, 0755);
	file_caps("p", CHOWN, 0, false);
	run_with("./p", (struct how){ .uid = 1000, .permitted = NET, .inheritable = NET, .ambient = NET });
	program("s", 1001, 04755);
	note("a set-user-id program that is not root's");
	run_with("./s", (struct how){ .uid = 1000, .permitted = NET, .inheritable = NET, .ambient = NET });
	program("own", 1000, 04755);
	note("one of one's own");
	run_with("./own", (struct how){ .uid = 1000, .permitted = NET, .inheritable = NET, .ambient = NET });
}

TEST(cap_exec, set_user_id_root)
{
	program("p", 0, 04755);
	note("a user");
	run_with("./p", (struct how){ .uid = 1000 });
	note("with a smaller bounding set");
	run_with("./p", (struct how){ .uid = 1000, .drop_bounding = CHOWN });
	file_caps("p", NET, 0, true);
	note("and with file capabilities: those count");
	run_with("./p", (struct how){ .uid = 1000 });
	note("started by root");
	run_with("./p", (struct how){ 0 });
	file_caps("p", NET, 0, false);
	note("not effective");
	run_with("./p", (struct how){ .uid = 1000 });
}

TEST(cap_exec, no_new_privs)
{
	program("p", 0, 0755);
	program("s", 0, 04755);
	program("c", 0, 0755);
	file_caps("c", NET, 0, true);
	note("plain");
	run_with("./p", (struct how){ .uid = 1000, .no_new_privs = true });
	note("set-user-id");
	run_with("./s", (struct how){ .uid = 1000, .no_new_privs = true });
	note("file capabilities");
	run_with("./c", (struct how){ .uid = 1000, .no_new_privs = true });
	note("file capabilities that one has");
	run_with("./c", (struct how){ .uid = 1000, .no_new_privs = true, .permitted = NET | CHOWN });
	note("ambient stays");
	run_with("./p", (struct how){ .uid = 1000, .no_new_privs = true, .permitted = NET, .inheritable = NET, .ambient = NET });
	note("root");
	run_with("./p", (struct how){ .no_new_privs = true });
}

TEST(cap_exec, securebits)
{
	program("p", 0, 0755);
	program("s", 0, 04755);
	note("noroot: root is a user");
	run_with("./p", (struct how){ .securebits = SECBIT_NOROOT });
	note("noroot: set-user-id root");
	run_with("./s", (struct how){ .uid = 1000, .securebits = SECBIT_NOROOT });
	note("keep_caps ends at exec");
	run_with("./p", (struct how){ .securebits = SECBIT_KEEP_CAPS });
	note("locked keep_caps");
	run_with("./p", (struct how){ .securebits = SECBIT_KEEP_CAPS_LOCKED });
	note("noroot and file capabilities");
	file_caps("p", NET, 0, true);
	run_with("./p", (struct how){ .securebits = SECBIT_NOROOT });
	note("no_setuid_fixup: a user keeps permitted, but exec clears");
	run_with("./s", (struct how){ .uid = 1000, .securebits = SECBIT_NO_SETUID_FIXUP });
}

TEST(cap_exec, nosuid_mounts_ignore_it_all)
{
	REQUIRE_OK(mkdir("m", 0755));
	if (syscall(SYS_unshare, 0x20000 /* CLONE_NEWNS */) ||
	    syscall(SYS_mount, "x", "m", "tmpfs", 0, NULL))
		fail("mount: %s", errno_name(errno));
	program("m/s", 0, 04755);
	program("m/c", 0, 0755);
	file_caps("m/c", NET, 0, true);
	run_with("m/s", (struct how){ .uid = 1000 });
	run_with("m/c", (struct how){ .uid = 1000 });
	SHOW(syscall(SYS_mount, NULL, "m", NULL, 32 | 4096 | 2 /* remount, bind, nosuid */, NULL));
	run_with("m/s", (struct how){ .uid = 1000 });
	run_with("m/c", (struct how){ .uid = 1000 });
}

TEST(cap_exec, scripts_do_not_get_their_interpreters_nor_their_own)
{
	program("p", 0, 0755);
	put_file("script", "#!./p @sets\n");
	chmod("script", 04755);
	file_caps("script", NET, 0, true);
	note("marks on the script");
	run_with("./script", (struct how){ .uid = 1000 });
	file_caps("p", CHOWN, 0, true);
	note("marks on the interpreter");
	run_with("./script", (struct how){ .uid = 1000 });
}
