/* SPDX-License-Identifier: MIT */
/* Pipes: a ring of page slots. kernel/ipc/pipe.c, splice.c. */
#pragma once
#include <kernel/fs.h>

struct pipe_buf {
	struct page *page;		/* with a reference */
	uint32_t offset, len;
	uint32_t flags;			/* PIPE_BUF_* */
};
#define PIPE_BUF_CAN_MERGE BIT(0)	/* page is ours alone: writers may append */
#define PIPE_BUF_PACKET	BIT(1)		/* O_DIRECT: one read, one packet */
#define PIPE_BUF_GIFT BIT(2)
#define PIPE_DEF_SLOTS 16
struct pipe {
	struct mutex lock;		/* LR_PIPE; everything below */
	struct waitq rd_wait, wr_wait;
	uint32_t head, tail;		/* head - tail slots are full */
	uint32_t slots;			/* power of two */
	struct pipe_buf *bufs;
	struct page *spare[2];
	unsigned readers, writers;
	unsigned r_opens, w_opens;	/* counters for FIFO opens */
	atomic_t files;
	uid_t uid;
};
struct pipe *pipe_alloc(void);
void pipe_free(struct pipe *p);
struct pipe *file_pipe(struct file *f);	/* NULL: not a pipe */
/* fcntl(F_SETPIPE_SZ, F_GETPIPE_SZ). */
long pipe_fcntl(struct file *f, unsigned cmd, unsigned long arg);
/* sendfile(2), splice(2): moves at most @len bytes of @f from *pos into the pipe by reference or copy; lock held. */
ssize_t generic_splice_read(struct file *f, loff_t *pos, struct pipe *p, size_t len, unsigned flags);
/* For a file's own splice_read: its read into fresh pages. */
ssize_t splice_read_copied(struct file *f, loff_t *pos, struct pipe *p, size_t len, unsigned flags);
ssize_t pipe_fill_from_file(struct pipe *p, struct file *f, loff_t *pos, size_t len);
void pipe_lock2(struct pipe *a, struct pipe *b);
