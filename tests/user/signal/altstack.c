/* SPDX-License-Identifier: MIT */
/* sigaltstack(2): rules, use, SS_AUTODISARM, nesting, stack overflow caught, overflow of the stack itself. */
#include "../harness.h"
#include "../process/util.h"
#include <setjmp.h>
#include <ucontext.h>

#ifndef SS_AUTODISARM
#define SS_AUTODISARM (1U << 31)
#endif

static char stack[65536] __attribute__((aligned(16)));
static volatile int inside, flags_inside, set_inside, depth;
static sigjmp_buf back;

static bool on_stack(const void *p)
{
	return (const char *)p >= stack && (const char *)p < stack + sizeof(stack);
}

static void handler(int number)
{
	stack_t got, other = { .ss_sp = stack, .ss_size = sizeof(stack) };
	char local;

	(void)number;
	inside = on_stack(&local);
	sigaltstack(NULL, &got);
	flags_inside = got.ss_flags;
	set_inside = sigaltstack(&other, NULL) < 0 ? errno : 0;
}

static void install(int number, int flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

	EXPECT_OK(sigaction(number, &action, NULL));
}

static void use(int flags)
{
	stack_t new = { .ss_sp = stack, .ss_size = sizeof(stack), .ss_flags = flags };

	EXPECT_OK(sigaltstack(&new, NULL));
}

static void show(const char *what)
{
	stack_t got;

	EXPECT_OK(sigaltstack(NULL, &got));
	note("%s: %s flags %#x size %zu", what, got.ss_sp == stack ? "ours" : got.ss_sp ? "other" : "none",
	     (unsigned int)got.ss_flags, got.ss_size);
}

TEST(altstack, rules)
{
	stack_t new = { .ss_sp = stack, .ss_size = 2047 };

	show("start");
	EXPECT_ERRNO(sigaltstack(&new, NULL), ENOMEM);
	new.ss_size = 0;
	EXPECT_ERRNO(sigaltstack(&new, NULL), ENOMEM);
	new.ss_size = sizeof(stack);
	new.ss_flags = 8;
	EXPECT_ERRNO(sigaltstack(&new, NULL), EINVAL);
	new.ss_flags = SS_DISABLE | SS_ONSTACK;
	EXPECT_ERRNO(sigaltstack(&new, NULL), EINVAL);
	new.ss_flags = SS_ONSTACK;
	EXPECT_OK(sigaltstack(&new, NULL));
	show("SS_ONSTACK given");
	new.ss_flags = SS_AUTODISARM;
	EXPECT_OK(sigaltstack(&new, NULL));
	show("AUTODISARM");
	new.ss_flags = SS_DISABLE;
	EXPECT_OK(sigaltstack(&new, NULL));
	show("disabled");
	EXPECT_ERRNO(syscall(SYS_sigaltstack, wild(8), NULL), EFAULT);
	EXPECT_ERRNO(syscall(SYS_sigaltstack, NULL, wild(8)), EFAULT);
	EXPECT_OK(syscall(SYS_sigaltstack, NULL, NULL));
	use(0);
	stack_t old;

	new.ss_flags = 0;
	new.ss_size = 30000;
	EXPECT_OK(sigaltstack(&new, &old));
	note("old size %zu", old.ss_size);
}

TEST(altstack, used_only_with_the_flag)
{
	use(0);
	install(SIGUSR1, 0);
	raise(SIGUSR1);
	note("without: on it %d flags %#x set %s", inside, (unsigned int)flags_inside, errno_name(set_inside));
	install(SIGUSR1, SA_ONSTACK);
	raise(SIGUSR1);
	note("with: on it %d flags %#x set %s", inside, (unsigned int)flags_inside, errno_name(set_inside));
	show("after");
}

TEST(altstack, autodisarm)
{
	use(SS_AUTODISARM);
	install(SIGUSR1, SA_ONSTACK);
	raise(SIGUSR1);
	note("on it %d flags %#x set %s", inside, (unsigned int)flags_inside, errno_name(set_inside));
	show("after");
}

static void nesting(int number)
{
	char local;

	depth++;
	inside += on_stack(&local);
	if (number == SIGUSR1)
		raise(SIGUSR2);
}

TEST(altstack, a_second_signal_goes_on_on_it)
{
	struct sigaction action = { .sa_handler = nesting, .sa_flags = SA_ONSTACK };

	use(0);
	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGUSR2, &action, NULL);
	raise(SIGUSR1);
	note("depth %d on it %d", depth, inside);
}

static void jumps(int number, siginfo_t *info, void *context)
{
	char local;
	ucontext_t *uc = context;

	(void)number, (void)info;
	inside = on_stack(&local);
	flags_inside = uc->uc_stack.ss_flags;
	set_inside = uc->uc_stack.ss_sp == stack && uc->uc_stack.ss_size == sizeof(stack);
	siglongjmp(back, 1);
}

__attribute__((noinline)) static int recurse(int n)
{
	volatile char frame[8192];

	frame[0] = n;
	if (n < 0)
		return 0;
	return recurse(n + 1) + frame[0];
}

TEST(altstack, a_stack_overflow_is_caught_on_it)
{
	struct sigaction action = { .sa_sigaction = jumps, .sa_flags = SA_ONSTACK | SA_SIGINFO };

	use(0);
	sigaction(SIGSEGV, &action, NULL);
	for (int i = 0; i < 3; i++)
		if (sigsetjmp(back, 1) == 0)
			recurse(0);
	note("on it %d, context names it %d flags %#x", inside, set_inside, (unsigned int)flags_inside);
}

TEST(altstack, without_it_a_stack_overflow_kills)
{
	struct sigaction action = { .sa_sigaction = jumps, .sa_flags = SA_SIGINFO };
	pid_t pid;

	CHILD(pid) {
		sigaction(SIGSEGV, &action, NULL);
		recurse(0);
	}
	note("%s", status_name(child_status(pid)));
}

static void recurses(int number)
{
	(void)number;
	recurse(0);
}

TEST(altstack, overflow_of_the_alternate_stack_kills)
{
	struct sigaction action = { .sa_handler = recurses, .sa_flags = SA_ONSTACK };
	char *guarded = mmap(NULL, 8 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	stack_t new = { .ss_sp = guarded + 4096, .ss_size = 7 * 4096 };
	pid_t pid;

	mprotect(guarded, 4096, PROT_NONE);
	CHILD(pid) {
		EXPECT_OK(sigaltstack(&new, NULL));
		sigaction(SIGUSR1, &action, NULL);
		raise(SIGUSR1);
	}
	note("%s", status_name(child_status(pid)));
	/* A frame that does not fit in what is left. */
	mprotect(guarded, 4096, PROT_READ | PROT_WRITE);
	mprotect(guarded + 4096, 6 * 4096, PROT_NONE);
	CHILD(pid) {
		EXPECT_OK(sigaltstack(&new, NULL));
		sigaction(SIGUSR1, &action, NULL);
		raise(SIGUSR1);
	}
	note("%s", status_name(child_status(pid)));
}

TEST(altstack, inherited_by_fork_but_not_by_a_clone_that_shares_memory)
{
	use(0);
	IN_CHILD(show("fork"));
	static char clone_stack[65536] __attribute__((aligned(16)));

	extern int altstack_show(void *arg);
	pid_t pid = clone(altstack_show, clone_stack + sizeof(clone_stack), CLONE_VM | SIGCHLD, "CLONE_VM");

	child_status(pid);
	pid = clone(altstack_show, clone_stack + sizeof(clone_stack), CLONE_VM | CLONE_VFORK | SIGCHLD,
		    "CLONE_VM|VFORK");
	child_status(pid);
	show("parent");
}

int altstack_show(void *arg);

int altstack_show(void *arg)
{
	show(arg);
	return 0;
}
