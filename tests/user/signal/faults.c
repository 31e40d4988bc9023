/* SPDX-License-Identifier: MIT */
/* Synchronous signals: code and address, and that blocking or ignoring them kills. */
#include "../harness.h"
#include "../process/util.h"
#include <setjmp.h>
#include <ucontext.h>

static siginfo_t seen;
static sigjmp_buf back;

static void handler(int number, siginfo_t *info, void *context)
{
	(void)number, (void)context;
	seen = *info;
	siglongjmp(back, 1);
}

static void install(int number)
{
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };

	EXPECT_OK(sigaction(number, &action, NULL));
}

static void show(const char *what, uintptr_t address)
{
	note("%s: %s code %d errno %d address %s", what, signal_name(seen.si_signo), seen.si_code,
	     seen.si_errno, (uintptr_t)seen.si_addr == address ? "exact" :
	     ((uintptr_t)seen.si_addr & ~4095UL) == (address & ~4095UL) ? "same page" : "other");
}

/* Do what may fault; true if it did. */
#define FAULTS(expression) ({                                                               \
	bool faulted = sigsetjmp(back, 1) != 0;                                             \
	if (!faulted) {                                                                     \
		expression;                                                                 \
	}                                                                                   \
	if (!faulted)                                                                       \
		fail("no fault: %s", #expression);                                          \
	faulted; })

static char *map(int prot)
{
	return mmap(NULL, 4 * 4096, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

TEST(faults, segv_codes)
{
	char *p = map(PROT_READ), *none = map(PROT_NONE), *gone = map(PROT_READ);
	volatile char *q;

	munmap(gone, 4 * 4096);
	install(SIGSEGV);
	FAULTS(*(volatile char *)wild(0x10) = 1);
	show("null", 0x10);
	q = wild((uintptr_t)gone + 0x123);
	FAULTS((void)*q);
	show("unmapped", (uintptr_t)q);
	q = wild((uintptr_t)p + 0x345);
	FAULTS(*q = 1);
	show("write to read-only", (uintptr_t)q);
	q = wild((uintptr_t)none + 4097);
	FAULTS((void)*q);
	show("PROT_NONE", (uintptr_t)q);
	q = wild(0xffff800000001000);
	FAULTS((void)*q);
	show("kernel read", (uintptr_t)q);
	FAULTS(*q = 1);
	show("kernel write", (uintptr_t)q);
	q = wild(0x0100000000000000);
	FAULTS((void)*q);
	show("beyond the address space", (uintptr_t)q);
}

TEST(faults, execution)
{
	char *p = map(PROT_READ | PROT_WRITE), *gone = map(PROT_READ);
	void (*call)(void);

	munmap(gone, 4 * 4096);
	install(SIGSEGV);
	call = (void (*)(void))wild((uintptr_t)p);
	FAULTS(call());
	show("not executable", (uintptr_t)p);
	call = (void (*)(void))wild((uintptr_t)gone);
	FAULTS(call());
	show("unmapped", (uintptr_t)gone);
	call = (void (*)(void))wild(0);
	FAULTS(call());
	show("null", 0);
	call = (void (*)(void))wild(0xffff800000001000);
	FAULTS(call());
	show("kernel", 0xffff800000001000);
}

TEST(faults, bus_beyond_the_end_of_a_file)
{
	int fd = temp_fd();
	volatile char *p;

	write_all(fd, "abc", 3);
	p = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	install(SIGBUS);
	install(SIGSEGV);
	EXPECT_EQ(p[4095], 0);
	FAULTS((void)p[4096]);
	show("read", (uintptr_t)p + 4096);
	FAULTS(p[2 * 4096 + 5] = 1);
	show("write", (uintptr_t)p + 2 * 4096 + 5);
	EXPECT_OK(ftruncate(fd, 0));
	FAULTS((void)p[1]);
	show("truncated", (uintptr_t)p + 1);
	EXPECT_OK(ftruncate(fd, 8192));
	EXPECT_EQ(p[1], 0);
	p[4097] = 7;
	EXPECT_EQ(p[4097], 7);
	p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 8192);
	FAULTS((void)p[0]);
	show("private", (uintptr_t)p);
}

#if defined(__aarch64__)
TEST(faults, illegal_instructions)
{
	install(SIGILL);
	FAULTS(__asm__ volatile("udf #0"));
	note("udf: %s code %d", signal_name(seen.si_signo), seen.si_code);
	FAULTS(__asm__ volatile("msr daifset, #15"));
	note("msr daifset: %s code %d", signal_name(seen.si_signo), seen.si_code);
	FAULTS(__asm__ volatile("mrs x0, sctlr_el1" ::: "x0"));
	note("mrs sctlr_el1: %s code %d", signal_name(seen.si_signo), seen.si_code);
	FAULTS(__asm__ volatile("eret"));
	note("eret: %s code %d", signal_name(seen.si_signo), seen.si_code);
	FAULTS(__asm__ volatile("hvc #0"));
	note("hvc: %s code %d", signal_name(seen.si_signo), seen.si_code);
	FAULTS(__asm__ volatile("smc #0"));
	note("smc: %s code %d", signal_name(seen.si_signo), seen.si_code);
	FAULTS(__asm__ volatile("dc isw, xzr"));
	note("dc isw: %s code %d", signal_name(seen.si_signo), seen.si_code);
	FAULTS(__asm__ volatile("hlt #0"));
	note("hlt: %s code %d", signal_name(seen.si_signo), seen.si_code);
}

TEST(faults, breakpoints)
{
	install(SIGTRAP);
	FAULTS(__asm__ volatile("brk #0"));
	note("brk 0: %s code %d", signal_name(seen.si_signo), seen.si_code);
	FAULTS(__asm__ volatile("brk #0x1234"));
	note("brk 0x1234: %s code %d", signal_name(seen.si_signo), seen.si_code);
}

TEST(faults, alignment)
{
	static uint64_t words[4];

	install(SIGBUS);
	FAULTS(((void (*)(void))wild((uintptr_t)sleep_ms + 2))());
	note("misaligned pc: %s code %d", signal_name(seen.si_signo), seen.si_code);
	FAULTS(__asm__ volatile("ldxr x0, [%0]" :: "r"((char *)words + 1) : "x0"));
	note("exclusive: %s code %d", signal_name(seen.si_signo), seen.si_code);
	/* Ordinary accesses need no alignment. */
	*(volatile uint64_t *)wild((uintptr_t)words + 3) = 5;
	EXPECT_EQ(*(volatile uint64_t *)wild((uintptr_t)words + 3), 5);
}

TEST(faults, the_counter_and_identification_registers_may_be_read)
{
	uint64_t value = 0;

	__asm__ volatile("mrs %0, cntvct_el0" : "=r"(value));
	EXPECT_TRUE(value != 0);
	__asm__ volatile("mrs %0, cntfrq_el0" : "=r"(value));
	EXPECT_TRUE(value > 1000000);
	__asm__ volatile("mrs %0, ctr_el0" : "=r"(value));
	EXPECT_TRUE(value & 0x80000000);
	__asm__ volatile("mrs %0, dczid_el0" : "=r"(value));
	__asm__ volatile("mrs %0, midr_el1" : "=r"(value));
	EXPECT_TRUE(value != 0);
	__asm__ volatile("mrs %0, id_aa64pfr0_el1" : "=r"(value));
	note("pfr0 el0 %d fp %d", (int)(value & 15), (int)(value >> 16 & 15) != 15);
	__asm__ volatile("mrs %0, mpidr_el1" : "=r"(value));
	note("mpidr %#llx", (long long)(value & 0x80000000));
}
#elif defined(__x86_64__)
/* frame_x86.c goes through the instructions that fault. */
/* QEMU raises no exception for vector arithmetic: that part of a CPU is not tried here. */
TEST(faults, arithmetic)
{
	static const uint32_t cw = 0x37f & ~4;
	int32_t low = INT32_MIN;

	install(SIGFPE);
	FAULTS(__asm__ volatile("xorl %%edx, %%edx\n movl $1, %%eax\n xorl %%ecx, %%ecx\n divl %%ecx" ::: "rax", "rcx", "rdx"));
	note("division by zero: %s code %d", signal_name(seen.si_signo), seen.si_code);
	FAULTS(__asm__ volatile("cltd\n idivl %%ecx" : "+a"(low) : "c"(-1) : "rdx"));
	note("quotient too large: %s code %d", signal_name(seen.si_signo), seen.si_code);
	FAULTS(__asm__ volatile("fninit\n fldcw %0\n fld1\n fldz\n fdivrp\n fwait" :: "m"(cw)));
	note("x87 division by zero: %s code %d", signal_name(seen.si_signo), seen.si_code);
}

static volatile int steps;

static void counts_steps(int number, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	(void)number;
	seen = *info;
	if (++steps == 5)
		uc->uc_mcontext.gregs[REG_EFL] &= ~0x100LL;
}

TEST(faults, breakpoints_and_single_steps)
{
	struct sigaction action = { .sa_sigaction = counts_steps, .sa_flags = SA_SIGINFO };
	long pid;

	install(SIGTRAP);
	FAULTS(__asm__ volatile("int3"));
	note("int3: %s code %d", signal_name(seen.si_signo), seen.si_code);
	FAULTS(__asm__ volatile("int $3"));
	note("int $3: %s code %d", signal_name(seen.si_signo), seen.si_code);
	EXPECT_OK(sigaction(SIGTRAP, &action, NULL));
	__asm__ volatile("pushfq\n orq $0x100, (%%rsp)\n popfq\n nop\n nop\n nop\n nop\n nop\n nop\n nop" ::: "cc", "memory");
	note("step: %s code %d, %d steps", signal_name(seen.si_signo), seen.si_code, steps);
	/* Through a system call: it is one step. */
	steps = 0;
	__asm__ volatile("pushfq\n orq $0x100, (%%rsp)\n popfq\n nop\n syscall\n nop\n nop\n nop\n nop\n nop\n nop"
			 : "=a"(pid) : "a"(SYS_getpid) : "rcx", "r11", "cc", "memory");
	note("step over a call: %d, %d steps", pid == getpid(), steps);
}

TEST(faults, alignment)
{
	static uint64_t words[8] __attribute__((aligned(64)));

	install(SIGSEGV);
	FAULTS(__asm__ volatile("movaps (%0), %%xmm0" :: "r"((char *)words + 1) : "xmm0"));
	note("movaps: %s code %d", signal_name(seen.si_signo), seen.si_code);
	/* Ordinary accesses need no alignment. */
	*(volatile uint64_t *)wild((uintptr_t)words + 3) = 5;
	EXPECT_EQ(*(volatile uint64_t *)wild((uintptr_t)words + 3), 5);
}

TEST(faults, what_every_program_may_execute)
{
	uint32_t a, b, c, d;

	__asm__ volatile("cpuid" : "=a"(a), "=b"(b), "=c"(c), "=d"(d) : "a"(0), "c"(0));
	EXPECT_TRUE(a > 0);
	__asm__ volatile("rdtsc" : "=a"(a), "=d"(d));
	EXPECT_TRUE(a | d);
	__asm__ volatile("rdtscp" : "=a"(a), "=d"(d), "=c"(c));
	EXPECT_TRUE(a | d);
	note("processor of rdtscp known %d", (c & 0xfff) < (uint32_t)sysconf(_SC_NPROCESSORS_CONF));
	__asm__ volatile("xgetbv" : "=a"(a), "=d"(d) : "c"(0));
	note("state in use %#x", a);
	install(SIGSEGV);
	FAULTS(__asm__ volatile("rdpmc" :: "c"(0) : "rax", "rdx"));
	note("rdpmc: %s code %d", signal_name(seen.si_signo), seen.si_code);
	FAULTS(__asm__ volatile("xsetbv" :: "c"(0), "a"(7), "d"(0)));
	note("xsetbv: %s code %d", signal_name(seen.si_signo), seen.si_code);
}

/* The end of user space: what follows the call is not mapped, nor would the CPU take it for an address of a user. */
TEST(faults, a_call_in_the_last_bytes_of_user_space)
{
	char *last = mmap((void *)((1UL << 47) - 2 * 4096), 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (last == MAP_FAILED) {	/* the stack may be there */
		note("in use");
		return;
	}
	memcpy(last + 4094, "\x0f\x05", 2);
	EXPECT_OK(mprotect(last, 4096, PROT_READ | PROT_EXEC));
	install(SIGSEGV);
	FAULTS(__asm__ volatile("jmp *%0" :: "r"(last + 4094), "a"(SYS_getpid) : "rcx", "r11", "memory"));
	show("behind the call", (uintptr_t)last + 4096);
}
#endif

TEST(faults, a_blocked_or_ignored_fault_kills)
{
	pid_t pid;
	uint64_t set = SIGBIT(SIGSEGV);

	CHILD(pid) {
		install(SIGSEGV);
		raw_mask(SIG_BLOCK, &set);
		*(volatile int *)wild(8) = 1;
	}
	note("blocked: %s", status_name(child_status(pid)));
	CHILD(pid) {
		signal(SIGSEGV, SIG_IGN);
		*(volatile int *)wild(8) = 1;
	}
	note("ignored: %s", status_name(child_status(pid)));
	/* Sent by kill() it is a signal like any other. */
	CHILD(pid) {
		signal(SIGSEGV, SIG_IGN);
		raise(SIGSEGV);
		kill(getpid(), SIGSEGV);
	}
	note("ignored and sent: %s", status_name(child_status(pid)));
}

static void handler_that_faults(int number)
{
	(void)number;
	*(volatile int *)wild(8) = 1;
}

TEST(faults, a_fault_in_its_own_handler_kills)
{
	pid_t pid;

	CHILD(pid) {
		signal(SIGSEGV, handler_that_faults);
		*(volatile int *)wild(16) = 1;
	}
	note("%s", status_name(child_status(pid)));
}

static volatile int fixed;
static char *page;

static void handler_that_repairs(int number, siginfo_t *info, void *context)
{
	(void)number, (void)context, (void)info;
	fixed++;
	mprotect(page, 4096, PROT_READ | PROT_WRITE);
}

TEST(faults, a_handler_may_repair_and_the_access_is_repeated)
{
	struct sigaction action = { .sa_sigaction = handler_that_repairs, .sa_flags = SA_SIGINFO };

	sigaction(SIGSEGV, &action, NULL);
	page = map(PROT_NONE);
	for (int i = 0; i < 100; i++) {
		mprotect(page, 4096, i & 1 ? PROT_NONE : PROT_READ);
		((volatile char *)page)[i] = i;
		EXPECT_EQ(page[i], i);
	}
	note("%d", fixed);
}

TEST(faults, system_calls_answer_efault_instead)
{
	install(SIGSEGV);
	seen.si_signo = 0;
	EXPECT_ERRNO(write(1, wild(8), 1), EFAULT);
	EXPECT_ERRNO(syscall(SYS_uname, map(PROT_READ)), EFAULT);
	EXPECT_EQ(seen.si_signo, 0);
}
