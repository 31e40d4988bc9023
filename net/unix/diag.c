/* SPDX-License-Identifier: MIT */
/*
 * sock_diag(7) of Unix sockets.
 *
 * A dump keeps its place by counting: what comes or goes between two pieces may be missed or told twice.
 *
 * Locks: unix_table_lock over the list while a piece is made, unix_sock.lock around each socket.
 * References: sock_diag(7), linux/unix_diag.h.
 */
#include <kernel/cred.h>
#include <kernel/init.h>
#include <kernel/mm.h>
#include <kernel/string.h>
#include <net/sock_diag.h>
#include <uapi/in.h>
#include "unix_internal.h"

#define ONE_SIZE 4096u		/* an answer about one socket; a longer list of connections is left out */

struct place {
	struct nl_buf *b;
	unsigned type, flags;
	uint32_t seq, portid;
};

static unsigned state_of(const struct unix_sock *u)
{
	return u->s.state == UNIX_LISTEN ? TCPS_LISTEN : u->s.state == UNIX_CONNECTED ? TCPS_ESTABLISHED : TCPS_CLOSE;
}

static bool put_name(struct nl_buf *b, const struct unix_sock *u)
{
	const struct unix_addr *a = u->addr;

	return !a || nl_attr(b, UNIX_DIAG_NAME, a->name.path, MIN(a->len, (unsigned)sizeof(a->name)) - offsetof(struct sockaddr_un, path));
}

static bool put_vfs(struct nl_buf *b, const struct unix_sock *u)
{
	const struct inode *i = u->path.dentry ? u->path.dentry->inode : NULL;
	uint32_t v[2];

	if (!i)
		return true;
	v[0] = (uint32_t)i->ino;
	v[1] = (uint32_t)i->sb->dev;
	return nl_attr(b, UNIX_DIAG_VFS, v, sizeof(v));
}

/* 0: its last descriptor is gone. */
static uint32_t number_of(const struct unix_sock *u)
{
	return READ_ONCE(u->dead) ? 0 : (uint32_t)u->s.ino;
}

/* Who has connected and was not accepted. A queued connection keeps its peer until it leaves the queue, for which our lock is needed. */
static bool put_waiting(struct nl_buf *b, const struct unix_sock *u)
{
	struct nlattr *n;
	struct unix_sock *e;

	if (u->s.state != UNIX_LISTEN)
		return true;
	n = nl_nest(b, UNIX_DIAG_ICONS);
	if (!n)
		return false;
	list_for_each_entry(e, &u->accept_list, accept_link) {
		struct unix_sock *peer = READ_ONCE(e->peer);
		uint32_t ino = peer ? number_of(peer) : 0;

		if (b->len + sizeof(ino) > b->size)
			return false;
		memcpy(b->data + b->len, &ino, sizeof(ino));
		b->len += sizeof(ino);
	}
	nl_nest_end(b, n);
	return true;
}

static bool put_queues(struct nl_buf *b, const struct unix_sock *u)
{
	uint32_t q[2] = { u->qlen, u->backlog };

	if (u->s.state != UNIX_LISTEN) {
		q[0] = 0;
		for (const struct unix_msg *m = u->head; m; m = m->next) {
			q[0] += m->len;
			if (u->s.type == SOCK_DGRAM)
				break;
		}
		q[1] = (uint32_t)atomic_read(&u->wmem);
	}
	return nl_attr(b, UNIX_DIAG_RQLEN, q, sizeof(q));
}

static bool put_memory(struct nl_buf *b, const struct unix_sock *u)
{
	uint32_t m[SK_MEMINFO_VARS] = {
		[SK_MEMINFO_RCVBUF] = (uint32_t)u->s.rcvbuf, [SK_MEMINFO_WMEM_ALLOC] = (uint32_t)atomic_read(&u->wmem),
		[SK_MEMINFO_SNDBUF] = (uint32_t)u->s.sndbuf,
	};

	return nl_attr(b, UNIX_DIAG_MEMINFO, m, sizeof(m));
}

/* The file outlives the socket's place in the list, which unix_table_lock keeps. */
static uid_t owner_of(const struct unix_sock *u)
{
	const struct file *f = READ_ONCE(u->s.file);

	return f ? f->inode->uid : 0;
}

/* u->lock held. False: no room. */
static bool put_all(struct nl_buf *b, struct unix_sock *u, unsigned show)
{
	if ((show & UDIAG_SHOW_NAME && !put_name(b, u)) || (show & UDIAG_SHOW_VFS && !put_vfs(b, u)))
		return false;
	if (show & UDIAG_SHOW_PEER && u->peer && !nl_attr_u32(b, UNIX_DIAG_PEER, number_of(u->peer)))
		return false;
	if ((show & UDIAG_SHOW_ICONS && !put_waiting(b, u)) || (show & UDIAG_SHOW_RQLEN && !put_queues(b, u)) ||
	    (show & UDIAG_SHOW_MEMINFO && !put_memory(b, u)))
		return false;
	return nl_attr_u8(b, UNIX_DIAG_SHUTDOWN, u->s.shutdown) && (!(show & UDIAG_SHOW_UID) || nl_attr_u32(b, UNIX_DIAG_UID, owner_of(u)));
}

static bool tell(const struct place *at, struct unix_sock *u, unsigned show)
{
	struct nlmsghdr *h = nl_begin(at->b, at->type, at->flags, at->seq, at->portid, sizeof(struct unix_diag_msg));
	struct unix_diag_msg *m;
	bool fits;

	if (!h)
		return false;
	m = nl_data(h);
	m->family = AF_UNIX;
	m->type = (uint8_t)u->s.type;
	m->ino = (uint32_t)u->s.ino;
	sock_diag_put_cookie(m->cookie, socket_cookie(&u->s));
	spin_lock(&u->lock);
	m->state = (uint8_t)state_of(u);
	fits = put_all(at->b, u, show);
	spin_unlock(&u->lock);
	if (fits)
		nl_end(at->b, h);
	else
		nl_cancel(at->b, h);
	return fits;
}

/* args[0]: how many are done. */
static int fill(struct nl_dump *d, struct nl_buf *b)
{
	const struct unix_diag_req *q = d->private;
	struct place at = { b, SOCK_DIAG_BY_FAMILY, NLM_F_MULTI, d->seq, d->portid };
	struct unix_sock *u;
	long n = 0;

	spin_lock(&unix_table_lock);
	list_for_each_entry(u, &unix_all, all) {
		if (n++ < d->args[0])
			continue;
		if (u->s.ino && q->states & (1u << state_of(u)) && !tell(&at, u, q->show) &&
		    (b->len || !tell(&at, u, q->show & ~UDIAG_SHOW_ICONS))) {
			n--;
			break;
		}
	}
	spin_unlock(&unix_table_lock);
	d->args[0] = n;
	return 0;
}

static int get_one(struct nl_request *r, const struct unix_diag_req *q)
{
	struct nl_buf b = { NULL, 0, ONE_SIZE };
	struct place at = { &b, SOCK_DIAG_BY_FAMILY, 0, r->h->seq, r->portid };
	struct unix_sock *u;
	int err = -ENOENT;

	if (!q->ino)
		return -EINVAL;
	b.data = kmalloc(b.size, GFP_KERNEL);
	if (!b.data)
		return -ENOMEM;
	spin_lock(&unix_table_lock);
	list_for_each_entry(u, &unix_all, all) {
		if ((uint32_t)u->s.ino != q->ino)
			continue;
		err = sock_diag_cookie_fits(q->cookie, socket_cookie(&u->s)) ? 0 : -ESTALE;
		if (!err && !tell(&at, u, q->show) && !tell(&at, u, q->show & ~UDIAG_SHOW_ICONS))
			err = -EMSGSIZE;
		break;
	}
	spin_unlock(&unix_table_lock);
	if (!err)
		err = nl_reply(r, &b);
	kfree(b.data);
	return err;
}

static int unix_diag_get(struct nl_request *r)
{
	struct unix_diag_req *q;
	int err;

	if (r->h->len < sizeof(*r->h) + sizeof(*q))
		return -EINVAL;
	q = kmalloc(sizeof(*q), GFP_KERNEL);
	if (!q)
		return -ENOMEM;
	memcpy(q, r->h + 1, sizeof(*q));
	if (r->h->flags & NLM_F_DUMP)
		return nl_dump_start(r, NULL, fill, q);
	err = get_one(r, q);
	kfree(q);
	return err;
}

static int __init unix_diag_init(void)
{
	static const struct sock_diag_family family = { AF_UNIX, unix_diag_get, NULL };

	return sock_diag_register(&family);
}
INITCALL(INITCALL_LATE, unix_diag_init);
