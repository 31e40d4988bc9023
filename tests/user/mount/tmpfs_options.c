/* SPDX-License-Identifier: MIT */
/* Options of tmpfs: size, nr_blocks, nr_inodes, mode, uid, gid; ENOSPC where they end. */
#include "harness.h"
#include <sys/mount.h>
#include <sys/statfs.h>

TEST(tmpfs, size_is_a_hard_limit)
{
	static char block[65536];
	struct statfs sfs;
	int fd;

	mkdir("m", 0755);
	SHOW(mount("tmpfs", "m", "tmpfs", 0, "size=64k"));
	statfs("m", &sfs);
	note("blocks %ld free %ld", (long)sfs.f_blocks, (long)sfs.f_bfree);
	fd = open("m/f", O_CREAT | O_RDWR, 0600);
	SHOW(write(fd, block, 65536));
	SHOW(write(fd, block, 1));
	SHOW(pwrite(fd, block, 10, 0));
	statfs("m", &sfs);
	note("free %ld", (long)sfs.f_bfree);
	SHOW(ftruncate(fd, 1 << 20));
	SHOW(fallocate(fd, 0, 65536, 4096));
	SHOW(mknod("m/empty", S_IFREG | 0600, 0));
	SHOW(ftruncate(fd, 4096));
	SHOW(pwrite(fd, block, 65536, 32768));
	SHOW(lseek(fd, 0, SEEK_END));
	close(fd);
	SHOW(umount("m"));
}

TEST(tmpfs, nr_inodes)
{
	struct statfs sfs;
	char name[32];
	int made = 0;

	mkdir("m", 0755);
	SHOW(mount("tmpfs", "m", "tmpfs", 0, "nr_inodes=10"));
	statfs("m", &sfs);
	note("files %ld free %ld", (long)sfs.f_files, (long)sfs.f_ffree);
	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "m/%d", i);
		if (mknod(name, S_IFREG | 0600, 0) < 0)
			break;
		made++;
	}
	note("made %d then %s", made, errno_name(errno));
	SHOW(mkdir("m/d", 0755));
	SHOW(unlink("m/0"));
	SHOW(mkdir("m/d", 0755));
	SHOW(umount("m"));
}

TEST(tmpfs, mode_uid_gid_of_the_root)
{
	struct stat st;

	mkdir("m", 0755);
	SHOW(mount("tmpfs", "m", "tmpfs", 0, "mode=0711,uid=7,gid=8"));
	stat("m", &st);
	note("mode %o uid %u gid %u nlink %lu", st.st_mode, st.st_uid, st.st_gid,
	     (unsigned long)st.st_nlink);
	SHOW(umount("m"));
	SHOW(mount("tmpfs", "m", "tmpfs", 0, NULL));
	stat("m", &st);
	note("mode %o uid %u gid %u", st.st_mode, st.st_uid, st.st_gid);
	SHOW(umount("m"));
}

TEST(tmpfs, options_are_checked)
{
	mkdir("m", 0755);
	SHOW(mount("tmpfs", "m", "tmpfs", 0, "size=junk"));
	SHOW(mount("tmpfs", "m", "tmpfs", 0, "nonsense"));
	SHOW(mount("tmpfs", "m", "tmpfs", 0, "mode=9"));
	SHOW(mount("tmpfs", "m", "tmpfs", 0, "size=1m,nr_inodes=100"));
	SHOW(umount("m"));
	SHOW(mount("tmpfs", "m", "tmpfs", 0, "size=10%"));
	SHOW(umount("m"));
}
