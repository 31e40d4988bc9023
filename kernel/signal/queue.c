/* SPDX-License-Identifier: MIT */
/*
 * Queue entries and pending sets: allocation against RLIMIT_SIGPENDING, taking signals out.
 *
 * Invariant: a bit in a pending set is set exactly when an entry for it is queued or one could not be had (then its
 * siginfo is all zero, SI_USER). Locks: proc->siglock, held by callers.
 */
#include "signal_internal.h"
#include <kernel/cred.h>
#include <kernel/errno.h>
#include <kernel/mm.h>
#include <kernel/string.h>
#include <kernel/time.h>

static struct kmem_cache *sigqueue_cache;

/* Queued signals by real user id. Entries stay: their number is that of the users seen. */
struct user_count {
	struct hlist_node link;
	uid_t uid;
	atomic_t queued;
};
#define USER_HASH_BITS 6
static struct hlist_head user_hash[1 << USER_HASH_BITS];
static DEFINE_SPINLOCK(user_lock, LR_LEAF);

void signals_init(void)
{
	sigqueue_cache = kmem_cache_create("sigqueue", sizeof(struct sigqueue), 8, 0, NULL);
}

static struct user_count *user_count_get(uid_t uid)
{
	struct hlist_head *h = &user_hash[hash_u64(uid, USER_HASH_BITS)];
	struct user_count *u, *new;

	rcu_read_lock();
	hlist_for_each_entry(u, h, link)
		if (u->uid == uid)
			break;
	rcu_read_unlock();
	if (u)
		return u;
	new = kzalloc(sizeof(*new), GFP_ATOMIC);
	if (!new)
		return NULL;
	new->uid = uid;
	spin_lock(&user_lock);
	hlist_for_each_entry(u, h, link)
		if (u->uid == uid)
			break;
	if (!u) {
		hlist_add_head(&new->link, h);
		u = new;
		new = NULL;
	}
	spin_unlock(&user_lock);
	kfree(new);
	return u;
}

/* Counts one more against the user; NULL: over @t's limit (unless @force) or no memory. */
static struct user_count *charge(struct task *t, bool force)
{
	struct user_count *u;
	uid_t uid;

	rcu_read_lock();
	uid = rcu_dereference(t->cred)->uid;
	rcu_read_unlock();
	u = user_count_get(uid);
	if (!u)
		return NULL;
	if ((uint64_t)atomic_add_return(&u->queued, 1) <= t->proc->rlim[RLIMIT_SIGPENDING].rlim_cur || force)
		return u;
	atomic_dec(&u->queued);
	return NULL;
}

void *sigqueue_charge(struct task *t)
{
	return charge(t, false);
}

void sigqueue_uncharge(void *charged)
{
	atomic_dec(&((struct user_count *)charged)->queued);
}

/* NULL: over the receiver's limit (unless @force) or no memory. */
struct sigqueue *sigqueue_alloc(struct task *t, bool force)
{
	struct user_count *u = charge(t, force);
	struct sigqueue *q;

	if (!u)
		return NULL;
	q = kmem_cache_alloc(sigqueue_cache, GFP_ATOMIC);
	if (!q) {
		sigqueue_uncharge(u);
		return NULL;
	}
	list_init(&q->link);
	q->timer = NULL;
	q->charged = u;
	return q;
}

/* Entries of POSIX timers belong to the timer. */
void sigqueue_free(struct sigqueue *q)
{
	if (q->timer)
		return;
	sigqueue_uncharge(q->charged);
	kmem_cache_free(sigqueue_cache, q);
}

/* For SigQ in /proc/PID/status. */
unsigned signal_queued_count(uid_t uid)
{
	struct user_count *u = user_count_get(uid);

	return u ? (unsigned)atomic_read(&u->queued) : 0;
}

/* Kept in the user's layout all along. */
void siginfo_to_user_layout(const struct siginfo *k, void *out128)
{
	memcpy(out128, k, sizeof(*k));
}

void sigpending_init(struct sigpending *p)
{
	p->set = 0;
	list_init(&p->queue);
}

void sigpending_remove(struct sigpending *p, sigset_t mask)
{
	struct sigqueue *q, *n;

	if (!(p->set & mask))
		return;
	p->set &= ~mask;
	list_for_each_entry_safe(q, n, &p->queue, link) {
		if (sig_in(q->info.si_signo, mask)) {
			list_del_init(&q->link);
			sigqueue_free(q);
		}
	}
}

void sigpending_flush(struct sigpending *p)
{
	sigpending_remove(p, ~0ull);
}

/* The next of @set: a synchronous one first, else the lowest number. */
static int next_signal(sigset_t set)
{
	if (!set)
		return 0;
	if (set & SIG_SYNC_SET)
		set &= SIG_SYNC_SET;
	return __builtin_ctzll(set) + 1;
}

static void collect(struct sigpending *p, int sig, struct siginfo *info, void **timer)
{
	struct sigqueue *q, *first = NULL;
	bool more = false;

	*timer = NULL;
	list_for_each_entry(q, &p->queue, link) {
		if (q->info.si_signo != sig)
			continue;
		if (first) {
			more = true;
			break;
		}
		first = q;
	}
	if (!more)
		p->set &= ~sigmask(sig);
	if (!first) {
		memset(info, 0, sizeof(*info));
		info->si_signo = sig;
		return;
	}
	list_del_init(&first->link);
	*info = first->info;
	*timer = first->timer;
	sigqueue_free(first);
}

int signal_dequeue(struct task *t, sigset_t blocked, struct siginfo *info)
{
	struct proc *p = t->proc;
	struct sigpending *from = &t->pending;
	int sig = next_signal(from->set & ~blocked);
	void *timer;

	if (!sig) {
		from = &p->shared_pending;
		sig = next_signal(from->set & ~blocked);
	}
	if (!sig)
		return 0;
	collect(from, sig, info, &timer);
	if (from == &p->shared_pending && sig == SIGALRM)
		itimer_real_rearm(p);
	if (timer)
		posix_timer_dequeued(timer, info);
	if (t == current)
		signal_recalc_pending();
	return sig;
}

/* A fault's own signal of this thread, by its code. */
int signal_dequeue_sync(struct task *t, struct siginfo *info)
{
	sigset_t set = t->pending.set & ~t->blocked & SIG_SYNC_SET;
	struct sigqueue *q;
	void *timer;

	if (!set)
		return 0;
	list_for_each_entry(q, &t->pending.queue, link) {
		int sig = q->info.si_signo;

		if (q->info.si_code > SI_USER && sig_in(sig, set)) {
			collect(&t->pending, sig, info, &timer);
			signal_recalc_pending();
			return sig;
		}
	}
	return 0;
}

void signal_recalc_pending(void)
{
	struct task *t = current;
	struct proc *p = t->proc;
	sigset_t pending = t->pending.set | p->shared_pending.set;

	if ((pending & ~t->blocked) || (t->jobctl & JOBCTL_STOP_PENDING) ||
	    (p->flags & (PF_CLD_STOPPED | PF_CLD_CONTINUED)))
		(void)__atomic_fetch_or(&t->head.work, TIF_SIGPENDING, __ATOMIC_RELAXED);
	else if (READ_ONCE(t->head.work) & TIF_SIGPENDING)
		(void)__atomic_fetch_and(&t->head.work, ~TIF_SIGPENDING, __ATOMIC_RELAXED);
}
