/* SPDX-License-Identifier: MIT */
/* FP/SIMD state across page faults, system calls, switches and fork; big stores over demand-zero pages. */
#include "../harness.h"
#include "../process/util.h"
#include <pthread.h>

#define PAGE 4096UL
#define RW (PROT_READ | PROT_WRITE)

static char *map(size_t size)
{
	char *p = mmap(NULL, size, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	REQUIRE_TRUE(p != MAP_FAILED);
	return p;
}

typedef unsigned char v16 __attribute__((vector_size(16)));

TEST(registers_survive, simd_stores_over_demand_zero_pages)
{
	size_t size = 2 << 20;
	char *p = map(size);
	v16 value = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };
	int bad = 0;

	for (size_t i = 8; i + 16 <= size; i += 16)
		memcpy(p + i, &value, 16);	/* straddles every page boundary */
	for (size_t i = 8; i + 16 <= size; i += 16)
		bad += memcmp(p + i, &value, 16) != 0;
	note("bad %d", bad);
}

TEST(registers_survive, memset_and_memcpy_over_fresh_pages)
{
	static const size_t sizes[] = { 15, 4095, 4097, 65537, 1000001, 4 << 20 };
	int bad = 0;

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		char *a = map(sizes[i] + 3), *b = map(sizes[i] + 3);

		memset(a + 3, 0x5a, sizes[i]);
		memcpy(b + 1, a + 3, sizes[i]);
		for (size_t j = 0; j < sizes[i]; j++)
			bad += a[3 + j] != 0x5a || b[1 + j] != 0x5a;
		bad += a[0] | a[2] | b[0];
	}
	note("bad %d", bad);
}

#if defined(__aarch64__)
/* All 32 vector registers hold a pattern while the kernel is entered by WHAT; how many changed? */
static int vectors_changed(int what, volatile char *page)
{
	static __uint128_t in[32], out[32];
	int bad = 0;
	register long x8 __asm__("x8") = what == 0 ? SYS_getppid : what == 1 ? SYS_sched_yield : -1;
	register long x0 __asm__("x0") = 0;
	register void *x9 __asm__("x9") = in;
	register void *x10 __asm__("x10") = out;
	register volatile char *x11 __asm__("x11") = page;

	for (int i = 0; i < 32; i++)
		in[i] = (__uint128_t)0x0123456789abcdefULL * (i + 1) << 60 | (i * 0x1111111111ULL);
	__asm__ volatile(
		"ld1 {v0.2d-v3.2d}, [x9], #64\n" "ld1 {v4.2d-v7.2d}, [x9], #64\n"
		"ld1 {v8.2d-v11.2d}, [x9], #64\n" "ld1 {v12.2d-v15.2d}, [x9], #64\n"
		"ld1 {v16.2d-v19.2d}, [x9], #64\n" "ld1 {v20.2d-v23.2d}, [x9], #64\n"
		"ld1 {v24.2d-v27.2d}, [x9], #64\n" "ld1 {v28.2d-v31.2d}, [x9], #64\n"
		"cbz x11, 1f\n"
		"strb wzr, [x11]\n"
		"b 2f\n"
		"1: svc #0\n"
		"2:\n"
		"st1 {v0.2d-v3.2d}, [x10], #64\n" "st1 {v4.2d-v7.2d}, [x10], #64\n"
		"st1 {v8.2d-v11.2d}, [x10], #64\n" "st1 {v12.2d-v15.2d}, [x10], #64\n"
		"st1 {v16.2d-v19.2d}, [x10], #64\n" "st1 {v20.2d-v23.2d}, [x10], #64\n"
		"st1 {v24.2d-v27.2d}, [x10], #64\n" "st1 {v28.2d-v31.2d}, [x10], #64\n"
		: "+r"(x0), "+r"(x9), "+r"(x10) : "r"(x8), "r"(x11)
		: "memory", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12",
		  "v13", "v14", "v15", "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25",
		  "v26", "v27", "v28", "v29", "v30", "v31");
	for (int i = 0; i < 32; i++)
		bad += in[i] != out[i];
	return bad;
}

TEST(registers_survive, all_vectors_across_faults_and_calls)
{
	char *p = map(100 * PAGE);
	int faults = 0, calls = 0, yields = 0, unknown = 0;

	for (int i = 0; i < 100; i++) {
		faults += vectors_changed(0, p + i * PAGE);
		calls += vectors_changed(0, NULL);
		yields += vectors_changed(1, NULL);
		unknown += vectors_changed(2, NULL);
	}
	note("faults %d calls %d yields %d unknown %d", faults, calls, yields, unknown);
}

TEST(registers_survive, control_and_status_registers)
{
	uint64_t fpcr = 0x1c00000, fpsr = 0x0800001f, a, b;
	char *p = map(PAGE);

	__asm__ volatile("msr fpcr, %0\n" "msr fpsr, %1" :: "r"(fpcr), "r"(fpsr));
	sched_yield();
	*(volatile char *)p = 1;
	getppid();
	__asm__ volatile("mrs %0, fpcr\n" "mrs %1, fpsr" : "=r"(a), "=r"(b));
	note("%#llx %#llx", (long long)a, (long long)b);
	IN_CHILD(
		__asm__ volatile("mrs %0, fpcr" : "=r"(a));
		note("child %#llx", (long long)a));
	__asm__ volatile("msr fpcr, xzr");
}

TEST(registers_survive, a_system_call_keeps_x1_to_x30)
{
	long bad = 0;

	for (int i = 0; i < 50; i++) {
		register long x0 __asm__("x0") = 0;
		register long x8 __asm__("x8") = i & 1 ? SYS_getppid : SYS_sched_yield;
		long count = 0;

		__asm__ volatile(
			"mov x1, #101\n" "mov x2, #102\n" "mov x3, #103\n" "mov x4, #104\n" "mov x5, #105\n"
			"mov x6, #106\n" "mov x7, #107\n" "mov x9, #109\n" "mov x16, #116\n" "mov x17, #117\n"
			"mov x18, #118\n" "mov x10, #110\n" "mov x15, #115\n"
			"svc #0\n"
			"sub x1, x1, #101\n" "sub x2, x2, #102\n" "sub x3, x3, #103\n" "sub x4, x4, #104\n"
			"sub x5, x5, #105\n" "sub x6, x6, #106\n" "sub x7, x7, #107\n" "sub x9, x9, #109\n"
			"sub x16, x16, #116\n" "sub x17, x17, #117\n" "sub x18, x18, #118\n"
			"sub x10, x10, #110\n" "sub x15, x15, #115\n"
			"orr x1, x1, x2\n" "orr x1, x1, x3\n" "orr x1, x1, x4\n" "orr x1, x1, x5\n"
			"orr x1, x1, x6\n" "orr x1, x1, x7\n" "orr x1, x1, x9\n" "orr x1, x1, x16\n"
			"orr x1, x1, x17\n" "orr x1, x1, x18\n" "orr x1, x1, x10\n" "orr x1, x1, x15\n"
			"mov %[count], x1\n"
			: [count] "=r"(count), "+r"(x0), "+r"(x8)
			:: "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x9", "x10", "x15", "x16", "x17", "x18",
			   "memory", "cc");
		bad += count != 0;
	}
	note("bad %ld", bad);
}
#elif defined(__x86_64__)
#include "../process/through_x86.h"

TEST(registers_survive, all_vectors_across_faults_and_calls)
{
	static const struct {
		const char *name;
		int number;
	} calls[] = {
		{ "getppid", SYS_getppid }, { "sched_yield", SYS_sched_yield }, { "no such call", -1 }, { "close", SYS_close },
		{ "nanosleep", SYS_nanosleep }, { "uname", SYS_uname }, { "mmap", SYS_mmap }, { "openat", SYS_openat },
		{ "wait4", SYS_wait4 }, { "brk", SYS_brk }, { "time", SYS_time },
	};
	char *p = map(PAGE);

	through_fill();
	through_in.gpr[R15] = (uintptr_t)p;
	through_store();
	through_check("page fault", 0);
	/* RAX has the result, RCX and R11 are the instruction's own. */
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		through_fill();
		through_in.gpr[RAX] = calls[i].number;
		through_syscall();
		through_check(calls[i].name, 1 << RAX | 1 << RCX | 1 << R11);
		note("r11 %#llx", (long long)through_out.gpr[R11]);
	}
}

TEST(registers_survive, control_and_status_registers)
{
	uint32_t mxcsr = 0x7fbf, now;
	uint16_t cw = 0xe7f, cw_now;
	char *p = map(PAGE);

	__asm__ volatile("ldmxcsr %0\n fldcw %1" :: "m"(mxcsr), "m"(cw));
	sched_yield();
	*(volatile char *)p = 1;
	getppid();
	__asm__ volatile("stmxcsr %0\n fnstcw %1" : "=m"(now), "=m"(cw_now));
	note("%#x %#x", now, cw_now);
	IN_CHILD(
		__asm__ volatile("stmxcsr %0\n fnstcw %1" : "=m"(now), "=m"(cw_now));
		note("child %#x %#x", now, cw_now));
	mxcsr = 0x1f80;
	__asm__ volatile("ldmxcsr %0\n fninit" :: "m"(mxcsr));
}

/* Two programs with other values in all registers, on one CPU. */
TEST(registers_survive, switches_do_not_mix_vectors)
{
	cpu_set_t one;
	pid_t pids[3];

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	EXPECT_OK(sched_setaffinity(0, sizeof(one), &one));
	for (int i = 0; i < 3; i++)
		CHILD(pids[i]) {
			int bad = 0;

			for (int round = 0; round < 300; round++) {
				through_fill();
				for (int j = 0; j < 16; j++)
					memset(through_in.ymm[j], 16 * i + j, 32);
				through_in.mxcsr = 0x1f80 | i << 13;
				through_in.gpr[RAX] = SYS_sched_yield;
				through_syscall();
				bad += memcmp(through_in.ymm, through_out.ymm, sizeof(through_in.ymm)) != 0 ||
				       through_in.mxcsr != through_out.mxcsr;
			}
			EXPECT_EQ(bad, 0);
		}
	for (int i = 0; i < 3; i++)
		EXPECT_CHILD_OK(pids[i]);
}
#endif

static void *computes(void *arg)
{
	double seed = (long)arg + 1, x = seed;
	long bad = 0;

	for (int round = 0; round < 200; round++) {
		double y = seed;

		for (int i = 0; i < 500; i++)
			y = y * 1.0000001 + 1.0 / (i + seed);
		if (round == 0)
			x = y;
		bad += y != x;
		if (round % 20 == 0)
			sched_yield();
	}
	return (void *)bad;
}

TEST(registers_survive, threads_do_not_mix_their_values)
{
	pthread_t threads[8];
	long bad = 0;

	for (long i = 0; i < 8; i++)
		pthread_create(&threads[i], NULL, computes, (void *)i);
	for (int i = 0; i < 8; i++) {
		void *result;

		pthread_join(threads[i], &result);
		bad += (long)result;
	}
	note("bad %ld", bad);
}

TEST(registers_survive, fork_copies_them_and_exec_clears_them)
{
	double value = 1.25;
	pid_t pids[4];

	for (int i = 0; i < 4; i++)
		CHILD(pids[i]) {
			value += i;
			for (int j = 0; j < 100; j++) {
				sched_yield();
				value += 0.5;
			}
			EXPECT_TRUE(value == 1.25 + i + 50);
		}
	for (int i = 0; i < 4; i++)
		EXPECT_CHILD_OK(pids[i]);
	EXPECT_TRUE(value == 1.25);
}
