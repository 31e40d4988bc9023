/* SPDX-License-Identifier: MIT */
/*
 * What the CPUs can do: CPUID, control register 4, extended state, the auxiliary vector's words, /proc/cpuinfo.
 *
 * The boot CPU decides; a CPU that lacks what it chose cannot take part. SDM volume 2, "CPUID"; AMD64 manual volume 3, appendix E.
 */
#include <kernel/panic.h>
#include <kernel/procfs.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <kernel/vdso.h>
#include <arch/context.h>
#include <machine/boot.h>
#include <machine/x86.h>

bool x86_has_fsgsbase __ro_after_init, x86_has_smap __ro_after_init, x86_has_xsave __ro_after_init;
bool x86_has_pcid __ro_after_init, x86_has_invpcid __ro_after_init;
unsigned x86_xstate_size __ro_after_init = 512;
uint64_t x86_xstate_mask __ro_after_init = 3;
uint32_t x86_mxcsr_mask __ro_after_init = 0xffbf;
uint64_t x86_cr4 __ro_after_init;

#define XSTATE_OFFERED	0xe7ull		/* x87, SSE, AVX, AVX-512 */

/* Words of feature bits, in the order that Linux lists them. */
enum { W_1D, W_81D, W_1C, W_81C, W_7B, W_D1A, W_7C, W_7D, W_87D, W_COUNT };
static uint32_t words[W_COUNT] __ro_after_init;

struct feature {
	uint8_t word, bit;
	const char *name;
};
static const struct feature features[] = {
	{ W_1D, 0, "fpu" }, { W_1D, 1, "vme" }, { W_1D, 2, "de" }, { W_1D, 3, "pse" }, { W_1D, 4, "tsc" }, { W_1D, 5, "msr" },
	{ W_1D, 6, "pae" }, { W_1D, 7, "mce" }, { W_1D, 8, "cx8" }, { W_1D, 9, "apic" }, { W_1D, 11, "sep" }, { W_1D, 12, "mtrr" },
	{ W_1D, 13, "pge" }, { W_1D, 14, "mca" }, { W_1D, 15, "cmov" }, { W_1D, 16, "pat" }, { W_1D, 17, "pse36" },
	{ W_1D, 19, "clflush" }, { W_1D, 22, "acpi" }, { W_1D, 23, "mmx" }, { W_1D, 24, "fxsr" }, { W_1D, 25, "sse" },
	{ W_1D, 26, "sse2" }, { W_1D, 27, "ss" }, { W_1D, 28, "ht" },
	{ W_81D, 11, "syscall" }, { W_81D, 20, "nx" }, { W_81D, 22, "mmxext" }, { W_81D, 25, "fxsr_opt" }, { W_81D, 26, "pdpe1gb" },
	{ W_81D, 27, "rdtscp" }, { W_81D, 29, "lm" }, { W_81D, 30, "3dnowext" }, { W_81D, 31, "3dnow" },
	{ W_1C, 0, "pni" }, { W_1C, 1, "pclmulqdq" }, { W_1C, 3, "monitor" }, { W_1C, 9, "ssse3" }, { W_1C, 12, "fma" },
	{ W_1C, 13, "cx16" }, { W_1C, 17, "pcid" }, { W_1C, 19, "sse4_1" }, { W_1C, 20, "sse4_2" }, { W_1C, 21, "x2apic" }, { W_1C, 22, "movbe" },
	{ W_1C, 23, "popcnt" }, { W_1C, 24, "tsc_deadline_timer" }, { W_1C, 25, "aes" }, { W_1C, 26, "xsave" }, { W_1C, 28, "avx" },
	{ W_1C, 29, "f16c" }, { W_1C, 30, "rdrand" }, { W_1C, 31, "hypervisor" },
	{ W_81C, 0, "lahf_lm" }, { W_81C, 2, "svm" }, { W_81C, 4, "cr8_legacy" }, { W_81C, 5, "abm" }, { W_81C, 6, "sse4a" },
	{ W_81C, 7, "misalignsse" }, { W_81C, 8, "3dnowprefetch" },
	{ W_7B, 0, "fsgsbase" }, { W_7B, 3, "bmi1" }, { W_7B, 5, "avx2" }, { W_7B, 7, "smep" }, { W_7B, 8, "bmi2" }, { W_7B, 9, "erms" },
	{ W_7B, 10, "invpcid" },
	{ W_7B, 16, "avx512f" }, { W_7B, 17, "avx512dq" }, { W_7B, 18, "rdseed" }, { W_7B, 19, "adx" }, { W_7B, 20, "smap" },
	{ W_7B, 23, "clflushopt" }, { W_7B, 24, "clwb" }, { W_7B, 29, "sha_ni" }, { W_7B, 30, "avx512bw" }, { W_7B, 31, "avx512vl" },
	{ W_D1A, 0, "xsaveopt" }, { W_D1A, 1, "xsavec" }, { W_D1A, 2, "xgetbv1" }, { W_D1A, 3, "xsaves" },
	{ W_7C, 2, "umip" }, { W_7C, 8, "gfni" }, { W_7C, 9, "vaes" }, { W_7C, 10, "vpclmulqdq" }, { W_7C, 22, "rdpid" },
	{ W_7D, 4, "fsrm" },
};

static bool has(unsigned word, unsigned bit)
{
	return words[word] >> bit & 1;
}

static void read_words(uint32_t w[W_COUNT])
{
	uint32_t max = cpuid(0, 0).a, max_ext = cpuid(0x80000000, 0).a;
	struct cpuid_regs r = cpuid(1, 0);

	memset(w, 0, W_COUNT * sizeof(*w));
	w[W_1D] = r.d;
	w[W_1C] = r.c;
	if (max_ext >= 0x80000001) {
		r = cpuid(0x80000001, 0);
		w[W_81D] = r.d;
		w[W_81C] = r.c;
	}
	if (max_ext >= 0x80000007)
		w[W_87D] = cpuid(0x80000007, 0).d;
	if (max >= 7) {
		r = cpuid(7, 0);
		w[W_7B] = r.b;
		w[W_7C] = r.c;
		w[W_7D] = r.d;
	}
	if (max >= 0xd)
		w[W_D1A] = cpuid(0xd, 1).a;
}

static void xsetbv(uint64_t v)
{
	__asm__ volatile("xsetbv" : : "c"(0), "a"((uint32_t)v), "d"((uint32_t)(v >> 32)) : "memory");
}

/* Which state there is and how large its area: CPUID counts what XCR0 has at that moment. */
static void xstate_boot(void)
{
	struct cpuid_regs r;

	x86_has_xsave = has(W_1C, 26);
	if (!x86_has_xsave)
		return;
	r = cpuid(0xd, 0);
	x86_xstate_mask = r.a & XSTATE_OFFERED;
	/* The three parts of AVX-512 go together, and need AVX. */
	if ((x86_xstate_mask & 0xe4) != 0xe4)
		x86_xstate_mask &= ~0xe0ull;
	write_cr4(read_cr4() | CR4_OSXSAVE);
	xsetbv(x86_xstate_mask);
	x86_xstate_size = cpuid(0xd, 0).b;
	if (x86_xstate_size > X86_XSTATE_MAX)	/* other places than anybody's: keep to the legacy part */
		x86_xstate_mask = 3, x86_xstate_size = 576;
}

/*
 * INVLPG on these (Alder Lake, Raptor Lake and their kin, before a microcode update) leaves global entries of other PCIDs alone;
 * tlb.c relies on it. They do without.
 */
static bool pcid_is_broken(void)
{
	static const uint8_t models[] = { 0x97, 0x9a, 0xb7, 0xba, 0xbe, 0xbf };
	uint32_t a = cpuid(1, 0).a;
	unsigned i;

	for (i = 0; i < ARRAY_SIZE(models); i++)
		if ((a >> 8 & 15) == 6 && ((a >> 12 & 0xf0) | (a >> 4 & 15)) == models[i])
			return true;
	return false;
}

void x86_features_boot(void)
{
	read_words(words);
	x86_has_pcid = has(W_1C, 17) && !pcid_is_broken();
	x86_has_invpcid = has(W_7B, 10);
	x86_has_fsgsbase = has(W_7B, 0);
	x86_has_smap = has(W_7B, 20);
	x86_cr4 = CR4_DE | CR4_PSE | CR4_PAE | CR4_MCE | CR4_PGE | CR4_OSFXSR | CR4_OSXMMEXCPT |
		  (x86_has_fsgsbase ? CR4_FSGSBASE : 0) | (has(W_1C, 26) ? CR4_OSXSAVE : 0) | (x86_has_smap ? CR4_SMAP : 0) |
		  (x86_has_pcid ? CR4_PCIDE : 0) | (has(W_7B, 7) ? CR4_SMEP : 0) | (has(W_7C, 2) ? CR4_UMIP : 0);
	xstate_boot();
}

/* Each CPU, CR4 set: XCR0, initial registers, the MXCSR bits there are. */
void x86_fpu_init_cpu(void)
{
	static uint8_t area[512] __aligned(16);
	uint32_t mask;

	if (x86_has_xsave)
		xsetbv(x86_xstate_mask);
	__asm__ volatile("fninit");
	if (this_cpu(x86_cpu).offset)
		return;
	__asm__ volatile("fxsave64 (%0)" : : "r"(area) : "memory");
	memcpy(&mask, area + 28, 4);
	if (mask)
		x86_mxcsr_mask = mask;
}

void x86_features_secondary(unsigned cpu)
{
	uint32_t mine[W_COUNT];

	read_words(mine);
	if ((words[W_7B] & ~mine[W_7B] & (BIT(0) | BIT(7) | BIT(10) | BIT(20))) ||
	    (words[W_1C] & ~mine[W_1C] & (BIT(17) | BIT(26))))
		panic("CPU %u lacks features that the boot CPU has", cpu);
}

unsigned long arch_hwcap(void)
{
	return words[W_1D];
}

#define HWCAP2_FSGSBASE BIT(1)
unsigned long arch_hwcap2(void)
{
	return x86_has_fsgsbase ? HWCAP2_FSGSBASE : 0;
}

bool arch_random_long(unsigned long *out)
{
	unsigned tries = 10;
	bool ok;

	if (!has(W_1C, 30))
		return false;
	do {
		__asm__ volatile("rdrand %0" : "=r"(*out), "=@ccc"(ok));
	} while (!ok && --tries);
	return ok;
}

/* ---- /proc/cpuinfo, as Linux words it. All CPUs are of one kind: what differs are numbers and places. */
#define MSR_MICROCODE 0x8b

/* A hypervisor need not have it: 0 then. */
static uint32_t microcode(bool intel)
{
	uint32_t lo = 0, hi = 0;

	__asm__ volatile("1:\trdmsr\n2:\n\t.pushsection .extable, \"a\"\n\t.balign 4\n\t.long 1b - ., 2b - .\n\t.popsection"
			 : "+a"(lo), "+d"(hi) : "c"(MSR_MICROCODE) : "memory");
	return intel ? hi : lo;
}

/* KiB of the last level, as far as the CPU tells; 0: unknown. */
static unsigned cache_kib(void)
{
	unsigned i, kib = 0;

	for (i = 0; cpuid(0, 0).a >= 4 && i < 8; i++) {
		struct cpuid_regs r = cpuid(4, i);

		if (!(r.a & 31))
			break;
		/* ways, partitions, bytes of a line, sets: each one less than it is */
		if ((r.a & 31) != 2)
			kib = ((r.b >> 22) + 1) * ((r.b >> 12 & 0x3ff) + 1) * ((r.b & 0xfff) + 1) / 64 * (r.c + 1) / 16;
	}
	if (!kib && cpuid(0x80000000, 0).a >= 0x80000006)
		kib = cpuid(0x80000006, 0).c >> 16;
	return kib;
}

/* Where in an APIC id the number of the core and that of the package begin. Without leaf 0xb each CPU is a core of one package. */
static void topology(unsigned *core_shift, unsigned *package_shift)
{
	*core_shift = 0;
	*package_shift = 31;
	if (cpuid(0, 0).a >= 0xb && cpuid(0xb, 0).b) {
		*core_shift = cpuid(0xb, 0).a & 31;
		*package_shift = cpuid(0xb, 1).a & 31;
	}
}

static void show_place(struct seq *s, unsigned cpu)
{
	unsigned core_shift, package_shift, siblings = 0, cores = 0;
	uint32_t id = x86_apic_id_of(cpu);

	topology(&core_shift, &package_shift);
	for_each_cpu(other, &cpu_online_mask) {
		uint32_t o = x86_apic_id_of(other);

		if (o >> package_shift != id >> package_shift)
			continue;
		siblings++;
		/* The first thread of a core stands for it. */
		cores += !(o & (BIT(core_shift) - 1));
	}
	seq_printf(s, "physical id\t: %u\nsiblings\t: %u\ncore id\t\t: %u\ncpu cores\t: %u\napicid\t\t: %u\ninitial apicid\t: %u\n",
		   id >> package_shift, siblings, (id & ((1u << package_shift) - 1)) >> core_shift, MAX(cores, 1u), id, id);
}

int arch_cpuinfo_show(struct seq *s, unsigned cpu)
{
	struct cpuid_regs r = cpuid(0, 0), v = cpuid(1, 0);
	unsigned family = v.a >> 8 & 15, model = v.a >> 4 & 15, i;
	char vendor[13] = "", name[49] = "";
	unsigned long khz;

	memcpy(vendor, &r.b, 4);
	memcpy(vendor + 4, &r.d, 4);
	memcpy(vendor + 8, &r.c, 4);
	if (family == 6 || family == 15)
		model |= v.a >> 12 & 0xf0;
	if (family == 15)
		family += v.a >> 20 & 0xff;
	if (cpuid(0x80000000, 0).a >= 0x80000004)
		for (i = 0; i < 3; i++) {
			struct cpuid_regs n = cpuid(0x80000002 + i, 0);

			memcpy(name + 16 * i, &n, 16);
		}
	seq_printf(s, "processor\t: %u\nvendor_id\t: %s\ncpu family\t: %u\nmodel\t\t: %u\nmodel name\t: %s\nstepping\t: %u\n", cpu,
		   vendor, family, model, name[0] ? name : "unknown", v.a & 15);
	khz = x86_tsc_hz() / 1000;
	i = microcode(vendor[0] == 'G');
	if (i)
		seq_printf(s, "microcode\t: 0x%x\n", i);
	seq_printf(s, "cpu MHz\t\t: %lu.%03lu\n", khz / 1000, khz % 1000);
	i = cache_kib();
	if (i)
		seq_printf(s, "cache size\t: %u KB\n", i);
	show_place(s, cpu);
	seq_printf(s, "fpu\t\t: yes\nfpu_exception\t: yes\ncpuid level\t: %u\nwp\t\t: yes\nflags\t\t:", r.a);
	for (i = 0; i < ARRAY_SIZE(features); i++)
		if (has(features[i].word, features[i].bit))
			seq_printf(s, " %s", features[i].name);
	/* Two loops a cycle of the TSC is how Linux counts. */
	seq_printf(s, "\nbugs\t\t:\nbogomips\t: %lu.%02lu\n", khz / 500, khz / 5 % 100);
	i = cpuid(0x80000000, 0).a >= 0x80000006 ? cpuid(0x80000006, 0).b : 0;
	i = (i >> 16 & 0xfff) + (i & 0xfff);
	if (i)
		seq_printf(s, "TLB size\t: %u 4K pages\n", i);
	seq_printf(s, "clflush size\t: %u\ncache_alignment\t: %u\n", (v.b >> 8 & 0xff) * 8, (v.b >> 8 & 0xff) * 8);
	r.a = cpuid(0x80000000, 0).a >= 0x80000008 ? cpuid(0x80000008, 0).a : 0x3024;
	seq_printf(s, "address sizes\t: %u bits physical, %u bits virtual\npower management:\n\n", r.a & 0xff, r.a >> 8 & 0xff);
	return 0;
}
