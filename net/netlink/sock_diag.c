/* SPDX-License-Identifier: MIT */
/*
 * NETLINK_SOCK_DIAG: which family answers. sock_diag(7).
 *
 * The table is written at boot and read without a lock.
 */
#include <kernel/init.h>
#include <net/sock_diag.h>
#include "netlink_internal.h"

#define FAMILIES 46		/* AF_MAX: beyond it is EINVAL, not ENOENT */

static const struct sock_diag_family *families[FAMILIES];
static int (*compat)(struct nl_request *r);

int sock_diag_register(const struct sock_diag_family *f)
{
	if (f->family <= 0 || f->family >= FAMILIES)
		return -EINVAL;
	if (families[f->family])
		return -EEXIST;
	smp_store_release(&families[f->family], f);
	return 0;
}

void sock_diag_register_compat(int (*get)(struct nl_request *r))
{
	smp_store_release(&compat, get);
}

static int by_family(struct nl_request *r)
{
	const struct sock_diag_req *q = (const struct sock_diag_req *)(r->h + 1);
	const struct sock_diag_family *f;

	if (r->h->len < sizeof(*r->h) + sizeof(*q) || q->family >= FAMILIES)
		return -EINVAL;
	f = smp_load_acquire(&families[q->family]);
	if (!f)
		return -ENOENT;
	if (r->h->type == SOCK_DIAG_BY_FAMILY)
		return f->get(r);
	return f->destroy ? f->destroy(r) : -EOPNOTSUPP;
}

static int diag_request(struct nl_request *r)
{
	int (*old)(struct nl_request *r);

	switch (r->h->type) {
	case TCPDIAG_GETSOCK:
		old = smp_load_acquire(&compat);
		return old ? old(r) : -EOPNOTSUPP;
	case SOCK_DIAG_BY_FAMILY:
	case SOCK_DESTROY:
		return by_family(r);
	default:
		return -EINVAL;
	}
}

static int __init sock_diag_init(void)
{
	static const struct nl_proto diag = { .protocol = NETLINK_SOCK_DIAG, .groups = 4, .request = diag_request };

	return nl_register(&diag);
}
INITCALL(INITCALL_FS, sock_diag_init);
