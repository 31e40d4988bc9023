/* SPDX-License-Identifier: MIT */
/*
 * N_TTY, the user's side: read(2), write(2), poll(2).
 *
 * Sleepers wait without any lock but read_lock or write_lock, which keep a second reader or writer out. Bytes are
 * copied to the user under ldisc_lock, a mutex: a fault there may sleep.
 *
 * References: termios(3) for VMIN and VTIME; behaviour in doubt was tried on Linux.
 */
#include "tty_internal.h"
#include <kernel/errno.h>
#include <kernel/mm.h>
#include <kernel/poll.h>
#include <kernel/time.h>
#include <kernel/uaccess.h>

/* Copies [tail, tail + n) out. Short when the user's memory faults. ldisc_lock held. */
static size_t copy_out(struct tty *t, size_t n, struct iov_iter *to)
{
	size_t done = 0;

	while (done < n) {
		unsigned at = t->tail & N_TTY_MASK;
		size_t part = MIN(n - done, (size_t)(N_TTY_SIZE - at)), got;

		got = copy_to_iter(t->buf + at, part, to);
		t->tail += (unsigned)got;
		done += got;
		if (got < part)
			break;
	}
	return done;
}

static bool is_eof_mark(const struct tty *t, unsigned pos)
{
	return t->buf[pos & N_TTY_MASK] == 0 && test_bit(pos & N_TTY_MASK, t->delim);
}

static void skip_mark(struct tty *t)
{
	clear_bit(t->tail & N_TTY_MASK, t->delim);
	t->tail++;
}

/* One line or what fits of it. The end-of-file mark goes with the bytes before it, also when they fill the buffer. */
static ssize_t read_line(struct tty *t, struct iov_iter *to)
{
	size_t n = 0, got;
	bool ends = false;

	while (n < to->count && t->tail + n != t->canon_head && !ends) {
		ends = test_bit((t->tail + n) & N_TTY_MASK, t->delim);
		n++;
	}
	if (ends && is_eof_mark(t, t->tail + (unsigned)n - 1)) {
		got = copy_out(t, n - 1, to);
		if (got < n - 1)
			return got ? (ssize_t)got : -EFAULT;
		skip_mark(t);
		return (ssize_t)got;
	}
	got = copy_out(t, n, to);
	if (got < n)
		return got ? (ssize_t)got : -EFAULT;
	if (ends)
		clear_bit((t->tail - 1) & N_TTY_MASK, t->delim);
	else if (t->tail != t->canon_head && is_eof_mark(t, t->tail))
		skip_mark(t);
	return (ssize_t)got;
}

/* After bytes left the buffer: the source may go on. */
static void input_drained(struct tty *t)
{
	bool full = t->input_full;

	t->input_full = false;
	if (full && t->ops->input_room)
		t->ops->input_room(t);
}

/* Sleeps until there is input or the end. 0; 1: the time is over; negative. */
static int wait_input(struct tty *t, struct tty_file *tf, struct file *f, nsec_t deadline)
{
	int err;

	if (t->other_closed)
		return n_tty_input_available(t, false) ? 0 : -EIO;
	if (tty_hung_up(tf))
		return 1;
	if (deadline == 0)
		return 1;
	if (f->flags & O_NONBLOCK)
		return -EAGAIN;
	err = wait_event_deadline(&t->read_wait, n_tty_input_available(t, false) || t->other_closed || tty_hung_up(tf),
				  deadline);
	return err == -ETIMEDOUT ? 1 : err;
}

static bool canonical(const struct tty *t)
{
	return L_FLAG(t, ICANON) && !L_FLAG(t, EXTPROC);
}

/*
 * The deadline of the first wait and how many bytes end the read: POSIX's four cases.
 *	VMIN > 0, VTIME = 0	wait for VMIN bytes
 *	VMIN > 0, VTIME > 0	wait for the first byte, then at most VTIME between bytes
 *	VMIN = 0, VTIME > 0	wait at most VTIME for a byte
 *	VMIN = 0, VTIME = 0	what is there
 */
static nsec_t raw_rules(const struct tty *t, unsigned *min, nsec_t *between)
{
	nsec_t time = (nsec_t)CC(t, VTIME) * (NSEC_PER_SEC / 10);

	*between = 0;
	*min = CC(t, VMIN);
	if (*min) {
		*between = time;
		return NSEC_NEVER;
	}
	*min = 1;
	return time ? deadline_after(clock_monotonic(), time) : 0;
}

ssize_t n_tty_read(struct tty *t, struct file *f, struct iov_iter *to)
{
	struct tty_file *tf = tty_file(f);
	nsec_t deadline = NSEC_NEVER, between = 0;
	unsigned min = 1;
	ssize_t total = 0, n;
	int err;

	if (!tf->console) {
		err = tty_check_change(t, SIGTTIN);
		if (err)
			return err;
	}
	if (f->flags & O_NONBLOCK) {
		if (!mutex_trylock(&t->read_lock))
			return -EAGAIN;
	} else if (mutex_lock_interruptible(&t->read_lock)) {
		return -ERESTARTSYS;
	}
	mutex_lock(&t->ldisc_lock);
	if (!canonical(t))
		deadline = raw_rules(t, &min, &between);
	while (to->count) {
		if (!n_tty_input_available(t, false)) {
			mutex_unlock(&t->ldisc_lock);
			n_tty_echo_flush(t);
			err = wait_input(t, tf, f, deadline);
			mutex_lock(&t->ldisc_lock);
			if (err) {
				if (!total)
					total = err < 0 ? err : 0;
				break;
			}
			continue;
		}
		if (canonical(t)) {
			n = read_line(t, to);
		} else {
			size_t have = t->head - t->tail;

			have = MIN(have, to->count);
			n = (ssize_t)copy_out(t, have, to);
			if ((size_t)n < have && !n)
				n = -EFAULT;
		}
		input_drained(t);
		if (n < 0) {
			if (!total)
				total = n;
			break;
		}
		total += n;
		if (canonical(t) || total >= (ssize_t)min)
			break;
		if (between)
			deadline = deadline_after(clock_monotonic(), between);
	}
	mutex_unlock(&t->ldisc_lock);
	mutex_unlock(&t->read_lock);
	return total;
}

/* ---- write */

/* Sends @n bytes, processed or not, as far as there is room. */
static size_t put_some(struct tty *t, const uint8_t *p, size_t n)
{
	size_t done;

	mutex_lock(&t->output_lock);
	n_tty_echo_flush_locked(t);
	if (t->echo_len)
		done = 0;
	else if (O_FLAG(t, OPOST))
		done = n_tty_put_block(t, p, n);
	else
		done = t->ops->write(t, p, n);
	mutex_unlock(&t->output_lock);
	return done;
}

static bool can_write(struct tty *t, struct tty_file *tf)
{
	return t->ops->room(t) >= 8 || t->other_closed || tty_hung_up(tf);
}

/* All of the chunk, sleeping where needed. The bytes done go to *done also on failure. */
static int write_chunk(struct tty *t, struct file *f, const uint8_t *p, size_t n, size_t *done)
{
	struct tty_file *tf = tty_file(f);

	*done = 0;
	for (;;) {
		int err;

		if (tty_hung_up(tf) || t->other_closed)
			return -EIO;
		*done += put_some(t, p + *done, n - *done);
		if (*done == n)
			return 0;
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		/* A tab may want eight places. */
		err = wait_event_interruptible(&t->write_wait, can_write(t, tf));
		if (err)
			return err;
	}
}

ssize_t n_tty_write(struct tty *t, struct file *f, struct iov_iter *from)
{
	struct tty_file *tf = tty_file(f);
	ssize_t total = 0;
	int err = 0;

	if (L_FLAG(t, TOSTOP) && !tf->console) {
		err = tty_check_change(t, SIGTTOU);
		if (err)
			return err;
	}
	if (f->flags & O_NONBLOCK) {
		if (!mutex_trylock(&t->write_lock))
			return -EAGAIN;
	} else if (mutex_lock_interruptible(&t->write_lock)) {
		return -ERESTARTSYS;
	}
	if (!t->write_buf)
		t->write_buf = kmalloc(TTY_CHUNK, GFP_KERNEL);
	if (!t->write_buf)
		err = -ENOMEM;
	while (!err && from->count) {
		size_t want = MIN(from->count, (size_t)TTY_CHUNK), n, done;

		n = copy_from_iter(t->write_buf, want, from);
		if (!n) {
			err = -EFAULT;
			break;
		}
		err = write_chunk(t, f, t->write_buf, n, &done);
		total += (ssize_t)done;
		if (!err && n < want)
			err = -EFAULT;
		if (!err && from->count && signal_pending(current))
			err = -ERESTARTSYS;
	}
	mutex_unlock(&t->write_lock);
	return total ? total : err;
}

uint32_t n_tty_poll(struct tty *t, struct file *f, struct poll_table *pt)
{
	struct tty_file *tf = tty_file(f);
	uint32_t ev = 0;

	poll_wait(f, &t->read_wait, pt);
	poll_wait(f, &t->write_wait, pt);
	if (n_tty_input_available(t, true))
		ev |= POLLIN | POLLRDNORM;
	if (t->other_closed)
		ev |= POLLHUP;
	if (tty_hung_up(tf))
		ev |= POLLHUP;
	if (t->ops->room(t) >= 8 && t->ops->pending(t) < 256)
		ev |= POLLOUT | POLLWRNORM;
	return ev;
}
