/* SPDX-License-Identifier: MIT */
/* Wild pointers to the calls on processes, signals, time and memory. Each answers what Linux answers, and nothing else happens. */
#include "../harness.h"
#include "wild.h"
#include <sched.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <linux/futex.h>

static void setup(void)
{
	wild_setup();
	REQUIRE_OK(unshare(CLONE_NEWUTS));	/* for sethostname */
}

/* A structure of zeros makes a child: it has nothing to do here. */
static long not_in_child(long pid)
{
	if (pid == 0)
		_exit(0);
	return pid;
}

CALL(processes_0, syscall(SYS_wait4, -1, p, WNOHANG, NULL))
CALL(processes_1, syscall(SYS_waitid, P_ALL, 0, p, WEXITED | WNOHANG, NULL))
CALL(processes_2, syscall(SYS_getrusage, RUSAGE_SELF, p))
CALL(processes_3, syscall(SYS_times, p))
CALL(processes_4, syscall(SYS_uname, p))
CALL(processes_5, syscall(SYS_sysinfo, p))
CALL(processes_6, syscall(SYS_getresuid, p, p, p))
CALL(processes_7, syscall(SYS_getgroups, 0, p))
CALL(processes_8, syscall(SYS_setgroups, 1, p))
CALL(processes_9, syscall(SYS_getrlimit, RLIMIT_CORE, p))
CALL(processes_10, syscall(SYS_setrlimit, RLIMIT_CORE, p))
CALL(processes_11, syscall(SYS_prlimit64, 0, RLIMIT_CORE, NULL, p))
CALL(processes_12, syscall(SYS_capget, p, NULL))
CALL(processes_13, syscall(SYS_sched_getaffinity, 0, 128, p))
CALL(processes_14, syscall(SYS_sched_setaffinity, 0, 8, p))
CALL(processes_15, syscall(SYS_sched_getparam, 0, p))
CALL(processes_16, syscall(SYS_sched_setscheduler, 0, 0, p))
CALL(processes_17, syscall(SYS_sched_rr_get_interval, 0, p))
CALL(processes_18, syscall(SYS_getcpu, p, NULL, NULL))
CALL(processes_19, syscall(SYS_prctl, 16, p))
CALL(processes_20, syscall(SYS_prctl, 15, p))
CALL(processes_21, syscall(SYS_get_robust_list, 0, p, &(size_t){ 0 }))
CALL(processes_22, syscall(SYS_set_robust_list, p, 24))
CALL(processes_23, syscall(SYS_sethostname, p, 5))
CALL(processes_24, syscall(SYS_execve, p, NULL, NULL))
CALL(processes_25, syscall(SYS_execve, "/no/such", p, NULL))
CALL(processes_26, not_in_child(syscall(SYS_clone3, p, 64)))

TEST(wild_process, processes)
{
	setup();
	wild_try("wait4 status", processes_0);
	wild_try("waitid", processes_1);
	wild_try("getrusage", processes_2);
	wild_try("times", processes_3);
	wild_try("uname", processes_4);
	wild_try("sysinfo", processes_5);
	wild_try("getresuid", processes_6);
	wild_try("getgroups", processes_7);
	wild_try("setgroups", processes_8);
	wild_try("getrlimit", processes_9);
	wild_try("setrlimit", processes_10);
	wild_try("prlimit64 old", processes_11);
	wild_try("capget header", processes_12);
	wild_try("sched_getaffinity", processes_13);
	wild_try("sched_setaffinity", processes_14);
	wild_try("sched_getparam", processes_15);
	wild_try("sched_setscheduler", processes_16);
	wild_try("sched_rr_get_interval", processes_17);
	wild_try("getcpu", processes_18);
	wild_try("prctl PR_GET_NAME", processes_19);
	wild_try("prctl PR_SET_NAME", processes_20);
	wild_try("get_robust_list", processes_21);
	wild_try("set_robust_list", processes_22);
	wild_try("sethostname", processes_23);
	wild_try("execve path", processes_24);
	wild_try("execve argv", processes_25);
	wild_try("clone3", processes_26);
}

CALL(signals_0, syscall(SYS_rt_sigaction, SIGUSR1, p, NULL, 8))
CALL(signals_1, syscall(SYS_rt_sigaction, SIGUSR1, NULL, p, 8))
CALL(signals_2, syscall(SYS_rt_sigprocmask, SIG_BLOCK, p, NULL, 8))
CALL(signals_3, syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, p, 8))
CALL(signals_4, syscall(SYS_rt_sigpending, p, 8))
CALL(signals_5, syscall(SYS_rt_sigtimedwait, p, NULL, &(struct timespec){ 0, 0 }, 8))
CALL(signals_6, p ? syscall(SYS_rt_sigtimedwait, &(uint64_t){ 0 }, NULL, p, 8) : -1)
CALL(signals_7, syscall(SYS_rt_sigqueueinfo, getpid(), 0, p))
CALL(signals_8, syscall(SYS_sigaltstack, p, NULL))
CALL(signals_9, syscall(SYS_sigaltstack, NULL, p))
CALL(signals_10, (uintptr_t)p >> 48 ? syscall(SYS_rt_sigsuspend, p, 8) : -1)

TEST(wild_process, signals)
{
	setup();
	wild_try("rt_sigaction new", signals_0);
	wild_try("rt_sigaction old", signals_1);
	wild_try("rt_sigprocmask set", signals_2);
	wild_try("rt_sigprocmask old", signals_3);
	wild_try("rt_sigpending", signals_4);
	wild_try("rt_sigtimedwait set", signals_5);
	wild_try("rt_sigtimedwait time", signals_6);
	wild_try("rt_sigqueueinfo", signals_7);
	wild_try("sigaltstack new", signals_8);
	wild_try("sigaltstack old", signals_9);
	wild_try("rt_sigsuspend", signals_10);
}

CALL(times_0, syscall(SYS_clock_gettime, 1, p))
CALL(times_1, syscall(SYS_clock_getres, 1, p))
CALL(times_2, syscall(SYS_clock_settime, 1, p))
CALL(times_3, syscall(SYS_gettimeofday, p, NULL))
CALL(times_4, syscall(SYS_gettimeofday, NULL, p))
CALL(times_5, syscall(SYS_nanosleep, p, NULL))
CALL(times_6, syscall(SYS_clock_nanosleep, 1, 0, p, NULL))
CALL(times_7, syscall(SYS_getitimer, 0, p))
CALL(times_8, syscall(SYS_setitimer, 0, p, NULL))
CALL(times_9, syscall(SYS_timer_create, 1, NULL, p))
CALL(times_10, syscall(SYS_timer_create, 1, p, &(int){ 0 }))

TEST(wild_process, times)
{
	setup();
	wild_try("clock_gettime", times_0);
	wild_try("clock_getres", times_1);
	wild_try("clock_settime", times_2);
	wild_try("gettimeofday", times_3);
	wild_try("gettimeofday zone", times_4);
	wild_try("nanosleep", times_5);
	wild_try("clock_nanosleep", times_6);
	wild_try("getitimer", times_7);
	wild_try("setitimer", times_8);
	wild_try("timer_create", times_9);
	wild_try("timer_create event", times_10);
}

CALL(waiting_0, syscall(SYS_ppoll, p, 1, &(struct timespec){ 0, 0 }, NULL, 8))
CALL(waiting_1, p ? syscall(SYS_ppoll, NULL, 0, p, NULL, 8) : -1)
CALL(waiting_2, syscall(SYS_ppoll, NULL, 0, &(struct timespec){ 0, 0 }, p, 8))
CALL(waiting_3, syscall(SYS_pselect6, 1, p, NULL, NULL, &(struct timespec){ 0, 0 }, NULL))
CALL(waiting_4, syscall(SYS_futex, p, FUTEX_WAIT_PRIVATE, 1, NULL))
CALL(waiting_5, syscall(SYS_futex, p, FUTEX_WAKE, 1))
CALL(waiting_6, p ? syscall(SYS_futex, &(int){ 0 }, FUTEX_WAIT, 0, p) : -1)
CALL(waiting_7, syscall(SYS_epoll_ctl, syscall(SYS_epoll_create1, O_CLOEXEC), 1, 0, p))

TEST(wild_process, waiting)
{
	setup();
	wild_try("ppoll", waiting_0);
	wild_try("ppoll time", waiting_1);
	wild_try("ppoll mask", waiting_2);
	wild_try("pselect6 set", waiting_3);
	wild_try("futex wait", waiting_4);
	wild_try("futex wake", waiting_5);
	wild_try("futex time", waiting_6);
	wild_try("epoll_ctl", waiting_7);
}

CALL(memory_0, syscall(SYS_mincore, (uintptr_t)&wild_pointers & ~4095UL, 4096, p))
CALL(memory_1, syscall(SYS_munmap, (uintptr_t)p | 1, 4096))
CALL(memory_2, syscall(SYS_mprotect, (uintptr_t)p | 1, 4096, 1))
CALL(memory_3, syscall(SYS_madvise, (uintptr_t)p | 1, 4096, 0))
CALL(memory_5, syscall(SYS_mremap, (uintptr_t)p | 1, 4096, 8192, 1))
CALL(memory_6, syscall(SYS_process_vm_readv, getpid(), p, 1, p, 1, 0))

TEST(wild_process, memory)
{
	setup();
	wild_try("mincore", memory_0);
	wild_try("munmap", memory_1);
	wild_try("mprotect", memory_2);
	wild_try("madvise", memory_3);
	wild_try("mremap", memory_5);
	wild_try("process_vm_readv", memory_6);
}
