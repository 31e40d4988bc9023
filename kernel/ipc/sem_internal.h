/* SPDX-License-Identifier: MIT */
/*
 * System V semaphores. Inside kernel/ipc/sem*.c only.
 *
 * Locks used to protect struct members in this file:
 *	I	immutable
 *	s	sem_set.obj.lock
 *	u	sem_undo_list.lock, before the set's
 */
#pragma once
#include "sysv_internal.h"

#define SEMVMX 32767
#define SEMAEM SEMVMX

struct sem {
	int value;			/* [s] 0..SEMVMX */
	pid_t pid;			/* [s] who changed it last */
	struct list_head alter;		/* [s] waiters with one operation that changes it, in order of arrival */
	struct list_head zero;		/* [s] waiters with one operation that waits for zero */
};
struct sem_set {
	struct ipc_obj obj;		/* first */
	unsigned nsems;			/* [I] */
	struct sem *sems;		/* [I] also obj.extra */
	int64_t otime, ctime;		/* [s] */
	/* Waiters with several operations. While there are any, all that change something stand here. */
	struct list_head alter, zero;	/* [s] */
	unsigned nr_complex;		/* [s] in alter and zero, with several operations */
	struct list_head undos;		/* [s] sem_undo.set_link */
};
struct sem_wait {
	struct list_head link;
	struct task *task;
	const struct sembuf *ops;
	unsigned nops, blocking;	/* which of them it waits for */
	bool alters;
	int status;			/* WAITING until somebody has done the operations, or found them impossible */
	pid_t pid;
	struct sem_undo *undo;
};
#define SEM_WAITING 1

/* What a process will take back at its end, per set. Belongs to the list; the set knows it too. */
struct sem_undo {
	struct list_head list_link;	/* [u] */
	struct list_head set_link;	/* [s] */
	struct sem_set *set;		/* [I] a reference */
	bool dead;			/* the set was removed: nobody but the list knows it any more */
	int16_t adjust[];		/* [s] one for each semaphore */
};
struct sem_undo_list {
	atomic_t refs;			/* tasks that share it */
	struct spinlock lock;		/* LR_IPC_UNDO */
	struct list_head undos;		/* [u] the last used first */
};

/* The running task's adjustments for a set; made if there are none. -EINVAL, -EIDRM, -ENOMEM. */
int sem_undo_find(struct ipc_ns *ns, int id, struct sem_undo **out) __must_check;
/* After values changed: does what waiters wanted and wakes them. @ops NULL: any may have changed. Set locked. */
void sem_update(struct sem_set *set, const struct sembuf *ops, unsigned nops);
void sem_adjust(struct sem_set *set, struct sem_undo *u);	/* at exit; locked */
