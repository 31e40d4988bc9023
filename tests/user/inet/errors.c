/* SPDX-License-Identifier: MIT */
/* Errors that come back over the network to datagram sockets. */
#include "inet.h"

TEST(inet, a_connected_datagram_socket_hears_of_a_closed_port)
{
	struct sockaddr_in to;
	int s = socket(AF_INET, SOCK_DGRAM, 0), gone;
	char c;

	lo_up();
	gone = bound(SOCK_DGRAM, "127.0.0.1");
	to = in_addr("127.0.0.1", port_of(gone));
	close(gone);
	EXPECT_OK(connect(s, (void *)&to, sizeof(to)));
	EXPECT_EQ(send(s, "x", 1, 0), 1);
	note("poll: %s", poll_text(events_of(s, POLLIN)));
	EXPECT_ERRNO(recv(s, &c, 1, 0), ECONNREFUSED);
	EXPECT_ERRNO(recv(s, &c, 1, MSG_DONTWAIT), EAGAIN);
	EXPECT_EQ(send(s, "x", 1, 0), 1);
	EXPECT_TRUE(events_of(s, POLLIN) & POLLERR);
	EXPECT_ERRNO(send(s, "x", 1, 0), ECONNREFUSED);
	EXPECT_EQ(send(s, "x", 1, 0), 1);
	EXPECT_TRUE(events_of(s, POLLIN) & POLLERR);
	EXPECT_EQ(so_error(s), ECONNREFUSED);
	EXPECT_EQ(so_error(s), 0);
}

TEST(inet, an_unconnected_one_does_not)
{
	struct sockaddr_in to;
	int s, gone;
	char c;

	lo_up();
	s = bound(SOCK_DGRAM, "127.0.0.1");
	gone = bound(SOCK_DGRAM, "127.0.0.1");
	to = in_addr("127.0.0.1", port_of(gone));
	close(gone);
	EXPECT_EQ(sendto(s, "x", 1, 0, (void *)&to, sizeof(to)), 1);
	EXPECT_ERRNO(recv(s, &c, 1, MSG_DONTWAIT), EAGAIN);
	EXPECT_EQ(so_error(s), 0);
}
