/* SPDX-License-Identifier: MIT */
/* Options of TCP that take numbers: what they keep, what they refuse. */
#include "inet.h"

static void try(int s, int name, const char *text, int v)
{
	socklen_t n = sizeof(v);
	int asked = v;

	if (setsockopt(s, IPPROTO_TCP, name, &v, sizeof(v))) {
		note("%s %d: %s", text, asked, errno_name(errno));
		return;
	}
	EXPECT_OK(getsockopt(s, IPPROTO_TCP, name, &v, &n));
	note("%s %d: %d", text, asked, v);
}
#define TRY(s, name, v) try(s, name, #name, v)

TEST(inet, numbers_of_a_fresh_socket)
{
	static const struct { int name; const char *text; } names[] = {
		{ TCP_NODELAY, "NODELAY" }, { TCP_CORK, "CORK" }, { TCP_KEEPIDLE, "KEEPIDLE" }, { TCP_KEEPINTVL, "KEEPINTVL" },
		{ TCP_KEEPCNT, "KEEPCNT" }, { TCP_SYNCNT, "SYNCNT" }, { TCP_LINGER2, "LINGER2" }, { TCP_DEFER_ACCEPT, "DEFER_ACCEPT" },
		{ TCP_WINDOW_CLAMP, "WINDOW_CLAMP" }, { TCP_QUICKACK, "QUICKACK" }, { TCP_USER_TIMEOUT, "USER_TIMEOUT" },
		{ TCP_FASTOPEN, "FASTOPEN" }, { TCP_MAXSEG, "MAXSEG" },
	};
	int s = socket(AF_INET, SOCK_STREAM, 0);

	for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
		int v = -7;
		socklen_t n = sizeof(v);

		if (getsockopt(s, IPPROTO_TCP, names[i].name, &v, &n))
			note("%s: %s", names[i].text, errno_name(errno));
		else
			note("%s: %d", names[i].text, v);
	}
}

TEST(inet, numbers_that_are_kept_or_refused)
{
	int s = socket(AF_INET, SOCK_STREAM, 0);

	TRY(s, TCP_KEEPIDLE, 0);
	TRY(s, TCP_KEEPIDLE, 10);
	TRY(s, TCP_KEEPIDLE, 32768);
	TRY(s, TCP_KEEPINTVL, 0);
	TRY(s, TCP_KEEPINTVL, 5);
	TRY(s, TCP_KEEPCNT, 0);
	TRY(s, TCP_KEEPCNT, 127);
	TRY(s, TCP_KEEPCNT, 128);
	TRY(s, TCP_SYNCNT, 0);
	TRY(s, TCP_SYNCNT, 3);
	TRY(s, TCP_SYNCNT, 128);
	TRY(s, TCP_LINGER2, -5);
	TRY(s, TCP_LINGER2, 30);
	TRY(s, TCP_LINGER2, 121);
	TRY(s, TCP_LINGER2, 0);
	TRY(s, TCP_MAXSEG, 87);
	TRY(s, TCP_MAXSEG, 32768);
	TRY(s, TCP_QUICKACK, 0);
	TRY(s, TCP_QUICKACK, 1);
	TRY(s, TCP_WINDOW_CLAMP, 100000);
	TRY(s, TCP_WINDOW_CLAMP, 0);
	TRY(s, TCP_NODELAY, 7);
	TRY(s, TCP_CORK, 9);
}

TEST(inet, lengths_and_names_that_are_refused)
{
	int s = socket(AF_INET, SOCK_STREAM, 0), u = socket(AF_INET, SOCK_DGRAM, 0), v = 1;
	socklen_t n = 2;

	EXPECT_ERRNO(setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &v, 3), EINVAL);
	EXPECT_OK(getsockopt(s, IPPROTO_TCP, TCP_NODELAY, &v, &n));
	note("length %u", n);
	n = sizeof(v);
	EXPECT_ERRNO(setsockopt(s, IPPROTO_TCP, 9999, &v, sizeof(v)), ENOPROTOOPT);
	EXPECT_ERRNO(getsockopt(s, IPPROTO_TCP, 9999, &v, &n), ENOPROTOOPT);
	EXPECT_ERRNO(setsockopt(u, IPPROTO_TCP, TCP_NODELAY, &v, sizeof(v)), ENOPROTOOPT);
	EXPECT_ERRNO(setsockopt(s, IPPROTO_TCP, TCP_NODELAY, (void *)8, sizeof(v)), EFAULT);
	EXPECT_ERRNO(setsockopt(s, IPPROTO_TCP, TCP_CONGESTION, "no-such", 7), ENOENT);
	EXPECT_OK(setsockopt(s, IPPROTO_TCP, TCP_CONGESTION, "reno", 4));
}

TEST(inet, an_accepted_socket_has_its_listeners_options)
{
	int l, c, s, v = 33, one = 1;
	socklen_t n = sizeof(v);

	lo_up();
	l = listener("127.0.0.1", 1);
	EXPECT_OK(setsockopt(l, IPPROTO_TCP, TCP_KEEPIDLE, &v, sizeof(v)));
	EXPECT_OK(setsockopt(l, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)));
	EXPECT_OK(setsockopt(l, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one)));
	c = connected_to(l);
	s = accept(l, NULL, NULL);
	EXPECT_OK(getsockopt(s, IPPROTO_TCP, TCP_KEEPIDLE, &v, &n));
	note("keepidle %d", v);
	EXPECT_OK(getsockopt(s, IPPROTO_TCP, TCP_NODELAY, &v, &n));
	note("nodelay %d", v);
	EXPECT_OK(getsockopt(s, SOL_SOCKET, SO_KEEPALIVE, &v, &n));
	note("keepalive %d", v);
	close(c);
}
