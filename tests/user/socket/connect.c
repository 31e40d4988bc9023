/* SPDX-License-Identifier: MIT */
/* connect(2), listen(2), accept(2) of Unix sockets. Waits are for a state of a child or for its bytes in a pipe. */
#include "../harness.h"
#include "common.h"

static void peer_name(int fd)
{
	struct sockaddr_un a = { 0 };
	socklen_t len = sizeof(a);

	if (getpeername(fd, (struct sockaddr *)&a, &len) < 0)
		note("peer: %s", errno_name(errno));
	else
		note("peer %s", addr_text(&a, len));
}

TEST(connect, listen_needs_a_name_and_the_right_type)
{
	int fd = new_socket(SOCK_STREAM), p[2];

	SHOW(listen(fd, 1));
	SHOW(listen(new_socket(SOCK_DGRAM), 1));
	REQUIRE_OK(bind_to(fd, "@listen-needs"));
	note("acceptconn %d", opt_int(fd, SO_ACCEPTCONN));
	SHOW(listen(fd, 1));
	SHOW(listen(fd, -1));
	SHOW(listen(fd, 0));
	note("acceptconn %d", opt_int(fd, SO_ACCEPTCONN));
	new_pair(SOCK_STREAM, p);
	SHOW(listen(p[0], 1));
	REQUIRE_OK(bind_to(p[0], "@listen-connected"));
	SHOW(listen(p[0], 1));
}

TEST(connect, states_of_a_connecter)
{
	int l = listener(SOCK_STREAM, "@states", 5), fd = new_socket(SOCK_STREAM), p[2];

	peer_name(fd);
	SHOW(connect_to(fd, "@states"));
	peer_name(fd);
	SHOW(connect_to(fd, "@states"));
	SHOW(connect_to(fd, "@no-such-name"));
	SHOW(connect_to(l, "@states"));
	new_pair(SOCK_STREAM, p);
	SHOW(connect_to(p[0], "@states"));
	peer_name(p[0]);
	int bound = new_socket(SOCK_STREAM);
	REQUIRE_OK(bind_to(bound, "@bound-not-listening"));
	SHOW(connect_to(new_socket(SOCK_STREAM), "@bound-not-listening"));
}

TEST(connect, accept_gives_the_other_end)
{
	struct sockaddr_un a = { 0 };
	socklen_t len = sizeof(a);
	int l = listener(SOCK_STREAM, "@server", 5), c = new_socket(SOCK_STREAM), s;
	char buf[8] = "";

	REQUIRE_OK(bind_to(c, "@client"));
	REQUIRE_OK(connect_to(c, "@server"));
	s = REQUIRE_OK(accept(l, (struct sockaddr *)&a, &len));
	note("accepted from %s", addr_text(&a, len));
	peer_name(s);
	peer_name(c);
	len = sizeof(a);
	REQUIRE_OK(getsockname(s, (struct sockaddr *)&a, &len));
	note("its name %s", addr_text(&a, len));
	write_all(c, "abc", 3);
	SHOW(read(s, buf, 8));
	write_all(s, "de", 2);
	SHOW(read(c, buf, 8));
	/* One without a name. */
	c = new_socket(SOCK_STREAM);
	REQUIRE_OK(connect_to(c, "@server"));
	len = sizeof(a);
	memset(&a, '#', sizeof(a));
	s = REQUIRE_OK(accept(l, (struct sockaddr *)&a, &len));
	note("accepted from %s", addr_text(&a, len));
	note("acceptconn of the new one %d", opt_int(s, SO_ACCEPTCONN));
}

TEST(connect, accept_errors)
{
	int l = listener(SOCK_STREAM, "@errors", 5), p[2];
	socklen_t len = 4;
	struct sockaddr_un a;

	set_nonblock(l);
	SHOW(accept(l, NULL, NULL));
	SHOW(accept4(l, NULL, NULL, 0x4));
	SHOW(accept(new_socket(SOCK_STREAM), NULL, NULL));
	SHOW(accept(new_socket(SOCK_DGRAM), NULL, NULL));
	new_pair(SOCK_STREAM, p);
	SHOW(accept(p[0], NULL, NULL));
	/* An address that cannot be written: the connection is lost. */
	REQUIRE_OK(connect_to(new_socket(SOCK_STREAM), "@errors"));
	SHOW(accept(l, (struct sockaddr *)&a, NULL));
	SHOW(accept(l, NULL, NULL));
	REQUIRE_OK(connect_to(new_socket(SOCK_STREAM), "@errors"));
	len = -5;
	SHOW(accept(l, (struct sockaddr *)&a, &len));
	SHOW(accept(l, NULL, NULL));
}

TEST(connect, accept_flags)
{
	int l = listener(SOCK_STREAM, "@flags", 5), s;

	set_nonblock(l);
	for (int i = 0; i < 4; i++) {
		REQUIRE_OK(connect_to(new_socket(SOCK_STREAM), "@flags"));
		s = REQUIRE_OK(accept4(l, NULL, NULL, (i & 1 ? SOCK_CLOEXEC : 0) | (i & 2 ? SOCK_NONBLOCK : 0)));
		note("cloexec %d nonblock %d", fcntl(s, F_GETFD), !!(fcntl(s, F_GETFL) & O_NONBLOCK));
	}
}

TEST(connect, no_number_loses_no_connection)
{
	int l = listener(SOCK_STREAM, "@emfile", 5), top;
	struct rlimit r, old;

	REQUIRE_OK(connect_to(new_socket(SOCK_STREAM), "@emfile"));
	REQUIRE_OK(getrlimit(RLIMIT_NOFILE, &old));
	top = dup(0);
	close(top);
	r = old;
	r.rlim_cur = top;
	REQUIRE_OK(setrlimit(RLIMIT_NOFILE, &r));
	SHOW(accept(l, NULL, NULL));
	REQUIRE_OK(setrlimit(RLIMIT_NOFILE, &old));
	SHOW(accept(l, NULL, NULL) >= 0);
}

TEST(connect, a_full_backlog)
{
	for (int backlog = 0; backlog < 4; backlog += 3) {
		char name[16];
		int l, n = 0, fd;

		snprintf(name, sizeof(name), "@full%d", backlog);
		l = listener(SOCK_STREAM, name, backlog);
		for (;;) {
			fd = REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));
			if (connect_to(fd, name) < 0)
				break;
			n++;
		}
		note("backlog %d holds %d, then %s", backlog, n, errno_name(errno));
		SHOW(accept(l, NULL, NULL) >= 0);
		SHOW(connect_to(fd, name));
		SHOW(connect_to(REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0)), name));
		/* A larger one lets more in. */
		SHOW(listen(l, backlog + 1));
		SHOW(connect_to(REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0)), name));
		/* A time-out for connecting is SO_SNDTIMEO. */
		fd = new_socket(SOCK_STREAM);
		struct timeval tv = { 0, 20000 };
		REQUIRE_OK(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)));
		SHOW(connect_to(fd, name));
	}
}

TEST(connect, a_blocked_connecter_goes_on_when_there_is_room)
{
	int l = listener(SOCK_STREAM, "@room", 0), s;
	pid_t pid;
	char c = 0;

	REQUIRE_OK(connect_to(new_socket(SOCK_STREAM), "@room"));
	CHILD(pid) {
		int fd = new_socket(SOCK_STREAM);

		REQUIRE_OK(connect_to(fd, "@room"));
		write_all(fd, "c", 1);
	}
	wait_state(pid, 'S');
	REQUIRE_OK(accept(l, NULL, NULL));
	EXPECT_CHILD_OK(pid);
	s = REQUIRE_OK(accept(l, NULL, NULL));
	SHOW(read(s, &c, 1));
	note("%c", c);
}

TEST(connect, a_blocked_connecter_is_refused_when_the_listener_goes)
{
	int l = listener(SOCK_STREAM, "@goes", 0);
	pid_t pid;

	REQUIRE_OK(connect_to(new_socket(SOCK_STREAM), "@goes"));
	CHILD(pid) {
		close(l);
		SHOW(connect_to(new_socket(SOCK_STREAM), "@goes"));
	}
	wait_state(pid, 'S');
	close(l);
	EXPECT_CHILD_OK(pid);
	l = listener(SOCK_STREAM, "@goes", 0);
	REQUIRE_OK(connect_to(new_socket(SOCK_STREAM), "@goes"));
	SHOW(shutdown(l, SHUT_RD));
	SHOW(connect_to(new_socket(SOCK_STREAM), "@goes"));
}

TEST(connect, data_comes_before_accept)
{
	int l = listener(SOCK_STREAM, "@early", 1), c = new_socket(SOCK_STREAM), s;
	char buf[16] = "";

	REQUIRE_OK(connect_to(c, "@early"));
	SHOW(write(c, "hello", 5));
	close(c);
	s = REQUIRE_OK(accept(l, NULL, NULL));
	SHOW(read(s, buf, sizeof(buf)));
	SHOW(read(s, buf, sizeof(buf)));
	SHOW(send(s, "x", 1, MSG_NOSIGNAL));
}

TEST(connect, those_not_accepted_are_reset)
{
	int l = listener(SOCK_STREAM, "@reset", 3), c = new_socket(SOCK_STREAM), d = new_socket(SOCK_STREAM);
	char buf[4];

	REQUIRE_OK(connect_to(c, "@reset"));
	REQUIRE_OK(connect_to(d, "@reset"));
	write_all(d, "unread", 6);
	close(l);
	NOTE_POLL(c, "poll");
	SHOW(read(c, buf, 4));
	SHOW(read(c, buf, 4));
	SHOW(send(c, "x", 1, MSG_NOSIGNAL));
	note("error of the other %s", errno_name(opt_int(d, SO_ERROR)));
	SHOW(read(d, buf, 4));
	peer_name(d);
}

TEST(connect, accept_waits_and_a_shut_listener_ends_it)
{
	int l = listener(SOCK_STREAM, "@shut", 3);
	pid_t pid;

	CHILD(pid) {
		SHOW(accept(l, NULL, NULL) >= 0);
	}
	wait_state(pid, 'S');
	REQUIRE_OK(connect_to(new_socket(SOCK_STREAM), "@shut"));
	EXPECT_CHILD_OK(pid);
	CHILD(pid) {
		SHOW(accept(l, NULL, NULL));
	}
	wait_state(pid, 'S');
	REQUIRE_OK(shutdown(l, SHUT_RD));
	EXPECT_CHILD_OK(pid);
	NOTE_POLL(l, "poll");
	SHOW(accept(l, NULL, NULL));
}

TEST(connect, accept_times_out)
{
	int l = listener(SOCK_STREAM, "@timeout", 3);
	struct timeval tv = { 0, 40000 };
	long long before = now_ms();

	REQUIRE_OK(setsockopt(l, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	SHOW(accept(l, NULL, NULL));
	EXPECT_GE(now_ms() - before, 39);
}

TEST(connect, to_itself)
{
	int fd = new_socket(SOCK_STREAM);

	REQUIRE_OK(bind_to(fd, "@itself"));
	SHOW(connect_to(fd, "@itself"));
	REQUIRE_OK(listen(fd, 5));
	SHOW(connect_to(fd, "@itself"));
	fd = new_socket(SOCK_DGRAM);
	REQUIRE_OK(bind_to(fd, "@itself-d"));
	SHOW(connect_to(fd, "@itself-d"));
	SHOW(send(fd, "me", 2, 0));
	char b[4];
	SHOW(recv(fd, b, 4, 0));
	peer_name(fd);
}
