/* SPDX-License-Identifier: MIT */
/* diag.c and diag_filter.c: sock_diag(7) of the internet's sockets. */
#pragma once
#include <net/sock_diag.h>

/* What a filter looks at, and every answer begins with. Ports in host order, addresses as the socket's family has them. */
struct diag_view {
	uint8_t family, state;
	bool bound_port;		/* bind(2) gave the port */
	uint16_t sport, dport;
	uint32_t src[4], dst[4];
	uint32_t ifindex, mark;
	uint64_t cookie;
};
/* 0; -EINVAL: it jumps where it must not, or is no filter; -EPERM: marks are the administrator's. */
int inet_diag_filter_check(const void *code, size_t len, bool admin) __must_check;
/* Only with what has been checked. */
bool inet_diag_filter_run(const void *code, size_t len, const struct diag_view *v);
