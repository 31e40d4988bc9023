/* SPDX-License-Identifier: MIT */
/* What each call that waits answers when a handler ran: EINTR, with SA_RESTART the call again, or its own rule. */
#include "../harness.h"
#include <sched.h>
#include <mqueue.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <linux/futex.h>

static int sync_pipe[2], data_pipe[2], sock[2], file, other_file, epoll, queue_id, sem_id;

static void on_signal(int number)
{
}

static long do_read(void) { return read(data_pipe[0], (char[1]){ 0 }, 1); }
static long do_recv(void) { return recv(sock[0], (char[1]){ 0 }, 1, 0); }
static long do_recv_timeout(void)
{
	struct timeval t = { 100, 0 };

	setsockopt(sock[0], SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t));
	return recv(sock[0], (char[1]){ 0 }, 1, 0);
}
static long do_poll(void) { return poll(&(struct pollfd){ data_pipe[0], POLLIN, 0 }, 1, -1); }
static long do_ppoll(void) { return ppoll(&(struct pollfd){ data_pipe[0], POLLIN, 0 }, 1, NULL, NULL); }
static long do_select(void)
{
	fd_set set;

	FD_ZERO(&set);
	FD_SET(data_pipe[0], &set);
	return select(data_pipe[0] + 1, &set, NULL, NULL, NULL);
}
static long do_epoll(void) { return epoll_wait(epoll, &(struct epoll_event){ 0 }, 1, -1); }
static long do_pause(void) { return pause(); }
static long do_nanosleep(void) { return nanosleep(&(struct timespec){ 1000, 0 }, NULL); }
static long do_clock_nanosleep(void)
{
	return syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &(struct timespec){ 1000000, 0 }, NULL);
}
static long do_wait(void) { return waitpid(-1, NULL, 0); }
static long do_waitid(void) { return waitid(P_ALL, 0, &(siginfo_t){ 0 }, WEXITED); }
static long do_flock(void) { return flock(other_file, LOCK_EX); }
static long do_lock(void) { return fcntl(other_file, F_OFD_SETLKW, &(struct flock){ .l_type = F_WRLCK }); }
static long do_msgrcv(void) { return msgrcv(queue_id, (long[2]){ 0 }, 8, 0, 0); }
static long do_semop(void) { return semop(sem_id, &(struct sembuf){ 0, -1, 0 }, 1); }
static long do_futex(void) { return syscall(SYS_futex, &(int){ 0 }, FUTEX_WAIT, 0, NULL); }
static long do_futex_timeout(void) { return syscall(SYS_futex, &(int){ 0 }, FUTEX_WAIT, 0, &(struct timespec){ 1000, 0 }); }
static long do_sigtimedwait(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	return syscall(SYS_rt_sigtimedwait, &set, NULL, NULL, 8ul);
}
static long do_fifo(void) { return open("fifo", O_RDONLY); }
static long do_write(void)
{
	static char big[1 << 20];

	return write(data_pipe[1], big, sizeof(big));
}

static const struct { const char *name; long (*call)(void); } calls[] = {
	{ "read", do_read }, { "recv", do_recv }, { "recv with a time-out", do_recv_timeout }, { "poll", do_poll }, { "ppoll", do_ppoll },
	{ "select", do_select }, { "epoll_wait", do_epoll }, { "pause", do_pause }, { "nanosleep", do_nanosleep },
	{ "clock_nanosleep", do_clock_nanosleep }, { "wait4", do_wait }, { "waitid", do_waitid }, { "flock", do_flock },
	{ "F_OFD_SETLKW", do_lock }, { "msgrcv", do_msgrcv }, { "semop", do_semop }, { "futex", do_futex },
	{ "futex with a time-out", do_futex_timeout }, { "rt_sigtimedwait", do_sigtimedwait }, { "open of a fifo", do_fifo },
	{ "write of more than fits", do_write },
};

/* The caller is seen asleep, gets the signal, and has answered or sleeps again: SIGUSR1's handler says so through a pipe. */
static void on_reported(int number)
{
	write_all(sync_pipe[1], "h", 1);
}

static void each(int flags)
{
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		pid_t pid, child;
		char byte = 0;

		REQUIRE_OK(pipe(sync_pipe));
		REQUIRE_OK(pipe(data_pipe));
		epoll = epoll_create1(0);
		CHILD(pid) {
			struct sigaction sa = { .sa_handler = on_reported, .sa_flags = flags };

			sigaction(SIGUSR1, &sa, NULL);
			child = harness_fork();
			if (child == 0) {
				signal(SIGUSR1, SIG_DFL);
				for (;;)
					pause();
			}
			note("%s: %s", calls[i].name, RESULT(calls[i].call()));
			write_all(sync_pipe[1], "r", 1);
			kill(child, SIGKILL);
		}
		wait_state(pid, 'S');
		kill(pid, SIGUSR1);
		read(sync_pipe[0], &byte, 1);
		if (flags & SA_RESTART) {
			struct pollfd p = { sync_pipe[0], POLLIN, 0 };

			/* Either it answers, or it is seen asleep in the call again, past the handler. */
			while (poll(&p, 1, 20) == 0)
				if (task_state(pid) == 'S')
					break;
			if (poll(&p, 1, 100) == 0)
				note("%s: goes on", calls[i].name);
		} else {
			read(sync_pipe[0], &byte, 1);
		}
		kill(pid, SIGKILL);
		child_status(pid);
		close(sync_pipe[0]);
		close(sync_pipe[1]);
		close(data_pipe[0]);
		close(data_pipe[1]);
		close(epoll);
	}
}

static void prepare(void)
{
	REQUIRE_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sock));
	REQUIRE_OK(mkfifo("fifo", 0600));
	put_file("f", "x");
	file = open("f", O_RDWR);
	other_file = open("f", O_RDWR);
	REQUIRE_OK(flock(file, LOCK_EX));
	REQUIRE_OK(fcntl(file, F_OFD_SETLK, &(struct flock){ .l_type = F_WRLCK }));
	queue_id = REQUIRE_OK(msgget(IPC_PRIVATE, 0600));
	sem_id = REQUIRE_OK(semget(IPC_PRIVATE, 1, 0600));
	signal(SIGUSR2, on_signal);
}

static void clean(void)
{
	msgctl(queue_id, IPC_RMID, NULL);
	semctl(sem_id, 0, IPC_RMID);
}

TEST(interrupted, without_restart)
{
	prepare();
	each(0);
	clean();
}

TEST(interrupted, with_restart)
{
	prepare();
	each(SA_RESTART);
	clean();
}
