/* SPDX-License-Identifier: MIT */
/*
 * N_TTY, output: OPOST processing with column tracking, and echo.
 *
 * Echo is processed at once. What the driver has no room for waits in tty->echo, already processed, and goes out
 * before anything written later; when that is full too, echo is lost, as on any terminal.
 * Locks: output_lock around everything that touches columns, the echo buffer, or ops->write.
 */
#include "tty_internal.h"
#include <kernel/string.h>

static bool is_control(uint8_t c)
{
	return c < 0x20 || c == 0x7f;
}

/* The second and later bytes of a UTF-8 character take no column. */
static bool is_continuation(const struct tty *t, uint8_t c)
{
	return (t->termios.c_iflag & IUTF8) && (c & 0xc0) == 0x80;
}

/* Turns @c into what is sent, at most 8 bytes, and moves the column. */
static unsigned process(struct tty *t, uint8_t c, uint8_t out[8])
{
	unsigned n;

	switch (c) {
	case '\n':
		if (O_FLAG(t, ONLRET))
			t->column = 0;
		if (O_FLAG(t, ONLCR)) {
			t->canon_column = t->column = 0;
			out[0] = '\r';
			out[1] = '\n';
			return 2;
		}
		t->canon_column = t->column;
		break;
	case '\r':
		if (O_FLAG(t, ONOCR) && !t->column)
			return 0;
		if (O_FLAG(t, OCRNL)) {
			c = '\n';
			if (O_FLAG(t, ONLRET))
				t->canon_column = t->column = 0;
			break;
		}
		t->canon_column = t->column = 0;
		break;
	case '\t':
		n = 8 - (t->column & 7);
		t->column += n;
		if (O_FLAG(t, TABDLY) == XTABS) {
			memset(out, ' ', n);
			return n;
		}
		break;
	case '\b':
		if (t->column)
			t->column--;
		break;
	default:
		if (is_control(c))
			break;
		if (O_FLAG(t, OLCUC))
			c = (uint8_t)toupper(c);
		if (!is_continuation(t, c))
			t->column++;
	}
	out[0] = c;
	return 1;
}

bool n_tty_put(struct tty *t, uint8_t c)
{
	unsigned column = t->column, canon = t->canon_column, n;
	uint8_t out[8];

	n = process(t, c, out);
	if (!n)
		return true;
	if (t->ops->room(t) < n) {
		t->column = column;
		t->canon_column = canon;
		return false;
	}
	t->ops->write(t, out, n);
	return true;
}

/* Printing characters go out in runs, the rest one by one. The bytes done. */
size_t n_tty_put_block(struct tty *t, const uint8_t *p, size_t n)
{
	size_t done = 0;

	while (done < n) {
		size_t run = 0, columns = 0, sent;

		while (done + run < n && !O_FLAG(t, OLCUC)) {
			uint8_t c = p[done + run];

			if (is_control(c))
				break;
			columns += !is_continuation(t, c);
			run++;
		}
		if (run) {
			sent = t->ops->write(t, p + done, run);
			if (sent < run)
				for (size_t i = sent; i < run; i++)
					columns -= !is_continuation(t, p[done + i]);
			t->column += (unsigned)columns;
			done += sent;
			if (sent < run)
				break;
			continue;
		}
		if (!n_tty_put(t, p[done]))
			break;
		done++;
	}
	return done;
}

/* ---- echo */

void n_tty_echo_flush_locked(struct tty *t)
{
	size_t n;

	if (likely(!t->echo_len))
		return;
	n = t->ops->write(t, t->echo, t->echo_len);
	t->echo_len -= (unsigned)n;
	memmove(t->echo, t->echo + n, t->echo_len);
}

void n_tty_echo_flush(struct tty *t)
{
	if (likely(!READ_ONCE(t->echo_len)))
		return;
	mutex_lock(&t->output_lock);
	n_tty_echo_flush_locked(t);
	mutex_unlock(&t->output_lock);
}

/* output_lock held. */
static void emit(struct tty *t, const uint8_t *p, size_t n)
{
	size_t sent = 0;

	n_tty_echo_flush_locked(t);
	if (!t->echo_len)
		sent = t->ops->write(t, p, n);
	for (; sent < n && t->echo_len < ECHO_SIZE; sent++)
		t->echo[t->echo_len++] = p[sent];
}

static void echo_processed(struct tty *t, uint8_t c)
{
	uint8_t out[8];
	unsigned n = 1;

	if (O_FLAG(t, OPOST))
		n = process(t, c, out);
	else
		out[0] = c;
	emit(t, out, n);
}

void n_tty_echo(struct tty *t, uint8_t c)
{
	mutex_lock(&t->output_lock);
	if (L_FLAG(t, ECHOCTL) && is_control(c) && c != '\t') {
		uint8_t out[2] = { '^', c ^ 0100 };

		t->column += 2;
		emit(t, out, 2);
	} else {
		echo_processed(t, c);
	}
	mutex_unlock(&t->output_lock);
}

void n_tty_echo_raw(struct tty *t, uint8_t c)
{
	mutex_lock(&t->output_lock);
	echo_processed(t, c);
	mutex_unlock(&t->output_lock);
}

void n_tty_echo_bytes(struct tty *t, const char *s, size_t n)
{
	mutex_lock(&t->output_lock);
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '\b' && t->column)
			t->column--;
		else if (!is_control((uint8_t)s[i]))
			t->column++;
	}
	emit(t, (const uint8_t *)s, n);
	mutex_unlock(&t->output_lock);
}

void n_tty_echo_mark_column(struct tty *t)
{
	mutex_lock(&t->output_lock);
	t->canon_column = t->column;
	mutex_unlock(&t->output_lock);
}

/*
 * Takes back a tab: @chars columns lie between it and the tab before it (@after_tab), or the start of
 * the line, whose column was noted when its first character was echoed.
 */
void n_tty_echo_erase_tab(struct tty *t, unsigned chars, bool after_tab)
{
	unsigned n;

	mutex_lock(&t->output_lock);
	if (!after_tab)
		chars += t->canon_column;
	n = 8 - (chars & 7);
	while (n--) {
		emit(t, (const uint8_t *)"\b", 1);
		if (t->column)
			t->column--;
	}
	mutex_unlock(&t->output_lock);
}
