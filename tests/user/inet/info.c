/* SPDX-License-Identifier: MIT */
/* TCP_INFO after an exchange: what both sides agreed on and what was counted. */
#include "inet.h"
#include <stddef.h>

TEST(inet, what_was_agreed_and_counted)
{
	/* The kernel's, longer than libc's. */
	struct { struct tcp_info i; uint64_t pacing, max_pacing, bytes_acked, bytes_received; } t;
	socklen_t n = sizeof(t);
	static char b[5000];
	int c[2], left;

	lo_up();
	tcp_pair(c);
	write_all(c[0], b, sizeof(b));
	EXPECT_EQ(recv(c[1], b, sizeof(b), MSG_WAITALL), (ssize_t)sizeof(b));
	write_all(c[1], b, 100);
	EXPECT_EQ(recv(c[0], b, 100, MSG_WAITALL), 100);
	for (int k = 0; k < 10000; k++) {	/* until the last acknowledgement is in */
		if (ioctl(c[1], TIOCOUTQ, &left) || !left)
			break;
		usleep(1000);
	}
	memset(&t, 0, sizeof(t));
	EXPECT_OK(getsockopt(c[0], IPPROTO_TCP, TCP_INFO, &t, &n));
	note("state %d, congestion state %d, retransmits %d, probes %d, backoff %d", t.i.tcpi_state, t.i.tcpi_ca_state, t.i.tcpi_retransmits,
	     t.i.tcpi_probes, t.i.tcpi_backoff);
	note("options %#x", t.i.tcpi_options & 7);
	note("lost %u, retrans %u", t.i.tcpi_lost, t.i.tcpi_retrans);
	note("rto at least 200 ms: %s", t.i.tcpi_rto >= 200000 ? "yes" : "no");
	note("mss above 1000: %s", t.i.tcpi_snd_mss > 1000 ? "yes" : "no");
	note("acked %llu, received %llu", (unsigned long long)t.bytes_acked, (unsigned long long)t.bytes_received);
	note("window of the peer known: %s", t.i.tcpi_snd_cwnd > 0 ? "yes" : "no");
}

TEST(inet, a_shorter_buffer_gets_the_beginning)
{
	struct tcp_info t;
	socklen_t n = 1;
	int c[2];

	lo_up();
	tcp_pair(c);
	memset(&t, 0xee, sizeof(t));
	EXPECT_OK(getsockopt(c[0], IPPROTO_TCP, TCP_INFO, &t, &n));
	note("length %u, state %d, next byte %#x", n, t.tcpi_state, ((unsigned char *)&t)[1]);
}

TEST(inet, a_listener_shows_its_queue)
{
	struct tcp_info t;
	socklen_t n = sizeof(t);
	int l, c[3];

	lo_up();
	l = listener("127.0.0.1", 7);
	for (int i = 0; i < 3; i++)
		c[i] = connected_to(l);
	events_of(l, POLLIN);
	EXPECT_OK(getsockopt(l, IPPROTO_TCP, TCP_INFO, &t, &n));
	note("state %d, waiting %u, backlog %u", t.tcpi_state, t.tcpi_unacked, t.tcpi_sacked);
	for (int i = 0; i < 3; i++)
		close(c[i]);
}
