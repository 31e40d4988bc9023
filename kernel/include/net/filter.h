/* SPDX-License-Identifier: MIT */
/*
 * Socket filters: classic BPF programs that say how much of a packet a socket gets. net/socket/filter.c.
 *
 * A program is checked once, when it is attached: it only jumps forward and inside itself, ends in a return, reads no scratch word
 * that it has not written. Running it cannot fail or last.
 */
#pragma once
#include <kernel/compiler.h>
#include <kernel/types.h>

struct netdev;
struct sockmsg;
struct socket;
struct sock_filter;
struct socket_filter;

struct filter_seg {
	const void *p;
	uint32_t len;
};
/* The packet as a program sees it: pieces of memory, and where in them things begin. */
struct filter_packet {
	const struct filter_seg *seg;
	unsigned nr;
	uint32_t total;		/* bytes of all segments */
	uint32_t start;		/* what the program calls byte 0 */
	int32_t link, net;	/* link and network header; -1: there is none */
	uint16_t protocol;	/* host order */
	uint8_t pkttype;
	const struct netdev *dev; /* NULL: none */
};

/* -EINVAL: not a program. */
int filter_check(const struct sock_filter *prog, unsigned len) __must_check;
/* How many bytes from ->start on may be kept; 0: drop it. */
uint32_t filter_run(const struct sock_filter *prog, const struct filter_packet *p);

/* SO_ATTACH_FILTER, SO_DETACH_FILTER, SO_GET_FILTER (getsockopt's name for the first). */
int socket_filter_attach(struct socket *s, const void __user *val, unsigned len);
int socket_filter_detach(struct socket *s);
int socket_filter_get(struct socket *s, void __user *val, int __user *len);
void socket_filter_inherit(struct socket *s, struct socket *from);
void socket_filter_drop(struct socket *s);		/* the socket is no more */
/* A program that is no socket's filter: read from a user as SO_ATTACH_FILTER's is, and under the same lock. */
int socket_filter_load(struct socket *s, const void __user *val, unsigned len, struct socket_filter **out) __must_check;
uint32_t socket_filter_exec(const struct socket_filter *f, const struct filter_packet *p);
void socket_filter_put(struct socket_filter *f);	/* NULL is fine */
/* Runs the socket's program, if it has one (socket_has_filter()). Any context that may take a spinlock of rank LR_SOCKET_PEER. */
uint32_t socket_filter_run(struct socket *s, const struct filter_packet *p);
#define socket_has_filter(s) unlikely(READ_ONCE((s)->filter) != NULL)
