/* SPDX-License-Identifier: MIT */
/*
 * Terminals: the object, the table of device numbers, open and close, hang-up.
 *
 * A hang-up raises tty->gen; open files remember the generation they were opened in, and one of an older
 * generation reads end-of-file, fails to write, and takes part in nothing more (the console excepted). So no file has to be found
 * and changed, and a terminal can be opened anew at once.
 *
 * Locks: tty_mutex (LR_TTY, outermost): table, counts, generations. See tty_internal.h.
 * References: an open file holds one, a process whose controlling terminal it is another.
 */
#include "tty_internal.h"
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/mm.h>
#include <kernel/panic.h>
#include <kernel/poll.h>
#include <kernel/string.h>
#include <kernel/syscall.h>
#include <uapi/poll.h>

#define MAX_TTYS 72

DEFINE_MUTEX(tty_mutex, LR_TTY);
static struct tty *ttys[MAX_TTYS];	/* [T] registered ones; never removed */

const struct termios2_user tty_std_termios = {
	.c_iflag = ICRNL | IXON,
	.c_oflag = OPOST | ONLCR,
	.c_cflag = B38400 | CS8 | CREAD | HUPCL,
	.c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
	.c_cc = { [VINTR] = 3, [VQUIT] = 28, [VERASE] = 127, [VKILL] = 21, [VEOF] = 4, [VMIN] = 1, [VSTART] = 17,
		  [VSTOP] = 19, [VSUSP] = 26, [VREPRINT] = 18, [VDISCARD] = 15, [VWERASE] = 23, [VLNEXT] = 22 },
	.c_ispeed = 38400,
	.c_ospeed = 38400,
};

int tty_alloc(const struct tty_ops *ops, void *priv, dev_t dev, struct tty **out)
{
	struct tty *t = kzalloc(sizeof(*t), GFP_KERNEL);

	if (!t)
		return -ENOMEM;
	t->buf = kmalloc(N_TTY_SIZE, GFP_KERNEL);
	t->delim = kzalloc(N_TTY_SIZE / 8, GFP_KERNEL);
	t->echo = kmalloc(ECHO_SIZE, GFP_KERNEL);
	if (!t->buf || !t->delim || !t->echo) {
		kfree(t->buf);
		kfree(t->delim);
		kfree(t->echo);
		kfree(t);
		return -ENOMEM;
	}
	atomic_set(&t->refs, 1);
	t->ops = ops;
	t->priv = priv;
	t->dev = dev;
	t->termios = t->termios_init = tty_std_termios;
	mutex_init(&t->termios_lock, LR_TTY);
	spin_lock_init(&t->ctrl_lock, LR_TTY_CTRL);
	mutex_init(&t->read_lock, LR_TTY_READ);
	mutex_init(&t->write_lock, LR_TTY_WRITE);
	mutex_init(&t->ldisc_lock, LR_TTY_LDISC);
	mutex_init(&t->output_lock, LR_TTY_OUTPUT);
	waitq_init(&t->read_wait);
	waitq_init(&t->write_wait);
	*out = t;
	return 0;
}

void tty_ref(struct tty *t)
{
	atomic_inc(&t->refs);
}

void tty_unref(struct tty *t)
{
	if (!t || !ref_put(&t->refs))
		return;
	if (t->ops->destroy)
		t->ops->destroy(t);
	if (t->session)
		pid_put(t->session);
	if (t->pgrp)
		pid_put(t->pgrp);
	kfree(t->write_buf);
	kfree(t->buf);
	kfree(t->delim);
	kfree(t->echo);
	kfree(t);
}

int tty_register(struct tty *t)
{
	int err = -ENOSPC;

	mutex_lock(&tty_mutex);
	for (unsigned i = 0; i < MAX_TTYS; i++) {
		if (ttys[i] && ttys[i]->dev == t->dev) {
			err = -EEXIST;
			break;
		}
		if (!ttys[i]) {
			ttys[i] = t;
			err = 0;
			break;
		}
	}
	mutex_unlock(&tty_mutex);
	return err;
}

struct tty *tty_find(dev_t dev)
{
	struct tty *t = NULL;

	mutex_lock(&tty_mutex);
	for (unsigned i = 0; i < MAX_TTYS && ttys[i]; i++)
		if (ttys[i]->dev == dev) {
			t = ttys[i];
			tty_ref(t);
			break;
		}
	mutex_unlock(&tty_mutex);
	return t;
}

dev_t tty_device_of(struct tty *t)
{
	return t ? t->dev : 0;
}

pid_t tty_foreground_pgrp(struct tty *t)
{
	irqflags_t f = spin_lock_irqsave(&t->ctrl_lock);
	pid_t nr = t->pgrp ? t->pgrp->nr : -1;

	spin_unlock_irqrestore(&t->ctrl_lock, f);
	return nr;
}

/* ---- open and close */

int tty_open_file(struct tty *t, struct file *f, bool console)
{
	struct tty_file *tf = kmalloc(sizeof(*tf), GFP_KERNEL);
	int err = 0;

	if (!tf)
		return -ENOMEM;
	mutex_lock(&tty_mutex);
	if (t->exclusive && t->count && !capable(CAP_SYS_ADMIN))
		err = -EBUSY;
	else if (t->ops->open)
		err = t->ops->open(t, f);
	if (!err) {
		t->count++;
		t->consoles += console;
		tf->tty = t;
		tf->gen = t->gen;
		tf->console = console;
		f->private = tf;
	}
	mutex_unlock(&tty_mutex);
	if (err) {
		kfree(tf);
		return err;
	}
	if (!console && !(f->flags & O_NOCTTY))
		tty_proc_set(t, f);
	return 0;
}

static int tty_open(struct inode *inode, struct file *f)
{
	dev_t dev = inode->rdev;
	struct tty *t;
	bool console = false;
	int err;

	if (dev == MKDEV(5, 2))
		return pty_master_open(inode, f);
	if (dev == MKDEV(5, 0)) {
		t = tty_of_current();
		if (!t)
			return -ENXIO;
	} else {
		if (dev == MKDEV(5, 1)) {
			dev = console_device();
			console = true;
		}
		t = dev ? tty_find(dev) : NULL;
		if (!t)
			return console ? -ENODEV : -ENXIO;
	}
	(void)stream_open(inode, f);
	f->mode &= ~(uint32_t)(FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE);
	/* /dev/tty is the controlling terminal already. */
	err = tty_open_file(t, f, console);
	if (err)
		tty_unref(t);
	return err;
}

static void tty_release(struct inode *inode, struct file *f)
{
	struct tty_file *tf = tty_file(f);
	struct tty *t = tf->tty;
	bool last;

	/* What was written leaves first, within a bound: the line may be stopped for good. Before the mutex: it may take long. */
	if (t->ops->idle && READ_ONCE(t->count) == 1 && !tty_hung_up(tf) && !t->stopped)
		(void)tty_wait_sent(t, clock_monotonic() + 30 * NSEC_PER_SEC);
	mutex_lock(&tty_mutex);
	/* Files of an older generation were counted out by the hang-up. */
	last = !tty_hung_up(tf) && --t->count == 0;
	t->consoles -= tf->console;
	if (last)
		t->exclusive = false;
	if (t->ops->close && !tty_hung_up(tf))
		t->ops->close(t, f, last);
	mutex_unlock(&tty_mutex);
	kfree(tf);
	f->private = NULL;
	tty_unref(t);
}

/* ---- file operations */

static ssize_t tty_read(struct file *f, struct iov_iter *to, loff_t *pos)
{
	struct tty_file *tf = tty_file(f);
	ssize_t n;

	if (tty_hung_up(tf))
		return 0;
	n = n_tty_read(tf->tty, f, to);
	if (n > 0)
		f->inode->atime = clock_realtime_coarse();
	return n;
}

static ssize_t tty_write(struct file *f, struct iov_iter *from, loff_t *pos)
{
	struct tty_file *tf = tty_file(f);
	ssize_t n;

	if (tty_hung_up(tf))
		return -EIO;
	n = n_tty_write(tf->tty, f, from);
	if (n > 0)
		f->inode->mtime = clock_realtime_coarse();
	return n;
}

static uint32_t tty_poll(struct file *f, struct poll_table *pt)
{
	struct tty_file *tf = tty_file(f);

	if (tty_hung_up(tf))
		return POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDNORM | POLLWRNORM;
	return n_tty_poll(tf->tty, f, pt);
}

const struct file_ops tty_fops = {
	.open = tty_open,
	.release = tty_release,
	.read = tty_read,
	.write = tty_write,
	.poll = tty_poll,
	.ioctl = tty_ioctl,
	.llseek = no_llseek,
};

/* ---- hang-up */

static void hangup(struct tty *t, bool exit_session)
{
	mutex_lock(&tty_mutex);
	t->gen++;
	t->count = t->consoles;
	t->exclusive = false;
	if (t->ops->hangup)
		t->ops->hangup(t);
	mutex_unlock(&tty_mutex);
	mutex_lock(&t->termios_lock);
	mutex_lock(&t->ldisc_lock);
	mutex_lock(&t->output_lock);
	t->echo_len = 0;
	t->ops->flush(t);
	if (t->pty_slave)
		t->termios = t->termios_init;
	mutex_unlock(&t->output_lock);
	n_tty_flush(t);
	mutex_unlock(&t->ldisc_lock);
	mutex_unlock(&t->termios_lock);
	tty_signal_session(t, exit_session);
	waitq_wake_all_poll(&t->read_wait, POLLIN | POLLHUP | POLLRDNORM);
	waitq_wake_all_poll(&t->write_wait, POLLOUT | POLLHUP | POLLWRNORM);
	tty_start(t);
}

void tty_hangup(struct tty *t)
{
	hangup(t, false);
}

void tty_vhangup_session(struct tty *t)
{
	hangup(t, true);
}

long sys_vhangup(void)
{
	struct tty *t;

	if (!capable(CAP_SYS_TTY_CONFIG))
		return -EPERM;
	t = tty_of_current();
	if (t) {
		tty_hangup(t);
		tty_unref(t);
	}
	return 0;
}

static int tty_init(void)
{
	int err = chrdev_register(MKDEV(5, 0), 1, "/dev/tty", &tty_fops, NULL);

	if (!err)
		err = chrdev_register(MKDEV(5, 1), 1, "/dev/console", &tty_fops, NULL);
	if (!err)
		err = chrdev_register(MKDEV(5, 2), 1, "/dev/ptmx", &tty_fops, NULL);
	if (!err)
		err = devtmpfs_create("tty", S_IFCHR | 0666, MKDEV(5, 0));
	if (!err)
		err = devtmpfs_create("console", S_IFCHR | 0600, MKDEV(5, 1));
	if (!err)
		err = devtmpfs_create("ptmx", S_IFCHR | 0666, MKDEV(5, 2));
	return err;
}
INITCALL(INITCALL_DEVICE, tty_init);
