/* SPDX-License-Identifier: MIT */
/* PACKET_FANOUT: groups, and who gets what. Only frames of PROTO on lo; what came is counted by PACKET_STATISTICS. */
#include "ring.h"

#define TYPE(t, f) ((unsigned)(t) | (unsigned)(f))

static int fan(int s, unsigned id, unsigned type_flags)
{
	unsigned v = id | type_flags << 16;

	return setsockopt(s, SOL_PACKET, PACKET_FANOUT, &v, sizeof(v));
}

static int fan_max(int s, unsigned id, unsigned type_flags, unsigned max)
{
	struct fanout_args a = { .id = (unsigned short)id, .type_flags = (unsigned short)type_flags, .max_num_members = max };

	return setsockopt(s, SOL_PACKET, PACKET_FANOUT, &a, sizeof(a));
}

/* @n members of group @id. */
static void group(int *s, int n, unsigned id, unsigned type_flags)
{
	for (int i = 0; i < n; i++) {
		s[i] = packet_socket(SOCK_RAW, PROTO);
		REQUIRE_OK(fan(s[i], id, type_flags));
	}
}

static void close_all(int *s, int n)
{
	for (int i = 0; i < n; i++)
		close(s[i]);
}

/* Waits until all members together have seen @sum frames more. */
static void counts(const int *s, int n, struct sums *u, unsigned sum)
{
	unsigned all = 0;

	memset(u, 0, sizeof(*u) * (unsigned)n);
	for (int t = 0; t < 5000; t++) {
		all = 0;
		for (int i = 0; i < n; i++) {
			add_stats(s[i], &u[i]);
			all += u[i].packets;
		}
		if (all >= sum)
			break;
		sleep_ms(1);
	}
	EXPECT_EQ(all, sum);
}

TEST(packet, groups_have_rules)
{
	int a, b, v = 0;

	lo_up();
	a = packet_socket(SOCK_RAW, PROTO);
	b = packet_socket(SOCK_RAW, PROTO);
	EXPECT_EQ(get_opt(a, PACKET_FANOUT), 0);
	for (unsigned t = 8; t < 256; t += 40)
		EXPECT_ERRNO(fan(a, 1, t), EINVAL);
	EXPECT_ERRNO(fan(a, 1, TYPE(PACKET_FANOUT_ROLLOVER, PACKET_FANOUT_FLAG_ROLLOVER)), EINVAL);
	EXPECT_ERRNO(setsockopt(a, SOL_PACKET, PACKET_FANOUT, &v, 3), EINVAL);
	EXPECT_ERRNO(setsockopt(a, SOL_PACKET, PACKET_FANOUT, &v, 6), EINVAL);
	EXPECT_ERRNO(setsockopt(a, SOL_PACKET, PACKET_FANOUT, NULL, 4), EFAULT);
	EXPECT_ERRNO(setsockopt(a, SOL_PACKET, PACKET_FANOUT_DATA, &v, 4), EINVAL);
	EXPECT_OK(fan(a, 7, PACKET_FANOUT_LB));
	note("%#x", get_opt(a, PACKET_FANOUT));
	EXPECT_ERRNO(fan(a, 7, PACKET_FANOUT_LB), EALREADY);
	EXPECT_ERRNO(fan(a, 8, PACKET_FANOUT_LB), EALREADY);
	EXPECT_ERRNO(fan(b, 7, PACKET_FANOUT_HASH), EINVAL);
	EXPECT_ERRNO(fan(b, 7, TYPE(PACKET_FANOUT_LB, PACKET_FANOUT_FLAG_ROLLOVER)), EINVAL);
	EXPECT_OK(fan(b, 7, PACKET_FANOUT_LB));
	close(b);
	b = packet_socket(SOCK_RAW, PROTO + 1);
	EXPECT_ERRNO(fan(b, 7, PACKET_FANOUT_LB), EINVAL);
	close(b);
	b = socket(AF_PACKET, SOCK_RAW, htons(PROTO));
	EXPECT_ERRNO(fan(b, 7, PACKET_FANOUT_LB), EINVAL);
	close(b);
	b = socket(AF_PACKET, SOCK_RAW, 0);
	EXPECT_ERRNO(fan(b, 9, PACKET_FANOUT_LB), EINVAL);
	close(b);
	close(a);
	/* Nobody is left: it can be made anew. */
	b = packet_socket(SOCK_RAW, PROTO);
	EXPECT_OK(fan(b, 7, TYPE(PACKET_FANOUT_HASH, PACKET_FANOUT_FLAG_ROLLOVER)));
	note("%#x", get_opt(b, PACKET_FANOUT));
}

TEST(packet, members_stay_where_they_are_bound)
{
	struct sockaddr_ll a = ll_addr(PROTO);
	int s;

	lo_up();
	s = packet_socket(SOCK_RAW, PROTO);
	EXPECT_OK(fan(s, 3, PACKET_FANOUT_HASH));
	EXPECT_ERRNO(bind(s, (void *)&a, sizeof(a)), EINVAL);
}

TEST(packet, groups_have_a_size)
{
	int s[4];

	lo_up();
	for (int i = 0; i < 4; i++)
		s[i] = packet_socket(SOCK_RAW, PROTO);
	EXPECT_ERRNO(fan_max(s[0], 4, PACKET_FANOUT_LB, 65537), EINVAL);
	EXPECT_OK(fan_max(s[0], 4, PACKET_FANOUT_LB, 2));
	EXPECT_ERRNO(fan_max(s[1], 4, PACKET_FANOUT_LB, 3), EINVAL);
	EXPECT_OK(fan_max(s[1], 4, PACKET_FANOUT_LB, 2));
	EXPECT_ERRNO(fan_max(s[2], 4, PACKET_FANOUT_LB, 2), ENOSPC);
	EXPECT_ERRNO(fan_max(s[2], 4, PACKET_FANOUT_LB, 0), ENOSPC);
	close(s[0]);
	EXPECT_OK(fan_max(s[2], 4, PACKET_FANOUT_LB, 0));
	EXPECT_OK(fan_max(s[3], 5, PACKET_FANOUT_LB, 65536));
}

TEST(packet, unique_numbers)
{
	int s[3];

	lo_up();
	for (int i = 0; i < 3; i++)
		s[i] = packet_socket(SOCK_RAW, PROTO);
	EXPECT_ERRNO(fan(s[0], 1, TYPE(PACKET_FANOUT_LB, PACKET_FANOUT_FLAG_UNIQUEID)), EINVAL);
	EXPECT_OK(fan(s[0], 0, TYPE(PACKET_FANOUT_LB, PACKET_FANOUT_FLAG_UNIQUEID)));
	EXPECT_OK(fan(s[1], 0, TYPE(PACKET_FANOUT_LB, PACKET_FANOUT_FLAG_UNIQUEID)));
	EXPECT_TRUE((get_opt(s[0], PACKET_FANOUT) & 0xffff) != (get_opt(s[1], PACKET_FANOUT) & 0xffff));
	note("%#x %#x", get_opt(s[0], PACKET_FANOUT) >> 16, get_opt(s[1], PACKET_FANOUT) >> 16);
	EXPECT_OK(fan(s[2], (unsigned)get_opt(s[0], PACKET_FANOUT) & 0xffff, PACKET_FANOUT_LB));
}

TEST(packet, each_in_turn)
{
	struct sums u[3];
	int m[3], s;

	lo_up();
	s = packet_socket(SOCK_RAW, 0);
	group(m, 3, 10, PACKET_FANOUT_LB);
	for (int i = 0; i < 9; i++)
		send_frame(s, 20);
	counts(m, 3, u, 9);
	note("%u %u %u", u[0].packets, u[1].packets, u[2].packets);
	for (int i = 0; i < 3; i++) {
		EXPECT_TRUE(events_of(m[i], POLLIN) & POLLIN);
		show_frame(m[i], "member");
	}
	/* Who has left gets nothing more. */
	close(m[1]);
	m[1] = m[2];
	for (int i = 0; i < 4; i++)
		send_frame(s, 20);
	counts(m, 2, u, 4);
	note("%u %u", u[0].packets, u[1].packets);
}

TEST(packet, one_flow_one_member)
{
	static const unsigned types[] = {
		PACKET_FANOUT_HASH, PACKET_FANOUT_QM, TYPE(PACKET_FANOUT_HASH, PACKET_FANOUT_FLAG_ROLLOVER), PACKET_FANOUT_ROLLOVER,
	};
	struct sums u[3];
	int m[3], s;

	lo_up();
	s = packet_socket(SOCK_RAW, 0);
	for (unsigned t = 0; t < ARRAY_SIZE(types); t++) {
		unsigned with = 0;

		group(m, 3, 20 + t, types[t]);
		for (int i = 0; i < 6; i++)
			send_frame(s, 20);
		counts(m, 3, u, 6);
		for (int i = 0; i < 3; i++)
			with += u[i].packets != 0;
		note("%#x: %u of 3 members", types[t], with);
		close_all(m, 3);
	}
}

TEST(packet, chance_and_cpus_leave_none_out_and_none_twice)
{
	static const unsigned types[] = { PACKET_FANOUT_RND, PACKET_FANOUT_CPU };
	struct sums u[2];
	int m[2], s;

	lo_up();
	s = packet_socket(SOCK_RAW, 0);
	for (unsigned t = 0; t < ARRAY_SIZE(types); t++) {
		group(m, 2, 30 + t, types[t]);
		for (int i = 0; i < 100; i++)
			send_frame(s, 20);
		counts(m, 2, u, 100);
		if (types[t] == PACKET_FANOUT_RND)
			EXPECT_TRUE(u[0].packets && u[1].packets);
		close_all(m, 2);
	}
}

TEST(packet, a_full_member_rolls_over)
{
	struct tpacket_rollover_stats st;
	struct sums u[2];
	int m[2], s, r;
	socklen_t n = sizeof(st);
	char *ring[2];

	lo_up();
	s = packet_socket(SOCK_RAW, 0);
	r = packet_socket(SOCK_RAW, PROTO);
	EXPECT_ERRNO(getsockopt(r, SOL_PACKET, PACKET_ROLLOVER_STATS, &st, &n), EINVAL);
	for (int i = 0; i < 2; i++) {
		m[i] = ring_socket(SOCK_RAW, TPACKET_V2, 1, 512, &ring[i]);
		REQUIRE_OK(fan(m[i], 40, PACKET_FANOUT_ROLLOVER));
	}
	/* Each has room for 8, and is passed over when less than a quarter is left. */
	for (int i = 0; i < 20; i++)
		send_frame(s, 20);
	counts(m, 2, u, 20);
	note("%u (%u lost) and %u (%u lost)", u[0].packets, u[0].drops, u[1].packets, u[1].drops);
	n = sizeof(st);
	EXPECT_OK(getsockopt(m[0], SOL_PACKET, PACKET_ROLLOVER_STATS, &st, &n));
	note("%d bytes", (int)n);
	EXPECT_TRUE(st.tp_all >= 8);
}

TEST(packet, a_program_chooses)
{
	static const struct sock_filter last[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0), BPF_STMT(BPF_ALU | BPF_SUB | BPF_K, 'a'), BPF_STMT(BPF_RET | BPF_A, 0),
	};
	struct sock_fprog p = { ARRAY_SIZE(last), (struct sock_filter *)(uintptr_t)last };
	struct sockaddr_ll to = ll_addr(PROTO);
	unsigned char f[64];
	struct sums u[3];
	int m[3], s, v = 0;
	size_t n;

	lo_up();
	s = packet_socket(SOCK_RAW, 0);
	group(m, 3, 50, PACKET_FANOUT_CBPF);
	for (int i = 0; i < 3; i++)
		send_frame(s, 20);
	counts(m, 3, u, 3);
	note("no program: %u %u %u", u[0].packets, u[1].packets, u[2].packets);
	EXPECT_ERRNO(setsockopt(m[0], SOL_PACKET, PACKET_FANOUT_DATA, &v, sizeof(v)), EINVAL);
	EXPECT_OK(setsockopt(m[1], SOL_PACKET, PACKET_FANOUT_DATA, &p, sizeof(p)));
	for (unsigned i = 0; i < 6; i++) {
		n = make_frame(f, PROTO, 20);
		f[14] = (unsigned char)("abcdbb"[i]);
		sendto(s, f, n, 0, (void *)&to, sizeof(to));
	}
	counts(m, 3, u, 6);
	note("by the first byte: %u %u %u", u[0].packets, u[1].packets, u[2].packets);
	close_all(m, 3);
	group(m, 1, 51, PACKET_FANOUT_LB);
	EXPECT_ERRNO(setsockopt(m[0], SOL_PACKET, PACKET_FANOUT_DATA, &p, sizeof(p)), EINVAL);
}

TEST(packet, members_do_not_hear_each_other)
{
	struct sums u[2];
	int m[2], other;

	lo_up();
	other = packet_socket(SOCK_RAW, ETH_P_ALL);
	for (int i = 0; i < 2; i++) {
		m[i] = packet_socket(SOCK_RAW, ETH_P_ALL);
		REQUIRE_OK(fan(m[i], 60, PACKET_FANOUT_LB));
	}
	send_frame(m[0], 20);
	counts(&other, 1, u, 2);
	add_stats(m[0], &u[0]);
	memset(u, 0, sizeof(u));
	for (int i = 0; i < 2; i++)
		add_stats(m[i], &u[i]);
	note("%u %u", u[0].packets, u[1].packets);
}
