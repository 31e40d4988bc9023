/* SPDX-License-Identifier: MIT */
/* capget, capset, the bounding and ambient sets, keepcaps and securebits. */
#define HARNESS_EXEC other_main
static int other_main(int argc, char **argv);
#include "../harness.h"
#include "util.h"
#include <sys/prctl.h>
#include <linux/capability.h>
#include <linux/securebits.h>

struct caps {
	uint64_t effective, permitted, inheritable;
};

static int caps_get(struct caps *caps)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];
	int error = syscall(SYS_capget, &header, data);

	caps->effective = data[0].effective | (uint64_t)data[1].effective << 32;
	caps->permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
	caps->inheritable = data[0].inheritable | (uint64_t)data[1].inheritable << 32;
	return error;
}

static int caps_set(const struct caps *caps)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2] = {
		{ caps->effective, caps->permitted, caps->inheritable },
		{ caps->effective >> 32, caps->permitted >> 32, caps->inheritable >> 32 },
	};

	return syscall(SYS_capset, &header, data);
}

static void show(const char *what)
{
	struct caps c;

	EXPECT_OK(caps_get(&c));
	note("%s: e %llx p %llx i %llx", what, (long long)c.effective, (long long)c.permitted,
	     (long long)c.inheritable);
}

static int other_main(int argc, char **argv)
{
	(void)argc;
	show(argv[1]);
	return 0;
}

static void run(const char *what)
{
	pid_t pid;

	CHILD(pid)
		execl("/proc/self/exe", "x", what, NULL);
	EXPECT_CHILD_OK(pid);
}

TEST(capabilities, root_has_them_all)
{
	show("root");
	AS_USER(1000, 1000, show("user"));
}

TEST(capabilities, versions_and_errors)
{
	struct __user_cap_header_struct header = { 0x12345678, 0 };
	struct __user_cap_data_struct data[2];

	EXPECT_ERRNO(syscall(SYS_capget, &header, data), EINVAL);
	note("preferred version %x", header.version);
	header.version = 0;
	EXPECT_OK(syscall(SYS_capget, &header, NULL));
	note("preferred version %x", header.version);
	header.version = _LINUX_CAPABILITY_VERSION_1;
	EXPECT_OK(syscall(SYS_capget, &header, data));
	header.version = _LINUX_CAPABILITY_VERSION_3;
	EXPECT_ERRNO(syscall(SYS_capget, wild(8), data), EFAULT);
	EXPECT_ERRNO(syscall(SYS_capget, &header, wild(8)), EFAULT);
	EXPECT_OK(syscall(SYS_capget, &header, NULL));
	header.pid = -1;
	EXPECT_ERRNO(syscall(SYS_capget, &header, data), EINVAL);
	header.pid = 0x7ffffff;
	EXPECT_ERRNO(syscall(SYS_capget, &header, data), ESRCH);
	header.pid = 1;
	EXPECT_OK(syscall(SYS_capget, &header, data));
	EXPECT_ERRNO(syscall(SYS_capset, &header, data), EPERM);
	header.pid = getpid();
	EXPECT_OK(syscall(SYS_capset, &header, data));
	header.pid = 0;
	EXPECT_ERRNO(syscall(SYS_capset, &header, wild(8)), EFAULT);
}

TEST(capabilities, can_be_dropped_but_not_regained)
{
	struct caps all, less;

	caps_get(&all);
	less = all;
	less.effective &= ~(1ULL << CAP_KILL);
	EXPECT_OK(caps_set(&less));
	EXPECT_OK(caps_set(&all));
	less.permitted &= ~(1ULL << CAP_KILL);
	EXPECT_OK(caps_set(&less));
	EXPECT_ERRNO(caps_set(&all), EPERM);
	less.effective |= 1ULL << CAP_KILL;
	EXPECT_ERRNO(caps_set(&less), EPERM);
	show("without KILL");
}

TEST(capabilities, a_missing_capability_takes_roots_power)
{
	struct caps caps;

	EXPECT_OK(close(open("f", O_CREAT | O_WRONLY, 0)));
	EXPECT_OK(chown("f", 5, 5));
	caps_get(&caps);
	caps.effective &= ~(1ULL << CAP_DAC_OVERRIDE | 1ULL << CAP_DAC_READ_SEARCH |
			    1ULL << CAP_CHOWN | 1ULL << CAP_SETUID | 1ULL << CAP_SYS_RESOURCE |
			    1ULL << CAP_SYS_ADMIN | 1ULL << CAP_FOWNER);
	EXPECT_OK(caps_set(&caps));
	EXPECT_ERRNO(open("f", O_RDONLY), EACCES);
	EXPECT_ERRNO(chown("f", 6, 6), EPERM);
	EXPECT_ERRNO(chmod("f", 0777), EPERM);
	EXPECT_ERRNO(setuid(7), EPERM);
	EXPECT_ERRNO(sethostname("x", 1), EPERM);
}

TEST(capabilities, a_user_loses_them_unless_keepcaps)
{
	pid_t pid;

	CHILD(pid) {
		EXPECT_OK(setresuid(1000, 1000, 1000));
		show("gone");
	}
	EXPECT_CHILD_OK(pid);
	CHILD(pid) {
		EXPECT_OK(prctl(PR_SET_KEEPCAPS, 1));
		EXPECT_OK(setresuid(1000, 1000, 1000));
		show("kept");
		run("@exec");
	}
	EXPECT_CHILD_OK(pid);
	CHILD(pid) {
		EXPECT_OK(seteuid(1000));
		show("effective user");
		EXPECT_OK(seteuid(0));
		show("effective root");
	}
	EXPECT_CHILD_OK(pid);
	EXPECT_ERRNO(prctl(PR_SET_KEEPCAPS, 2), EINVAL);
}

TEST(capabilities, exec_by_root_restores_them)
{
	struct caps caps = { 0 };

	caps.permitted = caps.effective = 1ULL << CAP_KILL;
	EXPECT_OK(caps_set(&caps));
	run("@root-exec");
}

TEST(capabilities, bounding_set)
{
	EXPECT_EQ(prctl(PR_CAPBSET_READ, CAP_NET_RAW), 1);
	EXPECT_OK(prctl(PR_CAPBSET_DROP, CAP_NET_RAW));
	EXPECT_EQ(prctl(PR_CAPBSET_READ, CAP_NET_RAW), 0);
	EXPECT_ERRNO(prctl(PR_CAPBSET_READ, 64), EINVAL);
	EXPECT_ERRNO(prctl(PR_CAPBSET_DROP, 64), EINVAL);
	run("@bounded");
	AS_USER(1000, 1000, EXPECT_ERRNO(prctl(PR_CAPBSET_DROP, CAP_KILL), EPERM));
}

TEST(capabilities, ambient_set)
{
	struct caps caps;
	pid_t pid;

#define AMBIENT(op, cap) prctl(PR_CAP_AMBIENT, op, cap, 0, 0)
	EXPECT_EQ(AMBIENT(PR_CAP_AMBIENT_IS_SET, CAP_KILL), 0);
	EXPECT_ERRNO(AMBIENT(PR_CAP_AMBIENT_RAISE, CAP_KILL), EPERM);
	caps_get(&caps);
	caps.inheritable = 1ULL << CAP_KILL | 1ULL << CAP_CHOWN;
	EXPECT_OK(caps_set(&caps));
	EXPECT_OK(AMBIENT(PR_CAP_AMBIENT_RAISE, CAP_KILL));
	EXPECT_OK(AMBIENT(PR_CAP_AMBIENT_RAISE, CAP_CHOWN));
	EXPECT_EQ(AMBIENT(PR_CAP_AMBIENT_IS_SET, CAP_KILL), 1);
	EXPECT_OK(AMBIENT(PR_CAP_AMBIENT_LOWER, CAP_CHOWN));
	EXPECT_EQ(AMBIENT(PR_CAP_AMBIENT_IS_SET, CAP_CHOWN), 0);
	EXPECT_ERRNO(AMBIENT(PR_CAP_AMBIENT_IS_SET, 64), EINVAL);
	EXPECT_ERRNO(AMBIENT(99, CAP_KILL), EINVAL);
	EXPECT_ERRNO(AMBIENT(PR_CAP_AMBIENT_CLEAR_ALL, 1), EINVAL);
	CHILD(pid) {
		EXPECT_OK(prctl(PR_SET_KEEPCAPS, 1));
		EXPECT_OK(setresuid(1000, 1000, 1000));
		note("still set %d", AMBIENT(PR_CAP_AMBIENT_IS_SET, CAP_KILL));
		run("@ambient");
	}
	EXPECT_CHILD_OK(pid);
	EXPECT_OK(AMBIENT(PR_CAP_AMBIENT_CLEAR_ALL, 0));
	EXPECT_EQ(AMBIENT(PR_CAP_AMBIENT_IS_SET, CAP_KILL), 0);
}

TEST(capabilities, securebits)
{
	EXPECT_EQ(prctl(PR_GET_SECUREBITS), 0);
	EXPECT_ERRNO(prctl(PR_SET_SECUREBITS, 1 << 20), EPERM);
	EXPECT_OK(prctl(PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_KEEP_CAPS_LOCKED));
	note("%#x", prctl(PR_GET_SECUREBITS));
	EXPECT_ERRNO(prctl(PR_SET_KEEPCAPS, 1), EPERM);
	EXPECT_ERRNO(prctl(PR_SET_SECUREBITS, SECBIT_NOROOT), EPERM);
	run("@noroot");
	AS_USER(1000, 1000, EXPECT_ERRNO(prctl(PR_SET_SECUREBITS, SECBIT_NOROOT), EPERM));
}

TEST(capabilities, no_setuid_fixup_keeps_them)
{
	EXPECT_OK(prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP));
	EXPECT_OK(setresuid(1000, 1000, 1000));
	show("user");
}

TEST(capabilities, proc_status_shows_the_same)
{
	char *line = strstr(get_file("/proc/self/status"), "CapInh:");

	REQUIRE_TRUE(line != NULL);
	for (int i = 0; i < 5; i++) {
		char *end = strchr(line, '\n');

		note("%.*s", (int)(end - line), line);
		line = end + 1;
	}
}
