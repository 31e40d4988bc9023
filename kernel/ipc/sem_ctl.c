/* SPDX-License-Identifier: MIT */
/*
 * semctl(2), /proc/sysvipc/sem.
 *
 * Values travel through a buffer of the kernel's: user memory is never touched under the set's lock.
 * Locks and references: sem.c.
 */
#include "sem_internal.h"
#include <kernel/fs.h>
#include <kernel/init.h>
#include <kernel/procfs.h>

static struct sem_set *lock_set(struct ipc_ns *ns, int id, int *err)
{
	return (struct sem_set *)ipc_lock_id(ns, IPC_SEM, id, err);
}

/* Everybody who waits is told, the adjustments are void. Locked. */
static void let_all_go(struct sem_set *set, struct list_head *queue)
{
	struct sem_wait *w, *next;

	list_for_each_entry_safe (w, next, queue, link) {
		list_del_init(&w->link);
		w->status = -EIDRM;
		(void)wake_up_task(w->task);
	}
}

void sem_destroy(struct ipc_ns *ns, struct ipc_obj *o)
{
	struct sem_set *set = (struct sem_set *)o;
	struct sem_undo *u, *next;

	ipc_relock(o);
	let_all_go(set, &set->alter);
	let_all_go(set, &set->zero);
	for (unsigned i = 0; i < set->nsems; i++) {
		let_all_go(set, &set->sems[i].alter);
		let_all_go(set, &set->sems[i].zero);
	}
	list_for_each_entry_safe (u, next, &set->undos, set_link) {
		list_del_init(&u->set_link);
		smp_store_release(&u->dead, true); /* from here on its list may free it */
	}
	ipc_unlock(o);
	atomic64_sub(&ns->nr_sems, set->nsems);
	ipc_put(o); /* the table's */
}

static long sem_remove(struct ipc_ns *ns, int id)
{
	int err = 0;
	struct sem_set *set = lock_set(ns, id, &err);

	if (!set)
		return err;
	err = ipc_owner(&set->obj);
	if (!err)
		ipc_ref(&set->obj);
	ipc_unlock(&set->obj);
	if (err)
		return err;
	if (ipc_remove(ns, &set->obj))
		sem_destroy(ns, &set->obj);
	else
		err = -EIDRM;
	ipc_put(&set->obj);
	return err;
}

static long sem_set_perm(struct ipc_ns *ns, int id, const void __user *arg)
{
	struct semid64_ds ds;
	struct sem_set *set;
	int err;

	if (copy_from_user(&ds, arg, sizeof(ds)))
		return -EFAULT;
	set = lock_set(ns, id, &err);
	if (!set)
		return err;
	err = ipc_owner(&set->obj);
	if (!err)
		err = ipc_set_perm(&set->obj, &ds.perm);
	if (!err)
		set->ctime = ipc_now();
	ipc_unlock(&set->obj);
	return err;
}

static long sem_stat(struct ipc_ns *ns, int id, int cmd, void __user *arg)
{
	struct semid64_ds ds = { .nsems = 0 };
	struct sem_set *set;
	int err = -EINVAL, ret = 0;

	if (cmd == IPC_STAT)
		set = lock_set(ns, id, &err);
	else
		set = (struct sem_set *)ipc_lock_index(ns, IPC_SEM, id);
	if (!set)
		return err;
	err = cmd == SEM_STAT_ANY ? 0 : ipc_permission(&set->obj, IPC_READ);
	if (!err) {
		ipc_fill_perm(&set->obj, &ds.perm);
		ds.otime = set->otime;
		ds.ctime = set->ctime;
		ds.nsems = set->nsems;
		if (cmd != IPC_STAT)
			ret = set->obj.id;
	}
	ipc_unlock(&set->obj);
	if (!err && copy_to_user(arg, &ds, sizeof(ds)))
		err = -EFAULT;
	return err ? err : ret;
}

static long sem_info(struct ipc_ns *ns, int cmd, void __user *arg)
{
	struct seminfo i = {
		.semmap = 1024000000,
		.semmni = ns->sem_limits[3],
		.semmns = ns->sem_limits[1],
		.semmnu = 1024000000,
		.semmsl = ns->sem_limits[0],
		.semopm = ns->sem_limits[2],
		.semume = 500,
		.semusz = 20,
		.semvmx = SEMVMX,
		.semaem = SEMAEM,
	};

	if (cmd == SEM_INFO) {
		i.semusz = (int)ns->ids[IPC_SEM].in_use;
		i.semaem = (int)atomic64_read(&ns->nr_sems);
	}
	return copy_to_user(arg, &i, sizeof(i)) ? -EFAULT : ipc_max_index(ns, IPC_SEM);
}

static void forget_adjustments(struct sem_set *set, unsigned first, unsigned n)
{
	struct sem_undo *u;

	list_for_each_entry (u, &set->undos, set_link)
		memset(&u->adjust[first], 0, n * sizeof(u->adjust[0]));
}

static long sem_setval(struct ipc_ns *ns, int id, int num, int value)
{
	struct sembuf op = { .sem_num = (uint16_t)num };
	struct sem_set *set;
	int err;

	if (value < 0 || value > SEMVMX)
		return -ERANGE;
	set = lock_set(ns, id, &err);
	if (!set)
		return err;
	err = -EINVAL;
	if (num < 0 || (unsigned)num >= set->nsems)
		goto out;
	err = ipc_permission(&set->obj, IPC_WRITE);
	if (err)
		goto out;
	forget_adjustments(set, (unsigned)num, 1);
	set->sems[num].value = value;
	set->sems[num].pid = current->proc->pid;
	set->ctime = ipc_now();
	sem_update(set, &op, 1);
out:
	ipc_unlock(&set->obj);
	return err;
}

/* @set for writing or for reading; a buffer as large as the set. Returns it locked, or NULL. */
static struct sem_set *lock_with_buffer(struct ipc_ns *ns, int id, unsigned want, uint16_t **buf,
					int *err)
{
	struct sem_set *set = lock_set(ns, id, err);
	unsigned n;

	*buf = NULL;
	if (!set)
		return NULL;
	*err = ipc_permission(&set->obj, want);
	n = set->nsems;
	if (!*err)
		ipc_ref(&set->obj);
	ipc_unlock(&set->obj);
	if (*err)
		return NULL;
	*buf = kvmalloc(n * sizeof(**buf), GFP_KERNEL | GFP_NOOOM);
	if (!*buf) {
		ipc_put(&set->obj);
		*err = -ENOMEM;
		return NULL;
	}
	return set;
}

static long sem_getall(struct ipc_ns *ns, int id, uint16_t __user *arg)
{
	uint16_t *buf;
	int err;
	struct sem_set *set = lock_with_buffer(ns, id, IPC_READ, &buf, &err);

	if (!set)
		return err;
	ipc_relock(&set->obj);
	if (set->obj.removed)
		err = -EIDRM;
	for (unsigned i = 0; i < set->nsems && !err; i++)
		buf[i] = (uint16_t)set->sems[i].value;
	ipc_unlock(&set->obj);
	if (!err && copy_to_user(arg, buf, set->nsems * sizeof(*buf)))
		err = -EFAULT;
	kvfree(buf);
	ipc_put(&set->obj);
	return err;
}

static long sem_setall(struct ipc_ns *ns, int id, const uint16_t __user *arg)
{
	uint16_t *buf;
	int err;
	struct sem_set *set = lock_with_buffer(ns, id, IPC_WRITE, &buf, &err);

	if (!set)
		return err;
	err = -EFAULT;
	if (copy_from_user(buf, arg, set->nsems * sizeof(*buf)))
		goto out;
	err = -ERANGE;
	for (unsigned i = 0; i < set->nsems; i++)
		if (buf[i] > SEMVMX)
			goto out;
	ipc_relock(&set->obj);
	err = -EIDRM;
	if (!set->obj.removed) {
		for (unsigned i = 0; i < set->nsems; i++) {
			set->sems[i].value = buf[i];
			set->sems[i].pid = current->proc->pid;
		}
		forget_adjustments(set, 0, set->nsems);
		set->ctime = ipc_now();
		sem_update(set, NULL, 0);
		err = 0;
	}
	ipc_unlock(&set->obj);
out:
	kvfree(buf);
	ipc_put(&set->obj);
	return err;
}

/* Does it wait for this semaphore to grow (@zero: to be zero)? Of several operations the one that stops it counts. */
static unsigned count_in(const struct list_head *queue, unsigned num, bool zero)
{
	struct sem_wait *w;
	unsigned n = 0;

	list_for_each_entry (w, queue, link) {
		const struct sembuf *op = &w->ops[w->blocking];

		n += op->sem_num == num && (op->sem_op == 0) == zero;
	}
	return n;
}

static unsigned count_waiters(const struct sem_set *set, unsigned num, bool zero)
{
	const struct sem *s = &set->sems[num];

	return count_in(&s->alter, num, zero) + count_in(&s->zero, num, zero) +
	       count_in(&set->alter, num, zero) + count_in(&set->zero, num, zero);
}

static long sem_getone(struct ipc_ns *ns, int id, int num, int cmd)
{
	struct sem_set *set;
	int err;
	long ret;

	set = lock_set(ns, id, &err);
	if (!set)
		return err;
	ret = ipc_permission(&set->obj, IPC_READ);
	if (ret)
		goto out;
	ret = -EINVAL;
	if (num < 0 || (unsigned)num >= set->nsems)
		goto out;
	switch (cmd) {
	case GETVAL:
		ret = set->sems[num].value;
		break;
	case GETPID:
		ret = set->sems[num].pid;
		break;
	default:
		ret = count_waiters(set, (unsigned)num, cmd == GETZCNT);
		break;
	}
out:
	ipc_unlock(&set->obj);
	return ret;
}

long sys_semctl(int semid, int semnum, int cmd, unsigned long arg)
{
	struct ipc_ns *ns = current_ipc_ns();
	void __user *p = (void __user *)arg;

	if (semid < 0)
		return -EINVAL;
	switch (cmd) {
	case IPC_INFO:
	case SEM_INFO:
		return sem_info(ns, cmd, p);
	case IPC_STAT:
	case SEM_STAT:
	case SEM_STAT_ANY:
		return sem_stat(ns, semid, cmd, p);
	case GETALL:
		return sem_getall(ns, semid, p);
	case SETALL:
		return sem_setall(ns, semid, p);
	case GETVAL:
	case GETPID:
	case GETNCNT:
	case GETZCNT:
		return sem_getone(ns, semid, semnum, cmd);
	case SETVAL:
		return sem_setval(ns, semid, semnum, (int)arg);
	case IPC_SET:
		return sem_set_perm(ns, semid, p);
	case IPC_RMID:
		return sem_remove(ns, semid);
	default:
		return -EINVAL;
	}
}

static void show_one(struct seq *s, struct ipc_obj *o)
{
	const struct sem_set *set = (const struct sem_set *)o;

	seq_printf(s, "%10d %10d  %4o %10u %5u %5u %5u %5u %10lu %10lu\n", o->key, o->id, o->mode,
		   set->nsems, o->uid, o->gid, o->cuid, o->cgid, (unsigned long)set->otime,
		   (unsigned long)set->ctime);
}

static int show(struct seq *s, void *unused)
{
	return ipc_show(s, IPC_SEM,
			"       key      semid perms      nsems   uid   gid  cuid  cgid      otime "
			"     ctime\n",
			show_one);
}

static int sem_proc_init(void)
{
	return procfs_add("sysvipc/sem", 0444, show, NULL);
}
INITCALL(INITCALL_LATE, sem_proc_init);
