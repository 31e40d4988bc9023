/* SPDX-License-Identifier: MIT */
/*
 * fcntl(2), dup(2) and its relatives, close_range(2), signal-driven I/O.
 *
 * Locks: files->lock for the close-on-exec bits, file->lock for flags and owner.
 */
#include <kernel/pipe.h>
#include <kernel/pid.h>
#include <kernel/poll.h>
#include <kernel/syscall.h>
#include "vfs_internal.h"

#define SETFL_MASK (O_APPEND | O_NONBLOCK | O_DIRECT | O_NOATIME)

long sys_dup(unsigned int old)
{
	struct file *f = files_lookup(current->files, old);

	return f ? fd_install_new(f, 0) : -EBADF;
}

static long do_dup3(unsigned old, unsigned new, unsigned flags)
{
	struct file *f;

	if (new >= rlimit(RLIMIT_NOFILE))
		return -EBADF;
	f = files_lookup(current->files, old);
	return f ? fd_replace(new, f, flags) : -EBADF;
}

long sys_dup3(unsigned int old, unsigned int new, int flags)
{
	if (flags & ~O_CLOEXEC)
		return -EINVAL;
	if (old == new)
		return -EINVAL;
	return do_dup3(old, new, (unsigned)flags);
}

/* dup2(2) of architectures that have it. */
long fd_dup2(unsigned old, unsigned new)
{
	if (old == new) {
		struct fd f = fd_get_raw(old);

		if (!f.file)
			return -EBADF;
		fd_put(f);
		return (long)new;
	}
	return do_dup3(old, new, 0);
}

static void close_some(struct files *fs, unsigned first, unsigned last)
{
	unsigned n;

	for (n = first; n <= last; n++) {
		struct file *f;

		spin_lock(&fs->lock);
		if (n >= fs->table->max) {
			spin_unlock(&fs->lock);
			return;
		}
		n = find_next_bit(fs->table->open, fs->table->max, n);
		if (n > last || n >= fs->table->max) {
			spin_unlock(&fs->lock);
			return;
		}
		f = fd_take_locked(fs, n);
		spin_unlock(&fs->lock);
		if (f)
			file_close(f, fs);
		cond_resched();
	}
}

long sys_close_range(unsigned int first, unsigned int last, unsigned int flags)
{
	struct files *fs;
	unsigned n;
	int err;

	if ((flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC)) || first > last)
		return -EINVAL;
	if (flags & CLOSE_RANGE_UNSHARE) {
		/* What is closed at once need not be copied. */
		err = files_unshare(
			last == UINT32_MAX && !(flags & CLOSE_RANGE_CLOEXEC) ? first : UINT32_MAX);
		if (err)
			return err;
	}
	fs = current->files;
	if (!(flags & CLOSE_RANGE_CLOEXEC)) {
		close_some(fs, first, last);
		return 0;
	}
	spin_lock(&fs->lock);
	for (n = first; n <= last && n < fs->table->max; n++)
		if (fs->table->open[n / 64] >> (n % 64) & 1)
			fs->table->cloexec[n / 64] |= 1ul << (n % 64);
	spin_unlock(&fs->lock);
	return 0;
}

static long get_cloexec(unsigned n)
{
	struct files *fs = current->files;
	long v;

	spin_lock(&fs->lock);
	v = fs->table->cloexec[n / 64] >> (n % 64) & 1;
	spin_unlock(&fs->lock);
	return v;
}

void fd_set_cloexec(unsigned n, bool on)
{
	struct files *fs = current->files;

	spin_lock(&fs->lock);
	if (on)
		fs->table->cloexec[n / 64] |= 1ul << (n % 64);
	else
		fs->table->cloexec[n / 64] &= ~(1ul << (n % 64));
	spin_unlock(&fs->lock);
}

int file_set_flags(struct file *f, unsigned flags)
{
	struct inode *inode = f->inode;
	int err = 0;

	if (((flags ^ f->flags) & O_APPEND) && (inode->iflags & STATX_ATTR_APPEND))
		return -EPERM;
	if ((flags & O_NOATIME) && !(f->flags & O_NOATIME) && !inode_owner_or_capable(inode))
		return -EPERM;
	if ((flags & O_DIRECT) && S_ISREG(inode->mode) && !(f->mode & FMODE_CAN_ODIRECT))
		return -EINVAL;
	if (f->ops->set_flags)
		err = f->ops->set_flags(f, (f->flags & ~SETFL_MASK) | (flags & SETFL_MASK));
	if (!err && ((flags ^ f->flags) & O_ASYNC))
		err = file_set_async(f, flags & O_ASYNC);
	if (err)
		return err;
	spin_lock(&f->lock);
	WRITE_ONCE(f->flags, (f->flags & ~SETFL_MASK) | (flags & SETFL_MASK));
	spin_unlock(&f->lock);
	return 0;
}

/* Who is told by SIGIO. @type F_OWNER_*; id 0: nobody. */
int file_set_owner(struct file *f, int type, pid_t id)
{
	struct pid *p = NULL, *old;

	if (id) {
		if (id < 0)
			return -EINVAL;
		p = pid_find_get(id);
		if (!p)
			return -ESRCH;
	}
	spin_lock(&f->lock);
	old = f->owner;
	f->owner = p;
	f->owner_type = type;
	f->owner_uid = current_cred()->uid;
	f->owner_euid = current_cred()->euid;
	spin_unlock(&f->lock);
	if (old)
		pid_put(old);
	return 0;
}

static pid_t owner_id(struct file *f, int *type)
{
	pid_t id = 0;

	spin_lock(&f->lock);
	*type = f->owner_type;
	if (f->owner) {
		enum pidtype t = *type == F_OWNER_PGRP	? PIDTYPE_PGID
				 : *type == F_OWNER_PID ? PIDTYPE_TGID
							: PIDTYPE_PID;

		rcu_read_lock();
		if (pid_task(f->owner, t))
			id = f->owner->nr;
		rcu_read_unlock();
	}
	spin_unlock(&f->lock);
	return id;
}

static bool sigio_allowed(const struct file *f, const struct task *t, int sig)
{
	const struct cred *c = t->cred;

	return f->owner_euid == 0 || f->owner_euid == c->suid || f->owner_euid == c->uid ||
	       f->owner_uid == c->suid || f->owner_uid == c->uid;
}

static void sigio_one(struct file *f, struct task *t, int band, int code, int fd)
{
	struct siginfo info = { 0 };
	int sig = (int)f->owner_sig;

	if (!sigio_allowed(f, t, sig))
		return;
	if (sig) {
		info.si_signo = sig;
		info.si_code = code;
		info.poll.band = band;
		info.poll.fd = fd;
		if ((f->owner_type == F_OWNER_TID
			     ? send_signal_task(sig, &info, t)
			     : send_signal_proc(sig, &info, t->proc)) != -EAGAIN)
			return;
		/* The queue is full: the plain signal takes its place. */
	}
	if (f->owner_type == F_OWNER_TID)
		send_signal_task(SIGIO, NULL, t);
	else
		send_signal_proc(SIGIO, NULL, t->proc);
}

static void sigurg_one(struct file *f, struct task *t)
{
	if (!sigio_allowed(f, t, SIGURG))
		return;
	if (f->owner_type == F_OWNER_TID)
		send_signal_task(SIGURG, NULL, t);
	else
		send_signal_proc(SIGURG, NULL, t->proc);
}

void file_send_sigio(struct file *f, int band, int code, int fd)
{
	struct pid *p;
	struct task *t;
	int type;

	rcu_read_lock();
	p = READ_ONCE(f->owner);
	type = f->owner_type;
	if (!p)
		goto out;
	if (type == F_OWNER_PGRP) {
		pid_for_each_task(t, p, PIDTYPE_PGID)
			sigio_one(f, t, band, code, fd);
	} else {
		t = pid_task(p, type == F_OWNER_PID ? PIDTYPE_TGID : PIDTYPE_PID);
		if (t)
			sigio_one(f, t, band, code, fd);
	}
out:
	rcu_read_unlock();
}

void file_send_sigurg(struct file *f)
{
	struct pid *p;
	struct task *t;

	rcu_read_lock();
	p = READ_ONCE(f->owner);
	if (!p) {
		;
	} else if (f->owner_type == F_OWNER_PGRP) {
		pid_for_each_task(t, p, PIDTYPE_PGID)
			sigurg_one(f, t);
	} else {
		t = pid_task(p, f->owner_type == F_OWNER_PID ? PIDTYPE_TGID : PIDTYPE_PID);
		if (t)
			sigurg_one(f, t);
	}
	rcu_read_unlock();
}

static long set_owner_ex(struct file *f, unsigned long arg)
{
	struct f_owner_ex ex;

	if (copy_from_user(&ex, (void __user *)arg, sizeof(ex)))
		return -EFAULT;
	if (ex.type < F_OWNER_TID || ex.type > F_OWNER_PGRP)
		return -EINVAL;
	return file_set_owner(f, ex.type, ex.pid);
}

static long fcntl_owner(struct file *f, unsigned cmd, unsigned long arg)
{
	struct f_owner_ex ex;
	uint32_t ids[2];
	int type;
	pid_t id;

	switch (cmd) {
	case F_SETOWN:
		id = (int)arg;
		if (id == INT32_MIN)
			return -EINVAL;
		return file_set_owner(f, id < 0 ? F_OWNER_PGRP : F_OWNER_PID, id < 0 ? -id : id);
	case F_GETOWN:
		id = owner_id(f, &type);
		return type == F_OWNER_PGRP ? -id : id;
	case F_SETOWN_EX:
		return set_owner_ex(f, arg);
	case F_GETOWN_EX:
		ex.pid = owner_id(f, &type);
		ex.type = type;
		return copy_to_user((void __user *)arg, &ex, sizeof(ex)) ? -EFAULT : 0;
	case F_GETOWNER_UIDS:
		ids[0] = f->owner_uid;
		ids[1] = f->owner_euid;
		return copy_to_user((void __user *)arg, ids, sizeof(ids)) ? -EFAULT : 0;
	case F_SETSIG:
		if (arg > _NSIG)
			return -EINVAL;
		f->owner_sig = (unsigned)arg;
		return 0;
	default:
		return (long)f->owner_sig;
	}
}

/* How long what is written will live: kept for who asks, there is no device that would sort by it. */
static long fcntl_rw_hint(struct inode *inode, unsigned cmd, uint64_t __user *arg)
{
	uint64_t hint = READ_ONCE(inode->state) / I_HINT;

	if (cmd == F_GET_RW_HINT)
		return copy_to_user(arg, &hint, sizeof(hint)) ? -EFAULT : 0;
	if (copy_from_user(&hint, arg, sizeof(hint)))
		return -EFAULT;
	if (hint > RWH_WRITE_LIFE_EXTREME)
		return -EINVAL;
	spin_lock(&inode->lock);
	WRITE_ONCE(inode->state, inode->state % I_HINT + (uint32_t)hint * I_HINT);
	spin_unlock(&inode->lock);
	return 0;
}

static long do_fcntl(unsigned fd, struct file *f, unsigned cmd, unsigned long arg)
{
	switch (cmd) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC: {
		int n;

		if (arg >= rlimit(RLIMIT_NOFILE))
			return -EINVAL;
		n = fd_alloc_from((unsigned)arg, cmd == F_DUPFD_CLOEXEC ? O_CLOEXEC : 0);
		if (n >= 0)
			fd_install((unsigned)n, file_get(f));
		return n;
	}
	case F_GETFD:
		return get_cloexec(fd);
	case F_SETFD:
		fd_set_cloexec(fd, arg & FD_CLOEXEC);
		return 0;
	case F_GETFL:
		return f->flags & ~(unsigned)O_CLOEXEC;
	}
	if (f->mode & FMODE_PATH)
		return -EBADF;
	switch (cmd) {
	case F_SETFL:
		if (arg & O_ASYNC)
			f->async_fd = (int)fd;
		return file_set_flags(f, (unsigned)arg);
	case F_GETLK:
	case F_SETLK:
	case F_SETLKW:
	case F_OFD_GETLK:
	case F_OFD_SETLK:
	case F_OFD_SETLKW:
		return fcntl_lock(fd, f, cmd, (void __user *)arg);
	case F_SETOWN:
	case F_GETOWN:
	case F_SETOWN_EX:
	case F_GETOWN_EX:
	case F_GETOWNER_UIDS:
	case F_SETSIG:
	case F_GETSIG:
		return fcntl_owner(f, cmd, arg);
	case F_SETPIPE_SZ:
	case F_GETPIPE_SZ:
		return pipe_fcntl(f, cmd, arg);
	case F_GET_RW_HINT:
	case F_SET_RW_HINT:
		return fcntl_rw_hint(f->inode, cmd, (void __user *)arg);
	case F_ADD_SEALS:
		if (!(f->mode & FMODE_WRITE))
			return -EPERM;
		fallthrough;
	case F_GET_SEALS:
		return shmem_seals(f, cmd, arg);
	case F_GETLEASE:
		return F_UNLCK;
	case F_NOTIFY:
		return dnotify_set(fd, f, arg);
	case F_SETLEASE:	/* TODO: leases */
		return arg == F_UNLCK ? -EAGAIN : -EINVAL;
	default:
		gap_note("fcntl", cmd);
		return -EINVAL;
	}
}

long sys_fcntl(unsigned int fd, unsigned int cmd, unsigned long arg)
{
	struct fd f = fd_get_raw(fd);
	long ret;

	if (unlikely(!f.file))
		return -EBADF;
	ret = do_fcntl(fd, f.file, cmd, arg);
	fd_put(f);
	return ret;
}
