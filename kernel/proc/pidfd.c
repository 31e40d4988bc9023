/* SPDX-License-Identifier: MIT */
/*
 * Descriptors of processes: pidfd_open(2), pidfd_send_signal(2), pidfd_getfd(2). The file holds a reference of the struct pid,
 * whose number is not given to another process in our eyes: the struct is another one then. Readable when the process has ended.
 */
#include <kernel/errno.h>
#include <kernel/fs.h>
#include <kernel/pid.h>
#include <kernel/poll.h>
#include <kernel/procfs.h>
#include <kernel/string.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>
#include "proc_internal.h"

static uint32_t pidfd_poll(struct file *f, struct poll_table *pt)
{
	struct pid *pid = f->private;
	struct task *t;
	bool ended;

	poll_wait(f, &pid->wait_pidfd, pt);
	rcu_read_lock();
	t = pid_task(pid, PIDTYPE_TGID);
	ended = !t || (READ_ONCE(t->exit_state) && READ_ONCE(t->proc->nthreads) <= 1);
	rcu_read_unlock();
	return ended ? POLLIN | POLLRDNORM : 0;
}

static void pidfd_release(struct inode *inode, struct file *f)
{
	pid_put(f->private);
}

static int pidfd_show_fdinfo(struct file *f, char *buf, size_t size)
{
	struct pid *pid = f->private;
	pid_t nr;

	rcu_read_lock();
	nr = pid_task(pid, PIDTYPE_TGID) ? pid->nr : -1;
	rcu_read_unlock();
	return scnprintf(buf, size, "Pid:\t%d\nNSpid:\t%d\n", nr, nr);
}

static const struct file_ops pidfd_fops = {
	.release = pidfd_release,
	.poll = pidfd_poll,
	.llseek = no_llseek,
	.show_fdinfo = pidfd_show_fdinfo,
};

struct file *pidfd_file_create(struct pid *pid, unsigned flags, int *err)
{
	struct file *f = anon_file_create("anon_inode:[pidfd]", &pidfd_fops, pid, O_RDWR | flags, err);

	if (f)
		pid_get(pid);
	return f;
}

int pidfd_file_pid(struct file *f, struct pid **out)
{
	if (f->ops != &pidfd_fops)
		return -EBADF;
	*out = pid_get(f->private);
	return 0;
}

long sys_pidfd_open(pid_t pid, unsigned int flags)
{
	struct pid *p;
	struct file *f;
	int err;

	if ((flags & ~O_NONBLOCK) || pid <= 0)
		return -EINVAL;
	p = pid_find_get(pid);
	if (!p)
		return -ESRCH;
	if (!p->tasks[PIDTYPE_TGID].first) {
		err = p->tasks[PIDTYPE_PID].first ? -EINVAL : -ESRCH;
		pid_put(p);
		return err;
	}
	f = pidfd_file_create(p, flags & O_NONBLOCK, &err);
	pid_put(p);
	return f ? fd_install_new(f, O_CLOEXEC) : err;
}

/* The leader, with a reference; NULL: the process is gone. */
static struct task *pidfd_task(struct pid *pid)
{
	struct task *t;

	rcu_read_lock();
	t = pid_task(pid, PIDTYPE_TGID);
	if (t)
		task_get(t);
	rcu_read_unlock();
	return t;
}

/* @dirs: a directory /proc/PID will do, as pidfd_send_signal(2) has it. */
static int pidfd_get(int fd, bool dirs, struct pid **out)
{
	struct fd f = fd_get((unsigned)fd);
	int err;

	if (!f.file)
		return -EBADF;
	err = pidfd_file_pid(f.file, out);
	if (err && dirs)
		err = procfs_file_pid(f.file, out);
	fd_put(f);
	return err;
}

long sys_pidfd_send_signal(int pidfd, int sig, struct siginfo __user *uinfo, unsigned int flags)
{
	struct siginfo info = { 0 };
	struct task *t;
	struct pid *pid;
	long err;

	if (flags)
		return -EINVAL;
	err = pidfd_get(pidfd, true, &pid);
	if (err)
		return err;
	err = -EINVAL;
	if (sig < 0 || sig > _NSIG)
		goto out;
	t = pidfd_task(pid);
	if (uinfo) {
		if (copy_from_user(&info, uinfo, sizeof(info)))
			err = -EFAULT;
		else if (info.si_signo != sig)
			err = -EINVAL;
		/* Towards others, only codes that are neither the kernel's nor kill(2)'s. */
		else if (t && t->proc != current->proc && (info.si_code >= 0 || info.si_code == SI_TKILL))
			err = -EPERM;
		else
			err = 0;
	} else {
		info.si_signo = sig;
		info.si_code = SI_USER;
		info.kill.pid = current->proc->pid;
		info.kill.uid = current_cred()->uid;
		err = 0;
	}
	if (!err && !t)
		err = -ESRCH;
	if (!err)
		err = signal_permission(t, sig, sig == SIGCONT);
	if (!err && sig)
		err = send_signal_proc(sig, &info, t->proc);
	if (t)
		task_put(t);
out:
	pid_put(pid);
	return err;
}

long sys_pidfd_getfd(int pidfd, int fd, unsigned int flags)
{
	const struct cred *me = current_cred(), *c;
	struct files *files;
	struct file *f = NULL;
	struct task *t;
	struct pid *pid;
	bool ok;
	long err;

	if (flags)
		return -EINVAL;
	err = pidfd_get(pidfd, false, &pid);
	if (err)
		return err;
	t = pidfd_task(pid);
	pid_put(pid);
	if (!t)
		return -ESRCH;
	/* Who may ptrace may take: all ids alike and nothing that we lack, or CAP_SYS_PTRACE. */
	rcu_read_lock();
	c = rcu_dereference(t->cred);
	ok = me->fsuid == c->euid && me->fsuid == c->suid && me->fsuid == c->uid && me->fsgid == c->egid && me->fsgid == c->sgid &&
	     me->fsgid == c->gid && !(c->cap_permitted & ~me->cap_permitted);
	rcu_read_unlock();
	if (!ok && t->proc != current->proc && !capable(CAP_SYS_PTRACE)) {
		err = -EPERM;
	} else {
		files = task_files_get(t);
		err = files ? -EBADF : -ESRCH;
		if (files) {
			f = files_lookup(files, (unsigned)fd);
			files_put(files);
		}
	}
	task_put(t);
	return f ? fd_install_new(f, O_CLOEXEC) : err;
}
