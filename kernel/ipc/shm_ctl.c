/* SPDX-License-Identifier: MIT */
/*
 * shmctl(2), /proc/sysvipc/shm.
 *
 * Locks and references: shm.c. SIMPLE: SHM_LOCK marks the segment; its pages never leave memory, there is
 * no swap, and what a user has locked so is not summed up.
 */
#include "shm_internal.h"
#include <kernel/fs.h>
#include <kernel/init.h>
#include <kernel/procfs.h>
#include <uapi/resource.h>

static struct shm_seg *lock_seg(struct ipc_ns *ns, int id, int *err)
{
	return (struct shm_seg *)ipc_lock_id(ns, IPC_SHM, id, err);
}

static long shm_remove(struct ipc_ns *ns, int id)
{
	int err;
	struct shm_seg *s = lock_seg(ns, id, &err);

	if (!s)
		return err;
	err = ipc_owner(&s->obj);
	if (!err) {
		ipc_ref(&s->obj);
		s->obj.mode |= SHM_DEST;
	}
	ipc_unlock(&s->obj);
	if (err)
		return err;
	/* While it is attached it can still be found by its identifier, but not by its key. */
	ipc_drop_key(ns, &s->obj);
	shm_drop(ns, s);
	return 0;
}

static long shm_set(struct ipc_ns *ns, int id, const void __user *arg)
{
	struct shmid64_ds ds;
	struct shm_seg *s;
	int err;

	if (copy_from_user(&ds, arg, sizeof(ds)))
		return -EFAULT;
	s = lock_seg(ns, id, &err);
	if (!s)
		return err;
	err = ipc_owner(&s->obj);
	if (!err)
		err = ipc_set_perm(&s->obj, &ds.perm);
	if (!err)
		s->ctime = ipc_now();
	ipc_unlock(&s->obj);
	return err;
}

static long shm_stat(struct ipc_ns *ns, int id, int cmd, void __user *arg)
{
	struct shmid64_ds ds = { .segsz = 0 };
	struct shm_seg *s;
	int err = -EINVAL, ret = 0;

	if (cmd == IPC_STAT)
		s = lock_seg(ns, id, &err);
	else
		s = (struct shm_seg *)ipc_lock_index(ns, IPC_SHM, id);
	if (!s)
		return err;
	err = cmd == SHM_STAT_ANY ? 0 : ipc_permission(&s->obj, IPC_READ);
	if (!err) {
		ipc_fill_perm(&s->obj, &ds.perm);
		ds.segsz = s->size;
		ds.atime = s->atime;
		ds.dtime = s->dtime;
		ds.ctime = s->ctime;
		ds.cpid = s->creator_pid;
		ds.lpid = s->last_pid;
		ds.nattch = s->nr_attached;
		if (cmd != IPC_STAT)
			ret = s->obj.id;
	}
	ipc_unlock(&s->obj);
	if (!err && copy_to_user(arg, &ds, sizeof(ds)))
		err = -EFAULT;
	return err ? err : ret;
}

static long shm_limits(struct ipc_ns *ns, void __user *arg)
{
	struct shminfo64 i = { .shmmax = ns->shm_max,
			       .shmmin = 1,
			       .shmmni = (uint64_t)ns->shm_mni,
			       .shmseg = (uint64_t)ns->shm_mni,
			       .shmall = ns->shm_all };

	return copy_to_user(arg, &i, sizeof(i)) ? -EFAULT : ipc_max_index(ns, IPC_SHM);
}

static uint64_t resident(struct ipc_ns *ns)
{
	struct ipc_ids *ids = &ns->ids[IPC_SHM];
	struct shm_seg *s;
	uint64_t pages = 0, i;

	spin_lock(&ids->lock);
	for (i = 0; (s = xa_find(&ids->table, &i)); i++)
		pages += READ_ONCE(s->file->cache->nr_pages);
	spin_unlock(&ids->lock);
	return pages;
}

static long shm_usage(struct ipc_ns *ns, void __user *arg)
{
	struct shm_info i = { .used_ids = (int)ns->ids[IPC_SHM].in_use,
			      .shm_tot = (uint64_t)atomic64_read(&ns->shm_pages) };

	i.shm_rss = resident(ns);
	return copy_to_user(arg, &i, sizeof(i)) ? -EFAULT : ipc_max_index(ns, IPC_SHM);
}

static int may_lock(const struct shm_seg *s, bool lock)
{
	const struct cred *c = current_cred();

	if (capable(CAP_IPC_LOCK))
		return 0;
	if (c->euid != s->obj.uid && c->euid != s->obj.cuid)
		return -EPERM;
	if (lock && !rlimit(RLIMIT_MEMLOCK))
		return -EPERM;
	return lock && s->size > rlimit(RLIMIT_MEMLOCK) ? -ENOMEM : 0;
}

static long shm_lock(struct ipc_ns *ns, int id, bool lock)
{
	int err;
	struct shm_seg *s = lock_seg(ns, id, &err);

	if (!s)
		return err;
	err = may_lock(s, lock);
	if (!err && lock)
		s->obj.mode |= SHM_LOCKED;
	else if (!err)
		s->obj.mode &= ~(unsigned)SHM_LOCKED;
	ipc_unlock(&s->obj);
	return err;
}

long sys_shmctl(int shmid, int cmd, void __user *buf)
{
	struct ipc_ns *ns = current_ipc_ns();

	if (shmid < 0 || cmd < 0)
		return -EINVAL;
	switch (cmd) {
	case IPC_INFO:
		return shm_limits(ns, buf);
	case SHM_INFO:
		return shm_usage(ns, buf);
	case IPC_STAT:
	case SHM_STAT:
	case SHM_STAT_ANY:
		return shm_stat(ns, shmid, cmd, buf);
	case IPC_SET:
		return shm_set(ns, shmid, buf);
	case IPC_RMID:
		return shm_remove(ns, shmid);
	case SHM_LOCK:
	case SHM_UNLOCK:
		return shm_lock(ns, shmid, cmd == SHM_LOCK);
	default:
		return -EINVAL;
	}
}

static void show_one(struct seq *s, struct ipc_obj *o)
{
	const struct shm_seg *g = (const struct shm_seg *)o;

	seq_printf(s,
		   "%10d %10d  %4o %21lu %5u %5u  %5lu %5u %5u %5u %5u %10lu %10lu %10lu %21lu "
		   "%21lu\n",
		   o->key, o->id, o->mode, g->size, (unsigned)g->creator_pid, (unsigned)g->last_pid,
		   g->nr_attached, o->uid, o->gid, o->cuid, o->cgid, (unsigned long)g->atime,
		   (unsigned long)g->dtime, (unsigned long)g->ctime,
		   (unsigned long)(READ_ONCE(g->file->cache->nr_pages) << PAGE_SHIFT), 0ul);
}

static int show(struct seq *s, void *unused)
{
	return ipc_show(s, IPC_SHM,
			"       key      shmid perms                  size  cpid  lpid nattch   "
			"uid   gid  cuid  cgid      atime      dtime      ctime                   "
			"rss                  swap\n",
			show_one);
}

static int shm_proc_init(void)
{
	return procfs_add("sysvipc/shm", 0444, show, NULL);
}
INITCALL(INITCALL_LATE, shm_proc_init);
