/* SPDX-License-Identifier: MIT */
/* The kernel's surroundings for kernel/mm on the host: one CPU, no interrupts, memory is an array. */
#include <kernel/init.h>
#include <kernel/panic.h>
#include <kernel/percpu.h>
#include <kernel/rcu.h>
#include <kernel/task.h>
#include "../../../kernel/mm/mm_internal.h"
#include "host.h"

unsigned tests_failed;
void *panic_jump[5];
int panic_expected;
struct page *host_vmemmap;
char *host_memory;
static struct task task;
struct task *host_current = &task;
unsigned long percpu_offset[CONFIG_NR_CPUS];
struct cpumask cpu_online_mask;
unsigned nr_cpus = 1;
enum system_state system_state = SYSTEM_BOOTING;

uint64_t rnd(void)
{
	static uint64_t s = 88172645463325252ull;

	s ^= s << 13;
	s ^= s >> 7;
	s ^= s << 17;
	return s * 2685821657736338717ull >> 16;
}

void panic(const char *fmt, ...)
{
	va_list ap;

	if (panic_expected)
		__builtin_longjmp(panic_jump, 1);
	va_start(ap, fmt);
	printf("Bail out! panic: ");
	vprintf(fmt, ap);
	printf("\n");
	exit(1);
}

void printk(enum log_level level, const char *fmt, ...) { (void)level; (void)fmt; }
void *vmalloc(size_t size) { (void)size; return NULL; }
void vfree(const void *p) { (void)p; }
bool is_vmalloc_addr(const void *p) { (void)p; return false; }
void might_sleep(void) { }
void preempt_schedule(void) { }
void spin_lock_contended(struct spinlock *l) { (void)l; panic("lock taken twice"); }
void lockdep_spin_acquire(struct spinlock *l, bool nested, const void *where) { (void)l; (void)nested; (void)where; }
void lockdep_spin_release(struct spinlock *l) { (void)l; }
void smp_call(const struct cpumask *m, void (*fn)(void *), void *arg, bool wait) { (void)m; (void)wait; fn(arg); }
void call_rcu(struct rcu_head *h, void (*fn)(struct rcu_head *)) { fn(h); }
bool oom_kill_and_wait(unsigned order, gfp_t gfp) { (void)order; (void)gfp; return false; }
uint64_t shrink_caches(uint64_t want) { (void)want; return 0; }
void shrinker_register(struct shrinker *s) { (void)s; }

/* @bytes of physical memory from 0 up, with a struct page for each frame of whole 4 MiB blocks. */
void host_setup(uint64_t bytes)
{
	uint64_t frames = ALIGN_UP(bytes, PAGE_SIZE << MAX_ORDER) >> PAGE_SHIFT;
	char *raw = calloc(1, bytes + (PAGE_SIZE << MAX_ORDER));

	host_memory = (char *)ALIGN_UP((uintptr_t)raw, PAGE_SIZE << MAX_ORDER);
	host_vmemmap = calloc(frames, sizeof(struct page));
}
