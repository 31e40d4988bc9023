/* SPDX-License-Identifier: MIT */
/*
 * User address spaces. kernel/mm/{vm_map,mmap,fault,mremap,...}.c over the portable page-table walk (pgtable.c).
 *
 * Locks used to protect struct members in this file:
 *	m	mm->lock (rwsem): read for faults and look-ups, write for changes of the map
 *	t	mm->pt_lock (spinlock): page tables below the root
 *	a	atomic
 *	I	immutable
 *	f	mapping: page_cache->map_lock
 */
#pragma once
#include <kernel/mm.h>
#include <kernel/mutex.h>
#include <kernel/rbtree.h>
#include <kernel/sched.h>
#include <kernel/types.h>
#include <kernel/vm_flags.h>
#include <arch/mmu.h>		/* struct arch_mm, TLB operations, pte helpers */

struct file;
struct task;
struct vm_area;
struct vm_fault {
	struct vm_area *area;
	vaddr_t va;		/* page aligned */
	uint64_t pgoff;		/* page of the file */
	unsigned access;	/* VM_READ, VM_WRITE or VM_EXEC */
	struct page *page;	/* result: with a reference; in a VM_SPECIAL area without one */
	paddr_t pa;		/* result for VM_SPECIAL areas when page is NULL: what is no memory */
};
/* What a mapped object offers. NULL ops: anonymous. */
struct vm_ops {
	/* Finds the page: 0 with vmf->page; -EFAULT -> SIGBUS; -ENOMEM. May sleep. mm->lock held for reading. */
	int (*fault)(struct vm_fault *vmf);
	/* First write to a shared page. NULL: just make it writable. */
	int (*make_writable)(struct vm_fault *vmf);
	void (*open)(struct vm_area *a);	/* the area was copied (fork, split) */
	void (*close)(struct vm_area *a);
	const char *(*name)(struct vm_area *a);
	int (*may_split)(struct vm_area *a, vaddr_t at);
};
struct vm_area {
	/* The first seven members are a struct gap_node of mm/mm_internal.h: same order, same types. */
	struct rb_node node;		/* [m] mm->areas, by start; augmented with the largest gap */
	vaddr_t start, end;		/* [m] page aligned, end exclusive */
	vaddr_t gap;			/* [m] largest gap inside this subtree */
	vaddr_t first, last;		/* [m] what the subtree spans, guard included */
	uint64_t guard;			/* [m] bytes kept free below (stacks) */
	unsigned flags;			/* [m] VM_* */
	struct mm *mm;			/* [I] */
	struct file *file;		/* [I] reference held; NULL: anonymous */
	uint64_t pgoff;			/* [m] of start in the file, pages */
	const struct vm_ops *ops;	/* [I] */
	void *private;
	struct page_cache *cache;	/* [I] whose pages it maps, or NULL */
	struct list_head cache_link;	/* [f] page_cache->areas */
	bool has_anon;			/* [t] may contain private pages (fork must copy) */
	bool anon_inherited;		/* [t] some of them came from the parent: see vm_map.c on merging */
	uint32_t anon_id;		/* [t] areas with different non-zero ids are not merged */
};
struct mm {
	struct arch_mm arch;		/* root table, ASID */
	atomic_t users;			/* tasks and look-ups: at zero the map is torn down */
	atomic_t refs;			/* the struct itself (lazy kernel threads); users count as one */
	struct rwsem lock;		/* LR_MM */
	struct rb_root areas;		/* [m] */
	struct vm_area *cached;		/* last area found; a hint, [m] */
	unsigned nr_areas;		/* [m] */
	uint32_t seq;			/* [m] changes of the map */
	struct spinlock pt_lock;	/* LR_PT */
	vaddr_t mmap_base;		/* [I] top-down search starts here */
	vaddr_t brk_start, brk;		/* [m] */
	vaddr_t stack_top;
	vaddr_t arg_start, arg_end, env_start, env_end; /* [m] */
	vaddr_t code_start, code_end, data_start, data_end;
	vaddr_t vdso;			/* [I] base or 0 */
	uint64_t total_pages, locked_pages, data_pages, exec_pages, stack_pages; /* [m] */
	struct page *aside;		/* [t] table pages for cutting blocks, one for each block mapped; by ->private */
	atomic64_t rss_anon, rss_file, rss_shmem, pt_pages; /* pages; written under pt_lock with plain stores */
	uint32_t next_anon_id;		/* [t] */
	unsigned personality;		/* [I] of the program that runs: ADDR_NO_RANDOMIZE, READ_IMPLIES_EXEC */
	uint64_t hiwater_rss, hiwater_vm;
	struct file *exe_file;		/* [m] */
	uint64_t auxv[2 * 32];		/* [I] as given to the program, for /proc/PID/auxv */
	unsigned nr_auxv;
	unsigned def_flags;		/* mlockall(MCL_FUTURE) */
	unsigned dumpable;		/* 0, 1, 2 */
	struct cpumask cpus;		/* where it may have TLB entries (architectures with IPIs) */
	atomic_t membarrier_state;
	bool oom_reaped;
	bool thp_disable;		/* prctl: no 2 MiB blocks */
};
extern struct mm init_mm;	/* the kernel's own tables */

/* Life cycle. */
struct mm *mm_create(void);				/* empty; users = 1. NULL: no memory */
int mm_fork(struct mm *from, struct mm **out) __must_check;
static inline struct mm *mm_get(struct mm *mm) { atomic_inc(&mm->users); return mm; }
void mm_put(struct mm *mm);				/* may sleep */
struct mm *task_mm_get(struct task *t);			/* with users reference; NULL */
void mm_grab(struct mm *mm);				/* refs */
void mm_drop(struct mm *mm);
void mm_release_task(struct task *t);			/* exit: drops task's mm */
void mm_exec_switch(struct mm *mm);			/* current adopts a new mm */

/* Map. Callers do not hold mm->lock unless named _locked. Addresses of user's own making are checked. */
long vm_mmap(vaddr_t addr, uint64_t len, unsigned prot, unsigned map_flags, struct file *f, uint64_t off);
long vm_mmap_mm(struct mm *mm, vaddr_t addr, uint64_t len, unsigned prot, unsigned map_flags, struct file *f, uint64_t off);
int vm_munmap(vaddr_t addr, uint64_t len);
/* Unmaps what was mapped at @addr from a file whose areas have these operations, all its parts that are left: shmdt(2). */
int vm_unmap_attached(vaddr_t addr, const struct vm_ops *ops);
long vm_brk_set(vaddr_t brk);
int vm_brk_area(vaddr_t addr, uint64_t len);		/* exec: anonymous zero area, the bss */
int vm_stack_create(struct mm *mm, vaddr_t top, uint64_t size, unsigned prot);
int vm_map_special(struct mm *mm, vaddr_t addr, uint64_t len, unsigned flags, const struct vm_ops *ops, void *priv); /* vDSO, devices */
/* A free range for a caller that maps it with vm_map_special() next. 0 or -ENOMEM. */
int vm_find_free(struct mm *mm, uint64_t len, vaddr_t *out) __must_check;
struct vm_area *vm_find(struct mm *mm, vaddr_t va);	/* first with end > va; lock held */
struct vm_area *vm_next(struct vm_area *a);
struct vm_area *vm_first(struct mm *mm);
const char *vm_area_name(struct vm_area *a);		/* "[heap]", "[stack]", "[vdso]", or NULL */

/*
 * A user access faulted. Called by the architecture with interrupts on and no lock held. @access: VM_*.
 * Returns 0 (try again), or the si_code class: -EFAULT MAPERR, -EACCES ACCERR, -EIO SIGBUS/BUS_ADRERR, -ENOMEM
 * (the caller is being killed), -EINTR a fatal signal is pending. @user: from user mode (may grow the stack).
 */
int vm_fault(struct mm *mm, vaddr_t va, unsigned access, bool user);

/* Access another (or the own) address space from kernel code; returns bytes done, or -EFAULT/-EIO when none. */
ssize_t vm_access(struct mm *mm, vaddr_t va, void *buf, size_t len, bool write, bool force);
/* The page behind a user address with a reference (faulted in; for writing: private copy made). */
int vm_get_page(struct mm *mm, vaddr_t va, unsigned access, struct page **out) __must_check;
/* An identity for shared futexes: (object, offset). */
struct vm_key { uint64_t a, b; uint32_t offset; bool shared; };
int vm_futex_key(vaddr_t uaddr, bool shared, bool write, struct vm_key *key) __must_check;
void vm_futex_key_put(struct vm_key *key);

/* Unmap file pages [first, last] from every address space that maps @cache (truncation, reclaim). @even_private: private copies too. */
void vm_unmap_cache(struct page_cache *cache, uint64_t first, uint64_t last, bool even_private);
/* A range that is free now, for a caller that maps it next (exec's vDSO: nobody else changes the map). */
int vm_find_free(struct mm *mm, uint64_t len, vaddr_t *out) __must_check;
bool vm_randomize(void);		/* user addresses of the running task: personality, nokaslr, norandmaps */
uint64_t oom_badness(struct task *t);
/* Charges the commit limit; vm_uncommit() gives back. */
bool vm_may_commit(uint64_t pages);
void vm_uncommit(uint64_t pages);
extern int vm_overcommit_memory, vm_overcommit_ratio;

/* The page-table walk (pgtable.c), for user and kernel tables. */
pte_t *pt_lookup(struct mm *mm, vaddr_t va, int *level);	/* last valid level's entry, or NULL */
int kernel_map(vaddr_t va, paddr_t pa, size_t size, unsigned prot) __must_check;
void kernel_unmap(vaddr_t va, size_t size);			/* with the TLB flush */
int kernel_protect(vaddr_t va, size_t size, unsigned prot);
