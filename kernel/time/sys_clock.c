/* SPDX-License-Identifier: MIT */
/*
 * clock_gettime(2) and its family, nanosleep(2), gettimeofday(2), adjtimex(2).
 * A deadline is computed once; an interrupted relative sleep continues towards it through restart_syscall(2).
 */
#include <kernel/cred.h>
#include <kernel/errno.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>
#include <kernel/syscall.h>
#include <uapi/timex.h>
#include "time_internal.h"

#define RESOLUTION_COARSE 4000000	/* what a 250 Hz kernel answers: programs only compare it */
#define TIMER_ABSTIME 1

int timespec_from_user(nsec_t *ns, const void __user *uts)
{
	struct timespec ts;

	if (copy_from_user(&ts, uts, sizeof(ts)))
		return -EFAULT;
	if (!timespec_valid(&ts))
		return -EINVAL;
	*ns = timespec_to_ns(&ts);
	return 0;
}

int timespec_to_user(nsec_t ns, void __user *uts)
{
	struct timespec ts = ns_to_timespec(ns);

	return copy_to_user(uts, &ts, sizeof(ts)) ? -EFAULT : 0;
}

/* The value of a clock that is not CPU time; -EINVAL: no such clock. */
static int clock_read(int id, nsec_t *now)
{
	switch (id) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_TAI:
		*now = clock_realtime();
		return 0;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
		*now = clock_monotonic();
		return 0;
	case CLOCK_BOOTTIME:
		*now = clock_boottime();
		return 0;
	case CLOCK_REALTIME_ALARM:	/* a machine without an alarm that outlives suspend */
	case CLOCK_BOOTTIME_ALARM:
	default:
		return -EINVAL;
	}
}

long sys_clock_gettime(int id, struct timespec __user *tp)
{
	struct cpu_clock cpu;
	nsec_t now;
	int err;

	if (clock_is_cpu(id)) {
		err = cpu_clock_get(id, &cpu);
		if (err)
			return err;
		now = cpu_clock_read(&cpu);
		cpu_clock_put(&cpu);
	} else {
		err = clock_read(id, &now);
		if (err)
			return err;
	}
	return timespec_to_user(now, tp);
}

long sys_clock_getres(int id, struct timespec __user *res)
{
	struct cpu_clock cpu;
	nsec_t ns = 1, now;
	int err;

	if (clock_is_cpu(id)) {
		err = cpu_clock_get(id, &cpu);
		if (err)
			return err;
		if (cpu.which != 2)
			ns = RESOLUTION_COARSE;
		cpu_clock_put(&cpu);
	} else {
		err = clock_read(id, &now);
		if (err)
			return err;
		if (id == CLOCK_REALTIME_COARSE || id == CLOCK_MONOTONIC_COARSE)
			ns = RESOLUTION_COARSE;
	}
	return res ? timespec_to_user(ns, res) : 0;
}

/* settimeofday(2), clock_settime(2): not before the monotonic clock's zero, so that it stays >= 0. */
static int realtime_set_checked(nsec_t now)
{
	if (!capable(CAP_SYS_TIME))
		return -EPERM;
	if (now < clock_monotonic() || now / NSEC_PER_SEC > INT64_MAX / NSEC_PER_SEC - 30ll * 365 * 86400)
		return -EINVAL;
	clock_set_realtime(now);
	return 0;
}

long sys_clock_settime(int id, const struct timespec __user *tp)
{
	struct timespec ts;

	if (id != CLOCK_REALTIME) {
		/* Nobody sets another process's time: EPERM; the fixed ids know no setting at all. */
		if (id < 0) {
			struct cpu_clock cpu;
			int err = cpu_clock_get(id, &cpu);

			if (err)
				return err;
			cpu_clock_put(&cpu);
			return -EPERM;
		}
		return -EINVAL;
	}
	if (copy_from_user(&ts, tp, sizeof(ts)))
		return -EFAULT;
	if (!timespec_valid(&ts))
		return -EINVAL;
	return realtime_set_checked(timespec_to_ns(&ts));
}

long sys_gettimeofday(struct timeval __user *tv, struct timezone __user *tz)
{
	nsec_t now = clock_realtime();
	struct timeval v = { now / NSEC_PER_SEC, now % NSEC_PER_SEC / NSEC_PER_USEC };
	static const int zone[2];

	if (tv && copy_to_user(tv, &v, sizeof(v)))
		return -EFAULT;
	if (tz && copy_to_user(tz, zone, sizeof(zone)))
		return -EFAULT;
	return 0;
}

long sys_settimeofday(const struct timeval __user *tv, const struct timezone __user *tz)
{
	struct timeval v;
	int zone[2];

	if (tv) {
		if (copy_from_user(&v, tv, sizeof(v)))
			return -EFAULT;
		if (v.tv_sec < 0 || v.tv_usec < 0 || v.tv_usec >= 1000000)
			return -EINVAL;
	}
	if (tz) {
		if (copy_from_user(zone, tz, sizeof(zone)))
			return -EFAULT;
		if (zone[0] > 15 * 60 || zone[0] < -15 * 60)
			return -EINVAL;
		/* The kernel's idea of a time zone serves file systems that we do not have. */
	}
	if (!capable(CAP_SYS_TIME))
		return -EPERM;
	if (!tv)
		return 0;
	return realtime_set_checked(v.tv_sec > NSEC_NEVER / NSEC_PER_SEC ? NSEC_NEVER : v.tv_sec * NSEC_PER_SEC + v.tv_usec * NSEC_PER_USEC);
}

/* adjtimex(2): the clock is not disciplined. Reading works, a step by ADJ_SETOFFSET too; the rest is refused (CAVEATS). */
static long timex_do(struct timex __user *utx)
{
	struct timex tx;
	unsigned modes;
	nsec_t now;

	if (copy_from_user(&tx, utx, sizeof(tx)))
		return -EFAULT;
	modes = tx.modes;
	if (modes && modes != ADJ_OFFSET_SS_READ && !capable(CAP_SYS_TIME))
		return -EPERM;
	if (modes == (ADJ_SETOFFSET | ADJ_NANO) || modes == ADJ_SETOFFSET) {
		int64_t sub = tx.time_usec, per = modes & ADJ_NANO ? 1 : NSEC_PER_USEC;

		if (sub < 0 || sub >= NSEC_PER_SEC / per)
			return -EINVAL;
		if (tx.time_sec > NSEC_NEVER / NSEC_PER_SEC / 2 || tx.time_sec < -(NSEC_NEVER / NSEC_PER_SEC / 2))
			return -EINVAL;
		int err = realtime_set_checked(clock_realtime() + tx.time_sec * NSEC_PER_SEC + sub * per);

		if (err)
			return err;
	} else if (modes && modes != ADJ_OFFSET_SS_READ) {
		gap_note("adjtimex", modes);
		return -EINVAL;
	}
	now = clock_realtime();
	tx = (struct timex){
		.modes = modes,
		.status = STA_UNSYNC,
		.maxerror = 16000000,
		.esterror = 16000000,
		.constant = 2,
		.precision = 1,
		.tolerance = 32768000,
		.tick = 10000,
		.time_sec = now / NSEC_PER_SEC,
		.time_usec = now % NSEC_PER_SEC / NSEC_PER_USEC,
	};
	if (copy_to_user(utx, &tx, sizeof(tx)))
		return -EFAULT;
	return TIME_ERROR;
}

long sys_adjtimex(struct timex __user *tx)
{
	return timex_do(tx);
}

long sys_clock_adjtime(int id, struct timex __user *tx)
{
	nsec_t now;

	if (id == CLOCK_REALTIME)
		return timex_do(tx);
	return clock_is_cpu(id) || !clock_read(id, &now) ? -EOPNOTSUPP : -EINVAL;
}

/* Sleeping on the real-time clock needs a timer that follows clock_settime(2). */
struct sleeper {
	struct timer timer;
	struct task *task;
	bool done;
};

static void sleeper_fire(struct timer *timer)
{
	struct sleeper *s = container_of(timer, struct sleeper, timer);

	WRITE_ONCE(s->done, true);
	wake_up_task(s->task);
}

/* 0 at the deadline, -EINTR when a signal is pending before. */
static int sleep_until(nsec_t deadline, unsigned timer_clock)
{
	struct sleeper s = { .task = current };

	if (timer_clock == TIMER_MONO) {
		for (;;) {
			set_current_state(TASK_INTERRUPTIBLE);
			if (signal_pending(current))
				break;
			if (!schedule_deadline(deadline)) {
				set_current_running();
				return 0;
			}
			if (clock_monotonic() >= deadline) {
				set_current_running();
				return 0;
			}
		}
		set_current_running();
		return -EINTR;
	}
	timer_setup(&s.timer, sleeper_fire, timer_clock);
	timer_start(&s.timer, deadline);
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (READ_ONCE(s.done) || signal_pending(current))
			break;
		schedule();
	}
	set_current_running();
	timer_cancel_sync(&s.timer);
	return s.done ? 0 : -EINTR;
}

static long nanosleep_restart(struct restart_block *rb)
{
	int err = sleep_until(rb->deadline, TIMER_MONO);

	if (!err)
		return 0;
	if (rb->nanosleep.rmtp && timespec_to_user(MAX(rb->deadline - clock_monotonic(), 0ll), rb->nanosleep.rmtp))
		return -EFAULT;
	return -ERESTART_RESTARTBLOCK;
}

static long nanosleep_relative(nsec_t rel, struct timespec __user *rem)
{
	struct restart_block *rb = &current->restart;

	rb->fn = nanosleep_restart;
	rb->deadline = deadline_after(clock_monotonic(), rel);
	rb->nanosleep.rmtp = rem;
	return nanosleep_restart(rb);
}

long sys_nanosleep(const struct timespec __user *req, struct timespec __user *rem)
{
	nsec_t rel;
	int err = timespec_from_user(&rel, req);

	return err ? err : nanosleep_relative(rel, rem);
}

long sys_clock_nanosleep(int id, int flags, const struct timespec __user *req, struct timespec __user *rem)
{
	nsec_t t, now;
	int err;

	switch (id) {
	case CLOCK_REALTIME:
	case CLOCK_MONOTONIC:
	case CLOCK_BOOTTIME:
	case CLOCK_TAI:
		break;
	case CLOCK_THREAD_CPUTIME_ID:
		return -EOPNOTSUPP;
	default:
		if (clock_is_cpu(id))
			return cpu_clock_nanosleep(id, flags, req, rem);
		return !clock_read(id, &now) ? -EOPNOTSUPP : -EINVAL;
	}
	err = timespec_from_user(&t, req);
	if (err)
		return err;
	if (!(flags & TIMER_ABSTIME))
		return nanosleep_relative(t, rem);
	err = sleep_until(t, id == CLOCK_REALTIME || id == CLOCK_TAI ? TIMER_REAL : TIMER_MONO);
	return err ? -ERESTARTNOHAND : 0;
}

long sys_restart_syscall(void)
{
	struct restart_block *rb = &current->restart;

	return rb->fn ? rb->fn(rb) : -EINTR;
}
