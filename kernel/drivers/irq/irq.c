/* SPDX-License-Identifier: MIT */
/*
 * Interrupt lines: descriptors in the domains of their controllers, found by the device tree.
 *
 * Descriptors are made when a line is first asked for and never go away, so the interrupt path reads the tables without
 * a lock. A handler is installed while its line is masked; freeing masks, then waits until no CPU runs it.
 *
 * Locks: irq_lock (LR_IRQ): making descriptors, handler and depth changes.
 */
#include <kernel/dt.h>
#include <kernel/errno.h>
#include <kernel/irq.h>
#include <kernel/mm.h>
#include <kernel/panic.h>
#include <kernel/preempt.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <kernel/spinlock.h>
#include <kernel/task.h>
#include <kernel/trace.h>

#define MAX_CPU_INITS 8
#define MAX_LINES 8192

static DEFINE_SPINLOCK(irq_lock, LR_IRQ);
static struct irq_desc *by_virq[1024];		/* [irq_lock to write] in order of virq */
static unsigned nr_virqs;
static void (*cpu_inits[MAX_CPU_INITS])(void);
static unsigned nr_cpu_inits;
static atomic_t spurious;

static void no_root(void)
{
}
void (*irq_root_handler)(void) __ro_after_init = no_root;

void irq_set_root(void (*handler)(void))
{
	irq_root_handler = handler;
}

int irq_domain_register(struct irq_domain *dom)
{
	if (!dom->nr_lines || dom->nr_lines > MAX_LINES)
		return -EINVAL;
	dom->descs = kvmalloc(dom->nr_lines * sizeof(*dom->descs), GFP_KERNEL | GFP_ZERO);
	if (!dom->descs)
		return -ENOMEM;
	if (dom->node)
		dom->node->data = dom;
	return 0;
}

int irq_domain_line(struct irq_domain *dom, unsigned line, unsigned type, struct irq_desc **out)
{
	struct irq_desc *d, *fresh;
	irqflags_t f;

	if (line >= dom->nr_lines)
		return -EINVAL;
	d = smp_load_acquire(&dom->descs[line]);
	if (!d) {
		fresh = kzalloc(sizeof(*fresh), GFP_ATOMIC);
		if (!fresh)
			return -ENOMEM;
		fresh->dom = dom;
		fresh->line = line;
		fresh->depth = 1;
		fresh->type = type;
		fresh->percpu = line < dom->nr_percpu;
		f = spin_lock_irqsave(&irq_lock);
		d = dom->descs[line];
		if (!d && nr_virqs < ARRAY_SIZE(by_virq)) {
			d = fresh;
			fresh = NULL;
			d->virq = ++nr_virqs;
			by_virq[d->virq - 1] = d;
			smp_store_release(&dom->descs[line], d);
		}
		spin_unlock_irqrestore(&irq_lock, f);
		kfree(fresh);
		if (!d)
			return -ENOSPC;
	}
	*out = d;
	return 0;
}

int irq_of_node(struct dt_node *node, unsigned index, struct irq_desc **out)
{
	struct dt_irq_spec spec;
	int err = dt_irq(node, index, &spec);

	return err ? err : irq_of_spec(&spec, out);
}

int irq_of_spec(const struct dt_irq_spec *spec, struct irq_desc **out)
{
	struct irq_domain *dom = spec->controller->data;
	struct irq_desc *d;
	unsigned line, type;
	int err;

	if (!dom || !spec->controller->bound)
		return -EPROBE_LATER;
	if (dom->node != spec->controller)
		return -EINVAL;		/* the node has a driver, but that is no interrupt controller */
	err = dom->xlate(dom, spec->cell, spec->n, &line, &type);
	if (err)
		return err;
	err = irq_domain_line(dom, line, type, &d);
	if (err)
		return err;
	if (type && dom->chip->set_type) {
		err = dom->chip->set_type(d, type);
		if (err)
			return err;
		d->type = type;
	}
	*out = d;
	return 0;
}

int irq_request(struct irq_desc *d, irq_handler fn, void *arg, const char *name)
{
	irqflags_t f = spin_lock_irqsave(&irq_lock);
	int err = -EBUSY;

	if (!d->handler) {
		d->arg = arg;
		d->name = name;
		smp_store_release(&d->handler, fn);	/* a CPU that sees the handler sees its argument */
		err = 0;
		if (!d->percpu) {
			d->depth = 0;
			d->dom->chip->unmask(d);
		}
	}
	spin_unlock_irqrestore(&irq_lock, f);
	return err;
}

static void nothing(void *arg)
{
}

void irq_free(struct irq_desc *d)
{
	irqflags_t f = spin_lock_irqsave(&irq_lock);

	d->dom->chip->mask(d);
	d->depth = 1;
	WRITE_ONCE(d->handler, NULL);
	spin_unlock_irqrestore(&irq_lock, f);
	/* Handlers run with interrupts off: once every CPU has taken this call, none is inside any more. */
	smp_call(&cpu_online_mask, nothing, NULL, true);
}

void irq_enable(struct irq_desc *d)
{
	irqflags_t f = spin_lock_irqsave(&irq_lock);

	if (d->percpu || (d->depth && --d->depth == 0))
		d->dom->chip->unmask(d);
	spin_unlock_irqrestore(&irq_lock, f);
}

void irq_disable(struct irq_desc *d)
{
	irqflags_t f = spin_lock_irqsave(&irq_lock);

	if (d->percpu || d->depth++ == 0)
		d->dom->chip->mask(d);
	spin_unlock_irqrestore(&irq_lock, f);
}

/* A line nobody handles would fire for ever: mask it and say so once. */
static void __cold unhandled(struct irq_domain *dom, unsigned line)
{
	struct irq_desc *d;

	atomic_inc(&spurious);
	if (!irq_domain_line(dom, line, 0, &d)) {
		dom->chip->mask(d);
		dom->chip->eoi(d);
	}
	pr_warn("irq: %s line %u fired without a handler: masked\n", dom->chip->name, line);
}

void irq_domain_handle(struct irq_domain *dom, unsigned line)
{
	struct irq_desc *d = line < dom->nr_lines ? smp_load_acquire(&dom->descs[line]) : NULL;
	irq_handler fn = d ? smp_load_acquire(&d->handler) : NULL;

	if (unlikely(!fn)) {
		unhandled(dom, line);
		return;
	}
	d->count[smp_processor_id()]++;
	trace_irq_enter(d->virq, d->name);
	fn(d->arg);
	trace_irq_exit(d->virq);
	/*
	 * Ended here, before irq_exit() can switch tasks: a line that stays active while another task runs is lost
	 * to this CPU until the first one comes back. The handler has quieted the device, so a level line
	 * does not fire again at once.
	 */
	dom->chip->eoi(d);
}

void irq_enter(void)
{
	struct task_head *h = current_head();

	WRITE_ONCE(h->preempt_count, h->preempt_count + PREEMPT_HARD);
	barrier();
}

void irq_exit(void)
{
	struct task_head *h = current_head();
	unsigned n;

	barrier();
	n = h->preempt_count - PREEMPT_HARD;
	WRITE_ONCE(h->preempt_count, n);
	if (n == 0 && unlikely(READ_ONCE(h->work) & TIF_NEED_RESCHED))
		preempt_schedule_irq();
}

void irq_register_cpu_init(void (*fn)(void))
{
	if (WARN_ON(nr_cpu_inits == MAX_CPU_INITS))
		return;
	cpu_inits[nr_cpu_inits++] = fn;
}

void irq_init_cpu(void)
{
	for (unsigned i = 0; i < nr_cpu_inits; i++)
		cpu_inits[i]();
}

void irq_for_each(void (*fn)(struct irq_desc *d, void *arg), void *arg)
{
	for (unsigned i = 0; i < READ_ONCE(nr_virqs); i++)
		if (by_virq[i] && READ_ONCE(by_virq[i]->handler))
			fn(by_virq[i], arg);
}
