/* SPDX-License-Identifier: MIT */
/*
 * Names of Unix sockets: in the file system, abstract, made up (autobind).
 *
 * A path name is an inode of type socket; the socket is found by that inode, so a renamed or hard-linked name still leads to
 * it, and one whose socket is gone answers ECONNREFUSED. Abstract names are bytes with their length, one space for
 * each type. A socket has at most one name, from bind(2) to its end: unix_sock.addr is set once.
 *
 * Locks: unix_table_lock over both tables and the list of all sockets; unix_sock.lock inside it.
 */
#include <kernel/mm.h>
#include <kernel/printk.h>
#include <kernel/procfs.h>
#include <kernel/random.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include <kernel/init.h>
#include "unix_internal.h"

#define BUCKETS 256u
#define HEAD offsetof(struct sockaddr_un, path)
#define AUTO_NAMES 0x100000u		/* five hexadecimal digits */

DEFINE_SPINLOCK(unix_table_lock, LR_UNIX_TABLE);
LIST_HEAD(unix_all);
static struct hlist_head abstract[BUCKETS], by_inode[BUCKETS];

void unix_addr_put(struct unix_addr *a)
{
	if (ref_put(&a->refs))
		kfree(a);
}

int unix_addr_check(const struct sockaddr_storage *a, unsigned len)
{
	return len <= HEAD || len > sizeof(struct sockaddr_un) || a->family != AF_UNIX ? -EINVAL : 0;
}

static struct unix_addr *addr_create(const struct sockaddr_storage *a, unsigned len, int type)
{
	struct unix_addr *n = kzalloc(sizeof(*n), GFP_KERNEL);

	if (!n)
		return NULL;
	atomic_set(&n->refs, 1);
	memcpy(&n->name, a, len);
	n->len = len;
	n->hash = hash_bytes(n->name.path, len - HEAD, (uint32_t)type) % BUCKETS;
	return n;
}

static struct hlist_head *inode_bucket(const struct inode *i)
{
	return &by_inode[hash_u64((uint64_t)(uintptr_t)i, 8)];
}

/* Table locked. */
static struct unix_sock *find_abstract(const struct unix_addr *a, int type)
{
	struct unix_sock *u;

	hlist_for_each_entry(u, &abstract[a->hash], hash)
		if (u->s.type == type && u->addr->len == a->len && !memcmp(&u->addr->name, &a->name, a->len))
			return u;
	return NULL;
}

/* Gives the name to @u; table locked. It may have got another meanwhile. */
static int name_set(struct unix_sock *u, struct unix_addr *a, const struct path *p)
{
	int err = 0;

	spin_lock(&u->lock);
	if (u->addr || u->dead) {
		err = -EINVAL;
	} else {
		if (p)
			u->path = *p;
		smp_store_release(&u->addr, a);
	}
	spin_unlock(&u->lock);
	if (!err)
		hlist_add_head(&u->hash, p ? inode_bucket(p->dentry->inode) : &abstract[a->hash]);
	return err;
}

static int bind_abstract(struct unix_sock *u, const struct sockaddr_storage *addr, unsigned len)
{
	struct unix_addr *a = addr_create(addr, len, u->s.type);
	int err;

	if (!a)
		return -ENOMEM;
	spin_lock(&unix_table_lock);
	err = READ_ONCE(u->addr) ? -EINVAL : find_abstract(a, u->s.type) ? -EADDRINUSE : name_set(u, a, NULL);
	spin_unlock(&unix_table_lock);
	if (err)
		unix_addr_put(a);
	return err;
}

static int bind_path(struct unix_sock *u, struct sockaddr_storage *addr, unsigned len)
{
	char name[UNIX_PATH_MAX + 1];
	struct unix_addr *a;
	struct path p;
	int err;

	if (READ_ONCE(u->addr))
		return -EINVAL;
	/* The text ends with the address or with a zero byte in it; the address has the zero byte either way. */
	memcpy(name, ((struct sockaddr_un *)addr)->path, len - HEAD);
	name[len - HEAD] = 0;
	len = (unsigned)strlen(name) + 1 + (unsigned)HEAD;
	a = addr_create(addr, MIN(len, (unsigned)sizeof(struct sockaddr_un)), u->s.type);
	if (!a)
		return -ENOMEM;
	a->len = len;
	err = vfs_mksocket(name, S_IFSOCK | (u->s.file ? READ_ONCE(u->s.file->inode->mode) & 07777 : 0777), &p);
	if (err) {
		unix_addr_put(a);
		return err == -EEXIST ? -EADDRINUSE : err;
	}
	spin_lock(&unix_table_lock);
	err = name_set(u, a, &p);
	spin_unlock(&unix_table_lock);
	if (err) {
		vfs_unlink(name, false);
		path_put(&p);
		unix_addr_put(a);
	}
	return err;
}

int unix_autobind(struct unix_sock *u)
{
	struct sockaddr_storage sa = { .family = AF_UNIX };
	uint32_t first = (uint32_t)(random_u64() % AUTO_NAMES);
	int err;

	for (uint32_t i = 0; i < AUTO_NAMES; i++) {
		char digits[8];

		if (READ_ONCE(u->addr))
			return 0;
		snprintf(digits, sizeof(digits), "%05x", (first + i) % AUTO_NAMES);
		memcpy(sa.data + 1, digits, 5);
		err = bind_abstract(u, &sa, HEAD + 6);
		if (err != -EADDRINUSE)
			return err == -EINVAL && READ_ONCE(u->addr) ? 0 : err;
	}
	return -ENOSPC;
}

int unix_bind(struct socket *s, struct sockaddr_storage *a, unsigned len)
{
	struct unix_sock *u = unix_sk(s);
	int err;

	if (len == HEAD && a->family == AF_UNIX)
		return unix_autobind(u);
	err = unix_addr_check(a, len);
	if (err)
		return err;
	return ((struct sockaddr_un *)a)->path[0] ? bind_path(u, a, len) : bind_abstract(u, a, len);
}

static int find_path(const struct sockaddr_storage *a, unsigned len, int type, struct unix_sock **out)
{
	char name[UNIX_PATH_MAX + 1];
	struct unix_sock *u;
	struct inode *inode;
	struct path p;
	int err;

	memcpy(name, ((const struct sockaddr_un *)a)->path, len - HEAD);
	name[len - HEAD] = 0;
	err = kern_path(name, LOOKUP_FOLLOW, &p);
	if (err)
		return err;
	inode = p.dentry->inode;
	err = inode_permission(inode, MAY_WRITE);
	if (err)
		goto out;
	err = -ECONNREFUSED;
	if (!S_ISSOCK(inode->mode))
		goto out;
	spin_lock(&unix_table_lock);
	hlist_for_each_entry(u, inode_bucket(inode), hash) {
		if (u->path.dentry->inode != inode)
			continue;
		err = u->s.type == type ? 0 : -EPROTOTYPE;
		if (!err)
			*out = unix_get(u);
		break;
	}
	spin_unlock(&unix_table_lock);
	if (!err)
		touch_atime(&p);
out:
	path_put(&p);
	return err;
}

int unix_find(const struct sockaddr_storage *a, unsigned len, int type, struct unix_sock **out)
{
	struct unix_addr key;
	struct unix_sock *u;

	if (((const struct sockaddr_un *)a)->path[0])
		return find_path(a, len, type, out);
	memcpy(&key.name, a, len);
	key.len = len;
	key.hash = hash_bytes(key.name.path, len - HEAD, (uint32_t)type) % BUCKETS;
	spin_lock(&unix_table_lock);
	u = find_abstract(&key, type);
	if (u)
		*out = unix_get(u);
	spin_unlock(&unix_table_lock);
	return u ? 0 : -ECONNREFUSED;
}

void unix_addr_release(struct unix_sock *u)
{
	spin_lock(&unix_table_lock);
	list_del(&u->all);
	if (u->hash.pprev)
		hlist_del(&u->hash);
	spin_unlock(&unix_table_lock);
}

static int name_out(const struct unix_addr *a, struct sockaddr_storage *out)
{
	if (!a) {
		out->family = AF_UNIX;
		return (int)HEAD;
	}
	memcpy(out, &a->name, MIN(a->len, (unsigned)sizeof(a->name)));
	return (int)a->len;
}

int unix_getname(struct socket *s, struct sockaddr_storage *out, bool peer)
{
	struct unix_sock *u = unix_sk(s), *p;
	int len;

	if (!peer)
		return name_out(smp_load_acquire(&u->addr), out);
	p = unix_peer_get(u);
	if (!p)
		return -ENOTCONN;
	len = name_out(smp_load_acquire(&p->addr), out);
	unix_put(p);
	return len;
}

void unix_copy_name(struct sockmsg *m, struct unix_sock *from)
{
	const struct unix_addr *a = smp_load_acquire(&from->addr);

	if (!a)
		return;
	memset(m->name, 0, sizeof(*m->name));
	m->namelen = (unsigned)name_out(a, m->name);
}

static void show_one(struct seq *s, struct unix_sock *u)
{
	const struct unix_addr *a = u->addr;
	bool listening = u->s.state == UNIX_LISTEN;
	/* States are those of BSD's struct socket: 1 unconnected, 2 connecting, 3 connected. */
	int state = u->s.ino && !u->embryo ? (u->s.state == UNIX_CONNECTED ? 3 : 1) : (u->s.state == UNIX_CONNECTED ? 2 : 4);

	seq_printf(s, "0000000000000000: %08X %08X %08X %04X %02X %5lu", (unsigned)atomic_read(&u->s.refs) + 1, 0u,
		   listening ? 0x10000u : 0u, u->s.type, (unsigned)state, (unsigned long)u->s.ino);
	if (a) {
		unsigned n = a->len - (unsigned)HEAD, i = 0;

		seq_putc(s, ' ');
		if (a->name.path[0])
			n = (unsigned)strnlen(a->name.path, n);
		else
			seq_putc(s, '@'), i = 1;
		for (; i < n; i++)
			seq_putc(s, a->name.path[i] ? a->name.path[i] : '@');
	}
	seq_putc(s, '\n');
}

static int unix_show(struct seq *s, void *unused)
{
	struct unix_sock *u;

	seq_puts(s, "Num       RefCount Protocol Flags    Type St Inode Path\n");
	spin_lock(&unix_table_lock);
	list_for_each_entry(u, &unix_all, all) {
		spin_lock(&u->lock);
		show_one(s, u);
		spin_unlock(&u->lock);
	}
	spin_unlock(&unix_table_lock);
	return 0;
}

static unsigned count_kind(const struct socket_kind *k, bool with_file)
{
	struct unix_sock *u;
	unsigned n = 0;

	spin_lock(&unix_table_lock);
	list_for_each_entry(u, &unix_all, all)
		n += (u->s.type == SOCK_STREAM) == k->which && (!with_file || u->s.ino);
	spin_unlock(&unix_table_lock);
	return n;
}

static int __init unix_proc_init(void)
{
	static struct socket_kind others = { .name = "UNIX", .calls = "ynnnnnnnnnnnnnnnnnn", .which = false },
				  stream = { .name = "UNIX-STREAM", .calls = "ynnnnnnnnnnnnnnnynn", .which = true };

	others.size = stream.size = sizeof(struct unix_sock);
	others.slab = stream.slab = true;
	others.count = stream.count = count_kind;
	socket_register_kind(&others);
	socket_register_kind(&stream);
	return procfs_add("net/unix", 0444, unix_show, NULL);
}
INITCALL(INITCALL_LATE, unix_proc_init);
