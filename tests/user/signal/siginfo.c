/* SPDX-License-Identifier: MIT */
/* siginfo_t for every source of a signal. */
#include "../harness.h"
#include "../process/util.h"
#include <sys/time.h>
#include <sys/ioctl.h>
#include <pthread.h>
#include <poll.h>

static siginfo_t seen;
static volatile sig_atomic_t hits;

static void handler(int number, siginfo_t *info, void *context)
{
	(void)number, (void)context;
	seen = *info;
	hits++;
}

static void install(int number)
{
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };

	EXPECT_OK(sigaction(number, &action, NULL));
}

static const char *who(pid_t pid)
{
	return pid == getpid() ? "self" : pid == getppid() ? "parent" : pid ? "other" : "0";
}

static void show(const char *what)
{
	note("%s: %s code %d errno %d pid %s uid %u value %d", what, signal_name(seen.si_signo),
	     seen.si_code, seen.si_errno, who(seen.si_pid), seen.si_uid, seen.si_int);
}

static void show_user(const char *what)
{
	note("%s: %s code %d errno %d pid %s uid %u", what, signal_name(seen.si_signo), seen.si_code,
	     seen.si_errno, who(seen.si_pid), seen.si_uid);
}

TEST(siginfo, kill_tkill_and_tgkill)
{
	install(SIGUSR1);
	kill(getpid(), SIGUSR1);
	show_user("kill");
	syscall(SYS_tgkill, getpid(), getpid(), SIGUSR1);
	show_user("tgkill");
	syscall(SYS_tkill, getpid(), SIGUSR1);
	show_user("tkill");
	install(SIGRTMIN + 3);
	kill(getpid(), SIGRTMIN + 3);
	show_user("kill of a real-time signal");
}

TEST(siginfo, the_senders_ids)
{
	pid_t pid;

	install(SIGUSR1);
	CHILD(pid)
		kill(getppid(), SIGUSR1);
	EXPECT_CHILD_OK(pid);
	EXPECT_EQ(seen.si_pid, pid);
	EXPECT_EQ(seen.si_uid, 0);
	CHILD(pid) {
		setresuid(1234, 0, 0);
		kill(getppid(), SIGUSR1);
	}
	EXPECT_CHILD_OK(pid);
	note("uid %u", seen.si_uid);
}

TEST(siginfo, sigqueue_carries_a_value)
{
	union sigval value = { .sival_ptr = (void *)0x123456789abcdef0 };

	install(SIGUSR1);
	install(SIGRTMIN);
	EXPECT_OK(sigqueue(getpid(), SIGUSR1, value));
	show("USR1");
	EXPECT_EQ((uintptr_t)seen.si_ptr, 0x123456789abcdef0);
	value.sival_int = -5;
	EXPECT_OK(sigqueue(getpid(), SIGRTMIN, value));
	show("RT");
}

static long queue(pid_t pid, int number, const siginfo_t *info)
{
	return syscall(SYS_rt_sigqueueinfo, pid, number, info);
}

static long tgqueue(pid_t pid, pid_t tid, int number, const siginfo_t *info)
{
	return syscall(SYS_rt_tgsigqueueinfo, pid, tid, number, info);
}

TEST(siginfo, rt_sigqueueinfo_checks_the_code)
{
	siginfo_t info;
	pid_t pid;

	memset(&info, 0, sizeof(info));
	install(SIGUSR1);
	info.si_code = -77;
	info.si_errno = 12;
	info.si_signo = 99;	/* replaced by the number given */
	info.si_pid = 4242;
	info.si_uid = 17;
	info.si_int = 3;
	EXPECT_OK(queue(getpid(), SIGUSR1, &info));
	note("code %d errno %d signo %s pid %d uid %u value %d", seen.si_code, seen.si_errno,
	     signal_name(seen.si_signo), seen.si_pid, seen.si_uid, seen.si_int);
	CHILD(pid)
		for (;;)
			pause();
	info.si_code = SI_USER;
	EXPECT_ERRNO(queue(pid, SIGUSR1, &info), EPERM);
	info.si_code = 5;
	EXPECT_ERRNO(queue(pid, SIGUSR1, &info), EPERM);
	info.si_code = SI_TKILL;
	EXPECT_ERRNO(queue(pid, SIGUSR1, &info), EPERM);
	EXPECT_ERRNO(tgqueue(pid, pid, SIGUSR1, &info), EPERM);
	info.si_code = SI_USER;
	EXPECT_OK(queue(getpid(), SIGUSR1, &info));
	info.si_code = SI_QUEUE;
	EXPECT_ERRNO(queue(pid, 65, &info), EINVAL);
	EXPECT_ERRNO(queue(0x7ffffff, SIGUSR1, &info), ESRCH);
	EXPECT_ERRNO(queue(pid, SIGUSR1, wild(8)), EFAULT);
	EXPECT_ERRNO(tgqueue(0, pid, SIGUSR1, &info), EINVAL);
	EXPECT_ERRNO(tgqueue(pid, getpid(), SIGUSR1, &info), ESRCH);
	EXPECT_OK(queue(pid, 0, &info));
	EXPECT_OK(tgqueue(pid, pid, SIGTERM, &info));
	note("%s", status_name(child_status(pid)));
}

TEST(siginfo, alarm_and_itimer)
{
	struct itimerval timer = { .it_value = { 0, 1000 } };

	install(SIGALRM);
	setitimer(ITIMER_REAL, &timer, NULL);
	while (!hits)
		pause();
	note("real: %s code %d pid %d uid %u", signal_name(seen.si_signo), seen.si_code, seen.si_pid,
	     seen.si_uid);
	hits = 0;
	install(SIGVTALRM);
	setitimer(ITIMER_VIRTUAL, &timer, NULL);
	while (!hits)
		;
	note("virtual: %s code %d", signal_name(seen.si_signo), seen.si_code);
	hits = 0;
	install(SIGPROF);
	setitimer(ITIMER_PROF, &timer, NULL);
	while (!hits)
		;
	note("prof: %s code %d", signal_name(seen.si_signo), seen.si_code);
}

TEST(siginfo, posix_timer)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN + 1,
				  .sigev_value.sival_int = 77 };
	struct itimerspec spec = { .it_value = { 0, 1000000 } };
	timer_t id;

	install(SIGRTMIN + 1);
	EXPECT_OK(timer_create(CLOCK_MONOTONIC, &event, &id));
	EXPECT_OK(timer_settime(id, 0, &spec, NULL));
	while (!hits)
		pause();
	note("code %d value %d overrun %d", seen.si_code, seen.si_int, seen.si_overrun);
}

TEST(siginfo, sigchld_codes)
{
	pid_t pid;
	uint64_t set = SIGBIT(SIGCHLD);
	siginfo_t info;

	raw_mask(SIG_BLOCK, &set);
#define NEXT(what) do {                                                                     \
	EXPECT_EQ(sigwaitinfo((sigset_t *)&set, &info), SIGCHLD);                           \
	note("%s: code %s status %d uid %u pid ok %d", what, cld_name(info.si_code), info.si_status, \
	     info.si_uid, info.si_pid == pid);                                              \
} while (0)
	pid = fork();
	if (pid == 0)
		_exit(9);
	NEXT("exit");
	child_status(pid);
	pid = fork();
	if (pid == 0) {
		setresuid(77, 77, 77);
		for (;;)
			pause();
	}
	wait_state(pid, 'S');
	kill(pid, SIGSTOP);
	NEXT("stop");
	kill(pid, SIGCONT);
	NEXT("continue");
	kill(pid, SIGKILL);
	NEXT("kill");
	child_status(pid);
	/* Two at once are one signal. */
	pid_t a = fork();

	if (a == 0)
		_exit(0);
	pid = fork();
	if (pid == 0)
		_exit(0);
	wait_state(a, 'Z');
	wait_state(pid, 'Z');
	EXPECT_EQ(raw_pending(), set);
	EXPECT_EQ(sigwaitinfo((sigset_t *)&set, &info), SIGCHLD);
	EXPECT_EQ(raw_pending(), 0);
	child_status(a);
	child_status(pid);
}

TEST(siginfo, sigpipe_and_sigio)
{
	int pipes[2];

	install(SIGPIPE);
	EXPECT_OK(pipe(pipes));
	close(pipes[0]);
	EXPECT_ERRNO(write(pipes[1], "x", 1), EPIPE);
	show_user("pipe");
	install(SIGIO);
	EXPECT_OK(pipe(pipes));
	EXPECT_OK(fcntl(pipes[0], F_SETOWN, getpid()));
	EXPECT_OK(fcntl(pipes[0], F_SETFL, O_ASYNC));
	hits = 0;
	write_all(pipes[1], "x", 1);
	note("io hits %d code %d", (int)hits, seen.si_code);
	install(SIGRTMIN + 2);
	EXPECT_OK(fcntl(pipes[0], F_SETSIG, SIGRTMIN + 2));
	hits = 0;
	write_all(pipes[1], "x", 1);
	note("F_SETSIG hits %d code %d band %#lx fd ok %d", (int)hits, seen.si_code, seen.si_band,
	     seen.si_fd == pipes[0]);
}

static void *raises(void *arg)
{
	pthread_kill(*(pthread_t *)arg, SIGUSR2);
	return NULL;
}

TEST(siginfo, from_another_thread)
{
	pthread_t self = pthread_self(), thread;

	install(SIGUSR2);
	pthread_create(&thread, NULL, raises, &self);
	pthread_join(thread, NULL);
	while (!hits)
		sched_yield();
	show_user("pthread_kill");
}
