/* SPDX-License-Identifier: MIT */
/* Unpacking of one compressed stream at the start of a buffer. */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* Takes unpacked bytes; less than zero stops. */
typedef int (*decompress_sink)(void *ctx, const void *p, size_t n);
struct decompressor {
	const char *name;
	/* The bytes of input that the stream took up; less than zero with *why set. */
	int64_t (*run)(const uint8_t *in, size_t n, decompress_sink sink, void *ctx,
		       const char **why);
};
/* By magic. NULL: unknown; *name is set when it is a format that is known but not supported. */
const struct decompressor *decompressor_find(const uint8_t *in, size_t n, const char **name);
