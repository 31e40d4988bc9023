/* SPDX-License-Identifier: MIT */
/*
 * The cpio reader; see cpio.h. Format (cpio(5), "New ASCII Format"): a header of 110
 * characters, hexadecimal fields of
 * eight; the name with its terminator, filled so that header and name are a multiple of four;
 * the data, filled to
 * a multiple of four; an entry named TRAILER!!! ends the archive.
 *
 * Nothing in the input is trusted: sizes bound what is copied, a name without terminator or of
 * absurd length makes its
 * entry be passed over, a wrong digit or magic ends the reading.
 */
#include "cpio.h"

static int fail(struct cpio_reader *r, const char *why)
{
	r->error = why;
	return -22;
}

void cpio_reader_init(struct cpio_reader *r, const struct cpio_ops *ops, void *ctx)
{
	r->ops = ops;
	r->ctx = ctx;
	r->state = CPIO_START;
	r->offset = 0;
	r->error = NULL;
	r->have = r->want = r->pad = 0;
}

void cpio_restart(struct cpio_reader *r)
{
	r->state = CPIO_START;
	r->offset = 0;
}

bool cpio_at_end(const struct cpio_reader *r)
{
	return r->state == CPIO_START || r->state == CPIO_DONE ||
	       (r->state == CPIO_PAD && r->after_pad == CPIO_START) ||
	       (r->state == CPIO_HEADER && !r->have);
}

static bool hex8(const char *s, uint32_t *out)
{
	uint32_t v = 0;

	for (int i = 0; i < 8; i++) {
		unsigned c = (unsigned char)s[i], d;

		if (c - '0' < 10)
			d = c - '0';
		else if ((c | 32) - 'a' < 6)
			d = (c | 32) - 'a' + 10;
		else
			return false;
		v = v << 4 | d;
	}
	*out = v;
	return true;
}

static int parse_header(struct cpio_reader *r)
{
	struct cpio_entry *e = &r->entry;
	uint32_t f[13];
	const char *h = r->header;

	if (__builtin_memcmp(h, "07070", 5) || (h[5] != '1' && h[5] != '2')) {
		if (!__builtin_memcmp(h, "070707", 6))
			return fail(r, "the archive is in the old portable format; newc is needed");
		return fail(r, "no cpio magic where a header must be");
	}
	for (int i = 0; i < 13; i++)
		if (!hex8(h + 6 + 8 * i, &f[i]))
			return fail(r, "a header field is not hexadecimal");
	*e = (struct cpio_entry){
		.ino = f[0],
		.mode = f[1],
		.uid = f[2],
		.gid = f[3],
		.nlink = f[4],
		.mtime = f[5],
		.size = f[6],
		.major = f[7],
		.minor = f[8],
		.rmajor = f[9],
		.rminor = f[10],
		.check = f[12],
		.has_check = h[5] == '2',
		.name = r->name,
	};
	r->name_size = f[11];
	r->skip = !f[11] || f[11] > CPIO_NAME_MAX;
	r->sum = 0;
	return 0;
}

/* What fills @n bytes to a multiple of four. */
static uint32_t padding(uint64_t n)
{
	return (uint32_t)(-n & 3);
}

static void to_pad(struct cpio_reader *r, uint32_t pad, enum cpio_state after)
{
	r->pad = pad;
	r->after_pad = after;
	r->state = CPIO_PAD;
}

static int entry_end(struct cpio_reader *r)
{
	struct cpio_entry *e = &r->entry;
	int err = 0;

	if (!r->skip) {
		if (e->has_check && (e->mode & 0170000) == 0100000 && e->size && r->sum != e->check)
			return fail(r, "the checksum of a file is wrong");
		err = r->ops->end ? r->ops->end(r->ctx, e) : 0;
	}
	to_pad(r, padding(e->size), CPIO_START);
	return err;
}

static int entry_begin(struct cpio_reader *r)
{
	struct cpio_entry *e = &r->entry;
	int err = 0;

	if (!r->skip) {
		/* The name ends within its size, or it is no name. */
		if (r->name[r->name_size - 1])
			r->skip = true;
		else if (!__builtin_strcmp(r->name, "TRAILER!!!")) {
			r->state = CPIO_DONE;
			return r->ops->trailer ? r->ops->trailer(r->ctx) : 0;
		} else if (r->ops->begin) {
			err = r->ops->begin(r->ctx, e);
		}
	}
	if (err)
		return err;
	r->have = 0;
	r->want = e->size;
	to_pad(r, padding(CPIO_HEADER_SIZE + (uint64_t)r->name_size), CPIO_DATA);
	return 0;
}

/* Takes up to what is wanted into @to (NULL: drops it). Returns the bytes used. */
static size_t take(struct cpio_reader *r, char *to, const char *p, size_t n)
{
	size_t k = r->want - r->have;

	if (k > n)
		k = n;
	if (to)
		__builtin_memcpy(to + r->have, p, k);
	r->have += (uint32_t)k;
	return k;
}

static int feed_data(struct cpio_reader *r, const char *p, size_t k)
{
	if (r->skip)
		return 0;
	if (r->entry.has_check)
		for (size_t i = 0; i < k; i++)
			r->sum += (unsigned char)p[i];
	return r->ops->data ? r->ops->data(r->ctx, &r->entry, p, k) : 0;
}

/* One step of the machine; the bytes it used. */
static int64_t step(struct cpio_reader *r, const char *p, size_t n)
{
	size_t k = 0;
	int err = 0;

	switch (r->state) {
	case CPIO_START:		/* zeroes may stand between entries of careless writers */
		if (n && !*p)
			return 1;
		if (n && r->offset & 3)
			return fail(r, "a header is not aligned");
		r->state = CPIO_HEADER;
		r->have = 0;
		r->want = CPIO_HEADER_SIZE;
		return 0;
	case CPIO_HEADER:
		k = take(r, r->header, p, n);
		if (r->have == r->want) {
			err = parse_header(r);
			r->have = 0;
			r->want = r->name_size;
			r->state = CPIO_NAME;
		}
		break;
	case CPIO_NAME:
		k = take(r, r->skip ? NULL : r->name, p, n);
		if (r->have == r->want)
			err = entry_begin(r);
		break;
	case CPIO_DATA:
		k = take(r, NULL, p, n);
		if (k)
			err = feed_data(r, p, k);
		if (!err && r->have == r->want)
			err = entry_end(r);
		break;
	case CPIO_PAD:
		k = n < r->pad ? n : r->pad;
		r->pad -= (uint32_t)k;
		if (!r->pad)
			r->state = r->after_pad;
		break;
	case CPIO_DONE:
		break;
	}
	return err < 0 ? err : (int64_t)k;
}

int64_t cpio_feed(struct cpio_reader *r, const void *buf, size_t n)
{
	const char *p = buf;
	size_t left = n;

	if (r->error)
		return -22;
	while (left || (r->state == CPIO_DATA && r->have == r->want) ||
	       (r->state == CPIO_PAD && !r->pad) || (r->state == CPIO_NAME && r->have == r->want)) {
		int64_t used;

		if (r->state == CPIO_DONE)
			break;
		used = step(r, p, left);
		if (used < 0) {
			if (!r->error)
				r->error = "an entry cannot be written";
			return used;
		}
		p += used;
		left -= (size_t)used;
		r->offset += (uint64_t)used;
	}
	return (int64_t)(n - left);
}
