/* SPDX-License-Identifier: MIT */
/*
 * Process identifiers. A struct pid outlives the tasks that use it: as process, thread, process
 * group and session id at once. Found by number under RCU. kernel/proc/pid.c.
 */
#pragma once
#include <kernel/atomic.h>
#include <kernel/list.h>
#include <kernel/rcu.h>
#include <kernel/waitq.h>

enum pidtype { PIDTYPE_PID, PIDTYPE_TGID, PIDTYPE_PGID, PIDTYPE_SID, PIDTYPE_COUNT };
struct task;
struct pid {
	atomic_t refs;
	pid_t nr;				/* [I] */
	struct hlist_head tasks[PIDTYPE_COUNT];	/* [t] task.pid_links; RCU readers */
	struct waitq wait_pidfd;		/* pidfd pollers: process exited */
	ino_t ino;				/* for pidfd */
	struct rcu_head rcu;
};
#define PID_MAX_DEFAULT 32768
#define PID_MAX_LIMIT 131072
extern int pid_max;
void pid_init(void);
/* @want 0: the next free number, else that one. 0, -EAGAIN (none free), -EEXIST, -ENOMEM. */
int pid_alloc(pid_t want, struct pid **out) __must_check;
struct pid *pid_get(struct pid *p);
void pid_put(struct pid *p);
void pid_free(struct pid *p);			/* undoes pid_alloc() before anything was attached; later the last pid_detach() frees the number */
/* Under rcu_read_lock(). */
struct pid *pid_find(pid_t nr);
struct task *pid_task(struct pid *p, enum pidtype type);
extern pid_t pid_last;		/* the number handed out last: /proc/loadavg */
/* The used number >= nr, or NULL; for readers of /proc. Under rcu_read_lock(). */
struct pid *pid_find_ge(pid_t nr);
/* With references. NULL when there is none. */
struct pid *pid_find_get(pid_t nr);
struct task *task_find_get(pid_t tid);		/* any thread */
struct task *task_find_get_leader(pid_t pid);	/* thread-group leader by process id */
/* proc_tree_lock held. */
void pid_attach(struct task *t, enum pidtype type, struct pid *p);
void pid_detach(struct task *t, enum pidtype type);
void pid_change(struct task *t, enum pidtype type, struct pid *p);
#define pid_for_each_task(t, p, type) hlist_for_each_entry(t, &(p)->tasks[type], pid_links[type])
