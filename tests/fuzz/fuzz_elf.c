/* SPDX-License-Identifier: MIT */
/*
 * libFuzzer target: ELF headers and program headers as exec checks them. What passes must be safe to compute with.
 * FUZZ-SOURCES: kernel/proc/elf_check.c
 */
#include <stdlib.h>
#include <string.h>
#include "../../kernel/proc/elf_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint64_t user_end = 1ull << 48;
	struct elf64_ehdr h;
	struct elf64_phdr *ph;
	struct elf_layout l;
	size_t n;

	if (size < sizeof(h))
		return 0;
	memcpy(&h, data, sizeof(h));
	if (elf_check_header(&h, sizeof(h), 183))
		return 0;
	n = h.e_phnum;
	if (n > ELF_MAX_PHDRS)
		abort();
	if ((size - sizeof(h)) / sizeof(*ph) < n)
		return 0;
	ph = malloc(n * sizeof(*ph) + 1);
	memcpy(ph, data + sizeof(h), n * sizeof(*ph));
	if (!elf_check_segments(&h, ph, 4096, user_end, &l)) {
		if (l.first > l.end || l.end - l.first > user_end || (l.first & 4095) || (l.end & 4095))
			abort();
		if (l.interp >= (int)n || (l.interp >= 0 && ph[l.interp].p_filesz > ELF_MAX_INTERP))
			abort();
		if (l.align & (l.align - 1))
			abort();
	}
	free(ph);
	return 0;
}
