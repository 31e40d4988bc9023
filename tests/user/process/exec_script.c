/* SPDX-License-Identifier: MIT */
/* #! scripts: the one optional argument, blanks, length limits, nesting. */
#define HARNESS_EXEC other_main
static int other_main(int argc, char **argv);
#include "../harness.h"
#include "util.h"

static int other_main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		note("argv[%d] = \"%s\"", i, argv[i]);
	return argc;
}

static char self[200];

static void script(const char *path, const char *format, ...)
{
	static char text[4096];
	va_list ap;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	self[n > 0 ? n : 0] = 0;
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	put_file(path, text);
	EXPECT_OK(chmod(path, 0755));
}

static void run(const char *path, const char *argument)
{
	pid_t pid;

	CHILD(pid) {
		execl(path, "zero", argument, NULL);
		note("%s", errno_name(errno));
		_exit(100);
	}
	note("%s", status_name(child_status(pid)));
}

#define PLACE() (void)!readlink("/proc/self/exe", self, sizeof(self) - 1)

TEST(exec_script, the_rest_of_the_line_is_one_argument)
{
	PLACE();
	script("s", "#!%s @a b  c\nrest", self);
	run("./s", "x");
	script("s", "#! \t%s \t @a b\t \nrest", self);
	run("./s", "x");
	script("s", "#!%s @end-of-file", self);
	run("./s", NULL);
}

TEST(exec_script, without_argument_the_script_path_comes_first)
{
	PLACE();
	script("@s", "#!%s\n", self);
	run("@s", "x");
	EXPECT_OK(mkdir("@d", 0755));
	script("@d/s", "#!%s\n", self);
	run("@d/s", "y");
	run("@d/../@d/s", "z");
}

TEST(exec_script, a_script_may_be_the_interpreter_up_to_a_depth)
{
	char name[32];

	PLACE();
	script("@0", "#!%s\n", self);
	for (int i = 1; i < 8; i++) {
		snprintf(name, sizeof(name), "@%d", i);
		script(name, "#!@%d\n", i - 1);
	}
	for (int i = 1; i < 8; i++) {
		snprintf(name, sizeof(name), "@%d", i);
		note("depth %d", i);
		run(name, NULL);
	}
}

TEST(exec_script, a_script_that_names_itself)
{
	script("loop", "#!./loop\n");
	run("./loop", NULL);
}

TEST(exec_script, the_line_is_cut_after_255_bytes)
{
	char pad[400];

	PLACE();
	memset(pad, 'p', sizeof(pad));
	/* The argument is cut, the interpreter is whole. */
	pad[300] = 0;
	script("@long", "#!%s @%s\n", self, pad);
	run("@long", NULL);
	/* The interpreter's own name is cut: refused. */
	script("longname", "#!/%s\n", pad);
	run("./longname", NULL);
	/* No newline within the buffer, but blanks behind the name. */
	memset(pad, ' ', 300);
	script("@blank", "#!%s%s\n", self, pad);
	run("@blank", NULL);
}

TEST(exec_script, zero_bytes_end_the_line)
{
	static char text[256];
	int fd, n;

	PLACE();
	n = snprintf(text, sizeof(text), "#!%s @in", self);
	memcpy(text + n + 1, "hidden\n", 7);
	fd = REQUIRE_OK(open("@z", O_WRONLY | O_CREAT, 0755));
	write_all(fd, text, n + 8);
	close(fd);
	run("@z", NULL);
}

TEST(exec_script, the_interpreter_needs_execute_permission)
{
	PLACE();
	put_file("interp", "x");
	script("s", "#!./interp\n");
	run("./s", NULL);
	EXPECT_OK(chmod("interp", 0755));
	run("./s", NULL);
	script("s", "#!interp/x\n");
	run("./s", NULL);
}
