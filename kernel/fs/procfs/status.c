/* SPDX-License-Identifier: MIT */
/* /proc/N/stat, statm, status, limits, io: one process in numbers. Formats: proc(5). */
#include "proc_internal.h"
#include <kernel/nsproxy.h>
#include <kernel/time.h>
#include <kernel/tty.h>
#include <kernel/vm.h>
#include <arch/context.h>

#define TICK_NS (NSEC_PER_SEC / 100)	/* USER_HZ 100 */

static char state_letter(const struct task *t)
{
	unsigned s = READ_ONCE(t->state);

	if (t->exit_state == EXIT_ZOMBIE)
		return 'Z';
	if (t->exit_state == EXIT_DEAD || s == TASK_DEAD)
		return 'X';
	if (s & TASK_STOPPED_BIT)
		return 'T';
	if (s & 16u)
		return 't';
	if (s == TASK_UNINTERRUPTIBLE && (t->flags & TF_KTHREAD))
		return 'I';
	if (s & TASK_UNINTERRUPTIBLE)
		return 'D';
	return s & TASK_INTERRUPTIBLE ? 'S' : 'R';
}

static const char *state_name(char c)
{
	switch (c) {
	case 'R': return "R (running)";
	case 'S': return "S (sleeping)";
	case 'D': return "D (disk sleep)";
	case 'T': return "T (stopped)";
	case 't': return "t (tracing stop)";
	case 'X': return "X (dead)";
	case 'Z': return "Z (zombie)";
	case 'I': return "I (idle)";
	}
	return "?";
}

static pid_t ppid_of(const struct task *t)
{
	struct task *parent;
	pid_t nr = 0;

	rcu_read_lock();
	parent = READ_ONCE(t->proc->leader->real_parent);
	if (parent && t->proc->pid != 1)
		nr = parent->proc->pid;
	rcu_read_unlock();
	return nr;
}

struct memory {
	uint64_t vm, rss_anon, rss_file, rss_shmem;
};

static void memory_of(struct mm *mm, struct memory *m)
{
	m->vm = mm->total_pages;
	m->rss_anon = (uint64_t)MAX(atomic64_read(&mm->rss_anon), 0l);
	m->rss_file = (uint64_t)MAX(atomic64_read(&mm->rss_file), 0l);
	m->rss_shmem = (uint64_t)MAX(atomic64_read(&mm->rss_shmem), 0l);
}

static void signal_sets(struct task *t, sigset_t *ignored, sigset_t *caught)
{
	irqflags_t f = spin_lock_irqsave(&t->proc->siglock);

	*ignored = *caught = 0;
	for (int i = 0; t->sighand && i < _NSIG; i++) {
		void *h = t->sighand->action[i].handler;

		if (h == (void *)SIG_IGN)
			*ignored |= 1ull << i;
		else if (h != (void *)SIG_DFL)
			*caught |= 1ull << i;
	}
	spin_unlock_irqrestore(&t->proc->siglock, f);
}

static long priority_of(const struct task *t)
{
	return t->se.rt_priority ? -1 - t->se.rt_priority : 20 + t->se.nice;
}

/* Device numbers in the user's form: 12 bits of major between the low 8 and the high bits of the minor. */
static int64_t tty_number(struct tty *tty)
{
	dev_t d = tty_device_of(tty);

	return (MINOR(d) & 0xff) | MAJOR(d) << 8 | (int64_t)(MINOR(d) & ~0xffu) << 12;
}

/* This file is read by the thousand (ps, top): plain digits, no formats. */
static void put_signed(struct seq *s, const int64_t *v, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		seq_putc(s, ' ');
		if (v[i] < 0)
			seq_putc(s, '-');
		seq_put_u64(s, v[i] < 0 ? 0 - (uint64_t)v[i] : (uint64_t)v[i]);
	}
}

int proc_show_stat(struct seq *s, struct task *t)
{
	struct proc *p = t->proc;
	bool thread = proc_i(s->file->inode)->thread;
	bool look = proc_may_look(t) == 0, show_addr;
	struct mm *mm = task_mm_get(t);
	struct memory m = { 0 };
	sigset_t ignored, caught;
	uint64_t u, st, cu = 0, cs = 0, minflt, majflt;
	struct task *o;
	pid_t pgrp = 0, sid = 0;

	signal_sets(t, &ignored, &caught);
	if (thread) {
		task_cputime(t, &u, &st);
		minflt = t->min_flt;
		majflt = t->maj_flt;
	} else {
		proc_cputime(p, &u, &st);
		minflt = p->min_flt;
		majflt = p->maj_flt;
		rcu_read_lock();
		proc_for_each_thread(o, p) {
			minflt += o->min_flt;
			majflt += o->maj_flt;
		}
		rcu_read_unlock();
		cu = p->cutime;
		cs = p->cstime;
	}
	rcu_read_lock();
	if (p->pgrp)
		pgrp = READ_ONCE(p->pgrp)->nr;
	if (p->session)
		sid = READ_ONCE(p->session)->nr;
	rcu_read_unlock();
	if (mm)
		memory_of(mm, &m);
	show_addr = mm && look;
	const int64_t fields[] = {
		ppid_of(t), pgrp, sid, p->tty ? tty_number(p->tty) : 0, p->tty ? tty_foreground_pgrp(p->tty) : -1,
		(t->flags & TF_KTHREAD ? 0x00200000 : 0) | (t->flags & TF_FORKNOEXEC ? 0x40 : 0) | 0x00400000,
		(int64_t)minflt, (int64_t)p->cmin_flt, (int64_t)majflt, (int64_t)p->cmaj_flt,
		(int64_t)(u / TICK_NS), (int64_t)(st / TICK_NS), (int64_t)(cu / TICK_NS), (int64_t)(cs / TICK_NS),
		priority_of(t), t->se.nice, p->nthreads, 0, (int64_t)(t->start_boottime / TICK_NS), (int64_t)(m.vm << PAGE_SHIFT),
		(int64_t)(m.rss_anon + m.rss_file + m.rss_shmem),
	};
	const uint64_t more[] = {
		p->rlim[RLIMIT_RSS].rlim_cur, mm ? look ? mm->code_start : 1 : 0, mm ? look ? mm->code_end : 1 : 0,
		show_addr ? mm->stack_top : 0, 0, 0,
		t->pending.set & INT32_MAX, t->blocked & INT32_MAX, ignored & INT32_MAX, caught & INT32_MAX,
		look && t->wait_where && READ_ONCE(t->state), 0, 0,
	};
	const int64_t rest[] = {
		thread ? -1 : p->leader->exit_signal, t->head.cpu, t->se.own_priority, t->se.policy, 0, 0, 0,
		show_addr ? (int64_t)mm->data_start : 0, show_addr ? (int64_t)mm->data_end : 0, show_addr ? (int64_t)mm->brk_start : 0,
		show_addr ? (int64_t)mm->arg_start : 0, show_addr ? (int64_t)mm->arg_end : 0,
		show_addr ? (int64_t)mm->env_start : 0, show_addr ? (int64_t)mm->env_end : 0, look ? t->exit_code : 0,
	};

	seq_put_u64(s, (uint64_t)(thread ? t->tid : p->pid));
	seq_puts(s, " (");
	seq_puts(s, t->comm);
	seq_puts(s, ") ");
	seq_putc(s, state_letter(t));
	put_signed(s, fields, ARRAY_SIZE(fields));
	for (unsigned i = 0; i < ARRAY_SIZE(more); i++) {
		seq_putc(s, ' ');
		seq_put_u64(s, more[i]);
	}
	put_signed(s, rest, ARRAY_SIZE(rest));
	seq_putc(s, '\n');
	if (mm)
		mm_put(mm);
	return 0;
}

int proc_show_statm(struct seq *s, struct task *t)
{
	struct mm *mm = task_mm_get(t);
	struct memory m = { 0 };
	uint64_t text = 0, data = 0;

	if (mm) {
		memory_of(mm, &m);
		text = (ALIGN_UP(mm->code_end, PAGE_SIZE) - ALIGN_DOWN(mm->code_start, PAGE_SIZE)) >> PAGE_SHIFT;
		data = mm->data_pages + mm->stack_pages;
		mm_put(mm);
	}
	seq_printf(s, "%lu %lu %lu %lu 0 %lu 0\n", (unsigned long)m.vm, (unsigned long)(m.rss_anon + m.rss_file + m.rss_shmem),
		   (unsigned long)(m.rss_file + m.rss_shmem), (unsigned long)text, (unsigned long)data);
	return 0;
}

static void put_kb(struct seq *s, const char *name, uint64_t pages)
{
	seq_printf(s, "%s%8lu kB\n", name, (unsigned long)(pages << (PAGE_SHIFT - 10)));
}

static void show_memory(struct seq *s, struct mm *mm)
{
	struct memory m;
	uint64_t rss, exe, text;

	memory_of(mm, &m);
	rss = m.rss_anon + m.rss_file + m.rss_shmem;
	text = ALIGN_UP(mm->code_end, PAGE_SIZE) - ALIGN_DOWN(mm->code_start, PAGE_SIZE);
	exe = MIN(text >> PAGE_SHIFT, mm->exec_pages);
	put_kb(s, "VmPeak:\t", MAX(mm->hiwater_vm, m.vm));
	put_kb(s, "VmSize:\t", m.vm);
	put_kb(s, "VmLck:\t", mm->locked_pages);
	put_kb(s, "VmPin:\t", 0);
	put_kb(s, "VmHWM:\t", MAX(mm->hiwater_rss, rss));
	put_kb(s, "VmRSS:\t", rss);
	put_kb(s, "RssAnon:\t", m.rss_anon);
	put_kb(s, "RssFile:\t", m.rss_file);
	put_kb(s, "RssShmem:\t", m.rss_shmem);
	put_kb(s, "VmData:\t", mm->data_pages);
	put_kb(s, "VmStk:\t", mm->stack_pages);
	put_kb(s, "VmExe:\t", exe);
	put_kb(s, "VmLib:\t", mm->exec_pages - exe);
	put_kb(s, "VmPTE:\t", (uint64_t)MAX(atomic64_read(&mm->pt_pages), 0l));
	put_kb(s, "VmSwap:\t", 0);
	seq_puts(s, "HugetlbPages:\t       0 kB\n");
}

static void show_cpumask(struct seq *s, const struct cpumask *m)
{
	uint64_t bits = m->bits[0] & (nr_cpus >= 64 ? ~0ull : (1ull << nr_cpus) - 1);
	bool first = true;

	seq_printf(s, "Cpus_allowed:\t%lx\nCpus_allowed_list:\t", (unsigned long)bits);
	for (unsigned i = 0; i < nr_cpus; i++) {
		unsigned j = i;

		if (!(bits >> i & 1))
			continue;
		while (j + 1 < nr_cpus && (bits >> (j + 1) & 1))
			j++;
		seq_printf(s, j > i ? "%s%u-%u" : "%s%u", first ? "" : ",", i, j);
		first = false;
		i = j;
	}
	seq_putc(s, '\n');
}

static unsigned fd_size(struct task *t)
{
	struct files *fs = task_files_get(t);
	unsigned n = 0;

	if (fs) {
		rcu_read_lock();
		n = rcu_dereference(fs->table)->max;
		rcu_read_unlock();
		files_put(fs);
	}
	return n;
}

int proc_show_status(struct seq *s, struct task *t)
{
	struct proc *p = t->proc;
	struct mm *mm = task_mm_get(t);
	struct cred *c;
	sigset_t ignored, caught;
	char state = state_letter(t);

	rcu_read_lock();
	c = cred_get((struct cred *)(uintptr_t)rcu_dereference(t->cred));
	rcu_read_unlock();
	signal_sets(t, &ignored, &caught);
	seq_puts(s, "Name:\t");
	for (const char *q = t->comm; *q; q++) {
		if (*q == '\n')
			seq_puts(s, "\\n");
		else if (*q == '\\')
			seq_puts(s, "\\\\");
		else
			seq_putc(s, *q);
	}
	seq_putc(s, '\n');
	if (t->fs)
		seq_printf(s, "Umask:\t%04o\n", t->fs->umask);
	seq_printf(s, "State:\t%s\nTgid:\t%d\nNgid:\t0\nPid:\t%d\nPPid:\t%d\nTracerPid:\t0\n", state_name(state), p->pid, t->tid, ppid_of(t));
	seq_printf(s, "Uid:\t%u\t%u\t%u\t%u\nGid:\t%u\t%u\t%u\t%u\nFDSize:\t%u\nGroups:\t", c->uid, c->euid, c->suid, c->fsuid, c->gid,
		   c->egid, c->sgid, c->fsgid, fd_size(t));
	for (unsigned i = 0; i < c->groups->count; i++)
		seq_printf(s, "%s%u", i ? " " : "", c->groups->gid[i]);
	seq_printf(s, " \nNStgid:\t%d\nNSpid:\t%d\nNSpgid:\t%d\nNSsid:\t%d\n", p->pid, t->tid, p->pgrp ? p->pgrp->nr : 0, p->session ? p->session->nr : 0);
	if (mm) {
		show_memory(s, mm);
		seq_puts(s, "CoreDumping:\t0\nTHP_enabled:\t1\n");
		mm_put(mm);
	}
	seq_printf(s, "Threads:\t%u\nSigQ:\t%u/%lu\nSigPnd:\t%016lx\nShdPnd:\t%016lx\nSigBlk:\t%016lx\nSigIgn:\t%016lx\nSigCgt:\t%016lx\n", p->nthreads,
		   signal_queued_count(c->uid), (unsigned long)p->rlim[RLIMIT_SIGPENDING].rlim_cur, (unsigned long)t->pending.set,
		   (unsigned long)p->shared_pending.set, (unsigned long)t->blocked, (unsigned long)ignored, (unsigned long)caught);
	seq_printf(s, "CapInh:\t%016lx\nCapPrm:\t%016lx\nCapEff:\t%016lx\nCapBnd:\t%016lx\nCapAmb:\t%016lx\n", (unsigned long)c->cap_inheritable,
		   (unsigned long)c->cap_permitted, (unsigned long)c->cap_effective, (unsigned long)c->cap_bounding, (unsigned long)c->cap_ambient);
	seq_printf(s, "NoNewPrivs:\t%d\nSeccomp:\t0\nSeccomp_filters:\t0\nSpeculation_Store_Bypass:\tunknown\nSpeculationIndirectBranch:\tunknown\n",
		   t->no_new_privs);
	show_cpumask(s, &t->se.affinity);
	seq_printf(s, "Mems_allowed:\t1\nMems_allowed_list:\t0\nvoluntary_ctxt_switches:\t%lu\nnonvoluntary_ctxt_switches:\t%lu\n",
		   (unsigned long)t->nvcsw, (unsigned long)t->nivcsw);
	cred_put(c);
	return 0;
}

int proc_show_limits(struct seq *s, struct task *t)
{
	static const struct { const char *name, *unit; } names[RLIM_NLIMITS] = {
		[RLIMIT_CPU] = { "Max cpu time", "seconds" },
		[RLIMIT_FSIZE] = { "Max file size", "bytes" },
		[RLIMIT_DATA] = { "Max data size", "bytes" },
		[RLIMIT_STACK] = { "Max stack size", "bytes" },
		[RLIMIT_CORE] = { "Max core file size", "bytes" },
		[RLIMIT_RSS] = { "Max resident set", "bytes" },
		[RLIMIT_NPROC] = { "Max processes", "processes" },
		[RLIMIT_NOFILE] = { "Max open files", "files" },
		[RLIMIT_MEMLOCK] = { "Max locked memory", "bytes" },
		[RLIMIT_AS] = { "Max address space", "bytes" },
		[RLIMIT_LOCKS] = { "Max file locks", "locks" },
		[RLIMIT_SIGPENDING] = { "Max pending signals", "signals" },
		[RLIMIT_MSGQUEUE] = { "Max msgqueue size", "bytes" },
		[RLIMIT_NICE] = { "Max nice priority", NULL },
		[RLIMIT_RTPRIO] = { "Max realtime priority", NULL },
		[RLIMIT_RTTIME] = { "Max realtime timeout", "us" },
	};

	seq_printf(s, "%-25s %-20s %-20s %-10s\n", "Limit", "Soft Limit", "Hard Limit", "Units");
	for (unsigned i = 0; i < RLIM_NLIMITS; i++) {
		struct rlimit r = t->proc->rlim[i];

		seq_printf(s, "%-25s ", names[i].name);
		for (unsigned k = 0; k < 2; k++) {
			uint64_t v = k ? r.rlim_max : r.rlim_cur;

			if (v == RLIM_INFINITY)
				seq_printf(s, "%-20s ", "unlimited");
			else
				seq_printf(s, "%-20lu ", (unsigned long)v);
		}
		if (names[i].unit)
			seq_printf(s, "%-10s\n", names[i].unit);
		else
			seq_putc(s, '\n');
	}
	return 0;
}

int proc_show_io(struct seq *s, struct task *t)
{
	struct proc *p = t->proc;

	seq_printf(s, "rchar: %lu\nwchar: %lu\nsyscr: %lu\nsyscw: %lu\nread_bytes: 0\nwrite_bytes: 0\ncancelled_write_bytes: 0\n",
		   (unsigned long)p->io_rchar, (unsigned long)p->io_wchar, (unsigned long)p->io_syscr, (unsigned long)p->io_syscw);
	return 0;
}
