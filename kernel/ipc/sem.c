/* SPDX-License-Identifier: MIT */
/*
 * System V semaphores: semget(2), semop(2), semtimedop(2). Control is sem_ctl.c, adjustments at exit are sem_undo.c.
 *
 * The operations of one call are done all or not at all, in order, each seeing the ones before it. Who must wait
 * leaves a note; whoever changes a value does what the waiters wanted on their behalf, in the order they came,
 * as long as something can be done, and wakes those that are served. So nobody wakes in vain.
 *
 * A waiter with one operation stands in its semaphore's queue: one change looks at those of that semaphore
 * only. As soon as somebody waits with several operations all that alter stand in one queue of the set, so that
 * the order is one order.
 *
 * Locks: the set's (ipc_obj.lock) over everything; waiters are woken under it and look at their note under it.
 * References: semop(2), semctl(2), svipc(7).
 */
#include "sem_internal.h"

#define OPS_ON_STACK 16

/* One waiter's queue. Moves the others when the first one with several operations comes. */
static struct list_head *queue_of(struct sem_set *set, struct sem_wait *w)
{
	struct sem *s = &set->sems[w->ops->sem_num];
	unsigned i;

	if (!w->alters)
		return w->nops == 1 ? &s->zero : &set->zero;
	if (w->nops == 1)
		return set->nr_complex ? &set->alter : &s->alter;
	if (!set->nr_complex)
		for (i = 0; i < set->nsems; i++)
			list_splice_tail_init(&set->sems[i].alter, &set->alter);
	return &set->alter;
}

static void enqueue(struct sem_set *set, struct sem_wait *w)
{
	list_add_tail(&w->link, queue_of(set, w));
	if (w->nops > 1)
		set->nr_complex++;
}

static void dequeue(struct sem_set *set, struct sem_wait *w)
{
	struct sem_wait *other, *next;

	list_del_init(&w->link);
	if (w->nops == 1 || --set->nr_complex)
		return;
	list_for_each_entry_safe (other, next, &set->alter, link)
		list_move_tail(&other->link, &set->sems[other->ops->sem_num].alter);
}

static void take_back(struct sem_set *set, const struct sem_wait *w, unsigned n)
{
	while (n--) {
		const struct sembuf *op = &w->ops[n];

		set->sems[op->sem_num].value -= op->sem_op;
		if (op->sem_flg & SEM_UNDO)
			w->undo->adjust[op->sem_num] =
				(int16_t)(w->undo->adjust[op->sem_num] + op->sem_op);
	}
}

/* All of it or nothing: 0; SEM_WAITING, with w->blocking; -EAGAIN, -ERANGE. */
static int perform(struct sem_set *set, struct sem_wait *w)
{
	unsigned i;
	int err;

	for (i = 0; i < w->nops; i++) {
		const struct sembuf *op = &w->ops[i];
		struct sem *s = &set->sems[op->sem_num];
		int value = s->value + op->sem_op;

		if ((!op->sem_op && s->value) || value < 0) {
			w->blocking = i;
			err = op->sem_flg & IPC_NOWAIT ? -EAGAIN : SEM_WAITING;
			goto fail;
		}
		err = -ERANGE;
		if (value > SEMVMX)
			goto fail;
		if (op->sem_flg & SEM_UNDO) {
			int adjust = w->undo->adjust[op->sem_num] - op->sem_op;

			if (adjust < -SEMAEM - 1 || adjust > SEMAEM)
				goto fail;
			w->undo->adjust[op->sem_num] = (int16_t)adjust;
		}
		s->value = value;
	}
	for (i = 0; i < w->nops; i++)
		set->sems[w->ops[i].sem_num].pid = w->pid;
	return 0;
fail:
	take_back(set, w, i);
	return err;
}

static void serve(struct sem_set *set, struct sem_wait *w, int status)
{
	dequeue(set, w);
	w->status = status;
	if (!status)
		set->otime = ipc_now();
	(void)wake_up_task(w->task); /* it sees the note under our lock, so it is there still */
}

/* Those that wait for zero change nothing: one pass is enough. */
static void scan_zero(struct sem_set *set, struct list_head *queue)
{
	struct sem_wait *w, *next;

	list_for_each_entry_safe (w, next, queue, link) {
		int status = perform(set, w);

		if (status != SEM_WAITING)
			serve(set, w, status);
	}
}

static void update_zero(struct sem_set *set, const struct sembuf *ops, unsigned nops)
{
	unsigned n = ops ? nops : set->nsems;

	for (unsigned i = 0; i < n; i++) {
		struct sem *s = &set->sems[ops ? ops[i].sem_num : i];

		if (!s->value && !list_empty(&s->zero))
			scan_zero(set, &s->zero);
	}
	if (!list_empty(&set->zero))
		scan_zero(set, &set->zero);
}

/* @s: all in the queue have one operation, on this semaphore; what adds was never made to wait. */
static void scan_alter(struct sem_set *set, struct list_head *queue, const struct sem *s)
{
	struct sem_wait *w, *next;
	bool again;

	do {
		again = false;
		list_for_each_entry_safe (w, next, queue, link) {
			bool complex = w->nops > 1;
			int status;

			if (s && !s->value)
				return;
			status = perform(set, w);
			if (status == SEM_WAITING)
				continue;
			serve(set, w, status);
			if (!status)
				update_zero(set, w->ops, w->nops);
			/* Whoever is before it may be able to go now. The queue may have been taken apart, too. */
			if (!s && (!status || complex)) {
				again = true;
				break;
			}
		}
	} while (again);
}

void sem_update(struct sem_set *set, const struct sembuf *ops, unsigned nops)
{
	unsigned n;

	update_zero(set, ops, nops);
	if (set->nr_complex) {
		scan_alter(set, &set->alter, NULL);
		if (set->nr_complex)
			return;
		/* The last one with several operations has gone: all others stand in their own queues again. */
		ops = NULL;
	}
	n = ops ? nops : set->nsems;
	for (unsigned i = 0; i < n; i++) {
		struct sem *s = &set->sems[ops ? ops[i].sem_num : i];

		if (!list_empty(&s->alter))
			scan_alter(set, &s->alter, s);
	}
}

/* Locked on entry and exit. */
static int sleep_for(struct sem_set *set, struct sem_wait *w, nsec_t deadline)
{
	bool in_time = true;
	int err;

	enqueue(set, w);
	ipc_ref(&set->obj);
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		ipc_unlock(&set->obj);
		if (!signal_pending(current))
			in_time = schedule_deadline(deadline);
		ipc_relock(&set->obj);
		err = w->status;
		if (err != SEM_WAITING)
			break;
		/* Never restarted, whatever the handler says: signal(7). */
		err = signal_pending(current) ? -EINTR : in_time ? SEM_WAITING : -EAGAIN;
		if (err != SEM_WAITING) {
			dequeue(set, w);
			break;
		}
	}
	set_current_running();
	return err;
}

static long do_semop(struct ipc_ns *ns, int id, const struct sembuf *ops, unsigned nops,
		     nsec_t deadline)
{
	struct sem_wait w = { .task = current,
			      .ops = ops,
			      .nops = nops,
			      .status = SEM_WAITING,
			      .pid = current->proc->pid };
	bool undoes = false, slept = false;
	unsigned max = 0;
	struct ipc_obj *o;
	struct sem_set *set;
	int err;

	for (unsigned i = 0; i < nops; i++) {
		max = MAX(max, (unsigned)ops[i].sem_num);
		undoes |= (ops[i].sem_flg & SEM_UNDO) != 0;
		w.alters |= ops[i].sem_op != 0;
	}
	if (undoes) {
		err = sem_undo_find(ns, id, &w.undo);
		if (err)
			return err;
	}
	o = ipc_lock_id(ns, IPC_SEM, id, &err);
	if (!o)
		return err;
	set = (struct sem_set *)o;
	err = -EFBIG;
	if (max >= set->nsems)
		goto out;
	err = ipc_permission(o, w.alters ? IPC_WRITE : IPC_READ);
	if (err)
		goto out;
	err = perform(set, &w);
	if (err == SEM_WAITING) {
		slept = true;
		err = sleep_for(set, &w, deadline);
	} else if (!err) {
		set->otime = ipc_now();
		if (w.alters)
			sem_update(set, ops, nops);
	}
out:
	ipc_unlock(o);
	if (slept)
		ipc_put(o);
	return err;
}

static long semop_user(int id, const struct sembuf __user *uops, unsigned nops,
		       const struct timespec *timeout)
{
	struct ipc_ns *ns = current_ipc_ns();
	struct sembuf small[OPS_ON_STACK], *ops = small;
	nsec_t deadline = NSEC_NEVER;
	long ret;

	if (nops > (unsigned)READ_ONCE(ns->sem_limits[2]))
		return -E2BIG;
	if (!nops || id < 0)
		return -EINVAL;
	if (nops > OPS_ON_STACK) {
		ops = kmalloc_array(nops, sizeof(*ops), GFP_KERNEL);
		if (!ops)
			return -ENOMEM;
	}
	ret = -EFAULT;
	if (copy_from_user(ops, uops, nops * sizeof(*ops)))
		goto out;
	if (timeout) {
		ret = -EINVAL;
		if (!timespec_valid(timeout))
			goto out;
		deadline = deadline_after(clock_monotonic(), timespec_to_ns(timeout));
	}
	ret = do_semop(ns, id, ops, nops, deadline);
out:
	if (ops != small)
		kfree(ops);
	return ret;
}

long sys_semop(int semid, const struct sembuf __user *ops, unsigned int nops)
{
	return semop_user(semid, ops, nops, NULL);
}

long sys_semtimedop(int semid, const struct sembuf __user *ops, unsigned int nops,
		    const struct timespec __user *timeout)
{
	struct timespec ts;

	if (!timeout)
		return semop_user(semid, ops, nops, NULL);
	if (copy_from_user(&ts, timeout, sizeof(ts)))
		return -EFAULT;
	return semop_user(semid, ops, nops, &ts);
}

/* ---- semget */

static void sem_discard(struct ipc_ns *ns, struct ipc_obj *o)
{
	atomic64_sub(&ns->nr_sems, ((struct sem_set *)o)->nsems);
	ipc_put(o);
}

static struct ipc_obj *sem_create(struct ipc_ns *ns, struct ipc_get *g, int *err)
{
	struct sem_set *set;

	*err = -EINVAL;
	if (!g->param)
		return NULL;
	*err = -ENOSPC;
	if (atomic64_add_return(&ns->nr_sems, (int64_t)g->param) > READ_ONCE(ns->sem_limits[1]))
		goto out_count;
	*err = -ENOMEM;
	set = kzalloc(sizeof(*set), GFP_KERNEL);
	if (!set)
		goto out_count;
	set->sems = kvmalloc(g->param * sizeof(*set->sems), GFP_KERNEL | GFP_NOOOM);
	if (!set->sems)
		goto out_set;
	ipc_obj_init(&set->obj, g);
	set->obj.extra = set->sems;
	set->nsems = (unsigned)g->param;
	for (unsigned i = 0; i < set->nsems; i++) {
		set->sems[i].value = 0;
		set->sems[i].pid = 0;
		list_init(&set->sems[i].alter);
		list_init(&set->sems[i].zero);
	}
	list_init(&set->alter);
	list_init(&set->zero);
	list_init(&set->undos);
	set->ctime = ipc_now();
	return &set->obj;
out_set:
	kfree(set);
out_count:
	atomic64_sub(&ns->nr_sems, (int64_t)g->param);
	return NULL;
}

static int sem_check(struct ipc_obj *o, const struct ipc_get *g)
{
	return g->param > ((struct sem_set *)o)->nsems ? -EINVAL : 0;
}

long sys_semget(int key, int nsems, int flags)
{
	struct ipc_ns *ns = current_ipc_ns();
	struct ipc_get g = {
		.kind = IPC_SEM,
		.key = key,
		.flags = flags,
		.param = (size_t)nsems,
		.create = sem_create,
		.discard = sem_discard,
		.check = sem_check,
	};

	if (nsems < 0 || nsems > READ_ONCE(ns->sem_limits[0]))
		return -EINVAL;
	return ipc_get(ns, &g);
}
