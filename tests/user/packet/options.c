/* SPDX-License-Identifier: MIT */
/* SOL_PACKET options: auxiliary data, statistics, what is only kept. */
#include "packet.h"

static int get(int s, int name)
{
	int v = -1;
	socklen_t n = sizeof(v);

	return getsockopt(s, SOL_PACKET, name, &v, &n) ? -errno : v;
}

static void set(int s, const char *what, int name, int v)
{
	if (setsockopt(s, SOL_PACKET, name, &v, sizeof(v)))
		note("%s = %d: %s", what, v, errno_name(errno));
	else
		note("%s = %d: %d", what, v, get(s, name));
}

TEST(packet, options_that_are_kept)
{
	int s = packet_socket(SOCK_RAW, PROTO), v = 1;

	set(s, "AUXDATA", PACKET_AUXDATA, 1);
	set(s, "AUXDATA", PACKET_AUXDATA, 0);
	set(s, "ORIGDEV", PACKET_ORIGDEV, 2);
	set(s, "LOSS", PACKET_LOSS, 1);
	set(s, "TIMESTAMP", PACKET_TIMESTAMP, 1);
	set(s, "QDISC_BYPASS", PACKET_QDISC_BYPASS, 1);
	set(s, "IGNORE_OUTGOING", 23, 1);
	set(s, "IGNORE_OUTGOING", 23, 2);
	set(s, "IGNORE_OUTGOING", 23, -1);
	set(s, "VERSION", PACKET_VERSION, 0);
	set(s, "VERSION", PACKET_VERSION, 77);
	EXPECT_ERRNO(setsockopt(s, SOL_PACKET, PACKET_AUXDATA, &v, 3), EINVAL);
	EXPECT_ERRNO(setsockopt(s, SOL_PACKET, PACKET_AUXDATA, NULL, 4), EFAULT);
	EXPECT_ERRNO(setsockopt(s, SOL_PACKET, PACKET_LOSS, &v, 3), EINVAL);
	EXPECT_ERRNO(setsockopt(s, SOL_PACKET, 99, &v, sizeof(v)), ENOPROTOOPT);
	EXPECT_ERRNO(setsockopt(s, SOL_PACKET, 99, NULL, 0), ENOPROTOOPT);
	EXPECT_EQ(get(s, 99), -ENOPROTOOPT);
	EXPECT_ERRNO(setsockopt(s, SOL_IP, IP_TTL, &v, sizeof(v)), ENOPROTOOPT);
}

static void receive_aux(int s, const char *what)
{
	union {
		char space[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
		struct cmsghdr align;
	} u;
	char buf[256];
	struct iovec v = { buf, sizeof(buf) };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = u.space, .msg_controllen = sizeof(u.space) };
	struct tpacket_auxdata *a;
	struct cmsghdr *c;
	ssize_t n;

	events_of(s, POLLIN);
	n = recvmsg(s, &m, 0);
	c = CMSG_FIRSTHDR(&m);
	if (!c || c->cmsg_level != SOL_PACKET || c->cmsg_type != PACKET_AUXDATA) {
		note("%s: %zd bytes, no auxiliary data", what, n);
		return;
	}
	a = (void *)CMSG_DATA(c);
	note("%s: %zd bytes; status%s%s, len %u, snaplen %u, mac %u, net %u, vlan %u", what, n, a->tp_status & TP_STATUS_USER ? " USER" : "",
	     a->tp_status & TP_STATUS_CSUMNOTREADY ? " CSUMNOTREADY" : "", a->tp_len, a->tp_snaplen, a->tp_mac, a->tp_net, a->tp_vlan_tci);
}

TEST(packet, auxiliary_data)
{
	unsigned char f[64];
	struct sockaddr_ll to = ll_addr(PROTO);
	size_t n = make_frame(f, PROTO, 20);
	int raw, cooked, s, v = 1;

	lo_up();
	raw = packet_socket(SOCK_RAW, PROTO);
	cooked = packet_socket(SOCK_DGRAM, PROTO);
	s = packet_socket(SOCK_RAW, 0);
	EXPECT_OK(setsockopt(cooked, SOL_PACKET, PACKET_AUXDATA, &v, sizeof(v)));
	sendto(s, f, n, 0, (void *)&to, sizeof(to));
	receive_aux(raw, "raw, not asked for");
	receive_aux(cooked, "cooked");
	EXPECT_OK(setsockopt(raw, SOL_PACKET, PACKET_AUXDATA, &v, sizeof(v)));
	sendto(s, f, n, 0, (void *)&to, sizeof(to));
	receive_aux(raw, "raw");
	receive_aux(cooked, "cooked");
	EXPECT_OK(ATTACH(raw, BPF_STMT(BPF_RET | BPF_K, 20)));
	EXPECT_OK(ATTACH(cooked, BPF_STMT(BPF_RET | BPF_K, 10)));
	sendto(s, f, n, 0, (void *)&to, sizeof(to));
	receive_aux(raw, "raw, cut");
	receive_aux(cooked, "cooked, cut");
}

static void stats(int s, const char *what)
{
	struct tpacket_stats st = { 99, 99 };
	socklen_t n = sizeof(st);

	EXPECT_OK(getsockopt(s, SOL_PACKET, PACKET_STATISTICS, &st, &n));
	note("%s: %u packets, %u drops, %d bytes", what, st.tp_packets, st.tp_drops, (int)n);
}

TEST(packet, statistics_count_and_are_reset)
{
	unsigned char f[64];
	struct sockaddr_ll to = ll_addr(PROTO);
	size_t n = make_frame(f, PROTO, 20);
	struct tpacket_stats st;
	socklen_t len = 4;
	int r, s;

	lo_up();
	r = packet_socket(SOCK_RAW, PROTO);
	s = packet_socket(SOCK_RAW, 0);
	stats(r, "fresh");
	for (int i = 0; i < 5; i++)
		sendto(s, f, n, 0, (void *)&to, sizeof(to));
	for (int i = 0; i < 5; i++)
		events_of(r, POLLIN), recv(r, f + 50, 1, 0);
	stats(r, "five");
	stats(r, "again");
	EXPECT_OK(ATTACH(r, BPF_STMT(BPF_RET | BPF_K, 0)));
	sendto(s, f, n, 0, (void *)&to, sizeof(to));
	stats(r, "filtered");
	EXPECT_OK(getsockopt(r, SOL_PACKET, PACKET_STATISTICS, &st, &len));
	EXPECT_EQ(len, 4);
	EXPECT_ERRNO(setsockopt(r, SOL_PACKET, PACKET_STATISTICS, &st, sizeof(st)), ENOPROTOOPT);
}

TEST(packet, a_full_buffer_drops_and_counts)
{
	static unsigned char f[1100];
	struct sockaddr_ll to = ll_addr(PROTO);
	size_t n = make_frame(f, PROTO, 1000);
	struct tpacket_stats st = { 0, 0 };
	socklen_t len = sizeof(st);
	unsigned got = 0;
	int r, s, size = 1;

	lo_up();
	r = packet_socket(SOCK_RAW, PROTO);
	s = packet_socket(SOCK_RAW, 0);
	EXPECT_OK(setsockopt(r, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)));
	for (int i = 0; i < 100; i++)
		if (sendto(s, f, n, 0, (void *)&to, sizeof(to)) != (ssize_t)n)
			fail("sendto: %s", errno_name(errno));
	while (recv(r, f, sizeof(f), MSG_DONTWAIT) > 0)
		got++;
	EXPECT_OK(getsockopt(r, SOL_PACKET, PACKET_STATISTICS, &st, &len));
	EXPECT_TRUE(got >= 1 && got < 10);
	EXPECT_EQ(st.tp_packets, 100);
	EXPECT_EQ(st.tp_drops, 100 - got);
}
