/* SPDX-License-Identifier: MIT */
/*
 * Namespaces: UTS (host and domain name), mounts (the VFS's) and IPC, unshare(2) and the calls on the names. As files: nsfs.c. The other kinds do not
 * exist: asking for one is EINVAL, as on a Linux built without it.
 */
#include <kernel/nsproxy.h>
#include <kernel/cred.h>
#include <kernel/errno.h>
#include <kernel/fs.h>
#include <kernel/ipc_ns.h>
#include <kernel/mm.h>
#include <kernel/string.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>
#include <generated/version.h>

const char uts_sysname[] = "Linux", uts_release[] = AR_RELEASE, uts_version[] = "#1 SMP PREEMPT Aramid " AR_VERSION;
struct uts_ns init_uts_ns = {
	.refs = ATOMIC_INIT(1),
	.ino = 0xeffffffe,		/* what Linux gives the first one */
	.lock = SPINLOCK_INIT(LR_LEAF),
	.nodename = "(none)",
	.domainname = "(none)",
};
struct nsproxy init_nsproxy = { .refs = ATOMIC_INIT(1), .uts = &init_uts_ns, .mnt = &init_mnt_ns, .ipc = &init_ipc_ns };

struct utsname {
	char sysname[UTS_LEN], nodename[UTS_LEN], release[UTS_LEN], version[UTS_LEN], machine[UTS_LEN], domainname[UTS_LEN];
};
_Static_assert(sizeof(struct utsname) == 390, "uname ABI");

void uts_ns_put(struct uts_ns *u)
{
	if (ref_put(&u->refs))
		kfree(u);
}

void nsproxy_put(struct nsproxy *ns)
{
	if (ns == &init_nsproxy)
		return;		/* shared by nearly everybody: not counted */
	if (ref_put(&ns->refs)) {
		uts_ns_put(ns->uts);
		mnt_ns_put(ns->mnt);
		ipc_ns_put(ns->ipc);
		kfree(ns);
	}
}

static struct nsproxy *nsproxy_get(struct nsproxy *ns)
{
	if (ns != &init_nsproxy)
		atomic_inc(&ns->refs);
	return ns;
}

#define NS_KINDS (CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWUSER | CLONE_NEWCGROUP)

static int uts_copy(struct uts_ns *from, struct uts_ns **out)
{
	struct uts_ns *u = kmalloc(sizeof(*u), GFP_KERNEL);

	if (!u)
		return -ENOMEM;
	spin_lock(&from->lock);
	*u = *from;
	spin_unlock(&from->lock);
	atomic_set(&u->refs, 1);
	u->ino = 0xf0000000u + ino_next();
	spin_lock_init(&u->lock, LR_LEAF);
	*out = u;
	return 0;
}

int nsproxy_create(const struct nsproxy *like, struct nsproxy **out)
{
	struct nsproxy *ns = kmalloc(sizeof(*ns), GFP_KERNEL);

	if (!ns)
		return -ENOMEM;
	atomic_set(&ns->refs, 1);
	ns->uts = uts_ns_get(like->uts);
	ns->mnt = mnt_ns_get(like->mnt);
	ns->ipc = ipc_ns_get(like->ipc);
	*out = ns;
	return 0;
}

void nsproxy_switch(struct nsproxy *ns)
{
	struct nsproxy *old;

	spin_lock(&current->lock);
	old = current->ns;
	current->ns = ns;
	spin_unlock(&current->lock);
	nsproxy_put(old);
}

/* @fs moves along into a new mount namespace: nobody else may use it. */
static int nsproxy_new(uint64_t flags, struct nsproxy *from, struct fs_context *fs, struct nsproxy **out)
{
	struct nsproxy own = *from;
	int err = 0;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (flags & NS_KINDS & ~(CLONE_NEWUTS | CLONE_NEWNS | CLONE_NEWIPC)) {
		gap_note("namespaces", flags & NS_KINDS & ~(CLONE_NEWUTS | CLONE_NEWNS | CLONE_NEWIPC));
		return -EINVAL;
	}
	if (flags & CLONE_NEWUTS)
		err = uts_copy(from->uts, &own.uts);
	if (!err && (flags & CLONE_NEWIPC))
		err = ipc_ns_create(&own.ipc);
	if (!err && (flags & CLONE_NEWNS))
		err = mnt_ns_copy(from->mnt, fs, &own.mnt);
	if (!err)
		err = nsproxy_create(&own, out);
	/* What was made has another reference now, or goes. */
	if (own.uts != from->uts)
		uts_ns_put(own.uts);
	if (own.ipc != from->ipc)
		ipc_ns_put(own.ipc);
	if (own.mnt != from->mnt)
		mnt_ns_put(own.mnt);
	return err;
}

int nsproxy_copy(uint64_t flags, struct task *child)
{
	if (likely(!(flags & NS_KINDS))) {
		child->ns = nsproxy_get(current->ns);
		return 0;
	}
	if ((flags & (CLONE_NEWNS | CLONE_FS)) == (CLONE_NEWNS | CLONE_FS))
		return -EINVAL;
	/* Adjustments name semaphores of one namespace. */
	if ((flags & (CLONE_NEWIPC | CLONE_SYSVSEM)) == (CLONE_NEWIPC | CLONE_SYSVSEM))
		return -EINVAL;
	return nsproxy_new(flags, current->ns, child->fs, &child->ns);
}

long sys_unshare(unsigned long flags)
{
	struct nsproxy *ns = NULL;
	int err;

	/* A thread group, its memory and its handlers cannot be taken apart. */
	if (flags & ~(CLONE_THREAD | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_VM | CLONE_SYSVSEM | NS_KINDS))
		return -EINVAL;
	if ((flags & (CLONE_THREAD | CLONE_SIGHAND | CLONE_VM)) && current->proc->nthreads > 1)
		return -EINVAL;
	if ((flags & (CLONE_SIGHAND | CLONE_VM)) && atomic_read(&current->sighand->refs) > 1)
		return -EINVAL;
	if ((flags & NS_KINDS) && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	err = flags & (CLONE_FS | CLONE_NEWNS) ? fs_context_unshare() : 0;
	if (!err && (flags & CLONE_FILES))
		err = files_unshare(UINT32_MAX);
	if (!err && (flags & NS_KINDS))
		err = nsproxy_new(flags, current->ns, current->fs, &ns);
	if (err)
		return err;
	if (flags & (CLONE_SYSVSEM | CLONE_NEWIPC))
		sem_undo_exit(current);
	if (ns)
		nsproxy_switch(ns);
	return 0;
}

#define UNAME26 0x0020000u

/* For programs that cannot read a version above 2: 6.6.0-x becomes 2.6.66-x, as Linux makes it. */
static __noinline void release_26(char out[UTS_LEN])
{
	const char *rest = uts_release;
	unsigned dots = 0, minor = 0;

	for (; *rest && dots < 3; rest++) {
		if (*rest == '.')
			dots++;
		else if (!isdigit(*rest))
			break;
		else if (dots == 1)
			minor = minor * 10 + (unsigned)(*rest - '0');
	}
	memset(out, 0, UTS_LEN);
	snprintf(out, UTS_LEN, "2.6.%u%s", minor + 60, rest);
}

/* The part that is the same everywhere, made at the first call. */
static struct utsname uts_fixed;

static void uts_fixed_init(void)
{
	memcpy(uts_fixed.sysname, uts_sysname, sizeof(uts_sysname));
	memcpy(uts_fixed.release, uts_release, sizeof(uts_release));
	memcpy(uts_fixed.version, uts_version, sizeof(uts_version));
	(void)strscpy(uts_fixed.machine, arch_platform(), UTS_LEN);
}

long sys_uname(struct utsname __user *name)
{
	struct uts_ns *u = current->ns->uts;
	struct utsname n;

	if (unlikely(!uts_fixed.machine[0]))
		uts_fixed_init();	/* twice at once does no harm: the same bytes */
	memcpy(&n, &uts_fixed, sizeof(n));
	spin_lock(&u->lock);
	memcpy(n.nodename, u->nodename, UTS_LEN);
	memcpy(n.domainname, u->domainname, UTS_LEN);
	spin_unlock(&u->lock);
	if (unlikely(current->proc->personality & UNAME26))
		release_26(n.release);
	return copy_to_user(name, &n, sizeof(n)) ? -EFAULT : 0;
}

int uts_set(bool domain, const char *name, size_t len)
{
	struct uts_ns *u = current->ns->uts;
	char buf[UTS_LEN] = { 0 };

	if (len > UTS_LEN - 1)
		return -EINVAL;
	memcpy(buf, name, len);
	spin_lock(&u->lock);
	memcpy(domain ? u->domainname : u->nodename, buf, UTS_LEN);
	spin_unlock(&u->lock);
	return 0;
}

static long set_name(const char __user *name, int len, bool host)
{
	struct uts_ns *u = current->ns->uts;
	char buf[UTS_LEN] = { 0 };

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (len < 0 || len > UTS_LEN - 1)
		return -EINVAL;
	if (copy_from_user(buf, name, (size_t)len))
		return -EFAULT;
	spin_lock(&u->lock);
	memcpy(host ? u->nodename : u->domainname, buf, UTS_LEN);
	spin_unlock(&u->lock);
	return 0;
}

long sys_sethostname(const char __user *name, int len)
{
	return set_name(name, len, true);
}

long sys_setdomainname(const char __user *name, int len)
{
	return set_name(name, len, false);
}
