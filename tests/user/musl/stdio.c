/* SPDX-License-Identifier: MIT */
/* musl's stdio: every write is a writev, every read a readv; popen, tmpfile, seeking, a full disk. */
#include "harness.h"

TEST(stdio, lines_written_and_read_back)
{
	FILE *f = fopen("f", "w+");
	char line[64];
	int count = 0;

	REQUIRE_TRUE(f != NULL);
	for (int i = 0; i < 1000; i++)
		fprintf(f, "line %d\n", i);
	SHOW(fflush(f));
	SHOW(ftell(f));
	rewind(f);
	while (fgets(line, sizeof(line), f))
		count += strncmp(line, "line ", 5) == 0;
	note("lines %d", count);
	SHOW(fseek(f, 5, SEEK_SET));
	SHOW(fgetc(f) == '0');
	SHOW(fclose(f));
}

TEST(stdio, append_and_update)
{
	FILE *f;
	char text[32] = "";

	put_file("f", "base");
	f = fopen("f", "a");
	fputs("+tail", f);
	fclose(f);
	EXPECT_STR(get_file("f"), "base+tail");
	f = fopen("f", "r+");
	fputs("BA", f);
	fseek(f, 0, SEEK_CUR);
	SHOW(fread(text, 1, 2, f));
	fclose(f);
	EXPECT_STR(get_file("f"), "BAse+tail");
	SHOW(fopen("f", "wx") == NULL);
	note("%s", errno_name(errno));
}

TEST(stdio, a_full_device_is_reported)
{
	FILE *f = fopen("/dev/full", "w");

	fputs("text", f);
	SHOW(fflush(f));
	note("%s", errno_name(errno));
	SHOW(ferror(f) != 0);
	fclose(f);
}

TEST(stdio, tmpfile_has_no_name)
{
	FILE *f = tmpfile();
	struct stat st;

	REQUIRE_TRUE(f != NULL);
	fstat(fileno(f), &st);
	note("nlink %lu", (unsigned long)st.st_nlink);
	fclose(f);
}

TEST(stdio, pipes_between_streams)
{
	int p[2];
	pid_t pid;
	char line[64];
	FILE *f;

	REQUIRE_OK(pipe(p));
	CHILD(pid) {
		f = fdopen(p[1], "w");
		for (int i = 0; i < 3; i++)
			fprintf(f, "from the child %d\n", i);
		fclose(f);
	}
	close(p[1]);
	f = fdopen(p[0], "r");
	while (fgets(line, sizeof(line), f))
		note("%.*s", (int)strcspn(line, "\n"), line);
	EXPECT_CHILD_OK(pid);
}
