/* SPDX-License-Identifier: MIT */
/*
 * process_vm_readv and process_vm_writev: bytes from one address space to another in one call.
 *
 * Invariant: the result is the number of bytes moved before the first address that failed; an
 * error only when none was. Who may: whoever may trace the process: same ids and dumpable, or
 * CAP_SYS_PTRACE.
 *
 * Locks: the other map's lock per page, inside vm_access(); none over the copy from or to our
 * own user. References: process_vm_readv(2), ptrace(2) on access checks.
 */
#include <kernel/errno.h>
#include <kernel/iov.h>
#include <kernel/pid.h>
#include <kernel/rcu.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>
#include "mm_internal.h"

/* May the running task look into @t's memory? Real ids are compared, as for an attachment. */
static bool may_access(struct task *t, struct mm *mm)
{
	const struct cred *c = current_cred(), *o;
	bool same;

	if (t->proc == current->proc)
		return true;
	rcu_read_lock();
	o = rcu_dereference(t->cred);
	same = c->uid == o->euid && c->uid == o->suid && c->uid == o->uid && c->gid == o->egid &&
	       c->gid == o->sgid && c->gid == o->gid;
	rcu_read_unlock();
	if (same && mm->dumpable == 1)
		return true;
	return capable(CAP_SYS_PTRACE);
}

/* The other process's memory with a users reference. */
static int other_mm(pid_t pid, struct mm **out)
{
	struct task *t = task_find_get(pid);
	struct mm *mm;
	int err = 0;

	if (!t)
		return -ESRCH;
	mm = task_mm_get(t);
	if (!mm)
		err = -ESRCH;
	else if (!may_access(t, mm))
		err = -EPERM;
	if (err && mm)
		mm_put(mm);
	task_put(t);
	*out = mm;
	return err;
}

/* One piece through a page of the kernel's. */
static ssize_t move_piece(struct mm *mm, vaddr_t there, size_t n, struct iov_iter *here, char *buf,
			  bool write)
{
	ssize_t got;
	size_t done;

	if (write) {
		size_t have = copy_from_iter(buf, n, here);

		if (!have)
			return -EFAULT;
		got = vm_access(mm, there, buf, have, true, false);
		if (got < 0 || (size_t)got < have)
			iter_revert(here, have - (size_t)(got > 0 ? got : 0));
		return got;
	}
	got = vm_access(mm, there, buf, n, false, false);
	if (got <= 0)
		return got;
	done = copy_to_iter(buf, (size_t)got, here);
	return done ? (ssize_t)done : -EFAULT;
}

static ssize_t move_all(struct mm *mm, const struct iovec *there, unsigned long nr,
			struct iov_iter *here, bool write)
{
	char *buf = page_alloc_virt(0, GFP_KERNEL);
	ssize_t total = 0, r = 0;

	if (!buf)
		return -ENOMEM;
	for (unsigned long i = 0; i < nr && here->count; i++) {
		vaddr_t va = (vaddr_t)there[i].base;
		size_t left = there[i].len;

		while (left && here->count) {
			/* Pieces end where pages end, so that a bad page costs only itself. */
			size_t n = MIN(MIN(left, here->count), PAGE_SIZE - (va & (PAGE_SIZE - 1)));

			r = move_piece(mm, va, n, here, buf, write);
			if (r <= 0)
				goto out;
			total += r;
			if ((size_t)r < n)
				goto out;
			va += (size_t)r;
			left -= (size_t)r;
		}
	}
out:
	page_free_virt(buf, 0);
	return total ? total : r;
}

static long process_vm_rw(pid_t pid, const struct iovec __user *lvec, unsigned long nl,
			  const struct iovec __user *rvec, unsigned long nr, unsigned long flags,
			  bool write)
{
	struct iovec lfast[IOV_FAST], rfast[IOV_FAST], *lheap = NULL, *there = rfast;
	struct iov_iter here;
	struct mm *mm;
	long r;

	if (flags || nr > IOV_MAX)
		return -EINVAL;
	r = iter_import(&here, write, lvec, nl, lfast, &lheap);
	if (r)
		return r;
	r = 0;
	if (!here.count)
		goto out;
	if (nr > IOV_FAST) {
		there = kmalloc_array(nr, sizeof(*there), GFP_KERNEL);
		r = -ENOMEM;
		if (!there)
			goto out;
	}
	r = -EFAULT;
	if (copy_from_user(there, rvec, nr * sizeof(*there)))
		goto out;
	r = other_mm(pid, &mm);
	if (r)
		goto out;
	r = move_all(mm, there, nr, &here, write);
	mm_put(mm);
out:
	if (there != rfast)
		kfree(there);
	kfree(lheap);
	return r;
}

long sys_process_vm_readv(pid_t pid, const struct iovec __user *lvec, unsigned long nl,
			  const struct iovec __user *rvec, unsigned long nr, unsigned long flags)
{
	return process_vm_rw(pid, lvec, nl, rvec, nr, flags, false);
}

long sys_process_vm_writev(pid_t pid, const struct iovec __user *lvec, unsigned long nl,
			   const struct iovec __user *rvec, unsigned long nr, unsigned long flags)
{
	return process_vm_rw(pid, lvec, nl, rvec, nr, flags, true);
}
