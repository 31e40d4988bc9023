/* SPDX-License-Identifier: MIT */
/* fchmodat(2), fchmod(2): bits, who may, and the set-id bits that are dropped. */
#include "harness.h"

static unsigned int mode_of(const char *path)
{
	struct stat st;

	return lstat(path, &st) < 0 ? 0 : st.st_mode;
}

TEST(chmod, keeps_the_type_and_sets_all_twelve_bits)
{
	put_file("f", "");
	mkdir("d", 0755);
	SHOW(chmod("f", 07777));
	note("%o", mode_of("f"));
	SHOW(chmod("f", 0));
	note("%o", mode_of("f"));
	SHOW(chmod("f", 0177644));
	note("%o", mode_of("f"));
	SHOW(chmod("d", 01777));
	note("%o", mode_of("d"));
	SHOW(fchmod(open("f", O_RDONLY), 0711));
	note("%o", mode_of("f"));
}

TEST(chmod, follows_symlinks_and_has_no_flags_of_its_own)
{
	put_file("f", "");
	symlink("f", "l");
	symlink("none", "dangling");
	SHOW(chmod("l", 0601));
	note("f %o l %o", mode_of("f"), mode_of("l"));
	SHOW(chmod("dangling", 0600));
	/* The raw call takes three arguments. */
	SHOW(syscall(SYS_fchmodat, AT_FDCWD, "f", 0640));
	note("%o", mode_of("f"));
}

TEST(chmod, errors)
{
	put_file("f", "");
	SHOW(chmod("none", 0600));
	SHOW(chmod("f/x", 0600));
	SHOW(chmod("", 0600));
	SHOW(chmod(NULL, 0600));
	SHOW(fchmod(-1, 0600));
	SHOW(syscall(SYS_fchmodat, -1, "f", 0600));
	SHOW(chmod("/proc/version", 0444));
}

TEST(chmod, only_the_owner_and_root_may)
{
	put_file("f", "");
	put_file("mine", "");
	chown("mine", 1000, 1000);
	AS_USER(1000, 1000, {
		SHOW(chmod("f", 0777));
		SHOW(chmod("mine", 0600));
		note("%o", mode_of("mine"));
		SHOW(chmod("mine", 04755));
		note("%o", mode_of("mine"));
	});
}

TEST(chmod, setgid_is_dropped_for_a_foreign_group)
{
	put_file("mine", "");
	chown("mine", 1000, 2000);
	AS_USER(1000, 1000, {
		SHOW(chmod("mine", 02755));
		note("%o", mode_of("mine"));
		SHOW(chmod("mine", 06755));
		note("%o", mode_of("mine"));
	});
}

TEST(chmod, writing_drops_set_id_bits_unless_root_writes)
{
	int fd;

	put_file("f", "x");
	chown("f", 1000, 1000);
	chmod("f", 06777);
	fd = open("f", O_WRONLY);
	write_all(fd, "y", 1);
	note("after root %o", mode_of("f"));
	AS_USER(1000, 1000, write_all(open("f", O_WRONLY), "z", 1));
	note("after the owner %o", mode_of("f"));
	chmod("f", 02767);
	AS_USER(1000, 1000, write_all(open("f", O_WRONLY), "z", 1));
	note("without group execute %o", mode_of("f"));
	chmod("f", 06777);
	AS_USER(1000, 1000, SHOW(truncate("f", 0)));
	note("after truncate %o", mode_of("f"));
}
