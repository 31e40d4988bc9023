/* SPDX-License-Identifier: MIT */
/* The table of names in a process's directory, and the small files among them: proc(5). */
#include "proc_internal.h"
#include <kernel/time.h>
#include <kernel/uaccess.h>
#include <kernel/vm.h>

/* A piece of the process's memory as text. */
static int put_memory(struct seq *s, struct mm *mm, vaddr_t from, vaddr_t to)
{
	char buf[256];

	while (from < to) {
		ssize_t n = vm_access(mm, from, buf, MIN(sizeof(buf), (size_t)(to - from)), false, true);

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

int proc_show_environ(struct seq *s, struct task *t)
{
	struct mm *mm = task_mm_get(t);

	if (!mm)
		return 0;
	put_memory(s, mm, mm->env_start, mm->env_end);
	mm_put(mm);
	return 0;
}

int proc_show_auxv(struct seq *s, struct task *t)
{
	struct mm *mm = task_mm_get(t);

	if (!mm)
		return 0;
	seq_write(s, mm->auxv, mm->nr_auxv * 2 * sizeof(uint64_t));
	mm_put(mm);
	return 0;
}

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
	.open = shown_open, .read = seq_read, .write = comm_write, .llseek = seq_llseek, .release = seq_release,
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

static ssize_t oom_score_adj_write(struct file *f, struct iov_iter *from, loff_t *pos)
{
	size_t n = from->count;
	struct task *t;
	int64_t v;
	int err = number_from_iter(from, &v);

	if (err)
		return err;
	if (v < -1000 || v > 1000)
		return -EINVAL;
	t = proc_inode_task(f->inode);
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

/* Unlike other texts it may be written at a position. */
static int oom_score_adj_open(struct inode *inode, struct file *f)
{
	int err = seq_open(f, show_of_inode, NULL);

	if (!err)
		f->mode |= FMODE_PWRITE;
	return err;
}

static const struct file_ops oom_score_adj_fops = {
	.open = oom_score_adj_open, .read = seq_read, .write = oom_score_adj_write, .llseek = seq_llseek, .release = seq_release,
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

/* /proc/N/mem: the position is the address. */
static ssize_t mem_rw(struct file *f, struct iov_iter *it, loff_t *pos, bool write)
{
	struct task *t = proc_inode_task(f->inode);
	struct mm *mm = t ? task_mm_get(t) : NULL;
	char *buf = kmalloc(PAGE_SIZE, GFP_KERNEL);
	ssize_t done = 0, n;

	if (t)
		task_put(t);
	if (!buf || !mm) {
		done = mm ? -ENOMEM : 0;
		goto out;
	}
	while (it->count) {
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
out:
	kfree(buf);
	if (mm)
		mm_put(mm);
	return done;
}

static ssize_t mem_read(struct file *f, struct iov_iter *to, loff_t *pos) { return mem_rw(f, to, pos, false); }
static ssize_t mem_write(struct file *f, struct iov_iter *from, loff_t *pos) { return mem_rw(f, from, pos, true); }
static loff_t mem_llseek(struct file *f, loff_t off, int whence)
{
	if (whence != 0 && whence != 1)
		return -EINVAL;
	return f->pos = whence ? f->pos + off : off;
}
static int mem_open(struct inode *inode, struct file *f) { return 0; }
static const struct file_ops mem_fops = { .open = mem_open, .read = mem_read, .write = mem_write, .llseek = mem_llseek };

#define REG(n, m, f) { .name = n, .mode = S_IFREG | (m), .show = f }
#define REG_PROTECTED(n, m, f) { .name = n, .mode = S_IFREG | (m), .show = f, .protected = true }
#define REG_FOPS(n, m, f, o) { .name = n, .mode = S_IFREG | (m), .show = f, .fops = &(o) }
#define LINK(n, f) { .name = n, .mode = S_IFLNK | 0777, .link = f }
#define DIR(n, m, i, o) { .name = n, .mode = S_IFDIR | (m), .iops = &(i), .fops = &(o) }

const struct pid_entry proc_pid_entries[] = {
	DIR("task", 0555, proc_task_dir_iops, proc_task_dir_fops),
	DIR("fd", 0500, proc_fd_dir_iops, proc_fd_dir_fops),
	DIR("fdinfo", 0555, proc_fdinfo_dir_iops, proc_fdinfo_dir_fops),
	REG_PROTECTED("environ", 0400, proc_show_environ),
	REG_PROTECTED("auxv", 0400, proc_show_auxv),
	REG("status", 0444, proc_show_status),
	REG("personality", 0400, show_personality),
	REG("limits", 0444, proc_show_limits),
	REG_FOPS("comm", 0644, show_comm, comm_fops),
	REG_PROTECTED("syscall", 0400, show_syscall),
	REG("cmdline", 0444, proc_show_cmdline),
	REG("stat", 0444, proc_show_stat),
	REG("statm", 0444, proc_show_statm),
	REG_PROTECTED("maps", 0444, proc_show_maps),
	{ .name = "mem", .mode = S_IFREG | 0600, .fops = &mem_fops, .protected = true },
	LINK("cwd", link_cwd),
	LINK("root", link_root),
	LINK("exe", link_exe),
	REG("mounts", 0444, show_mounts),
	REG("mountinfo", 0444, show_mountinfo),
	REG_PROTECTED("smaps", 0444, proc_show_smaps),
	REG_PROTECTED("smaps_rollup", 0444, proc_show_smaps_rollup),
	REG("wchan", 0444, show_wchan),
	REG("schedstat", 0444, show_schedstat),
	REG("oom_score", 0444, show_oom_score),
	REG_FOPS("oom_score_adj", 0644, show_oom_score_adj, oom_score_adj_fops),
	REG_PROTECTED("io", 0400, proc_show_io),
	REG("timerslack_ns", 0666, show_timerslack),
	{ .name = NULL },
};
