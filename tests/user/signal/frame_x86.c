/* SPDX-License-Identifier: MIT */
/* arch: x86_64 */
/*
 * The signal frame of x86_64: its layout with the extended state, registers changed by a handler and restored
 * exactly, the red zone, and frames that were tampered with. The machine has AVX (see tests/user/run.sh).
 */
#include "../harness.h"
#include "../process/util.h"
#include "../process/through_x86.h"
#include <ucontext.h>
#include <sys/auxv.h>

/* As the kernel lays it out; glibc's ucontext_t is the same up to the mask. */
struct frame {
	void *restorer;
	struct {
		unsigned long flags;
		void *link;
		stack_t stack;
		gregset_t regs;
		uint8_t *fpstate;
		uint64_t reserved[8];
		uint64_t mask;
	} uc;
	siginfo_t info;
};

#define MAGIC1 0x46505853
#define MAGIC2 0x46505845
#define SW_BYTES 464	/* what the kernel says about the state, in a part of FXSAVE's area that the CPU leaves alone */
#define HEADER 512	/* of XSAVE */

static volatile sig_atomic_t hits;
static struct frame seen;
static uint8_t seen_fp[1024];	/* 836 are in use with AVX */
static struct frame *volatile seen_at;

static void inspect(int number, siginfo_t *info, void *context)
{
	struct frame *f = (struct frame *)((char *)context - 8);

	(void)number;
	hits++;
	seen_at = &f->info == info ? f : NULL;
	seen = *f;
	memcpy(seen_fp, f->uc.fpstate, sizeof(seen_fp));
}

static void install(int number, void (*fn)(int, siginfo_t *, void *), int flags)
{
	struct sigaction action = { .sa_sigaction = fn, .sa_flags = SA_SIGINFO | flags };

	EXPECT_OK(sigaction(number, &action, NULL));
}

static uint32_t word(size_t offset)
{
	uint32_t value;

	if (offset > sizeof(seen_fp) - 4)
		return 0;
	memcpy(&value, seen_fp + offset, 4);
	return value;
}

TEST(frame, layout)
{
	uint64_t set = SIGBIT(SIGHUP);

	EXPECT_EQ(offsetof(ucontext_t, uc_mcontext), 40);
	EXPECT_EQ(offsetof(ucontext_t, uc_sigmask), 296);
	EXPECT_EQ(offsetof(struct frame, uc.mask), 304);
	install(SIGUSR1, inspect, 0);
	raw_mask(SIG_BLOCK, &set);
	raise(SIGUSR1);
	note("in order %d, aligned %d, state aligned %d and above it %d", seen_at != NULL, (uintptr_t)seen_at % 16 == 8,
	     (uintptr_t)seen.uc.fpstate % 64 == 0, (char *)seen.uc.fpstate >= (char *)(seen_at + 1));
	note("flags %#lx link %p mask %#llx", seen.uc.flags, seen.uc.link, (long long)seen.uc.mask);
	note("cs %#llx", (long long)seen.uc.regs[REG_CSGSFS] & 0xffff);
	note("gs fs %#llx, ss %#llx", (long long)seen.uc.regs[REG_CSGSFS] >> 16 & 0xffffffff,
	     (long long)seen.uc.regs[REG_CSGSFS] >> 48);
	note("err %lld trapno %lld oldmask %#llx cr2 %#llx", seen.uc.regs[REG_ERR], seen.uc.regs[REG_TRAPNO],
	     (long long)seen.uc.regs[REG_OLDMASK], (long long)seen.uc.regs[REG_CR2]);
	note("magic %d features %#x state %u extended %u", word(SW_BYTES) == MAGIC1, word(SW_BYTES + 8),
	     word(SW_BYTES + 16), word(SW_BYTES + 4));
	note("second magic %d", word(word(SW_BYTES + 16)) == MAGIC2);
	/* How much it is depends on what 32-bit programs would need. */
	note("said to need %d", getauxval(51) >= sizeof(struct frame) + word(SW_BYTES + 4));
}

/* Execute INSTRUCTION, which faults, and go on behind it. */
static uintptr_t resume;

static void steps_over(int number, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	inspect(number, info, context);
	uc->uc_mcontext.gregs[REG_RIP] = resume;
}

#define FAULT(instruction) do {                                                             \
	memset(&seen, 0, sizeof(seen));                                                     \
	__asm__ volatile("leaq 1f(%%rip), %%rax\n movq %%rax, %0\n movl $3, %%eax\n xorl %%edx, %%edx\n"     \
			 "xorl %%ecx, %%ecx\n" instruction "\n1:" : "=m"(resume) :: "rax", "rcx", "rdx", "memory"); \
	note("%s: %s code %d trap %lld error %#llx cr2 %#llx address %#llx", instruction, signal_name(seen.info.si_signo), \
	     seen.info.si_code, seen.uc.regs[REG_TRAPNO], (long long)seen.uc.regs[REG_ERR],  \
	     (long long)seen.uc.regs[REG_CR2], (long long)(seen.info.si_signo == SIGSEGV ? (uintptr_t)seen.info.si_addr : 0)); \
} while (0)

TEST(frame, a_fault_shows_its_number_and_error)
{
	install(SIGSEGV, steps_over, 0);
	install(SIGILL, steps_over, 0);
	install(SIGFPE, steps_over, 0);
	install(SIGTRAP, steps_over, 0);
	install(SIGBUS, steps_over, 0);
	FAULT("movl %%eax, 0x123");
	FAULT("movl 0x456, %%eax");
	FAULT("movabs 0xffffffff81000000, %%eax");
	FAULT("movabs %%eax, 0xffff800000001000");
	FAULT("movabs 0x0100000000000000, %%eax");
	FAULT("ud2");
	FAULT("int3");
	FAULT("divl %%ecx");
	FAULT("hlt");
	FAULT("cli");
	FAULT("sti");
	FAULT("inb $0x80, %%al");
	FAULT("outb %%al, $0x80");
	FAULT("rdmsr");
	FAULT("movq %%cr0, %%rax");
	FAULT("movq %%rax, %%cr3");
	FAULT("movq %%dr7, %%rax");
	FAULT("lgdt 0x1000");
	FAULT("invlpg 0");
	FAULT("wbinvd");
	FAULT("swapgs");
	FAULT("sysretq");
	FAULT("int $0x21");
	FAULT("movl $0x10, %%eax; movl %%eax, %%ss");
	FAULT("movl $0x1000, %%eax; movl %%eax, %%ds");
}

static void spoils(int number, siginfo_t *info, void *context)
{
	static const uint32_t mxcsr = 0x1f80, cw = 0x37f;
	uint64_t flags;

	(void)number, (void)info, (void)context;
	hits++;
	__asm__ volatile("pushfq\n pop %0\n" : "=r"(flags));
	if (flags & 0x400)
		fail("the direction flag is set in the handler");
	__asm__ volatile("vpcmpeqd %%ymm0, %%ymm0, %%ymm0\n vmovdqa %%ymm0, %%ymm7\n vmovdqa %%ymm0, %%ymm15\n"
			 "vmovdqa %%ymm0, %%ymm8\n ldmxcsr %0\n fninit\n fldcw %1\n fldz\n"
			 "movq $-1, %%rbx\n movq $-1, %%r12\n movq $-1, %%r15\n movq $-1, %%rcx\n movq $-1, %%r11\n"
			 :: "m"(mxcsr), "m"(cw) : "rbx", "r12", "r15", "rcx", "r11", "xmm0", "xmm7", "xmm8", "xmm15", "memory");
}

static void signals_itself(const char *what)
{
	through_fill();
	through_in.gpr[RAX] = SYS_tgkill;
	through_in.gpr[RDI] = through_in.gpr[RSI] = getpid();
	through_in.gpr[RDX] = SIGUSR1;
	through_syscall();
	through_check(what, 1 << RAX | 1 << RCX | 1 << R11);
	note("rax %lld, r11 %#llx", (long long)through_out.gpr[RAX], (long long)through_out.gpr[R11]);
}

TEST(frame, every_register_survives_a_handler)
{
	install(SIGUSR1, spoils, 0);
	signals_itself("handler");
	note("hits %d", (int)hits);
}

TEST(frame, every_register_survives_an_ignored_signal)
{
	signal(SIGUSR1, SIG_IGN);
	signals_itself("ignored signal");
}

static void skips_ud2(int number, siginfo_t *info, void *context)
{
	spoils(number, info, context);
	((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] += 2;
}

TEST(frame, a_synchronous_signal_keeps_even_rcx_and_r11)
{
	install(SIGILL, skips_ud2, 0);
	through_fill();
	through_ud2();
	through_check("ud2", 0);
	note("hits %d", (int)hits);
}

TEST(frame, on_the_alternate_stack_too)
{
	stack_t alternate = { .ss_sp = malloc(65536), .ss_size = 65536 };

	EXPECT_OK(sigaltstack(&alternate, NULL));
	install(SIGUSR1, spoils, SA_ONSTACK);
	signals_itself("alternate stack");
	install(SIGUSR1, inspect, SA_ONSTACK);
	raise(SIGUSR1);
	note("on it %d, size %lu, flags %d", (char *)seen_at > (char *)alternate.ss_sp &&
	     (char *)seen_at < (char *)alternate.ss_sp + 65536, (unsigned long)seen.uc.stack.ss_size,
	     seen.uc.stack.ss_flags);
}

static void changes(int number, siginfo_t *info, void *context)
{
	struct frame *f = (struct frame *)((char *)context - 8);
	uint32_t mxcsr = 0x5f80;

	(void)number, (void)info;
	f->uc.regs[REG_RAX] = 4711;
	f->uc.regs[REG_RBX] = 0xabcdef;
	f->uc.regs[REG_R11] = 11;
	f->uc.regs[REG_RCX] = 12;
	f->uc.regs[REG_EFL] |= 0x3000 | 0x4000;
	memset(f->uc.fpstate + 160 + 16 * 9, 0x77, 16);
	memset(f->uc.fpstate + 576 + 16 * 9, 0x66, 16);
	memcpy(f->uc.fpstate + 24, &mxcsr, 4);
	f->uc.mask = SIGBIT(SIGHUP) | SIGBIT(SIGKILL);
}

TEST(frame, a_handler_may_change_registers_and_the_mask)
{
	uint8_t expected[32];

	memset(expected, 0x77, 16);
	memset(expected + 16, 0x66, 16);
	install(SIGUSR1, changes, 0);
	through_fill();
	through_in.gpr[RAX] = SYS_tgkill;
	through_in.gpr[RDI] = through_in.gpr[RSI] = getpid();
	through_in.gpr[RDX] = SIGUSR1;
	through_syscall();
	note("rax %lld rbx %#llx rcx %lld r11 %lld", (long long)through_out.gpr[RAX], (long long)through_out.gpr[RBX],
	     (long long)through_out.gpr[RCX], (long long)through_out.gpr[R11]);
	note("ymm9 %d flags %#llx mxcsr %#x", memcmp(through_out.ymm[9], expected, 32) == 0,
	     (long long)through_out.flags, through_out.mxcsr);
	note("mask %#llx", (long long)raw_mask(SIG_BLOCK, NULL));
}

static void moves_rip(int number, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	(void)number, (void)info;
	uc->uc_mcontext.gregs[REG_RIP] = (uintptr_t)harness_child_exit;
	uc->uc_mcontext.gregs[REG_RSP] = (uc->uc_mcontext.gregs[REG_RSP] & ~15UL) - 8;
}

TEST(frame, a_handler_may_change_the_program_counter)
{
	pid_t pid;

	CHILD(pid) {
		install(SIGUSR1, moves_rip, 0);
		raise(SIGUSR1);
		_exit(1);
	}
	note("%s", status_name(child_status(pid)));
}

static int how;
static const char *const hows[] = {
	"rip not canonical", "rip just above the lower half", "rip in the kernel", "cs of the kernel", "cs zero", "cs beyond the table",
	"ss zero", "ss of the kernel", "ss is code", "no state", "state misaligned", "state in the kernel", "state unmapped",
	"first magic wrong", "second magic wrong", "size too large", "size too small",
	"header with reserved bytes", "header with unknown features", "compact header", "uc_flags zero", "trap flag",
	"interrupts off", "rsp not canonical", "virtual-8086 flag",
};

static void segment(struct frame *f, int shift, uint64_t selector)
{
	uint64_t value = f->uc.regs[REG_CSGSFS];

	f->uc.regs[REG_CSGSFS] = (value & ~(0xffffUL << shift)) | selector << shift;
}

static void tampers(int number, siginfo_t *info, void *context)
{
	struct frame *f = (struct frame *)((char *)context - 8);
	uint8_t *fp = f->uc.fpstate;
	uint32_t *sw = (uint32_t *)(fp + SW_BYTES);

	(void)number, (void)info;
	switch (how) {
	case 0: f->uc.regs[REG_RIP] = 0x1234567812345678; break;
	case 1: f->uc.regs[REG_RIP] = 0x0000800000000000; break;
	case 2: f->uc.regs[REG_RIP] = (greg_t)0xffffffff81000000; break;
	case 3: segment(f, 0, 0x10); break;
	case 4: segment(f, 0, 0); break;
	case 5: segment(f, 0, 0xfff8); break;
	case 6: segment(f, 48, 0); break;
	case 7: segment(f, 48, 0x18); break;
	case 8: segment(f, 48, 0x33); break;
	case 9: f->uc.fpstate = NULL; break;
	case 10: f->uc.fpstate = fp + 1; break;
	case 11: f->uc.fpstate = (uint8_t *)0xffff888000000000; break;
	case 12: f->uc.fpstate = (uint8_t *)64; break;
	case 13: sw[0] ^= 1; break;
	case 14: fp[sw[4]] ^= 1; break;
	case 15: sw[4] = 0x100000; break;
	case 16: sw[4] = 512; break;
	case 17: fp[HEADER + 20] = 1; break;
	case 18: fp[HEADER + 7] = 0x40; break;
	case 19: fp[HEADER + 15] = 0x80; break;
	case 20: f->uc.flags = 0; break;
	case 21: f->uc.regs[REG_EFL] |= 0x100; break;
	case 22: f->uc.regs[REG_EFL] &= ~0x200; break;
	case 23: f->uc.regs[REG_RSP] = 0x1234567812345678; break;
	case 24: f->uc.regs[REG_EFL] |= 0x20000; break;
	}
}

/* MXCSR with reserved bits is not among them: QEMU does not mind where a CPU faults. */
TEST(frame, tampered_frames)
{
	pid_t pid;

	for (how = 0; how < (int)ARRAY_SIZE(hows); how++) {
		CHILD(pid) {
			install(SIGUSR1, tampers, 0);
			__asm__ volatile("syscall" :: "a"(SYS_tgkill), "D"(getpid()), "S"(getpid()), "d"(SIGUSR1)
					 : "rcx", "r11", "memory");
			_exit(0);
		}
		note("%s: %s", hows[how], status_name(child_status(pid)));
	}
}

static void drops_state(int number, siginfo_t *info, void *context)
{
	(void)number, (void)info;
	((ucontext_t *)context)->uc_mcontext.fpregs = NULL;
}

TEST(frame, a_frame_without_state_clears_the_registers)
{
	static const uint8_t zero[32];
	int left = 0;

	install(SIGUSR1, drops_state, 0);
	through_fill();
	through_in.gpr[RAX] = SYS_tgkill;
	through_in.gpr[RDI] = through_in.gpr[RSI] = getpid();
	through_in.gpr[RDX] = SIGUSR1;
	through_syscall();
	for (int i = 0; i < 16; i++)
		left += memcmp(through_out.ymm[i], zero, 32) != 0;
	note("left %d mxcsr %#x x87 %#x", left, through_out.mxcsr, through_out.cw & 0xffff);
}

static void drops_magic(int number, siginfo_t *info, void *context)
{
	struct frame *f = (struct frame *)((char *)context - 8);

	(void)number, (void)info;
	*(uint32_t *)(f->uc.fpstate + SW_BYTES) = 0;
}

TEST(frame, a_frame_without_magic_restores_the_old_part)
{
	static const uint8_t zero[16];
	int low = 0, high = 0;

	install(SIGUSR1, drops_magic, 0);
	through_fill();
	through_in.gpr[RAX] = SYS_tgkill;
	through_in.gpr[RDI] = through_in.gpr[RSI] = getpid();
	through_in.gpr[RDX] = SIGUSR1;
	through_syscall();
	for (int i = 0; i < 16; i++) {
		low += memcmp(through_out.ymm[i], through_in.ymm[i], 16) == 0;
		high += memcmp(through_out.ymm[i] + 16, zero, 16) == 0;
	}
	note("xmm kept %d, upper halves clear %d, mxcsr %#x x87 %#x", low, high, through_out.mxcsr, through_out.cw & 0xffff);
}

TEST(frame, sigreturn_without_a_frame)
{
	pid_t pid;

	CHILD(pid)
		__asm__ volatile("xorl %%esp, %%esp\n syscall\n ud2" :: "a"(SYS_rt_sigreturn));
	note("null sp: %s", status_name(child_status(pid)));
	CHILD(pid)
		__asm__ volatile("movq $-4096, %%rsp\n syscall\n ud2" :: "a"(SYS_rt_sigreturn));
	note("kernel sp: %s", status_name(child_status(pid)));
	CHILD(pid)
		__asm__ volatile("movq %1, %%rsp\n syscall\n ud2" :: "a"(SYS_rt_sigreturn), "r"(0x1234567812345678));
	note("sp not canonical: %s", status_name(child_status(pid)));
}

struct raw_action {
	void *handler;
	unsigned long flags;
	void *restorer;
	uint64_t mask;
};

TEST(frame, without_a_restorer_there_is_no_way_back)
{
	struct raw_action action = { .handler = inspect, .flags = SA_SIGINFO };
	pid_t pid;

	CHILD(pid) {
		EXPECT_OK(syscall(SYS_rt_sigaction, SIGUSR1, &action, NULL, 8));
		syscall(SYS_tgkill, getpid(), getpid(), SIGUSR1);
	}
	note("%s", status_name(child_status(pid)));
}

TEST(frame, no_room_for_the_frame)
{
	pid_t pid;
	char *small = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	stack_t alternate = { .ss_sp = small, .ss_size = 2048 };

	EXPECT_ERRNO(sigaltstack(&(stack_t){ .ss_sp = small, .ss_size = 2047 }, NULL), ENOMEM);
	CHILD(pid) {
		install(SIGUSR1, inspect, 0);
		__asm__ volatile("movq $0x40, %%rsp\n syscall\n ud2" :: "a"(SYS_tgkill), "D"(getpid()), "S"(getpid()), "d"(SIGUSR1));
	}
	note("null sp: %s", status_name(child_status(pid)));
	CHILD(pid) {
		install(SIGUSR1, inspect, SA_ONSTACK);
		EXPECT_OK(sigaltstack(&alternate, NULL));
		raise(SIGUSR1);
		note("fits %d", hits);
	}
	note("smallest alternate stack: %s", status_name(child_status(pid)));
}
