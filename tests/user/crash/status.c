/* SPDX-License-Identifier: MIT */
/* Programs that die of a fault: the status and the siginfo that the parent sees, with core files off. */
#include "../harness.h"
#include "../process/util.h"
#include <sys/prctl.h>
#include <sys/resource.h>
#include <pthread.h>

static void no_core(void)
{
	struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
}

static void report(const char *what, void (*crash)(void))
{
	siginfo_t info;
	int status;
	pid_t pid;

	CHILD(pid) {
		no_core();
		crash();
	}
	memset(&info, 0, sizeof(info));
	EXPECT_OK(waitid(P_PID, pid, &info, WEXITED | WNOWAIT));
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	note("%s: %s, status %#x, code %s", what, status_text(status), status, cld_name(info.si_code));
}

static void null_read(void) { (void)*(volatile int *)wild(0); }
static void null_write(void) { *(volatile int *)wild(0) = 1; }
static void null_call(void) { ((void (*)(void))wild(0))(); }
static void kernel_read(void) { (void)*(volatile int *)wild(0xffff800000000000); }
static void kernel_call(void) { ((void (*)(void))wild(0xffff800000000000))(); }
static void text_write(void) { *(volatile char *)wild((uintptr_t)&text_write) = 1; }
static void rodata_write(void) { *(volatile char *)wild((uintptr_t)"constant") = 1; }

static void data_call(void)
{
	static char data[64] __attribute__((aligned(16)));

	((void (*)(void))wild((uintptr_t)data))();
}

static void stack_call(void)
{
	char data[64] __attribute__((aligned(16)));

	((void (*)(void))wild((uintptr_t)data))();
}

__attribute__((noinline)) static int recurse(int n)
{
	volatile char frame[4096];

	frame[0] = n;
	if (n < 0)
		return 0;
	return recurse(n + 1) + frame[0];
}

static void stack_overflow(void) { recurse(0); }

static void beyond_file(void)
{
	int fd = temp_fd();
	volatile char *p = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);

	(void)*p;
}

static void illegal(void)
{
#if defined(__aarch64__)
	__asm__ volatile("udf #0");
#else
	__asm__ volatile("ud2");
#endif
}

static void breakpoint(void)
{
#if defined(__aarch64__)
	__asm__ volatile("brk #0");
#else
	__asm__ volatile("int3");
#endif
}

static void privileged(void)
{
#if defined(__aarch64__)
	__asm__ volatile("msr vbar_el1, xzr");
#else
	__asm__ volatile("hlt");
#endif
}

static void aborts(void) { abort(); }

TEST(status, of_each_way_to_crash)
{
	report("null read", null_read);
	report("null write", null_write);
	report("null call", null_call);
	report("kernel read", kernel_read);
	report("kernel call", kernel_call);
	report("write to text", text_write);
	report("write to constants", rodata_write);
	report("call of data", data_call);
	report("call of the stack", stack_call);
	report("stack overflow", stack_overflow);
	report("beyond the end of a file", beyond_file);
	report("illegal instruction", illegal);
	report("breakpoint", breakpoint);
	report("privileged instruction", privileged);
	report("abort", aborts);
}

TEST(status, every_signal_that_would_dump)
{
	static const int numbers[] = { SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGXCPU,
				       SIGXFSZ, SIGSYS };

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		pid_t pid;

		CHILD(pid) {
			no_core();
			raise(numbers[i]);
		}
		note("%s", status_text(child_status(pid)));
	}
}

static int how;

static void *crashes(void *arg)
{
	(void)arg;
	if (how == 0)
		null_write();
	else if (how == 1)
		illegal();
	else
		abort();
	return NULL;
}

static void *pauses(void *arg)
{
	(void)arg;
	for (;;)
		pause();
	return NULL;
}

TEST(status, a_crash_of_any_thread_ends_the_process)
{
	for (how = 0; how < 3; how++) {
		pid_t pid;

		CHILD(pid) {
			pthread_t a, b;

			no_core();
			pthread_create(&a, NULL, pauses, NULL);
			pthread_create(&b, NULL, crashes, NULL);
			pause();
		}
		note("%s", status_text(child_status(pid)));
	}
}

TEST(status, many_at_once)
{
	pid_t pids[20];
	int ok = 0;

	for (int i = 0; i < 20; i++)
		CHILD(pids[i]) {
			no_core();
			null_write();
		}
	for (int i = 0; i < 20; i++) {
		int status = child_status(pids[i]);

		ok += WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV;
	}
	note("%d", ok);
}

TEST(status, of_a_vfork_child)
{
	pid_t pid;

	no_core();
	pid = vfork();
	if (pid == 0) {
		*(volatile int *)wild(0) = 1;
		_exit(1);
	}
	note("%s", status_text(child_status(pid)));
}
