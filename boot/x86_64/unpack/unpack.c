/* SPDX-License-Identifier: MIT */
/*
 * Unpacks the kernel: 32-bit code, at any address, with nothing but a stack. Called once by unpack.S. The frame is
 * checked as far as decoding it goes, and by its length.
 */
#include "lz4.h"

/* Returns NULL, or what is wrong. @out has room for @length bytes and more. */
const char *x86_unpack(uint8_t *out, size_t length, const uint8_t *in, size_t size);
const char *x86_unpack(uint8_t *out, size_t length, const uint8_t *in, size_t size)
{
	size_t n = length;

	return lz4_decode(in, size, out, &n) && n == length ? NULL : "the packed kernel is damaged";
}
