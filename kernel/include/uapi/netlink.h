/* SPDX-License-Identifier: MIT */
/* netlink(7): headers, flags, options. */
#pragma once
#include <kernel/types.h>

#define NETLINK_ROUTE 0
#define NETLINK_SOCK_DIAG 4
#define NETLINK_KOBJECT_UEVENT 15
#define NETLINK_MAX 32
#define SOL_NETLINK 270
#define NETLINK_ADD_MEMBERSHIP 1
#define NETLINK_DROP_MEMBERSHIP 2
#define NETLINK_PKTINFO 3
#define NETLINK_BROADCAST_ERROR 4
#define NETLINK_NO_ENOBUFS 5
#define NETLINK_LIST_MEMBERSHIPS 9
#define NETLINK_CAP_ACK 10
#define NETLINK_EXT_ACK 11
#define NETLINK_GET_STRICT_CHK 12

#define NLMSG_NOOP 1
#define NLMSG_ERROR 2
#define NLMSG_DONE 3
#define NLMSG_OVERRUN 4
#define NLMSG_MIN_TYPE 0x10
#define NLM_F_REQUEST 0x1
#define NLM_F_MULTI 0x2
#define NLM_F_ACK 0x4
#define NLM_F_ECHO 0x8
#define NLM_F_ROOT 0x100
#define NLM_F_MATCH 0x200
#define NLM_F_DUMP (NLM_F_ROOT | NLM_F_MATCH)
#define NLM_F_DUMP_FILTERED 0x20
#define NLM_F_CAPPED 0x100
#define NLM_F_ACK_TLVS 0x200
#define NLM_F_REPLACE 0x100
#define NLM_F_EXCL 0x200
#define NLM_F_CREATE 0x400
#define NLM_F_APPEND 0x800
#define NLMSG_ALIGN(n) (((n) + 3) & ~3u)

struct sockaddr_nl {
	uint16_t family, pad;
	uint32_t pid, groups;
};
_Static_assert(sizeof(struct sockaddr_nl) == 12, "ABI");
struct nlmsghdr {
	uint32_t len;
	uint16_t type, flags;
	uint32_t seq, pid;
};
_Static_assert(sizeof(struct nlmsghdr) == 16, "ABI");
struct nlattr {
	uint16_t len, type;
};
#define NLA_TYPE_MASK 0x3fffu
#define NLA_F_NESTED 0x8000u
/* In an acknowledgement, with NETLINK_EXT_ACK. */
#define NLMSGERR_ATTR_MSG 1
#define NLMSGERR_ATTR_OFFS 2
struct nl_pktinfo {
	uint32_t group;
};
