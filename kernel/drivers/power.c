/* SPDX-License-Identifier: MIT */
/* System power: whoever can switch it off or reset it registers here and is tried in turn. No locks: boot registers, the end uses. */
#include <kernel/errno.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <kernel/time.h>
#include <kernel/tty.h>
#include <arch/irq.h>
#include <arch/smp.h>

#define MAX_HANDLERS 4
static void (*offs[MAX_HANDLERS])(void), (*restarts[MAX_HANDLERS])(void);
static unsigned nr_offs, nr_restarts;

void power_register(void (*off)(void), void (*restart)(void))
{
	if (off && nr_offs < MAX_HANDLERS)
		offs[nr_offs++] = off;
	if (restart && nr_restarts < MAX_HANDLERS)
		restarts[nr_restarts++] = restart;
}

static void quiet_machine(const char *what)
{
	uart_drain();
	pr_notice("power: %s\n", what);
	arch_irq_disable();
	smp_stop_others();
}

__noreturn void system_halt(void)
{
	quiet_machine("halted");
	arch_halt();
}

__noreturn void system_power_off(void)
{
	quiet_machine("off");
	for (unsigned i = 0; i < nr_offs; i++)
		offs[i]();
	pr_emerg("power-off: nothing here can do it; halted\n");
	arch_halt();
}

__noreturn void system_restart(void)
{
	quiet_machine("restart");
	for (unsigned i = 0; i < nr_restarts; i++)
		restarts[i]();
	pr_emerg("restart: nothing here can do it; halted\n");
	arch_halt();
}
