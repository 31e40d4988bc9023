/* SPDX-License-Identifier: MIT */
/*
 * sock_diag(7): each family tells about its sockets. net/netlink/sock_diag.c finds the family of a request.
 *
 * The handlers run in the asker's context without locks. get() answers with a message of the request's type, or starts a dump; destroy()
 * ends a socket. A request is as long as struct sock_diag_req at least.
 */
#pragma once
#include <net/netlink.h>
#include <uapi/sock_diag.h>

struct sock_diag_family {
	int family;
	int (*get)(struct nl_request *r);
	int (*destroy)(struct nl_request *r);		/* may be NULL: EOPNOTSUPP */
};
int sock_diag_register(const struct sock_diag_family *f);
/* What answers TCPDIAG_GETSOCK. */
void sock_diag_register_compat(int (*get)(struct nl_request *r));

/* The socket's number for life, which SO_COOKIE shows. */
uint64_t socket_cookie(struct socket *s);
static inline void sock_diag_put_cookie(uint32_t to[2], uint64_t cookie)
{
	to[0] = (uint32_t)cookie;
	to[1] = (uint32_t)(cookie >> 32);
}
/* Is it the one asked for? Without a cookie any is. */
static inline bool sock_diag_cookie_fits(const uint32_t asked[2], uint64_t cookie)
{
	if (asked[0] == INET_DIAG_NOCOOKIE && asked[1] == INET_DIAG_NOCOOKIE)
		return true;
	return asked[0] == (uint32_t)cookie && asked[1] == (uint32_t)(cookie >> 32);
}
