/* SPDX-License-Identifier: MIT */
/* Sticky directories: only the owner of the file or of the directory removes or renames. */
#include "harness.h"

static void prepare(void)
{
	mkdir("d", 0755);
	chmod("d", 01777);
	put_file("d/roots", "x");
	chmod("d/roots", 0666);
	put_file("d/mine", "x");
	chown("d/mine", 1000, 1000);
	put_file("d/theirs", "x");
	chown("d/theirs", 1001, 1001);
	mkdir("d/dir", 0777);
	chmod("d/dir", 0777);
}

TEST(sticky, others_files_stay)
{
	prepare();
	AS_USER(1000, 1000, {
		SHOW(unlink("d/roots"));
		SHOW(unlink("d/theirs"));
		SHOW(rmdir("d/dir"));
		SHOW(rename("d/roots", "d/x"));
		SHOW(rename("d/mine", "d/theirs"));
		SHOW(rename("d/mine", "d/still-mine"));
		SHOW(unlink("d/still-mine"));
		SHOW(mknod("d/new", S_IFREG | 0600, 0));
		SHOW(unlink("d/new"));
	});
}

TEST(sticky, the_owner_of_the_directory_may)
{
	prepare();
	chown("d", 1000, 1000);
	chmod("d", 01777);
	AS_USER(1000, 1000, {
		SHOW(unlink("d/theirs"));
		SHOW(rename("d/roots", "d/x"));
		SHOW(rmdir("d/dir"));
	});
}

TEST(sticky, root_may)
{
	prepare();
	SHOW(unlink("d/theirs"));
	SHOW(rename("d/mine", "d/x"));
}

TEST(sticky, without_the_bit_all_may)
{
	prepare();
	chmod("d", 0777);
	AS_USER(1000, 1000, {
		SHOW(unlink("d/theirs"));
		SHOW(rename("d/roots", "d/x"));
	});
}

TEST(sticky, exchange_needs_both)
{
	prepare();
	AS_USER(1000, 1000, {
		SHOW(syscall(SYS_renameat2, AT_FDCWD, "d/mine", AT_FDCWD, "d/theirs", 2));
		SHOW(mknod("d/other", S_IFREG | 0600, 0));
		SHOW(syscall(SYS_renameat2, AT_FDCWD, "d/mine", AT_FDCWD, "d/other", 2));
	});
}
