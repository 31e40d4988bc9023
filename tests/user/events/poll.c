/* SPDX-License-Identifier: MIT */
/* poll(2), ppoll(2): what is ready, what is wrong, time-outs, signal masks. */
#include "harness.h"
#include <poll.h>
#include <sys/resource.h>

TEST(poll, kinds_of_files)
{
	struct pollfd p[5];
	int pipes[2];

	REQUIRE_OK(pipe(pipes));
	put_file("f", "");
	p[0] = (struct pollfd){ open("f", O_RDWR), POLLIN | POLLOUT | POLLPRI, 0 };
	p[1] = (struct pollfd){ open(".", O_RDONLY), POLLIN | POLLOUT, 0 };
	p[2] = (struct pollfd){ open("/dev/null", O_RDWR), POLLIN | POLLOUT, 0 };
	p[3] = (struct pollfd){ open("f", O_PATH), POLLIN, 0 };
	p[4] = (struct pollfd){ pipes[0], POLLIN, 0 };
	SHOW(poll(p, 5, 0));
	for (int i = 0; i < 5; i++)
		note("%d: %#x", i, p[i].revents);
}

TEST(poll, negative_descriptors_are_skipped_and_closed_ones_are_nval)
{
	struct pollfd p[3] = { { -1, POLLIN, 77 }, { 600, POLLIN, 77 }, { -7, 0, 77 } };

	SHOW(poll(p, 3, 0));
	note("%d %#x %d", p[0].revents, p[1].revents, p[2].revents);
	SHOW(poll(p, 3, -1));
	SHOW(poll(p, 1, 0));
	SHOW(poll(NULL, 0, 0));
	SHOW(poll(NULL, 0, 1));
}

TEST(poll, err_and_hup_come_unasked)
{
	struct pollfd p[2];
	int pipes[2], other[2];

	REQUIRE_OK(pipe(pipes));
	REQUIRE_OK(pipe(other));
	close(pipes[1]);
	close(other[0]);
	p[0] = (struct pollfd){ pipes[0], 0, 0 };
	p[1] = (struct pollfd){ other[1], 0, 0 };
	SHOW(poll(p, 2, -1));
	note("%#x %#x", p[0].revents, p[1].revents);
}

TEST(poll, a_time_out_is_not_short)
{
	struct timespec wait = { 0, 60000000 };
	struct pollfd p = { 0, 0, 0 };
	long long start = now_ms();
	int pipes[2];

	REQUIRE_OK(pipe(pipes));
	p = (struct pollfd){ pipes[0], POLLIN, 0 };
	SHOW(poll(&p, 1, 50));
	SHOW(now_ms() - start >= 50);
	start = now_ms();
	SHOW(ppoll(&p, 1, &wait, NULL));
	SHOW(now_ms() - start >= 60);
	SHOW(wait.tv_nsec);
}

TEST(poll, wakes_for_another_process)
{
	struct pollfd p;
	int pipes[2];
	pid_t pid;

	REQUIRE_OK(pipe(pipes));
	CHILD(pid) {
		p = (struct pollfd){ pipes[0], POLLIN, 0 };
		note_poll("poll", &p, -1);
	}
	wait_state(pid, 'S');
	write_all(pipes[1], "x", 1);
	EXPECT_CHILD_OK(pid);
}

static volatile sig_atomic_t caught;

static void on_signal(int number)
{
	caught = number;
}

TEST(poll, a_signal_is_eintr_even_with_restart)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	pid_t pid;

	sigaction(SIGUSR1, &action, NULL);
	CHILD(pid) {
		SHOW(poll(NULL, 0, -1));
		note("caught %s", signal_name(caught));
	}
	wait_state(pid, 'S');
	kill(pid, SIGUSR1);
	EXPECT_CHILD_OK(pid);
}

TEST(poll, ppoll_swaps_the_mask_for_the_wait_only)
{
	struct timespec zero = { 0, 0 };
	sigset_t block, empty, now;

	signal(SIGUSR1, on_signal);
	sigemptyset(&block);
	sigemptyset(&empty);
	sigaddset(&block, SIGUSR1);
	sigprocmask(SIG_BLOCK, &block, NULL);
	raise(SIGUSR1);
	note("caught before %d", caught);
	SHOW(ppoll(NULL, 0, NULL, &empty));
	note("caught %s", signal_name(caught));
	sigprocmask(SIG_BLOCK, NULL, &now);
	SHOW(sigismember(&now, SIGUSR1));
	caught = 0;
	raise(SIGUSR1);
	SHOW(ppoll(NULL, 0, &zero, NULL));
	note("caught %d", caught);
	/* A pending signal that the new mask lets through ends even a poll that must not wait. */
	SHOW(ppoll(NULL, 0, &zero, &empty));
	note("caught %s", signal_name(caught));
}

TEST(poll, errors)
{
	struct rlimit limit = { 5, 5 };
	struct timespec bad = { 0, 1000000000 }, negative = { -1, 0 };
	struct pollfd p[10] = { { 0 } };
	sigset_t set;

	sigemptyset(&set);
	SHOW(syscall(SYS_ppoll, (void *)8, 1, NULL, NULL, 8));
	SHOW(syscall(SYS_ppoll, p, 1, &bad, NULL, 8));
	SHOW(syscall(SYS_ppoll, p, 1, &negative, NULL, 8));
	SHOW(syscall(SYS_ppoll, p, 1, (void *)8, NULL, 8));
	SHOW(syscall(SYS_ppoll, p, 0, NULL, &set, 4));
	SHOW(syscall(SYS_ppoll, p, 0, NULL, (void *)8, 8));
	setrlimit(RLIMIT_NOFILE, &limit);
	SHOW(poll(p, 6, 0));
	SHOW(poll(p, -1, 0));
}

TEST(poll, many_descriptors_at_once)
{
	static struct pollfd p[600];
	static int pipes[300][2];
	int ready = 0;

	for (int i = 0; i < 300; i++) {
		REQUIRE_OK(pipe(pipes[i]));
		p[2 * i] = (struct pollfd){ pipes[i][0], POLLIN, 0 };
		p[2 * i + 1] = (struct pollfd){ pipes[i][1], POLLOUT, 0 };
	}
	write_all(pipes[299][1], "x", 1);
	SHOW(poll(p, 600, -1));
	for (int i = 0; i < 300; i++)
		ready += p[2 * i].revents == POLLIN;
	note("readable %d", ready);
}
