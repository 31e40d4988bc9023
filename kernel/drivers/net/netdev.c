/* SPDX-License-Identifier: MIT */
/*
 * Network devices: the list, their threads, the way to the stack and to taps. See <net/netdev.h>.
 *
 * A queue's thread sleeps until netdev_schedule(); then it polls in batches, net_lock taken once for each, until the driver
 * has nothing left. Interrupts of the queue stay off meanwhile (the driver's poll_done() turns them on).
 *
 * Locks: net_lock (LR_NET). Counters are read without it: each is one word.
 */
#include <kernel/errno.h>
#include <kernel/fs.h>
#include <kernel/init.h>
#include <kernel/printk.h>
#include <kernel/procfs.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include <net/netdev.h>

#define BUDGET 64u

DEFINE_MUTEX(net_lock, LR_NET);
LIST_HEAD(netdevs);
static const struct net_stack *stack;
LIST_HEAD(net_taps);
static int last_index = 1;	/* lo's, whenever it comes */

struct netbuf *netbuf_alloc(gfp_t gfp)
{
	struct netbuf *b = page_alloc_virt(0, gfp);

	if (b) {
		b->next = NULL;
		b->data = netbuf_room(b);
	}
	return b;
}

void netbuf_free(struct netbuf *b)
{
	page_free_virt(b, 0);
}

void netbuf_free_frame(struct netbuf *b)
{
	while (b) {
		struct netbuf *next = b->next;

		netbuf_free(b);
		b = next;
	}
}

void net_lock_release(void)
{
	if (stack)
		stack->batch_end();
	mutex_unlock(&net_lock);
}

void net_stack_register(const struct net_stack *s)
{
	struct netdev *d;

	mutex_lock(&net_lock);
	stack = s;
	list_for_each_entry(d, &netdevs, link)
		s->attach(d);
	net_lock_release();
}

void net_tap_add(struct net_tap *t)
{
	list_add_tail(&t->link, &net_taps);
}

void net_tap_remove(struct net_tap *t)
{
	list_del(&t->link);
}

struct netdev *netdev_by_index(int index)
{
	struct netdev *d;

	list_for_each_entry(d, &netdevs, link)
		if (d->index == index)
			return d;
	return NULL;
}

struct netdev *netdev_by_name(const char *name)
{
	struct netdev *d;

	list_for_each_entry(d, &netdevs, link)
		if (!strcmp(d->name, name))
			return d;
	return NULL;
}

unsigned netdev_flags(const struct netdev *d)
{
	unsigned f = d->flags & ~(IFF_RUNNING | IFF_LOWER_UP);

	if (f & IFF_UP && d->carrier)
		f |= IFF_RUNNING | IFF_LOWER_UP;
	return f;
}

int netdev_open(struct netdev *d)
{
	int err = 0;

	if (d->flags & IFF_UP)
		return 0;
	if (d->ops->open)
		err = d->ops->open(d);
	if (err)
		return err;
	d->flags |= IFF_UP;
	d->was_up = true;
	if (stack)
		stack->changed(d);
	netdev_rx_mode(d);
	return 0;
}

void netdev_stop(struct netdev *d)
{
	if (!(d->flags & IFF_UP))
		return;
	d->flags &= ~IFF_UP;
	if (stack)
		stack->changed(d);
	netdev_rx_mode(d);
	if (d->ops->stop)
		d->ops->stop(d);
}

void netdev_set_carrier(struct netdev *d, bool on)
{
	if (d->carrier == on)
		return;
	d->carrier = on;
	if (stack)
		stack->changed(d);
}

void netdev_announce(struct netdev *d)
{
	if (stack && d->flags & IFF_UP)
		stack->announce(d);
}

void netdev_schedule(struct netdev *d, unsigned queue)
{
	struct netdev_queue *q = &d->queues[queue];

	WRITE_ONCE(q->scheduled, 1);
	waitq_wake(&q->wait);
}

/* ---- what a device shall hear */

void netdev_rx_mode(struct netdev *d)
{
	if (d->ops->rx_mode)
		d->ops->rx_mode(d);
}

void netdev_promisc(struct netdev *d, int by)
{
	d->promiscuity += by;
	netdev_rx_mode(d);
}

void netdev_allmulti(struct netdev *d, int by)
{
	d->allmulti += by;
	netdev_rx_mode(d);
}

static struct netdev_filter *find_filter(struct netdev *d, const uint8_t *mac)
{
	struct netdev_filter *f;

	list_for_each_entry(f, &d->filter, link)
		if (!memcmp(f->mac, mac, sizeof(f->mac)))
			return f;
	return NULL;
}

int netdev_filter_add(struct netdev *d, const uint8_t *mac)
{
	struct netdev_filter *f = find_filter(d, mac);

	if (f) {
		f->users++;
		return 0;
	}
	f = kmalloc(sizeof(*f), GFP_KERNEL | GFP_NOWARN);
	if (!f)
		return -ENOMEM;
	memcpy(f->mac, mac, sizeof(f->mac));
	f->users = 1;
	list_add_tail(&f->link, &d->filter);
	netdev_rx_mode(d);
	return 0;
}

void netdev_filter_del(struct netdev *d, const uint8_t *mac)
{
	struct netdev_filter *f = find_filter(d, mac);

	if (!f || --f->users)
		return;
	list_del(&f->link);
	kfree(f);
	netdev_rx_mode(d);
}

/* To the recorder, in one piece; it keeps the head only. */
static __noinline void record(struct netdev *d, const struct net_frame *f)
{
	static uint8_t head[TRACE_RECORD_MAX];	/* too much for a stack; net_lock is held */
	uint32_t n = 0;

	for (unsigned i = 0; i < f->nr && n < sizeof(head); i++) {
		uint32_t part = MIN(f->seg[i].len, (uint32_t)sizeof(head) - n);

		memcpy(head + n, f->seg[i].p, part);
		n += part;
	}
	trace_record_frame((unsigned)d->index, f->sent, head, n, f->len);
}

void net_tap_frame(struct netdev *d, const struct net_frame *f)
{
	struct net_tap *t;

	if (trace_wants(TRACE_FRAMES))
		record(d, f);
	list_for_each_entry(t, &net_taps, link)
		if (t != f->origin)
			t->frame(t, d, f);
}

static void tap_received(struct netdev *d, const struct netbuf *frame)
{
	static struct net_seg seg[NET_MAX_SEGS];	/* under net_lock */
	struct net_frame f = { .len = frame->total, .csum = frame->off.csum };

	f.seg = seg;
	for (const struct netbuf *b = frame; b && f.nr < NET_MAX_SEGS; b = b->next)
		seg[f.nr++] = (struct net_seg){ b->data, b->len };
	net_tap_frame(d, &f);
}

static void tap_sent(struct netdev *d, const struct net_tx *tx)
{
	struct net_frame f = {
		.seg = tx->seg, .nr = tx->nr, .len = tx->len, .csum = tx->off.csum, .sent = true, .origin = tx->origin,
	};

	net_tap_frame(d, &f);
}

void netdev_receive(struct netdev *d, struct netbuf *frame)
{
	d->stats.rx_packets++;
	d->stats.rx_bytes += frame->total;
	if (*(uint8_t *)frame->data & 1)
		d->stats.multicast++;
	if (unlikely(net_tapped()))
		tap_received(d, frame);
	if (stack && d->flags & IFF_UP)
		stack->receive(d, frame);
	else
		netbuf_free_frame(frame);
}

int netdev_transmit(struct netdev *d, const struct net_tx *tx)
{
	int err = -ENETDOWN;

	if (likely(d->flags & IFF_UP)) {
		/* Before the driver has it: it may be gone when transmit() is back. */
		if (unlikely(net_tapped()))
			tap_sent(d, tx);
		err = d->ops->transmit(d, tx);
	}
	if (err) {
		d->stats.tx_dropped++;
		return err;
	}
	d->stats.tx_packets++;
	d->stats.tx_bytes += tx->len;
	return 0;
}

static int poll_thread(void *arg)
{
	struct netdev_queue *q = arg;
	struct netdev *d = q->dev;
	unsigned n;

	for (;;) {
		wait_event(&q->wait, READ_ONCE(q->scheduled));
		WRITE_ONCE(q->scheduled, 0);
		do {
			net_lock_acquire();
			n = d->ops->poll(d, q->index, BUDGET);
			net_lock_release();
			cond_resched();
		} while (n == BUDGET);
		net_lock_acquire();
		if (!d->ops->poll_done(d, q->index))
			WRITE_ONCE(q->scheduled, 1);
		net_lock_release();
	}
	return 0;
}

/*
 * A thread for each queue, on the CPU that gets its interrupts, or each of them has to wake another one. It sleeps at first. Queues
 * whose thread there is no memory for are left out; one there has to be.
 */
static int make_queues(struct netdev *d)
{
	unsigned n = d->nr_queues ? d->nr_queues : 1;

	d->nr_queues = 0;
	d->queues = kzalloc(n * sizeof(*d->queues), GFP_KERNEL);
	for (unsigned i = 0; d->queues && i < n; i++) {
		struct netdev_queue *q = &d->queues[i];

		q->dev = d;
		q->index = i;
		waitq_init(&q->wait);
		if (d->ops->poll)
			q->thread = i ? kthread_create(poll_thread, q, (int)i, "net/%s-%u", d->name, i) :
				    kthread_create(poll_thread, q, 0, "net/%s", d->name);
		if (d->ops->poll && !q->thread)
			break;
		d->nr_queues = i + 1;
	}
	if (d->nr_queues)
		return 0;
	kfree(d->queues);
	return -ENOMEM;
}

static int choose_name(struct netdev *d, const char *name)
{
	const char *number = strstr(name, "%u");
	char fmt[16];

	if (!number) {
		strscpy(d->name, name, sizeof(d->name));
		return netdev_by_name(d->name) ? -EEXIST : 0;
	}
	strscpy(fmt, name, MIN(sizeof(fmt), (size_t)(number - name) + 1));
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(d->name, sizeof(d->name), "%s%u", fmt, i);
		if (!netdev_by_name(d->name))
			return 0;
	}
	return -ENFILE;
}

int netdev_register(struct netdev *d, const char *name)
{
	int err;

	list_init(&d->filter);
	if (!d->max_segs || d->max_segs > NET_MAX_SEGS)
		d->max_segs = NET_MAX_SEGS;
	net_lock_acquire();
	err = choose_name(d, name);
	if (!err)
		err = make_queues(d);
	if (!err) {
		d->index = d->flags & IFF_LOOPBACK ? 1 : ++last_index;
		memcpy(d->perm_mac, d->mac, sizeof(d->perm_mac));
		if (d->flags & IFF_LOOPBACK)
			list_add(&d->link, &netdevs);
		else
			list_add_tail(&d->link, &netdevs);
		if (stack)
			stack->attach(d);
	}
	net_lock_release();
	return err;
}

static int show_dev(struct seq *s, void *arg)
{
	struct netdev *d;

	seq_puts(s, "Inter-|   Receive                                                |  Transmit\n"
		    " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls "
		    "carrier compressed\n");
	net_lock_acquire();
	list_for_each_entry(d, &netdevs, link) {
		const struct netdev_stats *t = &d->stats;

		seq_printf(s, "%6s: %7lu %7lu %4lu %4lu %4u %5u %10u %9lu %8lu %7lu %4lu %4lu %4u %5u %7u %10u\n", d->name,
			   (unsigned long)t->rx_bytes, (unsigned long)t->rx_packets, (unsigned long)t->rx_errors,
			   (unsigned long)t->rx_dropped, 0u, 0u, 0u, (unsigned long)t->multicast, (unsigned long)t->tx_bytes,
			   (unsigned long)t->tx_packets, (unsigned long)t->tx_errors, (unsigned long)t->tx_dropped, 0u, 0u, 0u, 0u);
	}
	net_lock_release();
	return 0;
}

static int netdev_init(void)
{
	return procfs_add("net/dev", S_IFREG | 0444, show_dev, NULL);
}
INITCALL(INITCALL_DEVICE, netdev_init);
