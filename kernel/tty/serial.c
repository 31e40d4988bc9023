/* SPDX-License-Identifier: MIT */
/*
 * The serial core: UART drivers on one side, terminals and consoles on the other.
 *
 * Receive: the driver's interrupt puts bytes into a ring; a work feeds them to the line discipline, which may sleep.
 * When the ring fills the hardware is told to stop (and the other side by XOFF with IXOFF). Transmit: a ring that
 * the driver's FIFO is filled from, at once and from its interrupt.
 *
 * Locks: port->lock (LR_CONSOLE, interrupts off): registers, tx ring, rx ring. Nothing is woken under it. The kernel's
 * own lines are written with it taken raw: a message may come from under any lock. A crash breaks it.
 */
#include "tty_internal.h"
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/mm.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/uaccess.h>

#define RX_SIZE		4096u
#define RX_HIGH		(RX_SIZE * 3 / 4)
#define RX_LOW		(RX_SIZE / 4)
#define SYSRQ_SECONDS	5

struct serial {
	struct uart_port *port;
	struct tty *tty;
	struct work rx_work;
	uint8_t *rx, *rx_flags;		/* [port.lock] RX_SIZE each */
	unsigned rx_head, rx_tail;	/* [port.lock] rx_tail moved by the work only */
	bool rx_stopped;		/* [port.lock] */
	bool rx_errors;			/* some byte in the ring has a flag */
};

static struct serial *serial_of(struct tty *t)
{
	return t->priv;
}

/* ---- transmit; port->lock held */

static unsigned tx_used(const struct uart_port *p)
{
	return p->tx_head - p->tx_tail;
}

static void tx_irq(struct uart_port *p, bool on)
{
	if (p->tx_irq_on != on) {
		p->tx_irq_on = on;
		p->ops->tx_irq(p, on);
	}
}

/* Fills the hardware; asks for an interrupt while something is left. */
static void tx_kick(struct uart_port *p)
{
	if (p->xchar && p->ops->tx(p, &p->xchar, 1)) {
		p->xchar = 0;
		p->icount.tx++;
	}
	while (tx_used(p) && !p->tx_stopped && !p->xchar) {
		unsigned at = p->tx_tail % UART_TX_SIZE;
		size_t n = MIN(tx_used(p), UART_TX_SIZE - at), done;

		done = p->ops->tx(p, p->tx_buf + at, n);
		p->tx_tail += (unsigned)done;
		p->icount.tx += (uint32_t)done;
		if (done < n)
			break;
	}
	tx_irq(p, p->xchar || (tx_used(p) && !p->tx_stopped));
}

static size_t serial_write(struct tty *t, const uint8_t *buf, size_t n)
{
	struct uart_port *p = serial_of(t)->port;
	irqflags_t f = spin_lock_irqsave(&p->lock);
	size_t room = UART_TX_SIZE - tx_used(p), done = 0;

	n = MIN(n, room);
	/* The common case, a few bytes and an empty ring, goes straight to the hardware. */
	if (!tx_used(p) && !p->tx_stopped && !p->xchar) {
		done = p->ops->tx(p, buf, n);
		p->icount.tx += (uint32_t)done;
	}
	if (done < n) {
		size_t left = n - done, at = p->tx_head % UART_TX_SIZE, first = MIN(left, UART_TX_SIZE - at);

		memcpy(p->tx_buf + at, buf + done, first);
		memcpy(p->tx_buf, buf + done + first, left - first);
		p->tx_head += (unsigned)left;
		tx_irq(p, !p->tx_stopped || p->xchar);
	}
	spin_unlock_irqrestore(&p->lock, f);
	return n;
}

void uart_tx_ready(struct uart_port *p)
{
	irqflags_t f = spin_lock_irqsave(&p->lock);
	bool wake;

	tx_kick(p);
	wake = tx_used(p) < UART_TX_SIZE / 2;
	spin_unlock_irqrestore(&p->lock, f);
	if (wake && p->tty) {
		tty_wakeup(p->tty);
		if (READ_ONCE(p->tty->echo_len))
			work_queue(&serial_of(p->tty)->rx_work);
	}
}

static size_t serial_room(struct tty *t)
{
	struct uart_port *p = serial_of(t)->port;

	return UART_TX_SIZE - (READ_ONCE(p->tx_head) - READ_ONCE(p->tx_tail));
}

static size_t serial_pending(struct tty *t)
{
	struct uart_port *p = serial_of(t)->port;

	return READ_ONCE(p->tx_head) - READ_ONCE(p->tx_tail);
}

static bool serial_idle(struct tty *t)
{
	struct uart_port *p = serial_of(t)->port;
	irqflags_t f = spin_lock_irqsave(&p->lock);
	bool idle = !p->ops->tx_empty || p->ops->tx_empty(p);

	spin_unlock_irqrestore(&p->lock, f);
	return idle;
}

static void serial_flush(struct tty *t)
{
	struct uart_port *p = serial_of(t)->port;
	irqflags_t f = spin_lock_irqsave(&p->lock);

	p->tx_tail = p->tx_head;
	tx_irq(p, p->xchar != 0);
	spin_unlock_irqrestore(&p->lock, f);
}

static void serial_set_stopped(struct tty *t, bool stop)
{
	struct uart_port *p = serial_of(t)->port;
	irqflags_t f = spin_lock_irqsave(&p->lock);

	p->tx_stopped = stop;
	tx_kick(p);
	spin_unlock_irqrestore(&p->lock, f);
}

static void serial_stop(struct tty *t)
{
	serial_set_stopped(t, true);
}

static void serial_start(struct tty *t)
{
	serial_set_stopped(t, false);
}

static void serial_send_xchar(struct tty *t, uint8_t c)
{
	struct uart_port *p = serial_of(t)->port;
	irqflags_t f = spin_lock_irqsave(&p->lock);

	p->xchar = c;
	tx_kick(p);
	spin_unlock_irqrestore(&p->lock, f);
}

/* ---- receive */

/* A break followed by a letter within five seconds is the system request. True: the byte was part of that. */
static bool sysrq_filter(struct uart_port *p, uint8_t c, unsigned flag)
{
	unsigned now = (unsigned)(clock_monotonic() / NSEC_PER_SEC);

	if (!p->console.enabled)
		return false;
	if (flag == TTY_BREAK && !p->sysrq_until_s) {
		p->sysrq_until_s = now + SYSRQ_SECONDS;
		return true;
	}
	if (!p->sysrq_until_s)
		return false;
	if (flag == TTY_NORMAL && now <= p->sysrq_until_s) {
		p->sysrq_until_s = 0;
		sysrq_handle(c);
		return true;
	}
	p->sysrq_until_s = 0;
	return false;
}

static void count_errors(struct uart_port *p, unsigned flag)
{
	switch (flag) {
	case TTY_BREAK:
		p->icount.brk++;
		break;
	case TTY_PARITY:
		p->icount.parity++;
		break;
	case TTY_FRAME:
		p->icount.frame++;
		break;
	case TTY_OVERRUN:
		p->icount.overrun++;
		break;
	default:
		break;
	}
}

void uart_rx(struct uart_port *p, uint8_t c, unsigned flag)
{
	struct serial *s = p->tty ? serial_of(p->tty) : NULL;
	irqflags_t f;

	if (unlikely(!s))
		return;
	if (unlikely(flag || p->sysrq_until_s) && sysrq_filter(p, c, flag))
		return;
	f = spin_lock_irqsave(&p->lock);
	p->icount.rx++;
	if (unlikely(flag)) {
		count_errors(p, flag);
		s->rx_errors = true;
	}
	if (s->rx_head - s->rx_tail < RX_SIZE) {
		s->rx[s->rx_head % RX_SIZE] = c;
		s->rx_flags[s->rx_head % RX_SIZE] = (uint8_t)flag;
		s->rx_head++;
	} else {
		p->icount.buf_overrun++;
	}
	if (s->rx_head - s->rx_tail >= RX_HIGH && !s->rx_stopped) {
		s->rx_stopped = true;
		if (p->ops->rx_stop)
			p->ops->rx_stop(p, true);
		if (I_FLAG(p->tty, IXOFF)) {
			p->xchar = CC(p->tty, VSTOP);
			tx_kick(p);
		}
	}
	spin_unlock_irqrestore(&p->lock, f);
}

void uart_rx_push(struct uart_port *p)
{
	if (p->tty)
		work_queue(&serial_of(p->tty)->rx_work);
}

static void rx_resume(struct serial *s)
{
	struct uart_port *p = s->port;
	irqflags_t f = spin_lock_irqsave(&p->lock);

	if (s->rx_stopped && s->rx_head - s->rx_tail <= RX_LOW) {
		s->rx_stopped = false;
		if (p->ops->rx_stop && p->started)
			p->ops->rx_stop(p, false);
		if (I_FLAG(s->tty, IXOFF)) {
			p->xchar = CC(s->tty, VSTART);
			tx_kick(p);
		}
	}
	spin_unlock_irqrestore(&p->lock, f);
}

/* The ring to the line discipline, as far as that has room. The one consumer. */
static void rx_work_fn(struct work *w)
{
	struct serial *s = container_of(w, struct serial, rx_work);

	n_tty_echo_flush(s->tty);
	for (;;) {
		unsigned head = smp_load_acquire(&s->rx_head), tail = s->rx_tail, at = tail % RX_SIZE;
		size_t n = MIN(head - tail, RX_SIZE - at), took;
		bool errors = READ_ONCE(s->rx_errors);

		if (!n)
			break;
		took = n_tty_receive(s->tty, s->rx + at, errors ? s->rx_flags + at : NULL, n);
		smp_store_release(&s->rx_tail, tail + (unsigned)took);
		if (took < n)
			break;	/* input_room() queues us again */
	}
	if (s->rx_errors && s->rx_head == s->rx_tail) {
		irqflags_t f = spin_lock_irqsave(&s->port->lock);

		if (s->rx_head == s->rx_tail)
			s->rx_errors = false;
		spin_unlock_irqrestore(&s->port->lock, f);
	}
	rx_resume(s);
}

static void serial_input_room(struct tty *t)
{
	work_queue(&serial_of(t)->rx_work);
}

/* ---- settings */

static int serial_set_termios(struct tty *t, const struct termios2_user *old)
{
	struct uart_port *p = serial_of(t)->port;
	unsigned baud = tty_baud(&t->termios);
	irqflags_t f;
	int err = 0;

	if (!((old->c_cflag ^ t->termios.c_cflag) & ~(CREAD | HUPCL | CLOCAL)) && old->c_ospeed == t->termios.c_ospeed)
		return 0;
	f = spin_lock_irqsave(&p->lock);
	if (p->ops->set_termios && baud)
		err = p->ops->set_termios(p, t->termios.c_cflag, baud);
	if (p->ops->set_mctrl && !baud)		/* B0 hangs up */
		p->ops->set_mctrl(p, 0, TIOCM_DTR | TIOCM_RTS);
	spin_unlock_irqrestore(&p->lock, f);
	return err;
}

static unsigned serial_get_mctrl(struct tty *t)
{
	struct uart_port *p = serial_of(t)->port;
	irqflags_t f = spin_lock_irqsave(&p->lock);
	unsigned v = p->ops->get_mctrl ? p->ops->get_mctrl(p) : TIOCM_CTS | TIOCM_DSR | TIOCM_CAR;

	spin_unlock_irqrestore(&p->lock, f);
	return v;
}

static void serial_set_mctrl(struct tty *t, unsigned set, unsigned clear)
{
	struct uart_port *p = serial_of(t)->port;
	irqflags_t f = spin_lock_irqsave(&p->lock);

	if (p->ops->set_mctrl)
		p->ops->set_mctrl(p, set, clear);
	spin_unlock_irqrestore(&p->lock, f);
}

static void serial_break(struct tty *t, bool on)
{
	struct uart_port *p = serial_of(t)->port;
	irqflags_t f = spin_lock_irqsave(&p->lock);

	if (p->ops->send_break)
		p->ops->send_break(p, on);
	spin_unlock_irqrestore(&p->lock, f);
}

static long get_serial(struct uart_port *p, void __user *arg)
{
	struct serial_struct s;

	memset(&s, 0, sizeof(s));
	s.line = (int32_t)p->line;
	s.xmit_fifo_size = 16;
	s.baud_base = (int32_t)(p->clock_hz / 16);
	s.closing_wait = 3000;
	s.close_delay = 50;
	s.iomem_base = p->mapbase;
	return copy_to_user(arg, &s, sizeof(s)) ? -EFAULT : 0;
}

static long get_icount(struct uart_port *p, void __user *arg)
{
	struct serial_icounter_struct c;

	memset(&c, 0, sizeof(c));
	c.rx = (int32_t)p->icount.rx;
	c.tx = (int32_t)p->icount.tx;
	c.frame = (int32_t)p->icount.frame;
	c.overrun = (int32_t)p->icount.overrun;
	c.parity = (int32_t)p->icount.parity;
	c.brk = (int32_t)p->icount.brk;
	c.buf_overrun = (int32_t)p->icount.buf_overrun;
	return copy_to_user(arg, &c, sizeof(c)) ? -EFAULT : 0;
}

static int serial_ioctl(struct tty *t, struct file *f, unsigned cmd, unsigned long arg)
{
	struct uart_port *p = serial_of(t)->port;

	switch (cmd) {
	case TIOCGSERIAL:
		return (int)get_serial(p, (void __user *)arg);
	case TIOCGICOUNT:
		return (int)get_icount(p, (void __user *)arg);
	default:
		return -ENOIOCTLCMD;
	}
}

/* ---- open and close; tty_mutex held */

static int serial_open(struct tty *t, struct file *file)
{
	struct uart_port *p = serial_of(t)->port;
	irqflags_t f;
	int err = 0;

	if (p->started)
		return 0;
	f = spin_lock_irqsave(&p->lock);
	if (p->ops->startup)
		err = p->ops->startup(p);
	if (!err)
		p->started = true;
	spin_unlock_irqrestore(&p->lock, f);
	return err;
}

static void serial_close(struct tty *t, struct file *file, bool last)
{
	struct uart_port *p = serial_of(t)->port;
	irqflags_t f;

	if (!last)
		return;
	f = spin_lock_irqsave(&p->lock);
	/* A console keeps listening for its system requests. */
	if (!p->console.enabled) {
		p->tx_tail = p->tx_head;
		tx_irq(p, false);
		if (C_FLAG(t, HUPCL) && p->ops->set_mctrl)
			p->ops->set_mctrl(p, 0, TIOCM_DTR | TIOCM_RTS);
		if (p->ops->shutdown)
			p->ops->shutdown(p);
		p->started = false;
	}
	spin_unlock_irqrestore(&p->lock, f);
}

static const struct tty_ops serial_tty_ops = {
	.open = serial_open,
	.close = serial_close,
	.write = serial_write,
	.room = serial_room,
	.pending = serial_pending,
	.idle = serial_idle,
	.flush = serial_flush,
	.stop = serial_stop,
	.start = serial_start,
	.send_xchar = serial_send_xchar,
	.input_room = serial_input_room,
	.set_termios = serial_set_termios,
	.get_mctrl = serial_get_mctrl,
	.set_mctrl = serial_set_mctrl,
	.send_break = serial_break,
	.ioctl = serial_ioctl,
};

/* ---- the console on a port */

static void console_write(struct console *c, const char *s, size_t n)
{
	struct uart_port *p = container_of(c, struct uart_port, console);
	irqflags_t f = arch_irq_save();
	bool locked = !panic_in_progress;

	if (locked)
		spin_raw_lock(&p->lock);
	for (; n; n--, s++) {
		if (*s == '\n')
			p->ops->put(p, '\r');
		p->ops->put(p, *s);
	}
	if (locked)
		spin_raw_unlock(&p->lock);
	arch_irq_restore(f);
}

/* "115200n8r": speed, parity, bits, flow. What firmware set stays where the words say nothing. */
static int console_setup(struct console *c, const char *opt)
{
	struct uart_port *p = container_of(c, struct uart_port, console);
	struct termios2_user *t = &p->tty->termios;
	unsigned baud = 0, cflag = CS8 | CREAD | HUPCL | CLOCAL;
	irqflags_t f;

	while (isdigit(*opt) && baud < 10000000)
		baud = baud * 10 + (unsigned)(*opt++ - '0');
	if (!baud) {
		t->c_cflag = B115200 | cflag;
		t->c_ispeed = t->c_ospeed = 115200;
		p->tty->termios_init = *t;
		return 0;
	}
	if (*opt == 'o' || *opt == 'O')
		cflag |= PARENB | PARODD;
	else if (*opt == 'e' || *opt == 'E')
		cflag |= PARENB;
	if (*opt)
		opt++;
	if (*opt == '7')
		cflag = (cflag & ~CSIZE) | 0x20;
	if (*opt && opt[1] == 'r')
		cflag |= CRTSCTS;
	t->c_cflag = cflag | (baud == 115200 ? B115200 : baud == 9600 ? B9600 : baud == 38400 ? B38400 : BOTHER);
	t->c_ispeed = t->c_ospeed = baud;
	p->tty->termios_init = *t;
	f = spin_lock_irqsave(&p->lock);
	if (p->ops->set_termios)
		(void)p->ops->set_termios(p, cflag, baud);
	spin_unlock_irqrestore(&p->lock, f);
	return 0;
}

static struct uart_port *ports[16];
static unsigned nr_ports;
static bool devices_ready;

/*
 * The last words of programs: what they wrote goes out before the machine does. By polling, for what pumped it may be off already;
 * not for ever, for the other side may hold us up. Any context but a crash, whose locks mean nothing.
 */
void uart_drain(void)
{
	for (unsigned i = 0; i < nr_ports && !panic_in_progress; i++) {
		struct uart_port *p = ports[i];
		nsec_t start = 0;
		bool done;

		do {
			irqflags_t f = spin_lock_irqsave(&p->lock);

			if (p->started)
				tx_kick(p);
			done = !p->started || p->tx_stopped ||
			       (!tx_used(p) && (!p->ops->tx_empty || p->ops->tx_empty(p)));
			spin_unlock_irqrestore(&p->lock, f);
		} while (!done && poll_timeout(&start, NSEC_PER_SEC));
	}
}


/* ---- registration */

static int make_device(struct uart_port *p)
{
	char name[24];
	int err = chrdev_register(p->dev, 1, p->name, &tty_fops, NULL);

	snprintf(name, sizeof(name), "%s%u", p->name, p->line);
	return err ? err : devtmpfs_create(name, S_IFCHR | 0600, p->dev);
}

static int serial_init(void)
{
	devices_ready = true;
	for (unsigned i = 0; i < nr_ports; i++)
		if (make_device(ports[i]))
			pr_warn("%s%u: no device node\n", ports[i]->name, ports[i]->line);
	return 0;
}
INITCALL(INITCALL_DEVICE, serial_init);

int uart_register(struct uart_port *p)
{
	struct serial *s = kzalloc(sizeof(*s), GFP_KERNEL);
	struct tty *t;
	int err = -ENOMEM;

	if (!s)
		return -ENOMEM;
	spin_lock_init(&p->lock, LR_CONSOLE);
	s->port = p;
	s->rx = kmalloc(RX_SIZE, GFP_KERNEL);
	s->rx_flags = kmalloc(RX_SIZE, GFP_KERNEL);
	p->tx_buf = kmalloc(UART_TX_SIZE, GFP_KERNEL);
	if (!s->rx || !s->rx_flags || !p->tx_buf)
		goto out_free;
	work_init(&s->rx_work, rx_work_fn);
	err = tty_alloc(&serial_tty_ops, s, p->dev, &t);
	if (err)
		goto out_free;
	snprintf(t->name, sizeof(t->name), "%s%u", p->name, p->line);
	s->tty = t;
	p->tty = t;
	err = nr_ports == ARRAY_SIZE(ports) ? -ENOSPC : tty_register(t);
	if (err)
		goto out_tty;
	ports[nr_ports++] = p;
	if (devices_ready)
		(void)make_device(p);
	pr_info("%s at %#llx\n", t->name, (unsigned long long)p->mapbase);
	p->console.name = p->name;
	p->console.index = (int)p->line;
	p->console.dev = p->dev;
	p->console.node = p->node;
	p->console.write = console_write;
	p->console.setup = console_setup;
	console_register(&p->console);
	return 0;
out_tty:
	p->tty = NULL;
	tty_unref(t);
out_free:
	kfree(p->tx_buf);
	kfree(s->rx);
	kfree(s->rx_flags);
	kfree(s);
	return err;
}
