/* SPDX-License-Identifier: MIT */
/* Growth of the stack and of MAP_GROWSDOWN mappings, and the gap that guards them. */
#include "../harness.h"
#include "../process/util.h"
#include <setjmp.h>
#include <sys/resource.h>

#define PAGE 4096UL
#define RW (PROT_READ | PROT_WRITE)

static sigjmp_buf back;
static char alternate[32768];

static void on_fault(int number)
{
	(void)number;
	siglongjmp(back, 1);
}

static bool can_write(volatile char *p)
{
	struct sigaction action = { .sa_handler = on_fault, .sa_flags = SA_ONSTACK };
	stack_t stack = { .ss_sp = alternate, .ss_size = sizeof(alternate) };

	sigaltstack(&stack, NULL);
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	if (sigsetjmp(back, 1))
		return false;
	*p = 1;
	return true;
}

static char *here(void)
{
	return (char *)((uintptr_t)__builtin_frame_address(0) & ~(PAGE - 1));
}

TEST(stack, grows_far_below_the_stack_pointer)
{
	char *base = here();

	note("64 KiB %d", can_write(base - 64 * 1024));
	note("1 MiB %d", can_write(base - (1 << 20)));
	note("7 MiB %d", can_write(base - (7 << 20)));
	note("9 MiB %d", can_write(base - (9 << 20)));
}

TEST(stack, what_lies_between_is_zero)
{
	char *base = here() - (2 << 20);
	int bad = 0;

	can_write(base);
	for (size_t i = 1; i < 1 << 20; i++)
		bad += base[i] != 0;
	note("bad %d", bad);
}

TEST(stack, system_calls_may_grow_it)
{
	char *far = here() - (3 << 20);
	int fd = open("/dev/zero", O_RDONLY);

	EXPECT_EQ(read(fd, far, 8192), 8192);
	EXPECT_EQ(read(fd, far - (1 << 20), 8192), 8192);
}

TEST(stack, the_gap_to_another_mapping)
{
	char *base = here() - (4 << 20);
	char *wall = mmap(base, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	REQUIRE_TRUE(wall == base);
	/* 256 pages of gap: growth stops a mebibyte above what is mapped. */
	note("1 MiB + 8 KiB above %d", can_write(wall + PAGE + (1 << 20) + 8192));
	note("1 MiB - 8 KiB above %d", can_write(wall + PAGE + (1 << 20) - 8192));
	note("next page %d", can_write(wall + PAGE));
	note("itself %d", can_write(wall));
}

TEST(stack, a_prot_none_wall_needs_no_gap)
{
	char *base = here() - (4 << 20);
	char *wall = mmap(base, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	REQUIRE_TRUE(wall == base);
	note("next page %d", can_write(wall + PAGE));
	note("itself %d", can_write(wall));
}

TEST(stack, growsdown_mappings_grow)
{
	char *area = mmap(NULL, 8 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *p;

	munmap(area, 8 << 20);
	p = mmap(area + (6 << 20), 2 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_GROWSDOWN, -1, 0);
	REQUIRE_TRUE(p != MAP_FAILED);
	note("one below %d", can_write(p - 1));
	note("1 MiB below %d", can_write(p - (1 << 20)));
	note("above %d", can_write(p + 2 * PAGE));
	EXPECT_OK(mprotect(p + PAGE, PAGE, PROT_READ | PROT_GROWSDOWN));
	note("after GROWSDOWN protection %d", can_write(p - (1 << 20)));
}

TEST(stack, execution_needs_permission)
{
	char *maps = get_file("/proc/self/maps"), *line = strstr(maps, "[stack]");

	while (line && line > maps && line[-1] != '\n')
		line--;
	note("%.4s", line ? strchr(line, ' ') + 1 : "none");
}

__attribute__((noinline)) static long deep(int n)
{
	volatile long frame[128];

	frame[0] = n;
	frame[127] = n;
	if (n == 0)
		return 0;
	return deep(n - 1) + frame[0] + frame[127] - 2 * n + 1;
}

TEST(stack, deep_recursion_keeps_its_values)
{
	note("%ld", deep(5000));
}
