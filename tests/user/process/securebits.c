/* SPDX-License-Identifier: MIT */
/* Secure bits, one by one: what changing ids does to capabilities, what exec gives root, and the locks. */
#define HARNESS_EXEC securebits_exec
#include "../harness.h"
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/prctl.h>

struct caps { unsigned long long effective, permitted, inheritable; };

static struct caps caps(void)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &head, data) < 0)
		fail("capget: %s", errno_name(errno));
	return (struct caps){
		data[0].effective | (unsigned long long)data[1].effective << 32,
		data[0].permitted | (unsigned long long)data[1].permitted << 32,
		data[0].inheritable | (unsigned long long)data[1].inheritable << 32,
	};
}

static void show(const char *what)
{
	struct caps c = caps();

	note("%s: effective %#llx permitted %#llx inheritable %#llx bits %#x", what, c.effective, c.permitted, c.inheritable,
	     prctl(PR_GET_SECUREBITS));
}

static int securebits_exec(int argc, char **argv)
{
	show(argv[1] + 1);
	return 0;
}

static void run(const char *what)
{
	pid_t pid = harness_fork();

	if (pid == 0) {
		execl("/proc/self/exe", "self", what, NULL);
		_exit(127);
	}
	EXPECT_CHILD_OK(pid);
}

TEST(securebits, each_bit_and_its_lock)
{
	for (int bit = 0; bit < 10; bit++)
		IN_CHILD({
			note("bit %d: %s", bit, RESULT(prctl(PR_SET_SECUREBITS, 1 << bit)));
			{
				const char *result = RESULT(prctl(PR_SET_SECUREBITS, 0));

				note("then %s: %d", result, prctl(PR_GET_SECUREBITS));
			}
		});
	for (int bit = 0; bit < 8; bit += 2)
		IN_CHILD({
			note("bit %d and lock: %s", bit, RESULT(prctl(PR_SET_SECUREBITS, 3 << bit)));
			note("without the bit %s", RESULT(prctl(PR_SET_SECUREBITS, 2 << bit)));
			note("without the lock %s", RESULT(prctl(PR_SET_SECUREBITS, 1 << bit)));
			note("again %s", RESULT(prctl(PR_SET_SECUREBITS, 3 << bit)));
		});
}

TEST(securebits, no_setuid_fixup)
{
	IN_CHILD({
		REQUIRE_OK(syscall(SYS_setresuid, -1, 1000, -1));
		show("effective id given up");
		REQUIRE_OK(syscall(SYS_setresuid, -1, 0, -1));
		show("and taken back");
		REQUIRE_OK(syscall(SYS_setresuid, 1000, 1000, 1000));
		show("all ids given up");
	});
	IN_CHILD({
		REQUIRE_OK(prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP));
		REQUIRE_OK(syscall(SYS_setresuid, -1, 1000, -1));
		show("effective id given up");
		REQUIRE_OK(syscall(SYS_setresuid, 1000, 1000, 1000));
		show("all ids given up");
		run("@exec of a user");
	});
	IN_CHILD({
		syscall(SYS_setfsuid, 1000);
		show("the file system's id given up");
		syscall(SYS_setfsuid, 0);
		show("and taken back");
	});
}

TEST(securebits, keep_caps)
{
	IN_CHILD({
		REQUIRE_OK(prctl(PR_SET_KEEPCAPS, 1));
		show("kept");
		REQUIRE_OK(syscall(SYS_setresuid, 1000, 1000, 1000));
		show("all ids given up");
		run("@exec of a user");
	});
	IN_CHILD({
		REQUIRE_OK(prctl(PR_SET_SECUREBITS, SECBIT_KEEP_CAPS_LOCKED));
		SHOW(prctl(PR_SET_KEEPCAPS, 1));
	});
	IN_CHILD({
		REQUIRE_OK(prctl(PR_SET_KEEPCAPS, 1));
		run("@exec clears it");
	});
}

TEST(securebits, no_root)
{
	run("@exec of root");
	IN_CHILD({
		REQUIRE_OK(prctl(PR_SET_SECUREBITS, SECBIT_NOROOT));
		run("@exec of root that is not special");
	});
	IN_CHILD({
		REQUIRE_OK(syscall(SYS_setresuid, 0, 1000, 1000));
		run("@exec with a real id of root");
	});
	IN_CHILD({
		REQUIRE_OK(syscall(SYS_setresuid, 1000, 0, 1000));
		run("@exec with an effective id of root");
	});
}

TEST(securebits, no_ambient_raise)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];

	REQUIRE_OK(syscall(SYS_capget, &head, data));
	data[0].inheritable = 1 << CAP_KILL | 1 << CAP_CHOWN;
	REQUIRE_OK(syscall(SYS_capset, &head, data));
	SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0));
	REQUIRE_OK(prctl(PR_SET_SECUREBITS, SECBIT_NO_CAP_AMBIENT_RAISE));
	SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_CHOWN, 0, 0));
	SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_KILL, 0, 0));
	REQUIRE_OK(prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP));
	REQUIRE_OK(syscall(SYS_setresuid, 1000, 1000, 1000));
	show("as a user");
	run("@exec with an ambient capability");
}

TEST(securebits, bounding)
{
	for (int cap = 2; cap < 41; cap++)
		EXPECT_OK(prctl(PR_CAPBSET_DROP, cap));
	show("bounded");
	run("@exec of a bounded root");
	SHOW(prctl(PR_CAPBSET_READ, 1));
	SHOW(prctl(PR_CAPBSET_READ, 2));
}
