/* SPDX-License-Identifier: MIT */
/* Between ptys (kernel/tty) and their names (kernel/fs/devpts). */
#pragma once
#include <kernel/types.h>

struct devpts;
struct file;
struct inode;
struct tty;

/* The instance that an opened ptmx belongs to: its own, or the one mounted at "pts" beside it. With a reference. */
int devpts_of_master(struct file *f, struct devpts **out) __must_check;
void devpts_get(struct devpts *fs);
void devpts_put(struct devpts *fs);
int devpts_index(struct devpts *fs, unsigned *index) __must_check;	/* the lowest free number; -ENOSPC */
void devpts_index_free(struct devpts *fs, unsigned index);
int devpts_add(struct devpts *fs, unsigned index, struct tty *slave) __must_check;	/* the name appears */
void devpts_remove(struct devpts *fs, unsigned index);			/* and goes */
/* TIOCGPTPEER: a new descriptor of the slave. */
long devpts_open_peer(struct file *master, struct devpts *fs, unsigned index, unsigned flags);

int pty_open_slave(struct tty *t, struct file *f);
