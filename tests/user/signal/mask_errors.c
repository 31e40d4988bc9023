/* SPDX-License-Identifier: MIT */
/* rt_sigaction, rt_sigprocmask, rt_sigpending, rt_sigsuspend, rt_sigtimedwait, sigaltstack, signalfd4: errors. */
#include "../harness.h"
#include <sys/signalfd.h>

struct kernel_action { void *handler; unsigned long flags; void *restorer; uint64_t mask; };

TEST(maskerr, sigaction)
{
	uint64_t space[8] = { 0 };

	SHOW(syscall(SYS_rt_sigaction, 0, NULL, space, 8ul));
	SHOW(syscall(SYS_rt_sigaction, 65, NULL, space, 8ul));
	SHOW(syscall(SYS_rt_sigaction, -1, NULL, space, 8ul));
	SHOW(syscall(SYS_rt_sigaction, SIGKILL, NULL, space, 8ul));
	SHOW(syscall(SYS_rt_sigaction, SIGKILL, space, NULL, 8ul));
	SHOW(syscall(SYS_rt_sigaction, SIGSTOP, space, NULL, 8ul));
	SHOW(syscall(SYS_rt_sigaction, SIGUSR1, space, NULL, 4ul));
	SHOW(syscall(SYS_rt_sigaction, SIGUSR1, space, NULL, 16ul));
	SHOW(syscall(SYS_rt_sigaction, SIGUSR1, (void *)8, NULL, 8ul));
	SHOW(syscall(SYS_rt_sigaction, SIGUSR1, NULL, (void *)8, 8ul));
	SHOW(syscall(SYS_rt_sigaction, SIGUSR1, NULL, NULL, 8ul));
	SHOW(syscall(SYS_rt_sigaction, SIGKILL, NULL, NULL, 8ul));
}

TEST(maskerr, flags_as_read_back)
{
	struct kernel_action a = { .flags = 0xffffffff }, b = { 0 };

	SHOW(syscall(SYS_rt_sigaction, SIGUSR1, &a, NULL, 8ul));
	SHOW(syscall(SYS_rt_sigaction, SIGUSR1, NULL, &b, 8ul));
	/* SA_RESTORER is the architecture's. */
	note("%#lx", b.flags & ~0x04000000ul);
	a.flags = 0;
	a.mask = ~0ull;
	SHOW(syscall(SYS_rt_sigaction, SIGUSR1, &a, NULL, 8ul));
	SHOW(syscall(SYS_rt_sigaction, SIGUSR1, NULL, &b, 8ul));
}

TEST(maskerr, sigprocmask)
{
	uint64_t set = ~0ull, old;

	SHOW(syscall(SYS_rt_sigprocmask, SIG_SETMASK, &set, &old, 8ul));
	SHOW(syscall(SYS_rt_sigprocmask, 77, NULL, &set, 8ul));
	note("%#llx", (unsigned long long)set);
	SHOW(syscall(SYS_rt_sigprocmask, 77, &old, NULL, 8ul));
	SHOW(syscall(SYS_rt_sigprocmask, -1, &old, NULL, 8ul));
	SHOW(syscall(SYS_rt_sigprocmask, SIG_BLOCK, &old, NULL, 4ul));
	SHOW(syscall(SYS_rt_sigprocmask, SIG_BLOCK, (void *)8, NULL, 8ul));
	SHOW(syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, (void *)8, 8ul));
	SHOW(syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, NULL, 8ul));
	/* The mask has changed although the old one could not be written. */
	old = 0;
	SHOW(syscall(SYS_rt_sigprocmask, SIG_SETMASK, &old, (void *)8, 8ul));
	SHOW(syscall(SYS_rt_sigprocmask, SIG_SETMASK, NULL, &set, 8ul));
	note("%#llx", (unsigned long long)set);
}

TEST(maskerr, sigpending)
{
	uint64_t set = 0, usr1 = 1ull << (SIGUSR1 - 1);

	SHOW(syscall(SYS_rt_sigpending, &set, 8ul));
	SHOW(syscall(SYS_rt_sigpending, &set, 4ul));
	SHOW(syscall(SYS_rt_sigpending, &set, 0ul));
	SHOW(syscall(SYS_rt_sigpending, &set, 16ul));
	SHOW(syscall(SYS_rt_sigpending, (void *)8, 8ul));
	syscall(SYS_rt_sigprocmask, SIG_BLOCK, &usr1, NULL, 8ul);
	raise(SIGUSR1);
	SHOW(syscall(SYS_rt_sigpending, &set, 8ul));
	note("%#llx", (unsigned long long)set);
	SHOW(syscall(SYS_rt_sigsuspend, &set, 4ul));
	SHOW(syscall(SYS_rt_sigsuspend, (void *)8, 8ul));
}

TEST(maskerr, sigtimedwait)
{
	uint64_t usr1 = 1ull << (SIGUSR1 - 1), kill_it = 1ull << (SIGKILL - 1);
	struct timespec zero = { 0, 0 }, bad = { 0, 1000000000 }, negative = { -1, 0 };
	siginfo_t info;

	syscall(SYS_rt_sigprocmask, SIG_BLOCK, &usr1, NULL, 8ul);
	SHOW(syscall(SYS_rt_sigtimedwait, &usr1, &info, &zero, 8ul));
	SHOW(syscall(SYS_rt_sigtimedwait, &usr1, &info, &bad, 8ul));
	SHOW(syscall(SYS_rt_sigtimedwait, &usr1, &info, &negative, 8ul));
	SHOW(syscall(SYS_rt_sigtimedwait, &usr1, &info, &zero, 4ul));
	SHOW(syscall(SYS_rt_sigtimedwait, NULL, &info, &zero, 8ul));
	SHOW(syscall(SYS_rt_sigtimedwait, &usr1, &info, (void *)8, 8ul));
	SHOW(syscall(SYS_rt_sigtimedwait, &kill_it, &info, &zero, 8ul));
	raise(SIGUSR1);
	SHOW(syscall(SYS_rt_sigtimedwait, &usr1, (void *)8, &zero, 8ul));
	/* It was taken all the same. */
	SHOW(syscall(SYS_rt_sigtimedwait, &usr1, &info, &zero, 8ul));
	raise(SIGUSR1);
	SHOW(syscall(SYS_rt_sigtimedwait, &usr1, NULL, &zero, 8ul));
	raise(SIGUSR1);
	SHOW(syscall(SYS_rt_sigtimedwait, &usr1, &info, NULL, 8ul));
	note("signo %d code %d mine %d", info.si_signo, info.si_code, info.si_pid == getpid());
}

TEST(maskerr, sigaltstack)
{
	static char space[65536];
	stack_t s = { .ss_sp = space, .ss_size = sizeof(space) }, old;

	SHOW(syscall(SYS_sigaltstack, NULL, &old));
	note("flags %d size %zu", old.ss_flags, old.ss_size);
	for (int bit = 0; bit < 4; bit++) {
		s.ss_flags = 1 << bit;
		note("flags %d: %s", 1 << bit, RESULT(syscall(SYS_sigaltstack, &s, NULL)));
	}
	s.ss_flags = SS_DISABLE | SS_ONSTACK;
	SHOW(syscall(SYS_sigaltstack, &s, NULL));
	s.ss_flags = (int)(1u << 31);
	SHOW(syscall(SYS_sigaltstack, &s, NULL));
	SHOW(syscall(SYS_sigaltstack, NULL, &old));
	note("flags %#x", (unsigned)old.ss_flags);
	s.ss_flags = 0;
	s.ss_size = 2047;
	SHOW(syscall(SYS_sigaltstack, &s, NULL));
	s.ss_size = 0;
	SHOW(syscall(SYS_sigaltstack, &s, NULL));
	s.ss_flags = SS_DISABLE;
	SHOW(syscall(SYS_sigaltstack, &s, NULL));
	SHOW(syscall(SYS_sigaltstack, (void *)8, NULL));
	SHOW(syscall(SYS_sigaltstack, NULL, (void *)8));
	SHOW(syscall(SYS_sigaltstack, NULL, NULL));
}

TEST(maskerr, signalfd)
{
	uint64_t usr1 = 1ull << (SIGUSR1 - 1), all = ~0ull;
	int fd, p[2];
	char small[127], two[256];

	REQUIRE_OK(pipe(p));
	SHOW(syscall(SYS_signalfd4, -1, &usr1, 4ul, 0));
	SHOW(syscall(SYS_signalfd4, -1, &usr1, 8ul, 1));
	SHOW(syscall(SYS_signalfd4, -1, (void *)8, 8ul, 0));
	SHOW(syscall(SYS_signalfd4, -2, &usr1, 8ul, 0));
	SHOW(syscall(SYS_signalfd4, p[0], &usr1, 8ul, 0));
	SHOW(syscall(SYS_signalfd4, 99, &usr1, 8ul, 0));
	fd = (int)REQUIRE_OK(syscall(SYS_signalfd4, -1, &usr1, 8ul, SFD_NONBLOCK | SFD_CLOEXEC));
	SHOW(syscall(SYS_signalfd4, fd, &all, 8ul, 0) == fd);
	SHOW(syscall(SYS_signalfd4, fd, &all, 8ul, 1));
	syscall(SYS_rt_sigprocmask, SIG_BLOCK, &usr1, NULL, 8ul);
	raise(SIGUSR1);
	SHOW(read(fd, small, sizeof(small)));
	SHOW(read(fd, (void *)8, 128));
	SHOW(read(fd, two, sizeof(two)));
	raise(SIGUSR1);
	SHOW(read(fd, two, sizeof(two)));
	SHOW(write(fd, two, 8));
}
