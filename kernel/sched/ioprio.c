/* SPDX-License-Identifier: MIT */
/*
 * I/O priorities: ioprio_get(2), ioprio_set(2). A value is a class (none, real time, best effort, idle), hints for
 * the device, and a level 0..7. Tasks keep and inherit it; nothing orders requests by it yet, see CAVEATS.md.
 *
 * Lock: none. A task's value is one word; RCU keeps tasks while they are visited.
 */
#include <kernel/cred.h>
#include <kernel/errno.h>
#include <kernel/rcu.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include "sched_internal.h"

enum { IOPRIO_CLASS_NONE, IOPRIO_CLASS_RT, IOPRIO_CLASS_BE, IOPRIO_CLASS_IDLE };
enum { IOPRIO_WHO_PROCESS = 1, IOPRIO_WHO_PGRP, IOPRIO_WHO_USER };
#define IOPRIO_CLASS_SHIFT	13
#define IOPRIO_CLASS_MASK	7
#define IOPRIO_LEVEL_MASK	7
#define IOPRIO_BE_NORM		4

static int check(int ioprio)
{
	switch (ioprio >> IOPRIO_CLASS_SHIFT & IOPRIO_CLASS_MASK) {
	case IOPRIO_CLASS_RT:
		/* Either right is enough: Linux asks for the older one first. */
		if (!capable(CAP_SYS_ADMIN) && !capable(CAP_SYS_NICE))
			return -EPERM;
		return 0;
	case IOPRIO_CLASS_BE:
	case IOPRIO_CLASS_IDLE:
		return 0;
	case IOPRIO_CLASS_NONE:
		return ioprio & IOPRIO_LEVEL_MASK ? -EINVAL : 0;
	default:
		return -EINVAL;
	}
}

static int set_one(struct task *t, int ioprio, int acc)
{
	const struct cred *me = current_cred(), *c;
	bool ok;

	/* The first refusal ends it; tasks before it keep what they got. */
	if (acc != -ESRCH && acc != 0)
		return acc;
	rcu_read_lock();
	c = rcu_dereference(t->cred);
	ok = c->uid == me->euid || c->uid == me->uid;
	rcu_read_unlock();
	if (!ok && !capable(CAP_SYS_NICE))
		return -EPERM;
	WRITE_ONCE(t->ioprio, (uint16_t)ioprio);
	return 0;
}

/* The better of the group: the lower value, where no class stands for the middle of best effort. */
static int best_of(struct task *t, int unused, int acc)
{
	int v = READ_ONCE(t->ioprio);

	if (acc == -ESRCH)
		return v;
	if (v >> IOPRIO_CLASS_SHIFT == IOPRIO_CLASS_NONE)
		v = IOPRIO_CLASS_BE << IOPRIO_CLASS_SHIFT | IOPRIO_BE_NORM;
	if (acc >> IOPRIO_CLASS_SHIFT == IOPRIO_CLASS_NONE)
		acc = IOPRIO_CLASS_BE << IOPRIO_CLASS_SHIFT | IOPRIO_BE_NORM;
	return MIN(v, acc);
}

long sys_ioprio_set(int which, int who, int ioprio)
{
	int err = check(ioprio);

	if (err)
		return err;
	if (which < IOPRIO_WHO_PROCESS || which > IOPRIO_WHO_USER)
		return -EINVAL;
	return priority_for_each(which - 1, who, set_one, ioprio);
}

long sys_ioprio_get(int which, int who)
{
	if (which < IOPRIO_WHO_PROCESS || which > IOPRIO_WHO_USER)
		return -EINVAL;
	return priority_for_each(which - 1, who, best_of, 0);
}
