/* SPDX-License-Identifier: MIT */
/*
 * Access to user memory by other ways than the running task's own pointers: /proc/PID/mem,
 * process_vm_readv, futex keys.
 *
 * Invariant: a page is touched only with a reference taken under pt_lock while its entry was
 * seen; for writing the entry was writable then, so private pages have been copied.
 *
 * Locks: mm->lock for reading, not over copies from or to memory of the running task.
 * References: process_vm_readv(2), futex(2).
 */
#include <kernel/errno.h>
#include <kernel/fs.h>
#include <kernel/iov.h>
#include <kernel/pid.h>
#include <kernel/signal.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>
#include "mm_internal.h"

/* The page behind @va if its entry allows @access now; with a reference. */
static struct page *page_of_entry(struct mm *mm, vaddr_t va, unsigned access, bool *special)
{
	struct page *page = NULL;
	pte_t *p, e;
	int level;

	p = pt_lookup(mm, va, &level);
	if (p && level == 2) {
		pt_split_block(mm, va);
		p = pt_lookup(mm, va, &level);
	}
	*special = false;
	if (!p || level != 3)
		return NULL;
	spin_lock(&mm->pt_lock);
	e = pte_get(p);
	if (!pte_none(e) && (access != VM_WRITE || pte_writable(e))) {
		if (!pte_special(e)) {
			page = phys_to_page(pte_phys(e));
			page_get(page);
		} else if (phys_to_page(pte_phys(e)) == zero_page) {
			/* has the allocator's own reference: it never goes */
			page = zero_page;
			page_get(page);
		} else {
			*special = true;
		}
	}
	spin_unlock(&mm->pt_lock);
	return page;
}

/* mm->lock held for reading. */
static int get_page_locked(struct mm *mm, vaddr_t va, unsigned access, struct page **out)
{
	for (unsigned tries = 0; tries < 16; tries++) {
		bool special;
		int err;

		*out = page_of_entry(mm, va, access, &special);
		if (*out)
			return 0;
		if (special)
			return -EFAULT;
		err = fault_in_page(mm, va, access);
		if (err)
			return err == -ENOMEM ? err : -EFAULT;
		if (fatal_signal_pending(current))
			return -EINTR;
	}
	return -EFAULT;
}

int vm_get_page(struct mm *mm, vaddr_t va, unsigned access, struct page **out)
{
	struct vm_area *a;
	int err = -EFAULT;

	if (va >= USER_END)
		return -EFAULT;
	down_read(&mm->lock);
	a = vm_find(mm, va);
	if (a && a->start <= va && (access == VM_READ ? a->flags & VM_PROT : a->flags & access))
		err = get_page_locked(mm, va, access, out);
	up_read(&mm->lock);
	return err;
}

/*
 * @force: a debugger may read what cannot be read, and write private memory that cannot be
 * written.
 */
static int access_page(struct mm *mm, vaddr_t va, bool write, bool force, struct page **out)
{
	unsigned access = write ? VM_WRITE : VM_READ;
	struct vm_area *a;
	int err = -EFAULT;

	down_read(&mm->lock);
	a = vm_find(mm, va);
	if (!a || a->start > va)
		goto out;
	if (write ? a->flags & VM_WRITE : a->flags & VM_PROT) {
		err = get_page_locked(mm, va, access, out);
	} else if (force) {
		err = force_page(a, va & PAGE_MASK, write, out);
	}
out:
	up_read(&mm->lock);
	return err;
}

ssize_t vm_access(struct mm *mm, vaddr_t va, void *buf, size_t len, bool write, bool force)
{
	size_t done = 0;

	while (done < len) {
		size_t off = va & (PAGE_SIZE - 1), n = MIN(PAGE_SIZE - off, len - done);
		struct page *p;
		int err = va < USER_END ? access_page(mm, va, write, force, &p) : -EFAULT;
		char *k;

		if (err)
			return done ? (ssize_t)done : err == -ENOMEM ? -EFAULT : err;
		k = (char *)page_to_virt(p) + off;
		if (write) {
			memcpy(k, (char *)buf + done, n);
			if (p->flags & PG_ICACHE)
				arch_sync_icache(k, n);	/* a breakpoint */
		} else {
			memcpy((char *)buf + done, k, n);
		}
		page_put(p);
		done += n;
		va += n;
	}
	return (ssize_t)done;
}

/*
 * Private memory: (address space, address). Shared memory: (the file's cache, page of the
 * file), so that all who map it agree whatever the address. Returns with whatever keeps the
 * key's object from being reused: nothing is needed, since a waiter's own mapping is what it
 * waits on.
 */
int vm_futex_key(vaddr_t uaddr, bool shared, bool write, struct vm_key *key)
{
	struct mm *mm = current->mm;
	struct vm_area *a;
	int err = 0;

	if (uaddr & 3)
		return -EINVAL;
	if (!access_ok((void __user *)uaddr, 4))
		return -EFAULT;
	key->offset = (uint32_t)(uaddr & (PAGE_SIZE - 1));
	key->a = (uint64_t)mm;
	key->b = uaddr & PAGE_MASK;
	key->shared = false;
	if (!shared)
		return 0;
	down_read(&mm->lock);
	a = vm_find(mm, uaddr);
	if (!a || a->start > uaddr || !(write ? a->flags & VM_WRITE : a->flags & VM_PROT)) {
		err = -EFAULT;
	} else if (!(a->flags & (VM_SHARED | VM_WRITE)) && !a->file) {
		/* nobody can ever change such a word: Linux refuses to wait for it */
		err = -EFAULT;
	} else if ((a->flags & VM_SHARED) && a->cache) {
		key->a = (uint64_t)inode_get(a->cache->inode);
		key->b = area_pgoff(a, uaddr);
		key->shared = true;
	}
	up_read(&mm->lock);
	return err;
}

void vm_futex_key_put(struct vm_key *key)
{
	if (key->shared)
		inode_put((struct inode *)key->a);
}
