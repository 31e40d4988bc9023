# SPDX-License-Identifier: MIT
#
# lwIP, as fetched by kernel/lib/third_party (version and SHA-256 in SOURCES there): never edited, never committed. What it
# asks of its port is net/port/include. Compiled as other foreign code: without warnings and sanitizers.

TP_INCLUDES += -Inet/port/include -isystem $(TP)/lwip/src/include

LWIP_SRCS := $(addprefix lwip/src/core/,def.c inet_chksum.c ip.c mem.c netif.c pbuf.c raw.c tcp.c tcp_in.c tcp_out.c \
	udp.c ipv4/acd.c ipv4/dhcp.c ipv4/etharp.c ipv4/icmp.c ipv4/igmp.c ipv4/ip4.c ipv4/ip4_addr.c ipv4/ip4_frag.c \
	ipv6/ethip6.c ipv6/icmp6.c ipv6/ip6.c ipv6/ip6_addr.c ipv6/ip6_frag.c ipv6/mld6.c ipv6/nd6.c) lwip/src/netif/ethernet.c
# Not compiled, as net/port has its own: init.c, memp.c, timeouts.c.
TP_SRCS += $(LWIP_SRCS)
# A segment that comes in passes net/inet/tcp_table.c first, and what it makes lwIP send goes out at the end of the batch.
$(BUILD)/third_party/lwip/src/core/tcp_in.o: TP_DEFINES += -Dtcp_input=lwip_tcp_input -Dtcp_output=lwip_port_tcp_output -Dtcp_rst=lwip_port_tcp_rst \
	-Dtcp_rst_netif=lwip_port_tcp_rst_netif -Dtcp_rexmit_fast=lwip_port_tcp_rexmit_fast
# net/inet/tcp_timer.c: what becomes of data that had no way out. net/inet/bulk_out.c: segments that are longer than the MTU.
$(BUILD)/third_party/lwip/src/core/tcp_out.o: TP_DEFINES += -Dtcp_output=lwip_tcp_output -Dip4_output_if=lwip_port_tcp_output4 \
	-Dip6_output_if=lwip_port_tcp_output6
# The size of a connection's segments follows its route: net/inet/tcp_table.c.
$(BUILD)/third_party/lwip/src/core/tcp.o: TP_DEFINES += -Dtcp_eff_send_mss_netif=lwip_tcp_eff_send_mss_netif -Dtcp_split_unsent_seg=lwip_port_tcp_split
# net/inet/input.c comes before these.
$(BUILD)/third_party/lwip/src/core/udp.o: TP_DEFINES += -Dudp_input=lwip_udp_input
$(BUILD)/third_party/lwip/src/core/ipv6/nd6.o: TP_DEFINES += -Dnd6_input=lwip_nd6_input
# What is said of a datagram that nobody gets: net/inet/icmp_err.c.
$(BUILD)/third_party/lwip/src/core/ipv4/icmp.o: TP_DEFINES += -Dicmp_dest_unreach=lwip_icmp_dest_unreach
# A header that a system header includes is in no dependency file.
LWIP_PORT_H := $(wildcard net/port/include/*.h net/port/include/*/*.h net/port/include/*/*/*.h) net/lwip.mk
$(patsubst %.c,$(BUILD)/third_party/%.o,$(LWIP_SRCS)): $(LWIP_PORT_H)
$(patsubst %.c,$(BUILD)/%.o,$(wildcard net/port/*.c net/inet/*.c net/netlink/*.c)): $(LWIP_PORT_H)
