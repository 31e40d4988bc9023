/* SPDX-License-Identifier: MIT */
/* What stream.c and listen.c share. All under net_lock but inet_listen() and inet_accept(). */
#pragma once
#include "inet.h"

/* A block becomes this socket's. */
void inet_stream_attach(struct inet_sock *i, struct tcp_pcb *pcb);
int inet_listen(struct socket *s, int backlog);
int inet_accept(struct socket *s, bool nonblock, struct socket **out);
/* Ends listening: the block goes, connections that nobody accepted are reset. */
void inet_listen_stop(struct inet_sock *i);
