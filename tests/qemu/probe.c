/* SPDX-License-Identifier: MIT */
/*
 * probe: /init of the boot matrix. Looks at what the kernel made of the machine and of the
 * ramdisk, prints one line `matrix: cpus=N mem=MIB tree=WORD args=...', and powers off.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

/* Go to every CPU in turn: it must run us and say its own number. */
static int count_cpus(void)
{
	cpu_set_t all, one;
	int n = 0;

	if (sched_getaffinity(0, sizeof(all), &all))
		return -1;
	for (int c = 0; c < CPU_SETSIZE; c++) {
		if (!CPU_ISSET(c, &all))
			continue;
		CPU_ZERO(&one);
		CPU_SET(c, &one);
		if (sched_setaffinity(0, sizeof(one), &one) == 0 && sched_getcpu() == c)
			n++;
	}
	sched_setaffinity(0, sizeof(all), &all);
	return n;
}

static int has_text(const char *path, const char *want)
{
	char buf[64] = "";
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, sizeof(buf) - 1);

	if (fd >= 0)
		close(fd);
	return n >= 0 && strcmp(buf, want) == 0;
}

static int is(const char *path, mode_t type, mode_t mode, dev_t rdev)
{
	struct stat st;

	return lstat(path, &st) == 0 && st.st_mode == (type | mode) && (!rdev || st.st_rdev == rdev);
}

/* The archive of matrix.sh has one of everything below /t. */
static const char *check_tree(void)
{
	char longname[300] = "/t/";
	char buf[64] = "";
	struct stat a, b;

	if (access("/t", F_OK))
		return "none";
	if (!has_text("/t/file", "content\n"))
		return "file";
	if (stat("/t/file", &a) || stat("/t/link1", &b) || a.st_ino != b.st_ino || a.st_nlink != 3)
		return "hardlink";
	if (readlink("/t/sym", buf, sizeof(buf) - 1) != 4 || strcmp(buf, "file"))
		return "symlink";
	if (!is("/t/dir", S_IFDIR, 01751, 0) || !is("/t/dir/sub", S_IFDIR, 0700, 0))
		return "directory";
	if (!is("/t/chr", S_IFCHR, 0620, makedev(1, 3)) || !is("/t/blk", S_IFBLK, 0600, makedev(7, 300)))
		return "device";
	if (!is("/t/fifo", S_IFIFO, 0644, 0) || !is("/t/sock", S_IFSOCK, 0777, 0))
		return "fifo-or-socket";
	if (!is("/t/suid", S_IFREG, 04755, 0) || stat("/t/suid", &a) || a.st_uid != 12 || a.st_gid != 34)
		return "owner";
	if (stat("/t/empty", &a) || a.st_size != 0)
		return "empty";
	memset(longname + 3, 'n', 200);
	if (!has_text(longname, "content\n"))
		return "longname";
	if (access("/second", F_OK) == 0 && !has_text("/over", "second\n"))
		return "override";
	return access("/second", F_OK) == 0 ? "ok+second" : "ok";
}

int main(int argc, char **argv)
{
	struct sysinfo si;
	pid_t pid;
	int status = -1;

	mount("proc", "/proc", "proc", 0, NULL);
	sysinfo(&si);
	pid = fork();
	if (pid == 0)
		_exit(5);
	waitpid(pid, &status, 0);
	printf("matrix: cpus=%d mem=%lu tree=%s fork=%s args=", count_cpus(),
	       (unsigned long)(si.totalram * si.mem_unit >> 20), check_tree(),
	       WIFEXITED(status) && WEXITSTATUS(status) == 5 ? "ok" : "bad");
	for (int i = 1; i < argc; i++)
		printf("%s,", argv[i]);
	printf(" env=%s\n", getenv("probe") ? getenv("probe") : "");
	fflush(stdout);
	sync();
	reboot(RB_POWER_OFF);
	return 0;
}
