/* SPDX-License-Identifier: MIT */
/* The socket ABI: socket(7), unix(7), cmsg(3). The numbers are those of asm-generic, the same on arm64 and x86_64. */
#pragma once
#include <kernel/types.h>

#define AF_UNSPEC 0
#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10
#define AF_NETLINK 16
#define AF_PACKET 17
#define AF_MAX 46

#define SOCK_STREAM 1
#define SOCK_DGRAM 2
#define SOCK_RAW 3
#define SOCK_RDM 4
#define SOCK_SEQPACKET 5
#define SOCK_DCCP 6
#define SOCK_PACKET 10
#define SOCK_MAX 11
#define SOCK_TYPE_MASK 0xf
#define SOCK_CLOEXEC 02000000	/* O_CLOEXEC */
#define SOCK_NONBLOCK 04000	/* O_NONBLOCK */

#define SHUT_RD 0
#define SHUT_WR 1
#define SHUT_RDWR 2
#define SOMAXCONN 4096

#define MSG_OOB		0x1u
#define MSG_PEEK	0x2u
#define MSG_DONTROUTE	0x4u
#define MSG_CTRUNC	0x8u
#define MSG_TRUNC	0x20u
#define MSG_DONTWAIT	0x40u
#define MSG_EOR		0x80u
#define MSG_WAITALL	0x100u
#define MSG_CONFIRM	0x800u
#define MSG_ERRQUEUE	0x2000u
#define MSG_NOSIGNAL	0x4000u
#define MSG_MORE	0x8000u
#define MSG_WAITFORONE	0x10000u
#define MSG_BATCH	0x40000u
#define MSG_ZEROCOPY	0x4000000u
#define MSG_FASTOPEN	0x20000000u
#define MSG_CMSG_CLOEXEC 0x40000000u
#define MSG_CMSG_COMPAT	0x80000000u

#define SOL_SOCKET	1
#define SO_DEBUG	1
#define SO_REUSEADDR	2
#define SO_TYPE		3
#define SO_ERROR	4
#define SO_DONTROUTE	5
#define SO_BROADCAST	6
#define SO_SNDBUF	7
#define SO_RCVBUF	8
#define SO_KEEPALIVE	9
#define SO_OOBINLINE	10
#define SO_NO_CHECK	11
#define SO_PRIORITY	12
#define SO_LINGER	13
#define SO_BSDCOMPAT	14
#define SO_REUSEPORT	15
#define SO_PASSCRED	16
#define SO_PEERCRED	17
#define SO_RCVLOWAT	18
#define SO_SNDLOWAT	19
#define SO_RCVTIMEO	20
#define SO_SNDTIMEO	21
#define SO_BINDTODEVICE	25
#define SO_ATTACH_FILTER 26
#define SO_DETACH_FILTER 27
#define SO_PEERNAME	28
#define SO_TIMESTAMP	29
#define SO_ACCEPTCONN	30
#define SO_PEERSEC	31
#define SO_SNDBUFFORCE	32
#define SO_RCVBUFFORCE	33
#define SO_PASSSEC	34
#define SO_TIMESTAMPNS	35
#define SO_MARK		36
#define SO_TIMESTAMPING	37
#define SO_PROTOCOL	38
#define SO_DOMAIN	39
#define SO_RXQ_OVFL	40
#define SO_WIFI_STATUS	41
#define SO_PEEK_OFF	42
#define SO_NOFCS	43
#define SO_LOCK_FILTER	44
#define SO_SELECT_ERR_QUEUE 45
#define SO_BUSY_POLL	46
#define SO_MAX_PACING_RATE 47
#define SO_BPF_EXTENSIONS 48
#define SO_INCOMING_CPU	49
#define SO_ATTACH_BPF	50
#define SO_ATTACH_REUSEPORT_CBPF 51
#define SO_ATTACH_REUSEPORT_EBPF 52
#define SO_CNX_ADVICE	53
#define SO_MEMINFO	55
#define SO_INCOMING_NAPI_ID 56
#define SO_COOKIE	57
#define SO_PEERGROUPS	59
#define SO_ZEROCOPY	60
#define SO_TXTIME	61
#define SO_BINDTOIFINDEX 62
#define SO_TIMESTAMP_NEW 63
#define SO_TIMESTAMPNS_NEW 64
#define SO_TIMESTAMPING_NEW 65
#define SO_RCVTIMEO_NEW	66
#define SO_SNDTIMEO_NEW	67
#define SO_DETACH_REUSEPORT_BPF 68
#define SO_PREFER_BUSY_POLL 69
#define SO_BUSY_POLL_BUDGET 70
#define SO_NETNS_COOKIE	71
#define SO_BUF_LOCK	72
#define SO_RESERVE_MEM	73
#define SO_TXREHASH	74
#define SO_RCVMARK	75

#define SCM_RIGHTS	1
#define SCM_CREDENTIALS	2
#define SCM_SECURITY	3
#define SCM_TIMESTAMP	SO_TIMESTAMP
/* SO_TIMESTAMPING: linux/net_tstamp.h */
#define SOF_TIMESTAMPING_RX_SOFTWARE	BIT(3)
#define SOF_TIMESTAMPING_SOFTWARE	BIT(4)
#define SOF_TIMESTAMPING_MASK		0xffffu
#define SCM_TIMESTAMPNS	SO_TIMESTAMPNS
#define SCM_MAX_FD	253

#define SIOCINQ		0x541bu	/* FIONREAD */
#define SIOCOUTQ	0x5411u	/* TIOCOUTQ */
#define FIOSETOWN	0x8901u
#define SIOCSPGRP	0x8902u
#define FIOGETOWN	0x8903u
#define SIOCGPGRP	0x8904u
#define SIOCATMARK	0x8905u
#define SIOCGSTAMP	0x8906u
#define SIOCGSTAMPNS	0x8907u
#define SIOCGSTAMP_NEW	0x80108906u
#define SIOCGSTAMPNS_NEW 0x80108907u
#define SIOCPROTOPRIVATE 0x89e0u
#define SIOCUNIXFILE	0x89e0u

struct sockaddr_storage {
	uint16_t family;
	char data[126];
} __aligned(8);
_Static_assert(sizeof(struct sockaddr_storage) == 128, "ABI");

#define UNIX_PATH_MAX 108
struct sockaddr_un {
	uint16_t family;
	char path[UNIX_PATH_MAX];
};
_Static_assert(sizeof(struct sockaddr_un) == 110, "ABI");

struct iovec;
struct user_msghdr {
	void __user *name;
	int namelen;
	struct iovec __user *iov;
	uint64_t iovlen;
	void __user *control;
	uint64_t controllen;
	uint32_t flags;
};
_Static_assert(sizeof(struct user_msghdr) == 56, "ABI");
struct mmsghdr {
	struct user_msghdr hdr;
	uint32_t len;
};
_Static_assert(sizeof(struct mmsghdr) == 64, "ABI");

struct cmsghdr {
	uint64_t len;		/* with this header */
	int level, type;
};
_Static_assert(sizeof(struct cmsghdr) == 16, "ABI");
#define CMSG_ALIGN(n) (((n) + 7) & ~7ul)
#define CMSG_LEN(n) (sizeof(struct cmsghdr) + (n))
#define CMSG_SPACE(n) (sizeof(struct cmsghdr) + CMSG_ALIGN(n))

struct ucred {
	pid_t pid;
	uid_t uid;
	gid_t gid;
};
struct linger {
	int onoff, seconds;
};
