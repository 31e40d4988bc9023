/* SPDX-License-Identifier: MIT */
/* PACKET_ADD_MEMBERSHIP and PACKET_DROP_MEMBERSHIP. */
#include "packet.h"

static int member(int s, int name, int type, int alen, const char *address)
{
	struct packet_mreq r = { .mr_ifindex = (int)if_nametoindex("lo"), .mr_type = (unsigned short)type, .mr_alen = (unsigned short)alen };

	if (address)
		memcpy(r.mr_address, address, 6);
	return setsockopt(s, SOL_PACKET, name, &r, sizeof(r));
}

TEST(packet, join_and_leave)
{
	int s = packet_socket(SOCK_RAW, PROTO);

	EXPECT_OK(member(s, PACKET_ADD_MEMBERSHIP, PACKET_MR_PROMISC, 0, NULL));
	EXPECT_OK(member(s, PACKET_ADD_MEMBERSHIP, PACKET_MR_PROMISC, 0, NULL));
	EXPECT_OK(member(s, PACKET_DROP_MEMBERSHIP, PACKET_MR_PROMISC, 0, NULL));
	EXPECT_OK(member(s, PACKET_DROP_MEMBERSHIP, PACKET_MR_PROMISC, 0, NULL));
	SHOW(member(s, PACKET_DROP_MEMBERSHIP, PACKET_MR_PROMISC, 0, NULL));
	EXPECT_OK(member(s, PACKET_ADD_MEMBERSHIP, PACKET_MR_ALLMULTI, 0, NULL));
	EXPECT_OK(member(s, PACKET_ADD_MEMBERSHIP, PACKET_MR_MULTICAST, 6, "\1\0\136\0\0\5"));
	EXPECT_OK(member(s, PACKET_DROP_MEMBERSHIP, PACKET_MR_MULTICAST, 6, "\1\0\136\0\0\5"));
	SHOW(member(s, PACKET_DROP_MEMBERSHIP, PACKET_MR_MULTICAST, 6, "\1\0\136\0\0\6"));
}

TEST(packet, what_is_refused)
{
	struct packet_mreq r = { .mr_ifindex = 9999, .mr_type = PACKET_MR_PROMISC };
	int s = packet_socket(SOCK_RAW, PROTO);

	EXPECT_ERRNO(setsockopt(s, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &r, sizeof(r)), ENODEV);
	EXPECT_ERRNO(setsockopt(s, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &r, sizeof(r) - 1), EINVAL);
	EXPECT_ERRNO(setsockopt(s, SOL_PACKET, PACKET_ADD_MEMBERSHIP, NULL, sizeof(r)), EFAULT);
	SHOW(member(s, PACKET_ADD_MEMBERSHIP, PACKET_MR_MULTICAST, 5, "\1\0\136\0\0\5"));
	SHOW(member(s, PACKET_ADD_MEMBERSHIP, PACKET_MR_MULTICAST, 7, "\1\0\136\0\0\5"));
	SHOW(member(s, PACKET_ADD_MEMBERSHIP, PACKET_MR_MULTICAST, 0, NULL));
	SHOW(member(s, PACKET_ADD_MEMBERSHIP, PACKET_MR_MULTICAST, 9, NULL));
	SHOW(member(s, PACKET_ADD_MEMBERSHIP, 77, 0, NULL));
	SHOW(member(s, PACKET_ADD_MEMBERSHIP, PACKET_MR_PROMISC, 6, NULL));
	SHOW(member(s, PACKET_ADD_MEMBERSHIP, PACKET_MR_UNICAST, 6, "\2\0\0\0\0\1"));
}
