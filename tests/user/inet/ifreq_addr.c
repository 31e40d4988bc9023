/* SPDX-License-Identifier: MIT */
/* SIOC[GS]IF{ADDR,NETMASK,BRDADDR,DSTADDR} on lo: masks by class, labels, errors; SIOCGIFCONF. */
#include "dev.h"

TEST(ifreq_addr, set_and_get)
{
	lo_reset();
	show_addr("lo");
	set_addr(SIOCSIFADDR, "lo", "10.1.0.1");
	show_addr("lo");
	set_addr(SIOCSIFADDR, "lo", "172.16.0.1");
	show_addr("lo");
	set_addr(SIOCSIFADDR, "lo", "192.168.0.1");
	show_addr("lo");
	set_addr(SIOCSIFADDR, "lo", "224.0.0.1");
	set_addr(SIOCSIFADDR, "lo", "192.168.0.1");
	set_addr(SIOCSIFNETMASK, "lo", "255.255.0.0");
	show_addr("lo");
	set_addr(SIOCSIFNETMASK, "lo", "255.0.255.0");
	set_addr(SIOCSIFBRDADDR, "lo", "192.168.0.9");
	show_addr("lo");
	set_addr(SIOCSIFDSTADDR, "lo", "192.168.0.7");
	show_addr("lo");
	set_addr(SIOCSIFADDR, "lo", "0.0.0.0");
	show_addr("lo");
	set_addr(SIOCSIFNETMASK, "lo", "255.0.0.0");
	lo_reset();
	show_addr("lo");
}

TEST(ifreq_addr, labels)
{
	lo_reset();
	set_addr(SIOCSIFADDR, "lo:1", "10.1.0.1");
	show_addr("lo:1");
	set_addr(SIOCSIFADDR, "lo:2", "10.2.0.1");
	show_addr("lo:2");
	show_addr("lo:3");
	show_addr("nosuch:1");
	conf();
	/* Down removes one of a label only. */
	set_flags("lo:1", 0);
	set_flags("lo:3", 0);
	set_flags("lo:2", IFF_UP);
	conf();
	set_flags("lo:2", 0);
	conf();
	show_addr("lo");
	lo_reset();
}

TEST(ifreq_addr, errors)
{
	struct ifreq r = { .ifr_name = "lo" };
	int s = sock();

	lo_reset();
	r.ifr_addr.sa_family = AF_INET6;
	SHOW(ioctl(s, SIOCSIFADDR, &r));
	r.ifr_addr.sa_family = AF_UNSPEC;
	SHOW(ioctl(s, SIOCSIFADDR, &r));
	strcpy(r.ifr_name, "nosuch");
	r.ifr_addr.sa_family = AF_INET;
	SHOW(ioctl(s, SIOCSIFADDR, &r));
	SHOW(ioctl(s, SIOCGIFADDR, &r));
	SHOW(ioctl(s, SIOCGIFADDR, NULL));
	AS_USER(1000, 1000, {
		strcpy(r.ifr_name, "lo");
		SHOW(ioctl(s, SIOCSIFADDR, &r));
		SHOW(ioctl(s, SIOCSIFNETMASK, &r));
		SHOW(ioctl(s, SIOCGIFADDR, &r));
	});
}

TEST(ifreq_addr, list)
{
	struct ifconf c = { 0 };
	struct ifreq r[2];
	int s = sock();

	lo_reset();
	set_addr(SIOCSIFADDR, "lo:1", "10.1.0.1");
	set_addr(SIOCSIFADDR, "lo:2", "10.2.0.1");
	SHOW(ioctl(s, SIOCGIFCONF, &c));
	note("%d bytes for all", c.ifc_len / (int)sizeof(r[0]));
	c.ifc_req = r;
	c.ifc_len = sizeof(r) + 7;
	SHOW(ioctl(s, SIOCGIFCONF, &c));
	note("%d fit: %s %s", c.ifc_len / (int)sizeof(r[0]), r[0].ifr_name, r[1].ifr_name);
	c.ifc_len = 10;
	SHOW(ioctl(s, SIOCGIFCONF, &c));
	note("%d", c.ifc_len);
	c.ifc_len = -1;
	SHOW(ioctl(s, SIOCGIFCONF, &c));
	lo_reset();
}
