/* SPDX-License-Identifier: MIT */
/* The internet ABI: ip(7), ipv6(7), udp(7), tcp(7), netdevice(7). The same on arm64 and x86_64. */
#pragma once
#include <kernel/types.h>

#define IPPROTO_IP	0
#define IPPROTO_ICMP	1
#define IPPROTO_IGMP	2
#define IPPROTO_TCP	6
#define IPPROTO_UDP	17
#define IPPROTO_IPV6	41
#define IPPROTO_ICMPV6	58
#define IPPROTO_SCTP	132
#define IPPROTO_UDPLITE	136
#define IPPROTO_RAW	255
#define IPPROTO_MAX	263

struct sockaddr_in {
	uint16_t family;
	uint16_t port;		/* network order, as all below */
	uint32_t addr;
	uint8_t zero[8];
};
_Static_assert(sizeof(struct sockaddr_in) == 16, "ABI");
struct sockaddr_in6 {
	uint16_t family;
	uint16_t port;
	uint32_t flowinfo;
	uint32_t addr[4];
	uint32_t scope_id;	/* host order */
};
_Static_assert(sizeof(struct sockaddr_in6) == 28, "ABI");
#define SIN6_LEN_RFC2133 24u

#define IP_TOS		1
#define IP_TTL		2
#define IP_HDRINCL	3
#define IP_OPTIONS	4
#define IP_RECVOPTS	6
#define IP_RETOPTS	7
#define IP_PKTINFO	8
#define IP_MTU_DISCOVER	10
#define IP_RECVERR	11
#define IP_RECVTTL	12
#define IP_RECVTOS	13
#define IP_MTU		14
#define IP_FREEBIND	15
#define IP_TRANSPARENT	19
#define IP_RECVORIGDSTADDR 20
#define IP_MINTTL	21
#define IP_BIND_ADDRESS_NO_PORT 24
#define IP_MULTICAST_IF	32
#define IP_MULTICAST_TTL 33
#define IP_MULTICAST_LOOP 34
#define IP_ADD_MEMBERSHIP 35
#define IP_DROP_MEMBERSHIP 36
#define IP_UNBLOCK_SOURCE 37
#define IP_BLOCK_SOURCE	38
#define IP_ADD_SOURCE_MEMBERSHIP 39
#define IP_DROP_SOURCE_MEMBERSHIP 40
#define IP_MSFILTER	41
#define MCAST_JOIN_GROUP 42
#define MCAST_BLOCK_SOURCE 43
#define MCAST_UNBLOCK_SOURCE 44
#define MCAST_LEAVE_GROUP 45
#define MCAST_JOIN_SOURCE_GROUP 46
#define MCAST_LEAVE_SOURCE_GROUP 47
#define MCAST_MSFILTER	48
#define MCAST_EXCLUDE	0
#define MCAST_INCLUDE	1
#define IP_MULTICAST_ALL 49
#define IP_UNICAST_IF	50
#define IP_PMTUDISC_DONT 0
#define IP_PMTUDISC_WANT 1
#define IP_PMTUDISC_DO	2
#define IP_PMTUDISC_PROBE 3
struct in_pktinfo {
	int ifindex;
	uint32_t spec_dst, addr;
};
struct ip_mreqn {
	uint32_t multiaddr, address;
	int ifindex;
};
struct in6_pktinfo {
	uint32_t addr[4];
	int ifindex;
};
struct ipv6_mreq {
	uint32_t multiaddr[4];
	int ifindex;
};

struct group_req {
	uint32_t interface, pad;
	struct {
		uint16_t family;
		uint8_t data[126];
	} group;
};
_Static_assert(sizeof(struct group_req) == 136, "ABI");
/* A struct sockaddr_storage without the header that defines it. */
struct group_addr {
	uint16_t family;
	uint8_t data[126];
};
struct group_source_req {
	uint32_t interface, pad;
	struct group_addr group, source;
};
_Static_assert(sizeof(struct group_source_req) == 264, "ABI");
struct group_filter {
	uint32_t interface, pad;
	struct group_addr group;
	uint32_t fmode, numsrc;
	struct group_addr source[];
};
_Static_assert(sizeof(struct group_filter) == 144, "ABI");
struct ip_mreq_source {
	uint32_t multiaddr, interface, sourceaddr;
};
struct ip_msfilter {
	uint32_t multiaddr, interface, fmode, numsrc;
	uint32_t source[];
};
_Static_assert(sizeof(struct ip_msfilter) == 16, "ABI");

#define IPV6_UNICAST_HOPS 16
#define IPV6_MULTICAST_IF 17
#define IPV6_MULTICAST_HOPS 18
#define IPV6_MULTICAST_LOOP 19
#define IPV6_ADD_MEMBERSHIP 20
#define IPV6_DROP_MEMBERSHIP 21
#define IPV6_MTU_DISCOVER 23
#define IPV6_MTU	24
#define IPV6_RECVERR	25
#define IPV6_V6ONLY	26
#define IPV6_MULTICAST_ALL 29
#define IPV6_RECVPKTINFO 49
#define IPV6_PKTINFO	50
#define IPV6_RECVHOPLIMIT 51
#define IPV6_HOPLIMIT	52
#define IPV6_RECVTCLASS	66
#define IPV6_TCLASS	67

#define TCP_NODELAY	1
#define TCP_MAXSEG	2
#define TCP_CORK	3
#define TCP_KEEPIDLE	4
#define TCP_KEEPINTVL	5
#define TCP_KEEPCNT	6
#define TCP_SYNCNT	7
#define TCP_LINGER2	8
#define TCP_DEFER_ACCEPT 9
#define TCP_WINDOW_CLAMP 10
#define TCP_INFO	11
#define TCP_QUICKACK	12
#define TCP_CONGESTION	13
#define TCP_USER_TIMEOUT 18
#define TCP_FASTOPEN	23
#define TCP_NOTSENT_LOWAT 25
#define TCP_FASTOPEN_CONNECT 30

/* States as tcp(7)'s tcpi_state and /proc/net/tcp have them. */
enum {
	TCPS_ESTABLISHED = 1, TCPS_SYN_SENT, TCPS_SYN_RECV, TCPS_FIN_WAIT1, TCPS_FIN_WAIT2, TCPS_TIME_WAIT, TCPS_CLOSE,
	TCPS_CLOSE_WAIT, TCPS_LAST_ACK, TCPS_LISTEN, TCPS_CLOSING
};
struct uapi_tcp_info {		/* as Linux 6.1 has it; readers take what length they ask for */
	uint8_t state, ca_state, retransmits, probes, backoff, options, wscale, delivery_rate_app_limited;
	uint32_t rto, ato, snd_mss, rcv_mss;
	uint32_t unacked, sacked, lost, retrans, fackets;
	uint32_t last_data_sent, last_ack_sent, last_data_recv, last_ack_recv;
	uint32_t pmtu, rcv_ssthresh, rtt, rttvar, snd_ssthresh, snd_cwnd, advmss, reordering;
	uint32_t rcv_rtt, rcv_space, total_retrans;
	uint64_t pacing_rate, max_pacing_rate, bytes_acked, bytes_received;
	uint32_t segs_out, segs_in, notsent_bytes, min_rtt, data_segs_in, data_segs_out;
	uint64_t delivery_rate, busy_time, rwnd_limited, sndbuf_limited;
	uint32_t delivered, delivered_ce;
	uint64_t bytes_sent, bytes_retrans;
	uint32_t dsack_dups, reord_seen, rcv_ooopack, snd_wnd;
};
_Static_assert(sizeof(struct uapi_tcp_info) == 232, "ABI");
/* What MSG_ERRQUEUE gives: linux/errqueue.h. */
struct sock_extended_err {
	uint32_t error;
	uint8_t origin, type, code, pad;
	uint32_t info, data;
};
_Static_assert(sizeof(struct sock_extended_err) == 16, "ABI");
#define SO_EE_ORIGIN_LOCAL	1
#define SO_EE_ORIGIN_ICMP	2
#define SO_EE_ORIGIN_ICMP6	3

#define IFNAMSIZ 16
struct ifreq {
	char name[IFNAMSIZ];
	union {
		struct sockaddr_in addr;
		struct {
			uint16_t family;
			uint8_t data[14];
		} hwaddr;
		int16_t flags;
		int32_t value;
		char newname[IFNAMSIZ];
		uint64_t map[3];
		void __user *data;
	};
};
_Static_assert(sizeof(struct ifreq) == 40, "ABI");
struct ifconf {
	int len;
	struct ifreq __user *req;
};
struct rtentry {
	uint64_t pad1;
	struct sockaddr_in dst, gateway, genmask;
	uint16_t flags;
	int16_t pad2;
	uint64_t pad3;
	void *pad4;
	int16_t metric;
	char __user *dev;
	uint64_t mtu, window;
	uint16_t irtt;
};
_Static_assert(sizeof(struct rtentry) == 120, "ABI");
struct in6_ifreq {
	uint32_t addr[4];
	uint32_t prefixlen;
	int ifindex;
};
struct in6_rtmsg {
	uint32_t dst[4], src[4], gateway[4];
	uint32_t type;
	uint16_t dst_len, src_len;
	uint32_t metric;
	uint64_t info;
	uint32_t flags;
	int ifindex;
};
_Static_assert(sizeof(struct in6_rtmsg) == 80, "ABI");
struct arpreq {
	struct sockaddr_in pa;
	struct { uint16_t family; uint8_t data[14]; } ha;
	int flags;
	struct sockaddr_in netmask;
	char dev[16];
};
_Static_assert(sizeof(struct arpreq) == 68, "ABI");
#define ATF_COM		0x2
#define ATF_PERM	0x4
#define ATF_PUBL	0x8
#define ATF_NETMASK	0x20
#define ATF_DONTPUB	0x40
#define RTF_UP		1u
#define RTF_GATEWAY	2u
#define RTF_HOST	4u
#define RTF_REJECT	0x200u

#define SIOCADDRT	0x890bu
#define SIOCDELRT	0x890cu
#define SIOCGIFNAME	0x8910u
#define SIOCGIFCONF	0x8912u
#define SIOCGIFFLAGS	0x8913u
#define SIOCSIFFLAGS	0x8914u
#define SIOCGIFADDR	0x8915u
#define SIOCSIFADDR	0x8916u
#define SIOCGIFDSTADDR	0x8917u
#define SIOCSIFDSTADDR	0x8918u
#define SIOCGIFBRDADDR	0x8919u
#define SIOCSIFBRDADDR	0x891au
#define SIOCGIFNETMASK	0x891bu
#define SIOCSIFNETMASK	0x891cu
#define SIOCGIFMETRIC	0x891du
#define SIOCSIFMETRIC	0x891eu
#define SIOCGIFMTU	0x8921u
#define SIOCSIFMTU	0x8922u
#define SIOCSIFNAME	0x8923u
#define SIOCSIFHWADDR	0x8924u
#define SIOCGIFHWADDR	0x8927u
#define SIOCGIFINDEX	0x8933u
#define SIOCDIFADDR	0x8936u
#define SIOCETHTOOL	0x8946u
#define SIOCDARP	0x8953u
#define SIOCGARP	0x8954u
#define SIOCSARP	0x8955u
#define SIOCGIFTXQLEN	0x8942u
#define SIOCSIFTXQLEN	0x8943u
#define SIOCGIFMAP	0x8970u
#define SIOCDEVPRIVATE	0x89f0u
