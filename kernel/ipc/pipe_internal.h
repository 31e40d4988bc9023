/* SPDX-License-Identifier: MIT */
/* Inside kernel/ipc only: the ring of a pipe. pipe->lock held, except for the looks of pollers and sleepers. */
#pragma once
#include <kernel/pipe.h>

static inline bool pipe_empty(const struct pipe *p) { return READ_ONCE(p->head) == READ_ONCE(p->tail); }
static inline uint32_t pipe_used(const struct pipe *p) { return p->head - p->tail; }
static inline bool pipe_full(const struct pipe *p) { return READ_ONCE(p->head) - READ_ONCE(p->tail) >= READ_ONCE(p->slots); }
static inline struct pipe_buf *pipe_slot(const struct pipe *p, uint32_t i) { return &p->bufs[i & (p->slots - 1)]; }
/* A page of the pipe's own, contents arbitrary. NULL: no memory. */
struct page *pipe_page_get(struct pipe *p);
/* The slot's page is no longer needed: kept for the next write or put. */
void pipe_slot_release(struct pipe *p, struct pipe_buf *b);
extern unsigned pipe_max_size;
