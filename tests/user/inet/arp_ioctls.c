/* SPDX-License-Identifier: MIT */
/* SIOCGARP, SIOCSARP and SIOCDARP: who may, what is refused, what is found. Only the loopback is there for sure. */
#include "inet.h"
#include <net/if_arp.h>

static struct arpreq request(const char *ip, const char *dev, int flags)
{
	struct sockaddr_in a = in_addr(ip, 0);
	struct arpreq r = { .arp_flags = flags };

	memcpy(&r.arp_pa, &a, sizeof(a));
	strcpy(r.arp_dev, dev);
	return r;
}

TEST(inet, what_arp_requests_are_refused)
{
	int s = socket(AF_INET, SOCK_DGRAM, 0);
	struct arpreq r = request("192.0.2.9", "lo", 0);

	lo_up();
	EXPECT_ERRNO(ioctl(s, SIOCGARP, &r), ENXIO);
	EXPECT_ERRNO(ioctl(s, SIOCDARP, &r), ENXIO);
	EXPECT_ERRNO(ioctl(s, SIOCGARP, (void *)8), EFAULT);
	r = request("192.0.2.9", "nothing9", 0);
	EXPECT_ERRNO(ioctl(s, SIOCGARP, &r), ENODEV);
	EXPECT_ERRNO(ioctl(s, SIOCSARP, &r), ENODEV);
	EXPECT_ERRNO(ioctl(s, SIOCDARP, &r), ENODEV);
	r = request("192.0.2.9", "", 0);
	EXPECT_ERRNO(ioctl(s, SIOCGARP, &r), ENODEV);
	EXPECT_ERRNO(ioctl(s, SIOCSARP, &r), ENETUNREACH);
	r = request("192.0.2.9", "lo", ATF_NETMASK);
	EXPECT_ERRNO(ioctl(s, SIOCGARP, &r), EINVAL);
	r = request("192.0.2.9", "lo", ATF_DONTPUB);
	EXPECT_ERRNO(ioctl(s, SIOCGARP, &r), EINVAL);
	r = request("192.0.2.9", "lo", ATF_COM);
	r.arp_ha.sa_family = ARPHRD_ETHER;
	EXPECT_ERRNO(ioctl(s, SIOCSARP, &r), EINVAL);
	r = request("192.0.2.9", "lo", 0);
	r.arp_pa.sa_family = AF_INET6;
	EXPECT_ERRNO(ioctl(s, SIOCGARP, &r), EPFNOSUPPORT);
}

TEST(inet, arp_entries_need_privilege_to_change)
{
	int s = socket(AF_INET, SOCK_DGRAM, 0);
	struct arpreq r = request("192.0.2.9", "lo", 0);

	EXPECT_OK(setresuid(1000, 1000, 1000));
	EXPECT_ERRNO(ioctl(s, SIOCGARP, &r), ENXIO);
	EXPECT_ERRNO(ioctl(s, SIOCSARP, &r), EPERM);
	EXPECT_ERRNO(ioctl(s, SIOCDARP, &r), EPERM);
}

TEST(inet, arp_requests_belong_to_ipv4_sockets)
{
	struct arpreq r = request("192.0.2.9", "lo", 0);
	int s = socket(AF_INET6, SOCK_DGRAM, 0), t = socket(AF_INET, SOCK_STREAM, 0), u = socket(AF_UNIX, SOCK_STREAM, 0);

	EXPECT_ERRNO(ioctl(s, SIOCGARP, &r), ENOTTY);
	EXPECT_ERRNO(ioctl(t, SIOCGARP, &r), ENXIO);
	EXPECT_ERRNO(ioctl(u, SIOCGARP, &r), ENOTTY);
}
