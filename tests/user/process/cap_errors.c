/* SPDX-License-Identifier: MIT */
/* capget, capset: versions, pids, sets that may not grow. */
#include "../harness.h"
#include <linux/capability.h>

static struct __user_cap_header_struct head;
static struct __user_cap_data_struct data[2];

static long get(unsigned version, int pid)
{
	head = (struct __user_cap_header_struct){ version, pid };
	return syscall(SYS_capget, &head, data);
}

static long set(unsigned effective, unsigned permitted, unsigned inheritable)
{
	head = (struct __user_cap_header_struct){ _LINUX_CAPABILITY_VERSION_3, 0 };
	data[0] = data[1] = (struct __user_cap_data_struct){ effective, permitted, inheritable };
	data[1] = (struct __user_cap_data_struct){ 0, 0, 0 };
	return syscall(SYS_capset, &head, data);
}

TEST(caperr, versions)
{
	SHOW(get(0, 0));
	note("%#x", head.version);
	SHOW(get(_LINUX_CAPABILITY_VERSION_1, 0));
	SHOW(get(_LINUX_CAPABILITY_VERSION_2, 0));
	SHOW(get(_LINUX_CAPABILITY_VERSION_3, 0));
	SHOW(get(_LINUX_CAPABILITY_VERSION_3, -1));
	SHOW(get(_LINUX_CAPABILITY_VERSION_3, 99999999));
	SHOW(get(_LINUX_CAPABILITY_VERSION_3, 1));
	head.version = 1234;
	SHOW(syscall(SYS_capget, &head, NULL));
	note("%#x", head.version);
	head.version = _LINUX_CAPABILITY_VERSION_3;
	SHOW(syscall(SYS_capget, &head, NULL));
	SHOW(syscall(SYS_capget, NULL, data));
	SHOW(syscall(SYS_capget, &head, (void *)8));
	head.version = 1234;
	SHOW(syscall(SYS_capset, &head, data));
	SHOW(syscall(SYS_capset, NULL, data));
	head.version = _LINUX_CAPABILITY_VERSION_3;
	SHOW(syscall(SYS_capset, &head, NULL));
	head.pid = 1;
	SHOW(syscall(SYS_capset, &head, data));
	head.pid = -1;
	SHOW(syscall(SYS_capset, &head, data));
}

TEST(caperr, growth)
{
	/* Effective must be in permitted. */
	SHOW(set(3, 1, 0));
	SHOW(set(1, 3, 0));
	/* Permitted cannot grow, effective can up to it. */
	SHOW(set(3, 7, 0));
	SHOW(set(3, 3, 0));
	/* Inheritable: out of the permitted ones, without CAP_SETPCAP (8). */
	SHOW(set(3, 3, 4));
	SHOW(set(3, 3, 2));
	SHOW(set(0, 0, 2));
	SHOW(set(0, 0, 0));
	SHOW(set(0, 0, 2));
	SHOW(set(0, 1, 0));
}

TEST(caperr, with_setpcap_inheritable_grows_to_the_bounding_set)
{
	SHOW(set(1 << 8, 1 << 8, 0xff));
	SHOW(set(0, 0, 0xff));
	SHOW(set(0, 0, 0x1ff));
}

TEST(caperr, unknown_bits)
{
	head = (struct __user_cap_header_struct){ _LINUX_CAPABILITY_VERSION_3, 0 };
	memset(data, 0xff, sizeof(data));
	SHOW(syscall(SYS_capset, &head, data));
	SHOW(get(_LINUX_CAPABILITY_VERSION_3, 0));
	note("%#x %#x %#x", data[1].effective, data[1].permitted, data[1].inheritable);
	AS_USER(1000, 1000, {
		SHOW(get(_LINUX_CAPABILITY_VERSION_3, 0));
		note("%#x %#x %#x", data[0].effective, data[0].permitted, data[0].inheritable);
		SHOW(get(_LINUX_CAPABILITY_VERSION_3, 1));
	});
}
