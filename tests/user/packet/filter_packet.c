/* SPDX-License-Identifier: MIT */
/* Filters on packet sockets: what programs like tcpdump and DHCP clients attach. */
#include "packet.h"

static int s;

static void frame(int proto, unsigned first)
{
	unsigned char f[64];
	struct sockaddr_ll to = ll_addr(proto);
	size_t n = make_frame(f, proto, 40);

	f[14] = (unsigned char)first;
	if (sendto(s, f, n, 0, (void *)&to, sizeof(to)) != (ssize_t)n)
		fail("sendto: %s", errno_name(errno));
}

TEST(packet, raw_programs_start_at_the_link_header)
{
	int r;

	lo_up();
	r = packet_socket(SOCK_RAW, ETH_P_ALL);
	s = packet_socket(SOCK_RAW, 0);
	EXPECT_OK(ATTACH(r, BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PROTO, 0, 1),
			 BPF_STMT(BPF_RET | BPF_K, 30), BPF_STMT(BPF_RET | BPF_K, 0)));
	frame(PROTO + 1, 1);
	frame(PROTO, 1);
	show_frame(r, "out");
	show_frame(r, "in");
	EXPECT_EQ(nothing(r), EAGAIN);
}

TEST(packet, cooked_programs_start_behind_it)
{
	int r;

	lo_up();
	r = packet_socket(SOCK_DGRAM, PROTO);
	s = packet_socket(SOCK_RAW, 0);
	EXPECT_OK(ATTACH(r, BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 7, 0, 1),
			 BPF_STMT(BPF_RET | BPF_K, 30), BPF_STMT(BPF_RET | BPF_K, 0)));
	frame(PROTO, 6);
	frame(PROTO, 7);
	show_frame(r, "seven");
	EXPECT_EQ(nothing(r), EAGAIN);
	EXPECT_OK(ATTACH(r, BPF_STMT(BPF_LD | BPF_H | BPF_ABS, (unsigned)SKF_LL_OFF + 6), BPF_STMT(BPF_ALU | BPF_SUB | BPF_K, 0x0203 - 11),
			 BPF_STMT(BPF_RET | BPF_A, 0)));
	frame(PROTO, 6);
	show_frame(r, "by the sender's address");
	EXPECT_OK(ATTACH(r, BPF_STMT(BPF_LD | BPF_B | BPF_ABS, (unsigned)SKF_NET_OFF), BPF_STMT(BPF_RET | BPF_A, 0)));
	frame(PROTO, 9);
	show_frame(r, "by the first byte behind");
}

TEST(packet, ancillary_loads)
{
	static const struct { const char *name; unsigned off; int less; } loads[] = {
		{ "protocol", SKF_AD_PROTOCOL, PROTO - 5 }, { "interface", SKF_AD_IFINDEX, 0 }, { "hatype", SKF_AD_HATYPE, 772 - 7 },
		{ "mark", SKF_AD_MARK, -5 }, { "queue", SKF_AD_QUEUE, -6 }, { "vlan tag", SKF_AD_VLAN_TAG, -8 },
		{ "vlan tag present", SKF_AD_VLAN_TAG_PRESENT, -9 }, { "pkttype", SKF_AD_PKTTYPE, -10 },
		{ "xor with x", SKF_AD_ALU_XOR_X, -11 }, { "payload offset", SKF_AD_PAY_OFFSET, -12 },
	};
	int r;

	lo_up();
	r = packet_socket(SOCK_DGRAM, PROTO);
	s = packet_socket(SOCK_RAW, 0);
	for (unsigned i = 0; i < ARRAY_SIZE(loads); i++) {
		struct sock_filter f[] = {
			BPF_STMT(BPF_LDX | BPF_IMM, 2), BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)SKF_AD_OFF + loads[i].off),
			BPF_STMT(BPF_ALU | BPF_SUB | BPF_K, (unsigned)loads[i].less), BPF_STMT(BPF_RET | BPF_A, 0),
		};

		EXPECT_OK(attach(r, f, ARRAY_SIZE(f)));
		frame(PROTO, 6);
		show_frame(r, loads[i].name);
	}
}

/* What busybox's udhcpc attaches, in substance: UDP over IPv4 to the client's port, not a fragment. */
TEST(packet, a_dhcp_clients_filter)
{
	static const struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 6),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 6), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x1fff, 4, 0),
		BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0), BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 40068, 0, 1), BPF_STMT(BPF_RET | BPF_K, 0xffffffff), BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sockaddr_in to;
	int r, u = socket(AF_INET, SOCK_DGRAM, 0), keep;

	lo_up();
	r = packet_socket(SOCK_DGRAM, ETH_P_IP);
	EXPECT_OK(attach(r, code, ARRAY_SIZE(code)));
	keep = socket(AF_INET, SOCK_DGRAM, 0);
	to = in_addr("127.0.0.1", 40068);
	EXPECT_OK(bind(keep, (void *)&to, sizeof(to)));
	to = in_addr("127.0.0.1", 40069);
	EXPECT_EQ(sendto(u, "other", 5, 0, (void *)&to, sizeof(to)), 5);
	to = in_addr("127.0.0.1", 40068);
	EXPECT_EQ(sendto(u, "offer!", 6, 0, (void *)&to, sizeof(to)), 6);
	show_frame(r, "offer");
}
