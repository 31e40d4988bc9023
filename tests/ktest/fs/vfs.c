/* SPDX-License-Identifier: MIT */
/* The VFS from inside: walks, renames, references, limits. Each test works in a tmpfs of its own, mounted at /ktest. */
#include <kernel/errno.h>
#include <kernel/fs.h>
#include <kernel/ktest.h>
#include <kernel/rcu.h>
#include <kernel/string.h>
#include <kernel/task.h>

static struct path top;

static void enter(const char *options)
{
	vfs_mkdir("/ktest", 0755);
	EXPECT_OK(kern_mount("tmpfs", "ktest", "/ktest", 0, options));
	EXPECT_OK(kern_path("/ktest", LOOKUP_FOLLOW, &top));
}

static int look(const char *name, unsigned flags)
{
	struct path p;
	int err = kern_path(name, flags, &p);

	if (!err)
		path_put(&p);
	return err;
}

static struct file *make(const char *name)
{
	int err;
	struct file *f = file_open(AT_FDCWD, name, O_RDWR | O_CREAT | O_EXCL, 0644, &err);

	EXPECT_OK(err);
	return f;
}

static void leave(void)
{
	path_put(&top);
}

KTEST(vfs, walks_find_what_was_made)
{
	struct file *f;

	enter(NULL);
	EXPECT_OK(vfs_mkdir("/ktest/a", 0755));
	EXPECT_OK(vfs_mkdir("/ktest/a/b", 0755));
	f = make("/ktest/a/b/file");
	file_put(f);
	EXPECT_OK(look("/ktest/a/b/file", 0));
	EXPECT_OK(look("/ktest//a/./b/../b/file", 0));
	EXPECT_EQ(look("/ktest/a/b/none", 0), -ENOENT);
	EXPECT_EQ(look("/ktest/a/b/file/x", 0), -ENOTDIR);
	EXPECT_EQ(look("/ktest/a/b/file/", 0), -ENOTDIR);
	EXPECT_OK(vfs_symlink("a/b", "/ktest/l"));
	EXPECT_OK(look("/ktest/l/file", 0));
	EXPECT_OK(vfs_symlink("/ktest/loop", "/ktest/loop"));
	EXPECT_EQ(look("/ktest/loop", LOOKUP_FOLLOW), -ELOOP);
	EXPECT_OK(vfs_unlink("/ktest/a/b/file", false));
	EXPECT_EQ(look("/ktest/l/file", 0), -ENOENT);
	leave();
}

KTEST(vfs, long_names_and_deep_paths)
{
	static char name[300], path[1200];
	size_t n;

	enter(NULL);
	memset(name, 'x', 255);
	name[255] = 0;
	snprintf(path, sizeof(path), "/ktest/%s", name);
	EXPECT_OK(vfs_mkdir(path, 0755));
	EXPECT_OK(look(path, 0));
	name[255] = 'x';
	name[256] = 0;
	snprintf(path, sizeof(path), "/ktest/%s", name);
	EXPECT_EQ(vfs_mkdir(path, 0755), -ENAMETOOLONG);
	EXPECT_EQ(look(path, 0), -ENAMETOOLONG);
	strscpy(path, "/ktest", sizeof(path));
	for (int i = 0; i < 100; i++) {
		n = strlen(path);
		snprintf(path + n, sizeof(path) - n, "/deep%d", i);
		EXPECT_OK(vfs_mkdir(path, 0755));
	}
	EXPECT_OK(look(path, 0));
	leave();
}

KTEST(vfs, an_unlinked_open_file_keeps_its_contents)
{
	char back[6] = { 0 };
	loff_t pos = 0;
	struct file *f;

	enter(NULL);
	f = make("/ktest/f");
	EXPECT_EQ(kernel_write(f, "hello", 5, &pos), 5);
	EXPECT_OK(vfs_unlink("/ktest/f", false));
	pos = 0;
	EXPECT_EQ(kernel_read(f, back, 5, &pos), 5);
	EXPECT_TRUE(!memcmp(back, "hello", 5));
	EXPECT_EQ(f->inode->nlink, 0);
	file_put(f);
	leave();
}

KTEST(vfs, tmpfs_keeps_to_its_size)
{
	static char page[4096];
	loff_t pos = 0;
	struct file *f;

	enter("size=16k,nr_inodes=4");
	f = make("/ktest/f");
	for (int i = 0; i < 4; i++)
		EXPECT_EQ(kernel_write(f, page, sizeof(page), &pos), 4096);
	EXPECT_EQ(kernel_write(f, page, sizeof(page), &pos), -ENOSPC);
	EXPECT_EQ(f->inode->size, 16384);
	EXPECT_EQ(f->inode->blocks, 32);
	EXPECT_OK(vfs_mkdir("/ktest/1", 0755));
	EXPECT_OK(vfs_mkdir("/ktest/2", 0755));
	EXPECT_EQ(vfs_mkdir("/ktest/3", 0755), -ENOSPC);
	EXPECT_OK(vfs_unlink("/ktest/1", true));
	EXPECT_OK(vfs_mkdir("/ktest/3", 0755));
	file_put(f);
	leave();
}

struct listing {
	struct dir_context ctx;
	unsigned names, stop;
};

static bool count(struct dir_context *c, const char *name, unsigned len, loff_t pos, ino_t ino,
		  unsigned type)
{
	struct listing *l = container_of(c, struct listing, ctx);

	if (l->names == l->stop)
		return false;
	l->names++;
	return true;
}

/* In pieces of @piece, removing a name between two pieces when asked. */
static unsigned list_all(struct file *f, unsigned piece)
{
	struct listing l = { .ctx.emit = count };
	unsigned total = 0;

	do {
		l.names = 0;
		l.stop = piece;
		down_read(&f->inode->rwsem);
		EXPECT_OK(f->ops->iterate(f, &l.ctx));
		up_read(&f->inode->rwsem);
		total += l.names;
	} while (l.names == piece);
	return total;
}

KTEST(vfs, a_big_directory_lists_each_name_once)
{
	char name[32];
	struct file *d;
	int err;

	enter(NULL);
	for (int i = 0; i < 3000; i++) {
		snprintf(name, sizeof(name), "/ktest/n%d", i);
		EXPECT_OK(vfs_mknod(name, S_IFIFO | 0600, 0));
	}
	d = file_open(AT_FDCWD, "/ktest", O_RDONLY | O_DIRECTORY, 0, &err);
	EXPECT_OK(err);
	EXPECT_EQ(list_all(d, 100000), 3002);
	EXPECT_EQ(list_all(d, 7), 3002);
	EXPECT_EQ(list_all(d, 1), 3002);
	for (int i = 0; i < 3000; i += 2) {
		snprintf(name, sizeof(name), "/ktest/n%d", i);
		EXPECT_OK(vfs_unlink(name, false));
	}
	EXPECT_EQ(list_all(d, 64), 1502);
	file_put(d);
	leave();
}

KTEST(vfs, descriptors_grow_and_fill_gaps)
{
	struct file *f;
	int fd[200];

	enter(NULL);
	f = make("/ktest/f");
	for (int i = 0; i < 200; i++) {
		fd[i] = fd_install_new(file_get(f), 0);
		EXPECT_TRUE(fd[i] >= 0);
	}
	EXPECT_EQ(fd_close((unsigned)fd[50]), 0);
	EXPECT_EQ(fd_close((unsigned)fd[50]), -EBADF);
	EXPECT_EQ(fd_alloc(0), fd[50]);
	EXPECT_TRUE(!fd_get((unsigned)fd[50]).file);	/* reserved is not open */
	fd_unreserve((unsigned)fd[50]);
	for (int i = 0; i < 200; i++)
		if (i != 50)
			EXPECT_EQ(fd_close((unsigned)fd[i]), 0);
	EXPECT_EQ(atomic_read(&f->refs), 1);
	file_put(f);
	leave();
}
