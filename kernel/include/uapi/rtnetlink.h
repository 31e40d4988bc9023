/* SPDX-License-Identifier: MIT */
/* rtnetlink(7): message types, groups, fixed parts and attributes. The same on arm64 and x86_64. */
#pragma once
#include <kernel/types.h>

#define RTM_NEWLINK 16
#define RTM_DELLINK 17
#define RTM_GETLINK 18
#define RTM_SETLINK 19
#define RTM_NEWADDR 20
#define RTM_DELADDR 21
#define RTM_GETADDR 22
#define RTM_NEWROUTE 24
#define RTM_DELROUTE 25
#define RTM_GETROUTE 26
#define RTM_NEWNEIGH 28
#define RTM_DELNEIGH 29
#define RTM_GETNEIGH 30
#define RTM_NEWRULE 32
#define RTM_DELRULE 33
#define RTM_GETRULE 34
#define RTM_NEWNETCONF 80
#define RTM_GETNETCONF 82
#define RTM_MAX 123

#define RTNLGRP_LINK 1
#define RTNLGRP_NEIGH 3
#define RTNLGRP_IPV4_IFADDR 5
#define RTNLGRP_IPV4_ROUTE 7
#define RTNLGRP_IPV6_IFADDR 9
#define RTNLGRP_IPV6_ROUTE 11
#define RTNLGRP_MAX 36

struct rtgenmsg {
	uint8_t family;
};

/* ---- links */

struct ifinfomsg {
	uint8_t family, pad;
	uint16_t type;
	int32_t index;
	uint32_t flags, change;
};
_Static_assert(sizeof(struct ifinfomsg) == 16, "ABI");
enum {
	IFLA_ADDRESS = 1, IFLA_BROADCAST, IFLA_IFNAME, IFLA_MTU, IFLA_LINK, IFLA_QDISC, IFLA_STATS, IFLA_MASTER = 10, IFLA_TXQLEN = 13,
	IFLA_MAP, IFLA_OPERSTATE = 16, IFLA_LINKMODE, IFLA_LINKINFO, IFLA_NET_NS_PID, IFLA_IFALIAS, IFLA_NUM_VF, IFLA_STATS64 = 23,
	IFLA_AF_SPEC = 26, IFLA_GROUP, IFLA_NET_NS_FD, IFLA_EXT_MASK, IFLA_PROMISCUITY, IFLA_NUM_TX_QUEUES, IFLA_NUM_RX_QUEUES,
	IFLA_CARRIER, IFLA_CARRIER_CHANGES = 35, IFLA_PROTO_DOWN = 39, IFLA_GSO_MAX_SEGS, IFLA_GSO_MAX_SIZE, IFLA_XDP = 43,
	IFLA_CARRIER_UP_COUNT = 47, IFLA_CARRIER_DOWN_COUNT, IFLA_MIN_MTU = 50, IFLA_MAX_MTU, IFLA_PROP_LIST, IFLA_ALT_IFNAME,
	IFLA_PERM_ADDRESS, IFLA_GRO_MAX_SIZE = 58, IFLA_TSO_MAX_SIZE, IFLA_TSO_MAX_SEGS, IFLA_ALLMULTI, IFLA_MAX = 61,
};
#define IFLA_INFO_KIND 1
#define IFLA_XDP_ATTACHED 2
#define IFLA_INET_CONF 1
#define IFLA_INET6_FLAGS 1
#define IFLA_INET6_CONF 2
#define IFLA_INET6_STATS 3
#define IFLA_INET6_CACHEINFO 5
#define IFLA_INET6_ICMP6STATS 6
#define IFLA_INET6_TOKEN 7
#define IFLA_INET6_ADDR_GEN_MODE 8
#define RTEXT_FILTER_SKIP_STATS 8u
#define IPV4_DEVCONF_MAX 33
#define DEVCONF_MAX 58
struct ifla_cacheinfo {
	uint32_t max_reasm_len, tstamp, reachable_time, retrans_time;
};
struct rtnl_link_stats64 {
	uint64_t rx_packets, tx_packets, rx_bytes, tx_bytes, rx_errors, tx_errors, rx_dropped, tx_dropped, multicast, collisions;
	uint64_t rx_detail[6], tx_detail[5], rx_compressed, tx_compressed, rx_nohandler, rx_otherhost_dropped;
};
_Static_assert(sizeof(struct rtnl_link_stats64) == 200, "ABI");
#define RTNL_LINK_STATS_WORDS 24	/* of 32 bits, in IFLA_STATS */
/* RFC 2863's operational state. */
enum { IF_OPER_UNKNOWN, IF_OPER_NOTPRESENT, IF_OPER_DOWN, IF_OPER_LOWERLAYERDOWN, IF_OPER_TESTING, IF_OPER_DORMANT, IF_OPER_UP };

/* ---- addresses */

struct ifaddrmsg {
	uint8_t family, prefixlen, flags, scope;
	uint32_t index;
};
_Static_assert(sizeof(struct ifaddrmsg) == 8, "ABI");
enum {
	IFA_ADDRESS = 1, IFA_LOCAL, IFA_LABEL, IFA_BROADCAST, IFA_ANYCAST, IFA_CACHEINFO, IFA_MULTICAST, IFA_FLAGS, IFA_RT_PRIORITY,
	IFA_TARGET_NETNSID, IFA_PROTO, IFA_MAX = 11,
};
#define IFA_F_SECONDARY 0x1u
#define IFA_F_NODAD 0x2u
#define IFA_F_OPTIMISTIC 0x4u
#define IFA_F_DADFAILED 0x8u
#define IFA_F_HOMEADDRESS 0x10u
#define IFA_F_DEPRECATED 0x20u
#define IFA_F_TENTATIVE 0x40u
#define IFA_F_PERMANENT 0x80u
#define IFA_F_MANAGETEMPADDR 0x100u
#define IFA_F_NOPREFIXROUTE 0x200u
#define IFA_F_MCAUTOJOIN 0x400u
#define IFA_LIFE_FOREVER UINT32_MAX
enum { IFAPROT_UNSPEC, IFAPROT_KERNEL_LO, IFAPROT_KERNEL_RA, IFAPROT_KERNEL_LL };
struct ifa_cacheinfo {
	uint32_t preferred, valid, cstamp, tstamp;	/* seconds left; hundredths since boot */
};

/* ---- routes */

struct rtmsg {
	uint8_t family, dst_len, src_len, tos;
	uint8_t table, protocol, scope, type;
	uint32_t flags;
};
_Static_assert(sizeof(struct rtmsg) == 12, "ABI");
enum {
	RTA_DST = 1, RTA_SRC, RTA_IIF, RTA_OIF, RTA_GATEWAY, RTA_PRIORITY, RTA_PREFSRC, RTA_METRICS, RTA_MULTIPATH, RTA_FLOW = 11,
	RTA_CACHEINFO, RTA_TABLE = 15, RTA_MARK, RTA_MFC_STATS, RTA_VIA, RTA_NEWDST, RTA_PREF, RTA_ENCAP_TYPE, RTA_ENCAP, RTA_EXPIRES,
	RTA_PAD, RTA_UID, RTA_TTL_PROPAGATE, RTA_IP_PROTO, RTA_SPORT, RTA_DPORT, RTA_NH_ID, RTA_MAX = 30,
};
enum {
	RTN_UNSPEC, RTN_UNICAST, RTN_LOCAL, RTN_BROADCAST, RTN_ANYCAST, RTN_MULTICAST, RTN_BLACKHOLE, RTN_UNREACHABLE, RTN_PROHIBIT,
	RTN_THROW, RTN_NAT, RTN_MAX = 11,
};
enum { RTPROT_UNSPEC, RTPROT_REDIRECT, RTPROT_KERNEL, RTPROT_BOOT, RTPROT_STATIC, RTPROT_RA = 9, RTPROT_DHCP = 16 };
enum { RT_SCOPE_UNIVERSE = 0, RT_SCOPE_SITE = 200, RT_SCOPE_LINK = 253, RT_SCOPE_HOST = 254, RT_SCOPE_NOWHERE = 255 };
enum { RT_TABLE_UNSPEC = 0, RT_TABLE_COMPAT = 252, RT_TABLE_DEFAULT, RT_TABLE_MAIN, RT_TABLE_LOCAL };
#define RTM_F_NOTIFY 0x100u
#define RTM_F_CLONED 0x200u
#define RTM_F_EQUALIZE 0x400u
#define RTM_F_PREFIX 0x800u
#define RTM_F_LOOKUP_TABLE 0x1000u
#define RTM_F_FIB_MATCH 0x2000u
#define RTNH_F_DEAD 1u
#define RTNH_F_PERVASIVE 2u
#define RTNH_F_ONLINK 4u
#define RTNH_F_LINKDOWN 16u
#define RTCF_LOCAL 0x80000000u
#define RTCF_MULTICAST 0x20000000u
#define RTCF_BROADCAST 0x10000000u
enum {
	RTAX_LOCK = 1, RTAX_MTU, RTAX_WINDOW, RTAX_RTT, RTAX_RTTVAR, RTAX_SSTHRESH, RTAX_CWND, RTAX_ADVMSS, RTAX_REORDERING, RTAX_HOPLIMIT,
	RTAX_INITCWND, RTAX_FEATURES, RTAX_RTO_MIN, RTAX_INITRWND, RTAX_QUICKACK, RTAX_CC_ALGO, RTAX_FASTOPEN_NO_COOKIE, RTAX_MAX = 17,
};
struct rta_cacheinfo {
	uint32_t clntref, lastuse, expires, error, used, id, ts, tsage;
};

/* ---- neighbours */

struct ndmsg {
	uint8_t family, pad1;
	uint16_t pad2;
	int32_t ifindex;
	uint16_t state;
	uint8_t flags, type;
};
_Static_assert(sizeof(struct ndmsg) == 12, "ABI");
enum { NDA_DST = 1, NDA_LLADDR, NDA_CACHEINFO, NDA_PROBES, NDA_VLAN, NDA_PORT, NDA_VNI, NDA_IFINDEX, NDA_MASTER, NDA_MAX = 16 };
#define NUD_INCOMPLETE 0x1u
#define NUD_REACHABLE 0x2u
#define NUD_STALE 0x4u
#define NUD_DELAY 0x8u
#define NUD_PROBE 0x10u
#define NUD_FAILED 0x20u
#define NUD_NOARP 0x40u
#define NUD_PERMANENT 0x80u
#define NUD_VALID (NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE | NUD_PROBE | NUD_STALE | NUD_DELAY)
#define NTF_PROXY 8u
#define NTF_ROUTER 0x80u
struct nda_cacheinfo {
	uint32_t confirmed, used, updated, refcnt;	/* hundredths of a second ago */
};

/* ---- rules, configuration */

struct fib_rule_hdr {
	uint8_t family, dst_len, src_len, tos;
	uint8_t table, res1, res2, action;
	uint32_t flags;
};
enum { FRA_PRIORITY = 6, FRA_SUPPRESS_PREFIXLEN = 14, FRA_TABLE = 15, FRA_PROTOCOL = 21 };
#define FR_ACT_TO_TBL 1
struct netconfmsg {
	uint8_t family;
};
enum {
	NETCONFA_IFINDEX = 1, NETCONFA_FORWARDING, NETCONFA_RP_FILTER, NETCONFA_MC_FORWARDING, NETCONFA_PROXY_NEIGH,
	NETCONFA_IGNORE_ROUTES_WITH_LINKDOWN, NETCONFA_INPUT, NETCONFA_BC_FORWARDING,
};
