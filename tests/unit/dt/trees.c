/* SPDX-License-Identifier: MIT */
/* UNIT-SOURCES: kernel/dt/early.c kernel/dt/tree.c kernel/dt/property.c kernel/dt/address.c kernel/lib/number.c @TP@/libfdt/fdt.c @TP@/libfdt/fdt_ro.c */
/* UNIT-FLAGS: -Ikernel/lib/third_party/include -I@TP@/libfdt -fno-sanitize=alignment -Wno-unused-function */
#include "dt_host.h"
#include "unit.h"

char *getenv(const char *name);
int system(const char *cmd);
int snprintf(char *buf, size_t size, const char *fmt, ...);
typedef struct host_file FILE;
FILE *fopen(const char *name, const char *mode);
size_t fread(void *p, size_t size, size_t n, FILE *f);
int fclose(FILE *f);
int scnprintf(char *buf, size_t size, const char *fmt, ...);
int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap);

/* As the kernel's: what was written. */
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

static char dir[256];
static void *blob;		/* exactly as long as the file: the sanitizer sees a byte beyond */
static size_t blob_size;

static bool load(const char *name)
{
	static char buf[2 << 20];
	char path[400];
	FILE *f;

	if (!dir[0]) {
		const char *unit = getenv("UNIT_DIR");
		char cmd[400];

		snprintf(dir, sizeof(dir), "%s/dtb", unit ? unit : "/tmp");
		snprintf(cmd, sizeof(cmd), "sh tests/dt/make.sh %s >/dev/null 2>&1", dir);
		if (system(cmd))
			return false;
	}
	snprintf(path, sizeof(path), "%s/%s.dtb", dir, name);
	f = fopen(path, "r");
	if (!f)
		return false;
	blob_size = fread(buf, 1, sizeof(buf), f);
	fclose(f);
	free(blob);
	blob = malloc(blob_size + 8);	/* + 8: an empty file still has an address */
	memcpy(blob, buf, blob_size);
	return true;
}

TEST(board_has_its_banks_and_reservations)
{
	paddr_t a, b;

	CHECK(load("good-board"));
	CHECK(host_exercise(blob, blob_size) > 10);
	CHECK_EQ(host_ranges, 3);	/* a bank of no size is none */
	CHECK_EQ(host_sum, 0x10000000 + 0x08000000 + 0x00800000);
	CHECK_EQ(host_reserved, 3);	/* memreserve, firmware, framebuffer; the pool has no place yet */
	CHECK(dt_early_initrd(&a, &b));
	CHECK_EQ(a, 0x08000000);
	CHECK_EQ(b, 0x08100000);
	CHECK(!strcmp(dt_early_bootargs(), "quiet"));
	host_forget();
}

TEST(stdout_is_found_through_alias_and_ranges)
{
	const char *list;
	size_t len;
	paddr_t base, late;
	unsigned shift;
	struct dt_node *n;

	CHECK(load("good-board"));
	CHECK(host_exercise(blob, blob_size));
	CHECK(dt_early_stdout(&list, &len, &base, &shift));
	n = dt_find_path("serial1:115200n8");
	CHECK(n != NULL);
	CHECK(!dt_reg(n, 0, &late, NULL));
	CHECK_EQ(base, late);	/* flat and unflattened translation agree */
	CHECK(!strcmp(dt_early_stdout_options(), "115200n8"));
	host_forget();
}

TEST(virt_tree_is_understood)
{
	struct dt_node *n;
	struct dt_irq_spec spec;

	CHECK(load("good-virt"));
	CHECK(host_exercise(blob, blob_size) > 10);
	n = dt_find_compatible(NULL, "arm,pl011");
	CHECK(n && !dt_irq(n, 0, &spec));
	CHECK(n && dt_has(spec.controller, "interrupt-controller"));
	CHECK(dt_find_path("/cpus") != NULL);
	CHECK(dt_find_path("/nothing") == NULL);
	host_forget();
}

TEST(padding_does_not_matter)
{
	unsigned n;

	CHECK(load("good-board"));
	n = host_exercise(blob, blob_size);
	host_forget();
	CHECK(load("good-padded"));
	CHECK_EQ(host_exercise(blob, blob_size), n);
	host_forget();
}

TEST(broken_trees_do_no_harm)
{
	static const char *const names[] = {
		"bad-cells-huge", "bad-cells-zero", "bad-reg-odd", "bad-memory-overlap", "bad-memory-wraps",
		"bad-initrd-backwards", "bad-string-unterminated", "bad-parent-loop", "bad-ranges-odd", "bad-deep",
		"bad-structure-size-zero", "good-empty", "good-no-memory", "bad-version-16",
	};

	for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
		CHECK(load(names[i]));
		host_exercise(blob, blob_size);
		host_forget();
	}
}

TEST(broken_headers_are_refused)
{
	static const char *const names[] = {
		"bad-magic", "bad-totalsize-huge", "bad-totalsize-zero", "bad-structure-outside", "bad-strings-outside",
		"bad-last-compatible-future", "bad-strings-size-huge", "bad-structure-size-huge", "bad-nothing", "bad-cut-4",
		"bad-length-negative", "bad-length-leads-back", "bad-length-outside", "bad-structure-unaligned", "bad-cut-39", "bad-cut-40", "bad-cut-100",
	};

	for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
		CHECK(load(names[i]));
		if (!dt_early_init(blob, blob_size)) {
			CHECK(!"refused");
			printf("# %s\n", names[i]);
		}
	}
}

TEST(a_backward_initrd_is_none)
{
	paddr_t a, b;

	CHECK(load("bad-initrd-backwards"));
	CHECK(!dt_early_init(blob, blob_size));
	CHECK(!dt_early_initrd(&a, &b));
}

TEST(an_unterminated_string_is_none)
{
	CHECK(load("bad-string-unterminated"));
	CHECK(host_exercise(blob, blob_size));
	CHECK(!strcmp(dt_early_bootargs(), ""));
	CHECK(!dt_string(dt_root, "compatible"));
	CHECK(!dt_compatible(dt_root, "abc"));
	host_forget();
}
