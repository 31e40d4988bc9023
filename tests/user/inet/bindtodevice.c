/* SPDX-License-Identifier: MIT */
/* SO_BINDTODEVICE and SO_BINDTOIFINDEX: what is taken, what is read back, who may change it, and what arrives then. */
#include "inet.h"
#include <sys/prctl.h>

static void show(int s)
{
	char name[IFNAMSIZ] = "untouched";
	socklen_t n = sizeof(name);
	int index = -1;
	socklen_t m = sizeof(index);

	EXPECT_OK(getsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, name, &n));
	EXPECT_OK(getsockopt(s, SOL_SOCKET, SO_BINDTOIFINDEX, &index, &m));
	note("name %s, length %d, index %d", n ? name : "-", (int)n, index);
}

TEST(inet, a_device_by_name_and_back)
{
	int s = socket(AF_INET, SOCK_DGRAM, 0);
	char name[IFNAMSIZ];
	socklen_t n = IFNAMSIZ - 1;

	lo_up();
	show(s);
	EXPECT_OK(setsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2));
	show(s);
	EXPECT_ERRNO(getsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, name, &n), EINVAL);
	EXPECT_ERRNO(setsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, "nothing9", 9), ENODEV);
	show(s);
	EXPECT_OK(setsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, "", 0));
	show(s);
	EXPECT_OK(setsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, "lo\0rest", 7));
	EXPECT_OK(setsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, "\0", 2));
	show(s);
	EXPECT_ERRNO(setsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, (void *)1, 4), EFAULT);
}

TEST(inet, a_device_by_index)
{
	int s = socket(AF_INET6, SOCK_STREAM, 0), v = (int)if_nametoindex("lo");

	EXPECT_OK(setsockopt(s, SOL_SOCKET, SO_BINDTOIFINDEX, &v, sizeof(v)));
	show(s);
	v = -1;
	EXPECT_ERRNO(setsockopt(s, SOL_SOCKET, SO_BINDTOIFINDEX, &v, sizeof(v)), EINVAL);
	v = 0;
	EXPECT_OK(setsockopt(s, SOL_SOCKET, SO_BINDTOIFINDEX, &v, sizeof(v)));
	show(s);
	EXPECT_ERRNO(setsockopt(s, SOL_SOCKET, SO_BINDTOIFINDEX, &v, 3), EINVAL);
}

TEST(inet, bound_once_it_is_changed_with_privilege_only)
{
	int s = socket(AF_INET, SOCK_DGRAM, 0), v = 0;

	EXPECT_OK(setresuid(1000, 1000, 1000));
	EXPECT_OK(setsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3));
	EXPECT_ERRNO(setsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3), EPERM);
	EXPECT_ERRNO(setsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, "", 0), EPERM);
	EXPECT_ERRNO(setsockopt(s, SOL_SOCKET, SO_BINDTOIFINDEX, &v, sizeof(v)), EPERM);
	EXPECT_ERRNO(setsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, "nothing9", 9), ENODEV);
	show(s);
}

TEST(inet, a_bound_datagram_socket_receives_from_its_device)
{
	struct sockaddr_in a;
	char c = 0;
	int s, r;

	lo_up();
	r = bound(SOCK_DGRAM, "0.0.0.0");
	s = socket(AF_INET, SOCK_DGRAM, 0);
	a = in_addr("127.0.0.1", port_of(r));
	EXPECT_OK(setsockopt(r, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3));
	EXPECT_OK(setsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3));
	EXPECT_EQ(sendto(s, "x", 1, 0, (void *)&a, sizeof(a)), 1);
	note("poll: %s", poll_text(events_of(r, POLLIN)));
	EXPECT_EQ(recv(r, &c, 1, 0), 1);
	EXPECT_EQ(c, 'x');
}

TEST(inet, an_accepted_socket_has_the_listeners_device)
{
	struct sockaddr_in a = in_addr("127.0.0.1", 0);
	int l = socket(AF_INET, SOCK_STREAM, 0), c, s;

	lo_up();
	EXPECT_OK(setsockopt(l, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3));
	EXPECT_OK(bind(l, (void *)&a, sizeof(a)));
	EXPECT_OK(listen(l, 1));
	c = connected_to(l);
	s = accept(l, NULL, NULL);
	show(s);
	show(c);
}
