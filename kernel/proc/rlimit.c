/* SPDX-License-Identifier: MIT */
/*
 * Resource limits and usage: getrlimit, setrlimit, prlimit64, getrusage, times.
 *
 * Limits are read without a lock everywhere; a change is made under the siglock, both halves one after the other.
 */
#include <kernel/errno.h>
#include <kernel/fs.h>
#include <kernel/mm.h>
#include <kernel/pid.h>
#include <kernel/string.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>
#include <kernel/vm.h>
#include "proc_internal.h"

/* RLIMIT_RTTIME: what ran before there was a limit does not count; each thread's count begins at its next sample. siglock held. */
static void count_anew(struct proc *p)
{
	struct task *t;

	rcu_read_lock();
	proc_for_each_thread(t, p)
		t->rt_nvcsw = UINT64_MAX;
	rcu_read_unlock();
}

static int limit_change(struct proc *p, unsigned which, const struct rlimit *new, struct rlimit *old)
{
	irqflags_t f;
	int err = 0;

	if (new) {
		if (new->rlim_cur > new->rlim_max)
			return -EINVAL;
		if (which == RLIMIT_NOFILE && new->rlim_max > sysctl_nr_open)
			return -EPERM;
	}
	f = spin_lock_irqsave(&p->siglock);
	*old = p->rlim[which];
	if (new) {
		if (new->rlim_max > p->rlim[which].rlim_max && !capable(CAP_SYS_RESOURCE)) {
			err = -EPERM;
		} else {
			WRITE_ONCE(p->rlim[which].rlim_cur, new->rlim_cur);
			WRITE_ONCE(p->rlim[which].rlim_max, new->rlim_max);
			/* A limit of 0 s means 1 s: it cannot be undercut. */
			if (which == RLIMIT_CPU && new->rlim_cur == 0)
				p->rlim[which].rlim_cur = 1;
			if (which == RLIMIT_RTTIME && old->rlim_cur == RLIM_INFINITY)
				count_anew(p);
			if ((which == RLIMIT_CPU || which == RLIMIT_RTTIME) && new->rlim_cur != RLIM_INFINITY)
				cputimer_arm_proc(p);
		}
	}
	spin_unlock_irqrestore(&p->siglock, f);
	return err;
}

long sys_getrlimit(unsigned int resource, struct rlimit __user *rlim)
{
	struct rlimit old;

	if (resource >= RLIM_NLIMITS)
		return -EINVAL;
	(void)limit_change(current->proc, resource, NULL, &old);
	return copy_to_user(rlim, &old, sizeof(old)) ? -EFAULT : 0;
}

long sys_setrlimit(unsigned int resource, const struct rlimit __user *rlim)
{
	struct rlimit new, old;

	if (resource >= RLIM_NLIMITS)
		return -EINVAL;
	if (copy_from_user(&new, rlim, sizeof(new)))
		return -EFAULT;
	return limit_change(current->proc, resource, &new, &old);
}

/* prlimit of another process: the same real, effective and saved ids, or CAP_SYS_RESOURCE. */
static int limit_permission(struct task *t)
{
	const struct cred *me = current_cred(), *c;
	bool ok;

	if (t->proc == current->proc)
		return 0;
	rcu_read_lock();
	c = rcu_dereference(t->cred);
	ok = me->uid == c->euid && me->uid == c->suid && me->uid == c->uid && me->gid == c->egid && me->gid == c->sgid &&
	     me->gid == c->gid;
	rcu_read_unlock();
	return ok || capable(CAP_SYS_RESOURCE) ? 0 : -EPERM;
}

long sys_prlimit64(pid_t pid, unsigned int resource, const struct rlimit __user *unew, struct rlimit __user *uold)
{
	struct rlimit new, old;
	struct task *t = NULL;
	long err = 0;

	if (unew && copy_from_user(&new, unew, sizeof(new)))
		return -EFAULT;
	if (pid) {
		t = task_find_get(pid);
		if (!t)
			return -ESRCH;
		err = limit_permission(t);
	}
	if (!err && resource >= RLIM_NLIMITS)
		err = -EINVAL;
	if (!err)
		err = limit_change(t ? t->proc : current->proc, resource, unew ? &new : NULL, &old);
	if (t)
		task_put(t);
	if (!err && uold && copy_to_user(uold, &old, sizeof(old)))
		err = -EFAULT;
	return err;
}

/* ---- usage */
static void usage_times(struct rusage *ru, uint64_t utime, uint64_t stime)
{
	ru->ru_utime_sec = (int64_t)(utime / NSEC_PER_SEC);
	ru->ru_utime_usec = (int64_t)(utime % NSEC_PER_SEC / NSEC_PER_USEC);
	ru->ru_stime_sec = (int64_t)(stime / NSEC_PER_SEC);
	ru->ru_stime_usec = (int64_t)(stime % NSEC_PER_SEC / NSEC_PER_USEC);
}

void rusage_of_child(struct proc *p, struct rusage *ru)
{
	uint64_t u, s;

	memset(ru, 0, sizeof(*ru));
	proc_cputime(p, &u, &s);
	usage_times(ru, u + p->cutime, s + p->cstime);
	ru->ru_maxrss = (int64_t)(MAX(p->maxrss, p->cmaxrss) * (PAGE_SIZE / 1024));
	ru->ru_minflt = (int64_t)(p->min_flt + p->cmin_flt);
	ru->ru_majflt = (int64_t)(p->maj_flt + p->cmaj_flt);
	ru->ru_nvcsw = (int64_t)(p->nvcsw + p->cnvcsw);
	ru->ru_nivcsw = (int64_t)(p->nivcsw + p->cnivcsw);
}

static uint64_t current_rss(void)
{
	struct mm *mm = current->mm;
	uint64_t rss;

	if (!mm)
		return 0;
	rss = (uint64_t)(atomic64_read(&mm->rss_anon) + atomic64_read(&mm->rss_file) + atomic64_read(&mm->rss_shmem));
	return MAX(rss, mm->hiwater_rss);
}

static void usage_self(struct rusage *ru)
{
	struct proc *p = current->proc;
	struct task *t;
	uint64_t u, s;

	proc_cputime(p, &u, &s);
	usage_times(ru, u, s);
	ru->ru_minflt = (int64_t)p->min_flt;
	ru->ru_majflt = (int64_t)p->maj_flt;
	ru->ru_nvcsw = (int64_t)p->nvcsw;
	ru->ru_nivcsw = (int64_t)p->nivcsw;
	rcu_read_lock();
	proc_for_each_thread(t, p) {
		if (READ_ONCE(t->exit_accounted))
			continue;
		ru->ru_minflt += (int64_t)t->min_flt;
		ru->ru_majflt += (int64_t)t->maj_flt;
		ru->ru_nvcsw += (int64_t)t->nvcsw;
		ru->ru_nivcsw += (int64_t)t->nivcsw;
	}
	rcu_read_unlock();
	ru->ru_maxrss = (int64_t)(MAX(p->maxrss, current_rss()) * (PAGE_SIZE / 1024));
}

long sys_getrusage(int who, struct rusage __user *uru)
{
	struct proc *p = current->proc;
	struct rusage ru = { 0 };
	uint64_t u, s;

	switch (who) {
	case 0:		/* RUSAGE_SELF */
		usage_self(&ru);
		break;
	case 1:		/* RUSAGE_THREAD */
		task_cputime(current, &u, &s);
		usage_times(&ru, u, s);
		ru.ru_minflt = (int64_t)current->min_flt;
		ru.ru_majflt = (int64_t)current->maj_flt;
		ru.ru_nvcsw = (int64_t)current->nvcsw;
		ru.ru_nivcsw = (int64_t)current->nivcsw;
		ru.ru_maxrss = (int64_t)(MAX(p->maxrss, current_rss()) * (PAGE_SIZE / 1024));
		break;
	case -1:	/* RUSAGE_CHILDREN */
		usage_times(&ru, p->cutime, p->cstime);
		ru.ru_maxrss = (int64_t)(p->cmaxrss * (PAGE_SIZE / 1024));
		ru.ru_minflt = (int64_t)p->cmin_flt;
		ru.ru_majflt = (int64_t)p->cmaj_flt;
		ru.ru_nvcsw = (int64_t)p->cnvcsw;
		ru.ru_nivcsw = (int64_t)p->cnivcsw;
		break;
	default:
		return -EINVAL;
	}
	return copy_to_user(uru, &ru, sizeof(ru)) ? -EFAULT : 0;
}

#define NS_PER_TICK (NSEC_PER_SEC / 100)
struct tms {
	int64_t utime, stime, cutime, cstime;
};

long sys_times(struct tms __user *buf)
{
	struct proc *p = current->proc;
	uint64_t u, s;

	if (buf) {
		struct tms t;

		proc_cputime(p, &u, &s);
		t.utime = (int64_t)(u / NS_PER_TICK);
		t.stime = (int64_t)(s / NS_PER_TICK);
		t.cutime = (int64_t)(p->cutime / NS_PER_TICK);
		t.cstime = (int64_t)(p->cstime / NS_PER_TICK);
		if (copy_to_user(buf, &t, sizeof(t)))
			return -EFAULT;
	}
	return clock_boottime() / NS_PER_TICK;
}
