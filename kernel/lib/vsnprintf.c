/* SPDX-License-Identifier: MIT */
/*
 * Formatted output into a buffer: the conversions named in <kernel/string.h>, with printf(3)'s meaning.
 * Never writes beyond @size, always terminates when size > 0, returns the length that was wanted.
 */
#include <kernel/string.h>
#include <kernel/panic.h>

struct out {
	char *buf;
	size_t size, len;
};

struct spec {
	bool left, plus, space, alt, zero;
	int width, precision;	/* precision -1: none */
	int length;		/* bytes of the integer argument */
};

static void put(struct out *o, char c)
{
	if (o->len + 1 < o->size)
		o->buf[o->len] = c;
	o->len++;
}

static void put_n(struct out *o, char c, int n)
{
	while (n-- > 0)
		put(o, c);
}

static void put_bytes(struct out *o, const char *s, size_t n)
{
	if (o->len < o->size) {
		size_t room = o->size - o->len;

		memcpy(o->buf + o->len, s, MIN(n, room));
	}
	o->len += n;
}

static void put_string(struct out *o, const char *s, const struct spec *f)
{
	size_t n;

	if (!s)
		s = "(null)";
	n = f->precision >= 0 ? strnlen(s, (size_t)f->precision) : strlen(s);
	if (!f->left)
		put_n(o, ' ', f->width - (int)n);
	put_bytes(o, s, n);
	if (f->left)
		put_n(o, ' ', f->width - (int)n);
}

static void put_number(struct out *o, uint64_t v, bool negative, unsigned base, bool upper, const struct spec *f)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char tmp[24], sign = negative ? '-' : f->plus ? '+' : f->space ? ' ' : 0;
	int n = 0, zeroes, pad, prefix;
	bool nonzero = v != 0;

	if (base == 10)
		for (; v; v /= 10)	/* a constant divisor: a multiplication */
			tmp[n++] = (char)('0' + v % 10);
	else
		for (; v; v >>= base == 16 ? 4 : 3)
			tmp[n++] = digits[v & (base - 1)];
	prefix = f->alt && base == 16 && nonzero ? 2 : 0;
	if (f->precision >= 0)
		zeroes = f->precision - n;
	else
		zeroes = n ? 0 : 1;
	if (f->alt && base == 8 && zeroes <= 0)
		zeroes = 1;
	zeroes = MAX(zeroes, 0);
	pad = f->width - n - zeroes - prefix - (sign != 0);
	if (f->zero && !f->left && f->precision < 0 && pad > 0) {
		zeroes += pad;
		pad = 0;
	}
	if (!f->left)
		put_n(o, ' ', pad);
	if (sign)
		put(o, sign);
	if (prefix) {
		put(o, '0');
		put(o, upper ? 'X' : 'x');
	}
	put_n(o, '0', zeroes);
	while (n)
		put(o, tmp[--n]);
	if (f->left)
		put_n(o, ' ', pad);
}

/* %pS: "vfs_read+0x1c/0x80"; the bare address where there is no symbol. */
static void put_symbol(struct out *o, uintptr_t addr, const struct spec *f)
{
	const char *name;
	size_t offset, size;
	struct spec hex = { .alt = true, .precision = -1 };

	if (!ksym_lookup(addr, &name, &offset, &size)) {
		put_number(o, addr, false, 16, false, &hex);
		return;
	}
	put_string(o, name, f);
	put(o, '+');
	hex.precision = offset ? -1 : 1;
	if (!offset)
		put_bytes(o, "0x", 2);
	put_number(o, offset, false, 16, false, &hex);
	put(o, '/');
	hex.precision = -1;
	put_number(o, size, false, 16, false, &hex);
}

static const char *parse_flags(const char *p, struct spec *f)
{
	for (;; p++) {
		switch (*p) {
		case '-': f->left = true; break;
		case '+': f->plus = true; break;
		case ' ': f->space = true; break;
		case '#': f->alt = true; break;
		case '0': f->zero = true; break;
		default: return p;
		}
	}
}

static const char *parse_length(const char *p, struct spec *f)
{
	f->length = 4;
	switch (*p) {
	case 'h':
		f->length = 2;
		if (*++p == 'h') {
			f->length = 1;
			p++;
		}
		break;
	case 'l':
		f->length = 8;
		if (*++p == 'l')
			p++;
		break;
	case 'z': case 't': case 'j':
		f->length = 8;
		p++;
		break;
	}
	return p;
}

static uint64_t truncate_unsigned(uint64_t v, int length)
{
	return length >= 8 ? v : v & ((1ull << length * 8) - 1);
}

static int64_t truncate_signed(int64_t v, int length)
{
	return length == 1 ? (int8_t)v : length == 2 ? (int16_t)v : v;
}

int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
	struct out o = { buf, size, 0 };

	for (const char *p = fmt; *p; p++) {
		struct spec f = { .precision = -1 };
		const char *run = p;
		int64_t sv;
		uint64_t uv;

		while (*p && *p != '%')
			p++;
		put_bytes(&o, run, (size_t)(p - run));
		if (!*p)
			break;
		p = parse_flags(p + 1, &f);
		if (*p == '*') {
			f.width = va_arg(ap, int);
			if (f.width < 0) {
				f.left = true;
				f.width = -f.width;
			}
			p++;
		}
		for (; isdigit(*p); p++)
			f.width = f.width * 10 + (*p - '0');
		if (*p == '.') {
			f.precision = 0;
			if (*++p == '*') {
				f.precision = va_arg(ap, int);
				p++;
			}
			for (; isdigit(*p); p++)
				f.precision = f.precision * 10 + (*p - '0');
		}
		p = parse_length(p, &f);
		switch (*p) {
		case 'd': case 'i':
			sv = f.length == 8 ? va_arg(ap, int64_t) : truncate_signed(va_arg(ap, int), f.length);
			put_number(&o, sv < 0 ? 0 - (uint64_t)sv : (uint64_t)sv, sv < 0, 10, false, &f);
			break;
		case 'u': case 'x': case 'X': case 'o':
			uv = f.length == 8 ? va_arg(ap, uint64_t) : truncate_unsigned(va_arg(ap, unsigned), f.length);
			f.plus = f.space = false;
			put_number(&o, uv, false, *p == 'u' ? 10 : *p == 'o' ? 8 : 16, *p == 'X', &f);
			break;
		case 'c':
			if (!f.left)
				put_n(&o, ' ', f.width - 1);
			put(&o, (char)va_arg(ap, int));
			if (f.left)
				put_n(&o, ' ', f.width - 1);
			break;
		case 's':
			put_string(&o, va_arg(ap, const char *), &f);
			break;
		case 'p':
			uv = (uintptr_t)va_arg(ap, void *);
			if (p[1] == 'S') {
				p++;
				put_symbol(&o, uv, &f);
			} else {
				f.precision = 16;
				put_number(&o, uv, false, 16, false, &f);
			}
			break;
		case '%':
			put(&o, '%');
			break;
		case '\0':
			p--;
			break;
		default:	/* not ours: shown as it is, so that the mistake is seen */
			put(&o, '%');
			put(&o, *p);
		}
	}
	if (size)
		buf[MIN(o.len, size - 1)] = '\0';
	return (int)o.len;
}

int snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return n;
}

int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	if (!size)
		return 0;
	return MIN(n, (int)size - 1);
}
