/* SPDX-License-Identifier: MIT */
/*
 * SEM_UNDO: what a process did to semaphores is taken back when it ends.
 *
 * One list for each process, or for all that were made with CLONE_SYSVSEM; its last user applies it. An
 * entry is freed by its list only. When a set is removed its entries are marked dead and found so later; the
 * entry keeps the set's memory until then.
 *
 * Locks: list, then set (sem_internal.h). References: semop(2), clone(2) on CLONE_SYSVSEM.
 */
#include "sem_internal.h"
#include <uapi/sched.h>

static struct sem_undo_list *list_create(void)
{
	struct sem_undo_list *l = kmalloc(sizeof(*l), GFP_KERNEL);

	if (!l)
		return NULL;
	atomic_set(&l->refs, 1);
	spin_lock_init(&l->lock, LR_IPC_UNDO);
	list_init(&l->undos);
	return l;
}

static void undo_free(struct sem_undo *u)
{
	ipc_put(&u->set->obj);
	kfree(u);
}

/* Finds the entry, brings it to the front, and collects the dead ones. list->lock held. */
static struct sem_undo *list_find(struct sem_undo_list *l, int id, struct list_head *dead)
{
	struct sem_undo *u, *next;

	list_for_each_entry_safe (u, next, &l->undos, list_link) {
		if (smp_load_acquire(&u->dead)) {
			list_move(&u->list_link, dead);
		} else if (u->set->obj.id == id) {
			list_move(&u->list_link, &l->undos);
			return u;
		}
	}
	return NULL;
}

static struct sem_undo *undo_alloc(struct ipc_ns *ns, int id, int *err)
{
	struct sem_undo *u;
	struct ipc_obj *o = ipc_lock_id(ns, IPC_SEM, id, err);
	struct sem_set *set = (struct sem_set *)o;

	if (!o)
		return NULL;
	ipc_ref(o);
	ipc_unlock(o);
	u = kzalloc(sizeof(*u) + set->nsems * sizeof(u->adjust[0]), GFP_KERNEL);
	if (!u) {
		ipc_put(o);
		*err = -ENOMEM;
		return NULL;
	}
	u->set = set;
	list_init(&u->list_link);
	list_init(&u->set_link);
	return u;
}

int sem_undo_find(struct ipc_ns *ns, int id, struct sem_undo **out)
{
	struct sem_undo_list *l = current->sem_undo;
	struct sem_undo *u, *new, *next;
	LIST_HEAD(dead);
	int err = 0;

	if (!l) {
		l = list_create();
		if (!l)
			return -ENOMEM;
		current->sem_undo = l;
	}
	spin_lock(&l->lock);
	u = list_find(l, id, &dead);
	spin_unlock(&l->lock);
	if (!u) {
		new = undo_alloc(ns, id, &err);
		if (!new)
			goto out;
		spin_lock(&l->lock);
		u = list_find(l, id, &dead);
		if (!u) {
			ipc_relock(&new->set->obj);
			if (new->set->obj.removed) {
				err = -EIDRM;
			} else {
				list_add(&new->set_link, &new->set->undos);
				list_add(&new->list_link, &l->undos);
				u = new;
			}
			ipc_unlock(&new->set->obj);
		}
		spin_unlock(&l->lock);
		if (u != new)
			undo_free(new);
	}
out:
	list_for_each_entry_safe (new, next, &dead, list_link)
		undo_free(new);
	*out = u;
	return err;
}

int sem_undo_copy(uint64_t clone_flags, struct task *child)
{
	if (likely(!(clone_flags & CLONE_SYSVSEM)))
		return 0;
	if (!current->sem_undo) {
		current->sem_undo = list_create();
		if (!current->sem_undo)
			return -ENOMEM;
	}
	atomic_inc(&current->sem_undo->refs);
	child->sem_undo = current->sem_undo;
	return 0;
}

void sem_undo_exit(struct task *t)
{
	struct sem_undo_list *l = t->sem_undo;
	struct sem_undo *u, *next;

	if (likely(!l))
		return;
	t->sem_undo = NULL;
	if (!ref_put(&l->refs))
		return;
	/* Nobody else knows the list; the entries are known to their sets. */
	list_for_each_entry_safe (u, next, &l->undos, list_link) {
		ipc_relock(&u->set->obj);
		if (!u->dead) {
			list_del(&u->set_link);
			sem_adjust(u->set, u);
		}
		ipc_unlock(&u->set->obj);
		undo_free(u);
	}
	kfree(l);
}

/* A value that would leave its range stays at the edge of it. */
void sem_adjust(struct sem_set *set, struct sem_undo *u)
{
	for (unsigned i = 0; i < set->nsems; i++) {
		struct sem *s = &set->sems[i];

		if (!u->adjust[i])
			continue;
		s->value += u->adjust[i];
		s->value = MAX(0, MIN(s->value, SEMVMX));
		s->pid = current->proc->pid;
	}
	set->otime = ipc_now();
	sem_update(set, NULL, 0);
}
