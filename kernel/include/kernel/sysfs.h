/* SPDX-License-Identifier: MIT */
/* Fixed files of /sys, as <kernel/procfs.h>'s of /proc: registered at boot, never removed. Paths are relative to /sys. */
#pragma once
#include <kernel/fs.h>

/* file->private is @arg at open. */
int sysfs_add_fops(const char *path, umode_t mode, const struct file_ops *fops, void *arg);
int sysfs_add_link(const char *path, const char *target);	/* @target stays */
