/* SPDX-License-Identifier: MIT */
/*
 * Rings against a model of the device: order, chains, wrap-around, notification, and a device that lies.
 * UNIT-SOURCES: kernel/drivers/virtio/virtq.c kernel/lib/string.c
 * UNIT-FLAGS: -ffreestanding -Itests/unit/virtio -Wno-unused-function
 */
#include "host.h"
#include "../unit.h"

static char tokens[4096];

static int add1(struct host_ring *r, unsigned token, uint32_t in_len)
{
	struct virtq_sg sg = { 0x1000 + token, in_len ? in_len : 8 };

	return virtq_add(&r->q, &sg, in_len ? 0 : 1, in_len ? 1 : 0, &tokens[token]);
}

TEST(chains_come_back_in_the_device_s_order)
{
	struct host_ring r;
	uint32_t len;
	int h[3];

	host_ring_create(&r, 4, false, 0);
	for (unsigned i = 0; i < 3; i++)
		CHECK_EQ(add1(&r, i, 100), 0);
	CHECK(virtq_take(&r.q, &len) == NULL);
	CHECK_EQ(host_take(&r), -1);		/* not published yet */
	CHECK(virtq_publish(&r.q));
	CHECK(!virtq_publish(&r.q));		/* nothing new */
	for (unsigned i = 0; i < 3; i++)
		h[i] = host_take(&r);
	host_use(&r, h[2], 7);
	host_use(&r, h[0], 100);
	CHECK(virtq_pending(&r.q));
	CHECK(virtq_take(&r.q, &len) == &tokens[2]);
	CHECK_EQ(len, 7);
	CHECK(virtq_take(&r.q, &len) == &tokens[0]);
	CHECK_EQ(len, 100);
	CHECK(virtq_take(&r.q, &len) == NULL);
	CHECK_EQ(r.q.nr_free, 3);
	CHECK(virtq_detach(&r.q) == &tokens[1]);
	CHECK(virtq_detach(&r.q) == NULL);
	CHECK_EQ(r.q.nr_free, 4);
	host_ring_free(&r);
}

TEST(a_chain_of_several_is_linked_and_flagged)
{
	struct host_ring r;
	struct virtq_sg sg[3] = { { 0xa000, 10 }, { 0xb000, 20 }, { 0xc000, 30 } };
	struct vring_desc *d;
	int h;

	host_ring_create(&r, 8, false, 0);
	CHECK_EQ(virtq_add(&r.q, sg, 1, 2, tokens), 0);
	virtq_publish(&r.q);
	h = host_take(&r);
	d = &r.q.desc[h];
	CHECK_EQ(d->addr, 0xa000);
	CHECK_EQ(d->flags, 1);
	d = &r.q.desc[d->next];
	CHECK_EQ(d->len, 20);
	CHECK_EQ(d->flags, 3);
	d = &r.q.desc[d->next];
	CHECK_EQ(d->flags, 2);
	CHECK_EQ(r.q.nr_free, 5);
	CHECK_EQ(r.q.slot[h].in_len, 50);
	host_ring_free(&r);
}

TEST(an_indirect_chain_takes_one_descriptor_and_falls_back_without_memory)
{
	struct host_ring r;
	struct virtq_sg sg[3] = { { 0xa000, 10 }, { 0xb000, 20 }, { 0xc000, 30 } };
	struct vring_desc *t;
	int h;

	host_ring_create(&r, 8, false, 4);
	CHECK_EQ(virtq_add(&r.q, sg, 2, 1, tokens), 0);
	CHECK_EQ(r.q.nr_free, 7);
	virtq_publish(&r.q);
	h = host_take(&r);
	CHECK_EQ(r.q.desc[h].flags, 4);
	CHECK_EQ(r.q.desc[h].len, 48);
	t = phys_to_virt(r.q.desc[h].addr);
	CHECK_EQ(t[1].flags, 1);
	CHECK_EQ(t[2].flags, 2);
	CHECK_EQ(t[2].len, 30);
	host_alloc_fails = 1;
	CHECK_EQ(virtq_add(&r.q, sg, 2, 1, tokens), 0);
	host_alloc_fails = 0;
	CHECK_EQ(r.q.nr_free, 4);
	host_ring_free(&r);
}

TEST(a_full_ring_says_so_and_changes_nothing)
{
	struct host_ring r;
	struct virtq_sg sg[3] = { { 0, 1 }, { 0, 1 }, { 0, 1 } };

	host_ring_create(&r, 4, false, 0);
	CHECK_EQ(virtq_add(&r.q, sg, 3, 0, tokens), 0);
	CHECK_EQ(virtq_add(&r.q, sg, 2, 0, tokens), -ENOSPC);
	CHECK_EQ(r.q.nr_free, 1);
	CHECK_EQ(r.q.avail_idx, 1);
	CHECK_EQ(virtq_add(&r.q, sg, 1, 0, tokens), 0);
	CHECK_EQ(virtq_add(&r.q, sg, 1, 0, tokens), -ENOSPC);
	host_ring_free(&r);
}

TEST(indices_wrap_past_65536_with_random_order)
{
	struct host_ring r;
	uint32_t len, seed = 1;
	unsigned out = 0, next = 0, back = 0, was = host_broken;
	int held[16];
	bool flying[64] = { false };

	host_ring_create(&r, 16, true, 0);
	for (unsigned i = 0; i < 300000; i++) {
		seed = seed * 1103515245 + 12345;
		if (seed >> 16 & 1 && r.q.nr_free) {
			while (flying[next % 64])
				next++;
			flying[next % 64] = true;
			if (add1(&r, next++ % 64, 64))
				CHECK(false);
			virtq_publish(&r.q);
			held[out++] = host_take(&r);
		} else if (out) {
			unsigned k = (seed >> 20) % out;
			char *t;

			host_use(&r, (uint32_t)held[k], 1);
			held[k] = held[--out];
			t = virtq_take(&r.q, &len);
			CHECK(t && flying[t - tokens]);
			if (t)
				flying[t - tokens] = false;
			back++;
		}
	}
	CHECK(back > 100000);
	CHECK_EQ(host_broken, was);
	CHECK_EQ(r.q.nr_free, 16 - out);
	host_ring_free(&r);
}

TEST(the_device_is_told_only_when_it_asks)
{
	struct host_ring r;

	host_ring_create(&r, 16, false, 0);
	r.q.used->flags = 1;
	add1(&r, 0, 0);
	CHECK(!virtq_publish(&r.q));
	r.q.used->flags = 0;
	add1(&r, 1, 0);
	CHECK(virtq_publish(&r.q));
	host_ring_free(&r);
	host_ring_create(&r, 16, true, 0);
	*(uint16_t *)&r.q.used->ring[16] = 1;	/* wants to hear of the second */
	add1(&r, 0, 0);
	CHECK(!virtq_publish(&r.q));
	add1(&r, 1, 0);
	CHECK(virtq_publish(&r.q));
	add1(&r, 2, 0);
	CHECK(!virtq_publish(&r.q));
	host_ring_free(&r);
}

TEST(interrupts_are_asked_for_and_stopped)
{
	for (int event = 0; event < 2; event++) {
		struct host_ring r;
		uint32_t len;

		host_ring_create(&r, 16, event, 0);
		CHECK(virtq_start_calls(&r.q));
		for (unsigned i = 0; i < 8; i++)
			add1(&r, i, 0);
		virtq_publish(&r.q);
		host_use(&r, (uint32_t)host_take(&r), 0);
		CHECK(!virtq_start_calls(&r.q));
		if (event)
			CHECK_EQ(r.q.avail->ring[16], 0);
		virtq_stop_calls(&r.q);
		if (event)
			CHECK_EQ(r.q.avail->ring[16], 65535);
		else
			CHECK_EQ(r.q.avail->flags, 1);
		CHECK(virtq_take(&r.q, &len) != NULL);
		CHECK(virtq_start_calls_late(&r.q));
		if (event)
			CHECK_EQ(r.q.avail->ring[16], 1 + 7 * 3 / 4);
		host_ring_free(&r);
	}
}

static void lie(uint32_t id, uint32_t len, uint16_t idx)
{
	struct host_ring r;
	uint32_t n;
	unsigned was = host_broken;

	host_ring_create(&r, 8, false, 0);
	add1(&r, 0, 100);
	virtq_publish(&r.q);
	r.q.used->ring[0].id = id;
	r.q.used->ring[0].len = len;
	r.q.used->idx = idx;
	CHECK(virtq_take(&r.q, &n) == NULL);
	CHECK_EQ(host_broken, was + 1);
	CHECK(virtq_take(&r.q, &n) == NULL);
	CHECK_EQ(host_broken, was + 1);		/* said once */
	CHECK_EQ(add1(&r, 1, 100), -EIO);
	CHECK(!virtq_publish(&r.q));
	CHECK(virtq_detach(&r.q) == &tokens[0]);
	host_ring_free(&r);
}

TEST(a_device_that_lies_breaks_the_queue)
{
	lie(8, 1, 1);			/* id outside */
	lie(0xffffffff, 1, 1);
	lie(3, 1, 1);			/* id of a free chain */
	lie(0, 101, 1);			/* more than there is room */
	lie(0, 1, 2);			/* more used than offered */
	lie(0, 1, 0x8000);
}

TEST(a_chain_used_twice_breaks_the_queue)
{
	struct host_ring r;
	unsigned was = host_broken;
	uint32_t len;

	host_ring_create(&r, 8, false, 0);
	add1(&r, 0, 10);
	add1(&r, 1, 10);
	virtq_publish(&r.q);
	host_use(&r, 0, 1);
	host_use(&r, 0, 1);
	CHECK(virtq_take(&r.q, &len) == &tokens[0]);
	CHECK(virtq_take(&r.q, &len) == NULL);
	CHECK_EQ(host_broken, was + 1);
	host_ring_free(&r);
}
