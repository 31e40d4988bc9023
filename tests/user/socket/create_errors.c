/* SPDX-License-Identifier: MIT */
/* socket, socketpair, bind, listen, accept4, connect, getsockname, getpeername, shutdown: each error on Unix sockets. */
#include "harness.h"
#include <sys/socket.h>
#include <sys/un.h>

static struct sockaddr_un name_of(const char *path)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };

	snprintf(name.sun_path, sizeof(name.sun_path), "%s", path);
	return name;
}

static long bind_to(int fd, const char *path)
{
	struct sockaddr_un name = name_of(path);

	return bind(fd, (void *)&name, sizeof(name));
}

static long connect_to(int fd, const char *path)
{
	struct sockaddr_un name = name_of(path);

	return connect(fd, (void *)&name, sizeof(name));
}

TEST(sockerr, socket)
{
	int s[2];

	for (int type = 0; type < 12; type++)
		note("type %d: %s", type, RESULT(socket(AF_UNIX, type, 0) < 0 ? -1 : 0));
	SHOW(socket(AF_UNIX, SOCK_STREAM, 1) < 0 ? -1 : 0);
	SHOW(socket(AF_UNIX, SOCK_STREAM, 2));
	SHOW(socket(AF_UNIX, SOCK_STREAM, -1));
	SHOW(socket(AF_UNIX, SOCK_STREAM | 0x100, 0));
	SHOW(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0) < 0 ? -1 : 0);
	SHOW(socket(-1, SOCK_STREAM, 0));
	SHOW(socket(0, SOCK_STREAM, 0));
	SHOW(socket(46, SOCK_STREAM, 0));
	SHOW(socket(1000, SOCK_STREAM, 0));
	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, NULL));
	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, (void *)8));
	SHOW(socketpair(AF_UNIX, SOCK_STREAM | 0x100, 0, s));
	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 5, s));
	SHOW(socketpair(AF_INET, SOCK_STREAM, 0, s));
	SHOW(socketpair(AF_INET, SOCK_DGRAM, 0, s));
	SHOW(socketpair(77, SOCK_DGRAM, 0, s));
}

TEST(sockerr, bind)
{
	struct sockaddr_un name = name_of("x");
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), file;

	put_file("f", "");
	file = open("f", O_RDONLY);
	REQUIRE_OK(mkdir("closed", 0755));
	SHOW(bind_to(-1, "x"));
	SHOW(bind_to(file, "x"));
	SHOW(bind(fd, (void *)&name, 0));
	SHOW(bind(fd, (void *)&name, 1));
	SHOW(bind(fd, (void *)&name, -1));
	SHOW(bind(fd, (void *)&name, sizeof(name) + 1));
	SHOW(bind(fd, (void *)&name, 200));
	SHOW(bind(fd, NULL, sizeof(name)));
	SHOW(bind(fd, (void *)8, sizeof(name)));
	SHOW(bind_to(fd, "f"));
	SHOW(bind_to(fd, "nothing/x"));
	SHOW(bind_to(fd, "f/x"));
	SHOW(bind_to(fd, "/proc/x"));
	AS_USER(1000, 1000, SHOW(bind_to(fd, "closed/x")));
	name.sun_family = AF_INET;
	SHOW(bind(fd, (void *)&name, sizeof(name)));
	SHOW(bind_to(fd, "x"));
	SHOW(bind_to(fd, "y"));
	SHOW(bind_to(socket(AF_UNIX, SOCK_DGRAM, 0), "x"));
	unlink("x");
	SHOW(bind_to(socket(AF_UNIX, SOCK_DGRAM, 0), "x"));
	name = (struct sockaddr_un){ .sun_family = AF_UNIX, .sun_path = "\0abstract-error" };
	SHOW(bind(socket(AF_UNIX, SOCK_DGRAM, 0), (void *)&name, 20));
	SHOW(bind(socket(AF_UNIX, SOCK_DGRAM, 0), (void *)&name, 20));
	SHOW(bind(socket(AF_UNIX, SOCK_DGRAM, 0), (void *)&name, 21));
	/* The family alone asks for any abstract name. */
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	SHOW(bind(fd, (void *)&name, 2));
	socklen_t length = sizeof(name);
	SHOW(getsockname(fd, (void *)&name, &length));
	note("length %u first %d", length, name.sun_path[0]);
}

TEST(sockerr, listen_and_accept)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0), dgram = socket(AF_UNIX, SOCK_DGRAM, 0), client;
	socklen_t length;

	SHOW(listen(-1, 1));
	SHOW(listen(0, 1));
	SHOW(listen(dgram, 1));
	SHOW(listen(fd, 1));
	SHOW(accept(fd, NULL, NULL));
	REQUIRE_OK(bind_to(fd, "s"));
	SHOW(accept(fd, NULL, NULL));
	SHOW(listen(fd, -1));
	SHOW(listen(fd, 0));
	SHOW(accept(fd, NULL, NULL));
	SHOW(accept(dgram, NULL, NULL));
	SHOW(accept(-1, NULL, NULL));
	SHOW(accept(0, NULL, NULL));
	SHOW(accept4(fd, NULL, NULL, 1));
	client = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	SHOW(connect_to(client, "s"));
	length = (socklen_t)-1;
	SHOW(accept(fd, (void *)&(struct sockaddr_un){ 0 }, &length));
	SHOW(connect_to(client, "s"));
	client = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	SHOW(connect_to(client, "s"));
	SHOW(accept(fd, (void *)8, &(socklen_t){ 100 }));
	client = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	SHOW(connect_to(client, "s"));
	SHOW(accept(fd, (void *)&(struct sockaddr_un){ 0 }, (void *)8));
	SHOW(connect_to(fd, "s"));
	/* The backlog of nothing takes one; the next has to come back. */
	SHOW(connect_to(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0), "s"));
	SHOW(connect_to(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0), "s"));
}

TEST(sockerr, connect)
{
	struct sockaddr_un name = name_of("s");
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), fd = socket(AF_UNIX, SOCK_STREAM, 0);

	put_file("f", "");
	REQUIRE_OK(bind_to(listener, "s"));
	SHOW(connect_to(fd, "s"));
	SHOW(connect_to(fd, "f"));
	SHOW(connect_to(fd, "nothing"));
	SHOW(connect_to(fd, "f/x"));
	SHOW(connect(fd, (void *)&name, 1));
	SHOW(connect(fd, (void *)&name, 2));
	SHOW(connect(fd, (void *)8, sizeof(name)));
	SHOW(connect(fd, (void *)&name, 1000));
	name.sun_family = 0;
	SHOW(connect(fd, (void *)&name, sizeof(name)));
	name.sun_family = 77;
	SHOW(connect(fd, (void *)&name, sizeof(name)));
	SHOW(connect_to(-1, "s"));
	SHOW(connect_to(0, "s"));
	REQUIRE_OK(listen(listener, 5));
	SHOW(connect_to(socket(AF_UNIX, SOCK_DGRAM, 0), "s"));
	SHOW(connect_to(socket(AF_UNIX, SOCK_SEQPACKET, 0), "s"));
	chmod("s", 0600);
	AS_USER(1000, 1000, SHOW(connect_to(socket(AF_UNIX, SOCK_STREAM, 0), "s")));
	SHOW(connect_to(fd, "s"));
	SHOW(connect_to(fd, "s"));
	close(listener);
	SHOW(connect_to(socket(AF_UNIX, SOCK_STREAM, 0), "s"));
}

TEST(sockerr, names_and_shutdown)
{
	struct sockaddr_un name;
	socklen_t length = sizeof(name);
	int s[2], fd = socket(AF_UNIX, SOCK_STREAM, 0);

	REQUIRE_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	SHOW(getsockname(fd, (void *)&name, &length));
	note("length %u", length);
	SHOW(getpeername(fd, (void *)&name, &length));
	SHOW(getpeername(s[0], (void *)&name, &length));
	SHOW(getsockname(s[0], NULL, &length));
	SHOW(getsockname(s[0], (void *)&name, NULL));
	length = (socklen_t)-1;
	SHOW(getsockname(s[0], (void *)&name, &length));
	length = 0;
	SHOW(getsockname(s[0], (void *)&name, &length));
	note("length %u", length);
	SHOW(getsockname(0, (void *)&name, &length));
	SHOW(getsockname(-1, (void *)&name, &length));
	SHOW(shutdown(fd, SHUT_RDWR));
	SHOW(shutdown(s[0], 3));
	SHOW(shutdown(s[0], -1));
	SHOW(shutdown(s[0], SHUT_WR));
	SHOW(shutdown(s[0], SHUT_WR));
	SHOW(shutdown(0, SHUT_WR));
	SHOW(shutdown(-1, SHUT_WR));
	signal(SIGPIPE, SIG_IGN);
	SHOW(write(s[0], "x", 1));
	SHOW(read(s[1], &name, 1));
	SHOW(write(s[1], "x", 1));
	SHOW(shutdown(s[0], SHUT_RD));
	SHOW(write(s[1], "x", 1));
	SHOW(read(s[0], &name, 1));
	SHOW(read(s[0], &name, 1));
}
