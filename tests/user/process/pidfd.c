/* SPDX-License-Identifier: MIT */
/* pidfd_open, pidfd_send_signal, pidfd_getfd, polling and waiting by descriptor. */
#include "../harness.h"
#include "util.h"
#include <poll.h>
#include <sys/epoll.h>

#ifndef P_PIDFD
#define P_PIDFD 3
#endif
#define pidfd_open(pid, flags) ((int)syscall(SYS_pidfd_open, pid, flags))
#define pidfd_send(fd, sig, info, flags) ((int)syscall(SYS_pidfd_send_signal, fd, sig, info, flags))
#define pidfd_getfd(fd, target, flags) ((int)syscall(SYS_pidfd_getfd, fd, target, flags))

static pid_t sleeper(void)
{
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			pause();
	return pid;
}

TEST(pidfd, open_errors)
{
	pid_t gone;

	CHILD(gone)
		;
	child_status(gone);
	EXPECT_ERRNO(pidfd_open(0, 0), EINVAL);
	EXPECT_ERRNO(pidfd_open(-1, 0), EINVAL);
	EXPECT_ERRNO(pidfd_open(gone, 0), ESRCH);
	EXPECT_ERRNO(pidfd_open(getpid(), 1), EINVAL);
	EXPECT_ERRNO(pidfd_open(getpid(), ~O_NONBLOCK), EINVAL);
	EXPECT_ERRNO(pidfd_open(0x7fffffff, 0), ESRCH);
}

TEST(pidfd, descriptor_flags)
{
	int fd = REQUIRE_OK(pidfd_open(getpid(), 0));
	int other = REQUIRE_OK(pidfd_open(getpid(), O_NONBLOCK));
	struct stat st;
	char byte;

	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	note("flags %s %s", fcntl(fd, F_GETFL) & O_NONBLOCK ? "nonblock" : "block",
	     fcntl(other, F_GETFL) & O_NONBLOCK ? "nonblock" : "block");
	note("read: %s", RESULT(read(fd, &byte, 1)));
	note("write: %s", RESULT(write(fd, &byte, 1)));
	note("lseek: %s", RESULT(lseek(fd, 0, SEEK_SET)));
	EXPECT_OK(fstat(fd, &st));
}

TEST(pidfd, send_signal)
{
	pid_t pid = sleeper();
	int fd = REQUIRE_OK(pidfd_open(pid, 0)), plain = temp_fd();
	siginfo_t info;

	EXPECT_OK(pidfd_send(fd, 0, NULL, 0));
	EXPECT_ERRNO(pidfd_send(fd, 65, NULL, 0), EINVAL);
	EXPECT_ERRNO(pidfd_send(fd, SIGTERM, NULL, 1 << 20), EINVAL);
	EXPECT_ERRNO(pidfd_send(plain, SIGTERM, NULL, 0), EBADF);
	EXPECT_ERRNO(pidfd_send(999, SIGTERM, NULL, 0), EBADF);
	memset(&info, 0, sizeof(info));
	info.si_signo = SIGUSR1;
	info.si_code = SI_QUEUE;
	EXPECT_ERRNO(pidfd_send(fd, SIGTERM, &info, 0), EINVAL);
	info.si_signo = SIGTERM;
	info.si_code = SI_USER;
	note("SI_USER to another: %s", RESULT(pidfd_send(fd, SIGTERM, &info, 0)));
	EXPECT_ERRNO(pidfd_send(fd, SIGTERM, wild(8), 0), EFAULT);
	info.si_code = SI_QUEUE;
	EXPECT_OK(pidfd_send(fd, SIGTERM, &info, 0));
	note("%s", status_name(child_status(pid)));
	EXPECT_ERRNO(pidfd_send(fd, SIGTERM, NULL, 0), ESRCH);
}

static volatile sig_atomic_t arrived;

static void arrive(int sig)
{
	arrived++;
}

TEST(pidfd, a_directory_of_proc_names_a_process)
{
	char path[64];
	int fd;

	signal(SIGUSR1, arrive);
	fd = REQUIRE_OK(open("/proc/self", O_RDONLY | O_DIRECTORY));
	EXPECT_OK(syscall(SYS_pidfd_send_signal, fd, SIGUSR1, NULL, 0));
	EXPECT_TRUE(arrived == 1);
	EXPECT_ERRNO(syscall(SYS_pidfd_getfd, fd, 0, 0), EBADF);
	close(fd);
	fd = REQUIRE_OK(open("/proc/self", O_PATH | O_DIRECTORY));
	EXPECT_ERRNO(syscall(SYS_pidfd_send_signal, fd, SIGUSR1, NULL, 0), EBADF);
	close(fd);
	snprintf(path, sizeof(path), "/proc/self/task/%d", getpid());
	fd = REQUIRE_OK(open(path, O_RDONLY | O_DIRECTORY));
	EXPECT_ERRNO(syscall(SYS_pidfd_send_signal, fd, SIGUSR1, NULL, 0), EBADF);
	close(fd);
	fd = REQUIRE_OK(open("/proc/self/status", O_RDONLY));
	EXPECT_ERRNO(syscall(SYS_pidfd_send_signal, fd, SIGUSR1, NULL, 0), EBADF);
	close(fd);
	EXPECT_TRUE(arrived == 1);
	signal(SIGUSR1, SIG_DFL);
}

TEST(pidfd, poll_reports_the_end)
{
	pid_t pid = sleeper();
	int fd = REQUIRE_OK(pidfd_open(pid, 0)), ep = REQUIRE_OK(epoll_create1(0));
	struct pollfd poller = { fd, POLLIN | POLLOUT, 0 };
	struct epoll_event event = { .events = EPOLLIN };

	EXPECT_EQ(poll(&poller, 1, 0), 0);
	EXPECT_OK(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &event));
	EXPECT_EQ(epoll_wait(ep, &event, 1, 0), 0);
	kill(pid, SIGKILL);
	EXPECT_EQ(epoll_wait(ep, &event, 1, 20000), 1);
	EXPECT_EQ(poll(&poller, 1, 20000), 1);
	note("zombie: poll %#x", poller.revents & (POLLIN | POLLHUP | POLLERR));
	EXPECT_OK(pidfd_send(fd, 0, NULL, 0));
	EXPECT_OK(child_status(pid));
	EXPECT_EQ(poll(&poller, 1, 0), 1);
	note("reaped: poll %#x", poller.revents & (POLLIN | POLLERR));
	EXPECT_ERRNO(pidfd_send(fd, 0, NULL, 0), ESRCH);
}

TEST(pidfd, waitid)
{
	pid_t pid = sleeper();
	int fd = REQUIRE_OK(pidfd_open(pid, 0)), self = REQUIRE_OK(pidfd_open(getpid(), 0));
	int nonblock = REQUIRE_OK(pidfd_open(pid, O_NONBLOCK));
	siginfo_t info = { 0 };

	EXPECT_EQ(waitid(P_PIDFD, fd, &info, WEXITED | WNOHANG), 0);
	EXPECT_EQ(info.si_pid, 0);
	EXPECT_ERRNO(waitid(P_PIDFD, self, &info, WEXITED), ECHILD);
	EXPECT_ERRNO(waitid(P_PIDFD, 999, &info, WEXITED), EBADF);
	EXPECT_ERRNO(waitid(P_PIDFD, temp_fd(), &info, WEXITED), EBADF);
	EXPECT_ERRNO(waitid(P_PIDFD, -1, &info, WEXITED), EINVAL);
	EXPECT_ERRNO(waitid(P_PIDFD, nonblock, &info, WEXITED), EAGAIN);
	kill(pid, SIGINT);
	EXPECT_OK(waitid(P_PIDFD, fd, &info, WEXITED));
	EXPECT_EQ(info.si_pid, pid);
	note("code %s status %s", cld_name(info.si_code), signal_name(info.si_status));
	EXPECT_ERRNO(waitid(P_PIDFD, fd, &info, WEXITED), ECHILD);
}

TEST(pidfd, getfd_copies_a_descriptor)
{
	int file = temp_fd(), fd, copy;
	pid_t pid;

	write_all(file, "abc", 3);
	pid = sleeper();
	fd = REQUIRE_OK(pidfd_open(pid, 0));
	close(file);
	copy = EXPECT_OK(pidfd_getfd(fd, file, 0));
	EXPECT_EQ(fcntl(copy, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(lseek(copy, 0, SEEK_CUR), 3);
	EXPECT_ERRNO(pidfd_getfd(fd, 500, 0), EBADF);
	EXPECT_ERRNO(pidfd_getfd(fd, file, 1), EINVAL);
	EXPECT_ERRNO(pidfd_getfd(copy, 0, 0), EBADF);
	AS_USER(1000, 1000, EXPECT_ERRNO(pidfd_getfd(fd, 0, 0), EPERM));
	kill(pid, SIGKILL);
	child_status(pid);
	EXPECT_ERRNO(pidfd_getfd(fd, 0, 0), ESRCH);
}

TEST(pidfd, permission_to_signal)
{
	pid_t pid = sleeper();
	int fd = REQUIRE_OK(pidfd_open(pid, 0));

	AS_USER(1000, 1000, EXPECT_ERRNO(pidfd_send(fd, SIGTERM, NULL, 0), EPERM));
	kill(pid, SIGKILL);
	child_status(pid);
}
