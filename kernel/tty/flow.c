/* SPDX-License-Identifier: MIT */
/*
 * Flow of output: stopped and started by the user's characters or ioctls, waited for until it is sent.
 * Locks: ctrl_lock for the flags; the driver's own lock inside its operations.
 */
#include "tty_internal.h"
#include <kernel/errno.h>
#include <kernel/time.h>
#include <uapi/poll.h>

void tty_stop(struct tty *t)
{
	irqflags_t f = spin_lock_irqsave(&t->ctrl_lock);
	bool was = t->stopped;

	t->stopped = true;
	spin_unlock_irqrestore(&t->ctrl_lock, f);
	if (was)
		return;
	if (t->ops->stop)
		t->ops->stop(t);
	if (t->ops->packet)
		t->ops->packet(t, TIOCPKT_STOP);
}

void tty_start(struct tty *t)
{
	irqflags_t f = spin_lock_irqsave(&t->ctrl_lock);
	bool was = t->stopped && !t->tco_stopped;

	if (was)
		t->stopped = false;
	spin_unlock_irqrestore(&t->ctrl_lock, f);
	if (!was)
		return;
	if (t->ops->start)
		t->ops->start(t);
	if (t->ops->packet)
		t->ops->packet(t, TIOCPKT_START);
	tty_wakeup(t);
}

void tty_wakeup(struct tty *t)
{
	waitq_wake_all_poll(&t->write_wait, POLLOUT | POLLWRNORM);
}

static bool all_sent(struct tty *t)
{
	return !t->ops->pending(t) || t->other_closed;
}

int tty_wait_sent(struct tty *t, nsec_t deadline)
{
	unsigned gen = READ_ONCE(t->gen);
	int err;

	err = wait_event_deadline(&t->write_wait, all_sent(t) || READ_ONCE(t->gen) != gen, deadline);
	if (err)
		return err;
	/* The last bytes are in the hardware's FIFO: no interrupt tells when they have left. */
	while (t->ops->idle && !t->ops->idle(t) && clock_monotonic() < deadline) {
		if (signal_pending(current))
			return -ERESTARTSYS;
		set_current_state(TASK_INTERRUPTIBLE);
		(void)schedule_deadline(clock_monotonic() + NSEC_PER_MSEC);
		set_current_running();
	}
	return 0;
}
