/* SPDX-License-Identifier: MIT */
/*
 * The clock of PCs (MC146818 and what followed): sets the time of day at boot. Binding: motorola,mc146818, registers in port space;
 * "aramid,century": index of the register that holds the century. Taken to run in UTC.
 * Reference: Motorola MC146818A data sheet.
 */
#include <kernel/device.h>
#include <kernel/errno.h>
#include <kernel/printk.h>
#include <kernel/time.h>
#include <arch/ioport.h>

#define SECONDS	0x00
#define MINUTES	0x02
#define HOURS	0x04
#define DAY	0x07
#define MONTH	0x08
#define YEAR	0x09
#define REG_A	0x0a
#define REG_B	0x0b
#define A_UIP	BIT(7)		/* an update is in progress, or due within 244 us */
#define B_24H	BIT(1)
#define B_BINARY BIT(2)
#define HOURS_PM BIT(7)

struct cmos_time {
	unsigned sec, min, hour, day, month, year, century;
};

static uint16_t port;

static unsigned cmos_read(unsigned reg)
{
	port_writeb((uint8_t)reg, port);
	return port_readb((uint16_t)(port + 1));
}

static bool wait_update(void)
{
	nsec_t start = 0;
	unsigned reads;

	/* An update takes 2 ms; what still says so after many looks is no clock. Time alone may pass while a host has us stopped. */
	for (reads = 0; cmos_read(REG_A) & A_UIP; reads++)
		if (!poll_timeout(&start, 10 * NSEC_PER_MSEC) && reads > 1000)
			return false;
	return true;
}

static struct cmos_time read_registers(unsigned century)
{
	return (struct cmos_time){
		.sec = cmos_read(SECONDS),
		.min = cmos_read(MINUTES),
		.hour = cmos_read(HOURS),
		.day = cmos_read(DAY),
		.month = cmos_read(MONTH),
		.year = cmos_read(YEAR),
		.century = century ? cmos_read(century) : 0,
	};
}

static bool same(const struct cmos_time *a, const struct cmos_time *b)
{
	return a->sec == b->sec && a->min == b->min && a->hour == b->hour && a->day == b->day && a->month == b->month &&
	       a->year == b->year && a->century == b->century;
}

static unsigned number(unsigned v, bool binary)
{
	return binary ? v : (v >> 4) * 10 + (v & 0xf);
}

/* Days since 1970-01-01 of the proleptic Gregorian calendar; a year is counted from March, so that the odd day is its last. */
static int64_t days_since_epoch(unsigned year, unsigned month, unsigned day)
{
	int64_t y = month > 2 ? year : (int64_t)year - 1;
	unsigned m = month > 2 ? month - 3 : month + 9;

	return y * 365 + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

/* False: the registers hold no date. */
static bool to_seconds(struct cmos_time t, int64_t *out)
{
	unsigned b = cmos_read(REG_B), hour;
	bool binary = b & B_BINARY, pm = t.hour & HOURS_PM;

	hour = number(b & B_24H ? t.hour : t.hour & ~(unsigned)HOURS_PM, binary);
	if (!(b & B_24H))
		hour = hour % 12 + (pm ? 12 : 0);
	t.sec = number(t.sec, binary);
	t.min = number(t.min, binary);
	t.day = number(t.day, binary);
	t.month = number(t.month, binary);
	t.year = number(t.year, binary);
	t.century = number(t.century, binary);
	if (t.sec > 59 || t.min > 59 || hour > 23 || t.day < 1 || t.day > 31 || t.month < 1 || t.month > 12 || t.year > 99)
		return false;
	if (t.century < 19 || t.century > 30)
		t.century = t.year < 70 ? 20 : 19;
	t.year += t.century * 100;
	*out = ((days_since_epoch(t.year, t.month, t.day) * 24 + hour) * 60 + t.min) * 60 + t.sec;
	return true;
}

static int cmos_probe(struct dt_node *node, const struct dt_match *match)
{
	struct cmos_time a, b;
	uint32_t size, century = 0;
	unsigned tries;
	int64_t now;
	int err;

	if (!ARCH_HAS_IOPORT)
		return -ENODEV;
	err = dt_ioport(node, 0, &port, &size);
	if (err || size < 2)
		return err ? err : -EINVAL;
	if (!dt_u32(node, "aramid,century", &century) && century > 0x7f)
		century = 0;
	/* Twice the same: no update came between. */
	for (tries = 0; tries < 5; tries++) {
		if (!wait_update())
			return -ENODEV;
		a = read_registers(century);
		b = read_registers(century);
		if (same(&a, &b) && !(cmos_read(REG_A) & A_UIP))
			break;
	}
	if (!to_seconds(a, &now))
		return -EIO;
	clock_set_realtime(now * NSEC_PER_SEC);
	pr_info("cmos: real time is %lld s\n", (long long)now);
	return 0;
}

static const struct dt_match cmos_match[] = { { "motorola,mc146818", NULL }, { NULL, NULL } };
DRIVER(cmos, .match = cmos_match, .probe = cmos_probe, .phase = PROBE_CONSOLE);
