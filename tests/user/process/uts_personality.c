/* SPDX-License-Identifier: MIT */
/* uname, host and domain names, UTS namespaces, umask and personality. */
#include "../harness.h"
#include "util.h"
#include <linux/sched.h>
#include <sys/personality.h>
#include <sys/utsname.h>

static void show(const char *what)
{
	struct utsname uts;

	EXPECT_OK(uname(&uts));
	note("%s: node \"%s\" domain \"%s\"", what, uts.nodename, uts.domainname);
}

TEST(uts, uname_fields)
{
	struct utsname uts;

	EXPECT_OK(uname(&uts));
	note("%s %s", uts.sysname, uts.machine);
	EXPECT_TRUE(strncmp(uts.release, "6.", 2) == 0);
	EXPECT_TRUE(uts.version[0] == '#');
	EXPECT_ERRNO(syscall(SYS_uname, NULL), EFAULT);
	EXPECT_ERRNO(syscall(SYS_uname, wild(8)), EFAULT);
}

TEST(uts, a_namespace_of_its_own_keeps_names_apart)
{
	struct gate gate = gate_make(), back = gate_make();
	pid_t pid;

	CHILD(pid) {
		EXPECT_OK(unshare(CLONE_NEWUTS));
		EXPECT_OK(sethostname("inside", 6));
		EXPECT_OK(setdomainname("dom", 3));
		show("inside");
		IN_CHILD(show("child of inside"));
		gate_open(&back);
		gate_wait(&gate);
		show("inside again");
	}
	gate_wait(&back);
	struct utsname uts;

	uname(&uts);
	EXPECT_TRUE(strcmp(uts.nodename, "inside") != 0);
	gate_open(&gate);
	EXPECT_CHILD_OK(pid);
}

TEST(uts, names_are_seen_by_children_siblings_and_proc)
{
	struct gate gate = gate_make();
	char saved[65];
	pid_t pid;

	EXPECT_OK(unshare(CLONE_NEWUTS));
	CHILD(pid) {
		gate_wait(&gate);
		show("sibling");
	}
	EXPECT_OK(gethostname(saved, sizeof(saved)));
	EXPECT_OK(sethostname("first-name", 10));
	EXPECT_OK(setdomainname("a.domain", 8));
	gate_open(&gate);
	EXPECT_CHILD_OK(pid);
	IN_CHILD(show("child"));
	note("proc: %s", strtok(get_file("/proc/sys/kernel/hostname"), "\n"));
	note("proc: %s", strtok(get_file("/proc/sys/kernel/domainname"), "\n"));
	IN_CHILD(EXPECT_OK(sethostname("by-child", 8)));
	show("after the child");
	show("again");
}

TEST(uts, lengths_and_permission)
{
	char longest[65];

	EXPECT_OK(unshare(CLONE_NEWUTS));
	memset(longest, 'h', sizeof(longest));
	EXPECT_OK(sethostname(longest, 64));
	show("64");
	EXPECT_ERRNO(sethostname(longest, 65), EINVAL);
	EXPECT_ERRNO(sethostname(longest, -1), EINVAL);
	EXPECT_OK(sethostname("", 0));
	show("empty");
	EXPECT_ERRNO(sethostname(wild(8), 3), EFAULT);
	EXPECT_ERRNO(setdomainname(longest, 65), EINVAL);
	EXPECT_OK(sethostname("ab\0cd", 5));
	show("with a zero");
	AS_USER(1000, 1000,
		EXPECT_ERRNO(sethostname("x", 1), EPERM);
		EXPECT_ERRNO(setdomainname("x", 1), EPERM);
		EXPECT_ERRNO(unshare(CLONE_NEWUTS), EPERM));
}

TEST(uts, clone_newuts)
{
	long pid = raw_clone(CLONE_NEWUTS | SIGCHLD, NULL, NULL, NULL, NULL);
	struct utsname uts;

	if (pid == 0) {
		sethostname("cloned", 6);
		_exit(0);
	}
	EXPECT_EQ(child_status(pid), 0);
	uname(&uts);
	EXPECT_TRUE(strcmp(uts.nodename, "cloned") != 0);
}

TEST(uts, unshare_flags)
{
	note("0: %s", RESULT(unshare(0)));
	note("FILES: %s", RESULT(unshare(CLONE_FILES)));
	note("FS: %s", RESULT(unshare(CLONE_FS)));
	note("SYSVSEM: %s", RESULT(unshare(CLONE_SYSVSEM)));
	note("THREAD alone in the process: %s", RESULT(unshare(CLONE_THREAD)));
	note("VM: %s", RESULT(unshare(CLONE_VM)));
	note("SIGHAND: %s", RESULT(unshare(CLONE_SIGHAND)));
	note("unknown: %s", RESULT(unshare(CLONE_PARENT)));
	note("VFORK: %s", RESULT(unshare(CLONE_VFORK)));
}

TEST(uts, umask)
{
	struct stat st;

	umask(027);
	EXPECT_EQ(umask(0), 027);
	EXPECT_EQ(umask(07777), 0);
	EXPECT_EQ(umask(-1), 0777);
	EXPECT_EQ(umask(026), 0777);
	EXPECT_OK(close(open("f", O_CREAT | O_WRONLY, 0777)));
	EXPECT_OK(mkdir("d", 01777));
	EXPECT_OK(mkfifo("p", 0666));
	EXPECT_OK(stat("f", &st));
	note("file %o", st.st_mode);
	EXPECT_OK(stat("d", &st));
	note("directory %o", st.st_mode);
	EXPECT_OK(stat("p", &st));
	note("fifo %o", st.st_mode);
	note("%d", strstr(get_file("/proc/self/status"), "Umask:\t0026\n") != NULL);
}

TEST(uts, personality)
{
	EXPECT_EQ(personality(0xffffffff), 0);
	EXPECT_EQ(personality(ADDR_NO_RANDOMIZE), 0);
	EXPECT_EQ(personality(0xffffffff), ADDR_NO_RANDOMIZE);
	IN_CHILD(EXPECT_EQ(personality(0xffffffff), ADDR_NO_RANDOMIZE));
	EXPECT_EQ(personality(0), ADDR_NO_RANDOMIZE);
	EXPECT_EQ(personality(UNAME26), 0);
	struct utsname uts;

	uname(&uts);
	note("UNAME26: %.4s", uts.release);
}
