/* SPDX-License-Identifier: MIT */
/* Calls that have been mistaken for one another elsewhere do what their number says. */
#include "../harness.h"
#include "../process/util.h"
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/utsname.h>

TEST(neighbours, prlimit64_fills_its_buffer)
{
	struct rlimit got, other;

	memset(&got, 0xa5, sizeof(got));
	EXPECT_OK(syscall(SYS_prlimit64, 0, RLIMIT_CORE, NULL, &got));
	EXPECT_TRUE(got.rlim_cur != 0xa5a5a5a5a5a5a5a5);
	EXPECT_OK(syscall(SYS_getrlimit, RLIMIT_CORE, &other));
	EXPECT_EQ(memcmp(&got, &other, sizeof(got)), 0);
	got.rlim_cur = 0;
	EXPECT_OK(syscall(SYS_setrlimit, RLIMIT_CORE, &got));
}

#if defined(__aarch64__)
TEST(neighbours, numbers_of_this_architecture)
{
	struct rlimit limit;
	struct utsname uts;

	EXPECT_EQ(SYS_getrlimit, 163);
	EXPECT_EQ(SYS_setrlimit, 164);
	EXPECT_EQ(SYS_prlimit64, 261);
	EXPECT_OK(syscall(163, RLIMIT_NOFILE, &limit));
	EXPECT_OK(syscall(261, 0, RLIMIT_NOFILE, NULL, &limit));
	EXPECT_OK(syscall(160, &uts));
	EXPECT_EQ(syscall(172), getpid());
	EXPECT_EQ(syscall(173), getppid());
	EXPECT_EQ(syscall(174), getuid());
	EXPECT_EQ(syscall(175), geteuid());
	EXPECT_EQ(syscall(176), getgid());
	EXPECT_EQ(syscall(177), getegid());
	EXPECT_EQ(syscall(178), getpid());
	EXPECT_EQ(syscall(167, PR_GET_DUMPABLE), 1);
	EXPECT_EQ(syscall(166, 022), 022);
}
#elif defined(__x86_64__)
TEST(neighbours, numbers_of_this_architecture)
{
	struct rlimit limit;
	struct utsname uts;

	EXPECT_EQ(SYS_getrlimit, 97);
	EXPECT_EQ(SYS_setrlimit, 160);
	EXPECT_EQ(SYS_prlimit64, 302);
	EXPECT_OK(syscall(97, RLIMIT_NOFILE, &limit));
	EXPECT_OK(syscall(302, 0, RLIMIT_NOFILE, NULL, &limit));
	EXPECT_OK(syscall(63, &uts));
	EXPECT_EQ(syscall(39), getpid());
	EXPECT_EQ(syscall(110), getppid());
	EXPECT_EQ(syscall(102), getuid());
	EXPECT_EQ(syscall(107), geteuid());
	EXPECT_EQ(syscall(104), getgid());
	EXPECT_EQ(syscall(108), getegid());
	EXPECT_EQ(syscall(186), getpid());
	EXPECT_EQ(syscall(157, PR_GET_DUMPABLE), 1);
	EXPECT_EQ(syscall(95, 022), 022);
}
#endif

TEST(neighbours, mount_and_prctl_are_themselves)
{
	char name[17] = "";

	EXPECT_ERRNO(mount("none", "/no/such/place", "tmpfs", 0, NULL), ENOENT);
	EXPECT_OK(prctl(PR_SET_NAME, "neighbour"));
	EXPECT_OK(prctl(PR_GET_NAME, name));
	EXPECT_STR(name, "neighbour");
}

TEST(neighbours, a_short_path_still_delivers_signals)
{
	uint64_t set = SIGBIT(SIGUSR1);

	raw_mask(SIG_BLOCK, &set);
	kill(getpid(), SIGUSR1);
	for (int i = 0; i < 100; i++) {
		syscall(SYS_getpid);
		syscall(SYS_getppid);
		syscall(SYS_getuid);
	}
	EXPECT_EQ(raw_pending(), set);
}

static volatile sig_atomic_t got;

static void handler(int number)
{
	got = number;
}

TEST(neighbours, a_spinning_caller_of_trivial_calls_is_interrupted)
{
	pid_t pid, me = getpid();

	signal(SIGUSR2, handler);
	CHILD(pid) {
		sleep_ms(20);
		kill(me, SIGUSR2);
	}
	while (!got)
		syscall(SYS_getpid);
	note("%s", signal_name(got));
	EXPECT_CHILD_OK(pid);
	CHILD(pid)
		for (;;)
			syscall(SYS_getuid);
	kill(pid, SIGTERM);
	note("%s", status_name(child_status(pid)));
}
