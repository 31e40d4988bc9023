/* SPDX-License-Identifier: MIT */
/* SOL_SOCKET options of a Unix socket: first values, limits, lengths, errors. Spans are multiples of 4 ms: Linux counts in ticks. */
#include "../harness.h"
#include "common.h"

TEST(options, first_values)
{
	static const struct { int name; const char *text; } o[] = {
		{ SO_DEBUG, "DEBUG" }, { SO_REUSEADDR, "REUSEADDR" }, { SO_TYPE, "TYPE" }, { SO_ERROR, "ERROR" },
		{ SO_DONTROUTE, "DONTROUTE" }, { SO_BROADCAST, "BROADCAST" }, { SO_SNDBUF, "SNDBUF" }, { SO_RCVBUF, "RCVBUF" },
		{ SO_KEEPALIVE, "KEEPALIVE" }, { SO_OOBINLINE, "OOBINLINE" }, { SO_NO_CHECK, "NO_CHECK" }, { SO_PRIORITY, "PRIORITY" },
		{ SO_BSDCOMPAT, "BSDCOMPAT" }, { SO_REUSEPORT, "REUSEPORT" }, { SO_PASSCRED, "PASSCRED" }, { SO_RCVLOWAT, "RCVLOWAT" },
		{ SO_SNDLOWAT, "SNDLOWAT" }, { SO_ACCEPTCONN, "ACCEPTCONN" }, { SO_PROTOCOL, "PROTOCOL" }, { SO_DOMAIN, "DOMAIN" },
		{ SO_MARK, "MARK" }, { SO_RXQ_OVFL, "RXQ_OVFL" }, { SO_PEEK_OFF, "PEEK_OFF" }, { SO_NOFCS, "NOFCS" },
		{ SO_LOCK_FILTER, "LOCK_FILTER" }, { SO_SELECT_ERR_QUEUE, "SELECT_ERR_QUEUE" }, { SO_BPF_EXTENSIONS, "BPF_EXTENSIONS" },
		{ SO_INCOMING_CPU, "INCOMING_CPU" }, { SO_PASSSEC, "PASSSEC" }, { SO_TIMESTAMP, "TIMESTAMP" },
		{ SO_BINDTOIFINDEX, "BINDTOIFINDEX" }, { SO_BUF_LOCK, "BUF_LOCK" }, { SO_TXREHASH, "TXREHASH" }, { 75, "RCVMARK" },
		{ SO_MAX_PACING_RATE, "MAX_PACING_RATE" }, { SO_ZEROCOPY, "ZEROCOPY" },
		{ 0, "0" }, { 77, "PEERPIDFD" }, { 999, "999" }, { -1, "-1" },
	};
	int fd = new_socket(SOCK_STREAM);

	for (size_t i = 0; i < ARRAY_SIZE(o); i++)
		note("%s %d", o[i].text, opt_int(fd, o[i].name));
	note("type %d %d", opt_int(new_socket(SOCK_DGRAM), SO_TYPE), opt_int(new_socket(SOCK_SEQPACKET), SO_TYPE));
	note("protocol given %d", opt_int(REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM, AF_UNIX)), SO_PROTOCOL));
}

TEST(options, buffers_are_doubled_and_bounded)
{
	static const int sizes[] = { 0, 1, 1000, 1152, 1153, 2304, 2305, 4096, 100000, 106496, 212992, 212993, 1 << 30, -1, -5 };
	int fd = new_socket(SOCK_STREAM);

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		REQUIRE_OK(set_int(fd, SO_SNDBUF, sizes[i]));
		REQUIRE_OK(set_int(fd, SO_RCVBUF, sizes[i]));
		note("%d: %d %d", sizes[i], opt_int(fd, SO_SNDBUF), opt_int(fd, SO_RCVBUF));
	}
	note("locks %d", opt_int(fd, SO_BUF_LOCK));
	SHOW(set_int(fd, SO_SNDBUFFORCE, 1000000));
	SHOW(set_int(fd, SO_RCVBUFFORCE, 2000000));
	note("%d %d", opt_int(fd, SO_SNDBUF), opt_int(fd, SO_RCVBUF));
	SHOW(set_int(fd, SO_SNDBUFFORCE, -1));
	note("%d", opt_int(fd, SO_SNDBUF));
	AS_USER(1000, 1000, {
		SHOW(set_int(fd, SO_SNDBUFFORCE, 5000));
		SHOW(set_int(fd, SO_RCVBUFFORCE, 5000));
	});
	SHOW(set_int(fd, SO_BUF_LOCK, 4));
	SHOW(set_int(fd, SO_BUF_LOCK, 1));
	note("locks %d", opt_int(fd, SO_BUF_LOCK));
}

TEST(options, flags_read_back_as_one)
{
	static const int names[] = { SO_DEBUG, SO_REUSEADDR, SO_REUSEPORT, SO_DONTROUTE, SO_BROADCAST, SO_KEEPALIVE, SO_OOBINLINE, SO_NO_CHECK,
				     SO_PASSCRED, SO_RXQ_OVFL, SO_NOFCS, SO_SELECT_ERR_QUEUE, SO_TIMESTAMP, SO_TIMESTAMPNS, SO_PASSSEC, 75 };
	int fd = new_socket(SOCK_STREAM);

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		int r = set_int(fd, names[i], 7), e = r < 0 ? errno : 0, v = opt_int(fd, names[i]);

		set_int(fd, names[i], 0);
		note("%d: %d %s, then %d, then %d", names[i], r, errno_name(e), v, opt_int(fd, names[i]));
	}
}

TEST(options, numbers)
{
	int fd = new_socket(SOCK_STREAM);

	SHOW(set_int(fd, SO_PRIORITY, 6));
	note("%d", opt_int(fd, SO_PRIORITY));
	SHOW(set_int(fd, SO_PRIORITY, 7));
	SHOW(set_int(fd, SO_MARK, 99));
	note("%d", opt_int(fd, SO_MARK));
	SHOW(set_int(fd, SO_RCVLOWAT, 0));
	note("%d", opt_int(fd, SO_RCVLOWAT));
	SHOW(set_int(fd, SO_RCVLOWAT, -3));
	note("%d", opt_int(fd, SO_RCVLOWAT));
	SHOW(set_int(fd, SO_RCVLOWAT, 100));
	note("%d", opt_int(fd, SO_RCVLOWAT));
	SHOW(set_int(fd, SO_INCOMING_CPU, 3));
	note("%d", opt_int(fd, SO_INCOMING_CPU));
	SHOW(set_int(fd, SO_TXREHASH, 2));
	SHOW(set_int(fd, SO_TXREHASH, 0));
	note("%d", opt_int(fd, SO_TXREHASH));
	SHOW(set_int(fd, SO_PEEK_OFF, 5));
	note("%d", opt_int(fd, SO_PEEK_OFF));
	AS_USER(1000, 1000, {
		SHOW(set_int(fd, SO_PRIORITY, 5));
		SHOW(set_int(fd, SO_PRIORITY, 7));
		SHOW(set_int(fd, SO_PRIORITY, -1));
		SHOW(set_int(fd, SO_MARK, 1));
		SHOW(set_int(fd, SO_DEBUG, 1));
		SHOW(set_int(fd, SO_DEBUG, 0));
		SHOW(set_int(fd, 75, 1));
	});
}

TEST(options, what_cannot_be_set)
{
	int fd = new_socket(SOCK_STREAM);
	struct ucred u = { 0 };

	SHOW(set_int(fd, SO_TYPE, 1));
	SHOW(set_int(fd, SO_DOMAIN, 1));
	SHOW(set_int(fd, SO_PROTOCOL, 1));
	SHOW(set_int(fd, SO_ERROR, 1));
	SHOW(set_int(fd, SO_ACCEPTCONN, 1));
	SHOW(set_int(fd, SO_SNDLOWAT, 1));
	SHOW(setsockopt(fd, SOL_SOCKET, SO_PEERCRED, &u, sizeof(u)));
	SHOW(set_int(fd, 999, 1));
	SHOW(set_int(fd, SO_COOKIE, 1));
	SHOW(setsockopt(fd, 6, 1, &u, 4));
	SHOW(setsockopt(fd, 0, 1, &u, 4));
	socklen_t len = 4;
	SHOW(getsockopt(fd, 6, 1, &u, &len));
	SHOW(getsockopt(fd, 41, 1, &u, &len));
}

TEST(options, lengths)
{
	int fd = new_socket(SOCK_STREAM), v = 1;
	char big[16];
	socklen_t len;

	for (socklen_t n = 0; n <= 8; n += 2) {
		memset(big, '#', sizeof(big));
		len = n;
		SHOW(getsockopt(fd, SOL_SOCKET, SO_TYPE, big, &len));
		note("asked %d got %d then '%c'", (int)n, (int)len, big[len]);
	}
	len = -1;
	SHOW(getsockopt(fd, SOL_SOCKET, SO_TYPE, big, &len));
	len = 4;
	SHOW(getsockopt(fd, SOL_SOCKET, SO_TYPE, NULL, &len));
	SHOW(getsockopt(fd, SOL_SOCKET, SO_TYPE, big, NULL));
	SHOW(setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &v, 3));
	SHOW(setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &v, 0));
	SHOW(setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &v, -1));
	SHOW(setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, NULL, 4));
	SHOW(setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, big, 16));
	len = 4;
	SHOW(getsockopt(fd, SOL_SOCKET, SO_COOKIE, big, &len));
	len = 8;
	SHOW(getsockopt(fd, SOL_SOCKET, SO_COOKIE, big, &len));
	len = 8;
	SHOW(getsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, big, &len));
	note("len %d", (int)len);
}

TEST(options, linger_and_times)
{
	int fd = new_socket(SOCK_STREAM);
	struct linger l = { 5, 17 };
	struct timeval tv = { 3, 500000 };
	socklen_t len = sizeof(l);

	SHOW(setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, 4));
	SHOW(setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l)));
	REQUIRE_OK(getsockopt(fd, SOL_SOCKET, SO_LINGER, &l, &len));
	note("%d %d", l.l_onoff, l.l_linger);
	l.l_onoff = 0;
	l.l_linger = 3;
	REQUIRE_OK(setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l)));
	REQUIRE_OK(getsockopt(fd, SOL_SOCKET, SO_LINGER, &l, &len));
	note("%d %d", l.l_onoff, l.l_linger);
	for (int i = 0; i < 4; i++) {
		static const int names[] = { SO_RCVTIMEO_OLD, SO_SNDTIMEO_OLD, SO_RCVTIMEO_NEW, SO_SNDTIMEO_NEW };
		struct timeval got = { 9, 9 };

		len = sizeof(got);
		REQUIRE_OK(getsockopt(fd, SOL_SOCKET, names[i], &got, &len));
		note("%d %d len %d", (int)got.tv_sec, (int)got.tv_usec, (int)len);
		REQUIRE_OK(setsockopt(fd, SOL_SOCKET, names[i], &tv, sizeof(tv)));
		REQUIRE_OK(getsockopt(fd, SOL_SOCKET, names[i], &got, &len));
		note("%d %d", (int)got.tv_sec, (int)got.tv_usec);
		tv.tv_sec++;
	}
	tv = (struct timeval){ 0, 1000000 };
	SHOW(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	tv.tv_usec = -1;
	SHOW(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	SHOW(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, 8));
	tv = (struct timeval){ 0, 0 };
	SHOW(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	REQUIRE_OK(getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, &len));
	note("%d %d", (int)tv.tv_sec, (int)tv.tv_usec);
}

TEST(options, times_end_waits)
{
	struct timeval tv = { 0, 40000 };
	static char big[300000];
	long long t = now_ms();
	int p[2];
	char c;

	new_pair(SOCK_STREAM, p);
	REQUIRE_OK(setsockopt(p[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	REQUIRE_OK(setsockopt(p[0], SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)));
	SHOW(read(p[0], &c, 1));
	EXPECT_GE(now_ms() - t, 39);
	write_all(p[1], "ab", 2);
	SHOW(recv(p[0], big, 5, MSG_WAITALL));
	t = now_ms();
	note("short write %d", write(p[0], big, sizeof(big)) < (ssize_t)sizeof(big));
	SHOW(write(p[0], big, sizeof(big)));
	EXPECT_GE(now_ms() - t, 78);
	tv = (struct timeval){ -5, 0 };
	REQUIRE_OK(setsockopt(p[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	SHOW(read(p[0], &c, 1));
}

static void on_alarm(int sig) { (void)sig; }

TEST(options, a_signal_ends_or_restarts_a_wait)
{
	struct sigaction sa = { .sa_handler = on_alarm };
	struct timeval tv = { 10, 0 };
	int p[2], l = listener(SOCK_STREAM, "@sig", 1);
	pid_t pid;

	new_pair(SOCK_STREAM, p);
	for (int i = 0; i < 4; i++) {
		int ready[2];
		char c;

		REQUIRE_OK(pipe(ready));
		CHILD(pid) {
			sa.sa_flags = i & 1 ? SA_RESTART : 0;
			sigaction(SIGUSR1, &sa, NULL);
			if (i & 2)
				REQUIRE_OK(setsockopt(p[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
			write_all(ready[1], "r", 1);
			SHOW(read(p[0], &c, 1));
		}
		EXPECT_EQ(read(ready[0], &c, 1), 1);
		wait_state(pid, 'S');
		kill(pid, SIGUSR1);
		if (i == 1) {
			/* Restarted: it sleeps until the byte comes. */
			sleep_ms(20);
			wait_state(pid, 'S');
			write_all(p[1], "x", 1);
		}
		EXPECT_CHILD_OK(pid);
	}
	CHILD(pid) {
		sigaction(SIGUSR1, &sa, NULL);
		SHOW(accept(l, NULL, NULL));
	}
	wait_state(pid, 'S');
	kill(pid, SIGUSR1);
	EXPECT_CHILD_OK(pid);
}

TEST(options, low_water_mark)
{
	int p[2];
	char buf[16];
	pid_t pid;

	new_pair(SOCK_STREAM, p);
	REQUIRE_OK(set_int(p[0], SO_RCVLOWAT, 4));
	write_all(p[1], "ab", 2);
	NOTE_POLL(p[0], "two bytes");
	SHOW(recv(p[0], buf, 8, MSG_DONTWAIT));
	CHILD(pid) {
		SHOW(read(p[0], buf, 16));
	}
	wait_state(pid, 'S');
	write_all(p[1], "cd", 2);
	write_all(p[1], "ef", 2);
	EXPECT_CHILD_OK(pid);
}

TEST(options, a_listener_hands_on_little)
{
	int l = listener(SOCK_STREAM, "@inherit", 5), c = new_socket(SOCK_STREAM), s;

	REQUIRE_OK(set_int(l, SO_SNDBUF, 20000));
	REQUIRE_OK(set_int(l, SO_RCVBUF, 20000));
	REQUIRE_OK(set_int(l, SO_PASSCRED, 1));
	REQUIRE_OK(set_int(l, SO_KEEPALIVE, 1));
	REQUIRE_OK(set_int(l, SO_PRIORITY, 3));
	REQUIRE_OK(connect_to(c, "@inherit"));
	s = REQUIRE_OK(accept(l, NULL, NULL));
	note("%d %d %d %d %d", opt_int(s, SO_SNDBUF), opt_int(s, SO_RCVBUF), opt_int(s, SO_PASSCRED), opt_int(s, SO_KEEPALIVE), opt_int(s, SO_PRIORITY));
}

TEST(options, sysctls)
{
	note("somaxconn %s", get_file("/proc/sys/net/core/somaxconn"));
	note("rmem_max %s", get_file("/proc/sys/net/core/rmem_max"));
	note("wmem_default %s", get_file("/proc/sys/net/core/wmem_default"));
	note("max_dgram_qlen %s", get_file("/proc/sys/net/unix/max_dgram_qlen"));
}
