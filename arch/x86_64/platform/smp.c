/* SPDX-License-Identifier: MIT */
/*
 * Starting the other CPUs: INIT, then SIPI to a page below 64 KiB (trampoline.S), which enters the kernel's long mode on
 * x86_boot_root and jumps to x86_secondary_entry. enable-method "aramid,init-sipi".
 *
 * One CPU is started at a time (smp_init), so the trampoline's data has one user.
 * References: MP specification 1.4, B.4; Intel SDM volume 3, 9.4.4.
 */
#include <kernel/errno.h>
#include <kernel/mm.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <arch/barrier.h>
#include <arch/smp.h>
#include <machine/boot.h>
#include <machine/x86.h>
#include "platform.h"

struct tramp_data {
	uint64_t cpu;
	uint64_t entry;
	uint32_t cr3;
	uint32_t efer;
	volatile uint32_t alive;
	uint32_t pad;
};
extern const char x86_tramp_start[], x86_tramp_end[], x86_tramp_data[];

static bool wait_alive(const struct tramp_data *d, unsigned us)
{
	nsec_t start = 0;

	do {
		if (d->alive)
			return true;
	} while (poll_timeout(&start, us * NSEC_PER_USEC));
	return false;
}

static int sipi_start(unsigned cpu, uint64_t hwid, paddr_t entry, uint64_t context)
{
	uint32_t id = (uint32_t)hwid, vector = (uint32_t)(x86_trampoline_pa >> 12);
	char *page = phys_to_virt(x86_trampoline_pa);
	struct tramp_data *d = (struct tramp_data *)(page + (x86_tramp_data - x86_tramp_start));

	if (!x86_trampoline_pa)
		return -ENOMEM;		/* no RAM below 64 KiB */
	if (hwid > UINT32_MAX || (!apic_x2 && hwid > 0xfe))
		return -EINVAL;
	memcpy(page, x86_tramp_start, (size_t)(x86_tramp_end - x86_tramp_start));
	d->cpu = context;
	d->entry = (uint64_t)x86_secondary_entry;
	d->cr3 = (uint32_t)x86_boot_root_pa;
	d->efer = rdmsr(MSR_EFER) & EFER_NXE;
	memcpy(&x86_boot_root[256], &x86_kernel_root[256], 256 * sizeof(uint64_t));
	smp_mb();		/* all of it is in memory before the command */
	apic_command(id, APIC_ICR_INIT | APIC_ICR_LEVEL | APIC_ICR_ASSERT);
	/* 10 ms and 200 us are the specification's; what an emulator or a CPU of this century needs is none of it. */
	udelay(x86_virtual() ? 10 : 10000);
	apic_command(id, APIC_ICR_STARTUP | APIC_ICR_ASSERT | vector);
	if (wait_alive(d, x86_virtual() ? 20000 : 300))
		return 0;
	apic_command(id, APIC_ICR_STARTUP | APIC_ICR_ASSERT | vector);
	if (wait_alive(d, 500000))
		return 0;
	/* Back to waiting: one that came late would take the next one's number. */
	apic_command(id, APIC_ICR_INIT | APIC_ICR_LEVEL | APIC_ICR_ASSERT);
	return -ETIMEDOUT;
}

/* INIT would be needed to start it again; until then it waits with interrupts off. */
static void sipi_die(void)
{
	arch_halt();
}

static const struct cpu_ops sipi_ops = { .method = "aramid,init-sipi", .start = sipi_start, .die = sipi_die };

void x86_smp_register(void)
{
	cpu_ops_register(&sipi_ops);
}
