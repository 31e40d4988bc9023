/* SPDX-License-Identifier: MIT */
/*
 * A streaming reader of cpio archives in the newc (070701) and crc (070702) formats. Pure: no
 * kernel
 * interface, no allocation; the unit tests and the fuzzer build it on the host as it is.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CPIO_HEADER_SIZE 110
#define CPIO_NAME_MAX 4096	/* with the terminator */

struct cpio_entry {
	uint32_t ino, mode, uid, gid, nlink, mtime;
	uint32_t size;
	uint32_t major, minor, rmajor, rminor;
	uint32_t check;
	bool has_check;
	const char *name;	/* terminated; valid during the call-backs of this entry */
};
/* A call-back that returns less than zero stops the reader with that error. */
struct cpio_ops {
	int (*begin)(void *ctx, const struct cpio_entry *e); /* header and name are there */
	int (*data)(void *ctx, const struct cpio_entry *e, const void *p,
		    size_t n);				   /* in order; never n == 0 */
	int (*end)(void *ctx, const struct cpio_entry *e); /* all data were given */
	int (*trailer)(void *ctx); /* TRAILER!!!: hard links are forgotten */
};
enum cpio_state { CPIO_START, CPIO_HEADER, CPIO_NAME, CPIO_DATA, CPIO_PAD, CPIO_DONE };
struct cpio_reader {
	const struct cpio_ops *ops;
	void *ctx;
	enum cpio_state state, after_pad;
	uint64_t offset;	/* of the next byte in the archive */
	uint32_t want, have;	/* bytes of the header, name or data in hand */
	uint32_t pad;
	uint32_t name_size;
	bool skip;		/* this entry is malformed but measurable: passed over */
	uint32_t sum;
	const char *error;	/* a message, once something was wrong */
	struct cpio_entry entry;
	char header[CPIO_HEADER_SIZE];
	char name[CPIO_NAME_MAX];
};
void cpio_reader_init(struct cpio_reader *r, const struct cpio_ops *ops, void *ctx);
/*
 * Gives the reader @n bytes. Returns how many it took: all of them, or up to the end of an
 * archive (state CPIO_DONE: the
 * caller looks at what follows and starts again); less than zero after an error, r->error says
 * what.
 */
int64_t cpio_feed(struct cpio_reader *r, const void *p, size_t n);
/* No more bytes: true when that is a fine place to end. */
bool cpio_at_end(const struct cpio_reader *r);
/* Between archives: zeroes may follow. */
void cpio_restart(struct cpio_reader *r);
