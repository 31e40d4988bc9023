/* SPDX-License-Identifier: MIT */
/*
 * Fixed files of /proc, offered by whoever knows their contents. Registered at boot, never removed. kernel/fs/procfs/.
 * Paths are relative to /proc, directories are made as needed: "sys/kernel/ostype".
 */
#pragma once
#include <kernel/fs.h>

/* Text made at each read of position 0. */
int procfs_add(const char *path, umode_t mode, int (*show)(struct seq *s, void *arg), void *arg);
/* A file with operations of its own; file->private is @arg at open. */
int procfs_add_fops(const char *path, umode_t mode, const struct file_ops *fops, void *arg);
int procfs_add_link(const char *path, const char *target);
int procfs_add_dir(const char *path, umode_t mode);
/* sysctl: one number with bounds, or one string. @set may be NULL (read-only, or stored plainly). */
struct sysctl_int {
	const char *path;		/* below /proc/sys */
	umode_t mode;
	int *value;
	int min, max;
	int (*set)(int value);		/* instead of storing; 0 or error */
};
int sysctl_add_int(const struct sysctl_int *s);
struct sysctl_str {
	const char *path;
	umode_t mode;
	int (*show)(struct seq *s, void *arg);
	int (*set)(char *text);		/* newline cut off; may write into it */
	int (*set_arg)(const struct sysctl_str *c, char *text);	/* likewise; instead of set */
};
int sysctl_add_str(const struct sysctl_str *s);
/* The process whose directory /proc/PID @f is, with a reference; -EBADF: another file, or a thread's directory. */
int procfs_file_pid(const struct file *f, struct pid **out);
/* Number of processes and threads, for hard link counts and loadavg. */
unsigned long proc_count_tasks(void);
