/* SPDX-License-Identifier: MIT */
/*
 * Netlink: requests from user space, answers, dumps, notices to groups. net/netlink/.
 *
 * A protocol registers once. Its request() runs in the sender's context, with no lock of netlink's held but the sender's own
 * dump_lock for a dump; it answers by nl_reply() or nl_dump_start() and returns 0 or an error for the acknowledgement.
 */
#pragma once
#include <net/socket.h>
#include <uapi/netlink.h>

struct nl_sock;

/* A message being built in memory of a fixed size. What does not fit leaves it as it was. */
struct nl_buf {
	char *data;
	uint32_t len, size;
};
/* A header and room for @fixed bytes of zeroes behind it. NULL: full. nl_end() after the attributes, nl_cancel() to take it back. */
struct nlmsghdr *nl_begin(struct nl_buf *b, unsigned type, unsigned flags, uint32_t seq, uint32_t portid, size_t fixed);
static inline void *nl_data(struct nlmsghdr *h) { return h + 1; }
bool nl_attr(struct nl_buf *b, unsigned type, const void *data, size_t len) __must_check;
static inline bool __must_check nl_attr_u32(struct nl_buf *b, unsigned type, uint32_t v) { return nl_attr(b, type, &v, sizeof(v)); }
static inline bool __must_check nl_attr_u8(struct nl_buf *b, unsigned type, uint8_t v) { return nl_attr(b, type, &v, sizeof(v)); }
/* Attributes within one: its address for nl_nest_end(). NULL: full. */
struct nlattr *nl_nest(struct nl_buf *b, unsigned type);
static inline void nl_nest_end(struct nl_buf *b, struct nlattr *a) { a->len = (uint16_t)(b->data + b->len - (char *)a); }
static inline void nl_end(struct nl_buf *b, struct nlmsghdr *h) { h->len = (uint32_t)(b->data + b->len - (char *)h); }
static inline void nl_cancel(struct nl_buf *b, struct nlmsghdr *h) { b->len = (uint32_t)((char *)h - b->data); }

struct nl_request {
	struct nl_sock *sock;
	const struct nlmsghdr *h;	/* whole: h->len bytes of kernel memory */
	uint32_t portid;		/* the sender's */
	bool no_ack;			/* set by nl_dump_start() */
};
/* The next piece of a dump. Adds whole messages until one does not fit; keeps its place in args. Returns 0 or an error for NLMSG_DONE. */
struct nl_dump {
	int (*fill)(struct nl_dump *d, struct nl_buf *b);
	long args[6];			/* zero at first */
	uint32_t seq, portid;
	unsigned family;		/* first byte of the request's fixed part */
	void *private;
};

struct nl_proto {
	int protocol;
	unsigned groups;		/* numbers 1...groups */
	bool user_recv, user_send;	/* without CAP_NET_ADMIN: join groups; send to other than the kernel */
	int (*request)(struct nl_request *r);	/* NULL: what is sent to the kernel is thrown away */
};
int nl_register(const struct nl_proto *p);

/* Copies the message into the asking socket's queue. 0, -ENOBUFS (it is full), -ENOMEM. */
int nl_reply(struct nl_request *r, const struct nl_buf *b);
int nl_dump_start(struct nl_request *r, int (*fill)(struct nl_dump *d, struct nl_buf *b), void *private);
/* To all members of the group but @except_portid. A member without room gets ENOBUFS. Task context, no spinlock held. */
void nl_broadcast(int protocol, unsigned group, const struct nl_buf *b, uint32_t except_portid);
bool nl_has_listeners(int protocol, unsigned group);

/* Route netlink: a handler for each message type. A later registration takes the place of an earlier one. */
struct rtnl_handler {
	int (*doit)(struct nl_request *r);		/* NULL: EOPNOTSUPP */
	int (*dump)(struct nl_dump *d, struct nl_buf *b);
	bool privileged;				/* doit needs CAP_NET_ADMIN; every NEW, DEL and SET does */
};
int rtnl_register(unsigned type, const struct rtnl_handler *h);
