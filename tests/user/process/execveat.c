/* SPDX-License-Identifier: MIT */
/* execveat(2): directory descriptors, AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW, and scripts by descriptor. */
#define HARNESS_EXEC other_main
static int other_main(int argc, char **argv);
#include "../harness.h"
#include "util.h"
#include <sys/auxv.h>

static int other_main(int argc, char **argv)
{
	const char *name = (const char *)getauxval(AT_EXECFN);

	(void)argc;
	if (!strncmp(name, "/dev/fd/", 8))
		name = strchr(name + 8, '/') ? "/dev/fd/N/..." : "/dev/fd/N";
	note("EXECFN %s", name);
	return atoi(argv[1] + 1);
}

static void run(int dirfd, const char *path, int flags)
{
	char *argv[] = { "x", "@5", NULL };
	pid_t pid;

	CHILD(pid) {
		syscall(SYS_execveat, dirfd, path, argv, NULL, flags);
		note("%s", errno_name(errno));
		_exit(100);
	}
	note("%s", status_name(child_status(pid)));
}

TEST(execveat, relative_to_a_directory)
{
	int dir;

	EXPECT_OK(mkdir("d", 0755));
	EXPECT_OK(symlink("/proc/self/exe", "d/prog"));
	dir = REQUIRE_OK(open("d", O_RDONLY | O_DIRECTORY));
	run(dir, "prog", 0);
	run(AT_FDCWD, "d/prog", 0);
	run(999, "/proc/self/exe", 0);
	run(999, "prog", 0);
	run(dir, "nothing", 0);
}

TEST(execveat, empty_path)
{
	int fd = REQUIRE_OK(open("/proc/self/exe", O_RDONLY));
	int path_fd = REQUIRE_OK(open("/proc/self/exe", O_PATH));
	int dir = REQUIRE_OK(open(".", O_RDONLY));

	run(fd, "", AT_EMPTY_PATH);
	run(path_fd, "", AT_EMPTY_PATH);
	run(fd, "", 0);
	run(dir, "", AT_EMPTY_PATH);
	run(999, "", AT_EMPTY_PATH);
	run(fd, "x", AT_EMPTY_PATH);
	run(AT_FDCWD, "", AT_EMPTY_PATH);
}

TEST(execveat, nofollow_and_flags)
{
	EXPECT_OK(symlink("/proc/self/exe", "link"));
	run(AT_FDCWD, "link", AT_SYMLINK_NOFOLLOW);
	run(AT_FDCWD, "link", AT_SYMLINK_FOLLOW);
	run(AT_FDCWD, "link", 0x8000);
	EXPECT_ERRNO(syscall(SYS_execveat, AT_FDCWD, wild(8), NULL, NULL, 0), EFAULT);
	EXPECT_ERRNO(syscall(SYS_execveat, AT_FDCWD, "link", wild(8), NULL, 0), EFAULT);
}

TEST(execveat, a_close_on_exec_program_runs_but_a_script_cannot)
{
	int fd = REQUIRE_OK(open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
	char self[256] = "", text[512];
	int script;

	run(fd, "", AT_EMPTY_PATH);
	(void)!readlink("/proc/self/exe", self, sizeof(self) - 1);
	snprintf(text, sizeof(text), "#!%s @7\n", self);
	put_file("s", text);
	EXPECT_OK(chmod("s", 0755));
	script = REQUIRE_OK(open("s", O_RDONLY | O_CLOEXEC));
	run(script, "", AT_EMPTY_PATH);
	script = REQUIRE_OK(open("s", O_RDONLY));
	run(script, "", AT_EMPTY_PATH);
}

TEST(execveat, memory_files_can_be_executed)
{
	static char buffer[65536];
	int in = REQUIRE_OK(open("/proc/self/exe", O_RDONLY)), fd;
	ssize_t n;

	fd = REQUIRE_OK(syscall(SYS_memfd_create, "prog", 0));
	while ((n = read(in, buffer, sizeof(buffer))) > 0)
		write_all(fd, buffer, n);
	run(fd, "", AT_EMPTY_PATH);
}
