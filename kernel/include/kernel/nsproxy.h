/* SPDX-License-Identifier: MIT */
/*
 * The namespaces a task lives in; shared by reference, replaced as a whole. kernel/proc/nsproxy.c.
 * Three kinds so far: UTS, mounts (kernel/fs/vfs/mount_ns.c), IPC (kernel/ipc/ipc_ns.c).
 */
#pragma once
#include <kernel/atomic.h>
#include <kernel/spinlock.h>

#define UTS_LEN 65
struct uts_ns {
	atomic_t refs;
	ino_t ino;
	struct spinlock lock;		/* the names */
	char nodename[UTS_LEN], domainname[UTS_LEN];
};
struct mnt_ns;
struct ipc_ns;
struct task;
struct nsproxy {
	atomic_t refs;
	struct uts_ns *uts;
	struct mnt_ns *mnt;
	struct ipc_ns *ipc;
};
extern struct nsproxy init_nsproxy;
extern struct uts_ns init_uts_ns;
int nsproxy_copy(uint64_t clone_flags, struct task *child) __must_check;
void nsproxy_put(struct nsproxy *ns);
int nsproxy_create(const struct nsproxy *like, struct nsproxy **out) __must_check;	/* references of its own */
void nsproxy_switch(struct nsproxy *ns);	/* the running task's; takes over the reference */
static inline struct uts_ns *uts_ns_get(struct uts_ns *u) { atomic_inc(&u->refs); return u; }
void uts_ns_put(struct uts_ns *u);
/* Where /proc/PID/ns/X leads: nsfs.c. With references. */
struct path;
int task_ns_path(struct task *t, uint64_t kind, struct path *out) __must_check;
/* "sysname release version machine" for /proc/version and uname. */
extern const char uts_sysname[], uts_release[], uts_version[];	/* the machine is arch_platform() */
/* Sets the caller's host or (@domain) domain name; @len at most UTS_LEN - 1, else -EINVAL. No permission check. */
int uts_set(bool domain, const char *name, size_t len);
