/* SPDX-License-Identifier: MIT */
/*
 * The recorder: rings and the places that write to them.
 *
 * Each CPU has a ring of bytes with records of 8-byte multiples; the newest overwrite the oldest, so that the ring
 * always holds what came last before a reader or a panic. A writer holds its ring's lock with interrupts off for the
 * length of one copy. The mask is read without a lock: a CPU that still sees the old one writes a record too many or
 * too few.
 *
 * A task records its system calls while TIF_TRACE is set in its work word. trace_set() sets the mask first and then
 * the flag of every task under proc_tree_lock; task_publish() looks at the mask under the same lock, so that no new
 * task is missed. Kernel threads have the flag too: one becomes init. The flag goes when a task comes by and finds the mask clear.
 *
 * Locks: trace_lock (LR_MUTEX_LEAF) around settings; ring->lock (LR_LEAF).
 */
#include <kernel/errno.h>
#include <kernel/mm.h>
#include <kernel/mutex.h>
#include <kernel/percpu.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/uaccess.h>
#include "trace_internal.h"

unsigned trace_mask;
static DEFINE_PERCPU(struct trace_ring, trace_ring) = { .lock = SPINLOCK_INIT(LR_LEAF) };
static DEFINE_MUTEX(trace_lock, LR_MUTEX_LEAF);
static unsigned ring_kib = TRACE_KIB_DEFAULT;	/* [trace_lock] */

/* ---- rings */

static void ring_put(struct trace_ring *r, const void *data, size_t n)
{
	size_t at = r->head & (r->size - 1), first = MIN(n, r->size - at);

	memcpy(r->buf + at, data, first);
	memcpy(r->buf, (const uint8_t *)data + first, n - first);
	r->head += n;
}

static void ring_get(const struct trace_ring *r, uint64_t pos, void *data, size_t n)
{
	size_t at = pos & (r->size - 1), first = MIN(n, r->size - at);

	memcpy(data, r->buf + at, first);
	memcpy((uint8_t *)data + first, r->buf, n - first);
}

static size_t ring_record_size(const struct trace_ring *r, uint64_t pos)
{
	struct trace_record h;

	ring_get(r, pos, &h, sizeof(h));
	return h.size;
}

void trace_write(enum trace_type type, const void *head, size_t nhead, const void *tail, size_t ntail)
{
	static const uint64_t zero;
	struct trace_record h = { .time = (uint64_t)clock_monotonic(), .tid = (uint32_t)current->tid, .type = (uint16_t)type };
	irqflags_t f = arch_irq_save();
	struct trace_ring *r = &this_cpu(trace_ring);
	size_t n;

	ntail = MIN(ntail, TRACE_RECORD_MAX - sizeof(h) - nhead);
	n = sizeof(h) + nhead + ntail;
	h.size = (uint16_t)ALIGN_UP(n, 8);
	spin_lock(&r->lock);
	if (r->buf) {
		while (r->head + h.size - r->tail > r->size) {
			r->tail += ring_record_size(r, r->tail);
			r->lost++;
		}
		ring_put(r, &h, sizeof(h));
		ring_put(r, head, nhead);
		ring_put(r, tail, ntail);
		ring_put(r, &zero, h.size - n);
	}
	spin_unlock_irqrestore(&r->lock, f);
}

uint64_t trace_ring_head(unsigned cpu)
{
	struct trace_ring *r = &per_cpu(trace_ring, cpu);
	irqflags_t f = spin_lock_irqsave(&r->lock);
	uint64_t head = r->head;

	spin_unlock_irqrestore(&r->lock, f);
	return head;
}

size_t trace_ring_take(unsigned cpu, uint64_t end, uint8_t *out, size_t max, uint64_t *lost)
{
	struct trace_ring *r = &per_cpu(trace_ring, cpu);
	irqflags_t f = spin_lock_irqsave(&r->lock);
	size_t n = 0;

	*lost = r->lost;
	r->lost = 0;
	while (r->tail < MIN(end, r->head)) {
		size_t size = ring_record_size(r, r->tail);

		if (n + size > max)
			break;
		ring_get(r, r->tail, out + n, size);
		r->tail += size;
		n += size;
	}
	spin_unlock_irqrestore(&r->lock, f);
	return n;
}

void trace_clear(void)
{
	for (unsigned cpu = 0; cpu < nr_cpus; cpu++) {
		struct trace_ring *r = &per_cpu(trace_ring, cpu);
		irqflags_t f = spin_lock_irqsave(&r->lock);

		r->tail = r->head;
		r->lost = 0;
		spin_unlock_irqrestore(&r->lock, f);
	}
}

static void ring_exchange(unsigned cpu, uint8_t **buf, size_t size)
{
	struct trace_ring *r = &per_cpu(trace_ring, cpu);
	irqflags_t f = spin_lock_irqsave(&r->lock);
	uint8_t *old = r->buf;

	r->buf = *buf;
	r->size = size;
	r->head = ALIGN_UP(r->head, 8);
	r->tail = r->head;
	r->lost = 0;
	spin_unlock_irqrestore(&r->lock, f);
	*buf = old;
}

/* All or nothing: a failure leaves every ring as it was. [trace_lock] */
static int rings_make(unsigned kib)
{
	uint8_t *bufs[CONFIG_NR_CPUS] = { NULL };
	size_t size = (size_t)kib << 10;
	int err = 0;

	for (unsigned cpu = 0; cpu < nr_cpus && !err; cpu++) {
		bufs[cpu] = vmalloc(size);
		if (!bufs[cpu])
			err = -ENOMEM;
	}
	for (unsigned cpu = 0; cpu < nr_cpus; cpu++) {
		if (!err)
			ring_exchange(cpu, &bufs[cpu], size);
		vfree(bufs[cpu]);
	}
	return err;
}

int trace_resize(unsigned kib)
{
	int err = 0;

	if (kib < TRACE_KIB_MIN || kib > TRACE_KIB_MAX || (kib & (kib - 1)))
		return -EINVAL;
	mutex_lock(&trace_lock);
	/* Made at the first use if there is none yet. */
	if (per_cpu(trace_ring, 0).buf)
		err = rings_make(kib);
	if (!err)
		ring_kib = kib;
	mutex_unlock(&trace_lock);
	return err;
}

int trace_set(unsigned mask)
{
	struct task *t;
	irqflags_t f;
	int err = 0;

	mutex_lock(&trace_lock);
	if (mask && !per_cpu(trace_ring, 0).buf)
		err = rings_make(ring_kib);
	if (!err) {
		WRITE_ONCE(trace_mask, mask);
		if (mask & TRACE_SYSCALLS) {
			f = spin_lock_irqsave(&proc_tree_lock);
			list_for_each_entry(t, &all_tasks, all_link)
				__atomic_fetch_or(&t->head.work, TIF_TRACE, __ATOMIC_RELAXED);
			spin_unlock_irqrestore(&proc_tree_lock, f);
		}
	}
	mutex_unlock(&trace_lock);
	return err;
}

/* ---- system calls */

#define CAPTURE_MAX 96u		/* of one string or buffer */

/* Captures follow the fixed part of a record: one byte argument number, one byte length, the bytes. */
struct captures {
	size_t used;
	uint8_t bytes[2 * (CAPTURE_MAX + 2)];
};

static void capture_string(struct captures *c, unsigned arg, const char __user *s)
{
	uint8_t *p = c->bytes + c->used;
	ssize_t n;

	if (c->used + 2 + CAPTURE_MAX > sizeof(c->bytes))
		return;
	n = strncpy_from_user((char *)p + 2, s, CAPTURE_MAX);
	if (n < 0)
		return;
	p[0] = (uint8_t)arg;
	p[1] = (uint8_t)n;
	c->used += 2 + (size_t)n;
}

static void capture_bytes(struct captures *c, unsigned arg, const void __user *s, size_t n)
{
	uint8_t *p = c->bytes + c->used;

	n = MIN(n, CAPTURE_MAX);
	if (c->used + 2 + n > sizeof(c->bytes) || copy_from_user(p + 2, s, n))
		return;
	p[0] = (uint8_t)arg;
	p[1] = (uint8_t)n;
	c->used += 2 + n;
}

static const char *kinds_of(unsigned nr)
{
	return nr < NR_SYSCALLS ? syscall_table[nr].kinds : "";
}

void trace_syscall_enter(unsigned nr, const unsigned long *args)
{
	struct {
		uint32_t nr, captured;
		uint64_t args[6];
	} head = { .nr = nr };
	const char *kinds = kinds_of(nr);
	struct captures c = { .used = 0 };

	for (unsigned i = 0; i < 6; i++)
		head.args[i] = args[i];
	for (unsigned i = 0; i < 6 && kinds[i]; i++) {
		if (kinds[i] == SYSCALL_ARG_STRING)
			capture_string(&c, i, (const char __user *)args[i]);
		else if (kinds[i] == SYSCALL_ARG_IN && i < 5)
			capture_bytes(&c, i, (const void __user *)args[i], args[i + 1]);
	}
	head.captured = (uint32_t)c.used;
	trace_write(TRACE_T_ENTER, &head, sizeof(head), c.bytes, c.used);
}

void trace_syscall_exit(unsigned nr, const unsigned long *args, long result)
{
	struct {
		uint32_t nr, captured;
		int64_t result;
	} head = { .nr = nr, .result = result };
	const char *kinds = kinds_of(nr);
	struct captures c = { .used = 0 };

	for (unsigned i = 0; i < 6 && kinds[i]; i++)
		if (kinds[i] == SYSCALL_ARG_OUT && result > 0)
			capture_bytes(&c, i, (const void __user *)args[i], (size_t)result);
	head.captured = (uint32_t)c.used;
	trace_write(TRACE_T_EXIT, &head, sizeof(head), c.bytes, c.used);
}

/* ---- everything else */

void trace_record_switch(const struct task *prev, const struct task *next)
{
	uint32_t head[2] = { (uint32_t)next->tid, READ_ONCE(prev->state) };

	trace_write(TRACE_T_SWITCH, head, sizeof(head), next->comm, TASK_COMM_LEN);
}

void trace_record_fault(uintptr_t va, unsigned access, int result)
{
	struct {
		uint64_t va;
		uint32_t access;
		int32_t result;
	} head = { va, access, result };

	trace_write(TRACE_T_FAULT, &head, sizeof(head), NULL, 0);
}

void trace_record_irq(enum trace_type type, unsigned number, const char *name)
{
	struct {
		uint32_t number;
		char name[12];
	} head = { .number = number };

	if (name)
		strscpy(head.name, name, sizeof(head.name));
	trace_write(type, &head, name ? sizeof(head) : sizeof(head.number), NULL, 0);
}

void trace_record_signal(int sig, int code)
{
	int32_t head[2] = { sig, code };

	trace_write(TRACE_T_SIGNAL, head, sizeof(head), NULL, 0);
}

void trace_record_fork(const struct task *child)
{
	uint32_t head[2] = { (uint32_t)child->tid, (uint32_t)child->proc->pid };

	trace_write(TRACE_T_FORK, head, sizeof(head), child->comm, TASK_COMM_LEN);
}

void trace_record_name(const struct task *t)
{
	trace_write(TRACE_T_NAME, t->comm, TASK_COMM_LEN, NULL, 0);
}

void trace_record_gone(int status)
{
	uint32_t head = (uint32_t)status;

	trace_write(TRACE_T_GONE, &head, sizeof(head), NULL, 0);
}

void trace_record_frame(unsigned interface, bool out, const void *data, size_t captured, size_t len)
{
	struct {
		uint32_t interface;
		uint16_t out, captured;
		uint32_t len;
	} head = { .interface = interface, .out = out, .len = (uint32_t)len };

	captured = MIN(MIN(captured, len), TRACE_RECORD_MAX - sizeof(struct trace_record) - sizeof(head));
	head.captured = (uint16_t)captured;
	trace_write(TRACE_T_FRAME, &head, sizeof(head), data, captured);
}
