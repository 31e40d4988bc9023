/* SPDX-License-Identifier: MIT */
/* Set-group-id directories: the group is inherited, and the bit by directories. */
#include "harness.h"

static void show(const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		note("%s: %s", path, errno_name(errno));
	else
		note("%s %o %u:%u", path, st.st_mode, st.st_uid, st.st_gid);
}

TEST(setgid, new_things_take_the_group)
{
	mkdir("d", 0755);
	chown("d", 0, 3000);
	chmod("d", 02777);
	AS_USER(1000, 1000, {
		umask(022);
		close(open("d/f", O_CREAT | O_WRONLY, 0666));
		mkdir("d/sub", 0777);
		mkdir("d/sub/deeper", 0777);
		symlink("x", "d/l");
		mkfifo("d/p", 0666);
	});
	show("d/f");
	show("d/sub");
	show("d/sub/deeper");
	show("d/l");
	show("d/p");
}

TEST(setgid, without_the_bit_the_group_is_the_makers)
{
	mkdir("d", 0755);
	chown("d", 0, 3000);
	chmod("d", 0777);
	AS_USER(1000, 1000, {
		close(open("d/f", O_CREAT | O_WRONLY, 0666));
		mkdir("d/sub", 0777);
	});
	show("d/f");
	show("d/sub");
}

TEST(setgid, an_executable_of_a_foreign_group_loses_the_bit)
{
	mkdir("d", 0755);
	chown("d", 0, 3000);
	chmod("d", 02777);
	AS_USER(1000, 1000, {
		umask(0);
		close(open("d/f", O_CREAT | O_WRONLY, 02755));
		close(open("d/g", O_CREAT | O_WRONLY, 02745));
		mknod("d/h", S_IFREG | 06755, 0);
	});
	show("d/f");
	show("d/g");
	show("d/h");
	umask(0);
	close(open("d/root", O_CREAT | O_WRONLY, 02755));
	show("d/root");
}

TEST(setgid, of_a_renamed_file_nothing_changes)
{
	mkdir("d", 0755);
	chown("d", 0, 3000);
	chmod("d", 02777);
	put_file("f", "x");
	SHOW(rename("f", "d/f"));
	show("d/f");
}
