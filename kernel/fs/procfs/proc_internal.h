/* SPDX-License-Identifier: MIT */
/* Inside kernel/fs/procfs only. */
#pragma once
#include <kernel/cred.h>
#include <kernel/errno.h>
#include <kernel/fs.h>
#include <kernel/init.h>
#include <kernel/mm.h>
#include <kernel/panic.h>
#include <kernel/pid.h>
#include <kernel/procfs.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include <kernel/vm_block.h>

/* A fixed name. The tree is built at boot and only grows: readers need no lock. */
struct proc_entry {
	const char *name;
	umode_t mode;
	struct proc_entry *parent, *child, *next;
	int (*show)(struct seq *s, void *arg);
	const struct file_ops *fops;
	const char *target;
	void *arg;
	ino_t ino;
};
/* A name in a process's directory. */
struct pid_entry {
	const char *name;
	umode_t mode;
	int (*show)(struct seq *s, struct task *t);
	int (*show_mm)(struct seq *s, struct mm *mm);	/* with proc_mm_fops */
	const struct inode_ops *iops;		/* directories and links */
	const struct file_ops *fops;
	int (*link)(struct task *t, struct path *out);	/* magic link; references taken */
	bool living;				/* show_mm: ESRCH when the process is gone */
	bool protected;				/* only for those who may look into the process */
};
struct proc_inode {
	struct inode inode;			/* first */
	struct pid *pid;			/* a reference; NULL: a fixed name */
	bool thread;				/* names a thread (task/TID), not the process */
	const struct proc_entry *fixed;
	const struct pid_entry *entry;
	unsigned fd;
};
static inline struct proc_inode *proc_i(struct inode *i) { return (struct proc_inode *)i; }

extern struct proc_entry proc_root_entry;
extern const struct inode_ops proc_sysctl_iops, proc_pid_dir_iops, proc_fixed_dir_iops, proc_fixed_link_iops;
extern const struct file_ops proc_pid_dir_fops, proc_fixed_dir_fops;
extern const struct inode_ops proc_fd_dir_iops, proc_task_dir_iops;
extern const struct file_ops proc_fd_dir_fops, proc_fdinfo_dir_fops, proc_task_dir_fops, proc_mem_fops, proc_mm_fops, proc_pagemap_fops;
extern const struct inode_ops proc_fdinfo_dir_iops;

/* The same machinery carries sysfs: trees of fixed names. @mode with its type. */
int proc_tree_add(struct proc_entry *root, const char *path, umode_t mode, int (*show)(struct seq *s, void *arg), void *arg);
int proc_tree_add_fops(struct proc_entry *root, const char *path, umode_t mode, const struct file_ops *fops, void *arg);
int proc_tree_add_link(struct proc_entry *root, const char *path, const char *target);
int proc_tree_mount(struct proc_entry *root, struct super **only, const struct fs_type *t, unsigned sb_flags, uint64_t magic, struct super **out);
extern struct fs_type sysfs_type;
/* A new inode; NULL: no memory. */
struct proc_inode *proc_inode_new(struct super *sb, umode_t mode);
/* The task behind a process's inode, with a reference; NULL: it is gone. */
struct task *proc_inode_task(struct inode *inode);
/* Marks @d as to be revalidated and adds the inode: what lookups of process names end with. */
void proc_d_add_pid(struct dentry *d, struct inode *inode);
/* Owner of a process's files: the process's, or root when it may not be looked into. */
void proc_pid_owner(struct task *t, struct inode *inode);
/* May the caller look into the process (memory, descriptors, directories)? 0 or -EACCES. */
int proc_may_look(struct task *t);
int proc_lookup_pid(struct inode *dir, struct dentry *d, pid_t nr, bool thread, struct pid *group);
/* What readlink(2) of a magic link gives: the path as text, cut at @size; its length. */
int proc_path_text(const struct path *p, char *buf, size_t size);
/* Decimal name of a process or descriptor; -1: not one. */
long proc_parse_nr(const struct dentry *d);

/*
 * How many page-table entries map the page: each holds a reference, and the page cache one more for a page of its own.
 * Who uses the page at this moment (a read, a write) counts as well: the figure is for people.
 */
static inline int proc_page_mappings(const struct page *page)
{
	if (page->flags & PG_HEAD)
		return (int)MAX(vm_block_mappings(page), 1u);
	return MAX(atomic_read(&page->refs) - (page->flags & PG_ANON ? 0 : 1), 1);
}
/* A read of pagemap at *@pos; the caller keeps @mm in use. */
ssize_t proc_pagemap_read(struct file *f, struct mm *mm, struct iov_iter *to, loff_t *pos);

/* The lowest process number >= @from, -1 when there is none. */
pid_t pid_next_process(pid_t from);

/* What stands in a process's directory; show functions by file. */
extern const struct pid_entry proc_pid_entries[], proc_ns_entries[];
extern const struct inode_ops proc_ns_dir_iops;
extern const struct file_ops proc_ns_dir_fops;
int proc_show_stat(struct seq *s, struct task *t);
int proc_show_statm(struct seq *s, struct task *t);
int proc_show_status(struct seq *s, struct task *t);
int proc_show_limits(struct seq *s, struct task *t);
int proc_show_cmdline(struct seq *s, struct task *t);
int proc_show_environ(struct seq *s, struct mm *mm);
int proc_show_auxv(struct seq *s, struct mm *mm);
int proc_show_io(struct seq *s, struct task *t);
int proc_show_maps(struct seq *s, struct mm *mm);
int proc_show_smaps(struct seq *s, struct mm *mm);
int proc_show_smaps_rollup(struct seq *s, struct mm *mm);
