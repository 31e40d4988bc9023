/* SPDX-License-Identifier: MIT */
/*
 * runner.c - /init of the contract tests' ramdisk.
 *
 * Mounts what is there to mount, runs every program of /tests/list and powers the machine off. On the
 * console, a line each:   FAMILY/NAME?        begins
 *                         FAMILY/NAME| TEXT   a line that the program wrote to stdout or stderr
 *                         FAMILY/NAME! END    "exit=N", "signal=NAME", "timeout", "exec ENAME"
 *                         runner: done
 * A program has a process group, a pipe for its output and an empty directory of its own; after it, all
 * that it left behind is killed. Asks little of the kernel, so that a young one can run it: fork, exec,
 * pipe, poll, wait4, mkdir, mount (failures are ignored), clock_gettime, kill, reboot.
 *
 * Arguments (on the kernel's command line after "--"): only=PATTERN[,PATTERN]... shell patterns;
 * after=NAME start behind this program; timeout=SECONDS a program; halt=0 leave instead of powering off.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static const char *only;
static const char *after;
static long seconds = 180;
static int console = 1;

/* One line, one write: kernel messages can come between lines, not inside them. */
__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
	char line[8192];
	va_list ap;
	int n, done = 0;

	va_start(ap, format);
	n = vsnprintf(line, sizeof(line) - 1, format, ap);
	va_end(ap);
	if (n > (int)sizeof(line) - 2)
		n = sizeof(line) - 2;
	line[n++] = '\n';
	while (done < n) {
		ssize_t wrote = write(console, line + done, n - done);

		if (wrote <= 0)
			return;
		done += wrote;
	}
}

static void prepare(void)
{
	static const struct { const char *type, *where, *options; unsigned long flags; } mounts[] = {
		{ "proc", "/proc", NULL, MS_NOSUID | MS_NODEV | MS_NOEXEC },
		{ "sysfs", "/sys", NULL, MS_NOSUID | MS_NODEV | MS_NOEXEC },
		{ "devtmpfs", "/dev", "mode=0755", MS_NOSUID },
		{ "devpts", "/dev/pts", "mode=0620,gid=5,ptmxmode=0666", MS_NOSUID | MS_NOEXEC },
		{ "tmpfs", "/dev/shm", "mode=1777", MS_NOSUID | MS_NODEV },
		{ "tmpfs", "/tmp", "mode=1777", 0 },
	};

	umask(022);
	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		mkdir(mounts[i].where, 0755);
		mount(mounts[i].type, mounts[i].where, mounts[i].type, mounts[i].flags,
		      mounts[i].options);
	}
	symlink("/proc/self/fd", "/dev/fd");
	if (fcntl(1, F_GETFD) < 0) {
		console = open("/dev/console", O_RDWR);
		if (console >= 0) {
			dup2(console, 0);
			dup2(console, 1);
			dup2(console, 2);
		}
		console = 1;
	}
}

/* On Linux some of what is tested is in modules: run.sh puts them there, in the order in which they load. */
static void load_modules(void)
{
	char path[32];
	int fd;

	for (int n = 10;; n++) {
		snprintf(path, sizeof(path), "/modules/%d.ko", n);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return;
		if (syscall(SYS_finit_module, fd, "", 0))
			say("runner: %s: %s", path, strerror(errno));
		close(fd);
	}
}

static long long now_ms(void)
{
	struct timespec now = { 0, 0 };

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* Print the whole lines in BUFFER, keep the rest; at the END print the rest as well. */
static size_t print_lines(const char *name, char *buffer, size_t used, int end)
{
	size_t start = 0;

	for (size_t i = 0; i < used; i++) {
		if (buffer[i] == '\n' || i - start >= 4000) {
			say("%s| %.*s", name, (int)(i - start), buffer + start);
			start = i + (buffer[i] == '\n');
		}
	}
	if (end && start < used) {
		say("%s| %.*s\\", name, (int)(used - start), buffer + start);
		start = used;
	}
	memmove(buffer, buffer + start, used - start);
	return used - start;
}

/* Copy the program's output until it has ended, or its time is over. *STATUS is filled if it ended. */
static int follow(const char *name, int fd, pid_t pid, int *status)
{
	static char buffer[16384];
	long long deadline = now_ms() + seconds * 1000;
	size_t used = 0;
	int ended = 0, eof = 0;

	for (;;) {
		struct pollfd poller = { fd, POLLIN, 0 };
		ssize_t n;

		if (!eof && poll(&poller, 1, ended ? 0 : 250) > 0) {
			n = read(fd, buffer + used, sizeof(buffer) - used);
			if (n > 0) {
				used = print_lines(name, buffer, used + n, 0);
				continue;
			}
			if (n == 0)
				eof = 1;
			continue;
		}
		if (ended)
			break;
		/* The output is at its end, or silent: has the program gone? */
		if (waitpid(pid, status, WNOHANG) == pid)
			ended = 1;
		else if (now_ms() >= deadline)
			break;
		else if (eof)
			poll(NULL, 0, 5);
	}
	print_lines(name, buffer, used, 1);
	return ended;
}

static void run(const char *name, int number)
{
	char path[512], directory[64];
	char *argv[] = { path, NULL };
	char *envp[] = { "PATH=/bin:/sbin:/usr/bin:/usr/sbin", "HOME=/", "TERM=linux", NULL };
	int pipes[2], status = 0;
	pid_t pid;

	snprintf(path, sizeof(path), "/tests/%s", name);
	snprintf(directory, sizeof(directory), "/tmp/run%d", number);
	say("%s?", name);
	if (pipe2(pipes, O_CLOEXEC) < 0) {
		say("%s! pipe %s", name, strerror(errno));
		return;
	}
	pid = fork();
	if (pid < 0) {
		say("%s! fork %s", name, strerror(errno));
		close(pipes[0]);
		close(pipes[1]);
		return;
	}
	if (pid == 0) {
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);

		setpgid(0, 0);
		mkdir(directory, 0755);
		if (chdir(directory) < 0)
			chdir("/");
		dup2(null >= 0 ? null : pipes[0], 0);
		dup2(pipes[1], 1);
		dup2(pipes[1], 2);
		execve(path, argv, envp);
		_exit(127);
	}
	setpgid(pid, pid);
	close(pipes[1]);
	if (!follow(name, pipes[0], pid, &status)) {
		kill(-pid, SIGKILL);
		waitpid(pid, &status, 0);
		say("%s! timeout", name);
	} else if (WIFEXITED(status)) {
		say("%s! exit=%d", name, WEXITSTATUS(status));
	} else {
		say("%s! signal=%d", name, WTERMSIG(status));
	}
	close(pipes[0]);
	/* We are init: everything else is something that the program left behind. */
	if (getpid() == 1)
		kill(-1, SIGKILL);
	else
		kill(-pid, SIGKILL);
	while (waitpid(-1, &status, 0) > 0)
		;
}

static int wanted(const char *name)
{
	char pattern[256];
	const char *p = only, *comma;

	if (!only || !*only)
		return 1;
	for (; p; p = comma ? comma + 1 : NULL) {
		comma = strchr(p, ',');
		snprintf(pattern, sizeof(pattern), "%.*s",
			 comma ? (int)(comma - p) : (int)strlen(p), p);
		if (fnmatch(pattern, name, 0) == 0)
			return 1;
	}
	return 0;
}

static void run_list(char *list)
{
	int number = 0;

	for (char *name = strtok(list, " \n"); name; name = strtok(NULL, " \n")) {
		number++;
		if (after) {
			if (strcmp(after, name) == 0)
				after = NULL;
			continue;
		}
		if (wanted(name))
			run(name, number);
	}
}

int main(int argc, char **argv)
{
	static char list[65536];
	int fd, halt = 1;
	ssize_t n;

	for (int i = 1; i < argc; i++) {
		if (strncmp(argv[i], "only=", 5) == 0)
			only = argv[i] + 5;
		else if (strncmp(argv[i], "after=", 6) == 0)
			after = argv[i][6] ? argv[i] + 6 : NULL;
		else if (strncmp(argv[i], "timeout=", 8) == 0)
			seconds = atol(argv[i] + 8);
		else if (strncmp(argv[i], "halt=", 5) == 0)
			halt = atoi(argv[i] + 5);
	}
	prepare();
	load_modules();
	say("runner: begin");
	fd = open("/tests/list", O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, list, sizeof(list) - 1);
	if (n < 0)
		say("runner: /tests/list: %s", strerror(errno));
	else
		run_list(list);
	say("runner: done");
	sync();
	if (halt)
		reboot(RB_POWER_OFF);
	return 0;
}
