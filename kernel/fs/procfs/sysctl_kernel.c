/* SPDX-License-Identifier: MIT */
/* The entries of /proc/sys: kernel, vm, fs. Values with behaviour behind them live where that is. */
#include "proc_internal.h"
#include <kernel/nsproxy.h>
#include <kernel/random.h>
#include <kernel/rcu.h>
#include <kernel/task.h>
#include <kernel/tty.h>
#include <kernel/vm.h>

/* @arg of these two is the text itself. */
static int show_text(struct seq *s, void *arg)
{
	seq_printf(s, "%s\n", (const char *)arg);
	return 0;
}

static int show_hostname(struct seq *s, void *arg)
{
	seq_printf(s, "%s\n", current->ns->uts->nodename);
	return 0;
}

static int show_domainname(struct seq *s, void *arg)
{
	seq_printf(s, "%s\n", current->ns->uts->domainname);
	return 0;
}

static int show_printk(struct seq *s, void *arg)
{
	seq_printf(s, "%d\t4\t1\t7\n", console_loglevel);
	return 0;
}

static int set_printk(char *text)
{
	int64_t v;
	char *end = text;
	int err;

	while (*end && !isspace(*end))
		end++;
	*end = '\0';
	err = kstrtos64(text, 10, &v);
	if (err)
		return err;
	console_loglevel = (int)MIN(MAX(v, 1l), 15l);
	return 0;
}

static int set_hostname(char *text) { return uts_set(false, text, strlen(text)); }
static int set_domainname(char *text) { return uts_set(true, text, strlen(text)); }

static int set_file_max(char *text)
{
	uint64_t v;
	int err = kstrtou64(text, 0, &v);

	if (!err)
		WRITE_ONCE(sysctl_file_max, MIN(v, (uint64_t)INT64_MAX));
	return err;
}

static int show_file_max(struct seq *s, void *arg)
{
	seq_printf(s, "%lu\n", (unsigned long)READ_ONCE(sysctl_file_max));
	return 0;
}

static const struct sysctl_str strings[] = {
	{ "fs/file-max", 0644, show_file_max, set_file_max, NULL },
	{ "kernel/hostname", 0644, show_hostname, set_hostname, NULL },
	{ "kernel/domainname", 0644, show_domainname, set_domainname, NULL },
	{ "kernel/printk", 0644, show_printk, set_printk, NULL },
};

static void put_uuid(struct seq *s, const uint8_t *b)
{
	for (unsigned i = 0; i < 16; i++)
		seq_printf(s, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", b[i]);
	seq_putc(s, '\n');
}

static void make_uuid(uint8_t *b)
{
	random_bytes(b, 16);
	b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);	/* RFC 4122: version 4, variant 1 */
	b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
}

static uint8_t boot_id[16];

static int show_boot_id(struct seq *s, void *arg)
{
	put_uuid(s, boot_id);
	return 0;
}

static int show_uuid(struct seq *s, void *arg)
{
	uint8_t b[16];

	make_uuid(b);
	put_uuid(s, b);
	return 0;
}

static int show_entropy(struct seq *s, void *arg)
{
	seq_puts(s, "256\n");
	return 0;
}

static int show_file_nr(struct seq *s, void *arg)
{
	seq_printf(s, "%lu\t0\t%lu\n", files_open_count(), (unsigned long)READ_ONCE(sysctl_file_max));
	return 0;
}

static int show_zero(struct seq *s, void *arg)
{
	seq_puts(s, "0\n");
	return 0;
}

static int show_cap_last(struct seq *s, void *arg)
{
	seq_printf(s, "%d\n", CAP_LAST);
	return 0;
}

static int show_ngroups(struct seq *s, void *arg)
{
	seq_puts(s, "65536\n");
	return 0;
}

static int show_overflowid(struct seq *s, void *arg)
{
	seq_puts(s, "65534\n");
	return 0;
}

/*
 * Bit 0: pages of files, of which none is clean and on a disk here; bit 1: names, inodes and what else shrinks. Two rounds: what the
 * first frees after a grace period goes in the second.
 */
static int drop_caches;

static int set_drop_caches(int v)
{
	WRITE_ONCE(drop_caches, v);
	for (int i = 0; i < 2 && (v & 2); i++) {
		mm_shrink_caches();
		rcu_flush();
	}
	return 0;
}

static const struct sysctl_int numbers[] = {
	{ "vm/drop_caches", 0200, &drop_caches, 1, 4, set_drop_caches },
	{ "fs/mount-max", 0644, &sysctl_mount_max, 1, INT32_MAX, NULL },
	{ "kernel/panic", 0644, &panic_timeout, INT32_MIN, INT32_MAX, NULL },
	{ "kernel/pid_max", 0644, &pid_max, 301, 4194304, NULL },
	{ "kernel/threads-max", 0644, &max_threads, 20, INT32_MAX, NULL },
	{ "kernel/sysrq", 0644, &sysrq_enabled, 0, 511, NULL },
	{ "kernel/dmesg_restrict", 0644, &dmesg_restrict, 0, 1, NULL },
	{ "vm/overcommit_memory", 0644, &vm_overcommit_memory, 0, 2, NULL },
	{ "vm/overcommit_ratio", 0644, &vm_overcommit_ratio, 0, 100, NULL },
};

static int set_numbers(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(numbers); i++)
		if (sysctl_add_int(&numbers[i]))
			return -ENOMEM;
	for (unsigned i = 0; i < ARRAY_SIZE(strings); i++)
		if (sysctl_add_str(&strings[i]))
			return -ENOMEM;
	return 0;
}

static int sysctl_init(void)
{
	static const struct { const char *path; int (*show)(struct seq *, void *); void *arg; } shown[] = {
		{ "sys/kernel/ostype", show_text, (void *)(uintptr_t)uts_sysname },
		{ "sys/kernel/osrelease", show_text, (void *)(uintptr_t)uts_release },
		{ "sys/kernel/version", show_text, (void *)(uintptr_t)uts_version },
		{ "sys/kernel/random/boot_id", show_boot_id, NULL },
		{ "sys/kernel/random/uuid", show_uuid, NULL },
		{ "sys/kernel/random/entropy_avail", show_entropy, NULL },
		{ "sys/kernel/random/poolsize", show_entropy, NULL },
		{ "sys/kernel/cap_last_cap", show_cap_last, NULL },
		{ "sys/kernel/ngroups_max", show_ngroups, NULL },
		{ "sys/kernel/overflowuid", show_overflowid, NULL },
		{ "sys/kernel/overflowgid", show_overflowid, NULL },
		{ "sys/kernel/tainted", show_zero, NULL },
		{ "sys/fs/file-nr", show_file_nr, NULL },
		{ "sys/fs/nr_open", show_text, (void *)(uintptr_t)"1048576" },
		{ "sys/kernel/core_pattern", show_text, (void *)(uintptr_t)"core" },
		{ "sys/fs/pipe-max-size", show_text, (void *)(uintptr_t)"1048576" },
		{ "sys/vm/max_map_count", show_text, (void *)(uintptr_t)"65530" },
		{ "sys/vm/mmap_min_addr", show_text, (void *)(uintptr_t)"65536" },
		{ "sys/vm/swappiness", show_text, (void *)(uintptr_t)"60" },
	};

	make_uuid(boot_id);
	for (unsigned i = 0; i < ARRAY_SIZE(shown); i++)
		if (procfs_add(shown[i].path, 0444, shown[i].show, shown[i].arg))
			return -ENOMEM;
	return set_numbers();
}
INITCALL(INITCALL_LATE, sysctl_init);
