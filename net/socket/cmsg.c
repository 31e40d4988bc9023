/* SPDX-License-Identifier: MIT */
/*
 * Control messages, cmsg(3): walking a sender's, writing a receiver's.
 *
 * A sender's are copied into the kernel as a whole before anything looks at them. Those of levels other than SOL_SOCKET
 * are the protocol's to understand.
 */
#include <net/socket.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/uaccess.h>

const struct cmsghdr *socket_next_cmsg(const struct sockmsg *m, const struct cmsghdr *c, int *err)
{
	size_t at = c ? (size_t)((const char *)c - (const char *)m->control) + CMSG_ALIGN(c->len) : 0;

	*err = 0;
	if (m->controllen < sizeof(*c) || at > m->controllen - sizeof(*c))
		return NULL;
	c = (const struct cmsghdr *)((const char *)m->control + at);
	if (c->len < sizeof(*c) || c->len > m->controllen - at) {
		*err = -EINVAL;
		return NULL;
	}
	return c;
}

int socket_put_cmsg(struct sockmsg *m, int level, int type, const void *data, size_t len)
{
	struct cmsghdr h = { CMSG_LEN(len), level, type };
	size_t step = CMSG_SPACE(len);

	if (!m->ucontrol || m->ucontrollen < sizeof(h)) {
		m->out_flags |= MSG_CTRUNC;
		return 0;
	}
	if (m->ucontrollen < h.len) {
		m->out_flags |= MSG_CTRUNC;
		h.len = m->ucontrollen;
	}
	if (copy_to_user(m->ucontrol, &h, sizeof(h)) ||
	    copy_to_user((char __user *)m->ucontrol + sizeof(h), data, h.len - sizeof(h)))
		return -EFAULT;
	step = MIN(step, m->ucontrollen);
	m->ucontrol = (char __user *)m->ucontrol + step;
	m->ucontrollen -= step;
	return 0;
}

void socket_put_timestamp(struct socket *s, struct sockmsg *m, nsec_t when)
{
	struct timespec ts = ns_to_timespec(when);
	struct timeval tv = { ts.tv_sec, ts.tv_nsec / 1000 };
	bool new = socket_flag(s, SOCKF_TIMESTAMP_NEW);
	int err;

	/* On 64 bits the old and the new forms differ in their number only. */
	if (!socket_flag(s, SOCKF_TIMESTAMP))
		err = 0;
	else if (socket_flag(s, SOCKF_TIMESTAMPNS))
		err = socket_put_cmsg(m, SOL_SOCKET, new ? SO_TIMESTAMPNS_NEW : SO_TIMESTAMPNS, &ts, sizeof(ts));
	else
		err = socket_put_cmsg(m, SOL_SOCKET, new ? SO_TIMESTAMP_NEW : SO_TIMESTAMP, &tv, sizeof(tv));
	if (!err && READ_ONCE(s->tsflags) & SOF_TIMESTAMPING_SOFTWARE) {
		struct timespec three[3] = { ts };	/* software; the other two are hardware's */

		err = socket_put_cmsg(m, SOL_SOCKET, s->tsnew ? SO_TIMESTAMPING_NEW : SO_TIMESTAMPING, three, sizeof(three));
	}
	if (err)
		m->out_flags |= MSG_CTRUNC;
}

int socket_send_cmsg(struct socket *s, const struct cmsghdr *c)
{
	switch (c->type) {
	case SCM_RIGHTS:
	case SCM_CREDENTIALS:
		return 0;
	case SO_MARK:
		if (!capable(CAP_NET_RAW) && !capable(CAP_NET_ADMIN))
			return -EPERM;
		return c->len == CMSG_LEN(sizeof(uint32_t)) ? 0 : -EINVAL;
	default:
		return -EINVAL;
	}
}
