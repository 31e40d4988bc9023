/* SPDX-License-Identifier: MIT */
/*
 * Options that choose the senders to a group: IP_ADD_SOURCE_MEMBERSHIP, IP_BLOCK_SOURCE, IP_MSFILTER and their kin, and
 * MCAST_*, which are the same with addresses of either family.
 *
 * Locks: net_lock over the memberships; requests are copied in before and lists out after.
 * References: RFC 3678, ip(7).
 */
#include "inet.h"
#include <kernel/string.h>
#include <kernel/uaccess.h>

#define SOURCES_MAX 64u

/* What an option does to the list. */
static bool verb(int name, int *mode, bool *add)
{
	switch (name) {
	case IP_ADD_SOURCE_MEMBERSHIP:
	case MCAST_JOIN_SOURCE_GROUP:
		*mode = MCAST_INCLUDE;
		*add = true;
		return true;
	case IP_DROP_SOURCE_MEMBERSHIP:
	case MCAST_LEAVE_SOURCE_GROUP:
		*mode = MCAST_INCLUDE;
		*add = false;
		return true;
	case IP_BLOCK_SOURCE:
	case MCAST_BLOCK_SOURCE:
		*mode = MCAST_EXCLUDE;
		*add = true;
		return true;
	case IP_UNBLOCK_SOURCE:
	case MCAST_UNBLOCK_SOURCE:
		*mode = MCAST_EXCLUDE;
		*add = false;
		return true;
	default:
		return false;
	}
}

static void addr4(ip_addr_t *to, uint32_t a)
{
	memset(to, 0, sizeof(*to));
	ip_addr_set_ip4_u32_val(*to, a);
}

static bool addr_of(ip_addr_t *to, const struct group_addr *a, int level)
{
	memset(to, 0, sizeof(*to));
	if (a->family != (level == IPPROTO_IP ? AF_INET : AF_INET6))
		return false;
	if (level == IPPROTO_IP) {
		ip_addr_set_ip4_u32_val(*to, ((const struct sockaddr_in *)(const void *)a)->addr);
	} else {
		memcpy(ip_2_ip6(to)->addr, ((const struct sockaddr_in6 *)(const void *)a)->addr, 16);
		IP_SET_TYPE_VAL(*to, IPADDR_TYPE_V6);
	}
	return true;
}

static void addr_to(struct group_addr *to, const ip_addr_t *a)
{
	memset(to, 0, sizeof(*to));
	if (IP_IS_V4(a)) {
		to->family = AF_INET;
		((struct sockaddr_in *)(void *)to)->addr = ip4_of(a);
	} else {
		to->family = AF_INET6;
		memcpy(((struct sockaddr_in6 *)(void *)to)->addr, ip_2_ip6(a)->addr, 16);
	}
}

static struct netdev *dev_of(uint32_t addr, uint32_t index)
{
	return (int)index < 0 ? NULL : inet_mc_dev(addr, (int)index);
}

static int set_one4(struct inet_sock *i, int mode, bool add, const void __user *val, unsigned len)
{
	ip_addr_t group, source;
	struct ip_mreq_source r;
	int err;

	if (len != sizeof(r))
		return -EINVAL;
	if (copy_from_user(&r, val, sizeof(r)))
		return -EFAULT;
	addr4(&group, r.multiaddr);
	addr4(&source, r.sourceaddr);
	net_lock_acquire();
	err = inet_mc_source(i, &group, dev_of(r.interface, 0), &source, mode, add);
	net_lock_release();
	return err;
}

static int set_one(struct inet_sock *i, int level, int mode, bool add, const void __user *val, unsigned len)
{
	struct group_source_req r;
	ip_addr_t group, source;
	int err;

	if (len < sizeof(r))
		return -EINVAL;
	if (copy_from_user(&r, val, sizeof(r)))
		return -EFAULT;
	if (!addr_of(&group, &r.group, level) || !addr_of(&source, &r.source, level))
		return -EADDRNOTAVAIL;
	net_lock_acquire();
	err = inet_mc_source(i, &group, dev_of(0, r.interface), &source, mode, add);
	net_lock_release();
	return err;
}

/* ---- whole lists */

/* The head of either structure. */
struct request {
	ip_addr_t group;
	uint32_t addr, index;		/* of the interface */
	uint32_t mode, nr;
};

static int read_head(struct request *q, int level, int name, const void __user *val, size_t len)
{
	struct ip_msfilter m;
	struct group_filter f;

	if (len < (name == IP_MSFILTER ? sizeof(m) : sizeof(f)))
		return -EINVAL;
	if (name == IP_MSFILTER) {
		if (copy_from_user(&m, val, sizeof(m)))
			return -EFAULT;
		addr4(&q->group, m.multiaddr);
		*q = (struct request){ .group = q->group, .addr = m.interface, .mode = m.fmode, .nr = m.numsrc };
		return 0;
	}
	if (copy_from_user(&f, val, sizeof(f)))
		return -EFAULT;
	if (!addr_of(&q->group, &f.group, level))
		return -EADDRNOTAVAIL;
	*q = (struct request){ .group = q->group, .index = f.interface, .mode = f.fmode, .nr = f.numsrc };
	return 0;
}

static int read_list(ip_addr_t *list, uint32_t nr, int level, int name, const char __user *at)
{
	struct group_addr a;
	uint32_t v;

	for (uint32_t n = 0; n < nr; n++) {
		if (name == IP_MSFILTER) {
			if (copy_from_user(&v, at + n * sizeof(v), sizeof(v)))
				return -EFAULT;
			addr4(&list[n], v);
			continue;
		}
		if (copy_from_user(&a, at + n * sizeof(a), sizeof(a)))
			return -EFAULT;
		if (!addr_of(&list[n], &a, level))
			return -EADDRNOTAVAIL;
	}
	return 0;
}

static int set_list(struct inet_sock *i, int level, int name, const void __user *val, unsigned len)
{
	size_t head = name == IP_MSFILTER ? sizeof(struct ip_msfilter) : sizeof(struct group_filter);
	size_t each = name == IP_MSFILTER ? sizeof(uint32_t) : sizeof(struct group_addr);
	ip_addr_t *list = NULL;
	struct request q;
	int err;

	if (len >= head && len > (unsigned)READ_ONCE(sysctl_optmem_max))
		return -ENOBUFS;
	err = read_head(&q, level, name, val, len);
	if (err)
		return err;
	if (q.nr > (level == IPPROTO_IP ? 10u : SOURCES_MAX))
		return -ENOBUFS;
	if (head + q.nr * each > len)
		return -EINVAL;
	if (q.nr) {
		list = kmalloc(q.nr * sizeof(*list), GFP_KERNEL);
		if (!list)
			return -ENOBUFS;
		err = read_list(list, q.nr, level, name, (const char __user *)val + head);
	}
	if (!err) {
		net_lock_acquire();
		err = inet_mc_set_filter(i, &q.group, dev_of(q.addr, q.index), q.mode, list, q.nr);
		net_lock_release();
	}
	if (err)
		kfree(list);
	return err;
}

static int write_list(const ip_addr_t *list, uint32_t nr, int name, char __user *at)
{
	for (uint32_t n = 0; n < nr; n++) {
		struct group_addr a;
		uint32_t v;

		if (name == IP_MSFILTER) {
			v = ip4_of(&list[n]);
			if (copy_to_user(at + n * sizeof(v), &v, sizeof(v)))
				return -EFAULT;
			continue;
		}
		addr_to(&a, &list[n]);
		if (copy_to_user(at + n * sizeof(a), &a, sizeof(a)))
			return -EFAULT;
	}
	return 0;
}

static int get_list(struct inet_sock *i, int level, int name, void __user *val, int __user *ulen)
{
	size_t head = name == IP_MSFILTER ? sizeof(struct ip_msfilter) : sizeof(struct group_filter);
	size_t each = name == IP_MSFILTER ? sizeof(uint32_t) : sizeof(struct group_addr);
	uint32_t mode = 0, shown = 0, out[2];
	const ip_addr_t *source;
	ip_addr_t *list;
	struct request q;
	unsigned nr = 0;
	int len, err;

	if (get_user(len, ulen))
		return -EFAULT;
	err = len < 0 ? -EINVAL : read_head(&q, level, name, val, (size_t)len);
	if (err)
		return err;
	list = kmalloc(SOURCES_MAX * sizeof(*list), GFP_KERNEL);
	if (!list)
		return -ENOBUFS;
	net_lock_acquire();
	err = inet_mc_get_filter(i, &q.group, dev_of(q.addr, q.index), &mode, &source, &nr);
	if (!err) {
		shown = MIN(nr, q.nr);
		for (uint32_t n = 0; n < shown; n++)
			ip_addr_copy(list[n], source[n]);
	}
	net_lock_release();
	/* Mode and number are the last two words of either head. */
	out[0] = mode;
	out[1] = nr;
	if (!err && (put_user((int)(head + shown * each), ulen) || copy_to_user((char __user *)val + head - sizeof(out), out, sizeof(out))))
		err = -EFAULT;
	if (!err)
		err = write_list(list, shown, name, (char __user *)val + head);
	kfree(list);
	return err;
}

static bool is_list(int level, int name)
{
	return name == MCAST_MSFILTER || (level == IPPROTO_IP && name == IP_MSFILTER);
}

int inet_mc_set_source(struct inet_sock *i, int level, int name, const void __user *val, unsigned len)
{
	bool add = false, one;
	int mode = 0;

	if (name < (level == IPPROTO_IP ? IP_UNBLOCK_SOURCE : MCAST_BLOCK_SOURCE))
		return -ENOIOCTLCMD;
	one = verb(name, &mode, &add);
	if (!one && !is_list(level, name))
		return -ENOIOCTLCMD;
	if (i->kind == INET_TCP)
		return -EPROTO;
	if (!one)
		return set_list(i, level, name, val, len);
	return name < IP_MSFILTER ? set_one4(i, mode, add, val, len) : set_one(i, level, mode, add, val, len);
}

int inet_mc_get_source(struct inet_sock *i, int level, int name, void __user *val, int __user *len)
{
	if ((level != IPPROTO_IP && level != IPPROTO_IPV6) || !is_list(level, name))
		return -ENOIOCTLCMD;
	return get_list(i, level, name, val, len);
}
