/* SPDX-License-Identifier: MIT */
/* For the tests of interface ioctls: lo is what a machine begins with once it is up, before and after each test. */
#pragma once
#include "inet.h"
#include <linux/ipv6.h>
#include <net/route.h>

HARNESS_UNUSED static int sock(void)
{
	static int s = -1;

	return s >= 0 ? s : (s = REQUIRE_OK(socket(AF_INET, SOCK_DGRAM, 0)));
}

HARNESS_UNUSED static void lo_reset(void)
{
	struct ifreq list[32], r = { .ifr_name = "lo" };
	struct ifconf c = { .ifc_len = sizeof(list), .ifc_req = list };
	int s = sock();

	/* Each alias, and lo's own address, by its label. */
	for (int round = 0; round < 32; round++) {
		c.ifc_len = sizeof(list);
		if (ioctl(s, SIOCGIFCONF, &c) || !c.ifc_len)
			break;
		((struct sockaddr_in *)&list[0].ifr_addr)->sin_addr.s_addr = 0;
		ioctl(s, SIOCSIFADDR, &list[0]);
	}
	r.ifr_flags = 0;
	ioctl(s, SIOCSIFFLAGS, &r);
	r.ifr_mtu = 65536;
	ioctl(s, SIOCSIFMTU, &r);
	r.ifr_qlen = 1000;
	ioctl(s, SIOCSIFTXQLEN, &r);
	r.ifr_flags = IFF_UP;
	if (ioctl(s, SIOCSIFFLAGS, &r))
		fail("lo does not come up: %s", errno_name(errno));
}

HARNESS_UNUSED static const char *outcome(int ret)
{
	return ret < 0 ? errno_name(errno) : "ok";
}

HARNESS_UNUSED static void set_addr(unsigned long cmd, const char *name, const char *ip)
{
	struct ifreq r = { 0 };
	struct sockaddr_in *a = (struct sockaddr_in *)&r.ifr_addr;

	strcpy(r.ifr_name, name);
	a->sin_family = AF_INET;
	inet_pton(AF_INET, ip, &a->sin_addr);
	note("%s %s %s: %s", cmd == SIOCSIFADDR ? "address" : cmd == SIOCSIFNETMASK ? "mask" : cmd == SIOCSIFBRDADDR ? "broadcast" : "peer", name,
	     ip, outcome(ioctl(sock(), cmd, &r)));
}

HARNESS_UNUSED static void set_flags(const char *name, int flags)
{
	struct ifreq r = { .ifr_flags = flags };

	strcpy(r.ifr_name, name);
	note("flags %#x %s: %s", flags, name, outcome(ioctl(sock(), SIOCSIFFLAGS, &r)));
}

HARNESS_UNUSED static void show_addr(const char *name)
{
	static const struct {
		unsigned long cmd;
		const char *name;
	} asked[] = { { SIOCGIFADDR, "address" }, { SIOCGIFNETMASK, "mask" }, { SIOCGIFBRDADDR, "broadcast" }, { SIOCGIFDSTADDR, "peer" } };

	for (unsigned i = 0; i < ARRAY_SIZE(asked); i++) {
		struct ifreq r = { 0 };
		int ret;

		strcpy(r.ifr_name, name);
		ret = ioctl(sock(), asked[i].cmd, &r);
		note("%s has %s %s", name, asked[i].name, ret ? errno_name(errno) : addr_text(&r.ifr_addr));
	}
}

HARNESS_UNUSED static void conf(void)
{
	struct ifreq list[32];
	struct ifconf c = { .ifc_len = sizeof(list), .ifc_req = list };

	note("list: %s", outcome(ioctl(sock(), SIOCGIFCONF, &c)));
	for (unsigned i = 0; i < c.ifc_len / sizeof(list[0]); i++)
		note("%s %s", list[i].ifr_name, addr_text(&list[i].ifr_addr));
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* A file of /proc, as it is; the lines of if_inet6, which have no order of their own, sorted. */
HARNESS_UNUSED static void show_file(const char *path)
{
	static char text[16384];
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	note("%s: %s", path, n < 0 ? errno_name(errno) : "");
	if (n > 0) {
		text[n] = 0;
		char *lines[128];
		int count = 0;

		for (char *l = strtok(text, "\n"); l && count < 128; l = strtok(NULL, "\n"))
			lines[count++] = l;
		if (strstr(path, "if_inet6"))
			qsort(lines, count, sizeof(*lines), by_text);
		for (int i = 0; i < count; i++)
			note("%s|", lines[i]);
	}
	if (fd >= 0)
		close(fd);
}
