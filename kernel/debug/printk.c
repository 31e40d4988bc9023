/* SPDX-License-Identifier: MIT */
/*
 * The kernel log: a ring of records that printk() fills from any context.
 *
 * A record is stored under a raw spinlock with interrupts off (no lock-order checking: the checker itself prints);
 * the text is formatted before the lock is taken, so that it is held for a copy only. A CPU that faults inside the
 * critical section and prints from there is recognised as the owner and goes on without the lock: a report that may be
 * garbled is better than none.
 *
 * Invariants: records lie contiguously, each 8-byte aligned; a record that would cross the end of the ring starts at
 * its beginning and leaves a header with len == SKIP. Numbers are consecutive; [first, next) are in the ring.
 *
 * Locks: log_lock (LR_PRINTK, raw). Printing to consoles is console.c's and happens outside it.
 */
#include <kernel/init.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <kernel/spinlock.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/waitq.h>

#define RING_SIZE	(64u << 10)
#define SKIP		0xffffu

struct entry {
	uint64_t seq;
	nsec_t time;
	uint32_t caller;
	uint16_t len;
	uint8_t level, facility;
	char text[];
};

static char ring[RING_SIZE] __aligned(8);
static uint32_t head, tail;		/* [log_lock] where the next goes, where the oldest lies */
static uint64_t first_seq, next_seq;	/* [log_lock] */
/* Reading in order is the rule: where the record after the last one read starts. */
static uint64_t hint_seq = UINT64_MAX;
static uint32_t hint_at;
static DEFINE_SPINLOCK(log_lock, LR_PRINTK);
static int log_owner = -1;		/* CPU inside the critical section */
static bool print_time = true;
DEFINE_WAITQ(log_wait);

static irqflags_t ring_lock(bool *nested)
{
	irqflags_t f = arch_irq_save();
	int cpu = (int)smp_processor_id();

	*nested = READ_ONCE(log_owner) == cpu;
	if (!*nested) {
		spin_raw_lock(&log_lock);
		WRITE_ONCE(log_owner, cpu);
	}
	return f;
}

static void ring_unlock(irqflags_t f, bool nested)
{
	if (!nested) {
		WRITE_ONCE(log_owner, -1);
		spin_raw_unlock(&log_lock);
	}
	arch_irq_restore(f);
}

void log_break_lock(void)
{
	spin_lock_init(&log_lock, LR_PRINTK);
	WRITE_ONCE(log_owner, -1);
}

static struct entry *entry_at(uint32_t at)
{
	return (struct entry *)(ring + at);
}

static uint32_t entry_size(const struct entry *e)
{
	return (uint32_t)ALIGN_UP(sizeof(*e) + e->len, 8);
}

/* Position of the entry at @at, or the beginning when only a skip lies there. */
static uint32_t real_position(uint32_t at)
{
	if (at + sizeof(struct entry) > RING_SIZE || entry_at(at)->len == SKIP)
		return 0;
	return at;
}

static uint32_t after(uint32_t at)
{
	return at + entry_size(entry_at(at));
}

static void drop_oldest(void)
{
	if (++first_seq < next_seq)
		tail = real_position(after(tail));
}

/* Room for @size contiguous bytes at head. Drops the oldest records in the way. */
static uint32_t make_room(uint32_t size)
{
	uint32_t at = head;

	if (at + size > RING_SIZE) {
		/* What lies between head and the end goes, and so does what the new start overwrites below. */
		while (first_seq < next_seq && tail >= at)
			drop_oldest();
		if (at + sizeof(struct entry) <= RING_SIZE)
			entry_at(at)->len = SKIP;
		at = 0;
	}
	while (first_seq < next_seq && tail >= at && tail < at + size)
		drop_oldest();
	if (first_seq == next_seq)
		tail = at;
	return at;
}

static uint32_t caller_id(void)
{
	if (in_interrupt() || !current->tid)
		return 0x80000000u | smp_processor_id();
	return (uint32_t)current->tid;
}

void log_store(unsigned facility, enum log_level level, const char *text, size_t len)
{
	nsec_t now = clock_monotonic();
	uint32_t caller = caller_id(), at;
	struct entry *e;
	irqflags_t f;
	bool nested;

	if (len > LOG_LINE_MAX)
		len = LOG_LINE_MAX;
	f = ring_lock(&nested);
	at = make_room((uint32_t)ALIGN_UP(sizeof(*e) + len, 8));
	e = entry_at(at);
	e->seq = next_seq++;
	e->time = now;
	e->caller = caller;
	e->len = (uint16_t)len;
	e->level = (uint8_t)level;
	e->facility = (uint8_t)facility;
	memcpy(e->text, text, len);
	head = after(at);
	ring_unlock(f, nested);
}

bool log_read(uint64_t seq, struct log_record *out)
{
	const struct entry *e = NULL;
	irqflags_t f;
	bool nested;

	f = ring_lock(&nested);
	if (seq < first_seq)
		seq = first_seq;
	if (seq < next_seq) {
		uint64_t s = first_seq;
		uint32_t at = tail;

		if (hint_seq >= first_seq && hint_seq <= seq && hint_seq < next_seq) {
			s = hint_seq;
			at = hint_at;
		}
		for (at = real_position(at); s < seq; s++)
			at = real_position(after(at));
		e = entry_at(at);
		out->seq = e->seq;
		out->time = e->time;
		out->caller = e->caller;
		out->len = e->len;
		out->level = e->level;
		out->facility = e->facility;
		memcpy(out->text, e->text, e->len);
		out->text[e->len] = 0;
		hint_seq = seq + 1;
		hint_at = after(at);	/* a skip may come to lie there: real_position() when it is used */
	}
	ring_unlock(f, nested);
	return e != NULL;
}

uint64_t log_first_seq(void)
{
	irqflags_t f;
	uint64_t v;
	bool nested;

	f = ring_lock(&nested);
	v = first_seq;
	ring_unlock(f, nested);
	return v;
}

uint64_t log_next_seq(void)
{
	return READ_ONCE(next_seq);
}

static bool wake_wanted;

void log_wake_readers(void)
{
	if (READ_ONCE(wake_wanted)) {
		WRITE_ONCE(wake_wanted, false);
		waitq_wake_all_poll(&log_wait, 0);
	}
}

/*
 * Waking takes run-queue locks, and printk may be called with them held: then an interrupt to ourselves
 * does it as soon as interrupts are on again.
 */
static void notify(void)
{
	console_flush();
	if (system_state < SYSTEM_SCHEDULING || panic_in_progress || !waitq_active(&log_wait))
		return;
	WRITE_ONCE(wake_wanted, true);
	if (!preempt_count() && !arch_irqs_disabled()) {
		log_wake_readers();
	} else {
		irqflags_t f = arch_irq_save();

		ipi_send(smp_processor_id(), IPI_CALL);
		arch_irq_restore(f);
	}
}

void vprintk(enum log_level level, const char *fmt, va_list ap)
{
	char text[256], *big = text;
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	if (n >= (int)sizeof(text)) {
		/* A line that long is rare; a buffer of that size on every caller's stack is not wanted. */
		static char long_text[LOG_LINE_MAX + 1];
		static DEFINE_SPINLOCK(long_lock, LR_PRINTK);
		irqflags_t f = arch_irq_save();
		bool mine = !spin_is_locked(&long_lock) || !panic_in_progress;

		if (mine)
			spin_raw_lock(&long_lock);
		n = vsnprintf(long_text, sizeof(long_text), fmt, again);
		if (n > LOG_LINE_MAX)
			n = LOG_LINE_MAX;
		if (n && long_text[n - 1] == '\n')
			n--;
		log_store(0, level, long_text, (size_t)n);
		if (mine)
			spin_raw_unlock(&long_lock);
		arch_irq_restore(f);
		big = NULL;
	}
	va_end(again);
	if (big) {
		if (n > 0 && text[n - 1] == '\n')
			n--;
		log_store(0, level, text, n > 0 ? (size_t)n : 0);
	}
	notify();
}

void printk(enum log_level level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintk(level, fmt, ap);
	va_end(ap);
}

/* ---- text form */

static size_t put_prefix(const struct log_record *r, bool with_level, char *buf, size_t size)
{
	size_t n = 0;

	if (with_level)
		n += (size_t)snprintf(buf, size, "<%u>", (unsigned)r->facility << 3 | r->level);
	if (print_time)
		n += (size_t)snprintf(n < size ? buf + n : NULL, n < size ? size - n : 0, "[%5lu.%06lu] ",
				      (unsigned long)(r->time / NSEC_PER_SEC),
				      (unsigned long)(r->time % NSEC_PER_SEC / NSEC_PER_USEC));
	return n;
}

size_t log_format(const struct log_record *r, bool with_level, char *buf, size_t size)
{
	const char *s = r->text, *end = s + r->len;
	size_t n = 0;

	do {
		const char *nl = memchr(s, '\n', (size_t)(end - s)), *stop = nl ? nl : end;
		size_t len = (size_t)(stop - s);

		n += put_prefix(r, with_level, n < size ? buf + n : NULL, n < size ? size - n : 0);
		if (n + len + 1 <= size) {
			memcpy(buf + n, s, len);
			buf[n + len] = '\n';
		}
		n += len + 1;
		s = nl ? nl + 1 : NULL;
	} while (s && s < end);
	return n;
}

static int set_time(const char *v)
{
	print_time = !v || !(*v == '0' || *v == 'n' || *v == 'N');
	return 0;
}
BOOT_PARAM(printk_time, "printk.time=", set_time);
