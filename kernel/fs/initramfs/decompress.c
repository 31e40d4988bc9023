/* SPDX-License-Identifier: MIT */
/*
 * gzip (zlib's inflate) and zstd streams, unpacked piece by piece into a sink. All memory is
 * taken before the first byte
 * and given back at the end; corrupt input ends with a message.
 */
#include <zlib.h>
#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>
#include <kernel/errno.h>
#include <kernel/mm.h>
#include <kernel/string.h>
#include "decompress.h"

#define OUT_SIZE 65536u
#define ZSTD_WINDOW_MAX (128u << 20)

static voidpf zlib_alloc(voidpf opaque, uInt items, uInt size)
{
	return kvmalloc((size_t)items * size, GFP_KERNEL);
}

static void zlib_free(voidpf opaque, voidpf p)
{
	kvfree(p);
}

static int64_t run_gzip(const uint8_t *in, size_t n, decompress_sink sink, void *ctx,
			const char **why)
{
	z_stream z = { .zalloc = zlib_alloc, .zfree = zlib_free };
	uint8_t *out = kvmalloc(OUT_SIZE, GFP_KERNEL);
	int64_t ret = -ENOMEM;
	int zerr;

	*why = "no memory to unpack it";
	if (!out)
		return ret;
	/* 16 + window bits: gzip wrapping. */
	if (inflateInit2(&z, 16 + 15) != Z_OK)
		goto out_free;
	z.next_in = (z_const Bytef *)(uintptr_t)in;
	ret = -EINVAL;
	for (;;) {
		size_t left = n - (size_t)(z.next_in - in);

		z.avail_in = left > (1u << 30) ? 1u << 30 : (uInt)left;
		z.next_out = out;
		z.avail_out = OUT_SIZE;
		zerr = inflate(&z, Z_NO_FLUSH);
		*why = "the gzip stream is corrupt";
		if (zerr != Z_OK && zerr != Z_STREAM_END && zerr != Z_BUF_ERROR)
			break;
		if (z.avail_out < OUT_SIZE && sink(ctx, out, OUT_SIZE - z.avail_out) < 0) {
			*why = NULL;		/* the sink has said why */
			break;
		}
		if (zerr == Z_STREAM_END) {
			ret = z.next_in - in;
			break;
		}
		*why = "the gzip stream is truncated";
		if (z.avail_out == OUT_SIZE && (size_t)(z.next_in - in) == n)
			break;
	}
	inflateEnd(&z);
out_free:
	kvfree(out);
	return ret;
}

static int64_t run_zstd(const uint8_t *in, size_t n, decompress_sink sink, void *ctx,
			const char **why)
{
	ZSTD_frameHeader head;
	ZSTD_inBuffer ib = { in, n, 0 };
	ZSTD_DStream *ds;
	size_t window, room, left = 1;
	void *work = NULL, *out = NULL;
	int64_t ret = -EINVAL;

	*why = "the zstd header is corrupt";
	if (ZSTD_getFrameHeader(&head, in, n))
		return ret;
	if (head.frameType == ZSTD_skippableFrame) {
		if (head.frameContentSize > n - 8)
			return ret;
		return (int64_t)(head.frameContentSize + 8);
	}
	window = (size_t)head.windowSize;
	*why = "the zstd window is too large";
	if (window > ZSTD_WINDOW_MAX)
		return ret;
	room = ZSTD_estimateDStreamSize(window);
	*why = "no memory to unpack it";
	work = kvmalloc(room, GFP_KERNEL);
	out = kvmalloc(OUT_SIZE, GFP_KERNEL);
	ret = -ENOMEM;
	if (!work || !out)
		goto out_free;
	ds = ZSTD_initStaticDStream(work, room);
	if (!ds)
		goto out_free;
	ret = -EINVAL;
	while (left) {
		ZSTD_outBuffer ob = { out, OUT_SIZE, 0 };
		size_t was = ib.pos;

		left = ZSTD_decompressStream(ds, &ob, &ib);
		*why = "the zstd stream is corrupt";
		if (ZSTD_isError(left))
			goto out_free;
		if (ob.pos && sink(ctx, out, ob.pos) < 0) {
			*why = NULL;
			goto out_free;
		}
		*why = "the zstd stream is truncated";
		if (left && !ob.pos && ib.pos == was)
			goto out_free;
	}
	ret = (int64_t)ib.pos;
out_free:
	kvfree(out);
	kvfree(work);
	return ret;
}

const struct decompressor *decompressor_find(const uint8_t *in, size_t n, const char **name)
{
	static const struct decompressor gzip = { "gzip", run_gzip }, zstd = { "zstd", run_zstd };
	static const struct {
		uint8_t magic[6], len;
		const char *name;
	} others[] = {
		{ { 0xfd, '7', 'z', 'X', 'Z', 0 }, 6, "xz" },
		{ { 'B', 'Z', 'h' }, 3, "bzip2" },
		{ { 0x02, 0x21, 0x4c, 0x18 }, 4, "lz4" },
		{ { 0x04, 0x22, 0x4d, 0x18 }, 4, "lz4" },
		{ { 0x5d, 0x00, 0x00 }, 3, "lzma" },
		{ { 0x89, 'L', 'Z', 'O' }, 4, "lzo" },
	};

	*name = NULL;
	if (n >= 2 && in[0] == 0x1f && (in[1] == 0x8b || in[1] == 0x9e))
		return &gzip;
	if (n >= 4 && in[0] == 0x28 && in[1] == 0xb5 && in[2] == 0x2f && in[3] == 0xfd)
		return &zstd;
	if (n >= 8 && (in[0] & 0xf0) == 0x50 && in[1] == 0x2a && in[2] == 0x4d && in[3] == 0x18)
		return &zstd;		/* a skippable frame */
	for (unsigned i = 0; i < ARRAY_SIZE(others); i++)
		if (n >= others[i].len && !memcmp(in, others[i].magic, others[i].len))
			*name = others[i].name;
	return NULL;
}
