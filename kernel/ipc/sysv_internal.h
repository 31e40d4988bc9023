/* SPDX-License-Identifier: MIT */
/*
 * What the three kinds of System V objects share. Inside kernel/ipc only.
 *
 * An object lives while it is in its table or referred to; it is found under RCU and then locked, and is
 * looked at only after `removed' was seen false under its lock.
 *
 * Locks used to protect struct members in this file:
 *	I	immutable once it is in the table
 *	o	ipc_obj.lock
 *	i	ipc_ids.lock
 * Order: ipc_ids.lock -> ipc_obj.lock.
 */
#pragma once
#include <kernel/cred.h>
#include <kernel/errno.h>
#include <kernel/ipc_ns.h>
#include <kernel/mm.h>
#include <kernel/nsproxy.h>
#include <kernel/rcu.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/uaccess.h>
#include <uapi/ipc.h>
#include <uapi/stat.h>

#define IPC_INDEX_BITS 15
#define IPC_MNI (1u << IPC_INDEX_BITS)	/* most objects of a kind */

struct ipc_obj {
	struct spinlock lock;		/* LR_IPC */
	atomic_t refs;			/* the table's, sleepers' */
	bool removed;			/* [o] */
	int id;				/* [I] */
	int32_t key;			/* [i+o] */
	uint16_t seq;			/* [I] */
	uid_t uid, cuid;		/* [o] */
	gid_t gid, cgid;		/* [o] */
	unsigned mode;			/* [o] permission bits; SHM_DEST, SHM_LOCKED */
	unsigned kind;			/* [I] IPC_SEM... */
	void *extra;			/* [I] kvmalloc'ed, goes with the last reference */
	struct hlist_node hash;		/* [i] by key */
	struct rcu_head rcu;
};
/* What a get call makes when there is nothing of that name. */
struct ipc_get {
	unsigned kind;
	int32_t key;
	int flags;
	size_t param;			/* number of semaphores, bytes */
	struct ipc_obj *(*create)(struct ipc_ns *ns, struct ipc_get *g, int *err);	/* not in the table yet */
	void (*discard)(struct ipc_ns *ns, struct ipc_obj *o);	/* it was not needed after all */
	int (*check)(struct ipc_obj *o, const struct ipc_get *g);	/* is the found one big enough? locked */
};
static inline struct ipc_ns *current_ipc_ns(void) { return current->ns->ipc; }
static inline int64_t ipc_now(void) { return clock_realtime() / NSEC_PER_SEC; }

void ipc_obj_init(struct ipc_obj *o, const struct ipc_get *g);
long ipc_get(struct ipc_ns *ns, struct ipc_get *g);
/* The object of that id, locked; NULL with *err (-EINVAL). The lock keeps it. */
struct ipc_obj *ipc_lock_id(struct ipc_ns *ns, unsigned kind, int id, int *err);
/* The object at that place of the table, locked; NULL. */
struct ipc_obj *ipc_lock_index(struct ipc_ns *ns, unsigned kind, int index);
static inline void ipc_unlock(struct ipc_obj *o) { spin_unlock(&o->lock); }
static inline struct ipc_obj *ipc_ref(struct ipc_obj *o) { atomic_inc(&o->refs); return o; }
void ipc_put(struct ipc_obj *o);	/* the memory goes after a grace period */
/* Locks again what was unlocked with a reference held. */
static inline void ipc_relock(struct ipc_obj *o) { spin_lock(&o->lock); }
#define IPC_READ 0444u
#define IPC_WRITE 0222u
#define IPC_EXEC 0111u
/* May the caller do that? 0 or -EACCES. Locked. */
int ipc_permission(const struct ipc_obj *o, unsigned want);
/* Owner, creator or CAP_SYS_ADMIN? 0 or -EPERM. Locked. */
int ipc_owner(const struct ipc_obj *o);
/*
 * Takes the object out of its table: from now on nobody finds it. False: somebody else did. The caller
 * holds a reference, and no lock; the table's own reference goes to the caller.
 */
bool ipc_remove(struct ipc_ns *ns, struct ipc_obj *o);
/* The key is given up while the object stays (SHM_DEST). No lock held. */
void ipc_drop_key(struct ipc_ns *ns, struct ipc_obj *o);
/* IPC_SET. Locked, permission checked. */
int ipc_set_perm(struct ipc_obj *o, const struct ipc64_perm *p);
void ipc_fill_perm(const struct ipc_obj *o, struct ipc64_perm *p);
int ipc_max_index(struct ipc_ns *ns, unsigned kind);	/* 0 when there is none */

/* When a namespace goes: disposes of the objects. */
void sem_destroy(struct ipc_ns *ns, struct ipc_obj *o);
void msg_destroy(struct ipc_ns *ns, struct ipc_obj *o);
void shm_destroy(struct ipc_ns *ns, struct ipc_obj *o);

/* /proc/sysvipc/KIND */
struct seq;
int ipc_show(struct seq *s, unsigned kind, const char *header, void (*one)(struct seq *s, struct ipc_obj *o));
