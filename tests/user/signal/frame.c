/* SPDX-License-Identifier: MIT */
/* arch: arm64 */
/*
 * The signal frame: registers and FP state in it, changed by a handler, restored exactly; layout of the
 * architecture's context; frames that were tampered with.
 */
#include "../harness.h"
#include "../process/util.h"
#include <ucontext.h>
#include <asm/sigcontext.h>

static volatile sig_atomic_t hits;

static volatile uint64_t seen_magic[16], seen_size[16];
static volatile int records;
static volatile uint64_t seen_pc_ok, seen_sp_aligned, seen_fault, seen_mask;
static __uint128_t seen_v7;
static volatile uint32_t seen_fpsr, seen_fpcr;

static void inspect(int number, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	char *p = (char *)uc->uc_mcontext.__reserved;
	char *frame = (char *)info;

	(void)number;
	hits++;
	records = 0;
	for (;;) {
		struct _aarch64_ctx *ctx = (struct _aarch64_ctx *)p;

		if (records < 16) {
			seen_magic[records] = ctx->magic;
			seen_size[records++] = ctx->size;
		}
		if (ctx->magic == FPSIMD_MAGIC) {
			struct fpsimd_context *fp = (void *)ctx;

			seen_v7 = fp->vregs[7];
			seen_fpsr = fp->fpsr;
			seen_fpcr = fp->fpcr;
		}
		if (ctx->magic == 0)
			break;
		p += ctx->size;
	}
	seen_sp_aligned = (uintptr_t)frame % 16 == 0 && (char *)uc == frame + 128;
	seen_mask = *(uint64_t *)&uc->uc_sigmask;
	seen_fault = uc->uc_mcontext.fault_address;
	seen_pc_ok = uc->uc_flags == 0 && uc->uc_link == NULL;
}

static void install(int number, void (*fn)(int, siginfo_t *, void *), int flags)
{
	struct sigaction action = { .sa_sigaction = fn, .sa_flags = SA_SIGINFO | flags };

	EXPECT_OK(sigaction(number, &action, NULL));
}

TEST(frame, layout)
{
	uint64_t set = SIGBIT(SIGHUP);

	EXPECT_EQ(sizeof(struct sigcontext), 4384);
	EXPECT_EQ(offsetof(ucontext_t, uc_mcontext), 176);
	EXPECT_EQ(offsetof(struct sigcontext, __reserved), 288);
	install(SIGUSR1, inspect, 0);
	raw_mask(SIG_BLOCK, &set);
	raise(SIGUSR1);
	note("first record %#llx size %d, last size %d", (long long)seen_magic[0], (int)seen_size[0],
	     (int)seen_size[records - 1]);
	note("aligned %d flags %d mask %#llx fault %llx", (int)seen_sp_aligned, (int)seen_pc_ok,
	     (long long)seen_mask, (long long)seen_fault);
	/* FPSIMD is always there; a fault adds ESR. */
	bool fpsimd = false, other = false;

	for (int i = 0; i < records; i++) {
		if (seen_magic[i] == FPSIMD_MAGIC)
			fpsimd = seen_size[i] == sizeof(struct fpsimd_context);
		else if (seen_magic[i] == ESR_MAGIC)
			other = true;
	}
	note("fpsimd %d esr %d", fpsimd, other);
}

static volatile uint64_t seen_esr;

static void inspect_fault(int number, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	inspect(number, info, context);
	for (char *p = (char *)uc->uc_mcontext.__reserved; ((struct _aarch64_ctx *)p)->magic;
	     p += ((struct _aarch64_ctx *)p)->size)
		if (((struct _aarch64_ctx *)p)->magic == ESR_MAGIC)
			seen_esr = ((struct esr_context *)p)->esr;
	uc->uc_mcontext.pc += 4;
}

TEST(frame, a_fault_shows_address_and_syndrome)
{
	install(SIGSEGV, inspect_fault, 0);
	__asm__ volatile("str wzr, [%0]" :: "r"(0x123UL) : "memory");
	note("fault %#llx esr class %#llx write %d", (long long)seen_fault, (long long)(seen_esr >> 26),
	     (int)(seen_esr >> 6 & 1));
	__asm__ volatile("ldr wzr, [%0]" :: "r"(0x456UL) : "memory");
	note("fault %#llx esr class %#llx write %d", (long long)seen_fault, (long long)(seen_esr >> 26),
	     (int)(seen_esr >> 6 & 1));
	seen_esr = 0;
	install(SIGILL, inspect_fault, 0);
	__asm__ volatile("udf #0");
	note("udf esr %#llx", (long long)seen_esr);
}

/* The handler leaves other values everywhere: none may be seen afterwards. */
static void spoils(int number, siginfo_t *info, void *context)
{
	(void)number, (void)info, (void)context;
	hits++;
	__asm__ volatile("movi v0.16b, #1\n" "movi v1.16b, #2\n" "movi v7.16b, #3\n" "movi v8.16b, #4\n"
			 "movi v15.16b, #5\n" "movi v16.16b, #6\n" "movi v31.16b, #7\n"
			 "mov x9, #0x3000000\n" "msr fpcr, x9\n" "mov x9, #0x1f\n" "msr fpsr, x9\n"
			 "mov x10, #-1\n" "mov x11, #-1\n" "mov x16, #-1\n" "mov x17, #-1\n" "mov x18, #-1\n"
			 "cmp x9, x9\n"
			 ::: "v0", "v1", "v7", "v15", "v16", "v31", "x9", "x10", "x11", "x16", "x17", "x18",
			     "cc", "memory");
}

/* Load every register from IN, signal ourselves, store every register to OUT. */
static __attribute__((noinline)) void through_signal(const uint64_t *in, uint64_t *out,
						     const __uint128_t *vin, __uint128_t *vout,
						     uint64_t *status)
{
	uint64_t tgid = getpid();

	__asm__ volatile(
		"stp x29, x30, [sp, #-160]!\n"
		"stp x19, x20, [sp, #16]\n"
		"stp x21, x22, [sp, #32]\n"
		"stp x23, x24, [sp, #48]\n"
		"stp x25, x26, [sp, #64]\n"
		"stp x27, x28, [sp, #80]\n"
		"stp %[out], %[vout], [sp, #96]\n"
		"str %[status], [sp, #112]\n"
		"str %[tgid], [sp, #120]\n"
		"mov x0, %[vin]\n"
		"mov x30, %[in]\n"
		"ldp q0, q1, [x0, #0]\n"    "ldp q2, q3, [x0, #32]\n"
		"ldp q4, q5, [x0, #64]\n"   "ldp q6, q7, [x0, #96]\n"
		"ldp q8, q9, [x0, #128]\n"  "ldp q10, q11, [x0, #160]\n"
		"ldp q12, q13, [x0, #192]\n" "ldp q14, q15, [x0, #224]\n"
		"ldp q16, q17, [x0, #256]\n" "ldp q18, q19, [x0, #288]\n"
		"ldp q20, q21, [x0, #320]\n" "ldp q22, q23, [x0, #352]\n"
		"ldp q24, q25, [x0, #384]\n" "ldp q26, q27, [x0, #416]\n"
		"ldp q28, q29, [x0, #448]\n" "ldp q30, q31, [x0, #480]\n"
		"mov x0, #0x1000000\n" "msr fpcr, x0\n"
		"mov x0, #1\n" "movk x0, #0x800, lsl #16\n" "msr fpsr, x0\n"
		"ldp x3, x4, [x30, #24]\n"  "ldp x5, x6, [x30, #40]\n" "ldr x7, [x30, #56]\n"
		"ldp x9, x10, [x30, #72]\n" "ldp x11, x12, [x30, #88]\n"
		"ldp x13, x14, [x30, #104]\n" "ldp x15, x16, [x30, #120]\n"
		"ldp x17, x18, [x30, #136]\n" "ldp x19, x20, [x30, #152]\n"
		"ldp x21, x22, [x30, #168]\n" "ldp x23, x24, [x30, #184]\n"
		"ldp x25, x26, [x30, #200]\n" "ldp x27, x28, [x30, #216]\n"
		"ldr x29, [x30, #232]\n"    "ldr x30, [x30, #240]\n"
		"ldr x0, [sp, #120]\n" "mov x1, x0\n" "mov x2, #10\n" "mov x8, #131\n"
		"cmp x2, #11\n"
		"svc #0\n"
		"str x30, [sp, #128]\n"
		"mrs x30, nzcv\n"
		"str x30, [sp, #136]\n"
		"ldr x30, [sp, #96]\n"
		"str x0, [x30]\n"
		"stp x1, x2, [x30, #8]\n"
		"stp x3, x4, [x30, #24]\n"  "stp x5, x6, [x30, #40]\n" "stp x7, x8, [x30, #56]\n"
		"stp x9, x10, [x30, #72]\n" "stp x11, x12, [x30, #88]\n"
		"stp x13, x14, [x30, #104]\n" "stp x15, x16, [x30, #120]\n"
		"stp x17, x18, [x30, #136]\n" "stp x19, x20, [x30, #152]\n"
		"stp x21, x22, [x30, #168]\n" "stp x23, x24, [x30, #184]\n"
		"stp x25, x26, [x30, #200]\n" "stp x27, x28, [x30, #216]\n"
		"str x29, [x30, #232]\n" "ldr x0, [sp, #128]\n" "str x0, [x30, #240]\n"
		"ldr x0, [sp, #104]\n"
		"stp q0, q1, [x0, #0]\n"    "stp q2, q3, [x0, #32]\n"
		"stp q4, q5, [x0, #64]\n"   "stp q6, q7, [x0, #96]\n"
		"stp q8, q9, [x0, #128]\n"  "stp q10, q11, [x0, #160]\n"
		"stp q12, q13, [x0, #192]\n" "stp q14, q15, [x0, #224]\n"
		"stp q16, q17, [x0, #256]\n" "stp q18, q19, [x0, #288]\n"
		"stp q20, q21, [x0, #320]\n" "stp q22, q23, [x0, #352]\n"
		"stp q24, q25, [x0, #384]\n" "stp q26, q27, [x0, #416]\n"
		"stp q28, q29, [x0, #448]\n" "stp q30, q31, [x0, #480]\n"
		"ldr x0, [sp, #112]\n"
		"mrs x1, fpcr\n" "str x1, [x0]\n" "mrs x1, fpsr\n" "str x1, [x0, #8]\n"
		"ldr x1, [sp, #136]\n" "str x1, [x0, #16]\n"
		"msr fpcr, xzr\n" "msr fpsr, xzr\n"
		"ldp x19, x20, [sp, #16]\n" "ldp x21, x22, [sp, #32]\n" "ldp x23, x24, [sp, #48]\n"
		"ldp x25, x26, [sp, #64]\n" "ldp x27, x28, [sp, #80]\n"
		"ldp x29, x30, [sp], #160\n"
		:: [in] "r"(in), [out] "r"(out), [vin] "r"(vin), [vout] "r"(vout), [status] "r"(status),
		   [tgid] "r"(tgid)
		: "memory", "cc", "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11",
		  "x12", "x13", "x14", "x15", "x16", "x17", "x18", "v0", "v1", "v2", "v3", "v4", "v5", "v6",
		  "v7", "v8", "v9", "v10", "v11", "v12", "v13", "v14", "v15", "v16", "v17", "v18", "v19",
		  "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31");
}

static void check_registers(const char *what)
{
	static uint64_t in[32], out[32], status[3];
	static __uint128_t vin[32], vout[32];
	int bad = 0, vbad = 0;

	for (int i = 0; i < 32; i++) {
		in[i] = 0x1111111111111111ULL * (i % 15 + 1) + i;
		vin[i] = (__uint128_t)in[i] << 64 | ~in[i];
	}
	through_signal(in, out, vin, vout, status);
	for (int i = 3; i < 31; i++)
		if (i != 8 && in[i] != out[i]) {
			fail("%s: x%d is %llx", what, i, (long long)out[i]);
			bad++;
		}
	for (int i = 0; i < 32; i++)
		vbad += memcmp(&vin[i], &vout[i], 16) != 0;
	note("%s: bad x %d v %d; x0 %lld x2 %lld x8 %lld fpcr %#llx fpsr %#llx nzcv %#llx", what, bad, vbad,
	     (long long)out[0], (long long)out[2], (long long)out[8], (long long)status[0],
	     (long long)status[1], (long long)status[2]);
}

TEST(frame, every_register_survives_a_handler)
{
	install(SIGUSR1, spoils, 0);
	check_registers("handler");
	note("hits %d", (int)hits);
}

TEST(frame, every_register_survives_a_system_call)
{
	signal(SIGUSR1, SIG_IGN);
	check_registers("ignored signal");
}

static void changes(int number, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	(void)number, (void)info;
	uc->uc_mcontext.regs[0] = 4711;
	uc->uc_mcontext.regs[19] = 0xabcdef;
	for (char *p = (char *)uc->uc_mcontext.__reserved; ((struct _aarch64_ctx *)p)->magic;
	     p += ((struct _aarch64_ctx *)p)->size)
		if (((struct _aarch64_ctx *)p)->magic == FPSIMD_MAGIC) {
			((struct fpsimd_context *)p)->vregs[9] = 77;
			((struct fpsimd_context *)p)->fpcr = 0x400000;
		}
	*(uint64_t *)&uc->uc_sigmask = SIGBIT(SIGHUP) | SIGBIT(SIGKILL);
}

TEST(frame, a_handler_may_change_registers_and_the_mask)
{
	register long x0 __asm__("x0") = getpid();
	register long x1 __asm__("x1") = getpid();
	register long x2 __asm__("x2") = SIGUSR1;
	register long x8 __asm__("x8") = SYS_tgkill;
	uint64_t x19, v9, fpcr;

	install(SIGUSR1, changes, 0);
	x0 = x1 = syscall(SYS_getpid);
	x2 = SIGUSR1;
	x8 = SYS_tgkill;
	__asm__ volatile("svc #0\n" "mov %[x19], x19\n" "fmov %[v9], d9\n" "mrs %[fpcr], fpcr\n" "msr fpcr, xzr\n"
			 : "+r"(x0), [x19] "=&r"(x19), [v9] "=&r"(v9), [fpcr] "=&r"(fpcr)
			 : "r"(x1), "r"(x2), "r"(x8) : "x19", "v9", "memory");
	note("x0 %ld x19 %#llx v9 %lld fpcr %#llx", x0, (long long)x19, (long long)v9, (long long)fpcr);
	note("mask %#llx", (long long)raw_mask(SIG_BLOCK, NULL));
}

static volatile int landed;

static void landing(void)
{
	landed++;
	harness_child_exit();
}

static void moves_pc(int number, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	(void)number, (void)info;
	uc->uc_mcontext.pc = (uintptr_t)landing;
	uc->uc_mcontext.sp &= ~15UL;
}

TEST(frame, a_handler_may_change_the_program_counter)
{
	pid_t pid;

	CHILD(pid) {
		install(SIGUSR1, moves_pc, 0);
		raise(SIGUSR1);
		_exit(1);
	}
	note("%s", status_name(child_status(pid)));
}

static int how;

static void tampers(int number, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	char *p = (char *)uc->uc_mcontext.__reserved;
	struct _aarch64_ctx *fp = (struct _aarch64_ctx *)p;

	(void)number, (void)info;
	while (fp->magic != FPSIMD_MAGIC)
		fp = (void *)((char *)fp + fp->size);
	switch (how) {
	case 0: uc->uc_mcontext.pstate |= 4; break;
	case 1: uc->uc_mcontext.pstate |= 0x10; break;
	case 2: uc->uc_mcontext.pstate |= 0x3c0; break;
	case 3: fp->magic = 0x12345678; break;
	case 4: fp->size = 100; break;
	case 5: fp->size = 0; break;
	case 6: fp->magic = 0; break;
	case 7: fp->magic = fp->size = 0; break;
	case 8: uc->uc_mcontext.pc = 0xffff800000000000; break;
	case 9: uc->uc_mcontext.pc |= 2; break;
	case 10: fp->size = 0x100000; break;
	case 11: uc->uc_flags = 55; break;
	case 12: uc->uc_mcontext.pstate |= 0xf0000000; break;
	}
}

TEST(frame, tampered_frames)
{
	static const char *const names[] = {
		"EL1 in pstate", "AArch32 in pstate", "DAIF in pstate", "unknown record", "odd size of record",
		"size zero", "magic zero with a size", "FP record missing", "kernel pc", "odd pc",
		"huge size", "uc_flags", "condition flags",
	};
	pid_t pid;

	for (how = 0; how < (int)ARRAY_SIZE(names); how++) {
		CHILD(pid) {
			install(SIGUSR1, tampers, 0);
			syscall(SYS_tgkill, getpid(), getpid(), SIGUSR1);
			_exit(0);
		}
		note("%s: %s", names[how], status_name(child_status(pid)));
	}
}

TEST(frame, sigreturn_without_a_frame)
{
	pid_t pid;

	CHILD(pid) {
		syscall(SYS_rt_sigreturn);
		_exit(0);
	}
	note("%s", status_name(child_status(pid)));
	CHILD(pid)
		__asm__ volatile("mov x0, #0\n" "mov sp, x0\n" "mov x8, #139\n" "svc #0\n" "udf #0");
	note("null sp: %s", status_name(child_status(pid)));
	CHILD(pid)
		__asm__ volatile("mov x0, sp\n" "add x0, x0, #8\n" "mov sp, x0\n" "mov x8, #139\n" "svc #0\n" "udf #0");
	note("misaligned sp: %s", status_name(child_status(pid)));
}

/* The kernel's structure; without SA_RESTORER the return goes through the vDSO. */
struct raw_action {
	void *handler;
	unsigned long flags;
	void *restorer;
	uint64_t mask;
};

TEST(frame, without_a_restorer_the_vdso_returns)
{
	struct raw_action action = { .handler = inspect, .flags = SA_SIGINFO };

	EXPECT_OK(syscall(SYS_rt_sigaction, SIGUSR1, &action, NULL, 8));
	for (int i = 0; i < 10; i++)
		syscall(SYS_tgkill, getpid(), getpid(), SIGUSR1);
	note("hits %d", (int)hits);
	check_registers("vdso");
}

static volatile uint64_t lr_inside;

static void looks_at_lr(int number)
{
	(void)number;
	lr_inside = (uintptr_t)__builtin_return_address(0);
	hits++;
}

TEST(frame, the_return_address_lies_in_the_vdso_and_can_be_unwound)
{
	struct raw_action action = { .handler = looks_at_lr };
	char *maps, *line;
	uintptr_t start = 0, end = 0;

	EXPECT_OK(syscall(SYS_rt_sigaction, SIGUSR1, &action, NULL, 8));
	syscall(SYS_tgkill, getpid(), getpid(), SIGUSR1);
	maps = get_file("/proc/self/maps");
	line = strstr(maps, "[vdso]");
	if (line) {
		while (line > maps && line[-1] != '\n')
			line--;
		start = strtoul(line, &line, 16);
		end = strtoul(line + 1, NULL, 16);
	}
	note("in the vdso %d", lr_inside >= start && lr_inside < end);
	/* mov x8, #139; svc #0: what unwinders recognise. */
	note("%08x %08x", ((uint32_t *)lr_inside)[0], ((uint32_t *)lr_inside)[1]);
}
