/* SPDX-License-Identifier: MIT */
/*
 * Restartable sequences, rseq(2), and membarrier(2).
 *
 * A thread registers 32 bytes of its own. Whenever it returns to user mode after it was preempted, moved or is about to
 * handle a signal, cpu_id is brought up to date, and, when it was inside a critical section, it goes on at the
 * section's abort handler instead. Only threads that registered pay: rseq_switch_out() sets TIF_NOTIFY-like work for them.
 */
#include <kernel/errno.h>
#include <kernel/smp.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>
#include <kernel/vm.h>
#include <arch/context.h>
#include "proc_internal.h"

struct rseq {
	uint32_t cpu_id_start, cpu_id;
	uint64_t rseq_cs;
	uint32_t flags;
	uint32_t node_id, mm_cid;
	uint32_t pad;
};
_Static_assert(sizeof(struct rseq) == 32, "rseq ABI");
#define RSEQ_CPU_UNINITIALIZED	0xffffffffu
#define RSEQ_FLAG_UNREGISTER	1

struct rseq_cs {
	uint32_t version, flags;
	uint64_t start_ip, post_commit_offset, abort_ip;
};
_Static_assert(sizeof(struct rseq_cs) == 32, "rseq critical section ABI");

static int update_cpu(struct task *t, uint32_t cpu)
{
	struct rseq __user *r = t->rseq;

	return put_user(cpu, &r->cpu_id_start) || put_user(cpu, &r->cpu_id) ? -EFAULT : 0;
}

/* Leaves a critical section that was interrupted. */
static int abort_section(struct task *t, struct pt_regs *regs)
{
	struct rseq __user *r = t->rseq;
	struct rseq_cs cs;
	uint64_t at;
	uint32_t sig;
	uintptr_t pc = regs_pc(regs);

	if (get_user(at, &r->rseq_cs))
		return -EFAULT;
	if (likely(!at))
		return 0;
	if (copy_from_user(&cs, (const void __user *)at, sizeof(cs)))
		return -EFAULT;
	if (cs.version || cs.start_ip >= USER_END || cs.abort_ip >= USER_END || cs.start_ip + cs.post_commit_offset < cs.start_ip ||
	    cs.start_ip + cs.post_commit_offset >= USER_END || cs.abort_ip - cs.start_ip < cs.post_commit_offset)
		return -EINVAL;
	if (pc - cs.start_ip >= cs.post_commit_offset)
		return put_user(0ul, &r->rseq_cs);	/* it was left long ago */
	/* The word before the handler proves that jumping there is what the program wants. */
	if (get_user(sig, (const uint32_t __user *)(cs.abort_ip - 4)))
		return -EFAULT;
	if (sig != t->rseq_sig)
		return -EINVAL;
	if (put_user(0ul, &r->rseq_cs))
		return -EFAULT;
	regs_set_pc(regs, cs.abort_ip);
	return 0;
}

void rseq_signal_deliver(struct pt_regs *regs)
{
	struct task *t = current;

	if (!t->rseq || (t->flags & TF_EXITING))
		return;
	if (abort_section(t, regs) || update_cpu(t, current_head()->cpu))
		force_signal(SIGSEGV);
}

void rseq_exec(struct task *t)
{
	t->rseq = NULL;
	t->rseq_len = 0;
	t->rseq_sig = 0;
}

long sys_rseq(struct rseq __user *rseq, uint32_t len, int flags, uint32_t sig)
{
	struct task *t = current;

	if (flags & RSEQ_FLAG_UNREGISTER) {
		if (flags & ~RSEQ_FLAG_UNREGISTER)
			return -EINVAL;
		if (!t->rseq || t->rseq != rseq)
			return -EINVAL;
		if (len != t->rseq_len)
			return -EINVAL;
		if (sig != t->rseq_sig)
			return -EPERM;
		if (put_user(0u, &rseq->cpu_id_start) || put_user(RSEQ_CPU_UNINITIALIZED, &rseq->cpu_id))
			return -EFAULT;
		rseq_exec(t);
		return 0;
	}
	if (flags)
		return -EINVAL;
	if (t->rseq) {
		if (t->rseq != rseq || len != t->rseq_len)
			return -EINVAL;
		return sig != t->rseq_sig ? -EPERM : -EBUSY;
	}
	if (len != sizeof(struct rseq) || ((uintptr_t)rseq & 31))
		return -EINVAL;
	if (!access_ok(rseq, len))
		return -EFAULT;
	t->rseq_len = len;
	t->rseq_sig = sig;
	t->rseq = rseq;
	if (update_cpu(t, current_head()->cpu)) {
		rseq_exec(t);
		return -EFAULT;
	}
	return 0;
}

/* ---- membarrier */
#define MB_QUERY			0
#define MB_GLOBAL			BIT(0)
#define MB_GLOBAL_EXPEDITED		BIT(1)
#define MB_REGISTER_GLOBAL_EXPEDITED	BIT(2)
#define MB_PRIVATE_EXPEDITED		BIT(3)
#define MB_REGISTER_PRIVATE_EXPEDITED	BIT(4)
#define MB_PRIVATE_SYNC_CORE		BIT(5)
#define MB_REGISTER_PRIVATE_SYNC_CORE	BIT(6)
#define MB_PRIVATE_RSEQ			BIT(7)
#define MB_REGISTER_PRIVATE_RSEQ	BIT(8)
#define MB_FLAG_CPU			1u
#define MB_ALL (MB_GLOBAL | MB_GLOBAL_EXPEDITED | MB_REGISTER_GLOBAL_EXPEDITED | MB_PRIVATE_EXPEDITED | \
		MB_REGISTER_PRIVATE_EXPEDITED | MB_PRIVATE_SYNC_CORE | MB_REGISTER_PRIVATE_SYNC_CORE | \
		MB_PRIVATE_RSEQ | MB_REGISTER_PRIVATE_RSEQ)

/* An interrupt is a full barrier and, by the return from it, a context synchronisation event. */
static void barrier_here(void *arg)
{
	smp_mb();
}

static long barrier_everywhere(void)
{
	if (nr_cpus > 1)
		smp_call(&cpu_online_mask, barrier_here, NULL, true);
	smp_mb();
	return 0;
}

/* A thread of the process that is inside a restartable sequence starts over: it looks on its way to user mode. */
static void restart_here(void *mm)
{
	smp_mb();
	if (current->mm == mm && current->rseq)
		__atomic_fetch_or(&current->head.work, TIF_NOTIFY, __ATOMIC_RELAXED);
}

static long restart_sequences(int cpu)
{
	if (cpu >= 0 && ((unsigned)cpu >= nr_cpus || !cpumask_test(&cpu_online_mask, (unsigned)cpu)))
		return 0;
	/* A caller that is moved meanwhile was interrupted by that, too. */
	if (cpu >= 0)
		smp_call_cpu((unsigned)cpu, restart_here, current->mm, true);
	else
		smp_call(&cpu_online_mask, restart_here, current->mm, true);
	smp_mb();
	return 0;
}

long sys_membarrier(int cmd, unsigned int flags, int cpu_id)
{
	atomic_t *state = &current->mm->membarrier_state;

	if (flags && (flags != MB_FLAG_CPU || cmd != (int)MB_PRIVATE_RSEQ))
		return -EINVAL;
	switch (cmd) {
	case MB_QUERY:
		return MB_ALL;
	case MB_GLOBAL:
		if (nr_cpus > 1)
			synchronize_rcu();
		return 0;
	case MB_GLOBAL_EXPEDITED:
		return barrier_everywhere();
	case MB_REGISTER_GLOBAL_EXPEDITED:
		atomic_or(state, MB_GLOBAL_EXPEDITED);
		return 0;
	case MB_REGISTER_PRIVATE_EXPEDITED:
		atomic_or(state, MB_PRIVATE_EXPEDITED);
		return 0;
	case MB_REGISTER_PRIVATE_SYNC_CORE:
		atomic_or(state, MB_PRIVATE_SYNC_CORE);
		return 0;
	case MB_REGISTER_PRIVATE_RSEQ:
		atomic_or(state, MB_PRIVATE_RSEQ);
		return 0;
	case MB_PRIVATE_RSEQ:
		if (!(atomic_read(state) & cmd))
			return -EPERM;
		return restart_sequences(flags ? cpu_id : -1);
	case MB_PRIVATE_EXPEDITED:
	case MB_PRIVATE_SYNC_CORE:
		if (!(atomic_read(state) & cmd))
			return -EPERM;
		return barrier_everywhere();
	}
	return -EINVAL;
}
