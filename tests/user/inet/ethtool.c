/* SPDX-License-Identifier: MIT */
/* SIOCETHTOOL of lo: what is asked of every interface, and the errors. */
#include "dev.h"
#include <linux/ethtool.h>
#include <linux/net_tstamp.h>
#include <linux/sockios.h>

static int ask(const char *name, void *data)
{
	struct ifreq r = { 0 };

	strcpy(r.ifr_name, name);
	r.ifr_data = data;
	return ioctl(sock(), SIOCETHTOOL, &r);
}

static unsigned value(unsigned cmd)
{
	struct ethtool_value v = { cmd, 77 };

	EXPECT_OK(ask("lo", &v));
	EXPECT_EQ(v.cmd, cmd);
	return v.data;
}

TEST(ethtool, questions_about_lo)
{
	struct ethtool_ts_info ts = { .cmd = ETHTOOL_GET_TS_INFO };

	lo_reset();
	note("link %u, checksums in %u and out %u, pieces %u", value(ETHTOOL_GLINK), value(ETHTOOL_GRXCSUM), value(ETHTOOL_GTXCSUM),
	     value(ETHTOOL_GSG));
	note("segmentation %u, generic %u, received %u", value(ETHTOOL_GTSO), value(ETHTOOL_GGSO), value(ETHTOOL_GGRO));
	EXPECT_OK(ask("lo", &ts));
	note("stamps in %d, by software %d, clock %d", !!(ts.so_timestamping & SOF_TIMESTAMPING_RX_SOFTWARE),
	     !!(ts.so_timestamping & SOF_TIMESTAMPING_SOFTWARE), ts.phc_index);
}

TEST(ethtool, errors)
{
	struct ethtool_value v = { ETHTOOL_GLINK, 0 };
	unsigned cmd = 0xfff;

	EXPECT_ERRNO(ask("none", &v), ENODEV);
	EXPECT_ERRNO(ask("lo", NULL), EFAULT);
	EXPECT_ERRNO(ask("none", NULL), EFAULT);
	EXPECT_ERRNO(ask("lo", &cmd), EOPNOTSUPP);
	EXPECT_ERRNO(ioctl(sock(), SIOCETHTOOL, NULL), EFAULT);
	AS_USER(1000, 1000, {
		EXPECT_OK(ask("lo", &v));
		note("strange command: %s", RESULT(ask("lo", &cmd)));
	});
}
