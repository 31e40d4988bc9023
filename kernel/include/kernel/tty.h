/* SPDX-License-Identifier: MIT */
/* Terminals: kernel/tty/. UART drivers register a port; ptys and the console live there. */
#pragma once
#include <kernel/fs.h>
#include <kernel/printk.h>
#include <kernel/spinlock.h>
#include <kernel/waitq.h>

struct tty;
struct dt_node;
/* A serial port, offered by its driver. */
struct uart_port {
	const char *name;		/* "ttyAMA" */
	unsigned line;
	dev_t dev;			/* 204:64 + line for ttyAMA, 4:64 + line for ttyS */
	void *priv;
	struct tty *tty;		/* set by uart_register */
	struct dt_node *node;		/* for /chosen's stdout-path; may be NULL */
	unsigned clock_hz;		/* 0: unknown, the speed cannot be changed */
	paddr_t mapbase;		/* TIOCGSERIAL */
	struct console console;		/* filled by uart_register */
	struct spinlock lock;		/* LR_CONSOLE: registers, tx ring, counters */
	uint8_t *tx_buf;		/* [lock] ring of UART_TX_SIZE */
	unsigned tx_head, tx_tail;	/* [lock] free-running */
	uint8_t xchar;			/* [lock] XON or XOFF to send before anything else */
	bool tx_stopped, tx_irq_on, modem_stopped; /* [lock] */
	bool started;
	unsigned sysrq_until_s;		/* a break came: the next letter until then is a sysrq */
	struct { uint32_t rx, tx, frame, overrun, parity, brk, buf_overrun; } icount; /* [lock] */
	const struct uart_ops {
		/* As many bytes as the hardware takes now; returns the count. Interrupts off, tty's port lock held. */
		size_t (*tx)(struct uart_port *p, const uint8_t *buf, size_t n);
		void (*tx_irq)(struct uart_port *p, bool on);	/* ask for uart_tx_ready() calls */
		void (*rx_stop)(struct uart_port *p, bool stop);	/* throttle */
		int (*set_termios)(struct uart_port *p, unsigned cflag, unsigned baud);
		int (*startup)(struct uart_port *p);
		void (*shutdown)(struct uart_port *p);
		unsigned (*get_mctrl)(struct uart_port *p);
		void (*set_mctrl)(struct uart_port *p, unsigned set, unsigned clear);
		void (*send_break)(struct uart_port *p, bool on);
		bool (*tx_empty)(struct uart_port *p);
		/* Polled, for the kernel's own lines; port lock held, or broken in a panic. */
		void (*put)(struct uart_port *p, char c);
	} *ops;
};
#define UART_TX_SIZE 4096u
int uart_register(struct uart_port *p);
void uart_drain(void);			/* what was written is on the line, or a second has passed */
/* From the interrupt handler. flag: 0 normal, 1 break, 2 parity, 3 frame, 4 overrun. Break + a letter within 5 s is sysrq. */
void uart_rx(struct uart_port *p, uint8_t c, unsigned flag);
void uart_rx_push(struct uart_port *p);	/* end of a batch: readers are woken through a work */
void uart_tx_ready(struct uart_port *p);
/* Session and job control, called by proc/ and fs/. */
void tty_session_leader_exit(void);	/* disassociate: SIGHUP, SIGCONT to the foreground group */
dev_t tty_device_of(struct tty *t);	/* for /proc/PID/stat */
pid_t tty_foreground_pgrp(struct tty *t);
void sysrq_handle(int key);
void sysrq_trigger(int key);		/* /proc/sysrq-trigger: whatever kernel.sysrq says */
extern int sysrq_enabled;		/* kernel.sysrq */
struct proc;
void tty_proc_clear(struct proc *p);	/* setsid: no controlling terminal any more */
struct pid *tty_pgrp_get(struct tty *t);	/* foreground group, with reference; NULL: none */
void tty_ref(struct tty *t);
void tty_unref(struct tty *t);
