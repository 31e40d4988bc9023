/* SPDX-License-Identifier: MIT */
/* pidfd_open, pidfd_send_signal, pidfd_getfd, process_vm_readv: errors and permissions. */
#include "../harness.h"
#include <sys/uio.h>

static int waiting(pid_t *pid)
{
	int p[2], fd;

	REQUIRE_OK(pipe(p));
	CHILD(*pid) {
		char byte;

		close(p[1]);
		read(p[0], &byte, 1);
	}
	close(p[0]);
	fd = p[1];
	return fd;
}

TEST(pidfderr, open)
{
	SHOW(syscall(SYS_pidfd_open, 0, 0));
	SHOW(syscall(SYS_pidfd_open, -1, 0));
	SHOW(syscall(SYS_pidfd_open, 99999999, 0));
	SHOW(syscall(SYS_pidfd_open, getpid(), 1));
	SHOW(syscall(SYS_pidfd_open, getpid(), O_NONBLOCK) >= 0);
	SHOW(syscall(SYS_pidfd_open, getpid(), 0x80000000));
}

TEST(pidfderr, send_signal)
{
	siginfo_t info = { .si_signo = SIGUSR1, .si_code = SI_QUEUE };
	pid_t pid;
	int end = waiting(&pid), fd = (int)syscall(SYS_pidfd_open, pid, 0);

	SHOW(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0));
	SHOW(syscall(SYS_pidfd_send_signal, fd, 65, NULL, 0));
	SHOW(syscall(SYS_pidfd_send_signal, fd, -1, NULL, 0));
	SHOW(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 1));
	SHOW(syscall(SYS_pidfd_send_signal, -1, 0, NULL, 0));
	SHOW(syscall(SYS_pidfd_send_signal, 0, 0, NULL, 0));
	SHOW(syscall(SYS_pidfd_send_signal, fd, SIGUSR2, &info, 0));
	SHOW(syscall(SYS_pidfd_send_signal, fd, 0, (void *)8, 0));
	info.si_code = SI_USER;
	SHOW(syscall(SYS_pidfd_send_signal, fd, SIGUSR1, &info, 0));
	info.si_code = SI_TKILL;
	SHOW(syscall(SYS_pidfd_send_signal, fd, SIGUSR1, &info, 0));
	AS_USER(1000, 1000, SHOW(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0)));
	SHOW(syscall(SYS_pidfd_send_signal, open("/proc/self", O_RDONLY | O_DIRECTORY), 0, NULL, 0));
	close(end);
	EXPECT_CHILD_OK(pid);
	SHOW(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0));
	SHOW(syscall(SYS_pidfd_getfd, fd, 0, 0));
	SHOW(syscall(SYS_waitid, 3, fd, NULL, WEXITED, NULL));
}

TEST(pidfderr, getfd)
{
	pid_t pid;
	int end = waiting(&pid), fd = (int)syscall(SYS_pidfd_open, pid, 0);

	SHOW(syscall(SYS_pidfd_getfd, fd, 1, 0) >= 0);
	SHOW(syscall(SYS_pidfd_getfd, fd, 99, 0));
	SHOW(syscall(SYS_pidfd_getfd, fd, -1, 0));
	SHOW(syscall(SYS_pidfd_getfd, fd, 1, 1));
	SHOW(syscall(SYS_pidfd_getfd, -1, 1, 0));
	SHOW(syscall(SYS_pidfd_getfd, 0, 1, 0));
	AS_USER(1000, 1000, SHOW(syscall(SYS_pidfd_getfd, fd, 1, 0)));
	close(end);
	EXPECT_CHILD_OK(pid);
}

TEST(pidfderr, process_vm)
{
	static char ours[16] = "0123456789", theirs[16] = "abcdefghij";
	struct iovec here = { ours, 8 }, there = { theirs, 8 }, nowhere = { (void *)8, 8 };
	struct iovec split[2] = { { theirs, 4 }, { (void *)8, 4 } }, small[2] = { { ours, 2 }, { ours + 4, 2 } };
	pid_t pid;
	int end = waiting(&pid);

	SHOW(process_vm_readv(pid, &here, 1, &there, 1, 0));
	note("%s", ours);
	SHOW(process_vm_readv(pid, small, 2, &there, 1, 0));
	SHOW(process_vm_readv(pid, &here, 1, split, 2, 0));
	SHOW(process_vm_readv(pid, &here, 1, &nowhere, 1, 0));
	SHOW(process_vm_readv(pid, &nowhere, 1, &there, 1, 0));
	SHOW(process_vm_readv(pid, &here, 0, &there, 1, 0));
	SHOW(process_vm_readv(pid, &here, 1, &there, 0, 0));
	SHOW(process_vm_readv(pid, &here, 1, &there, 1, 1));
	SHOW(process_vm_readv(pid, &here, 1025, &there, 1, 0));
	SHOW(process_vm_readv(pid, &here, 1, &there, 1025, 0));
	SHOW(process_vm_readv(pid, NULL, 1, &there, 1, 0));
	SHOW(process_vm_readv(99999999, &here, 1, &there, 1, 0));
	SHOW(process_vm_writev(pid, &here, 1, &there, 1, 0));
	SHOW(process_vm_writev(pid, &here, 1, &nowhere, 1, 0));
	here.iov_len = (size_t)-1;
	SHOW(process_vm_readv(pid, &here, 1, &there, 1, 0));
	here.iov_len = 8;
	AS_USER(1000, 1000, SHOW(process_vm_readv(pid, &here, 1, &there, 1, 0)));
	close(end);
	EXPECT_CHILD_OK(pid);
	SHOW(process_vm_readv(pid, &here, 1, &there, 1, 0));
}
