/* SPDX-License-Identifier: MIT */
/* Classic BPF on a Unix datagram socket: each instruction, what a program returns and what comes of it. */
#include "packet.h"

/* The bytes let through of an 8-byte message by a program that ends with its accumulator. */
static void run(const char *name, const struct sock_filter *f, unsigned n)
{
	static const unsigned char data[8] = { 0x01, 0x02, 0x83, 0x04, 0x45, 0x06, 0x07, 0x08 };
	int p[2];

	dgram_pair(p);
	if (attach(p[1], f, n))
		note("%s: %s", name, errno_name(errno));
	else
		note("%s: %d", name, through(p[0], p[1], data, 8));
	close(p[0]);
	close(p[1]);
}
#define RUN(name, ...) do { \
	static const struct sock_filter code_[] = { __VA_ARGS__, BPF_STMT(BPF_RET | BPF_A, 0) }; \
	run(name, code_, ARRAY_SIZE(code_)); \
} while (0)

TEST(packet, returning_a_number_cuts_the_message)
{
	static const unsigned keep[] = { 0, 1, 5, 8, 9, 65535, 0xffffffff };

	for (unsigned i = 0; i < ARRAY_SIZE(keep); i++) {
		struct sock_filter f = BPF_STMT(BPF_RET | BPF_K, keep[i]);

		run("ret", &f, 1);
	}
}

TEST(packet, a_dropped_message_is_no_error_for_its_sender)
{
	int p[2];

	dgram_pair(p);
	EXPECT_OK(ATTACH(p[1], BPF_STMT(BPF_RET | BPF_K, 0)));
	for (int i = 0; i < 50; i++)
		if (send(p[0], "x", 1, 0) != 1)
			fail("send %d: %s", i, errno_name(errno));
	EXPECT_EQ(nothing(p[1]), EAGAIN);
}

TEST(packet, loads_of_bytes_are_big_endian)
{
	RUN("byte", BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 1));
	RUN("half: 0x0102 >> 7", BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 0), BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 7));
	RUN("word: >> 22", BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0), BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 22));
	RUN("length", BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0));
	RUN("immediate", BPF_STMT(BPF_LD | BPF_IMM, 3));
	RUN("index", BPF_STMT(BPF_LDX | BPF_IMM, 2), BPF_STMT(BPF_LD | BPF_B | BPF_IND, 3));
	RUN("index length", BPF_STMT(BPF_LDX | BPF_W | BPF_LEN, 0), BPF_STMT(BPF_MISC | BPF_TXA, 0));
	RUN("header length, 5 words, less 15", BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 4), BPF_STMT(BPF_MISC | BPF_TXA, 0),
	    BPF_STMT(BPF_ALU | BPF_SUB | BPF_K, 15));
}

TEST(packet, loads_outside_drop)
{
	RUN("byte 7", BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 7));
	RUN("byte 8", BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 8), BPF_STMT(BPF_LD | BPF_IMM, 5));
	RUN("half 7", BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 7), BPF_STMT(BPF_LD | BPF_IMM, 5));
	RUN("word 5", BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 5), BPF_STMT(BPF_LD | BPF_IMM, 5));
	RUN("word 4", BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 4), BPF_STMT(BPF_LD | BPF_IMM, 5));
	RUN("far", BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0x7fffffff), BPF_STMT(BPF_LD | BPF_IMM, 5));
	RUN("index far", BPF_STMT(BPF_LDX | BPF_IMM, 0x7fffffff), BPF_STMT(BPF_LD | BPF_B | BPF_IND, 2), BPF_STMT(BPF_LD | BPF_IMM, 5));
	RUN("index below 0", BPF_STMT(BPF_LDX | BPF_IMM, 0), BPF_STMT(BPF_LD | BPF_B | BPF_IND, 0xffffffff), BPF_STMT(BPF_LD | BPF_IMM, 5));
	RUN("MSH 8", BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 8), BPF_STMT(BPF_LD | BPF_IMM, 5));
	RUN("link header of a Unix message", BPF_STMT(BPF_LD | BPF_B | BPF_ABS, (unsigned)SKF_LL_OFF), BPF_STMT(BPF_LD | BPF_IMM, 5));
}

#define OP(op, k) RUN(#op " " #k, BPF_STMT(BPF_LD | BPF_IMM, 6), BPF_STMT(BPF_ALU | (op) | BPF_K, k))
#define OPX(op, k) RUN(#op " x=" #k, BPF_STMT(BPF_LD | BPF_IMM, 6), BPF_STMT(BPF_LDX | BPF_IMM, k), BPF_STMT(BPF_ALU | (op) | BPF_X, 0))

TEST(packet, arithmetic)
{
	OP(BPF_ADD, 1);
	OP(BPF_SUB, 2);
	OP(BPF_MUL, 1);
	OP(BPF_DIV, 2);
	OP(BPF_MOD, 4);
	OP(BPF_OR, 1);
	OP(BPF_AND, 3);
	OP(BPF_XOR, 7);
	OP(BPF_LSH, 29);
	OP(BPF_RSH, 1);
	RUN("NEG", BPF_STMT(BPF_LD | BPF_IMM, (unsigned)-4), BPF_STMT(BPF_ALU | BPF_NEG, 0));
	OPX(BPF_ADD, 1);
	OPX(BPF_SUB, 2);
	OPX(BPF_MUL, 1);
	OPX(BPF_DIV, 2);
	OPX(BPF_MOD, 4);
	OPX(BPF_OR, 1);
	OPX(BPF_AND, 3);
	OPX(BPF_XOR, 7);
	OPX(BPF_LSH, 33);
	OPX(BPF_RSH, 33);
	RUN("wrap", BPF_STMT(BPF_LD | BPF_IMM, 0xffffffff), BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 4));
	RUN("unsigned division", BPF_STMT(BPF_LD | BPF_IMM, 0xfffffff0), BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0x40000000));
}

TEST(packet, division_by_an_index_of_zero_drops)
{
	RUN("div", BPF_STMT(BPF_LD | BPF_IMM, 6), BPF_STMT(BPF_LDX | BPF_IMM, 0), BPF_STMT(BPF_ALU | BPF_DIV | BPF_X, 0),
	    BPF_STMT(BPF_LD | BPF_IMM, 5));
	RUN("mod", BPF_STMT(BPF_LD | BPF_IMM, 6), BPF_STMT(BPF_LDX | BPF_IMM, 0), BPF_STMT(BPF_ALU | BPF_MOD | BPF_X, 0),
	    BPF_STMT(BPF_LD | BPF_IMM, 5));
}

#define JUMP(op, a, k) RUN(#op " " #a " " #k, BPF_STMT(BPF_LD | BPF_IMM, a), BPF_JUMP(BPF_JMP | (op) | BPF_K, k, 1, 0), \
	BPF_STMT(BPF_RET | BPF_K, 2), BPF_STMT(BPF_LD | BPF_IMM, 7))
#define JUMPX(op, a, k) RUN(#op " " #a " x=" #k, BPF_STMT(BPF_LD | BPF_IMM, a), BPF_STMT(BPF_LDX | BPF_IMM, k), \
	BPF_JUMP(BPF_JMP | (op) | BPF_X, 0, 1, 0), BPF_STMT(BPF_RET | BPF_K, 2), BPF_STMT(BPF_LD | BPF_IMM, 7))

TEST(packet, jumps)
{
	JUMP(BPF_JEQ, 5, 5);
	JUMP(BPF_JEQ, 5, 6);
	JUMP(BPF_JGT, 5, 5);
	JUMP(BPF_JGT, 0xffffffff, 5);
	JUMP(BPF_JGE, 5, 5);
	JUMP(BPF_JGE, 4, 5);
	JUMP(BPF_JSET, 6, 2);
	JUMP(BPF_JSET, 6, 1);
	JUMPX(BPF_JEQ, 5, 5);
	JUMPX(BPF_JGT, 5, 4);
	JUMPX(BPF_JGE, 3, 4);
	JUMPX(BPF_JSET, 6, 4);
	RUN("ja", BPF_JUMP(BPF_JMP | BPF_JA, 1, 0, 0), BPF_STMT(BPF_RET | BPF_K, 2), BPF_STMT(BPF_LD | BPF_IMM, 7));
}

TEST(packet, scratch_memory)
{
	RUN("st, ld", BPF_STMT(BPF_LD | BPF_IMM, 4), BPF_STMT(BPF_ST, 15), BPF_STMT(BPF_LD | BPF_IMM, 1), BPF_STMT(BPF_LD | BPF_MEM, 15));
	RUN("stx, ldx", BPF_STMT(BPF_LDX | BPF_IMM, 6), BPF_STMT(BPF_STX, 0), BPF_STMT(BPF_LDX | BPF_IMM, 1),
	    BPF_STMT(BPF_LDX | BPF_MEM, 0), BPF_STMT(BPF_MISC | BPF_TXA, 0));
	RUN("tax", BPF_STMT(BPF_LD | BPF_IMM, 3), BPF_STMT(BPF_MISC | BPF_TAX, 0), BPF_STMT(BPF_LD | BPF_IMM, 0),
	    BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0));
}

TEST(packet, large_messages_are_filtered_in_all_their_pages)
{
	static unsigned char big[20000];
	char buf[20001];
	int p[2];

	dgram_pair(p);
	big[19999] = 77;
	big[4095] = 1;
	big[4096] = 2;
	EXPECT_OK(ATTACH(p[1], BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 19999), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 77, 0, 3),
			 BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 4095), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x0102, 0, 1),
			 BPF_STMT(BPF_RET | BPF_K, 19000), BPF_STMT(BPF_RET | BPF_K, 0)));
	EXPECT_EQ(send(p[0], big, sizeof(big), 0), sizeof(big));
	EXPECT_EQ(recv(p[1], buf, sizeof(buf), 0), 19000);
	big[4096] = 3;
	EXPECT_EQ(send(p[0], big, sizeof(big), 0), sizeof(big));
	EXPECT_EQ(nothing(p[1]), EAGAIN);
}
