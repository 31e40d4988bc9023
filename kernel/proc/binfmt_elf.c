/* SPDX-License-Identifier: MIT */
/*
 * ELF programs: static, static position-independent, and dynamic through PT_INTERP. The headers are checked by
 * elf_check.c before anything is changed, so that the arithmetic here cannot overflow and a bad file is refused while
 * the old program still exists.
 *
 * Where things go (as on Linux): ET_EXEC at its own addresses; a position-independent program with an interpreter at two
 * thirds of the address space plus a random part; interpreters, and position-independent programs without one, where
 * mmap puts them. The heap follows the program's bss after a random gap.
 */
#include <kernel/cred.h>
#include <kernel/errno.h>
#include <kernel/random.h>
#include <kernel/string.h>
#include <kernel/syscall.h>
#include <kernel/uaccess.h>
#include <kernel/vdso.h>
#include <uapi/auxvec.h>
#include <uapi/mman.h>
#include "elf_check.h"
#include "exec_internal.h"

#define ET_DYN_BASE	ALIGN_DOWN(USER_END / 3 * 2, HUGE_SIZE)
#define CLOCK_TICKS	100

struct elf_image {
	struct file *file;
	struct elf64_ehdr h;
	struct elf64_phdr *ph;		/* kmalloc */
	struct elf_layout l;
	uint64_t bias;			/* memory address - file's address */
};

static int image_read(struct elf_image *im, struct file *f, const char *head, size_t have)
{
	size_t bytes;
	loff_t pos;
	ssize_t n;
	int err;

	im->file = f;
	if (have < sizeof(im->h))
		return -ENOEXEC;
	memcpy(&im->h, head, sizeof(im->h));
	err = elf_check_header(&im->h, have, ARCH_ELF_MACHINE);
	if (err || !arch_compat_ok(im->h.e_flags))
		return -ENOEXEC;
	bytes = im->h.e_phnum * sizeof(struct elf64_phdr);
	im->ph = kmalloc(bytes, GFP_KERNEL);
	if (!im->ph)
		return -ENOMEM;
	if (im->h.e_phoff + bytes <= have) {
		memcpy(im->ph, head + im->h.e_phoff, bytes);
	} else {
		pos = (loff_t)im->h.e_phoff;
		n = kernel_read(f, im->ph, bytes, &pos);
		if (n != (ssize_t)bytes)
			return -ENOEXEC;
	}
	return elf_check_segments(&im->h, im->ph, PAGE_SIZE, USER_END, &im->l);
}

/* Opens the program interpreter. */
static int interp_open(struct elf_image *main, struct elf_image *in)
{
	const struct elf64_phdr *p = &main->ph[main->l.interp];
	char *buf = kmalloc(ELF_MAX_INTERP, GFP_KERNEL);
	loff_t pos = (loff_t)p->p_offset;
	struct file *f;
	ssize_t n;
	int err;

	if (!buf)
		return -ENOMEM;
	n = kernel_read(main->file, buf, p->p_filesz, &pos);
	if (n != (ssize_t)p->p_filesz || buf[n - 1]) {
		err = n < 0 ? (int)n : n != (ssize_t)p->p_filesz ? -EIO : -ENOEXEC;
		goto out;
	}
	f = file_open_exec(AT_FDCWD, buf, 0, &err);
	if (!f)
		goto out;
	in->file = f;
	pos = 0;
	n = kernel_read(f, buf, EXEC_HEAD, &pos);
	if (n < 0)
		err = (int)n;
	else
		err = image_read(in, f, buf, (size_t)n);
	if (err == -ENOEXEC || err == -EINVAL)
		err = -ELIBBAD;
out:
	kfree(buf);
	return err;
}

static unsigned segment_prot(const struct elf64_phdr *p)
{
	return (p->p_flags & PF_R ? PROT_READ : 0) | (p->p_flags & PF_W ? PROT_WRITE : 0) | (p->p_flags & PF_X ? PROT_EXEC : 0);
}

/* File part, zeroed rest of its last page, anonymous rest. */
static int segment_map(const struct elf_image *im, const struct elf64_phdr *p)
{
	vaddr_t va = p->p_vaddr + im->bias, start = ALIGN_DOWN(va, PAGE_SIZE), file_end = va + p->p_filesz;
	vaddr_t map_end = ALIGN_UP(file_end, PAGE_SIZE), mem_end = ALIGN_UP(va + p->p_memsz, PAGE_SIZE);
	unsigned prot = segment_prot(p);
	long r;

	if (!p->p_memsz)
		return 0;
	if (p->p_filesz) {
		r = vm_mmap(start, map_end - start, prot, MAP_PRIVATE | MAP_FIXED, im->file, ALIGN_DOWN(p->p_offset, PAGE_SIZE));
		if (r < 0)
			return (int)r;
	} else {
		map_end = start;
	}
	if (p->p_memsz == p->p_filesz)
		return 0;
	/* What follows the data in its last page belongs to the bss. A read-only segment keeps the file's bytes, as on Linux. */
	if (map_end > file_end && p->p_filesz && (prot & PROT_WRITE) && clear_user((void __user *)file_end, map_end - file_end))
		return -EFAULT;
	if (mem_end <= map_end)
		return 0;
	if ((prot & (PROT_READ | PROT_WRITE)) == (PROT_READ | PROT_WRITE) && !(prot & PROT_EXEC))
		return vm_brk_area(map_end, mem_end - map_end);
	r = vm_mmap(map_end, mem_end - map_end, prot, MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS, NULL, 0);
	return r < 0 ? (int)r : 0;
}

static int image_map(const struct elf_image *im)
{
	for (unsigned i = 0; i < im->h.e_phnum; i++) {
		int err;

		if (im->ph[i].p_type != PT_LOAD)
			continue;
		err = segment_map(im, &im->ph[i]);
		if (err)
			return err;
	}
	return 0;
}

/* A free place for the whole image, where mmap would put it. The address space is ours alone: what is free stays free. */
static int image_place(struct elf_image *im)
{
	uint64_t span = im->l.end - im->l.first, room = span + (im->l.align > PAGE_SIZE ? im->l.align : 0);
	long va = vm_mmap(0, room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, NULL, 0);
	int err;

	if (va < 0)
		return (int)va;
	err = vm_munmap((vaddr_t)va, room);
	im->bias = ALIGN_UP((vaddr_t)va, im->l.align) - im->l.first;
	return err;
}

static int main_place(struct elf_image *im, bool has_interp)
{
	vaddr_t base = ET_DYN_BASE;

	if (im->h.e_type == ET_EXEC)
		return im->l.first < USER_MMAP_MIN && !capable(CAP_SYS_RAWIO) ? -EPERM : 0;
	if (!has_interp)
		return image_place(im);
	if (vm_randomize())
		base += (random_u64() & 0x3ffff) << PAGE_SHIFT;
	im->bias = ALIGN_DOWN(base, im->l.align) - im->l.first;
	if (im->l.end + im->bias > USER_END)
		return -ENOMEM;
	return 0;
}

static void set_layout(struct elf_image *im, bool has_interp)
{
	struct mm *mm = current->mm;
	vaddr_t brk = ALIGN_UP(im->l.brk + im->bias, PAGE_SIZE);

	mm->code_start = im->l.code_start + im->bias;
	mm->code_end = im->l.code_end + im->bias;
	mm->data_start = im->l.data_start + im->bias;
	mm->data_end = im->l.data_end + im->bias;
	/* Where mmap put the program there is no room above it for a heap. */
	if (im->h.e_type == ET_DYN && !has_interp)
		brk = ET_DYN_BASE;
	if (vm_randomize())
		brk += (random_u64() & 0x1fff) << PAGE_SHIFT;
	mm->brk_start = mm->brk = brk;
}

/* ---- the stack of the new program */
struct auxv {
	uint64_t v[2 * 32];
	unsigned n;
};

static void aux(struct auxv *a, uint64_t type, uint64_t value)
{
	a->v[a->n++] = type;
	a->v[a->n++] = value;
}

static void auxv_fill(struct auxv *a, const struct binprm *b, const struct elf_image *im, const struct elf_image *in, vaddr_t rnd,
		      vaddr_t platform)
{
	const struct cred *c = current_cred();

	if (current->mm->vdso)
		aux(a, AT_SYSINFO_EHDR, current->mm->vdso);
	aux(a, AT_MINSIGSTKSZ, arch_min_sigstack());
	aux(a, AT_HWCAP, arch_hwcap());
	aux(a, AT_PAGESZ, PAGE_SIZE);
	aux(a, AT_CLKTCK, CLOCK_TICKS);
	aux(a, AT_PHDR, im->l.phdr_va ? im->l.phdr_va + im->bias : 0);
	aux(a, AT_PHENT, sizeof(struct elf64_phdr));
	aux(a, AT_PHNUM, im->h.e_phnum);
	aux(a, AT_BASE, in ? in->bias : 0);
	aux(a, AT_FLAGS, 0);
	aux(a, AT_ENTRY, im->h.e_entry + im->bias);
	aux(a, AT_UID, c->uid);
	aux(a, AT_EUID, c->euid);
	aux(a, AT_GID, c->gid);
	aux(a, AT_EGID, c->egid);
	aux(a, AT_SECURE, b->secure);
	aux(a, AT_RANDOM, rnd);
	aux(a, AT_HWCAP2, arch_hwcap2());
	aux(a, AT_EXECFN, b->execfn);
	aux(a, AT_PLATFORM, platform);
	aux(a, AT_NULL, 0);
}

/* Writes @n pointers to the strings from @va on; ends with NULL. Returns the address behind the last string in *va. */
static int put_pointers(uint64_t __user **sp, unsigned n, vaddr_t *va)
{
	while (n--) {
		ssize_t len = strnlen_user((const char __user *)*va, MAX_ARG_STRLEN);

		if (len < 0 || len >= (ssize_t)MAX_ARG_STRLEN || put_user(*va, (*sp)++))
			return -EFAULT;
		*va += (size_t)len + 1;
	}
	return put_user(0ul, (*sp)++);
}

static int stack_build(struct binprm *b, const struct elf_image *im, const struct elf_image *in, vaddr_t *out)
{
	const char *platform = arch_platform();
	size_t plen = strlen(platform) + 1;
	struct mm *mm = current->mm;
	uint64_t __user *sp;
	struct auxv a = { .n = 0 };
	uint8_t seed[16];
	vaddr_t p = b->p, rnd, va;

	if (vm_randomize())
		p -= random_u64() % 256 * 16;
	p = ALIGN_DOWN(p, 16) - plen;
	if (copy_to_user((void __user *)p, platform, plen))
		return -EFAULT;
	va = p;
	rnd = ALIGN_DOWN(p - sizeof(seed), 16);
	random_bytes(seed, sizeof(seed));
	if (copy_to_user((void __user *)rnd, seed, sizeof(seed)))
		return -EFAULT;
	auxv_fill(&a, b, im, in, rnd, va);
	/* argc, argv.., NULL, envp.., NULL, auxv: the ABI wants the first at a multiple of 16. */
	p = ALIGN_DOWN(rnd - (b->argc + b->envc + 3 + a.n) * sizeof(uint64_t), 16);
	*out = p;
	sp = (uint64_t __user *)p;
	va = b->p;
	mm->arg_start = va;
	if (put_user((uint64_t)b->argc, sp++) || put_pointers(&sp, b->argc, &va))
		return -EFAULT;
	mm->arg_end = mm->env_start = va;
	if (put_pointers(&sp, b->envc, &va))
		return -EFAULT;
	mm->env_end = va;
	memcpy(mm->auxv, a.v, a.n * sizeof(uint64_t));
	mm->nr_auxv = a.n;
	return copy_to_user(sp, a.v, a.n * sizeof(uint64_t)) ? -EFAULT : 0;
}

/* The area was made for the largest strings allowed: what is far below what is used goes; it grows again by faults. */
static int stack_trim(const struct binprm *b, int flags)
{
	struct mm *mm = current->mm;
	struct vm_area *a;
	vaddr_t start, end, keep = ALIGN_DOWN(b->p - STACK_EXTRA, PAGE_SIZE);
	int err = 0;

	down_read(&mm->lock);
	a = vm_find(mm, b->p);
	start = a ? a->start : keep;
	end = a ? a->end : keep;
	up_read(&mm->lock);
	if (start < keep)
		err = vm_munmap(start, keep - start);
	if (!err && flags >= 0 && (flags & PF_X))
		err = (int)sys_mprotect(MAX(start, keep), end - MAX(start, keep), PROT_READ | PROT_WRITE | PROT_EXEC);
	return err;
}

static int elf_start(struct binprm *b, struct elf_image *im, struct elf_image *in)
{
	vaddr_t sp = 0, entry;
	int err;

	err = exec_begin(b);
	if (err)
		return err;
	err = stack_trim(b, im->l.stack_flags);
	if (!err)
		err = main_place(im, in);
	if (!err)
		err = image_map(im);
	if (err)
		return err;
	set_layout(im, in);
	entry = im->h.e_entry + im->bias;
	if (in) {
		if (in->h.e_type == ET_DYN)
			err = image_place(in);
		if (!err)
			err = image_map(in);
		if (err)
			return err;
		entry = in->h.e_entry + in->bias;
	}
	if (entry >= USER_END)
		return -EINVAL;
	err = vdso_map(current->mm);
	if (!err)
		err = stack_build(b, im, in, &sp);
	if (err)
		return err;
	exec_finish(b, entry, sp);
	return 0;
}

int binfmt_elf_load(struct binprm *b)
{
	struct elf_image *im, *in = NULL;
	int err;

	if (b->head_len < sizeof(struct elf64_ehdr) || memcmp(b->head, "\177ELF", 4))
		return -ENOEXEC;
	im = kzalloc(2 * sizeof(*im), GFP_KERNEL);
	if (!im)
		return -ENOMEM;
	err = image_read(im, b->file, b->head, b->head_len);
	if (err == -EINVAL) {
		/* Segments that cannot be mapped: Linux finds out when the old program is gone already. */
		err = exec_cred(b);
		if (!err)
			err = exec_begin(b);
		if (!err)
			err = -EINVAL;
	} else if (!err && im->l.interp >= 0) {
		in = im + 1;
		err = interp_open(im, in);
	}
	if (!err)
		err = exec_cred(b);
	if (!err)
		err = elf_start(b, im, in);
	if (in) {
		if (in->file)
			file_put(in->file);
		kfree(in->ph);
	}
	kfree(im->ph);
	kfree(im);
	return err;
}
