/* SPDX-License-Identifier: MIT */
/*
 * Time of a PC: the time-stamp counter is the clock, the local APIC's timer the event, in deadline mode where there is one.
 *
 * The counter's frequency is what the CPU or the hypervisor says; else it is measured against the HPET, the ACPI timer
 * or the PIT, the first that runs. One measurement gives the APIC timer's frequency too. Each end of it is the
 * closest of several reads, bracketed by the counter, so that a host or an SMI that stops us in between does little harm.
 *
 * Binding: "aramid,x86-timer" (dts/x86_64.dts). Boot CPU; then per-CPU with interrupts off; no locks.
 * References: Intel SDM volume 3, 18.7 (TSC), 11.5.4 (APIC timer), CPUID 15h, 16h; IA-PC HPET 1.0a; ACPI 6.5, 4.8.2.1; 8254.
 */
#include <kernel/device.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/printk.h>
#include <kernel/time.h>
#include <kernel/timer.h>
#include <arch/ioport.h>
#include <machine/boot.h>
#include <machine/x86.h>
#include "platform.h"

#define MSR_TSC_DEADLINE 0x6e0u
#define PIT_HZ		1193182u
#define PM_TIMER_HZ	3579545u
#define BRACKETS	5
#define SPINS_MAX	20000000u	/* reads of a reference that stands still */

static uint64_t tsc_per_ns __ro_after_init;	/* 32.32 fixed point, rounded up: never early */
static uint64_t apic_per_ns __ro_after_init;
static bool deadline_mode __ro_after_init;

static struct clocksource tsc = {
	.name = "tsc",
	.read = rdtsc_ordered,
};

/* ---- events */

static inline uint64_t counts(nsec_t delta, uint64_t per_ns)
{
	/* At most 2^40 ns, 18 minutes: the product stays in range, and an early event only looks again. */
	if (delta > 1ll << 40)
		delta = 1ll << 40;
	return (uint64_t)((unsigned __int128)(uint64_t)delta * per_ns >> 32) + 1;
}

static void event_set(nsec_t deadline)
{
	nsec_t delta = deadline - clock_monotonic();
	uint64_t n;

	if (deadline <= 0 || delta < 0)
		delta = 0;
	if (deadline_mode) {
		wrmsr(MSR_TSC_DEADLINE, rdtsc_ordered() + counts(delta, tsc_per_ns));
	} else {
		n = counts(delta, apic_per_ns);
		apic_timer_count(n > UINT32_MAX ? UINT32_MAX : (uint32_t)n);
	}
}

static void event_stop(void)
{
	if (deadline_mode)
		wrmsr(MSR_TSC_DEADLINE, 0);
	else
		apic_timer_count(0);
}

static const struct clockevent event = {
	.name = "apic_timer",
	.set_deadline = event_set,
	.stop = event_stop,
};

void x86_timer_interrupt(void)
{
	clockevent_interrupt();
}

void x86_timer_init_cpu(void)
{
	apic_timer_mode(deadline_mode ? APIC_LVT_TIMER_DEADLINE : APIC_LVT_TIMER_ONESHOT);
	event_stop();
}

/* ---- what is said about the frequency */

static uint64_t __init hz_from_cpuid(void)
{
	struct cpuid_regs r;

	if (x86_virtual()) {
		/* Common to KVM and VMware: kHz of the counter in EAX. */
		r = cpuid(0x40000000, 0);
		if (r.a >= 0x40000010 && r.a < 0x40010000) {
			r = cpuid(0x40000010, 0);
			if (r.a)
				return (uint64_t)r.a * 1000;
		}
	}
	if (cpuid(0, 0).a < 0x15)
		return 0;
	r = cpuid(0x15, 0);		/* EBX / EAX of the crystal's ECX Hz */
	if (!r.a || !r.b)
		return 0;
	if (r.c)
		return (uint64_t)r.c * r.b / r.a;
	if (cpuid(0, 0).a < 0x16)
		return 0;
	return (uint64_t)(cpuid(0x16, 0).a & 0xffff) * 1000000;	/* base MHz: the counter's, within a few per mille */
}

/* ---- references to measure against */

struct reference {
	const char *name;
	uint64_t (*read)(void);
	uint64_t hz, mask;
};

static char __iomem *hpet __initdata;
static uint16_t pm_port __initdata;

static uint64_t __init hpet_read(void)
{
	return readl_relaxed(hpet + 0xf0);
}

static uint64_t __init pm_read(void)
{
	return port_readl(pm_port);
}

/* Channel 2 counts down; the latch command makes both bytes of one moment. */
static uint64_t __init pit_read(void)
{
	unsigned v;

	port_writeb(0x80, 0x43);
	v = port_readb(0x42);
	v |= (unsigned)port_readb(0x42) << 8;
	return ~(uint64_t)v;
}

static bool __init hpet_setup(struct dt_node *node, struct reference *r)
{
	uint64_t pa;
	uint32_t period;

	if (dt_u64(node, "aramid,hpet", &pa))
		return false;
	hpet = ioremap(pa, 0x400);
	if (!hpet)
		return false;
	period = readl(hpet + 4);	/* femtoseconds; the specification allows 100 ns at most */
	if (!period || period > 100000000) {
		iounmap(hpet);
		hpet = NULL;
		return false;
	}
	writel(readl(hpet + 0x10) | 1, hpet + 0x10);	/* runs */
	*r = (struct reference){ "hpet", hpet_read, 1000000000000000ull / period, UINT32_MAX };
	return true;
}

static bool __init pm_setup(struct dt_node *node, struct reference *r)
{
	uint32_t port;

	if (dt_u32(node, "aramid,pm-timer-port", &port) || port > 0xfffc)
		return false;
	pm_port = (uint16_t)port;
	*r = (struct reference){ "acpi_pm", pm_read, PM_TIMER_HZ, 0xffffff };
	return true;
}

static bool __init pit_setup(struct dt_node *node, struct reference *r)
{
	/* Gate of channel 2 open, speaker off; mode 0 from the top: no reload within 54 ms. */
	port_writeb((uint8_t)((port_readb(0x61) & ~2u) | 1), 0x61);
	port_writeb(0xb0, 0x43);
	port_writeb(0xff, 0x42);
	port_writeb(0xff, 0x42);
	*r = (struct reference){ "pit", pit_read, PIT_HZ, 0xffff };
	return true;
}

/* ---- measuring */

struct moment {
	uint64_t tsc, ref;
	uint32_t apic;
};

static struct moment __init take_moment(const struct reference *r)
{
	struct moment best = { 0, 0, 0 };
	uint64_t width = UINT64_MAX;
	unsigned i;

	for (i = 0; i < BRACKETS; i++) {
		uint64_t before = rdtsc_ordered(), ref = r->read(), after = rdtsc_ordered();

		if (after - before < width) {
			width = after - before;
			best.tsc = before + width / 2;
			best.ref = ref;
			best.apic = apic_timer_left();
		}
	}
	return best;
}

/* Frequencies of counter and APIC timer. False: the reference does not run. */
static bool __init measure(const struct reference *r, uint64_t *tsc_hz, uint64_t *apic_hz)
{
	uint64_t want = r->hz / (x86_virtual() ? 500 : 100), ticks;
	struct moment a, b;
	unsigned spins = 0;

	apic_timer_count(UINT32_MAX);
	a = take_moment(r);
	while (((r->read() - a.ref) & r->mask) < want)
		if (++spins > SPINS_MAX)
			return false;
	b = take_moment(r);
	apic_timer_count(0);
	ticks = (b.ref - a.ref) & r->mask;
	*tsc_hz = (b.tsc - a.tsc) * r->hz / ticks;
	*apic_hz = (uint64_t)(a.apic - b.apic) * r->hz / ticks;
	return *tsc_hz > 1000000 && *apic_hz > 10000;
}

static const char *__init calibrate(struct dt_node *node, uint64_t *tsc_hz, uint64_t *apic_hz)
{
	static bool (*const setups[])(struct dt_node *node, struct reference *r) = { hpet_setup, pm_setup, pit_setup };
	struct reference r;
	unsigned i;

	for (i = 0; i < ARRAY_SIZE(setups); i++)
		if (setups[i](node, &r) && measure(&r, tsc_hz, apic_hz))
			return r.name;
	return NULL;
}

/* In 64 bits up to 16 GHz, at the price of the last three bits; rounded up. */
static uint64_t __init fixed_point(uint64_t hz)
{
	return ((hz << 29) / NSEC_PER_SEC + 1) << 3;
}

uint64_t x86_tsc_hz(void)
{
	return tsc.freq_hz;
}

static int __init timer_probe(struct dt_node *node, const struct dt_match *match)
{
	uint64_t said = hz_from_cpuid(), tsc_hz = 0, apic_hz = 0;
	const char *by = "cpuid";

	if (!apic_ready())
		return -ENODEV;
	deadline_mode = cpuid(1, 0).c & BIT(24);
	/* Masked while it measures: the count runs all the same. */
	apic_timer_mode(BIT(16) | APIC_LVT_TIMER_ONESHOT);
	if (!said || !deadline_mode) {
		by = calibrate(node, &tsc_hz, &apic_hz);
		if (!by) {
			pr_err("tsc: no HPET, ACPI timer or PIT runs that its frequency could be measured by\n");
			return -EIO;
		}
	}
	tsc.freq_hz = said ? said : tsc_hz;
	tsc_per_ns = fixed_point(tsc.freq_hz);
	apic_per_ns = fixed_point(apic_hz);
	pr_info("tsc: %lu Hz by %s, events by %s\n", (unsigned long)tsc.freq_hz, said ? "cpuid" : by,
		deadline_mode ? "deadline" : "one-shot timer");
	if (!(cpuid(0x80000000, 0).a >= 0x80000007 && cpuid(0x80000007, 0).d & BIT(8)))
		pr_debug("tsc: not said to be invariant\n");
	clocksource_register(&tsc);
	x86_timer_init_cpu();
	clockevent_register(&event);
	return 0;
}

static const struct dt_match timer_match[] = { { "aramid,x86-timer", NULL }, { NULL, NULL } };
DRIVER(x86_timer, .match = timer_match, .probe = timer_probe, .phase = PROBE_TIMER);
