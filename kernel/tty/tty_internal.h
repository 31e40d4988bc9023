/* SPDX-License-Identifier: MIT */
/*
 * Terminals, inside kernel/tty: the object, its driver's operations, the line discipline's state.
 *
 * Locks used to protect struct members in this file:
 *	I	immutable after creation
 *	a	atomic
 *	c	ctrl_lock
 *	l	ldisc_lock (mutex)
 *	o	output_lock (mutex)
 *	t	termios_lock to change (with l and o, so that either suffices to read)
 *	T	tty_mutex
 * Order: tty_mutex -> termios_lock -> read_lock, write_lock -> ldisc_lock -> output_lock -> pty ring, port.
 * Input is processed in task context only (a work for serial ports, the writer for ptys).
 */
#pragma once
#include <kernel/fs.h>
#include <kernel/mutex.h>
#include <kernel/pid.h>
#include <kernel/task.h>
#include <kernel/tty.h>
#include <kernel/waitq.h>
#include <kernel/work.h>
#include <uapi/ioctls.h>
#include <uapi/termios.h>

#define N_TTY_SIZE	4096u
#define N_TTY_MASK	(N_TTY_SIZE - 1)
#define TTY_CHUNK	2048u
#define ECHO_SIZE	1024u

/* Receive flags; as uart_rx()'s. */
#define TTY_NORMAL	0
#define TTY_BREAK	1
#define TTY_PARITY	2
#define TTY_FRAME	3
#define TTY_OVERRUN	4

struct tty;
struct tty_ops {
	/* Each open; may refuse. tty_mutex held. */
	int (*open)(struct tty *t, struct file *f);
	void (*close)(struct tty *t, struct file *f, bool last);	/* tty_mutex held */
	/* Output. None sleeps but pty's short mutex; output_lock held. write takes as much as there is room for. */
	size_t (*write)(struct tty *t, const uint8_t *p, size_t n);
	size_t (*room)(struct tty *t);
	size_t (*pending)(struct tty *t);		/* accepted, not yet sent */
	bool (*idle)(struct tty *t);			/* the last bit has left; NULL: pending == 0 */
	void (*flush)(struct tty *t);			/* throws away what is pending */
	void (*stop)(struct tty *t);			/* flow control of output */
	void (*start)(struct tty *t);
	void (*throttle)(struct tty *t, bool on);	/* flow control of input */
	void (*send_xchar)(struct tty *t, uint8_t c);	/* before anything pending */
	void (*input_room)(struct tty *t);		/* the line discipline has room again */
	int (*set_termios)(struct tty *t, const struct termios2_user *old);
	unsigned (*get_mctrl)(struct tty *t);
	void (*set_mctrl)(struct tty *t, unsigned set, unsigned clear);
	void (*send_break)(struct tty *t, bool on);
	void (*packet)(struct tty *t, unsigned status);	/* pty: a change that packet mode reports */
	void (*hangup)(struct tty *t);
	int (*ioctl)(struct tty *t, struct file *f, unsigned cmd, unsigned long arg);
	void (*destroy)(struct tty *t);			/* last reference */
};

struct tty {
	atomic_t refs;
	const struct tty_ops *ops;	/* [I] */
	void *priv;			/* [I] the driver's */
	dev_t dev;			/* [I] */
	char name[16];			/* [I] "ttyAMA0", "pts/3" */
	bool pty_slave;			/* [I] */
	unsigned count;			/* [T] open files, without those that were hung up */
	unsigned consoles;		/* [T] those of them opened as /dev/console */
	unsigned gen;			/* [T] hang-ups so far; an open file of an older one is hung up */
	bool exclusive;			/* [T] TIOCEXCL */
	bool other_closed;		/* the pty's master is gone */
	bool hupping;

	struct mutex termios_lock;	/* LR_TTY */
	struct termios2_user termios;	/* [t] */
	struct termios_user locked;	/* [t] bits set: what set_termios must leave alone */
	struct termios2_user termios_init; /* [I] what a hang-up of a pty restores */
	struct winsize winsize;		/* [t] */

	struct spinlock ctrl_lock;	/* LR_TTY_CTRL */
	struct pid *session;		/* [c] reference held */
	struct pid *pgrp;		/* [c] foreground group; reference held */
	bool stopped;			/* [c] by STOP or TCOOFF; read freely */
	bool tco_stopped;		/* [c] by TCOOFF: only TCOON starts it */

	struct mutex read_lock;		/* LR_TTY_READ: a read(2) at a time */
	struct mutex write_lock;	/* LR_TTY_WRITE: write(2) calls do not mix */
	uint8_t *write_buf;		/* [write_lock] TTY_CHUNK bytes */
	struct waitq read_wait, write_wait;

	/* Line discipline. Counters run freely; positions are taken modulo the size. */
	struct mutex ldisc_lock;	/* LR_TTY_LDISC */
	uint8_t *buf;			/* [l] N_TTY_SIZE */
	unsigned head, tail;		/* [l] */
	unsigned canon_head;		/* [l] behind the last complete line */
	unsigned long *delim;		/* [l] bitmap over buf: the byte ends a line */
	bool lnext, erasing;		/* [l] */
	bool input_full;		/* [l] the source waits for ops->input_room */
	bool throttled;			/* [l] */

	struct mutex output_lock;	/* LR_TTY_OUTPUT */
	unsigned column, canon_column;	/* [o] */
	uint8_t *echo;			/* [o] processed echo that found no room; ECHO_SIZE */
	unsigned echo_len;		/* [o] */
};

/* What file->private of an open terminal points to. */
struct tty_file {
	struct tty *tty;
	unsigned gen;
	bool console;			/* opened as /dev/console: exempt from job control and hang-up */
};

static inline struct tty_file *tty_file(struct file *f) { return f->private; }
/* The console is above hang-ups: who has it open (init, a logger) goes on writing. */
static inline bool tty_hung_up(const struct tty_file *tf) { return READ_ONCE(tf->tty->gen) != tf->gen && !tf->console; }
static inline bool tty_flag(uint32_t word, uint32_t flag) { return word & flag; }
#define I_FLAG(t, f) ((t)->termios.c_iflag & (f))
#define O_FLAG(t, f) ((t)->termios.c_oflag & (f))
#define C_FLAG(t, f) ((t)->termios.c_cflag & (f))
#define L_FLAG(t, f) ((t)->termios.c_lflag & (f))
#define CC(t, n) ((t)->termios.c_cc[n])

extern struct mutex tty_mutex;
extern const struct file_ops tty_fops;

/* tty.c */
int tty_alloc(const struct tty_ops *ops, void *priv, dev_t dev, struct tty **out) __must_check;
int tty_register(struct tty *t);		/* name set: findable by its device number */
struct tty *tty_find(dev_t dev);		/* with reference */
int tty_open_file(struct tty *t, struct file *f, bool console);	/* takes over the reference on success */
void tty_hangup(struct tty *t);
void tty_vhangup_session(struct tty *t);
unsigned tty_baud(const struct termios2_user *t);

/* jobctl.c */
int tty_check_change(struct tty *t, int sig) __must_check;
void tty_proc_set(struct tty *t, struct file *f);	/* on open: becomes controlling where the rules say so */
long tty_jobctl_ioctl(struct tty *t, struct tty *real, struct file *f, unsigned cmd, unsigned long arg);
void tty_signal_session(struct tty *t, bool exit_session);
void tty_signal_pgrp(struct tty *t, int sig);
struct tty *tty_of_current(void);		/* with reference; NULL: none */

/* n_tty.c */
size_t n_tty_receive(struct tty *t, const uint8_t *p, const uint8_t *flags, size_t n);	/* bytes taken */
void n_tty_flush(struct tty *t);		/* ldisc_lock held */
void n_tty_termios_changed(struct tty *t, const struct termios2_user *old);	/* ldisc_lock held */
bool n_tty_input_available(struct tty *t, bool for_poll);
size_t n_tty_input_count(struct tty *t);	/* FIONREAD; ldisc_lock held */
/* n_tty_io.c */
ssize_t n_tty_read(struct tty *t, struct file *f, struct iov_iter *to);
ssize_t n_tty_write(struct tty *t, struct file *f, struct iov_iter *from);
uint32_t n_tty_poll(struct tty *t, struct file *f, struct poll_table *pt);
/* n_tty_out.c; output_lock held for the first two */
bool n_tty_put(struct tty *t, uint8_t c);		/* one byte with output processing; false: no room */
size_t n_tty_put_block(struct tty *t, const uint8_t *p, size_t n);
void n_tty_echo_flush_locked(struct tty *t);
void n_tty_echo_flush(struct tty *t);
void n_tty_echo(struct tty *t, uint8_t c);		/* control characters as ^X with ECHOCTL; ldisc_lock held */
void n_tty_echo_raw(struct tty *t, uint8_t c);
void n_tty_echo_bytes(struct tty *t, const char *s, size_t n);	/* without output processing */
void n_tty_echo_mark_column(struct tty *t);
void n_tty_echo_erase_tab(struct tty *t, unsigned chars, bool after_tab);

/* flow.c */
void tty_stop(struct tty *t);
void tty_start(struct tty *t);
void tty_wakeup(struct tty *t);			/* output has room; any context */
int tty_wait_sent(struct tty *t, nsec_t deadline);	/* 0, -ERESTARTSYS, -ETIMEDOUT */

/* ioctl.c */
long tty_ioctl(struct file *f, unsigned cmd, unsigned long arg);
long tty_common_ioctl(struct tty *t, struct tty *real, struct file *f, unsigned cmd, unsigned long arg);
extern const struct termios2_user tty_std_termios;

/* pty.c */
int pty_master_open(struct inode *inode, struct file *f);
