/* SPDX-License-Identifier: MIT */
/* UDP on loopback: whole datagrams, names, truncation, connected sockets. Ports are never printed. */
#include "inet.h"

TEST(inet, a_datagram_arrives_whole_with_its_sender)
{
	struct sockaddr_in a, to;
	socklen_t n = sizeof(a);
	char buf[64];
	int r, s;

	lo_up();
	r = bound(SOCK_DGRAM, "127.0.0.1");
	s = bound(SOCK_DGRAM, "127.0.0.1");
	to = in_addr("127.0.0.1", port_of(r));
	EXPECT_EQ(sendto(s, "hello", 5, 0, (void *)&to, sizeof(to)), 5);
	EXPECT_EQ(sendto(s, "", 0, 0, (void *)&to, sizeof(to)), 0);
	EXPECT_EQ(recvfrom(r, buf, sizeof(buf), 0, (void *)&a, &n), 5);
	EXPECT_EQ(n, sizeof(struct sockaddr_in));
	EXPECT_EQ(ntohs(a.sin_port), port_of(s));
	note("from %s", addr_text(&a));
	EXPECT_EQ(recv(r, buf, sizeof(buf), 0), 0);
	EXPECT_ERRNO(recv(r, buf, sizeof(buf), MSG_DONTWAIT), EAGAIN);
}

TEST(inet, datagrams_keep_their_order_and_bounds)
{
	struct sockaddr_in to;
	char buf[64];
	int r, s = socket(AF_INET, SOCK_DGRAM, 0);

	lo_up();
	r = bound(SOCK_DGRAM, "127.0.0.1");
	to = in_addr("127.0.0.1", port_of(r));
	for (int i = 1; i <= 5; i++)
		EXPECT_EQ(sendto(s, "abcdefgh", i, 0, (void *)&to, sizeof(to)), i);
	for (int i = 1; i <= 5; i++)
		EXPECT_EQ(recv(r, buf, sizeof(buf), 0), i);
}

TEST(inet, what_does_not_fit_is_cut_and_told)
{
	char small[4] = "", big[16];
	struct iovec v = { small, 3 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };
	struct sockaddr_in to;
	int r, s = socket(AF_INET, SOCK_DGRAM, 0);

	lo_up();
	r = bound(SOCK_DGRAM, "127.0.0.1");
	to = in_addr("127.0.0.1", port_of(r));
	for (int i = 0; i < 3; i++)
		sendto(s, "0123456789", 10, 0, (void *)&to, sizeof(to));
	EXPECT_EQ(recvmsg(r, &m, 0), 3);
	EXPECT_TRUE(m.msg_flags & MSG_TRUNC);
	EXPECT_STR(small, "012");
	EXPECT_EQ(recv(r, small, 3, MSG_TRUNC), 10);
	EXPECT_EQ(recv(r, big, sizeof(big), MSG_PEEK), 10);
	EXPECT_EQ(recv(r, big, sizeof(big), 0), 10);
}

TEST(inet, one_message_over_several_iovecs)
{
	char a[3] = "", b[8] = "";
	struct iovec in[2] = { { a, 2 }, { b, 7 } }, out[3] = { { "ab", 2 }, { "", 0 }, { "cdef", 4 } };
	struct sockaddr_in to, from;
	struct msghdr m = { .msg_iov = out, .msg_iovlen = 3, .msg_name = &to, .msg_namelen = sizeof(to) };
	struct msghdr n = { .msg_iov = in, .msg_iovlen = 2, .msg_name = &from, .msg_namelen = sizeof(from) };
	int r, s = socket(AF_INET, SOCK_DGRAM, 0);

	lo_up();
	r = bound(SOCK_DGRAM, "127.0.0.1");
	to = in_addr("127.0.0.1", port_of(r));
	EXPECT_EQ(sendmsg(s, &m, 0), 6);
	EXPECT_EQ(recvmsg(r, &n, 0), 6);
	EXPECT_EQ(n.msg_namelen, sizeof(from));
	note("%.2s %s from %s", a, b, addr_text(&from));
}

TEST(inet, a_connected_socket_hears_its_peer_only)
{
	struct sockaddr_in to, peer;
	socklen_t n = sizeof(peer);
	char buf[8];
	int a, b, other;

	lo_up();
	a = bound(SOCK_DGRAM, "127.0.0.1");
	b = bound(SOCK_DGRAM, "127.0.0.1");
	other = bound(SOCK_DGRAM, "127.0.0.1");
	to = in_addr("127.0.0.1", port_of(b));
	EXPECT_ERRNO(getpeername(a, (void *)&peer, &n), ENOTCONN);
	EXPECT_ERRNO(send(a, "x", 1, 0), EDESTADDRREQ);
	EXPECT_OK(connect(a, (void *)&to, sizeof(to)));
	EXPECT_OK(getpeername(a, (void *)&peer, &n));
	EXPECT_EQ(ntohs(peer.sin_port), port_of(b));
	EXPECT_EQ(send(a, "one", 3, 0), 3);
	EXPECT_EQ(recv(b, buf, sizeof(buf), 0), 3);
	to = in_addr("127.0.0.1", port_of(a));
	EXPECT_EQ(sendto(other, "no", 2, 0, (void *)&to, sizeof(to)), 2);
	EXPECT_EQ(sendto(b, "yes!", 4, 0, (void *)&to, sizeof(to)), 4);
	EXPECT_EQ(recv(a, buf, sizeof(buf), 0), 4);
	to.sin_family = AF_UNSPEC;
	EXPECT_OK(connect(a, (void *)&to, sizeof(to)));
	EXPECT_ERRNO(send(a, "x", 1, 0), EDESTADDRREQ);
}

TEST(inet, udp_options_outlive_a_connection)
{
	struct sockaddr_in to, me;
	socklen_t n = sizeof(me);
	int s = socket(AF_INET, SOCK_DGRAM, 0), v = 77, on = 1, r;
	struct { struct cmsghdr h; int v; } c = { 0 };
	char buf[8];
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &c, .msg_controllen = sizeof(c) };

	lo_up();
	r = bound(SOCK_DGRAM, "127.0.0.1");
	EXPECT_OK(setsockopt(r, IPPROTO_IP, IP_RECVTTL, &on, sizeof(on)));
	EXPECT_OK(setsockopt(s, IPPROTO_IP, IP_TTL, &v, sizeof(v)));
	to = in_addr("127.0.0.1", port_of(r));
	EXPECT_OK(connect(s, (void *)&to, sizeof(to)));
	to.sin_family = AF_UNSPEC;
	EXPECT_OK(connect(s, (void *)&to, sizeof(to)));
	EXPECT_OK(getsockname(s, (void *)&me, &n));
	note("port %s", me.sin_port ? "some" : "none");
	to = in_addr("127.0.0.1", port_of(r));
	EXPECT_EQ(sendto(s, "x", 1, 0, (void *)&to, sizeof(to)), 1);
	EXPECT_EQ(recvmsg(r, &m, 0), 1);
	note("ttl %d", c.h.cmsg_type == IP_TTL ? c.v : -1);
	to.sin_port = htons(9);
	EXPECT_OK(connect(s, (void *)&to, sizeof(to)));
	EXPECT_OK(getsockname(s, (void *)&me, &n));
	note("port %s", me.sin_port ? "some" : "none");
}

TEST(inet, connecting_chooses_the_local_address)
{
	struct sockaddr_in to, me;
	socklen_t n = sizeof(me);
	int s = socket(AF_INET, SOCK_DGRAM, 0);

	lo_up();
	EXPECT_OK(getsockname(s, (void *)&me, &n));
	note("before: %s port %s", addr_text(&me), me.sin_port ? "some" : "none");
	to = in_addr("127.0.0.5", 9);
	EXPECT_OK(connect(s, (void *)&to, sizeof(to)));
	n = sizeof(me);
	EXPECT_OK(getsockname(s, (void *)&me, &n));
	note("after: port %s", me.sin_port ? "some" : "none");
}

TEST(inet, all_of_127_is_this_machine)
{
	struct sockaddr_in to, from;
	socklen_t n = sizeof(from);
	char buf[8];
	int r, s = socket(AF_INET, SOCK_DGRAM, 0);

	lo_up();
	r = bound(SOCK_DGRAM, "127.9.8.7");
	to = in_addr("127.9.8.7", port_of(r));
	EXPECT_EQ(sendto(s, "far", 3, 0, (void *)&to, sizeof(to)), 3);
	EXPECT_EQ(recvfrom(r, buf, sizeof(buf), 0, (void *)&from, &n), 3);
}

TEST(inet, binding_twice_needs_both_to_agree)
{
	struct sockaddr_in a;
	int s, t = socket(AF_INET, SOCK_DGRAM, 0), on = 1;

	lo_up();
	s = bound(SOCK_DGRAM, "127.0.0.1");
	a = in_addr("127.0.0.1", port_of(s));
	EXPECT_ERRNO(bind(t, (void *)&a, sizeof(a)), EADDRINUSE);
	setsockopt(t, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	EXPECT_ERRNO(bind(t, (void *)&a, sizeof(a)), EADDRINUSE);
	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	EXPECT_OK(bind(t, (void *)&a, sizeof(a)));
	EXPECT_ERRNO(bind(t, (void *)&a, sizeof(a)), EINVAL);
}

TEST(inet, addresses_that_cannot_be_bound)
{
	struct sockaddr_in a = in_addr("192.0.2.1", 0);
	int s = socket(AF_INET, SOCK_DGRAM, 0);

	lo_up();
	EXPECT_ERRNO(bind(s, (void *)&a, sizeof(a)), EADDRNOTAVAIL);
	EXPECT_ERRNO(bind(s, (void *)&a, sizeof(a) - 1), EINVAL);
	a = in_addr("127.0.0.1", 0);
	a.sin_family = AF_UNIX;
	EXPECT_ERRNO(bind(s, (void *)&a, sizeof(a)), EAFNOSUPPORT);
}

TEST(inet, sizes_and_destinations_that_are_refused)
{
	static char big[70000];
	struct sockaddr_in to;
	int s = socket(AF_INET, SOCK_DGRAM, 0);

	lo_up();
	to = in_addr("127.0.0.1", 9);
	EXPECT_ERRNO(sendto(s, big, 65508, 0, (void *)&to, sizeof(to)), EMSGSIZE);
	to = in_addr("127.0.0.1", 0);
	EXPECT_ERRNO(sendto(s, big, 1, 0, (void *)&to, sizeof(to)), EINVAL);
	to = in_addr("192.0.2.1", 9);
	EXPECT_ERRNO(sendto(s, big, 1, 0, (void *)&to, sizeof(to)), ENETUNREACH);
	EXPECT_ERRNO(sendto(s, big, 1, 0, (void *)&to, 4), EINVAL);
}

TEST(inet, the_largest_datagram)
{
	static char out[65507], in[65600];
	struct sockaddr_in to;
	int r, s = socket(AF_INET, SOCK_DGRAM, 0);

	lo_up();
	r = bound(SOCK_DGRAM, "127.0.0.1");
	to = in_addr("127.0.0.1", port_of(r));
	for (unsigned i = 0; i < sizeof(out); i++)
		out[i] = (char)(i * 7 + i / 256);
	EXPECT_EQ(sendto(s, out, sizeof(out), 0, (void *)&to, sizeof(to)), (long)sizeof(out));
	EXPECT_EQ(recv(r, in, sizeof(in), 0), (long)sizeof(out));
	EXPECT_EQ(memcmp(in, out, sizeof(out)), 0);
}

TEST(inet, poll_and_fionread_tell_of_a_datagram)
{
	struct sockaddr_in to;
	int r, n = -1, s = socket(AF_INET, SOCK_DGRAM, 0);
	char buf[8];

	lo_up();
	r = bound(SOCK_DGRAM, "127.0.0.1");
	to = in_addr("127.0.0.1", port_of(r));
	note("empty: %s", poll_text(events_of(r, POLLIN | POLLOUT)));
	sendto(s, "four", 4, 0, (void *)&to, sizeof(to));
	sendto(s, "more.", 5, 0, (void *)&to, sizeof(to));
	note("full: %s", poll_text(events_of(r, POLLIN)));
	EXPECT_OK(ioctl(r, FIONREAD, &n));
	EXPECT_EQ(n, 4);
	EXPECT_EQ(recv(r, buf, sizeof(buf), 0), 4);
	EXPECT_OK(ioctl(r, FIONREAD, &n));
	EXPECT_EQ(n, 5);
}

TEST(inet, a_receive_time_out)
{
	struct timeval t = { 0, 20000 };
	char c;
	int r;

	lo_up();
	r = bound(SOCK_DGRAM, "127.0.0.1");
	setsockopt(r, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t));
	EXPECT_ERRNO(recv(r, &c, 1, 0), EAGAIN);
}

TEST(inet, pktinfo_names_the_destination)
{
	char control[128], buf[8];
	struct iovec v = { buf, sizeof(buf) };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
	struct sockaddr_in to;
	struct cmsghdr *c;
	int r, on = 1, s = socket(AF_INET, SOCK_DGRAM, 0);

	lo_up();
	r = bound(SOCK_DGRAM, "0.0.0.0");
	EXPECT_OK(setsockopt(r, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)));
	EXPECT_OK(setsockopt(r, IPPROTO_IP, IP_RECVTTL, &on, sizeof(on)));
	to = in_addr("127.0.0.3", port_of(r));
	sendto(s, "x", 1, 0, (void *)&to, sizeof(to));
	EXPECT_EQ(recvmsg(r, &m, 0), 1);
	for (c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		if (c->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo *i = (void *)CMSG_DATA(c);
			char t[32];

			note("pktinfo: %s, interface %d", inet_ntop(AF_INET, &i->ipi_addr, t, sizeof(t)), i->ipi_ifindex);
		} else {
			note("type %d: %d", c->cmsg_type, *(int *)CMSG_DATA(c));
		}
	}
}
