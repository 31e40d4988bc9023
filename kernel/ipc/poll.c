/* SPDX-License-Identifier: MIT */
/*
 * poll(2), ppoll(2), select(2), pselect(2).
 *
 * One pass asks every file, enqueueing a waiter on each of its queues; later passes only ask. A wake-up sets `triggered'
 * before it wakes, so that one which comes between the passes and the sleep is not lost. The deadline is computed once.
 */
#include <kernel/poll.h>
#include <kernel/errno.h>
#include <kernel/fs.h>
#include <kernel/mm.h>
#include <kernel/string.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>
#include <uapi/fcntl.h>

#define INLINE_ENTRIES 6
#define INLINE_FDS 16
#define EV_ALWAYS (POLLERR | POLLHUP)
#define EV_READ (POLLIN | POLLRDNORM | POLLRDBAND | POLLHUP | POLLERR)
#define EV_WRITE (POLLOUT | POLLWRNORM | POLLWRBAND | POLLERR)
#define EV_EXCEPT POLLPRI

struct pollfd {
	int fd;
	int16_t events, revents;
};
_Static_assert(sizeof(struct pollfd) == 8, "poll ABI");

struct poll_entry {
	struct waiter w;
	struct waitq *q;
	struct file *file;		/* a reference: the queue lives in it */
	struct poll_waiters *owner;
	uint32_t key;
	struct poll_entry *next;
};
struct poll_waiters {
	struct poll_table pt;
	struct task *task;
	bool triggered;
	int err;
	unsigned used;
	struct poll_entry *more;
	struct poll_entry entries[INLINE_ENTRIES];
};

uint32_t vfs_poll(struct file *f, struct poll_table *pt)
{
	if (!f->ops->poll)
		return POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;
	return f->ops->poll(f, pt);
}

static bool poll_wake(struct waiter *w, unsigned mode, uint32_t key)
{
	struct poll_entry *e = container_of(w, struct poll_entry, w);

	if (key && !(key & e->key))
		return false;
	WRITE_ONCE(e->owner->triggered, true);
	wake_up_task(e->owner->task);
	return true;
}

static void poll_queue(struct file *f, struct waitq *q, struct poll_table *pt)
{
	struct poll_waiters *pw = container_of(pt, struct poll_waiters, pt);
	struct poll_entry *e;

	if (pw->used < INLINE_ENTRIES) {
		e = &pw->entries[pw->used++];
	} else {
		e = kmalloc(sizeof(*e), GFP_KERNEL);
		if (!e) {
			pw->err = -ENOMEM;
			return;
		}
		e->next = pw->more;
		pw->more = e;
	}
	waiter_init(&e->w, pw->task);
	e->w.fn = poll_wake;
	e->q = q;
	e->file = file_get(f);
	e->owner = pw;
	e->key = pt->key;
	waitq_add(q, &e->w);
}

static void waiters_init(struct poll_waiters *pw)
{
	pw->pt.queue = poll_queue;
	pw->task = current;
	pw->triggered = false;
	pw->err = 0;
	pw->used = 0;
	pw->more = NULL;
}

static void entry_drop(struct poll_entry *e)
{
	waitq_remove(e->q, &e->w);
	file_put(e->file);
}

static void waiters_free(struct poll_waiters *pw)
{
	struct poll_entry *e;

	for (unsigned i = 0; i < pw->used; i++)
		entry_drop(&pw->entries[i]);
	while ((e = pw->more)) {
		pw->more = e->next;
		entry_drop(e);
		kfree(e);
	}
}

/* Sleeps unless something was triggered. False: the deadline has passed. */
static bool waiters_sleep(struct poll_waiters *pw, nsec_t deadline)
{
	bool in_time = true;

	set_current_state(TASK_INTERRUPTIBLE);
	if (!READ_ONCE(pw->triggered))
		in_time = schedule_deadline(deadline);
	set_current_running();
	/* Ordered before the next look at the files by their own locks; a wake-up from here on counts for the pass after. */
	(void)xchg(&pw->triggered, false);
	return in_time;
}

static uint32_t ask(struct file *f, uint32_t events, struct poll_table *pt)
{
	if (pt)
		pt->key = events | EV_ALWAYS;
	return vfs_poll(f, pt) & (events | EV_ALWAYS);
}

struct poll_array {
	struct pollfd *fds;
	unsigned n;
};

/* One pass over the array: how many have news. */
static int poll_pass(void *arg, struct poll_waiters *pw)
{
	struct poll_array *a = arg;
	int count = 0;

	for (unsigned i = 0; i < a->n; i++) {
		struct pollfd *p = &a->fds[i];
		uint32_t ev = POLLNVAL;
		struct fd fd;

		p->revents = 0;
		if (p->fd < 0)
			continue;
		fd = fd_get((unsigned)p->fd);
		if (fd.file) {
			ev = ask(fd.file, (uint16_t)p->events, pw->pt.queue && !count ? &pw->pt : NULL);
			fd_put(fd);
		}
		if (ev) {
			p->revents = (int16_t)ev;
			count++;
		}
	}
	pw->pt.queue = NULL;	/* from now on it only asks */
	return count;
}

/* Passes over what is asked for until one has news, the time is over or a signal comes. */
static int poll_loop(int (*pass)(void *arg, struct poll_waiters *pw), void *arg, nsec_t deadline)
{
	struct poll_waiters pw;
	bool in_time = deadline != 0;
	int count;

	waiters_init(&pw);
	if (!in_time)
		pw.pt.queue = NULL;
	for (;;) {
		count = pass(arg, &pw);
		if (!count)
			count = pw.err;
		if (!count && signal_pending(current))
			count = -EINTR;	/* also when there is no time to wait at all */
		if (count || !in_time)
			break;
		in_time = waiters_sleep(&pw, deadline);
	}
	waiters_free(&pw);
	return count;
}

static long do_poll(struct pollfd __user *ufds, unsigned n, nsec_t deadline)
{
	struct pollfd on_stack[INLINE_FDS], *fds = on_stack;
	int count;

	if (n > rlimit(RLIMIT_NOFILE))
		return -EINVAL;
	if (n > INLINE_FDS) {
		fds = kvmalloc(n * sizeof(*fds), GFP_KERNEL);
		if (!fds)
			return -ENOMEM;
	}
	count = -EFAULT;
	if (copy_from_user(fds, ufds, n * sizeof(*fds)))
		goto out;
	count = poll_loop(poll_pass, &(struct poll_array){ fds, n }, deadline);
	if (count < 0)
		goto out;
	for (unsigned i = 0; i < n; i++) {
		if (put_user(fds[i].revents, &ufds[i].revents)) {
			count = -EFAULT;
			break;
		}
	}
out:
	if (fds != on_stack)
		kvfree(fds);
	return count;
}

/* 0: do not wait; NSEC_NEVER: no limit. */
static int deadline_from_user(const struct timespec __user *uts, nsec_t *deadline)
{
	nsec_t rel;
	int err;

	*deadline = NSEC_NEVER;
	if (!uts)
		return 0;
	err = timespec_from_user(&rel, uts);
	if (!err)
		*deadline = rel ? deadline_after(clock_monotonic(), rel) : 0;
	return err;
}

/* ppoll and pselect report the time that is left; a program that gave a read-only timespec is forgiven. */
static void remaining_to_user(nsec_t deadline, struct timespec __user *uts)
{
	struct timespec ts;

	if (!uts || deadline == NSEC_NEVER || (current->proc->personality & 0x4000000 /* STICKY_TIMEOUTS */))
		return;
	ts = ns_to_timespec(deadline ? MAX(deadline - clock_monotonic(), 0ll) : 0);
	if (copy_to_user(uts, &ts, sizeof(ts)))
		return;
}

long sys_ppoll(struct pollfd __user *ufds, unsigned int nfds, struct timespec __user *uts, const uint64_t __user *sigmask, size_t sigsetsize)
{
	nsec_t deadline;
	long ret = deadline_from_user(uts, &deadline);

	if (!ret)
		ret = signal_mask_swap(sigmask, sigsetsize);
	if (ret)
		return ret;
	ret = do_poll(ufds, nfds, deadline);
	signal_mask_restore_unless(ret == -EINTR);
	remaining_to_user(deadline, uts);
	/* Not restarted after a handler; without one (SIGCONT) the wait goes on with the time that was left. */
	return ret == -EINTR ? -ERESTARTNOHAND : ret;
}

/* poll(2)'s restart: the same deadline. */
static long poll_restart(struct restart_block *rb)
{
	long ret = do_poll(rb->poll.fds, rb->poll.nfds, rb->deadline);

	return ret == -EINTR ? -ERESTART_RESTARTBLOCK : ret;
}

/* For architectures that have poll(2) itself. */
long poll_millis(struct pollfd __user *ufds, unsigned nfds, int timeout_ms)
{
	struct restart_block *rb = &current->restart;

	rb->fn = poll_restart;
	rb->poll.fds = ufds;
	rb->poll.nfds = nfds;
	rb->deadline = timeout_ms < 0 ? NSEC_NEVER : timeout_ms ? deadline_after(clock_monotonic(), timeout_ms * NSEC_PER_MSEC) : 0;
	return poll_restart(rb);
}

/* select(2): three bitmaps in, three out, in one allocation. */
struct fd_sets {
	unsigned long *in[3], *out[3];
	unsigned n, words;
};

static int select_pass(void *arg, struct poll_waiters *pw)
{
	struct fd_sets *s = arg;
	static const uint32_t interest[3] = { EV_READ, EV_WRITE, EV_EXCEPT };
	int count = 0;

	for (unsigned w = 0; w < s->words; w++) {
		unsigned long all = s->in[0][w] | s->in[1][w] | s->in[2][w];

		s->out[0][w] = s->out[1][w] = s->out[2][w] = 0;
		for (; all; all &= all - 1) {
			unsigned bit = (unsigned)__builtin_ctzl(all), fdn = w * 64 + bit;
			uint32_t want = 0, ev;
			struct fd fd;

			for (unsigned k = 0; k < 3; k++)
				if (s->in[k][w] >> bit & 1)
					want |= interest[k];
			fd = fd_get(fdn);
			if (!fd.file)
				return -EBADF;
			ev = ask(fd.file, want, pw->pt.queue && !count ? &pw->pt : NULL);
			fd_put(fd);
			for (unsigned k = 0; k < 3; k++) {
				if ((s->in[k][w] >> bit & 1) && (ev & interest[k])) {
					s->out[k][w] |= 1ul << bit;
					count++;
				}
			}
		}
	}
	pw->pt.queue = NULL;
	return count;
}

static long do_select(int n, unsigned long __user *u[3], nsec_t deadline)
{
	unsigned long on_stack[6 * 4], *mem = on_stack;
	struct fd_sets s;
	long ret;

	if (n < 0)
		return -EINVAL;
	/* Numbers beyond the table cannot be open: Linux looks at no more than the table holds. */
	s.n = MIN((unsigned)n, current->files->table->max);
	s.words = DIV_ROUND_UP(s.n, 64u);
	if (s.words > 4) {
		mem = kmalloc_array(6, s.words * sizeof(long), GFP_KERNEL);
		if (!mem)
			return -ENOMEM;
	}
	for (unsigned k = 0; k < 3; k++) {
		s.in[k] = mem + k * s.words;
		s.out[k] = mem + (k + 3) * s.words;
		memset(s.in[k], 0, s.words * sizeof(long));
		ret = -EFAULT;
		if (u[k] && copy_from_user(s.in[k], u[k], s.words * sizeof(long)))
			goto out;
		if (s.n % 64)
			s.in[k][s.words - 1] &= (1ul << s.n % 64) - 1;
	}
	ret = poll_loop(select_pass, &s, deadline);
	if (ret < 0)
		goto out;
	for (unsigned k = 0; k < 3; k++)
		if (u[k] && copy_to_user(u[k], s.out[k], s.words * sizeof(long)))
			ret = -EFAULT;
out:
	if (mem != on_stack)
		kfree(mem);
	return ret;
}

long sys_pselect6(int n, unsigned long __user *in, unsigned long __user *out, unsigned long __user *ex, struct timespec __user *uts, const void __user *usig)
{
	struct { const uint64_t __user *set; size_t size; } sig = { NULL, 0 };
	unsigned long __user *u[3] = { in, out, ex };
	nsec_t deadline;
	long ret;

	if (usig && copy_from_user(&sig, usig, sizeof(sig)))
		return -EFAULT;
	ret = deadline_from_user(uts, &deadline);
	if (!ret)
		ret = signal_mask_swap(sig.set, sig.size);
	if (ret)
		return ret;
	ret = do_select(n, u, deadline);
	signal_mask_restore_unless(ret == -EINTR);
	remaining_to_user(deadline, uts);
	return ret == -EINTR ? -ERESTARTNOHAND : ret;
}

/* select(2) with microseconds, for architectures that have it. Whole seconds among the microseconds count. */
long select_timeval(int n, unsigned long __user *in, unsigned long __user *out, unsigned long __user *ex, struct timeval __user *utv)
{
	unsigned long __user *u[3] = { in, out, ex };
	nsec_t deadline = NSEC_NEVER;
	struct timeval tv;
	struct timespec ts;
	long ret;

	if (utv) {
		if (copy_from_user(&tv, utv, sizeof(tv)))
			return -EFAULT;
		ts = (struct timespec){ tv.tv_sec + tv.tv_usec / 1000000, tv.tv_usec % 1000000 * 1000 };
		if (!timespec_valid(&ts))
			return -EINVAL;
		deadline = ts.tv_sec || ts.tv_nsec ? deadline_after(clock_monotonic(), timespec_to_ns(&ts)) : 0;
	}
	ret = do_select(n, u, deadline);
	if (utv && deadline != NSEC_NEVER && !(current->proc->personality & 0x4000000 /* STICKY_TIMEOUTS */)) {
		ts = ns_to_timespec(deadline ? MAX(deadline - clock_monotonic(), 0ll) : 0);
		tv = (struct timeval){ ts.tv_sec, ts.tv_nsec / 1000 };
		if (copy_to_user(utv, &tv, sizeof(tv)))
			return ret == -EINTR ? -EINTR : ret;
	}
	return ret == -EINTR ? -ERESTARTNOHAND : ret;
}
