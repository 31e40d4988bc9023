/* SPDX-License-Identifier: MIT */
/*
 * Exceptions before the kernel can take them: on the boot CPU from head.S to x86_early_cpu_init(), on the others until
 * x86_secondary_start(). Without these gates such a fault would reset the machine without a word. Says on the first serial
 * port, where the firmware's messages go as a rule, what happened and where, and stops this CPU. Needs nothing but a stack.
 */
#include <kernel/types.h>
#include <arch/ioport.h>
#include <machine/x86.h>
#include "boot_internal.h"

#define COM1_DATA	0x3f8
#define COM1_STATUS	0x3fd
#define STATUS_ROOM	BIT(5)

static void put(char c)
{
	unsigned i;

	/* A port that is not there reads as all ones; one that is stuck holds nobody up. */
	for (i = 0; i < 100000 && !(port_readb(COM1_STATUS) & STATUS_ROOM); i++)
		;
	port_writeb((uint8_t)c, COM1_DATA);
}

static void put_text(const char *s)
{
	while (*s)
		put(*s++);
}

static void put_hex(const char *name, uint64_t v)
{
	unsigned shift = 64;

	put_text(name);
	while (shift) {
		shift -= 4;
		put("0123456789abcdef"[v >> shift & 15]);
	}
}

void x86_early_exception(const struct early_frame *f)
{
	put_hex("\r\nAramid: exception ", f->vector);
	put_hex(" before the kernel can handle any\r\nerror ", f->error);
	put_hex(" pc ", f->ip);
	put_hex(" sp ", f->sp);
	put_hex(" cr2 ", read_cr2());
	put_hex(" cr3 ", read_cr3());
	put_text(": halted\r\n");
}
