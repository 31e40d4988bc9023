/* SPDX-License-Identifier: MIT */
/* getdents64(2): every name once, types, small buffers, seeking, changes on the way. */
#include "harness.h"
#include <dirent.h>

struct entry {
	uint64_t ino;
	int64_t off;
	unsigned short reclen;
	unsigned char type;
	char name[];
};

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void list(int fd, size_t size)
{
	static char space[65536];
	char *names[600];
	int count = 0, calls = 0;
	long n;

	while ((n = syscall(SYS_getdents64, fd, space, size)) > 0) {
		calls++;
		for (long at = 0; at < n;) {
			struct entry *e = (struct entry *)(space + at);
			char text[300];

			snprintf(text, sizeof(text), "%s type %d aligned %d", e->name, e->type,
				 e->reclen % 8 == 0);
			names[count++] = strdup(text);
			at += e->reclen;
		}
	}
	qsort(names, count, sizeof(names[0]), by_name);
	for (int i = 0; i < count; i++)
		note("%s", names[i]);
	note("end %s", n < 0 ? errno_name(errno) : "0");
	(void)calls;
}

TEST(getdents, lists_every_type)
{
	put_file("file", "");
	mkdir("dir", 0755);
	symlink("x", "link");
	mkfifo("fifo", 0600);
	mknod("sock", S_IFSOCK | 0600, 0);
	mknod("null", S_IFCHR | 0600, 0x103);
	list(open(".", O_RDONLY), 65536);
}

TEST(getdents, a_small_buffer_takes_several_calls)
{
	put_file("a-rather-long-name-for-a-file", "");
	put_file("b", "");
	list(open(".", O_RDONLY), 64);
}

TEST(getdents, errors)
{
	static char space[4096];
	int dir = open(".", O_RDONLY);

	put_file("f", "");
	SHOW(syscall(SYS_getdents64, -1, space, 4096));
	SHOW(syscall(SYS_getdents64, open("f", O_RDONLY), space, 4096));
	SHOW(syscall(SYS_getdents64, open(".", O_PATH), space, 4096));
	SHOW(syscall(SYS_getdents64, dir, space, 10));
	SHOW(syscall(SYS_getdents64, dir, space, 0));
	SHOW(syscall(SYS_getdents64, dir, NULL, 4096));
	mkdir("d", 0755);
	dir = open("d", O_RDONLY);
	rmdir("d");
	SHOW(syscall(SYS_getdents64, dir, space, 4096));
}

TEST(getdents, five_hundred_names_come_exactly_once_while_others_go)
{
	char name[32], seen[500] = { 0 };
	int twice = 0, missing = 0;
	struct dirent *e;
	DIR *d;

	mkdir("d", 0755);
	for (int i = 0; i < 500; i++) {
		snprintf(name, sizeof(name), "d/n%03d", i);
		put_file(name, "");
	}
	d = opendir("d");
	for (int read = 0; (e = readdir(d));) {
		if (e->d_name[0] == 'n') {
			twice += seen[atoi(e->d_name + 1)]++;
			/* Remove what was just seen: the walk must not lose its place. */
			snprintf(name, sizeof(name), "d/%s", e->d_name);
			unlink(name);
			read++;
		}
	}
	for (int i = 0; i < 500; i++)
		missing += !seen[i];
	note("twice %d missing %d", twice, missing);
	closedir(d);
	SHOW(rmdir("d"));
}

TEST(getdents, telldir_positions_can_be_returned_to)
{
	char name[32], first[300], again[300];
	struct dirent *e;
	long place;
	DIR *d;

	mkdir("d", 0755);
	for (int i = 0; i < 50; i++) {
		snprintf(name, sizeof(name), "d/n%02d", i);
		put_file(name, "");
	}
	d = opendir("d");
	for (int i = 0; i < 20; i++)
		readdir(d);
	place = telldir(d);
	e = readdir(d);
	strcpy(first, e ? e->d_name : "?");
	while (readdir(d))
		;
	seekdir(d, place);
	e = readdir(d);
	strcpy(again, e ? e->d_name : "?");
	EXPECT_STR(again, first);
	rewinddir(d);
	int count = 0;
	while (readdir(d))
		count++;
	note("count %d", count);
}
