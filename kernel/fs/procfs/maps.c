/* SPDX-License-Identifier: MIT */
/* /proc/N/maps, smaps and smaps_rollup: the areas of an address space, as parsers expect them. mm->lock is held for reading while the text is made. */
#include "proc_internal.h"
#include <kernel/vm.h>
#include <uapi/statfs.h>

static void show_name(struct seq *s, struct vm_area *a, size_t column_start)
{
	const char *name = vm_area_name(a);

	if (!a->file && !name) {
		seq_putc(s, '\n');
		return;
	}
	/* The name begins at column 74. */
	while (s->count - column_start < 73 && !s->overflow)
		seq_putc(s, ' ');
	if (a->file && !name)
		seq_escape_path(s, &a->file->path, NULL, "\n");
	else
		seq_puts(s, name);
	seq_putc(s, '\n');
}

static void show_area(struct seq *s, struct vm_area *a)
{
	size_t start = s->count;
	dev_t dev = 0;
	ino_t ino = 0;

	if (a->file) {
		dev = a->file->inode->sb->dev;
		ino = a->file->inode->ino;
	}
	seq_printf(s, "%08lx-%08lx %c%c%c%c %08lx %02x:%02x %lu ", (unsigned long)a->start, (unsigned long)a->end, a->flags & VM_READ ? 'r' : '-',
		   a->flags & VM_WRITE ? 'w' : '-', a->flags & VM_EXEC ? 'x' : '-', a->flags & VM_SHARED ? 's' : 'p',
		   a->file ? (unsigned long)(a->pgoff << PAGE_SHIFT) : 0ul, MAJOR(dev), MINOR(dev), (unsigned long)ino);
	show_name(s, a, start);
}

int proc_show_maps(struct seq *s, struct mm *mm)
{
	down_read(&mm->lock);
	for (struct vm_area *a = vm_first(mm); a; a = vm_next(a))
		show_area(s, a);
	up_read(&mm->lock);
	return 0;
}

struct usage {
	uint64_t size, rss, pss, pss_dirty, pss_anon, pss_shmem, shared_clean, shared_dirty, private_clean, private_dirty, anon, huge;
};

/* What the page tables hold of the area now; entries may change under us: the figures are a picture. */
static void count_area(struct vm_area *a, struct usage *u)
{
	bool shmem = a->file && a->file->inode->sb->magic == TMPFS_MAGIC;

	u->size += a->end - a->start;
	for (vaddr_t va = a->start; va < a->end;) {
		int level;
		pte_t *p = pt_lookup(a->mm, va, &level), e;
		vaddr_t step = 1ull << (12 + 9 * (3 - level));
		uint64_t bytes;

		if (!p) {
			va = ALIGN_DOWN(va, HUGE_SIZE) + HUGE_SIZE;
			continue;
		}
		e = pte_get(p);
		bytes = MIN(ALIGN_DOWN(va, step) + step, a->end) - va;
		if (!pte_none(e) && pte_present(e) && !pte_is_table(e, level) && !pte_special(e)) {
			struct page *page = phys_to_page(pte_phys(e));
			int mappings = proc_page_mappings(page);
			bool dirty = pte_writable(e) || (page->flags & PG_ANON);
			uint64_t part = bytes / (unsigned)mappings;

			u->rss += bytes;
			u->pss += part;
			if (dirty)
				u->pss_dirty += part;
			if (page->flags & PG_ANON) {
				u->anon += bytes;
				u->pss_anon += part;
			} else if (shmem) {
				u->pss_shmem += part;
			}
			if (level < 3)
				u->huge += bytes;
			if (mappings > 1)
				*(dirty ? &u->shared_dirty : &u->shared_clean) += bytes;
			else
				*(dirty ? &u->private_dirty : &u->private_clean) += bytes;
		}
		va += bytes;
	}
}

static void show_usage(struct seq *s, const struct usage *u, bool rollup)
{
	enum { BOTH, AREA, ROLLUP };
	const struct { const char *name; uint64_t v; int where; } rows[] = {
		{ "Size:           ", u->size, AREA }, { "KernelPageSize: ", PAGE_SIZE, AREA }, { "MMUPageSize:    ", PAGE_SIZE, AREA },
		{ "Rss:            ", u->rss, BOTH }, { "Pss:            ", u->pss, BOTH }, { "Pss_Dirty:      ", u->pss_dirty, BOTH },
		{ "Pss_Anon:       ", u->pss_anon, ROLLUP }, { "Pss_File:       ", u->pss - u->pss_anon - u->pss_shmem, ROLLUP },
		{ "Pss_Shmem:      ", u->pss_shmem, ROLLUP },
		{ "Shared_Clean:   ", u->shared_clean, BOTH }, { "Shared_Dirty:   ", u->shared_dirty, BOTH },
		{ "Private_Clean:  ", u->private_clean, BOTH }, { "Private_Dirty:  ", u->private_dirty, BOTH },
		{ "Referenced:     ", u->rss, BOTH }, { "Anonymous:      ", u->anon, BOTH }, { "LazyFree:       ", 0, BOTH },
		{ "AnonHugePages:  ", u->huge, BOTH }, { "ShmemPmdMapped: ", 0, BOTH }, { "FilePmdMapped:  ", 0, BOTH },
		{ "Shared_Hugetlb: ", 0, BOTH }, { "Private_Hugetlb:", 0, BOTH }, { "Swap:           ", 0, BOTH },
		{ "SwapPss:        ", 0, BOTH }, { "Locked:         ", 0, BOTH },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].where != (rollup ? AREA : ROLLUP))
			seq_printf(s, "%s %7lu kB\n", rows[i].name, (unsigned long)(rows[i].v >> 10));
}

static void show_flags(struct seq *s, unsigned flags)
{
	static const struct { unsigned bit; char name[3]; } names[] = {
		{ VM_READ, "rd" }, { VM_WRITE, "wr" }, { VM_EXEC, "ex" }, { VM_SHARED, "sh" }, { VM_MAYREAD, "mr" }, { VM_MAYWRITE, "mw" },
		{ VM_MAYEXEC, "me" }, { VM_GROWSDOWN, "gd" }, { VM_LOCKED, "lo" }, { VM_SEQ_READ, "sr" }, { VM_RAND_READ, "rr" },
		{ VM_DONTCOPY, "dc" }, { VM_DONTEXPAND, "de" }, { VM_ACCOUNT, "ac" }, { VM_NORESERVE, "nr" }, { VM_WIPEONFORK, "wf" },
		{ VM_DONTDUMP, "dd" }, { VM_HUGEPAGE, "hg" }, { VM_NOHUGEPAGE, "nh" }, { VM_MERGEABLE, "mg" },
	};

	seq_puts(s, "VmFlags:");
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		if (flags & names[i].bit)
			seq_printf(s, " %s", names[i].name);
	seq_puts(s, " \n");
}

int proc_show_smaps(struct seq *s, struct mm *mm)
{
	down_read(&mm->lock);
	for (struct vm_area *a = vm_first(mm); a; a = vm_next(a)) {
		struct usage u = { 0 };

		count_area(a, &u);
		show_area(s, a);
		show_usage(s, &u, false);
		seq_puts(s, "THPeligible:    0\n");
		show_flags(s, a->flags);
	}
	up_read(&mm->lock);
	return 0;
}

int proc_show_smaps_rollup(struct seq *s, struct mm *mm)
{
	struct usage u = { 0 };
	struct vm_area *a;
	vaddr_t first = 0, last = 0;

	down_read(&mm->lock);
	for (a = vm_first(mm); a; a = vm_next(a)) {
		if (!first)
			first = a->start;
		last = a->end;
		count_area(a, &u);
	}
	up_read(&mm->lock);
	seq_printf(s, "%08lx-%08lx ---p 00000000 00:00 0                                  [rollup]\n", (unsigned long)first, (unsigned long)last);
	show_usage(s, &u, true);
	return 0;
}
