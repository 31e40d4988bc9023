/* SPDX-License-Identifier: MIT */
/*
 * ioctl(2) of terminals: termios in its four shapes, window size, flow, modem lines, the rest of ioctl_tty(2).
 *
 * A change of termios holds termios_lock, ldisc_lock and output_lock, so that input and output processing see it whole.
 * Requests that change something are refused to background processes as writes with TOSTOP are (SIGTTOU).
 * On a pty's master the requests work on the slave.
 */
#include "tty_internal.h"
#include <kernel/errno.h>
#include <kernel/string.h>
#include <kernel/uaccess.h>
#include <uapi/poll.h>

/* Speeds by their code; the second half are codes with CBAUDEX (0x1000). */
static const unsigned speeds[2][16] = {
	{ 0, 50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400, 4800, 9600, 19200, 38400 },
	{ 0, 57600, 115200, 230400, 460800, 500000, 576000, 921600, 1000000, 1152000, 1500000, 2000000, 2500000,
	  3000000, 3500000, 4000000 },
};

/* Speed of a four-bit code with its extension bit; BOTHER: what the field says. */
static unsigned speed_of(uint32_t code, unsigned other)
{
	code &= CBAUD;
	if (code == BOTHER)
		return other;
	return speeds[code >> 12][code & 15];
}

static uint32_t code_of(unsigned speed)
{
	for (unsigned h = 0; h < 2; h++)
		for (unsigned i = h; i < 16; i++)
			if (speeds[h][i] == speed)
				return h << 12 | i;
	return BOTHER;
}

unsigned tty_baud(const struct termios2_user *t)
{
	return speed_of(t->c_cflag, t->c_ospeed);
}

/* ---- termios */

/* What TIOCSLCKTRMIOS has locked stays as it was. */
static void keep_locked(const struct termios_user *lock, const struct termios2_user *old, struct termios2_user *now)
{
	now->c_iflag = (now->c_iflag & ~lock->c_iflag) | (old->c_iflag & lock->c_iflag);
	now->c_oflag = (now->c_oflag & ~lock->c_oflag) | (old->c_oflag & lock->c_oflag);
	now->c_cflag = (now->c_cflag & ~lock->c_cflag) | (old->c_cflag & lock->c_cflag);
	now->c_lflag = (now->c_lflag & ~lock->c_lflag) | (old->c_lflag & lock->c_lflag);
	for (unsigned i = 0; i < sizeof(lock->c_cc); i++)
		if (lock->c_cc[i])
			now->c_cc[i] = old->c_cc[i];
}

static long lock_ioctl(struct tty *t, bool set, void __user *arg)
{
	struct termios_user lock;

	if (set && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (set && copy_from_user(&lock, arg, sizeof(lock)))
		return -EFAULT;
	mutex_lock(&t->termios_lock);
	if (set)
		t->locked = lock;
	else
		lock = t->locked;
	mutex_unlock(&t->termios_lock);
	return !set && copy_to_user(arg, &lock, sizeof(lock)) ? -EFAULT : 0;
}

static int apply(struct tty *t, const struct termios2_user *want)
{
	struct termios2_user old, now = *want;
	unsigned packet = 0;
	int err = 0;

	mutex_lock(&t->termios_lock);
	mutex_lock(&t->ldisc_lock);
	mutex_lock(&t->output_lock);
	old = t->termios;
	now.c_line = old.c_line;	/* TIOCSETD alone changes it */
	keep_locked(&t->locked, &old, &now);
	t->termios = now;
	if (t->ops->set_termios)
		err = t->ops->set_termios(t, &old);
	mutex_unlock(&t->output_lock);
	n_tty_termios_changed(t, &old);
	mutex_unlock(&t->ldisc_lock);
	mutex_unlock(&t->termios_lock);
	if ((old.c_iflag & IXON) && !(now.c_iflag & IXON))
		tty_start(t);
	/* Who waits for input may find that there is some now, and the other way round. */
	waitq_wake_all_poll(&t->read_wait, 0);
	if (t->ops->packet) {
		bool was = (old.c_iflag & IXON) && old.c_cc[VSTOP] == 023 && old.c_cc[VSTART] == 021;
		bool is = (now.c_iflag & IXON) && now.c_cc[VSTOP] == 023 && now.c_cc[VSTART] == 021;

		if (was != is)
			packet |= is ? TIOCPKT_DOSTOP : TIOCPKT_NOSTOP;
		if ((old.c_lflag ^ now.c_lflag) & EXTPROC || (now.c_lflag & EXTPROC))
			packet |= TIOCPKT_IOCTL;
		if (packet)
			t->ops->packet(t, packet);
	}
	return err;
}

enum shape { SHAPE_TERMIOS, SHAPE_TERMIOS2, SHAPE_TERMIO };

static int from_user(struct tty *t, enum shape shape, const void __user *arg, struct termios2_user *out)
{
	struct termio_user small;
	size_t size = shape == SHAPE_TERMIOS2 ? sizeof(*out) : sizeof(struct termios_user);

	*out = t->termios;
	if (shape == SHAPE_TERMIO) {
		if (copy_from_user(&small, arg, sizeof(small)))
			return -EFAULT;
		out->c_iflag = (out->c_iflag & 0xffff0000u) | small.c_iflag;
		out->c_oflag = (out->c_oflag & 0xffff0000u) | small.c_oflag;
		out->c_cflag = (out->c_cflag & 0xffff0000u) | small.c_cflag;
		out->c_lflag = (out->c_lflag & 0xffff0000u) | small.c_lflag;
		memcpy(out->c_cc, small.c_cc, sizeof(small.c_cc));
	} else if (copy_from_user(out, arg, size)) {
		return -EFAULT;
	}
	/* The speed fields follow the codes; with BOTHER, which only termios2 can carry, the codes say so themselves. */
	out->c_ospeed = speed_of(out->c_cflag, out->c_ospeed);
	if (out->c_cflag >> IBSHIFT & CBAUD)
		out->c_ispeed = speed_of(out->c_cflag >> IBSHIFT, out->c_ispeed);
	else
		out->c_ispeed = out->c_ospeed;
	if ((out->c_cflag & CBAUD) == BOTHER)
		out->c_cflag = (out->c_cflag & ~CBAUD) | code_of(out->c_ospeed);
	return 0;
}

static long get_termios(struct tty *t, enum shape shape, void __user *arg)
{
	struct termios2_user k;
	struct termio_user small;

	mutex_lock(&t->termios_lock);
	k = t->termios;
	mutex_unlock(&t->termios_lock);
	if (shape == SHAPE_TERMIO) {
		memset(&small, 0, sizeof(small));
		small.c_iflag = (uint16_t)k.c_iflag;
		small.c_oflag = (uint16_t)k.c_oflag;
		small.c_cflag = (uint16_t)k.c_cflag;
		small.c_lflag = (uint16_t)k.c_lflag;
		small.c_line = k.c_line;
		memcpy(small.c_cc, k.c_cc, sizeof(small.c_cc));
		return copy_to_user(arg, &small, sizeof(small)) ? -EFAULT : 0;
	}
	return copy_to_user(arg, &k, shape == SHAPE_TERMIOS2 ? sizeof(k) : sizeof(struct termios_user)) ? -EFAULT : 0;
}

static void flush_input(struct tty *t)
{
	mutex_lock(&t->ldisc_lock);
	n_tty_flush(t);
	t->input_full = false;
	mutex_unlock(&t->ldisc_lock);
	if (t->ops->input_room)
		t->ops->input_room(t);
}

static void flush_output(struct tty *t)
{
	mutex_lock(&t->output_lock);
	t->echo_len = 0;
	t->ops->flush(t);
	mutex_unlock(&t->output_lock);
	if (t->ops->packet)
		t->ops->packet(t, TIOCPKT_FLUSHWRITE);
	tty_wakeup(t);
}

/* @when: 0 now, 1 after output was sent, 2 and input thrown away. */
static long set_termios(struct tty *t, enum shape shape, unsigned when, const void __user *arg)
{
	struct termios2_user want;
	long err = tty_check_change(t, SIGTTOU);

	if (err)
		return err;
	err = from_user(t, shape, arg, &want);
	if (err)
		return err;
	if (when == 2)
		flush_input(t);
	if (when) {
		err = tty_wait_sent(t, NSEC_NEVER);
		if (err)
			return err;
	}
	return apply(t, &want);
}

static long termios_ioctl(struct tty *t, unsigned cmd, void __user *arg)
{
	switch (cmd) {
	case TCGETS:
		return get_termios(t, SHAPE_TERMIOS, arg);
	case TCGETS2:
		return get_termios(t, SHAPE_TERMIOS2, arg);
	case TCGETA:
		return get_termios(t, SHAPE_TERMIO, arg);
	case TIOCGLCKTRMIOS:
	case TIOCSLCKTRMIOS:
		return lock_ioctl(t, cmd == TIOCSLCKTRMIOS, arg);
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
		return set_termios(t, SHAPE_TERMIOS, cmd - TCSETS, arg);
	case TCSETS2:
	case TCSETSW2:
	case TCSETSF2:
		return set_termios(t, SHAPE_TERMIOS2, cmd - TCSETS2, arg);
	case TCSETA:
	case TCSETAW:
	case TCSETAF:
		return set_termios(t, SHAPE_TERMIO, cmd - TCSETA, arg);
	default:
		return -ENOIOCTLCMD;
	}
}

/* ---- flow and flushing */

static void send_flow_char(struct tty *t, unsigned which)
{
	uint8_t c = CC(t, which);

	if (!c)
		return;
	if (t->ops->send_xchar) {
		t->ops->send_xchar(t, c);
		return;
	}
	mutex_lock(&t->output_lock);
	(void)t->ops->write(t, &c, 1);
	mutex_unlock(&t->output_lock);
}

static long ioctl_tcxonc(struct tty *t, unsigned long arg)
{
	irqflags_t f;
	long err = tty_check_change(t, SIGTTOU);

	if (err)
		return err;
	switch (arg) {
	case TCOOFF:
		f = spin_lock_irqsave(&t->ctrl_lock);
		t->tco_stopped = true;
		spin_unlock_irqrestore(&t->ctrl_lock, f);
		tty_stop(t);
		return 0;
	case TCOON:
		f = spin_lock_irqsave(&t->ctrl_lock);
		if (!t->tco_stopped) {
			spin_unlock_irqrestore(&t->ctrl_lock, f);
			return 0;
		}
		t->tco_stopped = false;
		spin_unlock_irqrestore(&t->ctrl_lock, f);
		tty_start(t);
		return 0;
	case TCIOFF:
		send_flow_char(t, VSTOP);
		return 0;
	case TCION:
		send_flow_char(t, VSTART);
		return 0;
	default:
		return -EINVAL;
	}
}

static long ioctl_tcflsh(struct tty *t, unsigned long arg)
{
	long err = tty_check_change(t, SIGTTOU);

	if (err)
		return err;
	if (arg > TCIOFLUSH)
		return -EINVAL;
	if (arg != TCOFLUSH)
		flush_input(t);
	if (arg != TCIFLUSH)
		flush_output(t);
	return 0;
}

static long send_break(struct tty *t, nsec_t duration)
{
	long err = 0;

	if (!t->ops->send_break)
		return 0;
	t->ops->send_break(t, true);
	set_current_state(TASK_INTERRUPTIBLE);
	if (schedule_deadline(clock_monotonic() + duration) && signal_pending(current))
		err = -EINTR;
	set_current_running();
	t->ops->send_break(t, false);
	return err;
}

static long break_ioctl(struct tty *t, unsigned cmd, unsigned long arg)
{
	long err = tty_check_change(t, SIGTTOU);

	if (err)
		return err;
	if (cmd != TIOCCBRK) {
		err = tty_wait_sent(t, NSEC_NEVER);
		if (err)
			return -EINTR;
	}
	switch (cmd) {
	case TIOCSBRK:
	case TIOCCBRK:
		if (t->ops->send_break)
			t->ops->send_break(t, cmd == TIOCSBRK);
		return 0;
	case TCSBRK:	/* a non-zero argument only waits: tcdrain(3) */
		return arg ? 0 : send_break(t, 250 * NSEC_PER_MSEC);
	default:
		return send_break(t, arg ? (nsec_t)MIN(arg, 600ul) * 100 * NSEC_PER_MSEC : 250 * NSEC_PER_MSEC);
	}
}

/* ---- window, modem, small things */

static long ioctl_swinsz(struct tty *t, const void __user *arg)
{
	struct winsize ws;
	bool same;

	if (copy_from_user(&ws, arg, sizeof(ws)))
		return -EFAULT;
	mutex_lock(&t->termios_lock);
	same = !memcmp(&ws, &t->winsize, sizeof(ws));
	t->winsize = ws;
	mutex_unlock(&t->termios_lock);
	if (!same)
		tty_signal_pgrp(t, SIGWINCH);
	return 0;
}

static long ioctl_gwinsz(struct tty *t, void __user *arg)
{
	struct winsize ws;

	mutex_lock(&t->termios_lock);
	ws = t->winsize;
	mutex_unlock(&t->termios_lock);
	return copy_to_user(arg, &ws, sizeof(ws)) ? -EFAULT : 0;
}

static long ioctl_sti(struct tty *t, const void __user *arg)
{
	uint8_t c;

	if (READ_ONCE(current->proc->tty) != t && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (get_user(c, (const uint8_t __user *)arg))
		return -EFAULT;
	(void)n_tty_receive(t, &c, NULL, 1);
	return 0;
}

static long modem_ioctl(struct tty *t, unsigned cmd, unsigned long arg)
{
	unsigned v, all = TIOCM_DTR | TIOCM_RTS | TIOCM_OUT1 | TIOCM_OUT2 | TIOCM_LOOP;

	if (!t->ops->get_mctrl || !t->ops->set_mctrl)
		return -ENOTTY;
	if (cmd == TIOCMGET)
		return put_user((int32_t)t->ops->get_mctrl(t), (int32_t __user *)arg);
	if (get_user(v, (unsigned __user *)arg))
		return -EFAULT;
	v &= all;
	t->ops->set_mctrl(t, cmd == TIOCMBIC ? 0 : v, cmd == TIOCMBIC ? v : cmd == TIOCMSET ? ~v & all : 0);
	return 0;
}

static long exclusive_ioctl(struct tty *t, unsigned cmd, unsigned long arg)
{
	if (cmd == TIOCGEXCL)
		return put_user((int32_t)t->exclusive, (int32_t __user *)arg);
	mutex_lock(&tty_mutex);
	t->exclusive = cmd == TIOCEXCL;
	mutex_unlock(&tty_mutex);
	return 0;
}

static long softcar_ioctl(struct tty *t, unsigned cmd, unsigned long arg)
{
	struct termios2_user want;
	int32_t v;

	if (cmd == TIOCGSOFTCAR)
		return put_user((int32_t)(C_FLAG(t, CLOCAL) != 0), (int32_t __user *)arg);
	if (get_user(v, (int32_t __user *)arg))
		return -EFAULT;
	want = t->termios;
	want.c_cflag = v ? want.c_cflag | CLOCAL : want.c_cflag & ~CLOCAL;
	return apply(t, &want);
}

static long input_count(struct tty *t, unsigned long arg)
{
	size_t n;

	mutex_lock(&t->ldisc_lock);
	n = n_tty_input_count(t);
	mutex_unlock(&t->ldisc_lock);
	return put_user((int32_t)n, (int32_t __user *)arg);
}

static long ioctl_setd(struct tty *t, unsigned long arg)
{
	int32_t n;
	long err;

	if (get_user(n, (int32_t __user *)arg))
		return -EFAULT;
	err = tty_check_change(t, SIGTTOU);
	if (err)
		return err;
	return n == 0 ? 0 : -EINVAL;	/* N_TTY is the only one there is */
}

/* What both ends of a pty and serial lines know. @t: the file's own; @real: the terminal proper. */
long tty_common_ioctl(struct tty *t, struct tty *real, struct file *f, unsigned cmd, unsigned long arg)
{
	long ret = tty_jobctl_ioctl(t, real, f, cmd, arg);

	if (ret == -ENOIOCTLCMD)
		ret = termios_ioctl(real, cmd, (void __user *)arg);
	if (ret != -ENOIOCTLCMD)
		return ret;
	switch (cmd) {
	case TIOCGWINSZ:
		return ioctl_gwinsz(real, (void __user *)arg);
	case TIOCSWINSZ:
		return ioctl_swinsz(real, (const void __user *)arg);
	case TCXONC:
		return ioctl_tcxonc(real, arg);
	case TIOCEXCL:
	case TIOCNXCL:
	case TIOCGEXCL:
		return exclusive_ioctl(real, cmd, arg);
	case TIOCGETD:
		return put_user((int32_t)0, (int32_t __user *)arg);
	case TIOCSETD:
		return ioctl_setd(real, arg);
	case TIOCGDEV:
		return put_user((uint32_t)(MAJOR(real->dev) << 8 | MINOR(real->dev)), (uint32_t __user *)arg);
	case TIOCGSOFTCAR:
	case TIOCSSOFTCAR:
		return softcar_ioctl(real, cmd, arg);
	case TCSBRK:
	case TCSBRKP:
	case TIOCSBRK:
	case TIOCCBRK:
		return break_ioctl(real, cmd, arg);
	case TIOCMGET:
	case TIOCMSET:
	case TIOCMBIS:
	case TIOCMBIC:
		return modem_ioctl(real, cmd, arg);
	default:
		return -ENOIOCTLCMD;
	}
}

long tty_ioctl(struct file *f, unsigned cmd, unsigned long arg)
{
	struct tty_file *tf = tty_file(f);
	struct tty *t = tf->tty;
	long ret;

	if (tty_hung_up(tf))
		return cmd == TIOCSPGRP ? -ENOTTY : -EIO;
	ret = tty_common_ioctl(t, t, f, cmd, arg);
	if (ret != -ENOIOCTLCMD)
		return ret;
	switch (cmd) {
	case TIOCSTI:
		return ioctl_sti(t, (const void __user *)arg);
	case FIONREAD:
		return input_count(t, arg);
	case TIOCOUTQ:
		return put_user((int32_t)t->ops->pending(t), (int32_t __user *)arg);
	case TCFLSH:
		return ioctl_tcflsh(t, arg);
	case TIOCVHANGUP:
		if (!capable(CAP_SYS_ADMIN))
			return -EPERM;
		tty_hangup(t);
		return 0;
	default:
		return t->ops->ioctl ? t->ops->ioctl(t, f, cmd, arg) : -ENOIOCTLCMD;
	}
}
