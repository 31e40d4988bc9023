/* SPDX-License-Identifier: MIT */
/*
 * What must end in a report: each test does one thing that the kernel may never do. Run one at a time by tests/qemu/fatal.sh,
 * which knows what the console has to show.
 */
#include <kernel/ktest.h>
#include <kernel/mm.h>
#include <kernel/panic.h>
#include <kernel/spinlock.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>
#include <kernel/vm.h>
#include <uapi/mman.h>

static volatile unsigned long sink;

static __noinline unsigned long recurse(unsigned long n)
{
	volatile char room[200];

	room[0] = (char)n;
	sink = n;
	if (n == ~0ul)
		return 0;
	return recurse(n + 1) + (unsigned long)room[0];
}

KTEST(fatal, stack_overflow)
{
	sink = recurse(0);
}

KTEST(fatal, null_pointer)
{
	volatile unsigned long *p = (volatile unsigned long *)(sink & 8);

	sink = *p;
}

KTEST(fatal, wild_write)
{
	volatile unsigned long *p = (volatile unsigned long *)((uintptr_t)phys_to_virt(0) - (1ul << 40));

	*p = 1;
}

KTEST(fatal, not_canonical)
{
	volatile unsigned long *p = (volatile unsigned long *)(0x4242ul << 48 | (sink & 8));

	sink = *p;
}

KTEST(fatal, jump_to_null)
{
	void (*volatile fn)(void) = NULL;

	fn();
}

KTEST(fatal, jump_to_data)
{
	void (*volatile fn)(void) = (void (*)(void))(uintptr_t)&sink;

	fn();
}

KTEST(fatal, write_to_text)
{
	volatile uint32_t *p = (volatile uint32_t *)(uintptr_t)ktest_run;

	*p = 0;
}

KTEST(fatal, user_memory_without_leave)
{
	struct mm *mm = mm_create();
	uint64_t v = 1;

	if (!mm || vm_mmap_mm(mm, 0x10000000, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, NULL, 0) < 0)
		return;
	mm_exec_switch(mm);
	EXPECT_OK(put_user(v, (uint64_t __user *)0x10000000));
	sink = *(volatile uint64_t *)0x10000000;
	mm_release_task(current);
}

KTEST(fatal, trap)
{
	__builtin_trap();
}

KTEST(fatal, interrupts_off_for_ever)
{
	(void)arch_irq_save();
	for (;;)
		arch_cpu_relax();
}

KTEST(fatal, sleep_for_ever)
{
	for (;;)
		sched_sleep_ns(NSEC_PER_SEC);
}
