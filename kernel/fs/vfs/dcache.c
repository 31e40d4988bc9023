/* SPDX-License-Identifier: MIT */
/*
 * The dentry cache: names, found by (parent, name) in a hash.
 *
 * References. A dentry with refs > 0 is in use; with 0 it is cached and on the LRU list; with
 * DENTRY_DEAD it is
 * being freed and cannot be revived. A child holds a reference on its parent, a pinned dentry
 * (tmpfs, where the
 * name is the directory entry) one on itself, a positive dentry one on its inode. The memory
 * goes after
 * an RCU grace period, so walkers may look at a dentry they found without a reference; what
 * they read is
 * validated by dentry->seq, which changes with parent, name and inode.
 *
 * A chain walk can be led astray by a rename between chains: a miss counts only when
 * rename_seq stood still.
 *
 * Locks: dentry->lock (parent before child) for its children list, flags and what seq covers;
 * hash_locks for the
 * chains; lru_lock; rename_lock serialises changes of parent and name.
 */
#include "vfs_internal.h"

#define HASH_LOCKS 64
struct hlist_head *dentry_table;
unsigned dentry_shift;
struct seqcount rename_seq;
DEFINE_SPINLOCK(rename_lock, LR_DCACHE_RENAME);
static struct spinlock hash_locks[HASH_LOCKS];
static DEFINE_SPINLOCK(lru_lock, LR_DCACHE_LRU);
static LIST_HEAD(lru);
static uint64_t nr_unused;		/* [lru_lock] */
static atomic64_t nr_dentries;
static struct kmem_cache *dentry_cache;

static struct spinlock *hash_lock(uint32_t hash)
{
	return &hash_locks[hash >> 26];
}

uint32_t name_hash(const struct dentry *parent, const char *name, unsigned len)
{
	return name_hash_bytes(hash_start(parent), name, len);
}

void dentry_set_flag(struct dentry *d, uint32_t set, uint32_t clear)
{
	spin_lock(&d->lock);
	WRITE_ONCE(d->flags, (d->flags & ~clear) | set);
	spin_unlock(&d->lock);
}

/* The space for a name of @len: inline, or NULL when there is no memory. Zero behind the end. */
static char *name_space(struct dentry *d, unsigned len)
{
	size_t size = ALIGN_UP(len + 1, 8u);

	if (len < DNAME_INLINE)
		return d->inline_name;
	return kzalloc(size, GFP_KERNEL);
}

static void name_copy(char *to, const char *from, unsigned len)
{
	uint64_t *last = (uint64_t *)(void *)(to + (len & ~7u));

	*last = 0;
	memcpy(to, from, len);
}

static struct dentry *dentry_new(struct super *sb, const struct qstr *name)
{
	struct dentry *d = kmem_cache_alloc(dentry_cache, GFP_KERNEL);
	char *n;

	if (!d)
		return NULL;
	n = name_space(d, name->len);
	if (!n) {
		kmem_cache_free(dentry_cache, d);
		return NULL;
	}
	name_copy(n, name->name, name->len);
	atomic_set(&d->refs, 1);
	d->flags = D_UNHASHED;
	d->seq.seq = 0;
	d->hash.pprev = NULL;
	d->parent = d;
	d->inode = NULL;
	d->name = (struct qstr){ n, name->len, name->hash };
	spin_lock_init(&d->lock, LR_DENTRY);
	d->sb = sb;
	d->ops = sb->dops;
	list_init(&d->children);
	list_init(&d->sibling);
	list_init(&d->lru);
	d->alias.pprev = NULL;
	d->fsdata = NULL;
	atomic64_inc(&nr_dentries);
	return d;
}

struct dentry *dentry_alloc(struct dentry *parent, const struct qstr *name)
{
	struct dentry *d = dentry_new(parent->sb, name);

	if (!d)
		return NULL;
	dentry_get(parent);
	d->parent = parent;
	spin_lock(&parent->lock);
	list_add(&d->sibling, &parent->children);
	spin_unlock(&parent->lock);
	return d;
}

struct dentry *dentry_alloc_anon(struct super *sb, const struct qstr *name)
{
	return dentry_new(sb, name);
}

struct dentry *dentry_alloc_root(struct inode *inode)
{
	struct dentry *d = dentry_new(inode->sb, &(struct qstr){ "/", 1, 0 });

	if (d) {
		d->flags = 0;		/* counts as hashed: not "(deleted)" */
		d_instantiate(d, inode);
	}
	return d;
}

static void dentry_free_rcu(struct rcu_head *head)
{
	struct dentry *d = container_of(head, struct dentry, rcu);

	if (d->name.name != d->inline_name)
		kfree(d->name.name);
	kmem_cache_free(dentry_cache, d);
}

static void lru_add(struct dentry *d)
{
	spin_lock(&lru_lock);
	if (list_empty(&d->lru)) {
		list_add(&d->lru, &lru);
		nr_unused++;
	}
	spin_unlock(&lru_lock);
}

static void lru_del(struct dentry *d)
{
	if (list_empty(&d->lru))
		return;
	spin_lock(&lru_lock);
	if (!list_empty(&d->lru)) {
		list_del_init(&d->lru);
		nr_unused--;
	}
	spin_unlock(&lru_lock);
}

/* d->lock held. Leaves hash.next for walkers. */
static void unhash_locked(struct dentry *d)
{
	struct spinlock *l;

	if (hlist_unhashed(&d->hash))
		return;
	l = hash_lock(d->name.hash);
	spin_lock(l);
	hlist_del(&d->hash);
	spin_unlock(l);
}

/* d->lock held. */
static void hash_locked(struct dentry *d)
{
	struct spinlock *l = hash_lock(d->name.hash);

	spin_lock(l);
	hlist_add_head(&d->hash, dentry_bucket(d->name.hash));
	spin_unlock(l);
}

static bool keep_unused(const struct dentry *d)
{
	return !(d->flags & (D_UNHASHED | D_NOCACHE)) && (d->inode || !(d->flags & D_NO_NEGATIVE));
}

/*
 * Frees a dentry whose count we set to DENTRY_DEAD. d->lock held, RCU read section held; both
 * are dropped. Returns the
 * parent whose reference the caller now owns, or NULL.
 */
static struct dentry *dentry_kill(struct dentry *d)
{
	struct inode *inode = d->inode;
	struct dentry *parent = d->parent;

	unhash_locked(d);
	seq_write_begin(&d->seq);
	d->flags |= D_UNHASHED;
	WRITE_ONCE(d->inode, NULL);
	seq_write_end(&d->seq);
	if (inode && d->alias.pprev) {
		spin_lock(&inode->lock);
		hlist_del(&d->alias);
		spin_unlock(&inode->lock);
	}
	spin_unlock(&d->lock);
	rcu_read_unlock();
	lru_del(d);
	if (parent != d) {
		spin_lock(&parent->lock);
		list_del(&d->sibling);
		spin_unlock(&parent->lock);
	}
	if (d->ops && d->ops->release)
		d->ops->release(d);
	if (inode) {
		if (unlikely(fsnotify_marks) && !inode->nlink)
			fsnotify_inode(inode, 0x400 /* IN_DELETE_SELF */);
		inode_put(inode);
	}
	atomic64_dec(&nr_dentries);
	call_rcu(&d->rcu, dentry_free_rcu);
	return parent == d ? NULL : parent;
}

static __noinline void dentry_put_last(struct dentry *d)
{
	while (d) {
		int old = atomic_read(&d->refs);

		while (old > 1)
			if (__atomic_compare_exchange_n(&d->refs.v, &old, old - 1, true,
							__ATOMIC_RELEASE, __ATOMIC_RELAXED))
				return;
		rcu_read_lock();
		if (!ref_put(&d->refs) || (keep_unused(d) && !list_empty(&d->lru))) {
			rcu_read_unlock();
			return;
		}
		/* Zero, but it may be found and used again at any moment until we say otherwise. */
		spin_lock(&d->lock);
		if (keep_unused(d)) {
			lru_add(d);
			spin_unlock(&d->lock);
			rcu_read_unlock();
			return;
		}
		if (!atomic_cas(&d->refs, 0, DENTRY_DEAD)) {
			spin_unlock(&d->lock);
			rcu_read_unlock();
			return;
		}
		d = dentry_kill(d);
	}
}

void dentry_put(struct dentry *d)
{
	int old = atomic_read(&d->refs);

	while (likely(old > 1))
		if (__atomic_compare_exchange_n(&d->refs.v, &old, old - 1, true, __ATOMIC_RELEASE,
						__ATOMIC_RELAXED))
			return;
	dentry_put_last(d);
}

void d_instantiate(struct dentry *d, struct inode *inode)
{
	if (!(inode->opflags & IOP_READY))
		inode_set_opflags(inode);
	spin_lock(&d->lock);
	spin_lock(&inode->lock);
	hlist_add_head(&d->alias, &inode->aliases);
	spin_unlock(&inode->lock);
	seq_write_begin(&d->seq);
	WRITE_ONCE(d->inode, inode);
	seq_write_end(&d->seq);
	spin_unlock(&d->lock);
}

void d_rehash(struct dentry *d)
{
	spin_lock(&d->lock);
	if (d->flags & D_UNHASHED) {
		WRITE_ONCE(d->flags, d->flags & ~D_UNHASHED);
		hash_locked(d);
	}
	spin_unlock(&d->lock);
}

void d_add(struct dentry *d, struct inode *inode)
{
	if (inode)
		d_instantiate(d, inode);
	d_rehash(d);
}

void d_drop(struct dentry *d)
{
	spin_lock(&d->lock);
	if (!(d->flags & D_UNHASHED)) {
		unhash_locked(d);
		seq_write_begin(&d->seq);
		WRITE_ONCE(d->flags, d->flags | D_UNHASHED);
		seq_write_end(&d->seq);
	}
	spin_unlock(&d->lock);
}

/* The name is gone; the object lives on while it is used, and shows as "(deleted)". */
void d_delete(struct dentry *d)
{
	d_drop(d);
}

struct dentry *d_lookup(struct dentry *parent, const struct qstr *name)
{
	struct dentry *d;
	uint64_t key = qstr_key(name);
	uint32_t rseq, seq;

	for (;;) {
		rseq = seq_read_begin(&rename_seq);
		rcu_read_lock();
		hlist_for_each_entry(d, dentry_bucket(name->hash), hash) {
			const char *n;

			if (qstr_key(&d->name) != key || READ_ONCE(d->parent) != parent)
				continue;
			seq = seq_read_begin(&d->seq);
			n = READ_ONCE(d->name.name);
			if (seq_read_retry(&d->seq, seq) || memcmp(n, name->name, name->len))
				continue;
			if ((READ_ONCE(d->flags) & D_UNHASHED) || !dentry_get_live(d))
				continue;
			/* With a reference: is it still what we looked for? */
			if (!seq_read_retry(&d->seq, seq)) {
				rcu_read_unlock();
				return d;
			}
			rcu_read_unlock();
			dentry_put(d);
			goto again;
		}
		rcu_read_unlock();
		if (!seq_read_retry(&rename_seq, rseq))
			return NULL;
again:
		continue;
	}
}

struct dentry *d_hash_lookup_name(struct dentry *parent, const char *name, unsigned len)
{
	return d_lookup(parent, &(struct qstr){ name, len, name_hash(parent, name, len) });
}

bool d_is_ancestor(const struct dentry *a, const struct dentry *d)
{
	bool yes = false;
	uint32_t seq;

	rcu_read_lock();
	do {
		const struct dentry *p = d;

		seq = seq_read_begin(&rename_seq);
		while (!(yes = p == a) && READ_ONCE(p->parent) != p)
			p = READ_ONCE(p->parent);
	} while (seq_read_retry(&rename_seq, seq));
	rcu_read_unlock();
	return yes;
}

bool d_has_children(struct dentry *d)
{
	struct dentry *c;
	bool yes = false;

	spin_lock(&d->lock);
	list_for_each_entry(c, &d->children, sibling)
		if (!(c->flags & (D_UNHASHED | D_CURSOR)) && READ_ONCE(c->inode)) {
			yes = true;
			break;
		}
	spin_unlock(&d->lock);
	return yes;
}

/*
 * Both dentries' locks held: the names change places, or d gets target's (whose own becomes
 * d's old one).
 */
static void names_swap(struct dentry *d, struct dentry *t)
{
	char tmp[DNAME_INLINE];
	bool din = d->name.name == d->inline_name, tin = t->name.name == t->inline_name;
	struct qstr q = d->name;

	memcpy(tmp, d->inline_name, DNAME_INLINE);
	memcpy(d->inline_name, t->inline_name, DNAME_INLINE);
	memcpy(t->inline_name, tmp, DNAME_INLINE);
	d->name = t->name;
	t->name = q;
	if (tin)
		d->name.name = d->inline_name;
	if (din)
		t->name.name = t->inline_name;
}

static bool above(const struct dentry *a,
		  const struct dentry *d) /* rename_lock held: nothing moves */
{
	while (d != a && d->parent != d)
		d = d->parent;
	return d == a;
}

static void lock_two(struct dentry *a, struct dentry *b)
{
	if (a == b) {
		spin_lock(&a->lock);
		return;
	}
	if (above(b, a) || (!above(a, b) && a > b))
		SWAP(a, b);
	spin_lock(&a->lock);
	spin_lock_nested(&b->lock);
}

/*
 * The tree moves: d takes the place and name of target. exchange: and target d's. Otherwise
 * target, if it was a
 * name, is gone (the caller drops its pins). Both parents' rwsems (and, across directories,
 * rename_mutex) are held.
 */
void d_move(struct dentry *d, struct dentry *target, bool exchange)
{
	struct dentry *op = d->parent, *np = target->parent;
	uint32_t dh, th;

	spin_lock(&rename_lock);
	seq_write_begin(&rename_seq);
	lock_two(op, np);
	spin_lock_nested(&d->lock);
	spin_lock_nested(&target->lock);
	unhash_locked(d);
	unhash_locked(target);
	seq_write_begin(&d->seq);
	seq_write_begin(&target->seq);
	names_swap(d, target);
	list_del(&d->sibling);
	list_del(&target->sibling);
	WRITE_ONCE(d->parent, np);
	WRITE_ONCE(target->parent, op);
	list_add(&d->sibling, &np->children);
	list_add(&target->sibling, &op->children);
	/* The hash includes the parent. */
	dh = name_hash(np, d->name.name, d->name.len);
	th = name_hash(op, target->name.name, target->name.len);
	d->name.hash = dh;
	target->name.hash = th;
	WRITE_ONCE(d->flags, d->flags & ~D_UNHASHED);
	hash_locked(d);
	if (exchange)
		hash_locked(target);
	else
		WRITE_ONCE(target->flags, target->flags | D_UNHASHED);
	seq_write_end(&target->seq);
	seq_write_end(&d->seq);
	spin_unlock(&target->lock);
	spin_unlock(&d->lock);
	if (op != np)
		spin_unlock(&np->lock);
	spin_unlock(&op->lock);
	seq_write_end(&rename_seq);
	spin_unlock(&rename_lock);
}

/* The next live child after @prev (NULL: the first), with a reference; prev's is dropped. */
struct dentry *d_next_child(struct dentry *parent, struct dentry *prev)
{
	struct list_head *p;
	struct dentry *d, *found = NULL;

	spin_lock(&parent->lock);
	p = prev ? prev->sibling.next : parent->children.next;
	for (; p != &parent->children; p = p->next) {
		d = list_entry(p, struct dentry, sibling);
		if (!(d->flags & D_CURSOR) && dentry_get_live(d)) {
			found = d;
			break;
		}
	}
	spin_unlock(&parent->lock);
	if (prev)
		dentry_put(prev);
	return found;
}

/*
 * A whole tree goes: nobody but the pins holds it. Depth first without recursion: the deepest
 * first child is
 * unpinned and dropped until the root has none.
 */
void d_kill_tree(struct dentry *root)
{
	struct dentry *d = root, *child;

	dentry_get(d);
	for (;;) {
		struct dentry *parent;
		bool pinned;

		child = NULL;
		spin_lock(&d->lock);
		if (!list_empty(&d->children))
			child = list_first_entry(&d->children, struct dentry, sibling);
		if (child && !dentry_get_live(child))
			child = NULL; /* being freed by somebody: it leaves the list by itself */
		spin_unlock(&d->lock);
		if (child) {
			dentry_put(d);
			d = child;
			continue;
		}
		if (d == root)
			break;
		parent = dentry_get(d->parent);
		spin_lock(&d->lock);
		pinned = d->flags & D_PINNED;
		WRITE_ONCE(d->flags, d->flags & ~D_PINNED);
		spin_unlock(&d->lock);
		d_drop(d);
		if (pinned) {
			list_del_init(
				&d->lru); /* a pinned name is in its file system's list, if in any */
			dentry_put(d);
		}
		if (atomic_read(&d->refs) > 1) {
			pr_err("vfs: '%s' of %s is still in use after unmount\n", d->name.name,
			       d->sb->type->name);
			spin_lock(&parent->lock);
			list_del_init(&d->sibling);
			spin_unlock(&parent->lock);
		}
		dentry_put(d);
		d = parent;
	}
	d_drop(root);
	dentry_put(root);
	dentry_put(root);
}

/* Takes unused dentries off the cold end. @sb NULL: any. Returns how many were freed. */
static uint64_t shrink_lru(struct super *sb, uint64_t want)
{
	uint64_t done = 0, look;
	struct dentry *d, *parent;

	spin_lock(&lru_lock);
	look = nr_unused;
	while (look-- && done < want && !list_empty(&lru)) {
		d = list_last_entry(&lru, struct dentry, lru);
		list_del_init(&d->lru);
		nr_unused--;
		if (sb && d->sb != sb) {
			list_add(&d->lru, &lru);
			nr_unused++;
			continue;
		}
		rcu_read_lock();	/* once off the list, only this keeps the memory */
		spin_unlock(&lru_lock);
		spin_lock(&d->lock);
		if (atomic_cas(&d->refs, 0, DENTRY_DEAD)) {
			parent = dentry_kill(d);
			done++;
			if (parent)
				dentry_put(parent);
		} else {
			spin_unlock(&d->lock);
			rcu_read_unlock();
		}
		spin_lock(&lru_lock);
	}
	spin_unlock(&lru_lock);
	return done;
}

void dcache_shrink_super(struct super *sb)
{
	while (shrink_lru(sb, UINT64_MAX))
		;
}

static uint64_t dcache_shrink(uint64_t want)
{
	return shrink_lru(NULL, want * 16) / 16;	/* about 16 dentries a page */
}

void vfs_dentry_stats(uint64_t *nr, uint64_t *unused)
{
	*nr = (uint64_t)atomic64_read(&nr_dentries);
	*unused = READ_ONCE(nr_unused);
}

void __init dcache_init(void)
{
	static struct shrinker shrinker = { .name = "dentries", .shrink = dcache_shrink };
	unsigned bits = ilog2_u64(mem_total_pages() | 1024) - 3;
	unsigned i;

	if (bits > 20)
		bits = 20;
	if (bits < 8)
		bits = 8;
	do {
		dentry_table = kvmalloc(sizeof(*dentry_table) << bits, GFP_KERNEL | GFP_ZERO);
	} while (!dentry_table && --bits > 6);
	dentry_cache = kmem_cache_create("dentry", sizeof(struct dentry), CACHE_LINE, 0, NULL);
	if (!dentry_table || !dentry_cache)
		panic("vfs: no memory for the dentry cache");
	dentry_shift = 32 - bits;
	for (i = 0; i < HASH_LOCKS; i++)
		spin_lock_init(&hash_locks[i], LR_DCACHE_HASH);
	shrinker_register(&shrinker);
}
