/* SPDX-License-Identifier: MIT */
/*
 * The random generator: ChaCha20 with fast key erasure over a pool hashed by SHA-256 (BearSSL does the arithmetic).
 *
 * key: 32 bytes, replaced by each use: a block of key stream is the next key and the output, so that what was given out cannot be
 * computed from what is found later. pool: a running hash of everything random_add() got; a reseed mixes it into the key when
 * enough has come in, often at first, then every five minutes at most.
 *
 * Small requests come from a per-CPU buffer of key stream that is wiped as it is used and thrown away at a reseed.
 *
 * Seeds: /chosen/rng-seed of the device tree, the CPU's instruction, the cycle counter at every interrupt. Ready means 256 bits
 * credited. Without any source random_wait_ready() collects the jitter of the clock against the scheduler.
 *
 * Locks: random_lock (LR_RANDOM), interrupts off.
 */
#include <kernel/random.h>
#include <kernel/dt.h>
#include <kernel/errno.h>
#include <kernel/percpu.h>
#include <kernel/spinlock.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <arch/context.h>
#include <bearssl_block.h>
#include <bearssl_hash.h>

#define READY_BITS	256u
#define RESEED_NS	(300 * NSEC_PER_SEC)
#define BATCH		256u

static DEFINE_SPINLOCK(random_lock, LR_RANDOM);
static uint8_t key[32];
static br_sha256_context pool;
static unsigned credited, fresh;	/* bits: in all until ready; since the last reseed */
static nsec_t next_reseed;
static uint32_t generation = 1;
static bool ready;
static DEFINE_WAITQ(ready_wait);

struct batch {
	uint32_t generation;
	unsigned pos;
	uint8_t buf[BATCH];
};
static DEFINE_PERCPU(struct batch, batch);

static void wipe(void *p, size_t n)
{
	memset(p, 0, n);
	barrier_data(p);	/* a dead store otherwise */
}

/* key = SHA-256(key || pool's state). random_lock held. */
static void reseed_locked(void)
{
	br_sha256_context c;
	uint8_t digest[32];
	unsigned long hw[4];

	for (unsigned i = 0; i < 4; i++)
		if (!arch_random_long(&hw[i]))
			hw[i] = (unsigned long)clock_monotonic();
	br_sha256_update(&pool, hw, sizeof(hw));
	br_sha256_out(&pool, digest);		/* the running hash goes on */
	br_sha256_init(&c);
	br_sha256_update(&c, key, sizeof(key));
	br_sha256_update(&c, digest, sizeof(digest));
	br_sha256_out(&c, key);
	wipe(&c, sizeof(c));
	wipe(digest, sizeof(digest));
	fresh = 0;
	generation++;
	next_reseed = clock_monotonic() + RESEED_NS;
}

/* Key stream into @out; the key moves on. random_lock held; n <= 32. */
static void next_key(uint8_t *out, size_t n)
{
	static const uint8_t iv[12];
	uint8_t block[64] = { 0 };

	br_chacha20_ct_run(key, iv, 0, block, sizeof(block));
	memcpy(key, block, sizeof(key));
	memcpy(out, block + 32, n);
	wipe(block, sizeof(block));
}

static void stream(const uint8_t *k, void *p, size_t n)
{
	static const uint8_t iv[12];

	memset(p, 0, n);
	br_chacha20_ct_run(k, iv, 0, p, n);
}

void random_add(const void *p, size_t n, unsigned bits)
{
	uint64_t now = (uint64_t)clock_monotonic();
	irqflags_t f = spin_lock_irqsave(&random_lock);
	bool became = false;

	br_sha256_update(&pool, &now, sizeof(now));
	br_sha256_update(&pool, p, n);
	fresh += bits;
	if (!ready) {
		credited += bits;
		if (credited >= READY_BITS) {
			reseed_locked();
			ready = became = true;
		}
	} else if (fresh >= READY_BITS && clock_monotonic() >= next_reseed) {
		reseed_locked();
	}
	spin_unlock_irqrestore(&random_lock, f);
	if (became)
		waitq_wake_all(&ready_wait);
}

static void fresh_key(uint8_t out[32])
{
	irqflags_t f = spin_lock_irqsave(&random_lock);

	if (unlikely(!ready) || unlikely(clock_monotonic() >= next_reseed))
		reseed_locked();
	next_key(out, 32);
	spin_unlock_irqrestore(&random_lock, f);
}

static void from_batch(uint8_t *p, size_t n)
{
	irqflags_t f = arch_irq_save();
	struct batch *b = &this_cpu(batch);
	uint8_t k[32];

	if (b->generation != READ_ONCE(generation) || b->pos + n > BATCH) {
		fresh_key(k);
		stream(k, b->buf, BATCH);
		wipe(k, sizeof(k));
		b->generation = READ_ONCE(generation);
		b->pos = 0;
	}
	memcpy(p, b->buf + b->pos, n);
	memset(b->buf + b->pos, 0, n);
	b->pos += (unsigned)n;
	arch_irq_restore(f);
}

void random_bytes(void *p, size_t n)
{
	uint8_t k[32];

	if (n <= 32) {
		from_batch(p, n);
		return;
	}
	fresh_key(k);
	stream(k, p, n);
	wipe(k, sizeof(k));
}

uint64_t random_u64(void)
{
	uint64_t v;

	from_batch((uint8_t *)&v, sizeof(v));
	return v;
}

bool random_ready(void)
{
	return READ_ONCE(ready);
}

/* No seed at all: the low bits of when the scheduler lets us run. One bit is credited for eight samples. */
static void collect_jitter(void)
{
	for (unsigned i = 0; i < READY_BITS * 8 && !random_ready(); i++) {
		nsec_t t = clock_monotonic();

		sched_sleep_ns(20 * NSEC_PER_USEC);
		t = clock_monotonic() - t;
		random_add(&t, sizeof(t), i % 8 == 7);
		if (signal_pending(current))
			break;
	}
}

int random_wait_ready(void)
{
	if (random_ready())
		return 0;
	collect_jitter();
	return wait_event_interruptible(&ready_wait, random_ready());
}

void random_init(void)
{
	unsigned long hw[8];
	unsigned bits = 0;
	const void *seed;
	size_t n;

	br_sha256_init(&pool);
	if (dt_early_rng_seed(&seed, &n))
		random_add(seed, n, (unsigned)MIN(n * 8, (size_t)READY_BITS));
	for (unsigned i = 0; i < ARRAY_SIZE(hw); i++) {
		if (arch_random_long(&hw[i]))
			bits += 64;
		else
			hw[i] = (unsigned long)clock_monotonic() ^ (unsigned long)__builtin_frame_address(0);
	}
	random_add(hw, sizeof(hw), MIN(bits, READY_BITS));
}
