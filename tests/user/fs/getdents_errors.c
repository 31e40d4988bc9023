/* SPDX-License-Identifier: MIT */
/* getdents64, lseek on directories, chroot and directory handles: buffers, positions, errors. */
#include "harness.h"
#include <dirent.h>

TEST(dents, buffers)
{
	char space[1024];
	int fd, file;

	put_file("a", "");
	put_file("a_name_that_is_longer_than_the_others", "");
	fd = open(".", O_RDONLY | O_DIRECTORY);
	file = open("a", O_RDONLY);
	SHOW(syscall(SYS_getdents64, -1, space, sizeof(space)));
	SHOW(syscall(SYS_getdents64, file, space, sizeof(space)));
	SHOW(syscall(SYS_getdents64, open(".", O_PATH), space, sizeof(space)));
	SHOW(syscall(SYS_getdents64, fd, space, 0));
	SHOW(syscall(SYS_getdents64, fd, space, 23));
	SHOW(syscall(SYS_getdents64, fd, space, 24));
	SHOW(syscall(SYS_getdents64, fd, (void *)8, sizeof(space)));
	SHOW(syscall(SYS_getdents64, fd, space, 24));
	SHOW(syscall(SYS_getdents64, fd, space, sizeof(space)));
	SHOW(syscall(SYS_getdents64, fd, space, sizeof(space)));
	SHOW(syscall(SYS_getdents64, fd, space, 0));
	SHOW(lseek(fd, 0, SEEK_SET));
	SHOW(syscall(SYS_getdents64, fd, space, sizeof(space)));
	SHOW(lseek(fd, -1, SEEK_SET));
	SHOW(lseek(fd, 0, SEEK_END) < 0 ? -1 : 0);
	SHOW(lseek(fd, 0, 9));
	SHOW(read(fd, space, 1));
	SHOW(write(fd, space, 1));
}

TEST(dents, what_changes_while_it_is_read)
{
	struct dirent *e;
	int seen = 0, late = 0;
	DIR *d;

	for (int i = 0; i < 50; i++) {
		char name[16];

		snprintf(name, sizeof(name), "f%d", i);
		put_file(name, "");
	}
	d = opendir(".");
	while ((e = readdir(d))) {
		if (e->d_name[0] != 'f')
			continue;
		seen++;
		unlink(e->d_name);
	}
	note("all were seen although each was removed: %d", seen);
	rewinddir(d);
	while ((e = readdir(d)))
		late += e->d_name[0] == 'f';
	note("left %d", late);
	put_file("new", "");
	rewinddir(d);
	seen = 0;
	while ((e = readdir(d)))
		seen += !strcmp(e->d_name, "new");
	note("new after rewinding: %d", seen);
}

TEST(dents, types)
{
	struct dirent *e;
	int types[16] = { 0 };
	DIR *d;

	put_file("file", "");
	mkdir("dir", 0755);
	symlink("x", "link");
	mkfifo("fifo", 0600);
	mknod("socket", S_IFSOCK | 0600, 0);
	mknod("char", S_IFCHR | 0600, 0x103);
	mknod("block", S_IFBLK | 0600, 0x103);
	d = opendir(".");
	while ((e = readdir(d)))
		types[e->d_type & 15]++;
	for (int i = 0; i < 16; i++)
		if (types[i])
			note("type %d: %d", i, types[i]);
}

TEST(dents, positions_survive)
{
	struct dirent *e;
	long where;
	char name[300];
	DIR *d;

	for (int i = 0; i < 30; i++) {
		snprintf(name, sizeof(name), "name%d", i);
		put_file(name, "");
	}
	d = opendir(".");
	for (int i = 0; i < 10; i++)
		e = readdir(d);
	where = telldir(d);
	e = readdir(d);
	snprintf(name, sizeof(name), "%s", e->d_name);
	while (readdir(d))
		;
	seekdir(d, where);
	e = readdir(d);
	note("the same name again: %d", e && !strcmp(e->d_name, name));
}
