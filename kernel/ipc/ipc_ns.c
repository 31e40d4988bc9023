/* SPDX-License-Identifier: MIT */
/*
 * IPC namespaces: their life, and their limits in /proc/sys/kernel.
 *
 * A namespace is referred to by the nsproxys of tasks and by attached shared memory. With the last
 * reference its objects go; open message queues stay, nameless. References: ipc_namespaces(7), sysvipc(7),
 * proc(5).
 */
#include "sysv_internal.h"
#include <kernel/fs.h>
#include <kernel/init.h>
#include <kernel/mqueue.h>
#include <kernel/panic.h>
#include <kernel/procfs.h>

struct ipc_ns init_ipc_ns;

static void ns_init(struct ipc_ns *ns)
{
	atomic_set(&ns->refs, 1);
	for (unsigned i = 0; i < IPC_KINDS; i++)
		spin_lock_init(&ns->ids[i].lock, LR_IPC_IDS);
	ns->sem_limits[0] = 32000;
	ns->sem_limits[1] = 1024000000;
	ns->sem_limits[2] = 500;
	ns->sem_limits[3] = 32000;
	ns->msg_max = 8192;
	ns->msg_mnb = 16384;
	ns->msg_mni = 32000;
	ns->shm_max = ns->shm_all = UINT64_MAX - (1ul << 24);
	ns->shm_mni = 4096;
	ns->mq_queues_max = 256;
	ns->mq_msg_max = ns->mq_msg_default = 10;
	ns->mq_msgsize_max = ns->mq_msgsize_default = 8192;
}

int ipc_ns_create(struct ipc_ns **out)
{
	struct ipc_ns *ns = kzalloc(sizeof(*ns), GFP_KERNEL);

	if (!ns)
		return -ENOMEM;
	ns_init(ns);
	ns->ino = 0xf0000000u + ino_next();
	*out = ns;
	return 0;
}

static void destroy_kind(struct ipc_ns *ns, unsigned kind,
			 void (*destroy)(struct ipc_ns *, struct ipc_obj *))
{
	struct ipc_ids *ids = &ns->ids[kind];
	struct ipc_obj *o;
	uint64_t i;

	for (;;) {
		i = 0;
		spin_lock(&ids->lock);
		o = xa_find(&ids->table, &i);
		if (o)
			ipc_ref(o);
		spin_unlock(&ids->lock);
		if (!o)
			break;
		if (ipc_remove(ns, o))
			destroy(ns, o);
		ipc_put(o);
	}
	xa_destroy(&ids->table);
}

void ipc_ns_put(struct ipc_ns *ns)
{
	if (ns == &init_ipc_ns) {
		atomic_dec(&ns->refs);
		return;
	}
	if (!ref_put(&ns->refs))
		return;
	destroy_kind(ns, IPC_SEM, sem_destroy);
	destroy_kind(ns, IPC_MSG, msg_destroy);
	destroy_kind(ns, IPC_SHM, shm_destroy);
	mqueue_ns_exit(ns);
	kfree(ns);
}

/* ---- limits */

struct limit {
	struct sysctl_str ctl; /* first */
	size_t offset;	       /* in struct ipc_ns */
	bool wide;	       /* uint64_t, else int */
	uint64_t max;
};

static int show_limit(struct seq *s, void *arg)
{
	const struct limit *l = arg;
	const char *p = (const char *)current_ipc_ns() + l->offset;

	if (l->wide)
		seq_printf(s, "%lu\n", (unsigned long)*(const uint64_t *)p);
	else
		seq_printf(s, "%d\n", *(const int *)p);
	return 0;
}

static int set_limit(const struct sysctl_str *c, char *text)
{
	const struct limit *l = (const struct limit *)c;
	char *p = (char *)current_ipc_ns() + l->offset;
	uint64_t v;
	int err = kstrtou64(text, 0, &v);

	if (err || v > l->max)
		return -EINVAL;
	if (l->wide)
		WRITE_ONCE(*(uint64_t *)p, v);
	else
		WRITE_ONCE(*(int *)p, (int)v);
	return 0;
}

/* The four of semaphores stand in one file. */
static int show_sem(struct seq *s, void *arg)
{
	const int *l = current_ipc_ns()->sem_limits;

	seq_printf(s, "%d\t%d\t%d\t%d\n", l[0], l[1], l[2], l[3]);
	return 0;
}

static int set_sem(const struct sysctl_str *c, char *text)
{
	struct ipc_ns *ns = current_ipc_ns();
	int new[4];
	unsigned n;

	memcpy(new, ns->sem_limits, sizeof(new));
	for (n = 0; n < 4; n++) {
		uint64_t v = 0;
		const char *start;

		while (*text == ' ' || *text == '\t')
			text++;
		start = text;
		for (; isdigit(*text) && v <= INT32_MAX; text++)
			v = v * 10 + (uint64_t)(*text - '0');
		if (text == start)
			break;
		if (v > INT32_MAX || (*text && *text != ' ' && *text != '\t'))
			return -EINVAL;
		new[n] = (int)v;
	}
	if (*text)
		return -EINVAL;
	if (new[3] > (int)IPC_MNI)
		return -EINVAL;
	memcpy(ns->sem_limits, new, sizeof(new));
	return 0;
}

#define LIMIT(name, member, is_wide, most)                                                         \
	{                                                                                          \
		{ .path = name, .mode = 0644, .show = show_limit, .set_arg = set_limit },          \
			offsetof(struct ipc_ns, member), is_wide, most                             \
	}
static const struct limit limits[] = {
	LIMIT("kernel/shmmax", shm_max, true, UINT64_MAX),
	LIMIT("kernel/shmall", shm_all, true, UINT64_MAX),
	LIMIT("kernel/shmmni", shm_mni, false, IPC_MNI),
	LIMIT("kernel/msgmax", msg_max, false, INT32_MAX),
	LIMIT("kernel/msgmnb", msg_mnb, false, INT32_MAX),
	LIMIT("kernel/msgmni", msg_mni, false, IPC_MNI),
	LIMIT("fs/mqueue/queues_max", mq_queues_max, false, INT32_MAX),
	LIMIT("fs/mqueue/msg_max", mq_msg_max, false, 65536),
	LIMIT("fs/mqueue/msgsize_max", mq_msgsize_max, false, 16777216),
	LIMIT("fs/mqueue/msg_default", mq_msg_default, false, 65536),
	LIMIT("fs/mqueue/msgsize_default", mq_msgsize_default, false, 16777216),
};
static const struct sysctl_str sem_ctl = {
	.path = "kernel/sem", .mode = 0644, .show = show_sem, .set_arg = set_sem
};

static int ipc_ns_init(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(limits); i++)
		if (sysctl_add_str(&limits[i].ctl))
			return -ENOMEM;
	return sysctl_add_str(&sem_ctl);
}
INITCALL(INITCALL_LATE, ipc_ns_init);

/* Before the first process. */
void ipc_init(void)
{
	ns_init(&init_ipc_ns);
	init_ipc_ns.ino = 0xefffffff; /* what Linux gives the first one */
}
