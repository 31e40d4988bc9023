/* SPDX-License-Identifier: MIT */
/* System V shared memory, inside kernel/ipc/shm*.c. [o]: ipc_obj.lock; [I]: immutable. */
#pragma once
#include "sysv_internal.h"
#include <kernel/vm.h>

struct shm_seg {
	struct ipc_obj obj;		/* first */
	struct ipc_ns *ns;		/* [I] a reference for each area */
	struct file *file;		/* [I] the memory */
	size_t size;			/* [I] as asked for */
	unsigned long nr_attached;	/* [o] areas, and attachments in the making */
	int64_t atime, dtime, ctime;	/* [o] */
	pid_t creator_pid, last_pid;	/* [o] */
};
static inline uint64_t shm_pages(const struct shm_seg *s) { return DIV_ROUND_UP(s->size, PAGE_SIZE); }
void shm_drop(struct ipc_ns *ns, struct shm_seg *s);
