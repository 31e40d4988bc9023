/* SPDX-License-Identifier: MIT */
/*
 * pty.h - helpers of the terminal tests.
 *
 * A terminal may take its time between a write on one side and the data on the other, so nothing here
 * asks "is there something yet?": get_until() and get_bytes() wait for what must come, and a test that
 * must show that nothing came sends something recognisable behind it.
 */
#ifndef TESTS_USER_TTY_PTY_H
#define TESTS_USER_TTY_PTY_H

#include "../harness.h"
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>

struct pty {
	int master, slave;
	char name[64];
};

/* Bytes as a C string literal would have them, so that an echoed "^C" differs from the character. */
HARNESS_UNUSED static const char *quoted(const char *data, ssize_t size)
{
	static const char names[] = "\aa\bb\tt\nn\vv\ff\rr\\\\";
	static char ring[4][2048];
	static unsigned int next;
	char *text = ring[next++ % 4], *p = text;

	if (size < 0)
		return errno_name(errno);
	for (ssize_t i = 0; i < size && p < text + 2000; i++) {
		unsigned char c = data[i];
		const char *name = c ? strchr(names, c) : NULL;

		if (name && (name - names) % 2 == 0)
			p += sprintf(p, "\\%c", name[1]);
		else if (c < 32 || c >= 127)
			p += sprintf(p, "\\%03o", c);
		else
			*p++ = c;
	}
	*p = 0;
	return text;
}

HARNESS_UNUSED static struct pty pty_open(void)
{
	struct pty p;
	char *name;

	p.master = REQUIRE_OK(posix_openpt(O_RDWR | O_NOCTTY));
	REQUIRE_OK(grantpt(p.master));
	REQUIRE_OK(unlockpt(p.master));
	name = ptsname(p.master);
	REQUIRE_TRUE(name != NULL);
	snprintf(p.name, sizeof(p.name), "%s", name);
	p.slave = REQUIRE_OK(open(p.name, O_RDWR | O_NOCTTY));
	return p;
}

/* Read up to and including LAST, waiting for it. */
HARNESS_UNUSED static const char *get_until(int fd, char last)
{
	char data[2048];
	ssize_t used = 0;

	while (used < (ssize_t)sizeof(data)) {
		struct pollfd poller = { fd, POLLIN, 0 };

		if (poll(&poller, 1, 10000) <= 0) {
			fail("get_until: '%s' and then nothing", quoted(data, used));
			break;
		}
		if (read(fd, data + used, 1) != 1)
			break;
		if (data[used++] == last)
			break;
	}
	return quoted(data, used);
}

/* Read exactly COUNT bytes, waiting for them. */
HARNESS_UNUSED static const char *get_bytes(int fd, size_t count)
{
	char data[2048];
	size_t used = 0;

	while (used < count) {
		struct pollfd poller = { fd, POLLIN, 0 };
		ssize_t n;

		if (poll(&poller, 1, 10000) <= 0) {
			fail("get_bytes: '%s' and then nothing", quoted(data, used));
			break;
		}
		n = read(fd, data + used, count - used);
		if (n <= 0)
			break;
		used += n;
	}
	return quoted(data, used);
}

/* One read(2), for line-wise input. */
HARNESS_UNUSED static const char *get_once(int fd, size_t size)
{
	static char data[8192];
	ssize_t n;

	do
		n = read(fd, data, size);
	while (n < 0 && errno == EINTR);
	return quoted(data, n);
}

HARNESS_UNUSED static void put(int fd, const char *text)
{
	write_all(fd, text, strlen(text));
}

/* Change flags of the terminal: first what to clear, then what to set. */
HARNESS_UNUSED static void change(int fd, tcflag_t *flags, struct termios *t, tcflag_t clear, tcflag_t set)
{
	REQUIRE_OK(tcgetattr(fd, t));
	*flags = (*flags & ~clear) | set;
	REQUIRE_OK(tcsetattr(fd, TCSANOW, t));
}

#define CHANGE(fd, member, clear, set) do {                                                 \
	struct termios change_t;                                                            \
	change(fd, &change_t.member, &change_t, clear, set);                                \
} while (0)

HARNESS_UNUSED static void set_cc(int fd, int index, int value)
{
	struct termios t;

	REQUIRE_OK(tcgetattr(fd, &t));
	t.c_cc[index] = value;
	REQUIRE_OK(tcsetattr(fd, TCSANOW, &t));
}

/* No editing, no echo, no signals, no translation: bytes as they are. */
HARNESS_UNUSED static void make_raw(int fd)
{
	struct termios t;

	REQUIRE_OK(tcgetattr(fd, &t));
	cfmakeraw(&t);
	REQUIRE_OK(tcsetattr(fd, TCSANOW, &t));
}

/* In a child: a new session with the slave as controlling terminal and as 0. */
HARNESS_UNUSED static void lead_session(struct pty *p)
{
	REQUIRE_OK(setsid());
	REQUIRE_OK(ioctl(p->slave, TIOCSCTTY, 0));
}

#endif /* TESTS_USER_TTY_PTY_H */
