/* SPDX-License-Identifier: MIT */
/* Which programs SO_ATTACH_FILTER takes. */
#include "packet.h"

static int try(const struct sock_filter *f, unsigned n)
{
	int p[2], err;

	dgram_pair(p);
	err = attach(p[0], f, n) ? errno : 0;
	close(p[0]);
	close(p[1]);
	return err;
}
#define TRY(...) do { \
	static const struct sock_filter code_[] = { __VA_ARGS__ }; \
	int e_ = try(code_, ARRAY_SIZE(code_)); \
	note("%s: %s", #__VA_ARGS__, e_ ? errno_name(e_) : "taken"); \
} while (0)
#define RET BPF_STMT(BPF_RET | BPF_K, 1)

TEST(packet, every_code_alone)
{
	char taken[1400] = "";

	for (unsigned code = 0; code < 0x200; code++) {
		struct sock_filter f[3] = { { (unsigned short)code, 0, 0, 1 }, RET, RET };

		if (!try(f, 3))
			sprintf(taken + strlen(taken), "%02x ", code);
	}
	for (unsigned code = 0x200; code < 0x10000; code += 0x100) {
		struct sock_filter f[2] = { { (unsigned short)(code | 6), 0, 0, 1 }, RET };

		if (!try(f, 2))
			fail("code %x is taken", code | 6);
	}
	note("taken: %s", taken);
}

TEST(packet, a_program_ends_in_a_return)
{
	TRY(RET);
	TRY(BPF_STMT(BPF_RET | BPF_A, 0));
	TRY(BPF_STMT(BPF_LD | BPF_IMM, 0));
	TRY(RET, BPF_STMT(BPF_LD | BPF_IMM, 0));
	TRY(BPF_STMT(BPF_RET | BPF_X, 0));
}

TEST(packet, jumps_stay_inside)
{
	TRY(BPF_JUMP(BPF_JMP | BPF_JA, 0, 0, 0), RET);
	TRY(BPF_JUMP(BPF_JMP | BPF_JA, 1, 0, 0), RET);
	TRY(BPF_JUMP(BPF_JMP | BPF_JA, 0xffffffff, 0, 0), RET);
	TRY(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 0), RET);
	TRY(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0), RET);
	TRY(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1), RET);
	TRY(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 1), RET, RET);
	TRY(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 255, 0), RET, RET);
}

TEST(packet, operands_are_checked)
{
	TRY(BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0), RET);
	TRY(BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, 0), RET);
	TRY(BPF_STMT(BPF_ALU | BPF_DIV | BPF_X, 0), RET);
	TRY(BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 31), RET);
	TRY(BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 32), RET);
	TRY(BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 32), RET);
	TRY(BPF_STMT(BPF_ST, 15), RET);
	TRY(BPF_STMT(BPF_ST, 16), RET);
	TRY(BPF_STMT(BPF_STX, 16), RET);
	TRY(BPF_STMT(BPF_LD | BPF_MEM, 16), RET);
}

TEST(packet, scratch_words_are_written_before_they_are_read)
{
	TRY(BPF_STMT(BPF_LD | BPF_MEM, 0), RET);
	TRY(BPF_STMT(BPF_LDX | BPF_MEM, 3), RET);
	TRY(BPF_STMT(BPF_ST, 0), BPF_STMT(BPF_LD | BPF_MEM, 0), RET);
	TRY(BPF_STMT(BPF_ST, 1), BPF_STMT(BPF_LD | BPF_MEM, 0), RET);
	TRY(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1), BPF_STMT(BPF_ST, 0), BPF_STMT(BPF_LD | BPF_MEM, 0), RET);
	TRY(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 2), BPF_STMT(BPF_ST, 0), BPF_JUMP(BPF_JMP | BPF_JA, 1, 0, 0), BPF_STMT(BPF_STX, 0),
	    BPF_STMT(BPF_LD | BPF_MEM, 0), RET);
	TRY(BPF_JUMP(BPF_JMP | BPF_JA, 1, 0, 0), BPF_STMT(BPF_LD | BPF_MEM, 0), RET);
}

TEST(packet, loads_of_what_is_not_in_the_packet)
{
	char taken[800] = "";

	for (int k = -0x1010; k < 0; k++) {
		struct sock_filter f[2] = { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)k), RET };

		if (!try(f, 2) && k >= SKF_AD_OFF)
			sprintf(taken + strlen(taken), "%d ", k - SKF_AD_OFF);
	}
	note("taken: %s", taken);
	TRY(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)SKF_NET_OFF), RET);
	TRY(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)SKF_LL_OFF), RET);
	TRY(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0x80000000), RET);
	TRY(BPF_STMT(BPF_LD | BPF_W | BPF_IND, 0xffffffff), RET);
}

TEST(packet, lengths_and_pointers)
{
	static struct sock_filter many[5000];
	struct sock_fprog p = { 1, many };
	int s[2];

	dgram_pair(s);
	for (unsigned i = 0; i < ARRAY_SIZE(many); i++)
		many[i] = (struct sock_filter)RET;
	EXPECT_ERRNO(attach(s[0], many, 0), EINVAL);
	EXPECT_OK(attach(s[0], many, 1));
	EXPECT_OK(attach(s[0], many, 1000));
	EXPECT_ERRNO(attach(s[0], many, 4096), ENOMEM);
	EXPECT_ERRNO(attach(s[0], many, 4097), EINVAL);
	EXPECT_ERRNO(attach(s[0], NULL, 1), EINVAL);
	EXPECT_ERRNO(attach(s[0], (void *)8, 1), EFAULT);
	EXPECT_ERRNO(setsockopt(s[0], SOL_SOCKET, SO_ATTACH_FILTER, &p, sizeof(p) - 1), EINVAL);
	EXPECT_ERRNO(setsockopt(s[0], SOL_SOCKET, SO_ATTACH_FILTER, &p, 3), EINVAL);
	EXPECT_ERRNO(setsockopt(s[0], SOL_SOCKET, SO_ATTACH_FILTER, &p, 0), EINVAL);
	EXPECT_ERRNO(setsockopt(s[0], SOL_SOCKET, SO_ATTACH_FILTER, NULL, sizeof(p)), EFAULT);
}
