/* SPDX-License-Identifier: MIT */
/*
 * /proc/net: sockets, routes, neighbours, as Linux prints them. Addresses are printed as the machine's words, which is what
 * netstat and ss expect.
 * Locks: net_lock while a file is made.
 */
#include "inet.h"
#include "tcp.h"
#include <kernel/init.h>
#include <kernel/procfs.h>
#include <kernel/string.h>
#include "lwip/priv/tcp_priv.h"

static void put_addr(struct seq *s, int family, const ip_addr_t *ip, uint16_t port)
{
	if (family == AF_INET)
		seq_printf(s, "%08X:%04X", IP_IS_V4(ip) ? ip4_of(ip) : 0, port);
	else if (IP_IS_V6(ip))
		seq_printf(s, "%08X%08X%08X%08X:%04X", ip_2_ip6(ip)->addr[0], ip_2_ip6(ip)->addr[1], ip_2_ip6(ip)->addr[2],
			   ip_2_ip6(ip)->addr[3], port);
	else
		seq_printf(s, "0000000000000000FFFF0000%08X:%04X", ip4_of(ip), port);
}

struct line {
	int family;
	const ip_addr_t *local, *remote;
	uint16_t lport, rport;
	int state;
	uint32_t tx, rx;
	uid_t uid;
	ino_t ino;
	int refs;
	struct inet_tcp_timer timer;
};

static void put_line(struct seq *s, unsigned n, const struct line *l, const char *tail)
{
	seq_printf(s, "%4u: ", n);
	put_addr(s, l->family, l->local, l->lport);
	seq_putc(s, ' ');
	put_addr(s, l->family, l->remote, l->rport);
	/* Times in hundredths of a second. */
	seq_printf(s, " %02X %08X:%08X %02X:%08X %08X %5u        0 %lu %d 0000000000000000%s\n", (unsigned)l->state, l->tx, l->rx,
		   l->timer.kind, l->timer.expires_ms / 10, l->timer.retries, l->uid, (unsigned long)l->ino, l->refs, tail);
}

static int show_sockets(struct seq *s, int family, enum inet_kind kind)
{
	struct inet_sock *i;
	struct tcp_conn *c = NULL;
	unsigned n = 0;
	char drops[16];
	struct line l;

	net_lock_acquire();
	list_for_each_entry(i, &inet_all, all) {
		if (i->kind != kind || i->s.family != family || (!i->lport && kind != INET_RAW))
			continue;
		l = (struct line){ family, &i->local, &i->remote, kind == INET_RAW ? i->s.protocol : i->lport, i->rport, TCPS_CLOSE, 0, i->rx_bytes,
				   i->uid, i->s.ino, atomic_read(&i->s.refs), { 0 } };
		if (kind == INET_TCP) {
			l.state = inet_tcp_state(i);
			if (l.state == TCPS_LISTEN)
				l.rx = i->accept_len;
			else if (i->tcp)
				l.tx = (uint32_t)(TCP_SND_BUF - i->tcp->snd_buf);
		} else if (i->s.state == INET_CONNECTED) {
			l.state = TCPS_ESTABLISHED;
		}
		if (kind == INET_TCP && l.state == TCPS_CLOSE)
			continue;
		if (kind == INET_TCP && i->tcp && l.state != TCPS_LISTEN)
			inet_tcp_timer(i->tcp, &l.timer);
		snprintf(drops, sizeof(drops), " %u", i->drops);
		put_line(s, n++, &l, kind == INET_TCP ? " 100 0 0 10 0" : drops);
	}
	/* Connections that no socket has: closed and not yet over, in TIME_WAIT, on their way to a listener. */
	while (kind == INET_TCP && (c = tcp_next(c))) {
		const struct tcp_pcb *pcb = &c->pcb;

		if ((pcb->callback_arg && pcb->state != SYN_RCVD && pcb->state != TIME_WAIT) || !IP_IS_V6(&pcb->remote_ip) != (family == AF_INET))
			continue;
		l = (struct line){ family, &pcb->local_ip, &pcb->remote_ip, pcb->local_port, pcb->remote_port, inet_state_of(pcb), 0, 0, 0, 0, 3, { 0 } };
		inet_tcp_timer(pcb, &l.timer);
		put_line(s, n++, &l, "");
	}
	net_lock_release();
	return 0;
}

static int show_tcp(struct seq *s, void *arg)
{
	seq_puts(s, "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n");
	return show_sockets(s, AF_INET, INET_TCP);
}

static int show_tcp6(struct seq *s, void *arg)
{
	seq_puts(s, "  sl  local_address                         remote_address                        st tx_queue rx_queue tr "
		    "tm->when retrnsmt   uid  timeout inode\n");
	return show_sockets(s, AF_INET6, INET_TCP);
}

static int show_dgram(struct seq *s, int family, enum inet_kind kind)
{
	if (family == AF_INET)
		seq_puts(s, "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref "
			    "pointer drops\n");
	else
		seq_puts(s, "  sl  local_address                         remote_address                        st tx_queue rx_queue tr "
			    "tm->when retrnsmt   uid  timeout inode ref pointer drops\n");
	return show_sockets(s, family, kind);
}

static int show_udp(struct seq *s, void *arg) { return show_dgram(s, AF_INET, INET_UDP); }
static int show_udp6(struct seq *s, void *arg) { return show_dgram(s, AF_INET6, INET_UDP); }
static int show_raw(struct seq *s, void *arg) { return show_dgram(s, AF_INET, INET_RAW); }
static int show_raw6(struct seq *s, void *arg) { return show_dgram(s, AF_INET6, INET_RAW); }
static int show_icmp6(struct seq *s, void *arg) { return show_dgram(s, AF_INET6, INET_PING); }
static int show_icmp(struct seq *s, void *arg) { return show_dgram(s, AF_INET, INET_PING); }

static int show_route(struct seq *s, void *arg)
{
	const struct net_route *r;
	char line[160];

	seq_printf(s, "%-127s\n", "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT");
	net_lock_acquire();
	list_for_each_entry(r, &net_routes, link) {
		unsigned flags = RTF_UP | (r->gw ? RTF_GATEWAY : 0) | (r->mask == UINT32_MAX ? RTF_HOST : 0) |
				 (r->type == RTN_UNREACHABLE || r->type == RTN_PROHIBIT ? RTF_REJECT : 0);
		const uint32_t *m = r->metrics;

		if (r->table != RT_TABLE_MAIN || r->type == RTN_BROADCAST || r->type == RTN_MULTICAST)
			continue;
		snprintf(line, sizeof(line), "%s\t%08X\t%08X\t%04X\t0\t0\t%u\t%08X\t%u\t%u\t%u", r->dev ? r->dev->name : "*", r->dst, r->gw,
			 flags, r->metric, r->mask, m && m[RTAX_ADVMSS] ? m[RTAX_ADVMSS] + 40 : 0, m ? m[RTAX_WINDOW] : 0,
			 m ? m[RTAX_RTT] >> 3 : 0);
		seq_printf(s, "%-127s\n", line);
	}
	net_lock_release();
	return 0;
}

static int show_arp(struct seq *s, void *arg)
{
	const struct net_neigh *n;

	seq_puts(s, "IP address       HW type     Flags       HW address            Mask     Device\n");
	net_lock_acquire();
	list_for_each_entry(n, &net_neighs, link) {
		const uint8_t *ip = (const uint8_t *)&n->ip, *m = n->mac;
		char text[16], flags[8];

		snprintf(text, sizeof(text), "%u.%u.%u.%u", ip[0], ip[1], ip[2], ip[3]);
		snprintf(flags, sizeof(flags), "0x%x", n->state & NUD_PERMANENT ? 6u : n->state & NUD_VALID ? 2u : 0u);
		seq_printf(s, "%-16s 0x%-10x%-12s%02x:%02x:%02x:%02x:%02x:%02x     *        %s\n", text, n->dev->type, flags, m[0], m[1], m[2],
			   m[3], m[4], m[5], n->dev->name);
	}
	net_lock_release();
	return 0;
}

static int inet_proc_init(void)
{
	static const struct {
		const char *path;
		int (*show)(struct seq *s, void *arg);
	} files[] = {
		{ "net/tcp", show_tcp }, { "net/tcp6", show_tcp6 }, { "net/udp", show_udp }, { "net/udp6", show_udp6 },
		{ "net/raw", show_raw }, { "net/raw6", show_raw6 }, { "net/icmp", show_icmp }, { "net/route", show_route },
		{ "net/arp", show_arp }, { "net/icmp6", show_icmp6 },
	};
	int err = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(files) && !err; i++)
		err = procfs_add(files[i].path, S_IFREG | 0444, files[i].show, NULL);
	return err;
}
INITCALL(INITCALL_DEVICE, inet_proc_init);
