/* SPDX-License-Identifier: MIT */
/* What a child of fork(2) has in common with its parent, and what starts afresh. */
#include "../harness.h"
#include "util.h"
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/times.h>

static int private_value = 1;

TEST(fork, returns_the_child_and_zero)
{
	int *shared = shared_memory(4096);
	pid_t parent = getpid(), pid = fork();

	if (pid == 0) {
		shared[0] = getpid();
		shared[1] = getppid();
		_exit(0);
	}
	EXPECT_EQ(child_status(pid), 0);
	EXPECT_EQ(shared[0], pid);
	EXPECT_EQ(shared[1], parent);
}

TEST(fork, memory_is_private_both_ways)
{
	int *shared = shared_memory(4096);
	struct gate gate = gate_make(), back = gate_make();
	pid_t pid;

	CHILD(pid) {
		gate_wait(&gate);
		EXPECT_EQ(private_value, 1);
		private_value = 3;
		shared[0] = 7;
		gate_open(&back);
	}
	private_value = 2;
	gate_open(&gate);
	gate_wait(&back);
	EXPECT_EQ(private_value, 2);
	EXPECT_EQ(shared[0], 7);
	EXPECT_CHILD_OK(pid);
}

TEST(fork, file_offset_and_status_flags_are_shared_descriptor_flags_are_not)
{
	int fd = temp_fd();
	pid_t pid;

	write_all(fd, "0123456789", 10);
	lseek(fd, 2, SEEK_SET);
	CHILD(pid) {
		EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 2);
		EXPECT_EQ(lseek(fd, 7, SEEK_SET), 7);
		EXPECT_OK(fcntl(fd, F_SETFL, O_APPEND));
		EXPECT_OK(fcntl(fd, F_SETFD, FD_CLOEXEC));
	}
	EXPECT_CHILD_OK(pid);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 7);
	EXPECT_TRUE(fcntl(fd, F_GETFL) & O_APPEND);
	EXPECT_EQ(fcntl(fd, F_GETFD), 0);
}

TEST(fork, closing_in_the_child_leaves_the_parent_alone)
{
	int fd = temp_fd(), before = open_fd_count();

	IN_CHILD(EXPECT_OK(close(fd)); EXPECT_EQ(open_fd_count(), before - 1));
	EXPECT_EQ(open_fd_count(), before);
	EXPECT_OK(fcntl(fd, F_GETFD));
}

TEST(fork, pending_signals_are_not_inherited_but_masks_and_dispositions_are)
{
	uint64_t set = SIGBIT(SIGUSR1) | SIGBIT(SIGUSR2);
	struct sigaction got;

	raw_mask(SIG_BLOCK, &set);
	signal(SIGTERM, SIG_IGN);
	raise(SIGUSR1);
	kill(getpid(), SIGUSR2);
	EXPECT_EQ(raw_pending(), set);
	IN_CHILD(
		EXPECT_EQ(raw_pending(), 0);
		EXPECT_EQ(raw_mask(SIG_BLOCK, NULL) & set, set);
		EXPECT_OK(sigaction(SIGTERM, NULL, &got));
		EXPECT_TRUE(got.sa_handler == SIG_IGN)
	);
	EXPECT_EQ(raw_pending(), set);
}

TEST(fork, timers_are_not_inherited)
{
	struct itimerval timer = { .it_value = { 100, 0 } };
	struct sigevent event = { .sigev_notify = SIGEV_NONE };
	timer_t id;

	EXPECT_OK(setitimer(ITIMER_VIRTUAL, &timer, NULL));
	EXPECT_OK(setitimer(ITIMER_REAL, &timer, NULL));
	EXPECT_OK(timer_create(CLOCK_MONOTONIC, &event, &id));
	IN_CHILD(
		struct itimerval got;
		struct itimerspec spec;
		EXPECT_OK(getitimer(ITIMER_VIRTUAL, &got));
		EXPECT_EQ(got.it_value.tv_sec, 0);
		EXPECT_EQ(alarm(0), 0);
		EXPECT_ERRNO(timer_gettime(id, &spec), EINVAL)
	);
	EXPECT_TRUE(alarm(0) > 0);
}

TEST(fork, cpu_times_of_a_child_start_at_zero)
{
	struct rusage usage;

	while (getrusage(RUSAGE_SELF, &usage) == 0 && usage.ru_utime.tv_sec * 1000000L +
	       usage.ru_utime.tv_usec + usage.ru_stime.tv_usec < 200000)
		;
	IN_CHILD(
		struct rusage mine;
		struct tms tms;
		EXPECT_OK(getrusage(RUSAGE_SELF, &mine));
		EXPECT_TRUE(mine.ru_utime.tv_sec == 0 && mine.ru_utime.tv_usec < 150000);
		EXPECT_OK(getrusage(RUSAGE_CHILDREN, &mine));
		EXPECT_EQ(mine.ru_utime.tv_sec * 1000000 + mine.ru_utime.tv_usec, 0);
		times(&tms);
		EXPECT_EQ(tms.tms_cutime, 0)
	);
}

TEST(fork, directory_umask_nice_and_groups_are_inherited)
{
	char before[256], after[256];

	umask(0137);
	EXPECT_OK(setpriority(PRIO_PROCESS, 0, 5));
	EXPECT_OK(mkdir("d", 0755) | chdir("d"));
	EXPECT_TRUE(getcwd(before, sizeof(before)) != NULL);
	IN_CHILD(
		EXPECT_TRUE(getcwd(after, sizeof(after)) != NULL);
		EXPECT_STR(after, before);
		EXPECT_EQ(umask(0), 0137);
		EXPECT_EQ(getpriority(PRIO_PROCESS, 0), 5);
		EXPECT_EQ(getpgrp(), getpgid(getppid()));
		EXPECT_EQ(getsid(0), getsid(getppid()))
	);
	EXPECT_EQ(umask(0), 0137);
}

TEST(fork, a_tree_of_processes_is_reaped_by_its_parents)
{
	pid_t pid;
	int sum = 0;

	for (int i = 0; i < 8; i++) {
		CHILD(pid) {
			for (int j = 0; j < 4; j++) {
				pid_t inner = fork();

				if (inner == 0)
					_exit(j);
			}
			int total = 0, status;

			while (wait(&status) > 0)
				total += WEXITSTATUS(status);
			_exit(total + i);
		}
	}
	for (int i = 0; i < 8; i++) {
		int status;

		EXPECT_OK(wait(&status));
		sum += WEXITSTATUS(status);
	}
	note("sum %d", sum);
	EXPECT_ERRNO(wait(NULL), ECHILD);
}
