/* SPDX-License-Identifier: MIT */
/*
 * Credentials: immutable once published; a change makes a copy and replaces the task's pointer.
 * The task reads its own without a lock; others under RCU. kernel/proc/cred.c.
 */
#pragma once
#include <kernel/atomic.h>
#include <kernel/list.h>
#include <kernel/rcu.h>

typedef uint64_t cap_t;
#define CAP_CHOWN 0
#define CAP_DAC_OVERRIDE 1
#define CAP_DAC_READ_SEARCH 2
#define CAP_FOWNER 3
#define CAP_FSETID 4
#define CAP_KILL 5
#define CAP_SETGID 6
#define CAP_SETUID 7
#define CAP_SETPCAP 8
#define CAP_LINUX_IMMUTABLE 9
#define CAP_NET_BIND_SERVICE 10
#define CAP_NET_ADMIN 12
#define CAP_NET_RAW 13
#define CAP_IPC_LOCK 14
#define CAP_IPC_OWNER 15
#define CAP_SYS_RAWIO 17
#define CAP_SYS_CHROOT 18
#define CAP_SYS_PTRACE 19
#define CAP_SYS_PACCT 20
#define CAP_SYS_ADMIN 21
#define CAP_SYS_BOOT 22
#define CAP_SYS_NICE 23
#define CAP_SYS_RESOURCE 24
#define CAP_SYS_TIME 25
#define CAP_SYS_TTY_CONFIG 26
#define CAP_MKNOD 27
#define CAP_LEASE 28
#define CAP_SETFCAP 31
#define CAP_SYSLOG 34
#define CAP_WAKE_ALARM 35
#define CAP_LAST 40
#define CAP_FULL ((1ull << (CAP_LAST + 1)) - 1)

/* What is counted per real user id. */
struct user {
	struct hlist_node link;
	atomic_t refs;
	uid_t uid;
	atomic_t nproc;		/* threads: RLIMIT_NPROC */
	atomic64_t mq_bytes;	/* message queues: RLIMIT_MSGQUEUE */
	atomic_t unix_inflight;	/* descriptors in messages of Unix sockets: RLIMIT_NOFILE */
};
extern struct user root_user;
struct user *user_find(uid_t uid);	/* with a reference; NULL: no memory */
void user_put(struct user *u);

struct groups {
	atomic_t refs;
	unsigned count;
	gid_t gid[];		/* sorted */
};
struct cred {
	atomic_t refs;
	uid_t uid, euid, suid, fsuid;
	gid_t gid, egid, sgid, fsgid;
	cap_t cap_inheritable, cap_permitted, cap_effective, cap_bounding, cap_ambient;
	unsigned securebits;
	struct user *user;	/* of uid; never NULL */
	struct groups *groups;	/* never NULL */
	struct rcu_head rcu;
};
extern struct cred init_cred;
struct cred *cred_get(struct cred *c);
void cred_put(struct cred *c);
/* A private copy of the running task's credentials, to be changed and then committed or put. NULL: no memory. */
struct cred *cred_prepare(void);
void cred_commit(struct cred *c);
void cred_abort(struct cred *c);			/* a prepared copy that is not used after all */
bool cred_in_group(const struct cred *c, gid_t gid);	/* fsgid or supplementary */
/* Does the running task have the effective capability? */
bool capable(int cap);
static inline bool cred_capable(const struct cred *c, int cap) { return c->cap_effective >> cap & 1; }
#define current_cred() ((const struct cred *)current->cred)
