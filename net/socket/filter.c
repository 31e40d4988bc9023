/* SPDX-License-Identifier: MIT */
/*
 * Classic BPF: checking, running, and the three socket options.
 *
 * The machine has an accumulator, an index register and 16 words of scratch memory; all arithmetic is on 32 bits and loads
 * are big-endian. A load outside the packet ends the program with 0, a division by an index of zero too.
 *
 * A program that is attached is shared by reference: a packet's way takes one for the time of the run, so that a filter may be
 * replaced meanwhile. Who replaces it frees the old one when the last run is over.
 *
 * Locks: socket->peer_lock over socket->filter; READ_ONCE of it as a hint only.
 * References: McCanne and Jacobson, "The BSD Packet Filter" (1993); Linux's networking/filter document for the extensions.
 */
#include <net/filter.h>
#include <kernel/mm.h>
#include <kernel/random.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>
#include <net/netdev.h>
#include <net/socket.h>
#include <uapi/filter.h>

struct socket_filter {
	atomic_t refs;
	unsigned len;
	struct sock_filter insn[];
};

/* ---- checking */

static bool known_alu(unsigned op)
{
	return op <= BPF_XOR && !(op & 0xfu);
}

static int check_load(const struct sock_filter *i)
{
	unsigned size = i->code & 0x18u;
	int32_t k = (int32_t)i->k;

	if (i->code & ~0xf8u || size > BPF_B)
		return -EINVAL;
	switch (i->code & 0xe0u) {
	case BPF_ABS:
		if (k >= SKF_AD_OFF && k < 0 && (k & 3 || k > SKF_AD_OFF + (int32_t)SKF_AD_VLAN_TPID))
			return -EINVAL;
		return 0;
	case BPF_IND:
		return 0;
	case BPF_IMM:
	case BPF_LEN:
		return size == BPF_W ? 0 : -EINVAL;
	case BPF_MEM:
		return size == BPF_W && i->k < BPF_MEMWORDS ? 0 : -EINVAL;
	default:
		return -EINVAL;
	}
}

static int check_index_load(const struct sock_filter *i)
{
	switch (i->code) {
	case BPF_LDX | BPF_W | BPF_IMM:
	case BPF_LDX | BPF_W | BPF_LEN:
	case BPF_LDX | BPF_B | BPF_MSH:
		return 0;
	case BPF_LDX | BPF_W | BPF_MEM:
		return i->k < BPF_MEMWORDS ? 0 : -EINVAL;
	default:
		return -EINVAL;
	}
}

static int check_alu(const struct sock_filter *i)
{
	unsigned op = i->code & 0xf0u;

	if (i->code & ~0xffu || !known_alu(op) || (op == BPF_NEG && i->code & BPF_X))
		return -EINVAL;
	if (i->code & BPF_X || op == BPF_NEG)
		return 0;
	if ((op == BPF_DIV || op == BPF_MOD) && !i->k)
		return -EINVAL;
	return (op == BPF_LSH || op == BPF_RSH) && i->k >= 32 ? -EINVAL : 0;
}

static int check_jump(const struct sock_filter *i, unsigned left)
{
	unsigned op = i->code & 0xf0u;

	if (i->code == (BPF_JMP | BPF_JA))
		return i->k < left ? 0 : -EINVAL;
	if (i->code & ~0x7fu || op < BPF_JEQ || op > BPF_JSET)
		return -EINVAL;
	return i->jt < left && i->jf < left ? 0 : -EINVAL;
}

/* @left: instructions behind this one. */
static int check_one(const struct sock_filter *i, unsigned left)
{
	switch (i->code & 7u) {
	case BPF_LD:
		return check_load(i);
	case BPF_LDX:
		return check_index_load(i);
	case BPF_ST:
	case BPF_STX:
		return i->code & ~7u || i->k >= BPF_MEMWORDS ? -EINVAL : 0;
	case BPF_ALU:
		return check_alu(i);
	case BPF_JMP:
		return check_jump(i, left);
	case BPF_RET:
		return i->code == (BPF_RET | BPF_K) || i->code == (BPF_RET | BPF_A) ? 0 : -EINVAL;
	default:
		return i->code == (BPF_MISC | BPF_TAX) || i->code == (BPF_MISC | BPF_TXA) ? 0 : -EINVAL;
	}
}

/*
 * No scratch word is read that some way to it has not written. Jumps go forward, so one pass does: written[n] has the words that
 * every way to instruction n has set.
 */
static int check_memory(const struct sock_filter *prog, unsigned len)
{
	uint16_t *written = kmalloc(len * sizeof(*written), GFP_KERNEL), now = 0;
	int err = 0;

	if (!written)
		return -ENOMEM;
	memset(written, 0xff, len * sizeof(*written));
	for (unsigned n = 0; n < len && !err; n++) {
		const struct sock_filter *i = &prog[n];

		now &= written[n];
		switch (i->code) {
		case BPF_ST:
		case BPF_STX:
			now |= (uint16_t)(1u << i->k);
			break;
		case BPF_LD | BPF_MEM:
		case BPF_LDX | BPF_W | BPF_MEM:
			if (!(now & 1u << i->k))
				err = -EINVAL;
			break;
		case BPF_JMP | BPF_JA:
			written[n + 1 + i->k] &= now;
			now = 0xffff;
			break;
		default:
			if ((i->code & 7u) != BPF_JMP)
				break;
			written[n + 1 + i->jt] &= now;
			written[n + 1 + i->jf] &= now;
			now = 0xffff;
		}
	}
	kfree(written);
	return err;
}

int filter_check(const struct sock_filter *prog, unsigned len)
{
	if (!len || len > BPF_MAXINSNS)
		return -EINVAL;
	for (unsigned n = 0; n < len; n++)
		if (check_one(&prog[n], len - n - 1))
			return -EINVAL;
	if ((prog[len - 1].code & 7u) != BPF_RET)
		return -EINVAL;
	return check_memory(prog, len);
}

/* ---- running */

/* @n bytes at offset @at of the segments, as a big-endian number. False: not all there. */
static bool read_bytes(const struct filter_packet *p, uint64_t at, unsigned n, uint32_t *out)
{
	uint32_t v = 0;

	if (at + n > p->total)
		return false;
	for (unsigned s = 0; n && s < p->nr; s++) {
		const uint8_t *b = p->seg[s].p;

		for (; n && at < p->seg[s].len; at++, n--)
			v = v << 8 | b[at];
		at = at > p->seg[s].len ? at - p->seg[s].len : 0;
	}
	*out = v;
	return !n;
}

static bool load(const struct filter_packet *p, int64_t at, unsigned size, uint32_t *out)
{
	unsigned n = size == BPF_W ? 4 : size == BPF_H ? 2 : 1;

	if (at >= 0)
		return read_bytes(p, p->start + (uint64_t)at, n, out);
	if (at >= SKF_NET_OFF)
		return p->net >= 0 && read_bytes(p, (uint64_t)(p->net + (at - SKF_NET_OFF)), n, out);
	if (at >= SKF_LL_OFF)
		return p->link >= 0 && read_bytes(p, (uint64_t)(p->link + (at - SKF_LL_OFF)), n, out);
	return false;
}

/* The netlink attribute of type @x among those from @a to @end: its offset, 0 for none. Lengths there are little-endian. */
static uint32_t find_attr(const struct filter_packet *p, uint32_t a, uint32_t end, uint32_t x)
{
	uint32_t v;

	while (a <= end && end - a >= 4 && read_bytes(p, (uint64_t)p->start + a, 4, &v)) {
		uint32_t len = (v >> 24) | (v >> 8 & 0xff00u), type = (v >> 8 & 0xffu) | (v & 0xffu) << 8;

		if (len < 4 || len > end - a)
			return 0;
		if ((type & 0x3fffu) == x)
			return a;
		a += (len + 3) & ~3u;
	}
	return 0;
}

static uint32_t find_nested(const struct filter_packet *p, uint32_t a, uint32_t end, uint32_t x)
{
	uint32_t v, len;

	if (a > end || end - a < 4 || !read_bytes(p, (uint64_t)p->start + a, 4, &v))
		return 0;
	len = (v >> 24) | (v >> 8 & 0xff00u);
	return len < 4 || len > end - a ? 0 : find_attr(p, a + 4, a + len, x);
}

/* Where the payload of an IPv4 or IPv6 packet begins, behind TCP's, UDP's and ICMP's headers. */
static uint32_t payload_offset(const struct filter_packet *p)
{
	uint32_t at = 0, first, proto, v;

	if (p->net < 0 || !read_bytes(p, (uint64_t)p->net, 1, &first))
		return 0;
	if (first >> 4 == 4 && read_bytes(p, (uint64_t)p->net + 9, 1, &proto))
		at = (uint32_t)p->net + (first & 0xfu) * 4;
	else if (first >> 4 == 6 && read_bytes(p, (uint64_t)p->net + 6, 1, &proto))
		at = (uint32_t)p->net + 40;
	else
		return 0;
	if (proto == 6 && read_bytes(p, at + 12, 1, &v))
		at += (v >> 4) * 4;
	else if (proto == 17 || proto == 1 || proto == 58)
		at += 8;
	return at > p->start ? at - p->start : 0;
}

/* What is not in the packet. False: the program ends with 0. */
static bool ancillary(const struct filter_packet *p, uint32_t what, uint32_t a, uint32_t x, uint32_t *out)
{
	uint32_t len = p->total - p->start;

	switch (what) {
	case SKF_AD_PROTOCOL:
		*out = p->protocol;
		return true;
	case SKF_AD_PKTTYPE:
		*out = p->pkttype;
		return true;
	case SKF_AD_IFINDEX:
		*out = p->dev ? (uint32_t)p->dev->index : 0;
		return p->dev;
	case SKF_AD_HATYPE:
		*out = p->dev ? p->dev->type : 0;
		return p->dev;
	case SKF_AD_NLATTR:
		*out = find_attr(p, a, len, x);
		return true;
	case SKF_AD_NLATTR_NEST:
		*out = find_nested(p, a, len, x);
		return true;
	case SKF_AD_CPU:
		*out = current_head()->cpu;
		return true;
	case SKF_AD_ALU_XOR_X:
		*out = a ^ x;
		return true;
	case SKF_AD_PAY_OFFSET:
		*out = payload_offset(p);
		return true;
	case SKF_AD_RANDOM:
		*out = (uint32_t)random_u64();
		return true;
	default:	/* marks, queues, hashes and VLAN tags: no packet has one */
		*out = 0;
		return true;
	}
}

static bool absolute(const struct filter_packet *p, const struct sock_filter *i, uint32_t a, uint32_t x, uint32_t *out)
{
	int32_t k = (int32_t)i->k;

	if (k < 0 && k >= SKF_AD_OFF)
		return ancillary(p, (uint32_t)(k - SKF_AD_OFF), a, x, out);
	return load(p, k, i->code & 0x18u, out);
}

/* False: a division by zero. */
static bool compute(unsigned op, uint32_t *a, uint32_t v)
{
	switch (op) {
	case BPF_ADD:
		*a += v;
		break;
	case BPF_SUB:
		*a -= v;
		break;
	case BPF_MUL:
		*a *= v;
		break;
	case BPF_DIV:
	case BPF_MOD:
		if (!v)
			return false;
		*a = op == BPF_DIV ? *a / v : *a % v;
		break;
	case BPF_OR:
		*a |= v;
		break;
	case BPF_AND:
		*a &= v;
		break;
	case BPF_LSH:
		*a <<= v & 31;
		break;
	case BPF_RSH:
		*a >>= v & 31;
		break;
	case BPF_XOR:
		*a ^= v;
		break;
	default:
		*a = -*a;
	}
	return true;
}

static bool jumps(unsigned op, uint32_t a, uint32_t v)
{
	switch (op) {
	case BPF_JEQ:
		return a == v;
	case BPF_JGT:
		return a > v;
	case BPF_JGE:
		return a >= v;
	default:
		return a & v;
	}
}

/* A load instruction that is not of the index register's. False: outside the packet. */
static bool accumulate(const struct filter_packet *p, const struct sock_filter *i, uint32_t *a, uint32_t x, const uint32_t *mem)
{
	switch (i->code & 0xe0u) {
	case BPF_ABS:
		return absolute(p, i, *a, x, a);
	case BPF_IND:
		/* The sum may be one of the negative offsets: signed, 32 bits, as it always was. */
		return load(p, (int32_t)(x + i->k), i->code & 0x18u, a);
	case BPF_IMM:
		*a = i->k;
		return true;
	case BPF_LEN:
		*a = p->total - p->start;
		return true;
	default:
		*a = mem[i->k];
		return true;
	}
}

static bool index_load(const struct filter_packet *p, const struct sock_filter *i, uint32_t *x, const uint32_t *mem)
{
	switch (i->code & 0xe0u) {
	case BPF_IMM:
		*x = i->k;
		return true;
	case BPF_LEN:
		*x = p->total - p->start;
		return true;
	case BPF_MSH:
		if (!load(p, (int32_t)i->k, BPF_B, x))
			return false;
		*x = (*x & 0xfu) * 4;
		return true;
	default:
		*x = mem[i->k];
		return true;
	}
}

uint32_t filter_run(const struct sock_filter *i, const struct filter_packet *p)
{
	uint32_t a = 0, x = 0, v, mem[BPF_MEMWORDS];

	for (;; i++) {
		switch (i->code & 7u) {
		case BPF_LD:
			if (!accumulate(p, i, &a, x, mem))
				return 0;
			break;
		case BPF_LDX:
			if (!index_load(p, i, &x, mem))
				return 0;
			break;
		case BPF_ST:
			mem[i->k] = a;
			break;
		case BPF_STX:
			mem[i->k] = x;
			break;
		case BPF_ALU:
			if (!compute(i->code & 0xf0u, &a, i->code & BPF_X ? x : i->k))
				return 0;
			break;
		case BPF_JMP:
			v = i->code & BPF_X ? x : i->k;
			if (i->code == (BPF_JMP | BPF_JA))
				i += i->k;
			else
				i += jumps(i->code & 0xf0u, a, v) ? i->jt : i->jf;
			break;
		case BPF_RET:
			return i->code & BPF_A ? a : i->k;
		default:
			if (i->code & BPF_TXA)
				a = x;
			else
				x = a;
		}
	}
}

/* ---- sockets */

static void put(struct socket_filter *f)
{
	if (f && ref_put(&f->refs))
		kfree(f);
}

static struct socket_filter *get(struct socket *s)
{
	struct socket_filter *f;

	spin_lock(&s->peer_lock);
	f = s->filter;
	if (f)
		atomic_inc(&f->refs);
	spin_unlock(&s->peer_lock);
	return f;
}

static struct socket_filter *replace(struct socket *s, struct socket_filter *f)
{
	struct socket_filter *old;

	spin_lock(&s->peer_lock);
	old = s->filter;
	WRITE_ONCE(s->filter, f);
	spin_unlock(&s->peer_lock);
	return old;
}

int socket_filter_load(struct socket *s, const void __user *val, unsigned len, struct socket_filter **out)
{
	struct sock_fprog prog;
	struct socket_filter *f;
	int err;

	if (len != sizeof(prog))
		return -EINVAL;
	if (copy_from_user(&prog, val, sizeof(prog)))
		return -EFAULT;
	if (socket_flag(s, SOCKF_LOCK_FILTER))
		return -EPERM;
	if (!prog.filter || !prog.len || prog.len > BPF_MAXINSNS)
		return -EINVAL;
	if (prog.len * sizeof(struct sock_filter) > (size_t)READ_ONCE(sysctl_optmem_max))
		return -ENOMEM;
	f = kmalloc(sizeof(*f) + prog.len * sizeof(struct sock_filter), GFP_KERNEL);
	if (!f)
		return -ENOMEM;
	atomic_set(&f->refs, 1);
	f->len = prog.len;
	err = copy_from_user(f->insn, prog.filter, prog.len * sizeof(struct sock_filter)) ? -EFAULT : filter_check(f->insn, f->len);
	if (err) {
		kfree(f);
		return err;
	}
	*out = f;
	return 0;
}

int socket_filter_attach(struct socket *s, const void __user *val, unsigned len)
{
	struct socket_filter *f;
	int err = socket_filter_load(s, val, len, &f);

	if (!err)
		put(replace(s, f));
	return err;
}

void socket_filter_put(struct socket_filter *f)
{
	put(f);
}

uint32_t socket_filter_exec(const struct socket_filter *f, const struct filter_packet *p)
{
	return filter_run(f->insn, p);
}

int socket_filter_detach(struct socket *s)
{
	struct socket_filter *old;

	if (socket_flag(s, SOCKF_LOCK_FILTER))
		return -EPERM;
	old = replace(s, NULL);
	put(old);
	return old ? 0 : -ENOENT;
}

/* *len counts instructions, on the way in and out; 0 asks how many there are. */
int socket_filter_get(struct socket *s, void __user *val, int __user *len)
{
	struct socket_filter *f = get(s);
	int room, err = 0;

	if (!f)
		return put_user(0, len);
	if (get_user(room, len))
		err = -EFAULT;
	else if (room && (unsigned)room < f->len)
		err = -EINVAL;
	else if (room && copy_to_user(val, f->insn, f->len * sizeof(f->insn[0])))
		err = -EFAULT;
	if (!err)
		err = put_user((int)f->len, len);
	put(f);
	return err;
}

void socket_filter_inherit(struct socket *s, struct socket *from)
{
	if (socket_has_filter(from))
		put(replace(s, get(from)));
}

void socket_filter_drop(struct socket *s)
{
	put(s->filter);
	s->filter = NULL;
}

uint32_t socket_filter_run(struct socket *s, const struct filter_packet *p)
{
	struct socket_filter *f = get(s);
	uint32_t n = f ? filter_run(f->insn, p) : UINT32_MAX;

	put(f);
	return n;
}
