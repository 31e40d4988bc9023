/* SPDX-License-Identifier: MIT */
/*
 * When memory runs out: what may be promised (overcommit), and who has to go.
 *
 * Before this file is asked, the caches have given what they had. Then the process with the
 * most memory of its own, corrected by oom_score_adj, is killed; never init, a kernel thread,
 * or one that asked for -1000. A victim may use the last reserves, so that it can run to its
 * end; whoever caused the shortage waits for that, a bounded time, and tries again.
 *
 * Locks: proc_tree_lock over the choice; victim_lock (leaf) keeps it to one victim at a time.
 * References: proc(5): oom_score_adj, overcommit_memory, overcommit_ratio.
 */
#include <kernel/init.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/panic.h>
#include <kernel/rcu.h>
#include <kernel/signal.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include "mm_internal.h"

int vm_overcommit_memory;
int vm_overcommit_ratio = 50;
static atomic64_t committed;

/*
 * Charges @pages, or refuses: mode 0 only what could never fit, mode 1 nothing, mode 2 all
 * beyond the limit.
 */
bool vm_may_commit(uint64_t pages)
{
	uint64_t total = mem_total_pages(), limit;

	if (likely(vm_overcommit_memory != 2)) {
		if (vm_overcommit_memory == 0 && pages > total)
			return false;
		atomic64_add(&committed, (int64_t)pages);
		return true;
	}
	limit = total * (uint64_t)vm_overcommit_ratio / 100;
	/* Ordinary users leave 3 % for root to log in with. */
	if (!capable(CAP_SYS_ADMIN))
		limit -= limit / 32;
	if ((uint64_t)atomic64_add_return(&committed, (int64_t)pages) <= limit)
		return true;
	atomic64_sub(&committed, (int64_t)pages);
	return false;
}

void vm_uncommit(uint64_t pages)
{
	atomic64_sub(&committed, (int64_t)pages);
}

/* Without a look at limits: the sum is about to go down again by as much. */
void vm_commit_again(uint64_t pages)
{
	atomic64_add(&committed, (int64_t)pages);
}

uint64_t vm_committed(void)
{
	int64_t n = atomic64_read(&committed);

	return n > 0 ? (uint64_t)n : 0;
}

/*
 * Pages that would come back, with the user's wish added; 0: not to be killed. Also what
 * /proc/PID/oom_score shows.
 */
uint64_t oom_badness(struct task *t)
{
	struct mm *mm = READ_ONCE(t->mm);
	int64_t points, adj = t->proc->oom_score_adj;

	if (!mm || (t->flags & TF_KTHREAD) || t->proc == init_process->proc || adj == -1000)
		return 0;
	points = atomic64_read(&mm->rss_anon) + atomic64_read(&mm->rss_file) +
		 atomic64_read(&mm->rss_shmem) + atomic64_read(&mm->pt_pages);
	points += adj * (int64_t)mem_total_pages() / 1000;
	return points > 0 ? (uint64_t)points : 1;
}

static bool is_dying(struct task *t)
{
	return (READ_ONCE(t->flags) & (TF_OOM_VICTIM | TF_EXITING)) || fatal_signal_pending(t);
}

/*
 * The worst process, with a reference; NULL: nobody. *dying: one is on its way out already and
 * still holds memory.
 */
static struct task *choose_victim(bool *dying)
{
	struct task *t, *worst = NULL;
	uint64_t most = 0;
	irqflags_t f = spin_lock_irqsave(&proc_tree_lock);

	*dying = false;
	list_for_each_entry(t, &all_tasks, all_link) {
		uint64_t n;

		if (!READ_ONCE(t->mm) || (t->flags & TF_KTHREAD))
			continue;
		if (is_dying(t)) {
			*dying = true;
			continue;
		}
		n = oom_badness(t);
		if (n > most) {
			most = n;
			worst = t;
		}
	}
	if (worst)
		task_get(worst);
	spin_unlock_irqrestore(&proc_tree_lock, f);
	return worst;
}

static void kill_victim(struct task *victim)
{
	struct mm *mm = READ_ONCE(victim->mm);
	struct task *t;
	irqflags_t f;

	pr_err("Out of memory: Killed process %d (%s) anon-rss:%lldkB, file-rss:%lldkB, "
	       "shmem-rss:%lldkB oom_score_adj:%d\n",
	       victim->proc->pid, victim->comm,
	       mm ? (long long)atomic64_read(&mm->rss_anon) * 4 : 0ll,
	       mm ? (long long)atomic64_read(&mm->rss_file) * 4 : 0ll,
	       mm ? (long long)atomic64_read(&mm->rss_shmem) * 4 : 0ll,
	       victim->proc->oom_score_adj);
	f = spin_lock_irqsave(&proc_tree_lock);
	/* Everybody who shares the memory has to go for it to come back. */
	list_for_each_entry(t, &all_tasks, all_link)
		if (mm && READ_ONCE(t->mm) == mm && t->proc != init_process->proc)
			(void)__atomic_fetch_or(&t->flags, TF_OOM_VICTIM, __ATOMIC_RELAXED);
	spin_unlock_irqrestore(&proc_tree_lock, f);
	kill_proc(SIGKILL, victim->proc);
}

/*
 * Returns true when the allocation is worth another try. The caller may sleep. A task that is
 * itself the victim, or has a fatal signal pending, does not wait: it may use the reserves
 * now.
 */
bool oom_kill_and_wait(unsigned order, gfp_t gfp)
{
	static DEFINE_SPINLOCK(victim_lock, LR_LEAF);
	static nsec_t last_kill;
	struct task *victim = NULL;
	bool dying, mine;
	nsec_t now = clock_monotonic();

	if (system_state < SYSTEM_SCHEDULING)
		return false;
	if (fatal_signal_pending(current)) {
		bool fresh = !(current->flags & TF_OOM_VICTIM);

		current->flags |= TF_OOM_VICTIM;
		return fresh;
	}
	victim = choose_victim(&dying);
	spin_lock(&victim_lock);
	/* One at a time: a dying process gets 200 ms to let go before the next one is taken. */
	mine = victim && (!dying || now - last_kill > 200 * NSEC_PER_MSEC);
	if (mine)
		last_kill = now;
	spin_unlock(&victim_lock);
	if (mine)
		kill_victim(victim);
	if (victim)
		task_put(victim);
	if (!victim && !dying) {
		pr_err("Out of memory and no killable processes...\n");
		return false;
	}
	if (fatal_signal_pending(current)) {
		current->flags |= TF_OOM_VICTIM;
		return true;
	}
	set_current_state(TASK_KILLABLE);
	schedule_deadline(now + 20 * NSEC_PER_MSEC);
	return true;
}
