/* SPDX-License-Identifier: MIT */
/* Shared by the files of arch/x86_64/platform. */
#pragma once
#include <kernel/irq.h>
#include <kernel/types.h>

/* apic.c: the local APIC of the calling CPU */
#define APIC_LVT_TIMER_ONESHOT	(0u << 17)
#define APIC_LVT_TIMER_DEADLINE	(2u << 17)
void apic_eoi(void);
void apic_timer_mode(uint32_t mode);		/* APIC_LVT_TIMER_*, delivers X86_VEC_TIMER */
void apic_timer_count(uint32_t counts);		/* one-shot: 0 stops */
uint32_t apic_timer_left(void);
bool apic_ready(void);
/* Raw command: to one APIC id; waits until it was sent. */
void apic_command(uint32_t id, uint32_t command);
#define APIC_ICR_NMI	0x400u
#define APIC_ICR_INIT	0x500u
#define APIC_ICR_STARTUP 0x600u
#define APIC_ICR_ASSERT	0x4000u
#define APIC_ICR_LEVEL	0x8000u
extern uint32_t apic_id_of_cpu[CONFIG_NR_CPUS];	/* of CPUs that have started */
extern bool apic_x2;

/* ioapic.c: vectors X86_VEC_FIRST to X86_VEC_MSI - 1 */
void ioapic_handle(unsigned vector);
/* msi.c: vectors X86_VEC_MSI to X86_VEC_TIMER - 1 */
void x86_msi_handle(unsigned vector);
int x86_msi_init(void);
/* tsc.c: from the root handler */
void x86_timer_interrupt(void);
void x86_timer_init_cpu(void);
/* smp.c */
void x86_smp_register(void);
/* i8259.c */
void i8259_mask(void);

/* A hypervisor runs us: hardware waits of old may be short. */
bool x86_virtual(void);
