/* SPDX-License-Identifier: MIT */
/* Names of Unix sockets: paths, abstract names, names made up by the kernel. Prints errors and the names given here. */
#include "../harness.h"
#include "common.h"

static void show_name(int fd)
{
	struct sockaddr_un a = { 0 };
	socklen_t len = sizeof(a);

	REQUIRE_OK(getsockname(fd, (struct sockaddr *)&a, &len));
	note("name %s", addr_text(&a, len));
}

TEST(names, bind_makes_an_inode_of_type_socket)
{
	struct stat st;
	int fd = new_socket(SOCK_STREAM);

	show_name(fd);
	umask(027);
	SHOW(bind_to(fd, "sock"));
	show_name(fd);
	REQUIRE_OK(lstat("sock", &st));
	note("mode %o nlink %d size %lld", st.st_mode, (int)st.st_nlink, (long long)st.st_size);
	SHOW(open("sock", O_RDWR));
	SHOW(open("sock", O_RDONLY | O_NONBLOCK));
	SHOW(open("sock", O_PATH) >= 0);
	fd = new_socket(SOCK_STREAM);
	SHOW(bind_to(fd, "sock"));
	REQUIRE_OK(fchmod(fd, 0600));
	SHOW(bind_to(fd, "private"));
	REQUIRE_OK(lstat("private", &st));
	note("mode %o", st.st_mode);
}

TEST(names, bind_happens_once)
{
	int fd = new_socket(SOCK_DGRAM);

	SHOW(bind_to(fd, "@once-upon-a-time"));
	SHOW(bind_to(fd, "@twice"));
	SHOW(bind_to(fd, "path"));
	SHOW(access("path", F_OK));
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	SHOW(bind(fd, (struct sockaddr *)&a, 2));
	show_name(fd);
}

TEST(names, lengths_and_families_are_checked)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX, .sun_path = "x" };
	char big[200] = { 0 };
	int fd = new_socket(SOCK_STREAM);

	memcpy(big, &a, 3);
	SHOW(bind(fd, (struct sockaddr *)&a, 0));
	SHOW(bind(fd, (struct sockaddr *)&a, 1));
	SHOW(bind(fd, (struct sockaddr *)&a, -1));
	SHOW(bind(fd, (struct sockaddr *)big, 111));
	SHOW(bind(fd, (struct sockaddr *)big, 128));
	SHOW(bind(fd, (struct sockaddr *)big, 129));
	SHOW(bind(fd, NULL, sizeof(a)));
	SHOW(bind(fd, (struct sockaddr *)1, sizeof(a)));
	a.sun_family = AF_INET;
	SHOW(bind(fd, (struct sockaddr *)&a, sizeof(a)));
	SHOW(bind(fd, (struct sockaddr *)&a, 2));
	a.sun_family = AF_UNSPEC;
	SHOW(bind(fd, (struct sockaddr *)&a, sizeof(a)));
	SHOW(connect(fd, (struct sockaddr *)&a, sizeof(a)));
	SHOW(connect(fd, (struct sockaddr *)&a, 2));
	SHOW(connect(fd, NULL, 16));
	SHOW(connect(fd, (struct sockaddr *)&a, 200));
}

TEST(names, paths_end_at_the_zero_byte_or_with_the_address)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = new_socket(SOCK_STREAM);

	memcpy(a.sun_path, "abcdef", 6);
	SHOW(bind(fd, (struct sockaddr *)&a, 2 + 3));
	show_name(fd);
	SHOW(access("abc", F_OK));
	fd = new_socket(SOCK_STREAM);
	memcpy(a.sun_path, "q\0zzzz", 6);
	SHOW(bind(fd, (struct sockaddr *)&a, sizeof(a)));
	show_name(fd);
	/* The longest: 108 bytes without a zero byte. */
	fd = new_socket(SOCK_STREAM);
	memset(a.sun_path, 'm', sizeof(a.sun_path));
	SHOW(bind(fd, (struct sockaddr *)&a, sizeof(a)));
	struct sockaddr_storage got;
	socklen_t len = sizeof(got);
	SHOW(getsockname(fd, (struct sockaddr *)&got, &len));
	note("length %d", (int)len);
}

TEST(names, errors_of_the_path)
{
	int fd = new_socket(SOCK_STREAM);

	REQUIRE_OK(mkdir("dir", 0755));
	put_file("file", "");
	REQUIRE_OK(symlink("nowhere", "dangling"));
	SHOW(bind_to(fd, "absent/x"));
	SHOW(bind_to(fd, "file/x"));
	SHOW(bind_to(fd, "dir"));
	SHOW(bind_to(fd, "file"));
	SHOW(bind_to(fd, "dangling"));
	SHOW(bind_to(fd, "dir/"));
	SHOW(bind_to(fd, "new/"));
	SHOW(connect_to(fd, "absent"));
	SHOW(connect_to(fd, "file"));
	SHOW(connect_to(fd, "dir"));
	SHOW(connect_to(fd, "file/x"));
	SHOW(connect_to(fd, "dangling"));
	SHOW(bind_to(fd, "dir/ok"));
}

TEST(names, permissions)
{
	int l, dir;

	umask(0);
	REQUIRE_OK(mkdir("closed", 0755));
	REQUIRE_OK(chmod(".", 0755));
	l = listener(SOCK_STREAM, "sock", 5);
	REQUIRE_OK(chmod("sock", 0600));
	dir = open(".", O_RDONLY | O_DIRECTORY);
	AS_USER(1000, 1000, {
		int fd = new_socket(SOCK_STREAM);

		REQUIRE_OK(fchdir(dir));
		SHOW(bind_to(fd, "closed/x"));
		SHOW(connect_to(fd, "sock"));
	});
	REQUIRE_OK(chmod("sock", 0602));
	AS_USER(1000, 1000, {
		int fd = new_socket(SOCK_STREAM);

		REQUIRE_OK(fchdir(dir));
		SHOW(connect_to(fd, "sock"));
	});
	close(l);
}

TEST(names, a_dead_name_refuses)
{
	int l = listener(SOCK_STREAM, "sock", 1), fd = new_socket(SOCK_STREAM);

	SHOW(connect_to(fd, "sock"));
	close(fd);
	close(l);
	fd = new_socket(SOCK_STREAM);
	SHOW(connect_to(fd, "sock"));
	SHOW(bind_to(fd, "sock"));
	REQUIRE_OK(unlink("sock"));
	SHOW(connect_to(fd, "sock"));
	SHOW(bind_to(fd, "sock"));
	REQUIRE_OK(mknod("made", S_IFSOCK | 0666, 0));
	SHOW(connect_to(fd, "made"));
}

TEST(names, the_inode_is_the_name)
{
	int l = listener(SOCK_STREAM, "one", 5);

	REQUIRE_OK(rename("one", "two"));
	REQUIRE_OK(link("two", "three"));
	REQUIRE_OK(symlink("three", "four"));
	SHOW(connect_to(new_socket(SOCK_STREAM), "one"));
	SHOW(connect_to(new_socket(SOCK_STREAM), "two"));
	SHOW(connect_to(new_socket(SOCK_STREAM), "three"));
	SHOW(connect_to(new_socket(SOCK_STREAM), "four"));
	show_name(l);
	/* A new socket of the old name does not disturb the one that listens. */
	int other = listener(SOCK_STREAM, "one", 5);
	close(other);
	SHOW(connect_to(new_socket(SOCK_STREAM), "one"));
	SHOW(connect_to(new_socket(SOCK_STREAM), "two"));
}

TEST(names, abstract_names_are_bytes_with_a_length)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = new_socket(SOCK_DGRAM), other = new_socket(SOCK_DGRAM);

	memcpy(a.sun_path, "\0ab\0c", 5);
	SHOW(bind(fd, (struct sockaddr *)&a, 2 + 5));
	SHOW(bind(other, (struct sockaddr *)&a, 2 + 5));
	SHOW(bind(other, (struct sockaddr *)&a, 2 + 4));
	struct sockaddr_un got;
	socklen_t len = sizeof(got);
	SHOW(getsockname(fd, (struct sockaddr *)&got, &len));
	note("len %d same %d", (int)len, memcmp(&got, &a, 7) == 0);
	/* Just the zero byte is a name too. */
	SHOW(bind(new_socket(SOCK_DGRAM), (struct sockaddr *)&a, 3));
	SHOW(bind(new_socket(SOCK_DGRAM), (struct sockaddr *)&a, 3));
	/* Free again with the socket. */
	close(fd);
	SHOW(bind(new_socket(SOCK_DGRAM), (struct sockaddr *)&a, 2 + 5));
}

TEST(names, each_type_has_its_own_abstract_names)
{
	SHOW(bind_to(new_socket(SOCK_DGRAM), "@types"));
	SHOW(bind_to(new_socket(SOCK_STREAM), "@types"));
	SHOW(bind_to(new_socket(SOCK_SEQPACKET), "@types"));
	SHOW(bind_to(new_socket(SOCK_STREAM), "@types"));
	SHOW(connect_to(new_socket(SOCK_DGRAM), "@types"));
	SHOW(connect_to(new_socket(SOCK_STREAM), "@types"));
	SHOW(connect_to(new_socket(SOCK_STREAM), "@nobody"));
	/* Paths are of one type. */
	SHOW(bind_to(new_socket(SOCK_DGRAM), "path"));
	SHOW(connect_to(new_socket(SOCK_STREAM), "path"));
	SHOW(connect_to(new_socket(SOCK_SEQPACKET), "path"));
	SHOW(connect_to(new_socket(SOCK_DGRAM), "path"));
}

TEST(names, autobind_gives_five_hexadecimal_digits)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX }, b = { 0 };
	socklen_t len = sizeof(a);
	int fd = new_socket(SOCK_STREAM), ok = 1;

	SHOW(bind(fd, (struct sockaddr *)&a, 2));
	REQUIRE_OK(getsockname(fd, (struct sockaddr *)&a, &len));
	note("length %d first byte %d", (int)len, a.sun_path[0]);
	for (int i = 1; i < 6; i++)
		ok &= strchr("0123456789abcdef", a.sun_path[i]) != NULL;
	note("digits %d", ok);
	b.sun_family = AF_UNIX;
	SHOW(bind(fd, (struct sockaddr *)&b, 2));
	len = sizeof(b);
	REQUIRE_OK(getsockname(fd, (struct sockaddr *)&b, &len));
	note("unchanged %d", !memcmp(&a, &b, len));
	SHOW(listen(fd, 1));
	SHOW(connect(new_socket(SOCK_STREAM), (struct sockaddr *)&b, len));
}

TEST(names, the_address_is_cut_to_the_buffer)
{
	struct sockaddr_un a;
	socklen_t len;
	int fd = new_socket(SOCK_STREAM);

	REQUIRE_OK(bind_to(fd, "@abcdefgh"));
	for (len = 0; len <= 12; len += 4) {
		socklen_t l = len;

		memset(&a, '#', sizeof(a));
		SHOW(getsockname(fd, (struct sockaddr *)&a, &l));
		note("gave %d, got %d, behind it '%c'", (int)len, (int)l, ((char *)&a)[len]);
	}
	len = -1;
	SHOW(getsockname(fd, (struct sockaddr *)&a, &len));
	len = sizeof(a);
	SHOW(getsockname(fd, NULL, &len));
	SHOW(getsockname(fd, (struct sockaddr *)&a, NULL));
	SHOW(getpeername(fd, (struct sockaddr *)&a, &len));
}
