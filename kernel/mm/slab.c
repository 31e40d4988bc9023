/* SPDX-License-Identifier: MIT */
/*
 * Objects: caches of equal-sized pieces of pages ("slabs"), each with a stack of free objects
 * per CPU.
 *
 * The fast paths touch only the CPU's stack, with interrupts off: a pointer is popped or
 * pushed. When the stack is empty or full, half of it is exchanged with the slabs under the
 * cache's lock.
 *
 * Invariants
 *	A slab is 2^order pages, each with PG_SLAB and page->slab; the head page carries the
 *	list of its free objects, the count of those that are out (in use or on a stack), and
 *	page->order. A slab with free objects is on the cache's partial list exactly once
 *	(singly linked by frame number through the head's slab_cpu; SLAB_LISTED says so). An
 *	empty slab stays on it until trimmed. Free objects are linked through their first word,
 *	or, where the object must keep its constructed state (KMEM_TYPESAFE_RCU or a
 *	constructor), through a word behind it.
 *
 * CONFIG_DEBUG: a freed object is filled with 0x6b and looked at when it is handed out again;
 * a state word behind each object catches overruns, double frees and frees of something else.
 *
 * Locks: cache->lock (LR_SLAB, interrupts off); the list of caches is written under caches_lock.
 * References: Bonwick, "The Slab Allocator" (1994), Bonwick and Adams, "Magazines and Vmem" (2001).
 */
#include <kernel/panic.h>
#include <kernel/percpu.h>
#include <kernel/rcu.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include <arch/irq.h>
#include "mm_internal.h"

#define MAG_SIZE 24u
#define SLAB_NEXT_NONE 0u	/* frame 0 is never given out */
#define SLAB_LISTED PG_DIRTY	/* of a slab page: on the partial list */
#define KEEP_EMPTY 2u
#define POISON 0x6b
#define STATE_USED 0xa11cd0beefa11cd0ull
#define STATE_FREE 0xf4ee0b1ecf4ee0b1ull

struct magazine {
	uint32_t n;
	uint32_t size;
	void *obj[MAG_SIZE];
};
struct kmem_cache {
	struct magazine mag[CONFIG_NR_CPUS];
	struct spinlock lock;
	uint32_t partial;		/* frame number of the first slab with free objects */
	uint32_t nr_empty;
	uint32_t size;			/* what the user gets */
	uint32_t stride;		/* from one object to the next */
	uint32_t link_off;		/* where a free object holds the link */
	uint32_t state_off;		/* debug: the state word; 0: none */
	uint16_t per_slab;
	uint8_t order;
	bool keep_state;		/* contents survive being free */
	unsigned flags;
	void (*ctor)(void *);
	const char *name;
	uint64_t nr_slabs;
	struct list_head link;
};

static struct kmem_cache cache_cache;
static LIST_HEAD(caches);
static DEFINE_SPINLOCK(caches_lock, LR_SLAB);

static inline void **link_of(const struct kmem_cache *c, void *obj)
{
	return (void **)((char *)obj + c->link_off);
}

static inline uint64_t *state_of(const struct kmem_cache *c, void *obj)
{
	return (uint64_t *)((char *)obj + c->state_off);
}

static inline struct page *slab_head(struct page *p)
{
	return pfn_to_page(page_to_pfn(p) & ~((1ull << p->order) - 1));
}

static void debug_bad(const struct kmem_cache *c, void *obj, const char *what)
{
	panic("%s: object %p of cache %s", what, obj, c->name);
}

static void debug_on_free(struct kmem_cache *c, void *obj)
{
	struct page *head = slab_head(virt_to_page(obj));

	if (!(head->flags & PG_SLAB) || head->slab != c)
		debug_bad(c, obj, "free of what is not ours");
	if (((uintptr_t)obj - (uintptr_t)page_to_virt(head)) % c->stride)
		debug_bad(c, obj, "free of the middle");
	if (*state_of(c, obj) == STATE_FREE)
		debug_bad(c, obj, "double free");
	if (*state_of(c, obj) != STATE_USED)
		debug_bad(c, obj, "written behind its end");
	*state_of(c, obj) = STATE_FREE;
	if (!c->keep_state)
		memset(obj, POISON, c->size);
}

static void debug_on_alloc(struct kmem_cache *c, void *obj)
{
	if (*state_of(c, obj) != STATE_FREE)
		debug_bad(c, obj, "free object overrun");
	*state_of(c, obj) = STATE_USED;
	if (c->keep_state)
		return;
	/* The link was in the first word. */
	for (uint32_t i = 8; i < c->size; i++)
		if (((uint8_t *)obj)[i] != POISON)
			debug_bad(c, obj, "used after it was freed");
}

/* A new slab: constructed, its objects linked in address order. No lock held. */
static struct page *slab_make(struct kmem_cache *c, gfp_t gfp)
{
	struct page *head = page_alloc(c->order, gfp & ~(GFP_ZERO | GFP_HIGHUSER));
	char *base;
	void **prev;

	if (!head)
		return NULL;
	for (unsigned i = 0; i < 1u << c->order; i++) {
		head[i].flags = PG_SLAB;
		head[i].order = c->order;
		head[i].slab = c;
	}
	base = page_to_virt(head);
	head->free = base;
	head->inuse = 0;
	head->objects = c->per_slab;
	for (unsigned i = 0; i < c->per_slab; i++) {
		char *obj = base + (size_t)i * c->stride;

		if (CONFIG_DEBUG) {
			if (!c->keep_state)
				memset(obj, POISON, c->size);
			*state_of(c, obj) = STATE_FREE;
		}
		if (c->ctor)
			c->ctor(obj);
		else if (c->keep_state)
			memset(obj, 0, c->size);
		prev = link_of(c, obj);
		*prev = i + 1u < c->per_slab ? obj + c->stride : NULL;
	}
	mem_count(MEM_SLAB, 1l << c->order);
	return head;
}

static void slab_free_pages(struct page *head)
{
	unsigned order = head->order;

	mem_count(MEM_SLAB, -(1l << order));
	for (unsigned i = 0; i < 1u << order; i++) {
		head[i].flags = 0;
		if (i)
			head[i].order = 0;
	}
	page_free(head, order);
}

static void slab_free_rcu(struct rcu_head *r)
{
	/* The head sits in the slab's own memory: nobody reads it as an object any more. */
	slab_free_pages(slab_head(virt_to_page(r)));
}

static void slab_destroy(struct kmem_cache *c, struct page *head)
{
	/*
	 * A reader may still look at an object: its memory may become something else only
	 * after that.
	 */
	if (c->flags & KMEM_TYPESAFE_RCU) {
		struct rcu_head *r = (void *)link_of(c, page_to_virt(head));

		/* The link word and what is behind it belong to the allocator, not to readers. */
		call_rcu(r, slab_free_rcu);
	} else {
		slab_free_pages(head);
	}
}

static void partial_push(struct kmem_cache *c, struct page *head)
{
	head->slab_cpu = c->partial;
	head->flags |= SLAB_LISTED;
	c->partial = (uint32_t)page_to_pfn(head);
}

/* Up to @want free objects onto the stack of this CPU. Lock held. */
static void mag_fill(struct kmem_cache *c, struct magazine *m, unsigned want)
{
	while (m->n < want && c->partial != SLAB_NEXT_NONE) {
		struct page *head = pfn_to_page((uint64_t)c->partial);

		if (!head->inuse && head->free)
			c->nr_empty -= c->nr_empty > 0;
		while (m->n < want && head->free) {
			void *obj = head->free;

			head->free = *link_of(c, obj);
			head->inuse++;
			m->obj[m->n++] = obj;
		}
		if (!head->free) {
			c->partial = head->slab_cpu;
			head->flags &= (uint16_t)~SLAB_LISTED;
		}
	}
}

/* One object back into its slab. Lock held. */
static void slab_return(struct kmem_cache *c, void *obj)
{
	struct page *head = slab_head(virt_to_page(obj));

	*link_of(c, obj) = head->free;
	head->free = obj;
	if (--head->inuse == 0)
		c->nr_empty++;
	if (!(head->flags & SLAB_LISTED))
		partial_push(c, head);
}

/*
 * Takes the empty slabs beyond @keep off the list; returns them linked through slab_cpu. Lock
 * held.
 */
static uint32_t slab_trim(struct kmem_cache *c, unsigned keep)
{
	uint32_t *at = &c->partial, gone = SLAB_NEXT_NONE;

	while (*at != SLAB_NEXT_NONE && c->nr_empty > keep) {
		struct page *head = pfn_to_page((uint64_t)*at);
		uint32_t pfn = *at;

		if (head->inuse) {
			at = &head->slab_cpu;
			continue;
		}
		*at = head->slab_cpu;
		head->flags &= (uint16_t)~SLAB_LISTED;
		head->slab_cpu = gone;
		gone = pfn;
		c->nr_empty--;
		c->nr_slabs--;
	}
	return gone;
}

static uint64_t slab_destroy_list(struct kmem_cache *c, uint32_t pfn)
{
	uint64_t n = 0;

	while (pfn != SLAB_NEXT_NONE) {
		struct page *head = pfn_to_page((uint64_t)pfn);

		pfn = head->slab_cpu;
		n += 1ull << c->order;
		slab_destroy(c, head);
	}
	return n;
}

static __noinline void *alloc_slow(struct kmem_cache *c, gfp_t gfp)
{
	for (;;) {
		irqflags_t f = spin_lock_irqsave(&c->lock);
		struct magazine *m = &c->mag[smp_processor_id()];
		struct page *head;
		void *obj = NULL;

		if (!m->n)
			mag_fill(c, m, m->size / 2);
		if (m->n)
			obj = m->obj[--m->n];
		spin_unlock_irqrestore(&c->lock, f);
		if (obj)
			return obj;
		head = slab_make(c, gfp);
		if (!head)
			return NULL;
		f = spin_lock_irqsave(&c->lock);
		c->nr_empty++;
		c->nr_slabs++;
		partial_push(c, head);
		spin_unlock_irqrestore(&c->lock, f);
	}
}

static __noinline void free_slow(struct kmem_cache *c, void *obj)
{
	irqflags_t f = spin_lock_irqsave(&c->lock);
	struct magazine *m = &c->mag[smp_processor_id()];
	uint32_t gone = SLAB_NEXT_NONE;

	while (m->n > m->size / 2)
		slab_return(c, m->obj[--m->n]);
	m->obj[m->n++] = obj;
	if (c->nr_empty > KEEP_EMPTY + c->nr_slabs / 8)
		gone = slab_trim(c, KEEP_EMPTY);
	spin_unlock_irqrestore(&c->lock, f);
	slab_destroy_list(c, gone);
}

static __always_inline void *cache_alloc(struct kmem_cache *c, gfp_t gfp)
{
	irqflags_t f = arch_irq_save();
	struct magazine *m = &c->mag[smp_processor_id()];
	void *obj;

	if (likely(m->n)) {
		obj = m->obj[--m->n];
		arch_irq_restore(f);
	} else {
		arch_irq_restore(f);
		obj = alloc_slow(c, gfp);
		if (unlikely(!obj))
			return NULL;
	}
	if (CONFIG_DEBUG)
		debug_on_alloc(c, obj);
	if (gfp & GFP_ZERO)
		memset(obj, 0, c->size);
	return obj;
}

static __always_inline void cache_free(struct kmem_cache *c, void *obj)
{
	irqflags_t f;
	struct magazine *m;

	if (CONFIG_DEBUG)
		debug_on_free(c, obj);
	f = arch_irq_save();
	m = &c->mag[smp_processor_id()];
	if (likely(m->n < m->size)) {
		m->obj[m->n++] = obj;
		arch_irq_restore(f);
		return;
	}
	arch_irq_restore(f);
	free_slow(c, obj);
}

void *kmem_cache_alloc(struct kmem_cache *c, gfp_t gfp)
{
	return cache_alloc(c, gfp);
}

void kmem_cache_free(struct kmem_cache *c, void *p)
{
	cache_free(c, p);
}

/* Caches are never destroyed, so the list may be walked without its lock; other CPUs' stacks are read as they are. */
void kmem_cache_for_each(void (*fn)(const struct kmem_cache_stat *st, void *arg), void *arg)
{
	struct kmem_cache *c;

	list_for_each_entry_rcu(c, &caches, link) {
		irqflags_t f = spin_lock_irqsave(&c->lock);
		struct kmem_cache_stat st = {
			.name = c->name, .size = c->stride, .per_slab = c->per_slab, .pages = 1u << c->order,
			.slabs = c->nr_slabs, .objects = c->nr_slabs * c->per_slab,
		};
		uint64_t free = 0;

		for (uint32_t pfn = c->partial; pfn != SLAB_NEXT_NONE;) {
			struct page *head = pfn_to_page((uint64_t)pfn);

			free += c->per_slab - head->inuse;
			pfn = head->slab_cpu;
		}
		for (unsigned cpu = 0; cpu < nr_cpus; cpu++)
			free += READ_ONCE(c->mag[cpu].n);
		st.used = st.objects - MIN(free, st.objects);
		spin_unlock_irqrestore(&c->lock, f);
		fn(&st, arg);
	}
}

/* All stacks of this CPU and all empty slabs back: reclaim. Other CPUs' stacks stay. */
static uint64_t slab_shrink(uint64_t want)
{
	struct kmem_cache *c;
	uint64_t freed = 0;

	(void)want;
	/* Caches are never destroyed: the list may be walked without its lock. */
	list_for_each_entry_rcu(c, &caches, link) {
		irqflags_t f = spin_lock_irqsave(&c->lock);
		struct magazine *m = &c->mag[smp_processor_id()];
		uint32_t gone;

		while (m->n)
			slab_return(c, m->obj[--m->n]);
		gone = slab_trim(c, 0);
		spin_unlock_irqrestore(&c->lock, f);
		freed += slab_destroy_list(c, gone);
	}
	return freed;
}

static void cache_setup(struct kmem_cache *c, const char *name, size_t size, size_t align,
			unsigned flags, void (*ctor)(void *))
{
	size_t stride = MAX(size, sizeof(void *));
	unsigned order = 0, mag;

	c->name = name;
	c->flags = flags;
	c->ctor = ctor;
	c->size = (uint32_t)size;
	c->keep_state = ctor || (flags & (KMEM_TYPESAFE_RCU | KMEM_ZEROED_ONCE));
	align = MAX(align, (size_t)8);
	stride = ALIGN_UP(stride, (size_t)8);
	if (c->keep_state) {
		c->link_off = (uint32_t)stride;
		stride += flags & KMEM_TYPESAFE_RCU ? sizeof(struct rcu_head) : sizeof(void *);
	}
	if (CONFIG_DEBUG) {
		c->state_off = (uint32_t)stride;
		stride += 8;
	}
	stride = ALIGN_UP(stride, align);
	/* At least eight objects, or at most an eighth of the slab lost. */
	while (order < 3 && ((PAGE_SIZE << order) < stride || ((PAGE_SIZE << order) / stride < 8 &&
	       (PAGE_SIZE << order) % stride > (PAGE_SIZE << order) / 8)))
		order++;
	while ((PAGE_SIZE << order) < stride)
		order++;
	c->order = (uint8_t)order;
	c->stride = (uint32_t)stride;
	c->per_slab = (uint16_t)((PAGE_SIZE << order) / stride);
	/* The stacks of a CPU hold at most about two pages of one kind. */
	mag = (unsigned)MIN((size_t)MAG_SIZE, MAX(2 * PAGE_SIZE / stride, (size_t)4));
	for (unsigned i = 0; i < CONFIG_NR_CPUS; i++) {
		c->mag[i].n = 0;
		c->mag[i].size = mag;
	}
	c->partial = SLAB_NEXT_NONE;
	spin_lock_init(&c->lock, LR_SLAB);
	list_add_tail(&c->link, &caches);
}

struct kmem_cache *kmem_cache_create(const char *name, size_t size, size_t align, unsigned flags,
				     void (*ctor)(void *))
{
	struct kmem_cache *c = kmem_cache_alloc(&cache_cache, GFP_KERNEL | GFP_ZERO);
	irqflags_t f;

	if (!c)
		return NULL;
	f = spin_lock_irqsave(&caches_lock);
	cache_setup(c, name, size, align, flags, ctor);
	spin_unlock_irqrestore(&caches_lock, f);
	return c;
}

/* ---- kmalloc: a cache per size class */

static const uint16_t class_sizes[] = {
	16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 4096, 8192,
};
#define NR_CLASSES ARRAY_SIZE(class_sizes)
#define KMALLOC_MAX_CACHE 8192u
static struct kmem_cache kmalloc_caches[NR_CLASSES];
static uint8_t small_class[1024 / 16 + 1];	/* by (size + 15) / 16 */
static const char *const class_names[NR_CLASSES] = {
	"kmalloc-16",	"kmalloc-32",  "kmalloc-48",  "kmalloc-64",  "kmalloc-96",  "kmalloc-128",
	"kmalloc-192",	"kmalloc-256", "kmalloc-384", "kmalloc-512", "kmalloc-768", "kmalloc-1k",
	"kmalloc-1536", "kmalloc-2k",  "kmalloc-4k",  "kmalloc-8k",
};

static __noinline void *kmalloc_large(size_t size, gfp_t gfp)
{
	unsigned order = 0;
	struct page *p;

	if (size > PAGE_SIZE << MAX_ORDER)
		return NULL;
	while ((PAGE_SIZE << order) < size)
		order++;
	p = page_alloc(order, gfp & ~GFP_HIGHUSER);
	if (!p)
		return NULL;
	p->flags = PG_KMALLOC;
	mem_count(MEM_SLAB, 1l << order);
	return page_to_virt(p);
}

void *kmalloc(size_t size, gfp_t gfp)
{
	struct kmem_cache *c;

	if (likely(size <= 1024))
		c = &kmalloc_caches[small_class[(size + 15) / 16]];
	else if (size <= 2048)
		c = &kmalloc_caches[size <= 1536 ? 12 : 13];
	else if (size <= KMALLOC_MAX_CACHE)
		c = &kmalloc_caches[size <= 4096 ? 14 : 15];
	else
		return kmalloc_large(size, gfp);
	return cache_alloc(c, gfp);
}

void kfree(const void *p)
{
	struct page *pg;

	if (unlikely(!p))
		return;
	pg = virt_to_page(p);
	if (likely(pg->flags & PG_SLAB)) {
		cache_free(pg->slab, (void *)(uintptr_t)p);
		return;
	}
	BUG_ON(!(pg->flags & PG_KMALLOC));
	mem_count(MEM_SLAB, -(1l << pg->order));
	pg->flags = 0;
	page_free(pg, pg->order);
}

size_t ksize(const void *p)
{
	struct page *pg;

	if (!p)
		return 0;
	pg = virt_to_page(p);
	return pg->flags & PG_SLAB ? pg->slab->size : PAGE_SIZE << pg->order;
}

void slab_init(void)
{
	static struct shrinker shrinker = { .name = "slab", .shrink = slab_shrink };
	unsigned c = 0;

	for (unsigned i = 0; i < NR_CLASSES; i++) {
		size_t size = class_sizes[i];
		/* powers of two lie on their own size, up to a page */
		size_t align = size & -size;

		cache_setup(&kmalloc_caches[i], class_names[i], size, MIN(align, (size_t)PAGE_SIZE),
			    0, NULL);
	}
	for (unsigned i = 0; i < ARRAY_SIZE(small_class); i++) {
		while (class_sizes[c] < i * 16)
			c++;
		small_class[i] = (uint8_t)c;
	}
	cache_setup(&cache_cache, "kmem_cache", sizeof(struct kmem_cache), CACHE_LINE, 0, NULL);
	shrinker_register(&shrinker);
}
