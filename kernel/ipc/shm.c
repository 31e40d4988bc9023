/* SPDX-License-Identifier: MIT */
/*
 * System V shared memory: shmget(2), shmat(2), shmdt(2). Control is shm_ctl.c.
 *
 * A segment is an unlinked file of shared memory. Each attachment maps it through an open file of its own,
 * so that areas of two attachments are never taken for one; what the segment counts is areas, as Linux
 * does: a split makes two of one.
 *
 * Invariants: a segment that was removed (SHM_DEST) goes when its last area does; areas keep the namespace.
 * Locks: the segment's (ipc_obj.lock); call-backs of areas run under mm->lock.
 * References: shmget(2), shmop(2), sysvipc(7).
 */
#include "shm_internal.h"
#include <kernel/fs.h>
#include <kernel/pagecache.h>
#include <uapi/mman.h>

static void count_area(struct vm_area *a)
{
	struct shm_seg *s = a->private;

	ipc_ns_get(s->ns);
	ipc_relock(&s->obj);
	s->nr_attached++;
	s->atime = ipc_now();
	s->last_pid = current->proc->pid;
	ipc_unlock(&s->obj);
}

static void uncount_area(struct vm_area *a)
{
	struct shm_seg *s = a->private;
	struct ipc_ns *ns = s->ns;
	bool last;

	ipc_relock(&s->obj);
	s->nr_attached--;
	s->dtime = ipc_now();
	s->last_pid = current->proc->pid;
	last = !s->nr_attached && (s->obj.mode & SHM_DEST) && !s->obj.removed;
	if (last)
		ipc_ref(&s->obj);
	ipc_unlock(&s->obj);
	if (last)
		shm_drop(ns, s);
	ipc_ns_put(ns);
}

static const struct vm_ops shm_vm_ops = {
	.fault = page_cache_fault,
	.open = count_area,
	.close = uncount_area,
};

/* Removes it unless somebody attached it meanwhile, and drops the caller's reference. No lock held. */
void shm_drop(struct ipc_ns *ns, struct shm_seg *s)
{
	if (!READ_ONCE(s->nr_attached) && ipc_remove(ns, &s->obj))
		shm_destroy(ns, &s->obj);
	ipc_put(&s->obj);
}

void shm_destroy(struct ipc_ns *ns, struct ipc_obj *o)
{
	struct shm_seg *s = (struct shm_seg *)o;

	atomic64_sub(&ns->shm_pages, (int64_t)shm_pages(s));
	file_put(s->file);
	ipc_put(o); /* the table's */
}

static int attach_mmap(struct file *f, struct vm_area *a)
{
	int err = page_cache_mmap(f, a);

	if (err)
		return err;
	a->ops = &shm_vm_ops;
	a->private = f->private;
	count_area(a);
	return 0;
}

static void attach_release(struct inode *inode, struct file *f)
{
	struct shm_seg *s = f->private;

	ipc_put(&s->obj);
}

static const struct file_ops attach_fops = { .mmap = attach_mmap, .release = attach_release };

/* An open file for one attachment; takes over the caller's reference on the segment. */
static struct file *attach_file(struct shm_seg *s, bool writable, int *err)
{
	struct path p = s->file->path;
	struct file *f;

	path_get(&p);
	f = file_alloc(&p, writable ? O_RDWR : O_RDONLY, &attach_fops, err);
	if (!f) {
		path_put(&p);
		return NULL;
	}
	f->private = s;
	f->mode |= FMODE_READ | (writable ? FMODE_WRITE : 0);
	return f;
}

/*
 * Checks, and holds the segment against its end: it counts as attached until the caller has mapped it. The
 * segment's file number in /proc/PID/maps is its identifier.
 */
static struct shm_seg *attach_begin(struct ipc_ns *ns, int id, unsigned want, int *err)
{
	struct shm_seg *s = (struct shm_seg *)ipc_lock_id(ns, IPC_SHM, id, err);

	if (!s)
		return NULL;
	*err = ipc_permission(&s->obj, want);
	if (!*err) {
		ipc_ref(&s->obj);
		s->nr_attached++;
		s->file->inode->ino = (ino_t)s->obj.id;
	}
	ipc_unlock(&s->obj);
	return *err ? NULL : s;
}

static void attach_end(struct ipc_ns *ns, struct shm_seg *s)
{
	bool last;

	ipc_relock(&s->obj);
	last = !--s->nr_attached && (s->obj.mode & SHM_DEST) && !s->obj.removed;
	ipc_unlock(&s->obj);
	if (last)
		shm_drop(ns, s);
	else
		ipc_put(&s->obj);
}

static long shm_map(struct shm_seg *s, vaddr_t addr, unsigned prot, unsigned map_flags)
{
	struct file *f;
	long ret;
	int err;

	ipc_ref(&s->obj);
	f = attach_file(s, prot & PROT_WRITE, &err);
	if (!f) {
		ipc_put(&s->obj);
		return err;
	}
	ret = vm_mmap_mm(current->mm, addr, s->size, prot, map_flags, f, 0);
	file_put(f);
	return ret == -EEXIST ? -EINVAL : ret;
}

long sys_shmat(int shmid, void __user *uaddr, int flags)
{
	struct ipc_ns *ns = current_ipc_ns();
	vaddr_t addr = (vaddr_t)uaddr;
	unsigned prot = PROT_READ, want = IPC_READ, map_flags = MAP_SHARED;
	struct shm_seg *s;
	long ret;
	int err;

	if (shmid < 0)
		return -EINVAL;
	if (addr & ~PAGE_MASK) {
		if (!(flags & SHM_RND))
			return -EINVAL;
		addr &= PAGE_MASK;
		/* Rounded down to nothing: that is no place to map over. */
		if (!addr && (flags & SHM_REMAP))
			return -EINVAL;
	} else if (!addr && (flags & SHM_REMAP)) {
		return -EINVAL;
	}
	if (addr)
		map_flags |= flags & SHM_REMAP ? MAP_FIXED : MAP_FIXED_NOREPLACE;
	if (!(flags & SHM_RDONLY)) {
		prot |= PROT_WRITE;
		want |= IPC_WRITE;
	}
	if (flags & SHM_EXEC) {
		prot |= PROT_EXEC;
		want |= IPC_EXEC;
	}
	s = attach_begin(ns, shmid, want, &err);
	if (!s)
		return err;
	ret = shm_map(s, addr, prot, map_flags);
	attach_end(ns, s);
	return ret;
}

long sys_shmdt(const void __user *addr)
{
	return vm_unmap_attached((vaddr_t)addr, &shm_vm_ops);
}

/* ---- shmget */

static void shm_discard(struct ipc_ns *ns, struct ipc_obj *o)
{
	shm_destroy(ns, o);
}

/* The pages are charged as they are made; what could never be had is refused now. */
static bool could_commit(uint64_t pages, int flags)
{
	if (flags & SHM_NORESERVE)
		return true;
	if (!vm_may_commit(pages))
		return false;
	vm_uncommit(pages);
	return true;
}

static struct ipc_obj *shm_create(struct ipc_ns *ns, struct ipc_get *g, int *err)
{
	uint64_t pages = DIV_ROUND_UP(g->param, PAGE_SIZE), all = READ_ONCE(ns->shm_all);
	struct shm_seg *s;
	char name[16];

	*err = -EINVAL;
	if (!g->param || g->param > READ_ONCE(ns->shm_max))
		return NULL;
	if (g->flags & SHM_HUGETLB) {
		/* There is no pool of huge pages, so there are none left in it. */
		*err = capable(CAP_IPC_LOCK) ? -ENOMEM : -EPERM;
		return NULL;
	}
	*err = -ENOSPC;
	if (pages > all || (uint64_t)atomic64_add_return(&ns->shm_pages, (int64_t)pages) > all) {
		if (pages <= all)
			atomic64_sub(&ns->shm_pages, (int64_t)pages);
		return NULL;
	}
	*err = -ENOMEM;
	s = kzalloc(sizeof(*s), GFP_KERNEL);
	if (!s || !could_commit(pages, g->flags))
		goto out_free;
	snprintf(name, sizeof(name), "SYSV%08x", (unsigned)g->key);
	s->file = shmem_file_create(name, (loff_t)g->param, 0, err);
	if (!s->file)
		goto out_free;
	ipc_obj_init(&s->obj, g);
	s->ns = ns;
	s->size = g->param;
	s->creator_pid = current->proc->pid;
	s->ctime = ipc_now();
	return &s->obj;
out_free:
	kfree(s);
	atomic64_sub(&ns->shm_pages, (int64_t)pages);
	return NULL;
}

static int shm_check(struct ipc_obj *o, const struct ipc_get *g)
{
	return g->param > ((struct shm_seg *)o)->size ? -EINVAL : 0;
}

long sys_shmget(int key, size_t size, int flags)
{
	struct ipc_get g = {
		.kind = IPC_SHM,
		.key = key,
		.flags = flags,
		.param = size,
		.create = shm_create,
		.discard = shm_discard,
		.check = shm_check,
	};

	return ipc_get(current_ipc_ns(), &g);
}
