/* SPDX-License-Identifier: MIT */
/* Classic BPF: the filter ABI of SO_ATTACH_FILTER. Numbers are those of the BSD packet filter and of Linux's extensions. */
#pragma once
#include <kernel/types.h>

struct sock_filter {
	uint16_t code;
	uint8_t jt, jf;
	uint32_t k;
};
_Static_assert(sizeof(struct sock_filter) == 8, "ABI");
struct sock_fprog {
	uint16_t len;
	struct sock_filter __user *filter;
};
_Static_assert(sizeof(struct sock_fprog) == 16, "ABI");

#define BPF_MAXINSNS	4096u
#define BPF_MEMWORDS	16u

/* code: a class, then by class a size and a mode, an operation and a source, or what is returned */
#define BPF_LD		0x00u
#define BPF_LDX		0x01u
#define BPF_ST		0x02u
#define BPF_STX		0x03u
#define BPF_ALU		0x04u
#define BPF_JMP		0x05u
#define BPF_RET		0x06u
#define BPF_MISC	0x07u
#define BPF_W		0x00u
#define BPF_H		0x08u
#define BPF_B		0x10u
#define BPF_IMM		0x00u
#define BPF_ABS		0x20u
#define BPF_IND		0x40u
#define BPF_MEM		0x60u
#define BPF_LEN		0x80u
#define BPF_MSH		0xa0u
#define BPF_ADD		0x00u
#define BPF_SUB		0x10u
#define BPF_MUL		0x20u
#define BPF_DIV		0x30u
#define BPF_OR		0x40u
#define BPF_AND		0x50u
#define BPF_LSH		0x60u
#define BPF_RSH		0x70u
#define BPF_NEG		0x80u
#define BPF_MOD		0x90u
#define BPF_XOR		0xa0u
#define BPF_JA		0x00u
#define BPF_JEQ		0x10u
#define BPF_JGT		0x20u
#define BPF_JGE		0x30u
#define BPF_JSET	0x40u
#define BPF_K		0x00u
#define BPF_X		0x08u
#define BPF_A		0x10u
#define BPF_TAX		0x00u
#define BPF_TXA		0x80u

/* Absolute loads from here on are not of the packet's bytes. */
#define SKF_LL_OFF	(-0x200000)	/* from the link header on */
#define SKF_NET_OFF	(-0x100000)	/* from the network header on */
#define SKF_AD_OFF	(-0x1000)
#define SKF_AD_PROTOCOL	0u
#define SKF_AD_PKTTYPE	4u
#define SKF_AD_IFINDEX	8u
#define SKF_AD_NLATTR	12u
#define SKF_AD_NLATTR_NEST 16u
#define SKF_AD_MARK	20u
#define SKF_AD_QUEUE	24u
#define SKF_AD_HATYPE	28u
#define SKF_AD_RXHASH	32u
#define SKF_AD_CPU	36u
#define SKF_AD_ALU_XOR_X 40u
#define SKF_AD_VLAN_TAG	44u
#define SKF_AD_VLAN_TAG_PRESENT 48u
#define SKF_AD_PAY_OFFSET 52u
#define SKF_AD_RANDOM	56u
#define SKF_AD_VLAN_TPID 60u
