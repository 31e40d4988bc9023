/* SPDX-License-Identifier: MIT */
/* Inside kernel/drivers/pci only. */
#pragma once
#include <kernel/pci.h>

void pci_scan(struct pci_host *h);		/* finds the functions, sizes their ranges */
void pci_assign(struct pci_host *h);		/* gives addresses to what has none */
void pci_bars_read(struct pci_dev *d);
