/* SPDX-License-Identifier: MIT */
/* /proc/net/fib_trie: the leaves; how a trie divides is not looked at. */
#include "rtnl.h"

static void leaves(const char *what)
{
	FILE *f = fopen("/proc/net/fib_trie", "r");
	char line[128], *at;

	note("%s:", what);
	while (f && fgets(line, sizeof(line), f)) {
		at = line + strspn(line, " ");
		at[strcspn(at, "\n")] = 0;
		if (strncmp(at, "+--", 3))
			note("%s", at);
	}
	if (f)
		fclose(f);
	else
		fail("no file");
}

static void route(const char *net, unsigned type, unsigned scope, unsigned tos)
{
	struct rtmsg *m = route_request(RTM_NEWROUTE, NEW, net);
	int fd = rt_socket(0), err;

	m->rtm_type = type;
	m->rtm_scope = scope;
	m->rtm_tos = tos;
	if (type == RTN_UNICAST)
		add_u32(RTA_OIF, LO);
	err = quietly(fd);
	note("%s: %s", net, err ? errno_name(err < 0 ? -err : err) : "ok");
	close(fd);
}

TEST(fib_trie, leaves)
{
	reset();
	leaves("lo");
	route("10.5.0.0/16", RTN_UNICAST, RT_SCOPE_LINK, 0);
	route("10.5.0.0/24", RTN_UNICAST, RT_SCOPE_LINK, 0);
	route("10.5.0.0/24", RTN_UNICAST, RT_SCOPE_LINK, 0x10);
	route("10.9.0.0/16", RTN_BLACKHOLE, RT_SCOPE_UNIVERSE, 0);
	route("0.0.0.0/0", RTN_UNICAST, RT_SCOPE_UNIVERSE, 0);
	route("172.16.0.1/32", RTN_PROHIBIT, RT_SCOPE_UNIVERSE, 0);
	leaves("routes");
	reset();
	add_addr("192.168.7.1/24");
	leaves("an address");
	reset();
}
