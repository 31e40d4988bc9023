/* SPDX-License-Identifier: MIT */
/* Pending signals: ordinary ones collapse, real-time ones queue in order with their values. */
#include "../harness.h"
#include "../process/util.h"

static int order[256], values[256];
static volatile sig_atomic_t hits;

static void handler(int number, siginfo_t *info, void *context)
{
	(void)context;
	order[hits] = number;
	values[hits] = info->si_int;
	hits++;
}

static void install(int number)
{
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };

	sigfillset(&action.sa_mask);
	EXPECT_OK(sigaction(number, &action, NULL));
}

static void show(const char *what)
{
	char line[512];
	int used = 0;

	for (int i = 0; i < hits; i++)
		used += snprintf(line + used, sizeof(line) - used, " %s:%d", signal_name(order[i]),
				 order[i] >= 34 ? values[i] : 0);
	note("%s:%s", what, used ? line : " none");
	hits = 0;
}

TEST(queueing, ordinary_signals_are_delivered_once)
{
	uint64_t set = SIGBIT(SIGUSR1), none = 0;

	install(SIGUSR1);
	raw_mask(SIG_BLOCK, &set);
	for (int i = 0; i < 5; i++)
		sigqueue(getpid(), SIGUSR1, (union sigval){ .sival_int = i });
	raw_mask(SIG_SETMASK, &none);
	note("value of the first: %d", values[0]);
	show("five");
}

TEST(queueing, real_time_signals_keep_order_and_values)
{
	uint64_t set = ~0ULL, none = 0;

	for (int i = 34; i < 40; i++)
		install(i);
	raw_mask(SIG_BLOCK, &set);
	for (int i = 0; i < 4; i++) {
		sigqueue(getpid(), 36, (union sigval){ .sival_int = i });
		sigqueue(getpid(), 34, (union sigval){ .sival_int = 10 + i });
	}
	sigqueue(getpid(), 35, (union sigval){ .sival_int = 20 });
	raw_mask(SIG_SETMASK, &none);
	show("delivered");
}

TEST(queueing, lower_numbers_first_and_ordinary_before_real_time)
{
	uint64_t set = ~0ULL, none = 0;
	static const int numbers[] = { 40, SIGTERM, 34, SIGUSR1, SIGHUP, 64, SIGUSR2, SIGCHLD };

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		install(numbers[i]);
	raw_mask(SIG_BLOCK, &set);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		kill(getpid(), numbers[i]);
	raw_mask(SIG_SETMASK, &none);
	show("delivered");
}

static void nested(int number, siginfo_t *info, void *context)
{
	handler(number, info, context);
}

TEST(queueing, without_masks_the_last_frame_runs_first)
{
	uint64_t set = ~0ULL, none = 0;
	struct sigaction action = { .sa_sigaction = nested, .sa_flags = SA_SIGINFO };

	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGUSR2, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	raw_mask(SIG_BLOCK, &set);
	raise(SIGUSR1);
	raise(SIGUSR2);
	raise(SIGHUP);
	raw_mask(SIG_SETMASK, &none);
	/* Each frame is built on the one before: the last one built is entered first. */
	show("entered");
}

TEST(queueing, synchronous_signals_go_first)
{
	uint64_t set = ~0ULL, none = 0;

	install(SIGSEGV);
	install(SIGHUP);
	install(SIGILL);
	install(SIGTERM);
	raw_mask(SIG_BLOCK, &set);
	kill(getpid(), SIGHUP);
	kill(getpid(), SIGTERM);
	kill(getpid(), SIGSEGV);
	kill(getpid(), SIGILL);
	raw_mask(SIG_SETMASK, &none);
	show("delivered");
}

TEST(queueing, thread_pending_goes_before_process_pending)
{
	uint64_t set = ~0ULL, none = 0;

	install(SIGUSR1);
	install(36);
	install(35);
	raw_mask(SIG_BLOCK, &set);
	kill(getpid(), 35);
	syscall(SYS_tgkill, getpid(), getpid(), 36);
	kill(getpid(), SIGUSR1);
	raw_mask(SIG_SETMASK, &none);
	show("delivered");
}

TEST(queueing, a_hundred_values_in_order)
{
	uint64_t set = SIGBIT(50), none = 0;
	int ok = 0;

	install(50);
	raw_mask(SIG_BLOCK, &set);
	for (int i = 0; i < 100; i++)
		EXPECT_OK(sigqueue(getpid(), 50, (union sigval){ .sival_int = i * i }));
	raw_mask(SIG_SETMASK, &none);
	for (int i = 0; i < hits; i++)
		ok += values[i] == i * i;
	note("%d of %d", ok, (int)hits);
}

TEST(queueing, sigwaitinfo_takes_them_in_the_same_order)
{
	uint64_t set = SIGBIT(40) | SIGBIT(35) | SIGBIT(SIGUSR1);
	siginfo_t info;

	raw_mask(SIG_BLOCK, &set);
	for (int i = 0; i < 3; i++) {
		sigqueue(getpid(), 40, (union sigval){ .sival_int = i });
		sigqueue(getpid(), 35, (union sigval){ .sival_int = 10 + i });
	}
	raise(SIGUSR1);
	for (int i = 0; i < 7; i++) {
		int got = sigwaitinfo((sigset_t *)&set, &info);

		note("%s value %d code %d", signal_name(got), got == SIGUSR1 ? 0 : info.si_int, info.si_code);
	}
	EXPECT_EQ(raw_pending(), 0);
}

TEST(queueing, pending_is_the_union_of_thread_and_process)
{
	uint64_t set = SIGBIT(SIGUSR1) | SIGBIT(SIGUSR2), none = 0;

	raw_mask(SIG_BLOCK, &set);
	kill(getpid(), SIGUSR1);
	syscall(SYS_tgkill, getpid(), getpid(), SIGUSR2);
	note("%#llx", (long long)raw_pending());
	char *line = strstr(get_file("/proc/self/status"), "SigPnd:");

	for (int i = 0; i < 5 && line; i++) {
		note("%.*s", (int)strcspn(line, "\n"), line);
		line = strchr(line, '\n') + 1;
	}
	signal(SIGUSR1, SIG_IGN);
	signal(SIGUSR2, SIG_IGN);
	raw_mask(SIG_SETMASK, &none);
}
