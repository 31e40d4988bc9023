/* SPDX-License-Identifier: MIT */
/*
 * Arm PrimeCell UART (PL011) and the SBSA generic UART, its subset without speed and modem control.
 * Bindings: arm,pl011, arm,sbsa-uart. Registers: ARM DDI 0183; SBSA (DEN 0029), appendix on the generic UART.
 *
 * The transmit FIFO raises its interrupt only when its level passes the threshold, so the interrupt is unmasked
 * after the FIFO was filled, and the serial core fills until it is full or there is no more.
 * Locks: port->lock, held by the serial core around all operations that take a port.
 */
#include <kernel/device.h>
#include <kernel/errno.h>
#include <kernel/irq.h>
#include <kernel/mm.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/tty.h>
#include <uapi/ioctls.h>
#include <uapi/termios.h>
#include "uart.h"

#define DR	0x00
#define FR	0x18
#define IBRD	0x24
#define FBRD	0x28
#define LCRH	0x2c
#define CR	0x30
#define IFLS	0x34
#define IMSC	0x38
#define MIS	0x40
#define ICR	0x44

#define DR_FE	BIT(8)
#define DR_PE	BIT(9)
#define DR_BE	BIT(10)
#define DR_OE	BIT(11)
#define FR_CTS	BIT(0)
#define FR_DSR	BIT(1)
#define FR_DCD	BIT(2)
#define FR_BUSY	BIT(3)
#define FR_RXFE	BIT(4)
#define FR_TXFF	BIT(5)
#define FR_RI	BIT(8)
#define LCRH_BRK	BIT(0)
#define LCRH_PEN	BIT(1)
#define LCRH_EPS	BIT(2)
#define LCRH_STP2	BIT(3)
#define LCRH_FEN	BIT(4)
#define LCRH_WLEN8	(3u << 5)
#define LCRH_SPS	BIT(7)
#define CR_UARTEN	BIT(0)
#define CR_LBE		BIT(7)
#define CR_TXE		BIT(8)
#define CR_RXE		BIT(9)
#define CR_DTR		BIT(10)
#define CR_RTS		BIT(11)
#define CR_RTSEN	BIT(14)
#define CR_CTSEN	BIT(15)
#define INT_RX		BIT(4)
#define INT_TX		BIT(5)
#define INT_RT		BIT(6)
#define INT_ERR		(BIT(7) | BIT(8) | BIT(9) | BIT(10))
#define INT_ALL		0x7ffu

struct pl011 {
	struct uart_port port;
	char __iomem *base;
	bool sbsa;
	uint32_t imsc;		/* [port.lock] what IMSC holds */
};

static struct pl011 *to_pl011(struct uart_port *p)
{
	return container_of(p, struct pl011, port);
}

static void set_imsc(struct pl011 *u, uint32_t v)
{
	u->imsc = v;
	writel_relaxed(v, u->base + IMSC);
}

static size_t pl011_tx(struct uart_port *p, const uint8_t *buf, size_t n)
{
	struct pl011 *u = to_pl011(p);
	size_t done = 0;

	while (done < n && !(readl_relaxed(u->base + FR) & FR_TXFF))
		writel_relaxed(buf[done++], u->base + DR);
	return done;
}

static void pl011_tx_irq(struct uart_port *p, bool on)
{
	struct pl011 *u = to_pl011(p);

	set_imsc(u, on ? u->imsc | INT_TX : u->imsc & ~(uint32_t)INT_TX);
}

static void pl011_rx_stop(struct uart_port *p, bool stop)
{
	struct pl011 *u = to_pl011(p);
	uint32_t rx = INT_RX | INT_RT | INT_ERR;

	set_imsc(u, stop ? u->imsc & ~rx : u->imsc | rx);
}

static int pl011_set_termios(struct uart_port *p, unsigned cflag, unsigned baud)
{
	struct pl011 *u = to_pl011(p);
	uint32_t lcrh = LCRH_FEN | (cflag & CSIZE) >> 4 << 5, cr;
	nsec_t start = 0;
	uint64_t div;

	if (u->sbsa)
		return 0;
	if (cflag & CSTOPB)
		lcrh |= LCRH_STP2;
	if (cflag & PARENB)
		lcrh |= LCRH_PEN | (cflag & PARODD ? 0 : LCRH_EPS) | (cflag & CMSPAR ? LCRH_SPS : 0);
	/* DDI 0183, 3.3.8: the line control may be changed only while the UART is off and idle. */
	while ((readl(u->base + FR) & FR_BUSY) && poll_timeout(&start, 100 * NSEC_PER_MSEC))
		;
	cr = readl(u->base + CR);
	writel(0, u->base + CR);
	if (baud && p->clock_hz) {
		div = ((uint64_t)p->clock_hz * 4 + baud / 2) / baud;	/* 16.6 fixed point */
		if (div >= 64 && div < 0x400000) {
			writel((uint32_t)(div >> 6), u->base + IBRD);
			writel((uint32_t)(div & 63), u->base + FBRD);
		}
	}
	/* Written after the divisors: this write makes them valid. */
	writel(lcrh, u->base + LCRH);
	cr = cflag & CRTSCTS ? cr | CR_CTSEN | CR_RTSEN : cr & ~(uint32_t)(CR_CTSEN | CR_RTSEN);
	writel(cr, u->base + CR);
	return 0;
}

static void pl011_interrupt(void *arg)
{
	struct pl011 *u = arg;
	uint32_t mis = readl(u->base + MIS);
	unsigned budget = 256;

	writel(mis & ~(uint32_t)(INT_RX | INT_RT | INT_TX), u->base + ICR);
	if (mis & (INT_RX | INT_RT | INT_ERR)) {
		while (budget-- && !(readl(u->base + FR) & FR_RXFE)) {
			uint32_t d = readl_relaxed(u->base + DR);
			unsigned flag = 0;

			if (unlikely(d & (DR_FE | DR_PE | DR_BE | DR_OE)))
				flag = d & DR_BE ? UART_FLAG_BREAK : d & DR_PE ? UART_FLAG_PARITY :
				       d & DR_FE ? UART_FLAG_FRAME : UART_FLAG_OVERRUN;
			uart_rx(&u->port, (uint8_t)d, flag);
		}
		uart_rx_push(&u->port);
	}
	if (mis & INT_TX)
		uart_tx_ready(&u->port);
}

static int pl011_startup(struct uart_port *p)
{
	struct pl011 *u = to_pl011(p);

	writel(INT_ALL, u->base + ICR);
	if (!u->sbsa) {
		writel(readl(u->base + LCRH) | LCRH_FEN | LCRH_WLEN8, u->base + LCRH);
		writel(2u << 3 | 2u, u->base + IFLS);	/* both FIFOs at half */
		writel(readl(u->base + CR) | CR_UARTEN | CR_TXE | CR_RXE | CR_DTR | CR_RTS, u->base + CR);
	}
	set_imsc(u, INT_RX | INT_RT | INT_ERR);
	return 0;
}

static void pl011_shutdown(struct uart_port *p)
{
	set_imsc(to_pl011(p), 0);
}

static unsigned pl011_get_mctrl(struct uart_port *p)
{
	struct pl011 *u = to_pl011(p);
	uint32_t fr, cr;

	if (u->sbsa)
		return TIOCM_CTS | TIOCM_DSR | TIOCM_CAR;
	fr = readl(u->base + FR);
	cr = readl(u->base + CR);
	return (fr & FR_CTS ? TIOCM_CTS : 0) | (fr & FR_DSR ? TIOCM_DSR : 0) | (fr & FR_DCD ? TIOCM_CAR : 0) |
	       (fr & FR_RI ? TIOCM_RNG : 0) | (cr & CR_DTR ? TIOCM_DTR : 0) | (cr & CR_RTS ? TIOCM_RTS : 0) |
	       (cr & CR_LBE ? TIOCM_LOOP : 0);
}

static void pl011_set_mctrl(struct uart_port *p, unsigned set, unsigned clear)
{
	struct pl011 *u = to_pl011(p);
	static const struct {
		unsigned tiocm;
		uint32_t cr;
	} map[] = { { TIOCM_DTR, CR_DTR }, { TIOCM_RTS, CR_RTS }, { TIOCM_LOOP, CR_LBE } };
	uint32_t cr;

	if (u->sbsa)
		return;
	cr = readl(u->base + CR);
	for (unsigned i = 0; i < ARRAY_SIZE(map); i++) {
		if (set & map[i].tiocm)
			cr |= map[i].cr;
		if (clear & map[i].tiocm)
			cr &= ~map[i].cr;
	}
	writel(cr, u->base + CR);
}

static void pl011_send_break(struct uart_port *p, bool on)
{
	struct pl011 *u = to_pl011(p);
	uint32_t lcrh;

	if (u->sbsa)
		return;
	lcrh = readl(u->base + LCRH);
	writel(on ? lcrh | LCRH_BRK : lcrh & ~(uint32_t)LCRH_BRK, u->base + LCRH);
}

static bool pl011_tx_empty(struct uart_port *p)
{
	return !(readl(to_pl011(p)->base + FR) & (FR_BUSY | FR_TXFF));
}

static void pl011_put(struct uart_port *p, char c)
{
	struct pl011 *u = to_pl011(p);

	/* Bounded: a UART that firmware switched off must not hang the log. */
	for (unsigned i = 0; i < 1000000 && (readl_relaxed(u->base + FR) & FR_TXFF); i++)
		;
	writel_relaxed((uint8_t)c, u->base + DR);
}

static const struct uart_ops pl011_ops = {
	.tx = pl011_tx,
	.tx_irq = pl011_tx_irq,
	.rx_stop = pl011_rx_stop,
	.set_termios = pl011_set_termios,
	.startup = pl011_startup,
	.shutdown = pl011_shutdown,
	.get_mctrl = pl011_get_mctrl,
	.set_mctrl = pl011_set_mctrl,
	.send_break = pl011_send_break,
	.tx_empty = pl011_tx_empty,
	.put = pl011_put,
};

static int pl011_probe(struct dt_node *node, const struct dt_match *match)
{
	static unsigned next_line;
	struct irq_desc *irq;
	struct pl011 *u;
	uint64_t size;
	int err;

	err = irq_of_node(node, 0, &irq);
	if (err)
		return err;
	u = kzalloc(sizeof(*u), GFP_KERNEL);
	if (!u)
		return -ENOMEM;
	u->base = dt_ioremap(node, 0);
	if (!u->base) {
		err = -ENOMEM;
		goto out_free;
	}
	u->sbsa = match->data != NULL;
	u->port.name = "ttyAMA";
	u->port.line = uart_line_of_node(node, &next_line);
	u->port.dev = MKDEV(204, 64 + u->port.line);
	u->port.node = node;
	u->port.clock_hz = uart_clock_of_node(node);
	u->port.ops = &pl011_ops;
	(void)dt_reg(node, 0, &u->port.mapbase, &size);
	writel(0, u->base + IMSC);
	if (!u->sbsa)	/* firmware may have left it off */
		writel(readl(u->base + CR) | CR_UARTEN | CR_TXE | CR_RXE, u->base + CR);
	err = uart_register(&u->port);
	if (err)
		goto out_unmap;
	err = irq_request(irq, pl011_interrupt, u, "uart-pl011");
	if (err)
		pr_err("%s%u: interrupt not available: error %d\n", u->port.name, u->port.line, -err);
	return 0;
out_unmap:
	iounmap(u->base);
out_free:
	kfree(u);
	return err;
}

static const struct dt_match pl011_match[] = {
	{ "arm,pl011", NULL },
	{ "arm,sbsa-uart", "sbsa" },	/* no baud or control registers: firmware owns them */
	{ NULL, NULL },
};
DRIVER(pl011, .match = pl011_match, .probe = pl011_probe, .phase = PROBE_CONSOLE);

/* ---- before the driver */

static char __iomem *early_base;

static void early_write(struct console *c, const char *s, size_t n)
{
	while (n--) {
		if (*s == '\n')
			uart_early_put32(early_base, FR, FR_TXFF, DR, '\r');
		uart_early_put32(early_base, FR, FR_TXFF, DR, (uint8_t)*s++);
	}
}
static struct console early_console = { .name = "pl11", .write = early_write, .early = true };

static struct console *early_setup(char __iomem *base, const char *options)
{
	early_base = base;
	return &early_console;
}
EARLYCON(pl011, "pl011", "arm,pl011", early_setup);
EARLYCON(sbsa, "sbsauart", "arm,sbsa-uart", early_setup);
