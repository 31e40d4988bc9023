/* SPDX-License-Identifier: MIT */
/*
 * libFuzzer target: a split virtqueue whose device writes what the input says, anywhere in the ring. Every token comes back exactly
 * once, by virtq_take() or, after the queue broke, by virtq_detach(); nothing outside of the ring is touched.
 * FUZZ-SOURCES: kernel/drivers/virtio/virtq.c kernel/lib/string.c
 * FUZZ-FLAGS: -Itests/unit/virtio -Wno-unused-function
 */
#include "host.h"

void abort(void) __attribute__((noreturn));
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char token[256];
static bool flying[256];

static void came_back(const char *t)
{
	if (t < token || t >= token + 256 || !flying[t - token])
		abort();
	flying[t - token] = false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct virtq_sg sg[4] = { { 0x1000, 16 }, { 0x2000, 32 }, { 0x3000, 64 }, { 0x4000, 128 } };
	struct host_ring r;
	uint32_t len;
	uint8_t next = 0;
	char *t;

	if (size < 2)
		return 0;
	memset(flying, 0, sizeof(flying));
	host_ring_create(&r, (uint16_t)(1u << data[0] % 6), data[0] & 64, data[0] & 128 ? 4 : 0);
	for (size_t i = 1; i + 4 < size; i += 5) {
		unsigned n = data[i + 1] % 4 + 1, out = data[i + 2] % (n + 1);
		size_t off = (data[i + 3] | (size_t)data[i + 4] << 8) % r.q.ring_size;

		switch (data[i] % 7) {
		case 0:
			while (flying[next])
				next++;
			if (!virtq_add(&r.q, sg, out, n - out, &token[next]))
				flying[next] = true;
			break;
		case 1:
			(void)virtq_publish(&r.q);
			break;
		case 2:
			t = virtq_take(&r.q, &len);
			if (t)
				came_back(t);
			break;
		case 3:
			host_use(&r, data[i + 1] % r.q.size, data[i + 2]);
			break;
		case 4:
			((char *)r.q.ring)[off] = (char)data[i + 1];
			break;
		case 5:
			(void)virtq_start_calls_late(&r.q);
			break;
		default:
			r.q.used->idx = (uint16_t)(r.q.used_idx + data[i + 1]);
			break;
		}
	}
	while ((t = virtq_detach(&r.q)))
		came_back(t);
	for (unsigned i = 0; i < 256; i++)
		if (flying[i])
			abort();
	if (r.q.nr_free != r.q.size)
		abort();
	host_ring_free(&r);
	return 0;
}
