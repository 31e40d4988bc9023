/* SPDX-License-Identifier: MIT */
/* What lwIP asks while it works: routes, loopback addresses, sequence numbers. net/port. */
#pragma once
#include "lwip/err.h"
#include "lwip/ip_addr.h"
struct netif;
struct pbuf;
struct tcp_hdr;
struct tcp_pcb;
struct netif *lwip_port_route4(const ip4_addr_t *src, const ip4_addr_t *dest);
const ip4_addr_t *lwip_port_gateway4(struct netif *netif, const ip4_addr_t *dest);
struct netif *lwip_port_route6(const ip6_addr_t *src, const ip6_addr_t *dest);
const ip6_addr_t *lwip_port_gateway6(struct netif *netif, const ip6_addr_t *dest);
int lwip_port_ip4_input(struct pbuf *p, struct netif *inp);
err_t lwip_port_tcp_input(struct tcp_pcb *pcb, const struct tcp_hdr *hdr, u16_t optlen, u16_t opt1len, const u8_t *opt2,
			  struct pbuf *p);
void lwip_port_dhcp_option(struct pbuf *p, u8_t option, u8_t len, u16_t offset);
u32_t lwip_port_isn(const ip_addr_t *local_ip, u16_t local_port, const ip_addr_t *remote_ip, u16_t remote_port);
void lwip_port_tcp_rst(const struct tcp_pcb *pcb, u32_t seqno, u32_t ackno, const ip_addr_t *local, const ip_addr_t *remote, u16_t lport,
		       u16_t rport);
void lwip_port_tcp_rst_netif(struct netif *netif, u32_t seqno, u32_t ackno, const ip_addr_t *local, const ip_addr_t *remote, u16_t lport,
			     u16_t rport);
err_t lwip_port_tcp_output(struct tcp_pcb *pcb);	/* what tcp_in.c calls for tcp_output() */
void lwip_port_tcp_rexmit_fast(struct tcp_pcb *pcb);
err_t lwip_port_tcp_split(struct tcp_pcb *pcb, u16_t n);	/* what tcp.c calls for tcp_split_unsent_seg() */
/* What tcp_out.c calls for ip4_output_if() and ip6_output_if(). */
err_t lwip_port_tcp_output4(struct pbuf *p, const ip4_addr_t *src, const ip4_addr_t *dest, u8_t ttl, u8_t tos, u8_t proto,
			    struct netif *netif);
err_t lwip_port_tcp_output6(struct pbuf *p, const ip6_addr_t *src, const ip6_addr_t *dest, u8_t hl, u8_t tc, u8_t nexth,
			    struct netif *netif);
