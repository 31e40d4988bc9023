/* SPDX-License-Identifier: MIT */
/*
 * Edges of file capabilities: those of another user namespace's root, what changes of the file do to them, ways to
 * start a program, and what is left to see of them.
 */
#include "cap_exec.h"
#include <linux/falloc.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

#define NET BIT(CAP_NET_RAW)

/* Version 3 with @rootid. */
static int for_root(const char *path, uint32_t rootid)
{
	struct vfs_ns_cap_data d = { .magic_etc = VFS_CAP_REVISION_3 | VFS_CAP_FLAGS_EFFECTIVE };

	d.data[0].permitted = (uint32_t)NET;
	d.rootid = rootid;
	return setxattr(path, "security.capability", &d, sizeof(d), 0);
}

static const char *stored(const char *path)
{
	static char text[96];
	struct vfs_ns_cap_data d = { 0 };
	ssize_t n = getxattr(path, "security.capability", &d, sizeof(d));

	if (n < 0)
		return errno_name(errno);
	snprintf(text, sizeof(text), "%zd bytes, version %#x, permitted %#x root %u", n, d.magic_etc,
		 d.data[0].permitted, d.rootid);
	return text;
}

TEST(cap_edges, of_another_root)
{
	char space[64];

	program("p", 0, 0755);
	SHOW(for_root("p", 1000));
	note("%s", stored("p"));
	SHOW(getxattr("p", "security.capability", NULL, 0));
	SHOW(getxattr("p", "security.capability", space, 20));
	SHOW(getxattr("p", "security.capability", space, 24));
	SHOW(getxattr("p", "security.capability", space, 64));
	note("a user, and the one whose root it is");
	run_with("./p", (struct how){ .uid = 1001 });
	run_with("./p", (struct how){ .uid = 1000 });
	note("ambient stays: it is a plain program here");
	run_with("./p", (struct how){ .uid = 1000, .permitted = NET, .inheritable = NET, .ambient = NET });
	note("root");
	run_with("./p", (struct how){ 0 });
	SHOW(for_root("p", (uint32_t)-1));
	note("%s", stored("p"));
	SHOW(for_root("p", 0));
	note("%s", stored("p"));
	SHOW(getxattr("p", "security.capability", space, 19));
	SHOW(getxattr("p", "security.capability", NULL, 0));
	run_with("./p", (struct how){ .uid = 1000 });
}

TEST(cap_edges, the_flags_of_setting)
{
	struct vfs_cap_data d = { .magic_etc = VFS_CAP_REVISION_2 };

	program("p", 0, 0755);
	SHOW(setxattr("p", "security.capability", &d, sizeof(d), XATTR_REPLACE));
	SHOW(setxattr("p", "security.capability", &d, sizeof(d), XATTR_CREATE));
	SHOW(setxattr("p", "security.capability", &d, sizeof(d), XATTR_CREATE));
	SHOW(setxattr("p", "security.capability", &d, sizeof(d), XATTR_REPLACE));
	d.magic_etc |= 4;
	SHOW(setxattr("p", "security.capability", &d, sizeof(d), 0));
	note("%s", stored("p"));
	d.magic_etc = VFS_CAP_REVISION_2 | 1;
	d.data[1].permitted = 0xffffffff;
	d.data[0].permitted = 0xffffffff;
	SHOW(setxattr("p", "security.capability", &d, sizeof(d), 0));
	note("capabilities that there are not");
	run_with("./p", (struct how){ .uid = 1000 });
	mkdir("d", 0755);
	SHOW(setxattr("d", "security.capability", &d, sizeof(d), 0));
	EXPECT_OK(symlink("p", "l"));
	SHOW(lsetxattr("l", "security.capability", &d, sizeof(d), 0));
}

TEST(cap_edges, changes_of_the_file)
{
	char *map, list[256];
	ssize_t n;
	int fd;

	program("p", 0, 0755);
	file_caps("p", NET, 0, true);
	EXPECT_OK(link("p", "q"));
	note("another name: %s", stored("q"));
	EXPECT_OK(rename("q", "r"));
	note("renamed: %s", stored("r"));
	n = listxattr("p", list, sizeof(list));
	note("listed: %zd %s", n, n > 0 ? list : "-");
	EXPECT_OK(utimensat(AT_FDCWD, "p", NULL, 0));
	note("times: %s", stored("p"));
	fd = REQUIRE_OK(open("p", O_RDWR));
	EXPECT_EQ(write(fd, "", 0), 0);
	note("nothing written: %s", stored("p"));
	map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	map[4000] = map[4000];
	munmap(map, 4096);
	note("by a mapping: %s", stored("p"));
	EXPECT_OK(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 4096));
	note("fallocate: %s", stored("p"));
	file_caps("p", NET, 0, true);
	EXPECT_OK(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4096, 4096));
	note("a hole: %s", stored("p"));
	file_caps("p", NET, 0, true);
	EXPECT_OK(ftruncate(fd, lseek(fd, 0, SEEK_END)));
	note("the same size: %s", stored("p"));
	file_caps("p", NET, 0, true);
	EXPECT_EQ(pwritev(fd, &(struct iovec){ list, 1 }, 1, 0), 1);
	note("pwritev: %s", stored("p"));
	file_caps("p", NET, 0, true);
	close(fd);
	close(open("p", O_WRONLY | O_TRUNC));
	note("O_TRUNC: %s", stored("p"));
	file_caps("p", NET, 0, true);
	EXPECT_OK(chown("p", -1, -1));
	note("chown to what it is: %s", stored("p"));
	file_caps("p", NET, 0, true);
	EXPECT_OK(chmod("p", 04755));
	EXPECT_OK(lchown("p", 5, 5));
	note("lchown: %s", stored("p"));
}

TEST(cap_edges, copying_does_not)
{
	int in, out;

	program("p", 0, 0755);
	file_caps("p", NET, 0, true);
	in = REQUIRE_OK(open("p", O_RDONLY));
	out = REQUIRE_OK(open("copy", O_WRONLY | O_CREAT, 0755));
	EXPECT_GE(sendfile(out, in, NULL, 1 << 24), 1);
	note("a copy: %s", stored("copy"));
	note("copied into: %s", (file_caps("copy", NET, 0, true), stored("copy")));
	EXPECT_OK(lseek(in, 0, SEEK_SET));
	EXPECT_GE(sendfile(out, in, NULL, 1), 1);
	note("sendfile: %s", stored("copy"));
	file_caps("copy", NET, 0, true);
	EXPECT_OK(lseek(in, 0, SEEK_SET));
	EXPECT_GE(copy_file_range(in, NULL, out, NULL, 1, 0), 1);
	note("copy_file_range: %s", stored("copy"));
}

static int memory_file;

static void *start_it(void *path)
{
	execl(path, "x", "@sets", NULL);
	return NULL;
}

TEST(cap_edges, other_ways_to_start)
{
	char *argv[] = { "x", "@sets", NULL };
	int fd, in;
	pid_t pid;

	program("p", 0, 0755);
	file_caps("p", NET, 0, true);
	note("execveat of a descriptor");
	fd = REQUIRE_OK(open("p", O_PATH | O_CLOEXEC));
	CHILD(pid) {
		harness_become(1000, 1000);
		syscall(SYS_execveat, fd, "", argv, environ, AT_EMPTY_PATH);
		note("%s", errno_name(errno));
	}
	EXPECT_CHILD_OK(pid);
	note("by another thread than the first");
	CHILD(pid) {
		pthread_t t;

		harness_become(1000, 1000);
		pthread_create(&t, NULL, start_it, "./p");
		pause();
	}
	EXPECT_CHILD_OK(pid);
	note("a file in memory");
	memory_file = REQUIRE_OK(memfd_create("m", MFD_CLOEXEC));
	in = REQUIRE_OK(open("p", O_RDONLY));
	EXPECT_GE(sendfile(memory_file, in, NULL, 1 << 24), 1);
	close(in);
	EXPECT_OK(fchmod(memory_file, 04755));
	SHOW(fsetxattr(memory_file, "security.capability",
		       &(struct vfs_cap_data){ .magic_etc = VFS_CAP_REVISION_2 | 1, .data[0].permitted = (uint32_t)NET }, 20, 0));
	CHILD(pid) {
		harness_become(1000, 1000);
		syscall(SYS_execveat, memory_file, "", argv, environ, AT_EMPTY_PATH);
		note("%s", errno_name(errno));
	}
	EXPECT_CHILD_OK(pid);
}

static void start_at(int dir, const char *path)
{
	char *argv[] = { "x", "@sets", NULL };
	pid_t pid;

	CHILD(pid) {
		harness_become(1000, 1000);
		syscall(SYS_execveat, dir, path, argv, environ, 0);
		note("%s", errno_name(errno));
	}
	EXPECT_CHILD_OK(pid);
}

TEST(cap_edges, mounts_that_are_not_ones_own)
{
	int tree, dir;

	mkdir("m", 0755);
	EXPECT_OK(mount("m", "m", "tmpfs", 0, NULL));
	program("m/p", 0, 04755);
	file_caps("m/p", NET, 0, true);
	dir = REQUIRE_OK(open("m", O_PATH));
	note("attached");
	start_at(dir, "p");
	note("detached: a clone");
	tree = REQUIRE_OK(syscall(SYS_open_tree, AT_FDCWD, "m", OPEN_TREE_CLONE));
	start_at(tree, "p");
	note("another namespace's");
	IN_CHILD({
		REQUIRE_OK(unshare(CLONE_NEWNS));
		start_at(dir, "p");
		start_at(AT_FDCWD, "m/p");
	});
	note("unmounted while in use");
	EXPECT_OK(umount2("m", MNT_DETACH));
	start_at(dir, "p");
}

TEST(cap_edges, not_readable_or_not_executable)
{
	program("p", 0, 0711);
	file_caps("p", NET, 0, true);
	run_with("./p", (struct how){ .uid = 1000 });
	EXPECT_OK(chmod("p", 0644));
	note("%s", stored("p"));
	run_with("./p", (struct how){ .uid = 1000 });
	run_with("./p", (struct how){ 0 });
}

TEST(cap_edges, securebits_and_set_ids)
{
	program("p", 0, 04755);
	note("no_setuid_fixup: a user starts a set-user-id program of root");
	run_with("./p", (struct how){ .uid = 1000, .securebits = SECBIT_NO_SETUID_FIXUP });
	note("the same with noroot");
	run_with("./p", (struct how){ .uid = 1000, .securebits = SECBIT_NO_SETUID_FIXUP | SECBIT_NOROOT });
	EXPECT_OK(chown("p", 500, 0));
	EXPECT_OK(chmod("p", 04755));
	note("root starts one of a user's: fixed up, and not");
	run_with("./p", (struct how){ 0 });
	run_with("./p", (struct how){ .securebits = SECBIT_NO_SETUID_FIXUP });
	note("no_new_privs");
	run_with("./p", (struct how){ .no_new_privs = true });
	note("with file capabilities");
	file_caps("p", NET, 0, true);
	run_with("./p", (struct how){ 0 });
	run_with("./p", (struct how){ .uid = 1000 });
	run_with("./p", (struct how){ .uid = 1000, .securebits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED });
	run_with("./p", (struct how){ .uid = 1000, .no_new_privs = true });
}
