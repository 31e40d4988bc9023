/* SPDX-License-Identifier: MIT */
/*
 * Interrupts: lines of a tree of controllers, bound by the device tree. kernel/drivers/irq/irq.c.
 * The architecture's exception entry calls irq_root_handler (set by the root controller's driver).
 */
#pragma once
#include <kernel/types.h>
#include <kernel/sched.h>

struct dt_node;
struct irq_desc;
typedef void (*irq_handler)(void *arg);		/* hard interrupt context */

struct irq_chip {
	const char *name;
	void (*mask)(struct irq_desc *d);
	void (*unmask)(struct irq_desc *d);
	void (*eoi)(struct irq_desc *d);
	int (*set_type)(struct irq_desc *d, unsigned type);	/* IRQ_TYPE_* of the tree */
	int (*set_affinity)(struct irq_desc *d, unsigned cpu);
};
#define IRQ_TYPE_EDGE_RISING 1
#define IRQ_TYPE_EDGE_FALLING 2
#define IRQ_TYPE_LEVEL_HIGH 4
#define IRQ_TYPE_LEVEL_LOW 8

/* A controller offers its lines: @xlate turns a tree specifier into (line, type). */
struct irq_domain {
	struct dt_node *node;
	const struct irq_chip *chip;
	void *chip_data;
	unsigned nr_lines;
	unsigned nr_percpu;		/* lines below this are private to each CPU */
	struct irq_desc **descs;
	int (*xlate)(struct irq_domain *dom, const uint32_t *spec, unsigned n, unsigned *line, unsigned *type);
};
struct irq_desc {
	struct irq_domain *dom;
	unsigned line;
	unsigned type;
	bool percpu;			/* a PPI: handler and enable are per CPU */
	irq_handler handler;
	void *arg;
	const char *name;
	uint64_t count[CONFIG_NR_CPUS];
	unsigned depth;			/* nested disables */
	unsigned virq;			/* number shown in /proc/interrupts */
};
int irq_domain_register(struct irq_domain *dom) __must_check;
/* Resolves the n-th interrupt of a device node ("interrupts" or "interrupts-extended"). */
int irq_of_node(struct dt_node *node, unsigned index, struct irq_desc **out) __must_check;
/* The same for a specifier found in another way (interrupt-map). */
struct dt_irq_spec;
int irq_of_spec(const struct dt_irq_spec *spec, struct irq_desc **out) __must_check;
int irq_request(struct irq_desc *d, irq_handler fn, void *arg, const char *name) __must_check;
void irq_free(struct irq_desc *d);
void irq_enable(struct irq_desc *d);	/* per-CPU lines: on the calling CPU */
void irq_disable(struct irq_desc *d);
/* The chip's flow: counts, runs the handler, ends the interrupt. From the root handler. */
void irq_domain_handle(struct irq_domain *dom, unsigned line);

/* Set by the root controller. Runs with interrupts off, between irq_enter and irq_exit. */
extern void (*irq_root_handler)(void);
void irq_set_root(void (*handler)(void));
/* Called by the architecture's entry code around irq_root_handler. irq_exit may preempt when it returns to a preemptible kernel. */
void irq_enter(void);
void irq_exit(void);
/* On each CPU as it comes up: controllers' per-CPU part. */
void irq_init_cpu(void);
void irq_register_cpu_init(void (*fn)(void));
/* For /proc/interrupts: calls fn for each used line. */
void irq_for_each(void (*fn)(struct irq_desc *d, void *arg), void *arg);
/* The descriptor of a line, made when it is new. */
int irq_domain_line(struct irq_domain *dom, unsigned line, unsigned type, struct irq_desc **out) __must_check;
