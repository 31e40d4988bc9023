/* SPDX-License-Identifier: MIT */
/*
 * ip= on the command line: an address before there is an init.
 *
 *	ip=dhcp (on, any, both)		lwIP's DHCP client on the first interface that has a carrier, or on the one that is named
 *	ip=ADDR:SERVER:GW:MASK:HOST:DEV:AUTO	fields may be empty; the server is not used, AUTO other than off or none is dhcp
 *	ip=off (none)			nothing
 * The boot waits for the lease, ten seconds at most. The client goes on renewing it. Name servers go to /proc/net/pnp.
 *
 * Locks: net_lock; lease is completed by lwIP's call-back.
 * References: Linux's admin-guide on nfsroot, for the form; RFC 2131.
 */
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/printk.h>
#include <kernel/procfs.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include "port.h"
#include "lwip_hooks.h"
#include "lwip/dhcp.h"
#include "lwip/prot/dhcp.h"

#define WAIT_NS (10 * NSEC_PER_SEC)
#define FIELDS	7
enum { F_ADDR, F_SERVER, F_GW, F_MASK, F_HOST, F_DEV, F_AUTO };

static char text[128];
static char *field[FIELDS];
static uint32_t dns[3];
static bool bound;
static DEFINE_WAITQ(lease);

static int param_ip(const char *v)
{
	strscpy(text, v, sizeof(text));
	return 0;
}
BOOT_PARAM(ip, "ip=", param_ip);

static bool parse_addr(const char *s, uint32_t *out)
{
	uint32_t v = 0;
	unsigned parts = 0;

	while (parts < 4) {
		unsigned n = 0, digits = 0;

		while (isdigit(*s) && digits++ < 3)
			n = n * 10 + (unsigned)(*s++ - '0');
		if (!digits || n > 255)
			return false;
		v |= n << (8 * parts++);
		if (parts < 4 && *s++ != '.')
			return false;
	}
	*out = v;
	return !*s;
}

static void split(void)
{
	static char none[1];
	char *at = text;

	for (unsigned i = 0; i < FIELDS; i++) {
		char *colon = at ? strchr(at, ':') : NULL;

		field[i] = at ? at : none;
		if (colon)
			*colon++ = 0;
		at = colon;
	}
}

static bool is_off(const char *s)
{
	return !strcmp(s, "off") || !strcmp(s, "none");
}

static bool is_auto(const char *s)
{
	return !strcmp(s, "dhcp") || !strcmp(s, "on") || !strcmp(s, "any") || !strcmp(s, "both");
}

static struct netdev *choose(const char *name)
{
	struct netdev *d;

	if (*name)
		return netdev_by_name(name);
	list_for_each_entry(d, &netdevs, link)
		if (!(d->flags & IFF_LOOPBACK) && d->carrier)
			return d;
	return NULL;
}

static int add_default(struct netdev *d, uint32_t gw)
{
	struct net_route r = { .gw = gw, .dev = d, .protocol = RTPROT_DHCP, .type = RTN_UNICAST, .table = RT_TABLE_MAIN };

	return gw ? net_route_add(&r) : 0;
}

/* Option 6 of what the server says; lwIP has no resolver that would want it. */
void lwip_port_dhcp_option(struct pbuf *p, u8_t option, u8_t len, u16_t offset)
{
	if (option == DHCP_OPTION_DNS_SERVER && len >= 4)
		(void)pbuf_copy_partial(p, dns, (u16_t)MIN((unsigned)len & ~3u, (unsigned)sizeof(dns)), offset);
}

/* An address has come, or gone. lwIP sets mask and gateway first. */
static void changed(struct netif *netif)
{
	struct net_port *port = (struct net_port *)netif;
	uint32_t gw = netif_ip4_gw(netif)->addr;

	if (!port->dhcp || !netif_ip4_addr(netif)->addr)
		return;
	if (!net_addr4_set(port->dev, netif_ip4_addr(netif)->addr, netif_ip4_netmask(netif)->addr))
		(void)add_default(port->dev, gw);
	bound = true;
	waitq_wake_all(&lease);
}

static int configure(struct netdev *d)
{
	uint32_t addr, mask, gw = 0;
	int err;

	err = netdev_open(d);
	if (err)
		return err;
	if (!*field[F_ADDR] || !parse_addr(field[F_ADDR], &addr)) {
		port_of(d)->dhcp = true;
		netif_set_status_callback(&port_of(d)->netif, changed);
		return net_errno(dhcp_start(&port_of(d)->netif));
	}
	if (!*field[F_MASK] || !parse_addr(field[F_MASK], &mask))
		mask = __builtin_bswap32(!(addr >> 7 & 1) ? 0xff000000u : (addr >> 6 & 3) == 2 ? 0xffff0000u : 0xffffff00u);
	if (*field[F_GW])
		(void)parse_addr(field[F_GW], &gw);
	err = net_addr4_set(d, addr, mask);
	bound = !err;
	return err ? err : add_default(d, gw);
}

static int show_pnp(struct seq *s, void *arg)
{
	seq_puts(s, bound && dns[0] ? "#PROTO: DHCP\n" : "#MANUAL\n");
	for (unsigned i = 0; i < ARRAY_SIZE(dns) && dns[i]; i++)
		seq_printf(s, "nameserver %u.%u.%u.%u\n", dns[i] & 0xff, dns[i] >> 8 & 0xff, dns[i] >> 16 & 0xff, dns[i] >> 24);
	return 0;
}

static int ipconfig(void)
{
	const char *why = NULL;
	struct netdev *d;
	uint32_t a;
	int err = 0;

	if (procfs_add("net/pnp", S_IFREG | 0444, show_pnp, NULL))
		return -ENOMEM;
	if (!text[0] || is_off(text))
		return 0;
	split();
	if (is_auto(field[F_ADDR]))
		field[F_ADDR] = field[F_SERVER] + strlen(field[F_SERVER]);
	net_lock_acquire();
	(void)netdev_open(&net_lo);
	d = choose(field[F_DEV]);
	if (d)
		err = configure(d);
	net_lock_release();
	if (!d)
		why = "no such interface, or none with a carrier";
	else if (err)
		why = "cannot be set";
	else if (wait_event_state(&lease, READ_ONCE(bound), TASK_UNINTERRUPTIBLE, clock_monotonic() + WAIT_NS, false))
		why = "no answer from a DHCP server yet";
	if (why) {
		pr_warn("ip=: %s\n", why);
		return 0;
	}
	a = net_addr4_primary(d) ? net_addr4_primary(d)->local : 0;
	pr_info("%s: %u.%u.%u.%u\n", d->name, a & 0xff, a >> 8 & 0xff, a >> 16 & 0xff, a >> 24);
	return 0;
}
INITCALL(INITCALL_LATE, ipconfig);
