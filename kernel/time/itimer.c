/* SPDX-License-Identifier: MIT */
/*
 * getitimer(2), setitimer(2).
 *
 * ITIMER_REAL is a timer of the process: it sends SIGALRM and, when periodic, is started again when that signal is
 * taken off the queue, so that a process which does not look cannot be flooded. The CPU-time ones are cputimer.c's.
 * Locks: proc->siglock protects interval and expiry.
 */
#include <kernel/errno.h>
#include <kernel/syscall.h>
#include <kernel/uaccess.h>
#include "time_internal.h"

#define ITIMER_REAL 0
#define ITIMER_VIRTUAL 1
#define ITIMER_PROF 2

static void real_fire(struct timer *t)
{
	struct proc *p = container_of(t, struct proc, real_timer);

	spin_lock(&p->siglock);
	/* Disarmed, or set anew, after this expiry was taken from the queue: it never was. */
	if (p->real_armed && !timer_pending(t)) {
		p->real_armed = false;
		kill_proc_locked(SIGALRM, p);
	}
	spin_unlock(&p->siglock);
}

/* siglock held. */
static void real_arm(struct proc *p, nsec_t deadline)
{
	p->real_armed = true;
	timer_start(&p->real_timer, deadline);
}

/* SIGALRM was dequeued; siglock held. */
void itimer_real_rearm(struct proc *p)
{
	nsec_t next = p->real_timer.deadline;

	if (!p->real_interval || timer_pending(&p->real_timer))
		return;
	interval_forward(&next, clock_monotonic(), p->real_interval);
	real_arm(p, next);
}

/* fork.c, for each new process. */
void itimer_init(struct proc *p)
{
	timer_setup(&p->real_timer, real_fire, TIMER_MONO);
	list_init(&p->cpu_timers);
}

/* exit.c: the last thread is leaving; no lock held. */
void itimer_exit(struct proc *p)
{
	p->real_interval = 0;
	timer_cancel_sync(&p->real_timer);
}

static bool timeval_valid(const struct timeval *t)
{
	return t->tv_sec >= 0 && t->tv_usec >= 0 && t->tv_usec < 1000000;
}

static nsec_t timeval_ns(const struct timeval *t)
{
	return t->tv_sec >= NSEC_NEVER / NSEC_PER_SEC ? NSEC_NEVER : t->tv_sec * NSEC_PER_SEC + t->tv_usec * NSEC_PER_USEC;
}

static struct timeval ns_timeval(nsec_t ns)
{
	return (struct timeval){ ns / NSEC_PER_SEC, ns % NSEC_PER_SEC / NSEC_PER_USEC };
}

static void real_get(struct proc *p, nsec_t *value, nsec_t *interval)
{
	*interval = p->real_interval;
	*value = 0;
	if (timer_pending(&p->real_timer))
		/* A timer that is set never reads as zero. */
		*value = MAX(p->real_timer.deadline - clock_monotonic(), NSEC_PER_USEC);
}

static void cpu_get(struct proc *p, unsigned i, nsec_t *value, nsec_t *interval)
{
	*interval = (nsec_t)p->cpu_itimer[i].interval;
	*value = 0;
	if (p->cpu_itimer[i].expires)
		*value = MAX((nsec_t)p->cpu_itimer[i].expires - cpu_time_proc(p, i ? 0 : 1), NSEC_PER_USEC);
}

static int itimer_swap(int which, const struct itimerval *new, struct itimerval *old)
{
	struct proc *p = current->proc;
	nsec_t value, interval, set = new ? timeval_ns(&new->it_value) : 0;
	irqflags_t f;
	unsigned i = (unsigned)which - 1;

	f = spin_lock_irqsave(&p->siglock);
	if (which == ITIMER_REAL) {
		real_get(p, &value, &interval);
		if (new) {
			timer_cancel(&p->real_timer);
			p->real_armed = false;
			p->real_interval = set ? timeval_ns(&new->it_interval) : 0;
			if (set)
				real_arm(p, deadline_after(clock_monotonic(), set));
		}
	} else {
		cpu_get(p, i, &value, &interval);
		if (new) {
			p->cpu_itimer[i].interval = (uint64_t)timeval_ns(&new->it_interval);
			p->cpu_itimer[i].expires = set ? (uint64_t)deadline_after(cpu_time_proc(p, i ? 0 : 1), set) : 0;
			if (set)
				cputimer_arm_proc(p);
		}
	}
	spin_unlock_irqrestore(&p->siglock, f);
	if (old) {
		old->it_value = ns_timeval(value);
		old->it_interval = ns_timeval(interval);
	}
	return 0;
}

long sys_getitimer(int which, struct itimerval __user *value)
{
	struct itimerval v;

	if ((unsigned)which > ITIMER_PROF)
		return -EINVAL;
	itimer_swap(which, NULL, &v);
	return copy_to_user(value, &v, sizeof(v)) ? -EFAULT : 0;
}

long sys_setitimer(int which, const struct itimerval __user *value, struct itimerval __user *ovalue)
{
	struct itimerval v = { 0 }, old;

	/* A null new value disarms: old programs rely on it. */
	if (value && copy_from_user(&v, value, sizeof(v)))
		return -EFAULT;
	if ((unsigned)which > ITIMER_PROF || !timeval_valid(&v.it_value) || !timeval_valid(&v.it_interval))
		return -EINVAL;
	itimer_swap(which, &v, &old);
	return ovalue && copy_to_user(ovalue, &old, sizeof(old)) ? -EFAULT : 0;
}

/* alarm(2): what was left, in seconds, rounded, but never zero when something was. */
unsigned itimer_alarm(unsigned seconds)
{
	struct itimerval v = { .it_value.tv_sec = (int64_t)MIN(seconds, (unsigned)INT32_MAX) }, old;

	itimer_swap(ITIMER_REAL, &v, &old);
	return (unsigned)old.it_value.tv_sec + (old.it_value.tv_usec >= 500000 || (!old.it_value.tv_sec && old.it_value.tv_usec));
}
