/* SPDX-License-Identifier: MIT */
/*
 * Message-signalled interrupts: a device's write to the local APICs' page is an interrupt of the CPU in its address, with the vector in
 * its data (SDM 3, 11.11). Vectors X86_VEC_MSI to X86_VEC_TIMER - 1, the same on every CPU; they go to the boot CPU until told otherwise.
 *
 * Locks: lock (LR_DEVICE): which vectors are given out.
 */
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/mm.h>
#include <kernel/msi.h>
#include <kernel/spinlock.h>
#include <machine/boot.h>
#include "platform.h"

#define MSI_ADDR	0xfee00000u
#define NR_MSI		(X86_VEC_TIMER - X86_VEC_MSI)

static struct irq_domain domain;
static unsigned long used[1];
static DEFINE_SPINLOCK(lock, LR_DEVICE);
_Static_assert(NR_MSI <= 64, "used[]");

/* A message is masked at its device, in the table there, which only its driver reaches. */
static void msi_nothing(struct irq_desc *d)
{
}

static void msi_eoi(struct irq_desc *d)
{
	apic_eoi();
}

static const struct irq_chip msi_chip = {
	.name = "PCI-MSI",
	.mask = msi_nothing,
	.unmask = msi_nothing,
	.eoi = msi_eoi,
};

void x86_msi_handle(unsigned vector)
{
	irq_domain_handle(&domain, vector - X86_VEC_MSI);
}

static void msi_free(struct msi_controller *c, uint32_t device, unsigned n, struct irq_desc **irqs)
{
	while (n--)
		clear_bit(irqs[n]->line, used);
}

static int msi_alloc(struct msi_controller *c, uint32_t device, unsigned n, struct irq_desc **irqs, struct msi_msg *msgs)
{
	unsigned line = 0, i;
	irqflags_t f;
	int err;

	if (apic_id_of_cpu[0] > 0xff)
		return -ENOSPC;		/* the address has eight bits; more need interrupt remapping */
	for (i = 0; i < n; i++) {
		f = spin_lock_irqsave(&lock);
		while (line < NR_MSI && test_and_set_bit(line, used))
			line++;
		spin_unlock_irqrestore(&lock, f);
		err = -ENOSPC;
		if (line < NR_MSI) {
			err = irq_domain_line(&domain, line, IRQ_TYPE_EDGE_RISING, &irqs[i]);
			if (err)
				clear_bit(line, used);
		}
		if (err) {
			msi_free(c, device, i, irqs);
			return err;
		}
		msgs[i] = (struct msi_msg){ MSI_ADDR | apic_id_of_cpu[0] << 12, X86_VEC_MSI + line };
	}
	return 0;
}

static int msi_target(struct msi_controller *c, struct irq_desc *irq, unsigned cpu, struct msi_msg *msg)
{
	if (apic_id_of_cpu[cpu] > 0xff)
		return -EOPNOTSUPP;
	*msg = (struct msi_msg){ MSI_ADDR | apic_id_of_cpu[cpu] << 12, X86_VEC_MSI + irq->line };
	return 0;
}

int x86_msi_init(void)
{
	static struct msi_controller msi = { .name = "APIC", .alloc = msi_alloc, .free = msi_free, .target = msi_target };
	int err;

	domain.chip = &msi_chip;
	domain.nr_lines = NR_MSI;
	err = irq_domain_register(&domain);
	if (!err)
		msi_controller_register(&msi);
	return err;
}
