/* SPDX-License-Identifier: MIT */
/* What the socket tests share: addresses, control messages, printing. Included after harness.h. */
#ifndef TESTS_USER_SOCKET_COMMON_H
#define TESTS_USER_SOCKET_COMMON_H
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/resource.h>
#include <linux/sockios.h>

/* An abstract name (@text begins with '@') or a path; *len as bind(2) wants it. */
HARNESS_UNUSED static struct sockaddr_un un_addr(const char *text, socklen_t *len)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	size_t n = strlen(text);

	memcpy(a.sun_path, text, n);
	*len = offsetof(struct sockaddr_un, sun_path) + n;
	if (text[0] == '@')
		a.sun_path[0] = 0;
	else
		*len += 1;
	return a;
}

HARNESS_UNUSED static int bind_to(int fd, const char *text)
{
	socklen_t len;
	struct sockaddr_un a = un_addr(text, &len);

	return bind(fd, (struct sockaddr *)&a, len);
}

HARNESS_UNUSED static int connect_to(int fd, const char *text)
{
	socklen_t len;
	struct sockaddr_un a = un_addr(text, &len);

	return connect(fd, (struct sockaddr *)&a, len);
}

HARNESS_UNUSED static ssize_t send_to(int fd, const void *data, size_t n, int flags, const char *text)
{
	socklen_t len;
	struct sockaddr_un a = un_addr(text, &len);

	return sendto(fd, data, n, flags, (struct sockaddr *)&a, len);
}

HARNESS_UNUSED static int new_socket(int type)
{
	return REQUIRE_OK(socket(AF_UNIX, type, 0));
}

/* A listening socket of that name. */
HARNESS_UNUSED static int listener(int type, const char *text, int backlog)
{
	int fd = new_socket(type);

	REQUIRE_OK(bind_to(fd, text));
	REQUIRE_OK(listen(fd, backlog));
	return fd;
}

HARNESS_UNUSED static void new_pair(int type, int *fd)
{
	REQUIRE_OK(socketpair(AF_UNIX, type, 0, fd));
}

/* A name as text: "@name", "path", "(unnamed)", with its length. */
HARNESS_UNUSED static const char *addr_text(const struct sockaddr_un *a, socklen_t len)
{
	static char text[160];
	size_t n = len - offsetof(struct sockaddr_un, sun_path);

	if (len == 0)
		return "(none) len 0";
	if (len <= offsetof(struct sockaddr_un, sun_path))
		snprintf(text, sizeof(text), "(unnamed) len %d family %d", (int)len, a->sun_family);
	else
		snprintf(text, sizeof(text), "%s%.*s len %d", a->sun_path[0] ? "" : "@",
			 (int)(a->sun_path[0] ? strnlen(a->sun_path, n) : n - 1), a->sun_path + !a->sun_path[0], (int)len);
	return text;
}

HARNESS_UNUSED static int opt_int(int fd, int name)
{
	int v = -12345;
	socklen_t len = sizeof(v);

	if (getsockopt(fd, SOL_SOCKET, name, &v, &len) < 0)
		return -errno;
	return v;
}

HARNESS_UNUSED static int set_int(int fd, int name, int v)
{
	return setsockopt(fd, SOL_SOCKET, name, &v, sizeof(v));
}

HARNESS_UNUSED static void set_nonblock(int fd)
{
	REQUIRE_OK(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK));
}

/* One message with @n descriptors. */
HARNESS_UNUSED static ssize_t send_fds(int sock, const void *data, size_t len, const int *fds, int n, int flags)
{
	char control[CMSG_SPACE(sizeof(int) * 260)] = { 0 };
	struct iovec iov = { (void *)data, len };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = CMSG_SPACE(sizeof(int) * n) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int) * n);
	memcpy(CMSG_DATA(c), fds, sizeof(int) * n);
	return sendmsg(sock, &m, flags);
}

/* Receives data and up to @max descriptors; *got of them; *mflags: msg_flags. */
HARNESS_UNUSED static ssize_t recv_fds(int sock, void *data, size_t len, int *fds, int max, int *got, int flags, int *mflags)
{
	char control[CMSG_SPACE(sizeof(int) * 260)] = { 0 };
	struct iovec iov = { data, len };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = max ? CMSG_SPACE(sizeof(int) * max) : 0 };
	ssize_t n;

	if (!max)
		m.msg_control = NULL;
	n = recvmsg(sock, &m, flags);
	*got = 0;
	if (n < 0)
		return n;
	if (mflags)
		*mflags = m.msg_flags;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS) {
			int k = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

			memcpy(fds + *got, CMSG_DATA(c), k * sizeof(int));
			*got += k;
		}
	return n;
}

HARNESS_UNUSED static int poll_now(int fd)
{
	struct pollfd p = { fd, POLLIN | POLLPRI | POLLOUT | POLLRDHUP | POLLRDNORM | POLLWRNORM | POLLWRBAND | POLLRDBAND, 0 };

	poll(&p, 1, 0);
	return p.revents;
}
#define NOTE_POLL(fd, what) note("%s: %#x", what, poll_now(fd))

#endif
