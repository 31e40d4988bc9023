/* SPDX-License-Identifier: MIT */
/*
 * Netlink messages: building, queues, requests and their acknowledgements, dumps.
 *
 * What is sent to the kernel is handled at once, in the sender's call. A dump is made piece by piece: the first with the
 * request, each further one when the receiver has taken what was there, so that no dump is larger than a piece in memory.
 *
 * Locks: nl_sock.lock over the queue; dump_lock over a running dump; nl_table_lock while a receiver is looked for.
 */
#include <kernel/cred.h>
#include <kernel/mm.h>
#include <kernel/pid.h>
#include <kernel/poll.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include <net/filter.h>
#include "netlink_internal.h"

/* ---- building */

static void *room(struct nl_buf *b, size_t n)
{
	void *p = b->data + b->len;

	n = NLMSG_ALIGN(n);
	if (n > b->size - b->len)
		return NULL;
	memset(p, 0, n);
	b->len += (uint32_t)n;
	return p;
}

struct nlmsghdr *nl_begin(struct nl_buf *b, unsigned type, unsigned flags, uint32_t seq, uint32_t portid, size_t fixed)
{
	struct nlmsghdr *h = room(b, sizeof(*h) + fixed);

	if (h)
		*h = (struct nlmsghdr){ (uint32_t)(sizeof(*h) + fixed), (uint16_t)type, (uint16_t)flags, seq, portid };
	return h;
}

bool nl_attr(struct nl_buf *b, unsigned type, const void *data, size_t len)
{
	struct nlattr *a = len > UINT16_MAX - sizeof(*a) ? NULL : room(b, sizeof(*a) + len);

	if (!a)
		return false;
	*a = (struct nlattr){ (uint16_t)(sizeof(*a) + len), (uint16_t)type };
	memcpy(a + 1, data, len);
	return true;
}

struct nlattr *nl_nest(struct nl_buf *b, unsigned type)
{
	struct nlattr *a = room(b, sizeof(*a));

	if (a)
		*a = (struct nlattr){ sizeof(*a), (uint16_t)type };
	return a;
}

/* ---- queues */

static struct nl_msg *msg_create(const void *data, size_t len, uint32_t portid, unsigned group)
{
	struct nl_msg *m = kmalloc(sizeof(*m) + len, GFP_KERNEL);

	if (!m)
		return NULL;
	m->next = NULL;
	m->len = (uint32_t)len;
	m->portid = portid;
	m->group = group;
	m->pid = NULL;
	m->uid = 0;
	m->gid = 0;
	if (portid) {
		m->pid = pid_get(current->proc->tgid);
		m->uid = current_cred()->uid;
		m->gid = current_cred()->gid;
	}
	memcpy(m->data, data, len);
	return m;
}

void nl_msg_free(struct nl_msg *m)
{
	if (m->pid)
		pid_put(m->pid);
	kfree(m);
}

/* Takes the message over. -ENOBUFS: the receiver's buffer is full, and it does not have to be taken. */
static int enqueue(struct nl_sock *to, struct nl_msg *m, bool always)
{
	uint32_t size = m->len + sizeof(*m);
	bool fits;

	spin_lock(&to->lock);
	fits = always || !to->head || to->rmem + size <= (uint32_t)READ_ONCE(to->s.rcvbuf);
	if (fits) {
		if (to->head)
			to->tail->next = m;
		else
			WRITE_ONCE(to->head, m);
		to->tail = m;
		to->rmem += size;
	}
	spin_unlock(&to->lock);
	if (!fits) {
		nl_msg_free(m);
		return -ENOBUFS;
	}
	socket_wake_readable(&to->s);
	return 0;
}

/* False: the receiver's filter does not want it, or not all of it (a cut message would not parse). */
static __noinline bool pass(struct nl_sock *to, const struct nl_buf *b)
{
	struct filter_seg seg = { b->data, (uint32_t)b->len };
	struct filter_packet p = { .seg = &seg, .nr = 1, .total = seg.len, .link = -1, .net = -1 };

	return socket_filter_run(&to->s, &p) >= seg.len;
}

static int queue_bytes(struct nl_sock *to, const struct nl_buf *b, uint32_t portid, unsigned group)
{
	struct nl_msg *m;

	if (socket_has_filter(&to->s) && !pass(to, b))
		return 0;
	m = msg_create(b->data, b->len, portid, group);
	return m ? enqueue(to, m, false) : -ENOMEM;
}

int nl_reply(struct nl_request *r, const struct nl_buf *b)
{
	return queue_bytes(r->sock, b, 0, 0);
}

/* The member of the group at place *nth, with a reference. */
static struct nl_sock *next_member(int protocol, unsigned group, uint32_t except, unsigned *nth)
{
	struct nl_sock *k, *found = NULL;
	unsigned i = 0;

	spin_lock(&nl_table_lock);
	list_for_each_entry(k, &nl_socks, link) {
		if (k->proto->protocol != protocol || !(k->groups & BIT64(group - 1)) || (except && k->portid == except))
			continue;
		if (i++ < *nth)
			continue;
		found = k;
		socket_get(&k->s);
		(*nth)++;
		break;
	}
	spin_unlock(&nl_table_lock);
	return found;
}

static void to_group(int protocol, unsigned group, const struct nl_buf *b, uint32_t from, uint32_t except)
{
	struct nl_sock *k;
	unsigned nth = 0;

	/* SIMPLE: by position; a member that leaves meanwhile may make another miss one. The list is short. */
	while ((k = next_member(protocol, group, except, &nth))) {
		if (queue_bytes(k, b, from, group) && !(k->options & BIT(NETLINK_NO_ENOBUFS))) {
			socket_set_error(&k->s, ENOBUFS);
			socket_wake_state(&k->s, POLLERR);
		}
		socket_put(&k->s);
	}
}

void nl_broadcast(int protocol, unsigned group, const struct nl_buf *b, uint32_t except_portid)
{
	to_group(protocol, group, b, 0, except_portid);
}

bool nl_has_listeners(int protocol, unsigned group)
{
	struct nl_sock *k;
	bool any = false;

	spin_lock(&nl_table_lock);
	list_for_each_entry(k, &nl_socks, link)
		any |= k->proto->protocol == protocol && (k->groups & BIT64(group - 1));
	spin_unlock(&nl_table_lock);
	return any;
}

/* ---- dumps; dump_lock held */

void nl_dump_end(struct nl_sock *k)
{
	if (k->dump)
		kfree(k->dump->private);
	kfree(k->dump);
	k->dump = NULL;
}

static int dump_piece(struct nl_sock *k)
{
	size_t size = MIN(MAX(READ_ONCE(k->max_recv), (size_t)NL_GOODSIZE), (size_t)NL_PIECE_MAX);
	struct nl_buf b = { kmalloc(size, GFP_KERNEL), 0, (uint32_t)size };
	struct nl_dump *d = k->dump;
	struct nlmsghdr *h;
	int err;

	if (!b.data)
		return -ENOBUFS;
	err = d->err ? d->err : d->fill(d, &b);
	/* As Linux: what there is goes out; the end comes alone, once there is nothing more. */
	if (!b.len) {
		h = nl_begin(&b, NLMSG_DONE, NLM_F_MULTI | d->filtered, d->seq, d->portid, sizeof(int));
		memcpy(nl_data(h), &err, sizeof(err));
		if (err && d->why && k->options & BIT(NETLINK_EXT_ACK) && nl_attr(&b, NLMSGERR_ATTR_MSG, d->why, strlen(d->why) + 1)) {
			h->flags |= NLM_F_ACK_TLVS;
			nl_end(&b, h);
		}
		nl_dump_end(k);
	}
	err = queue_bytes(k, &b, 0, 0);
	kfree(b.data);
	return err;
}

bool nl_option(const struct nl_request *r, unsigned option)
{
	return r->sock->options & BIT(option);
}

int nl_dump_start(struct nl_request *r, int (*start)(struct nl_dump *d, struct nl_request *r),
		  int (*fill)(struct nl_dump *d, struct nl_buf *b), void *private)
{
	struct nl_sock *k = r->sock;
	struct nl_dump *d = kzalloc(sizeof(*d), GFP_KERNEL);
	int err = -EBUSY;

	if (!d) {
		kfree(private);
		return -ENOBUFS;
	}
	d->fill = fill;
	d->seq = r->h->seq;
	d->portid = r->portid;
	d->private = private;
	if (r->h->len > sizeof(*r->h))
		d->family = *(const uint8_t *)(r->h + 1);
	d->strict = nl_option(r, NETLINK_GET_STRICT_CHK);
	if (start) {
		d->err = start(d, r);
		d->why = r->why;
	}
	mutex_lock(&k->dump_lock);
	if (k->dump) {
		kfree(d->private);
		kfree(d);
	} else {
		k->dump = d;
		err = dump_piece(k);
		if (err && k->dump)
			nl_dump_end(k);
	}
	mutex_unlock(&k->dump_lock);
	r->no_ack = !err;
	return err;
}

/* ---- requests */

static void acknowledge(struct nl_request *r, int err)
{
	bool whole = err && !nl_option(r, NETLINK_CAP_ACK), words = err && nl_option(r, NETLINK_EXT_ACK) && (r->why || r->bad);
	size_t n = whole ? r->h->len : sizeof(*r->h);
	size_t more = words ? 16 + (r->why ? strlen(r->why) + 8 : 0) : 0;
	struct nl_buf b = { NULL, 0, (uint32_t)(sizeof(struct nlmsghdr) + 4 + NLMSG_ALIGN(n) + more) };
	struct nlmsghdr *h;

	b.data = kmalloc(b.size, GFP_KERNEL);
	if (b.data) {
		h = nl_begin(&b, NLMSG_ERROR, whole ? 0 : NLM_F_CAPPED, r->h->seq, r->portid, sizeof(err) + n);
		memcpy(nl_data(h), &err, sizeof(err));
		memcpy((char *)nl_data(h) + sizeof(err), r->h, n);
		if (words && (!r->why || nl_attr(&b, NLMSGERR_ATTR_MSG, r->why, strlen(r->why) + 1)) &&
		    (!r->bad || nl_attr_u32(&b, NLMSGERR_ATTR_OFFS, (uint32_t)((const char *)r->bad - (const char *)r->h)))) {
			h->flags |= NLM_F_ACK_TLVS;
			nl_end(&b, h);
		}
		if (!queue_bytes(r->sock, &b, 0, 0)) {
			kfree(b.data);
			return;
		}
		kfree(b.data);
	}
	socket_set_error(&r->sock->s, ENOBUFS);
	socket_wake_state(&r->sock->s, POLLERR);
}

static void to_kernel(struct nl_sock *k, const char *data, size_t len)
{
	while (len >= sizeof(struct nlmsghdr)) {
		const struct nlmsghdr *h = (const struct nlmsghdr *)data;
		struct nl_request r = { .sock = k, .h = h, .portid = k->portid };
		size_t step;
		int err = 0;

		if (h->len < sizeof(*h) || h->len > len)
			return;
		if ((h->flags & NLM_F_REQUEST) && h->type >= NLMSG_MIN_TYPE)
			err = k->proto->request(&r);
		if (!r.no_ack && (err || (h->flags & NLM_F_ACK)))
			acknowledge(&r, err);
		step = MIN((size_t)NLMSG_ALIGN(h->len), len);
		data += step;
		len -= step;
	}
}

static int to_user(struct nl_sock *k, uint32_t portid, const struct nl_buf *b)
{
	struct nl_sock *to = NULL, *i;
	int err;

	spin_lock(&nl_table_lock);
	list_for_each_entry(i, &nl_socks, link)
		if (i->proto == k->proto && i->bound && i->portid == portid) {
			to = i;
			socket_get(&to->s);
			break;
		}
	spin_unlock(&nl_table_lock);
	if (!to)
		return -ECONNREFUSED;
	err = queue_bytes(to, b, k->portid, 0);
	socket_put(&to->s);
	return err == -ENOBUFS ? -EAGAIN : err;
}

void nl_unicast(int protocol, uint32_t portid, const struct nl_buf *b)
{
	struct nl_sock *to = NULL, *i;

	spin_lock(&nl_table_lock);
	list_for_each_entry(i, &nl_socks, link)
		if (i->proto->protocol == protocol && i->bound && i->portid == portid) {
			to = i;
			socket_get(&to->s);
			break;
		}
	spin_unlock(&nl_table_lock);
	if (to) {
		(void)queue_bytes(to, b, 0, 0);
		socket_put(&to->s);
	}
}

struct nl_note {
	struct nl_sock *to;
	struct nl_msg *m;
};

int nl_note_create(int fd, const void *data, size_t len, struct nl_note **out)
{
	struct nl_note *n = kmalloc(sizeof(*n), GFP_KERNEL);
	struct nl_msg *m = msg_create(data, len, 0, 0);
	int err = n && m ? 0 : -ENOMEM;
	struct socket *s;
	struct fd f;

	if (err)
		goto out;
	f = fd_get((unsigned)fd);
	if (!f.file) {
		err = -EBADF;
		goto out;
	}
	s = socket_from_file(f.file, &err);
	if (s && s->family != AF_NETLINK)
		err = -EINVAL;
	if (!err) {
		n->to = nl_sk(socket_get(s));
		n->m = m;
		*out = n;
	}
	fd_put(f);
out:
	if (err) {
		if (m)
			nl_msg_free(m);
		kfree(n);
	}
	return err;
}

/* The receiver's limit does not count: the message was promised. */
void nl_note_send(struct nl_note *n, uint8_t last)
{
	n->m->data[n->m->len - 1] = (char)last;
	(void)enqueue(n->to, n->m, true);
	socket_put(&n->to->s);
	kfree(n);
}

void nl_note_drop(struct nl_note *n)
{
	nl_msg_free(n->m);
	socket_put(&n->to->s);
	kfree(n);
}

/* Where a message goes: the address given, or that of connect(2). */
static int destination(struct nl_sock *k, const struct sockmsg *m, uint32_t *portid, unsigned *group)
{
	struct sockaddr_nl a;

	*portid = k->dst_portid;
	*group = k->dst_group;
	if (!m->namelen)
		return 0;
	if (m->namelen < sizeof(a))
		return -EINVAL;
	memcpy(&a, m->name, sizeof(a));
	if (a.family != AF_NETLINK)
		return -EINVAL;
	*portid = a.pid;
	*group = (unsigned)__builtin_ffs((int)a.groups);
	return (*portid || *group) && !k->proto->user_send && !capable(CAP_NET_ADMIN) ? -EPERM : 0;
}

ssize_t nl_sendmsg(struct socket *s, struct sockmsg *m)
{
	struct nl_sock *k = nl_sk(s);
	size_t len = m->iter.count;
	struct nl_buf b = { NULL, (uint32_t)len, (uint32_t)len };
	uint32_t portid;
	unsigned group;
	int err;

	if (m->flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (!len)
		return -ENODATA;
	err = destination(k, m, &portid, &group);
	if (!err)
		err = nl_autobind(k);
	if (!err && (int64_t)len > (int64_t)READ_ONCE(s->sndbuf) - 32)
		err = -EMSGSIZE;
	if (err)
		return err;
	b.data = kvmalloc(len, GFP_KERNEL | GFP_NOOOM);
	if (!b.data)
		return -ENOBUFS;
	if (copy_from_iter(b.data, len, &m->iter) != len) {
		err = -EFAULT;
	} else {
		if (group && group <= NL_GROUPS_MAX)
			to_group(k->proto->protocol, group, &b, k->portid, k->portid);
		if (portid)
			err = to_user(k, portid, &b);
		else if (k->proto->request)
			to_kernel(k, b.data, len);
	}
	kvfree(b.data);
	return err ? err : (ssize_t)len;
}

/* ---- receiving */

static struct nl_msg *take(struct nl_sock *k, bool peek)
{
	struct nl_msg *m;

	spin_lock(&k->lock);
	m = k->head;
	if (m && !peek) {
		WRITE_ONCE(k->head, m->next);
		k->rmem -= m->len + (uint32_t)sizeof(*m);
	}
	spin_unlock(&k->lock);
	return m;
}

static struct nl_msg *wait_message(struct nl_sock *k, unsigned flags, int *err)
{
	nsec_t deadline = socket_rcv_deadline(&k->s);

	for (;;) {
		struct nl_msg *m;

		*err = socket_error(&k->s);
		if (*err)
			return NULL;
		/* A peeking receiver keeps others out by dump_lock, which every taker holds. */
		mutex_lock(&k->dump_lock);
		m = take(k, flags & MSG_PEEK);
		if (m)
			return m;
		mutex_unlock(&k->dump_lock);
		*err = -EAGAIN;
		if (flags & MSG_DONTWAIT)
			return NULL;
		*err = wait_event_state(&k->s.rd_wait, READ_ONCE(k->head) || READ_ONCE(k->s.err), TASK_INTERRUPTIBLE, deadline, true);
		if (*err) {
			*err = socket_wait_error(*err, deadline);
			return NULL;
		}
	}
}

static void put_extras(struct nl_sock *k, struct sockmsg *m, const struct nl_msg *msg)
{
	struct ucred u = { msg->pid ? msg->pid->nr : 0, msg->uid, msg->gid };
	struct nl_pktinfo info = { msg->group };
	int err = 0;

	if (k->options & BIT(NETLINK_PKTINFO))
		err = socket_put_cmsg(m, SOL_NETLINK, NETLINK_PKTINFO, &info, sizeof(info));
	if (!err && socket_flag(&k->s, SOCKF_PASSCRED))
		err = socket_put_cmsg(m, SOL_SOCKET, SCM_CREDENTIALS, &u, sizeof(u));
	if (err)
		m->out_flags |= MSG_CTRUNC;
}

ssize_t nl_recvmsg(struct socket *s, struct sockmsg *m)
{
	struct nl_sock *k = nl_sk(s);
	struct nl_msg *msg;
	size_t room_len = m->iter.count, n;
	ssize_t ret;
	int err;

	if (m->flags & MSG_OOB)
		return -EOPNOTSUPP;
	msg = wait_message(k, m->flags, &err);
	if (!msg)
		return err;
	n = MIN(room_len, (size_t)msg->len);
	if (n < msg->len)
		m->out_flags |= MSG_TRUNC;
	ret = copy_to_iter(msg->data, n, &m->iter) != n ? -EFAULT : (ssize_t)(m->flags & MSG_TRUNC ? msg->len : n);
	if (m->name) {
		struct sockaddr_nl a = { AF_NETLINK, 0, msg->portid, msg->group ? 1u << ((msg->group - 1) & 31) : 0 };

		memcpy(m->name, &a, sizeof(a));
		m->namelen = sizeof(a);
	}
	if (ret >= 0)
		put_extras(k, m, msg);
	WRITE_ONCE(k->max_recv, MAX(k->max_recv, room_len));
	if (k->dump && !READ_ONCE(k->head)) {
		err = dump_piece(k);
		if (err) {
			nl_dump_end(k);
			socket_set_error(s, err);
		}
	}
	mutex_unlock(&k->dump_lock);
	if (!(m->flags & MSG_PEEK))
		nl_msg_free(msg);
	return ret;
}
