/* SPDX-License-Identifier: MIT */
/*
 * Message-signalled interrupts: a device raises one by writing data to an address. Controllers give the messages; the interrupt behind
 * each is an ordinary irq_desc. kernel/drivers/irq/msi.c.
 */
#pragma once
#include <kernel/irq.h>
#include <kernel/list.h>

struct dt_node;
struct msi_msg {
	uint64_t addr;
	uint32_t data;
};
struct msi_controller {
	struct list_head link;
	const char *name;
	struct dt_node *node;		/* NULL: serves every device of the machine */
	/* @n interrupts for the device with this id. May sleep. 0, -ENOSPC, -ENOMEM. */
	int (*alloc)(struct msi_controller *c, uint32_t device, unsigned n, struct irq_desc **irqs, struct msi_msg *msgs);
	void (*free)(struct msi_controller *c, uint32_t device, unsigned n, struct irq_desc **irqs);
	/* The message that raises @irq on another CPU. NULL: the message stays, and the line behind it goes elsewhere if its chip can. */
	int (*target)(struct msi_controller *c, struct irq_desc *irq, unsigned cpu, struct msi_msg *msg);
};
void msi_controller_register(struct msi_controller *c);
/* The controller of a bus's device and the device's id there, by "msi-map" or "msi-parent" of @bus. NULL: none. */
struct msi_controller *msi_controller_find(const struct dt_node *bus, uint32_t rid, uint32_t *device);
