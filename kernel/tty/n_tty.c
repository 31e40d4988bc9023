/* SPDX-License-Identifier: MIT */
/*
 * N_TTY, input: what a received byte does. Editing, signals, flow control, echo.
 *
 * The buffer holds bytes [tail, head). In canonical mode [tail, canon_head) are complete lines, each ended by a byte
 * whose bit in `delim` is set, and [canon_head, head) is the line being edited; an end of file is a marked NUL that
 * readers skip. In raw mode everything up to head can be read.
 *
 * Signals are sent with the lock held: it is a mutex, and sending takes spinlocks only.
 *
 * Locks: ldisc_lock, held by every function here; output_lock inside it for echo.
 * References: termios(3), POSIX chapter 11; behaviour in doubt was tried on Linux.
 */
#include "tty_internal.h"
#include <kernel/string.h>
#include <uapi/poll.h>

#define EOF_MARK 0

static uint8_t at(const struct tty *t, unsigned pos)
{
	return t->buf[pos & N_TTY_MASK];
}

static unsigned count(const struct tty *t)
{
	return t->head - t->tail;
}

static bool is_control(uint8_t c)
{
	return c < 0x20 || c == 0x7f;
}

/* A letter or digit for VWERASE; Latin-1 letters count, and with them the first bytes of UTF-8 sequences. */
static bool is_word(uint8_t c)
{
	return isdigit(c) || (unsigned)(c | 0x20) - 'a' < 26 || c == '_' || (c >= 0xc0 && c != 0xd7 && c != 0xf7);
}

static bool is_continuation(const struct tty *t, uint8_t c)
{
	return I_FLAG(t, IUTF8) && (c & 0xc0) == 0x80;
}

/* A control character of termios; NUL means that it is switched off. */
static bool is_cc(const struct tty *t, uint8_t c, unsigned n)
{
	return c && c == CC(t, n);
}

/* Canonical mode keeps one place for the byte that ends the line. */
static void put(struct tty *t, uint8_t c)
{
	unsigned limit = L_FLAG(t, ICANON) ? N_TTY_SIZE - 1 : N_TTY_SIZE;

	if (count(t) >= limit)
		return;
	clear_bit(t->head & N_TTY_MASK, t->delim);
	t->buf[t->head++ & N_TTY_MASK] = c;
}

static void put_delimiter(struct tty *t, uint8_t c)
{
	if (count(t) >= N_TTY_SIZE)
		t->head--;	/* cannot be: put() leaves room; never write over unread bytes */
	set_bit(t->head & N_TTY_MASK, t->delim);
	t->buf[t->head++ & N_TTY_MASK] = c;
	t->canon_head = t->head;
	waitq_wake_all_poll(&t->read_wait, POLLIN | POLLRDNORM);
}

void n_tty_flush(struct tty *t)
{
	t->head = t->tail = t->canon_head = 0;
	t->lnext = t->erasing = false;
	memset(t->delim, 0, N_TTY_SIZE / 8);
	if (t->ops->packet)
		t->ops->packet(t, TIOCPKT_FLUSHREAD);
}

size_t n_tty_input_count(struct tty *t)
{
	size_t n = 0;

	if (!L_FLAG(t, ICANON) || L_FLAG(t, EXTPROC))
		return count(t);
	for (unsigned p = t->tail; p != t->canon_head; p++)
		n += !(at(t, p) == EOF_MARK && test_bit(p & N_TTY_MASK, t->delim));
	return n;
}

bool n_tty_input_available(struct tty *t, bool for_poll)
{
	unsigned want = for_poll && !CC(t, VTIME) && CC(t, VMIN) ? CC(t, VMIN) : 1;

	if (L_FLAG(t, ICANON) && !L_FLAG(t, EXTPROC))
		return READ_ONCE(t->canon_head) != READ_ONCE(t->tail);
	return READ_ONCE(t->head) - READ_ONCE(t->tail) >= want;
}

void n_tty_termios_changed(struct tty *t, const struct termios2_user *old)
{
	if (!((old->c_lflag ^ t->termios.c_lflag) & (ICANON | EXTPROC)))
		return;
	memset(t->delim, 0, N_TTY_SIZE / 8);
	if (!(old->c_lflag & ICANON) || t->head == t->tail) {
		/* What was typed so far becomes the beginning of the line. */
		t->canon_head = t->tail;
	} else {
		set_bit((t->head - 1) & N_TTY_MASK, t->delim);
		t->canon_head = t->head;
	}
	t->lnext = t->erasing = false;
}

/* ---- editing */

static void finish_erasing(struct tty *t)
{
	if (t->erasing) {
		t->erasing = false;
		n_tty_echo_raw(t, '/');
	}
}

static void echo_erased_tab(struct tty *t)
{
	unsigned chars = 0, pos = t->head;
	bool after_tab = false;

	while (pos != t->canon_head) {
		uint8_t c = at(t, --pos);

		if (c == '\t') {
			after_tab = true;
			break;
		}
		if (is_control(c))
			chars += L_FLAG(t, ECHOCTL) ? 2 : 0;
		else
			chars += !is_continuation(t, c);
	}
	n_tty_echo_erase_tab(t, chars, after_tab);
}

/* Shows that the character at head (just removed, @n bytes) is gone. */
static void echo_erased(struct tty *t, uint8_t c, unsigned n, bool single)
{
	if (L_FLAG(t, ECHOPRT)) {
		if (!t->erasing) {
			n_tty_echo_raw(t, '\\');
			t->erasing = true;
		}
		n_tty_echo(t, c);
		for (unsigned i = 1; i < n; i++)
			n_tty_echo_raw(t, at(t, t->head + i));
	} else if (single && !L_FLAG(t, ECHOE)) {
		n_tty_echo(t, CC(t, VERASE));
	} else if (c == '\t') {
		echo_erased_tab(t);
	} else {
		if (is_control(c) && L_FLAG(t, ECHOCTL))
			n_tty_echo_bytes(t, "\b \b", 3);
		if (!is_control(c) || L_FLAG(t, ECHOCTL))
			n_tty_echo_bytes(t, "\b \b", 3);
	}
}

static void kill_line_plain(struct tty *t)
{
	t->head = t->canon_head;
	if (!L_FLAG(t, ECHO))
		return;
	finish_erasing(t);
	n_tty_echo(t, CC(t, VKILL));
	if (L_FLAG(t, ECHOK))
		n_tty_echo_raw(t, '\n');
}

enum erase { ERASE_CHAR, ERASE_WORD, ERASE_LINE };
static void erase(struct tty *t, enum erase kind)
{
	bool in_word = false;

	if (t->head == t->canon_head)
		return;
	if (kind == ERASE_LINE &&
	    (!L_FLAG(t, ECHO) || !L_FLAG(t, ECHOK) || !L_FLAG(t, ECHOKE) || !L_FLAG(t, ECHOE))) {
		kill_line_plain(t);
		return;
	}
	while (t->head != t->canon_head) {
		unsigned pos = t->head, n;
		uint8_t c;

		do {
			c = at(t, --pos);
		} while (is_continuation(t, c) && pos != t->canon_head);
		if (is_continuation(t, c))
			break;		/* the rest of a character whose beginning is gone */
		if (kind == ERASE_WORD) {
			if (is_word(c))
				in_word = true;
			else if (in_word)
				break;
		}
		n = t->head - pos;
		t->head = pos;
		if (L_FLAG(t, ECHO))
			echo_erased(t, c, n, kind == ERASE_CHAR);
		if (kind == ERASE_CHAR)
			break;
	}
	if (t->head == t->canon_head && L_FLAG(t, ECHO))
		finish_erasing(t);
}

static void reprint(struct tty *t, uint8_t c)
{
	finish_erasing(t);
	n_tty_echo(t, c);
	n_tty_echo_raw(t, '\n');
	for (unsigned p = t->canon_head; p != t->head; p++)
		n_tty_echo(t, at(t, p));
}

/* ---- one byte */

static void echo_input(struct tty *t, uint8_t c)
{
	finish_erasing(t);
	if (c == '\n') {
		n_tty_echo_raw(t, '\n');
		return;
	}
	if (t->canon_head == t->head)
		n_tty_echo_mark_column(t);
	n_tty_echo(t, c);
}

static void put_quoted(struct tty *t, uint8_t c)
{
	if (c == 0377 && I_FLAG(t, PARMRK))
		put(t, c);
	put(t, c);
}

static void plain(struct tty *t, uint8_t c)
{
	if (I_FLAG(t, IMAXBEL) && L_FLAG(t, ICANON) && count(t) >= N_TTY_SIZE - 1)
		n_tty_echo_bytes(t, "\a", 1);
	else if (L_FLAG(t, ECHO))
		echo_input(t, c);
	put_quoted(t, c);
}

static void end_line(struct tty *t, uint8_t c)
{
	if (L_FLAG(t, ECHO)) {
		if (t->canon_head == t->head)
			n_tty_echo_mark_column(t);
		n_tty_echo(t, c);
	}
	if (c == 0377 && I_FLAG(t, PARMRK))
		put(t, c);
	put_delimiter(t, c);
}

static void signal_char(struct tty *t, int sig, uint8_t c)
{
	if (!L_FLAG(t, NOFLSH)) {
		mutex_lock(&t->output_lock);
		t->echo_len = 0;
		t->ops->flush(t);
		mutex_unlock(&t->output_lock);
		n_tty_flush(t);
	}
	tty_signal_pgrp(t, sig);
	if (I_FLAG(t, IXON))
		tty_start(t);
	if (L_FLAG(t, ECHO))
		n_tty_echo(t, c);
}

/* True: the byte was a signal, flow-control or dropped one. */
static bool special_any_mode(struct tty *t, uint8_t *c)
{
	if (I_FLAG(t, IXON)) {
		if (is_cc(t, *c, VSTART)) {
			tty_start(t);
			n_tty_echo_flush(t);
			return true;
		}
		if (is_cc(t, *c, VSTOP)) {
			tty_stop(t);
			return true;
		}
		if (t->stopped && !t->tco_stopped && I_FLAG(t, IXANY)) {
			tty_start(t);
			n_tty_echo_flush(t);
		}
	}
	if (L_FLAG(t, ISIG)) {
		int sig = is_cc(t, *c, VINTR) ? SIGINT : is_cc(t, *c, VQUIT) ? SIGQUIT : is_cc(t, *c, VSUSP) ? SIGTSTP : 0;

		if (sig) {
			signal_char(t, sig, *c);
			return true;
		}
	}
	if (*c == '\r') {
		if (I_FLAG(t, IGNCR))
			return true;
		if (I_FLAG(t, ICRNL))
			*c = '\n';
	} else if (*c == '\n' && I_FLAG(t, INLCR)) {
		*c = '\r';
	}
	return false;
}

/* True: the byte edited or ended the line. */
static bool special_canonical(struct tty *t, uint8_t c)
{
	bool ext = L_FLAG(t, IEXTEN);

	if (is_cc(t, c, VERASE)) {
		erase(t, ERASE_CHAR);
	} else if (is_cc(t, c, VKILL)) {
		erase(t, ERASE_LINE);
	} else if (ext && is_cc(t, c, VWERASE)) {
		erase(t, ERASE_WORD);
	} else if (ext && is_cc(t, c, VLNEXT)) {
		t->lnext = true;
		if (L_FLAG(t, ECHO)) {
			finish_erasing(t);
			if (L_FLAG(t, ECHOCTL))
				n_tty_echo_bytes(t, "^\b", 2);
		}
	} else if (ext && L_FLAG(t, ECHO) && is_cc(t, c, VREPRINT)) {
		reprint(t, c);
	} else if (c == '\n') {
		if (L_FLAG(t, ECHO) || L_FLAG(t, ECHONL))
			n_tty_echo_raw(t, '\n');
		put_delimiter(t, c);
	} else if (is_cc(t, c, VEOF)) {
		put_delimiter(t, EOF_MARK);
	} else if (is_cc(t, c, VEOL) || (ext && is_cc(t, c, VEOL2))) {
		end_line(t, c);
	} else {
		return false;
	}
	return true;
}

static void receive_char(struct tty *t, uint8_t c)
{
	if (I_FLAG(t, ISTRIP))
		c &= 0x7f;
	if (I_FLAG(t, IUCLC) && L_FLAG(t, IEXTEN))
		c = (uint8_t)tolower(c);
	if (L_FLAG(t, EXTPROC)) {
		put(t, c);
		return;
	}
	if (t->lnext) {
		t->lnext = false;
		plain(t, c);
		return;
	}
	if (special_any_mode(t, &c))
		return;
	if (L_FLAG(t, ICANON)) {
		if (special_canonical(t, c))
			return;
	}
	plain(t, c);
}

static void receive_break(struct tty *t)
{
	if (I_FLAG(t, IGNBRK))
		return;
	if (I_FLAG(t, BRKINT)) {
		if (!L_FLAG(t, NOFLSH)) {
			mutex_lock(&t->output_lock);
			t->echo_len = 0;
			t->ops->flush(t);
			mutex_unlock(&t->output_lock);
			n_tty_flush(t);
		}
		tty_signal_pgrp(t, SIGINT);
		return;
	}
	if (I_FLAG(t, PARMRK)) {
		put(t, 0377);
		put(t, 0);
	}
	put(t, 0);
}

static void receive_error(struct tty *t, uint8_t c)
{
	if (!I_FLAG(t, INPCK)) {
		receive_char(t, c);
		return;
	}
	if (I_FLAG(t, IGNPAR))
		return;
	if (I_FLAG(t, PARMRK)) {
		put(t, 0377);
		put(t, 0);
		put(t, c);
	} else {
		put(t, 0);
	}
}

/* Room for another byte? A canonical line that fills the buffer alone is still read to its end, bytes lost. */
static bool has_room(const struct tty *t)
{
	if (L_FLAG(t, ICANON) && !L_FLAG(t, EXTPROC))
		return count(t) < N_TTY_SIZE - 1 || t->canon_head == t->tail;
	/* PARMRK may make three of one. */
	return count(t) + (I_FLAG(t, PARMRK) ? 3 : 1) <= N_TTY_SIZE;
}

/* Raw mode without anything to look at: the bytes go in as a block. */
static bool is_transparent(const struct tty *t)
{
	return !I_FLAG(t, IXON | ISTRIP | IUCLC | ICRNL | INLCR | IGNCR | PARMRK) &&
	       !L_FLAG(t, ICANON | ISIG | ECHO | EXTPROC) && !t->lnext;
}

static size_t receive_block(struct tty *t, const uint8_t *p, size_t n)
{
	size_t room = N_TTY_SIZE - count(t), first;

	n = MIN(n, room);
	first = MIN(n, (size_t)(N_TTY_SIZE - (t->head & N_TTY_MASK)));
	memcpy(t->buf + (t->head & N_TTY_MASK), p, first);
	memcpy(t->buf, p + first, n - first);
	t->head += (unsigned)n;
	return n;
}

size_t n_tty_receive(struct tty *t, const uint8_t *p, const uint8_t *flags, size_t n)
{
	size_t i = 0;

	mutex_lock(&t->ldisc_lock);
	if (!flags && is_transparent(t)) {
		i = receive_block(t, p, n);
	} else {
		for (; i < n && has_room(t); i++) {
			unsigned flag = flags ? flags[i] : TTY_NORMAL;

			if (likely(flag == TTY_NORMAL || flag == TTY_OVERRUN))
				receive_char(t, p[i]);
			else if (flag == TTY_BREAK)
				receive_break(t);
			else
				receive_error(t, p[i]);
		}
	}
	t->input_full = i < n;
	if (!L_FLAG(t, ICANON) || L_FLAG(t, EXTPROC)) {
		if (count(t))
			waitq_wake_all_poll(&t->read_wait, POLLIN | POLLRDNORM);
	}
	mutex_unlock(&t->ldisc_lock);
	return i;
}
