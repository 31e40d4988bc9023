/* SPDX-License-Identifier: MIT */
/*
 * CPUs: from head.S to the portable kernel, control registers of each, start of the others.
 *
 * Order on the boot CPU: arm64_start -> kernel_main -> arch_early_init -> (memory from the
 * tree) arch_mm_setup -> ... -> smp_init -> arch_finish_init. On the others:
 * arm64_secondary_start -> smp_secondary_main, which calls arch_cpu_init().
 */
#include <kernel/extable.h>
#include <kernel/init.h>
#include <kernel/kernel_map.h>
#include <kernel/panic.h>
#include <kernel/percpu.h>
#include <kernel/smp.h>
#include <kernel/task.h>
#include <kernel/vm.h>
#include <uapi/errno.h>
#include <arch/smp.h>
#include <machine/arm64.h>
#include <machine/asid.h>
#include <machine/boot.h>

extern char arm64_boot_stack[];

struct task *arm64_secondary_task[CONFIG_NR_CPUS];
static unsigned long boot_level __ro_after_init;

/*
 * CPACR_EL1: FP and SIMD for user and kernel (which does not use it); SVE and SME trap from
 * EL0: they are not offered.
 */
#define CPACR_FPEN	(3ul << 20)
/*
 * CNTKCTL_EL1: user mode reads the virtual counter; an event every 2^(EVNTI + 1) counts ends a
 * WFE (HWCAP_EVTSTRM).
 */
#define CNTKCTL_EL0VCTEN BIT(1)
#define CNTKCTL_EVNTEN	BIT(2)
#define EVENT_HZ	10000

static void control_registers(void)
{
	uint64_t divider = read_sysreg(cntfrq_el0) / EVENT_HZ, bit = 0;

	while (divider > 1 && bit < 15) {
		divider >>= 1;
		bit++;
	}
	write_sysreg(cpacr_el1, CPACR_FPEN);
	write_sysreg(mdscr_el1, 0);		/* no debug exceptions */
	write_sysreg(cntkctl_el1, CNTKCTL_EL0VCTEN | CNTKCTL_EVNTEN | bit << 4);
	write_sysreg(tpidrro_el0, 0);
	write_sysreg(contextidr_el1, 0);
	if (id_field(read_sysreg(id_aa64dfr0_el1), 8) - 1 < 14)
		write_sysreg(pmuserenr_el0, 0);	/* no counters for user mode */
	if (id_field(read_sysreg(id_aa64mmfr1_el1), 20))
		write_sysreg(S3_0_C4_C2_3, PSR_PAN);
	if (id_field(read_sysreg(S3_0_C0_C7_2), 4))
		write_sysreg(S3_0_C4_C2_4, 0);	/* UAO: LDTR and STTR have user mode's permissions */
	isb();
}

__noreturn void arm64_start(paddr_t dtb, paddr_t load, unsigned long el)
{
	arm64_image_offset = ARM64_IMAGE - load;
	boot_level = el;
	init_task.head.work |= TIF_FPU;		/* no user state in the registers */
	init_task.arch.fpu_cpu = -1;
	init_task.user_regs = (struct pt_regs *)(arm64_boot_stack + KSTACK_SIZE) - 1;
	control_registers();
	kernel_main(dtb);
}

void arch_early_init(void)
{
	extable_sort();
	arm64_asid_init();
	arm64_features_boot();
	arm64_cpu_identify(0);
	pr_info("arm64: entered at EL%lu, image at %#lx", boot_level, (unsigned long)virt_to_phys(_text));
}

void arch_cpu_init(unsigned cpu)
{
	/* The identity map is done with. */
	arch_mm_deactivate();
	__asm__ volatile("tlbi vmalle1\n\tdsb nsh\n\tisb" : : : "memory");
	arm64_features_secondary(cpu);
	arm64_cpu_identify(cpu);
}

__noreturn void arm64_secondary_start(unsigned long cpu)
{
	control_registers();
	smp_secondary_main((unsigned)cpu);
}

uint64_t arch_boot_hwid(void)
{
	return read_sysreg(mpidr_el1) & 0xff00fffffful;		/* Aff3..Aff0, as "reg" has it */
}

int arch_cpu_prepare(unsigned cpu, struct task *idle, paddr_t *entry, uint64_t *context)
{
	if (cpu >= CONFIG_NR_CPUS)
		return -EINVAL;
	/*
	 * Read with caches on (head.S looks only after the MMU is), ordered by the firmware
	 * call.
	 */
	arm64_secondary_task[cpu] = idle;
	*entry = virt_to_phys((const void *)arm64_secondary_entry);
	*context = cpu;
	dsb(ish);
	return 0;
}

void arch_finish_init(void)
{
	kernel_map_finish();
}

__noreturn void arch_halt(void)
{
	__asm__ volatile("msr daifset, #0xf" : : : "memory");
	for (;;)
		__asm__ volatile("wfi");
}
