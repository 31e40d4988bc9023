/* SPDX-License-Identifier: MIT */
/*
 * Readiness. file_ops.poll calls poll_wait() for each queue that may change its answer, then returns the
 * events that are true now. poll, select and epoll each give a table whose queue function enqueues its waiter. kernel/ipc/.
 */
#pragma once
#include <kernel/waitq.h>
#include <uapi/poll.h>

struct file;
struct poll_table {
	void (*queue)(struct file *f, struct waitq *q, struct poll_table *pt);	/* NULL: only asks */
	uint32_t key;			/* events of interest */
};
static inline void poll_wait(struct file *f, struct waitq *q, struct poll_table *pt)
{
	if (pt && pt->queue)
		pt->queue(f, q, pt);
}
uint32_t vfs_poll(struct file *f, struct poll_table *pt);
/* The last reference of a watched file is going: epoll items let go. */
void epoll_file_release(struct file *f);
/* poll(2) with milliseconds, for architectures that have it. */
struct pollfd;
long poll_millis(struct pollfd __user *fds, unsigned nfds, int timeout_ms);
/* select(2) with a struct timeval, likewise. */
struct timeval;
long select_timeval(int n, unsigned long __user *in, unsigned long __user *out, unsigned long __user *ex, struct timeval __user *utv);
