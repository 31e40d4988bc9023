/* SPDX-License-Identifier: MIT */
/* /proc/PID/ns, setns(2), ioctl_ns(2), for the mount, UTS and IPC namespaces. */
#include "../harness.h"
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/msg.h>

static const char *const kinds[] = { "ipc", "mnt", "uts" };
static const int flags[] = { CLONE_NEWIPC, CLONE_NEWNS, CLONE_NEWUTS };

static int ns_fd(pid_t pid, const char *kind)
{
	char path[64];

	if (pid)
		snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, kind);
	else
		snprintf(path, sizeof(path), "/proc/self/ns/%s", kind);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static bool same(int a, int b)
{
	struct stat s, t;

	return fstat(a, &s) == 0 && fstat(b, &t) == 0 && s.st_ino == t.st_ino && s.st_dev == t.st_dev;
}

TEST(setns, links_name_the_namespace)
{
	char text[64];
	struct stat st;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		char path[64];
		int fd = ns_fd(0, kinds[i]);
		ssize_t n;

		snprintf(path, sizeof(path), "/proc/self/ns/%s", kinds[i]);
		n = readlink(path, text, sizeof(text) - 1);
		REQUIRE_OK(n);
		text[n] = 0;
		fstat(fd, &st);
		note("%.5s %d mode %o", text, strtoul(text + 5, NULL, 10) == st.st_ino, st.st_mode);
		note("type right %d", ioctl(fd, 0xb703 /* NS_GET_NSTYPE */) == flags[i]);
		SHOW(ioctl(fd, 0xb702 /* NS_GET_PARENT */));
		SHOW(ioctl(fd, 0xb704 /* NS_GET_OWNER_UID */));
		SHOW(ioctl(fd, 0xb7ff));
		SHOW(read(fd, text, 1));
	}
	SHOW(open("/proc/self/ns/nothing", O_RDONLY));
	SHOW(open("/proc/self/ns/uts", O_RDWR));
}

TEST(setns, one_namespace_is_one_file)
{
	pid_t pid;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		int before = ns_fd(0, kinds[i]);

		EXPECT_TRUE(same(before, ns_fd(0, kinds[i])));
		CHILD(pid) {
			EXPECT_TRUE(same(before, ns_fd(0, kinds[i])));
			EXPECT_OK(unshare(flags[i]));
			EXPECT_TRUE(!same(before, ns_fd(0, kinds[i])));
			EXPECT_OK(setns(before, 0));
			EXPECT_TRUE(same(before, ns_fd(0, kinds[i])));
		}
		EXPECT_CHILD_OK(pid);
	}
}

TEST(setns, uts_and_ipc_take_effect)
{
	char name[70];
	int uts = ns_fd(0, "uts"), ipc = ns_fd(0, "ipc"), q;

	EXPECT_OK(unshare(CLONE_NEWUTS | CLONE_NEWIPC));
	EXPECT_OK(sethostname("inside", 6));
	q = REQUIRE_OK(msgget(4711, IPC_CREAT | 0600));
	SHOW(msgget(4711, 0) == q);
	SHOW(setns(ipc, CLONE_NEWIPC));
	SHOW(msgget(4711, 0));
	SHOW(setns(uts, CLONE_NEWUTS));
	gethostname(name, sizeof(name));
	note("%d", strcmp(name, "inside") != 0);
}

TEST(setns, mounts_of_another_process)
{
	int go[2], ready[2], mnt;
	pid_t pid;
	char c;

	REQUIRE_OK(pipe(go));
	REQUIRE_OK(pipe(ready));
	REQUIRE_OK(mkdir("m", 0755));
	CHILD(pid) {
		EXPECT_OK(unshare(CLONE_NEWNS));
		mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
		EXPECT_OK(mount("x", "m", "tmpfs", 0, NULL));
		put_file("m/f", "theirs");
		write_all(ready[1], "x", 1);
		read(go[0], &c, 1);
	}
	REQUIRE_OK(read(ready[0], &c, 1));
	SHOW(access("m/f", F_OK));
	mnt = REQUIRE_OK(ns_fd(pid, "mnt"));
	{
		char *here = get_current_dir_name(), path[4200];
		int back = ns_fd(0, "mnt");

		snprintf(path, sizeof(path), "%s/m/f", here);
		SHOW(setns(mnt, CLONE_NEWNS));
		free(here);
		SHOW(access(path, F_OK));
		here = get_current_dir_name();
		note("at %s", here);
		SHOW(setns(back, 0));
		SHOW(access(path, F_OK));
	}
	write_all(go[1], "x", 1);
	EXPECT_CHILD_OK(pid);
}

TEST(setns, refusals)
{
	int uts = ns_fd(0, "uts"), mnt = ns_fd(0, "mnt");

	SHOW(setns(-1, 0));
	SHOW(setns(0, 0));
	SHOW(setns(0, CLONE_NEWUTS));
	SHOW(setns(uts, CLONE_NEWIPC));
	SHOW(setns(uts, CLONE_NEWUTS | CLONE_NEWIPC));
	SHOW(setns(uts, CLONE_NEWUTS));
	AS_USER(1000, 1000,
		SHOW(setns(uts, 0));
		SHOW(setns(mnt, 0)));
}

TEST(setns, by_pidfd)
{
	int go[2], ready[2], fd;
	pid_t pid;
	char c, name[70];

	REQUIRE_OK(pipe(go));
	REQUIRE_OK(pipe(ready));
	CHILD(pid) {
		EXPECT_OK(unshare(CLONE_NEWUTS | CLONE_NEWIPC));
		EXPECT_OK(sethostname("theirs", 6));
		msgget(99, IPC_CREAT | 0600);
		write_all(ready[1], "x", 1);
		read(go[0], &c, 1);
	}
	REQUIRE_OK(read(ready[0], &c, 1));
	fd = (int)REQUIRE_OK(syscall(SYS_pidfd_open, pid, 0));
	SHOW(setns(fd, 0));
	SHOW(setns(fd, CLONE_NEWUTS | 1));
	SHOW(setns(fd, CLONE_NEWUTS | CLONE_NEWIPC));
	gethostname(name, sizeof(name));
	note("%s", name);
	EXPECT_OK(msgget(99, 0));
	write_all(go[1], "x", 1);
	EXPECT_CHILD_OK(pid);
	SHOW(setns(fd, CLONE_NEWUTS));
}
