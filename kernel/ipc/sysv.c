/* SPDX-License-Identifier: MIT */
/*
 * System V IPC, what its three kinds share: identifiers, keys, permissions, the get calls, /proc/sysvipc.
 *
 * An identifier is a place in the table (the lower 15 bits) and the generation of that place, so that an old
 * identifier does not find a new object soon. Places are given out in a circle of at least 64, as Linux
 * does: the first few tell by their numbers that they are new.
 *
 * Locks: see sysv_internal.h. Nothing here sleeps but allocation and /proc.
 * References: sysvipc(7), svipc(7), ftok(3).
 */
#include "sysv_internal.h"
#include <kernel/fs.h>

#define MIN_CYCLE 64

static struct hlist_head *key_bucket(struct ipc_ids *ids, int32_t key)
{
	uint32_t h = (uint32_t)key * 0x9e3779b1u;

	return &ids->keys[h >> 26];
}
_Static_assert(IPC_KEY_BUCKETS == 1 << (32 - 26), "the hash's upper bits are the bucket");

/* ids->lock held. */
static struct ipc_obj *find_key(struct ipc_ids *ids, int32_t key)
{
	struct ipc_obj *o;

	hlist_for_each_entry(o, key_bucket(ids, key), hash) if (o->key == key) return o;
	return NULL;
}

void ipc_obj_init(struct ipc_obj *o, const struct ipc_get *g)
{
	const struct cred *c = current_cred();

	spin_lock_init(&o->lock, LR_IPC);
	atomic_set(&o->refs, 1);
	o->removed = false;
	o->key = g->key;
	o->kind = g->kind;
	o->uid = o->cuid = c->euid;
	o->gid = o->cgid = c->egid;
	o->mode = (unsigned)g->flags & S_IRWXUGO;
}

static unsigned limit_of(const struct ipc_ns *ns, unsigned kind)
{
	int n = kind == IPC_SEM ? ns->sem_limits[3] : kind == IPC_MSG ? ns->msg_mni : ns->shm_mni;

	return (unsigned)READ_ONCE(n);
}

/* ids->lock held. 0; -ENOSPC: as many as there may be; -ENOMEM. */
static int insert(struct ipc_ns *ns, struct ipc_obj *o)
{
	struct ipc_ids *ids = &ns->ids[o->kind];
	unsigned span = MIN(MAX(ids->in_use * 3 / 2, (unsigned)MIN_CYCLE), IPC_MNI);
	uint64_t index;
	int err;

	if (ids->in_use >= MIN(limit_of(ns, o->kind), IPC_MNI))
		return -ENOSPC;
	index = xa_find_free(&ids->table, ids->next < span ? ids->next : 0);
	if (index >= span)
		index = xa_find_free(&ids->table, 0);
	err = xa_store(&ids->table, index, o, NULL);
	if (err)
		return err;
	if (index < ids->next)
		ids->seq = (ids->seq + 1) & 0xffff;
	ids->next = (unsigned)index + 1;
	o->seq = (uint16_t)ids->seq;
	o->id = (int)(ids->seq << IPC_INDEX_BITS | (unsigned)index);
	ids->in_use++;
	if (o->key != IPC_PRIVATE)
		hlist_add_head(&o->hash, key_bucket(ids, o->key));
	return 0;
}

/* What was found by its key: as the caller wants it? ids->lock held. The identifier or an error. */
static long use_found(struct ipc_obj *o, const struct ipc_get *g)
{
	long ret;

	if ((g->flags & (IPC_CREAT | IPC_EXCL)) == (IPC_CREAT | IPC_EXCL))
		return -EEXIST;
	spin_lock(&o->lock);
	ret = g->check ? g->check(o, g) : 0;
	if (!ret)
		ret = ipc_permission(o, (unsigned)g->flags);
	if (!ret)
		ret = o->id;
	spin_unlock(&o->lock);
	return ret;
}

long ipc_get(struct ipc_ns *ns, struct ipc_get *g)
{
	struct ipc_ids *ids = &ns->ids[g->kind];
	struct ipc_obj *new, *o = NULL;
	long ret = -ENOENT;
	int err;

	if (g->key != IPC_PRIVATE) {
		spin_lock(&ids->lock);
		o = find_key(ids, g->key);
		if (o)
			ret = use_found(o, g);
		spin_unlock(&ids->lock);
		if (o || !(g->flags & IPC_CREAT))
			return ret;
	}
	new = g->create(ns, g, &err);
	if (!new)
		return err;
	/* Made without the lock, so somebody may have been faster. */
	spin_lock(&ids->lock);
	o = g->key != IPC_PRIVATE ? find_key(ids, g->key) : NULL;
	if (o) {
		ret = use_found(o, g);
	} else {
		err = insert(ns, new);
		ret = err ? err : new->id;
	}
	spin_unlock(&ids->lock);
	if (o || err)
		g->discard(ns, new);
	return ret;
}

static struct ipc_obj *lock_slot(struct ipc_ids *ids, unsigned index)
{
	struct ipc_obj *o;

	rcu_read_lock();
	o = xa_load(&ids->table, index);
	if (o) {
		spin_lock(&o->lock);
		if (o->removed) {
			spin_unlock(&o->lock);
			o = NULL;
		}
	}
	rcu_read_unlock();
	return o;
}

struct ipc_obj *ipc_lock_id(struct ipc_ns *ns, unsigned kind, int id, int *err)
{
	struct ipc_obj *o = lock_slot(&ns->ids[kind], (unsigned)id & (IPC_MNI - 1));

	if (o && o->id != id) { /* an old identifier of the same place */
		spin_unlock(&o->lock);
		o = NULL;
	}
	if (!o)
		*err = -EINVAL;
	return o;
}

struct ipc_obj *ipc_lock_index(struct ipc_ns *ns, unsigned kind, int index)
{
	return lock_slot(&ns->ids[kind], (unsigned)index & (IPC_MNI - 1));
}

static void free_rcu(struct rcu_head *h)
{
	kfree(container_of(h, struct ipc_obj, rcu));
}

void ipc_put(struct ipc_obj *o)
{
	if (!ref_put(&o->refs))
		return;
	/* Whoever finds it under RCU sees `removed' and looks no further: only the head must stay. */
	kvfree(o->extra);
	call_rcu(&o->rcu, free_rcu);
}

int ipc_permission(const struct ipc_obj *o, unsigned want)
{
	const struct cred *c = current_cred();
	unsigned asked = (want >> 6 | want >> 3 | want) & 7, granted = o->mode;

	if (c->euid == o->cuid || c->euid == o->uid)
		granted >>= 6;
	else if (cred_in_group(c, o->cgid) || cred_in_group(c, o->gid))
		granted >>= 3;
	return (asked & ~granted) && !capable(CAP_IPC_OWNER) ? -EACCES : 0;
}

int ipc_owner(const struct ipc_obj *o)
{
	const struct cred *c = current_cred();

	return c->euid == o->cuid || c->euid == o->uid || capable(CAP_SYS_ADMIN) ? 0 : -EPERM;
}

bool ipc_remove(struct ipc_ns *ns, struct ipc_obj *o)
{
	struct ipc_ids *ids = &ns->ids[o->kind];
	bool ours;

	spin_lock(&ids->lock);
	spin_lock(&o->lock);
	ours = !o->removed;
	if (ours) {
		o->removed = true;
		if (o->key != IPC_PRIVATE)
			hlist_del(&o->hash);
		(void)xa_erase(&ids->table, (unsigned)o->id & (IPC_MNI - 1));
		ids->in_use--;
	}
	spin_unlock(&o->lock);
	spin_unlock(&ids->lock);
	return ours;
}

void ipc_drop_key(struct ipc_ns *ns, struct ipc_obj *o)
{
	struct ipc_ids *ids = &ns->ids[o->kind];

	spin_lock(&ids->lock);
	spin_lock(&o->lock);
	if (!o->removed && o->key != IPC_PRIVATE) {
		hlist_del(&o->hash);
		o->key = IPC_PRIVATE;
	}
	spin_unlock(&o->lock);
	spin_unlock(&ids->lock);
}

int ipc_set_perm(struct ipc_obj *o, const struct ipc64_perm *p)
{
	if (p->uid == UINT32_MAX || p->gid == UINT32_MAX)
		return -EINVAL;
	o->uid = p->uid;
	o->gid = p->gid;
	o->mode = (o->mode & ~(unsigned)S_IRWXUGO) | (p->mode & S_IRWXUGO);
	return 0;
}

void ipc_fill_perm(const struct ipc_obj *o, struct ipc64_perm *p)
{
	memset(p, 0, sizeof(*p));
	p->key = o->key;
	p->uid = o->uid;
	p->gid = o->gid;
	p->cuid = o->cuid;
	p->cgid = o->cgid;
	p->mode = o->mode;
	p->seq = o->seq;
}

int ipc_max_index(struct ipc_ns *ns, unsigned kind)
{
	struct ipc_ids *ids = &ns->ids[kind];
	uint64_t i, last = 0;

	spin_lock(&ids->lock);
	for (i = 0; xa_find(&ids->table, &i); i++)
		last = i;
	spin_unlock(&ids->lock);
	return (int)last;
}

int ipc_show(struct seq *s, unsigned kind, const char *header,
	     void (*one)(struct seq *s, struct ipc_obj *o))
{
	struct ipc_ns *ns = current_ipc_ns();
	struct ipc_ids *ids = &ns->ids[kind];
	uint64_t i;

	seq_puts(s, header);
	for (i = 0;; i++) {
		struct ipc_obj *o;

		spin_lock(&ids->lock);
		o = xa_find(&ids->table, &i);
		if (o)
			ipc_ref(o);
		spin_unlock(&ids->lock);
		if (!o)
			return 0;
		spin_lock(&o->lock);
		if (!o->removed)
			one(s, o);
		spin_unlock(&o->lock);
		ipc_put(o);
	}
}
