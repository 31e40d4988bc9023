/* SPDX-License-Identifier: MIT */
/* sock_diag(7): what is asked about sockets over NETLINK_SOCK_DIAG, and what is told. */
#pragma once
#include <kernel/types.h>

#define TCPDIAG_GETSOCK 18
#define SOCK_DIAG_BY_FAMILY 20
#define SOCK_DESTROY 21
#define INET_DIAG_GETSOCK_MAX 24

struct sock_diag_req {
	uint8_t family, protocol;
};

/* SO_MEMINFO, INET_DIAG_SKMEMINFO, UNIX_DIAG_MEMINFO. */
enum {
	SK_MEMINFO_RMEM_ALLOC, SK_MEMINFO_RCVBUF, SK_MEMINFO_WMEM_ALLOC, SK_MEMINFO_SNDBUF, SK_MEMINFO_FWD_ALLOC,
	SK_MEMINFO_WMEM_QUEUED, SK_MEMINFO_OPTMEM, SK_MEMINFO_BACKLOG, SK_MEMINFO_DROPS, SK_MEMINFO_VARS
};

/* ---- AF_INET, AF_INET6 */

#define INET_DIAG_NOCOOKIE UINT32_MAX
struct inet_diag_sockid {
	uint16_t sport, dport;		/* network order */
	uint32_t src[4], dst[4];
	uint32_t ifindex;
	uint32_t cookie[2];
};
_Static_assert(sizeof(struct inet_diag_sockid) == 48, "ABI");
struct inet_diag_req {			/* of TCPDIAG_GETSOCK */
	uint8_t family, src_len, dst_len, ext;
	struct inet_diag_sockid id;
	uint32_t states, dbs;
};
_Static_assert(sizeof(struct inet_diag_req) == 60, "ABI");
struct inet_diag_req_v2 {
	uint8_t family, protocol, ext, raw_protocol;
	uint32_t states;		/* BIT(TCPS_*) */
	struct inet_diag_sockid id;
};
_Static_assert(sizeof(struct inet_diag_req_v2) == 56, "ABI");
struct inet_diag_msg {
	uint8_t family, state, timer, retrans;
	struct inet_diag_sockid id;
	uint32_t expires;		/* ms */
	uint32_t rqueue, wqueue, uid, inode;
};
_Static_assert(sizeof(struct inet_diag_msg) == 72, "ABI");
struct inet_diag_meminfo {
	uint32_t rmem, wmem, fmem, tmem;
};
/* inet_diag_sockopt: two bytes of bits. */
#define INET_DIAG_OPT_RECVERR		BIT(0)
#define INET_DIAG_OPT_IS_ICSK		BIT(1)
#define INET_DIAG_OPT_FREEBIND		BIT(2)
#define INET_DIAG_OPT_HDRINCL		BIT(3)
#define INET_DIAG_OPT_MC_LOOP		BIT(4)
#define INET_DIAG_OPT_MC_ALL		BIT(6)

enum { INET_DIAG_REQ_BYTECODE = 1, INET_DIAG_REQ_SK_BPF_STORAGES, INET_DIAG_REQ_PROTOCOL };
enum {
	INET_DIAG_MEMINFO = 1, INET_DIAG_INFO, INET_DIAG_VEGASINFO, INET_DIAG_CONG, INET_DIAG_TOS, INET_DIAG_TCLASS, INET_DIAG_SKMEMINFO,
	INET_DIAG_SHUTDOWN, INET_DIAG_DCTCPINFO, INET_DIAG_PROTOCOL, INET_DIAG_SKV6ONLY, INET_DIAG_LOCALS, INET_DIAG_PEERS, INET_DIAG_PAD,
	INET_DIAG_MARK, INET_DIAG_BBRINFO, INET_DIAG_CLASS_ID, INET_DIAG_MD5SIG, INET_DIAG_ULP_INFO, INET_DIAG_SK_BPF_STORAGES,
	INET_DIAG_CGROUP_ID, INET_DIAG_SOCKOPT
};

/* A filter: conditional jumps forward, each followed by what it compares with. */
struct inet_diag_bc_op {
	uint8_t code, yes;
	uint16_t no;
};
enum {
	INET_DIAG_BC_NOP, INET_DIAG_BC_JMP, INET_DIAG_BC_S_GE, INET_DIAG_BC_S_LE, INET_DIAG_BC_D_GE, INET_DIAG_BC_D_LE, INET_DIAG_BC_AUTO,
	INET_DIAG_BC_S_COND, INET_DIAG_BC_D_COND, INET_DIAG_BC_DEV_COND, INET_DIAG_BC_MARK_COND, INET_DIAG_BC_S_EQ, INET_DIAG_BC_D_EQ,
	INET_DIAG_BC_CGROUP_COND
};
struct inet_diag_hostcond {
	uint8_t family, prefix_len;
	int32_t port;			/* -1: any */
	uint32_t addr[];
};
_Static_assert(sizeof(struct inet_diag_hostcond) == 8, "ABI");
struct inet_diag_markcond {
	uint32_t mark, mask;
};

/* ---- AF_UNIX */

struct unix_diag_req {
	uint8_t family, protocol;
	uint16_t pad;
	uint32_t states, ino, show;
	uint32_t cookie[2];
};
_Static_assert(sizeof(struct unix_diag_req) == 24, "ABI");
struct unix_diag_msg {
	uint8_t family, type, state, pad;
	uint32_t ino, cookie[2];
};
_Static_assert(sizeof(struct unix_diag_msg) == 16, "ABI");
#define UDIAG_SHOW_NAME 0x01u
#define UDIAG_SHOW_VFS 0x02u
#define UDIAG_SHOW_PEER 0x04u
#define UDIAG_SHOW_ICONS 0x08u
#define UDIAG_SHOW_RQLEN 0x10u
#define UDIAG_SHOW_MEMINFO 0x20u
#define UDIAG_SHOW_UID 0x40u
enum {
	UNIX_DIAG_NAME, UNIX_DIAG_VFS, UNIX_DIAG_PEER, UNIX_DIAG_ICONS, UNIX_DIAG_RQLEN, UNIX_DIAG_MEMINFO, UNIX_DIAG_SHUTDOWN, UNIX_DIAG_UID
};
