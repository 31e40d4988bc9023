/* SPDX-License-Identifier: MIT */
/* Choosing local ports and addresses: bind to 0, connect without bind, disconnect, connect again. */
#include "inet.h"

TEST(inet, bind_to_port_0_chooses_one)
{
	int a, b;

	lo_up();
	a = bound(SOCK_STREAM, "127.0.0.1");
	b = bound(SOCK_STREAM, "127.0.0.1");
	note("in the range: %d %d, different: %d", port_of(a) >= 32768 && port_of(a) <= 60999, port_of(b) >= 32768 && port_of(b) <= 60999,
	     port_of(a) != port_of(b));
	struct sockaddr_in x = in_addr("127.0.0.1", 0);
	EXPECT_ERRNO(bind(a, (void *)&x, sizeof(x)), EINVAL);
}

TEST(inet, listen_without_bind)
{
	struct sockaddr_in a;
	socklen_t n = sizeof(a);
	int s = socket(AF_INET, SOCK_STREAM, 0), c;

	lo_up();
	EXPECT_OK(listen(s, 1));
	EXPECT_OK(getsockname(s, (void *)&a, &n));
	note("%s, port %s", addr_text(&a), a.sin_port ? "chosen" : "none");
	c = connected_to(s);
	EXPECT_EQ(accept(s, NULL, NULL) >= 0, 1);
	close(c);
}

TEST(inet, connect_chooses_the_address)
{
	struct sockaddr_in a;
	socklen_t n = sizeof(a);
	int l, c;

	lo_up();
	l = listener("127.0.0.1", 1);
	c = connected_to(l);
	EXPECT_OK(getsockname(c, (void *)&a, &n));
	note("%s", addr_text(&a));
	close(c);
}

TEST(inet, a_bound_client)
{
	struct sockaddr_in a, p;
	socklen_t n = sizeof(p);
	int l, c, s;

	lo_up();
	l = listener("127.0.0.1", 1);
	c = bound(SOCK_STREAM, "127.0.0.5");
	a = in_addr("127.0.0.1", port_of(l));
	EXPECT_OK(connect(c, (void *)&a, sizeof(a)));
	s = accept(l, (void *)&p, &n);
	note("%s, same port %d", addr_text(&p), ntohs(p.sin_port) == port_of(c));
	close(s);
}

TEST(inet, the_same_four_names_twice)
{
	struct sockaddr_in a, b;
	int l, c, d, one = 1;

	lo_up();
	l = listener("127.0.0.1", 4);
	a = in_addr("127.0.0.1", port_of(l));
	c = socket(AF_INET, SOCK_STREAM, 0);
	d = socket(AF_INET, SOCK_STREAM, 0);
	EXPECT_OK(setsockopt(c, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)));
	EXPECT_OK(setsockopt(d, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)));
	b = in_addr("127.0.0.1", 0);
	EXPECT_OK(bind(c, (void *)&b, sizeof(b)));
	b = in_addr("127.0.0.1", port_of(c));
	EXPECT_OK(bind(d, (void *)&b, sizeof(b)));
	EXPECT_OK(connect(c, (void *)&a, sizeof(a)));
	EXPECT_ERRNO(connect(d, (void *)&a, sizeof(a)), EADDRNOTAVAIL);
}

TEST(inet, disconnecting_a_stream)
{
	struct sockaddr u = { .sa_family = AF_UNSPEC };
	int c[2];
	char b;

	lo_up();
	tcp_pair(c);
	EXPECT_OK(connect(c[0], &u, sizeof(u)));
	note("%d", (int)read(c[1], &b, 1));
	note("%s", errno_name(so_error(c[1])));
	EXPECT_ERRNO(send(c[0], "x", 1, MSG_NOSIGNAL), ECONNRESET);
	EXPECT_ERRNO(send(c[0], "x", 1, MSG_NOSIGNAL), EPIPE);
}
