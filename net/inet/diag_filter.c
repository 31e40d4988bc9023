/* SPDX-License-Identifier: MIT */
/*
 * Filters of sock_diag(7): a program of conditional jumps, as ss(8) compiles them. Jumps go forward only, to an operation or
 * to the end, so that a program that has been checked ends. Jumping to the end takes the socket, four bytes beyond refuses it.
 *
 * References: linux/inet_diag.h.
 */
#include <kernel/errno.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include <uapi/in.h>
#include <uapi/socket.h>
#include "diag.h"

/* Bytes of an operation with what it compares; 0: it is none, or is cut off after @left bytes. */
static size_t operation_size(const struct inet_diag_bc_op *op, size_t left)
{
	const struct inet_diag_hostcond *host = (const struct inet_diag_hostcond *)(op + 1);
	size_t n = sizeof(*op);

	switch (op->code) {
	case INET_DIAG_BC_NOP:
	case INET_DIAG_BC_JMP:
	case INET_DIAG_BC_AUTO:
		break;
	case INET_DIAG_BC_S_GE:
	case INET_DIAG_BC_S_LE:
	case INET_DIAG_BC_S_EQ:
	case INET_DIAG_BC_D_GE:
	case INET_DIAG_BC_D_LE:
	case INET_DIAG_BC_D_EQ:
		n += sizeof(*op);	/* the port is the `no' of a second one */
		break;
	case INET_DIAG_BC_S_COND:
	case INET_DIAG_BC_D_COND:
		n += sizeof(*host);
		if (left < n)
			return 0;
		if (host->family != AF_UNSPEC && host->family != AF_INET && host->family != AF_INET6)
			return 0;
		n += host->family == AF_INET ? 4 : host->family == AF_INET6 ? 16 : 0;
		if (host->prefix_len > 8 * (n - sizeof(*op) - sizeof(*host)))
			return 0;
		break;
	case INET_DIAG_BC_DEV_COND:
		n += sizeof(uint32_t);
		break;
	case INET_DIAG_BC_MARK_COND:
		n += sizeof(struct inet_diag_markcond);
		break;
	case INET_DIAG_BC_CGROUP_COND:
		n += sizeof(uint64_t);
		break;
	default:
		return 0;
	}
	return left < n ? 0 : n;
}

/* Is there an operation @to bytes before the end, on the way that all conditions met lead? */
static bool leads_to(const char *code, size_t len, size_t to)
{
	while (len > to) {
		const struct inet_diag_bc_op *op = (const struct inet_diag_bc_op *)code;

		if (op->yes < sizeof(*op) || op->yes & 3 || op->yes > len)
			return false;
		code += op->yes;
		len -= op->yes;
	}
	return len == to;
}

int inet_diag_filter_check(const void *code, size_t len, bool admin)
{
	const char *at = code;
	size_t left = len;

	if (len < sizeof(struct inet_diag_bc_op))
		return -EINVAL;
	while (left) {
		const struct inet_diag_bc_op *op = (const struct inet_diag_bc_op *)at;
		size_t n = left < sizeof(*op) ? 0 : operation_size(op, left);

		if (left >= sizeof(*op) && op->code == INET_DIAG_BC_MARK_COND && !admin)
			return -EPERM;
		if (!n)
			return -EINVAL;
		if (op->code != INET_DIAG_BC_NOP) {
			if (op->no < n || op->no > left + 4 || op->no & 3)
				return -EINVAL;
			if (op->no < left && !leads_to(code, len, left - op->no))
				return -EINVAL;
		}
		if (op->yes < n || op->yes > left || op->yes & 3)
			return -EINVAL;
		at += op->yes;
		left -= op->yes;
	}
	return 0;
}

static bool prefix_equal(const uint32_t *a, const uint32_t *b, unsigned bits)
{
	unsigned words = bits / 32, rest = bits % 32;

	if (words && memcmp(a, b, words * 4))
		return false;
	return !rest || !((a[words] ^ b[words]) & __builtin_bswap32(UINT32_MAX << (32 - rest)));
}

static bool host_fits(const struct inet_diag_hostcond *c, const struct diag_view *v, bool source)
{
	const uint32_t *addr = source ? v->src : v->dst;

	if (c->port != -1 && c->port != (source ? v->sport : v->dport))
		return false;
	if (c->family != AF_UNSPEC && c->family != v->family) {
		/* An IPv4 address may stand in an IPv6 one. */
		return v->family == AF_INET6 && c->family == AF_INET && !addr[0] && !addr[1] && addr[2] == __builtin_bswap32(0xffff) &&
		       prefix_equal(addr + 3, c->addr, c->prefix_len);
	}
	return prefix_equal(addr, c->addr, c->prefix_len);
}

static bool holds(const struct inet_diag_bc_op *op, const struct diag_view *v)
{
	const struct inet_diag_markcond *m = (const struct inet_diag_markcond *)(op + 1);

	switch (op->code) {
	case INET_DIAG_BC_JMP:
		return false;
	case INET_DIAG_BC_S_EQ:
		return v->sport == op[1].no;
	case INET_DIAG_BC_S_GE:
		return v->sport >= op[1].no;
	case INET_DIAG_BC_S_LE:
		return v->sport <= op[1].no;
	case INET_DIAG_BC_D_EQ:
		return v->dport == op[1].no;
	case INET_DIAG_BC_D_GE:
		return v->dport >= op[1].no;
	case INET_DIAG_BC_D_LE:
		return v->dport <= op[1].no;
	case INET_DIAG_BC_AUTO:
		return !v->bound_port;
	case INET_DIAG_BC_S_COND:
	case INET_DIAG_BC_D_COND:
		return host_fits((const struct inet_diag_hostcond *)(op + 1), v, op->code == INET_DIAG_BC_S_COND);
	case INET_DIAG_BC_DEV_COND:
		return *(const uint32_t *)(op + 1) == v->ifindex;
	case INET_DIAG_BC_MARK_COND:
		return (v->mark & m->mask) == m->mark;
	case INET_DIAG_BC_CGROUP_COND:
		return *(const uint32_t *)(op + 1) == 1 && !((const uint32_t *)(op + 1))[1];	/* there is the root only */
	default:
		return true;
	}
}

bool inet_diag_filter_run(const void *code, size_t len, const struct diag_view *v)
{
	const char *at = code;
	int64_t left = (int64_t)len;

	while (left > 0) {
		const struct inet_diag_bc_op *op = (const struct inet_diag_bc_op *)at;
		unsigned step = holds(op, v) ? op->yes : op->no;

		at += step;
		left -= step;
	}
	return !left;
}
