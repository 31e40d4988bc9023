/* SPDX-License-Identifier: MIT */
/* execve(2): argv, envp, their limits, and what a new program finds in its memory. */
#define HARNESS_EXEC other_main
static int other_main(int argc, char **argv);
#include "../harness.h"
#include "util.h"
#include <sys/resource.h>

extern char **environ;

static int other_main(int argc, char **argv)
{
	if (!strcmp(argv[1], "@list")) {
		for (int i = 0; i < argc; i++)
			note("argv[%d] = \"%.60s\"%s", i, argv[i], strlen(argv[i]) > 60 ? "..." : "");
		for (int i = 0; environ[i]; i++)
			note("env[%d] = \"%s\"", i, environ[i]);
		return argv[argc] == NULL ? 0 : 1;
	}
	if (!strcmp(argv[1], "@count")) {
		size_t total = 0;

		for (int i = 0; i < argc; i++)
			total += strlen(argv[i]) + 1;
		note("argc %d bytes %zu", argc, total);
		return 0;
	}
	if (!strcmp(argv[1], "@proc")) {
		static const char *const files[] = { "cmdline", "environ" };

		for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
			char path[32], text[256];
			int fd;
			ssize_t n;

			snprintf(path, sizeof(path), "/proc/self/%s", files[i]);
			fd = REQUIRE_OK(open(path, O_RDONLY));
			n = REQUIRE_OK(read(fd, text, sizeof(text) - 1));
			for (ssize_t j = 0; j < n; j++)
				if (!text[j])
					text[j] = '|';
			text[n] = 0;
			note("%s: %s", files[i], text);
		}
		note("comm: %.*s", (int)strcspn(get_file("/proc/self/comm"), "\n"),
		     get_file("/proc/self/comm"));
		return 0;
	}
	return 0;
}

static int run(char *const argv[], char *const envp[])
{
	pid_t pid;

	CHILD(pid) {
		execve("/proc/self/exe", argv, envp);
		note("execve: %s", errno_name(errno));
		_exit(1);
	}
	return child_status(pid);
}

TEST(exec_args, strings_arrive_as_given)
{
	char *argv[] = { "name with spaces", "@list", "", "two", "tab\there", NULL };
	char *envp[] = { "A=1", "no-equals-sign", "=", "", "A=2", NULL };

	note("%s", status_name(run(argv, envp)));
}

TEST(exec_args, empty_environment)
{
	char *argv[] = { "x", "@list", NULL };
	char *envp[] = { NULL };

	note("%s", status_name(run(argv, envp)));
	note("%s", status_name(run(argv, NULL)));
}

TEST(exec_args, many_arguments)
{
	static char *argv[20003];

	argv[0] = "x";
	argv[1] = "@count";
	for (int i = 2; i < 20002; i++)
		argv[i] = "0123456789";
	note("%s", status_name(run(argv, NULL)));
}

TEST(exec_args, one_string_may_have_128_KiB_with_its_end)
{
	static char text[32 * 4096 + 1];
	char *argv[] = { "x", "@count", text, NULL };

	memset(text, 'a', sizeof(text));
	text[32 * 4096 - 1] = 0;
	note("%s", status_name(run(argv, NULL)));
	text[32 * 4096 - 1] = 'a';
	text[32 * 4096] = 0;
	note("%s", status_name(run(argv, NULL)));
}

TEST(exec_args, the_stack_limit_bounds_the_total)
{
	static char text[100000];
	static char *argv[64];
	struct rlimit limit = { 4 << 20, RLIM_INFINITY };

	memset(text, 'b', sizeof(text) - 1);
	argv[0] = "x";
	argv[1] = "@count";
	for (int i = 2; i < 60; i++)
		argv[i] = text;
	/* A quarter of the limit: 5.8 MB of strings pass neither with 4 MiB... */
	EXPECT_OK(setrlimit(RLIMIT_STACK, &limit));
	note("%s", status_name(run(argv, NULL)));
	/* ...but with 64 MiB up to three quarters of the default 8 MiB, 6 MiB. */
	limit.rlim_cur = 64 << 20;
	EXPECT_OK(setrlimit(RLIMIT_STACK, &limit));
	note("%s", status_name(run(argv, NULL)));
	argv[60] = argv[61] = argv[62] = text;
	argv[63] = NULL;
	for (int i = 0; i < 2; i++) {
		char *envp[] = { text, text, text, text, NULL };

		note("%s", status_name(run(argv, envp)));
		limit.rlim_cur = RLIM_INFINITY;
		EXPECT_OK(setrlimit(RLIMIT_STACK, &limit));
	}
}

TEST(exec_args, null_and_wild_vectors)
{
	char *argv[] = { "x", "@list", wild(16), NULL };
	char *good[] = { "x", "@list", NULL };
	char *envp[] = { wild(24), NULL };

	EXPECT_ERRNO(execve("/proc/self/exe", argv, NULL), EFAULT);
	EXPECT_ERRNO(execve("/proc/self/exe", wild(8), NULL), EFAULT);
	EXPECT_ERRNO(execve("/proc/self/exe", good, envp), EFAULT);
	EXPECT_ERRNO(execve("/proc/self/exe", good, wild(8)), EFAULT);
	EXPECT_ERRNO(execve(wild(8), good, NULL), EFAULT);
	EXPECT_ERRNO(syscall(SYS_execve, NULL, good, NULL), EFAULT);
}

TEST(exec_args, proc_shows_cmdline_environ_comm_and_exe)
{
	char link[256], self[256], path[64];
	char *argv[] = { "first", "@proc", "th ird", NULL };
	char *envp[] = { "K=V", "L=W", NULL };

	note("%s", status_name(run(argv, envp)));
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	EXPECT_TRUE(n > 0);
	self[n > 0 ? n : 0] = 0;
	snprintf(path, sizeof(path), "/proc/%d/exe", getpid());
	n = readlink(path, link, sizeof(link) - 1);
	link[n > 0 ? n : 0] = 0;
	EXPECT_STR(link, self);
}
