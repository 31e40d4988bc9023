/* SPDX-License-Identifier: MIT */
/*
 * Process identifiers: numbers, look-up, and the lists of tasks that use a number as process, thread, group or
 * session id.
 *
 * Numbers are found by a two-level table of pointers, read under RCU. They are handed out in a circle, as on
 * Linux: the next free number above the last, from 300 on after the first time round. A number is free again when no task
 * uses it in any role; the struct lives on while somebody holds a reference.
 *
 * Locks: pid_lock (LR_PID): the table and pid_last. proc_tree_lock: the lists of tasks.
 */
#include <kernel/pid.h>
#include <kernel/errno.h>
#include <kernel/mm.h>
#include <kernel/panic.h>
#include <kernel/string.h>
#include <kernel/task.h>

#define PIDS_PER_PAGE	512u
#define PID_RESERVED	300

static DEFINE_SPINLOCK(pid_lock, LR_PID);
static struct pid **pid_table[PID_MAX_LIMIT / PIDS_PER_PAGE];
static struct kmem_cache *pid_cache;
int pid_max = PID_MAX_DEFAULT;
pid_t pid_last;

void pid_init(void)
{
	pid_cache = kmem_cache_create("pid", sizeof(struct pid), 0, 0, NULL);
	if (!pid_cache)
		panic("no memory for process ids");
}

static inline struct pid **pid_slot(pid_t nr)
{
	struct pid **page = smp_load_acquire(&pid_table[(unsigned)nr / PIDS_PER_PAGE]);

	return page ? &page[(unsigned)nr % PIDS_PER_PAGE] : NULL;
}

static bool pid_used(pid_t nr)
{
	struct pid **slot = pid_slot(nr);

	return slot && *slot;
}

/* The next free number after pid_last; 0: none. pid_lock held. */
static pid_t pid_next_free(void)
{
	pid_t nr = pid_last + 1;

	for (int tries = 0; tries < pid_max; tries++, nr++) {
		if (nr >= pid_max)
			nr = PID_RESERVED;
		if (!pid_used(nr))
			return nr;
	}
	return 0;
}

/* Makes the table page of @nr. Drops nothing: called without pid_lock. */
static int pid_table_grow(pid_t nr)
{
	unsigned i = (unsigned)nr / PIDS_PER_PAGE;
	struct pid **page = kzalloc(PIDS_PER_PAGE * sizeof(*page), GFP_KERNEL);
	irqflags_t f;

	if (!page)
		return -ENOMEM;
	f = spin_lock_irqsave(&pid_lock);
	if (!pid_table[i]) {
		smp_store_release(&pid_table[i], page);
		page = NULL;
	}
	spin_unlock_irqrestore(&pid_lock, f);
	kfree(page);
	return 0;
}

int pid_alloc(pid_t want, struct pid **out)
{
	struct pid *p = kmem_cache_alloc(pid_cache, GFP_KERNEL | GFP_ZERO);
	struct pid **slot;
	irqflags_t f;
	pid_t nr;
	int err;

	if (!p)
		return -ENOMEM;
	waitq_init(&p->wait_pidfd);
	for (;;) {
		f = spin_lock_irqsave(&pid_lock);
		nr = want ? want : pid_next_free();
		if (!nr) {
			err = -EAGAIN;
			break;
		}
		slot = pid_slot(nr);
		if (slot) {
			err = *slot ? -EEXIST : 0;
			break;
		}
		spin_unlock_irqrestore(&pid_lock, f);
		err = pid_table_grow(nr);
		if (err)
			goto out_free;
	}
	if (!err) {
		p->nr = nr;
		atomic_set(&p->refs, 1);
		if (!want)
			pid_last = nr;
		smp_store_release(slot, p);
	}
	spin_unlock_irqrestore(&pid_lock, f);
	if (!err) {
		*out = p;
		return 0;
	}
out_free:
	kmem_cache_free(pid_cache, p);
	return err;
}

struct pid *pid_get(struct pid *p)
{
	atomic_inc(&p->refs);
	return p;
}

static void pid_free_rcu(struct rcu_head *h)
{
	kmem_cache_free(pid_cache, container_of(h, struct pid, rcu));
}

void pid_put(struct pid *p)
{
	if (p && ref_put(&p->refs))
		call_rcu(&p->rcu, pid_free_rcu);
}

void pid_free(struct pid *p)
{
	irqflags_t f = spin_lock_irqsave(&pid_lock);
	struct pid **slot = pid_slot(p->nr);

	WRITE_ONCE(*slot, NULL);
	spin_unlock_irqrestore(&pid_lock, f);
	pid_put(p);
}

struct pid *pid_find(pid_t nr)
{
	struct pid **slot;

	if (nr <= 0 || nr >= PID_MAX_LIMIT)
		return NULL;
	slot = pid_slot(nr);
	return slot ? rcu_dereference(*slot) : NULL;
}

struct pid *pid_find_ge(pid_t nr)
{
	for (nr = MAX(nr, 1); nr < PID_MAX_LIMIT; nr++) {
		struct pid **slot = pid_slot(nr), *p;

		if (!slot) {
			nr |= PIDS_PER_PAGE - 1;
			continue;
		}
		p = rcu_dereference(*slot);
		if (p)
			return p;
	}
	return NULL;
}

struct task *pid_task(struct pid *p, enum pidtype type)
{
	struct hlist_node *n = smp_load_acquire(&p->tasks[type].first);

	return n ? container_of(n, struct task, pid_links[type]) : NULL;
}

struct pid *pid_find_get(pid_t nr)
{
	struct pid *p;

	rcu_read_lock();
	p = pid_find(nr);
	if (p && !atomic_inc_not_zero(&p->refs))
		p = NULL;
	rcu_read_unlock();
	return p;
}

static struct task *task_find_type(pid_t nr, enum pidtype type)
{
	struct task *t = NULL;
	struct pid *p;

	rcu_read_lock();
	p = pid_find(nr);
	if (p)
		t = pid_task(p, type);
	if (t)
		task_get(t);	/* in a list: its own reference is dropped a grace period later */
	rcu_read_unlock();
	return t;
}

struct task *task_find_get(pid_t tid)
{
	return task_find_type(tid, PIDTYPE_PID);
}

struct task *task_find_get_leader(pid_t pid)
{
	return task_find_type(pid, PIDTYPE_TGID);
}

void pid_attach(struct task *t, enum pidtype type, struct pid *p)
{
	hlist_add_head(&t->pid_links[type], &p->tasks[type]);
}

static bool pid_unused(const struct pid *p)
{
	for (unsigned i = 0; i < PIDTYPE_COUNT; i++)
		if (p->tasks[i].first)
			return false;
	return true;
}

static struct pid *task_pid_of(const struct task *t, enum pidtype type)
{
	switch (type) {
	case PIDTYPE_PID: return t->pid;
	case PIDTYPE_TGID: return t->proc->tgid;
	case PIDTYPE_PGID: return t->proc->pgrp;
	default: return t->proc->session;
	}
}

void pid_detach(struct task *t, enum pidtype type)
{
	struct pid *p = task_pid_of(t, type);

	if (hlist_unhashed(&t->pid_links[type]))
		return;
	hlist_del(&t->pid_links[type]);
	if (pid_unused(p))
		pid_free(p);	/* drops the reference of the allocation; others keep the struct */
}

/* The new id first: an id that is both old and new must not be freed in between. */
void pid_change(struct task *t, enum pidtype type, struct pid *p)
{
	struct pid *old = task_pid_of(t, type);

	if (old == p)
		return;
	pid_detach(t, type);
	pid_attach(t, type, p);
	if (type == PIDTYPE_PGID)
		WRITE_ONCE(t->proc->pgrp, p);
	else if (type == PIDTYPE_SID)
		WRITE_ONCE(t->proc->session, p);
}
