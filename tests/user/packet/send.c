/* SPDX-License-Identifier: MIT */
/* Sending by packet sockets: addresses, lengths, errors. */
#include "packet.h"

TEST(packet, raw_needs_an_interface)
{
	unsigned char f[64];
	struct sockaddr_ll to = ll_addr(PROTO);
	size_t n = make_frame(f, PROTO, 20);
	int s = socket(AF_PACKET, SOCK_RAW, 0);

	lo_up();
	EXPECT_ERRNO(send(s, f, n, 0), ENXIO);
	to.sll_ifindex = 0;
	EXPECT_ERRNO(sendto(s, f, n, 0, (void *)&to, sizeof(to)), ENXIO);
	to.sll_ifindex = 9999;
	EXPECT_ERRNO(sendto(s, f, n, 0, (void *)&to, sizeof(to)), ENXIO);
	to = ll_addr(PROTO);
	EXPECT_OK(bind(s, (void *)&to, sizeof(to)));
	EXPECT_EQ(send(s, f, n, 0), n);
	EXPECT_EQ(write(s, f, n), n);
}

TEST(packet, short_addresses)
{
	unsigned char f[64];
	struct sockaddr_ll to = ll_addr(PROTO);
	size_t n = make_frame(f, PROTO, 20);
	int s = socket(AF_PACKET, SOCK_RAW, 0);

	lo_up();
	EXPECT_ERRNO(sendto(s, f, n, 0, (void *)&to, 12), EINVAL);
	EXPECT_ERRNO(sendto(s, f, n, 0, (void *)&to, 19), EINVAL);
	to.sll_halen = 9;
	EXPECT_ERRNO(sendto(s, f, n, 0, (void *)&to, 20), EINVAL);
	to.sll_halen = 8;
	EXPECT_EQ(sendto(s, f, n, 0, (void *)&to, 20), n);
	to.sll_family = AF_INET;
	SHOW(sendto(s, f, n, 0, (void *)&to, 20));
}

TEST(packet, short_and_long_frames)
{
	static unsigned char f[70000];
	struct sockaddr_ll to = ll_addr(PROTO);
	int s = socket(AF_PACKET, SOCK_RAW, 0), d = socket(AF_PACKET, SOCK_DGRAM, 0);

	lo_up();
	make_frame(f, PROTO, 100);
	SHOW(sendto(s, f, 0, 0, (void *)&to, sizeof(to)));
	SHOW(sendto(s, f, 13, 0, (void *)&to, sizeof(to)));
	SHOW(sendto(s, f, 14, 0, (void *)&to, sizeof(to)));
	SHOW(sendto(s, f, 15, 0, (void *)&to, sizeof(to)));
	SHOW(sendto(s, f, 65000, 0, (void *)&to, sizeof(to)));
	SHOW(sendto(s, f, 65536 + 15, 0, (void *)&to, sizeof(to)));
	SHOW(sendto(s, f, sizeof(f), 0, (void *)&to, sizeof(to)));
	SHOW(sendto(d, f, 0, 0, (void *)&to, sizeof(to)));
	SHOW(sendto(d, f, 1, 0, (void *)&to, sizeof(to)));
	SHOW(sendto(d, f, 65537, 0, (void *)&to, sizeof(to)));
}

TEST(packet, cooked_without_an_address)
{
	struct sockaddr_ll to = ll_addr(PROTO);
	int d = socket(AF_PACKET, SOCK_DGRAM, 0), r;

	lo_up();
	r = packet_socket(SOCK_DGRAM, PROTO);
	EXPECT_ERRNO(send(d, "abc", 3, 0), ENXIO);
	EXPECT_OK(bind(d, (void *)&to, sizeof(to)));
	SHOW(send(d, "abc", 3, 0));
	show_frame(r, "came");
}

TEST(packet, an_interface_that_is_down)
{
	unsigned char f[64];
	struct sockaddr_ll to = ll_addr(PROTO);
	size_t n = make_frame(f, PROTO, 20);
	struct ifreq r = { .ifr_name = "lo" };
	int s = socket(AF_PACKET, SOCK_RAW, 0), b, u = socket(AF_INET, SOCK_DGRAM, 0);

	ioctl(u, SIOCGIFFLAGS, &r);
	r.ifr_flags &= ~IFF_UP;
	EXPECT_OK(ioctl(u, SIOCSIFFLAGS, &r));
	EXPECT_ERRNO(sendto(s, f, n, 0, (void *)&to, sizeof(to)), ENETDOWN);
	b = packet_socket(SOCK_RAW, PROTO);
	EXPECT_EQ(so_error(b), ENETDOWN);
	EXPECT_EQ(so_error(b), 0);
	EXPECT_ERRNO(sendto(b, f, n, 0, (void *)&to, sizeof(to)), ENETDOWN);
	lo_up();
	EXPECT_EQ(sendto(b, f, n, 0, (void *)&to, sizeof(to)), n);
}

TEST(packet, calls_that_it_has_not)
{
	struct sockaddr_ll a = ll_addr(PROTO);
	socklen_t n = sizeof(a);
	int s = packet_socket(SOCK_RAW, PROTO);

	EXPECT_ERRNO(connect(s, (void *)&a, sizeof(a)), EOPNOTSUPP);
	EXPECT_ERRNO(listen(s, 1), EOPNOTSUPP);
	EXPECT_ERRNO(accept(s, NULL, NULL), EOPNOTSUPP);
	EXPECT_ERRNO(shutdown(s, SHUT_RDWR), EOPNOTSUPP);
	EXPECT_ERRNO(getpeername(s, (void *)&a, &n), EOPNOTSUPP);
	EXPECT_ERRNO(recv(s, &a, 1, MSG_OOB), EINVAL);
}
