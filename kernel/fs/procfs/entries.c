/* SPDX-License-Identifier: MIT */
/* The table of names in a process's directory, and the small files among them: proc(5). */
#include "proc_internal.h"
#include <kernel/nsproxy.h>
#include <kernel/time.h>
#include <kernel/uaccess.h>
#include <kernel/vm.h>

static int show_comm(struct seq *s, struct task *t)
{
	seq_printf(s, "%s\n", t->comm);
	return 0;
}

static ssize_t comm_write(struct file *f, struct iov_iter *from, loff_t *pos)
{
	struct task *t = proc_inode_task(f->inode);
	char buf[TASK_COMM_LEN] = { 0 };
	size_t n = from->count;
	ssize_t ret = (ssize_t)n;

	if (!t)
		return -ESRCH;
	if (t->proc != current->proc)
		ret = -EINVAL;
	else if (copy_from_iter(buf, MIN(n, sizeof(buf) - 1), from) != MIN(n, sizeof(buf) - 1))
		ret = -EFAULT;
	if (ret > 0) {
		spin_lock(&t->lock);
		memcpy(t->comm, buf, sizeof(buf));
		spin_unlock(&t->lock);
	}
	task_put(t);
	return ret;
}

static int show_of_inode(struct seq *s, void *arg)
{
	struct task *t = proc_inode_task(s->file->inode);
	int err = t ? proc_i(s->file->inode)->entry->show(s, t) : -ESRCH;

	if (t)
		task_put(t);
	return err;
}

static int shown_open(struct inode *inode, struct file *f) { return seq_open(f, show_of_inode, NULL); }

static const struct file_ops comm_fops = {
	.open = shown_open, .read = seq_read, .write = comm_write, .llseek = endless_llseek, .release = seq_release,
};

static int number_from_iter(struct iov_iter *from, int64_t *out)
{
	char buf[24];
	size_t n = MIN(from->count, sizeof(buf) - 1);

	if (copy_from_iter(buf, n, from) != n)
		return -EFAULT;
	while (n && isspace(buf[n - 1]))
		n--;
	buf[n] = '\0';
	return kstrtos64(buf, 0, out);
}

static int show_oom_score_adj(struct seq *s, struct task *t)
{
	seq_printf(s, "%d\n", t->proc->oom_score_adj);
	return 0;
}

static ssize_t oom_adj_set(struct file *f, size_t n, int64_t v)
{
	struct task *t = proc_inode_task(f->inode);
	int err = 0;

	if (!t)
		return -ESRCH;
	if (v < t->proc->oom_score_adj_min && !capable(CAP_SYS_RESOURCE)) {
		err = -EACCES;
	} else {
		t->proc->oom_score_adj = (short)v;
		if (capable(CAP_SYS_RESOURCE))
			t->proc->oom_score_adj_min = (short)v;
	}
	task_put(t);
	return err ? err : (ssize_t)n;
}

static ssize_t oom_score_adj_write(struct file *f, struct iov_iter *from, loff_t *pos)
{
	size_t n = from->count;
	int64_t v;
	int err = number_from_iter(from, &v);

	if (err)
		return err;
	return v < -1000 || v > 1000 ? -EINVAL : oom_adj_set(f, n, v);
}

static ssize_t oom_adj_write(struct file *f, struct iov_iter *from, loff_t *pos)
{
	size_t n = from->count;
	int64_t v;
	int err = number_from_iter(from, &v);

	if (err)
		return err;
	if (v < -17 || v > 15)
		return -EINVAL;
	return oom_adj_set(f, n, v == 15 ? 1000 : v * 1000 / 17);
}

/* The older scale, -17 (never) to 15, of the same value. */
static int show_oom_adj(struct seq *s, struct task *t)
{
	int v = t->proc->oom_score_adj;

	seq_printf(s, "%d\n", v == 1000 ? 15 : v * 17 / 1000);
	return 0;
}

/* Unlike other texts it may be written at a position. */
static int oom_score_adj_open(struct inode *inode, struct file *f)
{
	int err = seq_open(f, show_of_inode, NULL);

	if (!err)
		f->mode |= FMODE_PWRITE;
	return err;
}

static const struct file_ops oom_score_adj_fops = {
	.open = oom_score_adj_open, .read = seq_read, .write = oom_score_adj_write, .llseek = endless_llseek, .release = seq_release,
};

static const struct file_ops oom_adj_fops = {
	.open = oom_score_adj_open, .read = seq_read, .write = oom_adj_write, .llseek = endless_llseek, .release = seq_release,
};

static int show_oom_score(struct seq *s, struct task *t)
{
	struct mm *mm = task_mm_get(t);
	int64_t points = 0, total = (int64_t)mem_total_pages();

	if (mm) {
		points = atomic64_read(&mm->rss_anon) + atomic64_read(&mm->rss_file) + atomic64_read(&mm->rss_shmem) + atomic64_read(&mm->pt_pages);
		mm_put(mm);
		points = MAX(points * 1000 / MAX(total, 1l) + t->proc->oom_score_adj, 0l);
		points = (1000 + points) * 2 / 3;	/* the scale that readers know */
	}
	seq_printf(s, "%ld\n", (long)points);
	return 0;
}

static int show_wchan(struct seq *s, struct task *t)
{
	const char *name;
	size_t off, size;

	if (READ_ONCE(t->state) && t->wait_where && ksym_lookup((uintptr_t)t->wait_where, &name, &off, &size))
		seq_puts(s, name);
	else
		seq_putc(s, '0');
	return 0;
}

static int show_personality(struct seq *s, struct task *t)
{
	seq_printf(s, "%08x\n", t->proc->personality);
	return 0;
}

static int show_schedstat(struct seq *s, struct task *t)
{
	seq_printf(s, "%lu 0 %lu\n", (unsigned long)task_sum_exec(t), (unsigned long)(t->nvcsw + t->nivcsw));
	return 0;
}

static int show_timerslack(struct seq *s, struct task *t)
{
	seq_printf(s, "%lu\n", (unsigned long)t->timer_slack_ns);
	return 0;
}

static int show_syscall(struct seq *s, struct task *t)
{
	struct pt_regs *r = task_regs(t);

	if (!READ_ONCE(t->state)) {
		seq_puts(s, "running\n");
		return 0;
	}
	if (t->flags & TF_KTHREAD || !r)
		return 0;
	seq_printf(s, "%ld", regs_syscall_nr(r));
	for (unsigned i = 0; i < 6; i++)
		seq_printf(s, " 0x%lx", regs_syscall_arg(r, i));
	seq_printf(s, " 0x%lx 0x%lx\n", (unsigned long)regs_sp(r), (unsigned long)regs_pc(r));
	return 0;
}

static int show_mounts(struct seq *s, struct task *t) { return vfs_show_mounts(s, t); }
static int show_mountinfo(struct seq *s, struct task *t) { return vfs_show_mountinfo(s, t); }

static int link_exe(struct task *t, struct path *out)
{
	struct mm *mm = task_mm_get(t);
	struct file *f = NULL;

	if (mm) {
		down_read(&mm->lock);
		if (mm->exe_file)
			f = file_get(mm->exe_file);
		up_read(&mm->lock);
		mm_put(mm);
	}
	if (!f)
		return -ENOENT;
	*out = f->path;
	path_get(out);
	file_put(f);
	return 0;
}

static int link_fs(struct task *t, struct path *out, bool root)
{
	int err = -ENOENT;

	spin_lock(&t->lock);
	if (t->fs) {
		spin_lock_nested(&t->fs->lock);
		*out = root ? t->fs->root : t->fs->pwd;
		path_get(out);
		spin_unlock(&t->fs->lock);
		err = 0;
	}
	spin_unlock(&t->lock);
	return err;
}

static int link_cwd(struct task *t, struct path *out) { return link_fs(t, out, false); }
static int link_root(struct task *t, struct path *out) { return link_fs(t, out, true); }

#define REG(n, m, f) { .name = n, .mode = S_IFREG | (m), .show = f }
#define REG_PROTECTED(n, m, f) { .name = n, .mode = S_IFREG | (m), .show = f, .protected = true }
/* Of the address space at open; @l: an error once the process is gone, not an empty text. */
#define REG_MM(n, m, f, l) { .name = n, .mode = S_IFREG | (m), .show_mm = f, .living = l, .fops = &proc_mm_fops, .protected = true }
#define REG_FOPS(n, m, f, o) { .name = n, .mode = S_IFREG | (m), .show = f, .fops = &(o) }
#define LINK(n, f) { .name = n, .mode = S_IFLNK | 0777, .link = f }
#define DIR(n, m, i, o) { .name = n, .mode = S_IFDIR | (m), .iops = &(i), .fops = &(o) }

static int link_ns_mnt(struct task *t, struct path *out) { return task_ns_path(t, CLONE_NEWNS, out); }
static int link_ns_uts(struct task *t, struct path *out) { return task_ns_path(t, CLONE_NEWUTS, out); }
static int link_ns_ipc(struct task *t, struct path *out) { return task_ns_path(t, CLONE_NEWIPC, out); }

const struct pid_entry proc_ns_entries[] = {
	LINK("ipc", link_ns_ipc),
	LINK("mnt", link_ns_mnt),
	LINK("uts", link_ns_uts),
	{ .name = NULL },
};

const struct pid_entry proc_pid_entries[] = {
	DIR("task", 0555, proc_task_dir_iops, proc_task_dir_fops),
	DIR("fd", 0500, proc_fd_dir_iops, proc_fd_dir_fops),
	DIR("fdinfo", 0555, proc_fdinfo_dir_iops, proc_fdinfo_dir_fops),
	DIR("ns", 0511, proc_ns_dir_iops, proc_ns_dir_fops),
	REG_MM("environ", 0400, proc_show_environ, false),
	REG_MM("auxv", 0400, proc_show_auxv, false),
	REG("status", 0444, proc_show_status),
	REG("personality", 0400, show_personality),
	REG("limits", 0444, proc_show_limits),
	REG_FOPS("comm", 0644, show_comm, comm_fops),
	REG_PROTECTED("syscall", 0400, show_syscall),
	REG("cmdline", 0444, proc_show_cmdline),
	REG("stat", 0444, proc_show_stat),
	REG("statm", 0444, proc_show_statm),
	REG_MM("maps", 0444, proc_show_maps, true),
	{ .name = "mem", .mode = S_IFREG | 0600, .fops = &proc_mem_fops, .protected = true },
	{ .name = "pagemap", .mode = S_IFREG | 0400, .fops = &proc_pagemap_fops, .protected = true },
	LINK("cwd", link_cwd),
	LINK("root", link_root),
	LINK("exe", link_exe),
	REG("mounts", 0444, show_mounts),
	REG("mountinfo", 0444, show_mountinfo),
	REG_MM("smaps", 0444, proc_show_smaps, true),
	REG_MM("smaps_rollup", 0444, proc_show_smaps_rollup, true),
	REG("wchan", 0444, show_wchan),
	REG("schedstat", 0444, show_schedstat),
	REG("oom_score", 0444, show_oom_score),
	REG_FOPS("oom_adj", 0644, show_oom_adj, oom_adj_fops),
	REG_FOPS("oom_score_adj", 0644, show_oom_score_adj, oom_score_adj_fops),
	REG_PROTECTED("io", 0400, proc_show_io),
	REG("timerslack_ns", 0666, show_timerslack),
	{ .name = NULL },
};
