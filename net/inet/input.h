/* SPDX-License-Identifier: MIT */
/* input.c, for tcp_table.c. Under net_lock. */
#pragma once
#include <kernel/types.h>
#include "lwip/ip_addr.h"
struct netif;
struct pbuf;
struct tcp_conn;
struct tcp_hdr;

/* udp_table.c: a datagram that has been checked. */
void udp_deliver(struct pbuf *p, struct netif *inp);
/* Of each segment, first. */
void tcp_note_flags(const struct tcp_hdr *h);	/* NULL: no segment is looked at any more */
bool tcp_checksum_right(struct pbuf *p, struct netif *inp);
/* A segment without data of no connection that lwIP knows; @optlen bytes of options, in words. */
void tcp_send_bare(const ip_addr_t *local, uint16_t lport, const ip_addr_t *remote, uint16_t rport, uint32_t seq, uint32_t ack,
		   uint8_t flags, uint16_t window, const void *options, unsigned optlen);
/* Of one of a connection. False: lwIP shall not see it; it has been answered. */
bool tcp_check(struct tcp_conn *c, const struct tcp_hdr *h, struct pbuf *p, struct netif *inp);
