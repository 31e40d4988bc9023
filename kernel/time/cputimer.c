/* SPDX-License-Identifier: MIT */
/*
 * CPU-time clocks, and timers on them: ITIMER_VIRTUAL and ITIMER_PROF, RLIMIT_CPU, POSIX timers and sleeps.
 *
 * Nothing is done for a process without such timers. For one that has some (proc->cpu_timers_armed), a per-CPU
 * sampling timer runs while one of its threads is on the CPU: it is started when the thread is switched in or arms
 * the timer, fires when the nearest expiry may be reached (at least every 4 ms, several threads may burn time at once), and
 * stops by itself when it finds another process running.
 *
 * Locks: proc->siglock protects the list and the expiry times; the sampler takes it from the timer interrupt.
 */
#include <kernel/errno.h>
#include <kernel/percpu.h>
#include <kernel/pid.h>
#include <kernel/syscall.h>
#include <kernel/uaccess.h>
#include "time_internal.h"

#define SAMPLE_MAX (4 * NSEC_PER_MSEC)
#define SAMPLE_MIN (50 * NSEC_PER_USEC)

#define CPUCLOCK_THREAD 4
#define CPUCLOCK_CLOCKFD 3

bool clock_is_cpu(int id)
{
	return id == CLOCK_PROCESS_CPUTIME_ID || id == CLOCK_THREAD_CPUTIME_ID || id < 0;
}

int cpu_clock_get(int id, struct cpu_clock *out)
{
	struct task *t;
	pid_t nr;

	if (id >= 0) {
		*out = (struct cpu_clock){ task_get(current), id == CLOCK_THREAD_CPUTIME_ID, 2 };
		return 0;
	}
	if ((id & 3) == CPUCLOCK_CLOCKFD)
		return -EINVAL;		/* dynamic clocks of devices */
	nr = (pid_t)~(id >> 3);
	if (id & CPUCLOCK_THREAD) {
		t = nr ? task_find_get(nr) : task_get(current);
		if (t && t->proc != current->proc) {
			task_put(t);
			t = NULL;
		}
	} else {
		t = nr ? task_find_get_leader(nr) : task_get(current);
	}
	if (!t)
		return -EINVAL;
	/* In the id: 0 PROF (user and system), 1 VIRT (user), 2 SCHED. */
	*out = (struct cpu_clock){ t, (id & CPUCLOCK_THREAD) != 0, (unsigned)id & 3 };
	return 0;
}

void cpu_clock_put(struct cpu_clock *c)
{
	task_put(c->task);
}

nsec_t cpu_time_thread(struct task *t, unsigned which)
{
	uint64_t u, s;

	if (which == 2)
		return (nsec_t)task_sum_exec(t);
	task_cputime(t, &u, &s);
	return (nsec_t)(which ? u : u + s);
}

nsec_t cpu_time_proc(struct proc *p, unsigned which)
{
	uint64_t u, s;

	if (which == 2)
		return (nsec_t)proc_sum_exec(p);
	proc_cputime(p, &u, &s);
	return (nsec_t)(which ? u : u + s);
}

nsec_t cpu_clock_read(const struct cpu_clock *c)
{
	return c->thread ? cpu_time_thread(c->task, c->which) : cpu_time_proc(c->task->proc, c->which);
}

static void sample(struct timer *timer);
static DEFINE_PERCPU(struct timer, sampler);
static DEFINE_PERCPU(bool, sampler_ready);

/* Interrupts off. */
static void sampler_start(nsec_t wait)
{
	struct timer *t = &this_cpu(sampler);

	if (!this_cpu(sampler_ready)) {
		timer_setup(t, sample, TIMER_MONO);
		this_cpu(sampler_ready) = true;
	}
	if (!timer_pending(t))
		timer_start(t, clock_monotonic() + MIN(MAX(wait, SAMPLE_MIN), SAMPLE_MAX));
}

/* Called by the context switch, interrupts off, when the next task's process has cpu_timers_armed. */
void cputimer_switch_in(void)
{
	sampler_start(SAMPLE_MIN);
}

/* Fires one of ITIMER_VIRTUAL, ITIMER_PROF; returns what is left until the next expiry. */
static nsec_t check_itimer(struct proc *p, unsigned i, int sig)
{
	uint64_t now;

	if (!p->cpu_itimer[i].expires)
		return NSEC_NEVER;
	now = (uint64_t)cpu_time_proc(p, i ? 0 : 1);
	if (now >= p->cpu_itimer[i].expires) {
		uint64_t iv = p->cpu_itimer[i].interval;

		p->cpu_itimer[i].expires = iv ? p->cpu_itimer[i].expires + ((now - p->cpu_itimer[i].expires) / iv + 1) * iv : 0;
		kill_proc_locked(sig, p);
		if (!iv)
			return NSEC_NEVER;
	}
	return (nsec_t)(p->cpu_itimer[i].expires - now);
}

/* RLIMIT_CPU: SIGXCPU at the soft limit and each second beyond it, SIGKILL at the hard one. */
static nsec_t check_rlimit(struct proc *p)
{
	uint64_t soft = p->rlim[RLIMIT_CPU].rlim_cur, hard = p->rlim[RLIMIT_CPU].rlim_max, now;

	if (soft == RLIM_INFINITY)
		return NSEC_NEVER;
	now = (uint64_t)cpu_time_proc(p, 0);
	if (hard != RLIM_INFINITY && now >= hard * NSEC_PER_SEC) {
		kill_proc_locked(SIGKILL, p);
		return NSEC_NEVER;
	}
	if (now >= soft * NSEC_PER_SEC) {
		p->rlim[RLIMIT_CPU].rlim_cur = soft = now / NSEC_PER_SEC + 1;
		kill_proc_locked(SIGXCPU, p);
	}
	return (nsec_t)(soft * NSEC_PER_SEC - now);
}

/*
 * RLIMIT_RTTIME, in microseconds: what a real-time thread runs without going to sleep. SIGXCPU at the soft limit and each
 * second beyond it, SIGKILL at the hard one. Every voluntary switch begins anew.
 */
static nsec_t check_rttime(struct proc *p, struct task *t)
{
	uint64_t soft = p->rlim[RLIMIT_RTTIME].rlim_cur, hard = p->rlim[RLIMIT_RTTIME].rlim_max, now, ran;

	if (soft == RLIM_INFINITY)
		return NSEC_NEVER;
	now = (uint64_t)cpu_time_thread(t, 0);
	if (!t->se.rt_priority || t->rt_nvcsw != t->nvcsw) {
		t->rt_nvcsw = t->nvcsw;
		t->rt_since = now;
	}
	ran = (now - t->rt_since) / NSEC_PER_USEC;
	if (hard != RLIM_INFINITY && ran > hard) {
		kill_proc_locked(SIGKILL, p);
	} else if (ran > soft) {
		p->rlim[RLIMIT_RTTIME].rlim_cur = soft + NSEC_PER_SEC / NSEC_PER_USEC;
		kill_proc_locked(SIGXCPU, p);
	}
	return SAMPLE_MAX;	/* another thread may be the real-time one */
}

static nsec_t check_list(struct proc *p)
{
	struct cpu_timer *t, *n;
	nsec_t left = NSEC_NEVER;

	list_for_each_entry_safe(t, n, &p->cpu_timers, link) {
		nsec_t now = t->thread ? cpu_time_thread(t->thread, t->which) : cpu_time_proc(p, t->which);

		if (now >= t->expires) {
			list_del_init(&t->link);
			t->expires = 0;
			t->fn(t);
			left = 0;	/* it may have armed itself again */
		} else {
			left = MIN(left, t->expires - now);
		}
	}
	return left;
}

static void sample(struct timer *timer)
{
	struct proc *p = current->proc;
	nsec_t left;

	if (!p || !READ_ONCE(p->cpu_timers_armed))
		return;
	spin_lock(&p->siglock);
	left = check_list(p);
	left = MIN(left, check_itimer(p, 0, SIGVTALRM));
	left = MIN(left, check_itimer(p, 1, SIGPROF));
	left = MIN(left, check_rlimit(p));
	left = MIN(left, check_rttime(p, current));
	if (left == NSEC_NEVER)
		p->cpu_timers_armed = false;
	spin_unlock(&p->siglock);
	if (left != NSEC_NEVER)
		sampler_start(left);
}

/* Something of the process's is to be watched from now on; siglock held. Its running threads on other CPUs begin at their next switch. */
void cputimer_arm_proc(struct proc *p)
{
	struct task *t;

	p->cpu_timers_armed = true;
	if (p == current->proc)
		sampler_start(SAMPLE_MIN);
	rcu_read_lock();
	proc_for_each_thread(t, p)
		if (t != current && task_is_running(t))
			resched_cpu(t->head.cpu);
	rcu_read_unlock();
}

void cpu_timer_arm(struct proc *p, struct cpu_timer *t, nsec_t expires)
{
	cpu_timer_disarm(t);
	t->expires = MAX(expires, 1ll);
	list_add_tail(&t->link, &p->cpu_timers);
	cputimer_arm_proc(p);
}

void cpu_timer_disarm(struct cpu_timer *t)
{
	if (t->expires) {
		list_del_init(&t->link);
		t->expires = 0;
	}
}

struct cpu_sleeper {
	struct cpu_timer timer;
	struct task *task;
	bool done;
};

static void cpu_sleeper_fire(struct cpu_timer *t)
{
	struct cpu_sleeper *s = container_of(t, struct cpu_sleeper, timer);

	WRITE_ONCE(s->done, true);
	wake_up_task(s->task);
}

/* Sleeps until the clock of @c shows @expires. 0 or -EINTR with what is left. */
static int cpu_sleep(struct cpu_clock *c, nsec_t expires, nsec_t *left)
{
	struct proc *p = c->task->proc;
	struct cpu_sleeper s = { .task = current, .timer = { .fn = cpu_sleeper_fire, .which = c->which } };
	irqflags_t f;

	s.timer.thread = c->thread ? c->task : NULL;
	list_init(&s.timer.link);
	f = spin_lock_irqsave(&p->siglock);
	cpu_timer_arm(p, &s.timer, expires);
	spin_unlock_irqrestore(&p->siglock, f);
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (READ_ONCE(s.done) || signal_pending(current))
			break;
		schedule();
	}
	set_current_running();
	f = spin_lock_irqsave(&p->siglock);
	cpu_timer_disarm(&s.timer);
	spin_unlock_irqrestore(&p->siglock, f);
	*left = MAX(expires - cpu_clock_read(c), 0ll);
	return s.done ? 0 : -EINTR;
}

static long cpu_nanosleep_restart(struct restart_block *rb)
{
	struct cpu_clock c;
	nsec_t left;
	int err = cpu_clock_get(rb->nanosleep.clock, &c);

	if (err)
		return err;
	err = cpu_sleep(&c, rb->deadline, &left);
	cpu_clock_put(&c);
	if (!err)
		return 0;
	if (rb->nanosleep.rmtp && timespec_to_user(left, rb->nanosleep.rmtp))
		return -EFAULT;
	return -ERESTART_RESTARTBLOCK;
}

long cpu_clock_nanosleep(int id, int flags, const struct timespec __user *req, struct timespec __user *rem)
{
	struct restart_block *rb = &current->restart;
	struct cpu_clock c;
	nsec_t t, left;
	int err = cpu_clock_get(id, &c);

	if (err)
		return err;
	if (c.thread && c.task == current)
		err = -EINVAL;		/* it would never wake */
	if (!err)
		err = timespec_from_user(&t, req);
	if (err)
		goto out;
	if (flags & 1) {
		err = cpu_sleep(&c, t, &left);
		err = err ? -ERESTARTNOHAND : 0;
		goto out;
	}
	rb->fn = cpu_nanosleep_restart;
	rb->nanosleep.clock = id;
	rb->nanosleep.rmtp = rem;
	rb->deadline = deadline_after(cpu_clock_read(&c), t);
	cpu_clock_put(&c);
	return cpu_nanosleep_restart(rb);
out:
	cpu_clock_put(&c);
	return err;
}
