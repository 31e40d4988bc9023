/* SPDX-License-Identifier: MIT */
/*
 * lwIP's own header, with its lists of blocks taken out: they are found by hash (net/inet/tcp_table.c). lwIP's list heads
 * are empty but for the one block that a call of lwIP is about.
 */
#pragma once
#include_next "lwip/priv/tcp_priv.h"

void lwip_port_tcp_reg(struct tcp_pcb **list, struct tcp_pcb *pcb);
void lwip_port_tcp_rmv(struct tcp_pcb *pcb);

#undef TCP_REG
#undef TCP_RMV
#define TCP_REG(pcbs, npcb) lwip_port_tcp_reg((struct tcp_pcb **)(pcbs), (struct tcp_pcb *)(npcb))
#define TCP_RMV(pcbs, npcb) lwip_port_tcp_rmv((struct tcp_pcb *)(npcb))

/* As Linux has them: tcp(7), tcp_fin_timeout; the SYN+ACK's repetitions end before this. */
#undef TCP_FIN_WAIT_TIMEOUT
#define TCP_FIN_WAIT_TIMEOUT lwip_port_fin_wait	/* of the block that a timer is about */
extern u32_t lwip_port_fin_wait;
#undef TCP_SYN_RCVD_TIMEOUT
#define TCP_SYN_RCVD_TIMEOUT 63000
