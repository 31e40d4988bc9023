/* SPDX-License-Identifier: MIT */
/*
 * Wait queues and completions; the contract is in <kernel/waitq.h>.
 *
 * A plain waiter is unlinked by its waker, under the queue's lock, before the task is woken. The sleeper looks
 * at its own link without the lock when it leaves: next == itself, stored with release as the waker's last
 * access, means that the waker is done with this piece of the sleeper's stack. The task itself cannot go away
 * under the waker: its struct is freed after a grace period and a waker runs with preemption off.
 */
#include <kernel/waitq.h>
#include <kernel/task.h>

void waitq_init(struct waitq *q)
{
	spin_lock_init(&q->lock, LR_WAITQ);
	list_init(&q->head);
}

void waitq_init_inner(struct waitq *q)
{
	spin_lock_init(&q->lock, LR_WAITQ_INNER);
	list_init(&q->head);
}

void waiter_init(struct waiter *w, struct task *t)
{
	list_init(&w->link);
	w->task = t;
	w->fn = NULL;
	w->exclusive = false;
}

static inline void waiter_unlink(struct waiter *w)
{
	list_del(&w->link);
	WRITE_ONCE(w->link.prev, &w->link);
	smp_store_release(&w->link.next, &w->link);	/* last access: pairs with waiter_unlinked() */
}

static inline bool waiter_unlinked(const struct waiter *w)
{
	return smp_load_acquire(&w->link.next) == &w->link;
}

static void waitq_wake_locked(struct waitq *q, unsigned nr, uint32_t key)
{
	struct waiter *w, *n;

	list_for_each_entry_safe(w, n, &q->head, link) {
		bool exclusive = w->exclusive;
		bool woken;

		if (w->fn) {
			woken = w->fn(w, TASK_NORMAL, key);
		} else {
			struct task *t = w->task;

			waiter_unlink(w);
			woken = wake_up_state(t, TASK_NORMAL);
		}
		if (woken && exclusive && --nr == 0)
			break;
	}
}

void waitq_wake_nr(struct waitq *q, unsigned nr, uint32_t key)
{
	irqflags_t f = spin_lock_irqsave(&q->lock);

	waitq_wake_locked(q, nr, key);
	spin_unlock_irqrestore(&q->lock, f);
}

static inline void waitq_link(struct waitq *q, struct waiter *w)
{
	/* Exclusive waiters stand behind all others: a wake-up of one then reaches everybody who shares. */
	if (w->exclusive)
		list_add_tail(&w->link, &q->head);
	else
		list_add(&w->link, &q->head);
}

void waitq_add(struct waitq *q, struct waiter *w)
{
	irqflags_t f = spin_lock_irqsave(&q->lock);

	waitq_link(q, w);
	spin_unlock_irqrestore(&q->lock, f);
}

void waitq_remove(struct waitq *q, struct waiter *w)
{
	irqflags_t f = spin_lock_irqsave(&q->lock);

	if (!list_empty(&w->link))
		list_del_init(&w->link);
	spin_unlock_irqrestore(&q->lock, f);
}

void waitq_prepare(struct waitq *q, struct waiter *w, unsigned state)
{
	irqflags_t f = spin_lock_irqsave(&q->lock);

	if (list_empty(&w->link))
		waitq_link(q, w);
	set_current_state(state);	/* with the barrier: the caller tests its condition after this */
	spin_unlock_irqrestore(&q->lock, f);
}

void waitq_prepare_exclusive(struct waitq *q, struct waiter *w, unsigned state)
{
	w->exclusive = true;
	waitq_prepare(q, w, state);
}

void waitq_finish(struct waitq *q, struct waiter *w)
{
	set_current_running();
	if (!waiter_unlinked(w))
		waitq_remove(q, w);
}

void waitq_abort(struct waitq *q, struct waiter *w)
{
	irqflags_t f;
	bool taken;

	set_current_running();
	if (!w->exclusive) {
		waitq_finish(q, w);
		return;
	}
	f = spin_lock_irqsave(&q->lock);
	taken = list_empty(&w->link);
	if (!taken)
		list_del_init(&w->link);
	else
		waitq_wake_locked(q, 1, 0);
	spin_unlock_irqrestore(&q->lock, f);
}

void completion_init(struct completion *c)
{
	waitq_init(&c->wait);
	c->done = false;
}

/* All under the lock: when the waiter, which looks under it too, sees `done`, nobody touches *c any more but to unlock. */
void complete(struct completion *c)
{
	irqflags_t f = spin_lock_irqsave(&c->wait.lock);

	c->done = true;
	waitq_wake_locked(&c->wait, UINT32_MAX, 0);
	spin_unlock_irqrestore(&c->wait.lock, f);
}

static int completion_wait(struct completion *c, unsigned state)
{
	struct waiter w;
	irqflags_t f;
	int err = 0;

	waiter_init(&w, current);
	for (;;) {
		f = spin_lock_irqsave(&c->wait.lock);
		if (c->done)
			break;
		if (signal_pending_state(state, current)) {
			err = -EINTR;
			break;
		}
		if (list_empty(&w.link))
			list_add(&w.link, &c->wait.head);
		set_current_state(state);
		spin_unlock_irqrestore(&c->wait.lock, f);
		schedule();
	}
	if (!list_empty(&w.link))
		list_del_init(&w.link);
	set_current_running();
	spin_unlock_irqrestore(&c->wait.lock, f);
	return err;
}

void wait_for_completion(struct completion *c)
{
	(void)completion_wait(c, TASK_UNINTERRUPTIBLE);
}

int wait_for_completion_killable(struct completion *c)
{
	return completion_wait(c, TASK_KILLABLE);
}
