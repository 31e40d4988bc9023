/* SPDX-License-Identifier: MIT */
/* For the tests of packet rings: making and mapping one, waiting for a frame's status. */
#pragma once
#include "packet.h"
#include <poll.h>
#include <sys/mman.h>

#define BLOCK 4096u

HARNESS_UNUSED static int set_opt(int s, int name, int v)
{
	return setsockopt(s, SOL_PACKET, name, &v, sizeof(v));
}

HARNESS_UNUSED static int get_opt(int s, int name)
{
	int v = -1;
	socklen_t n = sizeof(v);

	return getsockopt(s, SOL_PACKET, name, &v, &n) ? -errno : v;
}

HARNESS_UNUSED static int set_ring(int s, int name, unsigned block_size, unsigned blocks, unsigned frame_size, unsigned frames)
{
	struct tpacket_req r = { block_size, blocks, frame_size, frames };

	return setsockopt(s, SOL_PACKET, name, &r, sizeof(r));
}

HARNESS_UNUSED static int set_ring3(int s, int name, unsigned block_size, unsigned blocks, unsigned frame_size, unsigned frames,
				    unsigned ms, unsigned private, unsigned features)
{
	struct tpacket_req3 r = { block_size, blocks, frame_size, frames, ms, private, features };

	return setsockopt(s, SOL_PACKET, name, &r, sizeof(r));
}

HARNESS_UNUSED static char *map_ring(int s, size_t n)
{
	char *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED, s, 0);

	REQUIRE_TRUE(p != MAP_FAILED);
	return p;
}

/* A socket for PROTO on lo with a ring of @version: one page a block. */
HARNESS_UNUSED static int ring_socket(int type, int version, unsigned blocks, unsigned frame_size, char **ring)
{
	int s = packet_socket(type, PROTO);

	REQUIRE_OK(set_opt(s, PACKET_VERSION, version));
	REQUIRE_OK(set_ring(s, PACKET_RX_RING, BLOCK, blocks, frame_size, blocks * (BLOCK / frame_size)));
	*ring = map_ring(s, blocks * BLOCK);
	return s;
}

/* Waits until the word is not @old; what it is then. */
HARNESS_UNUSED static unsigned wait_word(int s, const volatile void *word, unsigned old)
{
	const volatile unsigned *w = word;

	for (int i = 0; i < 5000 && *w == old; i++) {
		struct pollfd p = { s, POLLIN, 0 };

		poll(&p, 1, 1);
	}
	__sync_synchronize();
	return *w;
}

HARNESS_UNUSED static const char *rx_status(unsigned st)
{
	static char t[128];

	snprintf(t, sizeof(t), "%s%s%s%s%s%s", st & TP_STATUS_USER ? "USER" : "KERNEL", st & TP_STATUS_COPY ? " COPY" : "",
		 st & TP_STATUS_LOSING ? " LOSING" : "", st & TP_STATUS_CSUMNOTREADY ? " CSUMNOTREADY" : "",
		 st & TP_STATUS_BLK_TMO ? " BLK_TMO" : "", st & TP_STATUS_CSUM_VALID ? " CSUM_VALID" : "");
	return t;
}

HARNESS_UNUSED static const char *sll_text(const void *at)
{
	const struct sockaddr_ll *a = at;
	static char t[128];

	snprintf(t, sizeof(t), "%s %04x, lo %d, hatype %d, %d bytes %02x%02x", type_name(a->sll_pkttype), ntohs(a->sll_protocol),
		 a->sll_ifindex == (int)if_nametoindex("lo"), a->sll_hatype, a->sll_halen, a->sll_addr[0], a->sll_addr[1]);
	return t;
}

/* Sends a frame of PROTO with @n bytes in it over lo. */
HARNESS_UNUSED static void send_frame(int s, size_t n)
{
	static unsigned char f[65536];
	struct sockaddr_ll to = ll_addr(PROTO);
	size_t len = make_frame(f, PROTO, n);

	if (sendto(s, f, len, 0, (void *)&to, sizeof(to)) != (ssize_t)len)
		fail("sendto: %s", errno_name(errno));
}

HARNESS_UNUSED static int poll_in(int s)
{
	struct pollfd p = { s, POLLIN, 0 };

	poll(&p, 1, 0);
	return p.revents;
}

/* The sums of what was counted since the test began: the counters go to 0 when they are read. */
struct sums {
	unsigned packets, drops, freezes;
};
HARNESS_UNUSED static void add_stats(int s, struct sums *u)
{
	struct tpacket_stats_v3 st = { 0, 0, 0 };
	socklen_t n = sizeof(st);

	EXPECT_OK(getsockopt(s, SOL_PACKET, PACKET_STATISTICS, &st, &n));
	u->packets += st.tp_packets;
	u->drops += st.tp_drops;
	u->freezes += n == sizeof(st) ? st.tp_freeze_q_cnt : 0;
}
HARNESS_UNUSED static void wait_packets(int s, struct sums *u, unsigned packets)
{
	for (int i = 0; i < 5000; i++) {
		add_stats(s, u);
		if (u->packets >= packets)
			return;
		sleep_ms(1);
	}
	fail("only %u packets of %u", u->packets, packets);
}
