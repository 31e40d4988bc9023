/* SPDX-License-Identifier: MIT */
/* RTM_GETADDR dumps: families, strict checking, the filter by interface. */
#include "rtnl.h"

TEST(addr_dump, families)
{
	reset();
	add_addr("10.1.0.1/24");
	show_addrs(AF_UNSPEC);
	show_addrs(AF_INET6);
	show_addrs(AF_UNIX);
}

TEST(addr_dump, strict)
{
	int fd = rt_socket(0);
	struct ifaddrmsg *m;

	reset();
	strict(fd, 1);
	for (int i = 0; i < 2; i++) {
		int family = i ? AF_INET6 : AF_INET;

		m = start(RTM_GETADDR, DUMP, sizeof(*m));
		m->ifa_family = family;
		m->ifa_index = LO;
		ask(fd);
		m = start(RTM_GETADDR, DUMP, sizeof(*m));
		m->ifa_family = family;
		m->ifa_index = 999;
		ask(fd);
		m = start(RTM_GETADDR, DUMP, sizeof(*m));
		m->ifa_family = family;
		m->ifa_scope = 5;
		ask(fd);
		m = start(RTM_GETADDR, DUMP, sizeof(*m));
		m->ifa_family = family;
		add_ip(IFA_LOCAL, i ? "::1" : "127.0.0.1");
		ask(fd);
		m = start(RTM_GETADDR, DUMP, 4);
		m->ifa_family = family;
		ask(fd);
	}
	strict(fd, 0);
	m = start(RTM_GETADDR, DUMP, sizeof(*m));
	m->ifa_family = AF_INET;
	m->ifa_index = 999;
	ask(fd);
}

TEST(addr_dump, one_address_of_ipv6)
{
	int fd = rt_socket(0);
	struct ifaddrmsg *m;

	reset();
	m = start(RTM_GETADDR, ACK, sizeof(*m));
	m->ifa_family = AF_INET6;
	add_ip(IFA_ADDRESS, "::1");
	ask(fd);
	m = start(RTM_GETADDR, ACK, sizeof(*m));
	m->ifa_family = AF_INET6;
	add_ip(IFA_ADDRESS, "::2");
	ask(fd);
	m = start(RTM_GETADDR, ACK, sizeof(*m));
	m->ifa_family = AF_INET6;
	ask(fd);
	m = start(RTM_GETADDR, ACK, sizeof(*m));
	m->ifa_family = AF_INET;
	ask(fd);
}

TEST(addr_dump, in_pieces)
{
	int fd = rt_socket(0), n = 0;
	struct ifaddrmsg *m;
	bool end = false;
	char text[32];

	reset();
	for (int i = 1; i <= 100; i++) {
		snprintf(text, sizeof(text), "10.9.%d.1/24", i);
		add_addr(text);
	}
	m = start(RTM_GETADDR, DUMP, sizeof(*m));
	m->ifa_family = AF_INET;
	REQUIRE_OK(send(fd, &q, q.h.nlmsg_len, 0));
	/* Another request while the dump is under way is refused. */
	start(RTM_GETADDR, DUMP, sizeof(*m));
	REQUIRE_OK(send(fd, &q, q.h.nlmsg_len, 0));
	while (!end) {
		ssize_t len = REQUIRE_OK(recv(fd, rx, 4096, 0));

		for (struct nlmsghdr *h = (struct nlmsghdr *)rx; NLMSG_OK(h, len); h = NLMSG_NEXT(h, len)) {
			if (h->nlmsg_type == NLMSG_ERROR)
				(void)show_message(h);
			n += h->nlmsg_type == RTM_NEWADDR;
			end |= h->nlmsg_type == NLMSG_DONE;
		}
	}
	note("%d addresses", n);
	reset();
}
