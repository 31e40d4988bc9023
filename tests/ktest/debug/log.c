/* SPDX-License-Identifier: MIT */
/* The log ring: numbers, order, wrap-around, text form, symbols. */
#include <kernel/ktest.h>
#include <kernel/mm.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/string.h>

/* Levels above any console's: a thousand lines are not for the screen. */
static void store(const char *s, size_t n)
{
	log_store(1, LOG_DEBUG, s, n);
}

KTEST(log, records_keep_their_order_and_number)
{
	struct log_record *r = kmalloc(sizeof(*r), GFP_KERNEL);
	int level = console_loglevel;
	uint64_t at;

	console_set_level(0);
	at = log_next_seq();
	store("first", 5);
	store("second", 6);
	EXPECT_TRUE(log_read(at, r));
	EXPECT_EQ(r->seq, at);
	EXPECT_TRUE(!strcmp(r->text, "first"));
	EXPECT_EQ(r->facility, 1);
	EXPECT_EQ(r->level, LOG_DEBUG);
	EXPECT_TRUE(log_read(at + 1, r));
	EXPECT_TRUE(!strcmp(r->text, "second"));
	console_flush();
	console_set_level(level);
	kfree(r);
}

KTEST(log, old_records_give_way_and_none_is_torn)
{
	struct log_record *r = kmalloc(sizeof(*r), GFP_KERNEL);
	int level = console_loglevel;
	char line[600];
	uint64_t at, last = 0;
	unsigned seen = 0;

	console_set_level(0);
	at = log_next_seq();
	/* Lengths that meet the end of the ring in every way. */
	for (unsigned i = 0; i < 3000; i++) {
		size_t n = 1 + i * 7 % 590;

		memset(line, 'a' + (int)(i % 26), n);
		store(line, n);
	}
	EXPECT_TRUE(log_first_seq() > at);
	for (uint64_t s = at; log_read(s, r); s = r->seq + 1) {
		unsigned i = (unsigned)(r->seq - at);

		if (last)
			EXPECT_EQ(r->seq, last + 1);
		last = r->seq;
		if (i >= 3000)
			break;
		EXPECT_EQ(r->len, 1 + i * 7 % 590);
		EXPECT_EQ(r->text[0], 'a' + (int)(i % 26));
		EXPECT_EQ(r->text[r->len - 1], 'a' + (int)(i % 26));
		seen++;
	}
	EXPECT_TRUE(seen > 64);
	EXPECT_EQ(last, at + 2999);
	console_flush();
	console_set_level(level);
	kfree(r);
}

KTEST(log, each_line_of_a_record_gets_its_prefix)
{
	struct log_record *r = kzalloc(sizeof(*r), GFP_KERNEL);
	char buf[128];
	size_t n;

	r->time = 12 * NSEC_PER_SEC + 345678000;
	r->level = LOG_WARNING;
	strscpy(r->text, "one\ntwo", sizeof(r->text));
	r->len = 7;
	n = log_format(r, true, buf, sizeof(buf) - 1);
	buf[n] = 0;
	EXPECT_TRUE(!strcmp(buf, "<4>[   12.345678] one\n<4>[   12.345678] two\n"));
	EXPECT_EQ(log_format(r, true, NULL, 0), n);
	kfree(r);
}

KTEST(ksyms, a_function_is_found_by_its_address)
{
	size_t offset, size;
	const char *name;

	EXPECT_TRUE(ksym_lookup((uintptr_t)log_store, &name, &offset, &size));
	EXPECT_TRUE(!strcmp(name, "log_store"));
	EXPECT_EQ(offset, 0);
	EXPECT_TRUE(ksym_lookup((uintptr_t)log_store + 4, &name, &offset, &size));
	EXPECT_EQ(offset, 4);
	EXPECT_TRUE(!ksym_lookup(0, &name, &offset, &size));
	EXPECT_TRUE(!ksym_lookup((uintptr_t)&offset, &name, &offset, &size));
}
