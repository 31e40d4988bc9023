/* SPDX-License-Identifier: MIT */
/*
 * The vDSO: an ELF shared object of a few functions (arch/NAME/vdso/ and vdso_clock.h beside this), linked at build time
 * and embedded in the kernel, mapped into each process behind one page of data, [vvar], which only the kernel writes.
 * Locks: writers of the page are serialised by the clock; readers need none.
 */
#include <kernel/atomic.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/panic.h>
#include <kernel/random.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include <kernel/vdso.h>
#include <kernel/vm.h>

static union {
	struct vdso_data data;
	uint8_t page[PAGE_SIZE];
} vvar __aligned(PAGE_SIZE);

#define VDSO_SIZE ((size_t)(arch_vdso_end - arch_vdso_start))

void vdso_update(uint64_t base, uint64_t mult, nsec_t real_offset)
{
	struct vdso_data *d = &vvar.data;

	BUG_ON(d->clocks && (d->base != base || d->mult != mult));	/* readers take them without looking twice */
	WRITE_ONCE(d->base, base);
	WRITE_ONCE(d->mult, mult);
	WRITE_ONCE(d->inverse, VDSO_INVERSE);
	WRITE_ONCE(d->nsec_per_sec, NSEC_PER_SEC);
	WRITE_ONCE(d->offset[CLOCK_REALTIME], real_offset);
	WRITE_ONCE(d->offset[CLOCK_REALTIME_COARSE], real_offset);
	WRITE_ONCE(d->offset[CLOCK_TAI], real_offset);
	smp_store_release(&d->clocks, VDSO_CLOCK_MASK);
}

/*
 * Image pages: the frames are the kernel's for ever, the reference keeps the unmapping code
 * from giving them away.
 */
static int special_fault(struct vm_fault *vmf)
{
	const char *at = vmf->area->private;
	size_t off = vmf->va - vmf->area->start;

	vmf->page = phys_to_page(virt_to_phys(at + off));
	page_get(vmf->page);
	return 0;
}

static const char *vvar_name(struct vm_area *a)
{
	return "[vvar]";
}

static const char *vdso_name(struct vm_area *a)
{
	return "[vdso]";
}

static int no_split(struct vm_area *a, vaddr_t at)
{
	return -EINVAL;
}

static const struct vm_ops vvar_ops = { .fault = special_fault, .name = vvar_name, .may_split = no_split };
static const struct vm_ops vdso_ops = { .fault = special_fault, .name = vdso_name, .may_split = no_split };

int vdso_map(struct mm *mm)
{
	size_t size = ALIGN_UP(VDSO_SIZE, PAGE_SIZE);
	vaddr_t at;
	int err;

	err = vm_find_free(mm, PAGE_SIZE + size, &at);
	if (err)
		return err;
	err = vm_map_special(mm, at, PAGE_SIZE, VM_READ | VM_MAYREAD | VM_DONTEXPAND | VM_DONTDUMP | VM_VDSO,
			     &vvar_ops, &vvar);
	if (err)
		return err;
	err = vm_map_special(mm, at + PAGE_SIZE, size,
			     VM_READ | VM_EXEC | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC | VM_DONTEXPAND | VM_VDSO, &vdso_ops,
			     (void *)(uintptr_t)arch_vdso_start);
	if (err)
		return err;
	mm->vdso = at + PAGE_SIZE;
	return 0;
}

static int vdso_init(void)
{
	size_t off;

	/* One reference of our own for each frame: image frames have none by nature. */
	page_get(phys_to_page(virt_to_phys(&vvar)));
	for (off = 0; off < VDSO_SIZE; off += PAGE_SIZE)
		page_get(phys_to_page(virt_to_phys(arch_vdso_start + off)));
	return 0;
}
INITCALL(1, vdso_init);
