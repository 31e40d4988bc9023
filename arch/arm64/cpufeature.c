/* SPDX-License-Identifier: MIT */
/*
 * What the CPUs can do: AT_HWCAP and AT_HWCAP2, the ID registers that user mode may read,
 * /proc/cpuinfo, random numbers.
 *
 * Only what every CPU has is offered, so each field is the minimum over all CPUs. All CPUs are
 * up before the first program starts. Not offered, whatever the CPU has: SVE and SME (their
 * state is not kept), pointer authentication (keys are not switched), BTI, MTE, MOPS; their
 * fields read as zero.
 *
 * Arm ARM DDI 0487, "ID_AA64ISAR0_EL1" and its neighbours. Bits of AT_HWCAP: the arm64 ELF
 * hwcaps of Linux's ABI.
 */
#include <kernel/fs.h>
#include <kernel/init.h>
#include <kernel/panic.h>
#include <kernel/string.h>
#include <arch/context.h>
#include <machine/arm64.h>

enum id { ISAR0, ISAR1, ISAR2, PFR0, PFR1, MMFR0, MMFR1, MMFR2, NR_IDS };

uint64_t arm64_hwcap __ro_after_init, arm64_hwcap2 __ro_after_init;
static uint64_t common[NR_IDS] __ro_after_init;
static uint64_t midr[CONFIG_NR_CPUS] __ro_after_init;
static bool has_rndr __ro_after_init;

/* One capability: field of at least @min, as a bit of AT_HWCAP or (from 64 on) of AT_HWCAP2. */
struct cap {
	uint8_t reg, shift, min, bit;
	char name[12];
};
#define FP_NONE 15	/* PFR0.FP and AdvSIMD: 15 means not there */
static const struct cap caps[] = {
	{ PFR0, 16, 0, 0, "fp" }, { PFR0, 20, 0, 1, "asimd" }, { NR_IDS, 0, 0, 2, "evtstrm" }, { ISAR0, 4, 1, 3, "aes" },
	{ ISAR0, 4, 2, 4, "pmull" }, { ISAR0, 8, 1, 5, "sha1" }, { ISAR0, 12, 1, 6, "sha2" }, { ISAR0, 16, 1, 7, "crc32" },
	{ ISAR0, 20, 2, 8, "atomics" }, { PFR0, 16, 1, 9, "fphp" }, { PFR0, 20, 1, 10, "asimdhp" }, { NR_IDS, 0, 0, 11, "cpuid" },
	{ ISAR0, 28, 1, 12, "asimdrdm" }, { ISAR1, 12, 1, 13, "jscvt" }, { ISAR1, 16, 1, 14, "fcma" },
	{ ISAR1, 20, 1, 15, "lrcpc" }, { ISAR1, 0, 1, 16, "dcpop" }, { ISAR0, 32, 1, 17, "sha3" }, { ISAR0, 36, 1, 18, "sm3" },
	{ ISAR0, 40, 1, 19, "sm4" }, { ISAR0, 44, 1, 20, "asimddp" }, { ISAR0, 12, 2, 21, "sha512" },
	{ ISAR0, 48, 1, 23, "asimdfhm" }, { PFR0, 48, 1, 24, "dit" }, { MMFR2, 32, 1, 25, "uscat" },
	{ ISAR1, 20, 2, 26, "ilrcpc" }, { ISAR0, 52, 1, 27, "flagm" }, { PFR1, 4, 2, 28, "ssbs" }, { ISAR1, 36, 1, 29, "sb" },
	{ ISAR1, 0, 2, 64 + 0, "dcpodp" }, { ISAR0, 52, 2, 64 + 7, "flagm2" }, { ISAR1, 32, 1, 64 + 8, "frint" },
	{ ISAR1, 52, 1, 64 + 13, "i8mm" }, { ISAR1, 44, 1, 64 + 14, "bf16" }, { ISAR1, 48, 1, 64 + 15, "dgh" },
	{ ISAR0, 60, 1, 64 + 16, "rng" }, { MMFR0, 60, 1, 64 + 19, "ecv" }, { MMFR1, 44, 1, 64 + 20, "afp" },
	{ ISAR2, 4, 1, 64 + 21, "rpres" }, { ISAR2, 0, 2, 64 + 31, "wfxt" }, { ISAR1, 44, 2, 64 + 32, "ebf16" },
	{ ISAR2, 52, 1, 64 + 34, "cssc" }, { ISAR2, 48, 1, 64 + 35, "rprfm" },
};

/*
 * Fields of each register that user mode sees, one hexadecimal digit a field. The others read
 * as in `fixed`: AArch64 only at EL0 and EL1, granules not told; the rest zero.
 */
static const uint64_t visible[NR_IDS] = {
	[ISAR0] = 0xf0fffffff0fffff0, [ISAR1] = 0x00fffffffffff00f & ~0xff00f00000ull, [ISAR2] = 0x00ff0000000000ff,
	[PFR0] = 0x000f000000ff0000, [PFR1] = 0xf0, [MMFR0] = 0xf000000000000000, [MMFR1] = 0x0000f00000000000,
	[MMFR2] = 0x0000000f00000000,
};

static const uint64_t fixed[NR_IDS] = { [PFR0] = 0x11, [MMFR0] = 0xff000000 };

static void read_ids(uint64_t out[NR_IDS])
{
	out[ISAR0] = read_sysreg(id_aa64isar0_el1);
	out[ISAR1] = read_sysreg(id_aa64isar1_el1);
	out[ISAR2] = read_sysreg(S3_0_C0_C6_2);
	out[PFR0] = read_sysreg(id_aa64pfr0_el1);
	out[PFR1] = read_sysreg(id_aa64pfr1_el1);
	out[MMFR0] = read_sysreg(id_aa64mmfr0_el1);
	out[MMFR1] = read_sysreg(id_aa64mmfr1_el1);
	out[MMFR2] = read_sysreg(S3_0_C0_C7_2);
}

/* FP and AdvSIMD are signed fields: 15 is less than 0. */
static bool field_signed(unsigned reg, unsigned shift)
{
	return reg == PFR0 && (shift == 16 || shift == 20);
}

static void merge(uint64_t with[NR_IDS])
{
	unsigned reg, shift, a, b;

	for (reg = 0; reg < NR_IDS; reg++) {
		uint64_t v = 0;

		for (shift = 0; shift < 64; shift += 4) {
			a = id_field(common[reg], shift);
			b = id_field(with[reg], shift);
			if (field_signed(reg, shift))
				v |= (uint64_t)(((a + 1) & 15) < ((b + 1) & 15) ? a : b) << shift;
			else
				v |= (uint64_t)MIN(a, b) << shift;
		}
		common[reg] = v;
	}
}

static bool cap_present(const struct cap *c)
{
	unsigned v;

	if (c->reg == NR_IDS)
		return true;		/* the kernel's own doing */
	v = id_field(common[c->reg], c->shift);
	if (field_signed(c->reg, c->shift) && v == FP_NONE)
		return false;
	return v >= c->min;
}

static void derive(void)
{
	const struct cap *c;

	arm64_hwcap = arm64_hwcap2 = 0;
	for (c = caps; c < caps + ARRAY_SIZE(caps); c++) {
		if (!cap_present(c))
			continue;
		if (c->bit < 64)
			arm64_hwcap |= BIT64(c->bit);
		else
			arm64_hwcap2 |= BIT64(c->bit - 64);
	}
	has_rndr = id_field(common[ISAR0], 60);
}

void arm64_features_boot(void)
{
	read_ids(common);
	derive();
}

void arm64_features_secondary(unsigned cpu)
{
	uint64_t mine[NR_IDS];

	read_ids(mine);
	/* The boot CPU's choice is in the code and in TCR_EL1; a CPU with less cannot take part. */
	if ((id_field(common[MMFR1], 20) && !id_field(mine[MMFR1], 20)) ||
	    (id_field(common[MMFR0], 4) == 2 && id_field(mine[MMFR0], 4) != 2))
		panic("CPU %u lacks PAN or 16-bit ASIDs that the boot CPU has", cpu);
	merge(mine);
	derive();
}

void arm64_cpu_identify(unsigned cpu)
{
	midr[cpu] = read_sysreg(midr_el1);
}

/* op0:1 op1:3 CRn:4 CRm:4 op2:3 as encoded; op0 of 3 is 1 here. */
#define REG(op1, crn, crm, op2) (1u << 14 | (op1) << 11 | (crn) << 7 | (crm) << 3 | (op2))

bool arm64_id_register(unsigned reg, uint64_t *value)
{
	static const struct { uint16_t reg; uint8_t id; } ids[] = {
		{ REG(0, 0, 4, 0), PFR0 }, { REG(0, 0, 4, 1), PFR1 }, { REG(0, 0, 6, 0), ISAR0 }, { REG(0, 0, 6, 1), ISAR1 },
		{ REG(0, 0, 6, 2), ISAR2 }, { REG(0, 0, 7, 0), MMFR0 }, { REG(0, 0, 7, 1), MMFR1 }, { REG(0, 0, 7, 2), MMFR2 },
	};
	unsigned i, crm = reg >> 3 & 15;

	if (reg == REG(3, 0, 0, 1)) {
		*value = read_sysreg(ctr_el0);
		return true;
	}
	if ((reg & ~0x7fu) != REG(0, 0, 0, 0) || crm == 1 || crm > 7)
		return false;
	*value = 0;		/* the space is read as zero where nothing is defined */
	if (reg == REG(0, 0, 0, 0))
		*value = read_sysreg(midr_el1);
	else if (reg == REG(0, 0, 0, 5))
		*value = 1ul << 31;	/* MPIDR_EL1: RES1, no topology */
	else if (crm == 0 && reg != REG(0, 0, 0, 6))
		return false;
	else if (reg == REG(0, 0, 5, 0))
		*value = 6;		/* ID_AA64DFR0_EL1: the debug architecture of ARMv8.0 */
	for (i = 0; i < ARRAY_SIZE(ids); i++)
		if (reg == ids[i].reg)
			*value = (common[ids[i].id] & visible[ids[i].id]) | fixed[ids[i].id];
	return true;
}

unsigned long arch_hwcap(void)
{
	return arm64_hwcap;
}

unsigned long arch_hwcap2(void)
{
	return arm64_hwcap2;
}

bool arch_random_long(unsigned long *out)
{
	unsigned long v, ok;

	if (!has_rndr)
		return false;
	/* RNDR sets NZCV to 0b0100 when it has nothing in time. */
	__asm__ volatile("mrs %0, " "S3_3_C2_C4_0" "\n\tcset %1, ne" : "=r"(v), "=r"(ok) : : "cc");
	*out = v;
	return ok;
}

/* /proc/cpuinfo, as Linux words it. */
int arch_cpuinfo_show(struct seq *s, unsigned cpu)
{
	unsigned long hz = read_sysreg(cntfrq_el0);
	const struct cap *c;

	seq_printf(s, "processor\t: %u\nBogoMIPS\t: %lu.%02lu\nFeatures\t:", cpu, hz / 500000, hz / 5000 % 100);
	for (c = caps; c < caps + ARRAY_SIZE(caps); c++)
		if (cap_present(c))
			seq_printf(s, " %s", c->name);
	seq_printf(s, "\nCPU implementer\t: 0x%02x\nCPU architecture: 8\nCPU variant\t: 0x%x\nCPU part\t: 0x%03x\n"
		   "CPU revision\t: %u\n\n", (unsigned)(midr[cpu] >> 24 & 0xff), (unsigned)(midr[cpu] >> 20 & 0xf),
		   (unsigned)(midr[cpu] >> 4 & 0xfff), (unsigned)(midr[cpu] & 0xf));
	return 0;
}
