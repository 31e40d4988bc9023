/* SPDX-License-Identifier: MIT */
/*
 * Capabilities: capget, capset, and the prctl operations on bounding set, ambient set and secure bits. The rules are
 * capabilities(7).
 */
#include <kernel/errno.h>
#include <kernel/pid.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>
#include <uapi/capability.h>
#include <uapi/prctl.h>
#include "cap_prctl.h"
#include "cred_internal.h"

/* How many 32-bit words the caller's version has. 0: unknown, the header then gets ours. */
static int cap_words(struct cap_user_header __user *uh, struct cap_user_header *h, unsigned *words)
{
	if (get_user(h->version, &uh->version))
		return -EFAULT;
	switch (h->version) {
	case CAP_VERSION_1:
		*words = 1;
		return 0;
	case CAP_VERSION_2:
	case CAP_VERSION_3:
		*words = 2;
		return 0;
	}
	*words = 0;
	return put_user(CAP_VERSION_3, &uh->version) ? -EFAULT : -EINVAL;
}

long sys_capget(void __user *header, void __user *data)
{
	struct cap_user_header __user *uh = header;
	struct cap_user_data d[2] = { 0 };
	struct cap_user_header h;
	const struct cred *c;
	cap_t e, p, i;
	unsigned words;
	int err = cap_words(uh, &h, &words);

	if (err)
		return err == -EINVAL && !data ? 0 : err;
	if (get_user(h.pid, &uh->pid))
		return -EFAULT;
	if (h.pid < 0)
		return -EINVAL;
	rcu_read_lock();
	if (h.pid && h.pid != current->tid) {
		struct pid *pid = pid_find(h.pid);
		struct task *t = pid ? pid_task(pid, PIDTYPE_PID) : NULL;

		if (!t) {
			rcu_read_unlock();
			return -ESRCH;
		}
		c = rcu_dereference(t->cred);
	} else {
		c = current_cred();
	}
	e = c->cap_effective;
	p = c->cap_permitted;
	i = c->cap_inheritable;
	rcu_read_unlock();
	if (!data)
		return 0;
	for (unsigned n = 0; n < words; n++) {
		d[n].effective = (uint32_t)(e >> 32 * n);
		d[n].permitted = (uint32_t)(p >> 32 * n);
		d[n].inheritable = (uint32_t)(i >> 32 * n);
	}
	return copy_to_user(data, d, words * sizeof(d[0])) ? -EFAULT : 0;
}

long sys_capset(void __user *header, const void __user *data)
{
	struct cap_user_header __user *uh = header;
	struct cap_user_data d[2] = { 0 };
	const struct cred *old = current_cred();
	struct cap_user_header h;
	struct cred *c;
	cap_t e, p, i;
	unsigned words;
	int err = cap_words(uh, &h, &words);

	if (err)
		return err;
	if (get_user(h.pid, &uh->pid))
		return -EFAULT;
	if (h.pid && h.pid != current->tid)
		return -EPERM;
	if (copy_from_user(d, data, words * sizeof(d[0])))
		return -EFAULT;
	e = ((cap_t)d[1].effective << 32 | d[0].effective) & CAP_FULL;
	p = ((cap_t)d[1].permitted << 32 | d[0].permitted) & CAP_FULL;
	i = ((cap_t)d[1].inheritable << 32 | d[0].inheritable) & CAP_FULL;
	/* Without CAP_SETPCAP nothing comes into the inheritable set that is not permitted; never more than the bounding set. */
	if (!capable(CAP_SETPCAP) && (i & ~(old->cap_inheritable | old->cap_permitted)))
		return -EPERM;
	if (i & ~(old->cap_inheritable | old->cap_bounding))
		return -EPERM;
	if ((p & ~old->cap_permitted) || (e & ~p))
		return -EPERM;
	c = cred_prepare();
	if (!c)
		return -ENOMEM;
	c->cap_effective = e;
	c->cap_permitted = p;
	c->cap_inheritable = i;
	c->cap_ambient &= p & i;
	cred_commit(c);
	return 0;
}

static long bounding_drop(unsigned long cap)
{
	struct cred *c;

	if (!capable(CAP_SETPCAP))
		return -EPERM;
	if (cap > CAP_LAST)
		return -EINVAL;
	c = cred_prepare();
	if (!c)
		return -ENOMEM;
	c->cap_bounding &= ~BIT64(cap);
	cred_commit(c);
	return 0;
}

static long securebits_set(unsigned long v)
{
	const struct cred *old = current_cred();
	unsigned locked = old->securebits >> 1 & SECBIT_ALL;
	struct cred *c;

	if ((locked & (old->securebits ^ v)) ||				/* a locked bit changes */
	    (old->securebits & SECBIT_LOCKED(SECBIT_ALL) & ~v) ||	/* a lock is taken away */
	    (v & ~(unsigned long)(SECBIT_ALL | SECBIT_LOCKED(SECBIT_ALL))) || !capable(CAP_SETPCAP))
		return -EPERM;
	c = cred_prepare();
	if (!c)
		return -ENOMEM;
	c->securebits = (unsigned)v;
	cred_commit(c);
	return 0;
}

static long keepcaps_set(unsigned long on)
{
	struct cred *c;

	if (on > 1)
		return -EINVAL;
	if (current_cred()->securebits & SECBIT_LOCKED(SECBIT_KEEP_CAPS))
		return -EPERM;
	c = cred_prepare();
	if (!c)
		return -ENOMEM;
	c->securebits = on ? c->securebits | SECBIT_KEEP_CAPS : c->securebits & ~SECBIT_KEEP_CAPS;
	cred_commit(c);
	return 0;
}

static long ambient(unsigned long op, unsigned long cap, unsigned long a4, unsigned long a5)
{
	const struct cred *old = current_cred();
	struct cred *c;

	if (op == PR_CAP_AMBIENT_CLEAR_ALL) {
		if (cap | a4 | a5)
			return -EINVAL;
		c = cred_prepare();
		if (!c)
			return -ENOMEM;
		c->cap_ambient = 0;
		cred_commit(c);
		return 0;
	}
	if ((a4 | a5) || cap > CAP_LAST)
		return -EINVAL;
	if (op == PR_CAP_AMBIENT_IS_SET)
		return old->cap_ambient >> cap & 1;
	if (op != PR_CAP_AMBIENT_RAISE && op != PR_CAP_AMBIENT_LOWER)
		return -EINVAL;
	if (op == PR_CAP_AMBIENT_RAISE && (!(old->cap_permitted >> cap & 1) || !(old->cap_inheritable >> cap & 1) ||
					   (old->securebits & SECBIT_NO_CAP_AMBIENT_RAISE)))
		return -EPERM;
	c = cred_prepare();
	if (!c)
		return -ENOMEM;
	c->cap_ambient = op == PR_CAP_AMBIENT_RAISE ? c->cap_ambient | BIT64(cap) : c->cap_ambient & ~BIT64(cap);
	cred_commit(c);
	return 0;
}

bool cap_prctl(int option, unsigned long a2, unsigned long a3, unsigned long a4, unsigned long a5, long *result)
{
	const struct cred *c = current_cred();

	switch (option) {
	case PR_CAPBSET_READ:
		*result = a2 > CAP_LAST ? -EINVAL : (long)(c->cap_bounding >> a2 & 1);
		return true;
	case PR_CAPBSET_DROP:
		*result = bounding_drop(a2);
		return true;
	case PR_GET_SECUREBITS:
		*result = c->securebits;
		return true;
	case PR_SET_SECUREBITS:
		*result = securebits_set(a2);
		return true;
	case PR_GET_KEEPCAPS:
		*result = !!(c->securebits & SECBIT_KEEP_CAPS);
		return true;
	case PR_SET_KEEPCAPS:
		*result = keepcaps_set(a2);
		return true;
	case PR_CAP_AMBIENT:
		*result = ambient(a2, a3, a4, a5);
		return true;
	}
	return false;
}
