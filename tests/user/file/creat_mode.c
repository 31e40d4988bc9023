/* SPDX-License-Identifier: MIT */
/* The mode and owner of a new file: umask, special bits, group of a set-gid directory. */
#include "harness.h"
#include <dirent.h>

static void show_mode(const char *path)
{
	struct stat st;

	REQUIRE_OK(lstat(path, &st));
	note("%s mode %06o uid %u gid %u size %lld", path, st.st_mode, st.st_uid, st.st_gid,
	     S_ISDIR(st.st_mode) ? 0LL : (long long)st.st_size);
}

TEST(create, umask_takes_bits_away)
{
	SHOW(umask(027));
	close(open("a", O_CREAT | O_WRONLY, 0777));
	close(open("b", O_CREAT | O_WRONLY, 0666));
	mkdir("c", 0777);
	mkfifo("d", 0666);
	mknod("e", S_IFREG | 0666, 0);
	SHOW(umask(01777));
	SHOW(umask(0));
	show_mode("a");
	show_mode("b");
	show_mode("c");
	show_mode("d");
	show_mode("e");
}

TEST(create, special_bits_are_honoured)
{
	umask(0);
	close(open("a", O_CREAT | O_WRONLY, 04755));
	close(open("b", O_CREAT | O_WRONLY, 02755));
	close(open("c", O_CREAT | O_WRONLY, 01755));
	close(open("d", O_CREAT | O_WRONLY, 0177777));
	mkdir("e", 07777);
	show_mode("a");
	show_mode("b");
	show_mode("c");
	show_mode("d");
	show_mode("e");
}

TEST(create, mode_zero_still_gives_the_creator_its_descriptor)
{
	chmod(".", 0777);
	AS_USER(1000, 1001, {
		int fd = REQUIRE_OK(open("f", O_RDWR | O_CREAT | O_EXCL, 0));

		SHOW(write(fd, "abc", 3));
		SHOW(open("f", O_RDONLY));
		show_mode("f");
	});
}

TEST(create, symlinks_ignore_the_umask)
{
	umask(077);
	symlink("x", "l");
	show_mode("l");
}

TEST(create, fsuid_and_fsgid_own_new_files)
{
	chmod(".", 0777);
	IN_CHILD({
		SHOW(syscall(SYS_setfsgid, 77));
		SHOW(syscall(SYS_setfsuid, 66));
		SHOW(syscall(SYS_setfsuid, -1));
		close(open("f", O_CREAT | O_WRONLY, 0644));
		mkdir("d", 0755);
		symlink("x", "l");
		show_mode("f");
		show_mode("d");
		show_mode("l");
	});
}

TEST(create, creat_truncates)
{
	put_file("f", "something");
	close(REQUIRE_OK(creat("f", 0600)));
	show_mode("f");
}
