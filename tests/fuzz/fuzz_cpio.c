/* SPDX-License-Identifier: MIT */
/*
 * libFuzzer target: the cpio reader, fed in pieces whose sizes come from the input's first byte. What it hands on must
 * be terminated, of the announced size, and in order.
 * FUZZ-SOURCES: kernel/fs/initramfs/cpio.c
 * FUZZ-SEEDS: tests/fuzz/seeds_cpio.sh
 */
#include <stdlib.h>
#include <string.h>
#include "../../kernel/fs/initramfs/cpio.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct state {
	uint64_t given;
	int open;
};

static int on_begin(void *ctx, const struct cpio_entry *e)
{
	struct state *s = ctx;

	if (s->open || strlen(e->name) >= CPIO_NAME_MAX)
		abort();
	s->open = 1;
	s->given = 0;
	return e->ino == 0xdead ? -1 : 0;
}

static int on_data(void *ctx, const struct cpio_entry *e, const void *p, size_t n)
{
	struct state *s = ctx;
	volatile uint8_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += ((const uint8_t *)p)[i];
	s->given += n;
	if (!s->open || !n || s->given > e->size)
		abort();
	return 0;
}

static int on_end(void *ctx, const struct cpio_entry *e)
{
	struct state *s = ctx;

	if (!s->open || s->given != e->size)
		abort();
	s->open = 0;
	return 0;
}

static int on_trailer(void *ctx)
{
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct cpio_ops ops = { on_begin, on_data, on_end, on_trailer };
	static struct cpio_reader r;
	struct state s = { 0 };
	size_t piece, at = 1;

	if (size < 2)
		return 0;
	piece = data[0] ? data[0] : 4096;
	cpio_reader_init(&r, &ops, &s);
	while (at < size) {
		size_t n = size - at < piece ? size - at : piece;
		uint8_t *copy = malloc(n);	/* of its own, so that a read behind it is seen */
		int64_t used;

		memcpy(copy, data + at, n);
		used = cpio_feed(&r, copy, n);
		free(copy);
		if (used < 0)
			break;
		if ((size_t)used > n || (used == 0 && r.state != CPIO_DONE))
			abort();
		if (r.state == CPIO_DONE) {
			cpio_restart(&r);
			if (!used)
				at++;
		}
		at += (size_t)used;
	}
	(void)cpio_at_end(&r);
	return 0;
}
