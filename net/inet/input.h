/* SPDX-License-Identifier: MIT */
/* input.c, for tcp_table.c. Under net_lock. */
#pragma once
#include <kernel/types.h>
struct netif;
struct pbuf;
struct tcp_conn;
struct tcp_hdr;

/* udp_table.c: a datagram that has been checked. */
void udp_deliver(struct pbuf *p, struct netif *inp);
/* Of each segment, first. */
void tcp_note_flags(const struct tcp_hdr *h);
/* Of one of a connection. False: lwIP shall not see it; it has been answered. */
bool tcp_check(struct tcp_conn *c, const struct tcp_hdr *h, struct pbuf *p, struct netif *inp);
