/* SPDX-License-Identifier: MIT */
/* arch: x86_64 */
/* arch_prctl(2), the bases of FS and GS by instruction, selectors: kept over calls, switches, signals, fork; reset by exec. */
#define HARNESS_EXEC executed
#include "../harness.h"
#include "../process/util.h"
#include <asm/prctl.h>
#include <pthread.h>
#include <sys/auxv.h>

#ifndef ARCH_GET_CPUID
#define ARCH_GET_CPUID 0x1011
#define ARCH_SET_CPUID 0x1012
#endif

static uint64_t word = 0x1234;

static long arch(int option, unsigned long arg)
{
	return syscall(SYS_arch_prctl, option, arg);
}

static uint64_t base(int option)
{
	uint64_t value = 0x5a5a;

	EXPECT_OK(arch(option, (unsigned long)&value));
	return value;
}

static uint64_t rdgs(void)
{
	uint64_t value;

	__asm__ volatile("rdgsbase %0" : "=r"(value));
	return value;
}

static uint64_t rdfs(void)
{
	uint64_t value;

	__asm__ volatile("rdfsbase %0" : "=r"(value));
	return value;
}

static void wrgs(uint64_t value)
{
	__asm__ volatile("wrgsbase %0" :: "r"(value));
}

TEST(segments, arch_prctl_sets_and_gets)
{
	uint64_t fs = base(ARCH_GET_FS), seen;

	note("fs set %d gs %#llx", fs != 0, (long long)base(ARCH_GET_GS));
	EXPECT_OK(arch(ARCH_SET_GS, (unsigned long)&word));
	note("gs %d", base(ARCH_GET_GS) == (uintptr_t)&word);
	__asm__ volatile("movq %%gs:0, %0" : "=r"(seen));
	note("through gs %#llx", (long long)seen);
	EXPECT_OK(arch(ARCH_SET_GS, 0));
	note("gs %#llx", (long long)base(ARCH_GET_GS));
	EXPECT_OK(arch(ARCH_SET_FS, fs));
	note("same fs %d", base(ARCH_GET_FS) == fs);
}

TEST(segments, arch_prctl_refuses)
{
	static const struct {
		const char *name;
		unsigned long value;
	} places[] = {
		{ "the last page", (1UL << 47) - 4096 }, { "the end", 1UL << 47 }, { "not canonical", 0x1234567812345678 },
		{ "kernel", 0xffffffff81000000 }, { "all ones", ~0UL }, { "last byte", (1UL << 47) - 4097 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		note("gs at %s: %s", places[i].name, RESULT(arch(ARCH_SET_GS, places[i].value)));
		if (i < 5)	/* without FS libc could print nothing */
			note("fs at %s: %s", places[i].name, RESULT(arch(ARCH_SET_FS, places[i].value)));
	}
	SHOW(arch(ARCH_GET_FS, 8));
	SHOW(arch(ARCH_GET_GS, 0xffff800000000000));
	SHOW(arch(0, 0));
	SHOW(arch(0x1000, 0));
	SHOW(arch(0x1005, 0));
	SHOW(arch(-1, 0));
	SHOW(arch(0x3001, 0));
}

TEST(segments, instructions_read_and_write_the_bases)
{
	note("announced %lu", getauxval(AT_HWCAP2) >> 1 & 1);
	wrgs(0x123456789000);
	note("%#llx %d", (long long)base(ARCH_GET_GS), rdgs() == 0x123456789000);
	/* Any canonical address, those of the kernel too: it is no way in. */
	wrgs(0xffffffff81000000);
	note("%#llx", (long long)base(ARCH_GET_GS));
	EXPECT_OK(arch(ARCH_SET_GS, 0x4321000));
	note("%#llx", (long long)rdgs());
	note("fs %d", rdfs() == base(ARCH_GET_FS));
}

static volatile uint64_t inside;

static void handler(int number)
{
	(void)number;
	inside = rdgs();
	wrgs(0x99000);
}

TEST(segments, bases_are_kept_by_calls_and_changed_by_handlers)
{
	pid_t pid;

	wrgs(0xffff888812345000);
	for (int i = 0; i < 100; i++) {
		sched_yield();
		CHILD(pid)
			EXPECT_EQ(rdgs(), 0xffff888812345000);
		EXPECT_CHILD_OK(pid);
	}
	note("%#llx", (long long)rdgs());
	signal(SIGUSR1, handler);
	raise(SIGUSR1);
	/* The frame has no bases: what a handler leaves stays. */
	note("inside %#llx after %#llx", (long long)inside, (long long)rdgs());
}

static void *changes(void *arg)
{
	uint64_t mine = (uintptr_t)arg << 32 | 0x5000, bad = 0;

	wrgs(mine);
	for (int i = 0; i < 300; i++) {
		sched_yield();
		bad += rdgs() != mine;
	}
	EXPECT_OK(arch(ARCH_SET_GS, mine + 0x1000));
	for (int i = 0; i < 300; i++) {
		sched_yield();
		bad += rdgs() != mine + 0x1000;
	}
	return (void *)bad;
}

TEST(segments, each_thread_has_its_own)
{
	pthread_t threads[6];
	long bad = 0;

	for (long i = 0; i < 6; i++)
		pthread_create(&threads[i], NULL, changes, (void *)(i + 1));
	for (int i = 0; i < 6; i++) {
		void *result;

		pthread_join(threads[i], &result);
		bad += (long)result;
	}
	note("bad %ld, mine %#llx", bad, (long long)rdgs());
}

static int executed(int argc, char **argv)
{
	uint16_t ds, es, fs, gs, cs, ss;

	(void)argc, (void)argv;
	__asm__ volatile("movw %%ds, %0\n movw %%es, %1\n movw %%fs, %2\n movw %%gs, %3\n movw %%cs, %4\n movw %%ss, %5"
			 : "=r"(ds), "=r"(es), "=r"(fs), "=r"(gs), "=r"(cs), "=r"(ss));
	printf("  gs base %#llx; ds %#x es %#x fs %#x gs %#x cs %#x ss %#x\n", (long long)rdgs(), ds, es, fs, gs, cs, ss);
	fflush(stdout);
	return 0;
}

TEST(segments, exec_starts_with_none)
{
	pid_t pid;

	CHILD(pid) {
		wrgs(0x777000);
		__asm__ volatile("movw %w0, %%ds\n movw %w0, %%es" :: "r"(0x2b));
		execl("/proc/self/exe", "segments", "@", NULL);
	}
	EXPECT_CHILD_OK(pid);
}

/* Selectors: null and the user's own data segment may be loaded, and stay. */
TEST(segments, selectors_are_kept)
{
	uint16_t ds, es, gs;
	pid_t pid;

	__asm__ volatile("movw %w0, %%ds\n movw %w1, %%es" :: "r"(0x2b), "r"(0x2b));
	for (int i = 0; i < 20; i++) {
		CHILD(pid)
			sched_yield();
		EXPECT_CHILD_OK(pid);
	}
	__asm__ volatile("movw %%ds, %0\n movw %%es, %1" : "=r"(ds), "=r"(es));
	note("ds %#x es %#x", ds, es);
	__asm__ volatile("movw %w0, %%ds\n movw %w0, %%es" :: "r"(0));
	__asm__ volatile("movw %%gs, %0" : "=r"(gs));
	note("gs %#x", gs);
}

TEST(segments, clone_settls_sets_fs)
{
	static char stack[65536] __attribute__((aligned(16)));
	static uint64_t tls[8];
	long pid;
	int status;

	tls[0] = (uintptr_t)tls;
	/* The child runs on a stack of its own and touches neither libc nor its thread area. */
	__asm__ volatile("movq %[tls], %%r8\n movl %[nr], %%eax\n syscall\n testq %%rax, %%rax\n jnz 1f\n"
			 "rdfsbase %%rdi\n subq %[tls], %%rdi\n setne %%dil\n movzbl %%dil, %%edi\n addl $40, %%edi\n"
			 "movl %[exit], %%eax\n syscall\n ud2\n 1:"
			 : "=a"(pid)
			 : [nr] "i"(SYS_clone), [exit] "i"(SYS_exit), [tls] "b"((long)tls),
			   "D"(CLONE_VM | CLONE_SETTLS | SIGCHLD), "S"(stack + sizeof(stack)), "d"(0)
			 : "rcx", "r8", "r10", "r11", "memory");
	REQUIRE_TRUE(pid > 0);
	waitpid(pid, &status, 0);
	note("%s", status_name(status));
	/* One of the kernel is refused. */
	note("kernel address: %s", RESULT(raw_clone(CLONE_SETTLS | SIGCHLD, NULL, NULL, (void *)0xffff888000000000, NULL)));
}
