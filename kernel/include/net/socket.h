/* SPDX-License-Identifier: MIT */
/*
 * Sockets: what all protocols share, and how one plugs in. net/socket/; docs/net.md is the guide.
 *
 * A family registers a create function. It allocates its own object, of which struct socket is the first member, calls
 * socket_init() and sets ->ops. The core owns the system calls, the file, SOL_SOCKET options, control messages
 * and waiting; the protocol owns addresses, state and data.
 *
 * Life: refs starts at 1, which is the file's. When the last descriptor goes the core calls ops->release() once (the
 * protocol closes, unhashes, wakes) and drops that reference; peers and queues may hold others by socket_get().
 * ops->destroy() frees with the last one. A socket that accept() will return has its one reference in the listener's
 * queue, and is released with socket_release() if the listener goes first.
 *
 * Locks used to protect struct members in this file:
 *	I	immutable after creation
 *	a	atomic, or a single word: written whole, read freely
 *	p	the protocol's own lock
 * The core holds no lock while it calls into ops. Wake-ups may come from any context.
 */
#pragma once
#include <kernel/atomic.h>
#include <kernel/errno.h>
#include <kernel/fs.h>
#include <kernel/iov.h>
#include <kernel/waitq.h>
#include <uapi/poll.h>
#include <uapi/socket.h>

struct pid;
struct poll_table;
struct seq;
struct socket;
struct socket_filter;
struct vm_area;

/* One message on its way in or out. */
struct sockmsg {
	struct iov_iter iter;
	struct sockaddr_storage *name;	/* send: where to, NULL: not given. Receive: to be filled, NULL: not wanted */
	unsigned namelen;		/* send: bytes of it. Receive: set by the protocol, 0 for none */
	unsigned flags;			/* MSG_* of the call, MSG_DONTWAIT included when the file says so */
	unsigned out_flags;		/* receive: MSG_TRUNC, MSG_CTRUNC, MSG_EOR ... */
	const void *control;		/* send: in kernel memory, NULL: none */
	size_t controllen;
	void __user *ucontrol;		/* receive: what is left of the user's buffer; socket_put_cmsg() */
	size_t ucontrollen;
};

/* ->shutdown */
#define SHUTDOWN_RCV 1u
#define SHUTDOWN_SEND 2u
#define SHUTDOWN_BOTH 3u

/* ->flags: options that are on or off. */
enum sock_flag {
	SOCKF_DEBUG, SOCKF_REUSEADDR, SOCKF_REUSEPORT, SOCKF_DONTROUTE, SOCKF_BROADCAST, SOCKF_KEEPALIVE, SOCKF_OOBINLINE,
	SOCKF_NO_CHECK, SOCKF_PASSCRED, SOCKF_PASSSEC, SOCKF_TIMESTAMP, SOCKF_TIMESTAMPNS, SOCKF_TIMESTAMP_NEW,
	SOCKF_RXQ_OVFL, SOCKF_SELECT_ERR_QUEUE, SOCKF_NOFCS, SOCKF_WIFI_STATUS, SOCKF_ZEROCOPY, SOCKF_RCVMARK,
	SOCKF_PREFER_BUSY_POLL, SOCKF_LOCK_FILTER, SOCKF_RCVBUF_LOCK, SOCKF_SNDBUF_LOCK, SOCKF_LINGER,
	SOCKF_ACCEPTCONN,		/* listening: set and cleared by the protocol */
};

struct socket_ops {
	/* Addresses are in kernel memory, @len bytes of them given (0...128); what lies behind @len is zero. */
	int (*bind)(struct socket *s, struct sockaddr_storage *a, unsigned len);
	int (*connect)(struct socket *s, struct sockaddr_storage *a, unsigned len, bool nonblock);
	int (*pair)(struct socket *a, struct socket *b);		/* socketpair(2); NULL: EOPNOTSUPP */
	int (*listen)(struct socket *s, int backlog);
	/* Waits unless @nonblock; a connected socket with one reference, which becomes the new file's. */
	int (*accept)(struct socket *s, bool nonblock, struct socket **out);
	int (*getname)(struct socket *s, struct sockaddr_storage *a, bool peer);	/* length or error */
	uint32_t (*poll)(struct socket *s, struct poll_table *pt);	/* the core has called poll_wait() */
	long (*ioctl)(struct socket *s, struct file *f, unsigned cmd, unsigned long arg);	/* -ENOIOCTLCMD */
	int (*shutdown)(struct socket *s, unsigned how);		/* SHUTDOWN_* */
	/* Levels other than SOL_SOCKET; NULL: EOPNOTSUPP. */
	int (*setsockopt)(struct socket *s, int level, int name, const void __user *val, unsigned len);
	int (*getsockopt)(struct socket *s, int level, int name, void __user *val, int __user *len);
	/* A SOL_SOCKET option is about to take a value / has taken it. May be NULL. -ENOPROTOOPT: not for this protocol. */
	int (*sol_check)(struct socket *s, int name, int64_t value);
	void (*sol_changed)(struct socket *s, int name);
	/* SOL_SOCKET options that the core does not know; NULL: ENOPROTOOPT. */
	int (*sol_setsockopt)(struct socket *s, int name, const void __user *val, unsigned len);
	int (*sol_getsockopt)(struct socket *s, int name, void __user *val, int __user *len);
	ssize_t (*sendmsg)(struct socket *s, struct sockmsg *m);	/* bytes or error; SIGPIPE by socket_epipe() */
	ssize_t (*recvmsg)(struct socket *s, struct sockmsg *m);	/* bytes; with MSG_TRUNC asked, those there were */
	/* splice(2), sendfile(2) from the socket: NULL means that recvmsg into fresh pages does. Sending is sendmsg of an ITER_BVEC. */
	ssize_t (*splice_read)(struct socket *s, struct pipe *p, size_t len, unsigned flags);
	int (*show_fdinfo)(struct socket *s, char *buf, size_t size);	/* may be NULL */
	int (*mmap)(struct socket *s, struct vm_area *a);		/* as file_ops.mmap; NULL: ENODEV */
	bool has_peek_off;						/* SO_PEEK_OFF works */
	void (*release)(struct socket *s);
	void (*destroy)(struct socket *s);				/* socket_fini(), free */
};

struct socket {
	const struct socket_ops *ops;	/* [I] */
	atomic_t refs;
	uint16_t family;		/* [I] */
	uint16_t type;			/* [I] SOCK_* */
	uint16_t protocol;		/* [I] SO_PROTOCOL */
	uint8_t state;			/* [p] the protocol's */
	uint8_t shutdown;		/* [p] SHUTDOWN_*; read freely */
	int err;			/* [a] positive errno: SO_ERROR; socket_error() takes it */
	unsigned long flags;		/* [a] BIT(SOCKF_*) */
	int rcvbuf, sndbuf;		/* [a] bytes, as getsockopt shows them */
	int rcvlowat;			/* [a] */
	nsec_t rcvtimeo, sndtimeo;	/* [a] spans; NSEC_NEVER */
	int linger;			/* [a] seconds, with SOCKF_LINGER */
	uint32_t priority, mark;	/* [a] */
	int bound_if;			/* [a] SO_BINDTODEVICE: interface number, 0: none */
	int incoming_cpu;		/* [a] -1 */
	int peek_off;			/* [a] SO_PEEK_OFF, -1: off; see ops->has_peek_off */
	int busy_poll;			/* [a] microseconds; only kept */
	uint64_t max_pacing_rate;	/* [a] */
	uint32_t tsflags;		/* [a] SO_TIMESTAMPING */
	bool tsnew;			/* [a] by SO_TIMESTAMPING_NEW */
	uint8_t txrehash;		/* [a] only kept */
	uint64_t cookie;		/* [a] 0: not asked for yet */
	/* Who sleeps: receivers and accepters; senders and connecters; pollers. Told by the socket_wake_*() below. */
	struct waitq rd_wait, wr_wait, poll_wait;
	struct socket_filter *filter;	/* SO_ATTACH_FILTER; under peer_lock, see <net/filter.h> */
	/* SO_PEERCRED, SO_PEERGROUPS: set by socket_set_peercred(); under peer_lock. */
	struct spinlock peer_lock;
	struct pid *peer_pid;
	const struct cred *peer_cred;
	struct file *file;		/* [a] the open file, no reference; NULL: not yet, or no more */
	ino_t ino;			/* [I] of sockfs, 0 before there is a file */
};

/* Families. @create: type and protocol are checked by it: -ESOCKTNOSUPPORT, -EPROTONOSUPPORT, -EPERM. */
struct socket_family {
	int family;
	const char *name;
	int (*create)(int type, int protocol, struct socket **out);
	/* Ioctls on interfaces (SIOCGIFCONF ...) that work on a socket of any family: the one registered last is asked. */
	long (*dev_ioctl)(unsigned cmd, void __user *arg);
};
int socket_register_family(const struct socket_family *f);

/* A row of /proc/net/protocols. */
struct socket_kind {
	struct socket_kind *next;
	const char *name;
	unsigned size, maxhdr;
	bool slab, memory, pressure;	/* has a cache of its own; counts its memory; and may find it too much */
	const char *calls;		/* 19 times y or n */
	/* Those that a packet or a name may find; or @all that have a file. Task context. */
	unsigned (*count)(const struct socket_kind *k, bool all);
	int family, which;		/* for count() */
};
void socket_register_kind(struct socket_kind *k);
unsigned socket_count(void);			/* sockets of all kinds that have a file; no locks held */

/* Fills in what the core owns. The object is zeroed memory. */
void socket_init(struct socket *s, const struct socket_ops *ops, int family, int type, int protocol);
void socket_fini(struct socket *s);		/* what socket_init() and the options acquired; called by ops->destroy() */
static inline struct socket *socket_get(struct socket *s) { atomic_inc(&s->refs); return s; }
static inline void socket_put(struct socket *s)
{
	if (ref_put(&s->refs))
		s->ops->destroy(s);
}
/* For one that never got a file: release and put. */
static inline void socket_release(struct socket *s)
{
	s->ops->release(s);
	socket_put(s);
}
/* What a new socket takes over from its listener: buffers, options, times. */
void socket_inherit(struct socket *s, struct socket *listener);

/* NULL with *err = -ENOTSOCK: another file. No reference is taken. */
struct socket *socket_from_file(struct file *f, int *err);
extern const struct file_ops socket_fops;
/* The open file of a socket, which takes over the reference; on failure that stays the caller's. */
struct file *socket_file_create(struct socket *s, unsigned flags, int *err);
int socket_create(int family, int type, int protocol, struct socket **out) __must_check;

static inline bool socket_flag(const struct socket *s, enum sock_flag f) { return READ_ONCE(s->flags) & BIT(f); }
void socket_set_flag(struct socket *s, enum sock_flag f, bool on);

/* The pending error as a negative number, which is then gone; 0: none. */
static inline int socket_error(struct socket *s)
{
	return likely(!READ_ONCE(s->err)) ? 0 : -__atomic_exchange_n(&s->err, 0, __ATOMIC_RELAXED);
}
static inline void socket_set_error(struct socket *s, int err) { WRITE_ONCE(s->err, err < 0 ? -err : err); }

/*
 * Wake-ups; change the state first. Pollers are told the events as keys, so that an edge reaches exactly those who asked.
 * readable: one receiver (or all: end of stream, error) and pollers. Also for a connection to accept.
 */
static inline void socket_wake(struct socket *s, struct waitq *q, unsigned nr, uint32_t events)
{
	smp_mb();	/* the state was stored before we look for sleepers; pairs with set_task_state()'s */
	if (!list_empty(&q->head))
		waitq_wake_nr(q, nr, events);
	if (!list_empty(&s->poll_wait.head))
		waitq_wake_nr(&s->poll_wait, 1, events);
}
static inline void socket_wake_readable(struct socket *s) { socket_wake(s, &s->rd_wait, 1, POLLIN | POLLRDNORM | POLLRDBAND); }
static inline void socket_wake_writable(struct socket *s) { socket_wake(s, &s->wr_wait, 1, POLLOUT | POLLWRNORM | POLLWRBAND); }
/* A change of state (connected, shut down, error): everybody, with POLLHUP, POLLERR... in @events. */
void socket_wake_state(struct socket *s, uint32_t events);

/* Deadlines and errors of a wait on rd_wait / wr_wait. */
nsec_t socket_deadline(nsec_t span);
static inline nsec_t socket_rcv_deadline(const struct socket *s) { return socket_deadline(READ_ONCE(s->rcvtimeo)); }
static inline nsec_t socket_snd_deadline(const struct socket *s) { return socket_deadline(READ_ONCE(s->sndtimeo)); }
/*
 * wait_event_state()'s answer as the system call's: -ETIMEDOUT becomes -EAGAIN; a signal restarts the call unless the wait
 * had a deadline, then it is -EINTR.
 */
static inline int socket_wait_error(int err, nsec_t deadline)
{
	if (err == -ETIMEDOUT)
		return -EAGAIN;
	return err == -ERESTARTSYS && deadline != NSEC_NEVER ? -EINTR : err;
}
/* A receiver is satisfied with so many bytes. */
static inline size_t socket_rcv_target(const struct socket *s, unsigned flags, size_t len)
{
	size_t v = flags & MSG_WAITALL ? len : MIN((size_t)READ_ONCE(s->rcvlowat), len);

	return v ? v : 1;
}
/* -EPIPE, with SIGPIPE unless the message says MSG_NOSIGNAL. */
int socket_epipe(const struct sockmsg *m);

void socket_set_peercred(struct socket *s);			/* the running task's */
void socket_copy_peercred(struct socket *s, struct socket *from);

/* Control messages. */
/* The next one of m->control behind @c (NULL: the first). NULL: no more; *err = -EINVAL: malformed. */
const struct cmsghdr *socket_next_cmsg(const struct sockmsg *m, const struct cmsghdr *c, int *err);
static inline const void *cmsg_data(const struct cmsghdr *c) { return c + 1; }
/* To the receiver; what does not fit sets MSG_CTRUNC. 0 or -EFAULT. */
int socket_put_cmsg(struct sockmsg *m, int level, int type, const void *data, size_t len);
/* Does the receiver want to know when data came? */
static inline bool socket_wants_time(const struct socket *s)
{
	return (READ_ONCE(s->flags) & (BIT(SOCKF_TIMESTAMP) | BIT(SOCKF_TIMESTAMPNS))) || READ_ONCE(s->tsflags);
}
/* SO_TIMESTAMP, SO_TIMESTAMPNS, SO_TIMESTAMPING: @when is real time. */
void socket_put_timestamp(struct socket *s, struct sockmsg *m, nsec_t when);
/* SOL_SOCKET messages other than SCM_RIGHTS, SCM_CREDENTIALS that a sender may give (SO_MARK ...): 0, -EINVAL, -EPERM. */
int socket_send_cmsg(struct socket *s, const struct cmsghdr *c);

/* Copies an option's value with the ABI's truncation: min(*len, @n) bytes, *len becomes that. */
int socket_opt_out(void __user *val, int __user *len, const void *src, size_t n);
int socket_opt_int(int *v, const void __user *val, unsigned len) __must_check;	/* -EINVAL: shorter than an int; -EFAULT */
/* An address to the user: truncated to what *ulen allows, *ulen becomes the whole length. */
int socket_addr_out(const struct sockaddr_storage *a, unsigned len, void __user *uaddr, int __user *ulen);

/* Limits: /proc/sys/net/core. */
extern int sysctl_somaxconn, sysctl_rmem_max, sysctl_wmem_max, sysctl_rmem_default, sysctl_wmem_default, sysctl_optmem_max;
