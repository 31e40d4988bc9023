/* SPDX-License-Identifier: MIT */
/* The signal frame of Linux's x86_64 ABI: sigaction(2), getcontext(3), <sys/ucontext.h> of the C libraries. */
#pragma once
#include <stddef.h>
#include <stdint.h>

struct altstack_user {
	uint64_t ss_sp;
	int32_t ss_flags, pad;
	uint64_t ss_size;
};
struct context_regs {
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t di, si, bp, bx, dx, ax, cx, sp, ip, flags;
	uint16_t cs, gs, fs, ss;
	uint64_t err, trapno, oldmask, cr2;
	uint64_t fpstate;
	uint64_t reserved[8];
};
_Static_assert(sizeof(struct context_regs) == 256, "sigcontext ABI");
_Static_assert(offsetof(struct context_regs, fpstate) == 184, "sigcontext ABI");
struct user_context {
	uint64_t flags, link;
	struct altstack_user stack;
	struct context_regs regs;
	uint64_t sigmask;
};
_Static_assert(sizeof(struct user_context) == 304, "ucontext ABI");
_Static_assert(offsetof(struct user_context, sigmask) == 296, "ucontext ABI");
struct signal_frame {
	uint64_t restorer;		/* the handler's return address */
	struct user_context uc;
	uint8_t info[128];
};
_Static_assert(sizeof(struct signal_frame) == 440, "rt_sigframe ABI");

#define UC_FP_XSTATE		1u	/* behind the legacy area is more, as its last words say */
#define UC_SIGCONTEXT_SS	2u	/* ss is saved ... */
#define UC_STRICT_RESTORE_SS	4u	/* ... and taken from the frame */

/* At byte 464 of the extended state, where the CPU saves nothing. */
struct fpx_words {
	uint32_t magic1;
	uint32_t extended_size;		/* of the whole, second magic included */
	uint64_t features;
	uint32_t xstate_size;
	uint32_t pad[7];
};
_Static_assert(sizeof(struct fpx_words) == 48, "_fpx_sw_bytes ABI");
#define FPX_WORDS_AT	464
#define FP_XSTATE_MAGIC1 0x46505853u
#define FP_XSTATE_MAGIC2 0x46505845u
#define FX_SIZE		512u
