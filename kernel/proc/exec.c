/* SPDX-License-Identifier: MIT */
/*
 * execve(2): a process becomes another program.
 *
 * Everything that can fail for a reason the caller is to hear of is done first, into a new address space that nobody uses
 * yet: the file is opened, its head read, the strings are copied to the top of the new stack. exec_begin() is the point of
 * no return: the other threads die, the new address space and credentials are installed. What fails after it kills.
 *
 * Strings, from the top of the stack down as on Linux: 8 zero bytes, the file name (AT_EXECFN), environment, arguments.
 *
 * Locks: proc->exec_lock for the whole (credentials of a process are stable for those who inspect it); siglock and
 * proc_tree_lock while the other threads go.
 */
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/nsproxy.h>
#include <kernel/panic.h>
#include <kernel/pid.h>
#include <kernel/random.h>
#include <kernel/string.h>
#include <kernel/syscall.h>
#include <kernel/trace.h>
#include <kernel/uaccess.h>
#include "exec_internal.h"
#include "proc_internal.h"

/* argv or envp: of user memory, or of the kernel's own for init. */
struct strings {
	const char __user *const __user *user;
	const char *const *kernel;
};

/* ---- the new stack's pages */
static void page_release(struct binprm *b)
{
	if (b->page)
		page_put(b->page);
	b->page = NULL;
}

/* The kernel's address of the stack byte @va. */
static int stack_byte(struct binprm *b, vaddr_t va, char **out)
{
	vaddr_t base = ALIGN_DOWN(va, PAGE_SIZE);
	int err;

	if (!b->page || b->page_va != base) {
		page_release(b);
		err = vm_get_page(b->mm, base, VM_WRITE, &b->page);
		if (err)
			return err == -ENOMEM ? -ENOMEM : -E2BIG;
		b->page_va = base;
	}
	*out = (char *)page_to_virt(b->page) + (va - base);
	return 0;
}

/* Copies @len bytes (kernel or user memory) to @va. */
static int stack_write(struct binprm *b, vaddr_t va, const void *k, const void __user *u, size_t len)
{
	while (len) {
		size_t n = MIN(len, PAGE_SIZE - (va & (PAGE_SIZE - 1)));
		char *dst;
		int err = stack_byte(b, va, &dst);

		if (err)
			return err;
		if (k) {
			memcpy(dst, k, n);
			k = (const char *)k + n;
		} else {
			if (copy_from_user(dst, u, n))
				return -EFAULT;
			u = (const char __user *)u + n;
		}
		va += n;
		len -= n;
	}
	return 0;
}

static int reserve(struct binprm *b, size_t len)
{
	if (len > b->p || b->p - len < b->stack_low)
		return -E2BIG;
	b->p -= len;
	return 0;
}

int exec_push_string(struct binprm *b, const char *s)
{
	size_t len = strlen(s) + 1;
	int err = reserve(b, len);

	return err ? err : stack_write(b, b->p, s, NULL, len);
}

int exec_pop_arg(struct binprm *b)
{
	char *c;
	int err;

	if (!b->argc)
		return 0;
	do {
		err = stack_byte(b, b->p, &c);
		if (err)
			return err;
		b->p++;
	} while (*c);
	b->argc--;
	return 0;
}

/* ---- counting and copying the caller's strings */
/* String @i; NULL in *k and *u at the end. */
static int string_at(const struct strings *s, unsigned i, const char **k, const char __user **u)
{
	*k = NULL;
	*u = NULL;
	if (s->kernel) {
		*k = s->kernel[i];
		return 0;
	}
	return get_user(*u, s->user + i);
}

static int strings_count(const struct strings *s, unsigned *count)
{
	const char __user *u;
	const char *k;
	unsigned n = 0;
	int err;

	*count = 0;
	if (!s->kernel && !s->user)
		return 0;
	for (;; n++) {
		err = string_at(s, n, &k, &u);
		if (err)
			return err;
		if (!k && !u)
			break;
		if (n >= MAX_ARG_STRINGS)
			return -E2BIG;
		if ((n & 1023) == 1023 && fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	*count = n;
	return 0;
}

/* From the last to the first, so that the first lies lowest. */
static int strings_copy(struct binprm *b, const struct strings *s, unsigned count)
{
	const char __user *u;
	const char *k;
	int err;

	while (count-- > 0) {
		ssize_t len;

		err = string_at(s, count, &k, &u);
		if (err)
			return err;
		len = k ? (ssize_t)strnlen(k, MAX_ARG_STRLEN) : u ? strnlen_user(u, MAX_ARG_STRLEN) : -EFAULT;
		if (len < 0)
			return (int)len;
		if (len >= (ssize_t)MAX_ARG_STRLEN)
			return -E2BIG;
		err = reserve(b, (size_t)len + 1);
		if (!err)
			err = stack_write(b, b->p, k, u, (size_t)len);
		/* The terminator is written, not copied: another thread may have changed the string meanwhile. */
		if (!err)
			err = stack_write(b, b->p + (size_t)len, "", NULL, 1);
		if (err)
			return err;
		if (fatal_signal_pending(current))
			return -EINTR;
	}
	return 0;
}

/*
 * Room for strings and their pointers: a quarter of the stack limit, at least 128 KiB, at most 6 MiB. The area is made that
 * large at once and cut down to what is used (plus 128 KiB) when the program starts.
 */
static int stack_prepare(struct binprm *b)
{
	uint64_t limit = MIN(b->stack_limit / 4, (uint64_t)6 << 20), ptrs;
	vaddr_t top = USER_END;

	limit = MAX(limit, (uint64_t)128 << 10);
	ptrs = ((uint64_t)MAX(b->argc, 1u) + b->envc) * sizeof(uint64_t);
	if (limit <= ptrs)
		return -E2BIG;
	limit -= ptrs;
	if (vm_randomize())
		top -= (random_u64() & 0xfff) << PAGE_SHIFT;
	b->p = top - sizeof(uint64_t);
	b->stack_low = b->p > limit ? b->p - limit : PAGE_SIZE;
	return vm_stack_create(b->mm, top, ALIGN_UP(limit + ptrs + STACK_EXTRA, PAGE_SIZE), VM_READ | VM_WRITE);
}

/* ---- the file */
int exec_read_head(struct binprm *b)
{
	loff_t pos = 0;
	ssize_t n = kernel_read(b->file, b->head, sizeof(b->head), &pos);

	if (n < 0)
		return (int)n;
	b->head_len = (size_t)n;
	return 0;
}

void exec_replace_file(struct binprm *b, struct file *f)
{
	file_put(b->file);
	b->file = f;
}

static bool fd_is_cloexec(int fd)
{
	struct files *fs = current->files;
	bool on = false;

	spin_lock(&fs->lock);
	if (fd >= 0 && (unsigned)fd < fs->table->max)
		on = fs->table->cloexec[fd / 64] >> (fd % 64) & 1;
	spin_unlock(&fs->lock);
	return on;
}

/* The name by which the program knows itself, and a script its interpreter finds it. */
static int name_set(struct binprm *b, int dfd, const char *name)
{
	if (dfd == AT_FDCWD || name[0] == '/') {
		b->filename = name;
	} else {
		b->fd_name = *name ? kasprintf(GFP_KERNEL, "/dev/fd/%d/%s", dfd, name) : kasprintf(GFP_KERNEL, "/dev/fd/%d", dfd);
		if (!b->fd_name)
			return -ENOMEM;
		b->filename = b->fd_name;
		b->inaccessible = fd_is_cloexec(dfd);
	}
	b->interp = kstrdup(b->filename, GFP_KERNEL);
	return b->interp ? 0 : -ENOMEM;
}

/* ---- the other threads */
static void take_leadership(struct task *t, struct task *leader)
{
	struct pid *mine = t->pid, *theirs = leader->pid;
	struct proc *p = t->proc;

	/* The ids change hands: the leader's number is the process's, and ours from now on. */
	hlist_del(&t->pid_links[PIDTYPE_PID]);
	hlist_del(&leader->pid_links[PIDTYPE_PID]);
	hlist_add_head(&t->pid_links[PIDTYPE_PID], &theirs->tasks[PIDTYPE_PID]);
	hlist_add_head(&leader->pid_links[PIDTYPE_PID], &mine->tasks[PIDTYPE_PID]);
	for (unsigned i = PIDTYPE_TGID; i < PIDTYPE_COUNT; i++)
		hlist_del(&leader->pid_links[i]);
	pid_attach(t, PIDTYPE_TGID, p->tgid);
	pid_attach(t, PIDTYPE_PGID, p->pgrp);
	pid_attach(t, PIDTYPE_SID, p->session);
	t->pid = theirs;
	t->tid = theirs->nr;
	leader->pid = mine;
	leader->tid = mine->nr;
	list_insert_between(&t->sibling, leader->sibling.prev, &leader->sibling);
	list_del_init(&leader->sibling);
	list_del(&t->thread_link);
	list_add(&t->thread_link, &p->threads);
	p->leader = t;
	t->exit_signal = SIGCHLD;
	leader->exit_signal = -1;
	leader->exit_state = EXIT_DEAD;
	t->start_time = leader->start_time;
	t->start_boottime = leader->start_boottime;
}

/* Waits until all others are gone. -EAGAIN: another thread was faster with exec or exit. */
static int kill_other_threads(struct task *t)
{
	struct proc *p = t->proc;
	struct task *leader;
	irqflags_t f;

	if (p->nthreads == 1)
		return 0;
	f = spin_lock_irqsave(&p->siglock);
	if ((p->flags & PF_GROUP_EXIT) || p->group_exit_task) {
		spin_unlock_irqrestore(&p->siglock, f);
		return -EAGAIN;
	}
	p->group_exit_task = t;
	p->notify_count = (int)proc_kill_others(t);
	if (p->leader != t)
		p->notify_count--;	/* the leader stays, as a zombie */
	while (p->notify_count) {
		set_current_state(TASK_KILLABLE);
		spin_unlock_irqrestore(&p->siglock, f);
		schedule();
		f = spin_lock_irqsave(&p->siglock);
		if (p->flags & PF_GROUP_EXIT)
			goto killed;
	}
	spin_unlock_irqrestore(&p->siglock, f);
	set_current_running();
	if (p->leader != t) {
		for (;;) {
			f = spin_lock_irqsave(&proc_tree_lock);
			leader = p->leader;
			if (leader->exit_state)
				break;
			p->notify_count = -1;
			set_current_state(TASK_KILLABLE);
			spin_unlock_irqrestore(&proc_tree_lock, f);
			schedule();
			if (READ_ONCE(p->flags) & PF_GROUP_EXIT) {
				f = spin_lock_irqsave(&p->siglock);
				goto killed;
			}
		}
		set_current_running();
		take_leadership(t, leader);
		spin_unlock_irqrestore(&proc_tree_lock, f);
		task_release(leader);
	}
	f = spin_lock_irqsave(&p->siglock);
	p->group_exit_task = NULL;
	p->notify_count = 0;
	spin_unlock_irqrestore(&p->siglock, f);
	return 0;
killed:
	p->group_exit_task = NULL;
	p->notify_count = 0;
	spin_unlock_irqrestore(&p->siglock, f);
	set_current_running();
	return -EAGAIN;
}

/* Handlers shared with another process (CLONE_SIGHAND without CLONE_THREAD) become our own. */
static int unshare_sighand(struct task *t)
{
	struct sighand *old = t->sighand;
	irqflags_t f;
	int err;

	if (atomic_read(&old->refs) == 1)
		return 0;
	err = sighand_copy(0, t);
	if (err)
		return err;
	/* A sender that still holds the old one holds our siglock. */
	f = spin_lock_irqsave(&t->proc->siglock);
	spin_unlock_irqrestore(&t->proc->siglock, f);
	sighand_put(old);
	return 0;
}

void task_set_comm(struct task *t, const char *name)
{
	char buf[TASK_COMM_LEN] = { 0 };

	strscpy(buf, name, sizeof(buf));
	spin_lock(&t->lock);
	memcpy(t->comm, buf, sizeof(buf));
	spin_unlock(&t->lock);
	if (t == current)
		trace_name(t);
}

void proc_get_comm(const struct task *t, char out[TASK_COMM_LEN])
{
	struct task *w = (struct task *)t;

	spin_lock(&w->lock);
	memcpy(out, t->comm, TASK_COMM_LEN);
	spin_unlock(&w->lock);
}

static void reset_signals(struct task *t)
{
	sighand_exec(t);
	t->sigaltstack = (stack_t_kernel){ .flags = SS_DISABLE };
	t->restart.fn = NULL;
	t->robust_list = NULL;
	t->futex_state = FUTEX_STATE_OK;
	t->set_child_tid = NULL;
	rseq_exec(t);
	if (t->flags & TF_KTHREAD)
		t->blocked = 0;		/* init's thread had all blocked */
}

int exec_begin(struct binprm *b)
{
	struct task *t = current;
	const char *base;
	int err;

	b->point_of_no_return = true;
	err = kill_other_threads(t);
	if (err)
		return err;
	err = unshare_sighand(t);
	if (err)
		return err;
	/* Before descriptors close: who sees that happen may rely on setpgid(2) being refused. */
	t->flags &= ~TF_FORKNOEXEC;
	err = files_exec(t);
	if (err)
		return err;
	posix_timers_exit(t->proc);
	task_mm_departing(t);
	b->mm->exe_file = file_get(b->file);
	page_release(b);
	mm_exec_switch(b->mm);
	b->mm = NULL;
	reset_signals(t);
	t->flags &= ~TF_KTHREAD;
	t->proc->flags |= PF_EXECED;
	t->proc->leader->exit_signal = SIGCHLD;
	base = strrchr(b->filename, '/');
	task_set_comm(t, base ? base + 1 : b->filename);
	/* Who may look into us is decided by what we are now. */
	t->mm->dumpable = 1;
	if (b->secure || b->cred->euid != t->cred->euid || b->cred->egid != t->cred->egid ||
	    inode_permission(b->file->inode, MAY_READ)) {
		t->mm->dumpable = 0;
		if (b->cred->euid != t->cred->euid || b->cred->egid != t->cred->egid)
			t->pdeath_signal = 0;
	}
	if (b->secure)
		t->pdeath_signal = 0;
	cred_commit(b->cred);
	b->cred = NULL;
	return 0;
}

void exec_finish(struct binprm *b, vaddr_t entry, vaddr_t sp)
{
	arch_exec_regs(task_regs(current), entry, sp);
}

/* ---- the whole */
static int load(struct binprm *b)
{
	for (;;) {
		int err = binfmt_elf_load(b);

		if (err == -ENOEXEC && !b->point_of_no_return)
			err = binfmt_script_load(b);
		if (err != 1)
			return err;
	}
}

static int prepare(struct binprm *b, int dfd, const char *name, int flags, const struct strings *argv, const struct strings *envp)
{
	unsigned argc, envc;
	int err;

	err = name_set(b, dfd, name);
	if (err)
		return err;
	b->mm = mm_create();
	if (!b->mm)
		return -ENOMEM;
	err = strings_count(argv, &argc);
	if (err)
		return err;
	err = strings_count(envp, &envc);
	if (err)
		return err;
	b->argc = argc;
	b->envc = envc;
	b->stack_limit = rlimit(RLIMIT_STACK);
	err = stack_prepare(b);
	if (err)
		return err;
	b->strings_end = b->p;
	err = exec_push_string(b, b->filename);
	if (err)
		return err;
	b->execfn = b->strings_end = b->p;
	err = strings_copy(b, envp, envc);
	if (err)
		return err;
	b->env_start = b->p;
	err = strings_copy(b, argv, argc);
	/* A program that finds argc 0 reads its environment as arguments: it gets an empty name instead. */
	if (!err && !argc) {
		err = exec_push_string(b, "");
		b->argc = 1;
	}
	if (err)
		return err;
	/* Only now, as on Linux: bad strings are reported before a file that is not there. */
	b->file = file_open_exec(dfd, name, (unsigned)flags, &err);
	return b->file ? exec_read_head(b) : err;
}

static void binprm_free(struct binprm *b)
{
	page_release(b);
	if (b->mm)
		mm_put(b->mm);
	if (b->cred)
		cred_abort(b->cred);
	if (b->file)
		file_put(b->file);
	kfree(b->interp);
	kfree(b->fd_name);
	kfree(b);
}

static int do_exec(int dfd, const char *name, int flags, const struct strings *argv, const struct strings *envp)
{
	struct task *t = current;
	struct binprm *b;
	int err;

	/* setuid() let a process go over its limit; exec is where that is answered. */
	if (t->cred->user != &root_user && (uint64_t)atomic_read(&t->cred->user->nproc) > rlimit(RLIMIT_NPROC) &&
	    t->proc->nproc_exceeded && !capable(CAP_SYS_RESOURCE) && !capable(CAP_SYS_ADMIN))
		return -EAGAIN;
	t->proc->nproc_exceeded = false;
	b = kzalloc(sizeof(*b), GFP_KERNEL);
	if (!b)
		return -ENOMEM;
	if (mutex_lock_interruptible(&t->proc->exec_lock)) {
		kfree(b);
		return -ERESTARTNOINTR;
	}
	b->cred = cred_prepare();
	err = b->cred ? prepare(b, dfd, name, flags, argv, envp) : -ENOMEM;
	if (!err) {
		sched_exec();
		err = load(b);
	}
	mutex_unlock(&t->proc->exec_lock);
	if (err && b->point_of_no_return && !fatal_signal_pending(t))
		force_signal(SIGSEGV);	/* there is no program to go back to, and no handler any more */
	binprm_free(b);
	return err;
}

long sys_execve(const char __user *path, const char __user *const __user *argv, const char __user *const __user *envp)
{
	return sys_execveat(AT_FDCWD, path, argv, envp, 0);
}

long sys_execveat(int dfd, const char __user *path, const char __user *const __user *argv, const char __user *const __user *envp,
		  int flags)
{
	struct strings a = { argv, NULL }, e = { envp, NULL };
	char *name;
	int err;

	if (flags & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW))
		return -EINVAL;
	err = getname(path, flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0, &name);
	if (err)
		return err;
	err = do_exec(dfd, name, flags, &a, &e);
	putname(name);
	return err;
}

int proc_exec_init(const char *path, const char *const argv[], const char *const envp[])
{
	struct strings a = { NULL, argv }, e = { NULL, envp };

	return do_exec(AT_FDCWD, path, 0, &a, &e);
}
