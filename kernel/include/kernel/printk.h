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
extern int dmesg_restrict;		/* kernel.dmesg_restrict */
extern int console_loglevel;		/* messages below this number are shown */

/* Where log lines go. write() may be called with interrupts off and must not sleep. */
struct dt_node;
struct console {
	const char *name;		/* "ttyAMA0": matched with console= */
	int index;
	void (*write)(struct console *c, const char *s, size_t n);
	bool early;			/* dropped when a real console registers */
	bool enabled;
	struct tty_driver_state *tty;	/* what /dev/console opens */
	dev_t dev;
	struct console *next;
	int (*setup)(struct console *c, const char *options);	/* "115200n8"; may be NULL */
	const struct dt_node *node;	/* compared with /chosen's stdout-path */
	uint64_t seq;			/* next record to show; [console lock] */
};
void console_register(struct console *c);
void console_verbose(void);		/* from here on everything but debugging text is shown: something broke */
void console_flush_panic(void);		/* breaks locks: crash reports */
int console_names(char *buf, size_t size);	/* "ttyAMA0" of each enabled one, blanks between: /sys/class/tty/console/active */
dev_t console_device(void);		/* of /dev/console; 0: none */
void earlycon_init(void);		/* "earlycon" of the command line; after dt_early_init() and the command line are there */
void earlycon_for_panic(void);		/* without the word; where there is a console already, nothing */
void earlycon_remap(void);		/* once ioremap() works */
bool console_has_early(void);

/* The ring, for readers (syslog(2), /dev/kmsg). Records have consecutive numbers; old ones give way to new ones. */
#define LOG_LINE_MAX 992
struct log_record {
	uint64_t seq;
	nsec_t time;
	uint32_t caller;		/* thread id; bit 31: a CPU number, in interrupts and before threads */
	uint16_t len;			/* of the text, which ends without a newline */
	uint8_t level, facility;
	char text[LOG_LINE_MAX + 1];
};
void log_store(unsigned facility, enum log_level level, const char *text, size_t len);
/* The first record numbered @seq or later. False: none yet. */
bool log_read(uint64_t seq, struct log_record *out);
uint64_t log_first_seq(void);		/* oldest that is kept */
uint64_t log_next_seq(void);		/* of the record to come */
struct waitq;
extern struct waitq log_wait;		/* woken for each record */
/* syslog-style text "<6>[    0.000000] line\n" of a record, each line with its own prefix. The length it has or would have. */
size_t log_format(const struct log_record *r, bool with_level, char *buf, size_t size);
void console_flush(void);
void console_set_level(int level);
void log_wake_readers(void);		/* in the IPI_CALL handler */
void log_break_lock(void);		/* crash: whoever holds the ring's lock will not come back */
