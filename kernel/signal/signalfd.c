/* SPDX-License-Identifier: MIT */
/* signalfd(2): reads the reader's own pending signals. The descriptor holds only a mask; whoever reads or polls is looked at. */
#include "signal_internal.h"
#include <kernel/errno.h>
#include <kernel/fs.h>
#include <kernel/mm.h>
#include <kernel/poll.h>
#include <kernel/string.h>
#include <kernel/syscall.h>
#include <kernel/uaccess.h>

struct signalfd_siginfo {
	uint32_t signo;
	int32_t err, code;
	uint32_t pid, uid;
	int32_t fd;
	uint32_t tid, band, overrun, trapno;
	int32_t status, value_int;
	uint64_t value_ptr, utime, stime, addr;
	uint16_t addr_lsb, pad2;
	int32_t syscall;
	uint64_t call_addr;
	uint32_t arch;
	uint8_t pad[28];
};
_Static_assert(sizeof(struct signalfd_siginfo) == 128, "signalfd ABI");

struct signalfd {
	sigset_t mask;
};

void signalfd_notify(struct task *t, int sig)
{
	waitq_wake_all_poll(&t->proc->signalfd_wait, POLLIN);
}

static void fill(struct signalfd_siginfo *o, const struct siginfo *i)
{
	memset(o, 0, sizeof(*o));
	o->signo = (uint32_t)i->si_signo;
	o->err = i->si_errno;
	o->code = i->si_code;
	if (i->si_code == SI_TIMER) {
		o->tid = (uint32_t)i->timer.tid;
		o->overrun = (uint32_t)i->timer.overrun;
		o->value_ptr = i->timer.value.raw;
		o->value_int = i->timer.value.sival_int;
	} else if (i->si_signo == SIGCHLD && i->si_code > 0 && i->si_code != SI_KERNEL) {
		o->pid = (uint32_t)i->chld.pid;
		o->uid = i->chld.uid;
		o->status = i->chld.status;
		o->utime = (uint64_t)i->chld.utime;
		o->stime = (uint64_t)i->chld.stime;
	} else if (i->si_code > 0 && i->si_code != SI_KERNEL && sig_in(i->si_signo, SIG_SYNC_SET)) {
		o->addr = i->fault.addr;
	} else if (i->si_code != SI_KERNEL) {
		o->pid = (uint32_t)i->rt.pid;
		o->uid = i->rt.uid;
		if (i->si_code != SI_USER && i->si_code != SI_TKILL) {
			o->value_ptr = i->rt.value.raw;
			o->value_int = i->rt.value.sival_int;
		}
	}
}

static int take(struct signalfd *s, struct siginfo *info)
{
	struct proc *p = current->proc;
	irqflags_t f = spin_lock_irqsave(&p->siglock);
	int sig = signal_dequeue(current, ~s->mask, info);

	spin_unlock_irqrestore(&p->siglock, f);
	return sig;
}

static ssize_t signalfd_read(struct file *f, struct iov_iter *to, loff_t *pos)
{
	struct signalfd *s = f->private;
	struct signalfd_siginfo out;
	struct siginfo info;
	ssize_t done = 0;

	if (to->count < sizeof(out))
		return -EINVAL;
	while (to->count >= sizeof(out)) {
		int sig = take(s, &info);

		if (!sig) {
			int err;

			if (done)
				break;
			if (f->flags & O_NONBLOCK)
				return -EAGAIN;
			err = wait_event_interruptible(&current->proc->signalfd_wait, (sig = take(s, &info)) != 0);
			if (err)
				return err;
		}
		fill(&out, &info);
		if (copy_to_iter(&out, sizeof(out), to) != sizeof(out))
			return done ? done : -EFAULT;
		done += (ssize_t)sizeof(out);
	}
	return done;
}

static uint32_t signalfd_poll(struct file *f, struct poll_table *pt)
{
	struct signalfd *s = f->private;
	struct task *t = current;

	poll_wait(f, &t->proc->signalfd_wait, pt);
	return (READ_ONCE(t->pending.set) | READ_ONCE(t->proc->shared_pending.set)) & s->mask ? POLLIN | POLLRDNORM : 0;
}

static void signalfd_release(struct inode *inode, struct file *f)
{
	kfree(f->private);
}

static int signalfd_fdinfo(struct file *f, char *buf, size_t size)
{
	return scnprintf(buf, size, "sigmask:\t%016lx\n", (unsigned long)((struct signalfd *)f->private)->mask);
}

static const struct file_ops signalfd_fops = {
	.read = signalfd_read,
	.poll = signalfd_poll,
	.release = signalfd_release,
	.llseek = noop_llseek,
	.show_fdinfo = signalfd_fdinfo,
};

long sys_signalfd4(int fd, const uint64_t __user *umask, size_t sigsetsize, int flags)
{
	struct signalfd *s;
	struct file *f;
	sigset_t mask;
	int err = 0;

	if ((flags & ~(O_CLOEXEC | O_NONBLOCK)) || sigsetsize != sizeof(mask))
		return -EINVAL;
	if (copy_from_user(&mask, umask, sizeof(mask)))
		return -EFAULT;
	mask &= ~SIG_KERNEL_ONLY;
	if (fd != -1) {
		struct fd old = fd_get((unsigned)fd);

		if (!old.file)
			return -EBADF;
		err = -EINVAL;
		if (old.file->ops == &signalfd_fops) {
			WRITE_ONCE(((struct signalfd *)old.file->private)->mask, mask);
			waitq_wake_all(&current->proc->signalfd_wait);
			err = fd;
		}
		fd_put(old);
		return err;
	}
	s = kmalloc(sizeof(*s), GFP_KERNEL);
	if (!s)
		return -ENOMEM;
	s->mask = mask;
	f = anon_file_create("[signalfd]", &signalfd_fops, s, O_RDWR | (flags & O_NONBLOCK), &err);
	if (!f) {
		kfree(s);
		return err;
	}
	return fd_install_new(f, (unsigned)flags & O_CLOEXEC);
}
