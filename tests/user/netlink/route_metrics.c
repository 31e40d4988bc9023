/* SPDX-License-Identifier: MIT */
/* Metrics of routes have an effect: the path's MTU for datagrams and connections. Routes are over lo, local ones where somebody has to hear. */
#include "rtnl.h"
#include <netinet/in.h>
#include <netinet/tcp.h>

static void route(unsigned flags, const char *net, unsigned type, unsigned mtu, unsigned lock)
{
	struct {
		struct rtattr a;
		uint32_t v;
	} nest[2] = { { { 8, RTAX_MTU }, mtu }, { { 8, RTAX_LOCK }, lock } };
	struct rtmsg *m = route_request(RTM_NEWROUTE, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | flags, net);
	int fd = rt_socket(0), err;

	m->rtm_type = type;
	if (type == RTN_LOCAL) {
		m->rtm_scope = RT_SCOPE_HOST;
		m->rtm_table = RT_TABLE_LOCAL;
	}
	add(RTA_METRICS, nest, lock ? sizeof(nest) : sizeof(nest[0]));
	add_u32(RTA_OIF, LO);
	err = quietly(fd);
	note("%s mtu %u: %s", net, mtu, err ? errno_name(err < 0 ? -err : err) : "ok");
	close(fd);
}

static struct sockaddr_in to(const char *ip, int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };

	inet_pton(AF_INET, ip, &a.sin_addr);
	return a;
}

static int connected(const char *ip, int discover)
{
	struct sockaddr_in a = to(ip, 9);
	int s = REQUIRE_OK(socket(AF_INET, SOCK_DGRAM, 0));

	REQUIRE_OK(connect(s, (void *)&a, sizeof(a)));
	REQUIRE_OK(setsockopt(s, IPPROTO_IP, IP_MTU_DISCOVER, &discover, sizeof(discover)));
	return s;
}

static int mtu_of(int s)
{
	socklen_t len = sizeof(int);
	int v = -1;

	REQUIRE_OK(getsockopt(s, IPPROTO_IP, IP_MTU, &v, &len));
	return v;
}

static char data[4000];

TEST(route_metrics, datagrams)
{
	int s;

	reset();
	route(NLM_F_EXCL, "10.77.0.0/16", RTN_UNICAST, 1400, 0);
	s = connected("10.77.1.1", IP_PMTUDISC_DO);
	note("mtu %d", mtu_of(s));
	SHOW(send(s, data, 1372, 0));
	SHOW(send(s, data, 1373, 0));
	s = connected("10.77.1.1", IP_PMTUDISC_WANT);
	SHOW(send(s, data, 1373, 0));
	/* Another metric is another route; who asks anew sees it. */
	route(NLM_F_REPLACE, "10.77.0.0/16", RTN_UNICAST, 1300, 0);
	s = connected("10.77.1.1", IP_PMTUDISC_DO);
	note("mtu %d", mtu_of(s));
	SHOW(send(s, data, 1272, 0));
	SHOW(send(s, data, 1273, 0));
	route(NLM_F_REPLACE, "10.77.0.0/16", RTN_UNICAST, 1500, 1 << RTAX_MTU);
	note("mtu %d", mtu_of(connected("10.77.1.1", IP_PMTUDISC_DO)));
	/* A longer prefix without. */
	route(NLM_F_EXCL, "10.77.2.0/24", RTN_UNICAST, 1000, 0);
	note("mtu %d", mtu_of(connected("10.77.2.1", IP_PMTUDISC_DO)));
	reset();
}

TEST(route_metrics, connections)
{
	struct sockaddr_in a = to("10.78.0.1", 0);
	socklen_t len = sizeof(a);
	struct tcp_info info;
	int l, c, s;

	reset();
	route(NLM_F_EXCL, "10.78.0.1/32", RTN_LOCAL, 1400, 0);
	l = REQUIRE_OK(socket(AF_INET, SOCK_STREAM, 0));
	REQUIRE_OK(bind(l, (void *)&a, sizeof(a)));
	REQUIRE_OK(listen(l, 1));
	REQUIRE_OK(getsockname(l, (void *)&a, &len));
	c = REQUIRE_OK(socket(AF_INET, SOCK_STREAM, 0));
	REQUIRE_OK(connect(c, (void *)&a, sizeof(a)));
	s = REQUIRE_OK(accept(l, NULL, NULL));
	len = sizeof(info);
	REQUIRE_OK(getsockopt(c, IPPROTO_TCP, TCP_INFO, &info, &len));
	note("pmtu %u, segments fit it %d", info.tcpi_pmtu, info.tcpi_snd_mss <= 1360 && info.tcpi_snd_mss >= 1340);
	len = sizeof(info);
	REQUIRE_OK(getsockopt(s, IPPROTO_TCP, TCP_INFO, &info, &len));
	note("pmtu %u, segments fit it %d", info.tcpi_pmtu, info.tcpi_snd_mss <= 1360 && info.tcpi_snd_mss >= 1340);
	note("mtu %d", mtu_of(c));
	write_all(c, data, sizeof(data));
	for (int n = 0; n < (int)sizeof(data);)
		n += REQUIRE_OK(read(s, data, sizeof(data)));
	note("all came");
	reset();
}
