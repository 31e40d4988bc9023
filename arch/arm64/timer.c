/* SPDX-License-Identifier: MIT */
/*
 * The generic timer: the virtual counter is the clock, the virtual timer the one-shot event of
 * each CPU. Virtual, because a guest always has it, and at EL2's hand-over the offset is zero
 * (boot/arm64/head.S). Binding: "arm,armv8-timer". Arm ARM DDI 0487, "The Generic Timer in
 * AArch64 state".
 */
#include <kernel/device.h>
#include <kernel/init.h>
#include <kernel/irq.h>
#include <kernel/printk.h>
#include <kernel/time.h>
#include <kernel/timer.h>
#include <uapi/errno.h>
#include <machine/sysreg.h>

#define CTL_ENABLE	BIT(0)
#define CTL_IMASK	BIT(1)
#define IRQ_VIRTUAL	2	/* index in "interrupts": secure, non-secure, virtual, hypervisor */

static uint64_t counts_per_ns __ro_after_init;	/* 32.32 fixed point, rounded up: never early */
static struct irq_desc *timer_irq __ro_after_init;

/* ISB: the counter may otherwise be read early, before what the program has done until here. */
static uint64_t counter_read(void)
{
	isb();
	return read_sysreg(cntvct_el0);
}

static struct clocksource counter = {
	.name = "arch_sys_counter",
	.read = counter_read,
};

static void event_set(nsec_t deadline)
{
	nsec_t delta = deadline - clock_monotonic();
	uint64_t now = read_sysreg(cntvct_el0), counts = 0;

	if (deadline > 0 && delta > 0) {
		/*
		 * At most 2^40 ns, 18 minutes: the product stays in range, and an early event
		 * only looks again.
		 */
		if (delta > 1ll << 40)
			delta = 1ll << 40;
		counts = (uint64_t)((unsigned __int128)(uint64_t)delta * counts_per_ns >> 32) + 1;
	}
	write_sysreg(cntv_cval_el0, now + counts);
	write_sysreg(cntv_ctl_el0, CTL_ENABLE);
	isb();		/* armed before the CPU goes to sleep */
}

static void event_stop(void)
{
	write_sysreg(cntv_ctl_el0, 0);
	isb();		/* the level is gone before the interrupt ends */
}

static const struct clockevent event = {
	.name = "arch_timer",
	.set_deadline = event_set,
	.stop = event_stop,
};

/*
 * The condition stays true until the compare value moves: mask it, the portable code arms the
 * next one.
 */
static void timer_interrupt(void *arg)
{
	write_sysreg(cntv_ctl_el0, CTL_ENABLE | CTL_IMASK);
	isb();
	clockevent_interrupt();
}

static void timer_cpu_init(void)
{
	event_stop();
	irq_enable(timer_irq);
}

static int timer_probe(struct dt_node *node, const struct dt_match *match)
{
	uint32_t hz;
	int err;

	/* Firmware that forgot the register may have said it in the tree. */
	if (dt_u32(node, "clock-frequency", &hz) || !hz)
		hz = (uint32_t)read_sysreg(cntfrq_el0);
	if (!hz)
		return -EINVAL;
	err = irq_of_node(node, IRQ_VIRTUAL, &timer_irq);
	if (err)
		return err;
	counter.freq_hz = hz;
	counts_per_ns = (((uint64_t)hz << 32) + NSEC_PER_SEC - 1) / NSEC_PER_SEC;
	clocksource_register(&counter);
	clockevent_register(&event);
	err = irq_request(timer_irq, timer_interrupt, NULL, "arch_timer");
	if (err)
		return err;
	timer_cpu_init();
	irq_register_cpu_init(timer_cpu_init);
	return 0;
}

static const struct dt_match timer_match[] = {
	{ "arm,armv8-timer", NULL },
	{ "arm,armv7-timer", NULL },
	{ NULL, NULL },
};
DRIVER(arch_timer, .match = timer_match, .probe = timer_probe, .phase = PROBE_TIMER);
