/* SPDX-License-Identifier: MIT */
/*
 * libFuzzer target: device trees, from the early scan to the last property. Seeds: tests/dt/make.sh.
 * FUZZ-SOURCES: kernel/dt/early.c kernel/dt/tree.c kernel/dt/property.c kernel/dt/address.c kernel/lib/number.c @TP@/libfdt/fdt.c @TP@/libfdt/fdt_ro.c
 * FUZZ-FLAGS: -Ikernel/lib/third_party/include -I@TP@/libfdt -Itests/unit/dt -fno-sanitize=alignment -Wno-unused-function
 * FUZZ-SEEDS: sh tests/dt/make.sh
 */
#include "dt_host.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);
int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap);
int snprintf(char *buf, size_t size, const char *fmt, ...);

int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return n >= (int)size ? (int)size - 1 : n;
}

ssize_t strscpy(char *dst, const char *src, size_t size)
{
	return snprintf(dst, size, "%s", src);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* A copy of exactly this size, so that one byte beyond is seen. */
	void *blob = malloc(size ? size : 1);

	memcpy(blob, data, size);
	host_exercise(blob, size);
	host_forget();
	free(blob);
	return 0;
}
