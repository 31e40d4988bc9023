/* SPDX-License-Identifier: MIT */
/*
 * CPUs: from the boot code to the portable kernel, descriptor tables and control registers of each, start of the others.
 *
 * Order on the boot CPU: head.S -> x86_early_cpu_init -> kernel_main -> arch_early_init -> (memory from the tree) arch_mm_setup
 * -> ... -> smp_init -> arch_finish_init. On the others: x86_secondary_entry -> x86_secondary_start ->
 * smp_secondary_main, which calls arch_cpu_init().
 */
#include <kernel/extable.h>
#include <kernel/init.h>
#include <kernel/kernel_map.h>
#include <kernel/panic.h>
#include <kernel/percpu.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include <kernel/vm.h>
#include <uapi/errno.h>
#include <arch/gic.h>
#include <arch/smp.h>
#include <machine/boot.h>
#include <machine/x86.h>

static struct x86_ist boot_ist[IST_COUNT] __aligned(16);
/* The boot CPU's knows its task from the start: whatever goes wrong then is reported by somebody. */
DEFINE_PERCPU(struct x86_cpu, x86_cpu) = { .task = &init_task, .ist = boot_ist };
struct task *x86_secondary_task[CONFIG_NR_CPUS];

/* Write-back; write combining; uncached, overridable; uncached; the same, but the sixth is write-protected, the last write-through. */
#define PAT_VALUE	0x0407050600070106ull

/* Flags that SYSCALL clears: the handler runs without traps and interrupts, forwards, at level 0, with user memory closed. */
#define SYSCALL_FLAGS	(FLAGS_CF | FLAGS_PF | FLAGS_AF | FLAGS_ZF | FLAGS_SF | FLAGS_TF | FLAGS_IF | FLAGS_DF | FLAGS_OF | \
			 0x3000ul | FLAGS_NT | FLAGS_RF | FLAGS_AC | FLAGS_ID)

void arch_percpu_set_offset(unsigned long off)
{
	struct x86_cpu *cpu = PERCPU_PTR(x86_cpu, off);

	cpu->offset = off;
	wrmsr(MSR_GS_BASE, (uintptr_t)cpu);
}

static void load_gdt(struct x86_cpu *cpu, unsigned number)
{
	uint64_t tss = (uintptr_t)&cpu->tss;
	struct {
		uint16_t limit;
		uint64_t base;
	} __packed desc = { sizeof(cpu->gdt) - 1, (uintptr_t)cpu->gdt };

	cpu->gdt[SEL_KERNEL_CODE / 8] = 0x00af9b000000ffffull;
	cpu->gdt[SEL_KERNEL_DATA / 8] = 0x00cf93000000ffffull;
	cpu->gdt[SEL_USER_DATA / 8] = 0x00cff3000000ffffull;
	cpu->gdt[SEL_USER_CODE / 8] = 0x00affb000000ffffull;
	/* Read-only data for user mode, of so many bytes; CPU numbers are below 4096, and there is one node. */
	cpu->gdt[SEL_CPU_NUMBER / 8] = 0x0040f10000000000ull | number;
	/* Available 64-bit TSS; its limit ends before an I/O permission map: no ports for user mode. */
	cpu->gdt[SEL_TSS / 8] = (sizeof(cpu->tss) - 1) | (tss & 0xffffff) << 16 | 0x89ull << 40 | (tss >> 24 & 0xff) << 56;
	cpu->gdt[SEL_TSS / 8 + 1] = tss >> 32;
	__asm__ volatile("lgdt %0\n\t"
			 "pushq %1\n\tleaq 1f(%%rip), %%rax\n\tpushq %%rax\n\tlretq\n1:\n\t"
			 "movl %3, %%ds\n\tmovl %3, %%es\n\tmovl %2, %%ss\n\tmovl %3, %%fs\n\tmovl %3, %%gs\n\tltr %w4"
			 : : "m"(desc), "i"(SEL_KERNEL_CODE), "r"(SEL_KERNEL_DATA), "r"(0), "r"(SEL_TSS) : "rax", "memory");
}

/* Everything that GS, traps and system calls need. @off: of the CPU's area. Loading selectors clears the bases: GS comes after. */
static void cpu_tables(unsigned long off, unsigned number)
{
	struct x86_cpu *cpu = PERCPU_PTR(x86_cpu, off);
	unsigned i;

	for (i = 0; i < IST_COUNT; i++) {
		cpu->ist[i].half[0].cpu = cpu;
		cpu->ist[i].half[1].cpu = cpu;
		cpu->tss.ist[i] = (uintptr_t)&cpu->ist[i].half[1].cpu;
	}
	cpu->tss.iomap = sizeof(cpu->tss);
	load_gdt(cpu, number);
	wrmsr(MSR_KERNEL_GS_BASE, 0);
	wrmsr(MSR_FS_BASE, 0);
	arch_percpu_set_offset(off);
	x86_idt_load();
	wrmsr(MSR_PAT, PAT_VALUE);
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE | EFER_NXE);
	wrmsr(MSR_STAR, (uint64_t)SEL_USER_CODE32 << 48 | (uint64_t)SEL_KERNEL_CODE << 32);
	wrmsr(MSR_LSTAR, (uintptr_t)x86_syscall_entry);
	wrmsr(MSR_CSTAR, 0);		/* there is no 32-bit code segment to come from */
	wrmsr(MSR_SFMASK, SYSCALL_FLAGS);
}

static void cpu_adopt(struct task *t)
{
	struct x86_cpu *cpu = &this_cpu(x86_cpu);

	arch_set_current(t);
	cpu->kstack_top = (uintptr_t)t->head.kstack + KSTACK_SIZE;
	cpu->tss.rsp[0] = cpu->kstack_top;
}

static void control_registers(void)
{
	write_cr0((read_cr0() & ~(CR0_EM | CR0_TS)) | CR0_MP | CR0_NE | CR0_WP | CR0_AM);
	write_cr4(x86_cr4);
	x86_mce_init_cpu();
	x86_fpu_init_cpu();
}

/* SMAP: what are no-operations until now become STAC and CLAC. Write protection is off for the time: text is read-only. */
static void smap_fill_in(void)
{
	extern const struct { int32_t insn; uint32_t last; } __smap_sites_start[], __smap_sites_end[];
	uint64_t cr0 = read_cr0();
	unsigned i;

	write_cr0(cr0 & ~CR0_WP);
	for (i = 0; &__smap_sites_start[i] < __smap_sites_end; i++) {
		uint8_t *at = (uint8_t *)((uintptr_t)&__smap_sites_start[i].insn + (uintptr_t)(intptr_t)__smap_sites_start[i].insn);

		at[0] = 0x0f;
		at[1] = 0x01;
		at[2] = (uint8_t)__smap_sites_start[i].last;
	}
	write_cr0(cr0);		/* serialises: the new instructions are fetched */
}

void x86_early_cpu_init(paddr_t load)
{
	x86_kernel_tables(load);
	x86_idt_init();
	cpu_tables(0, 0);
	init_task.head.kstack = x86_boot_stack;
	init_task.head.work |= TIF_FPU;		/* no user state in the registers */
	init_task.arch.fpu_cpu = -1;
	init_task.user_regs = (struct pt_regs *)(x86_boot_stack + KSTACK_SIZE) - 1;
	cpu_adopt(&init_task);
	extable_sort();
	x86_features_boot();
	if (x86_has_smap)
		smap_fill_in();
	control_registers();
}

void arch_early_init(void)
{
	x86_tlb_init();
	pr_info("x86: image at %#lx", (unsigned long)virt_to_phys(_text));
}

void arch_cpu_init(unsigned cpu)
{
	x86_features_secondary(cpu);
}

__noreturn void x86_secondary_start(unsigned long cpu)
{
	cpu_tables(percpu_offset[cpu], (unsigned)cpu);
	cpu_adopt(x86_secondary_task[cpu]);
	control_registers();
	smp_secondary_main((unsigned)cpu);
}

/* The local APIC's id: all 32 bits where the extended topology leaf has them. */
uint64_t arch_cpu_hwid(void)
{
	if (cpuid(0, 0).a >= 0xb && cpuid(0xb, 0).b)
		return cpuid(0xb, 0).d;
	return cpuid(1, 0).b >> 24;
}

uint64_t arch_boot_hwid(void)
{
	return arch_cpu_hwid();
}

int arch_cpu_prepare(unsigned cpu, struct task *idle, paddr_t *entry, uint64_t *context)
{
	struct x86_cpu *c;

	if (cpu >= CONFIG_NR_CPUS)
		return -EINVAL;
	c = &per_cpu(x86_cpu, cpu);
	if (!c->ist)
		c->ist = kzalloc(IST_COUNT * sizeof(*c->ist), GFP_KERNEL);
	if (!c->ist)
		return -ENOMEM;
	x86_secondary_task[cpu] = idle;
	*entry = virt_to_phys((const void *)x86_secondary_entry);
	*context = cpu;
	smp_mb();
	return 0;
}

void arch_finish_init(void)
{
	extern char __boot_init_begin[], __boot_init_end[];

	kernel_map_finish();
	mm_free_range(virt_to_phys(__boot_init_begin), (size_t)(__boot_init_end - __boot_init_begin));
}

__noreturn void arch_halt(void)
{
	for (;;)
		__asm__ volatile("cli\n\thlt" : : : "memory");
}
