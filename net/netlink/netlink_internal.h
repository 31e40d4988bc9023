/* SPDX-License-Identifier: MIT */
/*
 * Inside net/netlink only.
 *
 * Locks used to protect struct members in this file:
 *	I	immutable after creation
 *	n	nl_table_lock (LR_NETLINK_TABLE)
 *	q	nl_sock.lock (LR_NETLINK), inside it
 *	d	nl_sock.dump_lock (LR_SOCKET)
 */
#pragma once
#include <net/netlink.h>
#include <kernel/list.h>
#include <kernel/mutex.h>

#define NL_GROUPS_MAX 64u
#define NL_GOODSIZE 3776u		/* the least piece of a dump, as on Linux: old programs have buffers of one page */
#define NL_PIECE_MAX 32448u

struct nl_msg {
	struct nl_msg *next;
	uint32_t len, portid, group;	/* portid 0: the kernel's */
	struct pid *pid;		/* the sender, for SCM_CREDENTIALS; NULL: the kernel */
	uid_t uid;
	gid_t gid;
	char data[];
};
struct nl_sock {
	struct socket s;		/* first */
	const struct nl_proto *proto;	/* [I] */
	struct list_head link;		/* [n] all sockets */
	uint32_t portid;		/* [n] 0: not bound; then set once */
	bool bound;			/* [n] */
	uint32_t dst_portid;		/* [a] connect(2) */
	unsigned dst_group;		/* [a] */
	uint64_t groups;		/* [n] bit N - 1: member of N */
	unsigned options;		/* [a] BIT(NETLINK_*) */
	struct spinlock lock;
	struct nl_msg *head, *tail;	/* [q] */
	uint32_t rmem;			/* [q] */
	size_t max_recv;		/* [a] largest buffer a receiver came with */
	struct mutex dump_lock;
	struct nl_dump *dump;		/* [d] running */
};
static inline struct nl_sock *nl_sk(struct socket *s) { return (struct nl_sock *)s; }
extern struct spinlock nl_table_lock;
extern struct list_head nl_socks;

int nl_autobind(struct nl_sock *k);
/* msg.c */
ssize_t nl_sendmsg(struct socket *s, struct sockmsg *m);
ssize_t nl_recvmsg(struct socket *s, struct sockmsg *m);
void nl_msg_free(struct nl_msg *m);
void nl_dump_end(struct nl_sock *k);	/* dump_lock held, or nobody else there */
