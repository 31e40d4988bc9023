/* SPDX-License-Identifier: MIT */
/*
 * Address-space identifiers, and which user tables a CPU walks.
 *
 * mm->arch.id is generation | ASID. An id of the current generation is the owner's alone. When
 * the numbers run out, the generation goes up and all numbers are free again, except those that
 * are on a CPU at that moment: `reserved` remembers them for their owners. Each CPU empties its
 * TLB before it next loads an id of the new generation (flush_pending).
 *
 * `active` is the id a CPU has loaded last; 0 only between a roll-over and that CPU's next switch.
 *
 * Why a roll-over cannot leave two live address spaces with one number:
 *   - The fast path installs its id with a compare-and-swap on `active` against the value read
 *     before it looked at the generation; the roll-over takes every `active` by exchange with
 *     0. They are atomic on one word, so either the swap comes first and the roll-over sees the
 *     id and reserves it, or the exchange comes first, the swap fails and the slow path takes
 *     the lock. The generation is raised before the exchanges, and both sides are fully
 *     ordered, so a fast path whose swap succeeds after the exchange of its CPU would have had
 *     to read a non-zero `active` from after it, written by the slow path of the same CPU in
 *     the new generation; then the id is compared with the new one.
 *   - An `active` of 0 at a further roll-over means that the CPU still runs on what `reserved`
 *     has from before: it is kept.
 *   - A stale TLB entry of a reused number could live on a CPU that has not switched since;
 *     that CPU still runs the number's old owner, whose number is reserved and so not reused.
 *     When it switches it flushes first.
 *
 * Locks: asid_lock (LR_ASID) for the map, the generation and `reserved`. Runs with interrupts off.
 * Kernel threads run on an empty table with ASID 0, which nobody else gets.
 */
#include <kernel/percpu.h>
#include <kernel/spinlock.h>
#include <kernel/string.h>
#include <kernel/vm.h>
#include <machine/asid.h>

#define GENERATION	(ASID_MASK + 1)

static DEFINE_SPINLOCK(asid_lock, LR_ASID);
static atomic64_t generation = ATOMIC_INIT(GENERATION);
static unsigned nr_asids __ro_after_init = 256;
static DECLARE_BITMAP(asid_map, 65536);
static unsigned asid_hint = 1;
static unsigned long flush_pending[BITS_TO_LONGS(CONFIG_NR_CPUS)];
static DEFINE_PERCPU(atomic64_t, active);
static DEFINE_PERCPU(uint64_t, reserved);

static const uint64_t empty_table[512] __aligned(PAGE_SIZE);
static paddr_t empty_pa __ro_after_init;

/* Boot CPU. The boot code has set TCR_EL1.AS by the same field. */
void arm64_asid_init(void)
{
	if (id_field(read_sysreg(id_aa64mmfr0_el1), 4) == 2)
		nr_asids = 65536;
	empty_pa = virt_to_phys(empty_table);
}

static void load_tables(uint64_t ttbr)
{
	write_sysreg(ttbr0_el1, ttbr);
	isb();		/* user accesses of the kernel use it from here on */
}

void arch_mm_deactivate(void)
{
	load_tables(empty_pa);
}

static void roll_over(void)
{
	unsigned cpu;
	uint64_t id;

	memset(asid_map, 0, sizeof(asid_map));
	for (cpu = 0; cpu < CONFIG_NR_CPUS; cpu++) {
		if (cpu && !percpu_offset[cpu])
			continue;
		id = (uint64_t)atomic64_xchg(&per_cpu(active, cpu), 0);
		if (!id)
			id = per_cpu(reserved, cpu);
		per_cpu(reserved, cpu) = id;
		if (id)
			set_bit((unsigned)(id & ASID_MASK), asid_map);
		set_bit(cpu, flush_pending);
	}
}

/* Every CPU that has @id in reserve now means @fresh: an address space may run on several. */
static bool reserved_renew(uint64_t id, uint64_t fresh)
{
	bool hit = false;
	unsigned cpu;

	for (cpu = 0; cpu < CONFIG_NR_CPUS; cpu++) {
		if (cpu && !percpu_offset[cpu])
			continue;
		if (per_cpu(reserved, cpu) == id) {
			per_cpu(reserved, cpu) = fresh;
			hit = true;
		}
	}
	return hit;
}

static uint64_t new_id(struct mm *mm)
{
	uint64_t id = mm->arch.id, gen = (uint64_t)atomic64_read(&generation);
	unsigned n;

	if (id) {
		uint64_t fresh = gen | (id & ASID_MASK);

		if (reserved_renew(id, fresh))
			return fresh;
		/*
		 * Its old number, if nobody has taken it in this generation: keeps caches of it
		 * useful to debuggers only, but costs nothing.
		 */
		if (!test_bit((unsigned)(id & ASID_MASK), asid_map)) {
			set_bit((unsigned)(id & ASID_MASK), asid_map);
			return fresh;
		}
	}
	n = find_next_zero_bit(asid_map, nr_asids, asid_hint);
	if (n >= nr_asids) {
		gen = (uint64_t)atomic64_add_return(&generation, GENERATION);
		roll_over();
		/* At most CONFIG_NR_CPUS are reserved: there is a free one. */
		n = find_next_zero_bit(asid_map, nr_asids, 1);
	}
	set_bit(n, asid_map);
	asid_hint = n + 1;
	return gen | n;
}

static __noinline void switch_slow(struct mm *next)
{
	unsigned cpu = smp_processor_id();
	uint64_t id;

	spin_lock(&asid_lock);
	id = next->arch.id;
	if ((id ^ (uint64_t)atomic64_read(&generation)) >= GENERATION) {
		id = new_id(next);
		WRITE_ONCE(next->arch.id, id);
	}
	if (test_bit(cpu, flush_pending)) {
		clear_bit(cpu, flush_pending);
		/* Local: the other CPUs do the same before they use the new generation. */
		arch_mm_deactivate();
		dsb(nshst);
		__asm__ volatile("tlbi vmalle1" : : : "memory");
		dsb(nsh);
	}
	atomic64_set(&this_cpu(active), (int64_t)id);
	spin_unlock(&asid_lock);
}

/*
 * This CPU is the first to load @mm, or the second: then flushes are for all from now on. See "Home" in mmu.c: the note comes
 * before the first walk.
 */
static __noinline void note_home(struct mm *mm, uint32_t me)
{
	uint32_t none = 0;

	if (!__atomic_compare_exchange_n(&mm->arch.home, &none, me, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		WRITE_ONCE(mm->arch.home, ARM64_HOME_MANY);
	dsb(ish);	/* seen by every CPU before TTBR0_EL1 is written; pairs with only_here() */
}

void arch_mm_switch(struct mm *prev, struct mm *next)
{
	atomic64_t *mine = &this_cpu(active);
	int64_t was = atomic64_read(mine);
	uint64_t id = READ_ONCE(next->arch.id);
	uint32_t home;

	if (unlikely(!was || (id ^ (uint64_t)atomic64_read(&generation)) >= GENERATION ||
		     !atomic64_cas(mine, was, (int64_t)id)))
		switch_slow(next);
	home = READ_ONCE(next->arch.home);
	if (unlikely(home != smp_processor_id() + 1 && home != ARM64_HOME_MANY))
		note_home(next, smp_processor_id() + 1);
	load_tables(arm64_asid(next) << 48 | virt_to_phys(next->arch.root));
}
