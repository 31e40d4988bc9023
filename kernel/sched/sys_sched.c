/* SPDX-License-Identifier: MIT */
/*
 * System calls of the scheduler. The rules are those of sched(7), sched_setattr(2) and setpriority(2). What they show of a
 * task is its own priority, not one that it has inherited; the changes themselves are in change.c.
 */
#include "sched_internal.h"
#include <kernel/cred.h>
#include <kernel/pid.h>
#include <kernel/string.h>
#include <kernel/syscall.h>
#include <kernel/uaccess.h>

/* ---- permissions and limits */
static bool same_owner(const struct task *t)
{
	const struct cred *me = current_cred(), *c;
	bool ok;

	rcu_read_lock();
	c = rcu_dereference(t->cred);
	ok = me->euid == c->euid || me->euid == c->uid;
	rcu_read_unlock();
	return ok;
}

static uint64_t task_rlimit(const struct task *t, unsigned which)
{
	return READ_ONCE(t->proc->rlim[which].rlim_cur);
}

/* RLIMIT_NICE counts 1..40 for nice 19..-20. */
static bool can_nice(const struct task *t, int nice)
{
	return (uint64_t)(20 - nice) <= task_rlimit(t, RLIMIT_NICE) || capable(CAP_SYS_NICE);
}

static int set_scheduler_check(struct task *t, int policy, int prio, int nice, bool reset)
{
	if (!capable(CAP_SYS_NICE)) {
		if (rt_policy(policy)) {
			uint64_t lim = task_rlimit(t, RLIMIT_RTPRIO);

			if (policy != t->se.policy && !lim)
				return -EPERM;
			if (prio > t->se.own_priority && (uint64_t)prio > lim)
				return -EPERM;
		} else if (nice < t->se.nice && !can_nice(t, nice)) {
			return -EPERM;
		}
		if (t->se.policy == SCHED_IDLE && policy != SCHED_IDLE && !can_nice(t, t->se.nice))
			return -EPERM;
		if (!same_owner(t))
			return -EPERM;
		if (t->se.reset_on_fork && !reset)
			return -EPERM;
	}
	return 0;
}

/* The task a call names: 0 is the caller. With a reference. */
static struct task *sched_target(pid_t pid)
{
	return pid ? task_find_get(pid) : task_get(current);
}

static int set_scheduler(pid_t pid, int policy, int prio, bool keep_nice, int nice, bool reset)
{
	struct task *t;
	int err;

	if (policy != SCHED_NORMAL && policy != SCHED_BATCH && policy != SCHED_IDLE && !rt_policy(policy))
		return -EINVAL;
	if (prio < 0 || prio > 99 || (rt_policy(policy) != (prio != 0)))
		return -EINVAL;
	t = sched_target(pid);
	if (!t)
		return -ESRCH;
	if (keep_nice)
		nice = t->se.nice;
	err = set_scheduler_check(t, policy, prio, nice, reset);
	if (!err)
		sched_set_policy(t, policy, prio, nice, reset);
	task_put(t);
	return err;
}

long sys_sched_setscheduler(pid_t pid, int policy, const struct sched_param __user *param)
{
	struct sched_param p;
	bool reset = policy & SCHED_RESET_ON_FORK;

	if (!param || pid < 0 || policy < 0)
		return -EINVAL;
	if (copy_from_user(&p, param, sizeof(p)))
		return -EFAULT;
	return set_scheduler(pid, policy & ~SCHED_RESET_ON_FORK, p.sched_priority, true, 0, reset);
}

long sys_sched_setparam(pid_t pid, const struct sched_param __user *param)
{
	struct sched_param p;
	struct task *t;
	int policy;
	bool reset;

	if (!param || pid < 0)
		return -EINVAL;
	if (copy_from_user(&p, param, sizeof(p)))
		return -EFAULT;
	t = sched_target(pid);
	if (!t)
		return -ESRCH;
	policy = t->se.policy;
	reset = t->se.reset_on_fork;
	task_put(t);
	return set_scheduler(pid, policy, p.sched_priority, true, 0, reset);
}

long sys_sched_getscheduler(pid_t pid)
{
	struct task *t;
	long v;

	if (pid < 0)
		return -EINVAL;
	t = sched_target(pid);
	if (!t)
		return -ESRCH;
	v = t->se.policy | (t->se.reset_on_fork ? SCHED_RESET_ON_FORK : 0);
	task_put(t);
	return v;
}

long sys_sched_getparam(pid_t pid, struct sched_param __user *param)
{
	struct sched_param p;
	struct task *t;

	if (!param || pid < 0)
		return -EINVAL;
	t = sched_target(pid);
	if (!t)
		return -ESRCH;
	p.sched_priority = t->se.own_priority;
	task_put(t);
	return copy_to_user(param, &p, sizeof(p)) ? -EFAULT : 0;
}

long sys_sched_setattr(pid_t pid, const struct sched_attr __user *uattr, unsigned int flags)
{
	struct sched_attr a = { 0 };
	uint32_t size;
	int err, policy;
	bool reset;

	if (!uattr || pid < 0 || flags)
		return -EINVAL;
	if (get_user(size, &uattr->size))
		return -EFAULT;
	if (!size)
		size = SCHED_ATTR_SIZE_VER0;
	err = size < SCHED_ATTR_SIZE_VER0 || size > PAGE_SIZE ? -E2BIG : copy_struct_from_user(&a, sizeof(a), uattr, size);
	if (err == -E2BIG)
		(void)!put_user((uint32_t)sizeof(a), (uint32_t __user *)&((struct sched_attr __user *)uattr)->size);
	if (err)
		return err;
	if ((int32_t)a.sched_policy < 0)
		return -EINVAL;
	if (a.sched_flags & ~0x7full || a.sched_flags & (SCHED_FLAG_UTIL_CLAMP_MIN | SCHED_FLAG_UTIL_CLAMP_MAX))
		return -EINVAL;
	policy = (int)a.sched_policy;
	reset = a.sched_flags & SCHED_FLAG_RESET_ON_FORK;
	if (a.sched_flags & (SCHED_FLAG_KEEP_POLICY | SCHED_FLAG_KEEP_PARAMS)) {
		struct task *t = sched_target(pid);

		if (!t)
			return -ESRCH;
		/* A kept policy keeps its reset flag; kept parameters keep the policy too, as Linux does it. */
		if (a.sched_flags & SCHED_FLAG_KEEP_POLICY) {
			policy = t->se.policy;
			reset = t->se.reset_on_fork;
		}
		if (a.sched_flags & SCHED_FLAG_KEEP_PARAMS) {
			policy = t->se.policy;
			a.sched_nice = t->se.nice;
			a.sched_priority = (uint32_t)t->se.own_priority;
		}
		task_put(t);
	}
	if (policy == SCHED_DEADLINE)
		return -EINVAL;		/* CAVEATS: no deadline class */
	if (a.sched_nice < -20)
		a.sched_nice = -20;
	if (a.sched_nice > 19)
		a.sched_nice = 19;
	if (a.sched_priority > 99)
		return -EINVAL;
	return set_scheduler(pid, policy, (int)a.sched_priority, false, a.sched_nice, reset);
}

long sys_sched_getattr(pid_t pid, struct sched_attr __user *uattr, unsigned int usize, unsigned int flags)
{
	struct sched_attr a = { 0 };
	struct task *t;

	if (!uattr || pid < 0 || usize > PAGE_SIZE || usize < SCHED_ATTR_SIZE_VER0 || flags)
		return -EINVAL;
	t = sched_target(pid);
	if (!t)
		return -ESRCH;
	a.sched_policy = (uint32_t)t->se.policy;
	if (t->se.reset_on_fork)
		a.sched_flags |= SCHED_FLAG_RESET_ON_FORK;
	if (rt_policy(t->se.policy))
		a.sched_priority = (uint32_t)t->se.own_priority;
	else
		a.sched_nice = t->se.nice;
	a.sched_util_max = 1024;
	task_put(t);
	a.size = MIN((uint32_t)sizeof(a), usize);
	if (copy_to_user(uattr, &a, a.size))
		return -EFAULT;
	return 0;
}

long sys_sched_get_priority_max(int policy)
{
	switch (policy) {
	case SCHED_FIFO:
	case SCHED_RR:
		return 99;
	case SCHED_NORMAL:
	case SCHED_BATCH:
	case SCHED_IDLE:
	case SCHED_DEADLINE:
		return 0;
	}
	return -EINVAL;
}

long sys_sched_get_priority_min(int policy)
{
	long max = sys_sched_get_priority_max(policy);

	return max == 99 ? 1 : max;
}

long sys_sched_rr_get_interval(pid_t pid, struct timespec __user *interval)
{
	struct task *t;
	nsec_t ns = 0;

	if (pid < 0)
		return -EINVAL;
	t = sched_target(pid);
	if (!t)
		return -ESRCH;
	if (t->se.policy == SCHED_RR)
		ns = RR_SLICE_NS;
	else if (!rt_policy(t->se.policy))
		ns = SLICE_NS;
	task_put(t);
	return timespec_to_user(ns, interval);
}

long sys_sched_yield(void)
{
	sched_yield();
	return 0;
}

long sys_sched_setaffinity(pid_t pid, unsigned int len, const unsigned long __user *umask)
{
	struct cpumask m;
	struct task *t;
	long err;

	cpumask_zero(&m);
	if (copy_from_user(m.bits, umask, MIN((size_t)len, sizeof(m))))
		return -EFAULT;
	t = sched_target(pid);
	if (!t)
		return -ESRCH;
	if (t->flags & TF_KTHREAD && t->se.nr_allowed == 1)
		err = -EINVAL;
	else if (!same_owner(t) && !capable(CAP_SYS_NICE))
		err = -EPERM;
	else {
		for (unsigned i = 0; i < ARRAY_SIZE(m.bits); i++)
			m.bits[i] &= cpu_possible_mask.bits[i];
		err = sched_set_affinity(t, &m);
	}
	task_put(t);
	return err;
}

long sys_sched_getaffinity(pid_t pid, unsigned int len, unsigned long __user *umask)
{
	struct cpumask m;
	struct task *t;
	size_t n;

	if ((uint64_t)len * 8 < nr_cpus || (len & (sizeof(long) - 1)))
		return -EINVAL;
	t = sched_target(pid);
	if (!t)
		return -ESRCH;
	for (unsigned i = 0; i < ARRAY_SIZE(m.bits); i++)
		m.bits[i] = t->se.affinity.bits[i] & cpu_online_mask.bits[i];
	task_put(t);
	n = MIN((size_t)len, sizeof(m));
	return copy_to_user(umask, m.bits, n) ? -EFAULT : (long)n;
}

long sys_getcpu(unsigned int __user *cpu, unsigned int __user *node, void __user *unused)
{
	unsigned n = current_head()->cpu;

	if ((cpu && put_user(n, cpu)) || (node && put_user(0u, node)))
		return -EFAULT;
	return 0;
}

/* ---- nice values */
static int nice_one(struct task *t, int nice, int error)
{
	const struct cred *me = current_cred(), *c;
	bool ok;

	rcu_read_lock();
	c = rcu_dereference(t->cred);
	ok = c->uid == me->euid || c->euid == me->euid;
	rcu_read_unlock();
	if (!ok && !capable(CAP_SYS_NICE))
		return -EPERM;
	if (nice < t->se.nice && !can_nice(t, nice))
		return -EACCES;
	set_user_nice(t, nice);
	return error == -ESRCH ? 0 : error;
}

static uid_t task_uid(const struct task *t)
{
	uid_t uid;

	rcu_read_lock();
	uid = rcu_dereference(t->cred)->uid;
	rcu_read_unlock();
	return uid;
}

int priority_for_each(int which, int who, int (*fn)(struct task *t, int arg, int acc), int arg)
{
	struct task *t;
	struct pid *pid;
	uid_t uid;
	int acc = -ESRCH;

	rcu_read_lock();
	switch (which) {
	case PRIO_PROCESS:
		pid = who ? pid_find(who) : NULL;
		t = who ? (pid ? pid_task(pid, PIDTYPE_PID) : NULL) : current;
		if (t)
			acc = fn(t, arg, acc);
		break;
	case PRIO_PGRP:
		pid = who ? pid_find(who) : READ_ONCE(current->proc->pgrp);
		if (pid) {
			struct task *leader;

			pid_for_each_task(leader, pid, PIDTYPE_PGID)
				proc_for_each_thread(t, leader->proc)
					acc = fn(t, arg, acc);
		}
		break;
	case PRIO_USER:
		uid = who ? (uid_t)who : current_cred()->uid;
		list_for_each_entry_rcu(t, &all_tasks, all_link)
			if (t->tid && task_uid(t) == uid)
				acc = fn(t, arg, acc);
		break;
	}
	rcu_read_unlock();
	return acc;
}

long sys_setpriority(int which, int who, int niceval)
{
	if (which < PRIO_PROCESS || which > PRIO_USER)
		return -EINVAL;
	niceval = MAX(MIN(niceval, 19), -20);
	return priority_for_each(which, who, nice_one, niceval);
}

static int highest_nice(struct task *t, int unused, int acc)
{
	return MAX(20 - t->se.nice, acc);
}

/* 1..40, as the raw call returns it; the C library turns it round. */
long sys_getpriority(int which, int who)
{
	if (which < PRIO_PROCESS || which > PRIO_USER)
		return -EINVAL;
	if (likely(which == PRIO_PROCESS && !who))
		return 20 - current->se.nice;
	return priority_for_each(which, who, highest_nice, 0);
}
