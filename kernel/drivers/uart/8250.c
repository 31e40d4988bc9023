/* SPDX-License-Identifier: MIT */
/*
 * 8250-family UARTs: 16550A and descendants, DesignWare's. Memory-mapped, registers reg-shift apart, accessed with
 * reg-io-width bytes; or in the port space of a PC, one byte each.
 * Bindings: serial/8250.yaml (ns16550a, ns16550, ns8250), snps,dw-apb-uart, brcm,bcm2835-aux-uart.
 * Reference: National Semiconductor PC16550D data sheet.
 *
 * Locks: port->lock, held by the serial core around all operations that take a port.
 */
#include <kernel/device.h>
#include <kernel/errno.h>
#include <kernel/irq.h>
#include <kernel/mm.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/timer.h>
#include <kernel/tty.h>
#include <uapi/ioctls.h>
#include <uapi/termios.h>
#include <arch/ioport.h>
#include "uart.h"

#define RBR 0
#define IER 1
#define IIR 2
#define FCR 2
#define LCR 3
#define MCR 4
#define LSR 5
#define MSR 6			/* modem status */
#define DW_USR 31		/* DesignWare: busy detail, read to clear its own interrupt */

#define IER_RDI	BIT(0)
#define IER_THRI BIT(1)
#define IER_RLSI BIT(2)
#define IIR_NONE BIT(0)
#define IIR_DW_BUSY 7
#define FCR_ON	0x07		/* on, both sides emptied, threshold of one byte */
#define LCR_STB	BIT(2)
#define LCR_PEN	BIT(3)
#define LCR_EPS	BIT(4)
#define LCR_SPAR BIT(5)
#define LCR_BRK	BIT(6)
#define LCR_DLAB BIT(7)
#define MCR_DTR	BIT(0)
#define MCR_RTS	BIT(1)
#define MCR_OUT2 BIT(3)		/* gates the interrupt on PCs */
#define MCR_LOOP BIT(4)
#define MCR_AFE	BIT(5)
#define LSR_DR	BIT(0)
#define LSR_OE	BIT(1)
#define LSR_PE	BIT(2)
#define LSR_FE	BIT(3)
#define LSR_BI	BIT(4)
#define LSR_THRE BIT(5)
#define LSR_TEMT BIT(6)
#define MSR_CTS	BIT(4)
#define MSR_DSR	BIT(5)
#define MSR_RI	BIT(6)
#define MSR_DCD	BIT(7)
#define SCR	7		/* scratch */
#define FIFO	16
#define POLL_NS	(4 * NSEC_PER_MSEC)

struct regs {
	char __iomem *base;
	unsigned shift, width;
};
struct uart8250 {
	struct uart_port port;
	struct regs r;
	struct timer poll;	/* instead of an interrupt where there is none */
	bool dw;
	uint8_t ier, lcr, mcr;	/* [port.lock] what was written last */
};

static unsigned rd(const struct regs *r, unsigned reg)
{
	char __iomem *p = r->base + ((size_t)reg << r->shift);

	if (ARCH_HAS_IOPORT && io_is_port(p))
		return port_readb((uint16_t)(uintptr_t)p);
	return r->width == 4 ? readl(p) : r->width == 2 ? readw(p) : readb(p);
}

static void wr(const struct regs *r, unsigned reg, unsigned v)
{
	char __iomem *p = r->base + ((size_t)reg << r->shift);

	if (ARCH_HAS_IOPORT && io_is_port(p))
		port_writeb((uint8_t)v, (uint16_t)(uintptr_t)p);
	else if (r->width == 4)
		writel(v, p);
	else if (r->width == 2)
		writew((uint16_t)v, p);
	else
		writeb((uint8_t)v, p);
}

static struct uart8250 *to_8250(struct uart_port *p)
{
	return container_of(p, struct uart8250, port);
}

static void set_ier(struct uart8250 *u, unsigned v)
{
	u->ier = (uint8_t)v;
	wr(&u->r, IER, v);
}

/* The empty flag says that the whole FIFO is free; whether it is full cannot be read. */
static size_t u8250_tx(struct uart_port *p, const uint8_t *buf, size_t n)
{
	struct uart8250 *u = to_8250(p);
	size_t done;

	if (!(rd(&u->r, LSR) & LSR_THRE))
		return 0;
	for (done = 0; done < n && done < FIFO; done++)
		wr(&u->r, RBR, buf[done]);
	return done;
}

static void u8250_tx_irq(struct uart_port *p, bool on)
{
	struct uart8250 *u = to_8250(p);

	set_ier(u, on ? u->ier | IER_THRI : u->ier & ~(unsigned)IER_THRI);
}

static void u8250_rx_stop(struct uart_port *p, bool stop)
{
	struct uart8250 *u = to_8250(p);

	set_ier(u, stop ? u->ier & ~(unsigned)(IER_RDI | IER_RLSI) : u->ier | IER_RDI | IER_RLSI);
}

static int u8250_set_termios(struct uart_port *p, unsigned cflag, unsigned baud)
{
	struct uart8250 *u = to_8250(p);
	unsigned div;

	u->lcr = (uint8_t)((cflag & CSIZE) >> 4);
	if (cflag & CSTOPB)
		u->lcr |= LCR_STB;
	if (cflag & PARENB)
		u->lcr |= LCR_PEN | (cflag & PARODD ? 0 : LCR_EPS) | (cflag & CMSPAR ? LCR_SPAR : 0);
	if (baud && p->clock_hz) {
		div = (p->clock_hz + baud * 8) / (baud * 16);
		if (div && div < 0x10000) {
			wr(&u->r, LCR, u->lcr | LCR_DLAB);
			wr(&u->r, 0, div & 0xff);
			wr(&u->r, 1, div >> 8);
		}
	}
	wr(&u->r, LCR, u->lcr);
	u->mcr = (uint8_t)(cflag & CRTSCTS ? u->mcr | MCR_AFE : u->mcr & ~(unsigned)MCR_AFE);
	wr(&u->r, MCR, u->mcr);
	return 0;
}

static void receive(struct uart8250 *u)
{
	unsigned lsr, budget = 256;

	while (budget-- && ((lsr = rd(&u->r, LSR)) & (LSR_DR | LSR_BI))) {
		uint8_t c = (uint8_t)rd(&u->r, RBR);
		unsigned flag = 0;

		if (unlikely(lsr & (LSR_OE | LSR_PE | LSR_FE | LSR_BI)))
			flag = lsr & LSR_BI ? UART_FLAG_BREAK : lsr & LSR_PE ? UART_FLAG_PARITY :
			       lsr & LSR_FE ? UART_FLAG_FRAME : UART_FLAG_OVERRUN;
		uart_rx(&u->port, c, flag);
	}
	uart_rx_push(&u->port);
}

static void u8250_interrupt(void *arg)
{
	struct uart8250 *u = arg;

	for (unsigned budget = 16; budget; budget--) {
		unsigned iir = rd(&u->r, IIR) & 0xf;

		if (u->dw && iir == IIR_DW_BUSY) {
			/* LCR was written while it was busy and did not take. */
			(void)rd(&u->r, DW_USR);
			wr(&u->r, LCR, u->lcr);
			continue;
		}
		if (iir & IIR_NONE)
			return;
		switch (iir >> 1) {
		case 1:
			uart_tx_ready(&u->port);
			break;
		case 0:
			(void)rd(&u->r, MSR);
			break;
		default:
			receive(u);
		}
	}
}

/* A FIFO of 16 bytes each time: some 4 KB/s, and a machine whose tables are wrong still speaks. */
static void u8250_poll(struct timer *t)
{
	u8250_interrupt(container_of(t, struct uart8250, poll));
	timer_start(t, clock_monotonic() + POLL_NS);
}

static void attach_interrupt(struct uart8250 *u, struct irq_desc *irq, int err)
{
	if (!err)
		err = irq_request(irq, u8250_interrupt, u, "uart-8250");
	if (!err)
		return;
	pr_warn("%s%u: no interrupt (error %d): polled\n", u->port.name, u->port.line, -err);
	timer_setup(&u->poll, u8250_poll, TIMER_MONO);
	timer_start(&u->poll, clock_monotonic() + POLL_NS);
}

static int u8250_startup(struct uart_port *p)
{
	struct uart8250 *u = to_8250(p);

	wr(&u->r, FCR, FCR_ON);
	u->mcr |= MCR_DTR | MCR_RTS | MCR_OUT2;
	wr(&u->r, MCR, u->mcr);
	set_ier(u, IER_RDI | IER_RLSI);
	return 0;
}

static void u8250_shutdown(struct uart_port *p)
{
	set_ier(to_8250(p), 0);
}

static unsigned u8250_get_mctrl(struct uart_port *p)
{
	struct uart8250 *u = to_8250(p);
	unsigned modem = rd(&u->r, MSR);

	return (modem & MSR_CTS ? TIOCM_CTS : 0) | (modem & MSR_DSR ? TIOCM_DSR : 0) | (modem & MSR_RI ? TIOCM_RNG : 0) |
	       (modem & MSR_DCD ? TIOCM_CAR : 0) | (u->mcr & MCR_DTR ? TIOCM_DTR : 0) | (u->mcr & MCR_RTS ? TIOCM_RTS : 0) |
	       (u->mcr & MCR_LOOP ? TIOCM_LOOP : 0);
}

static void u8250_set_mctrl(struct uart_port *p, unsigned set, unsigned clear)
{
	struct uart8250 *u = to_8250(p);
	static const struct {
		unsigned tiocm;
		uint8_t mcr;
	} map[] = { { TIOCM_DTR, MCR_DTR }, { TIOCM_RTS, MCR_RTS }, { TIOCM_LOOP, MCR_LOOP } };

	for (unsigned i = 0; i < ARRAY_SIZE(map); i++) {
		if (set & map[i].tiocm)
			u->mcr |= map[i].mcr;
		if (clear & map[i].tiocm)
			u->mcr &= (uint8_t)~map[i].mcr;
	}
	wr(&u->r, MCR, u->mcr);
}

static void u8250_send_break(struct uart_port *p, bool on)
{
	struct uart8250 *u = to_8250(p);

	u->lcr = (uint8_t)(on ? u->lcr | LCR_BRK : u->lcr & ~(unsigned)LCR_BRK);
	wr(&u->r, LCR, u->lcr);
}

static bool u8250_tx_empty(struct uart_port *p)
{
	return rd(&to_8250(p)->r, LSR) & LSR_TEMT;
}

static void put_polled(const struct regs *r, char c)
{
	for (unsigned i = 0; i < 1000000 && !(rd(r, LSR) & LSR_THRE); i++)
		;
	wr(r, RBR, (uint8_t)c);
}

static void u8250_put(struct uart_port *p, char c)
{
	put_polled(&to_8250(p)->r, c);
}

static const struct uart_ops u8250_ops = {
	.tx = u8250_tx,
	.tx_irq = u8250_tx_irq,
	.rx_stop = u8250_rx_stop,
	.set_termios = u8250_set_termios,
	.startup = u8250_startup,
	.shutdown = u8250_shutdown,
	.get_mctrl = u8250_get_mctrl,
	.set_mctrl = u8250_set_mctrl,
	.send_break = u8250_send_break,
	.tx_empty = u8250_tx_empty,
	.put = u8250_put,
};

static int read_layout(struct dt_node *node, struct regs *r)
{
	uint32_t offset = 0;

	r->width = 1;
	(void)dt_u32(node, "reg-shift", &r->shift);
	(void)dt_u32(node, "reg-io-width", &r->width);
	(void)dt_u32(node, "reg-offset", &offset);
	if (r->shift > 4 || (r->width != 1 && r->width != 2 && r->width != 4) || offset > 0xf00)
		return -EINVAL;
	r->base = dt_ioremap(node, 0);
	if (!r->base)
		return -ENOMEM;
	r->base += offset;
	return 0;
}

/* The tree of a PC names the ports where UARTs may be: on an empty one nothing stays written. */
static bool port_is_empty(const struct regs *r)
{
	if (!ARCH_HAS_IOPORT || !io_is_port(r->base))
		return false;
	wr(r, SCR, 0x5a);
	if (rd(r, SCR) != 0x5a)
		return true;
	wr(r, SCR, 0xa5);
	return rd(r, SCR) != 0xa5;
}

static int u8250_probe(struct dt_node *node, const struct dt_match *match)
{
	static unsigned next_line;
	struct uart8250 *u;
	struct irq_desc *irq = NULL;
	uint64_t size;
	int err, no_irq;

	/* Controllers had their turn two phases ago: one that is not there now does not come. */
	no_irq = irq_of_node(node, 0, &irq);
	u = kzalloc(sizeof(*u), GFP_KERNEL);
	if (!u)
		return -ENOMEM;
	err = read_layout(node, &u->r);
	if (err)
		goto out_free;
	err = -ENODEV;
	if (port_is_empty(&u->r))
		goto out_unmap;
	u->dw = match->data != NULL;
	u->lcr = 3;
	u->port.name = "ttyS";
	u->port.line = uart_line_of_node(node, &next_line);
	u->port.dev = MKDEV(4, 64 + u->port.line);
	u->port.node = node;
	u->port.clock_hz = uart_clock_of_node(node);
	u->port.ops = &u8250_ops;
	(void)dt_reg(node, 0, &u->port.mapbase, &size);
	set_ier(u, 0);
	err = uart_register(&u->port);
	if (err)
		goto out_unmap;
	attach_interrupt(u, irq, no_irq);
	return 0;
out_unmap:
	iounmap(u->r.base);
out_free:
	kfree(u);
	return err;
}

static const struct dt_match u8250_match[] = {
	{ "ns16550a", NULL },
	{ "ns16550", NULL },
	{ "ns8250", NULL },
	{ "snps,dw-apb-uart", "dw" },
	{ NULL, NULL },
};
DRIVER(uart_8250, .match = u8250_match, .probe = u8250_probe, .phase = PROBE_CONSOLE);

/* ---- before the driver */

static struct regs early_regs;

static void early_write(struct console *c, const char *s, size_t n)
{
	for (; n; n--, s++) {
		if (*s == '\n')
			put_polled(&early_regs, '\r');
		put_polled(&early_regs, *s);
	}
}
static struct console early_console = { .name = "uart", .write = early_write, .early = true };

static struct console *early_setup(char __iomem *base, const char *options)
{
	uint32_t v = 0;

	early_regs.base = base;
	early_regs.width = 1;
	if (dt_early_stdout_u32("reg-shift", &v) && v <= 4)
		early_regs.shift = v;
	if (dt_early_stdout_u32("reg-io-width", &v) && (v == 2 || v == 4))
		early_regs.width = v;
	return &early_console;
}
EARLYCON(ns16550a, "uart8250", "ns16550a", early_setup);
EARLYCON(ns16550, "uart", "ns16550", early_setup);
EARLYCON(dw, "dw-apb", "snps,dw-apb-uart", early_setup);
