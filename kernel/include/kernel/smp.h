/* SPDX-License-Identifier: MIT */
/* Other CPUs: start, inter-processor interrupts, cross calls. */
#pragma once
#include <kernel/sched.h>

enum ipi { IPI_RESCHED, IPI_CALL, IPI_STOP, IPI_BACKTRACE, IPI_COUNT };
/* Registered by the interrupt controller's driver; sends to each CPU of the mask. */
struct ipi_ops {
	void (*send)(const struct cpumask *mask, enum ipi ipi);
	void (*send_hard)(unsigned cpu);	/* NULL, or reaches one whose interrupts are off: it calls ipi_handle_hard() */
};
void ipi_register(const struct ipi_ops *ops);
void ipi_send(unsigned cpu, enum ipi ipi);
void ipi_send_mask(const struct cpumask *mask, enum ipi ipi);
/* Called by the controller on the receiving CPU, in hard interrupt context. */
void ipi_handle(enum ipi ipi);
/* For reports of crashed CPUs. false: there is no way. */
bool ipi_send_hard(unsigned cpu);
struct pt_regs;
/* The receiver, who may have interrupted anything: stops or reports where asked to; false: nobody has asked. */
bool ipi_handle_hard(const struct pt_regs *regs);
/* Runs fn on the CPUs of the mask (the own one included if set); waits until all are done when @wait. Interrupts on. */
void smp_call(const struct cpumask *mask, void (*fn)(void *), void *arg, bool wait);
void smp_call_cpu(unsigned cpu, void (*fn)(void *), void *arg, bool wait);
/* How a CPU is brought up: by the "enable-method" of its node. Registered by the firmware driver (PSCI) or the architecture. */
struct cpu_ops {
	const char *method;
	int (*start)(unsigned cpu, uint64_t hwid, paddr_t entry, uint64_t context);
	void (*die)(void);
};
void cpu_ops_register(const struct cpu_ops *ops);
/* Brings up all CPUs of the tree (nr_cpus=, maxcpus=). */
void smp_init(void);
/* Portable part of a secondary's start, on its own stack, MMU on, interrupts off. */
__noreturn void smp_secondary_main(unsigned cpu);
/* Stop the others, for panic and reset; does not return on them. */
void smp_stop_others(void);
/* System power, registered by firmware drivers; tried in order of registration. */
void power_register(void (*off)(void), void (*restart)(void));
__noreturn void system_power_off(void);
__noreturn void system_restart(void);
__noreturn void system_halt(void);
/* After dt_init(): which CPUs there can be (nr_cpus=). Sets nr_cpus, cpu_possible_mask, cpu_hwid. */
void smp_prepare(void);
extern uint64_t cpu_hwid[CONFIG_NR_CPUS];	/* "reg" of the cpu node; 0 is the boot CPU */
struct dt_node;
struct dt_node *cpu_dt_node(unsigned cpu);	/* NULL: the tree has none */
