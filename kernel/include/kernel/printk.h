/* SPDX-License-Identifier: MIT */
/* The kernel log: a ring read by dmesg(1), /dev/kmsg and consoles. Any context. kernel/debug/printk.c. */
#pragma once
#include <kernel/types.h>
#include <stdarg.h>

enum log_level { LOG_EMERG, LOG_ALERT, LOG_CRIT, LOG_ERR, LOG_WARNING, LOG_NOTICE, LOG_INFO, LOG_DEBUG };
void printk(enum log_level level, const char *fmt, ...) __printf(2, 3);
void vprintk(enum log_level level, const char *fmt, va_list ap) __printf(2, 0);
#define pr_emerg(...)	printk(LOG_EMERG, __VA_ARGS__)
#define pr_err(...)	printk(LOG_ERR, __VA_ARGS__)
#define pr_warn(...)	printk(LOG_WARNING, __VA_ARGS__)
#define pr_notice(...)	printk(LOG_NOTICE, __VA_ARGS__)
#define pr_info(...)	printk(LOG_INFO, __VA_ARGS__)
#define pr_debug(...)	printk(LOG_DEBUG, __VA_ARGS__)
extern int console_loglevel;		/* messages below this number are shown */

/* Where log lines go. write() may be called with interrupts off and must not sleep. */
struct console {
	const char *name;		/* "ttyAMA0": matched with console= */
	int index;
	void (*write)(struct console *c, const char *s, size_t n);
	bool early;			/* dropped when a real console registers */
	bool enabled;
	struct tty_driver_state *tty;	/* what /dev/console opens */
	dev_t dev;
	struct console *next;
};
void console_register(struct console *c);
void console_flush_panic(void);		/* breaks locks: crash reports */
dev_t console_device(void);		/* of /dev/console; 0: none */
