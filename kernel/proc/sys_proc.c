/* SPDX-License-Identifier: MIT */
/*
 * Small calls about processes: ids, groups and sessions, clone's system-call forms, getrandom, sysinfo, reboot, personality.
 *
 * Group and session changes are made under proc_tree_lock; the ids of the own process never change and need no lock.
 */
#include <kernel/errno.h>
#include <kernel/mm.h>
#include <kernel/nsproxy.h>
#include <kernel/pid.h>
#include <kernel/random.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/tty.h>
#include <kernel/uaccess.h>
#include "proc_internal.h"

long sys_getpid(void)
{
	return current->proc->pid;
}

long sys_gettid(void)
{
	return current->tid;
}

long sys_getppid(void)
{
	long pid;

	rcu_read_lock();	/* a parent that dies meanwhile is freed later */
	pid = READ_ONCE(current->real_parent)->proc->pid;
	rcu_read_unlock();
	return pid;
}

long sys_set_tid_address(int __user *tidptr)
{
	current->clear_child_tid = tidptr;
	return current->tid;
}

/* ---- groups and sessions */
static long id_of(pid_t pid, bool session)
{
	struct pid *p;
	struct task *t;
	long v = -ESRCH;

	if (!pid)
		return session ? READ_ONCE(current->proc->session)->nr : READ_ONCE(current->proc->pgrp)->nr;
	rcu_read_lock();
	p = pid_find(pid);
	t = p ? pid_task(p, PIDTYPE_PID) : NULL;
	if (t)
		v = session ? READ_ONCE(t->proc->session)->nr : READ_ONCE(t->proc->pgrp)->nr;
	rcu_read_unlock();
	return v;
}

long sys_getpgid(pid_t pid)
{
	return id_of(pid, false);
}

long sys_getsid(pid_t pid)
{
	return id_of(pid, true);
}

/* proc_tree_lock held. */
static long setpgid_locked(struct proc *me, pid_t pid, pid_t pgid)
{
	struct pid *ppid = pid_find(pid), *pgrp;
	struct task *t = ppid ? pid_task(ppid, PIDTYPE_PID) : NULL, *member;

	if (!t)
		return -ESRCH;
	if (!thread_group_leader(t))
		return -EINVAL;
	if (t->real_parent->proc == me) {
		if (t->proc->session != me->session)
			return -EPERM;
		if (!(t->flags & TF_FORKNOEXEC))
			return -EACCES;
	} else if (t->proc != me) {
		return -ESRCH;
	}
	if (t->proc->session_leader)
		return -EPERM;
	pgrp = t->proc->tgid;
	if (pgid != pid) {
		pgrp = pid_find(pgid);
		member = pgrp ? pid_task(pgrp, PIDTYPE_PGID) : NULL;
		if (!member || member->proc->session != me->session)
			return -EPERM;
	}
	pid_change(t, PIDTYPE_PGID, pgrp);
	return 0;
}

long sys_setpgid(pid_t pid, pid_t pgid)
{
	struct proc *me = current->proc;
	irqflags_t f;
	long err;

	if (!pid)
		pid = me->pid;
	if (!pgid)
		pgid = pid;
	if (pgid < 0)
		return -EINVAL;
	rcu_read_lock();
	f = spin_lock_irqsave(&proc_tree_lock);
	err = setpgid_locked(me, pid, pgid);
	spin_unlock_irqrestore(&proc_tree_lock, f);
	rcu_read_unlock();
	return err;
}

long sys_setsid(void)
{
	struct proc *p = current->proc;
	struct tty *tty = NULL;
	irqflags_t f;
	long ret = -EPERM;

	f = spin_lock_irqsave(&proc_tree_lock);
	/* Not for a session leader, nor where our number is a group already (a child may have been put there). */
	if (p->session_leader || p->tgid->tasks[PIDTYPE_PGID].first)
		goto out;
	p->session_leader = true;
	pid_change(p->leader, PIDTYPE_SID, p->tgid);
	pid_change(p->leader, PIDTYPE_PGID, p->tgid);
	spin_lock(&p->siglock);
	tty = p->tty;
	p->tty = NULL;
	spin_unlock(&p->siglock);
	ret = p->pid;
out:
	spin_unlock_irqrestore(&proc_tree_lock, f);
	if (tty)
		tty_unref(tty);
	return ret;
}

/* ---- clone */
long sys_clone(unsigned long flags, unsigned long stack, int __user *parent_tid, unsigned long tls, int __user *child_tid)
{
	struct clone_args a = {
		.flags = (uint32_t)flags & ~CSIGNAL,
		.exit_signal = (int)(flags & CSIGNAL),
		.pidfd = parent_tid,
		.parent_tid = parent_tid,
		.child_tid = child_tid,
		.stack = stack,
		.tls = tls,
	};

	return task_clone(&a);
}

static int set_tid_check(struct clone_args *a, const struct clone_args_user *u)
{
	if (u->set_tid_size > ARRAY_SIZE(a->set_tid) || (!u->set_tid && u->set_tid_size) || (u->set_tid && !u->set_tid_size))
		return -EINVAL;
	if (!u->set_tid_size)
		return 0;
	if (u->set_tid_size > 1)
		return -EINVAL;		/* one pid namespace */
	if (copy_from_user(a->set_tid, (const void __user *)u->set_tid, sizeof(pid_t)))
		return -EFAULT;
	if (a->set_tid[0] < 1 || a->set_tid[0] >= pid_max)
		return -EINVAL;
	if (!capable(CAP_SYS_ADMIN) && !capable(40 /* CAP_CHECKPOINT_RESTORE */))
		return -EPERM;
	a->set_tid_size = 1;
	return 0;
}

long sys_clone3(struct clone_args __user *uargs, size_t size)
{
	struct clone_args_user u = { 0 };
	struct clone_args a = { 0 };
	int err;

	if (size > PAGE_SIZE)
		return -E2BIG;
	if (size < CLONE_ARGS_SIZE_VER0)
		return -EINVAL;
	err = copy_struct_from_user(&u, sizeof(u), uargs, size);
	if (err)
		return err;
	if (u.exit_signal & ~CSIGNAL || u.exit_signal > _NSIG)
		return -EINVAL;
	err = set_tid_check(&a, &u);
	if (err)
		return err;
	if (u.flags & ~(0xffffffffull | CLONE_CLEAR_SIGHAND | CLONE_INTO_CGROUP))
		return -EINVAL;
	if (u.flags & (CLONE_DETACHED | (CSIGNAL & ~CLONE_NEWTIME)))
		return -EINVAL;
	if ((u.flags & (CLONE_SIGHAND | CLONE_CLEAR_SIGHAND)) == (CLONE_SIGHAND | CLONE_CLEAR_SIGHAND))
		return -EINVAL;
	if ((u.flags & (CLONE_THREAD | CLONE_PARENT)) && u.exit_signal)
		return -EINVAL;
	if (!u.stack != !u.stack_size || (u.stack && !access_ok((void __user *)u.stack, u.stack_size)))
		return -EINVAL;
	if (u.flags & CLONE_NEWTIME)
		return -EINVAL;		/* no time namespaces */
	if (u.flags & CLONE_INTO_CGROUP)
		return size < sizeof(u) || u.cgroup > INT32_MAX ? -EINVAL : -EBADF;	/* no descriptor is one of a cgroup's */
	a.flags = u.flags;
	a.exit_signal = (int)u.exit_signal;
	a.pidfd = (int __user *)u.pidfd;
	a.child_tid = (int __user *)u.child_tid;
	a.parent_tid = (int __user *)u.parent_tid;
	a.stack = u.stack;
	a.stack_size = u.stack_size;
	a.tls = u.tls;
	return task_clone(&a);
}

/* ---- the rest */
#define GRND_NONBLOCK 1u
#define GRND_RANDOM 2u
#define GRND_INSECURE 4u

long sys_getrandom(char __user *buf, size_t count, unsigned int flags)
{
	size_t done = 0;
	uint8_t tmp[256];

	if ((flags & ~(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE)) ||
	    (flags & (GRND_RANDOM | GRND_INSECURE)) == (GRND_RANDOM | GRND_INSECURE))
		return -EINVAL;
	if (!random_ready() && !(flags & GRND_INSECURE)) {
		int err = flags & GRND_NONBLOCK ? -EAGAIN : random_wait_ready();

		if (err)
			return err;
	}
	count = MIN(count, (size_t)INT32_MAX);
	while (done < count) {
		size_t n = MIN(count - done, sizeof(tmp)), left;

		random_bytes(tmp, n);
		left = copy_to_user(buf + done, tmp, n);
		done += n - left;
		if (left) {
			memset(tmp, 0, sizeof(tmp));
			return done ? (long)done : -EFAULT;
		}
		if (done < count && (done & (PAGE_SIZE - 1)) == 0) {
			cond_resched();
			if (signal_pending(current))
				break;
		}
	}
	memset(tmp, 0, sizeof(tmp));
	barrier();
	return (long)done;
}

struct sysinfo {
	int64_t uptime;
	uint64_t loads[3];
	uint64_t totalram, freeram, sharedram, bufferram, totalswap, freeswap;
	uint16_t procs, pad;
	uint32_t pad2;
	uint64_t totalhigh, freehigh;
	uint32_t mem_unit, pad3;
};
_Static_assert(sizeof(struct sysinfo) == 112, "sysinfo ABI");

long sys_sysinfo(struct sysinfo __user *info)
{
	struct sysinfo s = { .mem_unit = 1 };
	struct mem_stats m;

	mem_stats(&m);
	s.uptime = DIV_ROUND_UP(clock_boottime(), NSEC_PER_SEC);
	sched_loadavg(s.loads);
	for (unsigned i = 0; i < 3; i++)
		s.loads[i] <<= 16 - 11;
	s.totalram = m.total * PAGE_SIZE;
	s.freeram = m.free * PAGE_SIZE;
	s.sharedram = m.shmem * PAGE_SIZE;
	s.procs = (uint16_t)atomic_read(&nr_threads);
	return copy_to_user(info, &s, sizeof(s)) ? -EFAULT : 0;
}

#define REBOOT_MAGIC1 0xfee1deadu
#define REBOOT_MAGIC2 672274793u
#define REBOOT_MAGIC2A 85072278u
#define REBOOT_MAGIC2B 369367448u
#define REBOOT_MAGIC2C 537993216u

long sys_reboot(int magic1, int magic2, unsigned int cmd, void __user *arg)
{
	char word[256];
	ssize_t n;

	if (!capable(CAP_SYS_BOOT))
		return -EPERM;
	if ((unsigned)magic1 != REBOOT_MAGIC1 || ((unsigned)magic2 != REBOOT_MAGIC2 && (unsigned)magic2 != REBOOT_MAGIC2A &&
						  (unsigned)magic2 != REBOOT_MAGIC2B && (unsigned)magic2 != REBOOT_MAGIC2C))
		return -EINVAL;
	switch (cmd) {
	case 0x01234567:	/* RESTART */
		system_restart();
	case 0xa1b2c3d4:	/* RESTART2: with a word for the firmware, for which we have no use */
		n = strncpy_from_user(word, arg, sizeof(word));
		if (n < 0)
			return n;
		system_restart();
	case 0x4321fedc:	/* POWER_OFF */
		system_power_off();
	case 0xcdef0123:	/* HALT */
		system_halt();
	case 0x89abcdef:	/* CAD_ON */
	case 0:			/* CAD_OFF: no keyboard has that key here */
		return 0;
	}
	return -EINVAL;
}

long sys_personality(unsigned int persona)
{
	struct proc *p = current->proc;
	unsigned old = p->personality;

	if (persona != 0xffffffff)
		p->personality = persona;
	return old;
}
