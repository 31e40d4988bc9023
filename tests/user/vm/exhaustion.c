/* SPDX-License-Identifier: MIT */
/*
 * Memory runs out: the process that took it is killed, never init, never us; what it held comes back.
 * oom_score_adj chooses.
 */
#define TEST_SECONDS 60
#include "../harness.h"
#include "../process/util.h"
#include <sys/resource.h>

static void eat(void)
{
	for (;;) {
		char *p = mmap(NULL, 8 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

		if (p == MAP_FAILED)
			_exit(3);
		for (size_t i = 0; i < 8 << 20; i += 4096)
			p[i] = 1;
	}
}

static void adjust(int value)
{
	char text[16];
	int fd = REQUIRE_OK(open("/proc/self/oom_score_adj", O_WRONLY));

	snprintf(text, sizeof(text), "%d", value);
	write_all(fd, text, strlen(text));
	close(fd);
}

static long free_mib(void)
{
	char *line = strstr(get_file("/proc/meminfo"), "MemFree:");

	return line ? atol(line + 8) / 1024 : 0;
}

TEST(exhaustion, the_eater_is_killed_and_its_memory_returns)
{
	long before = free_mib();
	pid_t pid;

	CHILD(pid) {
		adjust(500);
		eat();
	}
	note("%s", status_name(child_status(pid)));
	for (int i = 0; i < 100 && free_mib() < before - before / 8; i++)
		sleep_ms(50);
	EXPECT_TRUE(free_mib() >= before - before / 8);
	EXPECT_OK(kill(1, 0));
}

TEST(exhaustion, the_highest_adjustment_goes_first)
{
	struct gate ready = gate_make();
	pid_t victim, eater;
	int status;

	CHILD(victim) {
		size_t size = 48 << 20;
		char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		adjust(1000);
		memset(p, 1, size);
		gate_open(&ready);
		for (;;)
			pause();
	}
	gate_wait(&ready);
	CHILD(eater) {
		adjust(0);
		eat();
	}
	EXPECT_EQ(waitpid(victim, &status, 0), victim);
	note("victim %s", status_name(status));
	kill(eater, SIGKILL);
	child_status(eater);
}

TEST(exhaustion, adjustments_are_checked_and_inherited)
{
	int fd = REQUIRE_OK(open("/proc/self/oom_score_adj", O_RDWR));

	EXPECT_ERRNO(write(fd, "1001", 4), EINVAL);
	EXPECT_ERRNO(write(fd, "-1001", 5), EINVAL);
	EXPECT_ERRNO(write(fd, "abc", 3), EINVAL);
	EXPECT_EQ(write(fd, "-17", 3), 3);
	IN_CHILD(note("%s", strtok(get_file("/proc/self/oom_score_adj"), "\n")));
	AS_USER(1000, 1000, EXPECT_EQ(open("/proc/self/oom_score_adj", O_WRONLY) >= 0, 0));
}

TEST(exhaustion, a_fork_bomb_under_a_limit_ends)
{
	struct rlimit limit = { 40, 40 };
	pid_t pid;

	CHILD(pid) {
		EXPECT_OK(setrlimit(RLIMIT_NPROC, &limit));
		harness_become(31337, 31337);
		for (;;)
			if (fork() < 0)
				_exit(errno == EAGAIN ? 11 : 12);
	}
	note("%s", status_name(child_status(pid)));
	/* The rest of them ends too, by the same limit or by us. */
	for (int i = 0; i < 200; i++) {
		pid_t killer;

		CHILD(killer) {
			harness_become(31337, 31337);
			signal(SIGTERM, SIG_IGN);
			kill(-1, SIGKILL);
		}
		child_status(killer);
		sleep_ms(5);
		if (i > 5)
			break;
	}
	IN_CHILD(;);
}

TEST(exhaustion, tmpfs_runs_out_too)
{
	static char block[1 << 20];
	int fd = open("big", O_RDWR | O_CREAT, 0600);
	struct rlimit limit = { 20 << 20, 20 << 20 };
	ssize_t n = 0, total = 0;

	signal(SIGXFSZ, SIG_IGN);
	EXPECT_OK(setrlimit(RLIMIT_FSIZE, &limit));
	while ((n = write(fd, block, sizeof(block))) > 0)
		total += n;
	note("%zd MiB then %s", total >> 20, errno_name(errno));
	unlink("big");
}
