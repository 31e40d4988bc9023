/* SPDX-License-Identifier: MIT */
/* A call to run on the way to user mode, in the context of the task it was added to. */
#pragma once
struct task;
struct task_work {
	struct task_work *next;
	void (*fn)(struct task_work *);
};
int task_work_add(struct task *t, struct task_work *w);	/* 0; -ESRCH: it is exiting */
void task_work_run(void);
