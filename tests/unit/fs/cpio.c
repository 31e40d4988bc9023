/* SPDX-License-Identifier: MIT */
/*
 * The cpio reader: whole, in single bytes, and damaged in every way one byte can be.
 * UNIT-SOURCES: kernel/fs/initramfs/cpio.c
 */
#include "unit.h"
#include "../../../kernel/fs/initramfs/cpio.h"

int snprintf(char *buf, size_t n, const char *fmt, ...);
size_t strlen(const char *s);
void *memcpy(void *d, const void *s, size_t n);
void *memset(void *d, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
int strcmp(const char *a, const char *b);

struct seen {
	unsigned begins, ends, trailers;
	size_t bytes;
	char last[64], data[256];
	uint32_t mode;
};

static int on_begin(void *ctx, const struct cpio_entry *e)
{
	struct seen *s = ctx;

	s->begins++;
	s->mode = e->mode;
	snprintf(s->last, sizeof(s->last), "%s", e->name);
	return 0;
}

static int on_data(void *ctx, const struct cpio_entry *e, const void *p, size_t n)
{
	struct seen *s = ctx;

	CHECK(n > 0);
	if (s->bytes + n <= sizeof(s->data))
		memcpy(s->data + s->bytes, p, n);
	s->bytes += n;
	return 0;
}

static int on_end(void *ctx, const struct cpio_entry *e)
{
	((struct seen *)ctx)->ends++;
	return 0;
}

static int on_trailer(void *ctx)
{
	((struct seen *)ctx)->trailers++;
	return 0;
}

static const struct cpio_ops ops = { on_begin, on_data, on_end, on_trailer };
static struct cpio_reader reader;

/* One entry at @to; its length. */
static size_t entry(char *to, const char *magic, const char *name, unsigned mode, const char *data,
		    unsigned size, unsigned check)
{
	size_t n = (size_t)snprintf(
		to, 200, "%s%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", magic, 7, mode,
		1, 2, 1, 99, size, 8, 1, 0, 0, (unsigned)strlen(name) + 1, check);

	memcpy(to + n, name, strlen(name) + 1);
	n += strlen(name) + 1;
	while (n & 3)
		to[n++] = 0;
	memcpy(to + n, data, size);
	n += size;
	while (n & 3)
		to[n++] = 0;
	return n;
}

static size_t archive(char *to)
{
	size_t n = entry(to, "070701", "dir", 040755, "", 0, 0);

	n += entry(to + n, "070701", "dir/file", 0100644, "hello", 5, 0);
	n += entry(to + n, "070702", "sum", 0100644, "abc", 3, 'a' + 'b' + 'c');
	n += entry(to + n, "070701", "TRAILER!!!", 0, "", 0, 0);
	return n;
}

static void check_all(const struct seen *s)
{
	CHECK_EQ(s->begins, 3);
	CHECK_EQ(s->ends, 3);
	CHECK_EQ(s->trailers, 1);
	CHECK_EQ(s->bytes, 8);
	CHECK(!memcmp(s->data, "helloabc", 8));
	CHECK(!strcmp(s->last, "sum"));
}

TEST(whole_archive_in_one_piece)
{
	char buf[2048];
	size_t n = archive(buf);
	struct seen s = { 0 };
	int64_t used;

	cpio_reader_init(&reader, &ops, &s);
	used = cpio_feed(&reader, buf, n);
	CHECK(used > (int64_t)n - 4 &&
	      used <= (int64_t)n); /* what fills the trailer's name is left */
	CHECK(cpio_at_end(&reader));
	check_all(&s);
}

TEST(byte_by_byte)
{
	char buf[2048];
	size_t n = archive(buf);
	struct seen s = { 0 };

	cpio_reader_init(&reader, &ops, &s);
	for (size_t i = 0; i < n; i++) {
		int64_t used = cpio_feed(&reader, buf + i, 1);

		CHECK(used == 1 || reader.state == CPIO_DONE);
		if (used == 0)
			break;
	}
	check_all(&s);
}

TEST(stops_behind_the_trailer_and_starts_again)
{
	char buf[4096];
	size_t n = archive(buf);
	struct seen s = { 0 };
	int64_t used;

	memcpy(buf + n, buf, n);
	cpio_reader_init(&reader, &ops, &s);
	used = cpio_feed(&reader, buf, 2 * n);
	CHECK(used > 0 && (size_t)used <= n);
	CHECK_EQ(reader.state, CPIO_DONE);
	cpio_restart(&reader);
	CHECK(cpio_feed(&reader, buf + n, n) > 0);
	CHECK_EQ(s.begins, 6);
	CHECK_EQ(s.trailers, 2);
}

TEST(truncation_is_noticed)
{
	char buf[2048];
	size_t n = archive(buf), at;

	for (at = 1; at < n - 16; at++) {
		struct seen s = { 0 };

		cpio_reader_init(&reader, &ops, &s);
		CHECK_EQ(cpio_feed(&reader, buf, at), at);
		CHECK_EQ(s.trailers, 0);
	}
}

TEST(wrong_magic_and_digits_are_errors)
{
	char buf[2048];
	size_t n = archive(buf);

	for (size_t at = 0; at < CPIO_HEADER_SIZE; at++) {
		struct seen s = { 0 };
		char was = buf[at];

		buf[at] = 'z';
		cpio_reader_init(&reader, &ops, &s);
		CHECK(cpio_feed(&reader, buf, n) < 0);
		CHECK(reader.error);
		CHECK_EQ(s.begins, 0);
		buf[at] = was;
	}
}

TEST(a_wrong_checksum_is_an_error)
{
	char buf[1024];
	size_t n = entry(buf, "070702", "f", 0100644, "abc", 3, 1);
	struct seen s = { 0 };

	cpio_reader_init(&reader, &ops, &s);
	CHECK(cpio_feed(&reader, buf, n) < 0);
	CHECK_EQ(s.ends, 0);
}

TEST(a_name_without_end_or_of_absurd_length_is_passed_over)
{
	char buf[16384];
	struct seen s = { 0 };
	size_t n = entry(buf, "070701", "abc", 0100644, "data", 4, 0);

	buf[CPIO_HEADER_SIZE + 3] = 'x';	/* the terminator */
	n += entry(buf + n, "070701", "good", 0100644, "", 0, 0);
	cpio_reader_init(&reader, &ops, &s);
	CHECK_EQ(cpio_feed(&reader, buf, n), n);
	CHECK_EQ(s.begins, 1);
	CHECK_EQ(s.bytes, 0);
	CHECK(!strcmp(s.last, "good"));
}

static int stop(void *ctx, const struct cpio_entry *e)
{
	return -12;
}

TEST(an_error_of_the_receiver_stops_the_reader)
{
	static const struct cpio_ops stopping = { .begin = stop };
	char buf[2048];
	size_t n = archive(buf);

	cpio_reader_init(&reader, &stopping, NULL);
	CHECK_EQ(cpio_feed(&reader, buf, n), -12);
	CHECK(cpio_feed(&reader, buf, n) < 0);
}
