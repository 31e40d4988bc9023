/* SPDX-License-Identifier: MIT */
/*
 * POSIX message queues: the queue (kernel/ipc/mqueue.c) and its names (kernel/fs/mqueue/mqueue.c).
 */
#pragma once
#include <kernel/fs.h>
#include <kernel/ipc_ns.h>
#include <uapi/mqueue.h>

struct mqueue;
/* A new queue, charged to the caller. @attr NULL: the namespace's defaults. -EINVAL, -EOVERFLOW, -EMFILE, -ENOMEM. */
int mqueue_create(struct ipc_ns *ns, const struct mq_attr *attr, struct mqueue **out) __must_check;
void mqueue_free(struct mqueue *q);
extern const struct file_ops mqueue_fops;	/* inode->private is the queue */

/* The namespace's directory of queues, as a mount that nobody sees: with references. */
int mqueue_root(struct ipc_ns *ns, struct path *out) __must_check;
/* Makes the file; the directory is locked, @d negative, permission checked. */
int mqueue_make(struct inode *dir, struct dentry *d, umode_t mode, const struct mq_attr *attr) __must_check;
void mqueue_ns_exit(struct ipc_ns *ns);
