/* SPDX-License-Identifier: MIT */
/*
 * POSIX timers: timer_create(2) and its family.
 *
 * A timer owns its queue entry, so an expiry never fails for want of memory and is queued at most once; expiries
 * while it is queued are counted as overruns when the signal is delivered, and only then is the next one armed.
 *
 * Locks: proc->siglock protects the table and every timer's fields. A timer is freed through RCU after it left
 * the table; its queue entry is taken out first.
 */
#include <kernel/errno.h>
#include <kernel/mm.h>
#include <kernel/string.h>
#include <kernel/pid.h>
#include <kernel/syscall.h>
#include <kernel/uaccess.h>
#include <kernel/xarray.h>
#include <uapi/sigevent.h>
#include "time_internal.h"

#define TIMER_ABSTIME 1
#define OVERRUN_MAX INT32_MAX

struct posix_timers {
	struct xarray table;
	uint64_t next;
};
struct posix_timer {
	int id, clock, notify, signo;
	union sigval value;
	struct proc *proc;		/* lives as long as its timers */
	struct task *target;		/* SIGEV_THREAD_ID: a reference */
	struct timer timer;		/* real-time and monotonic clocks */
	struct cpu_timer cpu;		/* CPU clocks */
	struct cpu_clock cpu_clock;
	bool is_cpu, armed, queued;
	nsec_t interval, next;		/* next: expiry in the clock's own time, 0: not set */
	int64_t overrun, overrun_last;
	struct sigqueue entry;
	struct rcu_head rcu;
};

static nsec_t now_of(const struct posix_timer *t)
{
	if (t->is_cpu)
		return cpu_clock_read(&t->cpu_clock);
	return t->clock == CLOCK_REALTIME || t->clock == CLOCK_TAI ? clock_realtime() : clock_monotonic();
}

/* siglock held. */
static void arm(struct posix_timer *t)
{
	t->armed = true;
	if (t->notify == SIGEV_NONE && !t->is_cpu)
		return;		/* only read, never delivered */
	if (t->is_cpu)
		cpu_timer_arm(t->cpu_clock.task->proc, &t->cpu, t->next);
	else
		timer_start(&t->timer, t->next);
}

static void disarm(struct posix_timer *t)
{
	t->armed = false;
	if (t->is_cpu)
		cpu_timer_disarm(&t->cpu);
	else
		timer_cancel(&t->timer);
}

/* siglock held, interrupts off. */
static void expire(struct posix_timer *t)
{
	if (!t->armed || (!t->is_cpu && timer_pending(&t->timer)))
		return;		/* raced with settime, which disarmed it or armed it anew */
	t->armed = false;
	if (t->notify == SIGEV_NONE) {
		if (t->interval) {
			interval_forward(&t->next, now_of(t), t->interval);
			arm(t);
		}
		return;
	}
	if (t->queued)
		return;
	memset(&t->entry.info, 0, sizeof(t->entry.info));
	t->entry.info.si_signo = t->signo;
	t->entry.info.si_code = SI_TIMER;
	t->entry.info.timer.tid = t->id;
	t->entry.info.timer.value = t->value;
	if (send_sigqueue(&t->entry, t->target ? t->target : t->proc->leader, !t->target)) {
		t->queued = true;
	} else if (t->interval) {	/* ignored: the period goes on, not faster than a tick */
		t->next = MAX(t->next, now_of(t) + 4 * NSEC_PER_MSEC);
		arm(t);
	}
}

static void timer_expired(struct timer *timer)
{
	struct posix_timer *t = container_of(timer, struct posix_timer, timer);

	spin_lock(&t->proc->siglock);
	expire(t);
	spin_unlock(&t->proc->siglock);
}

static void cpu_expired(struct cpu_timer *c)
{
	expire(container_of(c, struct posix_timer, cpu));
}

/* The signal leaves the queue to be delivered: how often it expired meanwhile, and on with the next. siglock held. */
void posix_timer_dequeued(void *timer, struct siginfo *info)
{
	struct posix_timer *t = timer;

	t->queued = false;
	if (t->interval && t->next) {
		uint64_t n = interval_forward(&t->next, now_of(t), t->interval);

		t->overrun = n ? (int64_t)n - 1 : 0;
		arm(t);
	} else {
		t->overrun = 0;
	}
	t->overrun_last = MIN(t->overrun, (int64_t)OVERRUN_MAX);
	info->timer.overrun = (int32_t)t->overrun_last;
	info->timer.sys_private = 0;
}

static struct posix_timers *table_of(struct proc *p)
{
	struct posix_timers *ts = READ_ONCE(p->timers), *new;
	irqflags_t f;

	if (ts)
		return ts;
	new = kzalloc(sizeof(*new), GFP_KERNEL);
	f = spin_lock_irqsave(&p->siglock);
	if (!p->timers) {
		p->timers = new;
		new = NULL;
	}
	ts = p->timers;
	spin_unlock_irqrestore(&p->siglock, f);
	kfree(new);
	return ts;
}

static int clock_supported(int id, struct posix_timer *t)
{
	switch (id) {
	case CLOCK_REALTIME:
	case CLOCK_MONOTONIC:
	case CLOCK_BOOTTIME:
	case CLOCK_TAI:
		return 0;
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_MONOTONIC_COARSE:
		return -EOPNOTSUPP;
	}
	if (!clock_is_cpu(id))
		return -EINVAL;
	t->is_cpu = true;
	return cpu_clock_get(id, &t->cpu_clock);
}

static int notify_check(const struct sigevent *ev, struct posix_timer *t)
{
	struct task *target;

	switch (ev->notify) {
	case SIGEV_SIGNAL | SIGEV_THREAD_ID:
		target = task_find_get(ev->tid);
		if (!target || target->proc != current->proc) {
			if (target)
				task_put(target);
			return -EINVAL;
		}
		t->target = target;
		fallthrough;
	case SIGEV_SIGNAL:
	case SIGEV_THREAD:
		if (ev->signo <= 0 || ev->signo > SIGRTMAX)
			return -EINVAL;
		fallthrough;
	case SIGEV_NONE:
		return 0;
	}
	return -EINVAL;
}

static void timer_free_rcu(struct rcu_head *head)
{
	kfree(container_of(head, struct posix_timer, rcu));
}

static void timer_release(struct posix_timer *t)
{
	if (t->entry.charged)
		sigqueue_uncharge(t->entry.charged);
	if (t->target)
		task_put(t->target);
	if (t->cpu_clock.task)
		cpu_clock_put(&t->cpu_clock);
	call_rcu(&t->rcu, timer_free_rcu);
}

long sys_timer_create(int clockid, struct sigevent __user *sevp, int __user *timerid)
{
	struct sigevent ev = { .notify = SIGEV_SIGNAL, .signo = SIGALRM };
	struct proc *p = current->proc;
	struct posix_timers *ts;
	struct posix_timer *t;
	irqflags_t f;
	int err;

	if (sevp && copy_from_user(&ev, sevp, sizeof(ev)))
		return -EFAULT;
	ts = table_of(p);
	t = kzalloc(sizeof(*t), GFP_KERNEL);
	if (!t || !ts) {
		kfree(t);
		return -EAGAIN;
	}
	err = clock_supported(clockid, t);
	if (!err) {
		t->entry.charged = sigqueue_charge(current);	/* its signal can always be queued */
		err = t->entry.charged ? notify_check(&ev, t) : -EAGAIN;
	}
	if (err)
		goto out_release;
	t->clock = clockid;
	t->notify = ev.notify & ~SIGEV_THREAD_ID;
	t->signo = ev.signo;
	t->proc = p;
	timer_setup(&t->timer, timer_expired, clockid == CLOCK_REALTIME || clockid == CLOCK_TAI ? TIMER_REAL : TIMER_MONO);
	t->cpu = (struct cpu_timer){ .thread = t->cpu_clock.thread ? t->cpu_clock.task : NULL, .which = t->cpu_clock.which, .fn = cpu_expired };
	list_init(&t->cpu.link);
	list_init(&t->entry.link);
	t->entry.timer = t;
	f = spin_lock_irqsave(&p->siglock);
	t->id = (int)xa_find_free(&ts->table, ts->next);
	err = xa_store(&ts->table, (uint64_t)t->id, t, NULL);
	ts->next = ((uint64_t)t->id + 1) & INT32_MAX;
	spin_unlock_irqrestore(&p->siglock, f);
	if (err) {
		err = -EAGAIN;
		goto out_release;
	}
	t->value = ev.value;
	if (!sevp)
		t->value.raw = (uint32_t)t->id;
	if (copy_to_user(timerid, &t->id, sizeof(int))) {
		f = spin_lock_irqsave(&p->siglock);
		xa_erase(&ts->table, (uint64_t)t->id);
		spin_unlock_irqrestore(&p->siglock, f);
		err = -EFAULT;
		goto out_release;
	}
	return 0;
out_release:
	timer_release(t);
	return err;
}

/* siglock held; NULL: no such timer. */
static struct posix_timer *find(struct proc *p, int id)
{
	return p->timers && id >= 0 ? xa_load(&p->timers->table, (uint64_t)id) : NULL;
}

static void get_locked(struct posix_timer *t, struct itimerspec *out)
{
	nsec_t left = 0, now = now_of(t);

	if (t->next && (t->armed || t->interval)) {
		if (t->interval && (t->queued || t->notify == SIGEV_NONE))
			interval_forward(&t->next, now, t->interval);
		left = t->next - now;
		if (left <= 0)
			/* Due, not yet seen: 1 ns, except where nobody will be told. */
			left = t->notify == SIGEV_NONE && !t->interval ? 0 : 1;
	}
	out->it_interval = ns_to_timespec(t->interval);
	out->it_value = ns_to_timespec(left);
}

long sys_timer_gettime(int id, struct itimerspec __user *value)
{
	struct proc *p = current->proc;
	irqflags_t f = spin_lock_irqsave(&p->siglock);
	struct posix_timer *t = find(p, id);
	struct itimerspec v;

	if (t)
		get_locked(t, &v);
	spin_unlock_irqrestore(&p->siglock, f);
	if (!t)
		return -EINVAL;
	return copy_to_user(value, &v, sizeof(v)) ? -EFAULT : 0;
}

long sys_timer_getoverrun(int id)
{
	struct proc *p = current->proc;
	irqflags_t f = spin_lock_irqsave(&p->siglock);
	struct posix_timer *t = find(p, id);
	long n = t ? (long)t->overrun_last : -EINVAL;

	spin_unlock_irqrestore(&p->siglock, f);
	return n;
}

static void set_locked(struct posix_timer *t, bool absolute, nsec_t value, nsec_t interval)
{
	disarm(t);
	t->overrun_last = t->overrun = 0;
	t->interval = value ? interval : 0;
	t->next = 0;
	if (!value)
		return;
	t->next = absolute ? value : deadline_after(now_of(t), value);
	arm(t);
}

long sys_timer_settime(int id, int flags, const struct itimerspec __user *new_value, struct itimerspec __user *old_value)
{
	struct proc *p = current->proc;
	struct itimerspec v, old;
	struct posix_timer *t;
	irqflags_t f;

	if (!new_value)
		return -EINVAL;
	if (copy_from_user(&v, new_value, sizeof(v)))
		return -EFAULT;
	if (!timespec_valid(&v.it_value) || !timespec_valid(&v.it_interval))
		return -EINVAL;
	f = spin_lock_irqsave(&p->siglock);
	t = find(p, id);
	if (t) {
		get_locked(t, &old);
		if (t->queued) {	/* a signal not yet taken belongs to the old setting */
			sigqueue_cancel(&t->entry, t->target ? t->target : p->leader, !t->target);
			t->queued = false;
		}
		set_locked(t, flags & TIMER_ABSTIME, timespec_to_ns(&v.it_value), timespec_to_ns(&v.it_interval));
	}
	spin_unlock_irqrestore(&p->siglock, f);
	if (!t)
		return -EINVAL;
	return old_value && copy_to_user(old_value, &old, sizeof(old)) ? -EFAULT : 0;
}

/* Out of the table and the queue; siglock held, dropped meanwhile to let a running call-back finish. */
static void destroy(struct posix_timer *t, irqflags_t *f)
{
	struct proc *p = t->proc;

	xa_erase(&p->timers->table, (uint64_t)t->id);
	disarm(t);
	t->interval = 0;
	if (t->queued)
		sigqueue_cancel(&t->entry, t->target ? t->target : p->leader, !t->target);
	spin_unlock_irqrestore(&p->siglock, *f);
	timer_cancel_sync(&t->timer);
	timer_release(t);
	*f = spin_lock_irqsave(&p->siglock);
}

long sys_timer_delete(int id)
{
	struct proc *p = current->proc;
	irqflags_t f = spin_lock_irqsave(&p->siglock);
	struct posix_timer *t = find(p, id);

	if (t)
		destroy(t, &f);
	spin_unlock_irqrestore(&p->siglock, f);
	return t ? 0 : -EINVAL;
}

void posix_timers_exit(struct proc *p)
{
	struct posix_timers *ts;
	struct posix_timer *t;
	uint64_t i = 0;
	irqflags_t f;

	if (!READ_ONCE(p->timers))
		return;
	f = spin_lock_irqsave(&p->siglock);
	while ((t = xa_find(&p->timers->table, &i)))
		destroy(t, &f);
	ts = p->timers;
	p->timers = NULL;
	spin_unlock_irqrestore(&p->siglock, f);
	xa_destroy(&ts->table);
	kfree(ts);
}
