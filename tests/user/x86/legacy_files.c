/* SPDX-License-Identifier: MIT */
/* arch: x86_64 */
/* The older calls on files and paths, by their numbers: results, errors, and that they agree with the newer ones. */
#include "../harness.h"
#include "../process/util.h"
#include <dirent.h>
#include <utime.h>
#include <sys/sysmacros.h>
#include <sys/time.h>

#define BAD ((void *)8)
#define KERNEL ((void *)0xffff888000000000)

static struct stat st;

static const char *mode_of(const char *path)
{
	static char text[32];

	if (syscall(SYS_lstat, path, &st) < 0)
		return errno_name(errno);
	snprintf(text, sizeof(text), "%o", st.st_mode);
	return text;
}

TEST(legacy_files, open_and_creat)
{
	long fd;

	umask(022);
	SHOW((fd = syscall(SYS_open, "a", O_RDWR | O_CREAT | O_EXCL, 0666)) > 2);
	SHOW(syscall(SYS_write, fd, "hello", 5));
	SHOW(fcntl(fd, F_GETFL) & ~0100000);
	SHOW(fcntl(fd, F_GETFD));
	note("%s", mode_of("a"));
	SHOW(syscall(SYS_open, "a", O_RDWR | O_CREAT | O_EXCL, 0666));
	SHOW(syscall(SYS_open, "no/such", O_RDONLY, 0));
	SHOW(syscall(SYS_open, "a/b", O_RDONLY, 0));
	SHOW(syscall(SYS_open, "", O_RDONLY, 0));
	SHOW(syscall(SYS_open, BAD, O_RDONLY, 0));
	SHOW(syscall(SYS_open, KERNEL, O_RDONLY, 0));
	SHOW(syscall(SYS_open, ".", O_WRONLY, 0));
	SHOW(syscall(SYS_open, "a", O_DIRECTORY, 0));
	SHOW(syscall(SYS_creat, "b", 0640) > 2);
	note("%s", mode_of("b"));
	SHOW((fd = syscall(SYS_creat, "a", 0600)) > 2);
	note("%s", mode_of("a"));
	note("size %lld", (long long)st.st_size);
	SHOW((fcntl(fd, F_GETFL) & O_ACCMODE) == O_WRONLY);
	SHOW(syscall(SYS_creat, ".", 0600));
	SHOW(syscall(SYS_creat, BAD, 0600));
	SHOW(syscall(SYS_creat, "no/such", 0600));
	AS_USER(1000, 1000,
		SHOW(syscall(SYS_open, "a", O_RDONLY, 0));
		SHOW(syscall(SYS_creat, "user", 0600)));
}

TEST(legacy_files, stat_lstat_access_readlink)
{
	struct stat other;
	char text[16] = "...............";

	put_file("f", "12345");
	SHOW(syscall(SYS_symlink, "f", "l"));
	SHOW(syscall(SYS_symlink, "f", "l"));
	SHOW(syscall(SYS_symlink, "", "m"));
	SHOW(syscall(SYS_symlink, BAD, "m"));
	SHOW(syscall(SYS_symlink, "nowhere", "dangling"));
	SHOW(syscall(SYS_stat, "l", &st));
	SHOW(S_ISREG(st.st_mode) && st.st_size == 5);
	SHOW(fstatat(AT_FDCWD, "f", &other, 0));
	SHOW(memcmp(&st, &other, sizeof(st)));
	SHOW(syscall(SYS_lstat, "l", &st));
	SHOW(S_ISLNK(st.st_mode) && st.st_size == 1);
	SHOW(syscall(SYS_stat, "dangling", &st));
	SHOW(syscall(SYS_lstat, "dangling", &st));
	SHOW(syscall(SYS_stat, "", &st));
	SHOW(syscall(SYS_stat, BAD, &st));
	SHOW(syscall(SYS_stat, "f", BAD));
	SHOW(syscall(SYS_lstat, "f/x", &st));
	SHOW(syscall(SYS_access, "f", F_OK));
	SHOW(syscall(SYS_access, "f", R_OK | W_OK));
	SHOW(syscall(SYS_access, "f", X_OK));
	SHOW(syscall(SYS_access, "f", 8));
	SHOW(syscall(SYS_access, "dangling", F_OK));
	SHOW(syscall(SYS_access, BAD, F_OK));
	SHOW(syscall(SYS_readlink, "l", text, sizeof(text)));
	note("%s", text);
	SHOW(syscall(SYS_readlink, "dangling", text, 3));
	note("%s", text);
	SHOW(syscall(SYS_readlink, "f", text, sizeof(text)));
	SHOW(syscall(SYS_readlink, "l", text, 0));
	SHOW(syscall(SYS_readlink, "l", BAD, 8));
	SHOW(syscall(SYS_readlink, "none", text, 8));
	SHOW(chmod("f", 0600));
	AS_USER(1000, 1000,
		SHOW(syscall(SYS_access, "f", R_OK));
		SHOW(syscall(SYS_stat, "f", &st)));
}

TEST(legacy_files, names_come_and_go)
{
	SHOW(syscall(SYS_mkdir, "d", 0777));
	note("%s", mode_of("d"));
	SHOW(syscall(SYS_mkdir, "d", 0777));
	SHOW(syscall(SYS_mkdir, "none/d", 0777));
	SHOW(syscall(SYS_mkdir, BAD, 0777));
	SHOW(syscall(SYS_mknod, "fifo", S_IFIFO | 0640, 0));
	note("%s", mode_of("fifo"));
	SHOW(syscall(SYS_mknod, "null", S_IFCHR | 0600, makedev(1, 3)));
	note("%s", mode_of("null"));
	note("%d", st.st_rdev == makedev(1, 3));
	SHOW(syscall(SYS_mknod, "file", 0600, 0));
	note("%s", mode_of("file"));
	SHOW(syscall(SYS_mknod, "dir", S_IFDIR | 0700, 0));
	SHOW(syscall(SYS_mknod, "file", S_IFREG | 0600, 0));
	SHOW(syscall(SYS_link, "file", "d/link"));
	SHOW(syscall(SYS_stat, "file", &st));
	SHOW(st.st_nlink);
	SHOW(syscall(SYS_link, "file", "d/link"));
	SHOW(syscall(SYS_link, "d", "e"));
	SHOW(syscall(SYS_link, "none", "e"));
	SHOW(syscall(SYS_link, BAD, "e"));
	SHOW(syscall(SYS_rmdir, "d"));
	SHOW(syscall(SYS_rename, "d/link", "moved"));
	SHOW(syscall(SYS_rename, "d/link", "moved"));
	SHOW(syscall(SYS_rename, "d", "moved"));
	SHOW(syscall(SYS_rename, "moved", "d"));
	SHOW(syscall(SYS_rename, "d", "d/inside"));
	SHOW(syscall(SYS_rename, BAD, "x"));
	SHOW(syscall(SYS_rmdir, "moved"));
	SHOW(syscall(SYS_rmdir, "."));
	SHOW(syscall(SYS_rmdir, "d"));
	SHOW(syscall(SYS_rmdir, "d"));
	SHOW(syscall(SYS_unlink, "moved"));
	SHOW(syscall(SYS_unlink, "moved"));
	SHOW(syscall(SYS_unlink, "."));
	SHOW(syscall(SYS_unlink, BAD));
	SHOW(syscall(SYS_unlink, ""));
	AS_USER(1000, 1000,
		SHOW(syscall(SYS_mkdir, "u", 0700));
		SHOW(syscall(SYS_unlink, "file"));
		SHOW(syscall(SYS_mknod, "/tmp/legacy_dev", S_IFCHR | 0600, makedev(1, 3))));
}

TEST(legacy_files, owners_and_modes)
{
	put_file("f", "");
	SHOW(symlink("f", "l"));
	SHOW(syscall(SYS_chmod, "l", 04751));
	note("%s", mode_of("f"));
	SHOW(syscall(SYS_chmod, "none", 0));
	SHOW(syscall(SYS_chmod, BAD, 0));
	SHOW(syscall(SYS_chown, "l", 5, 6));
	note("%s", mode_of("f"));
	note("%u %u", st.st_uid, st.st_gid);
	SHOW(syscall(SYS_chown, "f", -1, 7));
	SHOW(syscall(SYS_lchown, "l", 8, -1));
	note("%d", syscall(SYS_stat, "f", &st) == 0 && st.st_uid == 5 && st.st_gid == 7);
	note("%d", syscall(SYS_lstat, "l", &st) == 0 && st.st_uid == 8);
	SHOW(syscall(SYS_chown, "none", 0, 0));
	SHOW(syscall(SYS_lchown, BAD, 0, 0));
	AS_USER(1000, 1000,
		SHOW(syscall(SYS_chmod, "f", 0777));
		SHOW(syscall(SYS_chown, "f", 1000, 1000));
		SHOW(syscall(SYS_lchown, "l", 1000, 1000)));
}

static void note_times(const char *what)
{
	note("%s: %lld.%09ld %lld.%09ld", what, (long long)st.st_atim.tv_sec, st.st_atim.tv_nsec,
	     (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
}

TEST(legacy_files, utime_utimes_futimesat)
{
	struct utimbuf two = { 1000000000, 1100000000 };
	struct timeval tv[2] = { { 1200000000, 123456 }, { 1300000000, 999999 } };
	int dir = open(".", O_RDONLY | O_DIRECTORY), fd;
	time_t before = time(NULL);

	put_file("f", "");
	SHOW(symlink("f", "l"));
	SHOW(syscall(SYS_utime, "l", &two));
	SHOW(syscall(SYS_stat, "f", &st));
	note_times("utime");
	SHOW(syscall(SYS_utimes, "f", tv));
	SHOW(syscall(SYS_stat, "f", &st));
	note_times("utimes");
	tv[0].tv_usec = 1;
	SHOW(syscall(SYS_futimesat, dir, "f", tv));
	SHOW(syscall(SYS_stat, "f", &st));
	note_times("futimesat");
	fd = open("f", O_RDONLY);
	tv[1].tv_usec = 7;
	SHOW(syscall(SYS_futimesat, fd, NULL, tv));
	SHOW(syscall(SYS_stat, "f", &st));
	note_times("futimesat of a descriptor");
	tv[0].tv_usec = 1000000;
	SHOW(syscall(SYS_utimes, "f", tv));
	SHOW(syscall(SYS_futimesat, dir, "f", tv));
	tv[0].tv_usec = -1;
	SHOW(syscall(SYS_utimes, "f", tv));
	SHOW(syscall(SYS_utime, "f", NULL));
	SHOW(syscall(SYS_stat, "f", &st));
	note("now %d", st.st_mtim.tv_sec >= before && st.st_atim.tv_sec >= before);
	SHOW(syscall(SYS_utimes, "f", NULL));
	SHOW(syscall(SYS_utime, "none", NULL));
	SHOW(syscall(SYS_utime, BAD, NULL));
	SHOW(syscall(SYS_utime, "f", BAD));
	SHOW(syscall(SYS_utimes, "f", BAD));
	SHOW(syscall(SYS_utimes, NULL, NULL));
	SHOW(syscall(SYS_futimesat, 99, "f", NULL));
	SHOW(syscall(SYS_futimesat, 99, NULL, NULL));
	AS_USER(1000, 1000,
		SHOW(syscall(SYS_utime, "f", &two));
		SHOW(syscall(SYS_utime, "f", NULL)));
}

struct old_dirent {
	unsigned long ino;
	unsigned long off;
	unsigned short reclen;
	char name[];
};

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

TEST(legacy_files, getdents)
{
	static char buffer[4096], *names[64];
	int fd, count = 0, bad = 0;
	long n, total = 0;

	for (int i = 0; i < 9; i++) {
		snprintf(buffer, sizeof(buffer), "name%.*s%d", i, "xxxxxxxxx", i);
		put_file(buffer, "");
	}
	mkdir("dir", 0700);
	symlink("x", "sym");
	fd = open(".", O_RDONLY | O_DIRECTORY);
	while ((n = syscall(SYS_getdents, fd, buffer, 128)) > 0) {
		total += n;
		for (long at = 0; at < n;) {
			struct old_dirent *d = (void *)(buffer + at);
			char type = buffer[at + d->reclen - 1];
			char *line = malloc(300);
			struct stat is;

			lstat(d->name, &is);
			/* The type is in the last byte, behind the name and its padding. */
			bad += d->reclen % 8 != 0 || d->reclen != ((18 + strlen(d->name) + 2 + 7) & ~7UL);
			bad += strcmp(d->name, "..") != 0 && d->ino != is.st_ino;
			snprintf(line, 300, "%s type %d length %d", d->name, type, d->reclen);
			names[count++] = line;
			at += d->reclen;
		}
	}
	SHOW(n);
	note("entries %d bytes %ld bad %d", count, total, bad);
	qsort(names, count, sizeof(names[0]), by_name);
	for (int i = 0; i < count; i++)
		note("%s", names[i]);
	SHOW(syscall(SYS_getdents, fd, buffer, sizeof(buffer)));
	SHOW(lseek(fd, 0, SEEK_SET));
	SHOW(syscall(SYS_getdents, fd, buffer, 20));
	SHOW(syscall(SYS_getdents, fd, buffer, 0));
	SHOW(syscall(SYS_getdents, fd, BAD, 4096));
	SHOW(syscall(SYS_getdents, fd, KERNEL, 4096));
	SHOW(syscall(SYS_getdents, -1, buffer, sizeof(buffer)));
	SHOW(syscall(SYS_getdents, open("name0", O_RDONLY), buffer, sizeof(buffer)));
	SHOW(syscall(SYS_getdents, open(".", O_PATH), buffer, sizeof(buffer)));
	/* The offset of an entry is where the next begins. */
	SHOW(lseek(fd, 0, SEEK_SET));
	SHOW(syscall(SYS_getdents, fd, buffer, sizeof(buffer)) > 0);
	{
		struct old_dirent *first = (void *)buffer, *second = (void *)(buffer + first->reclen);
		char wanted[256];

		strcpy(wanted, second->name);
		EXPECT_EQ(lseek(fd, first->off, SEEK_SET), (off_t)first->off);
		SHOW(syscall(SYS_getdents, fd, buffer, sizeof(buffer)) > 0);
		SHOW(strcmp(((struct old_dirent *)buffer)->name, wanted));
	}
	rmdir("dir");
	mkdir("gone", 0700);
	fd = open("gone", O_RDONLY | O_DIRECTORY);
	rmdir("gone");
	SHOW(syscall(SYS_getdents, fd, buffer, sizeof(buffer)));
}
