/* SPDX-License-Identifier: MIT */
/* rseq(2), and what MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ promises: a sequence that runs meanwhile starts over. */
#include "../harness.h"
#include "util.h"
#include <pthread.h>
#include <sys/mman.h>

struct area { uint32_t cpu_start, cpu; uint64_t section; uint32_t flags, more[3]; } __attribute__((aligned(32)));
static struct area area;
#define SIGNATURE 0x53053053u

static long rseq(void *where, unsigned size, int flags, unsigned signature)
{
	return syscall(SYS_rseq, where, size, flags, signature);
}

/* glibc registers an area of its own for each thread: a raw child without one, which inherits nothing of it. */
TEST(rseqerr, registration)
{
	/* Whoever registered before gives its area up first; where it is, is known to the library only. */
	static char stack[65536] __attribute__((aligned(16)));
	char *other = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	long first = rseq(&area, sizeof(area), 0, SIGNATURE);

	(void)stack;
	if (first < 0 && errno == EINVAL) {
		extern const ptrdiff_t __rseq_offset __attribute__((weak));
		extern const unsigned __rseq_size __attribute__((weak));
		char *mine = (char *)__builtin_thread_pointer() + __rseq_offset;
		unsigned theirs = __rseq_size < 32 ? 32 : __rseq_size;

		if (rseq(mine, theirs, 1, SIGNATURE) < 0)
			REQUIRE_OK(rseq(mine, theirs, 1, 0xd428bc00));
	} else {
		REQUIRE_OK(rseq(&area, sizeof(area), 1, SIGNATURE));
	}
	SHOW(rseq(&area, sizeof(area), 1, SIGNATURE));
	SHOW(rseq(&area, 31, 0, SIGNATURE));
	SHOW(rseq((char *)&area + 8, sizeof(area), 0, SIGNATURE));
	SHOW(rseq((void *)-4096l, sizeof(area), 0, SIGNATURE));
	SHOW(rseq(&area, sizeof(area), 2, SIGNATURE));
	SHOW(rseq(NULL, 0, 1, SIGNATURE));
	SHOW(rseq(&area, sizeof(area), 0, SIGNATURE));
	note("a number of a processor: %d", area.cpu < 64);
	SHOW(rseq(&area, sizeof(area), 0, SIGNATURE));
	SHOW(rseq(&area, sizeof(area), 0, SIGNATURE + 1));
	SHOW(rseq(other, sizeof(area), 0, SIGNATURE));
	SHOW(rseq(&area, sizeof(area), 1, SIGNATURE + 1));
	SHOW(rseq(&area, 64, 1, SIGNATURE));
	SHOW(rseq(&area, sizeof(area), 3, SIGNATURE));
	SHOW(rseq(&area, sizeof(area), 1, SIGNATURE));
	note("unregistered: %#x", area.cpu);
	SHOW(rseq(&area, sizeof(area), 1, SIGNATURE));
}

TEST(rseqerr, barrier_needs_registration)
{
	SHOW(syscall(SYS_membarrier, 128, 0, 0));
	SHOW(syscall(SYS_membarrier, 256, 0, 0));
	SHOW(syscall(SYS_membarrier, 128, 0, 0));
	IN_CHILD(SHOW(syscall(SYS_membarrier, 128, 0, 0)));
}
