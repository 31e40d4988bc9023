/* SPDX-License-Identifier: MIT */
/*
 * Calls with senseless arguments, from a fixed seed: the kernel has to survive them. What they answer is
 * not compared here (the state they run into differs), only that everything still works afterwards.
 */
#define TEST_SECONDS 100
#include "../harness.h"
#include "../process/util.h"
#include <sys/resource.h>

static uint64_t state;

static uint64_t next(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static char *area;

static long value(void)
{
	switch (next() % 14) {
	case 0: return 0;
	case 1: return 1;
	case 2: return -1;
	case 3: return next() % 16;
	case 4: return next() % 1024;
	case 5: return (long)area + next() % 8192;
	case 6: return (long)area + 4096 * 2 - next() % 16;
	case 7: return (long)(0xffff000000000000 + next() % 0x1000000000);
	case 8: return next();
	case 9: return 4096UL << next() % 30;
	case 10: return 0x7fffffff;
	case 11: return (long)0x8000000000000000;
	case 12: return (long)area;
	default: return next() & 0xffff;
	}
}

/* What would stop the machine, change its clock, end or stop us, or sleep for ever. */
static bool forbidden(long n)
{
	static const long list[] = {
		SYS_reboot, SYS_exit, SYS_exit_group, SYS_kill, SYS_tkill, SYS_tgkill, SYS_rt_sigqueueinfo,
		SYS_rt_tgsigqueueinfo, SYS_clone, SYS_clone3, SYS_execve, SYS_execveat, SYS_rt_sigreturn,
		SYS_rt_sigsuspend, SYS_ppoll, SYS_pselect6, SYS_wait4, SYS_waitid, SYS_nanosleep,
		SYS_clock_nanosleep, SYS_futex, SYS_rt_sigtimedwait, SYS_epoll_pwait, SYS_munmap, SYS_mprotect,
		SYS_mremap, SYS_brk, SYS_mmap, SYS_madvise, SYS_pidfd_send_signal, SYS_rt_sigaction,
		SYS_rt_sigprocmask, SYS_setrlimit, SYS_prlimit64, SYS_ptrace, SYS_vhangup, SYS_sync,
		SYS_flock, SYS_read, SYS_readv, SYS_restart_syscall, SYS_mlock, SYS_mlockall, SYS_mlock2,
		SYS_shmat, SYS_shmdt, SYS_seccomp, SYS_remap_file_pages, SYS_close, SYS_dup3, SYS_close_range,
		SYS_semop, SYS_semtimedop, SYS_msgrcv, SYS_mq_timedreceive, SYS_fcntl, SYS_ioctl, SYS_prctl,
		SYS_setitimer, SYS_accept, SYS_accept4, SYS_recvfrom, SYS_recvmsg, SYS_recvmmsg, SYS_fallocate,
		SYS_ftruncate, SYS_splice, SYS_tee, SYS_sendfile, SYS_copy_file_range, SYS_io_uring_enter,
		SYS_io_getevents, SYS_write, SYS_writev, SYS_pwrite64, SYS_pwritev, SYS_pwritev2, SYS_vmsplice,
		SYS_process_vm_writev, SYS_setpgid, SYS_setsid, SYS_set_tid_address, SYS_rseq,
		SYS_set_robust_list, SYS_getrandom, SYS_memfd_create, SYS_userfaultfd, SYS_perf_event_open,
		SYS_sched_setaffinity, SYS_sched_setattr, SYS_sched_setscheduler, SYS_sched_setparam,
		SYS_timer_create, SYS_timer_settime, SYS_personality, SYS_epoll_pwait2,
#if defined(__x86_64__)
		SYS_pause, SYS_fork, SYS_vfork, SYS_select, SYS_poll, SYS_epoll_wait, SYS_alarm, SYS_dup2,
		SYS_arch_prctl, SYS_pselect6, SYS_modify_ldt,
#endif
	};

	for (size_t i = 0; i < ARRAY_SIZE(list); i++)
		if (list[i] == n)
			return true;
	return false;
}

static void storm(uint64_t seed, int rounds)
{
	struct rlimit files = { 200, 200 };

	state = seed;
	area = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(area + 2 * 4096, 4096);
	for (int i = 0; i < 8192; i++)
		area[i] = next();
	setrlimit(RLIMIT_NOFILE, &files);
	/* Nothing of ours may be written by accident. */
	for (int fd = 0; fd < 3; fd++)
		dup3(open("/dev/null", O_RDONLY), fd, 0);
	harness_become(2222, 2222);
	alarm(60);
	for (int i = 0; i < rounds; i++) {
		long n = next() % 452;
		long a[6];

		for (int j = 0; j < 6; j++)
			a[j] = value();
		if (!forbidden(n))
			syscall(n, a[0], a[1], a[2], a[3], a[4], a[5]);
	}
}

TEST(storm, of_senseless_calls)
{
	for (uint64_t seed = 1; seed <= 6; seed++) {
		pid_t pid;
		int status;

		CHILD(pid) {
			storm(seed * 0x9e3779b97f4a7c15, 1500);
			_exit(0);
		}
		status = child_status(pid);
		/* It may end by what it did to itself, but it ends. */
		EXPECT_TRUE(WIFEXITED(status) || WIFSIGNALED(status));
	}
	/* And everything still works. */
	put_file("f", "still alive");
	note("%s", get_file("f"));
	IN_CHILD(EXPECT_EQ(getppid() > 0, 1));
	EXPECT_OK(kill(1, 0));
}
