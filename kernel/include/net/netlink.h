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
#include <uapi/rtnetlink.h>

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
	/* Of an error, for NETLINK_EXT_ACK; may stay NULL. */
	const char *why;		/* static words */
	const void *bad;		/* the attribute or field it is about, in *h */
};
/* The next piece of a dump. Adds whole messages until one does not fit; keeps its place in args. Returns 0 or an error for NLMSG_DONE. */
struct nl_dump {
	int (*fill)(struct nl_dump *d, struct nl_buf *b);
	long args[6];			/* zero at first */
	uint32_t seq, portid;
	unsigned family;		/* first byte of the request's fixed part */
	bool strict;			/* NETLINK_GET_STRICT_CHK */
	unsigned filtered;		/* NLM_F_DUMP_FILTERED, or 0 */
	long filter[4];			/* what start() found in the request; zero: none */
	int err;			/* of start(): the dump is NLMSG_DONE with it */
	const char *why;
	void *private;			/* kfree()d at the end */
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
/* @start looks at the request, may be NULL; its error ends the dump at once. @private is taken over. */
int nl_dump_start(struct nl_request *r, int (*start)(struct nl_dump *d, struct nl_request *r),
		  int (*fill)(struct nl_dump *d, struct nl_buf *b), void *private);
/* Whether the asking socket has this option (NETLINK_*) on. */
bool nl_option(const struct nl_request *r, unsigned option);
/* To all members of the group but @except_portid. A member without room gets ENOBUFS. Task context, no spinlock held. */
void nl_broadcast(int protocol, unsigned group, const struct nl_buf *b, uint32_t except_portid);
bool nl_has_listeners(int protocol, unsigned group);
/* To the socket with this number, if it is there: NLM_F_ECHO. */
void nl_unicast(int protocol, uint32_t portid, const struct nl_buf *b);
/*
 * A message kept for later, for the caller's own socket @fd: so the C library hears of what it asked for (mq_notify(3)). -EBADF, -ENOTSOCK,
 * -EINVAL (another kind of socket), -ENOMEM. Then one of the two: sent, with @last in place of the last byte, or dropped. No locks held.
 */
struct nl_note;
int nl_note_create(int fd, const void *data, size_t len, struct nl_note **out) __must_check;
void nl_note_send(struct nl_note *n, uint8_t last);
void nl_note_drop(struct nl_note *n);

/* What an attribute has to be. */
enum nla_kind { NLA_UNSPEC, NLA_U8, NLA_U16, NLA_U32, NLA_U64, NLA_STRING, NLA_BINARY, NLA_NESTED, NLA_REJECT };
struct nla_policy {
	uint8_t kind;
	uint16_t len;		/* strings and binary: the most; unspecified: the least */
};
/*
 * The attributes from @at on, @len bytes: tb[type], types up to @max; the last of a type counts. 0; -ERANGE, -EINVAL with r->why and
 * r->bad. Types that are not known are left out, or with @strict refused.
 */
int nl_parse(struct nl_request *r, const void *at, size_t len, const struct nlattr **tb, unsigned max, const struct nla_policy *policy,
	     bool strict);
/* The same for what follows the fixed part of a message; -EINVAL if that is not there. */
int nl_parse_msg(struct nl_request *r, size_t fixed, const struct nlattr **tb, unsigned max, const struct nla_policy *policy, bool strict);
static inline unsigned nla_len(const struct nlattr *a) { return a->len - (unsigned)sizeof(*a); }
static inline const void *nla_data(const struct nlattr *a) { return a + 1; }
static inline uint32_t nla_u32(const struct nlattr *a) { return *(const uint32_t *)(a + 1); }
static inline uint8_t nla_u8(const struct nlattr *a) { return *(const uint8_t *)(a + 1); }
void nla_string(char *to, const struct nlattr *a, size_t size);	/* at most size - 1 characters and a zero */

/* Route netlink: a handler for each message type. A later registration takes the place of an earlier one. */
struct rtnl_handler {
	int (*doit)(struct nl_request *r);		/* NULL: EOPNOTSUPP */
	int (*dump)(struct nl_dump *d, struct nl_buf *b);
	int (*dump_start)(struct nl_dump *d, struct nl_request *r);	/* may be NULL */
	bool privileged;				/* doit needs CAP_NET_ADMIN; every NEW, DEL and SET does */
};
int rtnl_register(unsigned type, const struct rtnl_handler *h);
