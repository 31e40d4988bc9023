/* SPDX-License-Identifier: MIT */
/*
 * The signal frame of Linux's arm64 ABI: sigaction(2), getcontext(3), <ucontext.h> of the C
 * libraries.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

struct altstack_user {
	uint64_t ss_sp;
	int32_t ss_flags, pad;
	uint64_t ss_size;
};
struct context_head {
	uint64_t flags, link;
	struct altstack_user stack;
	uint64_t sigmask;
};
struct context_regs {
	uint64_t fault_address;
	uint64_t regs[31];
	uint64_t sp, pc, pstate;
};
struct user_context {
	struct context_head head;
	uint64_t unused[16];		/* room for a larger mask, and alignment */
	struct {
		struct context_regs regs;
		uint8_t reserved[4096] __attribute__((aligned(16)));
	} mcontext;
};
struct signal_frame {
	uint8_t info[128];
	struct user_context uc;
};
_Static_assert(offsetof(struct user_context, head.sigmask) == 40, "ucontext ABI");
_Static_assert(offsetof(struct user_context, mcontext) == 176, "ucontext ABI");
_Static_assert(offsetof(struct user_context, mcontext.reserved) == 176 + 288, "sigcontext ABI");
_Static_assert(sizeof(struct user_context) == 4560, "ucontext ABI");
_Static_assert(sizeof(struct signal_frame) == 4688, "rt_sigframe ABI");

struct record_head {
	uint32_t magic, size;
};
#define FPSIMD_MAGIC 0x46508001u
#define ESR_MAGIC 0x45535201u
struct fpsimd_record {
	struct record_head head;
	uint32_t fpsr, fpcr;
	uint64_t v[64];
};
_Static_assert(sizeof(struct fpsimd_record) == 528, "fpsimd_context ABI");
struct esr_record {
	struct record_head head;
	uint64_t esr;
};
