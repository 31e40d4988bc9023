/* SPDX-License-Identifier: MIT */
/* User-mode clocks: what kernel/time/vdso_clock.h needs of the machine, and the functions that only x86 has. */
#define VDSO_BUILD
#include <kernel/vdso.h>

#define NR_gettimeofday 96
#define NR_time 201
#define NR_clock_gettime 228
#define NR_clock_getres 229
#define SEL_CPU_NUMBER 0x7b		/* machine/frame.h; Linux's number too, which some programs know */
#define VDSO(name) __vdso_##name

int64_t __vdso_time(int64_t *out);
long __vdso_getcpu(unsigned *cpu, unsigned *node, void *cache);

/* The page in front of us. */
extern const struct vdso_data vdso_page __attribute__((visibility("hidden")));

static inline const struct vdso_data *data(void)
{
	return &vdso_page;
}

static inline long call3(long nr, long a, long b, long c)
{
	long ret;

	__asm__ volatile("syscall" : "=a"(ret) : "a"(nr), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
	return ret;
}

static inline long fallback(long nr, long a, long b)
{
	return call3(nr, a, b, 0);
}

static inline uint64_t counter(void)
{
	uint32_t lo, hi;

	/* LFENCE: the counter is not read before what the program has done until here. */
	__asm__ volatile("lfence\n\trdtsc" : "=a"(lo), "=d"(hi) : : "memory");
	return (uint64_t)hi << 32 | lo;
}

#include "../../../kernel/time/vdso_clock.h"

int64_t __vdso_time(int64_t *out)
{
	const struct vdso_data *d = &vdso_page;
	int64_t now;

	if (!known(d, 0))
		return fallback(NR_time, (long)out, 0);
	now = (int64_t)seconds(d, read_clock(d, 0));
	if (out)
		*out = now;
	return now;
}

/* The limit of a segment that each CPU has for it: its number, and that of its node from bit 12 on. No CPU refuses LSL. */
long __vdso_getcpu(unsigned *cpu, unsigned *node, void *cache)
{
	uint32_t v;

	(void)cache;
	__asm__ volatile("lsl %1, %0" : "=r"(v) : "r"(SEL_CPU_NUMBER) : "cc");
	if (cpu)
		*cpu = v & 0xfff;
	if (node)
		*node = v >> 12;
	return 0;
}

/* The names without a prefix, which older programs look for. */
#define ALIAS(name) extern __typeof__(__vdso_##name) name __attribute__((weak, alias("__vdso_" #name)))
ALIAS(clock_gettime);
ALIAS(gettimeofday);
ALIAS(clock_getres);
ALIAS(time);
ALIAS(getcpu);
