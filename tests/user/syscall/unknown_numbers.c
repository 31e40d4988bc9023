/* SPDX-License-Identifier: MIT */
/* Numbers without a system call answer ENOSYS and do nothing; upper halves of registers are ignored. */
#include "../harness.h"
#include "../process/util.h"

/* The call without the library: the whole register, the kernel's own answer. */
static long raw(unsigned long number, long a, long b, long c, long d, long e, long f)
{
#if defined(__aarch64__)
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;

	__asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
	return x0;
#else
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall" : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
#endif
}

static int wrong(unsigned long from, unsigned long to)
{
	int bad = 0;

	for (unsigned long n = from; n <= to; n++) {
		long result = raw(n, 0, 0, 0, 0, 0, 0);

		if (result != -ENOSYS) {
			if (bad++ < 5)
				fail("number %ld: %ld", (long)n, result);
		}
	}
	return bad;
}

TEST(unknown_numbers, beyond_the_table)
{
	EXPECT_EQ(wrong(470, 511), 0);
#if defined(__x86_64__)
	/* 512 to 547 belong to the x32 interface. */
	EXPECT_EQ(wrong(548, 10000), 0);
#else
	EXPECT_EQ(wrong(512, 10000), 0);
#endif
}

#if defined(__aarch64__)
TEST(unknown_numbers, the_gaps_of_the_generic_table)
{
	EXPECT_EQ(wrong(244, 259), 0);
	EXPECT_EQ(wrong(295, 402), 0);
	EXPECT_EQ(wrong(415, 415), 0);
}

TEST(unknown_numbers, numbers_of_32_bit_programs_only)
{
	/* 403 to 423 are the 64-bit time calls of 32-bit programs. */
	EXPECT_EQ(wrong(403, 423), 0);
}
#elif defined(__x86_64__)
TEST(unknown_numbers, the_gap_before_the_common_numbers)
{
	EXPECT_EQ(wrong(335, 423), 0);
}

TEST(unknown_numbers, calls_that_were_never_there_or_have_gone)
{
	static const int numbers[] = {
		SYS__sysctl, SYS_create_module, SYS_get_kernel_syms, SYS_query_module, SYS_nfsservctl, SYS_getpmsg,
		SYS_putpmsg, SYS_afs_syscall, SYS_tuxcall, SYS_security, SYS_set_thread_area, SYS_get_thread_area,
		SYS_epoll_ctl_old, SYS_epoll_wait_old, SYS_vserver, SYS_uselib,
	};

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		EXPECT_EQ(raw(numbers[i], 0, 0, 0, 0, 0, 0), -ENOSYS);
}
#endif

TEST(unknown_numbers, far_away)
{
	static const unsigned long numbers[] = {
		0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffe, 1UL << 20, 1UL << 31, 0x123456789,
		~0UL, ~0UL - 1, 0x80000000ffff0000, 0xf00000, 0x0f0005, 65535, 65536 + 500,
	};

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		EXPECT_EQ(raw(numbers[i], 1, 2, 3, 4, 5, 6), -ENOSYS);
}

TEST(unknown_numbers, arguments_reach_nothing)
{
	int pipes[2], before = open_fd_count();
	char byte;

	EXPECT_OK(pipe2(pipes, O_NONBLOCK));
	for (unsigned long n = 470; n < 512; n++)
		raw(n, pipes[1], (long)"x", 1, 0, 0, 0);
	EXPECT_ERRNO(read(pipes[0], &byte, 1), EAGAIN);
	EXPECT_EQ(open_fd_count(), before + 2);
}

TEST(unknown_numbers, the_upper_half_of_the_number_is_ignored)
{
	note("%d", raw(0x100000000UL | SYS_getpid, 0, 0, 0, 0, 0, 0) == getpid());
	note("%d", raw(0xffffffff00000000UL | SYS_getppid, 0, 0, 0, 0, 0, 0) == getppid());
}

TEST(unknown_numbers, upper_halves_of_int_arguments_are_ignored)
{
	int fd = temp_fd();
	long high = 0x5a5a5a5a00000000;

	note("write %ld", raw(SYS_write, high | fd, (long)"abc", 3, 0, 0, 0));
	note("lseek %ld", raw(SYS_lseek, high | fd, 1, high | SEEK_SET, 0, 0, 0));
	note("dup %d", raw(SYS_dup, high | fd, 0, 0, 0, 0, 0) > 0);
	note("fcntl %ld", raw(SYS_fcntl, high | fd, high | F_GETFD, 0, 0, 0, 0));
	note("close %ld", raw(SYS_close, high | fd, 0, 0, 0, 0, 0));
	note("kill %ld", raw(SYS_kill, high | getpid(), high, 0, 0, 0, 0));
	note("getpgid %d", raw(SYS_getpgid, high | getpid(), 0, 0, 0, 0, 0) == getpgrp());
	note("umask %ld", (raw(SYS_umask, 022, 0, 0, 0, 0, 0), raw(SYS_umask, high | 077, 0, 0, 0, 0, 0)));
	note("setpriority %ld", raw(SYS_setpriority, high, high, high | 3, 0, 0, 0));
	note("prctl %ld", raw(SYS_prctl, high | 3, 0, 0, 0, 0, 0));
	note("openat %d", raw(SYS_openat, 0xffffff9c, (long)"/", high, 0, 0, 0) > 0);
}

TEST(unknown_numbers, whole_registers_are_used_for_long_arguments)
{
	int fd = temp_fd();

	note("lseek %ld", raw(SYS_lseek, fd, 0x123400000000, SEEK_SET, 0, 0, 0));
	note("read of a huge count at the end %ld", raw(SYS_read, fd, (long)&fd, 1L << 46, 0, 0, 0));
	note("mmap of 4 GiB and a page %d", raw(SYS_mmap, 0, 0x100001000, 0, 0x4022, -1, 0) > 0);
}

TEST(unknown_numbers, errno_values_come_back_negative_and_small)
{
	note("%ld", raw(SYS_close, -1, 0, 0, 0, 0, 0));
	note("%ld", raw(SYS_getpgid, 0x7ffffff, 0, 0, 0, 0, 0));
	note("%d", raw(SYS_read, 0, 0, ~0UL, 0, 0, 0) < 0);
}

#if defined(__aarch64__)
TEST(unknown_numbers, the_immediate_of_svc_does_not_matter)
{
	register long x8 __asm__("x8") = SYS_getpid;
	register long x0 __asm__("x0") = 0;

	__asm__ volatile("svc #0x1234" : "+r"(x0) : "r"(x8) : "memory");
	note("%d", x0 == getpid());
}
#endif
