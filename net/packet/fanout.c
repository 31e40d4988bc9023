/* SPDX-License-Identifier: MIT */
/*
 * PACKET_FANOUT: sockets that share the frames of a device and protocol, each frame going to one of them.
 *
 * A group has the tap, its members have none. Who gets a frame is chosen by the flow's hash, in turn, by the CPU, by chance, by the
 * device's queue (frames do not carry its number: always the first member), by a program, or is the first that has room; with
 * PACKET_FANOUT_FLAG_ROLLOVER, who has none passes it on. What a member sends no member sees. Fragments are not put together: PACKET_FANOUT_FLAG_DEFRAG is EINVAL.
 *
 * Invariants: a group has at least one member; all are bound as the first one was.
 * Locks: net_lock.
 * Reference: packet(7).
 */
#include <kernel/random.h>
#include <kernel/task.h>
#include <kernel/string.h>
#include <kernel/uaccess.h>
#include <net/filter.h>
#include <uapi/in.h>
#include "packet_internal.h"

#define MEMBERS_DEFAULT 256u
#define FLAG(f)	((uint8_t)((f) >> 8))

struct packet_fanout {
	struct list_head link;
	struct net_tap tap;
	uint16_t id, proto;
	int ifindex;
	uint8_t type, flags;
	uint32_t turn;
	uint32_t nr, max;
	struct socket_filter *program;
	struct packet_sock **member;
};
static LIST_HEAD(groups);
static uint16_t next_id;

/* ---- a frame comes */

/* The same for both directions of a flow. */
static uint32_t flow_hash(const struct net_frame *f)
{
	uint8_t h[ETH_HLEN + 40 + 4] = { 0 }, *ip = h + ETH_HLEN, *ports;
	uint32_t n = MIN(f->len, (uint32_t)sizeof(h)), hash, a = 0, b = 0, v;
	uint16_t proto = packet_protocol(f);
	unsigned words, at;

	packet_copy_frame((char *)h, f, 0, n);
	if (proto == __builtin_bswap16(ETH_P_IP)) {
		words = 1;
		at = 12;
		hash = ip[9];
		/* Only the first fragment has ports. */
		ports = (ip[6] & 0x3f) | ip[7] || (ip[0] & 15) != 5 ? NULL : ip + 20;
	} else if (proto == __builtin_bswap16(ETH_P_IPV6)) {
		words = 4;
		at = 8;
		hash = ip[6];
		ports = ip + 40;
	} else {
		return 0;
	}
	for (unsigned i = 0; i < words; i++) {
		memcpy(&v, ip + at + 4 * i, 4);
		a = (a ^ v) * 0x9e3779b1u;
		memcpy(&v, ip + at + 4 * (words + i), 4);
		b = (b ^ v) * 0x9e3779b1u;
	}
	if (ports && (hash == IPPROTO_TCP || hash == IPPROTO_UDP || hash == IPPROTO_SCTP)) {
		a += (uint32_t)(ports[0] << 8 | ports[1]) * 0x85ebca6bu;
		b += (uint32_t)(ports[2] << 8 | ports[3]) * 0x85ebca6bu;
	}
	hash = (hash ^ a ^ b) * 0xc2b2ae35u + (a + b);
	return hash ^ hash >> 15;
}

/* Has more than half of what came lately been of this flow? */
static bool flow_is_huge(struct packet_sock *k, uint32_t hash)
{
	unsigned same = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(k->flows); i++)
		same += k->flows[i] == hash;
	k->flows[random_u64() % ARRAY_SIZE(k->flows)] = hash;
	return same > ARRAY_SIZE(k->flows) / 2;
}

/* The next member with plenty of room; @keep: @i has the first right to it. */
static uint32_t roll_over(struct packet_fanout *g, const struct net_frame *f, uint32_t i, bool keep)
{
	struct packet_sock *k = g->member[i], *next;
	bool low = false;
	uint32_t first, j;

	if (keep) {
		if (packet_has_room(k, f, true))
			return i;
		low = packet_has_room(k, f, false);
		if (low && !flow_is_huge(k, flow_hash(f)))
			return i;
	}
	first = j = MIN(k->rollover_at, g->nr - 1);
	do {
		next = g->member[j];
		if ((!keep || next != k) && packet_has_room(next, f, true)) {
			k->rollover_at = j;
			k->rollover.all++;
			k->rollover.huge += low;
			return j;
		}
		j = j + 1 < g->nr ? j + 1 : 0;
	} while (j != first);
	k->rollover.failed++;
	return i;
}

static uint32_t run_program(const struct packet_fanout *g, struct netdev *d, const struct net_frame *f)
{
	struct filter_packet p = {
		.seg = (const struct filter_seg *)f->seg, .nr = f->nr, .total = f->len, .start = f->sent ? 0 : ETH_HLEN,
		.net = ETH_HLEN, .protocol = __builtin_bswap16(packet_protocol(f)), .dev = d,
	};

	return g->program ? socket_filter_exec(g->program, &p) : 0;
}

static uint32_t choose(struct packet_fanout *g, struct netdev *d, const struct net_frame *f)
{
	switch (g->type) {
	case PACKET_FANOUT_LB:
		return ++g->turn % g->nr;
	case PACKET_FANOUT_CPU:
		return current_head()->cpu % g->nr;
	case PACKET_FANOUT_ROLLOVER:
		return roll_over(g, f, 0, false);
	case PACKET_FANOUT_RND:
		return (uint32_t)(random_u64() % g->nr);
	case PACKET_FANOUT_QM:
		return 0;
	case PACKET_FANOUT_CBPF:
	case PACKET_FANOUT_EBPF:
		return run_program(g, d, f) % g->nr;
	default:
		return (uint32_t)((uint64_t)flow_hash(f) * g->nr >> 32);
	}
}

static void group_frame(struct net_tap *t, struct netdev *d, const struct net_frame *f)
{
	struct packet_fanout *g = container_of(t, struct packet_fanout, tap);
	uint32_t i;

	if (!packet_wanted(d, f, g->ifindex, g->proto, false))
		return;
	for (i = 0; f->origin && i < g->nr; i++)
		if (f->origin == &g->member[i]->tap)
			return;
	i = choose(g, d, f);
	if (g->flags & FLAG(PACKET_FANOUT_FLAG_ROLLOVER))
		i = roll_over(g, f, i, true);
	packet_receive(g->member[i], d, f);
}

/* ---- members come and go */

static struct packet_fanout *find(uint16_t id)
{
	struct packet_fanout *g;

	list_for_each_entry(g, &groups, link)
		if (g->id == id)
			return g;
	return NULL;
}

static bool find_free_id(uint16_t *id)
{
	uint16_t i = next_id;

	do {
		if (!find(i)) {
			*id = i;
			next_id = (uint16_t)(i + 1);
			return true;
		}
		i++;
	} while (i != next_id);
	return false;
}

static void group_free(struct packet_fanout *g)
{
	socket_filter_put(g->program);
	kvfree(g->member);
	kfree(g);
}

static int group_create(const struct packet_sock *k, const struct fanout_args *a, uint8_t flags, struct packet_fanout **out)
{
	struct packet_fanout *g;

	if (a->max_num_members > PACKET_FANOUT_MAX)
		return -EINVAL;
	g = kzalloc(sizeof(*g), GFP_KERNEL);
	if (!g)
		return -ENOMEM;
	g->max = a->max_num_members ? a->max_num_members : MEMBERS_DEFAULT;
	g->member = kvmalloc(g->max * sizeof(struct packet_sock *), GFP_KERNEL);
	if (!g->member) {
		kfree(g);
		return -ENOMEM;
	}
	g->id = a->id;
	g->type = (uint8_t)a->type_flags;
	g->flags = flags;
	g->proto = k->proto;
	g->ifindex = k->ifindex;
	g->tap.frame = group_frame;
	*out = g;
	return 0;
}

static bool running(const struct packet_sock *k)
{
	struct netdev *d = netdev_by_index(k->ifindex);

	return k->proto && (!d || d->flags & IFF_UP);
}

static void join(struct packet_sock *k, struct packet_fanout *g)
{
	net_tap_remove(&k->tap);
	if (!g->nr) {
		list_add_tail(&g->link, &groups);
		net_tap_add(&g->tap);
	}
	g->member[g->nr++] = k;
	k->fanout = g;
	memset(&k->rollover, 0, sizeof(k->rollover));
	k->rollover_at = 0;
}

static int add(struct packet_sock *k, struct fanout_args *a)
{
	uint8_t flags = FLAG(a->type_flags);
	struct packet_fanout *g, *made = NULL;
	int err;

	if (k->fanout)
		return -EALREADY;
	if (a->type_flags & PACKET_FANOUT_FLAG_UNIQUEID) {
		if (a->id)
			return -EINVAL;
		if (!find_free_id(&a->id))
			return -ENOMEM;
		flags &= (uint8_t)~FLAG(PACKET_FANOUT_FLAG_UNIQUEID);
	}
	g = find(a->id);
	if (g) {
		if (g->flags != flags || (a->max_num_members && a->max_num_members != g->max))
			return -EINVAL;
	} else {
		err = group_create(k, a, flags, &made);
		if (err)
			return err;
		g = made;
	}
	err = -EINVAL;
	if (running(k) && g->type == (uint8_t)a->type_flags && g->proto == k->proto && g->ifindex == k->ifindex)
		err = g->nr < g->max ? 0 : -ENOSPC;
	if (!err)
		join(k, g);
	else if (made)
		group_free(made);
	return err;
}

int packet_fanout_add(struct packet_sock *k, const void __user *val, unsigned len)
{
	struct fanout_args a = { 0 };
	uint8_t type;
	int err;

	if (len != sizeof(int) && len != sizeof(a))
		return -EINVAL;
	if (copy_from_user(&a, val, len))
		return -EFAULT;
	type = (uint8_t)a.type_flags;
	if (type > PACKET_FANOUT_EBPF || a.type_flags & PACKET_FANOUT_FLAG_DEFRAG ||
	    (type == PACKET_FANOUT_ROLLOVER && a.type_flags & PACKET_FANOUT_FLAG_ROLLOVER))
		return -EINVAL;
	net_lock_acquire();
	err = add(k, &a);
	net_lock_release();
	return err;
}

/* The program of a group that is chosen by one. */
int packet_fanout_data(struct packet_sock *k, const void __user *val, unsigned len)
{
	struct socket_filter *f, *old;
	bool has;
	int err;

	net_lock_acquire();
	has = k->fanout && k->fanout->type == PACKET_FANOUT_CBPF;
	net_lock_release();
	if (!has)
		return -EINVAL;		/* PACKET_FANOUT_EBPF too: there are no such programs here */
	err = socket_filter_load(&k->s, val, len, &f);
	if (err)
		return err;
	net_lock_acquire();
	/* A member stays one until its socket is closed. */
	old = k->fanout->program;
	k->fanout->program = f;
	net_lock_release();
	socket_filter_put(old);
	return 0;
}

uint32_t packet_fanout_value(const struct packet_sock *k)
{
	const struct packet_fanout *g = k->fanout;

	return g ? g->id | (uint32_t)g->type << 16 | (uint32_t)g->flags << 24 : 0;
}

bool packet_fanout_rolls_over(const struct packet_sock *k)
{
	const struct packet_fanout *g = k->fanout;

	return g && (g->type == PACKET_FANOUT_ROLLOVER || g->flags & FLAG(PACKET_FANOUT_FLAG_ROLLOVER));
}

void packet_fanout_leave(struct packet_sock *k)
{
	struct packet_fanout *g = k->fanout;
	uint32_t i;

	if (!g)
		return;
	for (i = 0; g->member[i] != k; i++)
		;
	g->member[i] = g->member[--g->nr];
	k->fanout = NULL;
	net_tap_add(&k->tap);		/* as any other bound socket: packet_set_proto() takes it away */
	if (g->nr)
		return;
	net_tap_remove(&g->tap);
	list_del(&g->link);
	group_free(g);
}
