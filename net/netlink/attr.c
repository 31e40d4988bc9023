/* SPDX-License-Identifier: MIT */
/*
 * Attributes of netlink messages: taking them apart and checking them. netlink(7).
 *
 * Attributes are where the sender put them, in the kernel's copy of the message, at multiples of four. Nothing is locked.
 */
#include <kernel/errno.h>
#include <kernel/string.h>
#include "netlink_internal.h"

static const uint8_t sizes[] = { [NLA_U8] = 1, [NLA_U16] = 2, [NLA_U32] = 4, [NLA_U64] = 8 };

static int check(struct nl_request *r, const struct nlattr *a, const struct nla_policy *p, bool strict)
{
	unsigned len = nla_len(a);
	int err = 0;

	switch (p->kind) {
	case NLA_U8:
	case NLA_U16:
	case NLA_U32:
	case NLA_U64:
		if (strict && len != sizes[p->kind]) {
			r->why = "invalid attribute length";
			r->bad = a;
			return -EINVAL;
		}
		err = len < sizes[p->kind] ? -ERANGE : 0;
		break;
	case NLA_STRING:
		if (len && !((const char *)nla_data(a))[len - 1])
			len--;
		err = p->len && len > p->len ? -ERANGE : 0;
		break;
	case NLA_BINARY:
		err = p->len && len > p->len ? -ERANGE : 0;
		break;
	case NLA_NESTED:
		err = len && len < sizeof(struct nlattr) ? -ERANGE : 0;
		break;
	case NLA_REJECT:
		err = -EINVAL;
		break;
	default:
		err = len < p->len ? -ERANGE : 0;
		break;
	}
	if (err) {
		r->why = p->kind == NLA_REJECT ? "Unknown attribute type" : "Attribute failed policy validation";
		r->bad = a;
	}
	return err;
}

int nl_parse(struct nl_request *r, const void *at, size_t len, const struct nlattr **tb, unsigned max, const struct nla_policy *policy,
	     bool strict)
{
	const struct nlattr *a = at;

	memset(tb, 0, (max + 1) * sizeof(*tb));
	while (len >= sizeof(*a) && a->len >= sizeof(*a) && a->len <= len) {
		unsigned type = a->type & NLA_TYPE_MASK;
		size_t step = MIN((size_t)NLMSG_ALIGN(a->len), len);

		if (type && type <= max) {
			int err = policy ? check(r, a, &policy[type], strict) : 0;

			if (err)
				return err;
			tb[type] = a;
		} else if (strict) {
			r->why = "Unknown attribute type";
			r->bad = a;
			return -EINVAL;
		}
		len -= step;
		a = (const struct nlattr *)((const char *)a + step);
	}
	if (len && strict) {
		r->why = "bytes leftover after parsing attributes";
		return -EINVAL;
	}
	return 0;
}

int nl_parse_msg(struct nl_request *r, size_t fixed, const struct nlattr **tb, unsigned max, const struct nla_policy *policy, bool strict)
{
	size_t at = sizeof(*r->h) + NLMSG_ALIGN(fixed);

	if (r->h->len < sizeof(*r->h) + fixed) {
		r->why = "Invalid header length";
		return -EINVAL;
	}
	return nl_parse(r, (const char *)r->h + at, r->h->len > at ? r->h->len - at : 0, tb, max, policy, strict);
}

void nla_string(char *to, const struct nlattr *a, size_t size)
{
	size_t n = MIN((size_t)nla_len(a), size - 1);

	memcpy(to, nla_data(a), n);
	to[n] = 0;
}
