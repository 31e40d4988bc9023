/* SPDX-License-Identifier: MIT */
/* What both register layouts of virtio over PCI share. */
#pragma once
#include <kernel/pci.h>
#include <kernel/virtio.h>

struct vpci {
	struct virtio_device dev;
	struct pci_dev *pci;
	char __iomem *common;		/* legacy: the whole register block, maybe in port space */
	char __iomem *notify, *isr, *config;
	uint32_t notify_len, notify_step, config_len;
	unsigned nr_vectors;		/* 0: the line */
};
static inline struct vpci *to_vpci(struct virtio_device *d) { return container_of(d, struct vpci, dev); }

#define VPCI_NO_VECTOR	0xffffu
/* The message of a queue, of a configuration change. */
uint16_t vpci_queue_vector(const struct vpci *v, const struct virtq *q);
static inline uint16_t vpci_config_vector(const struct vpci *v) { return v->nr_vectors ? 0 : VPCI_NO_VECTOR; }
int vpci_irqs_request(struct virtio_device *d);
void vpci_irqs_free(struct virtio_device *d);
int vpci_set_cpu(struct virtq *q, unsigned cpu);
uint8_t vpci_isr(struct vpci *v);
/* legacy.c: 0 with the registers mapped. */
int vpci_legacy_setup(struct vpci *v);
