/* SPDX-License-Identifier: MIT */
/* PACKET_TX_RING: frames sent out of shared memory. A second socket sees what comes; statuses are waited for. */
#include "ring.h"

#define FRAME 1024u

static unsigned *status_word(char *f, int version)
{
	return version == TPACKET_V3 ? &((struct tpacket3_hdr *)(void *)f)->tp_status : (unsigned *)(void *)f;
}

/* Where data begins without PACKET_TX_HAS_OFF: behind the header. */
static unsigned data_off(int version)
{
	return version == TPACKET_V3 ? TPACKET3_HDRLEN - sizeof(struct sockaddr_ll) :
	       version == TPACKET_V2 ? TPACKET2_HDRLEN - sizeof(struct sockaddr_ll) : TPACKET_HDRLEN - sizeof(struct sockaddr_ll);
}

static void put(char *f, int version, unsigned len, unsigned off, const void *data, unsigned n)
{
	memcpy(f + off, data, n);
	if (version == TPACKET_V3) {
		struct tpacket3_hdr *h = (void *)f;

		h->tp_len = len;
		h->tp_mac = h->tp_net = (unsigned short)off;
		h->tp_next_offset = 0;
	} else if (version == TPACKET_V2) {
		struct tpacket2_hdr *h = (void *)f;

		h->tp_len = len;
		h->tp_mac = h->tp_net = (unsigned short)off;
	} else {
		struct tpacket_hdr *h = (void *)f;

		h->tp_len = len;
		h->tp_mac = h->tp_net = (unsigned short)off;
	}
	__sync_synchronize();
	*(volatile unsigned *)status_word(f, version) = TP_STATUS_SEND_REQUEST;
}

static int tx_socket(int type, int version, char **ring)
{
	int s = packet_socket(type, 0);

	REQUIRE_OK(set_opt(s, PACKET_VERSION, version));
	REQUIRE_OK(set_ring3(s, PACKET_TX_RING, BLOCK, 1, FRAME, BLOCK / FRAME, 0, 0, 0));
	*ring = map_ring(s, BLOCK);
	return s;
}

static const char *tx_status(unsigned st)
{
	return st == TP_STATUS_AVAILABLE ? "AVAILABLE" : st == TP_STATUS_SEND_REQUEST ? "SEND_REQUEST" :
	       st == TP_STATUS_SENDING ? "SENDING" : st == TP_STATUS_WRONG_FORMAT ? "WRONG_FORMAT" : "?";
}

static void wait_sent(int s, char *f, int version)
{
	unsigned st = TP_STATUS_SENDING;

	for (int i = 0; i < 5000; i++) {
		st = *(volatile unsigned *)status_word(f, version);
		if (st != TP_STATUS_SENDING && st != TP_STATUS_SEND_REQUEST)
			break;
		sleep_ms(1);
	}
	note("%s", tx_status(st));
}

TEST(packet, frames_are_sent_from_the_ring)
{
	unsigned char f[128];
	int r;

	lo_up();
	r = packet_socket(SOCK_RAW, PROTO);
	for (int v = 0; v < 3; v++) {
		struct sockaddr_ll to = ll_addr(PROTO);
		char *ring;
		int s = tx_socket(SOCK_RAW, v, &ring);
		unsigned n;

		note("nothing to do: %s", RESULT(send(s, NULL, 0, 0)));
		EXPECT_EQ(events_of(s, POLLOUT), POLLOUT);
		for (unsigned i = 0; i < 3; i++) {
			n = (unsigned)make_frame(f, PROTO, 20 + i);
			put(ring + FRAME * i, v, n, data_off(v), f, n);
		}
		note("%s", RESULT(sendto(s, NULL, 0, 0, (void *)&to, sizeof(to))));
		for (unsigned i = 0; i < 3; i++) {
			wait_sent(s, ring + FRAME * i, v);
			show_frame(r, "sent");
		}
		/* Round the end. What the call is given as data does not matter. */
		for (unsigned i = 3; i < 6; i++) {
			n = (unsigned)make_frame(f, PROTO, 40 + i);
			put(ring + FRAME * (i % 4), v, n, data_off(v), f, n);
		}
		note("%s", RESULT(send(s, "abc", 3, 0)));
		for (unsigned i = 3; i < 6; i++) {
			wait_sent(s, ring + FRAME * (i % 4), v);
			show_frame(r, "sent");
		}
		EXPECT_EQ(nothing(r), EAGAIN);
		munmap(ring, BLOCK);
		close(s);
	}
}

TEST(packet, a_gap_ends_the_call)
{
	unsigned char f[128];
	unsigned n;
	char *ring;
	int r, s;

	lo_up();
	r = packet_socket(SOCK_RAW, PROTO);
	s = tx_socket(SOCK_RAW, TPACKET_V2, &ring);
	n = (unsigned)make_frame(f, PROTO, 20);
	put(ring, 1, n, data_off(1), f, n);
	put(ring + 2 * FRAME, 1, n, data_off(1), f, n);
	note("%s", RESULT(send(s, NULL, 0, 0)));
	show_frame(r, "first");
	note("%s", RESULT(send(s, NULL, 0, 0)));
	put(ring + FRAME, 1, n, data_off(1), f, n);
	note("%s", RESULT(send(s, NULL, 0, 0)));
	show_frame(r, "second");
	show_frame(r, "third");
}

TEST(packet, packets_get_a_link_header)
{
	struct sockaddr_ll to = ll_addr(PROTO);
	char *ring;
	int r, s;

	lo_up();
	r = packet_socket(SOCK_RAW, PROTO);
	s = tx_socket(SOCK_DGRAM, TPACKET_V2, &ring);
	to.sll_halen = 6;
	put(ring, 1, 5, data_off(1), "hello", 5);
	note("%s", RESULT(sendto(s, NULL, 0, 0, (void *)&to, sizeof(to))));
	wait_sent(s, ring, 1);
	show_frame(r, "cooked");
}

TEST(packet, wrong_frames_are_marked_or_skipped)
{
	static const struct {
		const char *what;
		unsigned len;
	} bad[] = { { "larger than the frame", FRAME }, { "shorter than a header", 13 }, { "empty", 0 } };
	unsigned char f[FRAME] = { 0 };
	unsigned n;
	int r;

	lo_up();
	r = packet_socket(SOCK_RAW, PROTO);
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		char *ring;
		int s = tx_socket(SOCK_RAW, TPACKET_V2, &ring);

		n = (unsigned)make_frame(f, PROTO, 20);
		put(ring, 1, bad[i].len, data_off(1), f, n);
		put(ring + FRAME, 1, n, data_off(1), f, n);
		note("%s: %s", bad[i].what, RESULT(send(s, NULL, 0, 0)));
		wait_sent(s, ring, 1);
		/* It stays the next one. */
		note("again: %s", RESULT(send(s, NULL, 0, 0)));
		put(ring, 1, n, data_off(1), f, n);
		note("put right: %s", RESULT(send(s, NULL, 0, 0)));
		show_frame(r, "first");
		show_frame(r, "second");
		munmap(ring, BLOCK);
		close(s);
	}
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		char *ring;
		int s = packet_socket(SOCK_RAW, 0);

		EXPECT_OK(set_opt(s, PACKET_LOSS, 1));
		EXPECT_OK(set_opt(s, PACKET_VERSION, TPACKET_V2));
		REQUIRE_OK(set_ring(s, PACKET_TX_RING, BLOCK, 1, FRAME, 4));
		ring = map_ring(s, BLOCK);
		n = (unsigned)make_frame(f, PROTO, 30);
		put(ring, 1, bad[i].len, data_off(1), f, n);
		put(ring + FRAME, 1, n, data_off(1), f, n);
		note("%s, with loss: %s", bad[i].what, RESULT(send(s, NULL, 0, 0)));
		wait_sent(s, ring, 1);
		show_frame(r, "the other");
		munmap(ring, BLOCK);
		close(s);
	}
	EXPECT_EQ(nothing(r), EAGAIN);
}

/* A frame of 34 bytes that lies at @at of a ring's frame of 1024, said to be at @mac. */
static void send_at(int r, unsigned at, unsigned mac)
{
	unsigned char f[128], got[128];
	unsigned n = (unsigned)make_frame(f, PROTO, 20);
	int s = packet_socket(SOCK_RAW, 0);
	struct tpacket2_hdr *h;
	char *ring;

	EXPECT_OK(set_opt(s, PACKET_VERSION, TPACKET_V2));
	EXPECT_OK(set_opt(s, PACKET_TX_HAS_OFF, 1));
	REQUIRE_OK(set_ring(s, PACKET_TX_RING, BLOCK, 1, FRAME, 4));
	ring = map_ring(s, BLOCK);
	memcpy(ring + at, f, n);
	h = (void *)ring;
	h->tp_len = n;
	h->tp_mac = (unsigned short)mac;
	h->tp_net = 1;
	h->tp_status = TP_STATUS_SEND_REQUEST;
	note("at %u: %s", mac, RESULT(send(s, NULL, 0, 0)));
	wait_sent(s, ring, TPACKET_V2);
	if (h->tp_status == TP_STATUS_AVAILABLE) {
		EXPECT_TRUE(events_of(r, POLLIN) & POLLIN);
		EXPECT_EQ(recv(r, got, sizeof(got), 0), n);
		EXPECT_EQ(memcmp(f, got, n), 0);
	} else {
		EXPECT_EQ(nothing(r), EAGAIN);
	}
	munmap(ring, BLOCK);
	close(s);
}

TEST(packet, data_may_begin_where_the_header_says)
{
	int r;

	lo_up();
	r = packet_socket(SOCK_RAW, PROTO);
	send_at(r, 32, 32);
	send_at(r, 48, 48);
	send_at(r, 100, 100);
	send_at(r, FRAME - 34, FRAME - 34);
	send_at(r, 200, FRAME - 33);
	send_at(r, 200, 31);
	send_at(r, 200, 0);
	send_at(r, 200, 65535);
}

TEST(packet, where_to_is_checked_first)
{
	struct sockaddr_ll to = ll_addr(PROTO);
	char *ring;
	int s = tx_socket(SOCK_RAW, TPACKET_V2, &ring);

	lo_up();
	note("short: %s", RESULT(sendto(s, NULL, 0, 0, (void *)&to, 12)));
	to.sll_ifindex = 9999;
	note("no device: %s", RESULT(sendto(s, NULL, 0, 0, (void *)&to, sizeof(to))));
	s = socket(AF_PACKET, SOCK_RAW, 0);
	REQUIRE_OK(set_ring(s, PACKET_TX_RING, BLOCK, 1, FRAME, 4));
	note("not bound: %s", RESULT(send(s, NULL, 0, 0)));
}

TEST(packet, both_rings_in_one_mapping)
{
	unsigned char f[128];
	unsigned n = (unsigned)make_frame(f, PROTO, 20);
	struct tpacket2_hdr *h;
	char *ring;
	int a, b;

	lo_up();
	a = packet_socket(SOCK_RAW, PROTO);
	b = packet_socket(SOCK_RAW, PROTO);
	EXPECT_OK(set_opt(a, PACKET_VERSION, TPACKET_V2));
	REQUIRE_OK(set_ring(a, PACKET_TX_RING, BLOCK, 1, FRAME, 4));
	REQUIRE_OK(set_ring(a, PACKET_RX_RING, 2 * BLOCK, 1, FRAME, 8));
	ring = map_ring(a, 3 * BLOCK);
	send_frame(b, 44);
	wait_word(a, ring, TP_STATUS_KERNEL);
	h = (void *)ring;
	note("len %u", h->tp_len);
	put(ring + 2 * BLOCK, 1, n, data_off(1), f, n);
	note("%s", RESULT(send(a, NULL, 0, 0)));
	show_frame(b, "sent");
}
