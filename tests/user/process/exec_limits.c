/* SPDX-License-Identifier: MIT */
/* execve, execveat: what is too long, too many, not there, not allowed, not a program. */
#include "../harness.h"
#include <sys/resource.h>

static char *none[] = { NULL };

TEST(execlimits, paths)
{
	static char name[300], path[5000];

	memset(name, 'n', 256);
	memset(path, '/', 4999);
	put_file("f", "#!");
	put_file("empty", "");
	put_file("text", "echo\n");
	put_file("nointerpreter", "#!/nothing\n");
	put_file("noname", "#!\n");
	put_file("spaces", "#!   \n");
	put_file("directory", "#!/\n");
	put_file("itself", "#!itself\n");
	put_file("binary", "\177ELF");
	for (const char *const *n = (const char *const[]){ "f", "empty", "text", "nointerpreter", "noname", "spaces", "directory", "itself", "binary", NULL };
	     *n; n++) {
		note("not executable %s: %s", *n, RESULT(execve(*n, none, none)));
		chmod(*n, 0755);
		note("executable %s: %s", *n, RESULT(execve(*n, (char *[]){ "x", NULL }, none)));
	}
	REQUIRE_OK(symlink("loop", "loop"));
	SHOW(execve("nothing", none, none));
	SHOW(execve("", none, none));
	SHOW(execve(".", none, none));
	SHOW(execve("/", none, none));
	SHOW(execve("f/x", none, none));
	SHOW(execve("loop", none, none));
	SHOW(execve(name, none, none));
	SHOW(execve(path, none, none));
	SHOW(execve(NULL, none, none));
	SHOW(execve("/dev/null", none, none));
	SHOW(execve("/proc/self/stat", none, none));
	SHOW(execve("/proc/self/exe", (void *)8, none));
	SHOW(execve("/proc/self/exe", (char *[]){ (void *)8, NULL }, none));
	SHOW(execve("/proc/self/exe", (char *[]){ "x", NULL }, (void *)8));
	REQUIRE_OK(mkfifo("fifo", 0755));
	SHOW(execve("fifo", none, none));
}

TEST(execlimits, sizes)
{
	static char *many[300000], big[140000];

	memset(big, 'b', 131072);
	SHOW(execve("/proc/self/exe", (char *[]){ big, NULL }, none));
	for (size_t i = 0; i < ARRAY_SIZE(many) - 1; i++)
		many[i] = "twenty bytes of text";
	SHOW(execve("/proc/self/exe", many, none));
	SHOW(execve("/proc/self/exe", none, many));
	REQUIRE_OK(setrlimit(RLIMIT_STACK, &(struct rlimit){ 1 << 20, 1 << 20 }));
	many[20000] = NULL;
	SHOW(execve("/proc/self/exe", many, none));
}

TEST(execlimits, at)
{
	int fd, script;

	put_file("f", "#!/nothing\n");
	chmod("f", 0755);
	REQUIRE_OK(symlink("f", "s"));
	fd = open("f", O_PATH);
	script = open("f", O_RDONLY | O_CLOEXEC);
	SHOW(syscall(SYS_execveat, -1, "f", none, none, 0));
	SHOW(syscall(SYS_execveat, AT_FDCWD, "f", none, none, 1));
	SHOW(syscall(SYS_execveat, AT_FDCWD, "", none, none, 0));
	SHOW(syscall(SYS_execveat, fd, "", none, none, 0));
	SHOW(syscall(SYS_execveat, fd, "", none, none, AT_EMPTY_PATH));
	SHOW(syscall(SYS_execveat, script, "", none, none, AT_EMPTY_PATH));
	SHOW(syscall(SYS_execveat, AT_FDCWD, "s", none, none, AT_SYMLINK_NOFOLLOW));
	SHOW(syscall(SYS_execveat, fd, "x", none, none, 0));
	SHOW(syscall(SYS_execveat, AT_FDCWD, NULL, none, none, 0));
}

TEST(execlimits, busy)
{
	int fd;

	REQUIRE_OK(symlink("/proc/self/exe", "x"));
	put_file("f", "#!/nothing\n");
	chmod("f", 0755);
	fd = open("f", O_WRONLY);
	SHOW(execve("f", none, none));
	close(fd);
	SHOW(execve("f", none, none));
	SHOW(open("/proc/self/exe", O_WRONLY));
	SHOW(truncate("/proc/self/exe", 0));
}

TEST(execlimits, permissions)
{
	REQUIRE_OK(mkdir("closed", 0700));
	put_file("closed/f", "#!/nothing\n");
	chmod("closed/f", 0755);
	put_file("owner", "#!/nothing\n");
	chmod("owner", 0744);
	AS_USER(1000, 1000, {
		SHOW(execve("closed/f", none, none));
		SHOW(execve("owner", none, none));
	});
	chmod("owner", 0644);
	SHOW(execve("owner", none, none));
}
