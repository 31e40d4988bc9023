/* SPDX-License-Identifier: MIT */
/*
 * Files of a process's directory that look into its memory: cmdline, environ, auxv, mem; maps.c adds the areas,
 * pagemap.c the pages.
 *
 * All but cmdline show the address space that the process had when the file was opened: a program that it
 * executes later, perhaps with more rights, is not seen through an old descriptor. The open file holds the struct
 * only (mm->refs), so the memory itself goes with its last user; then these files are empty. proc(5).
 */
#include "proc_internal.h"
#include <kernel/vm.h>

/* A piece of the process's memory as text. */
static int put_memory(struct seq *s, struct mm *mm, vaddr_t from, vaddr_t to)
{
	char buf[256];

	while (from < to) {
		ssize_t n = vm_access(mm, from, buf, MIN(sizeof(buf), (size_t)(to - from)), false,
				      true);

		if (n <= 0)
			break;
		seq_write(s, buf, (size_t)n);
		from += (vaddr_t)n;
	}
	return 0;
}

int proc_show_cmdline(struct seq *s, struct task *t)
{
	struct mm *mm = task_mm_get(t);
	char last = 0;

	if (!mm)
		return 0;
	if (mm->arg_end > mm->arg_start && mm->env_end >= mm->arg_end) {
		/* setproctitle(3): a title that overwrote the final zero runs on into the environment. */
		if (vm_access(mm, mm->arg_end - 1, &last, 1, false, true) == 1 && last) {
			char c = 1;
			vaddr_t a = mm->arg_start;

			while (a < mm->env_end && vm_access(mm, a, &c, 1, false, true) == 1 && c) {
				seq_putc(s, c);
				a++;
			}
			seq_putc(s, 0);
		} else {
			put_memory(s, mm, mm->arg_start, mm->arg_end);
		}
	}
	mm_put(mm);
	return 0;
}

int proc_show_environ(struct seq *s, struct mm *mm)
{
	return put_memory(s, mm, mm->env_start, mm->env_end);
}

int proc_show_auxv(struct seq *s, struct mm *mm)
{
	seq_write(s, mm->auxv, mm->nr_auxv * 2 * sizeof(uint64_t));
	return 0;
}

/* ---- the address space of the time of opening */

/* The struct, held by mm_grab(). NULL: the process has none, which is no error. */
static int grab_mm(struct inode *inode, struct mm **out)
{
	struct task *t = proc_inode_task(inode);

	if (!t)
		return -ESRCH;
	*out = task_mm_get(t);
	task_put(t);
	if (*out) {
		mm_grab(*out);
		mm_put(*out);
	}
	return 0;
}

static bool mm_use(struct mm *mm)
{
	return mm && atomic_inc_not_zero(&mm->users);
}

static int show_mm(struct seq *s, void *arg)
{
	const struct pid_entry *e = proc_i(s->file->inode)->entry;
	struct mm *mm = arg;
	int err;

	if (e->living) {
		struct task *t = proc_inode_task(s->file->inode);

		if (!t)
			return -ESRCH;
		task_put(t);
	}
	if (!mm_use(mm))
		return 0;
	err = e->show_mm(s, mm);
	mm_put(mm);
	return err;
}

static int text_open(struct inode *inode, struct file *f)
{
	struct mm *mm;
	int err = grab_mm(inode, &mm);

	if (err)
		return err;
	err = seq_open(f, show_mm, mm);
	if (err && mm)
		mm_drop(mm);
	return err;
}

static void text_release(struct inode *inode, struct file *f)
{
	struct mm *mm = ((struct seq *)f->private)->private;

	if (mm)
		mm_drop(mm);
	seq_release(inode, f);
}

const struct file_ops proc_mm_fops = {
	.open = text_open,
	.read = seq_read,
	.llseek = endless_llseek,
	.release = text_release,
};

/* ---- mem: the position is the address */

static int mem_open(struct inode *inode, struct file *f)
{
	struct mm *mm;
	int err = grab_mm(inode, &mm);

	f->private = err ? NULL : mm;
	return err;
}

static void mem_release(struct inode *inode, struct file *f)
{
	if (f->private)
		mm_drop(f->private);
}

static ssize_t mem_rw(struct file *f, struct iov_iter *it, loff_t *pos, bool write)
{
	struct mm *mm = f->private;
	ssize_t done = 0, n;
	char *buf;

	if (!mm_use(mm))
		return 0;
	buf = kmalloc(PAGE_SIZE, GFP_KERNEL);
	if (!buf)
		done = -ENOMEM;
	while (buf && it->count) {
		size_t part = MIN(it->count, PAGE_SIZE);

		if (write && copy_from_iter(buf, part, it) != part) {
			done = done ? done : -EFAULT;
			break;
		}
		n = vm_access(mm, (vaddr_t)*pos, buf, part, write, true);
		if (n <= 0) {
			done = done ? done : -EIO;
			break;
		}
		if (!write && copy_to_iter(buf, (size_t)n, it) != (size_t)n) {
			done = done ? done : -EFAULT;
			break;
		}
		*pos += n;
		done += n;
		if ((size_t)n < part)
			break;
	}
	kfree(buf);
	mm_put(mm);
	return done;
}

static ssize_t mem_read(struct file *f, struct iov_iter *to, loff_t *pos)
{
	return mem_rw(f, to, pos, false);
}

static ssize_t mem_write(struct file *f, struct iov_iter *from, loff_t *pos)
{
	return mem_rw(f, from, pos, true);
}

static ssize_t pagemap_read(struct file *f, struct iov_iter *to, loff_t *pos)
{
	struct mm *mm = f->private;
	ssize_t n;

	if (!mm_use(mm))
		return 0;
	n = proc_pagemap_read(f, mm, to, pos);
	mm_put(mm);
	return n;
}

/* Every 64-bit position is an address. */
static loff_t mem_llseek(struct file *f, loff_t off, int whence)
{
	if (whence != 0 && whence != 1)
		return -EINVAL;
	return f->pos = whence ? f->pos + off : off;
}

const struct file_ops proc_mem_fops = {
	.open = mem_open,
	.read = mem_read,
	.write = mem_write,
	.llseek = mem_llseek,
	.release = mem_release,
};

const struct file_ops proc_pagemap_fops = {
	.open = mem_open,
	.read = pagemap_read,
	.llseek = mem_llseek,
	.release = mem_release,
};
