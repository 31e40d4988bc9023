/* SPDX-License-Identifier: MIT */
/* Deferred work in kernel threads: one pool thread per CPU and an unbound one that may sleep long. kernel/sync/work.c. */
#pragma once
#include <kernel/list.h>
#include <kernel/timer.h>

struct work {
	struct list_head link;
	void (*fn)(struct work *w);
	unsigned long pending;		/* bit 0 */
};
struct delayed_work {
	struct work work;
	struct timer timer;
};
void work_init(struct work *w, void (*fn)(struct work *));
bool work_queue(struct work *w);			/* false: was queued already. Any context */
void work_flush(struct work *w);			/* waits until not queued and not running */
bool work_cancel_sync(struct work *w);
void delayed_work_init(struct delayed_work *w, void (*fn)(struct work *));
bool delayed_work_queue(struct delayed_work *w, nsec_t delay);
bool delayed_work_cancel_sync(struct delayed_work *w);
void workqueue_init(void);
