/* SPDX-License-Identifier: MIT */
/* cmdline, environ, comm, exe, cwd, root, and /proc/self itself. */
#define HARNESS_EXEC executed
#include "shape.h"
#include <sys/prctl.h>

static void show_list(const char *path)
{
	char text[4096];
	int fd = REQUIRE_OK(open(path, O_RDONLY));
	ssize_t n = read(fd, text, sizeof(text));

	for (ssize_t i = 0; i < n; i++)
		if (!text[i])
			text[i] = '|';
	note("%s: %zd <%.*s>", path, n, (int)(n > 0 ? n : 0), text);
	close(fd);
}

static int executed(int argc, char **argv)
{
	(void)argc;
	show_list("/proc/self/cmdline");
	show_list("/proc/self/environ");
	note("comm %s", strtok(get_file("/proc/self/comm"), "\n"));
	if (strcmp(argv[1], "@write") == 0) {
		strcpy(argv[2], "XY");
		show_list("/proc/self/cmdline");
	}
	return 0;
}

static void run(char **argv, char **envp)
{
	pid_t pid;

	CHILD(pid) {
		execve("/proc/self/exe", argv, envp);
		fail("execve");
	}
	EXPECT_CHILD_OK(pid);
}

TEST(self, arguments_and_environment)
{
	run((char *[]){ "name", "@list", "two words", "", NULL }, (char *[]){ "A=1", "B=", NULL });
	run((char *[]){ "name", "@list", NULL }, (char *[]){ NULL });
}

TEST(self, cmdline_shows_what_the_program_wrote)
{
	run((char *[]){ "name", "@write", "arg", NULL }, (char *[]){ "A=1", NULL });
}

TEST(self, comm_can_be_set_in_two_ways)
{
	int fd = REQUIRE_OK(open("/proc/self/comm", O_RDWR));

	SHOW(write(fd, "by-writing", 10));
	note("%s", strtok(get_file("/proc/self/comm"), "\n"));
	prctl(PR_SET_NAME, "a name of more than fifteen");
	note("%s", strtok(get_file("/proc/self/comm"), "\n"));
	SHOW(pwrite(fd, "with\nnewline", 12, 0));
	char name[16] = "";
	prctl(PR_GET_NAME, name);
	note("<%s>", strtok(name, "\n"));
	IN_CHILD(note("child %s", strtok(get_file("/proc/self/comm"), "\n")));
}

TEST(self, the_name_comes_from_the_file)
{
	char buffer[65536], *argv[] = { "another", "@list", NULL }, *envp[] = { NULL };
	int in = open("/proc/self/exe", O_RDONLY), out = open("a-rather-long-program-name", O_CREAT | O_WRONLY, 0755);
	ssize_t n;
	pid_t pid;

	while ((n = read(in, buffer, sizeof(buffer))) > 0)
		write_all(out, buffer, n);
	close(out);
	CHILD(pid)
		execve("a-rather-long-program-name", argv, envp);
	EXPECT_CHILD_OK(pid);
}

static void show_link(const char *path)
{
	char text[512];
	ssize_t n = readlink(path, text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = 0;
	note("%s: %s", path, n < 0 ? errno_name(errno) : strstr(text, "/test") ? strstr(text, "/test") : text);
}

TEST(self, links)
{
	char path[64], text[64];
	ssize_t n;

	show_link("/proc/self/exe");
	show_link("/proc/self/cwd");
	show_link("/proc/self/root");
	mkdir("d", 0755);
	chdir("d");
	show_link("/proc/self/cwd");
	rmdir("../d");
	show_link("/proc/self/cwd");
	n = readlink("/proc/self", text, sizeof(text));
	snprintf(path, sizeof(path), "%d", getpid());
	SHOW((size_t)n == strlen(path) && strncmp(path, text, n) == 0);
	n = readlink("/proc/thread-self", text, sizeof(text));
	snprintf(path, sizeof(path), "%d/task/%d", getpid(), getpid());
	SHOW((size_t)n == strlen(path) && strncmp(path, text, n) == 0);
}

TEST(self, following_cwd_and_root)
{
	put_file("f", "here");
	EXPECT_STR(get_file("/proc/self/cwd/f"), "here");
	SHOW(access("/proc/self/root/proc", F_OK));
	SHOW(open("/proc/self/cwd", O_RDONLY | O_DIRECTORY) >= 0);
}

TEST(self, a_zombie_has_no_links)
{
	char path[64];
	pid_t pid;

	CHILD(pid)
		_exit(0);
	wait_state(pid, 'Z');
	snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	note("exe %s", RESULT(readlink(path, path + 32, 10)));
	snprintf(path, sizeof(path), "/proc/%d/cwd", pid);
	note("cwd %s", RESULT(readlink(path, path + 32, 10)));
	snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
	note("cmdline <%s>", get_file(path));
	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	note("fd %s", RESULT(open(path, O_RDONLY)));
	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	note("maps <%s>", get_file(path));
	child_status(pid);
}

TEST(self, other_users_see_little)
{
	char path[64];
	pid_t parent = getpid();

	AS_USER(1000, 1000, {
		snprintf(path, sizeof(path), "/proc/%d/exe", parent);
		note("exe %s", RESULT(readlink(path, path + 40, 10)));
		snprintf(path, sizeof(path), "/proc/%d/cwd", parent);
		note("cwd %s", RESULT(readlink(path, path + 40, 10)));
		snprintf(path, sizeof(path), "/proc/%d/environ", parent);
		note("environ %s", RESULT(open(path, O_RDONLY)));
		snprintf(path, sizeof(path), "/proc/%d/fd", parent);
		note("fd %s", RESULT(open(path, O_RDONLY)));
		snprintf(path, sizeof(path), "/proc/%d/cmdline", parent);
		note("cmdline %d", open(path, O_RDONLY) >= 0);
		snprintf(path, sizeof(path), "/proc/%d/status", parent);
		note("status %d", open(path, O_RDONLY) >= 0);
		snprintf(path, sizeof(path), "/proc/%d/comm", parent);
		note("comm %s", RESULT(open(path, O_WRONLY)));
	});
}
