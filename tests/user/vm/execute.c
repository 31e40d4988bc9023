/* SPDX-License-Identifier: MIT */
/* Code written at run time: through mprotect, through two mappings, in files; rewritten again and again. */
#include "../harness.h"
#include "../process/util.h"
#include <pthread.h>

#define PAGE 4096UL
#define RW (PROT_READ | PROT_WRITE)
#define RX (PROT_READ | PROT_EXEC)

/* A function that returns VALUE, at P; its size. */
static size_t emit(void *p, int value)
{
#if defined(__aarch64__)
	uint32_t code[] = { 0x52800000 | (value & 0xffff) << 5, 0xd65f03c0 };

	memcpy(p, code, sizeof(code));
	return sizeof(code);
#else
	unsigned char code[] = { 0xb8, value, value >> 8, 0, 0, 0xc3 };

	memcpy(p, code, sizeof(code));
	return sizeof(code);
#endif
}

static int call(void *p)
{
	return ((int (*)(void))p)();
}

static void flush(void *p, size_t size)
{
	__builtin___clear_cache((char *)p, (char *)p + size);
}

TEST(execute, fresh_code_after_mprotect)
{
	char *p = mmap(NULL, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int bad = 0;

	for (int i = 0; i < 200; i++) {
		EXPECT_OK(mprotect(p, PAGE, RW));
		flush(p, emit(p, i));
		EXPECT_OK(mprotect(p, PAGE, RX));
		bad += call(p) != i;
	}
	note("bad %d", bad);
}

TEST(execute, fresh_pages_with_code_at_the_same_address)
{
	char *area = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int bad = 0;

	for (int i = 0; i < 100; i++) {
		char *p = mmap(area, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

		flush(p, emit(p, 1000 + i));
		bad += call(p) != 1000 + i;
	}
	note("bad %d", bad);
}

TEST(execute, two_mappings_of_one_file)
{
	int fd = syscall(SYS_memfd_create, "code", 0), bad = 0;
	char *w, *x;

	EXPECT_OK(ftruncate(fd, PAGE));
	w = mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0);
	x = mmap(NULL, PAGE, RX, MAP_SHARED, fd, 0);
	for (int i = 0; i < 100; i++) {
		size_t size = emit(w, i);

		flush(w, size);
		flush(x, size);
		bad += call(x) != i;
	}
	note("bad %d", bad);
}

TEST(execute, code_written_by_write_and_mapped)
{
	char code[16] = { 0 };
	int fd, bad = 0;

	for (int i = 0; i < 50; i++) {
		char name[16];
		void *x;

		snprintf(name, sizeof(name), "c%d", i);
		fd = open(name, O_RDWR | O_CREAT, 0600);
		emit(code, 3000 + i);
		write_all(fd, code, sizeof(code));
		/* The kernel makes a page executable: no cache maintenance by us. */
		x = mmap(NULL, PAGE, RX, MAP_PRIVATE, fd, 0);
		bad += call(x) != 3000 + i;
		munmap(x, PAGE);
		close(fd);
		unlink(name);
	}
	note("bad %d", bad);
}

TEST(execute, code_copied_on_write)
{
	char *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	flush(p, emit(p, 1));
	EXPECT_EQ(call(p), 1);
	IN_CHILD(
		EXPECT_EQ(call(p), 1);
		flush(p, emit(p, 2));
		EXPECT_EQ(call(p), 2));
	EXPECT_EQ(call(p), 1);
}

static char *volatile shared_code;
static volatile int turn;

static void *other(void *arg)
{
	int *bad = arg;

	for (int i = 0; i < 200; i++) {
		while (turn != 2 * i + 1)
			sched_yield();
		__asm__ volatile("" ::: "memory");
#if defined(__aarch64__)
		__asm__ volatile("isb" ::: "memory");
#endif
		*bad += call(shared_code) != i;
		turn = 2 * i + 2;
	}
	return NULL;
}

TEST(execute, code_written_by_one_thread_and_run_by_another)
{
	pthread_t thread;
	int bad = 0;

	shared_code = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pthread_create(&thread, NULL, other, &bad);
	for (int i = 0; i < 200; i++) {
		while (turn != 2 * i)
			sched_yield();
		flush(shared_code, emit(shared_code, i));
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		turn = 2 * i + 1;
	}
	pthread_join(thread, NULL);
	note("bad %d", bad);
}

TEST(execute, many_pages_of_code)
{
	char *p = mmap(NULL, 100 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int bad = 0;

	for (int i = 0; i < 100; i++)
		emit(p + i * PAGE + i * 16, i);
	flush(p, 100 * PAGE);
	EXPECT_OK(mprotect(p, 100 * PAGE, RX));
	for (int i = 0; i < 100; i++)
		bad += call(p + i * PAGE + i * 16) != i;
	note("bad %d", bad);
}
