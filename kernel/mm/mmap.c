/* SPDX-License-Identifier: MIT */
/*
 * mmap, munmap, brk and what exec needs of them.
 *
 * Everything is checked before anything changes; with MAP_FIXED the old contents go only after
 * the checks that can be made beforehand, as on Linux. Unmapping: areas leave their files'
 * lists, entries are cleared, tables unlinked, TLBs flushed, and only then pages, tables and
 * areas freed.
 *
 * Locks: mm->lock for writing over each operation; page_cache->map_lock inside. References:
 * mmap(2), brk(2), getrlimit(2); the order of checks was read off Linux's behaviour by tests.
 */
#include <kernel/errno.h>
#include <kernel/fs.h>
#include <kernel/panic.h>
#include <kernel/signal.h>
#include <kernel/task.h>
#include <uapi/mman.h>
#include "mm_internal.h"

/* ---- unmap */

/*
 * Makes borders at @start and @end, so that [start, end) is made of whole areas. Returns the
 * first, or NULL.
 */
static int carve(struct mm *mm, vaddr_t start, vaddr_t end, struct vm_area **first)
{
	struct vm_area *a = vm_find(mm, start), *last;
	int err;

	*first = NULL;
	if (!a || a->start >= end)
		return 0;
	if (a->start < start) {
		/*
		 * A hole in one area makes two of it: the count is checked before anything is
		 * split.
		 */
		if (end < a->end && mm->nr_areas >= MAX_MAP_COUNT)
			return -ENOMEM;
		err = area_split(mm, a, start);
		if (err)
			return err;
		a = vm_next(a);
	}
	last = vm_find(mm, end - 1);
	if (last && last->start < end && last->end > end) {
		err = area_split(mm, last, end);
		if (err)
			return err;
	}
	*first = a;
	return 0;
}

static void remove_areas(struct mm *mm, struct vm_area *first, vaddr_t start, vaddr_t end)
{
	struct vm_area *prev = area_prev(first), *a, *next;
	uint64_t rss = (uint64_t)(atomic64_read(&mm->rss_anon) + atomic64_read(&mm->rss_file) +
				  atomic64_read(&mm->rss_shmem));
	struct gather g;

	if (rss > mm->hiwater_rss)
		mm->hiwater_rss = rss;
	gather_init(&g, mm, false);
	for (a = first; a && a->start < end; a = vm_next(a)) {
		area_file_unlink(a);
		pt_zap(&g, a, a->start, a->end, ZAP_ALL);
	}
	pt_free_tables(&g, MAX(start, first->start), end, prev ? prev->end : 0,
		       a ? a->start : PT_USER_CEIL);
	gather_flush(&g);
	for (a = first; a && a->start < end; a = next) {
		next = vm_next(a);
		area_unlink(mm, a);
		if (a->flags & VM_ACCOUNT)
			vm_uncommit(area_pages(a));
		area_release(a);
	}
}

int do_munmap(struct mm *mm, vaddr_t start, uint64_t len)
{
	struct vm_area *first;
	int err;

	if (!IS_ALIGNED(start, PAGE_SIZE) || start > USER_END || len > USER_END - start)
		return -EINVAL;
	len = ALIGN_UP(len, PAGE_SIZE);
	if (!len)
		return -EINVAL;
	err = carve(mm, start, start + len, &first);
	if (err || !first)
		return err;
	remove_areas(mm, first, start, start + len);
	return 0;
}

int vm_munmap(vaddr_t addr, uint64_t len)
{
	struct mm *mm = current->mm;
	int err;

	if (down_write_killable(&mm->lock))
		return -EINTR;
	err = do_munmap(mm, addr, len);
	up_write(&mm->lock);
	return err;
}

static int unmap_attached(struct mm *mm, vaddr_t addr, const struct vm_ops *ops)
{
	const struct file *f = NULL;	/* of the first part: only compared, it may be gone */
	uint64_t size = UINT64_MAX - addr;
	struct vm_area *a;
	vaddr_t end = addr;
	int err = -EINVAL, ret;

	while ((a = vm_find(mm, end)) && a->start - addr < size) {
		end = a->end;
		if (a->ops != ops || a->start < addr || (a->start - addr) >> PAGE_SHIFT != a->pgoff || (f && a->file != f))
			continue;
		if (!f)
			size = ALIGN_UP((uint64_t)a->file->inode->size, PAGE_SIZE);
		f = a->file;
		ret = do_munmap(mm, a->start, a->end - a->start);
		if (ret)
			return ret;
		err = 0;
	}
	return err;
}

int vm_unmap_attached(vaddr_t addr, const struct vm_ops *ops)
{
	struct mm *mm = current->mm;
	int err;

	if (!IS_ALIGNED(addr, PAGE_SIZE))
		return -EINVAL;
	if (down_write_killable(&mm->lock))
		return -EINTR;
	err = unmap_attached(mm, addr, ops);
	up_write(&mm->lock);
	return err;
}

/* ---- map */

bool mlock_allowed(void)
{
	return rlimit(RLIMIT_MEMLOCK) != 0 || capable(CAP_IPC_LOCK);
}

int mlock_limit_check(struct mm *mm, uint64_t pages)
{
	uint64_t limit = rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT;

	return mm->locked_pages + pages > limit && !capable(CAP_IPC_LOCK) ? -EAGAIN : 0;
}

#define INODE_APPEND 4u		/* FS_APPEND_FL-like bit of inode->iflags: S_APPEND */
#define KNOWN_MAP_FLAGS                                                                            \
	(MAP_TYPE | MAP_FIXED | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_DENYWRITE | MAP_EXECUTABLE |   \
	 MAP_LOCKED | MAP_NORESERVE | MAP_POPULATE | MAP_NONBLOCK | MAP_STACK | MAP_HUGETLB |      \
	 MAP_FIXED_NOREPLACE | MAP_HUGE_MASK << MAP_HUGE_SHIFT)

/* What the file's mode and mount allow; adds to *flags. */
static int check_file(struct file *f, unsigned prot, unsigned map_flags, unsigned *flags)
{
	unsigned type = map_flags & MAP_TYPE;

	if (type == MAP_SHARED_VALIDATE) {
		/* MAP_SYNC has to be refused by files that cannot give it: none can. */
		if (map_flags & ~KNOWN_MAP_FLAGS)
			return -EOPNOTSUPP;
		type = MAP_SHARED;
	}
	if (type == MAP_SHARED) {
		if ((prot & PROT_WRITE) && !(f->mode & FMODE_WRITE))
			return -EACCES;
		if ((f->inode->iflags & INODE_APPEND) && (f->mode & FMODE_WRITE))
			return -EACCES;
		*flags |= VM_SHARED;
		if (!(f->mode & FMODE_WRITE))
			*flags &= ~VM_MAYWRITE;
	} else if (type != MAP_PRIVATE) {
		return -EINVAL;
	}
	if (!(f->mode & FMODE_READ))
		return -EACCES;
	if (f->path.mnt && f->path.mnt->flags & MNT_NOEXEC) {
		if (prot & PROT_EXEC)
			return -EPERM;
		*flags &= ~VM_MAYEXEC;
	}
	if (!f->ops->mmap)
		return -ENODEV;
	return map_flags & MAP_GROWSDOWN ? -EINVAL : 0;
}

/* May the file have bytes as far as that? Devices choose their own numbers. */
static bool offset_fits(const struct file *f, uint64_t pgoff, uint64_t len)
{
	uint64_t max = INT64_MAX;

	if ((f->inode->mode & S_IFMT) != S_IFREG)
		return true;
	if (f->inode->sb && f->inode->sb->max_bytes)
		max = (uint64_t)f->inode->sb->max_bytes;
	return len <= max && pgoff <= (max - len) >> PAGE_SHIFT;
}

static int count_writable(struct page_cache *c)
{
	for (;;) {
		int n = atomic_read(&c->writable_maps);

		if (n < 0)
			return -EPERM;
		if (atomic_cas(&c->writable_maps, n, n + 1))
			return 0;
	}
}

/* Asks the file to set the area up. On failure the area has given back what it held. */
static int area_attach_file(struct vm_area *a, struct file *f)
{
	int err;

	a->file = file_get(f);
	err = f->ops->mmap(f, a);
	if (!err && a->cache && (a->flags & (VM_SHARED | VM_MAYWRITE)) == (VM_SHARED | VM_MAYWRITE))
		err = count_writable(a->cache);
	if (err)
		file_put(a->file);
	return err;
}

/*
 * Makes the area in a range that is free, and charged already. The charge stays with the
 * caller on failure.
 */
static int area_add(struct mm *mm, vaddr_t addr, uint64_t len, unsigned flags, struct file *f,
		    uint64_t pgoff)
{
	struct vm_area *a;
	int err;

	if (area_extend(mm, addr, addr + len, flags, f, pgoff))
		return 0;
	a = area_alloc(mm);
	if (!a)
		return -ENOMEM;
	a->start = addr;
	a->end = addr + len;
	a->flags = flags;
	a->pgoff = pgoff;
	if (f) {
		err = area_attach_file(a, f);
		if (err) {
			area_free(a);
			return err;
		}
	}
	area_link(mm, a);
	return 0;
}

/* Limits, charge, replacement of what was there, the area itself. */
static int map_region(struct mm *mm, vaddr_t addr, uint64_t len, unsigned flags, struct file *f,
		      uint64_t pgoff)
{
	uint64_t pages = len >> PAGE_SHIFT;
	int err;

	if (!vm_may_expand(mm, flags, pages)) {
		/* What is replaced does not count twice. */
		uint64_t replaced = 0;

		for (struct vm_area *a = vm_find(mm, addr); a && a->start < addr + len;
		     a = vm_next(a))
			replaced += (MIN(a->end, addr + len) - MAX(a->start, addr)) >> PAGE_SHIFT;
		if (replaced > pages || !vm_may_expand(mm, flags, pages - replaced))
			return -ENOMEM;
	}
	err = do_munmap(mm, addr, len);
	if (err)
		return err;
	if (area_accounts(flags)) {
		if (!vm_may_commit(pages))
			return -ENOMEM;
		flags |= VM_ACCOUNT;
	}
	err = area_add(mm, addr, len, flags, f, pgoff);
	if (err && (flags & VM_ACCOUNT))
		vm_uncommit(pages);
	return err;
}

/* Large private anonymous mappings lie on 2 MiB, so that blocks fit. */
static uint64_t alignment_for(uint64_t len, struct file *f, unsigned map_flags)
{
	if (!f && len >= HUGE_SIZE && IS_ALIGNED(len, HUGE_SIZE) &&
	    !(map_flags & (MAP_STACK | MAP_GROWSDOWN)))
		return HUGE_SIZE;
	return PAGE_SIZE;
}

static int pick_address(struct mm *mm, vaddr_t *addr, uint64_t len, unsigned map_flags,
			struct file *f, uint64_t pgoff)
{
	if (len > USER_END)
		return -ENOMEM;
	if (map_flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) {
		struct vm_area *a;

		if (*addr > USER_END - len)
			return -ENOMEM;
		if (!IS_ALIGNED(*addr, PAGE_SIZE))
			return -EINVAL;
		if (*addr < USER_MMAP_MIN && !capable(CAP_SYS_RAWIO))
			return -EPERM;
		if (!(map_flags & MAP_FIXED_NOREPLACE))
			return 0;
		a = vm_find(mm, *addr);
		return a && a->start < *addr + len ? -EEXIST : 0;
	}
	*addr &= PAGE_MASK;
	if (*addr && *addr < USER_MMAP_MIN)
		*addr = USER_MMAP_MIN;
	if (f && f->ops->get_area) {
		vaddr_t va = f->ops->get_area(f, *addr, len, pgoff, map_flags);

		if ((int64_t)va < 0 && (int64_t)va >= -4095)
			return (int)va;
		*addr = va;
		return 0;
	}
	return vm_get_unmapped(mm, *addr, len, alignment_for(len, f, map_flags), addr);
}

/*
 * The heart of mmap. mm->lock held for writing. Returns the address or an error; *populate:
 * bytes that the caller should fault in after it has dropped the lock.
 */
long do_mmap(struct mm *mm, vaddr_t addr, uint64_t len, unsigned prot, unsigned map_flags,
	     unsigned vm_flags, struct file *f, uint64_t pgoff, uint64_t *populate)
{
	unsigned flags =
		vm_flags | mm->def_flags | (prot & VM_PROT) | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC;
	int err;

	*populate = 0;
	if (!len)
		return -EINVAL;
	len = ALIGN_UP(len, PAGE_SIZE);
	if (!len)
		return -ENOMEM;
	if (pgoff + (len >> PAGE_SHIFT) < pgoff)
		return -EOVERFLOW;
	if (mm->nr_areas > MAX_MAP_COUNT)
		return -ENOMEM;
	if ((prot & PROT_READ) && (mm->personality & READ_IMPLIES_EXEC) &&
	    !(f && f->path.mnt && f->path.mnt->flags & MNT_NOEXEC)) {
		prot |= PROT_EXEC;
		flags |= VM_EXEC;
	}
	err = pick_address(mm, &addr, len, map_flags, f, pgoff);
	if (err)
		return err;
	if (map_flags & MAP_GROWSDOWN)
		flags |= VM_GROWSDOWN;
	if (map_flags & MAP_LOCKED) {
		if (!mlock_allowed())
			return -EPERM;
		flags |= VM_LOCKED;
	}
	if ((flags & VM_LOCKED) && mlock_limit_check(mm, len >> PAGE_SHIFT))
		return -EAGAIN;
	if (map_flags & MAP_STACK)
		flags |= VM_NOHUGEPAGE;
	if (f) {
		if (!offset_fits(f, pgoff, len))
			return -EOVERFLOW;
		err = check_file(f, prot, map_flags, &flags);
		if (err)
			return err;
	} else {
		switch (map_flags & MAP_TYPE) {
		case MAP_SHARED:
			if (map_flags & MAP_GROWSDOWN)
				return -EINVAL;
			pgoff = 0;
			flags |= VM_SHARED;
			/*
			 * Its pages are charged one by one; what could never be had is refused
			 * now.
			 */
			if (!(map_flags & MAP_NORESERVE)) {
				if (!vm_may_commit(len >> PAGE_SHIFT))
					return -ENOMEM;
				vm_uncommit(len >> PAGE_SHIFT);
			}
			f = shmem_file_create("dev/zero", (loff_t)len, flags & VM_NORESERVE, &err);
			if (!f)
				return err;
			break;
		case MAP_PRIVATE:
			pgoff = addr >> PAGE_SHIFT;
			break;
		default:
			return -EINVAL;
		}
	}
	if ((map_flags & MAP_NORESERVE) && vm_overcommit_memory != 2)
		flags |= VM_NORESERVE;
	err = map_region(mm, addr, len, flags, f, pgoff);
	if (f && (map_flags & MAP_ANONYMOUS) && (flags & VM_SHARED))
		file_put(f);	/* ours: the area holds its own reference */
	if (err)
		return err;
	if ((flags & VM_LOCKED) && !(flags & VM_LOCKONFAULT))
		*populate = len;
	else if ((map_flags & (MAP_POPULATE | MAP_NONBLOCK)) == MAP_POPULATE)
		*populate = len;
	return (long)addr;
}

long vm_mmap_mm(struct mm *mm, vaddr_t addr, uint64_t len, unsigned prot, unsigned map_flags,
		struct file *f, uint64_t off)
{
	uint64_t populate;
	long r;

	if (f)
		map_flags &= ~MAP_ANONYMOUS;
	if (down_write_killable(&mm->lock))
		return -EINTR;
	r = do_mmap(mm, addr, len, prot, map_flags, 0, f, off >> PAGE_SHIFT, &populate);
	up_write(&mm->lock);
	if (populate && r >= 0)
		vm_populate(mm, (vaddr_t)r, populate);
	return r;
}

long vm_mmap(vaddr_t addr, uint64_t len, unsigned prot, unsigned map_flags, struct file *f,
	     uint64_t off)
{
	if (off + ALIGN_UP(len, PAGE_SIZE) < off || !IS_ALIGNED(off, PAGE_SIZE))
		return -EINVAL;
	return vm_mmap_mm(current->mm, addr, len, prot, map_flags, f, off);
}

/*
 * Faults in what may be accessed in [start, start + len); stops at the first failure, which is
 * nobody's business.
 */
void vm_populate(struct mm *mm, vaddr_t start, uint64_t len)
{
	vaddr_t end = start + len;

	down_read(&mm->lock);
	while (start < end) {
		struct vm_area *a = vm_find(mm, start);
		pte_t *p;
		int level, err;

		if (!a || a->start >= end || fatal_signal_pending(current))
			break;
		start = MAX(start, a->start);
		if (!(a->flags & VM_PROT)) {
			start = a->end;
			continue;
		}
		p = pt_lookup(mm, start, &level);
		if (!p || (area_is_private_write(a) && (a->flags & VM_WRITE) &&
			   !pte_writable(pte_get(p)))) {
			unsigned access = (a->flags & (VM_WRITE | VM_SHARED)) == VM_WRITE ? VM_WRITE
											  : VM_READ;

			err = fault_in_page(mm, start, access);
			if (err)
				break;
			continue;	/* look again: a fault may have to be repeated */
		}
		start = ALIGN_DOWN(start, pt_span(level)) + pt_span(level);
		cond_resched();
	}
	up_read(&mm->lock);
}

/* ---- brk */

/* An anonymous private area in free addresses. mm->lock held for writing. */
static int anon_area(struct mm *mm, vaddr_t addr, uint64_t len, unsigned flags)
{
	uint64_t pages = len >> PAGE_SHIFT;
	int err;

	flags |= mm->def_flags | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC;
	if (!vm_may_expand(mm, flags, pages) || mm->nr_areas > MAX_MAP_COUNT)
		return -ENOMEM;
	if ((flags & VM_LOCKED) && mlock_limit_check(mm, pages))
		return -EAGAIN;
	if (!vm_may_commit(pages))
		return -ENOMEM;
	err = area_add(mm, addr, len, flags | VM_ACCOUNT, NULL, addr >> PAGE_SHIFT);
	if (err)
		vm_uncommit(pages);
	return err;
}

static long brk_set_locked(struct mm *mm, vaddr_t brk, bool *populate)
{
	vaddr_t old = ALIGN_UP(mm->brk, PAGE_SIZE), new = ALIGN_UP(brk, PAGE_SIZE);
	uint64_t limit = rlimit(RLIMIT_DATA);
	struct vm_area *a;

	if (brk < mm->brk_start || brk > USER_END)
		return (long)mm->brk;
	if (limit < RLIM_INFINITY &&
	    (brk - mm->brk_start) + (mm->data_end - mm->data_start) > limit)
		return (long)mm->brk;
	if (new < old) {
		if (do_munmap(mm, new, old - new))
			return (long)mm->brk;
	} else if (new > old) {
		/* A page stays free between the heap and what comes above. */
		a = vm_find(mm, old);
		if (a && a->start - MIN(a->start, (vaddr_t)a->guard) < new + PAGE_SIZE)
			return (long)mm->brk;
		if (anon_area(mm, old, new - old,
			      VM_READ | VM_WRITE |
				      (mm->personality & READ_IMPLIES_EXEC ? VM_EXEC : 0)))
			return (long)mm->brk;
		*populate = (mm->def_flags & (VM_LOCKED | VM_LOCKONFAULT)) == VM_LOCKED;
	}
	mm->brk = brk;
	return (long)brk;
}

long vm_brk_set(vaddr_t brk)
{
	struct mm *mm = current->mm;
	bool populate = false;
	vaddr_t old;
	long r;

	if (down_write_killable(&mm->lock))
		return -EINTR;
	old = ALIGN_UP(mm->brk, PAGE_SIZE);
	r = brk_set_locked(mm, brk, &populate);
	up_write(&mm->lock);
	if (populate)
		vm_populate(mm, old, ALIGN_UP(brk, PAGE_SIZE) - old);
	return r;
}

/* ---- exec */

int vm_brk_area(vaddr_t addr, uint64_t len)
{
	struct mm *mm = current->mm;
	int err;

	len = ALIGN_UP(len + (addr & ~PAGE_MASK), PAGE_SIZE);
	addr &= PAGE_MASK;
	if (!len)
		return 0;
	if (addr < USER_MMAP_MIN || addr > USER_END || len > USER_END - addr)
		return -ENOMEM;
	down_write(&mm->lock);
	err = do_munmap(mm, addr, len);
	if (!err)
		err = anon_area(mm, addr, len, VM_READ | VM_WRITE);
	up_write(&mm->lock);
	return err;
}

int vm_stack_create(struct mm *mm, vaddr_t top, uint64_t size, unsigned prot)
{
	int err;

	size = ALIGN_UP(size, PAGE_SIZE);
	if (!IS_ALIGNED(top, PAGE_SIZE) || top > USER_END || size + USER_MMAP_MIN > top)
		return -EINVAL;
	down_write(&mm->lock);
	err = anon_area(mm, top - size, size, prot | VM_GROWSDOWN | VM_STACK);
	if (!err && !mm->stack_top)
		mm->stack_top = top;
	up_write(&mm->lock);
	return err;
}

/*
 * The vDSO and mappings by drivers: @addr must be free, or 0 for any place; pages come from
 * ops->fault. Returns 0.
 */
int vm_map_special(struct mm *mm, vaddr_t addr, uint64_t len, unsigned flags,
		   const struct vm_ops *ops, void *priv)
{
	struct vm_area *a;

	if (!IS_ALIGNED(addr, PAGE_SIZE) || !len || addr > USER_END || len > USER_END - addr)
		return -EINVAL;
	len = ALIGN_UP(len, PAGE_SIZE);
	a = area_alloc(mm);
	if (!a)
		return -ENOMEM;
	down_write(&mm->lock);
	if (gap_find(&mm->areas, addr) && gap_find(&mm->areas, addr)->start < addr + len) {
		up_write(&mm->lock);
		area_free(a);
		return -EEXIST;
	}
	a->start = addr;
	a->end = addr + len;
	a->flags = flags | VM_SPECIAL | VM_DONTEXPAND;
	a->ops = ops;
	a->private = priv;
	area_link(mm, a);
	up_write(&mm->lock);
	return 0;
}

/* A free range for a caller that maps it with vm_map_special() next. */
int vm_find_free(struct mm *mm, uint64_t len, vaddr_t *out)
{
	int err;

	down_read(&mm->lock);
	err = vm_get_unmapped(mm, 0, ALIGN_UP(len, PAGE_SIZE), PAGE_SIZE, out);
	up_read(&mm->lock);
	return err;
}
