/* SPDX-License-Identifier: MIT */
/*
 * IPC namespaces: the System V objects and POSIX message queues that a task sees, and their limits.
 * kernel/ipc/ipc_ns.c.
 *
 * Locks used to protect struct members in this file:
 *	i	ipc_ids.lock: what is in the table
 *	q	a lock of kernel/fs/mqueue/mqueue.c
 *	a	atomic
 *	-	plain numbers, read and written whole
 */
#pragma once
#include <kernel/atomic.h>
#include <kernel/list.h>
#include <kernel/spinlock.h>
#include <kernel/types.h>
#include <kernel/xarray.h>

#define IPC_KEY_BUCKETS 64
enum { IPC_SEM, IPC_MSG, IPC_SHM, IPC_KINDS };

struct ipc_ids {
	struct spinlock lock;		/* LR_IPC_IDS */
	struct xarray table;		/* [i] index -> struct ipc_obj; RCU readers */
	struct hlist_head keys[IPC_KEY_BUCKETS];	/* [i] */
	unsigned in_use;		/* [i] */
	unsigned next, seq;		/* [i] where the next index is looked for, and its generation */
};

struct super;
struct mount;
struct ipc_ns {
	atomic_t refs;
	ino_t ino;			/* [I] /proc/PID/ns/ipc */
	struct ipc_ids ids[IPC_KINDS];
	int sem_limits[4];		/* [-] SEMMSL, SEMMNS, SEMOPM, SEMMNI */
	atomic64_t nr_sems;		/* [a] semaphores in all sets */
	int msg_max, msg_mnb, msg_mni;	/* [-] */
	atomic64_t msg_bytes, msg_count;	/* [a] in all queues */
	uint64_t shm_max, shm_all;	/* [-] bytes; pages */
	int shm_mni;			/* [-] */
	atomic64_t shm_pages;		/* [a] */
	struct super *mq_sb;		/* message queues: set once; a reference */
	struct mount *mq_mount;		/* likewise */
	int mq_count;			/* [q] */
	int mq_queues_max, mq_msg_max, mq_msgsize_max, mq_msg_default, mq_msgsize_default;	/* [-] */
};
extern struct ipc_ns init_ipc_ns;
static inline struct ipc_ns *ipc_ns_get(struct ipc_ns *ns) { atomic_inc(&ns->refs); return ns; }
void ipc_init(void);				/* before the first process */
void ipc_ns_put(struct ipc_ns *ns);			/* may sleep */
int ipc_ns_create(struct ipc_ns **out) __must_check;	/* empty, limits as at boot */

struct task;
int sem_undo_copy(uint64_t clone_flags, struct task *child) __must_check;	/* fork */
void sem_undo_exit(struct task *t);			/* exit, unshare: applies the adjustments */
