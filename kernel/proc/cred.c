/* SPDX-License-Identifier: MIT */
/*
 * Credentials: reference counting, change by copy, per-user counts.
 *
 * A task's cred pointer is written by the task alone; others read it under RCU, so the old one is put a grace period
 * later. The set is immutable once committed.
 *
 * Locks: user_lock (LR_LEAF): the table of users.
 */
#include <kernel/cred.h>
#include <kernel/errno.h>
#include <kernel/mm.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include <kernel/vm.h>
#include "cred_internal.h"

#define USER_BUCKETS 64u
static DEFINE_SPINLOCK(user_lock, LR_LEAF);
static struct hlist_head users[USER_BUCKETS];

static struct user *user_lookup(uid_t uid)
{
	struct user *u;

	hlist_for_each_entry(u, &users[uid % USER_BUCKETS], link)
		if (u->uid == uid) {
			atomic_inc(&u->refs);
			return u;
		}
	return NULL;
}

struct user *user_find(uid_t uid)
{
	struct user *u, *new;

	if (uid == 0) {
		atomic_inc(&root_user.refs);
		return &root_user;
	}
	spin_lock(&user_lock);
	u = user_lookup(uid);
	spin_unlock(&user_lock);
	if (u)
		return u;
	new = kzalloc(sizeof(*new), GFP_KERNEL);
	if (!new)
		return NULL;
	new->uid = uid;
	atomic_set(&new->refs, 1);
	spin_lock(&user_lock);
	u = user_lookup(uid);
	if (!u) {
		hlist_add_head(&new->link, &users[uid % USER_BUCKETS]);
		u = new;
		new = NULL;
	}
	spin_unlock(&user_lock);
	kfree(new);
	return u;
}

/* The last reference may only be dropped under the lock: a look-up must not revive a dead one. */
void user_put(struct user *u)
{
	irqflags_t f;

	if (u == &root_user) {
		atomic_dec(&u->refs);
		return;
	}
	f = spin_lock_irqsave(&user_lock);
	if (atomic_dec_and_test(&u->refs)) {
		hlist_del(&u->link);
		spin_unlock_irqrestore(&user_lock, f);
		kfree(u);
		return;
	}
	spin_unlock_irqrestore(&user_lock, f);
}

void groups_put(struct groups *g)
{
	if (ref_put(&g->refs))
		kvfree(g);
}

struct cred *cred_get(struct cred *c)
{
	atomic_inc(&c->refs);
	return c;
}

static void cred_free_rcu(struct rcu_head *h)
{
	struct cred *c = container_of(h, struct cred, rcu);

	groups_put(c->groups);
	user_put(c->user);
	kfree(c);
}

void cred_put(struct cred *c)
{
	if (ref_put(&c->refs))
		call_rcu(&c->rcu, cred_free_rcu);
}

struct cred *cred_prepare(void)
{
	struct cred *c = kmalloc(sizeof(*c), GFP_KERNEL);

	if (!c)
		return NULL;
	*c = *current_cred();
	atomic_set(&c->refs, 1);
	atomic_inc(&c->groups->refs);
	atomic_inc(&c->user->refs);
	return c;
}

void cred_abort(struct cred *c)
{
	cred_free_rcu(&c->rcu);		/* nobody has seen it */
}

void cred_commit(struct cred *c)
{
	struct task *t = current;
	struct cred *old = (struct cred *)t->cred;

	if (c->user != old->user) {
		atomic_inc(&c->user->nproc);
		atomic_dec(&old->user->nproc);
	}
	if (t->mm && (c->euid != old->euid || c->egid != old->egid || c->fsuid != old->fsuid || c->fsgid != old->fsgid ||
		      (c->cap_permitted & ~old->cap_permitted))) {
		if (!(t->proc->flags & PF_EXECED) || t->mm->dumpable)
			t->mm->dumpable = 0;
		t->pdeath_signal = 0;
	}
	rcu_assign_pointer(t->cred, c);
	cred_put(old);
}

/* Sets the real id and what is counted under it. 0; -ENOMEM. */
int cred_set_uid(struct cred *c, uid_t uid)
{
	struct user *u;

	if (c->user->uid != uid) {
		u = user_find(uid);
		if (!u)
			return -ENOMEM;
		user_put(c->user);
		c->user = u;
		/* setuid() itself does not fail over the limit, since programs forget to check it; the next exec does. */
		current->proc->nproc_exceeded = u != &root_user && (uint64_t)atomic_read(&u->nproc) >= rlimit(RLIMIT_NPROC);
	}
	c->uid = uid;
	return 0;
}

bool groups_search(const struct groups *g, gid_t gid)
{
	unsigned lo = 0, hi = g->count;

	while (lo < hi) {
		unsigned mid = (lo + hi) / 2;

		if (g->gid[mid] == gid)
			return true;
		if (g->gid[mid] < gid)
			lo = mid + 1;
		else
			hi = mid;
	}
	return false;
}

bool cred_in_group(const struct cred *c, gid_t gid)
{
	return c->fsgid == gid || groups_search(c->groups, gid);
}

bool capable(int cap)
{
	if (!cred_capable(current_cred(), cap))
		return false;
	current->flags |= TF_SUPERPRIV;
	return true;
}
