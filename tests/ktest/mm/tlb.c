/* SPDX-License-Identifier: MIT */
/*
 * What one CPU changes in an address space holds on all others from then on. Kernel threads, one on each CPU, share it and touch it all
 * the time, sleeping now and then, so that CPUs also idle on its tables and come back.
 *
 * An access counts when the phase was the same before and after it, and none while the main thread is changing things.
 */
#include <kernel/ktest.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>
#include <kernel/vm.h>
#include <uapi/mman.h>

#define BASE 0x10000000ul
#define AREA_PAGES 40u			/* more than any architecture flushes one by one */
#define ROUNDS 60u
#define CHANGING 0x80000000u
#define RW (PROT_READ | PROT_WRITE)

int do_munmap(struct mm *mm, vaddr_t start, uint64_t len);

static struct {
	struct mm *mm;
	bool (*look)(unsigned phase, uint64_t __user *at);
	unsigned phase, stop;
	atomic_t bad, left, seen[CONFIG_NR_CPUS];
	struct completion done;
} s;

static uint64_t __user *page_at(unsigned n)
{
	return (uint64_t __user *)(BASE + n * PAGE_SIZE);
}

static int toucher(void *arg)
{
	unsigned me = (unsigned)(uintptr_t)arg, n = me;

	mm_exec_switch(mm_get(s.mm));
	while (!READ_ONCE(s.stop)) {
		unsigned before = smp_load_acquire(&s.phase);
		bool ok = before & CHANGING || s.look(before, page_at(n % AREA_PAGES));

		smp_mb();	/* the access before the second look at the phase */
		if (!(before & CHANGING) && READ_ONCE(s.phase) == before) {
			atomic_add(&s.bad, !ok);
			atomic_inc(&s.seen[me]);
		}
		n += 7;
		if (n % 16 == 0)
			sched_sleep_ns(20 * NSEC_PER_USEC);
		else
			cond_resched();
	}
	mm_release_task(current);
	if (atomic_dec_and_test(&s.left))
		complete(&s.done);
	return 0;
}

/* Until each CPU has looked at this phase a few times. */
static void let_them_look(void)
{
	unsigned start[CONFIG_NR_CPUS];

	for_each_cpu(cpu, &cpu_online_mask)
		start[cpu] = (unsigned)atomic_read(&s.seen[cpu]);
	for_each_cpu(cpu, &cpu_online_mask)
		while ((unsigned)atomic_read(&s.seen[cpu]) - start[cpu] < 3)
			sched_sleep_ns(20 * NSEC_PER_USEC);
}

static void begin_change(void)
{
	WRITE_ONCE(s.phase, s.phase | CHANGING);
	smp_mb();	/* the phase is over before anything becomes possible that it forbids */
}

static bool start(bool (*look)(unsigned phase, uint64_t __user *at))
{
	s.look = look;
	s.phase = s.stop = 0;
	s.mm = mm_create();
	if (!s.mm || vm_mmap_mm(s.mm, BASE, AREA_PAGES * PAGE_SIZE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, NULL, 0) != BASE)
		return false;
	atomic_set(&s.bad, 0);
	completion_init(&s.done);
	atomic_set(&s.left, (int)cpus_online());
	for_each_cpu(cpu, &cpu_online_mask) {
		atomic_set(&s.seen[cpu], 0);
		if (!kthread_create(toucher, (void *)(uintptr_t)cpu, (int)cpu, "ktest/tlb%u", cpu))
			return false;
	}
	mm_exec_switch(mm_get(s.mm));
	return true;
}

static void finish(void)
{
	WRITE_ONCE(s.stop, 1);
	wait_for_completion(&s.done);
	mm_release_task(current);
	mm_put(s.mm);
}

/* Odd phases: read-only. */
static bool writes_as_permitted(unsigned phase, uint64_t __user *at)
{
	return put_user((uint64_t)phase, at) == (phase % 2 ? -EFAULT : 0);
}

KTEST(tlb, mprotect_holds_on_every_cpu_at_once)
{
	unsigned i;

	if (!start(writes_as_permitted)) {
		EXPECT_TRUE(!"memory");
		return;
	}
	for (i = 0; i < ROUNDS; i++) {
		/* All of it, and a few pages: by single entries. */
		unsigned pages = i % 3 ? AREA_PAGES : 3;

		let_them_look();
		begin_change();
		if (pages != AREA_PAGES)
			EXPECT_OK(sys_mprotect(BASE + pages * PAGE_SIZE, (AREA_PAGES - pages) * PAGE_SIZE, PROT_READ));
		EXPECT_OK(sys_mprotect(BASE, pages * PAGE_SIZE, PROT_READ));
		smp_store_release(&s.phase, 2 * i + 1);
		let_them_look();
		begin_change();
		EXPECT_OK(sys_mprotect(BASE, AREA_PAGES * PAGE_SIZE, RW));
		smp_store_release(&s.phase, 2 * i + 2);
	}
	finish();
	EXPECT_EQ(atomic_read(&s.bad), 0);
}

/* Odd phases: nothing is there. Even ones: pages of that phase, which the main thread has marked or not yet. */
static bool finds_its_phase(unsigned phase, uint64_t __user *at)
{
	uint64_t v;

	if (phase % 2)
		return get_user(v, at) == -EFAULT;
	return !get_user(v, at) && (v == 0 || v == phase);
}

KTEST(tlb, munmap_holds_on_every_cpu_at_once)
{
	unsigned i;

	if (!start(finds_its_phase)) {
		EXPECT_TRUE(!"memory");
		return;
	}
	for (i = 0; i < ROUNDS; i++) {
		let_them_look();
		begin_change();
		EXPECT_OK(sys_munmap(BASE, AREA_PAGES * PAGE_SIZE));
		smp_store_release(&s.phase, 2 * i + 1);
		let_them_look();
		begin_change();
		EXPECT_EQ(vm_mmap_mm(s.mm, BASE, AREA_PAGES * PAGE_SIZE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, NULL, 0), BASE);
		smp_store_release(&s.phase, 2 * i + 2);
		for (unsigned n = 0; n < AREA_PAGES; n++)
			EXPECT_OK(put_user((uint64_t)(2 * i + 2), page_at(n)));
	}
	finish();
	EXPECT_EQ(atomic_read(&s.bad), 0);
}
