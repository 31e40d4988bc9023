/* SPDX-License-Identifier: MIT */
/*
 * Older forms of system calls, which the tables of older architectures still have: each is another call with some of
 * its arguments fixed. Compiled for all architectures; the linker drops what a table does not name.
 *
 * No state, no locks.
 */
#include <kernel/errno.h>
#include <kernel/fs.h>
#include <kernel/poll.h>
#include <kernel/sched.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/uaccess.h>
#include <uapi/fcntl.h>
#include <uapi/sched.h>

struct utimbuf {
	int64_t actime, modtime;
};

/* ---- files */
long sys_legacy_open(const char __user *path, int flags, umode_t mode)
{
	return sys_openat(AT_FDCWD, path, flags, mode);
}

long sys_legacy_creat(const char __user *path, umode_t mode)
{
	return sys_openat(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

long sys_legacy_stat(const char __user *path, struct stat __user *st)
{
	return sys_newfstatat(AT_FDCWD, path, st, 0);
}

long sys_legacy_lstat(const char __user *path, struct stat __user *st)
{
	return sys_newfstatat(AT_FDCWD, path, st, AT_SYMLINK_NOFOLLOW);
}

long sys_legacy_access(const char __user *path, int mode)
{
	return sys_faccessat(AT_FDCWD, path, mode);
}

long sys_legacy_pipe(int __user *fds)
{
	return sys_pipe2(fds, 0);
}

/* Equal numbers: a check that the file is open, where dup3(2) refuses. */
long sys_legacy_dup2(unsigned int oldfd, unsigned int newfd)
{
	if (oldfd == newfd) {
		long err = sys_fcntl(oldfd, F_GETFD, 0);

		return err < 0 ? err : (long)newfd;
	}
	return sys_dup3(oldfd, newfd, 0);
}

long sys_legacy_rename(const char __user *oldpath, const char __user *newpath)
{
	return sys_renameat(AT_FDCWD, oldpath, AT_FDCWD, newpath);
}

long sys_legacy_mkdir(const char __user *path, umode_t mode)
{
	return sys_mkdirat(AT_FDCWD, path, mode);
}

long sys_legacy_rmdir(const char __user *path)
{
	return sys_unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}

long sys_legacy_link(const char __user *oldpath, const char __user *newpath)
{
	return sys_linkat(AT_FDCWD, oldpath, AT_FDCWD, newpath, 0);
}

long sys_legacy_unlink(const char __user *path)
{
	return sys_unlinkat(AT_FDCWD, path, 0);
}

long sys_legacy_symlink(const char __user *target, const char __user *path)
{
	return sys_symlinkat(target, AT_FDCWD, path);
}

long sys_legacy_readlink(const char __user *path, char __user *buf, int bufsize)
{
	return sys_readlinkat(AT_FDCWD, path, buf, bufsize);
}

long sys_legacy_chmod(const char __user *path, umode_t mode)
{
	return sys_fchmodat(AT_FDCWD, path, mode);
}

long sys_legacy_chown(const char __user *path, uid_t uid, gid_t gid)
{
	return sys_fchownat(AT_FDCWD, path, uid, gid, 0);
}

long sys_legacy_lchown(const char __user *path, uid_t uid, gid_t gid)
{
	return sys_fchownat(AT_FDCWD, path, uid, gid, AT_SYMLINK_NOFOLLOW);
}

long sys_legacy_mknod(const char __user *path, umode_t mode, unsigned int dev)
{
	return sys_mknodat(AT_FDCWD, path, mode, dev);
}

long sys_legacy_utime(const char __user *path, const struct utimbuf __user *times)
{
	struct timespec t[2] = { { 0, 0 }, { 0, 0 } };

	if (times && (get_user(t[0].tv_sec, &times->actime) || get_user(t[1].tv_sec, &times->modtime)))
		return -EFAULT;
	return vfs_utimens(AT_FDCWD, path, times ? t : NULL, 0);
}

long sys_legacy_futimesat(int dfd, const char __user *path, const struct timeval __user *times)
{
	struct timeval tv[2];
	struct timespec t[2];
	unsigned i;

	if (!times)
		return vfs_utimens(dfd, path, NULL, 0);
	if (copy_from_user(tv, times, sizeof(tv)))
		return -EFAULT;
	for (i = 0; i < 2; i++) {
		/* Checked here: UTIME_NOW and UTIME_OMIT are no microseconds. */
		if (tv[i].tv_usec < 0 || tv[i].tv_usec >= 1000000)
			return -EINVAL;
		t[i] = (struct timespec){ tv[i].tv_sec, tv[i].tv_usec * 1000 };
	}
	return vfs_utimens(dfd, path, t, 0);
}

long sys_legacy_utimes(const char __user *path, const struct timeval __user *times)
{
	return sys_legacy_futimesat(AT_FDCWD, path, times);
}

/* ---- waiting on files */
long sys_legacy_poll(struct pollfd __user *fds, unsigned int nfds, int timeout_ms)
{
	return poll_millis(fds, nfds, timeout_ms);
}

long sys_legacy_select(int n, unsigned long __user *in, unsigned long __user *out, unsigned long __user *ex,
		       struct timeval __user *timeout)
{
	return select_timeval(n, in, out, ex, timeout);
}

long sys_legacy_epoll_create(int size)
{
	return size > 0 ? sys_epoll_create1(0) : -EINVAL;
}

long sys_legacy_epoll_wait(int epfd, struct epoll_event __user *events, int maxevents, int timeout_ms)
{
	return sys_epoll_pwait(epfd, events, maxevents, timeout_ms, NULL, sizeof(uint64_t));
}

long sys_legacy_signalfd(int fd, const uint64_t __user *mask, size_t sigsetsize)
{
	return sys_signalfd4(fd, mask, sigsetsize, 0);
}

long sys_legacy_eventfd(unsigned int count)
{
	return sys_eventfd2(count, 0);
}

long sys_legacy_inotify_init(void)
{
	return sys_inotify_init1(0);
}

/* ---- processes, time */
/* The last two arguments the other way round. */
long sys_legacy_clone(unsigned long flags, unsigned long stack, int __user *parent_tid, int __user *child_tid, unsigned long tls)
{
	return sys_clone(flags, stack, parent_tid, tls, child_tid);
}

long sys_legacy_fork(void)
{
	return sys_clone(SIGCHLD, 0, NULL, 0, NULL);
}

long sys_legacy_vfork(void)
{
	return sys_clone(CLONE_VFORK | CLONE_VM | SIGCHLD, 0, NULL, 0, NULL);
}

long sys_legacy_getpgrp(void)
{
	return sys_getpgid(0);
}

long sys_legacy_alarm(unsigned int seconds)
{
	return itimer_alarm(seconds);
}

long sys_legacy_pause(void)
{
	while (!signal_pending(current)) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (!signal_pending(current))
			schedule();
		set_current_running();
	}
	return -ERESTARTNOHAND;
}

long sys_legacy_time(int64_t __user *out)
{
	int64_t now = clock_realtime() / NSEC_PER_SEC;

	return out && put_user(now, out) ? -EFAULT : now;
}
