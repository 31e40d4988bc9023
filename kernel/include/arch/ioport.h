/* SPDX-License-Identifier: MIT */
/*
 * CONTRACT: the I/O port space of PCs. Included only by drivers of devices that may live there.
 *	ARCH_HAS_IOPORT		0 where there is none: then reads give all ones and writes do nothing
 *	uint8/16/32_t port_readb/w/l(uint16_t port), port_writeb/w/l(value, port)	in program order, after earlier stores
 */
#pragma once
#include <kernel/types.h>
#include <machine/ioport.h>
