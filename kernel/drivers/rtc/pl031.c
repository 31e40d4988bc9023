/* SPDX-License-Identifier: MIT */
/* PrimeCell real-time clock: sets the time of day at boot. Binding: arm,pl031. Reference: ARM DDI 0224. */
#include <kernel/device.h>
#include <kernel/errno.h>
#include <kernel/printk.h>
#include <kernel/time.h>

#define RTC_DR 0x00	/* seconds since 1970 */
#define RTC_CR 0x0c

static int pl031_probe(struct dt_node *node, const struct dt_match *match)
{
	char __iomem *base = dt_ioremap(node, 0);
	uint32_t now;

	if (!base)
		return -ENOMEM;
	if (!(readl(base + RTC_CR) & 1))
		writel(1, base + RTC_CR);
	now = readl(base + RTC_DR);
	clock_set_realtime((nsec_t)now * NSEC_PER_SEC);
	iounmap(base);
	pr_info("pl031: real time is %u s\n", now);
	return 0;
}

static const struct dt_match pl031_match[] = { { "arm,pl031", NULL }, { NULL, NULL } };
DRIVER(pl031, .match = pl031_match, .probe = pl031_probe, .phase = PROBE_CONSOLE);
