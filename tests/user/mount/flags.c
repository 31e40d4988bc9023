/* SPDX-License-Identifier: MIT */
/* nosuid, nodev, noexec, noatime on a mount; which files they stop. */
#define HARNESS_EXEC report
#include "harness.h"
#include <sys/mman.h>
#include <sys/mount.h>

static int report(int argc, char **argv)
{
	(void)argc;
	note("%s ruid %u euid %u", argv[1] + 1, getuid(), geteuid());
	return 0;
}

static void copy_self(const char *to)
{
	char buffer[65536];
	int in = open("/proc/self/exe", O_RDONLY), out = open(to, O_CREAT | O_WRONLY, 0755);
	ssize_t n;

	while ((n = read(in, buffer, sizeof(buffer))) > 0)
		write_all(out, buffer, n);
	close(in);
	close(out);
}

static void run(const char *path, char *mark)
{
	char *argv[] = { "self", mark, NULL }, *envp[] = { NULL };

	execve(path, argv, envp);
	note("%s: execve %s", mark + 1, errno_name(errno));
}

TEST(flags, noexec_stops_programs_scripts_and_mappings)
{
	int fd;

	mkdir("m", 0755);
	SHOW(mount("tmpfs", "m", "tmpfs", MS_NOEXEC, NULL));
	copy_self("m/p");
	put_file("m/s", "#!/bin/none\n");
	chmod("m/s", 0755);
	IN_CHILD(run("m/p", "@noexec"));
	IN_CHILD(run("m/s", "@script"));
	SHOW(access("m/p", X_OK));
	fd = open("m/p", O_RDONLY);
	SHOW((long)mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0));
	SHOW((long)mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0) != -1);
	close(fd);
	SHOW(umount2("m", MNT_DETACH));
}

TEST(flags, nosuid_ignores_the_bits)
{
	mkdir("m", 0755);
	SHOW(mount("tmpfs", "m", "tmpfs", 0, NULL));
	copy_self("m/p");
	chown("m/p", 500, 500);
	chmod("m/p", 04755);
	AS_USER(1000, 1000, run("m/p", "@suid"));
	SHOW(mount(NULL, "m", NULL, MS_REMOUNT | MS_BIND | MS_NOSUID, NULL));
	AS_USER(1000, 1000, run("m/p", "@nosuid"));
	SHOW(umount2("m", MNT_DETACH));
}

TEST(flags, nodev_stops_devices_but_not_fifos)
{
	mkdir("m", 0755);
	SHOW(mount("tmpfs", "m", "tmpfs", MS_NODEV, NULL));
	SHOW(mknod("m/null", S_IFCHR | 0666, 0x103));
	SHOW(open("m/null", O_RDONLY));
	SHOW(open("m/null", O_PATH) >= 0);
	SHOW(mkfifo("m/p", 0600));
	SHOW(open("m/p", O_RDWR) >= 0);
	SHOW(umount2("m", MNT_DETACH));
}

TEST(flags, noatime_leaves_the_access_time)
{
	struct timespec old[2] = { { 1000, 0 }, { 2000, 0 } };
	struct stat st;
	char byte;

	for (int i = 0; i < 2; i++) {
		mkdir("m", 0755);
		EXPECT_OK(mount("tmpfs", "m", "tmpfs", i ? MS_NOATIME : MS_STRICTATIME, NULL));
		put_file("m/f", "x");
		utimensat(AT_FDCWD, "m/f", old, 0);
		EXPECT_EQ(read(open("m/f", O_RDONLY), &byte, 1), 1);
		stat("m/f", &st);
		note("%s: atime changed %d", i ? "noatime" : "strictatime", st.st_atime != 1000);
		EXPECT_OK(umount2("m", MNT_DETACH));
	}
}
