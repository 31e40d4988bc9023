/* SPDX-License-Identifier: MIT */
/*
 * Calls to be made in a task's own context on its way to user mode (or out of existence). The list is a stack, changed by
 * compare-and-swap; the owner takes it as a whole and runs it in order of addition. A task that has exited closes it.
 */
#include <kernel/task_work.h>
#include <kernel/errno.h>
#include <kernel/task.h>

static struct task_work works_closed;

int task_work_add(struct task *t, struct task_work *w)
{
	struct task_work *head = READ_ONCE(t->works);

	do {
		if (head == &works_closed)
			return -ESRCH;
		w->next = head;
	} while (!__atomic_compare_exchange_n(&t->works, &head, w, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED));
	(void)__atomic_fetch_or(&t->head.work, TIF_NOTIFY, __ATOMIC_SEQ_CST);
	if (t != current && task_is_running(t))
		resched_cpu(t->head.cpu);	/* through the kernel's exit */
	return 0;
}

static void run_list(struct task_work *list)
{
	struct task_work *ordered = NULL;

	while (list) {
		struct task_work *n = list->next;

		list->next = ordered;
		ordered = list;
		list = n;
	}
	while (ordered) {
		struct task_work *n = ordered->next;

		ordered->fn(ordered);
		ordered = n;
		cond_resched();
	}
}

/* Also the place where a thread with a restartable sequence learns that it was preempted or moved. */
void task_work_run(void)
{
	struct task *t = current;
	bool exiting = t->flags & TF_EXITING;

	(void)__atomic_fetch_and(&t->head.work, ~TIF_NOTIFY, __ATOMIC_SEQ_CST);
	for (;;) {
		struct task_work *w = READ_ONCE(t->works);

		if (!w || w == &works_closed) {
			if (!exiting || w || __atomic_compare_exchange_n(&t->works, &w, &works_closed, false,
									__ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
				break;
			continue;
		}
		run_list(__atomic_exchange_n(&t->works, NULL, __ATOMIC_ACQUIRE));
	}
	if (unlikely(t->rseq) && !exiting)
		rseq_signal_deliver(task_regs(t));
}
