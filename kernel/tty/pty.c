/* SPDX-License-Identifier: MIT */
/*
 * Pseudo-terminals, Unix 98: a master that a program reads and writes, a slave that is a terminal.
 *
 * What the slave sends lies in a ring until the master reads it; what the master writes goes straight into the slave's
 * line discipline, in the writer's context. The master has no line discipline: it is raw and silent.
 *
 * Lifetime: the pair is one object, the slave's tty, held by the master's file, by the slave's files and by processes whose
 * controlling terminal it is. The number belongs to the devpts instance of the master and is free again when the
 * master has been closed and the last slave file too.
 *
 * Locks: ring_lock (LR_TTY_PTY, mutex): the ring; ctrl_lock: packet mode; tty_mutex: open and close.
 * References: pty(7), ioctl_tty(2).
 */
#include "tty_internal.h"
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/mm.h>
#include <kernel/poll.h>
#include <kernel/string.h>
#include <kernel/uaccess.h>
#include "pty.h"

#define RING_SIZE	8192u

struct pty {
	struct tty *slave;
	struct devpts *fs;		/* [I] instance, referenced */
	unsigned index;			/* [I] */
	bool locked;			/* TIOCSPTLCK: the slave cannot be opened yet */
	bool master_open;		/* [T] */
	bool slave_closed;		/* [T] the last slave file was closed: the master reads EIO */
	bool packet;			/* [slave ctrl_lock] */
	unsigned packet_status;		/* [slave ctrl_lock] */
	struct mutex ring_lock;
	uint8_t *ring;			/* [ring_lock] slave to master */
	unsigned head, tail;		/* [ring_lock] free-running; read freely */
	struct waitq read_wait, write_wait;	/* the master's */
};

static struct pty *pty_of(struct tty *t)
{
	return t->priv;
}

static unsigned used(const struct pty *p)
{
	return READ_ONCE(p->head) - READ_ONCE(p->tail);
}

static void wake_master(struct pty *p, uint32_t events)
{
	waitq_wake_all_poll(&p->read_wait, events);
}

/* ---- the slave's driver */

static size_t pty_write(struct tty *t, const uint8_t *buf, size_t n)
{
	struct pty *p = pty_of(t);
	size_t at, first;

	if (t->stopped)
		return 0;
	mutex_lock(&p->ring_lock);
	n = MIN(n, (size_t)(RING_SIZE - used(p)));
	at = p->head % RING_SIZE;
	first = MIN(n, RING_SIZE - at);
	memcpy(p->ring + at, buf, first);
	memcpy(p->ring, buf + first, n - first);
	WRITE_ONCE(p->head, p->head + (unsigned)n);
	mutex_unlock(&p->ring_lock);
	if (n)
		wake_master(p, POLLIN | POLLRDNORM);
	return n;
}

static size_t pty_room(struct tty *t)
{
	return t->stopped ? 0 : RING_SIZE - used(pty_of(t));
}

static size_t pty_pending(struct tty *t)
{
	return 0;	/* for TCSBRK and TIOCOUTQ what the master holds has been sent */
}

static void pty_flush(struct tty *t)
{
	struct pty *p = pty_of(t);

	mutex_lock(&p->ring_lock);
	WRITE_ONCE(p->tail, p->head);
	mutex_unlock(&p->ring_lock);
}

static void pty_packet(struct tty *t, unsigned status)
{
	struct pty *p = pty_of(t);
	irqflags_t f;
	bool on;

	f = spin_lock_irqsave(&t->ctrl_lock);
	on = p->packet;
	if (on) {
		if (status & TIOCPKT_STOP)
			p->packet_status &= ~(unsigned)TIOCPKT_START;
		if (status & TIOCPKT_START)
			p->packet_status &= ~(unsigned)TIOCPKT_STOP;
		p->packet_status |= status;
	}
	spin_unlock_irqrestore(&t->ctrl_lock, f);
	if (on)
		wake_master(p, POLLPRI | POLLIN | POLLRDNORM);
}

/* The reader took bytes: a master that waits for room may go on. */
static void pty_input_room(struct tty *t)
{
	waitq_wake_all_poll(&pty_of(t)->write_wait, POLLOUT | POLLWRNORM);
}

static int pty_set_termios(struct tty *t, const struct termios2_user *old)
{
	/* There is no line: always 8 bits, no parity, the receiver on. */
	t->termios.c_cflag = (t->termios.c_cflag & ~(CSIZE | PARENB)) | CS8 | CREAD;
	return 0;
}

static int pty_slave_open(struct tty *t, struct file *f)
{
	struct pty *p = pty_of(t);

	if (!p->master_open || p->locked)
		return -EIO;
	p->slave_closed = false;
	return 0;
}

static void pty_slave_close(struct tty *t, struct file *f, bool last)
{
	struct pty *p = pty_of(t);

	if (!last)
		return;
	p->slave_closed = true;
	wake_master(p, POLLHUP | POLLIN | POLLRDNORM);
	waitq_wake_all_poll(&p->write_wait, POLLHUP);
}

static void pty_hangup(struct tty *t)
{
	struct pty *p = pty_of(t);

	p->slave_closed = true;
	wake_master(p, POLLHUP | POLLIN | POLLRDNORM);
	waitq_wake_all_poll(&p->write_wait, POLLHUP);
}

static void pty_destroy(struct tty *t)
{
	struct pty *p = pty_of(t);

	devpts_index_free(p->fs, p->index);
	devpts_put(p->fs);
	kfree(p->ring);
	kfree(p);
}

static const struct tty_ops pty_slave_ops = {
	.open = pty_slave_open,
	.close = pty_slave_close,
	.write = pty_write,
	.room = pty_room,
	.pending = pty_pending,
	.flush = pty_flush,
	.packet = pty_packet,
	.input_room = pty_input_room,
	.set_termios = pty_set_termios,
	.hangup = pty_hangup,
	.destroy = pty_destroy,
};

/* Called by devpts for a slave's inode: takes a reference of its own. */
int pty_open_slave(struct tty *t, struct file *f)
{
	int err;

	tty_ref(t);
	(void)stream_open(f->inode, f);
	f->ops = &tty_fops;
	err = tty_open_file(t, f, false);
	if (err)
		tty_unref(t);
	return err;
}

/* ---- the master's file */

static struct pty *master(struct file *f)
{
	return f->private;
}

static bool master_has_input(const struct pty *p)
{
	return used(p) || (p->packet && p->packet_status);
}

static ssize_t read_ring(struct pty *p, struct iov_iter *to)
{
	size_t done = 0;

	mutex_lock(&p->ring_lock);
	while (to->count && used(p)) {
		unsigned at = p->tail % RING_SIZE;
		size_t n = MIN(MIN((size_t)used(p), to->count), (size_t)(RING_SIZE - at)), got;

		got = copy_to_iter(p->ring + at, n, to);
		WRITE_ONCE(p->tail, p->tail + (unsigned)got);
		done += got;
		if (got < n)
			break;
	}
	mutex_unlock(&p->ring_lock);
	return done ? (ssize_t)done : to->count ? -EFAULT : 0;
}

/* In packet mode each read begins with a status byte, which stands alone when something happened. */
static ssize_t read_packet(struct pty *p, struct iov_iter *to)
{
	irqflags_t f = spin_lock_irqsave(&p->slave->ctrl_lock);
	uint8_t status = (uint8_t)p->packet_status;
	ssize_t n;

	p->packet_status = 0;
	spin_unlock_irqrestore(&p->slave->ctrl_lock, f);
	if (copy_to_iter(&status, 1, to) != 1)
		return -EFAULT;
	if (status || !to->count)
		return 1;
	n = read_ring(p, to);
	return n < 0 ? n : n + 1;
}

static ssize_t pty_master_read(struct file *f, struct iov_iter *to, loff_t *pos)
{
	struct pty *p = master(f);
	ssize_t n;
	int err;

	if (!to->count)
		return 0;
	do {
		while (!master_has_input(p)) {
			if (p->slave_closed)
				return -EIO;
			if (f->flags & O_NONBLOCK)
				return -EAGAIN;
			err = wait_event_interruptible(&p->read_wait, master_has_input(p) || p->slave_closed);
			if (err)
				return err;
		}
		n = p->packet ? read_packet(p, to) : read_ring(p, to);
	} while (!n);	/* another reader was quicker */
	if (n > 0) {
		n_tty_echo_flush(p->slave);
		tty_wakeup(p->slave);
	}
	return n;
}

static bool slave_takes_input(struct pty *p)
{
	return !READ_ONCE(p->slave->input_full) || p->slave_closed;
}

static int feed(struct pty *p, struct file *f, const uint8_t *buf, size_t n, size_t *done)
{
	int err;

	for (*done = 0; *done < n;) {
		size_t took = n_tty_receive(p->slave, buf + *done, NULL, n - *done);

		*done += took;
		if (*done == n)
			break;
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_event_interruptible(&p->write_wait, slave_takes_input(p));
		if (err)
			return err;
		if (p->slave_closed && !took)
			return -EIO;
	}
	return 0;
}

static ssize_t pty_master_write(struct file *f, struct iov_iter *from, loff_t *pos)
{
	struct pty *p = master(f);
	uint8_t buf[128];
	ssize_t total = 0;
	int err = 0;

	if (p->slave_closed)
		return -EIO;
	while (from->count && !err) {
		size_t want = MIN(from->count, sizeof(buf)), n, done;

		n = copy_from_iter(buf, want, from);
		if (!n) {
			err = -EFAULT;
			break;
		}
		err = feed(p, f, buf, n, &done);
		total += (ssize_t)done;
		if (!err && n < want)
			err = -EFAULT;
	}
	return total ? total : err;
}

static uint32_t pty_master_poll(struct file *f, struct poll_table *pt)
{
	struct pty *p = master(f);
	uint32_t ev = 0;

	poll_wait(f, &p->read_wait, pt);
	poll_wait(f, &p->write_wait, pt);
	if (master_has_input(p))
		ev |= POLLIN | POLLRDNORM;
	if (p->packet && p->packet_status)
		ev |= POLLPRI;
	if (p->slave_closed)
		ev |= POLLHUP;
	if (!READ_ONCE(p->slave->input_full))
		ev |= POLLOUT | POLLWRNORM;
	return ev;
}

/* A flag that the caller gives as a pointed-to int. */
static long set_flag(bool *flag, unsigned long arg)
{
	int32_t v;

	if (get_user(v, (int32_t __user *)arg))
		return -EFAULT;
	*flag = v != 0;
	return 0;
}

static long ioctl_packet(struct pty *p, unsigned long arg)
{
	irqflags_t f;
	bool on;
	long err = set_flag(&on, arg);

	if (err)
		return err;
	f = spin_lock_irqsave(&p->slave->ctrl_lock);
	if (on && !p->packet)
		p->packet_status = 0;
	p->packet = on;
	spin_unlock_irqrestore(&p->slave->ctrl_lock, f);
	return 0;
}

static long ioctl_signal(struct pty *p, unsigned long sig)
{
	if (sig < 1 || sig > _NSIG || (sig != SIGINT && sig != SIGQUIT && sig != SIGTSTP))
		return -EINVAL;
	tty_signal_pgrp(p->slave, (int)sig);
	return 0;
}

/* TIOCSTI on the master: as if the slave had written the byte, past its output processing. */
static long pty_fake_output(struct tty *s, const void __user *arg)
{
	uint8_t c;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (get_user(c, (const uint8_t __user *)arg))
		return -EFAULT;
	mutex_lock(&s->output_lock);
	(void)pty_write(s, &c, 1);
	mutex_unlock(&s->output_lock);
	return 0;
}

static long pty_master_ioctl(struct file *f, unsigned cmd, unsigned long arg)
{
	struct pty *p = master(f);
	struct tty *s = p->slave;
	long ret;

	switch (cmd) {
	case TIOCGPTN:
		return put_user((uint32_t)p->index, (uint32_t __user *)arg);
	case TIOCSPTLCK:
		return set_flag(&p->locked, arg);
	case TIOCGPTLCK:
		return put_user((int32_t)p->locked, (int32_t __user *)arg);
	case TIOCPKT:
		return ioctl_packet(p, arg);
	case TIOCGPKT:
		return put_user((int32_t)p->packet, (int32_t __user *)arg);
	case TIOCSIG:
		return ioctl_signal(p, arg);
	case TIOCGPTPEER:
		return devpts_open_peer(f, p->fs, p->index, (unsigned)arg);
	case FIONREAD:
		return put_user((int32_t)used(p), (int32_t __user *)arg);
	case TIOCOUTQ:
		return put_user((int32_t)0, (int32_t __user *)arg);
	case TCFLSH:
		if (arg > TCIOFLUSH)
			return -EINVAL;
		if (arg != TCOFLUSH)	/* what the master has not read */
			pty_flush(s);
		if (arg != TCIFLUSH) {	/* what it wrote and the slave has not read */
			mutex_lock(&s->ldisc_lock);
			n_tty_flush(s);
			s->input_full = false;
			mutex_unlock(&s->ldisc_lock);
		}
		return 0;
	case TIOCSTI:
		return pty_fake_output(s, (const void __user *)arg);
	case TIOCGDEV:
		return put_user((uint32_t)(5 << 8 | 2), (uint32_t __user *)arg);
	case TIOCNOTTY:		/* a master never is a controlling terminal */
		return -ENOTTY;
	default:
		/* The common ones work on the slave; NULL: not the terminal that the caller holds. */
		ret = tty_common_ioctl(NULL, s, f, cmd, arg);
		return ret;
	}
}

static void pty_master_release(struct inode *inode, struct file *f)
{
	struct pty *p = master(f);
	struct devpts *fs = p->fs;
	struct tty *s = p->slave;

	devpts_get(fs);		/* the inode that goes below looks at its super to the end */
	mutex_lock(&tty_mutex);
	p->master_open = false;
	s->other_closed = true;
	mutex_unlock(&tty_mutex);
	devpts_remove(fs, p->index);
	waitq_wake_all_poll(&s->read_wait, POLLHUP | POLLIN);
	tty_hangup(s);
	tty_unref(s);
	devpts_put(fs);
}

static const struct file_ops pty_master_fops = {
	.read = pty_master_read,
	.write = pty_master_write,
	.poll = pty_master_poll,
	.ioctl = pty_master_ioctl,
	.release = pty_master_release,
	.llseek = no_llseek,
};

static int make_pair(struct devpts *fs, struct pty **out)
{
	struct pty *p = kzalloc(sizeof(*p), GFP_KERNEL);
	int err = -ENOMEM;

	if (!p)
		return -ENOMEM;
	p->ring = kmalloc(RING_SIZE, GFP_KERNEL);
	if (!p->ring)
		goto out_free;
	mutex_init(&p->ring_lock, LR_TTY_PTY);
	waitq_init(&p->read_wait);
	waitq_init(&p->write_wait);
	p->fs = fs;
	p->locked = true;
	err = devpts_index(fs, &p->index);
	if (err)
		goto out_free;
	err = tty_alloc(&pty_slave_ops, p, MKDEV(136, p->index), &p->slave);
	if (err)
		goto out_index;
	p->slave->pty_slave = true;
	p->slave->termios.c_cflag &= ~HUPCL;
	p->slave->termios_init.c_cflag &= ~HUPCL;
	snprintf(p->slave->name, sizeof(p->slave->name), "pts/%u", p->index);
	*out = p;
	return 0;
out_index:
	devpts_index_free(fs, p->index);
out_free:
	kfree(p->ring);
	kfree(p);
	return err;
}

int pty_master_open(struct inode *inode, struct file *f)
{
	struct devpts *fs;
	struct pty *p;
	int err;

	err = devpts_of_master(f, &fs);		/* with a reference, which the pair takes over */
	if (err)
		return err;
	err = make_pair(fs, &p);
	if (err) {
		devpts_put(fs);
		return err;
	}
	p->master_open = true;
	err = devpts_add(fs, p->index, p->slave);
	if (err) {
		tty_unref(p->slave);
		return err;
	}
	(void)stream_open(inode, f);
	f->private = p;
	f->ops = &pty_master_fops;
	return 0;
}

/* A slave is opened by its name in devpts; a node of its number elsewhere leads to no instance. */
static int pts_node_open(struct inode *inode, struct file *f)
{
	return -EIO;
}

static const struct file_ops pts_node_fops = { .open = pts_node_open };

static int pts_init(void)
{
	return chrdev_register(MKDEV(136, 0), 1u << 20, "pts", &pts_node_fops, NULL);
}
INITCALL(INITCALL_DEVICE, pts_init);
