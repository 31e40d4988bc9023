/* SPDX-License-Identifier: MIT */
/*
 * Inside net/unix only.
 *
 * Locks used to protect struct members in this file:
 *	I	immutable after creation
 *	a	atomic, or a single word read freely
 *	u	unix_sock->lock (LR_UNIX; two by address)
 *	r	unix_sock->read_lock (LR_SOCKET): one receiver at a time; kept over copies to the user
 *	t	unix_table_lock (LR_UNIX_TABLE)
 *	w	unix_full_lock (LR_UNIX_FULL): who waits for whose queue
 *	g	unix_gc_lock (LR_UNIX_GC)
 */
#pragma once
#include <net/socket.h>
#include <kernel/fs.h>
#include <kernel/list.h>
#include <kernel/mutex.h>
#include <kernel/spinlock.h>
#include <kernel/task_work.h>

struct page;
struct user;

/* socket->state */
#define UNIX_CLOSED 0
#define UNIX_CONNECTED 1
#define UNIX_LISTEN 2

#define UNIX_INLINE 896u	/* so much data is stored in the message itself: one kilobyte with what is around it */
#define UNIX_CHUNK_HEAD 3776u	/* what Linux stores beside its header; it decides how much counts as what: msg.c */

struct unix_addr {
	atomic_t refs;
	unsigned len;			/* of the whole address, as bind(2) was given it */
	uint32_t hash;
	struct sockaddr_un name;
};

/* Open files on their way. */
struct unix_rights {
	struct task_work work;		/* their end */
	struct unix_rights *next;	/* without a task that could run it */
	struct user *user;		/* charged, with a reference; NULL: not in flight */
	unsigned count;
	struct file *file[];		/* references */
};

struct unix_msg {
	struct unix_msg *next;		/* [u] */
	atomic_t refs;			/* of datagrams: the queue's, and a peeking receiver's */
	uint32_t len;			/* bytes not yet read */
	uint32_t off;			/* stream: bytes read */
	uint32_t truesize;		/* what it counts for in the sender's buffer */
	uint16_t npages;
	bool has_cred, holds_owner, extra;	/* extra: some of the below needs an end */
	struct unix_sock *owner;	/* whose buffer; a reference when holds_owner, else the receiver's peer, which lives as long */
	struct pid *pid;		/* SCM_CREDENTIALS; NULL: none */
	uid_t uid;
	gid_t gid;
	struct unix_rights *rights;
	nsec_t stamp;			/* real time, where the receiver wants it */
	union {
		char data[0];
		struct page *page[0];
	};
};

struct unix_sock {
	struct socket s;		/* first */
	struct spinlock lock;		/* LR_UNIX */
	struct mutex read_lock;		/* LR_SOCKET */
	struct unix_msg *head, *tail;	/* [u] what was sent to us */
	unsigned qlen;			/* [u] datagrams, or connections to be accepted */
	unsigned backlog;		/* [u] */
	bool dead;			/* [u] */
	bool embryo;			/* [u] connected, not yet accepted */
	atomic_t wmem;			/* what we sent and nobody has read */
	struct unix_sock *peer;		/* [u] a reference. Stream: set once, until the end */
	struct unix_addr *addr;		/* [u] a reference; set once, until the end */
	struct path path;		/* [u] of a name in the file system; references */
	struct hlist_node hash;		/* [t] by name */
	struct list_head all;		/* [t] */
	struct list_head accept_list;	/* [u] listener: connections; each with its one reference */
	struct list_head accept_link;
	struct unix_msg *oob;		/* [u] stream: the urgent byte, in the queue */
	struct waitq space_wait;	/* who waits for room in our queue: senders of datagrams, connecters */
	struct list_head full_list;	/* [w] sockets whose pollers wait for room here */
	struct list_head full_link;	/* [w] */
	struct unix_sock *full_on;	/* [w] a reference */
	struct list_head gc_link;	/* [g] of those in flight */
	unsigned inflight;		/* [g] messages that carry us */
	unsigned gc_refs;		/* [g] while collecting */
	uint8_t gc_state;		/* [g] */
};
static inline struct unix_sock *unix_sk(struct socket *s) { return (struct unix_sock *)s; }
static inline struct unix_sock *unix_get(struct unix_sock *u) { socket_get(&u->s); return u; }
static inline void unix_put(struct unix_sock *u) { socket_put(&u->s); }

/* af_unix.c */
extern const struct socket_ops unix_stream_ops, unix_dgram_ops, unix_seqpacket_ops;
struct unix_sock *unix_alloc(int type);			/* NULL: no memory */
void unix_lock2(struct unix_sock *a, struct unix_sock *b);
void unix_unlock2(struct unix_sock *a, struct unix_sock *b);
struct unix_sock *unix_peer_get(struct unix_sock *u);	/* with a reference, or NULL */
void unix_release_sock(struct unix_sock *u);

/* addr.c */
extern struct spinlock unix_table_lock;
extern struct list_head unix_all;
static inline struct unix_addr *unix_addr_get(struct unix_addr *a) { atomic_inc(&a->refs); return a; }
void unix_addr_put(struct unix_addr *a);
int unix_addr_check(const struct sockaddr_storage *a, unsigned len) __must_check;
int unix_bind(struct socket *s, struct sockaddr_storage *a, unsigned len);
int unix_autobind(struct unix_sock *u) __must_check;	/* 0 also where it has a name */
/* The socket of that name, of that type, with a reference: -ECONNREFUSED, -EPROTOTYPE, errors of the path walk. */
int unix_find(const struct sockaddr_storage *a, unsigned len, int type, struct unix_sock **out) __must_check;
void unix_addr_release(struct unix_sock *u);		/* the name goes */
int unix_getname(struct socket *s, struct sockaddr_storage *a, bool peer);
void unix_copy_name(struct sockmsg *m, struct unix_sock *from);

/* connect.c */
int unix_stream_connect(struct socket *s, struct sockaddr_storage *a, unsigned len, bool nonblock);
int unix_dgram_connect(struct socket *s, struct sockaddr_storage *a, unsigned len, bool nonblock);
int unix_pair(struct socket *a, struct socket *b);
int unix_listen(struct socket *s, int backlog);
int unix_accept(struct socket *s, bool nonblock, struct socket **out);
void unix_dgram_disconnected(struct unix_sock *u, struct unix_sock *old);

/* msg.c */
static inline bool unix_writable(const struct unix_sock *u)
{
	return u->s.state != UNIX_LISTEN && (uint64_t)atomic_read(&u->wmem) * 4 <= (uint64_t)READ_ONCE(u->s.sndbuf);
}
/* Waits for room in the sender's buffer, then makes a message of the iterator's next @len bytes. */
int unix_msg_create(struct unix_sock *u, struct sockmsg *m, size_t len, bool stream, struct unix_msg **out) __must_check;
void unix_msg_free(struct unix_msg *m);
size_t unix_msg_copy(const struct unix_msg *m, size_t off, size_t n, struct iov_iter *to);	/* bytes copied */
static inline void unix_msg_put(struct unix_msg *m)
{
	if (atomic_read(&m->refs) == 1 || ref_put(&m->refs))
		unix_msg_free(m);
}
static inline void unix_queue(struct unix_sock *to, struct unix_msg *m)	/* to->lock held */
{
	m->next = NULL;
	if (to->head)
		to->tail->next = m;
	else
		WRITE_ONCE(to->head, m);
	to->tail = m;
}
/* A datagram's queue has no room; listeners: no more connections. */
static inline bool unix_queue_full(const struct unix_sock *u) { return READ_ONCE(u->qlen) > READ_ONCE(u->backlog); }

/* stream.c, dgram.c */
ssize_t unix_stream_sendmsg(struct socket *s, struct sockmsg *m);
ssize_t unix_stream_recvmsg(struct socket *s, struct sockmsg *m);
ssize_t unix_dgram_sendmsg(struct socket *s, struct sockmsg *m);
ssize_t unix_dgram_recvmsg(struct socket *s, struct sockmsg *m);
ssize_t unix_seqpacket_sendmsg(struct socket *s, struct sockmsg *m);
ssize_t unix_seqpacket_recvmsg(struct socket *s, struct sockmsg *m);
/* Room has come: one sleeper, and all whose pollers were waiting. */
void unix_told_space(struct unix_sock *u);
void unix_told_space_all(struct unix_sock *u);
/* The poller of @u is to be told when @on has room. False: it has. */
bool unix_wait_full(struct unix_sock *u, struct unix_sock *on);
void unix_unwait_full(struct unix_sock *u);

/* scm.c: what a call carries beside its data. */
struct unix_scm {
	struct pid *pid;		/* reference; NULL: none */
	uid_t uid;
	gid_t gid;
	struct unix_rights *rights;
};
static inline void unix_scm_init(struct unix_scm *c)
{
	c->pid = NULL;
	c->rights = NULL;
}
int unix_scm_parse(struct unix_sock *u, struct sockmsg *m, struct unix_scm *c) __must_check;
void unix_scm_end(struct unix_scm *c);
/* Into a message to @to. Rights are charged, and go with the first message only. */
int unix_scm_attach(struct unix_sock *u, struct unix_sock *to, struct unix_scm *c, struct unix_msg *msg) __must_check;
/* Out of one that was read, or (@peek) a copy of them. */
void unix_scm_detach(struct unix_scm *c, struct unix_msg *msg, bool peek);
void unix_scm_deliver(struct unix_sock *u, struct sockmsg *m, struct unix_scm *c);
void unix_rights_drop(struct unix_rights *r);
static inline bool unix_scm_wanted(const struct unix_sock *u) { return socket_flag(&u->s, SOCKF_PASSCRED); }

/* gc.c */
extern struct spinlock unix_gc_lock;
extern unsigned unix_inflight_sockets;
int unix_inflight_add(struct unix_rights *r) __must_check;
void unix_inflight_del(struct unix_rights *r);
void unix_gc(void);
static inline void unix_gc_maybe(void)
{
	if (unlikely(READ_ONCE(unix_inflight_sockets)))
		unix_gc();
}
