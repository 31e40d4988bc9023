/* SPDX-License-Identifier: MIT */
/*
 * Netlink sockets: creation, numbers ("port ids"), groups, options. netlink(7).
 *
 * A socket gets its number from bind(2) or with the first send: the process id if that is free, else one from the top. The
 * number is kept to the end. Messages are in msg.c.
 *
 * Locks: nl_table_lock over the list of sockets, numbers and groups.
 */
#include <kernel/cred.h>
#include <kernel/init.h>
#include <kernel/mm.h>
#include <kernel/poll.h>
#include <kernel/procfs.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>
#include "netlink_internal.h"

DEFINE_SPINLOCK(nl_table_lock, LR_NETLINK_TABLE);
LIST_HEAD(nl_socks);
static const struct nl_proto *protos[NETLINK_MAX];
static const struct socket_ops nl_ops;

int nl_register(const struct nl_proto *p)
{
	if (p->protocol < 0 || p->protocol >= NETLINK_MAX || p->groups > NL_GROUPS_MAX)
		return -EINVAL;
	if (protos[p->protocol])
		return -EEXIST;
	smp_store_release(&protos[p->protocol], p);
	return 0;
}

static int nl_create(int type, int protocol, struct socket **out)
{
	const struct nl_proto *p;
	struct nl_sock *k;

	if (type != SOCK_RAW && type != SOCK_DGRAM)
		return -ESOCKTNOSUPPORT;
	if (protocol < 0 || protocol >= NETLINK_MAX)
		return -EPROTONOSUPPORT;
	p = smp_load_acquire(&protos[protocol]);
	if (!p)
		return -EPROTONOSUPPORT;
	k = kzalloc(sizeof(*k), GFP_KERNEL);
	if (!k)
		return -ENOMEM;
	socket_init(&k->s, &nl_ops, AF_NETLINK, type, protocol);
	k->proto = p;
	spin_lock_init(&k->lock, LR_NETLINK);
	mutex_init(&k->dump_lock, LR_SOCKET);
	spin_lock(&nl_table_lock);
	list_add_tail(&k->link, &nl_socks);
	spin_unlock(&nl_table_lock);
	*out = &k->s;
	return 0;
}

static void nl_release(struct socket *s)
{
	struct nl_sock *k = nl_sk(s);

	spin_lock(&nl_table_lock);
	list_del(&k->link);
	spin_unlock(&nl_table_lock);
	mutex_lock(&k->dump_lock);
	nl_dump_end(k);
	mutex_unlock(&k->dump_lock);
	socket_wake_state(s, POLLHUP);
}

/* Senders that had found it may have added to the queue until now. */
static void nl_destroy(struct socket *s)
{
	struct nl_sock *k = nl_sk(s);
	struct nl_msg *m;

	while ((m = k->head)) {
		k->head = m->next;
		nl_msg_free(m);
	}
	socket_fini(s);
	kfree(s);
}

/* Table locked. */
static bool number_used(const struct nl_proto *p, uint32_t portid)
{
	struct nl_sock *k;

	list_for_each_entry(k, &nl_socks, link)
		if (k->proto == p && k->bound && k->portid == portid)
			return true;
	return false;
}

/* @portid 0: any. */
static int take_number(struct nl_sock *k, uint32_t portid)
{
	uint32_t n = portid ? portid : (uint32_t)current->proc->pid;
	int err = 0;

	spin_lock(&nl_table_lock);
	if (k->bound) {
		err = portid && portid != k->portid ? -EINVAL : 0;
	} else {
		for (uint32_t top = (uint32_t)-4097; !portid && number_used(k->proto, n); top--)
			n = top;
		if (portid && number_used(k->proto, n))
			err = -EADDRINUSE;
		if (!err) {
			k->portid = n;
			k->bound = true;
		}
	}
	spin_unlock(&nl_table_lock);
	return err;
}

int nl_autobind(struct nl_sock *k)
{
	return READ_ONCE(k->bound) ? 0 : take_number(k, 0);
}

static bool may_join(const struct nl_sock *k)
{
	return k->proto->user_recv || capable(CAP_NET_ADMIN);
}

static int nl_bind(struct socket *s, struct sockaddr_storage *sa, unsigned len)
{
	struct nl_sock *k = nl_sk(s);
	struct sockaddr_nl a;
	int err;

	if (len < sizeof(a))
		return -EINVAL;
	memcpy(&a, sa, sizeof(a));
	if (a.family != AF_NETLINK)
		return -EINVAL;
	if (a.groups && !may_join(k))
		return -EPERM;
	if (READ_ONCE(k->bound) && a.pid != k->portid)
		return -EINVAL;
	err = READ_ONCE(k->bound) ? 0 : take_number(k, a.pid);
	if (err)
		return err;
	spin_lock(&nl_table_lock);
	k->groups = (k->groups & ~(uint64_t)UINT32_MAX) | a.groups;
	spin_unlock(&nl_table_lock);
	return 0;
}

static int nl_connect(struct socket *s, struct sockaddr_storage *sa, unsigned len, bool nonblock)
{
	struct nl_sock *k = nl_sk(s);
	struct sockaddr_nl a;
	int err;

	if (len < sizeof(sa->family))
		return -EINVAL;
	if (sa->family == AF_UNSPEC) {
		k->dst_portid = k->dst_group = 0;
		return 0;
	}
	if (sa->family != AF_NETLINK || len < sizeof(a))
		return -EINVAL;
	memcpy(&a, sa, sizeof(a));
	if ((a.pid || a.groups) && !k->proto->user_send && !capable(CAP_NET_ADMIN))
		return -EPERM;
	err = nl_autobind(k);
	if (err)
		return err;
	k->dst_portid = a.pid;
	k->dst_group = (unsigned)__builtin_ffs((int)a.groups);
	return 0;
}

static int nl_getname(struct socket *s, struct sockaddr_storage *out, bool peer)
{
	struct nl_sock *k = nl_sk(s);
	struct sockaddr_nl a = { .family = AF_NETLINK };

	if (peer) {
		a.pid = k->dst_portid;
		a.groups = k->dst_group ? 1u << (k->dst_group - 1) : 0;
	} else {
		a.pid = k->portid;
		a.groups = (uint32_t)k->groups;
	}
	memcpy(out, &a, sizeof(a));
	return sizeof(a);
}

static uint32_t nl_poll(struct socket *s, struct poll_table *pt)
{
	struct nl_sock *k = nl_sk(s);

	return (READ_ONCE(s->err) ? POLLERR : 0) | (READ_ONCE(k->head) ? POLLIN | POLLRDNORM : 0) | POLLOUT | POLLWRNORM | POLLWRBAND;
}

static int set_member(struct nl_sock *k, unsigned group, bool on)
{
	if (!may_join(k))
		return -EPERM;
	if (!group || group > k->proto->groups)
		return -EINVAL;
	spin_lock(&nl_table_lock);
	k->groups = on ? k->groups | BIT64(group - 1) : k->groups & ~BIT64(group - 1);
	spin_unlock(&nl_table_lock);
	return 0;
}

static bool is_flag(int name)
{
	return name == NETLINK_PKTINFO || name == NETLINK_BROADCAST_ERROR || name == NETLINK_NO_ENOBUFS || name == NETLINK_CAP_ACK ||
	       name == NETLINK_EXT_ACK || name == NETLINK_GET_STRICT_CHK;
}

static int nl_setsockopt(struct socket *s, int level, int name, const void __user *val, unsigned len)
{
	struct nl_sock *k = nl_sk(s);
	unsigned v = 0;

	if (level != SOL_NETLINK)
		return -ENOPROTOOPT;
	if (len >= sizeof(v) && copy_from_user(&v, val, sizeof(v)))
		return -EFAULT;
	if (name == NETLINK_ADD_MEMBERSHIP || name == NETLINK_DROP_MEMBERSHIP)
		return set_member(k, v, name == NETLINK_ADD_MEMBERSHIP);
	if (!is_flag(name))
		return -ENOPROTOOPT;
	if (v)
		__atomic_fetch_or(&k->options, 1u << name, __ATOMIC_RELAXED);
	else
		__atomic_fetch_and(&k->options, ~(1u << name), __ATOMIC_RELAXED);
	return 0;
}

static int nl_getsockopt(struct socket *s, int level, int name, void __user *val, int __user *len)
{
	struct nl_sock *k = nl_sk(s);
	int room, v;

	if (level != SOL_NETLINK)
		return -ENOPROTOOPT;
	if (get_user(room, len))
		return -EFAULT;
	if (room < 0)
		return -EINVAL;
	if (name == NETLINK_LIST_MEMBERSHIPS) {
		int size = (int)ALIGN_UP(k->proto->groups, 32u) / 8;

		if (copy_to_user(val, &k->groups, (size_t)(MIN(room, size) & ~3)))
			return -EFAULT;
		return put_user(size, len);
	}
	if (!is_flag(name))
		return -ENOPROTOOPT;
	if (room < (int)sizeof(v))
		return -EINVAL;
	v = READ_ONCE(k->options) >> name & 1;
	if (put_user((int)sizeof(v), len) || copy_to_user(val, &v, sizeof(v)))
		return -EFAULT;
	return 0;
}

static const struct socket_ops nl_ops = {
	.bind = nl_bind,
	.connect = nl_connect,
	.getname = nl_getname,
	.poll = nl_poll,
	.setsockopt = nl_setsockopt,
	.getsockopt = nl_getsockopt,
	.sendmsg = nl_sendmsg,
	.recvmsg = nl_recvmsg,
	.release = nl_release,
	.destroy = nl_destroy,
};

static int show_netlink(struct seq *s, void *arg)
{
	struct nl_sock *k;

	seq_puts(s, "sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode\n");
	spin_lock(&nl_table_lock);
	list_for_each_entry(k, &nl_socks, link)
		seq_printf(s, "0000000000000000 %-3d %-10u %08x %-8u %-8d %-5d %-8d %-8u %-8lu\n", k->proto->protocol, k->portid,
			   (unsigned)k->groups, k->rmem, 0, k->dump ? 1 : 0, atomic_read(&k->s.refs), 0u, (unsigned long)k->s.ino);
	spin_unlock(&nl_table_lock);
	return 0;
}

static unsigned count_kind(const struct socket_kind *kind, bool with_file)
{
	struct nl_sock *k;
	unsigned n = 0;

	spin_lock(&nl_table_lock);
	list_for_each_entry(k, &nl_socks, link)
		n++;
	spin_unlock(&nl_table_lock);
	return n;
}

static int __init nl_init(void)
{
	static struct socket_kind kind = { .name = "NETLINK", .size = sizeof(struct nl_sock), .calls = "nnnnnnnnnnnnnnnnnnn", .count = count_kind };
	static const struct socket_family family = { .family = AF_NETLINK, .name = "netlink", .create = nl_create };
	/* Devices do not come and go here: who listens to the kernel's events hears nothing. */
	static const struct nl_proto uevent = { .protocol = NETLINK_KOBJECT_UEVENT, .groups = 32, .user_recv = true };
	int err = nl_register(&uevent);

	if (!err)
		err = procfs_add("net/netlink", S_IFREG | 0444, show_netlink, NULL);
	socket_register_kind(&kind);
	return err ? err : socket_register_family(&family);
}
INITCALL(INITCALL_FS, nl_init);
