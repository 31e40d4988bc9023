/* SPDX-License-Identifier: MIT */
/* epoll_ctl(2): packed on this architecture, as 32-bit programs have it. */
#pragma once
#include <stdint.h>
struct epoll_event {
	uint32_t events;
	uint64_t data;
} __attribute__((packed));
_Static_assert(sizeof(struct epoll_event) == 12, "epoll_event ABI");
