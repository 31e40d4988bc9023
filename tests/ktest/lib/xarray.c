/* SPDX-License-Identifier: MIT */
/* Readers without a lock against a writer: what they find is a pointer that was stored at that index. */
#include <kernel/ktest.h>
#include <kernel/rcu.h>
#include <kernel/smp.h>
#include <kernel/task.h>
#include <kernel/work.h>
#include <kernel/xarray.h>

static struct xarray xa;
static char things[16][16] __aligned(16);
static bool stop;
static atomic_t wrong, readers;

static int reader(void *arg)
{
	uint64_t i = 0;

	while (!READ_ONCE(stop)) {
		void *p;

		i = (i + 61) % 5000;
		rcu_read_lock();
		p = xa_load(&xa, i);
		if (p && p != things[i % 16])
			atomic_inc(&wrong);
		rcu_read_unlock();
		cond_resched();
	}
	atomic_dec(&readers);
	return 0;
}

KTEST(xarray, readers_without_a_lock_see_whole_states)
{
	uint32_t x = 5;

	WRITE_ONCE(stop, false);
	atomic_set(&wrong, 0);
	atomic_set(&readers, 0);
	for (int i = 0; i < 3; i++)
		if (kthread_create(reader, NULL, -1, "xa-reader"))
			atomic_inc(&readers);
	for (int n = 0; n < 20000; n++) {
		uint64_t i = (x = x * 1664525 + 1013904223) >> 8;

		i %= 5000;
		if (x & 1)
			EXPECT_OK(xa_store(&xa, i, things[i % 16], NULL));
		else
			xa_erase(&xa, i);
		if (n % 256 == 0)
			cond_resched();
	}
	WRITE_ONCE(stop, true);
	while (atomic_read(&readers))
		cond_resched();
	EXPECT_EQ(atomic_read(&wrong), 0);
	xa_destroy(&xa);
}
