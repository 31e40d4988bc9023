/* SPDX-License-Identifier: MIT */
/*
 * Life of an address space: made empty by exec, copied by fork, torn down when its last user goes.
 *
 * Invariants: users counts tasks and look-ups; the map exists while it is above zero, and all
 * users together hold one of refs. refs keeps the struct and the root table, for CPUs that
 * still have it loaded. A child of fork gets private pages write-protected on both sides and
 * re-faults everything else; the parent's TLB is flushed once, before the child can run.
 *
 * Locks: fork holds the parent's mm->lock for writing; teardown needs none (nobody else is
 * left), except map_lock of each file while an area leaves its list, which truncation walks.
 */
#include <kernel/errno.h>
#include <kernel/fs.h>
#include <kernel/init.h>
#include <kernel/panic.h>
#include <kernel/random.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include <uapi/mman.h>
#include "mm_internal.h"

static struct kmem_cache *mm_cache;
static bool randomize = true;

/* The kernel's own tables. The architecture fills in the root. */
struct mm init_mm = {
	.users = ATOMIC_INIT(1),
	.refs = ATOMIC_INIT(1),
	.pt_lock = SPINLOCK_INIT(LR_PT),
};

static int no_randomize(const char *value)
{
	randomize = false;
	return 0;
}
BOOT_PARAM(norandmaps, "norandmaps", no_randomize);
BOOT_PARAM(nokaslr, "nokaslr", no_randomize);

bool vm_randomize(void)
{
	return randomize && !(current->proc && current->proc->personality & ADDR_NO_RANDOMIZE);
}

void mm_life_init(void)
{
	mm_cache = kmem_cache_create("mm", sizeof(struct mm), 8, 0, NULL);
	BUG_ON(!mm_cache);
	rwsem_init(&init_mm.lock, LR_MM);
}

/*
 * Below the largest stack the limit allows, between 128 MiB and five sixths of the space, less
 * 28 random bits of pages.
 */
static vaddr_t pick_mmap_base(void)
{
	uint64_t gap = current->proc ? rlimit(RLIMIT_STACK) : 8ul << 20;
	uint64_t pad = STACK_GUARD_GAP + (16ull << 20);
	uint64_t rnd = vm_randomize() ? (random_u64() & ((1ull << 28) - 1)) << PAGE_SHIFT : 0;

	gap = gap + pad > gap ? gap + pad : gap;
	gap = MAX(gap, (uint64_t)128 << 20);
	gap = MIN(gap, (uint64_t)USER_END / 6 * 5);
	return ALIGN_DOWN(USER_END - gap - rnd, PAGE_SIZE);
}

static struct mm *mm_alloc(void)
{
	struct mm *mm = kmem_cache_alloc(mm_cache, GFP_KERNEL | GFP_ZERO);

	if (!mm)
		return NULL;
	atomic_set(&mm->users, 1);
	atomic_set(&mm->refs, 1);
	rwsem_init(&mm->lock, LR_MM);
	spin_lock_init(&mm->pt_lock, LR_PT);
	if (arch_mm_init(mm)) {
		kmem_cache_free(mm_cache, mm);
		return NULL;
	}
	return mm;
}

struct mm *mm_create(void)
{
	struct mm *mm = mm_alloc();

	if (!mm)
		return NULL;
	mm->mmap_base = pick_mmap_base();
	mm->dumpable = 1;
	return mm;
}

void mm_grab(struct mm *mm)
{
	atomic_inc(&mm->refs);
}

void mm_drop(struct mm *mm)
{
	if (!ref_put(&mm->refs))
		return;
	arch_mm_destroy(mm);
	kmem_cache_free(mm_cache, mm);
}

/*
 * Every area's pages, then the tables, then the areas. The translations were dropped first,
 * all at once.
 */
static void mm_teardown(struct mm *mm)
{
	struct vm_area *a, *next, *all = NULL;
	struct gather g;

	arch_mm_exit(mm);
	gather_init(&g, mm, true);
	for (a = vm_first(mm); a; a = vm_next(a)) {
		if (a->cache)
			area_file_unlink(a);	/* truncation must not meet tables that go away */
		pt_zap(&g, a, a->start, a->end, ZAP_ALL);
	}
	for (a = vm_first(mm); a; a = next) {
		next = vm_next(a);
		/* Neighbours that share a last-level table are one call. */
		vaddr_t start = a->start, end = a->end;

		while (next && next->start < ALIGN_UP(end, HUGE_SIZE) + HUGE_SIZE) {
			end = next->end;
			next = vm_next(next);
		}
		/*
		 * The last group under an upper table frees it: everything below is gone by
		 * then.
		 */
		pt_free_tables(&g, start, end, 0, next ? next->start : PT_USER_CEIL);
	}
	gather_flush(&g);
	/*
	 * The tree cannot be walked while its nodes are freed: first a list, through a member
	 * nobody needs any more.
	 */
	for (a = vm_first(mm); a; a = next) {
		next = vm_next(a);
		a->last = (vaddr_t)all;
		all = a;
	}
	for (a = all; a; a = next) {
		next = (struct vm_area *)a->last;
		if (a->flags & VM_ACCOUNT)
			vm_uncommit(area_pages(a));
		area_release(a);
	}
	mm->areas = RB_ROOT;
	mm->cached = NULL;
	mm->nr_areas = 0;
	mm->total_pages = mm->locked_pages = mm->data_pages = mm->exec_pages = mm->stack_pages = 0;
}

void mm_put(struct mm *mm)
{
	if (!ref_put(&mm->users))
		return;
	might_sleep();
	mm_teardown(mm);
	if (mm->exe_file)
		file_put(mm->exe_file);
	mm->exe_file = NULL;
	mm_drop(mm);
}

struct mm *task_mm_get(struct task *t)
{
	struct mm *mm;

	spin_lock(&t->lock);
	mm = t->mm;
	if (mm && !atomic_inc_not_zero(&mm->users))
		mm = NULL;
	spin_unlock(&t->lock);
	return mm;
}

/* Copies the scalars that say what the program is. */
static void mm_copy_layout(struct mm *to, struct mm *from)
{
	to->mmap_base = from->mmap_base;
	to->brk_start = from->brk_start;
	to->brk = from->brk;
	to->stack_top = from->stack_top;
	to->arg_start = from->arg_start;
	to->arg_end = from->arg_end;
	to->env_start = from->env_start;
	to->env_end = from->env_end;
	to->code_start = from->code_start;
	to->code_end = from->code_end;
	to->data_start = from->data_start;
	to->data_end = from->data_end;
	to->vdso = from->vdso;
	to->nr_auxv = from->nr_auxv;
	memcpy(to->auxv, from->auxv, sizeof(to->auxv));
	to->dumpable = from->dumpable;
	to->thp_disable = from->thp_disable;
	atomic_set(&to->membarrier_state, atomic_read(&from->membarrier_state));
	to->personality = from->personality;
	to->exe_file = from->exe_file ? file_get(from->exe_file) : NULL;
}

/* One area of the parent, in the child: mapping locks are not inherited. */
static int fork_area(struct mm *to, struct vm_area *a, bool *protected)
{
	struct vm_area *n;

	if ((a->flags & VM_ACCOUNT) && !vm_may_commit(area_pages(a)))
		return -ENOMEM;
	n = area_dup(to, a);
	if (!n) {
		if (a->flags & VM_ACCOUNT)
			vm_uncommit(area_pages(a));
		return -ENOMEM;
	}
	n->flags &= ~(VM_LOCKED | VM_LOCKONFAULT);
	if (a->flags & VM_WIPEONFORK) {
		n->has_anon = false;
		n->anon_id = 0;
		n->anon_inherited = false;
	} else if (n->anon_id) {
		n->anon_id = ++to->next_anon_id;
		n->anon_inherited = true;
	}
	area_link(to, n);
	if (!n->has_anon)
		return 0;
	return pt_copy(to, a->mm, a, protected);
}

int mm_fork(struct mm *from, struct mm **out)
{
	struct mm *to = mm_alloc();
	bool protected = false;
	struct vm_area *a;
	int err = 0;

	if (!to)
		return -ENOMEM;
	if (down_write_killable(&from->lock)) {
		mm_put(to);
		return -EINTR;
	}
	mm_copy_layout(to, from);
	for (a = vm_first(from); a; a = vm_next(a)) {
		if (a->flags & VM_DONTCOPY)
			continue;
		err = fork_area(to, a, &protected);
		if (err)
			break;
	}
	/* Before the child runs: a parent's thread must not write behind the shared pages. */
	if (protected)
		arch_tlb_flush_mm(from);
	up_write(&from->lock);
	if (err) {
		mm_put(to);
		return err;
	}
	*out = to;
	return 0;
}

/* The running task leaves its old map for @mm, whose users reference it takes over. */
void mm_exec_switch(struct mm *mm)
{
	struct task *t = current;
	struct mm *old = t->mm;
	irqflags_t f;

	mm->personality = t->proc->personality;
	spin_lock(&t->lock);
	f = arch_irq_save();
	t->mm = mm;
	t->active_mm = mm;
	arch_mm_switch(old ? old : &init_mm, mm);
	arch_irq_restore(f);
	spin_unlock(&t->lock);
	if (!old)
		return;
	if (t->proc->maxrss < (uint64_t)old->hiwater_rss)
		t->proc->maxrss = old->hiwater_rss;
	mm_put(old);
}

/* Exit: the running task gives up its map and goes on with the kernel's tables. */
void mm_release_task(struct task *t)
{
	struct mm *mm = t->mm;
	uint64_t rss;
	irqflags_t f;

	if (!mm)
		return;
	BUG_ON(t != current);
	rss = (uint64_t)(atomic64_read(&mm->rss_anon) + atomic64_read(&mm->rss_file) +
			 atomic64_read(&mm->rss_shmem));
	rss = MAX(rss, mm->hiwater_rss);
	if (t->proc->maxrss < rss)
		t->proc->maxrss = rss;
	spin_lock(&t->lock);
	f = arch_irq_save();
	t->mm = NULL;
	t->active_mm = &init_mm;
	arch_mm_deactivate();
	arch_irq_restore(f);
	spin_unlock(&t->lock);
	mm_put(mm);
}
