/* SPDX-License-Identifier: MIT */
/*
 * File system contexts: fsopen(2), fspick(2), fsconfig(2), fsmount(2).
 *
 * A context collects parameters, then makes a super (CREATE), which fsmount() mounts, detached; from then on,
 * as after fspick(), it collects parameters for a change of that super (RECONFIGURE). Parameters are kept as
 * the option text that mount(2) would bring. What was wrong is told by messages that are read from the
 * descriptor, one by one; the last eight are kept.
 *
 * Locks: fs_ctx.lock (LR_FPOS: nothing is held before it) over each call. References: fsopen(2), fsconfig(2)
 * and fsmount(2) of the kernel's patch series; behaviour was read off Linux by tests/user/mount/fsopen.c.
 */
#include <uapi/mount.h>
#include "vfs_internal.h"

#define KEY_MAX	    256
#define LOG_SIZE    8
#define OPTIONS_MAX PAGE_SIZE

enum phase { SET_UP, MADE, RECONFIGURE_LATER, CHANGE, FAILED };
struct fs_ctx {
	struct mutex lock;
	struct fs_type *type;
	enum phase phase;
	struct super *sb; /* a reference, from MADE on */
	char *source;
	char *options; /* "name=value,name..." */
	size_t options_len;
	unsigned sb_flags, sb_mask;
	char *log[LOG_SIZE]; /* ring */
	unsigned log_head, log_tail;
};

static struct fs_ctx *ctx_alloc(struct fs_type *t)
{
	struct fs_ctx *c = kzalloc(sizeof(*c), GFP_KERNEL);

	if (!c)
		return NULL;
	mutex_init(&c->lock, LR_FPOS);
	c->type = t;
	return c;
}

static void ctx_clear_options(struct fs_ctx *c)
{
	kfree(c->options);
	c->options = NULL;
	c->options_len = 0;
}

static void ctx_free(struct fs_ctx *c)
{
	if (c->sb)
		super_put(c->sb);
	for (; c->log_tail != c->log_head; c->log_tail++)
		kfree(c->log[c->log_tail % LOG_SIZE]);
	ctx_clear_options(c);
	kfree(c->source);
	kfree(c);
}

/* ---- messages */

/* @text: the whole message, or NULL when there was no memory for it: then it is not told. */
static void ctx_log(struct fs_ctx *c, char *text)
{
	if (!text)
		return;
	if (c->log_head - c->log_tail == LOG_SIZE)
		kfree(c->log[c->log_tail++ % LOG_SIZE]);
	c->log[c->log_head++ % LOG_SIZE] = text;
}

static int ctx_error(struct fs_ctx *c, const char *what, const char *key)
{
	ctx_log(c, kasprintf(GFP_KERNEL, "e %s: %s '%s'\n", c->type->name, what, key));
	return -EINVAL;
}

static ssize_t ctx_read(struct file *f, struct iov_iter *to, loff_t *pos)
{
	struct fs_ctx *c = f->private;
	ssize_t n = -ENODATA;
	char *text = NULL;

	if (mutex_lock_interruptible(&c->lock))
		return -ERESTARTSYS;
	if (c->log_head != c->log_tail) {
		text = c->log[c->log_tail % LOG_SIZE];
		n = (ssize_t)strlen(text);
		if ((size_t)n > to->count) {
			n = -EMSGSIZE;
			text = NULL;
		} else {
			c->log_tail++;
		}
	}
	mutex_unlock(&c->lock);
	if (text && copy_to_iter(text, (size_t)n, to) != (size_t)n)
		n = -EFAULT;
	kfree(text);
	return n;
}

static void ctx_release(struct inode *inode, struct file *f)
{
	ctx_free(f->private);
}

static const struct file_ops ctx_fops = { .read = ctx_read,
					  .release = ctx_release,
					  .llseek = no_llseek };

static long ctx_install(struct fs_ctx *c, bool cloexec)
{
	struct file *f;
	int err;

	f = anon_file_create("[fscontext]", &ctx_fops, c, O_RDWR, &err);
	if (!f) {
		ctx_free(c);
		return err;
	}
	return fd_install_new(f, cloexec ? O_CLOEXEC : 0);
}

/* A string of at most @max - 1 bytes. -EINVAL: longer. */
static int string_from_user(const char __user *u, size_t max, char **out)
{
	char *s = kmalloc(max, GFP_KERNEL);
	ssize_t n;

	if (!s)
		return -ENOMEM;
	n = strncpy_from_user(s, u, max);
	if (n < 0 || (size_t)n >= max) {
		kfree(s);
		return n < 0 ? (int)n : -EINVAL;
	}
	*out = s;
	return 0;
}

long sys_fsopen(const char __user *uname, unsigned int flags)
{
	struct fs_type *t;
	struct fs_ctx *c;
	char *name;
	int err;

	if (!may_mount())
		return -EPERM;
	if (flags & ~FSOPEN_CLOEXEC)
		return -EINVAL;
	err = string_from_user(uname, PAGE_SIZE, &name);
	if (err)
		return err;
	t = fs_type_find(name);
	kfree(name);
	if (!t)
		return -ENODEV;
	c = ctx_alloc(t);
	return c ? ctx_install(c, flags & FSOPEN_CLOEXEC) : -ENOMEM;
}

long sys_fspick(int dfd, const char __user *upath, unsigned int flags)
{
	unsigned lookup = flags & FSPICK_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW;
	struct fs_ctx *c = NULL;
	struct path p;
	int err;

	if (!may_mount())
		return -EPERM;
	if (flags &
	    ~(FSPICK_CLOEXEC | FSPICK_SYMLINK_NOFOLLOW | FSPICK_NO_AUTOMOUNT | FSPICK_EMPTY_PATH))
		return -EINVAL;
	if (flags & FSPICK_EMPTY_PATH)
		lookup |= LOOKUP_EMPTY;
	err = user_path_at(dfd, upath, lookup, &p);
	if (err)
		return err;
	err = -EINVAL;
	if (p.mnt->root != p.dentry)
		goto out;
	err = -ENOMEM;
	c = ctx_alloc((struct fs_type *)(uintptr_t)p.mnt->sb->type);
	if (!c)
		goto out;
	c->phase = CHANGE;
	c->sb = p.mnt->sb;
	atomic_inc(&c->sb->refs);
	err = 0;
out:
	path_put(&p);
	return err ? err : ctx_install(c, flags & FSPICK_CLOEXEC);
}

/* ---- parameters */

/* Words that are flags of every super. */
static bool common_flag(struct fs_ctx *c, const char *key)
{
	static const struct {
		const char *name;
		unsigned flag;
		bool set;
	} words[] = {
		{ "ro", SB_RDONLY, true },
		{ "rw", SB_RDONLY, false },
		{ "sync", SB_SYNCHRONOUS, true },
		{ "async", SB_SYNCHRONOUS, false },
		/* Words of which there is nothing to set here. */
		{ "dirsync", 0, true },
		{ "lazytime", 0, true },
		{ "nolazytime", 0, false },
		{ "mand", 0, true },
		{ "nomand", 0, false },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcmp(key, words[i].name))
			continue;
		c->sb_flags =
			words[i].set ? c->sb_flags | words[i].flag : c->sb_flags & ~words[i].flag;
		c->sb_mask |= words[i].flag;
		return true;
	}
	return false;
}

static int set_source(struct fs_ctx *c, const char *value)
{
	if (!value) {
		ctx_log(c, kstrdup("e Non-string source\n", GFP_KERNEL));
		return -EINVAL;
	}
	if (c->source) {
		ctx_log(c, kstrdup("e Multiple sources\n", GFP_KERNEL));
		return -EINVAL;
	}
	c->source = kstrdup(value, GFP_KERNEL);
	return c->source ? 0 : -ENOMEM;
}

static bool is_param(const struct fs_type *t, const char *key)
{
	for (const char *const *p = t->params; *p; p++)
		if (!strcmp(*p, key))
			return true;
	return false;
}

static int add_option(struct fs_ctx *c, const char *key, const char *value)
{
	char *option, *all;
	size_t n;
	int err;

	if (strchr(key, ',') || (value && strchr(value, ',')))
		return ctx_error(c, "Bad value for",
				 key); /* could not be told from the next option */
	option = value ? kasprintf(GFP_KERNEL, "%s=%s", key, value) : kstrdup(key, GFP_KERNEL);
	if (!option)
		return -ENOMEM;
	err = c->type->check_param ? c->type->check_param(option) : 0;
	if (err) {
		err = err == -EINVAL ? ctx_error(c, "Bad value for", key) : err;
		goto out;
	}
	n = strlen(option);
	err = -EINVAL;
	if (c->options_len + n + 2 > OPTIONS_MAX)
		goto out;
	err = -ENOMEM;
	all = krealloc(c->options, c->options_len + n + 2, GFP_KERNEL);
	if (!all)
		goto out;
	if (c->options_len)
		all[c->options_len++] = ',';
	memcpy(all + c->options_len, option, n + 1);
	c->options = all;
	c->options_len += n;
	err = 0;
out:
	kfree(option);
	return err;
}

static int set_param(struct fs_ctx *c, unsigned cmd, const char *key, const char *value)
{
	if (c->phase == RECONFIGURE_LATER)
		c->phase = CHANGE;
	if (c->phase != SET_UP && c->phase != CHANGE)
		return -EBUSY;
	if (common_flag(c, key))
		return 0;
	if (!strcmp(key, "source") && !(c->type->params && is_param(c->type, key)))
		return set_source(c, cmd == FSCONFIG_SET_STRING ? value : NULL);
	if (c->type->params && !is_param(c->type, key))
		return ctx_error(c, "Unknown parameter", key);
	if (cmd != FSCONFIG_SET_FLAG && cmd != FSCONFIG_SET_STRING)
		return c->type->params ? ctx_error(c, "Bad value for", key) : -EOPNOTSUPP;
	return add_option(c, key, value);
}

/* ---- commands */

static int ctx_create(struct fs_ctx *c)
{
	int err;

	if (c->phase != SET_UP)
		return -EBUSY;
	if (!may_mount())
		return -EPERM;
	err = super_mount(c->type, c->sb_flags, c->source, c->options, &c->sb);
	c->phase = err ? FAILED : MADE;
	return err;
}

static int ctx_reconfigure(struct fs_ctx *c)
{
	int err;

	if (c->phase == RECONFIGURE_LATER)
		c->phase = CHANGE;
	if (c->phase != CHANGE)
		return -EBUSY;
	if (!may_mount()) {
		c->phase = FAILED;
		return -EPERM;
	}
	down_write(&mount_sem);
	err = super_reconfigure(c->sb, c->sb_flags, c->sb_mask, c->options);
	up_write(&mount_sem);
	c->phase = err ? FAILED : RECONFIGURE_LATER;
	c->sb_flags = 0;
	ctx_clear_options(c);
	return err;
}

static int check_arguments(unsigned cmd, const void __user *key, const void __user *value, int aux)
{
	bool ok;

	switch (cmd) {
	case FSCONFIG_SET_FLAG:
		ok = key && !value && !aux;
		break;
	case FSCONFIG_SET_STRING:
		ok = key && value && !aux;
		break;
	case FSCONFIG_SET_BINARY:
		ok = key && value && aux > 0 && aux <= 1024 * 1024;
		break;
	case FSCONFIG_SET_PATH:
	case FSCONFIG_SET_PATH_EMPTY:
		ok = key && value && (aux == AT_FDCWD || aux >= 0);
		break;
	case FSCONFIG_SET_FD:
		ok = key && !value && aux >= 0;
		break;
	case FSCONFIG_CMD_CREATE:
	case FSCONFIG_CMD_RECONFIGURE:
		ok = !key && !value && !aux;
		break;
	default:
		return -EOPNOTSUPP;
	}
	return ok ? 0 : -EINVAL;
}

static int ctx_do(struct fs_ctx *c, unsigned cmd, const char *key, const char *value)
{
	int err;

	if (mutex_lock_interruptible(&c->lock))
		return -EINTR;
	if (cmd == FSCONFIG_CMD_CREATE)
		err = ctx_create(c);
	else if (cmd == FSCONFIG_CMD_RECONFIGURE)
		err = ctx_reconfigure(c);
	else
		err = set_param(c, cmd, key, value);
	mutex_unlock(&c->lock);
	return err;
}

static struct fd get_ctx(int n, int *err)
{
	struct fd fd = fd_get((unsigned)n);

	*err = fd.file ? 0 : -EBADF;
	if (fd.file && fd.file->ops != &ctx_fops) {
		fd_put(fd);
		*err = -EINVAL;
	}
	return fd;
}

long sys_fsconfig(int n, unsigned int cmd, const char __user *ukey, const void __user *uvalue,
		  int aux)
{
	char *key = NULL, *value = NULL;
	struct fd fd;
	int err;

	if (n < 0)
		return -EINVAL;
	err = check_arguments(cmd, ukey, uvalue, aux);
	if (err)
		return err;
	fd = get_ctx(n, &err);
	if (err)
		return err;
	if (ukey)
		err = string_from_user(ukey, KEY_MAX, &key);
	if (!err && cmd == FSCONFIG_SET_STRING)
		err = string_from_user(uvalue, KEY_MAX, &value);
	if (!err)
		err = ctx_do(fd.file->private, cmd, key, value);
	kfree(value);
	kfree(key);
	fd_put(fd);
	return err;
}

static struct mount *ctx_mount(struct fs_ctx *c, unsigned mflags, int *err)
{
	struct mount *m = NULL;

	mutex_lock(&c->lock);
	*err = c->phase == MADE ? 0 : c->sb ? -EBUSY : -EINVAL;
	if (!*err) {
		m = mount_alloc(c->sb, c->sb->root, c->source ? c->source : "none",
				mflags | MNT_DETACHED);
		*err = m ? 0 : -ENOMEM;
	}
	if (m) {
		c->phase = RECONFIGURE_LATER;
		c->sb_flags = 0;
		ctx_clear_options(c);
		kfree(c->source);
		c->source = NULL;
	}
	mutex_unlock(&c->lock);
	return m;
}

long sys_fsmount(int n, unsigned int flags, unsigned int attrs)
{
	unsigned mflags;
	struct mount *m;
	struct fd fd;
	int err;

	if (!may_mount())
		return -EPERM;
	if (flags & ~FSMOUNT_CLOEXEC)
		return -EINVAL;
	err = mount_attrs_to_flags(attrs, &mflags);
	if (err)
		return err;
	fd = get_ctx(n, &err);
	if (err)
		return err;
	m = ctx_mount(fd.file->private, mflags, &err);
	fd_put(fd);
	return m ? mount_detached_fd(m, flags & FSMOUNT_CLOEXEC) : err;
}
