/* SPDX-License-Identifier: MIT */
/* Which calls go on after a handler with SA_RESTART, and which answer EINTR anyway. */
#include "../harness.h"
#include "../process/util.h"
#include <linux/futex.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/select.h>

static volatile sig_atomic_t hits;

static void handler(int number)
{
	(void)number;
	hits++;
}

static int pipes[2], full[2], ep, futex_word, lock_fd;
static pid_t child;

enum what {
	READ, WRITE, WAIT, FUTEX, FUTEX_ABS, NANOSLEEP, CLOCK_NANOSLEEP, POLL, PPOLL, SELECT, EPOLL, PAUSE,
	FLOCK, SETLKW, OPEN_FIFO, SIGTIMEDWAIT, LAST
};

static const char *const names[] = {
	"read", "write", "waitpid", "futex", "futex with time-out", "nanosleep", "clock_nanosleep",
	"poll", "ppoll", "select", "epoll_wait", "pause", "flock",
	"F_SETLKW", "open of a fifo", "rt_sigtimedwait",
};

static struct gate release;

static long call(enum what what)
{
	struct timespec limit = { 60, 0 };
	struct epoll_event event;
	struct pollfd poller = { pipes[0], POLLIN, 0 };
	struct timeval tv = { 60, 0 };
	struct flock lock = { .l_type = F_WRLCK };
	uint64_t set = SIGBIT(SIGHUP);
	fd_set fds;
	char byte;

	switch (what) {
	case READ:
		return read(pipes[0], &byte, 1);
	case WRITE:
		return write(full[1], "x", 1);
	case WAIT:
		return waitpid(child, NULL, 0);
	case FUTEX:
		return syscall(SYS_futex, &futex_word, FUTEX_WAIT, 0, NULL);
	case FUTEX_ABS:
		return syscall(SYS_futex, &futex_word, FUTEX_WAIT, 0, &limit);
	case NANOSLEEP:
		return nanosleep(&limit, NULL);
	case CLOCK_NANOSLEEP:
		errno = clock_nanosleep(CLOCK_MONOTONIC, 0, &limit, NULL);
		return errno ? -1 : 0;
	case POLL:
		return poll(&poller, 1, 60000);
	case PPOLL:
		return ppoll(&poller, 1, &limit, NULL);
	case SELECT:
		FD_ZERO(&fds);
		FD_SET(pipes[0], &fds);
		return select(pipes[0] + 1, &fds, NULL, NULL, &tv);
	case EPOLL:
		return epoll_wait(ep, &event, 1, 60000);
	case PAUSE:
		return pause();
	case FLOCK:
		return flock(lock_fd, LOCK_EX);
	case SETLKW:
		return fcntl(lock_fd, F_SETLKW, &lock);
	case OPEN_FIFO:
		return open("fifo", O_RDONLY);
	case SIGTIMEDWAIT:
		return syscall(SYS_rt_sigtimedwait, &set, NULL, NULL, 8);
	default:
		return 0;
	}
}

/* What makes the call return by itself: only tried after the signal has been handled. */
static void satisfy(enum what what, pid_t me)
{
	static char buffer[65536];

	switch (what) {
	case READ:
	case POLL:
	case PPOLL:
	case SELECT:
	case EPOLL:
		write_all(pipes[1], "x", 1);
		break;
	case WRITE:
		(void)!read(full[0], buffer, sizeof(buffer));
		break;
	case FLOCK:
	case SETLKW:
	case WAIT:
		gate_open(&release);
		break;
	case OPEN_FIFO:
		close(open("fifo", O_WRONLY));
		break;
	default:
		kill(me, SIGKILL);
	}
}

static void try(enum what what, int flags)
{
	volatile pid_t *holder = shared_memory(4096);
	pid_t pid, status_pid;

	/* The holder of the locks is ours in the end: left to init, its exit would hang up a stopped process of this group. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	CHILD(status_pid) {
		struct sigaction action = { .sa_handler = handler, .sa_flags = flags };
		static char buffer[65536];
		volatile int *shared = shared_memory(4096);
		struct epoll_event event = { .events = EPOLLIN };
		struct gate ready = gate_make();
		pid_t me = getpid();
		long result;

		sigaction(SIGUSR1, &action, NULL);
		release = gate_make();
		EXPECT_OK(pipe(pipes) | pipe(full));
		fcntl(full[1], F_SETPIPE_SZ, 4096);
		fcntl(full[1], F_SETFL, O_NONBLOCK);
		while (write(full[1], buffer, sizeof(buffer)) > 0)
			;
		fcntl(full[1], F_SETFL, 0);
		ep = epoll_create1(0);
		epoll_ctl(ep, EPOLL_CTL_ADD, pipes[0], &event);
		unlink("fifo");
		mkfifo("fifo", 0600);
		/* A file of its own: the holder of the last one may still live. */
		unlink("lock");
		lock_fd = open("lock", O_RDWR | O_CREAT, 0600);
		CHILD(child) {
			int fd = open("lock", O_RDWR);
			struct flock lock = { .l_type = F_WRLCK };

			flock(fd, LOCK_EX);
			fcntl(fd, F_SETLK, &lock);
			gate_open(&ready);
			gate_wait(&release);
		}
		*holder = child;
		gate_wait(&ready);
		CHILD(pid) {
			wait_state(me, 'S');
			kill(me, SIGUSR1);
			/* Either it sleeps again, or it says that it has returned. */
			while (!shared[0] && task_state(me) != 'S')
				sched_yield();
			sleep_ms(10);
			if (!shared[0])
				satisfy(what, me);
		}
		result = call(what);
		int error = errno;

		shared[0] = 1;
		if (result < 0)
			note("%s: %s, handler ran %d", names[what], errno_name(error), (int)hits);
		else
			note("%s: restarted, handler ran %d", names[what], (int)hits);
		child_status(pid);
		gate_open(&release);
		_exit(0);
	}
	int status = child_status(status_pid);

	if (status)
		note("%s: %s", names[what], status_name(status));
	kill(*holder, SIGKILL);
	waitpid(*holder, NULL, 0);
}

static void try_all(int flags)
{
	for (int i = 0; i < LAST; i++)
		try(i, flags);
}

TEST(restart, with_sa_restart)
{
	try_all(SA_RESTART);
}

TEST(restart, without)
{
	try_all(0);
}

TEST(restart, stop_and_continue_restart_most)
{
	static const enum what some[] = { READ, POLL, EPOLL, NANOSLEEP, FUTEX, PAUSE, SELECT };

	for (size_t i = 0; i < ARRAY_SIZE(some); i++) {
		struct gate ready = gate_make();
		pid_t pid;
		int status;

		CHILD(pid) {
			EXPECT_OK(pipe(pipes));
			ep = epoll_create1(0);
			gate_open(&ready);
			call(some[i]);
			note("%s returned: %s", names[some[i]], errno_name(errno));
		}
		gate_wait(&ready);
		wait_state(pid, 'S');
		kill(pid, SIGSTOP);
		EXPECT_EQ(waitpid(pid, &status, WUNTRACED), pid);
		kill(pid, SIGCONT);
		EXPECT_EQ(waitpid(pid, &status, WCONTINUED), pid);
		if (some[i] == EPOLL)
			child_status(pid);
		else {
			wait_state(pid, 'S');
			kill(pid, SIGKILL);
			note("%s: %s", names[some[i]], status_name(child_status(pid)));
		}
	}
}

TEST(restart, a_partial_transfer_is_returned)
{
	static char buffer[200000];
	struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART };
	pid_t pid, me = getpid();
	int fds[2];
	ssize_t n;

	sigaction(SIGUSR1, &action, NULL);
	EXPECT_OK(pipe(fds));
	CHILD(pid) {
		wait_state(me, 'S');
		kill(me, SIGUSR1);
	}
	n = write(fds[1], buffer, sizeof(buffer));
	note("wrote %zd of %zu, handler ran %d", n, sizeof(buffer), (int)hits);
	EXPECT_CHILD_OK(pid);
}

static volatile int *ran;

static void told(int number)
{
	(void)number;
	++*ran;
}

TEST(restart, the_handlers_flag_counts_not_the_last_one_set)
{
	struct sigaction action = { .sa_handler = told, .sa_flags = SA_RESTART };
	pid_t pid, me = getpid();
	char byte;

	ran = shared_memory(4096);
	sigaction(SIGUSR1, &action, NULL);
	action.sa_flags = 0;
	sigaction(SIGUSR2, &action, NULL);
	EXPECT_OK(pipe(pipes));
	CHILD(pid) {
		wait_state(me, 'S');
		kill(me, SIGUSR1);
		/* Who is just awake may look asleep once more, and would have both signals at once. */
		while (!*ran)
			sched_yield();
		wait_state(me, 'S');
		kill(me, SIGUSR2);
	}
	EXPECT_ERRNO(read(pipes[0], &byte, 1), EINTR);
	EXPECT_CHILD_OK(pid);
}
