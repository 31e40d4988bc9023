/* SPDX-License-Identifier: MIT */
/* Neighbours of IPv4. On lo they are all one, 0.0.0.0; the rest is as on any interface. */
#include "rtnl.h"

static const unsigned char mac[6] = { 2, 0, 0, 0, 0, 1 }, other[6] = { 2, 0, 0, 0, 0, 2 };

static struct ndmsg *neigh(unsigned type, unsigned flags, const char *ip, unsigned state)
{
	struct ndmsg *m = start(type, flags, sizeof(*m));

	m->ndm_family = AF_INET;
	m->ndm_ifindex = LO;
	m->ndm_state = state;
	if (ip)
		add_ip(NDA_DST, ip);
	return m;
}

TEST(neigh, permanent)
{
	int fd = rt_socket(0), ear;

	reset();
	ear = rt_socket(RTMGRP_NEIGH);
	neigh(RTM_NEWNEIGH, NEW, "0.0.0.0", NUD_PERMANENT);
	add(NDA_LLADDR, mac, 6);
	ask(fd);
	show_neighs(AF_INET);
	neigh(RTM_NEWNEIGH, NEW, "0.0.0.0", NUD_PERMANENT);
	add(NDA_LLADDR, other, 6);
	ask(fd);
	neigh(RTM_NEWNEIGH, ACK | NLM_F_REPLACE, "0.0.0.0", NUD_PERMANENT);
	add(NDA_LLADDR, other, 6);
	ask(fd);
	neigh(RTM_GETNEIGH, ACK, "0.0.0.0", 0);
	ask(fd);
	neigh(RTM_DELNEIGH, ACK, "0.0.0.0", 0);
	ask(fd);
	neigh(RTM_DELNEIGH, ACK, "0.0.0.0", 0);
	ask(fd);
	note("-- heard");
	heard(ear);
	show_neighs(AF_INET);
}

TEST(neigh, what_is_refused)
{
	int fd = rt_socket(0);

	reset();
	neigh(RTM_NEWNEIGH, NEW, NULL, NUD_PERMANENT);
	ask(fd);
	neigh(RTM_NEWNEIGH, NEW, "10.1.0.5", NUD_PERMANENT)->ndm_ifindex = 999;
	ask(fd);
	neigh(RTM_NEWNEIGH, NEW, "10.1.0.5", NUD_PERMANENT)->ndm_ifindex = 0;
	ask(fd);
	neigh(RTM_NEWNEIGH, NEW, "10.1.0.5", NUD_PERMANENT);
	add(NDA_LLADDR, mac, 3);
	ask(fd);
	neigh(RTM_NEWNEIGH, ACK, "10.1.0.5", NUD_PERMANENT);
	add(NDA_LLADDR, mac, 6);
	ask(fd);
	neigh(RTM_NEWNEIGH, NEW, NULL, NUD_PERMANENT);
	add(NDA_DST, "ab", 2);
	ask(fd);
	neigh(RTM_DELNEIGH, ACK, "10.1.0.5", 0);
	ask(fd);
	neigh(RTM_DELNEIGH, ACK, NULL, 0);
	ask(fd);
	neigh(RTM_GETNEIGH, ACK, "10.1.0.5", 0);
	ask(fd);
	show_neighs(AF_INET);
}

TEST(neigh, dumps)
{
	int fd = rt_socket(0);
	struct ndmsg *m;

	reset();
	neigh(RTM_NEWNEIGH, NEW, "0.0.0.0", NUD_PERMANENT);
	add(NDA_LLADDR, mac, 6);
	done(fd);
	strict(fd, 1);
	m = start(RTM_GETNEIGH, DUMP, sizeof(*m));
	m->ndm_family = AF_INET;
	add_u32(NDA_IFINDEX, LO);
	ask(fd);
	m = start(RTM_GETNEIGH, DUMP, sizeof(*m));
	m->ndm_family = AF_INET;
	add_u32(NDA_IFINDEX, 999);
	ask(fd);
	m = start(RTM_GETNEIGH, DUMP, sizeof(*m));
	m->ndm_family = AF_INET;
	m->ndm_state = 5;
	ask(fd);
	m = start(RTM_GETNEIGH, DUMP, sizeof(*m));
	m->ndm_family = AF_INET;
	add_ip(NDA_DST, "10.0.0.1");
	ask(fd);
	start(RTM_GETNEIGH, DUMP, 4);
	ask(fd);
	reset();
}
