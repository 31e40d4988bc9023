/* SPDX-License-Identifier: MIT */
/*
 * /proc/PID/mounts, mountinfo and mountstats, as proc(5) has them.
 *
 * mount_sem held for reading keeps the list still. Mounts that @task's root does not reach are
 * left out.
 */
#include "vfs_internal.h"

#define ESCAPE " \t\n\\"
#define ESCAPE_HASH " \t\n\\#"

static void show_mount_flags(struct seq *s, unsigned f)
{
	static const struct { unsigned bit; const char *text;
	} words[] = {
		{ MNT_NOSUID, ",nosuid" },	     { MNT_NODEV, ",nodev" },
		{ MNT_NOEXEC, ",noexec" },	     { MNT_NOATIME, ",noatime" },
		{ MNT_NODIRATIME, ",nodiratime" },   { MNT_RELATIME, ",relatime" },
		{ MNT_NOSYMFOLLOW, ",nosymfollow" },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(words); i++)
		if (f & words[i].bit)
			seq_puts(s, words[i].text);
}

static void show_super_flags(struct seq *s, const struct super *sb)
{
	if (sb->flags & SB_SYNCHRONOUS)
		seq_puts(s, ",sync");
}

static void show_super_options(struct seq *s, struct super *sb)
{
	char buf[200];

	if (sb->ops && sb->ops->show_options && sb->ops->show_options(sb, buf, sizeof(buf)) > 0)
		seq_puts(s, buf);
}

/* The task's root, with references. */
static bool root_of(struct task *t, struct path *root)
{
	bool ok = false;

	spin_lock(&t->lock);
	if (t->fs) {
		spin_lock_nested(&t->fs->lock);
		*root = t->fs->root;
		path_get(root);
		spin_unlock(&t->fs->lock);
		ok = true;
	}
	spin_unlock(&t->lock);
	return ok;
}

struct show {
	struct seq *s;
	struct path root;
	char *buf;
};

/* Where @m is mounted, for the viewer; NULL: out of its reach. */
static const char *place(struct show *v, struct mount *m)
{
	struct path p = { m, m->root };
	char *name;

	return path_string(&p, &v->root, v->buf, PATH_MAX, true, &name) ? NULL : name;
}

static void show_mount(struct show *v, struct mount *m)
{
	const char *name = place(v, m);

	if (!name)
		return;
	seq_escape(v->s, m->devname ? m->devname : "none", ESCAPE_HASH);
	seq_putc(v->s, ' ');
	seq_escape(v->s, name, ESCAPE);
	seq_printf(v->s, " %s %s", m->sb->type->name, mount_readonly(m) ? "ro" : "rw");
	show_super_flags(v->s, m->sb);
	show_mount_flags(v->s, m->flags);
	show_super_options(v->s, m->sb);
	seq_puts(v->s, " 0 0\n");
}

/* The root of the mount inside its file system. */
static void show_root(struct show *v, struct mount *m)
{
	struct dentry *d = m->root;
	char *at = v->buf + PATH_MAX - 1;

	*at = 0;
	rcu_read_lock();
	for (; d->parent != d; d = d->parent) {
		if ((size_t)(at - v->buf) < d->name.len + 1)
			break;
		at -= d->name.len;
		memcpy(at, d->name.name, d->name.len);
		*--at = '/';
	}
	rcu_read_unlock();
	seq_escape(v->s, *at ? at : "/", ESCAPE);
	if (d_unhashed(m->root) && !d_is_root(m->root))
		seq_puts(v->s, "//deleted");
}

/* The peer group through which a slave receives, as far as the viewer can see it. */
static int dominating_id(const struct mount *m)
{
	for (const struct mount *p = m->master; p; p = p->master)
		if (p->ns && p->group_id)
			return p->group_id;
	return 0;
}

static void show_mountinfo(struct show *v, struct mount *m)
{
	const char *name = place(v, m);
	int dom;

	if (!name)
		return;
	seq_printf(v->s, "%d %d %u:%u ", m->id, m->parent->id, MAJOR(m->sb->dev),
		   MINOR(m->sb->dev));
	show_root(v, m);
	seq_putc(v->s, ' ');
	seq_escape(v->s, place(v, m), ESCAPE);
	seq_puts(v->s, m->flags & MNT_READONLY ? " ro" : " rw");
	show_mount_flags(v->s, m->flags);
	if (mount_is_shared(m))
		seq_printf(v->s, " shared:%d", m->group_id);
	if (m->master) {
		seq_printf(v->s, " master:%d", m->master->group_id);
		dom = dominating_id(m);
		if (dom && dom != m->master->group_id)
			seq_printf(v->s, " propagate_from:%d", dom);
	}
	if (m->flags & MNT_UNBINDABLE)
		seq_puts(v->s, " unbindable");
	seq_printf(v->s, " - %s ", m->sb->type->name);
	seq_escape(v->s, m->devname ? m->devname : "none", ESCAPE_HASH);
	seq_puts(v->s, m->sb->flags & SB_RDONLY ? " ro" : " rw");
	show_super_flags(v->s, m->sb);
	show_super_options(v->s, m->sb);
	seq_putc(v->s, '\n');
}

static void show_stats(struct show *v, struct mount *m)
{
	const char *name = place(v, m);

	if (!name)
		return;
	if (m->devname) {
		seq_puts(v->s, "device ");
		seq_escape(v->s, m->devname, ESCAPE_HASH);
	} else {
		seq_puts(v->s, "no device");
	}
	seq_puts(v->s, " mounted on ");
	seq_escape(v->s, name, ESCAPE);
	seq_printf(v->s, " with fstype %s\n", m->sb->type->name);
}

static int show_all(struct seq *s, struct task *t, void (*one)(struct show *, struct mount *))
{
	struct show v = { .s = s };
	struct mnt_ns *ns;
	struct mount *m;

	if (!root_of(t, &v.root))
		return -EINVAL;
	v.buf = kmalloc(PATH_MAX, GFP_KERNEL);
	if (!v.buf) {
		path_put(&v.root);
		return -ENOMEM;
	}
	ns = task_mnt_ns_get(t);
	down_read(&mount_sem);
	list_for_each_entry(m, &ns->mounts, ns_link)
		one(&v, m);
	up_read(&mount_sem);
	mnt_ns_put(ns);
	kfree(v.buf);
	path_put(&v.root);
	return 0;
}

int vfs_show_mounts(struct seq *s, struct task *t)
{
	return show_all(s, t, show_mount);
}

int vfs_show_mountinfo(struct seq *s, struct task *t)
{
	return show_all(s, t, show_mountinfo);
}

int vfs_show_mountstats(struct seq *s, struct task *t)
{
	return show_all(s, t, show_stats);
}
