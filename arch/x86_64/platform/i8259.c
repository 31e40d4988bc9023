/* SPDX-License-Identifier: MIT */
/*
 * The two 8259A interrupt controllers of the PC: moved to vectors of their own and masked for good; the I/O APIC takes over.
 * A masked 8259 can still raise a spurious interrupt 7 or 15, which must not hit an exception's vector.
 * Reference: Intel 8259A data sheet, initialisation command words.
 */
#include <arch/ioport.h>
#include <machine/boot.h>
#include "platform.h"

#define PIC1	0x20
#define PIC2	0xa0

/* Port 80h takes about a microsecond: the chips of old want that between writes. */
static void out(uint16_t port, uint8_t v)
{
	port_writeb(v, port);
	port_writeb(0, 0x80);
}

void i8259_mask(void)
{
	out(PIC1 + 1, 0xff);
	out(PIC2 + 1, 0xff);
	out(PIC1, 0x11);			/* ICW1: edge, cascade, ICW4 follows */
	out(PIC2, 0x11);
	out(PIC1 + 1, X86_VEC_LEGACY);		/* ICW2 */
	out(PIC2 + 1, X86_VEC_LEGACY + 8);
	out(PIC1 + 1, 1 << 2);			/* ICW3: the second is at line 2 */
	out(PIC2 + 1, 2);
	out(PIC1 + 1, 1);			/* ICW4: 8086 mode */
	out(PIC2 + 1, 1);
	out(PIC1 + 1, 0xff);
	out(PIC2 + 1, 0xff);
}
