/* SPDX-License-Identifier: MIT */
/*
 * Generated text files: show() writes the whole text into a buffer that grows until it fits;
 * reads take slices of it.
 * The text is made at the first read and again whenever reading starts at 0, so one pass sees
 * one state.
 *
 * Locks: seq->lock over show and copying. @arg is kept in seq->private.
 */
#include <stdarg.h>
#include "vfs_internal.h"

#define SEQ_MAX (64u << 20)
struct seq_state {
	struct seq s;
	void *arg;
	bool filled;
};

int seq_open(struct file *f, int (*show)(struct seq *, void *), void *arg)
{
	struct seq_state *st = kzalloc(sizeof(*st), GFP_KERNEL);

	if (!st)
		return -ENOMEM;
	mutex_init(&st->s.lock, LR_SEQ);
	st->s.file = f;
	st->s.show = show;
	st->s.private = arg;
	st->arg = arg;
	f->private = &st->s;
	f->mode &=
		~(uint32_t)
			FMODE_PWRITE; /* texts are not written at positions, unless their owner says so */
	return 0;
}

static int fill(struct seq_state *st)
{
	struct seq *s = &st->s;
	int err;

	if (!s->buf) {
		s->size = 1024;
		s->buf = kvmalloc(s->size, GFP_KERNEL);
	}
	for (;;) {
		if (!s->buf)
			return -ENOMEM;
		s->count = 0;
		s->overflow = false;
		err = s->show(s, st->arg);
		if (err < 0)
			return err;
		if (!s->overflow)
			break;
		kvfree(s->buf);
		s->buf = NULL;
		if (s->size >= SEQ_MAX)
			return -ENOMEM;
		s->size *= 4;
		s->buf = kvmalloc(s->size, GFP_KERNEL | GFP_NOOOM);
	}
	st->filled = true;
	return 0;
}

ssize_t seq_read(struct file *f, struct iov_iter *to, loff_t *pos)
{
	struct seq *s = f->private;
	struct seq_state *st = container_of(s, struct seq_state, s);
	ssize_t n = 0;

	mutex_lock_nested(&s->lock);
	if (!*pos || !st->filled)
		n = fill(st);
	if (!n && (uint64_t)*pos < s->count && to->count) {
		size_t want = MIN(s->count - (size_t)*pos, to->count);

		n = (ssize_t)copy_to_iter(s->buf + *pos, want, to);
		if (!n)
			n = -EFAULT;
		else
			*pos += n;
	}
	mutex_unlock(&s->lock);
	return n;
}

void seq_release(struct inode *inode, struct file *f)
{
	struct seq *s = f->private;

	if (!s)
		return;
	kvfree(s->buf);
	kfree(container_of(s, struct seq_state, s));
	f->private = NULL;
}

void seq_write(struct seq *s, const void *p, size_t n)
{
	if (s->count + n > s->size) {
		s->overflow = true;
		return;
	}
	memcpy(s->buf + s->count, p, n);
	s->count += n;
}

void seq_puts(struct seq *s, const char *str)
{
	seq_write(s, str, strlen(str));
}

void seq_putc(struct seq *s, char c)
{
	if (likely(s->count < s->size))
		s->buf[s->count++] = c;
	else
		s->overflow = true;
}

void seq_printf(struct seq *s, const char *fmt, ...)
{
	size_t room = s->size - s->count;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(s->buf + s->count, room, fmt, ap);
	va_end(ap);
	if (n < 0 ||
	    (size_t)n >= room) /* the terminator needs a byte too: at worst one more round */
		s->overflow = true;
	else
		s->count += (size_t)n;
}

void seq_put_u64(struct seq *s, uint64_t v)
{
	char tmp[20];
	unsigned n = sizeof(tmp);

	do {
		tmp[--n] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	seq_write(s, tmp + n, sizeof(tmp) - n);
}

void seq_put_padded(struct seq *s, const char *str, unsigned width)
{
	size_t n = strlen(str);

	seq_write(s, str, n);
	for (; n < width; n++)
		seq_putc(s, ' ');
}

/* Bytes of @escape as three octal digits. */
void seq_escape(struct seq *s, const char *str, const char *escape)
{
	for (; *str; str++) {
		if (strchr(escape, *str))
			seq_printf(s, "\\%03o", (unsigned char)*str);
		else
			seq_putc(s, *str);
	}
}

void seq_escape_path(struct seq *s, const struct path *p, const struct path *root,
		     const char *escape)
{
	char *buf = kmalloc(PATH_MAX, GFP_KERNEL), *name;

	if (!buf)
		return;
	name = root ? path_to_string_root(p, root, buf, PATH_MAX, true)
		    : path_to_string(p, buf, PATH_MAX);
	if (name)
		seq_escape(s, name, escape);
	kfree(buf);
}
