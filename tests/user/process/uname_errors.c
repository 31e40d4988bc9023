/* SPDX-License-Identifier: MIT */
/* uname, sethostname, setdomainname, personality, sysinfo, getcpu, getrandom, syslog, reboot, vhangup: errors. */
#include "../harness.h"
#include <sched.h>
#include <sys/klog.h>
#include <sys/random.h>
#include <sys/reboot.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

TEST(system, names)
{
	static char name[80];
	struct utsname u;

	memset(name, 'h', 70);
	SHOW(syscall(SYS_uname, NULL));
	SHOW(syscall(SYS_uname, (void *)8));
	REQUIRE_OK(unshare(CLONE_NEWUTS));
	SHOW(sethostname(name, 64));
	SHOW(sethostname(name, 65));
	SHOW(sethostname(name, -1));
	SHOW(sethostname((void *)8, 5));
	REQUIRE_OK(uname(&u));
	note("%d", (int)strlen(u.nodename));
	SHOW(sethostname("", 0));
	REQUIRE_OK(uname(&u));
	note("\"%s\"", u.nodename);
	SHOW(sethostname("a\0b", 3));
	REQUIRE_OK(uname(&u));
	note("\"%s\"", u.nodename);
	SHOW(setdomainname(name, 65));
	SHOW(setdomainname("domain", 6));
	SHOW(setdomainname((void *)8, 6));
	REQUIRE_OK(uname(&u));
	note("\"%s\"", u.domainname);
	AS_USER(1000, 1000, {
		SHOW(sethostname("x", 1));
		SHOW(setdomainname("x", 1));
	});
}

TEST(system, information)
{
	unsigned cpu, node;

	SHOW(syscall(SYS_sysinfo, NULL));
	SHOW(syscall(SYS_getcpu, &cpu, &node, NULL));
	SHOW(syscall(SYS_getcpu, NULL, NULL, NULL));
	SHOW(syscall(SYS_getcpu, 8, NULL, NULL));
	note("node %u", node);
	SHOW(syscall(SYS_personality, 0xffffffff));
	SHOW(syscall(SYS_personality, 0x0400000));
	SHOW(syscall(SYS_personality, 0xffffffff));
	SHOW(syscall(SYS_personality, 0));
}

TEST(system, random)
{
	char space[64];

	SHOW(getrandom(space, 64, 0));
	SHOW(getrandom(space, 0, 0));
	SHOW(getrandom(NULL, 0, 0));
	SHOW(getrandom(space, 64, GRND_NONBLOCK));
	SHOW(getrandom(space, 64, GRND_RANDOM));
	SHOW(getrandom(space, 64, GRND_INSECURE));
	SHOW(getrandom(space, 64, GRND_INSECURE | GRND_RANDOM));
	SHOW(getrandom(space, 64, 8));
	SHOW(getrandom((void *)8, 64, 0));
}

TEST(system, kernel_log)
{
	char space[64];

	SHOW(klogctl(11, NULL, 0));
	SHOW(klogctl(-1, NULL, 0));
	SHOW(klogctl(3, NULL, 10));
	SHOW(klogctl(3, space, -1));
	SHOW(klogctl(3, space, 0));
	SHOW(klogctl(3, space, 5));
	SHOW(klogctl(3, (void *)8, 5));
	SHOW(klogctl(10, NULL, 0) > 1000);
	SHOW(klogctl(8, NULL, 0));
	SHOW(klogctl(8, NULL, 9));
	SHOW(klogctl(0, NULL, 0));
	SHOW(klogctl(1, NULL, 0));
	AS_USER(1000, 1000, {
		SHOW(klogctl(5, NULL, 0));
		SHOW(klogctl(2, space, 5));
	});
}

TEST(system, reboot)
{
	SHOW(syscall(SYS_reboot, 1, 2, 0, 0));
	SHOW(syscall(SYS_reboot, 0xfee1dead, 1, RB_AUTOBOOT, 0));
	SHOW(syscall(SYS_reboot, 0xfee1dead, 672274793, 0x12345, 0));
	SHOW(syscall(SYS_reboot, 0xfee1dead, 672274793, RB_DISABLE_CAD, 0));
	AS_USER(1000, 1000, {
		SHOW(syscall(SYS_reboot, 0xfee1dead, 672274793, RB_AUTOBOOT, 0));
		SHOW(syscall(SYS_reboot, 1, 2, 0, 0));
		SHOW(vhangup());
	});
}
